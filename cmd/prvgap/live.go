package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/prvgap/prvgap/analyzer"
	"github.com/prvgap/prvgap/analyzer/report"
	"github.com/prvgap/prvgap/har/live"
)

// liveOptions are the flags of live.
type liveOptions struct {
	question
	reporting
	screenOptions
	browser live.Options
	temp    bool
	limit   time.Duration
	save    string
	mark    string
	plain   bool
	asked   bool // whether a format was asked for
	reports bool // whether anything of a report was asked for
}

func newLive(io streams, ds []analyzer.Dialect) *cobra.Command {
	var o liveOptions
	c := &cobra.Command{
		Use:   "live [URL] [--base ROLE]...",
		Short: "Watch a browser while the user works",
		Long: "live watches Edge, Chrome or Chromium while somebody uses the app. It launches\n" +
			"a browser with a profile of its own, which keeps the sign-in, or joins one that\n" +
			"runs with remote debugging (--attach).\n\n" +
			"On a terminal it opens the triage screen, on which denials appear as they\n" +
			"happen, the newest marked; m names what the user does next (a mark), and\n" +
			"leaving the screen ends the capture. With --plain, with a flag of the report,\n" +
			"or without a terminal it tells each denial and each new finding on a line; then\n" +
			"a line on standard input is a mark, and ctrl+c, or closing the browser, writes\n" +
			"the report.\n\n" +
			"Exit codes: 0 nothing missing, 1 a gap was found, 2 the run failed or the\n" +
			"capture is incomplete.",
		Example: "  prvgap live https://org.crm4.dynamics.com --base role.xml --save sales.har\n" +
			"  prvgap live --attach 127.0.0.1:9222 --mark \"create quote\"",
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) > 1 {
				return usageError{errors.New("live takes one URL"), c.UseLine()}
			}
			if len(args) == 1 {
				o.browser.URL = address(args[0])
			}
			o.asked = c.Flags().Changed("format")
			o.reports = o.asked || c.Flags().Changed("output") || c.Flags().Changed("verbose") || c.Flags().Changed("width")
			return runLive(c.Context(), io, ds, o)
		},
	}
	o.bind(c)
	return c
}

func (o *liveOptions) bind(c *cobra.Command) {
	f := c.Flags()
	o.question.bind(f)
	o.reporting.bind(f)
	o.screenOptions.bind(f, "the --save file")
	f.Lookup("overwrite").Usage = "let --output and --save replace a file"
	f.StringVar(&o.browser.Attach, "attach", "", "`HOST:PORT` of a browser that runs with remote debugging")
	f.BoolVar(&o.browser.AllowRemote, "allow-remote", false, "let --attach name another machine")
	f.StringVar(&o.browser.Browser, "browser", "", "`PROGRAM` to launch (default: the installed Edge, Chrome or Chromium)")
	f.StringArrayVar(&o.browser.Args, "browser-arg", nil, "`ARGUMENT` for the browser that is launched; repeatable")
	f.BoolVar(&o.browser.Headless, "headless", false, "launch the browser without a window")
	f.BoolVar(&o.temp, "temp-profile", false, "launch the browser with an empty profile, and remove it at the end")
	f.DurationVar(&o.limit, "for", 0, "end the capture after this `TIME` (90s, 5m)")
	f.StringVar(&o.save, "save", "", "`FILE` to save the capture to as HAR, while it goes on")
	f.StringVar(&o.mark, "mark", "", "`NAME` of what the user does first")
	f.BoolVar(&o.plain, "plain", false, "no screen, but a line for each denial and each new finding, also beside --output (default without a terminal)")
}

// address completes what a person types as an address.
func address(typed string) string {
	if strings.Contains(typed, "://") || strings.HasPrefix(typed, "about:") {
		return typed
	}
	return "https://" + typed
}

// check finds what cannot work before a browser is started.
func (o liveOptions) check(io streams) error {
	if o.plain && o.format != "text" && o.output == "-" {
		return hint(fmt.Errorf("--plain and a report as %s would mix on standard output", o.format), "write the report to a file with -o")
	}
	if o.session != "" && !o.screen(io) {
		return hint(errors.New("--session keeps the decisions of the triage screen, and there will be none"), "save the capture with --save, and open it with prvgap triage")
	}
	if o.limit < 0 {
		return errors.New("--for needs a time to watch for")
	}
	if err := o.target.check(o.inputs()); err != nil {
		return err
	}
	if o.save == "" {
		return nil
	}
	if o.save == "-" || filepath.Clean(o.save) == filepath.Clean(o.output) {
		return errors.New("--save needs a file of its own")
	}
	return target{o.save, o.overwrite}.check(o.inputs())
}

// runLive watches a browser to its end, and writes the report.
func runLive(ctx context.Context, io streams, ds []analyzer.Dialect, o liveOptions) error {
	if err := o.check(io); err != nil {
		return err
	}
	opts, err := o.options(io, ds)
	if err != nil {
		return err
	}
	keep, err := o.filter.compile()
	if err != nil {
		return err
	}
	// A terminal that is closed must not leave a browser behind.
	ctx, stop := signal.NotifyContext(ctx, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	// The name is what denials point into; with --save it is the file that they can be found in.
	w := &watch{io: io, dialects: ds, opts: opts, keep: keep, name: "live", told: map[string]toldFinding{}}
	if o.save != "" {
		w.name = filepath.ToSlash(o.save)
	}
	w.plain = o.plain || !o.asked
	if o.mark != "" {
		w.marks.set(o.mark, time.Now())
	}
	if o.screen(io) {
		return o.triage(ctx, w)
	}
	c, done, err := o.start(ctx, w)
	if err != nil {
		return err
	}
	defer done()
	fmt.Fprintln(io.err, "watching the browser: ctrl+c ends the capture, a line on standard input is a mark")
	go w.marks.read(io.in) // reading cannot be interrupted; it ends with the process
	for batch := range c.Batches() {
		w.add(batch, c.Info)
	}
	w.add(nil, c.Info)
	return o.report(w)
}

// start starts the browser, and the file that the capture is saved to; done ends both.
func (o liveOptions) start(ctx context.Context, w *watch) (c *live.Capture, done func(), err error) {
	b := o.browser
	b.Body, b.Getenv, b.Version, b.Mark = analyzer.Body(w.dialects), os.Getenv, w.io.version, w.marks.at
	b.Excerpt = analyzer.Excerpt(w.dialects)
	// The profile is apart from the user's own, and kept: a sign-in with a second factor is not asked for every time.
	if !o.temp && b.Attach == "" {
		dir, err := os.UserConfigDir()
		if err != nil {
			return nil, nil, hint(fmt.Errorf("finding a place for the browser's profile: %w", err), "add --temp-profile")
		}
		b.Profile = filepath.Join(dir, "prvgap", "browser")
	}
	var file *savedFile
	if o.save != "" {
		if file, err = openSaved(o.save, o.overwrite); err != nil {
			return nil, nil, err
		}
		b.Save = file
	}
	ctx, cancel := context.WithCancel(ctx)
	c, err = live.Start(ctx, b)
	var why *live.Error
	if errors.As(err, &why) {
		err = hint(err, "%s", why.Hint)
	}
	if err != nil {
		cancel()
		file.discard()
		return nil, nil, err
	}
	if o.limit > 0 {
		time.AfterFunc(o.limit, cancel) // how long the browser takes to start is not its affair
	}
	return c, func() {
		cancel()
		file.close(w.io)
	}, nil
}

// report writes the report of all that was seen.
func (o liveOptions) report(w *watch) error {
	a := answer{report.Report{Version: w.io.version, Catalog: catalogVersion(), Analysis: w.analyze()}, w.opts, false}
	if a.Gap() && o.save != "" {
		a.Next = "prvgap analyze " + quote(w.name) + " with the same --base and --format checklist writes the clicks, tab by tab"
	}
	// What was told while the capture went on is set apart from the report.
	if w.lines > 0 && o.output == "-" {
		fmt.Fprintln(w.io.out)
	}
	if err := o.writeReport(w.io, a.Report); err != nil {
		return err
	}
	return a.exit()
}

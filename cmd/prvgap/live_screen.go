package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/prvgap/prvgap/tui"
)

// screen reports whether the capture is shown on the triage screen: where a person sits, who did not ask for a report.
func (o liveOptions) screen(io streams) bool { return io.terminal() && !o.plain && !o.reports }

// triage shows the capture on the triage screen while it goes on.
func (o liveOptions) triage(ctx context.Context, w *watch) error {
	t := triageOptions{question: o.question, screenOptions: o.screenOptions, live: true}
	t.captures = []string{w.name}
	// Decisions lie where triage looks for them when it opens the saved capture.
	if t.session == "" && o.save != "" {
		t.session = sessionOf(o.save)
	}
	cfg, err := t.config(w.io, w.dialects)
	if err != nil {
		return err
	}
	if t.session == "" {
		cfg.Notes = append(cfg.Notes, "decisions are not saved: --save or --session keeps them")
	}
	fmt.Fprintln(w.io.err, "starting the browser")
	// Leaving the screen ends the capture; the end of the capture leaves the screen as it is.
	watching, stop := context.WithCancel(ctx)
	defer stop()
	c, done, err := o.start(watching, w)
	if err != nil {
		return err
	}
	defer done()
	cfg.Sources = []tui.Source{{Name: w.name, Info: c.Info, Live: &tui.Live{
		Batches: c.Batches(), Stop: stop, Marked: o.mark,
		Mark: func(name string) { w.marks.set(name, time.Now()) },
	}}}
	out, err := tui.Run(ctx, cfg, w.io.in, w.io.out)
	// Whatever ended the screen: nothing may be left behind in the browser.
	stop()
	for range c.Batches() {
		continue
	}
	switch {
	case err != nil && ctx.Err() != nil:
		return errors.New("interrupted")
	case err != nil:
		return fmt.Errorf("in triage: %w", err)
	}
	return leaveTriage(w.io, out)
}

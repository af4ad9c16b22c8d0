package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/prvgap/prvgap/analyzer"
	"github.com/prvgap/prvgap/analyzer/report"
)

// analyzeOptions are the flags of analyze.
type analyzeOptions struct {
	captures  []string
	bases     []string
	format    string
	output    string
	overwrite bool
	depth     string
	suspected bool
	ignore    []string
	filter    filterFlags
	verbose   bool
	width     int
}

func newAnalyze(io streams, ds []analyzer.Dialect) *cobra.Command {
	var o analyzeOptions
	c := &cobra.Command{
		Use:   "analyze [CAPTURE...] [--base ROLE]...",
		Short: "Find what was refused, and the least additions to a role",
		Long: "analyze reads captures (.har, .har.gz, a .zip that holds one, a folder, a JSON report, or -\n" +
			"for standard input), and reports what the principal lacks against the base role.\n\n" +
			"Exit codes: 0 nothing missing, 1 a gap was found, 2 the run failed or an input was incomplete.",
		Example: "  prvgap analyze sales.har --base \"Sales Base.xml\"\n" +
			"  prvgap analyze captures/ --base role.xml --format markdown -o gap.md",
		RunE: func(c *cobra.Command, args []string) error {
			o.captures = args
			if len(args) == 0 {
				if !io.piped {
					return usageError{errors.New("no capture given"), c.UseLine()}
				}
				o.captures = []string{"-"}
			}
			return runAnalyze(c.Context(), io, ds, o)
		},
	}
	f := c.Flags()
	f.StringArrayVar(&o.bases, "base", nil, "role that the principal holds: unpacked role XML or RetrieveRolePrivilegesRole JSON; FILE#NAME picks one of several; the first is the one to add to")
	f.StringVarP(&o.format, "format", "f", "text", "one of "+strings.Join(report.Formats(), ", "))
	f.StringVarP(&o.output, "output", "o", "-", "file to write, - for standard output")
	f.BoolVar(&o.overwrite, "overwrite", false, "let --output replace a file")
	f.StringVar(&o.depth, "depth", "minimum", "minimum, or recommended: take the recommended level where it is wider")
	f.BoolVar(&o.suspected, "grant-suspected", false, "also grant what only the request suggests, where the capture holds no text")
	f.StringArrayVar(&o.ignore, "ignore", nil, "JSON file of privileges to leave alone, with reason, author and until")
	f.StringVar(&o.filter.principal, "principal", "", "only denials of this principal (id, or its beginning)")
	f.StringVar(&o.filter.host, "host", "", "only requests to this host")
	f.StringVar(&o.filter.since, "since", "", "only from this time on (2026-11-20, 2026-11-20T09:14, with zone or in UTC)")
	f.StringVar(&o.filter.until, "until", "", "only up to this time")
	f.BoolVarP(&o.verbose, "verbose", "v", false, "every denial with its request and message")
	f.IntVar(&o.width, "width", 0, "columns of the text report (default: the terminal's, or 80)")
	return c
}

// runAnalyze reads, analyzes, and writes the report; what the exit code needs
// comes back as errGap or errPartial.
func runAnalyze(ctx context.Context, io streams, ds []analyzer.Dialect, o analyzeOptions) error {
	opts, err := o.analysis(io, ds)
	if err != nil {
		return err
	}
	keep, err := o.filter.compile()
	if err != nil {
		return err
	}
	if err := o.checkOutput(); err != nil {
		return err
	}
	ev, failed, err := collect(ctx, io, ds, o.captures)
	if err != nil {
		return err
	}
	a := analyzer.Analyze(ev.Keep(keep), opts)
	r := report.Report{Version: io.version, Catalog: catalogVersion(), Analysis: a}
	if r.Gap() && o.format == "text" {
		r.Next = "the same command with --format checklist writes the clicks, tab by tab"
	}
	if err := o.write(io, r); err != nil {
		return err
	}
	switch {
	case failed || !r.Complete():
		return errPartial
	case r.Gap():
		return errGap
	}
	return nil
}

// analysis turns flags into the analyzer's options.
func (o analyzeOptions) analysis(io streams, ds []analyzer.Dialect) (analyzer.Options, error) {
	opts := analyzer.Options{Dialects: ds, GrantSuspected: o.suspected, Recommended: o.depth == "recommended"}
	if !slices.Contains(report.Formats(), o.format) {
		return opts, hint(fmt.Errorf("unknown format %q", o.format), "choose one of %s", strings.Join(report.Formats(), ", "))
	}
	if o.depth != "minimum" && o.depth != "recommended" {
		return opts, hint(fmt.Errorf("unknown depth policy %q", o.depth), "choose minimum or recommended")
	}
	for _, path := range o.bases {
		r, err := readRole(path)
		if err != nil {
			return opts, err
		}
		opts.Bases = append(opts.Bases, r)
	}
	for _, path := range o.ignore {
		list, err := readIgnore(path, io.now)
		if err != nil {
			return opts, err
		}
		opts.Ignore = append(opts.Ignore, list...)
	}
	return opts, nil
}

// write writes the report to standard output, or whole into a file.
func (o analyzeOptions) write(io streams, r report.Report) error {
	width := io.width
	if o.width > 0 {
		width = o.width
	}
	if o.output == "-" {
		return report.Write(io.out, r, o.format, report.Options{Width: width, Color: io.color, Verbose: o.verbose})
	}
	var b bytes.Buffer
	if err := report.Write(&b, r, o.format, report.Options{Width: o.width, Verbose: o.verbose}); err != nil {
		return err
	}
	if err := writeFile(o.output, b.Bytes(), o.overwrite); err != nil {
		return err
	}
	fmt.Fprintf(io.err, "wrote %s\n", o.output)
	return nil
}

// quote quotes an argument so that every shell of Windows, macOS and Linux
// takes it as one word.
func quote(s string) string {
	if strings.ContainsAny(s, " \t#&()[]{}$'`;|<>*?!") {
		return `"` + s + `"`
	}
	return s
}

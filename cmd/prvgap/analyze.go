package main

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/prvgap/prvgap/analyzer"
	"github.com/prvgap/prvgap/analyzer/report"
)

// analyzeOptions are the flags of analyze.
type analyzeOptions struct {
	question
	target
	format  string
	verbose bool
	width   int
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
			if err := o.take(c, io, args); err != nil {
				return err
			}
			return runAnalyze(c.Context(), io, ds, o)
		},
	}
	f := c.Flags()
	o.question.bind(f)
	o.target.bind(f)
	f.StringVarP(&o.format, "format", "f", "text", "one of "+strings.Join(report.Formats(), ", "))
	f.BoolVarP(&o.verbose, "verbose", "v", false, "every denial with its request and message")
	f.IntVar(&o.width, "width", 0, "columns of the text report (default: the terminal's, or 80)")
	return c
}

// runAnalyze reads, analyzes, and writes the report; what the exit code needs
// comes back as errGap or errPartial.
func runAnalyze(ctx context.Context, io streams, ds []analyzer.Dialect, o analyzeOptions) error {
	if !slices.Contains(report.Formats(), o.format) {
		return hint(fmt.Errorf("unknown format %q", o.format), "choose one of %s", strings.Join(report.Formats(), ", "))
	}
	if err := o.check(o.inputs()); err != nil {
		return err
	}
	a, err := o.ask(ctx, io, ds)
	if err != nil {
		return err
	}
	if a.Gap() {
		a.Next = "the same command with --format checklist writes the clicks, tab by tab"
	}
	style := report.Options{Width: o.width, Verbose: o.verbose}
	if o.output == "-" {
		style.Color = io.color
		if o.width == 0 {
			style.Width = io.width
		}
	}
	var b bytes.Buffer
	if err := report.Write(&b, a.Report, o.format, style); err != nil {
		return err
	}
	if err := o.write(io, b.Bytes()); err != nil {
		return err
	}
	return a.exit()
}

// quote quotes an argument so that every shell of Windows, macOS and Linux
// takes it as one word.
func quote(s string) string {
	if strings.ContainsAny(s, " \t#&()[]{}$'`;|<>*?!") {
		return `"` + s + `"`
	}
	return s
}

package main

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/prvgap/prvgap/analyzer"
	"github.com/prvgap/prvgap/analyzer/report"
)

// analyzeOptions are the flags of analyze.
type analyzeOptions struct {
	question
	reporting
	before    []string // captures from before a change, to hold the others against
	inventory string
}

func newAnalyze(io streams, ds []analyzer.Dialect) *cobra.Command {
	var o analyzeOptions
	c := &cobra.Command{
		Use:   "analyze [CAPTURE...] [--base ROLE]...",
		Short: "Find what was refused, and the least additions to a role",
		Long: "analyze reads captures (.har, .har.gz, a .zip that holds one, a folder, a JSON\n" +
			"report, or - for standard input; also logs of Power Apps Monitor, DevTools,\n" +
			"Fiddler and Playwright), and reports what the principal lacks against the base\n" +
			"role.\n\n" +
			"Exit codes: 0 nothing missing, 1 a gap was found, 2 the run failed or an input\n" +
			"was incomplete.",
		Example: "  prvgap analyze sales.har --base \"Sales Base.xml\"\n" +
			"  prvgap analyze captures/ --base role.xml --format markdown -o gap.md\n" +
			"  prvgap analyze after.har --compare before.har --base role.xml",
		RunE: func(c *cobra.Command, args []string) error {
			if err := o.take(c, io, args); err != nil {
				return err
			}
			return runAnalyze(c.Context(), io, ds, o)
		},
	}
	f := c.Flags()
	o.question.bind(f)
	o.bindReading(f)
	o.reporting.bind(f)
	f.StringArrayVar(&o.before, "compare", nil, "`CAPTURE` or report from before a change: tells what is fixed, still there, new, or not exercised; repeatable")
	f.StringVar(&o.inventory, "inventory", "", "also write the data security inventory to this CSV `FILE`: every table touched, its ownership, levels, and what its designer must decide")
	return c
}

// runAnalyze reads, analyzes, and writes the report; what the exit code needs
// comes back as errGap or errPartial.
func runAnalyze(ctx context.Context, io streams, ds []analyzer.Dialect, o analyzeOptions) error {
	if err := o.check(slices.Concat(o.inputs(), o.before)); err != nil {
		return err
	}
	if err := o.checkInventory(); err != nil {
		return err
	}
	a, err := o.ask(ctx, io, ds)
	if err != nil {
		return err
	}
	if len(o.before) > 0 {
		if err := o.compare(ctx, io, &a); err != nil {
			return err
		}
	}
	if a.Gap() {
		a.Next = "the same command with --format checklist writes the clicks, tab by tab"
	}
	if o.inventory != "" {
		var inventory bytes.Buffer
		if err := report.WriteInventory(&inventory, a.Report); err != nil {
			return err
		}
		if err := o.beside().write(io, inventory.Bytes()); err != nil {
			return err
		}
	}
	if err := o.writeReport(io, a.Report); err != nil {
		return err
	}
	return a.exit()
}

// compare holds an answer against the captures of --compare, which are asked
// the same. Only the times of the flags do not count: they choose among the
// later captures.
func (o analyzeOptions) compare(ctx context.Context, io streams, a *answer) error {
	q := o.question
	q.captures, q.filter.since, q.filter.until = o.before, "", ""
	keep, err := q.filter.compile()
	if err != nil {
		return err
	}
	ev, failed, err := collect(ctx, io, a.opts.Dialects, q)
	if err != nil {
		return err
	}
	a.failed = a.failed || failed
	for _, c := range ev.Captures {
		a.failed = a.failed || !c.Complete
	}
	a.Comparison = analyzer.Compare(analyzer.Analyze(ev.Keep(keep), a.opts), a.Analysis, a.opts)
	return nil
}

// beside is where the inventory goes.
func (o analyzeOptions) beside() target { return target{o.inventory, o.overwrite} }

// checkInventory refuses early what the inventory must not be written over, the
// report among it.
func (o analyzeOptions) checkInventory() error {
	switch o.inventory {
	case "":
		return nil
	case "-":
		return hint(errors.New("the inventory goes to a file of its own"), "name it: --inventory tables.csv")
	}
	if same, err := sameFile(o.inventory, o.output); err != nil || same {
		return cmp.Or(err, fmt.Errorf("writing %s: it is the report's file", o.inventory))
	}
	return o.beside().check(slices.Concat(o.inputs(), o.before))
}

// sameFile reports whether two paths name one file, which need not be there yet.
func sameFile(a, b string) (bool, error) {
	a, errA := filepath.Abs(a)
	b, errB := filepath.Abs(b)
	return a == b, errors.Join(errA, errB)
}

// quote quotes an argument so that every shell of Windows, macOS and Linux
// takes it as one word.
func quote(s string) string {
	if strings.ContainsAny(s, " \t#&()[]{}$'`;|<>*?!") {
		return `"` + s + `"`
	}
	return s
}

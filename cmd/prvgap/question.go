package main

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/prvgap/prvgap/analyzer"
	"github.com/prvgap/prvgap/analyzer/report"
	"github.com/prvgap/prvgap/har"
)

// question is what a command asks of captures: which, against which roles, and
// what counts.
type question struct {
	captures  []string
	bases     []string
	depth     string
	suspected bool
	ignore    []string
	filter    filterFlags
	strict    bool
}

func (q *question) bind(f *pflag.FlagSet) {
	f.StringArrayVar(&q.bases, "base", nil, "`ROLE` that the principal holds, a file (FILE#NAME picks one of several) or a bundled role; the first is the one to add to; repeatable")
	f.Var(newWord(&q.depth, "minimum", "minimum", "recommended"), "depth", "`POLICY` for levels: minimum, or recommended: take the recommended level where it is wider")
	f.BoolVar(&q.suspected, "grant-suspected", false, "also grant what only the request suggests, where the capture holds no text")
	f.StringArrayVar(&q.ignore, "ignore", nil, "JSON `FILE` of privileges to leave alone, with reason, author and until; repeatable")
	f.StringVar(&q.filter.principal, "principal", "", "only denials of this principal (`ID`, or its beginning)")
	f.StringVar(&q.filter.host, "host", "", "only requests to this `HOST`")
	f.StringVar(&q.filter.since, "since", "", "only from this `TIME` on (2026-11-20, 2026-11-20T09:14, with zone or in UTC)")
	f.StringVar(&q.filter.until, "until", "", "only up to this `TIME`")
}

// bindReading is for the commands that read files.
func (q *question) bindReading(f *pflag.FlagSet) {
	f.BoolVar(&q.strict, "strict", false, "read every byte as JSON, slowly; else wrong commas, colons, numbers, words and escapes pass unseen in what is not looked at (headers, bodies of allowed requests)")
}

// take takes the captures from the command line, or from a pipe.
func (q *question) take(c *cobra.Command, io streams, args []string) error {
	q.captures = args
	if len(args) == 0 {
		if !io.piped {
			return usageError{errors.New("no capture given"), c.UseLine()}
		}
		q.captures = []string{"-"}
	}
	return nil
}

// options turns flags into the analyzer's options.
func (q question) options(io streams, ds []analyzer.Dialect) (analyzer.Options, error) {
	opts := analyzer.Options{Dialects: ds, GrantSuspected: q.suspected, Recommended: q.depth == "recommended"}
	for _, path := range q.bases {
		r, err := readRole(path)
		if err != nil {
			return opts, err
		}
		if len(r.Rows) > 0 {
			return opts, hint(fmt.Errorf("the levels of %s are not known, so it cannot be a base", r.Name), "prvgap role check ROLE --needs %s tells what a role lacks of it", quote(path))
		}
		opts.Bases = append(opts.Bases, r)
	}
	for _, path := range q.ignore {
		list, err := readIgnore(path, io.now)
		if err != nil {
			return opts, err
		}
		opts.Ignore = append(opts.Ignore, list...)
	}
	return opts, nil
}

// reading says what is kept of captures.
func (q question) reading(ds []analyzer.Dialect) har.Options {
	return har.Options{Body: analyzer.Body(ds), Strict: q.strict}
}

// inputs are the files that a result must not be written over.
func (q question) inputs() []string {
	files := slices.Concat(q.captures, q.ignore)
	for _, b := range q.bases {
		file, _ := roleFile(b)
		files = append(files, file)
	}
	return files
}

// answer is what came of a question.
type answer struct {
	report.Report
	opts   analyzer.Options
	failed bool // an input could not be read
}

// ask reads the roles and the captures, and analyzes them.
func (q question) ask(ctx context.Context, io streams, ds []analyzer.Dialect) (answer, error) {
	opts, err := q.options(io, ds)
	if err != nil {
		return answer{}, err
	}
	return q.answer(ctx, io, ds, opts)
}

// answer reads the captures and analyzes them.
func (q question) answer(ctx context.Context, io streams, ds []analyzer.Dialect, opts analyzer.Options) (answer, error) {
	keep, err := q.filter.compile()
	if err != nil {
		return answer{}, err
	}
	ev, failed, err := collect(ctx, io, ds, q)
	if err != nil {
		return answer{}, err
	}
	a := analyzer.Analyze(ev.Keep(keep), opts)
	for _, b := range opts.Bases {
		for _, n := range b.Notes {
			a.Notes = append(a.Notes, fmt.Sprintf("About the base %s: %s.", b.Name, n))
		}
	}
	if n := len(a.Proposal.Unexplained); n > 0 && len(a.Proposal.Grants) == 0 {
		fmt.Fprintf(io.err, "note: %s not understood; prvgap analyze --verbose shows what was refused\n", report.Count(n, "denial"))
	}
	return answer{report.Report{Version: io.version, Catalog: catalogVersion(), Analysis: a}, opts, failed}, nil
}

// exit is what the exit code is made of.
func (a answer) exit() error {
	switch {
	case a.failed || !a.Complete():
		return errPartial
	case a.Gap():
		return errGap
	}
	return nil
}

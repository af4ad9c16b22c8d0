package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prvgap/prvgap/analyzer"
	"github.com/prvgap/prvgap/analyzer/report"
	"github.com/prvgap/prvgap/har"
)

// collect reads all captures and reports, several at a time. An input that
// cannot be read is told on standard error, and the others go on; failed says
// that there was one. It is an error if nothing could be read. What is returned
// and told is the same however many are read at a time.
func collect(ctx context.Context, io streams, ds []analyzer.Dialect, q question) (ev analyzer.Evidence, failed bool, err error) {
	inputs := openAll(io, q.captures)
	p := &progress{io: io, inputs: len(inputs)}
	readInputs(inputs, func(in *input) {
		if in.source != nil && ctx.Err() == nil {
			in.evidence, in.err = collectOne(ctx, p, ds, in.source, q.reading(ds))
		}
		p.finish()
	})
	p.clear()
	if ctx.Err() != nil {
		return ev, true, errors.New("interrupted")
	}
	var evs []analyzer.Evidence
	var last error
	for _, in := range inputs {
		failed = failed || in.err != nil
		switch {
		case len(in.evidence.Captures) == 0 && in.err != nil:
			last = tell(io, last, in.err)
			continue
		case in.err != nil:
			complain(io, in.err)
		}
		evs = append(evs, in.evidence)
	}
	if len(evs) == 0 {
		return ev, true, last
	}
	if last != nil {
		complain(io, last)
	}
	return analyzer.Merge(evs...), failed, nil
}

// input is one capture or report with what came of it.
type input struct {
	source   *har.Source // nil where there is none, for the reason in err
	evidence analyzer.Evidence
	err      error
}

// openAll opens what is to be read, in the order of the arguments. The same
// file given twice is read once, also by another path: its denials would count
// twice.
func openAll(io streams, paths []string) []*input {
	var inputs []*input
	seen := map[string]bool{}
	for _, path := range paths {
		sources, err := har.Open(path, io.in)
		if err != nil {
			inputs = append(inputs, &input{err: err})
		}
		for _, s := range sources {
			if file := identity(s.Name()); !seen[file] {
				seen[file] = true
				inputs = append(inputs, &input{source: s})
			}
		}
	}
	return inputs
}

// identity is the same for all paths of a file. A part of an archive is no file,
// and has but its name.
func identity(name string) string {
	path, err := filepath.Abs(name)
	if err != nil {
		return name
	}
	if file, err := filepath.EvalSymlinks(path); err == nil {
		return file
	}
	return path
}

// readInputs calls read for every input, as many at a time as there are
// processors: each holds one entry of its capture in memory.
func readInputs(inputs []*input, read func(*input)) {
	var next atomic.Int64
	var workers sync.WaitGroup
	for range min(len(inputs), runtime.GOMAXPROCS(0)) {
		workers.Go(func() {
			for {
				i := int(next.Add(1)) - 1
				if i >= len(inputs) {
					return
				}
				read(inputs[i])
			}
		})
	}
	workers.Wait()
}

// tell prints an earlier error and returns the newest, which is printed by
// whoever ends the run.
func tell(io streams, earlier, err error) error {
	if earlier != nil {
		complain(io, earlier)
	}
	return err
}

// collectOne reads one source. Without a single entry it is no capture, and
// the evidence is empty.
func collectOne(ctx context.Context, p *progress, ds []analyzer.Dialect, s *har.Source, o har.Options) (analyzer.Evidence, error) {
	if s.Report() {
		return readReport(s)
	}
	entries := s.Entries(o)
	ev, err := analyzer.Collect(s.Name(), watched(ctx, p, s.Name(), entries), ds, s.Info)
	if err != nil && ev.Captures[0].Entries == 0 {
		return analyzer.Evidence{}, err
	}
	return ev, err
}

func readReport(s *har.Source) (analyzer.Evidence, error) {
	r, err := s.Reader()
	if err != nil {
		return analyzer.Evidence{}, err
	}
	defer r.Close()
	ev, err := report.Read(r)
	if err != nil {
		return analyzer.Evidence{}, fmt.Errorf("reading %s: %w", s.Name(), err)
	}
	return ev, nil
}

// watched passes entries on until the context ends, and counts them.
func watched(ctx context.Context, p *progress, name string, entries iter.Seq2[har.Entry, error]) iter.Seq2[har.Entry, error] {
	return func(yield func(har.Entry, error) bool) {
		n := 0
		for e, err := range entries {
			if ctx.Err() != nil || !yield(e, err) {
				return
			}
			if n++; n%64 == 0 {
				p.add(name, 64)
			}
		}
	}
}

// readIgnore reads an ignore file: {"ignore": [{"privilege", "reason",
// "author", "until"}]}. An entry whose until date has passed does not count.
func readIgnore(path string, now time.Time) ([]analyzer.Ignore, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("reading ignore file: %w", err)
	}
	var v struct {
		Ignore []struct{ Privilege, Reason, Author, Until string }
	}
	if err := json.Unmarshal(data, &v); err != nil {
		return nil, hint(fmt.Errorf("reading %s: %w", path, err), `it looks like {"ignore": [{"privilege": "prvReadX", "reason": "…", "author": "…", "until": "2027-06-30"}]}`)
	}
	var list []analyzer.Ignore
	for i, e := range v.Ignore {
		ig := analyzer.Ignore{Privilege: e.Privilege, Reason: e.Reason, Author: e.Author}
		if e.Privilege == "" || e.Reason == "" {
			return nil, fmt.Errorf("reading %s: /ignore/%d: privilege and reason are needed", path, i)
		}
		if e.Until != "" {
			if ig.Until, err = time.Parse(time.DateOnly, e.Until); err != nil {
				return nil, hint(fmt.Errorf("reading %s: /ignore/%d: until %q is not a date", path, i, e.Until), "write it as 2027-06-30")
			}
			if now.After(ig.Until.AddDate(0, 0, 1)) {
				continue
			}
		}
		list = append(list, ig)
	}
	return list, nil
}

package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"os"
	"time"

	"github.com/prvgap/prvgap/analyzer"
	"github.com/prvgap/prvgap/analyzer/report"
	"github.com/prvgap/prvgap/har"
)

// collect reads all captures and reports. An input that cannot be read is told
// on standard error, and the others go on; failed says that there was one. It
// is an error if nothing could be read.
func collect(ctx context.Context, io streams, ds []analyzer.Dialect, paths []string) (ev analyzer.Evidence, failed bool, err error) {
	var evs []analyzer.Evidence
	var last error
	seen := map[string]bool{}
	for _, path := range paths {
		sources, err := har.Open(path, io.in)
		if err != nil {
			last = tell(io, last, err)
			failed = true
			continue
		}
		for _, s := range sources {
			if seen[s.Name()] { // the same file given twice
				continue
			}
			seen[s.Name()] = true
			got, err := collectOne(ctx, io, ds, s)
			if err != nil {
				failed = true
				if len(got.Captures) == 0 {
					last = tell(io, last, err)
					continue
				}
				complain(io, err)
			}
			evs = append(evs, got)
		}
	}
	if err := ctx.Err(); err != nil {
		return ev, true, errors.New("interrupted")
	}
	if len(evs) == 0 {
		return ev, true, last
	}
	if last != nil {
		complain(io, last)
	}
	return analyzer.Merge(evs...), failed, nil
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
func collectOne(ctx context.Context, io streams, ds []analyzer.Dialect, s *har.Source) (analyzer.Evidence, error) {
	if s.Report() {
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
	entries := s.Entries(har.Options{Body: analyzer.Body(ds)})
	ev, err := analyzer.Collect(s.Name(), watched(ctx, io, s.Name(), entries), ds, s.Info)
	if err != nil && ev.Captures[0].Entries == 0 {
		return analyzer.Evidence{}, err
	}
	return ev, err
}

// watched passes entries on until the context ends, and shows progress on a
// terminal if it takes longer than half a second.
func watched(ctx context.Context, io streams, name string, entries iter.Seq2[har.Entry, error]) iter.Seq2[har.Entry, error] {
	return func(yield func(har.Entry, error) bool) {
		next := time.Now().Add(time.Second / 2)
		shown, n := false, 0
		for e, err := range entries {
			if ctx.Err() != nil || !yield(e, err) {
				break
			}
			n++
			if io.progress && n%64 == 0 && time.Now().After(next) {
				fmt.Fprintf(io.err, "\r\x1b[Kreading %s: %d entries", printable(name), e.Index+1)
				next, shown = time.Now().Add(time.Second/10), true
			}
		}
		if shown {
			fmt.Fprint(io.err, "\r\x1b[K")
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

package tui

import (
	"context"
	"iter"
	"sync"
	"time"

	"github.com/prvgap/prvgap/analyzer"
	"github.com/prvgap/prvgap/har"
)

// Source is a capture that is read while the program runs.
type Source struct {
	Name    string
	Entries iter.Seq2[har.Entry, error]
	Info    func() har.Info
	// Evidence stands in for Entries where the evidence is there at once, as a
	// report has it.
	Evidence func() (analyzer.Evidence, error)
	Live     *Live // stands in for Entries in a capture that goes on
}

// A batch ends after so many entries or so much time, whichever comes first:
// rows appear soon, and a key never waits.
const (
	batchEntries = 2000
	batchTime    = 50 * time.Millisecond
)

// batch is what one pull brought.
type batch struct {
	source   int
	name     string
	evidence analyzer.Evidence // what is new; its capture counts from the start
	lost     int               // bodies that the capture could not get, from the start
	err      error
	done     bool // nothing is left at all
}

// reader pulls evidence out of the sources, one batch a call. It is used by one
// command at a time, and by whoever closes it.
type reader struct {
	mu       sync.Mutex
	ctx      context.Context
	sources  []Source
	dialects []analyzer.Dialect
	keep     func(analyzer.Denial) bool
	now      func() time.Time

	at      int // the source that is being read
	next    func() (har.Entry, error, bool)
	batches func() ([]har.Entry, bool) // in its place in a live capture
	stop    func()
	sum     analyzer.Capture // of what was read of it
}

// pull reads the next batch.
func (r *reader) pull() batch {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.at >= len(r.sources) || r.ctx.Err() != nil {
		return batch{done: true}
	}
	s := r.sources[r.at]
	if s.Evidence != nil {
		ev, err := s.Evidence()
		r.at++
		return r.kept(batch{source: r.at - 1, name: s.Name, evidence: ev, err: err})
	}
	if r.stop == nil {
		r.sum = analyzer.Capture{Name: s.Name}
		if s.Live != nil {
			r.batches, r.stop = iter.Pull(s.Live.Batches)
		} else {
			r.next, r.stop = iter.Pull2(s.Entries)
		}
	}
	b := batch{source: r.at, name: s.Name}
	ended := false
	entries := r.some(&ended)
	if s.Live != nil {
		entries = r.together(&ended)
	}
	b.evidence, b.err = analyzer.Collect(s.Name, entries, r.dialects, func() har.Info {
		i := r.info(s, ended)
		b.lost = i.Lost
		return i
	})
	r.sum.Grow(b.evidence.Captures[0])
	b.evidence.Captures[0] = r.sum
	if ended {
		r.stop()
		r.stop = nil
		r.at++
	}
	return r.kept(b)
}

// kept leaves out the denials that the flags do not ask for.
func (r *reader) kept(b batch) batch {
	if r.keep != nil {
		b.evidence = b.evidence.Keep(r.keep)
	}
	return b
}

// some passes on entries for one batch. It sets ended where there are no more.
func (r *reader) some(ended *bool) iter.Seq2[har.Entry, error] {
	return func(yield func(har.Entry, error) bool) {
		until := r.now().Add(batchTime)
		for range batchEntries {
			e, err, ok := r.next()
			if !ok {
				*ended = true
				return
			}
			if err == nil {
				r.sum.Entries = e.Index + 1
			}
			if !yield(e, err) || r.ctx.Err() != nil || r.now().After(until) {
				return
			}
		}
	}
}

// together passes on what came at once, for which it waits as long as it takes.
func (r *reader) together(ended *bool) iter.Seq2[har.Entry, error] {
	return func(yield func(har.Entry, error) bool) {
		entries, ok := r.batches()
		*ended = !ok
		for _, e := range entries {
			if !yield(e, nil) {
				return
			}
		}
	}
}

// info is what is known of a capture; of a file, that is all only at its end.
func (r *reader) info(s Source, ended bool) har.Info {
	if ended || s.Live != nil {
		return s.Info()
	}
	return har.Info{Entries: r.sum.Entries, Complete: true}
}

// close ends the reading; it waits for a batch that is under way, which the
// context of the reader cuts short, and the end of the capture where it is live.
func (r *reader) close() {
	for _, s := range r.sources {
		if s.Live != nil {
			s.Live.Stop()
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.stop != nil {
		r.stop()
	}
	r.at = len(r.sources)
}

// pile is the evidence of all batches, kept apart by source so that a growing
// capture is one capture.
type pile struct {
	order []int
	parts map[int]*analyzer.Evidence
	facts []analyzer.Evidence // what batches taught, without their denials
}

func newPile() *pile { return &pile{parts: map[int]*analyzer.Evidence{}} }

// add takes a batch in. It must stay cheap: it runs between two keys.
func (p *pile) add(b batch) {
	if len(b.evidence.Captures) == 0 {
		return
	}
	part := p.parts[b.source]
	if part == nil {
		part = &analyzer.Evidence{}
		p.parts[b.source] = part
		p.order = append(p.order, b.source)
	}
	part.Captures = b.evidence.Captures
	part.Denials = append(part.Denials, b.evidence.Denials...)
	f := b.evidence.Facts
	f.Allowed, f.Records = nil, nil // only a comparison asks for them, and nearly every batch has some
	if len(f.BusinessUnits)+len(f.Home)+len(f.Privileges)+len(f.Tables)+len(f.Held)+len(f.Touched) > 0 {
		p.facts = append(p.facts, analyzer.Evidence{Facts: f})
	}
}

// snapshot returns what is needed to merge without looking at the pile again.
// Denials are only ever appended, so a slice of them up to now stays as it is.
func (p *pile) snapshot() []analyzer.Evidence {
	evs := make([]analyzer.Evidence, 0, len(p.order)+len(p.facts))
	for _, i := range p.order {
		part := *p.parts[i]
		part.Denials = part.Denials[:len(part.Denials):len(part.Denials)]
		evs = append(evs, part)
	}
	return append(evs, p.facts...)
}

package main

import (
	"fmt"
	"sync"
	"time"
)

// progress shows on a terminal how far the reading of captures is, if it takes
// longer than half a second. Several readers tell it at once.
type progress struct {
	io     streams
	inputs int

	mu      sync.Mutex
	next    time.Time // when the line is written again
	shown   bool
	done    int
	entries int
}

// add counts entries that were read of a capture.
func (p *progress) add(name string, entries int) {
	if !p.io.progress {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.entries += entries
	now := time.Now()
	switch {
	case p.next.IsZero():
		p.next = now.Add(time.Second / 2)
	case now.After(p.next):
		what := shortened(printable(name))
		if p.inputs > 1 {
			what = fmt.Sprintf("%d of %d captures", p.done, p.inputs)
		}
		fmt.Fprintf(p.io.err, "\r\x1b[Kreading %s: %d entries", what, p.entries)
		p.next, p.shown = now.Add(time.Second/10), true
	}
}

// nameMost is what of a name fits a line of 80 columns beside the count: a line
// that is too long wraps, and is not taken away.
const nameMost = 45

// shortened keeps the end of a path, which tells files apart.
func shortened(name string) string {
	if r := []rune(name); len(r) > nameMost {
		return "…" + string(r[len(r)-nameMost+1:])
	}
	return name
}

// finish counts a capture that was read to its end.
func (p *progress) finish() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.done++
}

// clear takes the line away.
func (p *progress) clear() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.shown {
		fmt.Fprint(p.io.err, "\r\x1b[K")
		p.shown = false
	}
}

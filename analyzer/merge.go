package analyzer

import (
	"cmp"
	"slices"
	"time"
)

// Merge joins evidence. The result is sorted, so the order of the arguments
// does not matter. A capture that comes twice, as when two machines were given
// it and their reports are joined, counts once: its name, size and times tell.
// The same bytes under another name are another capture.
func Merge(evs ...Evidence) Evidence {
	var parts []Evidence // one capture each
	facts, total := NewFacts(), 0
	for _, ev := range evs {
		facts.merge(ev.Facts)
		parts = append(parts, ev.split()...)
		total += len(ev.Denials)
	}
	facts.trim()
	slices.SortStableFunc(parts, func(a, b Evidence) int {
		// Of two readings of one capture the fuller one sets the order.
		return cmp.Or(compareCaptures(a.Captures[0], b.Captures[0]), cmp.Compare(len(b.Denials), len(a.Denials)))
	})
	if len(parts) == 1 && parts[0].merged() { // as most are: they may be large
		return Evidence{Captures: slices.Clone(parts[0].Captures), Denials: slices.Clip(parts[0].Denials), Facts: facts}
	}
	out := Evidence{Facts: facts, Denials: slices.Grow([]Denial(nil), total)}
	for len(parts) > 0 {
		one, n := parts[0], 1
		for n < len(parts) && compareCaptures(one.Captures[0], parts[n].Captures[0]) == 0 {
			one.Denials = union(one.Denials, parts[n].Denials)
			n++
		}
		parts = parts[n:]
		from := len(out.Denials)
		out.Denials = append(out.Denials, one.Denials...)
		for i := range out.Denials[from:] {
			out.Denials[from+i].Capture = len(out.Captures)
		}
		out.Captures = append(out.Captures, one.Captures[0])
	}
	if !slices.IsSortedFunc(out.Denials, compareDenials) {
		slices.SortStableFunc(out.Denials, compareDenials)
	}
	return out
}

// Grow takes in a further batch of the one capture that ev is of. Only what is
// new is looked at, so that a long session costs no more at its end.
func (ev *Evidence) Grow(batch Evidence) {
	if len(ev.Captures) == 0 {
		*ev = Evidence{Captures: make([]Capture, 1), Facts: NewFacts()}
	}
	ev.Captures[0].Grow(batch.Captures[0])
	ev.Denials = append(ev.Denials, batch.Denials...)
	ev.Facts.merge(batch.Facts)
}

// Grow takes in what a further batch tells of a capture, in which entries and
// bytes are counted from the capture's start. A break is told once, and stays.
func (c *Capture) Grow(batch Capture) {
	batch.Entries = max(batch.Entries, c.Entries)
	batch.Refused += c.Refused
	if batch.From.IsZero() || !c.From.IsZero() && c.From.Before(batch.From) {
		batch.From = c.From
	}
	if c.To.After(batch.To) {
		batch.To = c.To
	}
	if !c.Complete && c.Problem != "" {
		batch.Complete, batch.Problem = false, cmp.Or(batch.Problem, c.Problem)
	}
	*c = batch
}

// merged reports whether the denials of one capture are as Merge would have them.
func (ev Evidence) merged() bool {
	return slices.IsSortedFunc(ev.Denials, compareDenials) && !slices.ContainsFunc(ev.Denials, func(d Denial) bool { return d.Capture != 0 })
}

// split returns the evidence of each capture.
func (ev Evidence) split() []Evidence {
	if len(ev.Captures) == 1 {
		return []Evidence{ev}
	}
	parts := make([]Evidence, len(ev.Captures))
	for i, c := range ev.Captures {
		parts[i].Captures = []Capture{c}
	}
	for _, d := range ev.Denials {
		if d.Capture < len(parts) {
			parts[d.Capture].Denials = append(parts[d.Capture].Denials, d)
		}
	}
	return parts
}

// union joins what two readings of one capture hold of it. Both may have been
// filtered, and one may come from a report, where Analyze has added to it.
func union(a, b []Denial) []Denial {
	at := map[Denial][]int{}
	for i, d := range a {
		at[d.printed()] = append(at[d.printed()], i)
	}
	a = slices.Clone(a)
	for _, d := range b {
		key := d.printed()
		if len(at[key]) == 0 {
			a = append(a, d)
			continue
		}
		same := &a[at[key][0]]
		at[key] = at[key][1:]
		if cmp.Or(cmp.Compare(d.Suspected, same.Suspected), cmp.Compare(d.Advice, same.Advice)) > 0 {
			*same = d
		}
	}
	return a
}

// printed is a denial as far as two readings of it are equal in memory.
func (d Denial) printed() Denial {
	d.Capture, d.Time, d.RoleCount, d.PrivilegeCount, d.Suspected, d.Advice = 0, time.Time{}, nil, nil, "", ""
	return d
}

func compareCaptures(a, b Capture) int {
	return cmp.Or(
		cmp.Compare(a.Name, b.Name), cmp.Compare(a.Bytes, b.Bytes), cmp.Compare(a.Entries, b.Entries),
		a.From.Compare(b.From), a.To.Compare(b.To), cmp.Compare(a.Creator, b.Creator), cmp.Compare(a.Refused, b.Refused),
	)
}

func compareDenials(a, b Denial) int {
	return cmp.Or(cmp.Compare(a.Capture, b.Capture), cmp.Compare(a.Entry, b.Entry), cmp.Compare(a.Part, b.Part))
}

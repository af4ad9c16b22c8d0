package report

import (
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/prvgap/prvgap/analyzer"
)

// Bounds of the timelines: beyond them a picture tells nothing.
const (
	timelineMost = 8   // captures that get one
	momentMost   = 500 // denials in the list beside it
	timeSlots    = 150 // places on it; denials of a place are one mark
	laneHeight   = 38
)

type (
	// htmlTimeline shows when in a capture each denial happened: a lane for each
	// class, from left to right in time. Places are per cents, so that text keeps
	// its size on a phone.
	htmlTimeline struct {
		ID, Capture, Span, Words string
		Height, AxisY, LabelY    int
		Lanes                    []htmlLane
		Ticks                    []htmlTick
		Moments                  []htmlMoment
		More                     int
	}
	htmlLane struct {
		Class, Label  string
		TextY, Y, N   int
		Marks         []htmlMark
		slots, counts []int // of the marks
	}
	htmlMark struct{ X, R, Words string }
	htmlTick struct{ X, Anchor, Label string }
	// htmlMoment is a line of the same in words.
	htmlMoment struct{ When, What, Class, Words, Item string }
)

// timelines draws one for each capture that holds denials, and counts those
// that got none.
func (b *htmlBuilder) timelines() (out []htmlTimeline, untold int) {
	byCapture := make([][]int, len(b.Captures))
	for i, d := range b.Denials {
		if d.Capture < len(byCapture) {
			byCapture[d.Capture] = append(byCapture[d.Capture], i)
		}
	}
	for c, denials := range byCapture {
		switch {
		case len(denials) == 0:
		case len(out) == timelineMost:
			untold++
		default:
			out = append(out, b.timeline(c, denials))
		}
	}
	return out, untold
}

// clock places denials on an axis: by time, or by the number of the entry
// where the capture tells no times.
type clock struct {
	timed    bool
	layout   string // of a time
	from, to time.Time
	entries  int
}

func newClock(c analyzer.Capture, denials []analyzer.Denial) clock {
	k := clock{timed: !c.From.IsZero() && c.To.After(c.From), layout: "15:04:05", from: c.From, to: c.To, entries: max(2, c.Entries)}
	if c.To.Sub(c.From) < 10*time.Second {
		k.layout = "15:04:05.000"
	}
	for _, d := range denials {
		k.timed = k.timed && !d.Time.IsZero()
		k.entries = max(k.entries, d.Entry+1)
	}
	return k
}

// at is the place of a denial, from 0 to 1.
func (k clock) at(d analyzer.Denial) float64 {
	x := float64(d.Entry) / float64(k.entries-1)
	if k.timed {
		x = d.Time.Sub(k.from).Seconds() / k.to.Sub(k.from).Seconds()
	}
	return min(1, max(0, x))
}

func (k clock) words(d analyzer.Denial) string {
	if k.timed {
		return d.Time.UTC().Format(k.layout)
	}
	return fmt.Sprintf("entry %d", d.Entry)
}

// label names a place on the axis.
func (k clock) label(x float64) string {
	if k.timed {
		return k.from.Add(time.Duration(x * float64(k.to.Sub(k.from)))).UTC().Format(k.layout)
	}
	return fmt.Sprintf("entry %d", int(x*float64(k.entries-1)))
}

// percent keeps the marks off the edges, where they would be cut.
func percent(x float64) string { return fmt.Sprintf("%.2f%%", 1.5+97*x) }

func (b *htmlBuilder) timeline(capture int, denials []int) htmlTimeline {
	c := b.Captures[capture]
	ds := make([]analyzer.Denial, 0, len(denials))
	for _, i := range denials {
		ds = append(ds, b.Denials[i])
	}
	k := newClock(c, ds)
	t := htmlTimeline{ID: fmt.Sprintf("time%d", capture), Capture: plain(c.Name), Span: span(c)}
	for _, class := range htmlClasses() {
		lane := b.lane(class[0], k, denials)
		if lane.N == 0 {
			continue
		}
		lane.TextY, lane.Y = t.Height+13, t.Height+26
		t.Height += laneHeight
		t.Lanes = append(t.Lanes, lane)
		if t.Words != "" {
			t.Words += "; "
		}
		t.Words += fmt.Sprintf("%s: %d, first at %s", lane.Label, lane.N, b.firstOf(class[0], k, denials))
	}
	t.AxisY, t.LabelY, t.Height = t.Height+4, t.Height+22, t.Height+30
	for _, tick := range []struct {
		x      float64
		anchor string
	}{{0, "start"}, {0.5, "middle"}, {1, "end"}} {
		t.Ticks = append(t.Ticks, htmlTick{percent(tick.x), tick.anchor, k.label(tick.x)})
	}
	t.Moments, t.More = b.moments(k, denials)
	return t
}

// lane makes the marks of a class. What happened at one place becomes one mark
// that grows with its number.
func (b *htmlBuilder) lane(class string, k clock, denials []int) htmlLane {
	lane := htmlLane{Class: class, Label: classWords(class)}
	for _, i := range denials {
		if b.kinds[i] != class {
			continue
		}
		lane.N++
		slot := int(math.Round(k.at(b.Denials[i]) * timeSlots))
		at := slices.Index(lane.slots, slot)
		if at < 0 {
			lane.slots, lane.counts = append(lane.slots, slot), append(lane.counts, 1)
			lane.Marks = append(lane.Marks, htmlMark{X: percent(float64(slot) / timeSlots), Words: k.words(b.Denials[i]) + " " + b.about[i]})
			continue
		}
		lane.counts[at]++
	}
	for at, n := range lane.counts {
		lane.Marks[at].R = fmt.Sprintf("%.1f", min(9, 4.5+math.Sqrt(float64(n-1))))
		if n > 1 {
			lane.Marks[at].Words += fmt.Sprintf(", and %d more", n-1)
		}
	}
	return lane
}

func (b *htmlBuilder) firstOf(class string, k clock, denials []int) string {
	first := -1
	for _, i := range denials {
		if b.kinds[i] == class && (first < 0 || k.at(b.Denials[i]) < k.at(b.Denials[first])) {
			first = i
		}
	}
	return k.words(b.Denials[first])
}

// moments lists the denials in the order of the axis.
func (b *htmlBuilder) moments(k clock, denials []int) (out []htmlMoment, more int) {
	sorted := slices.Clone(denials)
	slices.SortStableFunc(sorted, func(x, y int) int {
		if k.at(b.Denials[x]) < k.at(b.Denials[y]) {
			return -1
		}
		if k.at(b.Denials[x]) > k.at(b.Denials[y]) {
			return 1
		}
		return 0
	})
	for n, i := range sorted {
		if n == momentMost {
			return out, len(sorted) - n
		}
		out = append(out, htmlMoment{k.words(b.Denials[i]), b.about[i], b.kinds[i], classWords(b.kinds[i]), b.items[i]})
	}
	return out, 0
}

package tui

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode"

	tea "github.com/charmbracelet/bubbletea"

	"github.com/prvgap/prvgap/analyzer"
	"github.com/prvgap/prvgap/catalog"
	"github.com/prvgap/prvgap/har"
)

// fakeLive is a capture that goes on for as long as a test wants it to.
type fakeLive struct {
	in    chan []har.Entry
	once  sync.Once
	n     int
	info  har.Info
	marks []string
	clock time.Time
}

func (f *fakeLive) stop() { f.once.Do(func() { close(f.in) }) }

// refuse sends refusals that came together.
func (f *fakeLive) refuse(bodies ...string) {
	var batch []har.Entry
	for e := range entries(bodies...) {
		e.Index += f.n
		batch = append(batch, e)
		if len(f.marks) > 0 {
			batch[len(batch)-1].Mark = f.marks[len(f.marks)-1]
		}
	}
	f.n += len(bodies)
	f.info.Entries = f.n
	f.in <- batch
}

// liveDriver is a screen whose capture gives what the test has sent, and no more.
type liveDriver struct {
	driver
	*fakeLive
}

func startLive(t testing.TB, width, height int) liveDriver {
	t.Helper()
	f := &fakeLive{in: make(chan []har.Entry, 100), clock: noon(), info: har.Info{Format: "live", Complete: true}}
	cfg := config()
	cfg.Now = func() time.Time { return f.clock }
	cfg.Sources = []Source{{Name: "sales.har", Info: func() har.Info { return f.info }, Live: &Live{
		Batches: func(yield func([]har.Entry) bool) {
			for batch := range f.in {
				if !yield(batch) {
					return
				}
			}
		},
		Stop: f.stop, Marked: "open the app", Mark: func(name string) { f.marks = append(f.marks, name) },
	}}}
	d := liveDriver{driver{t, newModel(t.Context(), cfg)}, f}
	t.Cleanup(d.reader.close)
	d.Update(tea.WindowSizeMsg{Width: width, Height: height})
	return d
}

// come takes in what was sent, without waiting for more.
func (d liveDriver) come(bodies ...string) {
	d.t.Helper()
	d.refuse(bodies...)
	d.Update(d.reader.pull())
	if d.analyzing { // the command that Update returned pulls again, which would wait
		d.analyzing = false
		d.Update(d.analyze()())
	}
}

// TestLive looks at a capture that goes on: what is newest is marked by more than a colour, and a key leads there.
func TestLive(t *testing.T) {
	for _, size := range []struct{ w, h int }{{80, 24}, {120, 40}} {
		d := startLive(t, size.w, size.h)
		d.golden(fmt.Sprintf("live-nothing-%dx%d", size.w, size.h))
		d.come("prvReadContact Deep", "prvReadUser", "column")
		d.clock = d.clock.Add(time.Minute)
		d.press("m")
		d.typed("create\tquote")
		d.press("enter")
		d.info.Lost = 2
		d.come("prvWriteAccount Local", "prvReadWorkflow", "")
		if !slices.Equal(d.marks, []string{"create quote"}) {
			t.Errorf("marks %v", d.marks)
		}
		d.golden(fmt.Sprintf("live-%dx%d", size.w, size.h))

		// The newest of what came together, then those before it, and round again.
		var seen []string
		for range 4 {
			d.press("N")
			if it, ok := d.item(); ok {
				seen = append(seen, it.finding.Privilege.Name)
			} else {
				seen = append(seen, d.tab)
			}
		}
		if got := strings.Join(seen, " "); got != "prvReadCompetitor prvReadWorkflow prvWriteAccount prvReadCompetitor" {
			t.Errorf("N leads to %s", got)
		}
		d.press("/")
		d.typed("contact")
		d.press("enter", "N")
		if !strings.Contains(d.status, "the filter hides") {
			t.Errorf("status %q", d.status)
		}
		d.press("esc", "v")
		d.golden(fmt.Sprintf("live-list-%dx%d", size.w, size.h))
		d.press("N", "m", "enter")
		if d.mark != "" || len(d.marks) != 2 {
			t.Errorf("mark %q, marks %q", d.mark, d.marks)
		}
	}
}

// TestLiveSizes: a mark of any length or malice stays in its place.
func TestLiveSizes(t *testing.T) {
	d := startLive(t, 80, 24)
	d.come(sample()...)
	d.press("m")
	d.typed("\x1b[31m\u202e" + strings.Repeat("権限 ", 200))
	d.press("enter")
	d.info.Lost = 1_234_567
	d.come(sample()...)
	for w := 1; w <= 200; w += 7 {
		for h := 1; h <= 60; h += 6 {
			d.send(tea.WindowSizeMsg{Width: w, Height: h})
			d.checkScreen()
			for _, r := range d.View() {
				if r != '\n' && (unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r)) {
					t.Fatalf("%U reaches the terminal", r)
				}
			}
		}
	}
}

// TestLiveMoment: what comes back a moment later belongs to the same click, and what came long ago is not new.
func TestLiveMoment(t *testing.T) {
	d := startLive(t, 80, 24)
	isNew := func() string {
		var names []string
		for _, it := range d.desk.items {
			if d.fresh(it.finding.Denials) {
				names = append(names, it.finding.Privilege.Name)
			}
		}
		return strings.Join(names, " ")
	}
	for _, step := range []struct {
		after  time.Duration
		bodies []string
		want   string
	}{
		{0, []string{"prvReadContact"}, "prvReadContact"},
		{time.Second, []string{"prvReadWorkflow"}, "prvReadContact prvReadWorkflow"},
		{moment, []string{"prvReadUser"}, "prvReadUser prvReadWorkflow"},
		{time.Hour, nil, "prvReadUser prvReadWorkflow"}, // nothing came: it stays the newest
		{0, []string{"prvReadContact"}, "prvReadContact"},
	} {
		d.clock = d.clock.Add(step.after)
		d.come(step.bodies...)
		if got := isNew(); got != step.want {
			t.Errorf("after %v: %s is new, not %s", step.after, got, step.want)
		}
	}
}

// TestLiveLate: what comes while an analysis is made is seen though nothing comes after it.
func TestLiveLate(t *testing.T) {
	d := startLive(t, 80, 24)
	d.refuse("prvReadContact")
	d.Update(d.reader.pull())
	analysis := d.analyze // under way since the first batch
	d.analyzing = false
	first := analysis()
	d.refuse("prvReadUser")
	d.Update(d.reader.pull())
	msg := first().(analyzedMsg)
	msg.took = time.Millisecond
	_, cmd := d.Update(msg)
	d.clock = d.clock.Add(time.Second)
	if _, ok := cmd().(dueMsg); !ok || !d.due {
		t.Fatal("nothing reminds of what has come")
	}
	d.send(dueMsg{})
	if len(d.desk.items) != 2 {
		t.Errorf("%d findings", len(d.desk.items))
	}
}

// TestLiveEnd: the end of the capture leaves the screen, and leaving the screen ends the capture and loses nothing.
func TestLiveEnd(t *testing.T) {
	d := startLive(t, 80, 24)
	d.come("prvReadUser")
	d.stop()
	d.run(d.pull)
	if d.reading || d.quits || !strings.Contains(d.status, "the capture has ended") {
		t.Errorf("reading %v, quits %v, %q", d.reading, d.quits, d.status)
	}
	d.golden("live-ended")
	d.press("x", "m")
	if d.over != nil || len(d.desk.done) != 1 {
		t.Error("triage does not go on, or marks what has ended")
	}
	d.press("q")
	if out := d.outcome(); !d.quits || out.Partial || !out.Gap {
		t.Errorf("quits %v, %+v", d.quits, out)
	}

	d = startLive(t, 80, 24)
	d.come("prvReadUser")
	d.refuse("prvReadContact") // on its way while the person leaves
	d.press("Q")
	if d.quits || !d.ending {
		t.Fatal("the screen does not wait for the end of the capture")
	}
	d.press("x")
	d.run(d.pull)
	if out := d.outcome(); !d.quits || out.Partial || !out.Print || len(out.Analysis.Denials) != 2 || len(d.desk.done) != 0 {
		t.Errorf("quits %v, %d steps, %+v", d.quits, len(d.desk.done), out)
	}

	d = startLive(t, 80, 24)
	d.info = har.Info{Format: "live", Problem: "the browser crashed"}
	d.stop()
	d.run(d.pull)
	if out := d.outcome(); !d.bad || !strings.Contains(d.status, "crashed") || out.Analysis.Captures[0].Complete {
		t.Errorf("%q %+v", d.status, out.Analysis.Captures)
	}

	// That saving broke off is told at once, and does not hide what is told after it.
	d = startLive(t, 80, 24)
	d.info.Complete, d.info.Problem = false, "saving broke off: no space left"
	d.come("prvReadUser")
	if !d.bad || !strings.Contains(d.status, "no space left") || !d.outcome().Partial {
		t.Errorf("%q %+v", d.status, d.outcome().Analysis.Captures)
	}
	d.press("m", "enter")
	d.come("prvReadContact")
	if d.bad || !strings.Contains(d.status, "no mark") {
		t.Errorf("%q", d.status)
	}

	// Who does not wait has a partial one.
	d = startLive(t, 80, 24)
	d.press("ctrl+c", "ctrl+c")
	if !d.quits || !d.outcome().Partial {
		t.Error("the second ctrl+c waits")
	}
}

// BenchmarkGrown is what 20,000 denials cost when one more comes: the analysis
// beside the screen, and between two keys what takes it in and draws it.
func BenchmarkGrown(b *testing.B) {
	for _, c := range []struct {
		name string
		body func(i int) string
	}{
		{"findings", func(i int) string { return fmt.Sprintf("prvReadnew_table%04d", i%500) }},
		{"not understood", func(int) string { return "prvNoSuchThing" }},
		{"other", func(int) string { return "column" }},
	} {
		bodies := make([]string, 20_000)
		for i := range bodies {
			bodies[i] = c.body(i)
		}
		d := start(b, config(bodies...), 120, 40)
		b.Run(c.name+"/beside", func(b *testing.B) {
			for b.Loop() {
				d.analyzing = false
				d.analyze()()
			}
		})
		d.analyzing = false
		msg := d.analyze()()
		b.Run(c.name+"/between", func(b *testing.B) {
			for b.Loop() {
				d.Update(msg)
				d.View()
			}
		})
	}
}

// TestPileTouched: advice looks at tables that were touched without a denial, in a batch that taught nothing else too.
func TestPileTouched(t *testing.T) {
	facts := analyzer.NewFacts()
	facts.Touch("incidents", catalog.Assign)
	p := newPile()
	p.add(batch{evidence: analyzer.Evidence{Captures: []analyzer.Capture{{Name: "a.har"}}, Facts: facts}})
	if got := analyzer.Merge(p.snapshot()...).Facts.Touched; !got["incidents"][catalog.Assign] {
		t.Errorf("touched %v", got)
	}
}

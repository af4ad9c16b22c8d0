package tui

import (
	"cmp"
	"errors"
	"iter"
	"slices"
	"time"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/ansi"

	"github.com/prvgap/prvgap/analyzer"
	"github.com/prvgap/prvgap/analyzer/report"
	"github.com/prvgap/prvgap/har"
)

// Live is a capture that goes on while the screen is up.
type Live struct {
	// Batches gives the entries as they come, those that came together at once:
	// one by one, half of them would wait for the next request of a user who
	// has just stopped to look.
	Batches iter.Seq[[]har.Entry]
	Stop    func()            // ends the capture in good order: Batches then ends
	Mark    func(name string) // names what the user does from now on
	Marked  string            // what was named before
}

// moment is how far back evidence counts as new, from the newest on: a click
// sends many requests, and they do not come back together.
const moment = 3 * time.Second

// news remembers which evidence of a live capture came last. It stays the
// newest until more comes: the person may be looking at the browser.
type news struct{ arrivals []arrival }

// arrival is a batch that holds denials.
type arrival struct {
	at    time.Time
	entry int // its first one, in a capture that numbers entries as they come
}

func (n *news) add(denials []analyzer.Denial, at time.Time) {
	if len(denials) == 0 {
		return
	}
	n.arrivals = append(n.arrivals, arrival{at, denials[0].Entry})
	n.arrivals = slices.DeleteFunc(n.arrivals, func(a arrival) bool { return at.Sub(a.at) > moment })
}

// from returns the entry from which on evidence is new, or none.
func (n *news) from() int {
	if len(n.arrivals) == 0 {
		return none
	}
	return n.arrivals[0].entry
}

// latest returns the entry of the last of some denials, which are in order.
func (m *model) latest(denials []int) int {
	if m.live == nil || len(denials) == 0 {
		return none
	}
	return m.desk.analysis.Denials[denials[len(denials)-1]].Entry
}

// fresh reports whether the newest evidence is among some denials.
func (m *model) fresh(denials []int) bool {
	return m.newest != none && m.latest(denials) >= m.newest
}

// freshRow reports whether a row holds newest evidence.
func (m *model) freshRow(r row) bool {
	switch {
	case r.other != none:
		return m.fresh(m.others[r.other].denials)
	case r.only != none:
		return m.fresh(m.desk.items[r.only].finding.Denials)
	}
	return slices.ContainsFunc(r.items[:], func(i int) bool { return i != none && m.fresh(m.desk.items[i].finding.Denials) })
}

// freshSign marks what is newest, by more than a colour.
func (m *model) freshSign(fresh bool) string {
	if fresh {
		return m.look.bad.Render("*")
	}
	return " "
}

func (m *model) watching() bool { return m.live != nil && m.reading && !m.ending }
func (m *model) hasNews() bool  { return m.newest != none }

// showNewest puts the cursor on the newest evidence; on it already, on what
// came before, and round again.
func (m *model) showNewest() tea.Cmd {
	type candidate struct {
		subject
		entry int
	}
	var list []candidate
	add := func(s subject, denials []int) {
		if m.fresh(denials) {
			list = append(list, candidate{s, m.latest(denials)})
		}
	}
	for i, it := range m.desk.items {
		if it.state != held { // those are among the others
			add(subject{i, none}, it.finding.Denials)
		}
	}
	for i, o := range m.others {
		if !m.listing {
			add(subject{none, i}, o.denials)
		}
	}
	if len(list) == 0 {
		return m.say("the newest evidence is no finding: v shows the form")
	}
	slices.SortStableFunc(list, func(a, b candidate) int { return cmp.Compare(b.entry, a.entry) })
	now := m.subject()
	at := slices.IndexFunc(list, func(c candidate) bool { return c.subject == now })
	if !m.show(list[(at+1)%len(list)].subject) {
		return m.say("the filter hides the newest evidence: esc drops it")
	}
	return nil
}

// setMark asks what the user is going to do, so that what is refused from then
// on is known to be part of it.
func (m *model) setMark() tea.Cmd {
	m.over = newPrompt("mark: what the user does next, empty for no mark", "", func(m *model, name string) (tea.Cmd, error) {
		m.mark = har.CleanMark(name)
		m.live.Mark(m.mark)
		if m.mark == "" {
			return m.say("no mark from here on"), nil
		}
		return m.say("from here on: %s", m.mark), nil
	})
	return nil
}

// liveWords say at the end of the status line how the capture stands.
func (m *model) liveWords() string {
	s := "live"
	switch {
	case m.ending:
		s = "ending"
	case !m.reading:
		s = "ended"
	case m.mark != "":
		s += " · " + m.text(m.mark)
	}
	if m.lost > 0 {
		s = m.look.bad.Render(report.Count(m.lost, "body")+" lost") + " · " + s
	}
	return ansi.Truncate(s, m.width/2, "…")
}

// endLive ends the capture; the screen goes when all of it has been taken in.
func (m *model) endLive() tea.Cmd {
	m.ending, m.over = true, nil
	m.tell("ending the capture; ctrl+c does not wait for it")
	m.live.Stop()
	return nil
}

// tellBreak tells at once, and once, why a capture that goes on is not whole any more: the person can still do something
// about a full disk.
func (m *model) tellBreak(captures []analyzer.Capture) {
	for _, c := range captures {
		if !c.Complete && c.Problem != m.broke {
			m.broke = c.Problem
			m.fail(errors.New(c.Problem))
		}
	}
}

// liveEnded tells that nothing more comes. The screen stays.
func (m *model) liveEnded() {
	for _, c := range m.captures() {
		if !c.Complete {
			m.fail(errors.New("the capture broke off: " + c.Problem))
			return
		}
	}
	m.tell("the capture has ended; triage goes on with all that it holds")
}

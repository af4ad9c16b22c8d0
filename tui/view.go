package tui

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/charmbracelet/bubbles/key"
	"github.com/charmbracelet/x/ansi"

	"github.com/prvgap/prvgap/analyzer"
	"github.com/prvgap/prvgap/analyzer/report"
)

// The floor below which nothing is shown, and where panes appear.
const (
	leastWidth, leastHeight = 60, 15
	sideWidth               = 112 // the detail goes beside the form
	belowHeight             = 20  // the detail goes below it
	formWidth               = 79  // that the form takes where the detail is beside it
)

// screen is how the terminal is divided.
type screen struct {
	small  bool
	head   int // lines above the tabs
	foot   int // lines of keys
	body   int // lines between tabs and status
	rows   int // lines for rows of the form or list
	grid   int // its columns
	side   bool
	detail int // lines of the detail pane
	aside  int // its columns
}

// measure divides the terminal. The form comes first: it has its rows and columns
// before the detail has any.
func (m *model) measure() screen {
	s := screen{small: m.width < leastWidth || m.height < leastHeight, head: 1, foot: 1}
	if m.height >= belowHeight {
		s.head, s.foot = 2, 2
	}
	s.body = m.height - s.head - s.foot - 2
	s.grid, s.rows = m.width, s.body-1
	switch {
	case m.width >= sideWidth:
		s.side, s.grid = true, max(formWidth, m.width*3/5)
		s.aside, s.detail = m.width-s.grid-2, s.body
	case m.height >= belowHeight:
		s.detail = s.body / 2
		s.aside, s.rows = m.width-1, s.body-1-s.detail-1
	}
	return s
}

// View draws the screen.
func (m *model) View() string {
	if m.quits {
		return ""
	}
	if m.width == 0 || m.height == 0 {
		return "reading…"
	}
	if m.screen.small {
		return m.tooSmall()
	}
	lines := m.header()
	lines = append(lines, m.tabBar())
	lines = append(lines, m.body()...)
	lines = append(lines, m.statusLine())
	lines = append(lines, m.footer()...)
	for i, l := range lines {
		lines[i] = m.look.whole(fit(l, m.width))
	}
	return strings.Join(lines[:min(len(lines), m.height)], "\n")
}

func (m *model) tooSmall() string {
	lines := []string{fmt.Sprintf("need %dx%d, have %dx%d", leastWidth, leastHeight, m.width, m.height), "q quits"}
	for i, l := range lines {
		lines[i] = fit(l, m.width)
	}
	return strings.Join(lines[:min(len(lines), m.height)], "\n")
}

// header says what is being looked at, who was refused, and against which role.
func (m *model) header() []string {
	cs := m.captures()
	name := "no capture yet"
	entries, refused, partial := 0, 0, false
	for _, c := range cs {
		entries, refused = entries+c.Entries, refused+c.Refused
		partial = partial || !c.Complete && c.Problem != ""
	}
	switch {
	case len(cs) == 0 && m.live != nil:
		name = m.text(path.Base(m.cfg.Sources[0].Name))
	case len(cs) > 0:
		name = m.text(path.Base(cs[0].Name))
		if len(cs) > 1 {
			name += " and " + report.Number(len(cs)-1) + " more"
		}
	}
	facts := report.Count(entries, "entry") + " · " + report.Number(refused) + " refused"
	right := m.tally()
	switch {
	case m.watching():
		facts = "live: " + facts
	case m.reading || m.analyzing:
		facts = "reading: " + facts
	}
	if partial || m.partial {
		facts += " · " + m.look.bad.Render("PARTIAL")
	}
	lines := []string{ends(" "+m.look.bold.Render("prvgap")+"  "+name+"  "+m.look.dim.Render(facts), right+" ", m.width)}
	if m.screen.head > 1 {
		lines = append(lines, ends(" "+m.who(), m.base()+" ", m.width))
	}
	return lines
}

// captures returns what is known of the captures, also of those still read.
func (m *model) captures() []analyzer.Capture {
	var cs []analyzer.Capture
	for _, i := range m.pile.order {
		cs = append(cs, m.pile.parts[i].Captures...)
	}
	return cs
}

// tally counts what was decided.
func (m *model) tally() string {
	var parts []string
	if n := m.desk.count(accepted); n > 0 {
		parts = append(parts, m.look.good.Render("+"+report.Number(n)+" accepted"))
	}
	if n := m.desk.count(open); n > 0 {
		parts = append(parts, m.look.bad.Render("?"+report.Number(n)+" to decide"))
	}
	return strings.Join(parts, " ")
}

// who names the first who was refused; the detail names those of a finding.
func (m *model) who() string {
	ps := m.desk.analysis.Principals
	if len(ps) == 0 && len(m.desk.analysis.Denials) > 0 {
		return m.look.dim.Render("the refusals do not say who was refused")
	}
	if len(ps) == 0 {
		return m.look.dim.Render("nobody refused so far")
	}
	name, facts := report.PrincipalWords(ps[0])
	s := m.text(name)
	if len(ps) > 1 {
		s += " and " + report.Number(len(ps)-1) + " more"
	} else if facts != "" {
		s += " " + m.look.dim.Render(m.text(facts))
	}
	return s
}

// base names the role to be added to, or says that without one there is only a
// checklist.
func (m *model) base() string {
	if len(m.cfg.Options.Bases) == 0 {
		return m.look.bad.Render("no base role (b)")
	}
	r := m.cfg.Options.Bases[0]
	s := "base " + m.text(r.Name)
	if n := len(m.cfg.Options.Bases) - 1; n > 0 {
		s += fmt.Sprintf(" and %d more", n)
	}
	return s
}

// segment is a tab's place in the bar.
type segment struct {
	name     string
	from, to int // columns
}

// tabBar draws the tabs with their counts; where they do not fit, it moves so
// that the chosen one is seen.
func (m *model) tabBar() string {
	if m.listing {
		s := " " + m.look.on.Render(listTab) + " " + report.Number(m.current().count)
		return ends(s, m.look.dim.Render("sorted by "+m.sorting.String()+m.filterWords())+" ", m.width)
	}
	line, _ := m.barLine()
	if f := m.filterWords(); f != "" {
		return ends(line, m.look.dim.Render(strings.TrimPrefix(f, " · "))+" ", m.width)
	}
	return line
}

func (m *model) filterWords() string {
	if m.filter == "" {
		return ""
	}
	return " · filter: " + escape(m.filter)
}

// barLine draws the bar, and tells where each tab is for the mouse.
func (m *model) barLine() (string, []segment) {
	var segments []segment
	var parts []string
	at, chosen := 1, 0
	for _, t := range m.tabs {
		count := report.Number(t.count)
		if slices.ContainsFunc(t.rows, m.freshRow) {
			count += "*"
		}
		label := fmt.Sprintf(" %s %s ", t.name, count)
		if t.name == m.tab {
			label, chosen = fmt.Sprintf("[%s %s]", t.name, count), len(segments)
		}
		w := ansi.StringWidth(label)
		segments = append(segments, segment{t.name, at, at + w})
		at += w
		if t.name == m.tab {
			label = m.look.bold.Render(label)
		}
		parts = append(parts, label)
	}
	line := " " + strings.Join(parts, "")
	if at <= m.width || len(segments) == 0 {
		return line, segments
	}
	// Tabs go off at the left, whole, until the chosen one and some of the next
	// are in sight.
	shift := 0
	for i := 0; i < chosen && segments[chosen].to-shift > m.width*2/3 && at-shift > m.width; i++ {
		shift = segments[i+1].from - 1
	}
	if shift > 0 {
		line = "‹" + ansi.TruncateLeft(line, shift+1, "")
	}
	for i := range segments {
		segments[i].from -= shift
		segments[i].to -= shift
	}
	if at-shift > m.width {
		line = ansi.Truncate(line, m.width-1, "") + "›"
	}
	return line, segments
}

// body draws the form or list with its detail, and what is laid over it.
func (m *model) body() []string {
	s := m.screen
	var lines []string
	detail := m.detailLines()
	if s.side {
		for i, l := range m.grid(s.rows + 1) {
			lines = append(lines, fit(l, s.grid)+m.look.dim.Render("│")+" "+detail[i])
		}
	} else {
		lines = m.grid(s.rows + 1)
		if s.detail > 0 {
			lines = append(lines, m.look.dim.Render(strings.Repeat("─", m.width)))
			for _, l := range detail {
				lines = append(lines, " "+l)
			}
		}
	}
	for len(lines) < s.body {
		lines = append(lines, "")
	}
	lines = lines[:s.body]
	if m.over != nil {
		over := m.over.lines(m, m.width, s.body)
		over = over[:min(len(over), s.body)]
		copy(lines[s.body-len(over):], over)
	}
	return lines
}

// statusLine echoes the last act, or holds the prompt.
func (m *model) statusLine() string {
	if p, ok := m.over.(*prompt); ok {
		return " " + p.line(m)
	}
	s := m.status
	if m.private {
		s = mask(s)
	}
	if m.bad {
		s = m.look.bad.Render("! " + s)
	}
	if m.live == nil {
		return " " + s
	}
	return ends(" "+s, m.liveWords()+" ", m.width)
}

// footer lists the keys that are valid now, in one line or two.
func (m *model) footer() []string {
	var keys []key.Binding
	if m.over != nil {
		keys = m.over.keys(m)
	} else {
		for _, a := range m.acts {
			if a.brief && a.valid(m) {
				keys = append(keys, a.Binding)
			}
		}
	}
	// Help and leaving always have their place: who is lost needs them.
	var rest []string
	var tail strings.Builder
	for _, b := range keys {
		part := " " + m.look.bold.Render(b.Help().Key) + " " + b.Help().Desc + " "
		if k := b.Help().Key; m.over == nil && (k == "?" || k == "q") {
			tail.WriteString(part)
		} else {
			rest = append(rest, part)
		}
	}
	lines := make([]string, m.screen.foot)
	at := 0
	for _, part := range rest {
		for at < len(lines) {
			room := m.width
			if at == len(lines)-1 {
				room -= ansi.StringWidth(tail.String())
			}
			if ansi.StringWidth(lines[at]+part) <= room {
				lines[at] += part
				break
			}
			at++
		}
	}
	at = min(at, len(lines)-1)
	if at < len(lines)-1 && ansi.StringWidth(lines[at]+tail.String()) > m.width {
		at++
	}
	lines[at] += tail.String()
	return lines
}

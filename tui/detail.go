package tui

import (
	"fmt"
	"strings"

	"github.com/charmbracelet/x/ansi"

	"github.com/prvgap/prvgap/analyzer/report"
	"github.com/prvgap/prvgap/catalog"
)

// drawn is the text of the detail pane, kept as long as it stays the same.
type drawn struct {
	subject subject
	version int
	width   int
	lines   []string
	top     int
}

// mostDenials bounds how many denials are shown of one finding; a hundred
// thousand alike teach nothing that these do not.
const mostDenials = 50

// drawDetail makes the text of what the cursor is on, if it changed.
func (m *model) drawDetail() {
	s := m.subject()
	if m.screen.aside <= 0 {
		m.drawn = drawn{}
		return
	}
	d := m.drawn
	if d.subject == s && d.version == m.desk.version && d.width == m.screen.aside && d.lines != nil {
		m.drawn.top = max(0, min(d.top, len(d.lines)-m.screen.detail))
		return
	}
	m.drawn = drawn{subject: s, version: m.desk.version, width: m.screen.aside, lines: m.describe(s, m.screen.aside)}
	if d.subject == s {
		m.drawn.top = max(0, min(d.top, len(m.drawn.lines)-m.screen.detail))
	}
}

// detailLines returns exactly as many lines as the pane has.
func (m *model) detailLines() []string {
	lines := make([]string, m.screen.detail)
	n := 0
	if m.drawn.top < len(m.drawn.lines) {
		n = copy(lines, m.drawn.lines[m.drawn.top:])
	}
	if rest := len(m.drawn.lines) - m.drawn.top - n; rest > 0 && len(lines) > 1 {
		lines[len(lines)-1] = m.look.dim.Render(fmt.Sprintf("… %s more: e shows all", report.Count(rest+1, "line")))
	}
	for i := range lines {
		lines[i] = fit(lines[i], m.screen.aside)
	}
	return lines
}

// describe says all about a subject, within a width.
func (m *model) describe(s subject, width int) []string {
	switch {
	case s.item != none:
		return m.describeItem(m.desk.items[s.item], width)
	case s.other != none:
		return m.describeOther(m.others[s.other], width)
	}
	var lines []string
	for _, n := range m.desk.analysis.Notes {
		lines = append(lines, wrap(m.text(n), width, 0)...)
	}
	for _, a := range m.desk.analysis.Advice {
		lines = append(lines, wrap(m.text(report.NoteWords(a)), width, 0)...)
	}
	return lines
}

// factIndent is the width of the words before a fact.
const factIndent = 8

// fact is a line of the detail with its name before it, and nothing without text.
func (m *model) fact(name, text string, width int) []string {
	if text == "" {
		return nil
	}
	lines := wrap(m.text(text), width-factIndent, 0)
	for i, l := range lines {
		lines[i] = m.look.dim.Render(fit(name, factIndent)) + l
		name = ""
	}
	return lines
}

// describeItem has the questions in the order in which they are asked: what, why,
// for what, how, who, and the proof last, because it is long.
func (m *model) describeItem(it item, width int) []string {
	f := it.finding
	where := report.RowLabel(f)
	if c := report.Column(f); c != "" {
		where += ", " + c
	}
	lines := []string{fit(m.look.bold.Render(short(where)), width)}
	lines = append(lines, m.verdict(it, width)...)
	why := f
	why.RequiredFor, why.Silent, why.Marks = nil, false, nil
	lines = append(lines, m.fact("why", report.Reasons(why), width)...)
	for _, a := range f.Advice {
		lines = append(lines, m.fact("advice", report.AdviceWords(a), width)...)
	}
	needed := strings.Join(f.RequiredFor, ", ")
	if f.Silent {
		needed = joined(needed, "fails silently")
	}
	lines = append(lines, m.fact("for", needed, width)...)
	lines = append(lines, m.fact("during", strings.Join(f.Marks, ", "), width)...)
	lines = append(lines, m.fact("note", it.note, width)...)
	if it.state == ignored {
		reason := it.why()
		if it.until != "" {
			reason += ", until " + it.until
		}
		lines = append(lines, m.fact("ignored", reason, width)...)
	}
	clicks := f
	clicks.Depth = it.depth
	lines = append(lines, m.fact("clicks", report.Place(f)+" › "+where+": "+report.Clicks(clicks), width)...)
	lines = append(lines, m.fact("levels", m.levels(it), width)...)
	lines = append(lines, m.fact("name", f.Privilege.Name, width)...)
	lines = append(lines, m.fact("who", m.principals(f.Principals), width)...)
	return append(lines, m.denials(f.Denials, width)...)
}

// verdict says from which level to which, and what stands of it; on two lines
// where one is too short.
func (m *model) verdict(it item, width int) []string {
	change := m.change(it) + m.look.mark(it) + " " + it.finding.Privilege.LevelLabel(it.finding.Held) + " to " + it.finding.Privilege.LevelLabel(it.depth)
	words := m.look.style(it).Render(stateWords(it))
	if ansi.StringWidth(change)+2+ansi.StringWidth(words) <= width {
		return []string{change + "  " + words}
	}
	return []string{fit(change, width), fit("     "+words, width)}
}

// levels lists the legal depths, the chosen one in brackets.
func (m *model) levels(it item) string {
	if it.switches() {
		return "off · [on]"
	}
	var parts []string
	for _, d := range it.legal().List() {
		s := m.look.depth(d) + " " + d.Label()
		if d == it.depth {
			s = "[" + s + "]"
		}
		parts = append(parts, s)
	}
	if !it.finding.Legal.Known() {
		parts = append(parts, "others are not known to be legal")
	}
	return strings.Join(parts, " · ")
}

// principals names who was refused; a capture can hold thousands.
func (m *model) principals(ids []string) string {
	var parts []string
	for _, p := range m.desk.analysis.Principals {
		for _, id := range ids {
			if p.ID == id {
				who, facts := report.PrincipalWords(p)
				parts = append(parts, strings.TrimSuffix(who+" ("+facts+")", " ()"))
			}
		}
		if len(parts) == 8 {
			parts = append(parts, "and others")
			break
		}
	}
	return strings.Join(parts, "; ")
}

// describeOther says what to do in place of a grant.
func (m *model) describeOther(o other, width int) []string {
	lines := []string{fit(m.look.bold.Render(m.text(o.what)), width)}
	lines = append(lines, m.fact("about", first(o.about), width)...)
	lines = append(lines, m.fact("advice", o.advice, width)...)
	return append(lines, m.denials(o.denials, width)...)
}

// denials lists requests, and a message once below the first that has it.
func (m *model) denials(indexes []int, width int) []string {
	var lines []string
	seen := map[string]bool{}
	for n, i := range indexes {
		if n == mostDenials {
			lines = append(lines, m.look.dim.Render("and "+report.Number(len(indexes)-n)+" more requests"))
			break
		}
		d := m.desk.analysis.Denials[i]
		at := "no time"
		if !d.Time.IsZero() {
			at = d.Time.UTC().Format("15:04:05")
		}
		if d.Part > 0 {
			at += fmt.Sprintf(" part %d", d.Part)
		}
		if d.Mark != "" {
			at += ", during " + d.Mark + ","
		}
		lines = append(lines, wrap(m.text(fmt.Sprintf("%s %s %d %s", at, d.Method, d.Status, d.URL)), width, 2)...)
		if whose := report.Context(d); whose != "" {
			lines = append(lines, m.fact("", whose, width)...)
		}
		switch {
		case d.Message == "":
			lines = append(lines, m.look.dim.Render("  the capture holds no text for it"))
		case seen[d.Message]:
			lines = append(lines, m.look.dim.Render("  the same message"))
		default:
			for _, l := range wrap("  "+m.text(d.Message), width, 2) {
				lines = append(lines, m.look.dim.Render(l))
			}
			seen[d.Message] = true
		}
		if d.Depth != catalog.None {
			lines = append(lines, m.look.dim.Render("  it asks for "+d.Depth.Label()))
		}
	}
	return lines
}

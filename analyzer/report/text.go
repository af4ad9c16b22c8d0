package report

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"strings"

	"github.com/charmbracelet/lipgloss"
	"github.com/charmbracelet/x/ansi"
	"github.com/muesli/termenv"

	"github.com/prvgap/prvgap/analyzer"
	"github.com/prvgap/prvgap/catalog"
)

// wide is the width from which labels get more room.
const wide = 110

// page writes text for a terminal of a width.
type page struct {
	w     *bufio.Writer
	width int

	bold, dim, good, bad lipgloss.Style
}

func newPage(w io.Writer, o Options) *page {
	lr := lipgloss.NewRenderer(io.Discard)
	lr.SetColorProfile(termenv.Ascii)
	if o.Color {
		lr.SetColorProfile(termenv.ANSI)
	}
	return &page{
		w: bufio.NewWriter(w), width: max(40, cmp.Or(o.Width, 80)),
		bold: lr.NewStyle().Bold(true), dim: lr.NewStyle().Faint(true),
		good: lr.NewStyle().Foreground(lipgloss.Color("2")), bad: lr.NewStyle().Foreground(lipgloss.Color("3")),
	}
}

func (p *page) line(s string) {
	fmt.Fprintln(p.w, strings.TrimRight(ansi.Truncate(s, p.width, "…"), " "))
}

// wrapped writes s within the width, each line behind indent blanks.
func (p *page) wrapped(s string, indent int, style lipgloss.Style) {
	for _, line := range wrap(s, p.width-indent) {
		fmt.Fprintf(p.w, "%s%s\n", strings.Repeat(" ", indent), style.Render(line))
	}
}

// hyphen keeps a flag or a GUID in one piece: the library always breaks at "-".
var hyphen = strings.NewReplacer("-", "\u2011")

// wrap breaks a line at blanks, or anywhere where a word is too long.
func wrap(s string, width int) []string {
	wrapped := ansi.Hardwrap(ansi.Wordwrap(hyphen.Replace(s), width, ""), width, false)
	lines := strings.Split(strings.ReplaceAll(wrapped, "\u2011", "-"), "\n")
	for i, line := range lines {
		lines[i] = strings.TrimRight(line, " ")
	}
	return lines
}

// fact writes a line of the head: what, value, and more about it.
func (p *page) fact(what, value, more string) {
	value, more = plain(value), plain(more)
	if more == "" {
		p.line(fmt.Sprintf("%-9s %s", what, value))
		return
	}
	line := fmt.Sprintf("%-9s %s", what, pad(value, 24))
	if ansi.StringWidth(line)+1+ansi.StringWidth(more) <= p.width {
		p.line(line + " " + p.dim.Render(more))
		return
	}
	p.line(fmt.Sprintf("%-9s %s", what, value))
	p.wrapped(more, 10, p.dim)
}

func pad(s string, width int) string {
	return s + strings.Repeat(" ", max(0, width-ansi.StringWidth(s)))
}

func writeText(w io.Writer, r Report, o Options) error {
	p := newPage(w, o)
	p.head(r, o.Verbose)
	p.findings(r, o.Verbose)
	p.others(r, o.Verbose)
	p.comparison(r)
	p.foot(r, o.Verbose)
	return p.w.Flush()
}

// headMost is how many captures and principals the head lists unasked.
const headMost = 6

func (p *page) head(r Report, verbose bool) {
	for i, c := range r.Captures {
		if i == headMost && !verbose && len(r.Captures) > headMost+1 {
			p.wrapped("and "+thousands(len(r.Captures)-i)+" more captures", 10, p.dim)
			break
		}
		more := []string{plural(c.Entries, "entry"), thousands(c.Refused) + " refused"}
		for _, s := range []string{c.Creator, span(c)} {
			if s != "" {
				more = append(more, s)
			}
		}
		p.fact("capture", c.Name, strings.Join(more, " · "))
		if !c.Complete {
			p.wrapped("PARTIAL: "+plain(c.Problem), 10, p.bad)
		} else if c.Problem != "" {
			p.wrapped("note: "+plain(c.Problem), 10, p.dim)
		}
	}
	for i, who := range r.Principals {
		name, facts := principalWords(who)
		what := "who"
		if i > 0 {
			what = ""
		}
		if i == headMost && !verbose && len(r.Principals) > headMost+1 {
			p.wrapped("and "+thousands(len(r.Principals)-i)+" more", 10, p.dim)
			break
		}
		p.fact(what, name, facts)
	}
	for _, base := range r.bases() {
		p.fact("base", base.Name, plural(base.Len(), "grant")+" · "+base.Source)
	}
	for _, n := range r.Notes {
		fmt.Fprintln(p.w)
		p.wrapped(plain(n), 0, p.bad)
	}
	for _, a := range r.Advice {
		fmt.Fprintln(p.w)
		p.wrapped(plain(noteWords(a)), 0, p.bad)
	}
}

// findings writes the additions, tab by tab in the form's order.
func (p *page) findings(r Report, verbose bool) {
	notes := newSaid(r.Findings, false, verbose)
	tab := ""
	for _, f := range r.Findings {
		if !f.Gap() {
			continue
		}
		if place(f) != tab {
			tab = place(f)
			fmt.Fprintln(p.w)
			p.line(p.bold.Render(strings.ToUpper(plain(tab))))
		}
		p.finding(f, notes)
		if verbose {
			p.evidence(r, f.Denials)
		}
	}
	head := "HELD BY THE BASE, YET DENIED"
	for _, f := range r.Findings {
		if f.Gap() || f.Ignored != nil {
			continue
		}
		p.heading(&head)
		p.finding(f, notes)
		if verbose {
			p.evidence(r, f.Denials)
		}
	}
	head = "LEFT ALONE, AS DECIDED"
	for _, f := range r.Findings {
		if f.Ignored != nil {
			p.heading(&head)
			p.line(fmt.Sprintf("  %s %s %d×", pad(clip(f.Privilege.Name, 36), 36), p.dim.Render(plain(f.Ignored.Reason)), len(f.Denials)))
		}
	}
	head = "ADVICE"
	for i, words := range notes.words {
		p.heading(&head)
		p.hanging(fmt.Sprintf("  [%d] ", i+1), words)
	}
}

// hanging writes a text behind a mark, its other lines under the first.
func (p *page) hanging(mark, text string) {
	for _, line := range wrap(plain(text), p.width-len(mark)) {
		fmt.Fprintf(p.w, "%s%s\n", mark, p.dim.Render(line))
		mark = strings.Repeat(" ", len(mark))
	}
}

// heading writes a heading once.
func (p *page) heading(head *string) {
	if *head != "" {
		fmt.Fprintln(p.w)
		p.line(p.bold.Render(*head))
		*head = ""
	}
}

// clip shortens a name to a column.
func clip(s string, width int) string { return ansi.Truncate(plain(s), width, "…") }

// finding writes row, column, depths and count, and the reasons behind them or,
// where they are longer, below; then the advice that is about it alone.
func (p *page) finding(f analyzer.Finding, notes said) {
	refs, own := notes.of(f)
	p.findingLine(f, withRefs(plain(reasons(f)), refs))
	for _, words := range own {
		p.hanging("      - ", words)
	}
}

// findingLine writes a finding without its advice.
func (p *page) findingLine(f analyzer.Finding, why string) {
	label := max(10, min(26, 26-(80-p.width)))
	if p.width >= wide {
		label = 36
	}
	x := f.Privilege
	arrow, depth := x.LevelSymbol(f.Held)+" → "+x.LevelSymbol(f.Depth), f.Depth
	if !f.Gap() {
		arrow, depth = "    "+x.LevelSymbol(f.Held), f.Held
	}
	times := fmt.Sprintf(" %3d×", len(f.Denials))
	rest := fmt.Sprintf(" %s %s  %s ", pad(column(f), 9), p.good.Render(arrow), pad(depth.Label(), 13))
	if x.Section == catalog.Switch { // neither column nor level: the arrow has the words
		label += 10
		rest = fmt.Sprintf(" %s  ", p.good.Render(arrow))
	}
	label = max(8, min(label, p.width-ansi.StringWidth("  "+rest+times))) // one depth has a long name
	line := "  " + pad(clip(rowLabel(f), label), label) + rest
	room := p.width - ansi.StringWidth(line) - ansi.StringWidth(times)
	if ansi.StringWidth(why) <= room {
		p.line(line + pad(p.dim.Render(why), room) + times)
		return
	}
	p.line(pad(line, p.width-ansi.StringWidth(times)) + times)
	p.wrapped(why, 6, p.dim)
}

// evidence writes every denial with its request and message.
func (p *page) evidence(r Report, denials []int) {
	for _, i := range denials {
		d := r.Denials[i]
		at := fmt.Sprintf("entry %d", d.Entry)
		if d.Part > 0 {
			at += fmt.Sprintf(" part %d", d.Part)
		}
		if len(r.Captures) > 1 {
			at = r.Captures[d.Capture].Name + " " + at
		}
		if d.Mark != "" {
			at += ", during " + d.Mark + ","
		}
		p.wrapped(plain(strings.Join([]string{stamp(d.Time), at, d.Method, fmt.Sprint(d.Status), d.URL}, " ")), 6, p.dim)
		if whose := context(d); whose != "" {
			p.wrapped(plain(whose), 8, p.dim)
		}
		if d.Message != "" {
			p.wrapped(plain(d.Message), 8, p.dim)
		}
	}
}

// others writes what no role cures, and what was not understood.
func (p *page) others(r Report, verbose bool) {
	head := "NOT A ROLE GAP"
	for _, v := range r.verdicts() {
		p.heading(&head)
		about := p.width - 26
		p.line(fmt.Sprintf("  %s %s %3d×", pad(causeWords(v.cause), 18), pad(clip(v.what, about), about), len(v.denials)))
		p.wrapped(plain(v.advice), 6, p.dim)
		if verbose {
			p.evidence(r, v.denials)
		}
	}
	head = "NOT UNDERSTOOD"
	for _, i := range r.Proposal.Unexplained {
		if !verbose {
			break
		}
		p.heading(&head)
		d := r.Denials[i]
		what := d.Shape
		if d.Suspected != "" {
			what += ", suspected " + d.Suspected
		}
		p.line("  " + plain(what))
		p.wrapped(plain(d.Advice), 6, p.dim)
		p.evidence(r, []int{i})
	}
}

func (p *page) foot(r Report, verbose bool) {
	fmt.Fprintln(p.w)
	s := r.summary()
	if n := len(r.Proposal.Unexplained); n > 0 && !verbose {
		s += " (--verbose shows " + map[bool]string{true: "it", false: "them"}[n == 1] + ")"
	}
	p.wrapped(s, 0, p.bold)
	if !r.Complete() {
		p.wrapped("PARTIAL: this covers only what could be read.", 0, p.bad)
	}
	if r.Next != "" {
		p.wrapped("next: "+plain(r.Next), 0, p.dim)
	}
}

// summary counts what became of the denials.
func (r Report) summary() string {
	t := r.tally()
	var parts []string
	switch {
	case len(r.Denials) == 0:
		return "nothing was refused"
	case len(r.Proposal.Grants) > 0:
		verb := " answer "
		if len(r.Proposal.Grants) == 1 {
			verb = " answers "
		}
		parts = append(parts, plural(len(r.Proposal.Grants), "grant")+verb+thousands(t.answered)+" of "+plural(t.roleGap, "denial"))
	default:
		parts = append(parts, "nothing to add: "+plural(t.roleGap, "denial")+" of privileges or records")
	}
	for _, c := range []struct {
		n    int
		what string
	}{
		{t.held, "held already"},
		{t.ignored, "ignored"},
		{t.unexplained, "not understood"},
		{t.other, "not a role gap"},
	} {
		if c.n > 0 {
			parts = append(parts, thousands(c.n)+" "+c.what)
		}
	}
	return strings.Join(parts, " · ")
}

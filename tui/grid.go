package tui

import (
	"fmt"
	"strings"

	"github.com/charmbracelet/lipgloss"

	"github.com/prvgap/prvgap/analyzer/report"
	"github.com/prvgap/prvgap/catalog"
)

// Widths of a cell: roomy enough for the full heads where the form has them.
const (
	roomyCell, roomyFrom = 7, 78
	tightCell            = 5
	switchWidth          = 9 // off→on takes more than a circle
)

// cellWidth goes by the pane, not the terminal: the detail may lie beside it.
func (m *model) cellWidth() int {
	if m.screen.grid >= roomyFrom {
		return roomyCell
	}
	return tightCell
}

// heads are the form's column heads, in full and for tight cells.
func heads(tight bool) [columns]string {
	if tight {
		return [columns]string{"Cre", "Rea", "Wri", "Del", "App", "ApT", "Asg", "Sha"}
	}
	return [columns]string{"Create", "Read", "Write", "Delete", "Append", "App To", "Assign", "Share"}
}

// grid draws the rows of the current tab in high lines, the first its heads.
func (m *model) grid(high int) []string {
	t := m.current()
	p := m.places[t.name]
	lines := []string{m.headLine(t)}
	for i := p.top; i < len(t.rows) && len(lines) < high; i++ {
		lines = append(lines, m.rowLine(t, t.rows[i], i == p.row, p.column))
	}
	if len(t.rows) == 0 {
		lines = append(lines, "", "  "+m.emptyWords())
	}
	for len(lines) < high {
		lines = append(lines, "")
	}
	return lines[:high]
}

// emptyWords says why there is nothing to see.
func (m *model) emptyWords() string {
	switch {
	case m.filter != "":
		return "Nothing matches the filter. esc drops it."
	case m.watching():
		return "Watching the browser; what it is refused appears here at once."
	case m.reading || m.analyzing:
		return "Reading; what was refused appears here as it is found."
	case len(m.captures()) == 0:
		return "No capture could be read. q quits."
	case len(m.desk.analysis.Denials) == 0:
		return "Nothing was refused in these captures."
	}
	return "Nothing is missing."
}

// labelWidth is what the cells leave for the label of a row.
func (m *model) labelWidth() int { return m.screen.grid - columns*m.cellWidth() - 2 }

func (m *model) headLine(t tab) string {
	switch {
	case t.switches:
		return m.look.dim.Render("  " + fit("Permission", m.labelWidth()) + " Switch")
	case t.form:
		var s strings.Builder
		s.WriteString("  " + fit("Table", m.labelWidth()))
		for _, h := range heads(m.cellWidth() == tightCell) {
			s.WriteString(fit(" "+h, m.cellWidth()))
		}
		return m.look.dim.Render(s.String())
	case m.listing:
		return m.look.dim.Render("  " + fit("Row", m.listLabel()) + "Column    Base   " + fit("Level", m.listLevel()) + " Decision   Seen")
	}
	return m.look.dim.Render("  What")
}

// rowLine draws a row of whichever kind the tab has.
func (m *model) rowLine(t tab, r row, here bool, column int) string {
	pointer := " "
	if here {
		pointer = m.look.bold.Render("▸")
	}
	pointer += m.freshSign(m.freshRow(r))
	label := r.label
	if m.private {
		label = mask(label)
	}
	switch {
	case r.other != none:
		return pointer + m.otherLine(m.others[r.other], here)
	case m.listing:
		return pointer + m.listLine(m.desk.items[r.only], label, here)
	case r.only != none:
		return pointer + m.miscLine(m.desk.items[r.only], label, here)
	}
	var s strings.Builder
	s.WriteString(pointer + m.emphasis(here).Render(fit(label, m.labelWidth()-1)) + " ")
	base := m.cells[r.table]
	for c := range columns {
		s.WriteString(m.cell(r.items[c], base[c], here && c == column))
	}
	return s.String()
}

func (m *model) emphasis(here bool) lipgloss.Style {
	if here {
		return m.look.bold
	}
	return lipgloss.NewStyle()
}

// cell draws one circle of the form: what is held, and where something was
// denied, what is to become of it. A sign leads the cell that the cursor is on.
func (m *model) cell(i int, base cell, here bool) string {
	width := m.cellWidth()
	if i == none {
		s := " " // no such privilege
		switch {
		case base.exists && len(m.cfg.Options.Bases) == 0:
			s = "·" // what is held is not known
		case base.exists:
			s = m.look.depth(base.held)
		}
		return fit(" "+m.look.dim.Render(s), width)
	}
	it := m.desk.items[i]
	s := m.change(it) + m.look.mark(it)
	if here {
		return fit(m.look.bold.Render("▸")+m.look.pick.Render(s), width)
	}
	return fit(m.freshSign(m.fresh(it.finding.Denials))+m.look.style(it).Render(s), width)
}

// switchCell draws a switch, which takes more room than a circle.
func (m *model) switchCell(it item, here bool) string {
	s := m.change(it) + m.look.mark(it)
	if here {
		return fit(m.look.bold.Render("▸")+m.look.pick.Render(s), switchWidth)
	}
	return fit(" "+m.look.style(it).Render(s), switchWidth)
}

// change draws base depth → depth to be.
func (m *model) change(it item) string {
	if it.switches() {
		p := it.finding.Privilege
		return p.LevelSymbol(it.finding.Held) + m.look.sign("→", ">") + p.LevelSymbol(it.depth)
	}
	return m.look.depth(it.finding.Held) + m.look.sign("→", ">") + m.look.depth(it.depth)
}

// level is the depth to be in words; a switch says it in its change already.
func (m *model) level(it item) string {
	if it.switches() {
		return ""
	}
	return it.depth.Label()
}

// miscLine draws a miscellaneous privilege: one circle, with its words.
func (m *model) miscLine(it item, label string, here bool) string {
	s := m.emphasis(here).Render(fit(label, m.labelWidth()-1)) + " "
	if it.switches() {
		return s + m.switchCell(it, here) + m.look.dim.Render(fit(" "+stateWords(it), columns*m.cellWidth()-switchWidth))
	}
	return s + m.cell(m.desk.at[it.key()], cell{}, here) + fit(m.look.dim.Render(" "+it.depth.Label()+" · "+stateWords(it)), (columns-1)*m.cellWidth())
}

// listLabel is what the other columns of the list leave for the label.
func (m *model) listLabel() int { return m.screen.grid - 2 - listFixed - m.listLevel() }

// listFixed is the width of column, circles, decision and count.
const listFixed = 35

// listLevel is the width of the level's words; half of them will do.
func (m *model) listLevel() int {
	if m.screen.grid < roomyFrom {
		return 9
	}
	return 15
}

// listLine has everything that the form shows by place in words.
func (m *model) listLine(it item, label string, here bool) string {
	arrow := m.change(it) + m.look.mark(it)
	if here {
		arrow = m.look.pick.Render(arrow)
	} else {
		arrow = m.look.style(it).Render(arrow)
	}
	words, _, _ := strings.Cut(strings.TrimSuffix(stateWords(it), " by the evidence"), ",")
	if it.stale != catalog.None || it.state == open {
		words = "to decide"
	}
	return m.emphasis(here).Render(fit(label, m.listLabel()-1)) + " " + fit(report.Column(it.finding), 10) + fit(arrow, 7) +
		fit(m.level(it), m.listLevel()) + " " + fit(words, 10) + fmt.Sprintf("%4d×", len(it.finding.Denials))
}

// otherLine has no circles: there is nothing to set.
func (m *model) otherLine(o other, here bool) string {
	width := m.screen.grid - 2
	about := width - 30 - 6
	return m.emphasis(here).Render(fit(m.text(o.what), 29)) + " " + fit(m.text(first(o.about)), about) + fmt.Sprintf("%4d×", len(o.denials))
}

// first bounds a text that only its beginning is shown of.
func first(s string) string { return s[:min(len(s), 4*longest)] }

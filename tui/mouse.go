package tui

import tea "github.com/charmbracelet/bubbletea"

// wheelStep is how many rows a notch of the wheel moves.
const wheelStep = 3

// click moves the cursor to where the mouse is. It never decides anything: a
// slip of the hand must not grant.
func (m *model) click(e tea.MouseMsg) tea.Cmd {
	if m.screen.small || !m.mouse {
		return nil
	}
	m.touched = true
	if s, ok := m.over.(*sheet); ok {
		switch e.Button {
		case tea.MouseButtonWheelUp:
			s.top = max(0, s.top-wheelStep)
		case tea.MouseButtonWheelDown:
			s.make(m)
			s.top = max(0, min(s.top+wheelStep, len(s.made)-(m.screen.body-1)))
		}
	}
	if m.over != nil || !m.hasRows() {
		return nil
	}
	switch {
	case e.Button == tea.MouseButtonWheelUp:
		return move(-wheelStep)(m)
	case e.Button == tea.MouseButtonWheelDown:
		return move(wheelStep)(m)
	case e.Button != tea.MouseButtonLeft || e.Action != tea.MouseActionPress:
		return nil
	case e.Y == m.screen.head:
		m.clickTab(e.X)
	default:
		m.clickRow(e.X, e.Y-m.screen.head-2)
	}
	return nil
}

func (m *model) clickTab(x int) {
	if m.listing {
		return
	}
	_, segments := m.barLine()
	for _, s := range segments {
		if x >= s.from && x < s.to {
			m.tab = s.name
		}
	}
}

// clickRow takes a line below the column heads.
func (m *model) clickRow(x, line int) {
	t := m.current()
	p := m.places[t.name]
	i := p.top + line
	if line < 0 || line >= m.screen.rows || i >= len(t.rows) || x >= m.screen.grid {
		return
	}
	p.row, p.key = i, t.rows[i].key
	if c := (x - 2 - m.labelWidth()) / m.cellWidth(); t.form && c >= 0 && c < columns {
		p.column = c
	}
	m.places[t.name] = p
}

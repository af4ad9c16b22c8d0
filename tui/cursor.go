package tui

import (
	"slices"

	tea "github.com/charmbracelet/bubbletea"
)

// farAway is a move to the end.
const farAway = 1 << 30

// place is where the cursor is on a tab. The key leads it back to its row when
// rows appear above.
type place struct {
	key    string
	row    int
	column int
	top    int // first row on the screen
}

// current returns the tab that is shown, which is empty while nothing is known.
func (m *model) current() tab {
	if m.listing && len(m.tabs) > 0 {
		return m.tabs[0]
	}
	for _, t := range m.tabs {
		if t.name == m.tab {
			return t
		}
	}
	return tab{}
}

// settle brings screen and cursor into line with what is there; it runs after
// every message, so that drawing only has to look. Until the first key the
// cursor is on the first row, however many appear above it.
func (m *model) settle() {
	m.screen = m.measure()
	if !m.touched && len(m.tabs) > 0 && !m.listing {
		m.tab = m.tabs[0].name
		clear(m.places)
	}
	t := m.current()
	p := m.places[t.name]
	if i := slices.IndexFunc(t.rows, func(r row) bool { return r.key == p.key }); p.key != "" && i >= 0 {
		p.row = i
	}
	p.row = max(0, min(p.row, len(t.rows)-1))
	if len(t.rows) > 0 {
		r := t.rows[p.row]
		p.key = r.key
		if r.only == none && r.other == none {
			p.column = nearest(r, p.column)
		}
	}
	high := max(1, m.screen.rows)
	p.top = max(0, min(p.top, len(t.rows)-high))
	switch {
	case p.row < p.top:
		p.top = p.row
	case p.row >= p.top+high:
		p.top = p.row - high + 1
	}
	m.places[t.name] = p
	m.drawDetail()
}

// nearest returns the column with an item that is nearest to another.
func nearest(r row, column int) int {
	for away := range columns {
		for _, c := range []int{column - away, column + away} {
			if c >= 0 && c < columns && r.items[c] != none {
				return c
			}
		}
	}
	return column
}

// subject is what the cursor is on: an item, an other, or nothing.
type subject struct {
	item, other int
}

// subject tells what the cursor is on from the row and the column.
func (m *model) subject() subject {
	t := m.current()
	p := m.places[t.name]
	s := subject{none, none}
	if p.row >= len(t.rows) {
		return s
	}
	r := t.rows[p.row]
	switch {
	case r.other != none:
		s.other = r.other
	case r.only != none:
		s.item = r.only
	default:
		s.item = r.items[min(p.column, columns-1)]
	}
	return s
}

// item returns the item under the cursor; ok is false where there is none.
func (m *model) item() (it item, ok bool) {
	if i := m.subject().item; i != none {
		return m.desk.items[i], true
	}
	return it, false
}

// What is possible where the cursor is.

func (m *model) onItem() bool    { return m.subject().item != none }
func (m *model) onSubject() bool { return m.subject() != subject{none, none} }
func (m *model) hasRows() bool   { return len(m.current().rows) > 0 }
func (m *model) hasItems() bool  { return len(m.desk.items) > 0 }
func (m *model) hasTabs() bool   { return !m.listing && len(m.tabs) > 1 }
func (m *model) inList() bool    { return m.listing && m.hasRows() }
func (m *model) inForm() bool    { return m.current().form }
func (m *model) hasDetail() bool { return m.screen.detail > 0 && len(m.drawn.lines) > m.screen.detail }
func (m *model) canUndo() bool   { return len(m.desk.done) > 0 }
func (m *model) canRedo() bool   { return len(m.desk.undone) > 0 }
func (m *model) isFiltered() bool {
	return m.filter != ""
}

// move moves the cursor by rows.
func move(by int) func(*model) tea.Cmd {
	return func(m *model) tea.Cmd {
		t := m.current()
		p := m.places[t.name]
		p.row = max(0, min(p.row+by, len(t.rows)-1))
		p.key = t.rows[p.row].key
		m.places[t.name] = p
		return nil
	}
}

// page moves the cursor by screens.
func page(by int) func(*model) tea.Cmd {
	return func(m *model) tea.Cmd { return move(by * max(1, m.screen.rows-1))(m) }
}

// sideways moves the cursor to the next cell with a finding.
func sideways(by int) func(*model) tea.Cmd {
	return func(m *model) tea.Cmd {
		t := m.current()
		p := m.places[t.name]
		r := t.rows[p.row]
		for c := p.column + by; c >= 0 && c < columns; c += by {
			if r.only == none && r.items[c] != none {
				p.column = c
				m.places[t.name] = p
				break
			}
		}
		return nil
	}
}

// turn goes to another tab, round at the ends.
func turn(by int) func(*model) tea.Cmd {
	return func(m *model) tea.Cmd {
		i := slices.IndexFunc(m.tabs, func(t tab) bool { return t.name == m.tab })
		m.tab = m.tabs[(i+by+len(m.tabs))%len(m.tabs)].name
		return nil
	}
}

// scrollDetail moves the text of the detail pane.
func scrollDetail(by int) func(*model) tea.Cmd {
	return func(m *model) tea.Cmd {
		step := max(1, m.screen.detail-2)
		m.drawn.top = max(0, min(m.drawn.top+by*step, len(m.drawn.lines)-m.screen.detail))
		return nil
	}
}

// choose puts the cursor on an item, wherever it is shown.
func (m *model) choose(key string) {
	if i, ok := m.desk.at[key]; ok {
		m.show(subject{i, none})
	}
}

// show puts the cursor on a subject, and reports whether it is on any tab.
func (m *model) show(s subject) bool {
	for _, t := range m.tabs {
		for i, r := range t.rows {
			column := slices.Index(r.items[:], s.item)
			switch {
			case s.item == none && r.other != s.other:
				continue
			case s.item != none && r.only != s.item && column < 0:
				continue
			}
			p := m.places[t.name]
			p.key, p.row, p.column = r.key, i, max(0, column)
			m.places[t.name] = p
			if !m.listing {
				m.tab = t.name
			}
			return true
		}
	}
	return false
}

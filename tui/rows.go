package tui

import (
	"cmp"
	"slices"
	"strings"

	"github.com/prvgap/prvgap/analyzer"
	"github.com/prvgap/prvgap/analyzer/report"
	"github.com/prvgap/prvgap/analyzer/role"
	"github.com/prvgap/prvgap/catalog"
)

// columns is how many actions a row of the form has.
const columns = 8

// none stands for an index of nothing.
const none = -1

// cell is what the bases hold where nothing was denied.
type cell struct {
	exists bool
	held   catalog.Depth
}

type cells [columns]cell

// formCells looks up what the bases hold in the rows of all findings. It runs
// beside the screen: a lookup that finds nothing reads the whole catalog.
func formCells(a analyzer.Analysis, bases []role.Role) map[string]cells {
	cat := a.Facts.Catalog()
	all := map[string]cells{}
	for _, f := range a.Findings {
		table := f.Privilege.Table
		if _, done := all[table]; done || table == "" {
			continue
		}
		var c cells
		for i, action := range catalog.Actions() {
			p, ok := cat.ByTable(table, action)
			c[i].exists = ok
			for _, r := range bases {
				c[i].held = max(c[i].held, r.Holds(p.Name))
			}
		}
		all[table] = c
	}
	return all
}

// row is a line of a tab: a table with its eight cells, a miscellaneous
// privilege, or a group of denials that no role answers.
type row struct {
	key   string
	label string // escaped
	table string
	items [columns]int // indexes of items, or none
	only  int          // the item of a miscellaneous privilege or of the list, or none
	other int          // index of an other, or none
}

// tab is a tab of the form with its rows.
type tab struct {
	name     string // escaped
	rows     []row
	count    int
	form     bool // has the eight columns
	switches bool // has switches only
}

// other is a group of denials that the patch does not answer.
type other struct {
	kind    string // the tab it stands on
	what    string
	about   string
	advice  string
	denials []int
}

// The tabs behind those of the form, and the one of the list.
const (
	notRole       = "Not a role gap"
	notUnderstood = "Not understood"
	listTab       = "All findings"
)

// othersOf gathers what stands on the last two tabs.
func othersOf(d *desk) []other {
	var out []other
	for _, it := range d.items {
		if f := it.finding; it.state == held {
			advice := []string{f.Note}
			for _, a := range f.Advice {
				advice = append(advice, report.AdviceWords(a))
			}
			out = append(out, other{notRole, "held by the base, yet denied", f.Privilege.Name, strings.Join(advice, "; "), f.Denials})
		}
	}
	r := report.Report{Analysis: d.analysis}
	for _, v := range r.Verdicts() {
		out = append(out, other{notRole, report.CauseWords(v.Cause), v.What, v.Advice, v.Denials})
	}
	for _, i := range d.analysis.Proposal.Unexplained {
		den := d.analysis.Denials[i]
		out = append(out, other{notUnderstood, den.Shape, cmp.Or(den.Suspected, den.Privilege, den.Table, den.URL), den.Advice, []int{i}})
	}
	return out
}

// rebuild makes the rows anew after the analysis, a decision, the filter or the
// order changed. The cursor stays on what it was on.
func (m *model) rebuild() {
	words := strings.Fields(strings.ToLower(m.filter))
	m.built = len(m.desk.items)
	if m.listing {
		m.tabs = []tab{m.listRows(words)}
	} else {
		m.tabs = append(m.formTabs(words), m.otherTabs(words)...)
	}
	if !slices.ContainsFunc(m.tabs, func(t tab) bool { return t.name == m.tab }) && len(m.tabs) > 0 && !m.listing {
		m.tab = m.tabs[0].name
	}
}

// formTabs sorts the items into the rows of the form.
func (m *model) formTabs(words []string) []tab {
	byTab := map[string]map[string]*row{}
	count := map[string]int{}
	for i, it := range m.desk.items {
		if it.state == held || !m.matches(it, words) {
			continue
		}
		name := report.Place(it.finding)
		if byTab[name] == nil {
			byTab[name] = map[string]*row{}
		}
		putInRow(byTab[name], i, it)
		count[name]++
	}
	var tabs []tab
	for name, rows := range byTab {
		t := tab{name: report.Plain(name), count: count[name], form: true, switches: true}
		for _, r := range rows {
			t.rows = append(t.rows, *r)
			t.switches = t.switches && r.only != none && m.desk.items[r.only].switches()
		}
		slices.SortFunc(t.rows, compareRows)
		tabs = append(tabs, t)
	}
	slices.SortFunc(tabs, func(a, b tab) int {
		return cmp.Or(cmp.Compare(catalog.TabIndex(a.name), catalog.TabIndex(b.name)), cmp.Compare(a.name, b.name))
	})
	return tabs
}

// putInRow puts an item into its row.
func putInRow(rows map[string]*row, i int, it item) {
	p := it.finding.Privilege
	column := slices.Index(catalog.Actions(), p.Action)
	key := "table " + p.Table + "\x00" + p.Label
	if column < 0 {
		key = "privilege " + p.Name
	}
	r := rows[key]
	if r != nil && column >= 0 && r.items[column] != none { // two names for one cell: the catalog's and one of the capture
		key += "\x00" + p.Name
		r = rows[key]
	}
	if r == nil {
		r = &row{key: key, label: short(report.RowLabel(it.finding)), table: p.Table, only: none, other: none}
		for c := range r.items {
			r.items[c] = none
		}
		rows[key] = r
	}
	if column < 0 {
		r.only = i
	} else {
		r.items[column] = i
	}
}

// longest bounds what is kept of a label, in runes; no column is wider.
const longest = 120

// short escapes a label and bounds it, so that a hostile one costs little.
func short(s string) string {
	if len(s) > 4*longest {
		s = s[:4*longest]
	}
	return escape(s)
}

// compareRows puts tables before miscellaneous privileges, each by label.
func compareRows(a, b row) int {
	kind := func(r row) int { return min(r.only, 0) * -1 } // 1 for a table row
	return cmp.Or(
		cmp.Compare(kind(b), kind(a)),
		cmp.Compare(strings.ToLower(a.label), strings.ToLower(b.label)),
		cmp.Compare(a.key, b.key),
	)
}

// otherTabs makes the tabs of what is no role's matter.
func (m *model) otherTabs(words []string) []tab {
	tabs := []tab{{name: notRole}, {name: notUnderstood}}
	for i, o := range m.others {
		if len(words) > 0 && !holdsAll(strings.ToLower(o.what+" "+o.about+" "+o.advice), words) {
			continue
		}
		t := &tabs[0]
		if o.kind == notUnderstood {
			t = &tabs[1]
		}
		t.count += len(o.denials)
		t.rows = append(t.rows, row{key: o.kind + o.what + "\x00" + o.about + "\x00" + o.advice, label: short(o.what), only: none, other: i})
	}
	return slices.DeleteFunc(tabs, func(t tab) bool { return len(t.rows) == 0 })
}

// order is how the list is sorted.
type order uint8

const (
	byPlace order = iota
	byCount
	byDepth
	byState
	byName
	orders
)

func (o order) String() string {
	return [...]string{"place on the form", "denials", "depth", "decision", "name"}[o]
}

// listRows makes the one tab of the list.
func (m *model) listRows(words []string) tab {
	t := tab{name: listTab}
	items := m.desk.items
	for i, it := range items {
		if it.state == held || !m.matches(it, words) {
			continue
		}
		r := row{key: "item " + it.key(), label: short(report.RowLabel(it.finding)), only: i, other: none}
		t.rows = append(t.rows, r)
	}
	t.count = len(t.rows)
	slices.SortStableFunc(t.rows, func(x, y row) int {
		a, b := items[x.only], items[y.only]
		switch m.sorting {
		case byCount:
			return cmp.Compare(len(b.finding.Denials), len(a.finding.Denials))
		case byDepth:
			return cmp.Compare(b.depth, a.depth)
		case byState:
			return cmp.Compare(a.state, b.state)
		case byName:
			return cmp.Compare(a.key(), b.key())
		}
		return 0
	})
	return t
}

// matches reports whether an item has all words of the filter.
func (m *model) matches(it item, words []string) bool {
	if len(words) == 0 {
		return true
	}
	p := it.finding.Privilege
	text := strings.ToLower(strings.Join([]string{
		p.Name, p.Label, p.Table, p.Tab, string(p.Action), report.Reasons(it.finding), it.note, it.reason,
		it.finding.Privilege.LevelLabel(it.depth), stateWords(it),
	}, " "))
	return holdsAll(text, words)
}

// holdsAll reports whether every word occurs in a text in lower case.
func holdsAll(text string, words []string) bool {
	return !slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(text, w) })
}

package dataverse

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"unicode"

	"github.com/prvgap/prvgap/analyzer/role"
	"github.com/prvgap/prvgap/catalog"
	"github.com/prvgap/prvgap/har/pattern"
)

// matrix reads a role as a table with the columns of the role form, row by row.
type matrix struct {
	role    role.Role
	catalog *catalog.Catalog
	lenient bool // leave out what cannot be read, and count it; otherwise it is an error
	numbers bool // levels are 0 to 4, as _n.RoleEditor writes them

	names   []int // columns that name the row
	actions map[int]catalog.Action
	tab     int    // column of the tab, -1 for none
	section string // heading that was met last, folded
	misc    bool   // rows are miscellaneous privileges
	built   int    // tables whose privileges were named by rule
	marks   int    // cells that hold a level, None included
	at      int    // column that the row's error is about
	lost    []string
	seen    map[string]bool // tables, or tab and label of rows without one
}

func newMatrix() *matrix {
	return &matrix{role: role.New("", "", ""), catalog: catalog.Default(), tab: -1, seen: map[string]bool{}}
}

// fold drops what spellings of a label differ in.
func fold(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, s)
}

// formLabels leads from folded labels of the role form to privileges.
type formLabels struct {
	rows map[string][]formRow
	misc map[string][]string
}

// formRow is a row of a tab.
type formRow struct {
	tab, table string
	privileges map[catalog.Action]string
}

// bundledLabels is made when the first matrix is read; no other format needs it.
var bundledLabels = sync.OnceValue(func() formLabels {
	l := formLabels{map[string][]formRow{}, map[string][]string{}}
	for p := range catalog.Default().All() {
		key := fold(p.Label)
		switch {
		case key == "":
		case p.Action == catalog.NoAction:
			l.misc[key] = append(l.misc[key], p.Name)
		default:
			rows := l.rows[key]
			i := slices.IndexFunc(rows, func(r formRow) bool { return r.tab == fold(p.Tab) && r.table == p.Table })
			if i < 0 {
				i = len(rows)
				rows = append(rows, formRow{fold(p.Tab), p.Table, map[catalog.Action]string{}})
			}
			rows[i].privileges[p.Action] = p.Name
			l.rows[key] = rows
		}
	}
	return l
})

// Folded words of headers and headings.
var (
	nameWords  = []string{"name", "table", "tablename", "entity", "entityname", "logicalname", "tablelogicalname", "row", "displayname"}
	miscWords  = []string{"miscellaneous", "miscellaneousprivileges", "miscellaneousprivilege", "miscprivileges", "misc", "privacyrelatedprivileges"}
	levelWords = []string{"role", "level", "accesslevel", "depth", "privilege", "name", "tab"}
)

// header takes a row that names the columns.
func (m *matrix) header(cells []string) bool {
	var names []int
	actions, tab, used := map[int]catalog.Action{}, -1, map[catalog.Action]bool{}
	for i, c := range cells {
		word := fold(c)
		a, isAction := catalog.ParseAction(c)
		switch {
		case isAction && !used[a]:
			actions[i], used[a] = a, true
		case word == "tab":
			tab = i
		case slices.Contains(nameWords, word):
			names = append(names, i)
		}
	}
	const enough = 4 // a matrix may leave out columns that it has no use for
	if len(names) == 0 || len(actions) < enough {
		return false
	}
	m.names, m.actions, m.tab, m.misc, m.section = names, actions, tab, false, ""
	return true
}

// heading takes a row that starts a section: a tab's name alone, or a title of the miscellaneous privileges.
func (m *matrix) heading(cells []string) bool {
	var words []string
	for _, c := range cells {
		if w := fold(c); w != "" {
			words = append(words, w)
		}
	}
	is := func(lists ...[]string) func(string) bool {
		return func(w string) bool { return slices.Contains(slices.Concat(lists...), w) }
	}
	titled := slices.ContainsFunc(words, is(miscWords)) && !slices.ContainsFunc(words, func(w string) bool { return !is(miscWords, levelWords)(w) })
	bare := len(words) == 2 && is([]string{"name", "privilege"})(words[0]) && is(levelWords)(words[1])
	switch {
	case titled || bare:
		m.misc = true
	case len(words) == 1 && slices.ContainsFunc(catalog.Tabs(), func(t string) bool { return fold(t) == words[0] }):
		m.section, m.misc = words[0], false
	default:
		return false
	}
	return true
}

// row takes a row below a header. Its error names no place.
func (m *matrix) row(cells []string) error {
	if strings.Join(cells, "") == "" || m.header(cells) || m.heading(cells) {
		return nil
	}
	m.at = m.names[0]
	name, levels, err := m.split(cells)
	if err == nil && len(levels) > 0 {
		err = m.take(name, cells, levels)
	}
	if err != nil && m.lenient {
		m.lost = append(m.lost, name)
		return nil
	}
	return err
}

// split gives a row's name and its levels by column; those of None are left out.
func (m *matrix) split(cells []string) (string, map[int]catalog.Depth, error) {
	name, levels := m.name(cells), map[int]catalog.Depth{}
	if strings.ContainsAny(name, "\r\n") && !m.lenient { // it has taken in the rows below
		return name, nil, roleError(`end the quoted name with a quote (") in its own line`, "a line break within the name %q", name)
	}
	for i, c := range cells {
		if _, isAction := m.actions[i]; c == "" || slices.Contains(m.names, i) || i == m.tab || !isAction && !m.misc {
			continue
		}
		d, ok := m.level(c)
		if m.at = i; !ok {
			return name, nil, roleError("write None, User, Business Unit, Parent: Child Business Units or Organization, a circle (○ ◔ ◑ ◕ ●), or None, Basic, Local, Deep, Global",
				"level %q of %q is not known", c, name)
		}
		if m.marks++; d != catalog.None {
			levels[i] = d
		}
		if m.misc { // the level is the one cell that counts; remarks may follow
			break
		}
	}
	m.at = m.names[0]
	return name, levels, nil
}

// name gives the name of a row: a privilege's, or else what stands first.
func (m *matrix) name(cells []string) string {
	name := ""
	for _, i := range m.names {
		if c := cellAt(cells, i); isPrivilege(c) {
			return c
		} else if name == "" {
			name = c
		}
	}
	return name
}

func cellAt(cells []string, i int) string {
	if i < len(cells) {
		return cells[i]
	}
	return ""
}

func isPrivilege(name string) bool { return len(name) > 3 && strings.EqualFold(name[:3], "prv") }

func (m *matrix) level(cell string) (catalog.Depth, bool) {
	switch cell {
	case "-", "–", "—", "n/a", "N/A":
		return catalog.None, true
	}
	if m.numbers && len(cell) == 1 && '0' <= cell[0] && cell[0] <= '4' {
		return catalog.Depth(cell[0] - '0'), true
	}
	return catalog.ParseDepth(cell)
}

// take grants the levels of a row.
func (m *matrix) take(name string, cells []string, levels map[int]catalog.Depth) error {
	if one, ok := m.single(name); ok {
		if len(levels) > 1 {
			return fmt.Errorf("%q is one privilege and has %d levels", name, len(levels))
		}
		for _, d := range levels {
			m.role.Grant(one.Name, d)
		}
		return nil
	}
	privilege, err := m.find(name, cells)
	if err != nil {
		return err
	}
	for _, i := range slices.Sorted(maps.Keys(levels)) {
		p, ok := privilege(m.actions[i])
		if !ok {
			if err == nil {
				m.at, err = i, fmt.Errorf("%q has no %s privilege", name, m.actions[i])
			}
			continue
		}
		m.role.Grant(p, levels[i])
	}
	return err
}

// single finds the one privilege that a row is about: by its own name, or by the label of a miscellaneous one.
func (m *matrix) single(name string) (catalog.Privilege, bool) {
	if isPrivilege(name) {
		return m.catalog.Lookup(name)
	}
	found := bundledLabels().misc[fold(name)]
	if len(found) != 1 || !m.misc && len(bundledLabels().rows[fold(name)]) > 0 {
		return catalog.Privilege{}, false
	}
	return m.catalog.Privilege(found[0])
}

// customName is the name of a table with a publisher's prefix, of which every environment has its own.
var customName = pattern.Compile(`^[A-Za-z][A-Za-z0-9]{1,7}_[A-Za-z0-9_]+$`)

// find tells how to come from an action to the privilege of a table's row.
func (m *matrix) find(name string, cells []string) (func(catalog.Action) (string, bool), error) {
	for _, i := range slices.Backward(m.names) { // a logical name, which stands behind the label, is surer
		key := cellAt(cells, i)
		if t, ok := m.catalog.Table(key); ok && !m.misc {
			return m.guards(t), m.once(name, t.Name)
		}
		if customName().MatchString(key) && !m.misc {
			if err := m.once(name, strings.ToLower(key)); err != nil {
				return nil, err
			}
			m.built++
			return func(a catalog.Action) (string, bool) { return "prv" + string(a) + key, true }, nil
		}
	}
	rows := m.rows(name, cells)
	// The label of a table that stands in another's row: phone calls stand in Activity's.
	if t, ok := m.catalog.TableByLabel(name); ok && len(rows) == 0 && !m.misc {
		return m.guards(t), m.once(name, t.Name)
	}
	switch {
	case m.misc || len(rows) == 0:
		return nil, m.unknown(name)
	case len(rows) > 1:
		return nil, roleError("write the table's logical name instead, or one privilege a row (prvReadAccount)", "several tables have the label %q", name)
	}
	return func(a catalog.Action) (string, bool) {
		p, ok := rows[0].privileges[a]
		return p, ok
	}, m.once(name, cmp.Or(rows[0].table, rows[0].tab+"\t"+fold(name)))
}

// once refuses a second row for what a first one was for: one of the two is meant for something else, or is not meant.
func (m *matrix) once(name, key string) error {
	if m.seen[key] {
		return roleError("keep one of the two rows; where two tables share a label, write the tables' logical names", "the row %q stands twice", name)
	}
	m.seen[key] = true
	return nil
}

// guards leads from an action to the privilege that guards it on a table.
func (m *matrix) guards(t catalog.Table) func(catalog.Action) (string, bool) {
	return func(a catalog.Action) (string, bool) {
		p, ok := m.catalog.ByTable(t.Name, a)
		return p.Name, ok
	}
}

// rows finds the rows with a label. Where the tab does not tell them apart, the platform's own table goes before one
// that an app brought along.
func (m *matrix) rows(name string, cells []string) []formRow {
	rows, tab := bundledLabels().rows[fold(name)], m.section
	if m.tab >= 0 {
		tab = fold(cellAt(cells, m.tab))
	}
	in := func(tab string) []formRow {
		return slices.DeleteFunc(slices.Clone(rows), func(r formRow) bool { return r.tab != tab })
	}
	if tab != "" && len(in(tab)) > 0 {
		return in(tab)
	}
	own := slices.DeleteFunc(slices.Clone(rows), func(r formRow) bool { return r.tab == fold("Custom Entities") })
	if len(own) == 1 {
		return own
	}
	return rows
}

func (m *matrix) unknown(name string) error {
	what, prefix := "table", "prvRead"
	if m.misc {
		what, prefix = "miscellaneous privilege", "prv"
	}
	hint := "write a table's logical name, or one privilege a row (prvReadAccount); search the catalog: prvgap catalog search WORDS"
	for _, near := range m.catalog.Nearest(prefix+strings.ReplaceAll(name, " ", ""), 1) {
		if p, ok := m.catalog.Privilege(near); ok {
			hint = fmt.Sprintf("did you mean %q? Or write a table's logical name, or one privilege a row", cmp.Or(p.Label, p.Name))
		}
	}
	return roleError(hint, "no %s %q in the catalog", what, name)
}

// done gives the role with notes on what was left out or built.
func (m *matrix) done() role.Role {
	if len(m.lost) > 0 {
		m.role.Partial = true
		m.role.Notes = append(m.role.Notes, fmt.Sprintf("%s left out, unknown to the catalog or not clear: %s", counted(len(m.lost), "row", "rows"), abridged(m.lost)))
	}
	if m.built > 0 {
		m.role.Notes = append(m.role.Notes, fmt.Sprintf("the privileges of %s named by the rule, after the table's name", counted(m.built, "table were", "tables were")))
	}
	return m.role
}

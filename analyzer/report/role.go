package report

import (
	"cmp"
	"encoding/csv"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/charmbracelet/x/ansi"

	"github.com/prvgap/prvgap/analyzer"
	"github.com/prvgap/prvgap/analyzer/role"
	"github.com/prvgap/prvgap/catalog"
)

// formRow is a row of the role form with what a role holds in it.
type formRow struct {
	tab, label, table string
	misc              bool
	switched          bool       // a switch: misc, and on or off
	cells             []formCell // one for each action, or the one of a miscellaneous privilege
}

// formCell is a privilege of a row. There is none where name is empty.
type formCell struct {
	name    string
	depth   catalog.Depth
	unknown bool // the source tells no depth
}

func (c formCell) symbol() string {
	switch {
	case c.unknown:
		return "?"
	case c.name == "":
		return " "
	}
	return c.depth.Symbol()
}

// otherPlace heads what stands on no tab that is known.
const otherPlace = "Not on the form, or place not known"

// form lays a role out as the role form does: tab by tab, tables before miscellaneous privileges, each by label.
func form(r role.Role) []formRow {
	c := analyzer.Facts{}.Catalog(r)
	places := map[string]int{}
	var rows []formRow
	grants := r.Grants()
	for _, p := range r.Told { // the form shows what is off too
		if r.Holds(p.Name) == catalog.None {
			grants = append(grants, role.Grant{Privilege: p.Name})
		}
	}
	for _, g := range grants {
		row, key, at := placeOf(c, g.Privilege)
		i, seen := places[key]
		if !seen {
			i = len(rows)
			places[key] = i
			row.fill(c, g.Privilege)
			rows = append(rows, row)
		}
		rows[i].cells[at].name, rows[i].cells[at].depth = g.Privilege, g.Depth
	}
	for _, row := range r.Rows {
		rows = append(rows, unknownRow(c, row))
	}
	slices.SortStableFunc(rows, func(a, b formRow) int {
		return cmp.Or(cmp.Compare(catalog.TabIndex(a.tab), catalog.TabIndex(b.tab)), cmp.Compare(a.tab, b.tab), compareBool(a.misc, b.misc),
			cmp.Compare(strings.ToLower(a.label), strings.ToLower(b.label)))
	})
	return rows
}

func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return 1
	}
	return -1
}

// placeOf gives the row on which a privilege stands, without its cells, a key for that row, and the place within it.
func placeOf(c *catalog.Catalog, name string) (row formRow, key string, at int) {
	p, known := c.Lookup(name)
	at = slices.Index(catalog.Actions(), p.Action)
	row = formRow{tab: cmp.Or(p.Tab, otherPlace), label: p.Label, table: p.Table}
	if !known || at < 0 {
		row.switched = p.Section == catalog.Switch
		row.misc, row.label = true, cmp.Or(p.Label, name)
		return row, strings.ToLower(name), 0
	}
	base := baseOf(name, p.Action)
	row.label = cmp.Or(p.Label, base, name)
	return row, p.Tab + "\x00" + cmp.Or(p.Table, strings.ToLower(base)) + "\x00" + p.Label, at
}

// baseOf is what follows the action in a privilege's name, "" for the few names that do not follow the rule.
func baseOf(name string, a catalog.Action) string {
	prefix := "prv" + string(a)
	if len(name) > len(prefix) && strings.EqualFold(name[:len(prefix)], prefix) {
		return name[len(prefix):]
	}
	return ""
}

// fill makes the cells of the row in which a privilege stands.
func (r *formRow) fill(c *catalog.Catalog, name string) {
	if r.misc {
		r.cells = []formCell{{name: name}}
		return
	}
	p, _ := c.Lookup(name)
	base := baseOf(name, p.Action)
	for _, a := range catalog.Actions() {
		r.cells = append(r.cells, formCell{name: privilegeOf(c, p, a, base)})
	}
}

// privilegeOf gives the privilege of another action in the same row, "" if there is none.
func privilegeOf(c *catalog.Catalog, p catalog.Privilege, a catalog.Action, base string) string {
	name := "prv" + string(a) + base
	if q, ok := c.Privilege(name); ok {
		return q.Name
	}
	if q, ok := c.ByTable(p.Table, a); ok {
		return q.Name
	}
	if p.Derived.Name { // nothing is known of this table, so nothing rules it out
		return name
	}
	return ""
}

func unknownRow(c *catalog.Catalog, r role.Row) formRow {
	row := formRow{tab: r.Tab, label: r.Label}
	if len(r.Privileges) == 1 {
		if p, _ := c.Privilege(r.Privileges[0]); p.Action == catalog.NoAction {
			row.misc, row.cells = true, []formCell{{name: p.Name, unknown: true}}
			return row
		}
	}
	row.cells = make([]formCell, len(catalog.Actions()))
	for i := range row.cells {
		row.cells[i].unknown = len(r.Privileges) == 0
	}
	for _, name := range r.Privileges {
		p, _ := c.Privilege(name)
		row.table = p.Table
		row.cells[slices.Index(catalog.Actions(), p.Action)] = formCell{name: name, unknown: true}
	}
	return row
}

// WriteRole draws a role as the role form does.
//
// Verbose adds what each grant is known to be needed for.
func WriteRole(w io.Writer, r role.Role, o Options) error {
	p := newPage(w, o)
	p.roleHead(r)
	tab, misc, tabbed := "", false, false
	for _, row := range form(r) {
		tabbed = tabbed || !row.switched
		if row.tab != tab {
			tab, misc = row.tab, false
			fmt.Fprintln(p.w)
			p.tabHead(tab, row.misc)
		}
		if row.misc && !misc && !row.switched && tab != otherPlace {
			misc = true
			p.line(p.dim.Render("  Miscellaneous"))
		}
		p.formRow(row)
	}
	if o.Verbose {
		p.reasons(r)
	}
	if !tabbed && (r.Len() > 0 || len(r.Told) > 0) {
		return p.w.Flush() // switches say what they are
	}
	fmt.Fprintln(p.w)
	var legend []string
	for d := catalog.None; d <= catalog.Global; d++ {
		legend = append(legend, d.Symbol()+" "+d.Label())
	}
	if len(r.Rows) > 0 {
		legend = append(legend, "? not known")
	}
	p.wrapped(strings.Join(legend, "  "), 0, p.dim)
	return p.w.Flush()
}

// reasons lists the grants that something is known to need.
func (p *page) reasons(r role.Role) {
	c := catalog.Default()
	head := "WHAT NEEDS IT"
	for _, g := range r.Grants() {
		var why []string
		for _, n := range c.Needs(g.Privilege) {
			what := n.Feature + ": " + n.Why
			if n.Silent {
				what += " (fails silently)"
			}
			why = append(why, what)
		}
		if len(why) > 0 {
			p.heading(&head)
			p.line("  " + clip(g.Privilege, p.width-4))
			p.wrapped(plain(strings.Join(why, " · ")), 6, p.dim)
		}
	}
}

// extent counts what is known of a role.
func extent(r role.Role) string {
	if len(r.Rows) > 0 {
		return plural(len(r.Rows), "row")
	}
	return plural(r.Len(), "grant")
}

func (p *page) roleHead(r role.Role) {
	p.fact("role", r.Name, extent(r)+" · "+r.Source)
	if r.ID != "" {
		p.fact("id", r.ID, map[bool]string{true: "a role template's, not the role's own"}[r.Template])
	}
	switch r.Inherited {
	case "0":
		p.fact("members", "team privileges only", "")
	case "1":
		p.fact("members", "direct user access level and team privileges", "")
	}
	if r.Reference {
		p.wrapped("a reference only: the file does not tell what the role grants", 10, p.bad)
	}
	for _, n := range r.Notes {
		p.wrapped("note: "+plain(n), 10, p.dim)
	}
}

// The columns of the form, with AppendTo in one word so that eight of them leave room for a label.
const (
	columnsWidth = 54
	leastLabel   = 12
)

func (p *page) labelWidth() int { return min(60, max(leastLabel, p.width-2-columnsWidth)) }

func (p *page) tabHead(tab string, miscOnly bool) {
	title := strings.ToUpper(plain(tab))
	var b strings.Builder
	for _, a := range catalog.Actions() {
		b.WriteString(" " + string(a))
	}
	switch {
	case miscOnly:
		p.line(p.bold.Render(title))
	case ansi.StringWidth(title) > p.labelWidth()+2:
		p.line(p.bold.Render(title))
		p.line(strings.Repeat(" ", p.labelWidth()+2) + p.dim.Render(b.String()))
	default:
		p.line(p.bold.Render(pad(title, p.labelWidth()+2)) + p.dim.Render(b.String()))
	}
}

// formRow writes a row; a label that is too long goes on in the next line.
func (p *page) formRow(row formRow) {
	if row.misc {
		c := row.cells[0]
		level := c.depth.Label()
		if c.unknown {
			level = "not known"
		}
		if row.switched {
			width := p.width - 8
			on := catalog.Privilege{Section: catalog.Switch}.LevelLabel(c.depth)
			p.line(fmt.Sprintf("  %s %s", pad(clip(row.label, width), width), p.good.Render(on)))
			return
		}
		width := p.width - 36
		p.line(fmt.Sprintf("    %s %s %s", pad(clip(row.label, width), width), p.good.Render(c.symbol()), level))
		return
	}
	var b strings.Builder
	for i, a := range catalog.Actions() {
		width := len(a) + 1
		before := (width + 1) / 2
		b.WriteString(strings.Repeat(" ", before) + row.cells[i].symbol() + strings.Repeat(" ", width-before-1))
	}
	cells := p.good.Render(b.String())
	for line := range strings.SplitSeq(ansi.Wrap(plain(row.label), p.labelWidth(), "_"), "\n") {
		p.line("  " + pad(strings.TrimSpace(line), p.labelWidth()) + cells)
		cells = ""
	}
}

// WriteRoleMatrix writes a role as CSV with the columns of the form: the tables, then the miscellaneous privileges.
// The reader of role matrices takes it back as it was.
func WriteRoleMatrix(w io.Writer, r role.Role) error {
	header := []string{"Tab", "Name", "Table"}
	for _, a := range catalog.Actions() {
		header = append(header, map[bool]string{true: "Append To", false: string(a)}[a == catalog.AppendTo])
	}
	rows := [][]string{header}
	misc := [][]string{{"Tab", "Miscellaneous privilege", "Privilege", "Level"}}
	for _, row := range form(r) {
		if row.misc {
			misc = append(misc, []string{row.tab, row.label, row.cells[0].name, row.cells[0].depth.Label()})
			continue
		}
		rows = append(rows, matrixRows(row)...)
	}
	if len(misc) > 1 {
		rows = append(rows, misc...)
	}
	for _, row := range rows {
		for i := range row {
			row[i] = cell(row[i])
		}
	}
	c := csv.NewWriter(w)
	if err := c.WriteAll(rows); err != nil {
		return fmt.Errorf("writing CSV: %w", err)
	}
	return nil
}

// matrixRows writes a table as a row. Where table and action do not lead back to the privilege, as with a table of one
// environment whose privileges keep its capitals, each privilege gets a row under its own name.
func matrixRows(row formRow) [][]string {
	c := catalog.Default()
	line := []string{row.tab, row.label, row.table}
	var single [][]string
	for i, a := range catalog.Actions() {
		x := row.cells[i]
		p, ok := c.ByTable(row.table, a)
		switch {
		case x.name == "":
			line = append(line, "")
		case ok && p.Name == x.name:
			line = append(line, x.depth.Label())
		default:
			line = append(line, "")
			if x.depth != catalog.None {
				one := append([]string{row.tab, row.label, x.name}, make([]string, len(catalog.Actions()))...)
				one[3+i] = x.depth.Label()
				single = append(single, one)
			}
		}
	}
	if len(single) > 0 && strings.Join(line[3:], "") == "" {
		return single
	}
	return append([][]string{line}, single...)
}

// wireRole is the answer of RetrieveRolePrivilegesRole with three columns of the role's own row.
type wireRole struct {
	Name           *string           `json:"name"`
	RoleID         *string           `json:"roleid"`
	Inherited      *int              `json:"isinherited,omitempty"`
	RolePrivileges []wireRoleElement `json:"RolePrivileges"`
}

type wireRoleElement struct {
	Depth         catalog.Depth
	PrivilegeID   *string `json:"PrivilegeId"`
	PrivilegeName string
}

// WriteRoleJSON writes a role in the form of RetrieveRolePrivilegesRole, which reads back in.
// The ids of privileges on an environment's own tables are not known, and null.
func WriteRoleJSON(w io.Writer, r role.Role) error {
	out := wireRole{Name: null(r.Name), RoleID: null(r.ID), RolePrivileges: []wireRoleElement{}}
	switch r.Inherited {
	case "0", "1":
		n := int(r.Inherited[0] - '0')
		out.Inherited = &n
	}
	c := catalog.Default()
	for _, g := range r.Grants() {
		p, _ := c.Privilege(g.Privilege)
		out.RolePrivileges = append(out.RolePrivileges, wireRoleElement{g.Depth, null(p.ID), g.Privilege})
	}
	return EncodeJSON(w, out)
}

package report

import (
	"cmp"
	"slices"
	"strings"

	"github.com/prvgap/prvgap/analyzer"
	"github.com/prvgap/prvgap/analyzer/role"
	"github.com/prvgap/prvgap/catalog"
)

// The names of the sheets.
const (
	sheetFindings = "Findings"
	sheetCompared = "Comparison"
	sheetBefore   = "Matrix before"
	sheetAfter    = "Matrix after"
	sheetEvidence = "Evidence"
	sheetOthers   = "Not a role gap"
	sheetCaptures = "Captures"
	sheetTables   = "Inventory"
	sheetAbout    = "About"
)

// findings writes a row for each privilege that was refused.
func (b *workbook) findings(r Report) {
	b.sheet(
		sheetFindings, 4,
		heading{"Status", 16}, heading{"Tab", 20}, heading{"Row", 30}, heading{"Column", 11}, heading{"From", 18}, heading{"To", 18},
		heading{"Why", 48}, heading{"Advice", 60}, heading{"Needed for", 36}, heading{"Fails silently", 10}, heading{"Denials", 9}, heading{"Privilege", 34},
		heading{"Privilege id", 38}, heading{"Table", 24}, heading{"Basis", 14}, heading{"Refused to", 40}, heading{"First seen (UTC)", 20},
	)
	var rows [][]any
	for _, f := range r.Findings {
		why := f
		why.RequiredFor, why.Silent = nil, false // they have columns of their own
		words := reasons(why)
		if f.Ignored != nil {
			words = strings.Join([]string{ignoredWords(*f.Ignored), words}, " · ")
		}
		from, to := levelWords(f.Privilege, f.Held), any(marked{levelWords(f.Privilege, f.Depth), b.changed})
		if !f.Gap() {
			to = from
		}
		rows = append(rows, []any{
			classWords(findingClass(f)), f.Privilege.Tab, rowLabel(f), column(f), from, to, words, allAdvice(f), strings.Join(f.RequiredFor, ", "),
			f.Silent, len(f.Denials), f.Privilege.Name, f.Privilege.ID, f.Privilege.Table, string(f.Basis), strings.Join(f.Principals, " "), r.Denials[f.Denials[0]].Time,
		})
	}
	b.rows(sheetFindings, rows)
}

// comparison writes what became of each privilege since the earlier captures.
func (b *workbook) comparison(r Report) {
	if r.Comparison == nil {
		return
	}
	b.sheet(
		sheetCompared, 4,
		heading{"Change", 16}, heading{"Tab", 20}, heading{"Row", 30}, heading{"Column", 11}, heading{"Refused before at", 18}, heading{"Refused now at", 18},
		heading{"Note", 60}, heading{"Proof", 60}, heading{"Denials before", 9}, heading{"Privilege", 34}, heading{"Table", 24},
	)
	var rows [][]any
	for _, c := range r.Comparison.Privileges {
		change := any(capital(changeWords(c.Change)))
		if c.Change == analyzer.ChangeFixed {
			change = marked{change, b.changed}
		}
		f := comparedFinding(c)
		rows = append(rows, []any{
			change, c.Privilege.Tab, rowLabel(f), column(f), wanted(c.Privilege, c.Before), wanted(c.Privilege, c.After),
			comparedNote(c), strings.Join(c.Allowed, ", "), len(c.Denials), c.Privilege.Name, c.Privilege.Table,
		})
	}
	b.rows(sheetCompared, rows)
}

// matrixRow is a row of the role form, before and after.
type matrixRow struct {
	tab, label, table string
	section           catalog.Section
	before, after     map[catalog.Action]catalog.Depth
}

// matrix lays out the base role and what is to be added as rows of the form.
func matrix(r Report) []*matrixRow {
	c := r.Facts.Catalog(r.bases()...)
	byKey := map[[2]string]*matrixRow{}
	at := func(p catalog.Privilege) *matrixRow {
		key := [2]string{p.Table, cmp.Or(p.Label, p.Name)}
		if p.Action == catalog.NoAction {
			key = [2]string{"", p.Name}
		}
		if byKey[key] == nil {
			byKey[key] = &matrixRow{p.Tab, cmp.Or(p.Label, p.Name), p.Table, p.Section, map[catalog.Action]catalog.Depth{}, map[catalog.Action]catalog.Depth{}}
		}
		return byKey[key]
	}
	for _, base := range r.bases() {
		for _, g := range base.Grants() {
			p := known(c, g)
			row := at(p)
			row.before[p.Action] = max(row.before[p.Action], g.Depth)
			row.after[p.Action] = max(row.after[p.Action], g.Depth)
		}
	}
	for _, f := range r.Findings {
		if f.Gap() {
			row := at(f.Privilege)
			row.before[f.Privilege.Action] = max(row.before[f.Privilege.Action], f.Held)
			row.after[f.Privilege.Action] = max(row.after[f.Privilege.Action], f.Depth)
		}
	}
	rows := make([]*matrixRow, 0, len(byKey))
	for _, row := range byKey { // sorted below, by what no two of them share
		rows = append(rows, row)
	}
	slices.SortFunc(rows, compareRows)
	return rows
}

// known is the privilege of a grant; one that the catalog does not know keeps
// its name and stands nowhere.
func known(c *catalog.Catalog, g role.Grant) catalog.Privilege {
	if p, ok := c.Lookup(g.Privilege); ok {
		return p
	}
	return catalog.Privilege{Name: g.Privilege}
}

// compareRows orders rows as the form does: by tab, tables before the
// miscellaneous privileges, and by label.
func compareRows(x, y *matrixRow) int {
	return cmp.Or(
		cmp.Compare(catalog.TabIndex(x.tab), catalog.TabIndex(y.tab)), cmp.Compare(x.tab, y.tab), cmp.Compare(x.tasked(), y.tasked()),
		cmp.Compare(strings.ToLower(x.label), strings.ToLower(y.label)), cmp.Compare(x.label, y.label), cmp.Compare(x.table, y.table),
	)
}

// level is a depth in the words of the row.
func (m *matrixRow) level(d catalog.Depth) string {
	return levelWords(catalog.Privilege{Section: m.section}, d)
}

// tasked is 1 for a miscellaneous privilege.
func (m *matrixRow) tasked() int {
	if _, ok := m.after[catalog.NoAction]; ok {
		return 1
	}
	return 0
}

// matrices writes the role as it is and as it will be, on two sheets whose
// cells stand at the same places.
func (b *workbook) matrices(r Report) {
	heads := []heading{{"Tab", 20}, {"Row", 34}, {"Table", 24}}
	columns := append(catalog.Actions(), catalog.NoAction)
	for _, a := range catalog.Actions() {
		heads = append(heads, heading{column(analyzer.Finding{Privilege: catalog.Privilege{Action: a}}), 16})
	}
	heads = append(heads, heading{"Miscellaneous", 16})
	c := r.Facts.Catalog()
	var before, after [][]any
	for _, row := range matrix(r) {
		first := []any{row.tab, row.label, row.table}
		old, now := slices.Clone(first), slices.Clone(first)
		for _, a := range columns {
			was, is := row.level(row.before[a]), row.level(row.after[a])
			switch {
			case row.tasked() == 1 != (a == catalog.NoAction), row.after[a] == catalog.None && !offered(c, row, a):
				old, now = append(old, nil), append(now, nil)
			case was != is:
				old, now = append(old, marked{was, b.changed}), append(now, marked{is, b.changed})
			default:
				old, now = append(old, was), append(now, is)
			}
		}
		before, after = append(before, old), append(after, now)
	}
	b.sheet(sheetBefore, 2, heads...)
	b.rows(sheetBefore, before)
	b.sheet(sheetAfter, 2, heads...)
	b.rows(sheetAfter, after)
}

// offered reports whether the form has a circle there: many tables cannot be
// shared or assigned, and a "None" would say that they could.
func offered(c *catalog.Catalog, row *matrixRow, a catalog.Action) bool {
	_, ok := c.ByTable(row.table, a)
	return ok
}

// evidence writes a row for each denial.
func (b *workbook) evidence(r Report) {
	b.sheet(
		sheetEvidence, 1,
		heading{"Time (UTC)", 20}, heading{"Capture", 24}, heading{"Entry", 8}, heading{"Part", 6}, heading{"Class", 18}, heading{"About", 34}, heading{"Method", 9},
		heading{"Status", 8}, heading{"URL", 70}, heading{"Message", 90}, heading{"Code", 13}, heading{"Refused to", 38}, heading{"Record", 38}, heading{"Advice", 50}, heading{"During", 30},
	)
	kinds, about := make([]string, len(r.Denials)), make([]string, len(r.Denials))
	for _, f := range r.Findings {
		for _, i := range f.Denials {
			kinds[i], about[i] = findingClass(f), f.Privilege.Name
		}
	}
	for _, v := range r.verdicts() {
		for _, i := range v.denials {
			kinds[i], about[i] = classOther, causeWords(v.cause)+": "+v.what
		}
	}
	for _, i := range r.Proposal.Unexplained {
		kinds[i] = classUnexplained
		if s := r.Denials[i].Suspected; s != "" {
			about[i] = "suspected: " + s
		}
	}
	var rows [][]any
	for i, d := range r.Denials {
		var part any // empty for a request of its own, so that the column sorts as numbers
		if d.Part > 0 {
			part = d.Part
		}
		rows = append(rows, []any{
			d.Time, r.Captures[d.Capture].Name, d.Entry, part, classWords(kinds[i]), about[i], d.Method, d.Status, marked{d.URL, b.line}, marked{d.Message, b.line}, d.Code, d.Principal, d.Record, d.Advice, d.Mark,
		})
	}
	b.rows(sheetEvidence, rows)
}

// others writes what no role cures, and below it what was not understood:
// nobody may take the first sheet for all that was refused.
func (b *workbook) others(r Report) {
	b.sheet(sheetOthers, 1, heading{"Cause", 20}, heading{"About", 40}, heading{"What to do", 70}, heading{"Denials", 9}, heading{"First seen (UTC)", 20})
	var rows [][]any
	for _, v := range r.verdicts() {
		rows = append(rows, []any{causeWords(v.cause), v.what, v.advice, len(v.denials), r.Denials[v.denials[0]].Time})
	}
	for _, i := range r.Proposal.Unexplained {
		d := r.Denials[i]
		about := strings.TrimSpace(d.Method + " " + d.URL)
		if d.Suspected != "" {
			about = "suspected: " + d.Suspected + ", " + about
		}
		rows = append(rows, []any{"not understood", about, d.Advice, 1, d.Time})
	}
	b.rows(sheetOthers, rows)
}

func (b *workbook) captures(r Report) {
	b.sheet(
		sheetCaptures, 1, heading{"Capture", 36}, heading{"Read to its end", 10}, heading{"Problem", 60}, heading{"Entries", 10}, heading{"Refused", 10},
		heading{"Bytes", 14}, heading{"From (UTC)", 20}, heading{"To (UTC)", 20}, heading{"Made by", 30}, heading{"Format", 10},
	)
	var rows [][]any
	for _, c := range r.Captures {
		complete, problem := any(c.Complete), any(c.Problem)
		if !c.Complete {
			complete, problem = marked{c.Complete, b.loud}, marked{"PARTIAL: " + c.Problem, b.loud}
		}
		rows = append(rows, []any{c.Name, complete, problem, c.Entries, c.Refused, c.Bytes, c.From, c.To, c.Creator, c.Format})
	}
	b.rows(sheetCaptures, rows)
}

// inventory writes the data security inventory, as WriteInventory does.
func (b *workbook) inventory(r Report) {
	b.sheet(
		sheetTables, 1, heading{"Table", 26}, heading{"Name", 26}, heading{"Ownership", 14}, heading{"Refused", 9}, heading{"Used for", 26},
		heading{"Owners of refused records", 44}, heading{"Needed", 30}, heading{"Held", 30}, heading{"Question", 60}, heading{"Answer", 40},
	)
	var rows [][]any
	for _, u := range r.Inventory {
		var row []any
		for _, text := range inventoryRow(u) {
			row = append(row, text)
		}
		row[3] = u.Refused // a number, so that the column sorts
		rows = append(rows, row)
	}
	b.rows(sheetTables, rows)
}

// about says what the workbook is of, and what made it.
func (b *workbook) about(r Report) {
	b.sheet(sheetAbout, 0, heading{"What", 20}, heading{"Value", 100})
	rows := [][]any{{"Summary", r.summary()}}
	if !r.Complete() {
		rows = append(rows, []any{marked{"PARTIAL", b.loud}, marked{"A capture breaks off: this covers only what could be read. See the sheet " + sheetCaptures + ".", b.loud}})
	}
	if r.Comparison != nil {
		names, counts := r.comparedAgainst()
		rows = append(rows, []any{"Compared with", names + ": " + counts})
	}
	for _, base := range r.bases() {
		rows = append(rows, []any{"Base role", base.Name + " · " + plural(base.Len(), "grant") + " · " + base.Source})
	}
	if r.Proposal.Base == nil {
		rows = append(rows, []any{"Base role", "none was given: everything that was refused counts as missing"})
	}
	for _, note := range r.Notes {
		rows = append(rows, []any{"Note", note})
	}
	for _, a := range r.Advice {
		rows = append(rows, []any{"Advice", adviceWords(a)})
	}
	for _, p := range r.Principals {
		_, facts := principalWords(p)
		rows = append(rows, []any{"Refused to", strings.TrimSpace(cmp.Or(p.Kind, "principal")+" "+p.ID) + " · " + facts})
	}
	rows = append(rows, []any{"Made by", "prvgap " + r.Version}, []any{"Catalog", r.Catalog})
	b.rows(sheetAbout, rows)
}

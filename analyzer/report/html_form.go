package report

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/prvgap/prvgap/analyzer"
	"github.com/prvgap/prvgap/catalog"
)

// tabs are the tabs of the form that have additions, in the form's order,
// which is the order of the findings.
func (b *htmlBuilder) tabs() []htmlTab {
	var out []htmlTab
	var gaps [][]int // findings of each tab
	for i, f := range b.Findings {
		if !f.Gap() {
			continue
		}
		name := plain(place(f))
		at := slices.IndexFunc(out, func(t htmlTab) bool { return t.Name == name })
		if at < 0 {
			at = len(out)
			out = append(out, htmlTab{ID: fmt.Sprintf("tab%d", at+1), Name: name})
			gaps = append(gaps, nil)
		}
		gaps[at] = append(gaps[at], i)
	}
	for at := range out {
		out[at].Rows, out[at].Tasks = b.rows(gaps[at])
		out[at].TaskHead = [2]string{"Miscellaneous privilege", "Level"}
		if b.Findings[gaps[at][0]].Privilege.Section == catalog.Switch {
			out[at].TaskHead = [2]string{"Permission", "Switch"}
		}
		for _, i := range gaps[at] {
			out[at].Items = append(out[at].Items, b.finding(i))
		}
	}
	return out
}

func (b *htmlBuilder) leveled() bool {
	return slices.ContainsFunc(b.Findings, func(f analyzer.Finding) bool { return f.Gap() && f.Privilege.Section != catalog.Switch })
}

// rows draws the rows of the form in which the findings stand.
func (b *htmlBuilder) rows(gaps []int) (tables, tasks []htmlRow) {
	byRow := map[[2]string]int{}
	var ids [][]string
	for _, i := range gaps {
		f := b.Findings[i]
		id := fmt.Sprintf("f%d", i)
		cell := htmlCell{Kind: "gap", Item: id, Column: plain(column(f)), From: heldOf(f), To: depthOf(f.Privilege, f.Depth)}
		at := slices.Index(catalog.Actions(), f.Privilege.Action)
		if at < 0 {
			tasks = append(tasks, htmlRow{Label: plain(rowLabel(f)), Of: id, Cells: []htmlCell{cell}})
			continue
		}
		key := [2]string{rowLabel(f), f.Privilege.Table}
		row, ok := byRow[key]
		if !ok {
			row = len(tables)
			byRow[key] = row
			tables = append(tables, htmlRow{Label: plain(rowLabel(f)), Cells: b.heldCells(f)})
			ids = append(ids, nil)
		}
		tables[row].Cells[at] = cell
		ids[row] = append(ids[row], id)
	}
	for i := range tables {
		tables[i].Of = strings.Join(ids[i], " ")
	}
	return tables, tasks
}

// heldCells is a row of the form as the base role has it. Without a base, or
// where the table has no such privilege, a cell stays empty.
func (b *htmlBuilder) heldCells(f analyzer.Finding) []htmlCell {
	base := b.Proposal.BaseFor(f.Dialect)
	cells := make([]htmlCell, len(catalog.Actions()))
	for i, a := range catalog.Actions() {
		cells[i] = htmlCell{Kind: "none"}
		if p, ok := b.cat.ByTable(f.Privilege.Table, a); ok && base != nil {
			cells[i] = htmlCell{Kind: "has", From: depthOf(p, base.Holds(p.Name))}
		}
	}
	return cells
}

// groups are the lists below the form: what no addition answers.
func (b *htmlBuilder) groups() []htmlGroup {
	held := htmlGroup{
		ID: "held", Title: "Held, yet denied",
		Lead: "The base role grants these deeply enough, and they were refused all the same: the person may not have the role, or something else stands in the way.",
	}
	ignored := htmlGroup{ID: "ignored", Title: "Left alone, as decided", Lead: "These are known to be refused, and it was decided to leave them so."}
	for i, f := range b.Findings {
		switch {
		case f.Ignored != nil:
			ignored.Items = append(ignored.Items, b.finding(i))
		case !f.Gap():
			held.Items = append(held.Items, b.finding(i))
		}
	}
	other := htmlGroup{ID: "other", Title: "Not a role gap", Lead: "No role and no profile cures these refusals. Each says what does."}
	for i, v := range b.verdicts() {
		item := htmlItem{
			ID: fmt.Sprintf("v%d", i), Class: classOther, Title: capital(plain(causeWords(v.cause))), Name: plain(v.what), Advice: plain(v.advice),
		}
		b.evidence(&item, v.denials)
		other.Items = append(other.Items, item)
	}
	out := []htmlGroup{held, ignored, other, b.unexplained()}
	return slices.DeleteFunc(out, func(g htmlGroup) bool { return len(g.Items) == 0 })
}

// capital writes the first letter of a title large.
func capital(s string) string {
	_, n := utf8.DecodeRuneInString(s)
	return strings.ToUpper(s[:n]) + s[n:]
}

// unexplained is what was refused without words, or in words that name nothing.
func (b *htmlBuilder) unexplained() htmlGroup {
	g := htmlGroup{
		ID: "not-understood", Title: "Not understood",
		Lead: "Refused, but the capture does not say what was missing. Nothing was added for these: look at them, or capture again.",
	}
	for _, i := range b.Proposal.Unexplained {
		d := b.Denials[i]
		item := htmlItem{ID: fmt.Sprintf("u%d", i), Class: classUnexplained, Title: unexplainedTitle(d), Advice: plain(d.Advice)}
		if d.Suspected != "" {
			item.Why = "judged by method and URL alone"
			item.Name = "suspected: " + plain(d.Suspected)
		}
		b.evidence(&item, []int{i})
		g.Items = append(g.Items, item)
	}
	return g
}

// unexplainedTitle says what an unexplained denial has to go by.
func unexplainedTitle(d analyzer.Denial) string {
	switch {
	case d.Shape == analyzer.ShapeNoBody:
		return "Refused without a text"
	case d.Privilege != "":
		return plain("Unknown privilege " + d.Privilege)
	}
	return "Refused in words that name no privilege"
}

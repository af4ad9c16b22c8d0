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

// wireLack is what a role lacks, in JSON. The privilege is null for a row of which the source tells no depth.
type wireLack struct {
	Privilege *string       `json:"privilege"`
	Tab       string        `json:"tab"`
	Label     string        `json:"label"`
	Action    *string       `json:"action"`
	Have      catalog.Depth `json:"have"`
	Need      catalog.Depth `json:"need"`
	Status    string        `json:"status"` // missing, too-shallow, held-deeper (of a diff), unknown
}

func placed(privilege string, have, need catalog.Depth) wireLack {
	row, _, at := placeOf(catalog.Default(), privilege)
	l := wireLack{Privilege: &privilege, Tab: row.tab, Label: row.label, Have: have, Need: need}
	if !row.misc {
		l.Action = null(string(catalog.Actions()[at]))
	}
	switch {
	case have == catalog.None:
		l.Status = "missing"
	case have < need:
		l.Status = "too-shallow"
	default:
		l.Status = "held-deeper"
	}
	return l
}

// sortLacks orders by tab, label and column; the rows of unknown depth stay with their tab.
func sortLacks(ls []wireLack) {
	slices.SortStableFunc(ls, func(a, b wireLack) int {
		column := func(l wireLack) int { return slices.Index(catalog.Actions(), catalog.Action(value(l.Action))) }
		return cmp.Or(cmp.Compare(catalog.TabIndex(a.Tab), catalog.TabIndex(b.Tab)), cmp.Compare(strings.ToLower(a.Label), strings.ToLower(b.Label)), column(a)-column(b))
	})
}

func lacksToWire(lacks []role.Lack) []wireLack {
	ls := make([]wireLack, 0, len(lacks))
	for _, l := range lacks {
		if l.Privilege != "" {
			ls = append(ls, placed(l.Privilege, l.Have, l.Need))
			continue
		}
		ls = append(ls, wireLack{Tab: l.Row.Tab, Label: l.Row.Label, Status: map[bool]string{true: "unknown", false: "missing"}[l.Unknown]})
	}
	sortLacks(ls)
	return ls
}

// WriteLacks writes what have lacks of need, as text, csv or json.
func WriteLacks(w io.Writer, have, need role.Role, format string, o Options) error {
	ls := lacksToWire(role.Lacks(have, need))
	switch format {
	case "json":
		return EncodeJSON(w, map[string]any{"role": have.Name, "needs": need.Name, "lacks": ls})
	case "csv":
		return lacksCSV(w, ls)
	}
	p := newPage(w, o)
	p.fact("role", have.Name, plural(have.Len(), "grant")+" · "+have.Source)
	p.fact("needs", need.Name, extent(need)+" · "+need.Source)
	for _, n := range slices.Concat(have.Notes, need.Notes) {
		p.wrapped("note: "+plain(n), 10, p.dim)
	}
	p.lacks(ls, func(l wireLack) bool { return l.Status != "unknown" })
	head := "DEPTH NOT KNOWN FROM THE SOURCE: COMPARE BY EYE"
	for _, l := range ls {
		if l.Status == "unknown" {
			p.heading(&head)
			p.line("  " + pad(plain(l.Tab), 24) + " " + plain(l.Label))
		}
	}
	fmt.Fprintln(p.w)
	p.wrapped(lackSummary(ls, have.Name, need.Name), 0, p.bold)
	return p.w.Flush()
}

func lackSummary(ls []wireLack, have, need string) string {
	var parts []string
	count := func(what string, is func(wireLack) bool) {
		n := 0
		for _, l := range ls {
			if is(l) {
				n++
			}
		}
		if n > 0 {
			parts = append(parts, plural(n, what))
		}
	}
	count("privilege", func(l wireLack) bool { return l.Privilege != nil })
	count("row", func(l wireLack) bool { return l.Privilege == nil && l.Status == "missing" })
	sum := "nothing is lacking"
	if len(parts) > 0 {
		sum = strings.Join(parts, " and ") + " lacking"
	}
	parts = nil
	count("row", func(l wireLack) bool { return l.Status == "unknown" })
	if len(parts) > 0 {
		sum += " · " + parts[0] + ": depth not known from the source"
	}
	return plain(have) + " against " + plain(need) + ": " + sum
}

// lacks writes tab by tab what is to be shown.
func (p *page) lacks(ls []wireLack, show func(wireLack) bool) {
	tab := ""
	for _, l := range ls {
		if !show(l) {
			continue
		}
		if l.Tab != tab {
			tab = l.Tab
			fmt.Fprintln(p.w)
			p.line(p.bold.Render(strings.ToUpper(plain(tab))))
		}
		const label = 32
		if l.Privilege == nil {
			p.line("  " + pad(clip(l.Label, label), label) + "           " + p.good.Render("○ → ?") + "  nothing held in this row")
			continue
		}
		if x, _ := catalog.Default().Lookup(*l.Privilege); x.Section == catalog.Switch {
			p.line(fmt.Sprintf("  %s           %s", pad(clip(l.Label, label), label), p.good.Render(x.LevelLabel(l.Have)+" → "+x.LevelLabel(l.Need))))
			continue
		}
		column := column(analyzer.Finding{Privilege: catalog.Privilege{Action: catalog.Action(value(l.Action))}})
		p.line(fmt.Sprintf("  %s %s %s  %s", pad(clip(l.Label, label), label), pad(column, 9),
			p.good.Render(l.Have.Symbol()+" → "+l.Need.Symbol()), l.Need.Label()))
		if features := neededFor(*l.Privilege); l.Have < l.Need && features != "" {
			p.wrapped("for "+plain(features), 6, p.dim)
		}
	}
}

// neededFor names the features that are known to need a privilege.
func neededFor(privilege string) string {
	var features []string
	for _, n := range catalog.Default().Needs(privilege) {
		features = append(features, n.Feature)
	}
	return strings.Join(features, ", ")
}

func lacksCSV(w io.Writer, ls []wireLack) error {
	rows := [][]string{{"status", "tab", "row", "column", "privilege", "have", "need"}}
	for _, l := range ls {
		need := l.Need.Label()
		if l.Privilege == nil {
			need = "not known"
		}
		rows = append(rows, []string{l.Status, cell(l.Tab), cell(l.Label), value(l.Action), cell(value(l.Privilege)), l.Have.Label(), need})
	}
	if err := csv.NewWriter(w).WriteAll(rows); err != nil {
		return fmt.Errorf("writing CSV: %w", err)
	}
	return nil
}

// WriteDiff writes what has to change for role a to grant what role b grants, as text, csv or json.
func WriteDiff(w io.Writer, a, b role.Role, format string, o Options) error {
	changes := role.Diff(a, b)
	ls := make([]wireLack, 0, len(changes))
	for _, c := range changes {
		ls = append(ls, placed(c.Privilege, c.From, c.To))
	}
	sortLacks(ls)
	switch format {
	case "json":
		return EncodeJSON(w, map[string]any{"from": a.Name, "to": b.Name, "changes": ls})
	case "csv":
		return lacksCSV(w, ls)
	}
	p := newPage(w, o)
	p.fact("from", a.Name, plural(a.Len(), "grant")+" · "+a.Source)
	p.fact("to", b.Name, plural(b.Len(), "grant")+" · "+b.Source)
	for _, n := range slices.Concat(a.Notes, b.Notes) {
		p.wrapped("note: "+plain(n), 10, p.dim)
	}
	p.lacks(ls, func(wireLack) bool { return true })
	fmt.Fprintln(p.w)
	more, less := 0, 0
	for _, l := range ls {
		if l.Have < l.Need {
			more++
		} else {
			less++
		}
	}
	sum := "they grant the same"
	if len(ls) > 0 {
		sum = fmt.Sprintf("%s differ: %d more or deeper, %d less or shallower", plural(len(ls), "privilege"), more, less)
	}
	p.wrapped(sum, 0, p.bold)
	return p.w.Flush()
}

// WriteRoleList writes names with a line about each.
func WriteRoleList(w io.Writer, list []role.Listed, o Options) error {
	p := newPage(w, o)
	width := 0
	for _, l := range list {
		width = max(width, ansi.StringWidth(clip(l.Name, 60)))
	}
	for _, l := range list {
		name := pad(clip(l.Name, 60), width)
		for line := range strings.SplitSeq(ansi.Wrap(plain(l.About), max(20, p.width-width-2), ""), "\n") {
			p.line(name + "  " + p.dim.Render(strings.TrimSpace(line)))
			name = pad("", width)
		}
	}
	return p.w.Flush()
}

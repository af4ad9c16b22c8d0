package report

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/prvgap/prvgap/analyzer"
	"github.com/prvgap/prvgap/catalog"
)

// changeWords is a change as people read it.
func changeWords(c analyzer.Change) string { return strings.ReplaceAll(string(c), "-", " ") }

// comparedFinding is the row of the form that a compared privilege stands in.
func comparedFinding(c analyzer.Compared) analyzer.Finding {
	return analyzer.Finding{Privilege: c.Privilege}
}

// wanted writes the level that denials asked for, "" where there were none.
func wanted(p catalog.Privilege, d catalog.Depth) string {
	if d == catalog.None {
		return ""
	}
	return levelWords(p, d)
}

// comparedNote is what is to be said of a compared privilege.
func comparedNote(c analyzer.Compared) string {
	var parts []string
	if c.Ignored != nil {
		parts = append(parts, "left alone, as decided")
	}
	if c.Note != "" {
		parts = append(parts, c.Note)
	}
	return strings.Join(parts, " · ")
}

// comparedAgainst names the earlier captures and counts the changes.
func (r Report) comparedAgainst() (names, counts string) {
	var list, words []string
	for i, c := range r.Comparison.Captures {
		if i == headMost && len(r.Comparison.Captures) > headMost+1 {
			list = append(list, thousands(len(r.Comparison.Captures)-i)+" more")
			break
		}
		list = append(list, c.Name)
	}
	for _, change := range analyzer.Changes() {
		n := 0
		for _, c := range r.Comparison.Privileges {
			if c.Change == change {
				n++
			}
		}
		if n > 0 {
			words = append(words, thousands(n)+" "+changeWords(change))
		}
	}
	if len(words) == 0 {
		words = append(words, "no privilege was refused before or now")
	}
	return strings.Join(list, ", "), strings.Join(words, " · ")
}

// comparison writes what became of each privilege.
func (p *page) comparison(r Report) {
	if r.Comparison == nil {
		return
	}
	names, counts := r.comparedAgainst()
	fmt.Fprintln(p.w)
	p.line(p.bold.Render("BEFORE AND AFTER"))
	p.wrapped("against "+plain(names)+": "+counts, 2, p.dim)
	label := max(10, min(26, 26-(80-p.width)))
	for _, c := range r.Comparison.Privileges {
		f := comparedFinding(c)
		arrow := pad(blank(c.Privilege, c.Before), 1) + " → " + blank(c.Privilege, c.After)
		style := p.bad
		if c.Change == analyzer.ChangeFixed {
			arrow, style = c.Privilege.LevelSymbol(c.Before), p.good
		}
		p.line(fmt.Sprintf("  %s %s %s %s", style.Render(pad(changeWords(c.Change), 14)), pad(clip(rowLabel(f), label), label), pad(column(f), 9), arrow))
		if note := comparedNote(c); note != "" {
			p.wrapped(plain(note), 6, p.dim)
		}
	}
	if slices.ContainsFunc(r.Comparison.Privileges, func(c analyzer.Compared) bool { return c.Change == analyzer.ChangeNotExercised }) {
		p.wrapped(notExercised, 2, p.dim)
	}
}

// notExercised explains the word, which is easily taken for fixed.
const notExercised = "not exercised: nothing in the later captures shows that it would be allowed now; repeat the step"

// blank is the circle that denials asked for, or a dash.
func blank(p catalog.Privilege, d catalog.Depth) string {
	if d == catalog.None {
		return "-"
	}
	return p.LevelSymbol(d)
}

func markdownComparison(b io.Writer, r Report) {
	if r.Comparison == nil {
		return
	}
	names, counts := r.comparedAgainst()
	fmt.Fprintf(b, "\n## Before and after\n\nAgainst %s: %s\n", markdown(names), markdown(counts))
	if len(r.Comparison.Privileges) == 0 {
		return
	}
	fmt.Fprintf(b, "\n| Change | Tab | Row | Column | Refused before at | Refused now at | Note | Privilege |\n|---|---|---|---|---|---|---|---|\n")
	for _, c := range r.Comparison.Privileges {
		f := comparedFinding(c)
		fmt.Fprintf(b, "| %s | %s | %s | %s | %s | %s | %s | %s |\n", changeWords(c.Change), markdown(place(f)), markdown(rowLabel(f)), markdown(column(f)),
			wanted(c.Privilege, c.Before), wanted(c.Privilege, c.After), markdown(comparedNote(c)), markdown(c.Privilege.Name))
	}
}

// changes are what became of the findings, by their indexes; none without a comparison.
func (r Report) changes() map[int]analyzer.Change {
	out := map[int]analyzer.Change{}
	if r.Comparison != nil {
		for _, c := range r.Comparison.Privileges {
			out[c.Finding] = c.Change
		}
	}
	return out
}

// settled writes rows for the privileges that are refused no more.
func (t table) settled(c analyzer.Comparison) {
	for _, x := range c.Privileges {
		if x.Finding >= 0 {
			continue
		}
		f := comparedFinding(x)
		row := make([]string, len(csvHeader))
		for name, value := range map[string]string{
			"status": string(x.Change), "tab": x.Privilege.Tab, "row": rowLabel(f), "column": column(f), "privilege": x.Privilege.Name,
			"privilege id": x.Privilege.ID, "table": x.Privilege.Table, "times": "0", "note": comparedNote(x),
		} {
			row[slices.Index(csvHeader, name)] = value
		}
		t.row(x.Change, row...)
	}
}

// The JSON of a comparison: what became of each privilege, with the denials of
// the earlier captures that tell of it.
type (
	wireCompared struct {
		Privilege   string         `json:"privilege"`
		PrivilegeID *string        `json:"privilegeId"`
		Action      *string        `json:"action"`
		Table       *string        `json:"table"`
		Label       string         `json:"label"`
		Tab         *string        `json:"tab"`
		Change      string         `json:"change"`
		Before      *catalog.Depth `json:"before"`
		After       *catalog.Depth `json:"after"`
		Denials     []int          `json:"denials"` // of the comparison
		Finding     *int           `json:"finding"` // of the report
		Allowed     []string       `json:"allowed"`
		Note        *string        `json:"note"`
		Ignored     bool           `json:"ignored"`
	}
)

func comparedToWire(c analyzer.Compared) wireCompared {
	p := c.Privilege
	out := wireCompared{
		Privilege: p.Name, PrivilegeID: null(p.ID), Action: null(string(p.Action)), Table: null(p.Table), Label: rowLabel(comparedFinding(c)),
		Tab: null(p.Tab), Change: string(c.Change), Before: null(c.Before), After: null(c.After), Denials: list(c.Denials),
		Allowed: list(c.Allowed), Note: null(c.Note), Ignored: c.Ignored != nil,
	}
	if c.Finding >= 0 {
		out.Finding = &c.Finding
	}
	return out
}

// htmlCompared is a row of the page's table of changes.
type htmlCompared struct {
	Class, Change, Title, Column, Name, Note, Item string
	Before, After                                  *htmlDepth
}

// comparison lists what became of each privilege. What is refused now leads to
// its item.
func (b *htmlBuilder) comparison() (against, counts string, rows []htmlCompared) {
	if b.Comparison == nil {
		return "", "", nil
	}
	for _, c := range b.Comparison.Privileges {
		f := comparedFinding(c)
		row := htmlCompared{
			Class: string(c.Change), Change: capital(changeWords(c.Change)), Title: plain(rowLabel(f)), Column: plain(column(f)),
			Name: plain(c.Privilege.Name), Note: plain(comparedNote(c)), Before: depthOrNil(c.Privilege, c.Before), After: depthOrNil(c.Privilege, c.After),
		}
		if c.Finding >= 0 {
			row.Item = fmt.Sprintf("f%d", c.Finding)
		}
		rows = append(rows, row)
	}
	names, counts := b.comparedAgainst()
	return plain(names), counts, rows
}

func depthOrNil(p catalog.Privilege, d catalog.Depth) *htmlDepth {
	if d == catalog.None {
		return nil
	}
	depth := depthOf(p, d)
	return &depth
}

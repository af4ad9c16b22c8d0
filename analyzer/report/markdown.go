package report

import (
	"bufio"
	"encoding/csv"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/prvgap/prvgap/analyzer"
)

// writeMarkdown writes a report for a ticket or a wiki page.
func writeMarkdown(w io.Writer, r Report, _ Options) error {
	b := bufio.NewWriter(w)
	fmt.Fprintf(b, "# Privilege gap\n\n")
	for _, c := range r.Captures {
		fmt.Fprintf(b, "- Capture: %s, %s, %s refused, %s\n", markdown(c.Name), plural(c.Entries, "entry"), thousands(c.Refused), markdown(span(c)))
		if !c.Complete {
			fmt.Fprintf(b, "  - **Partial**: %s\n", markdown(c.Problem))
		}
	}
	for _, p := range r.Principals {
		who, facts := principalWords(p)
		fmt.Fprintf(b, "- Refused: %s (%s)\n", markdown(who), markdown(facts))
	}
	for _, base := range r.bases() {
		fmt.Fprintf(b, "- Base: %s, %s\n", markdown(base.Name), plural(base.Len(), "grant"))
	}
	for _, n := range r.Notes {
		fmt.Fprintf(b, "\n> %s\n", markdown(n))
	}
	for _, a := range r.Advice {
		fmt.Fprintf(b, "\n> %s\n", markdown(noteWords(a)))
	}
	notes := newSaid(r.Findings, true, false)
	markdownFindings(b, r, notes, "Additions", analyzer.Finding.Gap)
	markdownFindings(b, r, notes, "Held, yet denied", func(f analyzer.Finding) bool { return f.Ignored == nil && !f.Gap() })
	if len(notes.words) > 0 {
		fmt.Fprintf(b, "\n## Advice\n\n")
	}
	for i, words := range notes.words {
		fmt.Fprintf(b, "- \\[%d\\] %s\n", i+1, markdown(words))
	}
	if vs := r.verdicts(); len(vs) > 0 {
		fmt.Fprintf(b, "\n## Not a role gap\n\n| Cause | About | What to do | Times |\n|---|---|---|---:|\n")
		for _, v := range vs {
			fmt.Fprintf(b, "| %s | %s | %s | %d |\n", markdown(causeWords(v.cause)), markdown(v.what), markdown(v.advice), len(v.denials))
		}
	}
	if len(r.Proposal.Unexplained) > 0 {
		fmt.Fprintf(b, "\n## Not understood\n\n| Request | Suspected | Message |\n|---|---|---|\n")
		for _, i := range r.Proposal.Unexplained {
			d := r.Denials[i]
			fmt.Fprintf(b, "| %s %s | %s | %s |\n", markdown(d.Method), markdown(d.URL), markdown(d.Suspected), markdown(d.Message))
		}
	}
	markdownComparison(b, r)
	fmt.Fprintf(b, "\n%s\n", markdown(r.summary()))
	return b.Flush()
}

func markdownFindings(b io.Writer, r Report, notes said, title string, which func(analyzer.Finding) bool) {
	head := fmt.Sprintf("\n## %s\n\n| Tab | Row | Column | From | To | Why | Privilege | Times |\n|---|---|---|---|---|---|---|---:|\n", title)
	for _, f := range r.Findings {
		if !which(f) {
			continue
		}
		fmt.Fprint(b, head)
		head = ""
		fmt.Fprintf(b, "| %s | %s | %s | %s | %s | %s | %s | %d |\n",
			markdown(place(f)), markdown(rowLabel(f)), markdown(column(f)), levelWords(f.Privilege, f.Held), levelWords(f.Privilege, f.Depth),
			markdown(notes.numbered(reasons(f), f)), markdown(f.Privilege.Name), len(f.Denials))
	}
}

// csvHeader names the columns, one row a finding or unexplained denial.
var csvHeader = []string{
	"status", "tab", "row", "column", "from", "to", "basis", "privilege", "privilege id", "table", "times",
	"silent", "required for", "principals", "first seen", "method", "url", "message", "note", "marks", "advice",
}

// table writes rows as CSV. With a comparison they have one column more.
type table struct {
	*csv.Writer
	compared bool
}

// row writes a row, and what became of what it is about.
func (t table) row(change analyzer.Change, cells ...string) {
	if t.compared {
		cells = append(slices.Clip(cells), string(change))
	}
	for i := range cells {
		cells[i] = cell(cells[i])
	}
	_ = t.Write(cells) // Error has the first
}

// writeCSV writes what spreadsheets open: findings, then every other denial.
func writeCSV(w io.Writer, r Report, _ Options) error {
	t := table{csv.NewWriter(w), r.Comparison != nil}
	t.row("change", slices.Clone(csvHeader)...)
	changes := r.changes()
	for i, f := range r.Findings {
		status := string(f.Status)
		if f.Ignored != nil {
			status = "ignored"
		}
		d := r.Denials[f.Denials[0]]
		t.row(
			changes[i],
			status, f.Privilege.Tab, rowLabel(f), column(f), f.Privilege.LevelLabel(f.Held), f.Privilege.LevelLabel(f.Depth), string(f.Basis), f.Privilege.Name,
			f.Privilege.ID, f.Privilege.Table, strconv.Itoa(len(f.Denials)), strconv.FormatBool(f.Silent), strings.Join(f.RequiredFor, "; "),
			strings.Join(f.Principals, " "), stamp(d.Time), d.Method, d.URL, d.Message, f.Note, strings.Join(f.Marks, "; "), allAdvice(f),
		)
	}
	for _, i := range r.unclassified() {
		d := r.Denials[i]
		t.row(
			"",
			string(d.Cause), "", "", "", "", "", "", d.Suspected, "", d.Table, "1", "", "", d.Principal,
			stamp(d.Time), d.Method, d.URL, d.Message, d.Advice, d.Mark, "",
		)
	}
	if r.Comparison != nil {
		t.settled(*r.Comparison)
	}
	if t.Flush(); t.Error() != nil {
		return fmt.Errorf("writing CSV: %w", t.Error())
	}
	return nil
}

// unclassified returns the denials that stand in no finding.
func (r Report) unclassified() []int {
	in := map[int]bool{}
	for _, f := range r.Findings {
		for _, i := range f.Denials {
			in[i] = true
		}
	}
	var out []int
	for i := range r.Denials {
		if !in[i] {
			out = append(out, i)
		}
	}
	return out
}

func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format("2006-01-02 15:04:05Z")
}

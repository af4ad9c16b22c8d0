// Package report writes an analysis in the formats that people and programs
// read. Every format is a function of one Report, and its JSON reads back in.
package report

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/prvgap/prvgap/analyzer"
	"github.com/prvgap/prvgap/analyzer/role"
	"github.com/prvgap/prvgap/catalog"
)

// Report is an analysis with what made it.
type Report struct {
	Version string // of prvgap
	Catalog string // of the bundled catalog
	Next    string // the command to run next, "" for none
	analyzer.Analysis
}

// Options of a format.
type Options struct {
	Width   int  // columns of the terminal; 80 where there is none
	Color   bool // whether the terminal shows colours
	Verbose bool // every denial with its message
}

// formats in the order in which they are offered.
var formats = []struct {
	name  string
	write func(io.Writer, Report, Options) error
}{
	{"text", writeText},
	{"json", writeJSON},
	{"markdown", writeMarkdown},
	{"html", writeHTML},
	{"csv", writeCSV},
	{"checklist", writeChecklist},
	{"xlsx", writeXLSX},
}

// Formats returns the names of the formats.
func Formats() []string {
	var names []string
	for _, f := range formats {
		names = append(names, f.name)
	}
	return names
}

// Write writes r in a format. An unknown format is an error.
func Write(w io.Writer, r Report, format string, o Options) error {
	for _, f := range formats {
		if f.name == format {
			return f.write(w, r, o)
		}
	}
	return fmt.Errorf("unknown format %q: choose one of %s", format, strings.Join(Formats(), ", "))
}

// bases are the roles that the additions are for, one for each platform.
func (r Report) bases() []role.Role {
	if r.Proposal.Base == nil {
		return nil
	}
	return append([]role.Role{*r.Proposal.Base}, r.Proposal.Others...)
}

// Gap reports whether anything is missing from the base role.
func (r Report) Gap() bool { return len(r.Proposal.Grants) > 0 }

// Complete reports whether every capture was read to its end.
func (r Report) Complete() bool {
	return !slices.ContainsFunc(r.Captures, func(c analyzer.Capture) bool { return !c.Complete })
}

// tally counts the denials by what became of them.
type tally struct {
	roleGap     int // denials that a role could answer
	answered    int // by the proposal
	held        int // denied although the base holds the privilege
	ignored     int
	unexplained int
	other       int // causes that no role cures
}

func (r Report) tally() tally {
	t := tally{unexplained: len(r.Proposal.Unexplained)}
	for _, f := range r.Findings {
		switch n := len(f.Denials); {
		case f.Ignored != nil:
			t.ignored += n
		case f.Gap():
			t.answered += n
		default:
			t.held += n
		}
	}
	for _, d := range r.Denials {
		if d.Cause.RoleGap() {
			t.roleGap++
		} else {
			t.other++
		}
	}
	return t
}

// verdict is a group of denials that no role cures.
type verdict struct {
	cause   analyzer.Cause
	what    string // the table or the wording's name
	advice  string
	denials []int
}

// verdicts groups the denials of other causes, in the order of the captures.
func (r Report) verdicts() []verdict {
	var out []verdict
	type key struct{ cause, what, advice string }
	at := map[key]int{}
	for i, d := range r.Denials {
		if d.Cause.RoleGap() {
			continue
		}
		if _, unexplained := slices.BinarySearch(r.Proposal.Unexplained, i); unexplained {
			continue
		}
		v := verdict{cause: d.Cause, what: about(d), advice: d.Advice}
		k := key{string(v.cause), v.what, v.advice}
		if _, ok := at[k]; !ok {
			at[k] = len(out)
			out = append(out, v)
		}
		out[at[k]].denials = append(out[at[k]].denials, i)
	}
	return out
}

// about says in a word what a denial that no role cures is about.
func about(d analyzer.Denial) string {
	switch {
	case d.Privilege != "":
		return d.Privilege
	case d.Table != "":
		return d.Table
	}
	return d.Host()
}

// causeWords are the causes as headings.
func causeWords(c analyzer.Cause) string { return strings.ReplaceAll(string(c), "-", " ") }

// reasons says why a finding's depth is what it is, and what it is needed for.
func reasons(f analyzer.Finding) string {
	var parts []string
	switched := f.Privilege.Section == catalog.Switch
	if switched && f.Note == "" {
		parts = append(parts, "named in the answer")
	}
	if f.Status != analyzer.StatusHeld && !switched && (f.Note == "" || f.Basis != analyzer.BasisRecord && f.Basis != analyzer.BasisSuspected) {
		parts = append(parts, basisWords(f.Basis))
	}
	if f.Note != "" {
		parts = append(parts, f.Note)
	}
	if len(f.RequiredFor) > 0 {
		parts = append(parts, "for "+strings.Join(f.RequiredFor, ", "))
	}
	if f.Silent {
		parts = append(parts, "fails silently")
	}
	if len(f.Marks) > 0 {
		parts = append(parts, "during "+markWords(f.Marks))
	}
	return strings.Join(parts, " · ")
}

// markWords names what the user did; of many marks, those that came first.
func markWords(marks []string) string {
	const most = 3
	if len(marks) > most+1 {
		return strings.Join(marks[:most], ", ") + fmt.Sprintf(" and %d more", len(marks)-most)
	}
	return strings.Join(marks, ", ")
}

func basisWords(b analyzer.Basis) string {
	switch b {
	case analyzer.BasisStated:
		return "level stated in the message"
	case analyzer.BasisRecord:
		return "level worked out from owner and business units"
	case analyzer.BasisOwnership:
		return "the only level there is"
	case analyzer.BasisRecommended:
		return "recommended level"
	case analyzer.BasisSuspected:
		return "suspected"
	}
	return "least level"
}

// principalWords describes a principal in a line.
func principalWords(p analyzer.Principal) (who, facts string) {
	kind := p.Kind
	if kind == "" {
		kind = "principal"
	}
	var parts []string
	teams := p.RoleCount != nil && *p.RoleCount == 0 && p.PrivilegeCount != nil && *p.PrivilegeCount > 0
	switch {
	case teams:
		parts = append(parts, "no role held directly")
	case p.RoleCount != nil:
		parts = append(parts, plural(*p.RoleCount, "role"))
	}
	if p.PrivilegeCount != nil {
		parts = append(parts, plural(*p.PrivilegeCount, "privilege")+map[bool]string{true: " through teams"}[teams])
	}
	if p.BusinessUnit != "" {
		parts = append(parts, "business unit "+short(p.BusinessUnit))
	}
	return kind + " " + short(p.ID), strings.Join(parts, " · ")
}

// short abbreviates a GUID to its first block.
func short(id string) string {
	if len(id) == 36 {
		return id[:8] + "…"
	}
	return id
}

// plural writes a count with its noun.
func plural(n int, noun string) string {
	switch {
	case n == 1:
		return "1 " + noun
	case strings.HasSuffix(noun, "y"):
		return thousands(n) + " " + noun[:len(noun)-1] + "ies"
	}
	return thousands(n) + " " + noun + "s"
}

// thousands writes a number with commas.
func thousands(n int) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// span writes when a capture was made, in UTC.
func span(c analyzer.Capture) string {
	if c.From.IsZero() {
		return ""
	}
	from, to := c.From.UTC(), c.To.UTC()
	s := from.Format("2 Jan 2006 15:04")
	switch {
	case from.Truncate(60e9).Equal(to.Truncate(60e9)):
		return s + " UTC"
	case from.YearDay() == to.YearDay() && from.Year() == to.Year():
		return s + "–" + to.Format("15:04") + " UTC"
	}
	return s + " – " + to.Format("2 Jan 15:04") + " UTC"
}

// levelWords is a depth as a form draws it, with its words; a switch has words only.
func levelWords(p catalog.Privilege, d catalog.Depth) string {
	if p.Section == catalog.Switch {
		return p.LevelLabel(d)
	}
	return d.Symbol() + " " + d.Label()
}

// place is where a finding stands on the form.
func place(f analyzer.Finding) string {
	if f.Privilege.Tab == "" {
		return "Not on the form, or place not known"
	}
	return f.Privilege.Tab
}

// column is the form's column of a finding, "" for a miscellaneous privilege.
func column(f analyzer.Finding) string { return actionLabel(f.Privilege.Action) }

// actionLabel is the form's word for an action.
func actionLabel(a catalog.Action) string {
	if a == catalog.AppendTo {
		return "Append To"
	}
	return plain(string(a)) // a report that was read back may hold any
}

// rowLabel is the form's row of a finding.
func rowLabel(f analyzer.Finding) string {
	if f.Privilege.Label != "" {
		return f.Privilege.Label
	}
	return f.Privilege.Name
}

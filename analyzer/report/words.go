package report

import "github.com/prvgap/prvgap/analyzer"

// What follows lends the words of the reports to a face that draws a report
// itself, so that it says the same of the same.

// Plain makes a text of a capture safe for one line of a terminal.
func Plain(s string) string { return plain(s) }

// Place is the tab on which a finding stands, or the words for none.
func Place(f analyzer.Finding) string { return place(f) }

// RowLabel is the form's row of a finding, unescaped.
func RowLabel(f analyzer.Finding) string { return rowLabel(f) }

// Column is the form's column of a finding, "" for a miscellaneous privilege.
func Column(f analyzer.Finding) string { return column(f) }

// Reasons says why a finding's depth is what it is, and what it is needed for.
func Reasons(f analyzer.Finding) string { return reasons(f) }

// AdviceWords is an advice with the evidence that calls for it.
func AdviceWords(a analyzer.Advice) string { return adviceWords(a) }

// NoteWords is an advice about the proposal as a whole, as a sentence of its own.
func NoteWords(a analyzer.Advice) string { return noteWords(a) }

// Context is what a denial tells of its record: who owns it, and where.
func Context(d analyzer.Denial) string { return context(d) }

// LevelWords is the level that a finding needs, as its form draws and names it.
func LevelWords(f analyzer.Finding) string { return levelWords(f.Privilege, f.Depth) }

// Clicks says how often to click the circle of a finding.
func Clicks(f analyzer.Finding) string { return clicks(f) }

// CauseWords is a cause as a heading.
func CauseWords(c analyzer.Cause) string { return causeWords(c) }

// Count writes a number with its noun.
func Count(n int, noun string) string { return plural(n, noun) }

// Number writes a number without one.
func Number(n int) string { return thousands(n) }

// PrincipalWords describes a principal: who it is, and what is known of it.
func PrincipalWords(p analyzer.Principal) (who, facts string) { return principalWords(p) }

// Summary counts what became of the denials.
func (r Report) Summary() string { return r.summary() }

// Verdict is a group of denials that no role cures.
type Verdict struct {
	Cause   analyzer.Cause
	What    string // the table, the privilege or the host
	Advice  string
	Denials []int
}

// Verdicts groups the denials that no role cures, in the order of the captures.
func (r Report) Verdicts() []Verdict {
	var out []Verdict
	for _, v := range r.verdicts() {
		out = append(out, Verdict{v.cause, v.what, v.advice, v.denials})
	}
	return out
}

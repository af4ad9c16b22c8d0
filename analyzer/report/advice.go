package report

import (
	"fmt"
	"slices"
	"strings"

	"github.com/prvgap/prvgap/analyzer"
)

// adviceWords is an advice with the evidence that calls for it.
func adviceWords(a analyzer.Advice) string {
	if a.Why == "" {
		return a.Text
	}
	return a.Text + " (" + a.Why + ")"
}

// noteWords is an advice about the proposal as a whole, as a sentence of its own.
func noteWords(a analyzer.Advice) string { return capital(adviceWords(a)) + "." }

// said is a text's list of advice. What stands beside several findings is said
// once, and each of them refers to it by a number.
type said struct {
	words []string       // in the order of their numbers, from 1
	at    map[string]int // words → number, 0 for what one finding alone has
}

// newSaid numbers the advice of findings: all of it, or what several share.
// Without details it leaves out what only those who ask for details want.
func newSaid(fs []analyzer.Finding, all, details bool) said {
	s := said{at: map[string]int{}}
	times := map[string]int{}
	each := func(do func(string)) {
		for _, f := range fs {
			for _, a := range f.Advice {
				if details || !a.Detail {
					do(adviceWords(a))
				}
			}
		}
	}
	each(func(words string) { times[words]++ })
	each(func(words string) {
		if _, done := s.at[words]; done {
			return
		}
		s.at[words] = 0
		if all || times[words] > 1 {
			s.words = append(s.words, words)
			s.at[words] = len(s.words)
		}
	})
	return s
}

// numbered is a text with the numbers of what is said of f elsewhere.
func (s said) numbered(text string, f analyzer.Finding) string {
	refs, _ := s.of(f)
	return withRefs(text, refs)
}

// of returns the numbers of what is said of f elsewhere, and what is to be said
// beside it.
func (s said) of(f analyzer.Finding) (refs string, own []string) {
	var numbers []int
	for _, a := range f.Advice {
		words := adviceWords(a)
		switch n, ok := s.at[words]; {
		case !ok: // a detail
		case n > 0:
			numbers = append(numbers, n)
		case !slices.Contains(own, words):
			own = append(own, words)
		}
	}
	slices.Sort(numbers)
	for _, n := range slices.Compact(numbers) {
		refs = strings.TrimSpace(fmt.Sprintf("%s [%d]", refs, n))
	}
	return refs, own
}

// withRefs puts the numbers of advice behind a text.
func withRefs(text, refs string) string { return strings.TrimSpace(text + " " + refs) }

// allAdvice is the advice of a finding in one cell of a table.
func allAdvice(f analyzer.Finding) string {
	var parts []string
	for _, a := range f.Advice {
		parts = append(parts, adviceWords(a))
	}
	return strings.Join(parts, "; ")
}

// context is what a denial tells of the record: who owns it, and where. It is
// the other half of what an access check compares.
func context(d analyzer.Denial) string {
	if d.Cause != analyzer.CauseRecordAccess || d.Owner == "" && d.RecordBusinessUnit == "" {
		return ""
	}
	words := ownerWords(analyzer.Owner{ID: d.Owner, Kind: d.OwnerKind, BusinessUnit: d.RecordBusinessUnit})
	if d.Owner != "" && d.Owner == d.Principal {
		words += ", who was refused"
	}
	return "record of " + words
}

package analyzer

import (
	"fmt"
	"slices"

	"github.com/prvgap/prvgap/analyzer/role"
)

// One analysis may hold the denials of several platforms. A role answers only
// those of its own, so every finding is held against the bases of its dialect.

// basesOf returns the bases that count for a dialect.
func (a *analysis) basesOf(dialect string) []role.Role {
	return slices.DeleteFunc(slices.Clone(a.opts.Bases), func(r role.Role) bool { return !concerns(r.Dialect, dialect) })
}

// concerns reports whether two dialects may be the same; one of them may not be told.
func concerns(a, b string) bool { return a == "" || b == "" || a == b }

// others returns the first base of each dialect but the first base's own.
func others(bases []role.Role) []role.Role {
	var out []role.Role
	for _, r := range bases {
		if !concerns(r.Dialect, bases[0].Dialect) && !slices.ContainsFunc(out, func(o role.Role) bool { return o.Dialect == r.Dialect }) {
			out = append(out, r)
		}
	}
	return out
}

// BaseFor returns the role that the additions of a dialect are for, or nil.
func (p Proposal) BaseFor(dialect string) *role.Role {
	if p.Base != nil && concerns(p.Base.Dialect, dialect) {
		return p.Base
	}
	for i := range p.Others {
		if concerns(p.Others[i].Dialect, dialect) {
			return &p.Others[i]
		}
	}
	return nil
}

// baseless says for which platforms no base was given, though one was for another.
func (a *analysis) baseless() []string {
	counts := map[string]int{}
	var order []string
	for _, f := range a.out.Findings {
		if !f.Gap() || len(a.opts.Bases) == 0 || len(a.basesOf(f.Dialect)) > 0 {
			continue
		}
		if counts[f.Dialect] == 0 {
			order = append(order, f.Dialect)
		}
		counts[f.Dialect]++
	}
	slices.Sort(order)
	var notes []string
	for _, d := range order {
		what := "1 finding of the platform " + d + " is"
		if n := counts[d]; n > 1 {
			what = fmt.Sprintf("%d findings of the platform %s are", n, d)
		}
		notes = append(notes, what+" held against no role: every base that was given is of another platform.")
	}
	return notes
}

// Of returns a with the findings and grants of one dialect, which is what a
// patch for a role of that dialect is made of. left counts the other grants.
func (a Analysis) Of(dialect string) (of Analysis, left int) {
	of = a
	of.Findings, of.Proposal.Grants = nil, nil
	at := map[int]int{} // index of a finding before and after
	for i, f := range a.Findings {
		if concerns(f.Dialect, dialect) {
			at[i] = len(of.Findings)
			of.Findings = append(of.Findings, f)
		}
	}
	for _, g := range a.Proposal.Grants {
		i, ok := at[g.Because[0]] // a grant answers findings of its own privilege only
		if !ok {
			left++
			continue
		}
		g.Because = []int{i}
		of.Proposal.Grants = append(of.Proposal.Grants, g)
	}
	return of, left
}

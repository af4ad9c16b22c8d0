package zoho

import (
	"strings"

	"github.com/prvgap/prvgap/analyzer"
	"github.com/prvgap/prvgap/catalog"
)

// Advise says what the denials do not: that a profile of the system cannot be
// changed, and what a switch of the Microsoft section does. Both are from the
// announcement "Manage control over Microsoft Office 365 integrations with
// profile-based sync permissions".
func (Dialect) Advise(a analyzer.Analysis) []analyzer.Advice {
	var out []analyzer.Advice
	for i, f := range a.Findings {
		// The catalog's own rows say it already: it is what they allow.
		if f.Dialect == Name && f.Ignored == nil && f.Privilege.Allows == "" && strings.EqualFold(f.Privilege.Tab, catalog.ProfileTab("Microsoft")) {
			out = append(out, analyzer.Advice{
				Finding: i, Rule: "microsoft-sync", Text: "off pauses the sync and keeps its set-up, on again resumes it; in paid editions, in every data centre but CN",
				Why: "it stands in the profile's Microsoft section",
			})
		}
	}
	base := a.Proposal.BaseFor(Name)
	if own, _ := a.Of(Name); base != nil && base.Sealed && len(own.Proposal.Grants) > 0 {
		out = append(out, analyzer.Advice{
			Finding: analyzer.ForAll, Rule: "base-kept", Text: "this base profile stays as it is: clone it, change the clone, and give the users the clone",
			Why: base.Name + " is defined by the system, and nobody can change it",
		})
	}
	return out
}

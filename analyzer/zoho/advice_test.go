package zoho

import (
	"testing"

	"github.com/prvgap/prvgap/analyzer"
	"github.com/prvgap/prvgap/analyzer/role"
	"github.com/prvgap/prvgap/catalog"
)

// TestAdvise: each advice where the evidence calls for it, and not where it
// nearly does.
func TestAdvise(t *testing.T) {
	own := catalog.Privilege{Name: "Crm_Implied_O365_Calendar", Section: catalog.Switch, Tab: catalog.ProfileTab("Microsoft")}
	bundled, _ := catalog.Default().Lookup("microsoft-sync-calendar")
	elsewhere := own
	elsewhere.Tab = catalog.ProfileTab("Tool Permissions")
	for name, c := range map[string]struct {
		privilege catalog.Privilege
		sealed    bool
		dialect   string
		want      []string
	}{
		"own name":          {own, false, Name, []string{"microsoft-sync"}},
		"catalog's name":    {bundled, false, Name, nil},
		"another section":   {elsewhere, false, Name, nil},
		"of the system":     {elsewhere, true, Name, []string{"base-kept"}},
		"nothing of Zoho's": {elsewhere, true, "elsewhere", nil},
	} {
		base := role.New("Standard", "1", "x.json")
		base.Dialect, base.Sealed = Name, c.sealed
		var a analyzer.Analysis
		a.Findings = []analyzer.Finding{{Dialect: c.dialect, Privilege: c.privilege, Depth: catalog.Global}}
		a.Proposal.Base, a.Proposal.Grants = &base, []analyzer.Grant{{Privilege: c.privilege.Name, To: catalog.Global, Because: []int{0}}}
		got := Dialect{}.Advise(a)
		if len(got) != len(c.want) || len(got) == 1 && (got[0].Rule != c.want[0] || got[0].Text == "" || got[0].Why == "") {
			t.Errorf("%s: got %v, want %v", name, got, c.want)
		}
	}
}

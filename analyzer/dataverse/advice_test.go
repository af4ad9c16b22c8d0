package dataverse

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/prvgap/prvgap/analyzer"
	"github.com/prvgap/prvgap/analyzer/role"
	"github.com/prvgap/prvgap/catalog"
	"github.com/prvgap/prvgap/har"
)

const samples = "../../testdata/"

// sampled analyzes a sample capture against roles: files of testdata/roles, or
// bundled ones.
func sampled(t *testing.T, capture, base string) analyzer.Analysis {
	t.Helper()
	ds := []analyzer.Dialect{Dialect{}}
	sources, err := har.Open(samples+capture, nil)
	if err != nil {
		t.Fatal(err)
	}
	ev, err := analyzer.Collect(capture, sources[0].Entries(har.Options{Body: analyzer.Body(ds)}), ds, sources[0].Info)
	if err != nil {
		t.Fatal(err)
	}
	opts := analyzer.Options{Dialects: ds}
	if base != "" {
		opts.Bases = []role.Role{sampleRole(t, base)}
	}
	return analyzer.Analyze(ev, opts)
}

func sampleRole(t *testing.T, name string) role.Role {
	t.Helper()
	if r, ok := role.Bundled(name); ok {
		return r
	}
	data, err := os.ReadFile(filepath.Join(samples, "roles", name+".xml"))
	if err != nil {
		t.Fatal(err)
	}
	roles, err := ReadRoles(name, data)
	if err != nil {
		t.Fatal(err)
	}
	return roles[0]
}

// where is a finding of a sample, or with no privilege the proposal as a whole.
type where struct{ capture, base, privilege string }

func (w where) advice(t *testing.T) []analyzer.Advice {
	t.Helper()
	a := sampled(t, w.capture, w.base)
	if w.privilege == "" {
		return a.Advice
	}
	i := slices.IndexFunc(a.Findings, func(f analyzer.Finding) bool { return f.Privilege.Name == w.privilege })
	if i < 0 {
		t.Fatalf("%s has no finding of %s", w.capture, w.privilege)
	}
	return a.Findings[i].Advice
}

// ruleSamples gives for each rule a finding that calls for it, with a word of
// its evidence, and one much like it that does not.
var ruleSamples = map[string]struct {
	yes where
	why string
	no  where
}{
	"future-owner":       {where{"sales-app.har", "Sales Base", "prvReadOpportunity"}, "the check is of team ccf4c8d3", where{"own-work.har", "", "prvReadOpportunity"}},
	"team-role":          {where{"team-member.har", "Team Reader", "prvCreateQuote"}, "team 8b854a55… lacks it", where{"own-work.har", "", "prvReadOpportunity"}},
	"personal":           {where{"team-member.har", "", "prvReadUserQuery"}, "no role held directly", where{"own-work.har", "Sales Base", "prvReadUserQuery"}},
	"team-member":        {where{"team-member.har", "Team Reader", "prvReadQuote"}, "isinherited 0", where{"own-work.har", "Sales Base", "prvDeleteAccount"}},
	"activities":         {where{"sales-app.har", "Sales Base", "prvReadActivity"}, "names table phonecall", where{"sales-app.har", "Sales Base", "prvReadConnection"}},
	"notes":              {where{"handover.har", "", "prvWriteNote"}, "a note was refused", where{"handover.har", "", "prvWriteIncident"}},
	"posts":              {where{"handover.har", "", "prvReadPost"}, "Read on posts", where{"own-work.har", "", "prvCreatePost"}},
	"share":              {where{"sales-app.har", "Sales Base", "prvWriteAccount"}, "the record was refused", where{"own-work.har", "", "prvDeleteAccount"}},
	"assignment":         {where{"handover.har", "", "prvWriteIncident"}, "an assignment of incident", where{"own-work.har", "", "prvReadOpportunity"}},
	"organization-owned": {where{"sales-app.har", "Sales Base", "prvReadOrganization"}, "owned by the organization", where{"sales-app.har", "Sales Base", "prvReadUser"}},
	"business-owned":     {where{"sales-app.har", "Sales Base", "prvReadUser"}, "owned by business units", where{"sales-app.har", "Sales Base", "prvReadOrganization"}},
	"wider":              {where{"own-work.har", "Sales Base", "prvDeleteAccount"}, "owner and business units", where{"own-work.har", "Sales Base", "prvReadUserQuery"}},
	ruleBase:             {where{"handover.har", "salesperson", ""}, "salesperson is predefined", where{"own-work.har", "Sales Base", ""}},
}

func TestAdviceSamples(t *testing.T) {
	names := []string{ruleBase}
	for _, r := range adviceRules {
		names = append(names, r.name)
	}
	if len(ruleSamples) != len(names) {
		t.Errorf("%d samples of %d rules", len(ruleSamples), len(names))
	}
	for _, name := range names {
		s, ok := ruleSamples[name]
		if !ok {
			t.Errorf("rule %s has no sample", name)
			continue
		}
		is := func(a analyzer.Advice) bool { return a.Rule == name }
		yes := s.yes.advice(t)
		i := slices.IndexFunc(yes, is)
		switch {
		case i < 0:
			t.Errorf("%s is not said of %v: %v", name, s.yes, yes)
		case !strings.Contains(yes[i].Why, s.why):
			t.Errorf("%s says because of %q, not of %q", name, yes[i].Why, s.why)
		}
		if no := s.no.advice(t); slices.ContainsFunc(no, is) {
			t.Errorf("%s is said of %v: %v", name, s.no, no)
		}
	}
}

// TestAdviceBase: which base roles are not to be edited, and why.
func TestAdviceBase(t *testing.T) {
	a := sampled(t, "own-work.har", "Sales Base")
	for why, change := range map[string]func(*role.Role){
		"role template": func(r *role.Role) { r.Template = true },
		"managed":       func(r *role.Role) { r.Managed = true },
		"":              func(r *role.Role) { r.Source = "bundled minimum-login" },
	} {
		base := a.Proposal.Base.Clone()
		change(&base)
		with := a
		with.Proposal.Base = &base
		got := adviseBase(with)
		if why == "" && len(got) > 0 || why != "" && (len(got) != 1 || !strings.Contains(got[0].Why, why)) {
			t.Errorf("%q: %v", why, got)
		}
		with.Proposal.Grants = nil
		if got := adviseBase(with); got != nil {
			t.Errorf("nothing is to be added, and yet: %v", got)
		}
	}
}

// TestTouch: which tables a request names, and what it does with them.
func TestTouch(t *testing.T) {
	const api = "https://x.crm.dynamics.com/api/data/v9.2/"
	for _, c := range []struct{ method, url, body, want string }{
		{"GET", api + "accounts?$select=name", "", "accounts Read"},
		{"POST", api + "accounts", "", "accounts Create"},
		{"PATCH", api + "cr1_boats(1)", "", "cr1_boats Write"},
		{"DELETE", api + "cr1_boats(1)", "", "cr1_boats Delete"},
		{"PUT", api + "incidents(1)/ownerid/$ref", "", "incidents Assign"},
		{"POST", api + "incidents(1)/Microsoft.Dynamics.CRM.Assign", "", "incidents Assign"},
		{"GET", api + "incidents(1)/ownerid/$ref", "", "incidents Read"},
		{"POST", api + "accounts(1)/contact_customer_accounts/$ref", "", "accounts Append"},
		{"GET", api + "accounts(1)/contact_customer_accounts/$ref", "", "accounts Read"},
		{"GET", api + "accounts#top", "", "accounts Read"},
		{"GET", "https://x.crm.dynamics.com/main.aspx#/api/data/v9.2/accounts", "", ""},
		{"POST", api + "workflows(1)/Microsoft.Dynamics.CRM.ExecuteWorkflow", "", "workflows "},
		{"GET", api + "systemusers()", "", "systemusers Read"},
		{"GET", api + "WhoAmI()", "", ""},
		{"GET", api + "RetrieveDuplicates(Name='x')", "", ""},
		{"GET", api + "cr1_calculate()", "", ""},
		{"POST", api + "cr1_calculate", "", ""},
		{"GET", api + "EntityDefinitions(LogicalName='account')", "", ""},
		{"GET", api + "$metadata", "", ""},
		{"GET", "https://elsewhere.example/accounts", "", ""},
		{"GET", "https://x.example/xrmservices/2011/OrganizationData.svc/cr1_BoatSet(guid'1')", "", "cr1_boatset Read"},
		{"POST", "https://x.example/xrmservices/2011/OrganizationData.svc/AccountSet(guid'1')/$links/contact_customer_accounts", "", "accountset Append"},
		{"GET", api + "accounts?fetchXml=" + `%3Cfetch%3E%3Clink-entity+from%3D%22a%22+name%3D%22cr1_boat%22%3E`, "", "accounts Read, cr1_boat Read"},
		{"POST", "https://x.example/XRMServices/2011/Organization.svc/web", "<b:EntityName>lead</b:EntityName>", "lead Read"},
	} {
		f := analyzer.NewFacts()
		Dialect{}.Denials(har.Entry{Method: c.method, URL: c.url, Status: 200, Body: c.body}, &f)
		var got []string
		for name, actions := range f.Touched {
			for action := range actions {
				got = append(got, name+" "+string(action))
			}
		}
		slices.Sort(got)
		if s := strings.Join(got, ", "); s != c.want {
			t.Errorf("%s %s: got %q, want %q", c.method, c.url, s, c.want)
		}
	}
}

// TestAssignedActivities: a task that changes hands bears on the one row that
// all activities have.
func TestAssignedActivities(t *testing.T) {
	a := analyzer.Analysis{Inventory: []analyzer.TableUse{
		{Table: catalog.Table{Name: "task", Activity: true}, Used: map[catalog.Action]bool{catalog.Assign: true}},
		{Table: catalog.Table{Name: "lead"}, Used: map[catalog.Action]bool{catalog.Read: true}},
	}}
	got := assignedTables(a)
	if len(got) != 1 || !strings.Contains(got[activities], "task") {
		t.Errorf("got %v", got)
	}
}

package dataverse

import (
	"fmt"
	"iter"
	"slices"
	"strings"
	"testing"

	"github.com/prvgap/prvgap/analyzer"
	"github.com/prvgap/prvgap/analyzer/role"
	"github.com/prvgap/prvgap/catalog"
	"github.com/prvgap/prvgap/har"
)

const (
	me       = "11111111-1111-1111-1111-111111111111"
	somebody = "22222222-2222-2222-2222-222222222222"
)

// lacks is a refusal of a user in a request of me.
func lacks(user, check, privilege, table string, code int) har.Entry {
	return refusedWith("PATCH", "0x80040299", fmt.Sprintf("%sPrincipal user (Id=%s, type=8, roleCount=1, privilegeCount=5), is missing %s privilege"+
		" (Id=daf72205-e91a-4b21-84d8-c6591f9ff9ee) on OTC=%d for entity '%s'. context.Caller=%s.", check, user, privilege, code, table, me))
}

// recordOf is a refusal of me for a record of somebody else.
func recordOf(code int) har.Entry {
	return refusedWith("PATCH", "0x80040219", fmt.Sprintf("SecLib::AccessCheckEx failed. Returned hr = -2147187962, ObjectID: %s, OwnerId: %s,"+
		" OwnerIdType: 8 and CallingUser: %s. ObjectTypeCode: %d, objectBusinessUnitId: %s, AccessRights: WriteAccess", somebody, somebody, me, code, somebody))
}

func refusedWith(method, code, message string) har.Entry {
	return har.Entry{
		Method: method, URL: "https://x.crm.dynamics.com/api/data/v9.2/leads(" + somebody + ")", Status: 403, HasBody: true,
		Body: fmt.Sprintf(`{"error":{"code":%q,"message":%q}}`, code, message),
	}
}

// crafted analyzes entries against roles.
func crafted(t *testing.T, bases []role.Role, entries ...har.Entry) analyzer.Analysis {
	t.Helper()
	var seq iter.Seq2[har.Entry, error] = func(yield func(har.Entry, error) bool) {
		for _, e := range entries {
			if !yield(e, nil) {
				return
			}
		}
	}
	ds := []analyzer.Dialect{Dialect{}}
	ev, err := analyzer.Collect("crafted", seq, ds, func() har.Info { return har.Info{} })
	if err != nil {
		t.Fatal(err)
	}
	return analyzer.Analyze(ev, analyzer.Options{Dialects: ds, Bases: bases})
}

// TestAdviceNear: evidence that is nearly what a rule calls for changes the
// rule's words, or silences it.
func TestAdviceNear(t *testing.T) {
	const check = "Read Privilege Check For Owner failed with exception: "
	for name, c := range map[string]struct {
		entries []har.Entry
		rule    string
		want    string // "" where nothing is to be said
	}{
		"another is to own":    {[]har.Entry{lacks(somebody, check, "prvReadLead", "lead", 4)}, "future-owner", "not at the caller's"},
		"the caller is to own": {[]har.Entry{lacks(me, check, "prvReadLead", "lead", 4)}, "future-owner", ""},
		"both lack it":         {[]har.Entry{lacks(somebody, check, "prvReadLead", "lead", 4), lacks(me, "", "prvReadLead", "lead", 4)}, "future-owner", "as well as at the caller's"},
		"a user's record":      {[]har.Entry{recordOf(4)}, "share", "sharing"},
		"an organization's":    {[]har.Entry{recordOf(1024)}, "share", ""},
		"a business unit's":    {[]har.Entry{recordOf(8)}, "share", ""},
		"wider read":           {[]har.Entry{lacks(me, "", "prvReadLead", "lead", 4)}, "wider", "would open the records of everybody"},
		"wider create":         {[]har.Entry{lacks(me, "", "prvCreateLead", "lead", 4)}, "wider", "would allow to make records for everybody"},
	} {
		var got []string
		for _, f := range crafted(t, nil, c.entries...).Findings {
			for _, a := range f.Advice {
				if a.Rule == c.rule {
					got = append(got, a.Text)
				}
			}
		}
		if c.want == "" && got != nil || c.want != "" && (len(got) != 1 || !strings.Contains(got[0], c.want)) {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
}

// TestAssignmentOfCreate: what is created has no path behind it.
func TestAssignmentOfCreate(t *testing.T) {
	moved := har.Entry{Method: "PUT", URL: "https://x.crm.dynamics.com/api/data/v9.2/leads(" + somebody + ")/ownerid/$ref", Status: 204}
	for privilege, want := range map[string]bool{"prvCreateLead": false, "prvWriteLead": true} {
		fs := crafted(t, nil, moved, lacks(me, "", privilege, "lead", 4)).Findings
		got := slices.ContainsFunc(fs[0].Advice, func(a analyzer.Advice) bool { return a.Rule == "assignment" })
		if got != want {
			t.Errorf("%s: said %v, want %v", privilege, got, want)
		}
	}
}

// TestAdviceOfOtherBase: the rules look at the role of their own platform,
// though another is the first, and at what is to be added to it.
func TestAdviceOfOtherBase(t *testing.T) {
	foreign, own := role.New("A profile", "", "a.json"), role.New("A role", "", "a.xml")
	foreign.Dialect, own.Dialect = "elsewhere", Name
	own.Managed, own.Inherited = true, "0"
	bases := []role.Role{foreign, own}
	a := crafted(t, bases, lacks(me, "", "prvReadUserQuery", "userquery", 4230))
	if len(a.Advice) != 1 || a.Advice[0].Rule != ruleBase {
		t.Errorf("of the base: %v", a.Advice)
	}
	if !slices.ContainsFunc(a.Findings[0].Advice, func(x analyzer.Advice) bool { return strings.Contains(x.Why, "A role has team privileges only") }) {
		t.Errorf("of the finding: %v", a.Findings[0].Advice)
	}
	a.Findings[0].Dialect = "elsewhere"
	a.Proposal.Grants = []analyzer.Grant{{Privilege: "A", To: catalog.Global, Because: []int{0}}}
	if got := adviseBase(a); got != nil {
		t.Errorf("nothing is to be added to the role, and yet: %v", got)
	}
}

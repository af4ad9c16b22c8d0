package catalog_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/prvgap/prvgap/catalog"
)

// minimum is every privilege of the minimum-privileges document with its depth, written independently of needs.tsv.
const minimum = `
prvReadSharePointDocument Global
prvCreateSharePointData Global
prvReadSharePointData Global
prvWriteSharePointData Global
prvReadAttributeMap Global
prvReadCustomization Global
prvReadEntity Global
prvReadEntityKey Global
prvReadEntityMap Global
prvReadAttribute Global
prvReadAppModule Global
prvReadOptionSet Global
prvReadRelationship Global
prvReadSavedQueryVisualizations Global
prvReadSystemForm Global
prvReadQuery Global
prvReadWebResource Global
prvReadUserSettings Local
prvWriteUserSettings Local
prvCreateUserEntityUISettings Basic
prvReadUserEntityUISettings Basic
prvWriteUserEntityUISettings Basic
prvCreateUserQuery Basic
prvReadUserQuery Basic
prvWriteUserQuery Basic
prvDeleteUserQuery Basic
prvAssignUserQuery Basic
prvShareUserQuery Basic
prvFlow Global
prvWorkflowExecution Global
prvReadWorkflow Global
prvAppendToWorkflow Global
prvReadAsyncOperation Basic
prvReadAsyncOperation Global
prvReadOrganization Global
prvReadUser Local
prvReadSdkMessage Global
prvReadRoutingRule Basic
prvReadmsdyn_PostConfig Global
prvReadActivity Basic
`

func TestNeeds(t *testing.T) {
	c := catalog.Default()
	for line := range strings.Lines(strings.TrimSpace(minimum)) {
		name, depth, _ := strings.Cut(strings.TrimSpace(line), " ")
		needs := c.Needs(strings.ToUpper(name))
		if !slices.ContainsFunc(needs, func(n catalog.Need) bool { return n.Depth.String() == depth && n.Privilege == name }) {
			t.Errorf("Needs(%s) = %+v, want one at %s", name, needs, depth)
		}
		if p, ok := c.Privilege(name); !ok || !p.Depths.Has(needs[0].Depth) {
			t.Errorf("%s is not legal at %v", name, needs[0].Depth)
		}
	}
	if got := c.Needs("prvReadAccount"); got != nil {
		t.Errorf("prvReadAccount is needed for %+v", got)
	}
	var features []string
	for _, n := range c.Needs("prvReadWorkflow") {
		features = append(features, n.Feature)
	}
	if !slices.Equal(features, []string{"business process flow", "business rules", "on-demand workflows"}) {
		t.Errorf("prvReadWorkflow is needed for %q", features)
	}
	if n := c.Needs("prvReadSharePointData"); !n[0].Hidden || n[0].Silent {
		t.Errorf("prvReadSharePointData = %+v", n)
	}
	if n := c.Needs("prvReadRoutingRule"); !n[0].Silent || n[0].URL == "" || n[0].Hidden {
		t.Errorf("prvReadRoutingRule = %+v", n)
	}
}

// The document itself, where it lies beside the checkout, has no row that minimum lacks.
func TestNeedsAgainstTheDocument(t *testing.T) {
	found, _ := filepath.Glob("../../shared/seeds/002*.txt")
	if len(found) != 1 {
		t.Skip("the minimum-privileges document is not beside this checkout")
	}
	text, err := os.ReadFile(found[0])
	if err != nil {
		t.Fatal(err)
	}
	stated := regexp.MustCompile(`(?m)^(prv\w+) \|.*?(?:Create|Read|Write|Delete|Append To|Assign|Share|N/A) \| (User|Business Unit|Organization)(?: / Organization)? \|`).FindAllStringSubmatch(string(text), -1)
	if len(stated) != 39 {
		t.Errorf("the document has %d rows, want 39", len(stated))
	}
	for _, row := range stated {
		d, ok := catalog.ParseDepth(row[2])
		if !ok || !strings.Contains(minimum, row[1]+" "+d.String()+"\n") {
			t.Errorf("%s at %s is not in the list", row[1], row[2])
		}
	}
	for _, action := range regexp.MustCompile(`(?m)^prv(\w+)\*BPFEntityName`).FindAllStringSubmatch(string(text), -1) {
		if n := catalog.Default().Needs("prv" + action[1] + "ExpiredProcess"); len(n) != 1 || n[0].Depth != catalog.Global {
			t.Errorf("%s on the table of a flow = %+v", action[1], n)
		}
	}
}

// The tables of business process flows have names of their own in each environment.
func TestNeedsOfFlows(t *testing.T) {
	c := catalog.Default()
	c.AddTable(catalog.Table{Name: "new_onboarding", Schema: "new_Onboarding", Tab: "Business Process Flows", Ownership: "Organization"})
	for _, a := range []catalog.Action{catalog.Create, catalog.Read, catalog.Write, catalog.Append, catalog.AppendTo} {
		name := "prv" + string(a) + "new_Onboarding"
		n := c.Needs(name)
		if len(n) != 1 || n[0].Feature != "business process flow" || n[0].Privilege != name || n[0].Depth != catalog.Global {
			t.Errorf("Needs(%s) = %+v", name, n)
		}
	}
	for _, name := range []string{"prvDeletenew_Onboarding", "prvReadnew_Widget", ""} {
		if n := c.Needs(name); n != nil {
			t.Errorf("Needs(%s) = %+v", name, n)
		}
	}
}

func TestNeedsByURL(t *testing.T) {
	c := catalog.Default()
	const (
		host = "https://contoso.crm4.dynamics.com"
		id   = "0a1b2c3d-1111-4222-8333-444455556666"
	)
	for _, test := range []struct{ method, url, want string }{
		{"GET", host + "/api/data/v9.0/organizations(" + id + ")?$select=ismsteamsenabled,ismsteamscollaborationenabled", "prvReadOrganization"},
		{"get", "/api/data/v9.2/organizations(" + strings.ToUpper(id) + ")?%24select=ismsteamscollaborationenabled%2Cismsteamsenabled", "prvReadOrganization"},
		{"GET", host + "/api/data/V9.1/systemusers()?$select=azureactivedirectoryobjectid&$filter=systemuserid%20eq%20" + id, "prvReadUser"},
		{"GET", host + "/api/data/v9.0/systemusers?$filter=systemuserid+eq+" + id + "&$select=azureactivedirectoryobjectid&$top=1", "prvReadUser"},
		{"GET", "https://crm.contoso.local/Org/api/data/v9.1/systemusers()?$select=azureactivedirectoryobjectid&$filter=systemuserid eq '" + id + "'", "prvReadUser"},
		{"GET", host + "/api/data/v9.0/sdkmessages(4c53ccbd-bbfa-4aad-a725-ffba2246d683)?$select=name", "prvReadSdkMessage"},
		{"GET", host + "/api/data/v9.0/routingrules?$filter=msdyn_entitylogicalname%20eq%20%27incident%27", "prvReadRoutingRule"},
		{"GET", host + "/xrmservices/2011/OrganizationData.svc/msdyn_PostConfigSet?$select=msdyn_EntityName,statecode&$filter=msdyn_EntityName%20eq%20%27account%27", "prvReadmsdyn_PostConfig"},
		{"GET", host + "/XRMServices/2011/organizationdata.svc/msdyn_PostConfigSet?$select=statecode,msdyn_EntityName&$filter=msdyn_EntityName eq 'account'", "prvReadmsdyn_PostConfig"},
		{"GET", host + "/api/data/v9.0/msdyn_ocliveworkitems?$filter=_regardingobjectid_value%20eq%20%27" + id + "%27%20and%20statecode%20ne%203%20and%20statuscode%20ne%204", "prvReadActivity"},
		// Near misses.
		{"POST", host + "/api/data/v9.0/organizations(" + id + ")?$select=ismsteamsenabled,ismsteamscollaborationenabled", ""},
		{"", host + "/api/data/v9.0/sdkmessages(" + id + ")?$select=name", ""},
		{"GET", host + "/api/data/v9.0/organizations(" + id + ")?$select=name", ""},
		{"GET", host + "/api/data/v9.0/organizations(" + id + ")", ""},
		{"GET", host + "/api/data/v9.0/organizations?$select=ismsteamsenabled,ismsteamscollaborationenabled", ""},
		{"GET", host + "/api/data/v9.0/systemusers(" + id + ")?$select=azureactivedirectoryobjectid", ""},
		{"GET", host + "/api/data/v9.0/systemusers?$select=fullname&$filter=systemuserid eq " + id, ""},
		{"GET", host + "/api/data/v9.0/systemusers?$select=azureactivedirectoryobjectid&$filter=systemuserid ne " + id, ""},
		{"GET", host + "/api/data/v9.0/sdkmessages?$select=name", ""},
		{"GET", host + "/api/data/v9.0/sdkmessages(" + id + ")?$select=name,categoryname", ""},
		{"GET", host + "/api/data/v9.0/sdkmessages(" + id + ")/name?$select=name", ""},
		{"GET", host + "/api/data/v9.0/new_sdkmessages(" + id + ")?$select=name", ""},
		{"GET", host + "/api/data/v9.0/routingrules", ""},
		{"GET", host + "/api/data/v9.0/routingruleitems?$filter=msdyn_entitylogicalname eq 'incident'", ""},
		{"GET", host + "/api/data/v9.0/msdyn_ocliveworkitems?$filter=_regardingobjectid_value eq '" + id + "'", ""},
		{"GET", "", ""},
		{"GET", "://", ""},
		{"GET", host, ""},
	} {
		var got strings.Builder
		for _, n := range c.NeedsByURL(test.method, test.url) {
			got.WriteString(n.Privilege)
		}
		if got.String() != test.want {
			t.Errorf("NeedsByURL(%q, %q) = %q, want %q", test.method, test.url, got.String(), test.want)
		}
	}
}

func TestAppOpener(t *testing.T) {
	c := catalog.Default()
	count := 0
	for p := range c.All() {
		if d, ok := c.AppOpener(p.Name); ok {
			count++
			if p.Depths.Raise(d) != d {
				t.Errorf("App Opener holds %s at %v", p.Name, d)
			}
		}
	}
	if count != 81 {
		t.Errorf("App Opener holds %d privileges, want 81", count)
	}
	for name, want := range map[string]catalog.Depth{"prvReadUser": catalog.Global, "prvFlow": catalog.Global, "prvreadreport": catalog.Basic} {
		if d, ok := c.AppOpener(name); !ok || d != want {
			t.Errorf("AppOpener(%s) = %v, %v", name, d, ok)
		}
	}
	if _, ok := c.AppOpener("prvReadAccount"); ok {
		t.Error("App Opener holds prvReadAccount")
	}
}

func TestRecommended(t *testing.T) {
	c := catalog.Default()
	for _, test := range []struct {
		name   string
		depth  catalog.Depth
		source string
	}{
		{"prvReadUser", catalog.Local, "the minimum-privileges list of 2020"},
		{"prvreadasyncoperation", catalog.Basic, "the minimum-privileges list of 2020"},
		{"prvReadTeam", catalog.Global, "App Opener role"},
		{"prvReadAccount", catalog.Basic, "Basic User role"},
		{"prvDeleteIncident", catalog.None, ""},
		{"prvReadnew_Widget", catalog.None, ""},
		{"nonsense", catalog.None, ""},
	} {
		if d, source, ok := c.Recommended(test.name); d != test.depth || source != test.source || ok != (source != "") {
			t.Errorf("Recommended(%s) = %v, %q, %v", test.name, d, source, ok)
		}
	}
}

func TestRecommendedIsLegal(t *testing.T) {
	c := catalog.Default()
	// Legal depths differ between environments; what one of them says has to be kept too.
	c.Add(catalog.Privilege{Name: "prvReadUserSettings", Depths: legal("G")})
	for p := range c.All() {
		if d, source, ok := c.Recommended(p.Name); ok && (d == catalog.None || p.Depths.Known() && !p.Depths.Has(d)) {
			t.Errorf("%s: %v by %s, legal are %v", p.Name, d, source, p.Depths.List())
		}
	}
}

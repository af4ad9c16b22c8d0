package dataverse

import (
	"reflect"
	"strings"
	"testing"

	"github.com/prvgap/prvgap/analyzer"
	"github.com/prvgap/prvgap/catalog"
	"github.com/prvgap/prvgap/har"
)

const host = "https://contoso.crm4.dynamics.com/api/data/v9.2/"

// learned returns what one allowed answer teaches.
func learned(t *testing.T, path, body string) analyzer.Facts {
	t.Helper()
	d := Dialect{}
	if !d.Reads("GET", host+path) {
		t.Fatalf("%s is not asked for", path)
	}
	f := analyzer.NewFacts()
	if ds := d.Denials(har.Entry{Method: "GET", URL: host + path, Status: 200, Body: fill(body), HasBody: true}, &f); len(ds) > 0 {
		t.Fatalf("an allowed answer was read as a denial: %v", ds)
	}
	checkExcerpt(t, path, fill(body), f)
	return f
}

// checkExcerpt: the excerpt of an answer teaches the same, and holds nothing that is not read.
func checkExcerpt(t *testing.T, path, body string, want analyzer.Facts) {
	t.Helper()
	full := strings.ReplaceAll(body, `{"`, `{"name2":"PLANTED","more":[{"a":"PLANTED"}],"`)
	full = strings.Replace(full, `"OrganizationOwned"`, `"OrganizationOwned","x":{"OwnershipType":"PLANTED"}`, 1)
	excerpt := (Dialect{}).Excerpt(har.Entry{Method: "GET", URL: host + path, Status: 200, Body: full})
	f := analyzer.NewFacts()
	(Dialect{}).Denials(har.Entry{Method: "GET", URL: host + path, Status: 200, Body: excerpt, HasBody: true}, &f)
	if !reflect.DeepEqual(f, want) {
		t.Errorf("the excerpt of %s teaches %+v, not %+v: %s", path, f, want, excerpt)
	}
	if strings.Contains(excerpt, "PLANTED") {
		t.Errorf("the excerpt of %s holds what is not read: %s", path, excerpt)
	}
}

func TestLearnUnits(t *testing.T) {
	f := learned(t, "WhoAmI()", `{"UserId":"@alice","BusinessUnitId":"@unit","OrganizationId":"@bob"}`)
	if f.Home[alice] != unit1 {
		t.Errorf("home %v", f.Home)
	}
	f = learned(t, "businessunits?$select=name", `{"value":[{"businessunitid":"@unit","_parentbusinessunitid_value":null},{"businessunitid":"@crew","_parentbusinessunitid_value":"@unit"}]}`)
	if !reflect.DeepEqual(f.BusinessUnits, map[string]string{unit1: "", crew: unit1}) {
		t.Errorf("units %v", f.BusinessUnits)
	}
	if f = learned(t, "businessunits", `{"value":[{"businessunitid":"@unit"}]}`); len(f.BusinessUnits) > 0 {
		t.Error("a row without its parent told of the tree")
	}
}

func TestLearnTables(t *testing.T) {
	const definition = `{"LogicalName":"cr1_boat","SchemaName":"cr1_Boat","EntitySetName":"cr1_boats","ObjectTypeCode":10400,"OwnershipType":"OrganizationOwned","DisplayName":{"UserLocalizedLabel":{"Label":"Boat"}},"Privileges":[{"CanBeBasic":false,"CanBeLocal":false,"CanBeDeep":false,"CanBeGlobal":true,"Name":"prvReadcr1_Boat","PrivilegeId":"@priv","PrivilegeType":"Read"}]}`
	for path, body := range map[string]string{
		"EntityDefinitions(LogicalName='cr1_boat')":     definition,
		"EntityDefinitions?$select=x":                   `{"value":[` + definition + `]}`,
		"RetrieveMetadataChanges(Query=@q)?@q={}":       `{"EntityMetadata":[` + definition + `]}`,
		"privileges?$filter=startswith(name,'prvRead')": `{"value":[{"name":"prvReadcr1_Boat","privilegeid":"@priv","canbebasic":false,"canbelocal":false,"canbedeep":false,"canbeglobal":true}]}`,
	} {
		p, ok := learned(t, path, body).Privileges["prvreadcr1_boat"]
		if !ok || p.ID != privI || p.Depths != catalog.MakeDepths(catalog.Global) || p.Action != catalog.Read || p.Table != "cr1_boat" {
			t.Errorf("%s: %+v", path, p)
		}
	}
}

func TestLearnHoldings(t *testing.T) {
	const answer = `{"RolePrivileges":[{"Depth":"Local","PrivilegeId":"@priv","PrivilegeName":"prvReadAccount"},{"Depth":3,"PrivilegeName":"prvReadLead"},{"Depth":"RecordFilter","PrivilegeName":"prvReadQuote"}]}`
	for path, holder := range map[string]string{
		"systemusers(@alice)/Microsoft.Dynamics.CRM.RetrieveUserPrivileges()": alice,
		"RetrieveUserPrivileges(UserId=@alice)":                               alice,
		"teams(@crew)/Microsoft.Dynamics.CRM.RetrieveTeamPrivileges()":        crew,
		"RetrieveRolePrivilegesRole(RoleId=@id)?@id=x":                        analyzer.AnyHolder,
	} {
		f := learned(t, fill(path), answer)
		want := map[string]catalog.Depth{"prvreadaccount": catalog.Local, "prvreadlead": catalog.Global}
		if !reflect.DeepEqual(f.Held[holder], want) {
			t.Errorf("%s: %v", path, f.Held)
		}
	}
}

// TestAllowedAnswers: an allowed answer is never searched for sentences, and
// bodies of others are not asked for.
func TestAllowedAnswers(t *testing.T) {
	d, f := Dialect{}, analyzer.NewFacts()
	const sentence = "Principal user is missing prvReadAccount privilege"
	for _, url := range []string{host + "annotations", "https://x.example/app.js", host + "WhoAmI"} {
		if ds := d.Denials(har.Entry{URL: url, Status: 200, Body: `{"x":"` + sentence + `"}`, HasBody: true}, &f); len(ds) > 0 {
			t.Errorf("%s: %v", url, ds)
		}
	}
	if d.Reads("GET", host+"annotations") || d.Reads("GET", "https://x.example/privileges.js") {
		t.Error("the body of an answer that teaches nothing was asked for")
	}
	soap := "https://contoso.crm4.dynamics.com/XRMServices/2011/Organization.svc/web"
	fault := `<s:Envelope><s:Body><s:Fault><faultstring>` + sentence + `</faultstring></s:Fault></s:Body></s:Envelope>`
	if ds := d.Denials(har.Entry{Method: "POST", URL: soap, Status: 200, Body: fault, HasBody: true}, &f); len(ds) != 1 {
		t.Errorf("a SOAP fault under 200 gave %d denials", len(ds))
	}
	if got := d.Excerpt(har.Entry{URL: soap, Status: 200, Body: "<a>PLANTED</a>" + fault}); !strings.Contains(got, sentence) || strings.Contains(got, "PLANTED") {
		t.Errorf("the excerpt of a SOAP answer is %s", got)
	}
}

func TestSuspect(t *testing.T) {
	c := catalog.Default()
	for _, s := range []struct{ method, url, want string }{
		{"GET", host + "accounts?$select=name", "prvReadAccount"},
		{"POST", host + "accounts", "prvCreateAccount"},
		{"PATCH", host + "accounts(" + rec1 + ")", "prvWriteAccount"},
		{"DELETE", host + "accounts(" + rec1 + ")", "prvDeleteAccount"},
		{"PUT", host + "accounts(" + rec1 + ")/name", "prvWriteAccount"},
		{"POST", host + "accounts(" + rec1 + ")/contact_customer_accounts/$ref", "prvAppendAccount"},
		{"GET", host + "accounts(" + rec1 + ")/contact_customer_accounts/$ref", "prvReadAccount"},
		{"GET", host + "phonecalls", "prvReadActivity"},
		{"GET", host + "EntityDefinitions", "prvReadEntity"},
		{"GET", "https://contoso.crm4.dynamics.com/XRMServices/2011/OrganizationData.svc/ContactSet?$select=x", "prvReadContact"},
		{"DELETE", "https://onprem/Org/xrmservices/2011/organizationdata.svc/AccountSet(guid'" + rec1 + "')/$links/Contacts(1)", "prvAppendAccount"},
		{"GET", "https://onprem/XRMServices/2011/OrganizationData.svc/WhoAmI", ""},
		{"PATCH", host + "accounts(name='a%2Fb')", "prvWriteAccount"},
		{"GET", "https://onprem/Org/API/Data/v8.2/Accounts", "prvReadAccount"},
		{"GET", host + "accounts(" + rec1, ""},
		{"GET", host + "1accounts", ""},
		{"POST", host + "WinOpportunity", ""},
		{"GET", host + "nosuchset", ""},
		{"GET", "https://x.example/accounts", ""},
	} {
		if got := (Dialect{}).Suspect(s.method, s.url, c); got != s.want {
			t.Errorf("%s %s: got %q, want %q", s.method, s.url, got, s.want)
		}
	}
}

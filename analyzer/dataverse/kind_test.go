package dataverse

import (
	"regexp"
	"strings"
	"testing"

	"github.com/prvgap/prvgap/catalog"
	"github.com/prvgap/prvgap/har"
)

var kinds = []struct {
	method, url, body string
	kind              string
	suspect           string
}{
	{"GET", "https://x.crm.dynamics.com/api/data/v9.2/accounts?$select=name", "", "GET /api/data/v9/accounts", "prvReadAccount"},
	{"get", "https://onprem/Org/api/data/v8.1/accounts(11111111-2222-3333-4444-555555555555)/name", "", "GET /api/data/v9/accounts()/name", "prvReadAccount"},
	{"", "/api/data/v9.0/contacts", "", "GET /api/data/v9/contacts", "prvReadContact"},
	{"PATCH", "https://x/api/data/v9.0/accounts(emailaddress1='o''b)/x(@y.example')?x=1", "", "PATCH /api/data/v9/accounts()", "prvWriteAccount"},
	{"PATCH", "https://x/api/data/v9.0/accounts%28name%3D%27a%2Fb%27%29", "", "PATCH /api/data/v9/accounts()", "prvWriteAccount"},
	{"GET", "https://x/api/data/v9.0/accounts?fetchXml=%3Cfetch%3E&%24expand=primarycontactid&savedQuery=1", "", "GET /api/data/v9/accounts?$expand&fetchXml&savedQuery", "prvReadAccount"},
	{"POST", "https://x/api/data/v9.0/accounts(1)/contact_customer_accounts/$ref", "", "POST /api/data/v9/accounts()/contact_customer_accounts/$ref", "prvAppendAccount"},
	{"GET", "https://x/api/data/v9.0/some%20thing/0123456789abcdef0123456789abcdef/user@x.example", "", "GET /api/data/v9/*/*/*", ""},
	{"GET", "https://x/XRMServices/2011/OrganizationData.svc/AccountSet(guid'11111111-2222-3333-4444-555555555555')", "", "GET /XRMServices/2011/OrganizationData.svc/AccountSet()", "prvReadAccount"},
	{"POST", "https://x/api/data/v9.0/$batch", "", "", ""},
	{"GET", "https://x/api/data/v9.0/accounts(", "", "", ""},
	{"GET", "https://x/main.aspx", "", "", ""},
	{"NO/GOOD", "https://x/api/data/v9.0/accounts", "", "", ""},
	{
		"POST", "https://x/XRMServices/2011/Organization.svc/web",
		`<s:Envelope><s:Body><RetrieveMultipleResponse xmlns="x"><RetrieveMultipleResult><a:EntityName>account</a:EntityName></RetrieveMultipleResult></RetrieveMultipleResponse></s:Body></s:Envelope>`,
		"POST /XRMServices/2011/Organization.svc/RetrieveMultiple/account", "prvReadAccount",
	},
	{
		"POST", "https://x/XRMServices/2011/Organization.svc/web",
		`<s:Body><ExecuteResponse xmlns="x"><ExecuteResult><a:ResponseName>AddToQueue</a:ResponseName></ExecuteResult></ExecuteResponse></s:Body>`,
		"POST /XRMServices/2011/Organization.svc/AddToQueue", "",
	},
	{"POST", "https://x/XRMServices/2011/Organization.svc/web", "<html>", "", ""},
}

// TestKind: requests of one kind have one name, which still tells the privilege.
func TestKind(t *testing.T) {
	c := catalog.Default()
	for _, k := range kinds {
		got := Dialect{}.Kind(har.Entry{Method: k.method, URL: k.url, Body: k.body})
		if got != k.kind {
			t.Errorf("%s %s is of the kind %q, want %q", k.method, k.url, got, k.kind)
			continue
		}
		method, path, _ := strings.Cut(got, " ")
		if p := (Dialect{}).Suspect(method, path, c); p != k.suspect {
			t.Errorf("%s most likely needs %q, want %q", got, p, k.suspect)
		}
	}
}

// FuzzKind: whatever a URL holds, a kind holds names only, and is its own kind.
func FuzzKind(f *testing.F) {
	for _, k := range kinds {
		f.Add(k.method, k.url, k.body)
	}
	form := regexp.MustCompile(`^[A-Z]+ /[\w.$()*/?&]+$`)
	f.Fuzz(func(t *testing.T, method, url, body string) {
		got := Dialect{}.Kind(har.Entry{Method: method, URL: url, Body: body})
		if got == "" {
			return
		}
		if !form.MatchString(got) {
			t.Fatalf("%q %q: %q", method, url, got)
		}
		if strings.HasPrefix(strings.TrimPrefix(got, "POST "), soapRoot) {
			return // made of the answer
		}
		method, path, _ := strings.Cut(got, " ")
		if again := (Dialect{}).Kind(har.Entry{Method: method, URL: path}); again != got {
			t.Fatalf("%q becomes %q", got, again)
		}
	})
}

package redact

import (
	"regexp"
	"strings"
	"testing"

	"github.com/prvgap/prvgap/har"
)

const (
	person  = "6a36a271-026b-f111-b4cc-7ced8d41c0e7"
	account = "886b280c-6396-4d56-a0a3-2c1b0a50ceb0" // an id that every environment has
)

func all(key string) *Replacer {
	return New(Options{
		Replace: map[Kind]bool{Email: true, Name: true, GUID: true, Host: true}, Key: []byte(key),
		Known: func(s string) bool { return s == account || s == "account" },
	})
}

// TestGUIDs: one GUID becomes one other, whatever its form.
func TestGUIDs(t *testing.T) {
	r := all("k")
	fresh := r.Text(person)
	if fresh == person || !regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`).MatchString(fresh) {
		t.Fatalf("became %s", fresh)
	}
	bare := func(s string) string { return strings.ReplaceAll(s, "-", "") }
	for _, form := range []func(string) string{
		strings.ToUpper, bare,
		func(s string) string { return "{" + s + "}" },
		func(s string) string { return "%7B" + s + "%7d" },
		func(s string) string { return "%7B" + bare(s) + "%7D" },
		func(s string) string { return strings.ReplaceAll(s, "-", "%2D") },
		func(s string) string { return "%257B" + strings.ReplaceAll(s, "-", "%252D") + "%257D" },
		func(s string) string { return "accounts(" + s + ")/x_" + s + "_y?id=" + strings.ToUpper(bare(s)) },
	} {
		if got, want := r.Text(form(person)), form(fresh); got != want {
			t.Errorf("%s became %s, not %s", form(person), got, want)
		}
	}
	for _, same := range []string{
		account, strings.ToUpper(account), bare(account), "00000000-0000-0000-0000-000000000000", strings.Repeat("ab", 20), "a" + bare(person), "6a36a271-026b",
	} {
		if got := r.Text(same); got != same {
			t.Errorf("%s became %s", same, got)
		}
	}
	if all("other").Text(person) == fresh || all("k").Text(person) != fresh {
		t.Error("the replacement does not depend on the key alone")
	}
	if r.Count(GUID) != 1 {
		t.Errorf("%d GUIDs counted", r.Count(GUID))
	}
}

// masked shows what was replaced by its kind alone.
func masked(s string) string {
	for form, kind := range map[string]string{`user-[0-9a-f]{8}@example\.com`: "USER", `Name-[0-9a-f]{8}`: "NAME", `org-[0-9a-f]{8}`: "ORG", `host-[0-9a-f]{8}\.example`: "HOST", `[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f-]{21}`: "GUID"} {
		s = regexp.MustCompile(form).ReplaceAllString(s, kind)
	}
	return s
}

func TestTexts(t *testing.T) {
	for text, want := range map[string]string{
		"mail jane.doe+x@contoso.co.uk now":                                          "mail USER now",
		"John%40contoso.com, 'a@b.onmicrosoft.com'":                                  "USER, 'USER'",
		"john%2540contoso.com john&#64;contoso.com %2527jos%25C3%25A9%2540x.nl%2527": "USER USER %2527USER%2527",
		"jos%C3%A9.x%2Bnews%40contoso.com 'pat.o'neil@contoso.com'":                  "USER 'USER'",
		"jane_gmail.com#EXT#@x.onmicrosoft.com j%23EXT%23%40x.onmicrosoft.com":       "USER USER",
		`CONTOSO\jane.doe, crm-1: 'CONTOSO\\jane', C:\x, no\one, A\nB`:               `USER, crm-1: 'USER', C:\x, no\one, A\nB`,
		"https%253A%252F%252Fcrm.contoso.com, contoso.crm9.microsoftdynamics.us":     "https%253A%252F%252FHOST, ORG.crm9.microsoftdynamics.us",
		"https://management.azure.com https://crm.contoso.cloudapp.azure.com":        "https://management.azure.com https://HOST",
		"_ownerid_value@OData.Community.Display.V1.FormattedValue":                   "_ownerid_value@OData.Community.Display.V1.FormattedValue",
		"@Microsoft.PowerApps.CDS.ErrorDetails.OperationStatus":                      "@Microsoft.PowerApps.CDS.ErrorDetails.OperationStatus",
		"https://contoso.crm4.dynamics.com/main.aspx":                                "https://ORG.crm4.dynamics.com/main.aspx",
		"contoso.api.crm4.dynamics.com and wss://crm.contoso.com:5555/x":             "ORG.api.crm4.dynamics.com and wss://HOST:5555/x",
		"https%3A%2F%2Fcrm.contoso.com%2Fx https://login.microsoftonline.com/x":      "https%3A%2F%2FHOST%2Fx https://login.microsoftonline.com/x",
		"ApplicationId/FullName: 1/# Portals, Contoso, PrivilegeName: prvX":          "ApplicationId/FullName: 1/NAME, PrivilegeName: prvX",
		"Privilege: prvReadX in BusinessUnit: Contoso North (Id= 5)":                 "Privilege: prvReadX in BusinessUnit: NAME (Id= 5)",
		"User name: Jane Doe, role":                                                  "User name: NAME, role",
		"for entity 'cr1_boat' (LocalizedName='Big Boat')":                           "for entity 'cr1_boat' (LocalizedName='Big Boat')",
	} {
		if got := masked(all("k").Text(text)); got != want {
			t.Errorf("%s\nbecame %s\nnot    %s", text, got, want)
		}
		if got := New(Options{}).Text(text); got != text {
			t.Errorf("without a flag %s became %s", text, got)
		}
	}
}

func TestEntries(t *testing.T) {
	const api = "https://localhost/api/data/v9.2/"
	for address, want := range map[string]string{
		"accounts?$filter=name eq 'O''Brien %26 Sons' and cr1_kind eq 'cr1_x'":             "accounts?$filter=name eq 'NAME' and cr1_kind eq 'cr1_x'",
		"accounts?$filter=contains(name,%27Contoso%20Ltd%27)%20or%20a%20eq%20%27b%27":      "accounts?$filter=contains(name,%27NAME%27)%20or%20a%20eq%20%27NAME%27",
		"accounts?$filter=x%2C%27Contoso%27":                                               "accounts?$filter=x%2C%27NAME%27",
		"accounts(name='Contoso')?$search=Jane Doe&$top=5":                                 "accounts(name='NAME')?$search=NAME&$top=5",
		"EntityDefinitions(LogicalName='lead')?$filter=Type eq Microsoft.CRM.T'Simple'":    "EntityDefinitions(LogicalName='lead')?$filter=Type eq Microsoft.CRM.T'Simple'",
		"views?$filter=returnedtypecode eq 'account' and a gt '2026-01-01'":                "views?$filter=returnedtypecode eq 'account' and a gt '2026-01-01'",
		"contacts?$filter=fullname%20eq%20%2527Jane%2520Doe%2527":                          "contacts?$filter=fullname%20eq%20%2527NAME%2527",
		"contacts?$filter=fullname eq'Jane' or name eq N'Jane'":                            "contacts?$filter=fullname eq'NAME' or name eq N'NAME'",
		"x(T=Microsoft.CRM.Access'Read',A=guid'" + person + "')":                           "x(T=Microsoft.CRM.Access'Read',A=guid'GUID')",
		"contacts?$filter=X.In(PropertyName='a_b',PropertyValues=[\"Jane\",%22O'Neil%22])": "contacts?$filter=X.In(PropertyName='a_b',PropertyValues=[\"NAME\",%22NAME%22])",
		"contacts?$filter=mobilephone eq '0612345678' and cr1_code eq '1033'":              "contacts?$filter=mobilephone eq 'NAME' and cr1_code eq '1033'",
		"accounts?$filter=name eq 'open":                                                   "accounts?$filter=name eq 'open",
	} {
		if got := masked(all("k").Entry(har.Entry{URL: api + address}).URL); got != api+want {
			t.Errorf("%s\nbecame %s", address, got)
		}
	}
	for body, want := range map[string]string{
		`{"fullname":"Jane Doe","x":["jane@contoso.com"],"displayName":"prvReadX","LocalizedName":"Boat"}`: `{"fullname":"NAME","x":["USER"],"displayName":"prvReadX","LocalizedName":"Boat"}`,
		`{"_ownerid_value@OData.Community.Display.V1.FormattedValue":"Jane Doe","n":5}`:                    `{"_ownerid_value@OData.Community.Display.V1.FormattedValue":"NAME","n":5}`,
		`{"message":"{\"userName\":\"Jane \\u0044oe\"}"}`:                                                  `{"message":"{\"userName\":\"NAME\"}"}`,
	} {
		r := all("k")
		if got := masked(r.Entry(har.Entry{Body: body}).Body); got != want {
			t.Errorf("%s\nbecame %s", body, got)
		}
	}
	if got := masked(all("k").Entry(har.Entry{Mark: "quote for jane@contoso.com, pwd=x"}).Mark); got != "quote for USER, pwd=…" {
		t.Errorf("the mark became %s", got)
	}
	if a, b := all("k").Entry(har.Entry{Body: `{"fullname":"Jane  DOE"}`}).Body, all("k").Entry(har.Entry{URL: "/x?$filter=a eq 'jane doe'"}).URL; !strings.Contains(b, strings.Split(a, `"`)[3]) {
		t.Errorf("one name became two: %s, %s", a, b)
	}
}

func BenchmarkEntry(b *testing.B) {
	r := all("k")
	e := har.Entry{
		URL:  "https://contoso.crm4.dynamics.com/api/data/v9.2/accounts(" + person + ")?$select=name&$filter=name eq 'Contoso'",
		Body: `{"error":{"code":"0x80040220","message":"Principal user (Id=` + person + `, type=8) is missing prvReadAccount privilege (Id=` + account + `)"}}`,
	}
	b.ReportAllocs()
	for b.Loop() {
		r.Entry(e)
	}
}

package zoho

import (
	"bufio"
	"encoding/json"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/prvgap/prvgap/analyzer"
	"github.com/prvgap/prvgap/catalog"
	"github.com/prvgap/prvgap/har"
)

// refused makes the entry of a refused request.
func refused(status int, url, body string) har.Entry {
	return har.Entry{Method: "GET", URL: url, Status: status, Body: body, HasBody: true}
}

func denials(e har.Entry) []analyzer.Denial {
	f := analyzer.NewFacts()
	return Dialect{}.Denials(e, &f)
}

const here = "https://crm.zoho.com/crm/v8/Leads"

func TestDenials(t *testing.T) {
	for name, c := range map[string]struct {
		status    int
		url, body string
		want      []string // permission, shape and cause
	}{
		"named":         {403, here, `{"code":"NO_PERMISSION","details":{"permissions":["Crm_Implied_View_Leads"]},"message":"permission denied","status":"error"}`, []string{"Crm_Implied_View_Leads no-permission privilege"}},
		"keys in order": {403, here, `{"status":"error","message":"x","details":{"permissions":["Crm_Implied_View_Leads"]},"code":"NO_PERMISSION"}`, []string{"Crm_Implied_View_Leads no-permission privilege"}},
		"a lie":         {403, here, `{"code":"NO_PERMISSION","details":{"permissions":["Crm_Implied_Manage_ClientPortal_Users"]},"message":"User has been transferred successfully","status":"error"}`, []string{"Crm_Implied_Manage_ClientPortal_Users no-permission privilege"}},
		"several":       {403, here, `{"code":"NO_PERMISSION","details":{"permissions":["Crm_Implied_Edit_Leads","Crm_Implied_Tags_Leads","crm_implied_edit_leads"]},"message":"","status":"error"}`, []string{"Crm_Implied_Edit_Leads no-permission privilege", "Crm_Implied_Tags_Leads no-permission privilege"}},
		"pasted":        {403, "", `{"code":"NO_PERMISSION","details":{"permissions":["Crm_Implied_View_Leads"]},"message":"","status":"error"}`, []string{"Crm_Implied_View_Leads no-permission privilege"}},
		"empty details": {403, here, `{"code":"NO_PERMISSION","details":{},"message":"permission denied","status":"error"}`, []string{" no-permission-unnamed privilege"}},
		"odd details":   {403, here, `{"code":"NO_PERMISSION","details":[],"message":"permission denied","status":"error"}`, []string{" no-permission-unnamed privilege"}},
		"hostile name":  {403, here, `{"code":"NO_PERMISSION","details":{"permissions":["x\u001b[31m","a b",""]},"message":"","status":"error"}`, []string{" no-permission-unnamed privilege"}},
		"no details":    {403, here, `{"code":"NO_PERMISSION","message":"permission denied","status":"error"}`, []string{" no-permission-unnamed privilege"}},
		"not theirs":    {403, "https://api.example.com/x", `{"code":"NO_PERMISSION","message":"permission denied","status":"error"}`, nil},
		"by record":     {400, here, `{"data":[{"code":"NO_PERMISSION","details":{"permissions":["Crm_Implied_Edit_Leads"]},"message":"","status":"error"},{"code":"SUCCESS","details":{},"message":"","status":"success"}]}`, []string{"Crm_Implied_Edit_Leads no-permission privilege"}},
		"scope":         {401, here, `{"code":"OAUTH_SCOPE_MISMATCH","details":{},"message":"Unauthorized","status":"error"}`, []string{" code other"}},
		"scope as 403":  {403, here, `{"code":"OAUTH_SCOPE_MISMATCH","details":{},"message":"Unauthorized","status":"error"}`, []string{" code other"}},
		"token":         {401, here, `{"code":"INVALID_TOKEN","details":{},"message":"invalid oauth token","status":"error"}`, []string{" code other"}},
		"other code":    {403, here, `{"code":"NOT_ALLOWED","details":{},"message":"","status":"error"}`, []string{" code other"}},
		"not found":     {404, here, `{"code":"INVALID_URL_PATTERN","details":{},"message":"","status":"error"}`, nil},
		"another's":     {403, "https://api.example.com/crm", `{"code":"FORBIDDEN","details":{},"message":"","status":"error"}`, nil},
		"no status":     {403, here, `{"code":"NO_PERMISSION","details":{},"message":""}`, nil},
		"dataverse":     {403, "https://contoso.crm.dynamics.com/api/data/v9.2/accounts", `{"error":{"code":"0x80040220","message":"Principal user (Id=b06e8494-999f-f011-b41c-00224804a1a8, type=8) is missing prvReadAccount privilege"}}`, nil},
		"salesforce":    {403, "https://x.my.salesforce.com/", `[{"message":"insufficient access rights on object id","errorCode":"INSUFFICIENT_ACCESS_OR_READONLY"}]`, nil},
		"broken":        {403, here, `{"code":"NO_PERMISSION","status":"error"`, nil},
		"allowed":       {200, here, `{"code":"NO_PERMISSION","details":{},"message":"","status":"error"}`, nil},
	} {
		var got []string
		for _, d := range denials(refused(c.status, c.url, c.body)) {
			got = append(got, d.Privilege+" "+d.Shape+" "+string(d.Cause))
			if d.Dialect != Name || d.Code == "" || d.Cause == analyzer.CauseOther && d.Advice == "" {
				t.Errorf("%s: %+v", name, d)
			}
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

// TestPartial: an answer that is not refused as a whole can refuse records of
// it, or calls of a composite; its excerpt tells the same.
func TestPartial(t *testing.T) {
	const (
		refusal = `{"code":"NO_PERMISSION","details":{"permissions":["Crm_Implied_Create_Leads"],"id":"PLANTED"},"message":"permission denied","status":"error"}`
		records = `{"data":[` + refusal + `,{"code":"SUCCESS","details":{"id":"PLANTED"},"message":"record added","status":"success"}],"info":{"more":false}}`
		calls   = `{"__composite_requests":[{"code":"SUCCESS","details":{"response":{"status_code":403,"body":` + refusal + `}},"status":"success"},{"details":{"response":{"status_code":200,"body":{"data":[{"PLANTED":1}]}}}}]}`
	)
	const api = "https://www.zohoapis.com/crm/v8/"
	for name, c := range map[string]struct {
		method, url, body string
		status            int
		want              bool
	}{
		"records":         {"POST", api + "Leads", records, 207, true},
		"records, as 200": {"PUT", api + "Leads", records, 200, true},
		"composite":       {"POST", api + "__composite_requests", calls, 200, true},
		"bare list":       {"POST", api + "Leads", "[" + refusal + "]", 207, true},
		"a read":          {"GET", api + "Leads", records, 200, false},
		"a setting":       {"PUT", api + "settings/fields", records, 200, false},
		"elsewhere":       {"POST", "https://api.example.com/crm/v8/Leads", records, 200, false},
		"not refused":     {"POST", api + "Leads", strings.ReplaceAll(records, "NO_PERMISSION", "MANDATORY_NOT_FOUND"), 207, false},
		"moved":           {"POST", api + "Leads", records, 302, false},
	} {
		e := har.Entry{Method: c.method, URL: c.url, Status: c.status, Body: c.body, HasBody: true}
		ds := denials(e)
		if c.want != (len(ds) == 1 && ds[0].Privilege == "Crm_Implied_Create_Leads") || !c.want && ds != nil {
			t.Errorf("%s: %+v", name, ds)
		}
		if c.want && !(Dialect{}).Reads(c.method, c.url) {
			t.Errorf("%s: the body is not read", name)
		}
		e.Body = Dialect{}.Excerpt(e)
		if strings.Contains(e.Body, "PLANTED") || !reflect.DeepEqual(denials(e), ds) {
			t.Errorf("%s: the excerpt is %s", name, e.Body)
		}
	}
}

// The advice about the sync with Microsoft stands beside what the address says
// to be about it, and nowhere else.
func TestMicrosoftAdvice(t *testing.T) {
	const unnamed = `{"code":"NO_PERMISSION","details":{},"message":"permission denied","status":"error"}`
	const named = `{"code":"NO_PERMISSION","details":{"permissions":["Crm_Implied_Manage_Users"]},"message":"","status":"error"}`
	for _, c := range []struct {
		url, body string
		want      bool
	}{
		{"https://crm.zoho.com/crm/v8/settings/office365/tasks", unnamed, true},
		{"https://crm.zoho.com/crm/v8/settings/office365/tasks", named, false},
		{"https://crm.zoho.com/crm/v8/settings/office365", unnamed, false},
		{"https://crm.zoho.com/crm/v8/Tasks", unnamed, false},
	} {
		ds := denials(refused(403, c.url, c.body))
		if len(ds) != 1 || strings.Contains(ds[0].Advice, "pauses the sync and keeps its set-up") != c.want {
			t.Errorf("%s: %+v", c.url, ds)
		}
	}
}

func TestNoBody(t *testing.T) {
	e := refused(403, here, "")
	e.HasBody = false
	if ds := denials(e); len(ds) != 1 || ds[0].Shape != analyzer.ShapeNoBody || ds[0].Cause != analyzer.CausePrivilege {
		t.Errorf("%+v", ds)
	}
	e.URL = "https://static.zoho.com/crm/logo.png"
	if ds := denials(e); ds != nil {
		t.Errorf("a picture: %+v", ds)
	}
}

func TestHosts(t *testing.T) {
	for h := range strings.FieldsSeq("crm.zoho.com crm.zoho.eu crm.zoho.in crm.zoho.com.au crm.zoho.jp crm.zoho.sa crm.zohocloud.ca crm.zoho.uk www.zohoapis.com www.zohoapis.eu recruit.zoho.com zylker.zohoplatform.com") {
		if !ours("https://" + h + "/x") {
			t.Errorf("%s is not taken for Zoho's", h)
		}
	}
	for h := range strings.FieldsSeq("zoho.com.evil.example evilzoho.com zoho.example contoso.crm.dynamics.com") {
		if ours("https://" + h + "/x") {
			t.Errorf("%s is taken for Zoho's", h)
		}
	}
}

func TestSuspect(t *testing.T) {
	for _, c := range []struct{ method, url, want string }{
		{"GET", "https://crm.zoho.com/crm/v8/Leads?fields=x", "Crm_Implied_View_Leads"},
		{"", "https://www.zohoapis.eu/crm/v2.1/Sales_Orders/1", "Crm_Implied_View_Sales_Orders"},
		{"POST", "https://www.zohoapis.eu/crm/v8/Deals", "Crm_Implied_Create_Deals"},
		{"POST", "https://www.zohoapis.eu/crm/v8/Deals/upsert", "Crm_Implied_Create_Deals"},
		{"PUT", "https://www.zohoapis.eu/crm/v8/Deals/1", "Crm_Implied_Edit_Deals"},
		{"DELETE", "https://www.zohoapis.eu/crm/v8/Deals/1", "Crm_Implied_Delete_Deals"},
		{"POST", "https://www.zohoapis.eu/crm/v8/Deals/actions/mass_update", "Crm_Implied_Mass_Update_Deals"},
		{"POST", "https://www.zohoapis.eu/crm/v8/Deals/actions/mass_change_owner", "Crm_Implied_Change_Owner_Deals"},
		{"POST", "https://www.zohoapis.eu/crm/v8/Deals/actions/unheard_of", ""},
		{"GET", "https://recruit.zoho.com/recruit/v2/Candidates", "Crm_Implied_View_Candidates"},
		{"GET", "https://www.zohoapis.eu/crm/v8/settings/variables", "Crm_Implied_Variables_Access"},
		{"PUT", "https://www.zohoapis.eu/crm/v8/settings/fields/1", "Crm_Implied_Customize_Zoho_CRM"},
		{"GET", "https://www.zohoapis.eu/crm/v8/org", ""},
		{"POST", "https://crm.zoho.com/crm/v8/settings/office365/contacts", "microsoft-sync-contacts"},
		{"POST", "https://crm.zoho.com/crm/EnableOutlookSync.do/meetings", "microsoft-sync-calendar"},
		{"GET", "https://crm.zoho.com/crm/microsoft/Tasks", "microsoft-sync-tasks"},
		{"GET", "https://graph.microsoft.com/v1.0/me/calendar", ""},
		{"GET", "https://contoso.crm.dynamics.com/api/data/v9.2/accounts", ""},
		{"GET", "https://contoso.crm.dynamics.com/crm/api/data/v9.2/Leads", ""},
		{"GET", "", ""},
	} {
		got := Dialect{}.Suspect(c.method, c.url, catalog.Default())
		if got != c.want {
			t.Errorf("%s %s: %q, want %q", c.method, c.url, got, c.want)
		}
		if _, ok := catalog.Default().Lookup(got); got != "" && !ok {
			t.Errorf("%s is not in the catalog", got)
		}
		// A comparison asks it of the kinds of requests that were allowed.
		method, path, _ := strings.Cut(Dialect{}.Kind(har.Entry{Method: c.method, URL: c.url}), " ")
		if asked := (Dialect{}).Suspect(method, path, catalog.Default()); path != "" && asked != c.want && !strings.HasPrefix(c.want, "microsoft-") {
			t.Errorf("%s %s: %q", method, path, asked)
		}
	}
	// What a profile calls the switch beats this project's name for it.
	c := catalog.Default()
	c.Add(catalog.Privilege{Name: "Crm_Implied_Made_Up_Sync", Label: "Calendar", Tab: catalog.ProfileTab("Microsoft"), Section: catalog.Switch})
	if got := (Dialect{}).Suspect("POST", "https://crm.zoho.com/crm/v8/settings/office365/calendar", c); got != "Crm_Implied_Made_Up_Sync" {
		t.Errorf("the profile's own name is not taken: %q", got)
	}
}

func TestKind(t *testing.T) {
	for url, want := range map[string]string{
		"https://crm.zoho.com/crm/v8/Leads/5510000000000000001?fields=x":    "PUT /crm/v8/Leads/*",
		"https://contoso.crm.dynamics.com/api/data/v9.2/accounts":           "",
		"https://static.zoho.com/crm/logo.png":                              "",
		"https://www.zohoapis.eu/crm/v2.1/settings/profiles/55100000000001": "PUT /crm/v8/settings/profiles/*",
	} {
		if got := (Dialect{}).Kind(har.Entry{Method: "put", URL: url}); got != want {
			t.Errorf("%s: %q, want %q", url, got, want)
		}
	}
}

// TestCompare: a list that is shown proves the right to view a record, and a
// record that is changed does not prove the right to view another module.
func TestCompare(t *testing.T) {
	const api = "https://www.zohoapis.eu/crm/v8/"
	denied := func(method, path, permission string) har.Entry {
		e := refused(403, api+path, `{"code":"NO_PERMISSION","details":{"permissions":["`+permission+`"]},"message":"permission denied","status":"error"}`)
		e.Method = method
		return e
	}
	allowed := func(method, path string) har.Entry { return har.Entry{Method: method, URL: api + path, Status: 200} }
	opts := analyzer.Options{Dialects: []analyzer.Dialect{Dialect{}}}
	analysis := func(entries ...har.Entry) analyzer.Analysis {
		ev, err := analyzer.Collect("a.har", func(yield func(har.Entry, error) bool) {
			for _, e := range entries {
				if !yield(e, nil) {
					return
				}
			}
		}, opts.Dialects, func() har.Info { return har.Info{Complete: true} })
		if err != nil {
			t.Fatal(err)
		}
		return analyzer.Analyze(ev, opts)
	}
	c := analyzer.Compare(
		analysis(denied("GET", "Leads/1", "Crm_Implied_View_Leads"), denied("PUT", "Leads/1", "Crm_Implied_View_Contacts")),
		analysis(allowed("GET", "Leads"), allowed("PUT", "Leads/1")), opts)
	want := map[string]analyzer.Change{"Crm_Implied_View_Leads": analyzer.ChangeFixed, "Crm_Implied_View_Contacts": analyzer.ChangeNotExercised}
	for _, p := range c.Privileges {
		if p.Change != want[p.Privilege.Name] {
			t.Errorf("%s: %s (%s)", p.Privilege.Name, p.Change, p.Note)
		}
	}
	if len(c.Privileges) != len(want) {
		t.Errorf("%d privileges", len(c.Privileges))
	}
}

// The collected answers of the platform name what was collected of them.
func TestCollectedAnswers(t *testing.T) {
	f, err := os.Open("../../../shared/facts/denials/denials.jsonl")
	if err != nil {
		t.Skip("the folder of collected messages is not here:", err)
	}
	defer f.Close()
	var records int
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var r struct {
			ID, Shape, Body string
			Status          int `json:"http_status"`
			Expected        struct{ Privileges []string }
		}
		if err := json.Unmarshal(lines.Bytes(), &r); err != nil {
			t.Fatal(err)
		}
		var got []string
		ds := denials(refused(max(r.Status, 400), "", r.Body))
		for _, d := range ds {
			if d.Privilege != "" {
				got = append(got, d.Privilege)
			}
		}
		switch ours := strings.HasPrefix(r.Shape, "zoho"); {
		case !ours && ds != nil:
			t.Errorf("%s (%s) is taken for Zoho's: %+v", r.ID, r.Shape, ds)
		case ours && r.Body != "":
			records++
			if len(ds) == 0 || !slices.Equal(got, r.Expected.Privileges) && len(got)+len(r.Expected.Privileges) > 0 {
				t.Errorf("%s: %q, want %q", r.ID, got, r.Expected.Privileges)
			}
		}
	}
	if records < 4 {
		t.Errorf("only %d answers: the test looks at little", records)
	}
}

func FuzzDenials(f *testing.F) {
	f.Add(`{"code":"NO_PERMISSION","details":{"permissions":["Crm_Implied_View_Leads"]},"message":"permission denied","status":"error"}`, here)
	f.Add(`{"data":[{"code":"NO_PERMISSION","details":{},"message":"","status":"error"}]}`, "")
	f.Fuzz(func(t *testing.T, body, url string) {
		ds := denials(refused(403, url, body))
		if len(ds) > mostRefusals*mostPermissions {
			t.Fatalf("%d denials", len(ds))
		}
		for _, d := range ds {
			if d.Dialect != Name || d.Privilege != "" && !permissionForm().MatchString(d.Privilege) || !codeForm().MatchString(d.Code) {
				t.Fatalf("%+v", d)
			}
		}
		Dialect{}.Suspect("GET", url, catalog.Default())
	})
}

package zoho

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/prvgap/prvgap/analyzer"
	"github.com/prvgap/prvgap/analyzer/role"
	"github.com/prvgap/prvgap/catalog"
	"github.com/prvgap/prvgap/har"
)

const sample = "../../testdata/roles/Field Sales.json"

func readSample(t testing.TB) (role.Role, []byte) {
	t.Helper()
	data, err := os.ReadFile(sample)
	if err != nil {
		t.Fatal(err)
	}
	roles, err := ReadProfiles(sample, data)
	if err != nil || len(roles) != 1 || !Profiles(data) {
		t.Fatalf("%d roles, %v", len(roles), err)
	}
	return roles[0], data
}

func TestReadProfiles(t *testing.T) {
	r, _ := readSample(t)
	if r.Name != "Field Sales" || r.Dialect != Name || r.Sealed || !idForm().MatchString(r.ID) || r.Len() != 6 || len(r.Told) != 21 {
		t.Errorf("%+v with %d grants, %d told", r, r.Len(), len(r.Told))
	}
	if r.Holds("crm_implied_view_leads") != catalog.Global || r.Holds("Crm_Implied_Edit_Leads") != catalog.None {
		t.Error("on and off are mixed up")
	}
	c := analyzer.NewFacts().Catalog(r)
	for name, want := range map[string]string{
		"Crm_Implied_View_Deals":        "Zoho CRM profile › Module-level Permissions | Deals: View",
		"Crm_Implied_Mass_Update_Leads": "Zoho CRM profile › Tool Permissions | Mass Update: Leads",
	} {
		if p, ok := c.Privilege(name); !ok || p.Tab+" | "+p.Label != want || p.ID == "" || p.Section != catalog.Switch {
			t.Errorf("%s stands at %+v", name, p)
		}
	}
}

func TestProfileForms(t *testing.T) {
	one := `{"name":"A","id":"1","permissions_details":[{"id":"2","name":"Crm_Implied_View_Leads","enabled":true},{"id":"3","name":"no name","enabled":true}]}`
	for name, c := range map[string]struct {
		data   string
		sealed bool
		err    string
	}{
		"bare":          {one, false, ""},
		"byte mark":     {"\xef\xbb\xbf{\"profiles\":[" + one + "]}", false, ""},
		"system":        {strings.Replace(one, `"name":"A"`, `"name":"A","custom":false`, 1), true, ""},
		"system, v2":    {strings.Replace(one, `"name":"A"`, `"name":"A","category":false`, 1), true, ""},
		"by its name":   {strings.Replace(one, `"A"`, `"Standard"`, 1), true, ""},
		"only the name": {strings.Replace(one, `"name":"A"`, `"name":"Standard","custom":true`, 1), false, ""},
		"list":          {`{"profiles":[{"name":"A","id":"1"},{"name":"B","id":"2"}]}`, false, "no profile in it lists"},
		"empty":         {`{"profiles":[]}`, false, "no profile in it lists"},
		"broken":        {"{\"profiles\":[\n{\"id\": 5}]}", false, "line 2, column 9"},
		"too many":      {`{"name":"A","permissions_details":[` + strings.Repeat(`{"id":"1"},`, maxPermissions) + `{"id":"1"}]}`, false, "has 20001 permissions"},
	} {
		roles, err := ReadProfiles("p.json", []byte(c.data))
		switch {
		case c.err != "":
			if err == nil || !strings.Contains(err.Error(), c.err) {
				t.Errorf("%s: %v, want %q", name, err, c.err)
			}
		case err != nil || len(roles) != 1 || roles[0].Sealed != c.sealed || roles[0].Len() != 1 || len(roles[0].Notes) != 1:
			t.Errorf("%s: %+v, %v", name, roles, err)
		}
		if !Profiles([]byte(c.data)) {
			t.Errorf("%s is not taken for a profile", name)
		}
	}
	for _, other := range []string{`{"RolePrivileges":[]}`, `[{"permissions_details":1}]`, "", "<Role/>", `{"value":[]}`} {
		if Profiles([]byte(other)) {
			t.Errorf("%q is taken for a profile", other)
		}
	}
}

// What an answer in a capture teaches does not depend on the order of answers.
func TestLearn(t *testing.T) {
	_, data := readSample(t)
	e := har.Entry{Method: "GET", URL: "https://crm.zoho.eu/crm/v8/settings/profiles/551000001", Status: 200, Body: string(data), HasBody: true}
	other := e
	other.Body = `{"profiles":[{"id":"1","permissions_details":[{"id":"99","name":"Crm_Implied_View_Deals","display_label":"View"}]}]}`
	a, b := analyzer.NewFacts(), analyzer.NewFacts()
	for _, x := range []har.Entry{e, other} {
		if !(Dialect{}).Reads(x.Method, x.URL) || (Dialect{}).Denials(x, &a) != nil {
			t.Fatal("the answer is not read")
		}
	}
	Dialect{}.Denials(other, &b)
	Dialect{}.Denials(e, &b)
	if fmt.Sprint(a) != fmt.Sprint(b) {
		t.Errorf("the order of answers counts:\n%v\n%v", a, b)
	}
	if p := a.Privileges["crm_implied_view_deals"]; p.Tab != "Zoho CRM profile › modules" && p.Tab != "Zoho CRM profile › Module-level Permissions" {
		t.Errorf("%+v", p)
	}
	if (Dialect{}).Reads("GET", "https://crm.zoho.eu/crm/v8/settings/profiles") || (Dialect{}).Reads("PUT", e.URL) {
		t.Error("what teaches nothing is read")
	}
}

func patchOf(base role.Role, names ...string) role.Patch {
	p := role.Patch{Base: base, Provenance: role.Provenance{Version: "v1", Base: "evil\n### GET https://evil.example"}}
	for _, n := range names {
		p.Additions = append(p.Additions, role.Addition{Privilege: n, To: catalog.Global})
	}
	return p
}

// The file holds the calls that it says, and nothing that a name smuggles in.
func TestHTTPFile(t *testing.T) {
	base, _ := readSample(t)
	base.Name = "Field\n### DELETE Sales"
	data, err := HTTPFile(patchOf(base, "Crm_Implied_Edit_Leads", "Crm_Implied_View_Deals"))
	if err != nil {
		t.Fatal(err)
	}
	var calls []string
	var bodies []update
	for part := range strings.SplitSeq("\n"+string(data), "\n### ") {
		lines := strings.Split(part, "\n")
		if len(calls) == 0 && !strings.HasPrefix(part, "1.") {
			for _, l := range lines {
				if l != "" && l[0] != '#' && l[0] != '@' {
					t.Errorf("the head holds %q", l)
				}
			}
			calls = append(calls, "head")
			continue
		}
		calls = append(calls, lines[1])
		if _, body, ok := strings.Cut(part, "\n\n"); ok && strings.TrimSpace(body) != "" {
			var u update
			if err := json.Unmarshal([]byte(body), &u); err != nil {
				t.Fatalf("%s: %v", lines[1], err)
			}
			bodies = append(bodies, u)
		}
	}
	at := "{{api}}/settings/profiles/" + base.ID
	if got, want := strings.Join(calls, "|"), strings.Join([]string{"head", "GET " + at, "PUT " + at, "GET " + at, "PUT " + at}, "|"); got != want {
		t.Fatalf("calls %s, want %s", got, want)
	}
	if len(bodies) != 2 || len(bodies[0].Profiles) != 1 || len(bodies[0].Profiles[0].Permissions) != 2 {
		t.Fatalf("bodies %+v", bodies)
	}
	for i, s := range bodies[0].Profiles[0].Permissions {
		undo := bodies[1].Profiles[0].Permissions[i]
		if !s.Enabled || undo.Enabled || undo.ID != s.ID || !idForm().MatchString(s.ID) {
			t.Errorf("%+v is undone by %+v", s, undo)
		}
	}
}

// A parent that is off is told, and not switched on unasked.
func TestHTTPFileParents(t *testing.T) {
	base, data := readSample(t)
	base.File = data
	for names, want := range map[string]int{
		"Crm_Implied_Edit_Deals":                        1,
		"Crm_Implied_Edit_Deals Crm_Implied_View_Deals": 0,
		"Crm_Implied_Edit_Leads":                        0, // its parent is on
	} {
		out, err := HTTPFile(patchOf(base, strings.Fields(names)...))
		if n := strings.Count(string(out), "is below Crm_Implied_View_"); err != nil || n != want {
			t.Errorf("%s: %d parents, %v", names, n, err)
		}
	}
}

func TestHTTPFileRefuses(t *testing.T) {
	base, _ := readSample(t)
	sealed, nameless := base.Clone(), base.Clone()
	sealed.Sealed, nameless.ID = true, ""
	for want, p := range map[string]role.Patch{
		"defined by the system": patchOf(sealed, "Crm_Implied_Edit_Leads"),
		"has no id":             patchOf(nameless, "Crm_Implied_Edit_Leads"),
		"lists no permission":   patchOf(base, "microsoft-sync-calendar"),
	} {
		_, err := HTTPFile(p)
		var told *role.Error
		if !errors.As(err, &told) || !strings.Contains(err.Error(), want) || told.Hint == "" {
			t.Errorf("%v, want %q with a hint", err, want)
		}
	}
}

func TestCheck(t *testing.T) {
	good := patchOf(role.Role{}, "Crm_Implied_Edit_Leads", "microsoft-sync-tasks")
	if err := Check(good); err != nil {
		t.Error(err)
	}
	for _, name := range []string{"", "a b", "x\ny", "microsoft-sync-mail"} {
		if Check(patchOf(role.Role{}, name)) == nil {
			t.Errorf("%q passes", name)
		}
	}
	good.Additions[0].To = catalog.Basic
	if Check(good) == nil {
		t.Error("a level passes")
	}
}

func FuzzReadProfiles(f *testing.F) {
	// Small seeds: of a whole profile the fuzzer does nothing but look for a smaller one.
	f.Add([]byte(`{"profiles":[{"id":"1","name":"A","custom":false,"permissions_details":[{"id":"2","name":"Crm_Implied_View_Leads","enabled":true},{"id":"3","name":"Crm_Implied_Edit_Leads","display_label":"Edit","parent_permissions":["Crm_Implied_View_Leads"]}]}]}`))
	f.Add([]byte(`{"profiles":[{"sections":[{"categories":[{"permissions_details":[1,"2",{"id":"3"}]}]}],"permissions_details":[{"id":"3","name":"A_b"}]}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		roles, err := ReadProfiles("x", data)
		if err != nil {
			return
		}
		for _, r := range roles {
			for _, p := range r.Told {
				if !permissionForm().MatchString(p.Name) || p.Section != catalog.Switch || strings.ContainsAny(p.Tab+p.Label, "\r\n\x1b") {
					t.Fatalf("%+v", p)
				}
			}
			for _, g := range r.Grants() {
				if g.Depth != catalog.Global {
					t.Fatalf("%+v", g)
				}
			}
			if out, err := HTTPFile(patchOf(r, "Crm_Implied_View_Leads")); err == nil && strings.Count(string(out), "\n### ") != 4 {
				t.Fatalf("the file holds other calls:\n%s", out)
			}
		}
	})
}

// TestExcerpt: the excerpt of an answer teaches the same, and holds nothing that is not read.
func TestExcerpt(t *testing.T) {
	_, data := readSample(t)
	body := string(data)
	planted := strings.ReplaceAll(body, "{\n", "{\"more\":[\"PLANTED\"],\n")
	planted = strings.ReplaceAll(planted, `"Field Sales"`, `"PLANTED"`)
	const address = "https://www.zohoapis.eu/crm/v8/settings/profiles/4876876000000026014"
	text := (Dialect{}).Excerpt(har.Entry{Method: "GET", URL: address, Status: 200, Body: planted})
	if strings.Contains(text, "PLANTED") {
		t.Errorf("holds what is not read: %s", text)
	}
	got, want := analyzer.NewFacts(), analyzer.NewFacts()
	learn(text, &got)
	learn(body, &want)
	if len(want.Privileges) == 0 || !reflect.DeepEqual(got, want) {
		t.Errorf("teaches %v, not %v", got.Privileges, want.Privileges)
	}
	for _, e := range []har.Entry{{URL: address, Status: 200, Body: "{"}, {URL: address, Status: 403, Body: body}, {URL: "https://x.example/a", Status: 200, Body: body}} {
		if text := (Dialect{}).Excerpt(e); text != "" {
			t.Errorf("%d %s: %s", e.Status, e.URL, text)
		}
	}
}

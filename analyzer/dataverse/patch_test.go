package dataverse

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/prvgap/prvgap/analyzer/role"
	"github.com/prvgap/prvgap/catalog"
)

// roleCorpus returns a path in the collection of real role files, which is no part of this project.
func roleCorpus(t *testing.T, elements ...string) string {
	t.Helper()
	path := filepath.Join(append([]string{"..", "..", "..", "shared", "corpus"}, elements...)...)
	if _, err := os.Stat(path); err != nil {
		t.Skipf("the corpus is not here: %s", path)
	}
	return path
}

// validate asks xmllint whether a Role or a Roles element keeps to the schema of what was observed in real files. It is
// a subtest, so that without xmllint nothing else is skipped.
func validate(t *testing.T, doc []byte) {
	t.Helper()
	t.Run("schema", func(t *testing.T) {
		schema := roleCorpus(t, "xsd", "role-observed.xsd")
		if _, err := exec.LookPath("xmllint"); err != nil {
			if os.Getenv("CI") == "true" {
				t.Fatal("xmllint is missing: install libxml2-utils")
			}
			t.Skip("xmllint is not here")
		}
		cmd := exec.Command("xmllint", "--noout", "--schema", schema, "-")
		cmd.Stdin = bytes.NewReader(doc)
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("%v\n%s", err, out)
		}
	})
}

func readOne(t *testing.T, name string, data []byte) role.Role {
	t.Helper()
	roles, err := ReadRoles(name, data)
	if err != nil {
		t.Fatal(err)
	}
	if len(roles) != 1 {
		t.Fatalf("%s holds %d roles, want 1", name, len(roles))
	}
	return roles[0]
}

// granted gives base with the additions that it does not hold as deep.
func granted(base role.Role, as []role.Addition) []role.Grant {
	r := base.Clone()
	for _, a := range as {
		r.Grant(a.Privilege, a.To)
	}
	return r.Grants()
}

func sameGrants(a, b []role.Grant) bool {
	return slices.EqualFunc(a, b, func(x, y role.Grant) bool {
		return x.Depth == y.Depth && strings.EqualFold(x.Privilege, y.Privilege)
	})
}

func add(privilege string, to catalog.Depth) role.Addition {
	return role.Addition{Privilege: privilege, To: to}
}

func TestProvenanceLines(t *testing.T) {
	p := role.Provenance{
		Version: "v1", Catalog: "2026-11", Base: "Sales Base.xml", Date: "2026-11-20",
		Captures: []role.Digest{{Name: "x.har", SHA256: "ab12"}, {Name: "a\r\n--> <b>\u2028\x00c.har"}},
	}
	want := []string{
		"prvgap v1 (catalog 2026-11)", "from capture x.har sha256 ab12", "from capture a  --> <b>  c.har",
		"base Sales Base.xml", "date 2026-11-20",
	}
	if got := p.Lines(); !slices.Equal(got, want) {
		t.Errorf("got %q\nwant %q", got, want)
	}
	if got := (role.Provenance{}).Lines(); !slices.Equal(got, []string{"prvgap"}) {
		t.Errorf("of nothing: %q", got)
	}
}

func TestUpdatable(t *testing.T) {
	for _, c := range []struct {
		name, id  string
		reference bool
		reason    string
	}{
		{"Sales Base", "f55e0427-43d6-4c41-a516-bea79646c666", false, ""},
		{"", "", false, ""},
		{"Basic User", "236750cd-45ae-4939-ab12-b24b920ced93", false, ""},
		{"Systemadministrator", "{627090FF-40A3-4053-8790-584EDC5BE201}", false, "System Administrator"},
		{"system administrator", "f55e0427-43d6-4c41-a516-bea79646c666", false, "System Administrator"},
		{"Support User", "", false, "Support User"},
		{"Soporte", "2d101bb3-5ced-4122-83f1-94d5efde4e3b", false, "Support User"},
		{"Sales Base", "f55e0427-43d6-4c41-a516-bea79646c666", true, "only refers"},
	} {
		r := role.New(c.name, c.id, "")
		r.Reference = c.reference
		err := Updatable(r)
		if (err == nil) != (c.reason == "") || err != nil && !strings.Contains(err.Error(), c.reason) {
			t.Errorf("%s %s: %v, want %q", c.name, c.id, err, c.reason)
		}
	}
}

func TestPatchCheck(t *testing.T) {
	personal := catalog.MakeDepths(catalog.Basic, catalog.Global)
	for _, c := range []struct {
		a    role.Addition
		want string
	}{
		{role.Addition{Privilege: "prvReadAccount", To: catalog.Local}, ""},
		{role.Addition{Privilege: "prvReadAccount", To: catalog.Global, Legal: personal}, ""},
		{role.Addition{Privilege: "prvReadAccount", To: catalog.Deep, Legal: personal}, "depth Deep is not legal for it, only Basic, Global"},
		{role.Addition{Privilege: "prvReadAccount"}, "grants nothing"},
		{role.Addition{Privilege: "prvReadAccount", To: 9}, "grants nothing"},
		{role.Addition{Privilege: "", To: catalog.Basic}, "not the name"},
		{role.Addition{Privilege: "ReadAccess", To: catalog.Basic}, "not the name"},
		{role.Addition{Privilege: `prvRead" level="Global`, To: catalog.Basic}, "not the name"},
		{role.Addition{Privilege: "prv" + strings.Repeat("x", 300), To: catalog.Basic}, "not the name"},
	} {
		err := Check(role.Patch{Additions: []role.Addition{c.a}})
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v: %v, want %q", c.a, err, c.want)
		}
	}
}

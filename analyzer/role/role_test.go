package role_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/prvgap/prvgap/analyzer/role"
	"github.com/prvgap/prvgap/catalog"
)

func TestGrant(t *testing.T) {
	r := role.New("r", "", "")
	r.Grant("prvReadAccount", catalog.Local)
	r.Grant("PRVREADACCOUNT", catalog.Basic)
	r.Grant("prvWriteAccount", catalog.None)
	if r.Len() != 1 || r.Holds("prvreadaccount") != catalog.Local {
		t.Errorf("grants = %v", r.Grants())
	}
	c := r.Clone()
	c.Grant("prvReadAccount", catalog.Global)
	c.Notes = append(c.Notes, "x")
	if r.Holds("prvReadAccount") != catalog.Local || len(r.Notes) > 0 {
		t.Error("a change of the clone changed the role")
	}
	var zero role.Role
	z := zero.Clone()
	z.Grant("prvReadAccount", catalog.Basic)
}

func TestCompare(t *testing.T) {
	have, need := role.New("have", "", ""), role.New("need", "", "")
	have.Grant("prvReadAccount", catalog.Local)
	have.Grant("prvWriteAccount", catalog.Global)
	have.Grant("prvReadOrganization", catalog.Global)
	have.Grant("prvWriteOrganization", catalog.Global)
	have.Grant("prvAppendToOrganization", catalog.Global)
	need.Grant("prvreadaccount", catalog.Global)
	need.Grant("prvWriteAccount", catalog.Basic)
	need.Grant("prvReadLead", catalog.Basic)
	row := func(label string, privileges ...string) role.Row {
		return role.Row{Label: label, Privileges: privileges}
	}
	need.Rows = []role.Row{
		row("Account", "prvReadAccount", "prvDeleteAccount"),
		row("Contact", "prvReadContact"),
		row("Organization", "prvReadOrganization", "prvWriteOrganization", "prvAppendToOrganization"),
		row("Nameless"),
	}
	brief := func(ls []role.Lack) []string {
		var out []string
		for _, l := range ls {
			s := l.Privilege + l.Row.Label
			if l.Unknown {
				s += "?"
			}
			out = append(out, s)
		}
		return out
	}
	// Organization is held as deep as it can be; nobody knows a table of the nameless row, and nothing of have is unknown.
	want := []string{"prvreadaccount", "prvReadLead", "Account?", "Contact", "Nameless"}
	if got := brief(role.Lacks(have, need)); !slices.Equal(got, want) {
		t.Errorf("lacks = %v, want %v", got, want)
	}
	have.Grant("prvReadxyz_Thing", catalog.Basic)
	want[4] = "Nameless?"
	if got := brief(role.Lacks(have, need)); !slices.Equal(got, want) {
		t.Errorf("lacks = %v, want %v", got, want)
	}
	changes := role.Diff(have, need)
	if len(changes) != 7 || changes[2].Privilege != "prvReadLead" || changes[2].From != catalog.None || changes[5].To != catalog.Basic {
		t.Errorf("diff = %v", changes)
	}
	if len(role.Diff(have, have)) > 0 || len(role.Lacks(have, have)) > 0 {
		t.Error("a role differs from itself")
	}
}

// Every bundled role says what it is, and holds what its source counts.
func TestBundled(t *testing.T) {
	c := catalog.Default()
	grants := map[string]int{
		"app-opener": 81, "basic-user": 443, "system-administrator": 2979, "minimum-login": 39, "modjo": 23,
		"portatour-user": 0, "portatour-admin": 0, "portatour-debug": 0,
	}
	rows := map[string]int{"portatour-user": 40, "portatour-admin": 39, "portatour-debug": 5}
	predefined := 0
	list := role.BundledNames()
	for _, l := range list {
		r, ok := role.Bundled(strings.ToUpper(l.Name))
		if !ok || r.Name != l.Title || l.About == "" || r.Source != "bundled "+l.Name {
			t.Errorf("%s: %v %q", l.Name, ok, r.Name)
		}
		if want, counted := grants[l.Name]; counted && r.Len() != want || !counted && r.Len() == 0 {
			t.Errorf("%s holds %d grants", l.Name, r.Len())
		}
		if len(r.Rows) != rows[l.Name] {
			t.Errorf("%s has %d rows", l.Name, len(r.Rows))
		}
		if slices.Contains(c.PredefinedRoles(), r.Name) {
			predefined++
		}
		for _, g := range r.Grants() {
			p, ok := c.Privilege(g.Privilege)
			if !ok || p.Name != g.Privilege || p.Depths.Known() && !p.Depths.Has(g.Depth) {
				t.Errorf("%s: %s at %s is nothing that the catalog has", l.Name, g.Privilege, g.Depth)
			}
		}
		for _, row := range r.Rows {
			if own := strings.HasPrefix(row.Label, "portatour®"); own != (len(row.Privileges) == 0) || !slices.Contains(catalog.Tabs(), row.Tab) {
				t.Errorf("%s: row %v", l.Name, row)
			}
		}
	}
	if predefined != len(c.PredefinedRoles()) || predefined != 16 {
		t.Errorf("%d predefined roles", predefined)
	}
	if !slices.IsSortedFunc(list, func(a, b role.Listed) int { return strings.Compare(a.Name, b.Name) }) {
		t.Error("the list is not sorted")
	}
	if _, ok := role.Bundled("nothing"); ok {
		t.Error("a role that is not there")
	}
}

func TestAddFlow(t *testing.T) {
	for name, want := range map[string]string{
		"Opportunity Sales Process": "prvAppendToOpportunitySalesProcess",
		"opportunitysalesprocess":   "prvAppendToOpportunitySalesProcess",
		"cr1a7_Inspection":          "prvAppendTocr1a7_Inspection",
	} {
		r, _ := role.Bundled("minimum-login")
		if r.Holds("prvReadAsyncOperation") != catalog.Basic {
			t.Error("prvReadAsyncOperation is for a flow only at Organization")
		}
		if err := r.AddFlow(name); err != nil || r.Holds(want) != catalog.Global || r.Len() != 39+5 || r.Holds("prvReadAsyncOperation") != catalog.Global {
			t.Errorf("%s: %v, %d grants", name, err, r.Len())
		}
	}
	r, _ := role.Bundled("minimum-login")
	if err := r.AddFlow("My Flow"); err == nil || !strings.Contains(err.Error(), "schema name") {
		t.Errorf("AddFlow = %v", err)
	}
}

// seed gives the text of an article that a bundled role came from, where it is at hand.
func seed(t *testing.T, number string) string {
	t.Helper()
	found, _ := filepath.Glob("../../../shared/seeds/" + number + "*.txt")
	if len(found) == 0 {
		t.Skip("the articles are not here")
	}
	data, err := os.ReadFile(found[0])
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// Every row of the article's tables is in minimum-login at its level, with a reason in the catalog.
func TestMinimumLoginArticle(t *testing.T) {
	text := seed(t, "002")
	r, _ := role.Bundled("minimum-login")
	if err := r.AddFlow("NewProcess"); err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, line := range regexp.MustCompile(`(?m)^(prv[\w*]+) \|(.*)$`).FindAllStringSubmatch(text, -1) {
		name := strings.ReplaceAll(regexp.MustCompile(`\*BPFEntityName\*?`).ReplaceAllString(line[1], "NewProcess"), "*", "")
		want := catalog.None
		for cell := range strings.SplitSeq(line[2], "|") {
			for word := range strings.SplitSeq(cell, "/") {
				if d, ok := catalog.ParseDepth(word); ok && d > want && strings.TrimSpace(word) != "" {
					want = d // the deeper of two: a flow was asked for
				}
			}
		}
		found++
		if r.Holds(name) < want || want == catalog.None || strings.Contains(line[2], "| Business Unit |") && r.Holds(name) != catalog.Local {
			t.Errorf("%s: %s, the article has %s", name, r.Holds(name), want)
		}
		if len(catalog.Default().Needs(name)) == 0 {
			t.Errorf("%s: no reason", name)
		}
	}
	if found != 44 || r.Len() != 44 {
		t.Errorf("%d rows in the article, %d grants", found, r.Len())
	}
}

// Every table of the page is in modjo with the page's actions, and nothing else is.
func TestModjoPage(t *testing.T) {
	text := strings.ReplaceAll(seed(t, "000"), "Append to", "AppendTo")
	_, text, _ = strings.Cut(text, "Scopes required by table")
	r, _ := role.Bundled("modjo")
	c := catalog.Default()
	want := 0
	for _, m := range regexp.MustCompile(`(?m)^(\S.*)\n\n\s+• Columns?: (.*)\n\n\s+• Value: Organization`).FindAllStringSubmatch(text, -1) {
		label := strings.TrimSpace(strings.TrimSuffix(m[1], " table"))
		label = label[strings.LastIndex(label, "/ ")+1:]
		table, ok := c.TableByLabel(label)
		if !ok {
			t.Fatalf("no table %q", label)
		}
		for word := range strings.SplitSeq(m[2], ", ") {
			a, _ := catalog.ParseAction(word)
			p, ok := c.ByTable(table.Name, a)
			want++
			if !ok || r.Holds(p.Name) != catalog.Global {
				t.Errorf("%s %s: %s", label, word, r.Holds(p.Name))
			}
		}
	}
	if want != r.Len() || want == 0 {
		t.Errorf("the page names %d, the role holds %d", want, r.Len())
	}
}

// Every row of the page's three roles is there under its tab, in its order within the page's tab.
func TestPortatourPage(t *testing.T) {
	text := seed(t, "001")
	var name, tab string
	got := map[string][]string{}
	heads := map[string]string{"portatour® User": "portatour-user", "portatour® Administrator": "portatour-admin", "portatour® Debug": "portatour-debug"}
	skip := []string{"", "Entity", "Table", "Create", "Read", "Write", "Delete", "Append", "Attach", "Append To", "Assign", "Share"}
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		cell, isCell := strings.CutSuffix(line, " |")
		switch {
		case !isCell && heads[line] != "" && i > 5:
			name = heads[line]
		case name == "":
		case isCell && slices.Contains(catalog.Tabs(), cell):
			tab = cell
		case isCell && (!slices.Contains(skip, cell) || cell == "Entity" && lines[i+1] != "Create |"):
			got[name] = append(got[name], tab+"/"+cell)
		case strings.HasSuffix(line, ":") && !strings.Contains(line, "symbols"):
			got[name] = append(got[name], tab+"/"+strings.TrimSuffix(line, ":"))
		}
	}
	for _, name := range heads {
		r, _ := role.Bundled(name)
		var rows []string
		for _, row := range r.Rows {
			rows = append(rows, row.Tab+"/"+row.Label)
		}
		if !slices.Equal(rows, got[name]) {
			t.Errorf("%s:\n got %q\npage %q", name, rows, got[name])
		}
	}
}

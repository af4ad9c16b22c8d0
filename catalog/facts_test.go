package catalog_test

import (
	"bufio"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/prvgap/prvgap/catalog"
)

// readFacts reads one of the tables of collected facts that the data files are made from. They are no part of the
// repository, so tests that compare with them are skipped where they are missing.
func readFacts(t *testing.T, name string) []map[string]string {
	t.Helper()
	in, err := os.Open(filepath.Join("../../shared/facts", name))
	if os.IsNotExist(err) {
		t.Skip("the fact tables are not beside this checkout")
	}
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	var columns []string
	var facts []map[string]string
	for lines := bufio.NewScanner(in); lines.Scan(); {
		cells := strings.Split(lines.Text(), "\t")
		switch {
		case strings.HasPrefix(cells[0], "#"):
		case columns == nil:
			columns = cells
		default:
			fact := map[string]string{}
			for i, cell := range cells {
				fact[columns[i]] = strings.TrimSpace(cell)
			}
			facts = append(facts, fact)
		}
	}
	return facts
}

func depthsOf(t *testing.T, words string) catalog.Depths {
	t.Helper()
	var ds []catalog.Depth
	for word := range strings.SplitSeq(words, ",") {
		d, ok := catalog.ParseDepth(word)
		if !ok && words != "" {
			t.Fatalf("%q is no depth", word)
		}
		ds = append(ds, d)
	}
	return catalog.MakeDepths(ds...)
}

func TestEveryPrivilegeOfTheFacts(t *testing.T) {
	c := catalog.Default()
	for _, fact := range readFacts(t, "catalog/privileges.tsv") {
		name := fact["name"]
		p, ok := c.Privilege(strings.ToLower(name))
		// Two spellings of one name are in the facts; the one that a source shows is right.
		if !ok || p.Name != name && name != "prvAppendToCategory" {
			t.Errorf("%s is found as %q", name, p.Name)
			continue
		}
		action, _ := catalog.ParseAction(fact["right"])
		if p.Label != fact["entity_label"] || p.Tab != fact["tab"] || p.Group != fact["section_label"] || p.Table != fact["entity_logical_name"] ||
			string(p.Section) != fact["section"] || p.Action != action || p.ID != fact["privilege_id"] || p.Default != (fact["default_in_new_role"] == "1") {
			t.Errorf("%s: %+v, but the facts say %v", name, p, fact)
		}
		if stated := depthsOf(t, fact["allowed_levels"]); stated.Known() && (p.Depths != stated || p.Derived.Depths) ||
			!stated.Known() && p.Depths.Known() != p.Derived.Depths {
			t.Errorf("%s: depths %v (%+v), but the facts say %q", name, p.Depths.List(), p.Derived, fact["allowed_levels"])
		}
		if p.Derived.Tab != (fact["tab_basis"] == "derived") || p.Derived.Name != (strings.HasPrefix(fact["name_basis"], "derived") && p.Name == name) {
			t.Errorf("%s: %+v, but the facts say %v", name, p.Derived, fact)
		}
		if byID, ok := c.ByID(p.ID); ok != (p.ID != "") || ok && byID != p {
			t.Errorf("%s is not found by its id", name)
		}
		for table := range strings.SplitSeq(fact["also_covers"], ",") {
			if got, _ := c.ByTable(table, p.Action); table != "" && got.Name != p.Name {
				t.Errorf("ByTable(%s, %s) = %q, want %s", table, p.Action, got.Name, p.Name)
			}
		}
	}
}

func TestEveryTableOfTheFacts(t *testing.T) {
	c := catalog.Default()
	for _, fact := range readFacts(t, "catalog/entities.tsv") {
		name := fact["logical_name"]
		table, ok := c.Table(name)
		code, _ := strconv.Atoi(fact["otc"])
		label := fact["display_name"]
		if form := fact["form_label_if_different"]; form != "" {
			label = form
		}
		if !ok || table.Name != name || table.Schema != fact["schema_name"] || table.Label != label || table.Set != fact["entity_set_name"] ||
			table.Code != code || table.Tab != fact["tab"] || table.Ownership != fact["ownership"] ||
			table.Custom != (fact["is_custom"] == "1") || table.Activity != (fact["is_activity"] == "1") {
			t.Errorf("%+v, but the facts say %v", table, fact)
		}
		base, _, _ := strings.Cut(fact["privilege_entity"], " ")
		if base != "" && table.Base != base {
			t.Errorf("%s has base %q, want %q", name, table.Base, base)
		}
		if got, ok := c.TableByCode(code); ok != (code != 0) || ok && got.Name != name {
			t.Errorf("code %d leads to %q, want %s", code, got.Name, name)
		}
		if got, ok := c.TableBySet(table.Set); ok != (table.Set != "") || ok && got.Name != name {
			t.Errorf("set %s leads to %q, want %s", table.Set, got.Name, name)
		}
		if got, ok := c.TableBySet(table.Schema + "Set"); table.Schema != "" && (!ok || got.Name != name) {
			t.Errorf("set %sSet leads to %q, want %s", table.Schema, got.Name, name)
		}
	}
}

// The depths that another table of facts has for one environment are the bundled ones.
func TestDepthsOfTheFacts(t *testing.T) {
	c := catalog.Default()
	for _, fact := range readFacts(t, "roles/depth_validity.tsv") {
		action, _ := catalog.ParseAction(fact["access_right"])
		p, ok := c.ByTable(fact["table"], action)
		if ok && p.Table == fact["table"] && !p.Derived.Depths && p.Depths != legal(fact["depths_allowed"]) {
			t.Errorf("%s: depths %v, but the facts say %s", p.Name, p.Depths.List(), fact["depths_allowed"])
		}
	}
}

func TestRolesOfTheFacts(t *testing.T) {
	c := catalog.Default()
	for _, fact := range readFacts(t, "roles/app_opener_privileges.tsv") {
		if d, ok := c.AppOpener(fact["privilege_name"]); !ok || d.String() != fact["level"] {
			t.Errorf("AppOpener(%s) = %v, %v; want %s", fact["privilege_name"], d, ok, fact["level"])
		}
	}
	for _, fact := range readFacts(t, "catalog/predefined_role_levels.tsv") {
		if fact["role"] != "Basic User" {
			continue
		}
		if d, source, ok := c.Recommended(fact["privilege"]); !ok || source == "Basic User role" && depthsOf(t, fact["level"]) != catalog.MakeDepths(d) {
			t.Errorf("Recommended(%s) = %v, %q, %v; want %s", fact["privilege"], d, source, ok, fact["level"])
		}
	}
}

package catalog_test

import (
	"testing"

	"github.com/prvgap/prvgap/catalog"
)

func TestAddBeatsTheBundle(t *testing.T) {
	c := catalog.Default()
	c.Add(catalog.Privilege{Name: "prvwriteusersettings", ID: "{0A1B2C3D-0000-4000-8000-000000000001}", Depths: legal("BLDG")})
	p, ok := c.Privilege("prvWriteUserSettings")
	if !ok || p.Depths != legal("BLDG") || p.Label != "User Settings" || p.Tab != "Business Management" {
		t.Errorf("an addition keeps what it does not say: %+v", p)
	}
	if p, ok := c.ByID("0a1b2c3d-0000-4000-8000-000000000001"); !ok || p.Label != "User Settings" {
		t.Errorf("ByID of an addition: %+v, %v", p, ok)
	}
	c.Add(catalog.Privilege{Name: "prvWriteUserSettings", Label: "Settings"})
	if p, _ := c.Privilege("prvWriteUserSettings"); p.Label != "Settings" || p.Depths != legal("BLDG") {
		t.Errorf("a second addition keeps the first: %+v", p)
	}
	if p, _ := catalog.Default().Privilege("prvWriteUserSettings"); p.Depths.Has(catalog.Basic) {
		t.Error("an addition reached another catalog")
	}
}

func TestAddOwnPrivilege(t *testing.T) {
	c := catalog.Default()
	c.AddTable(catalog.Table{Name: "new_widget", Schema: "new_Widget", Label: "Widget", Code: 10234, Set: "new_widgets", Ownership: "User", Custom: true})
	c.Add(catalog.Privilege{Name: "prvReadnew_Widget", Depths: legal("BLDG")})
	p, ok := c.Privilege("prvreadnew_widget")
	if !ok || p.Name != "prvReadnew_Widget" || p.Label != "Widget" || p.Tab != "Custom Entities" || p.Table != "new_widget" || p.Action != catalog.Read {
		t.Errorf("own privilege = %+v, %v", p, ok)
	}
	if p.Derived.Name || p.Derived.Depths || !p.Derived.Tab {
		t.Errorf("own privilege derived = %+v", p.Derived)
	}
	c.Add(catalog.Privilege{Name: "prvDoSomethingOdd"})
	if p, ok := c.Privilege("prvDoSomethingOdd"); !ok || p.Section != catalog.Unknown || p.Tab != "" {
		t.Errorf("a name that no rule reads = %+v, %v", p, ok)
	}
	for _, got := range []func() (catalog.Table, bool){
		func() (catalog.Table, bool) { return c.TableByCode(10234) },
		func() (catalog.Table, bool) { return c.TableBySet("new_widgets") },
		func() (catalog.Table, bool) { return c.TableBySet("new_WidgetSet") },
		func() (catalog.Table, bool) { return c.TableByLabel("Widget") },
	} {
		if table, ok := got(); !ok || table.Base != "new_Widget" || table.Tab != "Custom Entities" {
			t.Errorf("own table = %+v, %v", table, ok)
		}
	}
}

func TestByTableOfOneEnvironment(t *testing.T) {
	c := catalog.Default()
	c.AddTable(catalog.Table{Name: "new_widget", Schema: "new_Widget", Ownership: "User", Custom: true})
	c.AddTable(catalog.Table{Name: "new_setting", Schema: "new_Setting", Ownership: "Organization", Custom: true})
	c.AddTable(catalog.Table{Name: "new_visit", Schema: "new_Visit", Custom: true, Activity: true})
	c.AddTable(catalog.Table{Name: "entity", Schema: "Entity", Ownership: "None"})
	c.AddTable(catalog.Table{Name: "agenttask", Schema: "AgentTask", Ownership: "User"})
	// Metadata names the privilege at each table that it guards; its own row stays that of Activity.
	c.Add(catalog.Privilege{Name: "prvReadActivity", Table: "new_call", Action: catalog.Read})
	for _, test := range []struct {
		table  string
		action catalog.Action
		want   string
	}{
		{"new_widget", catalog.Assign, "prvAssignnew_Widget"},
		{"new_setting", catalog.Read, "prvReadnew_Setting"},
		{"new_setting", catalog.Share, ""},
		{"new_visit", catalog.Write, "prvWriteActivity"},
		{"new_call", catalog.Read, "prvReadActivity"},
		{"new_call", catalog.Write, ""},
		{"entity", catalog.Share, ""},                     // the bundle knows what there is
		{"agenttask", catalog.Write, "prvWriteAgentTask"}, // the bundle has the table and none of its names
	} {
		if p, ok := c.ByTable(test.table, test.action); p.Name != test.want || ok != (test.want != "") {
			t.Errorf("ByTable(%q, %q) = %q, %v; want %q", test.table, test.action, p.Name, ok, test.want)
		}
	}
	if p, _ := c.Privilege("prvReadActivity"); p.Table != "activitypointer" || p.Label != "Activity" {
		t.Errorf("prvReadActivity = %+v", p)
	}
}

// A tenant may rename a table; its privileges stand under the new name then.
func TestRenamedTable(t *testing.T) {
	c := catalog.Default()
	c.AddTable(catalog.Table{Name: "account", Label: "Firma"})
	c.AddTable(catalog.Table{Name: "new_a", Label: "Contact"})
	if p, _ := c.Privilege("prvReadAccount"); p.Label != "Firma" || p.Tab != "Core Records" {
		t.Errorf("prvReadAccount = %+v", p)
	}
	if found := c.Search("firma"); len(found) != 8 {
		t.Errorf("Search finds %d", len(found))
	}
	if table, ok := c.TableByLabel("firma"); !ok || table.Name != "account" {
		t.Errorf("TableByLabel = %+v, %v", table, ok)
	}
	if table, ok := c.TableByLabel("Contact"); ok {
		t.Errorf("a label that two tables have leads to %+v", table)
	}
}

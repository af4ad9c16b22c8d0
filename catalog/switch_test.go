package catalog_test

import (
	"strings"
	"testing"

	"github.com/prvgap/prvgap/catalog"
)

func TestSwitches(t *testing.T) {
	for _, c := range []struct {
		name, label, tab string
		derived          bool
	}{
		{"Crm_Implied_View_Leads", "Leads: View", "Zoho CRM profile › modules", false},
		{"crm_implied_view_leads", "Leads: View", "Zoho CRM profile › modules", false},
		{"Crm_Implied_View_Sales_Orders", "Sales Orders: View", "Zoho CRM profile › modules", true},
		{"Crm_Implied_Mass_Update_Sales_Orders", "Sales Orders: Mass Update", "Zoho CRM profile", true},
		{"Crm_Implied_Manage_Moons", "Manage Moons", "Zoho CRM profile", true},
		{"Crm_Implied_Api_Access", "Zoho CRM API Access", "Zoho CRM profile", false},
		{"microsoft-sync-calendar", "Calendar (Meetings)", "Zoho CRM profile › Microsoft", false},
	} {
		p, ok := catalog.Default().Lookup(c.name)
		if !ok || p.Label != c.label || p.Tab != c.tab || p.Derived.Name != c.derived || p.Section != catalog.Switch || p.Action != catalog.NoAction {
			t.Errorf("%s: %v %+v", c.name, ok, p)
		}
		if p.LevelLabel(catalog.None) != "off" || p.LevelSymbol(p.Depths.Raise(catalog.Basic)) != "on" {
			t.Errorf("%s is neither on nor off", c.name)
		}
	}
	for _, name := range []string{"Crm_Implied_", "Crm_Implied_XXX", "Crm_Implied_View-Leads", "Crm_Implied_View\nLeads", "Crm_Implied", "microsoft-sync-mail"} {
		if p, ok := catalog.Default().Lookup(name); ok {
			t.Errorf("%q was taken for %+v", name, p)
		}
	}
	if p, _ := catalog.Default().Privilege("prvReadAccount"); p.LevelLabel(catalog.Basic) != "User" || p.LevelSymbol(catalog.Global) != "●" {
		t.Error("a privilege of the role form lost its words")
	}
}

// A profile that was read tells better where a switch stands.
func TestSwitchOverlay(t *testing.T) {
	c := catalog.Default()
	c.Add(catalog.Privilege{Name: "Crm_Implied_Tags_Deals", ID: "42", Label: "Deals: Tags", Tab: catalog.ProfileTab("Tools")})
	p, ok := c.Privilege("crm_implied_tags_deals")
	if !ok || p.Tab != "Zoho CRM profile › Tools" || p.Label != "Deals: Tags" || p.Section != catalog.Switch || p.Derived.Name {
		t.Errorf("%v %+v", ok, p)
	}
	for _, p := range catalog.Default().Search("leads view") {
		if strings.EqualFold(p.Name, "Crm_Implied_View_Leads") {
			return
		}
	}
	t.Error("the search does not find it")
}

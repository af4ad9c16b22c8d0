package catalog_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/prvgap/prvgap/catalog"
)

func legal(letters string) catalog.Depths {
	var ds []catalog.Depth
	for d := catalog.Basic; d <= catalog.Global; d++ {
		if strings.Contains(letters, d.String()[:1]) || d == catalog.Deep && strings.Contains(letters, "D") {
			ds = append(ds, d)
		}
	}
	return catalog.MakeDepths(ds...)
}

func TestPrivilege(t *testing.T) {
	c := catalog.Default()
	for _, test := range []struct {
		name, label, tab, table string
		action                  catalog.Action
		section                 catalog.Section
		depths                  string
	}{
		{"prvReadAccount", "Account", "Core Records", "account", catalog.Read, catalog.TableSection, "BLDG"},
		{"prvReadAttribute", "Field", "Customization", "attribute", catalog.Read, catalog.TableSection, "G"},
		{"prvReadQuery", "View", "Customization", "savedquery", catalog.Read, catalog.TableSection, "G"},
		{"prvReadSavedQueryVisualizations", "System Chart", "Customization", "savedqueryvisualization", catalog.Read, catalog.TableSection, "G"},
		{"prvReadEntity", "Entity", "Customization", "entity", catalog.Read, catalog.TableSection, "G"},
		{"prvReadCustomization", "Customizations", "Customization", "", catalog.Read, catalog.TableSection, "G"},
		{"prvReadWorkflow", "Process", "Customization", "workflow", catalog.Read, catalog.TableSection, "BLDG"},
		{"prvReadUser", "User", "Business Management", "systemuser", catalog.Read, catalog.TableSection, "LDG"},
		{"prvReadUserQuery", "Saved View", "Core Records", "userquery", catalog.Read, catalog.TableSection, "B"},
		{"prvReadSharePointData", "SharePoint Data", "", "sharepointdata", catalog.Read, catalog.Hidden, "G"},
		// Names that a split by action would misread.
		{"prvAppendtoCategory", "Category", "Core Records", "category", catalog.AppendTo, catalog.TableSection, "BLDG"},
		{"prvAppendResourceBookingDetail", "Bookable Resource Booking", "Service", "bookableresourcebooking", catalog.Append, catalog.TableSection, "BLDG"},
		{"prvDeleteResourceBookingHeader", "Bookable Resource Booking Header", "Service", "bookableresourcebookingheader", catalog.Delete, catalog.TableSection, "BLDG"},
		{"prvConfigureDocumentRecommendation", "Document Recommendation", "Core Records", "recommendeddocument", catalog.NoAction, catalog.TableSection, ""},
		{"prvAssignManager", "Assign manager for a user", "Business Management", "", catalog.NoAction, catalog.Miscellaneous, "LDG"},
		{"prvCreateOwnCalendar", "Create own calendar", "Service Management", "", catalog.NoAction, catalog.Miscellaneous, "G"},
		{"prvCreateOrgEmailTemplates", "Publish Email Templates", "Core Records", "", catalog.NoAction, catalog.Miscellaneous, "G"},
		{"prvFlow", "Run Flows", "Customization", "", catalog.NoAction, catalog.Miscellaneous, "G"},
		{"prvOverridePriceEngineQuote", "Override Quote Pricing", "Sales", "", catalog.NoAction, catalog.Miscellaneous, "LG"},
	} {
		for _, name := range []string{test.name, strings.ToLower(test.name), strings.ToUpper(test.name)} {
			p, ok := c.Privilege(name)
			if !ok || p.Name != test.name || p.Label != test.label || p.Tab != test.tab || p.Table != test.table ||
				p.Action != test.action || p.Section != test.section {
				t.Errorf("Privilege(%q) = %+v, %v", name, p, ok)
			}
			if test.depths != "" && p.Depths != legal(test.depths) {
				t.Errorf("Privilege(%q).Depths = %v, want %s", name, p.Depths.List(), test.depths)
			}
		}
	}
	for _, name := range []string{"", "prv", "prvReadAccoun", "prvReadAccountt", "zzz", "\x00", "prvReadAccount\t"} {
		if p, ok := c.Privilege(name); ok {
			t.Errorf("Privilege(%q) = %+v", name, p)
		}
	}
}

func TestPrivilegeDetails(t *testing.T) {
	c := catalog.Default()
	if p, _ := c.Privilege("prvExportToExcel"); p.Group != "Privacy Related Privileges" || p.Allows == "" {
		t.Errorf("prvExportToExcel = %+v", p)
	}
	// No source states these depths: a rule gives them, and the row says so.
	if p, _ := c.Privilege("prvExportToExcel"); !p.Derived.Depths || p.Derived.Tab || p.Depths.Raise(catalog.Basic) != catalog.Global {
		t.Errorf("prvExportToExcel = %+v", p)
	}
	if p, _ := c.Privilege("prvReadSdkMessage"); !p.Default || p.ID != "94c3ac2c-eb23-41cb-a903-4e2e49e910b4" {
		t.Errorf("prvReadSdkMessage = %+v", p)
	}
	defaults := 0
	for p := range c.All() {
		if p.Default {
			defaults++
		}
	}
	if defaults != 9 {
		t.Errorf("%d default privileges, want 9", defaults)
	}
}

func TestByID(t *testing.T) {
	c := catalog.Default()
	for _, id := range []string{
		"886b280c-6396-4d56-a0a3-2c1b0a50ceb0", "886B280C-6396-4D56-A0A3-2C1B0A50CEB0", "{886b280c-6396-4d56-a0a3-2c1b0a50ceb0}",
	} {
		if p, ok := c.ByID(id); !ok || p.Name != "prvReadAccount" {
			t.Errorf("ByID(%q) = %q, %v", id, p.Name, ok)
		}
	}
	for _, id := range []string{"", "886b280c", "00000000-0000-0000-0000-000000000000", "Business Unit"} {
		if p, ok := c.ByID(id); ok {
			t.Errorf("ByID(%q) = %q", id, p.Name)
		}
	}
}

func TestByTable(t *testing.T) {
	c := catalog.Default()
	for _, test := range []struct {
		table  string
		action catalog.Action
		want   string
	}{
		{"account", catalog.Read, "prvReadAccount"},
		{"ACCOUNT", catalog.AppendTo, "prvAppendToAccount"},
		{"phonecall", catalog.Read, "prvReadActivity"},
		{"task", catalog.Create, "prvCreateActivity"},
		{"activitypointer", catalog.Delete, "prvDeleteActivity"},
		{"customeraddress", catalog.Write, "prvWriteAccount"},
		{"annotation", catalog.Read, "prvReadNote"},
		{"systemuser", catalog.Read, "prvReadUser"},
		{"savedquery", catalog.Read, "prvReadQuery"},
		{"salesorder", catalog.Read, "prvReadOrder"},
		{"salesorderdetail", catalog.Read, "prvReadOrder"},
		{"quotedetail", catalog.Write, "prvWriteQuote"},
		{"queueitem", catalog.Read, "prvReadQueue"},
		{"listmember", catalog.Read, "prvReadList"},
		{"uom", catalog.Read, "prvReadProduct"},
		{"pricelevel", catalog.Read, "prvReadProduct"},
		{"sitemap", catalog.Read, "prvReadCustomization"},
		{"processsession", catalog.Read, "prvReadWorkflowSession"},
		{"template", catalog.Read, "prvReadEmailTemplate"},
		{"category", catalog.AppendTo, "prvAppendtoCategory"},
		{"bookableresourcebooking", catalog.Append, "prvAppendResourceBookingDetail"},
		{"bookableresourcebooking", catalog.AppendTo, "prvAppendToBookableResourceBooking"},
		{"bookableresourcebookingheader", catalog.Delete, "prvDeleteResourceBookingHeader"},
		{"mcpserver", catalog.Read, "prvReadMCPServer"},
		{"account", catalog.NoAction, ""},
		{"nosuchtable", catalog.Read, ""},
		{"", catalog.Read, ""},
		{"entity", catalog.Share, ""}, // tables that belong to the organization cannot be shared
	} {
		p, ok := c.ByTable(test.table, test.action)
		if p.Name != test.want || ok != (test.want != "") {
			t.Errorf("ByTable(%q, %q) = %q, %v; want %q", test.table, test.action, p.Name, ok, test.want)
		}
	}
}

func TestTables(t *testing.T) {
	c := catalog.Default()
	for _, got := range []func() (catalog.Table, bool){
		func() (catalog.Table, bool) { return c.Table("Account") },
		func() (catalog.Table, bool) { return c.TableByCode(1) },
		func() (catalog.Table, bool) { return c.TableBySet("accounts") },
		func() (catalog.Table, bool) { return c.TableBySet("AccountSet") },
		func() (catalog.Table, bool) { return c.TableByLabel("account") },
	} {
		want := catalog.Table{
			Name: "account", Schema: "Account", Label: "Account", Set: "accounts", Code: 1, Base: "Account", Ownership: "User", Tab: "Core Records",
		}
		if table, ok := got(); !ok || table != want {
			t.Errorf("got %+v, %v", table, ok)
		}
	}
	if table, ok := c.Table("phonecall"); !ok || table.Base != "Activity" || table.Code != 4210 {
		t.Errorf("phonecall = %+v", table)
	}
	if table, ok := c.TableByLabel("Tag"); ok {
		t.Errorf("an ambiguous label leads to %+v", table)
	}
	if _, ok := c.TableBySet(""); ok {
		t.Error("an empty set is a table")
	}
	if _, ok := c.TableByCode(0); ok {
		t.Error("code 0 is a table")
	}
}

func TestDerive(t *testing.T) {
	c := catalog.Default()
	for _, test := range []struct {
		name, table, tab string
		action           catalog.Action
		depths           catalog.Depths
	}{
		{"prvReadnew_Widget", "new_widget", "Custom Entities", catalog.Read, 0},
		{"prvAppendTonew_Widget", "new_widget", "Custom Entities", catalog.AppendTo, 0},
		{"prvappendtonew_widget", "new_widget", "Custom Entities", catalog.AppendTo, 0},
		{"prvAppendnew_Widget", "new_widget", "Custom Entities", catalog.Append, 0},
		{"prvReadAccount", "account", "Core Records", catalog.Read, legal("BLDG")},
		{"prvShareOrder", "salesorder", "Sales", catalog.Share, legal("BLDG")},
		{"prvShareUser", "systemuser", "Business Management", catalog.Share, legal("LDG")},
		{"prvReadcr123_xbox", "cr123_xbox", "Custom Entities", catalog.Read, 0},
	} {
		p, ok := c.Derive(test.name)
		if !ok || p.Name != test.name || p.Table != test.table || p.Tab != test.tab || p.Action != test.action ||
			p.Depths != test.depths || p.Derived != (catalog.Derived{Name: true, Tab: true, Depths: true}) {
			t.Errorf("Derive(%q) = %+v, %v", test.name, p, ok)
		}
	}
	for _, name := range []string{
		"", "prv", "prvRead", "prvAppendTo", "prvappendto", "prvXXXXXXX", "prvReadXXXX", "prvReadXXXX?", "prvAppendToXXX", "prvRead***",
		"prvRead…", "prvReadnew widget", "prvRead1", "prvRead_", "prvFlow", "ReadAccount", "prvActionEntity", "prvReadÄ", "prvRead<table>",
	} {
		if p, ok := c.Derive(name); ok {
			t.Errorf("Derive(%q) = %+v", name, p)
		}
	}
}

// The base of a table may itself start with "to": the tables that are known decide how its Append is read.
func TestDeriveAppendOnTopic(t *testing.T) {
	c := catalog.Default()
	c.AddTable(catalog.Table{Name: "topicnote", Schema: "TopicNote", Ownership: "User"})
	if p, ok := c.Derive("prvAppendTopicNote"); !ok || p.Action != catalog.Append || p.Table != "topicnote" {
		t.Errorf("prvAppendTopicNote = %+v, %v", p, ok)
	}
	if p, ok := c.Derive("prvAppendToTopicNote"); !ok || p.Action != catalog.AppendTo || p.Table != "topicnote" {
		t.Errorf("prvAppendToTopicNote = %+v, %v", p, ok)
	}
}

func TestLookup(t *testing.T) {
	c := catalog.Default()
	if p, ok := c.Lookup("prvassignmanager"); !ok || p.Section != catalog.Miscellaneous {
		t.Errorf("a task that looks like a right on a table: %+v, %v", p, ok)
	}
	if p, ok := c.Lookup("prvReadnew_Widget"); !ok || !p.Derived.Name {
		t.Errorf("prvReadnew_Widget = %+v, %v", p, ok)
	}
	if _, ok := c.Lookup("prvXXXXX"); ok {
		t.Error("a placeholder was found")
	}
}

func TestNearest(t *testing.T) {
	c := catalog.Default()
	for wrong, want := range map[string]string{
		"prvReadAcount": "prvReadAccount", "ReadAccount": "prvReadAccount", "prvReadSavedQueryVisualization": "prvReadSavedQueryVisualizations",
		"prvWorkflowExecutions": "prvWorkflowExecution", "prvappendtoacount": "prvAppendToAccount",
	} {
		if got := c.Nearest(wrong, 3); len(got) == 0 || len(got) > 3 || got[0] != want {
			t.Errorf("Nearest(%q) = %v, want %s first", wrong, got, want)
		}
	}
	if got := c.Nearest("prvAnythingWhatsoeverThatIsFarFromAll", 3); got != nil {
		t.Errorf("far: %v", got)
	}
	if got := c.Nearest("prvReadAcount", 0); got != nil {
		t.Errorf("none wanted: %v", got)
	}
}

func TestSearchAndAll(t *testing.T) {
	c := catalog.Default()
	var names []string
	for _, p := range c.Search("  userquery VIEW core ") {
		names = append(names, p.Name)
	}
	want := []string{"prvAssignUserQuery", "prvCreateUserQuery", "prvDeleteUserQuery", "prvReadUserQuery", "prvShareUserQuery", "prvWriteUserQuery"}
	if !slices.Equal(names, want) {
		t.Errorf("Search = %v", names)
	}
	if got := c.Search("account nonsense"); got != nil {
		t.Errorf("Search = %v", got)
	}
	c.Add(catalog.Privilege{Name: "prvReadaaa_First"})
	c.Add(catalog.Privilege{Name: "prvZZZ"})
	c.Add(catalog.Privilege{Name: "prvReadAccount", Label: "Company"})
	names = nil
	for p := range c.All() {
		names = append(names, strings.ToLower(p.Name))
		if p.Name == "prvReadAccount" && p.Label != "Company" {
			t.Errorf("All gives %+v", p)
		}
	}
	if !slices.IsSorted(names) || len(slices.Compact(names)) != 8426+38+2 {
		t.Errorf("All: %d names, sorted %v", len(names), slices.IsSorted(names))
	}
}

func TestTabs(t *testing.T) {
	tabs := append(catalog.Tabs(), "")
	for p := range catalog.Default().All() {
		if p.Section != catalog.Switch && !slices.Contains(tabs, p.Tab) {
			t.Errorf("%s stands on tab %q", p.Name, p.Tab)
		}
	}
}

func BenchmarkColdLookup(b *testing.B) {
	for b.Loop() {
		if _, ok := catalog.Default().Privilege("prvReadAccount"); !ok {
			b.Fatal("not found")
		}
	}
}

func BenchmarkByTable(b *testing.B) {
	for b.Loop() {
		if _, ok := catalog.Default().ByTable("phonecall", catalog.Read); !ok {
			b.Fatal("not found")
		}
	}
}

func BenchmarkSearch(b *testing.B) {
	for b.Loop() {
		catalog.Default().Search("account core")
	}
}

func BenchmarkNearest(b *testing.B) {
	for b.Loop() {
		catalog.Default().Nearest("prvReadAcount", 3)
	}
}

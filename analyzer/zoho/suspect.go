package zoho

import (
	"net/url"
	"strings"

	"github.com/prvgap/prvgap/catalog"
	"github.com/prvgap/prvgap/har"
	"github.com/prvgap/prvgap/har/pattern"
)

// callPath finds the path of a call behind the version of the API.
var callPath = pattern.Compile(`(?i)/(?:crm|recruit)/(?:org\d+/)?v[\d.]+/(.+)$`)

// apiPath returns the path of a call, without query, or "" for another address.
func apiPath(address string) string {
	if !callPath().MatchString(address) { // nor is any other entry's; parsing takes longer
		return ""
	}
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	m := callPath().FindStringSubmatch(u.Path)
	if m == nil {
		return ""
	}
	return strings.Trim(m[1], "/")
}

// Kind returns method and path of a call, with ids as stars. All versions are
// one, so that Suspect reads it like an address.
func (Dialect) Kind(e har.Entry) string {
	path := apiPath(e.URL)
	if path == "" || !ours(e.URL) {
		return ""
	}
	parts := strings.Split(path, "/")
	for i, p := range parts {
		if idForm().MatchString(p) {
			parts[i] = "*"
		}
	}
	return strings.ToUpper(e.Method) + " /crm/v8/" + strings.Join(parts, "/")
}

const prefix = "Crm_Implied_"

// settings are what the calls below settings need, by the beginning of their
// path. The names are the platform's; that they guard these calls was seen in
// its answers for variables, workflow rules, cadences, fields, modules and
// picklists, and is judged by the name for the others.
var settings = []struct{ path, permission string }{
	{"settings/variable", "Variables_Access"},
	{"settings/automation/workflow_rule", "Manage_Workflow"},
	{"settings/cadences", "Manage_Cadences"},
	{"settings/fields", "Customize_Zoho_CRM"},
	{"settings/modules", "Customize_Zoho_CRM"},
	{"settings/layouts", "Customize_Zoho_CRM"},
	{"settings/global_picklists", "Customize_Zoho_CRM"},
	{"settings/data_sharing", "Manage_Data_Sharing"},
	{"settings/data_enrichment", "Manage_Data_Enrichment"},
	{"settings/portals", "Manage_ClientPortal"},
}

// moduleForm is a module's name in an address: what else stands there is in
// small letters.
var moduleForm = pattern.Compile(`^[A-Z]\w*$`)

// Suspect returns the permission that method and address ask for.
func (Dialect) Suspect(method, address string, c *catalog.Catalog) string {
	if word := microsoft(address); word != "" {
		return microsoftSwitch(word, c)
	}
	path := apiPath(address)
	for _, s := range settings {
		if strings.HasPrefix(strings.ToLower(path), s.path) {
			return prefix + s.permission
		}
	}
	module, rest, _ := strings.Cut(path, "/")
	if !moduleForm().MatchString(module) {
		return ""
	}
	if verb := verbOf(strings.ToUpper(method), rest); verb != "" {
		return prefix + verb + "_" + module
	}
	return ""
}

// verbOf translates method and what follows the module into a permission's verb.
func verbOf(method, rest string) string {
	for action, verb := range map[string]string{
		"actions/mass_update": "Mass_Update", "actions/mass_delete": "Mass_Delete", "actions/mass_change_owner": "Change_Owner",
		"actions/change_owner": "Change_Owner", "actions/add_tags": "Tags", "actions/remove_tags": "Tags",
	} {
		if strings.HasSuffix(rest, action) { // one at most
			return verb
		}
	}
	switch {
	case method == "GET" || method == "HEAD" || method == "":
		return "View"
	case method == "POST" && (rest == "" || rest == "upsert"):
		return "Create"
	case method == "PUT" || method == "PATCH":
		return "Edit"
	case method == "DELETE":
		return "Delete"
	}
	return ""
}

// The words of an address that speak of the integration with Microsoft, and of
// the module that is synced. No source tells these addresses: it is a guess,
// and said to be one.
var (
	microsoftWords = pattern.Compile(`(?i)microsoft|office_?365|\bo365|\bms_?365|outlook`)
	syncedWords    = pattern.Compile(`(?i)calendar|meeting|event|contact|task`)
)

// microsoft returns the word of the switch that an address speaks of, or "".
func microsoft(address string) string {
	u, err := url.Parse(address)
	if err != nil || address == "" || !ours(address) || !microsoftWords().MatchString(u.Path) {
		return ""
	}
	switch word := strings.ToLower(syncedWords().FindString(u.Path)); word {
	case "calendar", "meeting", "event":
		return "calendar"
	case "contact", "task":
		return word + "s"
	}
	return ""
}

// microsoftSwitch returns the platform's own name of a switch in the Microsoft
// section, if a profile told it, else the catalog's.
func microsoftSwitch(word string, c *catalog.Catalog) string {
	own := "microsoft-sync-" + word
	for _, p := range c.Search("microsoft " + word) {
		if p.Section == catalog.Switch && p.Name != own {
			return p.Name
		}
	}
	return own
}

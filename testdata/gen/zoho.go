package main

import (
	"fmt"
	"time"
)

const (
	zohoHost  = "crm.zoho.eu"
	zohoPage  = "https://" + zohoHost + "/crm/org20099871/tab/Home/begin"
	zohoToken = "SECRET-csrf-9a1e77"
)

// zohoID invents an id as Zoho has them: the organisation's number and a running one.
func zohoID(label string) string {
	return fmt.Sprintf("55100%014d", 26000+number("zoho "+label, 900000))
}

// permission is a switch of a profile. The names are the platform's where a published answer shows them, else made by
// the rule that these follow.
type permission struct {
	name, label, module, category, section string
	on                                     bool
}

// zohoProfile is the thin profile of the user in zoho.har.
func zohoProfile() []permission {
	var ps []permission
	modules := func(module, on string) {
		for _, verb := range []string{"View", "Create", "Edit", "Delete"} {
			ps = append(ps, permission{"Crm_Implied_" + verb + "_" + module, verb, module, module, "Module-level Permissions", len(on) > 0 && on[0] == '1'})
			if len(on) > 0 {
				on = on[1:]
			}
		}
	}
	modules("Leads", "1100")
	modules("Contacts", "1110")
	modules("Deals", "")
	modules("Invoices", "")
	return append(
		ps,
		permission{"Crm_Implied_Tags_Leads", "Leads", "Leads", "Tags", "Tool Permissions", false},
		permission{"Crm_Implied_Mass_Update_Leads", "Leads", "Leads", "Mass Update", "Tool Permissions", false},
		permission{"Crm_Implied_Manage_Workflow", "Manage Workflow", "", "Automation", "Setup Permissions", false},
		permission{"Crm_Implied_Customize_Zoho_CRM", "Customize Zoho CRM", "", "Customization", "Setup Permissions", false},
		permission{"Crm_Implied_Api_Access", "Zoho CRM API Access", "", "Developer Space", "Setup Permissions", true},
	)
}

// profileJSON is the answer of settings/profiles/{id}.
func profileJSON(name string, custom bool, ps []permission) obj {
	details, sections := []obj{}, []obj{}
	at := map[string]int{}
	for _, p := range ps {
		d := obj{"id": zohoID(p.name), "name": p.name, "display_label": p.label, "enabled": p.on, "module": nil}
		if p.module != "" {
			d["module"] = p.module
		}
		if p.section == "Module-level Permissions" && p.label != "View" {
			d["parent_permissions"] = []string{"Crm_Implied_View_" + p.module}
		}
		details = append(details, d)
		if _, seen := at[p.section]; !seen {
			at[p.section] = len(sections)
			sections = append(sections, obj{"name": p.section, "categories": []obj{}})
		}
		s := sections[at[p.section]]
		cs := s["categories"].([]obj)
		if len(cs) == 0 || cs[len(cs)-1]["name"] != p.category {
			cs = append(cs, obj{"name": p.category, "display_label": p.category, "module": d["module"], "permissions_details": []string{}})
		}
		last := cs[len(cs)-1]
		last["permissions_details"] = append(last["permissions_details"].([]string), d["id"].(string))
		s["categories"] = cs
	}
	return obj{"profiles": []obj{{
		"id": zohoID("profile " + name), "name": name, "display_label": name, "custom": custom, "description": "", "type": "normal_profile",
		"permissions_details": details, "sections": sections,
	}}}
}

// zohoTab is a Zoho CRM tab as one signed-in user's browser talks to it.
type zohoTab struct{ *capture }

func (z zohoTab) call(method, path, body string) exchange {
	return exchange{
		method: method, url: "https://" + zohoHost + path, kind: "xhr", status: 200, mime: "application/json", body: body,
		reqHeaders: []pair{{"x-zcsrf-token", zohoToken}, {"x-crm-org", "20099871"}},
		cookies:    []pair{{"crmcsr", zohoToken}, {"_iamadt", "SECRET-iam-session-31"}},
	}
}

// refuse adds a refused call and what is to be found in it.
func (z zohoTab) refuse(method, path string, status int, body string, found ...denial) {
	x := z.call(method, path, body)
	x.status, x.evicted = status, body == ""
	for _, d := range found {
		d.status = status
		x.denials = append(x.denials, d)
	}
	z.add(x)
}

// lacks is the platform's answer that names permissions. Its message is not to be trusted.
func (z zohoTab) lacks(method, path, message string, permissions ...string) {
	var found []denial
	for _, p := range permissions {
		found = append(found, denial{shape: "Zoho, named", code: "NO_PERMISSION", privilege: p, cause: "privilege", depth: "Global", basis: "ownership"})
	}
	z.refuse(method, path, 403, compact(obj{"code": "NO_PERMISSION", "details": obj{"permissions": permissions}, "message": message, "status": "error"}), found...)
}

// unnamed is the answer that names none.
func (z zohoTab) unnamed(method, path, suspected string) {
	z.refuse(method, path, 403, compact(obj{"code": "NO_PERMISSION", "details": obj{}, "message": "permission denied", "status": "error"}),
		denial{shape: "Zoho, unnamed", code: "NO_PERMISSION", cause: "privilege", suspected: suspected})
}

// token is a refusal that is about a token.
func (z zohoTab) token(code, message string) {
	x := z.call("GET", "/crm/v8/org", compact(obj{"code": code, "details": obj{}, "message": message, "status": "error"}))
	x.url, x.status = "https://www.zohoapis.eu/crm/v8/org", 401
	x.denials = []denial{{status: 401, shape: "Zoho, a token", code: code, cause: "other"}}
	z.add(x)
}

// visit opens the tab.
func (z zohoTab) visit() {
	z.open(zohoPage)
	z.add(exchange{method: "GET", url: zohoPage, kind: "document", status: 200, mime: "text/html", body: "<!DOCTYPE html><html><head><title>Zoho CRM</title></head><body></body></html>"})
	z.add(z.call("GET", "/crm/v8/settings/profiles/"+zohoID("profile Field Sales"), compact(profileJSON("Field Sales", true, zohoProfile()))))
	z.add(z.call("GET", "/crm/v8/Contacts?fields=Last_Name&per_page=20", compact(obj{"data": []obj{{"id": zohoID("contact 1"), "Last_Name": person("zoho contact")}}, "info": obj{"count": 1}})))
}

// zohoApp is a morning in Zoho CRM with a profile that is too thin.
func zohoApp() *capture {
	z := zohoTab{&capture{name: "zoho.har", at: time.Date(2026, 11, 25, 10, 2, 11, 0, time.UTC)}}
	z.visit()
	z.lacks("GET", "/crm/v8/Deals?fields=Deal_Name", "permission denied", "Crm_Implied_View_Deals")
	z.lacks("GET", "/crm/v8/Deals/"+zohoID("deal 1"), "No permission", "Crm_Implied_View_Deals")
	z.lacks("PUT", "/crm/v8/Leads/"+zohoID("lead 1"), "permission denied", "Crm_Implied_Edit_Leads", "Crm_Implied_Tags_Leads")
	z.lacks("GET", "/crm/v8/settings/automation/workflow_rules", "feature not available in this edition", "Crm_Implied_Manage_Workflow")
	z.lacks("POST", "/crm/v8/settings/portals/"+zohoID("portal")+"/user_type", "User has been transferred successfully", "Crm_Implied_Manage_ClientPortal_Users")
	z.lacks("GET", "/crm/v8/Leads?fields=Last_Name", "permission denied", "Crm_Implied_View_Leads")
	z.pause(20 * time.Second)
	z.unnamed("GET", "/crm/v8/Invoices?fields=Subject", "Crm_Implied_View_Invoices")
	z.unnamed("POST", "/crm/v8/settings/integrations/microsoft/calendar/sync", "microsoft-sync-calendar")
	z.refuse("DELETE", "/crm/v8/Deals/"+zohoID("deal 1"), 403, "", denial{shape: "no-body", cause: "privilege", suspected: "Crm_Implied_Delete_Deals"})
	z.token("OAUTH_SCOPE_MISMATCH", "Unauthorized")
	z.token("INVALID_TOKEN", "invalid oauth token")
	return z.capture
}

// bothApps is one log with a tab of each platform in it.
func bothApps(r role) *capture {
	c := &capture{name: "both.har", at: time.Date(2026, 11, 25, 11, 40, 3, 0, time.UTC)}
	s := newSession(c, r)
	c.open("https://" + salesHost + "/main.aspx")
	s.get("/api/data/v9.0/WhoAmI()", compact(obj{"BusinessUnitId": s.user.bu, "UserId": s.user.id, "OrganizationId": salesOrgID}))
	s.refuse("GET", "/api/data/v9.0/workflows?$select=name&$filter=category eq 2", "", s.lacks("prvReadWorkflow", tWorkflow, "Global", "recommended"))
	z := zohoTab{c}
	z.visit()
	z.lacks("GET", "/crm/v8/Deals?fields=Deal_Name", "permission denied", "Crm_Implied_View_Deals")
	s.refuse("GET", "/api/data/v9.0/userqueries?$select=name", "", s.lacks("prvReadUserQuery", tUserQuery, "Basic", "ownership"))
	z.lacks("GET", "/crm/v8/settings/automation/workflow_rules", "feature not available in this edition", "Crm_Implied_Manage_Workflow")
	return c
}

package main

import (
	"fmt"
	"strings"
	"time"
)

// sentence makes the refusal of a person who is kept out by something else than a missing privilege.
func sentence(code, text, shape, cause string) refusal {
	return refusal{envelope(code, text), denial{shape: shape, code: code, cause: cause, principal: "user"}}
}

// noRoles tries test accounts in turn that no grant can help.
func noRoles() *capture {
	c := &capture{name: "no-roles.har", at: time.Date(2026, 11, 24, 8, 2, 40, 0, time.UTC)}
	user := principal{id: rowID("user newcomer"), aad: id("aad newcomer"), bu: salesBU}
	o := org{c, salesHost, user}
	v := "/api/data/v9.0/"
	c.open("https://" + salesHost + "/main.aspx")
	o.add(exchange{method: "GET", url: o.url("/main.aspx"), kind: "document", status: 200, mime: "text/html", body: "<!DOCTYPE html><html><body></body></html>"})
	first := sentence("0x80042f09", "RetrievePrivilegeForUser: The user with id "+user.id+" has not been assigned any roles. They need a role with the prvReadUserSettings privilege.", "S4", "no-roles")
	first.privilege, first.action, first.table = "prvReadUserSettings", "Read", "usersettings"
	o.refuse("GET", v+"usersettingscollection("+user.id+")", "", first)
	o.refuse("GET", v+"WhoAmI()", "", sentence("0x80072560", "The user is not a member of the organization.", "not a member", "not-a-member"))
	hinted := func(mode, hint, cause string) refusal {
		p := principal{id: user.id, aad: user.aad, bu: salesBU + hint, roles: 2, privileges: 17}
		r := refusal{envelope("0x80040220", strings.Replace(missing(p, "prvReadAccount", tAccount), "0 Read-Write", mode, 1)), named("prvReadAccount", tAccount, "", "")}
		r.shape, r.cause = "S1 v5, hint", cause
		return r
	}
	o.refuse("GET", v+"accounts?$select=name&$top=50", "", hinted("0 Read-Write",
		"(Setup/Stub unlicensed user with filtered privileges from associated roles. Consider assigning license.)", "license"))
	o.refuse("GET", v+"accounts?$select=name&$top=10", "", hinted("1 Administrative",
		"(Setup/Stub user with filtered privileges from associated roles. Consider changing user AccessMode to Full (without privilege filtering))", "access-mode"))
	o.refuse("GET", v+"appmodules?$select=name", "", sentence("0x80040220",
		"User does not have required privileges (or role membership) to access the org when it is in Admin Only mode.", "admin-only mode", "access-mode"))
	o.refuse("GET", v+"organizations?$select=name", "", sentence("0x80040225",
		"The user with SystemUserId="+user.id+" in OrganizationContext=unq5d1c0a is disabled. Disabled users cannot access the system. Consider enabling this user. Also, users are disabled if they don't have a license assigned to them.", "disabled", "disabled"))
	o.refuse("GET", v+"appmodules("+salesAppID+")?$select=name", "", sentence("0x80050301",
		"User does not have a license to access this app module uniqueName=cr1a7_fieldsales with Id="+salesAppID+" from publisher=cr1a7. A license is required with one of the service plans: Field Sales Plan: "+id("plan")+".", "app licence", "license"))
	return c
}

// allowed is a capture in which nothing was refused.
func allowed() *capture {
	c := &capture{name: "allowed.har", at: time.Date(2026, 11, 24, 8, 30, 0, 0, time.UTC)}
	o := org{c, salesHost, principal{id: rowID("user allowed"), aad: id("aad allowed"), bu: salesBU}}
	c.open("https://" + salesHost + "/main.aspx")
	o.add(exchange{method: "GET", url: o.url("/main.aspx"), kind: "document", status: 200, mime: "text/html", body: "<!DOCTYPE html><html><body></body></html>"})
	o.get("/api/data/v9.0/WhoAmI()", compact(obj{"BusinessUnitId": salesBU, "UserId": o.user.id, "OrganizationId": salesOrgID}))
	o.batch(
		ok("/api/data/v9.0/accounts?$select=name&$top=3", list(salesHost, "accounts", "name", many(3, "account", func(l string) obj { return accountRow(l, "allowed") }))),
		ok("/api/data/v9.0/contacts?$select=fullname&$top=3", list(salesHost, "contacts", "fullname", many(3, "contact", contactRow))),
	)
	o.add(exchange{method: "GET", url: o.url("/favicon.ico"), kind: "image", status: 404, mime: "text/html", body: "<html><body>404</body></html>"})
	o.send("PATCH", "/api/data/v9.0/accounts("+rowID("account 0")+")", `{"name":"Renamed"}`, "")
	return c
}

// truncated is a capture whose file breaks off within an entry, after two denials; a third was to follow.
func truncated(r role) *capture {
	c := &capture{name: "truncated.har", at: time.Date(2026, 11, 20, 9, 14, 2, 0, time.UTC), cut: 9}
	s := newSession(c, r)
	v := "/api/data/v9.0/"
	c.open("https://" + salesHost + "/main.aspx")
	s.get(v+"WhoAmI()", compact(obj{"BusinessUnitId": s.user.bu, "UserId": s.user.id, "OrganizationId": salesOrgID}))
	for i := range 3 {
		s.get(v+"accounts("+rowID(fmt.Sprint("account ", i))+")", single(salesHost, "accounts", accountRow(fmt.Sprint("account ", i), "sales")))
	}
	s.refuse("GET", v+"workflows?$select=name&$filter=category eq 2", "", s.lacks("prvReadWorkflow", tWorkflow, "Global", "recommended"))
	s.telemetry(2)
	s.refuse("GET", v+"userqueries?$select=name", "", s.lacks("prvReadUserQuery", tUserQuery, "Basic", "ownership"))
	s.images(2, "account")
	s.refuse("GET", v+"cr1a7_siteinspections?$select=cr1a7_name", "", s.lacks("prvReadcr1a7_SiteInspection", tInspection, "Basic", "minimum"))
	return c
}

package main

import (
	"fmt"
	"time"
)

// The invented environment of team-member.har: a root unit, the user's unit below it, and a depot below that.
const fieldHost = "northwind-field.crm4.dynamics.com"

var (
	rootBU  = rowID("bu northwind field root")
	fieldBU = rowID("bu field north")
	depotBU = rowID("bu field north depot")
	otherBU = rowID("bu field south")
)

// teamMember is a minute of a user who holds no role but through a team, taken with Firefox.
func teamMember(r role) *capture {
	c := &capture{name: "team-member.har", firefox: true, at: time.Date(2026, 11, 23, 13, 40, 11, 402e6, time.UTC)}
	n := len(r.grants)
	user := principal{id: rowID("user field"), aad: id("aad field"), bu: fieldBU, privileges: n}
	team := principal{id: rowID("team field north"), bu: fieldBU, privileges: n}
	o := org{c, fieldHost, user}
	c.open("Northwind Field")
	o.memberLoad(r)
	o.memberQuotes(team)
	o.memberRecords()
	return c
}

// memberLoad opens the app, and reads who the user is and how the units stand.
func (o org) memberLoad(r role) {
	v := "/api/data/v9.2/"
	o.add(exchange{method: "GET", url: o.url("/main.aspx?appid=" + rowID("app northwind")), kind: "document", status: 200, mime: "text/html", body: "<!DOCTYPE html><html><head><title>Northwind Field</title></head><body></body></html>"})
	for i := range 8 {
		f := fmt.Sprintf("chunk-%02d", i)
		o.add(exchange{method: "GET", url: o.url("/uclient/scripts/" + f + ".js"), kind: "script", status: 200, mime: "application/javascript", body: "/*" + f + "*/define([],function(){return " + fmt.Sprint(i) + "});"})
		if i%2 == 0 {
			o.add(exchange{method: "GET", url: o.url("/_imgs/" + f + ".png"), kind: "image", status: 200, mime: "image/png", body: pixel(f), base64: true})
		}
	}
	o.get(v+"WhoAmI()", compact(obj{
		"@odata.context": "https://" + fieldHost + v + "$metadata#Microsoft.Dynamics.CRM.WhoAmIResponse",
		"BusinessUnitId": o.user.bu, "UserId": o.user.id, "OrganizationId": id("organization northwind field"),
	}))
	unit := func(key, name string, parent any) obj {
		return obj{"businessunitid": key, "name": name, "_parentbusinessunitid_value": parent, "isdisabled": false}
	}
	o.get(v+"businessunits?$select=name,businessunitid,_parentbusinessunitid_value,isdisabled", list(fieldHost, "businessunits", "name,businessunitid,_parentbusinessunitid_value", []obj{
		unit(rootBU, "Northwind Field", nil), unit(fieldBU, "Field North", rootBU),
		unit(depotBU, "Field North Depot", fieldBU), unit(otherBU, "Field South", rootBU),
	}))
	rows := []obj{}
	for _, p := range r.privileges() {
		rows = append(rows, obj{
			"Depth": p.Depth, "PrivilegeId": p.PrivilegeId, "BusinessUnitId": p.BusinessUnitId, "PrivilegeName": p.PrivilegeName,
			"RecordFilterId": p.RecordFilterId, "RecordFilterUniqueName": p.RecordFilterUniqueName,
		})
	}
	o.get(v+"systemusers("+o.user.id+")/Microsoft.Dynamics.CRM.RetrieveUserPrivileges()", compact(obj{
		"@odata.context": "https://" + fieldHost + v + "$metadata#Microsoft.Dynamics.CRM.RetrieveUserPrivilegesResponse", "RolePrivileges": rows,
	}))
	o.refuse("GET", v+"userqueries?$select=name,layoutxml&$filter=returnedtypecode eq 1", "", o.lacks("prvReadUserQuery", tUserQuery, "Basic", "ownership"))
	for _, t := range []table{accountTable, contactTable, opportunityTable} {
		o.get(v+"EntityDefinitions(LogicalName='"+t.logical+"')?$expand=Attributes,Privileges", t.definition(fieldHost))
	}
	o.pause(6 * time.Second)
}

// memberQuotes makes quotes that the team is to own: the team is the principal that lacks the privilege.
func (o org) memberQuotes(team principal) {
	v := "/api/data/v9.2/"
	for i := range 6 {
		o.get(v+"opportunities("+rowID(fmt.Sprint("field deal ", i))+")?$select=name,estimatedvalue", single(fieldHost, "opportunities", dealRow(fmt.Sprint("field deal ", i), "opportunityid")))
	}
	body := `{"name":"Offer 2027-118","ownerid@odata.bind":"/teams(` + team.id + `)"}`
	read := named("prvReadQuote", tQuote, "Basic", "minimum")
	read.shape, read.code, read.principal = "S1 v5, owner check", "0x80040299", "team"
	create := named("prvCreateQuote", tQuote, "Basic", "minimum")
	create.shape, create.principal = "S1 v5, team", "team"
	for i := range 3 {
		r := refusal{envelope("0x80040220", teamMissing(team, "prvCreateQuote", tQuote, o.user.id)), create}
		if i == 0 {
			r = refusal{envelope("0x80040299", ownerCheck+teamMissing(team, "prvReadQuote", tQuote, o.user.id)), read}
		}
		o.refuse("POST", v+"quotes", body, r)
		o.get(v+"transactioncurrencies?$select=isocurrencycode", list(fieldHost, "transactioncurrencies", "isocurrencycode", []obj{{"isocurrencycode": "EUR"}}))
		o.pause(9 * time.Second)
	}
	o.batch(
		ok(v+"accounts?$select=name,telephone1&$top=30", list(fieldHost, "accounts", "name,telephone1", many(20, "field account", func(l string) obj { return accountRow(l, "field") }))),
		no("GET", v+"quotes?$select=name,totalamount&$top=30", "", o.lacks("prvReadQuote", tQuote, "Basic", "minimum")),
	)
}

// memberRecords works on records of others: in the user's unit, and in the depot below it.
func (o org) memberRecords() {
	v := "/api/data/v9.2/"
	level := "the level BusinessUnitLevel"
	for i := range 2 {
		r := row{rowID(fmt.Sprint("contact of a neighbour ", i)), rowID("user neighbour"), fieldBU, tContact}
		o.get(v+"contacts("+r.id+")?$select=fullname", single(fieldHost, "contacts", contactRow(fmt.Sprint("contact of a neighbour ", i))))
		text := noRight(o.user, fieldHost, r, "AppendToAccess", level,
			"BasicMinimumPrivilegeDepthRequired = None", "BusinessUnitLevelMinimumPrivilegeDepthRequiredRights = AppendToAccess")
		o.refuse("PATCH", v+"accounts("+rowID("field account 1")+")", `{"primarycontactid@odata.bind":"/contacts(`+r.id+`)"}`,
			refusal{envelope("0x80048306", text), record("S9 level", "prvAppendToContact", tContact, "Local", "stated")})
		o.pause(7 * time.Second)
	}
	for i := range 10 {
		o.get(v+"accounts("+rowID(fmt.Sprint("field account ", i))+")?$select=name,telephone1,revenue", single(fieldHost, "accounts", accountRow(fmt.Sprint("field account ", i), "field")))
		o.add(exchange{method: "GET", url: o.url("/Image/download.aspx?Entity=account&Id=" + rowID(fmt.Sprint("field account ", i))), kind: "image", status: 304, mime: "image/png"})
		o.send("PATCH", v+"accounts("+rowID(fmt.Sprint("field account ", i))+")", `{"description":"Checked"}`, "")
	}
	r := row{rowID("account of the depot"), rowID("user depot"), depotBU, tAccount}
	o.refuse("PATCH", v+"accounts("+r.id+")", `{"telephone1":"+00 555 0142"}`,
		refusal{envelope("0x80048306", accessCheck(o.user, r, "WriteAccess")), record("S7", "prvWriteAccount", tAccount, "Deep", "record")})
	o.refuse("PATCH", v+"accounts("+r.id+")", `{"telephone1":"+00 555 0142"}`,
		refusal{envelope("0x80048306", accessCheck(o.user, r, "2")), record("S7, right as a number", "prvWriteAccount", tAccount, "Deep", "record")})
	for i := range 4 {
		o.add(exchange{method: "POST", url: "https://browser.events.data.microsoft.com/OneCollector/1.0/?cors=true", kind: "ping", status: 204, reqMime: "application/x-json-stream", reqBody: fmt.Sprintf(`{"seq":%d}`, i)})
	}
}

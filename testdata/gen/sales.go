package main

import (
	"fmt"
	"strings"
	"time"
)

// The invented environment of sales-app.har.
const salesHost = "contoso-sales.crm4.dynamics.com"

var (
	salesBU    = rowID("bu sales north")
	salesOrgID = id("organization contoso sales")
	salesAppID = rowID("app field sales")
)

// session is the sales user at work.
type session struct{ org }

// salesApp is a morning in a sales app with a role that is too thin for it.
func salesApp(r role) *capture {
	c := &capture{name: "sales-app.har", at: time.Date(2026, 11, 20, 9, 14, 2, 117e6, time.UTC)}
	s := newSession(c, r)
	s.load()
	s.probe()
	s.home()
	s.accounts()
	for i := range 3 {
		s.accountForm(i)
	}
	s.saveForeign()
	s.contacts()
	s.inspections()
	s.opportunities()
	s.flows()
	s.leave()
	return c
}

// newSession signs the user in. The privilege count is that of the role: it is the only one.
func newSession(c *capture, r role) session {
	return session{org{c, salesHost, principal{
		id: rowID("user sales"), aad: id("aad sales"), bu: r.bu, roles: 1, privileges: len(r.grants),
	}}}
}

// static adds a resource that a page loads.
func (s session) static(kind, url, mime, body string) {
	s.add(exchange{method: "GET", url: url, kind: kind, status: 200, mime: mime, body: body, took: 4 + number(url, 60)})
}

// load opens main.aspx with its scripts, styles and pictures.
func (s session) load() {
	s.open("https://" + salesHost + "/main.aspx?appid=" + salesAppID)
	s.add(exchange{
		method: "GET", url: s.url("/main.aspx?appid=" + salesAppID), kind: "document", status: 200, mime: "text/html",
		body:       "<!DOCTYPE html><html lang=\"en\"><head><title>Field Sales</title><link rel=\"stylesheet\" href=\"/uclient/css/app.css\"></head><body><div id=\"shell-container\"></div><script src=\"/uclient/scripts/app.js\"></script></body></html>",
		cookies:    []pair{{"CrmOwinAuth", "SECRET-session-cookie-8f21"}, {"ARRAffinity", "SECRET-affinity-77"}},
		setCookies: []pair{{"ReqClientId", "SECRET-client-id-5150"}},
	})
	for _, f := range strings.Fields("app shell grid form lookup timeline bpf commandbar charts quickcreate") {
		s.static("script", s.url("/uclient/scripts/"+f+".js?v=1.4.9120-2610.2"), "application/javascript",
			"\"use strict\";(self.webpackChunkuclient=self.webpackChunkuclient||[]).push([[\""+f+"\"],{"+fmt.Sprint(number(f, 9000))+":(e,t,n)=>{n.d(t,{render:()=>r});const r=()=>n(77).mount(\""+f+"\")}}]);")
	}
	// A script that holds the sentence as a template: nothing was denied.
	s.static("script", s.url("/uclient/scripts/errors.js?v=1.4.9120-2610.2"), "application/javascript",
		"define(\"errors\",[],function(){return{PrivilegeDenied:\"Principal user (Id={0}, type={1}) is missing {2} privilege (Id={3})\",hint:function(p){return p===\"prvReadAccount\"?\"Ask for Read on Account\":\"You do not have {0} permission to access {1} records. Contact your Microsoft Dynamics 365 administrator for help.\"}}});")
	for _, f := range strings.Fields("app fluent grid form") {
		s.static("stylesheet", s.url("/uclient/css/"+f+".css?v=1.4.9120-2610.2"), "text/css",
			"."+f+"-root{display:flex;flex-direction:column;min-height:0}."+f+"-header{font:600 14px/20px \"Segoe UI\"}")
	}
	s.static("font", "https://res-1.cdn.office.net/files/fabric/fonts/segoeui-regular.woff2", "font/woff2", "")
	for i, f := range strings.Fields("account contact lead opportunity home recent pinned search settings help") {
		x := exchange{method: "GET", url: s.url("/_imgs/svg_" + f + ".svg?v=1.4"), kind: "image", status: 200, mime: "image/svg+xml",
			body: "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 20 20\"><path d=\"M2 2h16v" + fmt.Sprint(3+i) + "H2z\"/></svg>"}
		if i%3 == 2 {
			x.status, x.body = 304, ""
		}
		s.add(x)
	}
	s.add(exchange{method: "GET", url: s.url("/uclient/scripts/vendor.js?v=1.4.9120-2610.2"), kind: "script", status: 200,
		mime: "application/javascript", body: "/* vendor */", cached: true})
	s.add(exchange{method: "GET", url: s.url("/favicon.ico"), kind: "image", status: 404, mime: "text/html", body: "<html><body>404 - File or directory not found.</body></html>"})
	// A refusal that is nobody's privilege: a picture on a content network, with a signature in its address.
	s.add(exchange{
		method: "GET", url: "https://contosobrand.azureedge.example/logo/field-sales.woff2?sv=2024-11-04&se=2026-11-19T00%3A00%3A00Z&sr=b&sp=r&sig=SECRETexpired%2Fsignature%3D",
		kind: "font", status: 403, mime: "application/xml", denials: []denial{{status: 403, shape: "another platform", cause: "other"}},
		body: "\ufeff<?xml version=\"1.0\" encoding=\"utf-8\"?><Error><Code>AuthenticationFailed</Code><Message>Server failed to authenticate the request. Signature not valid in the specified time frame.</Message></Error>",
	})
}

// probe is what the client asks before it shows anything, and the system scripts that fail without a word on screen.
func (s session) probe() {
	v := "/api/data/v9.0/"
	meta := "https://" + salesHost + v + "$metadata#"
	s.get(v+"RetrieveCurrentOrganization(AccessType=@p1)?@p1=Microsoft.Dynamics.CRM.EndpointAccessType'Default'", compact(obj{
		"@odata.context": meta + "Microsoft.Dynamics.CRM.RetrieveCurrentOrganizationResponse",
		"Detail": obj{
			"OrganizationId": salesOrgID, "FriendlyName": "Contoso Sales", "OrganizationVersion": "9.2.26104.162",
			"EnvironmentId": id("environment contoso sales"), "Geo": "EMEA", "TenantId": id("tenant contoso"), "UrlName": "contoso-sales",
			"UniqueName": "unq5d1c0a", "State": "Enabled", "SchemaType": "Full",
		},
	}))
	s.get(v+"WhoAmI()", compact(obj{
		"@odata.context": meta + "Microsoft.Dynamics.CRM.WhoAmIResponse",
		"BusinessUnitId": s.user.bu, "UserId": s.user.id, "OrganizationId": salesOrgID,
	}))
	s.get(v+"usersettingscollection("+s.user.id+")?$select=uilanguageid,localeid,timezonecode,paginglimit", single(salesHost, "usersettingscollection", obj{
		"systemuserid": s.user.id, "uilanguageid": 1033, "localeid": 2057, "timezonecode": 85, "paginglimit": 50,
	}))
	s.refuse("GET", "/api/data/v9.0/organizations("+salesOrgID+")?$select=ismsteamsenabled,ismsteamscollaborationenabled", "",
		s.lacks("prvReadOrganization", tOrg, "Global", "ownership"))
	s.refuse("GET", "/api/data/V9.1/systemusers()?$select=azureactivedirectoryobjectid&$filter=systemuserid eq "+s.user.id, "",
		s.lacks("prvReadUser", tUser, "Local", "recommended"))
	s.refuse("GET", v+"sdkmessages("+id("sdk message")+")?$select=name", "",
		s.lacks("prvReadSdkMessage", tMessage, "Global", "ownership"))
	s.telemetry(4)
	s.get(v+"appmodules("+salesAppID+")?$select=name,uniquename,clienttype,webresourceid", single(salesHost, "appmodules", obj{
		"appmoduleid": salesAppID, "name": "Field Sales", "uniquename": "cr1a7_fieldsales", "clienttype": 4,
	}))
	s.get(v+"transactioncurrencies?$select=currencyname,isocurrencycode", list(salesHost, "transactioncurrencies", "currencyname,isocurrencycode", []obj{
		{"transactioncurrencyid": rowID("euro"), "currencyname": "Euro", "isocurrencycode": "EUR"},
	}))
	s.metadata(meta)
}

// metadata reads the definitions of the tables.
func (s session) metadata(meta string) {
	v := "/api/data/v9.0/"
	var changes []obj
	for _, t := range []table{accountTable, contactTable, inspectionTable} {
		changes = append(changes, t.metadata())
	}
	s.get(v+"RetrieveMetadataChanges(Query=@Query,ClientVersionStamp=@Stamp)?@Query={\"Criteria\":{\"FilterOperator\":\"And\"},\"Properties\":{\"AllProperties\":true}}&@Stamp='10771903!11/19/2026 08:00:00'",
		compact(obj{
			"@odata.context":       meta + "Microsoft.Dynamics.CRM.RetrieveMetadataChangesResponse",
			"ServerVersionStamp":   "10772441!11/20/2026 09:14:05",
			"EntityMetadata":       changes,
			"DeletedMetadata":      nil,
			"AttributeTypeMapping": []obj{},
		}))
	for _, t := range []table{accountTable, contactTable, opportunityTable, inspectionTable, currencyTable} {
		s.get(v+"EntityDefinitions(LogicalName='"+t.logical+"')?$expand=Attributes,Privileges", t.definition(salesHost))
	}
	for _, t := range strings.Fields("account contact lead opportunity cr1a7_siteinspection") {
		s.get(v+"savedqueries?$select=name,fetchxml,layoutxml,savedqueryid&$filter=returnedtypecode eq '"+t+"' and querytype eq 0",
			list(salesHost, "savedqueries", "name,fetchxml,layoutxml", many(4, "view "+t, func(l string) obj {
				return obj{
					"savedqueryid": rowID(l), "name": pick(l, []string{"Active rows", "My rows", "Recently opened", "Rows I follow"}),
					"fetchxml":  "<fetch version=\"1.0\" mapping=\"logical\"><entity name=\"" + t + "\"><attribute name=\"name\"/><order attribute=\"name\"/></entity></fetch>",
					"layoutxml": "<grid name=\"resultset\" jump=\"name\" select=\"1\"><row name=\"result\" id=\"" + t + "id\"><cell name=\"name\" width=\"300\"/></row></grid>",
				}
			})))
		s.get(v+"systemforms?$select=name,formxml,formid&$filter=objecttypecode eq '"+t+"' and type eq 2",
			list(salesHost, "systemforms", "name,formxml", many(2, "form "+t, func(l string) obj {
				return obj{
					"formid": rowID(l), "name": "Main " + t,
					"formxml": "<form><tabs><tab name=\"SUMMARY\"><columns><column width=\"33%\"><sections><section name=\"info\"><rows><row><cell><control id=\"name\" datafieldname=\"name\"/></cell></row></rows></section></sections></column></columns></tab></tabs></form>",
				}
			})))
	}
}

// telemetry sends n beacons away; every seventh is stopped by a blocker.
func (s session) telemetry(n int) {
	for i := range n {
		x := exchange{
			method: "POST", url: "https://browser.events.data.microsoft.com/OneCollector/1.0/?cors=true&content-type=application/x-json-stream",
			kind: "ping", status: 204, reqMime: "application/x-json-stream",
			reqBody: compact(obj{"name": "Uci.Perf", "time": s.at.Format(chromeTime), "ver": "4.0", "data": obj{"seq": len(s.steps), "step": i}}),
		}
		if number(fmt.Sprint("blocked ", len(s.steps)), 7) == 0 {
			x.status, x.failure = 0, "net::ERR_BLOCKED_BY_CLIENT"
		}
		s.add(x)
	}
}

// images loads the pictures of n rows.
func (s session) images(n int, set string) {
	for i := range n {
		l := fmt.Sprintf("%s %d %d", set, len(s.steps), i)
		x := exchange{method: "GET", url: s.url("/Image/download.aspx?Entity=" + set + "&Attribute=entityimage&Id=" + rowID(l) + "&Timestamp=" + fmt.Sprint(638990000000+number(l, 999999))),
			kind: "image", status: 200, mime: "image/png", body: pixel(l), base64: true}
		if number(l, 5) == 0 {
			x.status, x.body, x.base64 = 304, "", false
		}
		s.add(x)
	}
}

// home opens the dashboard.
func (s session) home() {
	s.pause(2 * time.Second)
	s.batch(
		ok("/api/data/v9.0/opportunities?$select=name,estimatedvalue,stepname&$top=5", list(salesHost, "opportunities", "name", many(5, "home deal", func(l string) obj { return dealRow(l, "opportunityid") }))),
		no("GET", "/api/data/v9.0/userentityuisettingses?$select=recentlyviewedxml,showinaddressbook&$filter=objecttypecode eq 1", "",
			s.lacksAnnotated("prvReadUserEntityUISettings", tUISettings, "Basic", "ownership")),
	)
	// The text was evicted from the browser's cache: nobody can say what was missing.
	x := s.api("GET", "/api/data/v9.0/competitors?$select=name,websiteurl&$orderby=name", `{"error":{"code":"0x80040220","message":"dropped by the browser"}}`)
	x.status, x.evicted = 403, true
	x.denials = []denial{{status: 403, shape: "no-body", suspected: "prvReadCompetitor", cause: "privilege"}}
	s.add(x)
	s.telemetry(5)
	s.pause(26 * time.Second)
}

package main

import (
	"fmt"
	"time"
)

// flows lists and runs cloud flows, which live on other hosts, and looks at business rules and an import.
func (s session) flows() {
	v := "/api/data/v9.0/"
	env := id("environment contoso sales")
	x := exchange{
		method: "GET", url: "https://emea.api.flow.microsoft.example/providers/Microsoft.ProcessSimple/environments/" + env + "/flows?api-version=2016-11-01&$top=50",
		kind: "fetch", status: 200, mime: "application/json", reqHeaders: []pair{{"authorization", "Bearer eyJhbGciOiJub25lIn0.SECRETtoken.c2ln"}},
		body: compact(obj{"value": many(3, "flow", func(l string) obj {
			return obj{"name": id(l), "properties": obj{"displayName": "Notify " + person(l), "state": "Started", "definitionSummary": obj{"triggers": []obj{{"type": "Request"}}}}}
		})}),
	}
	s.add(x)
	for _, u := range []string{
		"https://prod-07.westeurope.logic.azure.example:443/workflows/5f0b9d/triggers/manual/paths/invoke?api-version=2016-06-01&sp=%2Ftriggers%2Fmanual%2Frun&sv=1.0&sig=SECRETflow-signature",
		"https://contoso-scoring.azurewebsites.example/api/score?code=SECRETfunction-code==",
	} {
		s.add(exchange{method: "POST", url: u, kind: "fetch", status: 202, reqMime: "application/json", reqBody: `{"source":"form"}`})
	}
	// The next one carries what a capture that was not sanitised carries, on a refused entry.
	r := s.lacks("prvReadWorkflow", tWorkflow, "Global", "recommended")
	w := s.api("GET", v+"workflows?$select=name,clientdata,workflowid&$filter=category eq 2 and primaryentity eq 'opportunity' and statecode eq 1", r.body)
	r.denial.status = 403
	w.status, w.denials = 403, []denial{r.denial}
	w.cookies = []pair{{"CrmOwinAuth", "SECRET-session-cookie-8f21"}}
	w.reqHeaders = append(w.reqHeaders, pair{"authorization", "Bearer eyJhbGciOiJub25lIn0.SECRETagain.c2ln"})
	w.setCookies = []pair{{"ReqClientId", "SECRET-client-id-5150"}}
	s.add(w)
	s.pause(5 * time.Second)
	s.soap()
	s.telemetry(6)
}

// soap reads an import file over the old endpoint: status 500, and the code within the fault.
func (s session) soap() {
	text := missingShort(s.user, "prvReadImportFile")
	x := exchange{
		method: "POST", url: s.url("/XRMServices/2011/Organization.svc/web"), kind: "xhr", status: 500, mime: "text/xml",
		reqMime: "text/xml; charset=utf-8", body: soapFault(text, s.at),
		reqHeaders: []pair{{"soapaction", "http://schemas.microsoft.com/xrm/2011/Contracts/Services/IOrganizationService/RetrieveMultiple"}},
		reqBody: `<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><RetrieveMultiple xmlns="http://schemas.microsoft.com/xrm/2011/Contracts/Services">` +
			`<query><EntityName>importfile</EntityName></query></RetrieveMultiple></s:Body></s:Envelope>`,
	}
	d := named("prvReadImportFile", tImportFile, "Basic", "minimum")
	d.shape, d.code, d.status = "S1 v2, SOAP fault", "0x80040220", 500
	d.table = "" // the short sentence names no table
	x.denials = []denial{d}
	s.add(x)
}

// leave goes through leads and closes the app.
func (s session) leave() {
	v := "/api/data/v9.0/"
	s.batch(ok(v+"leads?$select=subject,estimatedvalue&$top=50", list(salesHost, "leads", "subject,estimatedvalue", many(25, "lead", func(l string) obj { return dealRow(l, "leadid") }))))
	for i := range 4 {
		l := fmt.Sprint("lead ", i)
		s.get(v+"leads("+rowID(l)+")?$select=subject,stepname", single(salesHost, "leads", dealRow(l, "leadid")))
		s.get(v+"products?$select=name,productnumber&$filter=statecode eq 0&$top="+fmt.Sprint(5+i), list(salesHost, "products", "name", many(5+i, "product", func(l string) obj {
			return obj{"productid": rowID(l), "name": pick(l, companies) + " kit", "productnumber": fmt.Sprint("P-", number(l, 9999))}
		})))
		s.images(8, "lead")
		s.send("PATCH", v+"leads("+rowID(l)+")", `{"subject":"Follow up"}`, "")
		s.telemetry(4)
		s.pause(28 * time.Second)
	}
	s.telemetry(3)
}

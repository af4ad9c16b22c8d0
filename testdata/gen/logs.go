package main

import (
	"bytes"
	"fmt"
	"slices"
	"time"

	"github.com/klauspost/compress/zlib"
	"github.com/klauspost/compress/zstd"
)

// log is one file of the folder logs: a capture in a layout of its own.
type log struct {
	*capture
	data []byte
}

// networkLogs writes the same few minutes as every kind of log. The compressors are those of modules whose version
// go.mod fixes: those of the standard library may write other bytes with the next Go.
func networkLogs(r role) []log {
	all := minutes(r)
	app := all.only("", func(x exchange) bool { return x.kind == "fetch" && x.status >= 200 && x.status != 302 })
	whole := chromeHAR(all)
	var jsonp, squeezed bytes.Buffer
	fmt.Fprintf(&jsonp, "onInputData(%s);\n", whole)
	z, err := zlib.NewWriterLevel(&squeezed, zlib.BestCompression)
	must(err)
	_, err = z.Write(whole)
	must(err)
	must(z.Close())
	enc, err := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1))
	must(err)
	return []log{
		{all.only("logs/viewer.harp", nil), jsonp.Bytes()},
		{all.only("logs/proxy.zhar", nil), squeezed.Bytes()},
		{all.only("logs/browser.har.zst", nil), enc.EncodeAll(whole, nil)},
		{app.only("logs/monitor-v1.json", nil).noBodies(), monitorV1(app)},
		{app.only("logs/monitor-v2.json", nil), monitorV2(app)},
		{all.only("logs/devtools.jsonl", nil), protocolLines(all)},
		{all.only("logs/chromedriver.json", nil).noBodies(), protocolArray(all)},
		{all.only("logs/fiddler.saz", nil), fiddlerArchive(all)},
		{all.only("logs/trace.zip", nil), playwrightTrace(all)},
	}
}

// must ends the program: what it writes goes to memory, so an error is a mistake in it.
func must(err error) {
	if err != nil {
		panic(err)
	}
}

// only copies a capture under another name, with the exchanges that keep says; nil keeps all.
func (c *capture) only(name string, keep func(exchange) bool) *capture {
	few := *c
	few.name, few.steps = name, nil
	for _, x := range c.steps {
		if keep == nil || keep(x) {
			few.steps = append(few.steps, x)
		}
	}
	return &few
}

// noBodies tells what is left of the denials in a log without bodies: nothing of those inside a $batch, and of the others
// what method and URL suggest.
func (c *capture) noBodies() *capture {
	for i := range c.steps {
		var left []denial
		for _, d := range c.steps[i].denials {
			if d.part > 0 {
				continue
			}
			suspected := d.suspected
			if suspected == "" {
				suspected = d.privilege
			}
			left = append(left, denial{status: d.status, shape: "no-body", suspected: suspected, cause: "privilege"})
		}
		c.steps[i].denials = left
	}
	return c
}

// minutes is a short visit to the sales app. Every secret in it holds the word SECRET.
func minutes(r role) *capture {
	c := &capture{name: "logs", at: time.Date(2026, 11, 20, 10, 2, 31, 408e6, time.UTC)}
	s := newSession(c, r)
	v := "/api/data/v9.0/"
	c.open("https://" + salesHost + "/main.aspx")
	s.add(exchange{
		method: "GET", url: s.url("/apps/field-sales?code=SECRET-sign-in-code"), kind: "document", status: 302,
		respHeaders: []pair{{"location", "/main.aspx?appid=" + salesAppID}}, setCookies: []pair{{"CrmOwinAuth", "SECRET-new-session"}},
	})
	s.add(exchange{
		method: "GET", url: s.url("/main.aspx?appid=" + salesAppID), kind: "document", status: 200, mime: "text/html",
		body:    "<!DOCTYPE html><html><body><script>window.token=\"SECRET-in-page\"</script></body></html>",
		cookies: []pair{{"CrmOwinAuth", "SECRET-session-cookie"}}, setCookies: []pair{{"ReqClientId", "SECRET-client-id"}},
	})
	s.get(v+"WhoAmI()", compact(obj{"BusinessUnitId": s.user.bu, "UserId": s.user.id, "OrganizationId": salesOrgID}))
	s.get(v+"accounts?$select=name&$top=3", list(salesHost, "accounts", "name", many(3, "account", func(l string) obj {
		row := accountRow(l, "sales")
		row["description"] = "door code SECRET-" + l + " 😀"
		return row
	})))
	s.refuse("GET", v+"workflows?$select=name&$filter=category eq 2", "", s.lacks("prvReadWorkflow", tWorkflow, "Global", "recommended"))
	s.plant()
	s.batch(
		ok(v+"accounts?$select=name&$top=1", list(salesHost, "accounts", "name", many(1, "account", func(l string) obj {
			return obj{"accountid": rowID(l), "name": "SECRET part"}
		}))),
		no("GET", v+"userqueries?$select=name", "", s.lacks("prvReadUserQuery", tUserQuery, "Basic", "ownership")),
	)
	s.send("PATCH", v+"contacts("+rowID("contact 1")+")", `{"adx_identity_newpassword":"SECRET-password"}`, "")
	s.refuse("POST", v+"quotes", `{"name":"gate code SECRET-0417"}`, s.lacks("prvCreateQuote", tQuote, "Basic", "minimum"))
	s.plant()
	s.telemetry(1)
	c.steps[len(c.steps)-1].status, c.steps[len(c.steps)-1].failure = 0, "net::ERR_BLOCKED_BY_CLIENT"
	s.evict()
	return c
}

// plant puts secrets around the last exchange.
func (s session) plant() {
	x := &s.steps[len(s.steps)-1]
	x.reqHeaders = append(x.reqHeaders, pair{"authorization", "Bearer eyJhbGciOiJub25lIn0.SECRETbearer.c2ln"})
	x.cookies = []pair{{"CrmOwinAuth", "SECRET-session-cookie"}}
	x.setCookies = []pair{{"ReqClientId", "SECRET-client-id"}}
	mark := "?"
	if slices.Contains([]byte(x.url), '?') {
		mark = "&"
	}
	x.url += mark + "access_token=SECRET-in-the-address"
}

// evict adds a refusal whose body is lost.
func (s session) evict() {
	x := s.api("GET", "/api/data/v9.0/competitors?$select=name", "x")
	x.status, x.evicted, x.body = 403, true, ""
	x.denials = []denial{{status: 403, shape: "no-body", cause: "privilege", suspected: "prvReadCompetitor"}}
	s.add(x)
}

// netLog is what must be refused: the log of the browser's own network code, in which the bodies are left out.
func netLog() []byte {
	return []byte(`{"constants":{"clientInfo":{"name":"Microsoft Edge","version":"144.0.0.0"},"logEventTypes":{"URL_REQUEST_START_JOB":96}},
"events": [
{"params":{"method":"GET","url":"https://` + salesHost + `/api/data/v9.0/workflows?code=SECRET"},"phase":1,"source":{"id":12,"type":1},"time":"8123","type":96},
`)
}

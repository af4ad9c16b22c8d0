package main

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
)

// The types below have their members in the order in which Chrome's and Edge's DevTools write them.

type chromeEntry struct {
	ConnectionID string          `json:"_connectionId,omitempty"`
	FromCache    string          `json:"_fromCache,omitempty"`
	Initiator    chromeInitiator `json:"_initiator"`
	Priority     string          `json:"_priority"`
	ResourceType string          `json:"_resourceType"`
	Cache        struct{}        `json:"cache"`
	Connection   string          `json:"connection,omitempty"`
	PageRef      string          `json:"pageref"`
	Request      chromeRequest   `json:"request"`
	Response     chromeResponse  `json:"response"`
	ServerIP     string          `json:"serverIPAddress"`
	Started      string          `json:"startedDateTime"`
	Time         float64         `json:"time"`
	Timings      chromeTimings   `json:"timings"`
}

type chromeInitiator struct {
	Type  string       `json:"type"`
	URL   string       `json:"url,omitempty"`
	Line  int          `json:"lineNumber,omitempty"`
	Stack *chromeStack `json:"stack,omitempty"`
}

type chromeStack struct {
	Frames []chromeFrame `json:"callFrames"`
}

type chromeFrame struct {
	Function string `json:"functionName"`
	Script   string `json:"scriptId"`
	URL      string `json:"url"`
	Line     int    `json:"lineNumber"`
	Column   int    `json:"columnNumber"`
}

type chromeRequest struct {
	Method      string         `json:"method"`
	URL         string         `json:"url"`
	HTTPVersion string         `json:"httpVersion"`
	Headers     []pair         `json:"headers"`
	QueryString []pair         `json:"queryString"`
	Cookies     []chromeCookie `json:"cookies"`
	HeadersSize int            `json:"headersSize"`
	BodySize    int            `json:"bodySize"`
	PostData    *chromePost    `json:"postData,omitempty"`
}

type chromeCookie struct {
	Name     string `json:"name"`
	Value    string `json:"value"`
	Path     string `json:"path"`
	Domain   string `json:"domain"`
	Expires  string `json:"expires"`
	HTTPOnly bool   `json:"httpOnly"`
	Secure   bool   `json:"secure"`
}

type chromePost struct {
	MimeType string `json:"mimeType"`
	Text     string `json:"text"`
}

type chromeResponse struct {
	Status       int            `json:"status"`
	StatusText   string         `json:"statusText"`
	HTTPVersion  string         `json:"httpVersion"`
	Headers      []pair         `json:"headers"`
	Cookies      []chromeCookie `json:"cookies"`
	Content      chromeContent  `json:"content"`
	RedirectURL  string         `json:"redirectURL"`
	HeadersSize  int            `json:"headersSize"`
	BodySize     int            `json:"bodySize"`
	TransferSize int            `json:"_transferSize"`
	Error        *string        `json:"_error"`
	Fetched      bool           `json:"_fetchedViaServiceWorker"`
}

type chromeContent struct {
	Size     int     `json:"size"`
	MimeType string  `json:"mimeType"`
	Text     *string `json:"text,omitempty"`
	Encoding string  `json:"encoding,omitempty"`
}

type chromeTimings struct {
	Blocked  float64 `json:"blocked"`
	DNS      float64 `json:"dns"`
	SSL      float64 `json:"ssl"`
	Connect  float64 `json:"connect"`
	Send     float64 `json:"send"`
	Wait     float64 `json:"wait"`
	Receive  float64 `json:"receive"`
	Queueing float64 `json:"_blocked_queueing"`
	Start    float64 `json:"_workerStart"`
	Ready    float64 `json:"_workerReady"`
	Fetch    float64 `json:"_workerFetchStart"`
	Respond  float64 `json:"_workerRespondWithSettled"`
}

type chromePage struct {
	Started string `json:"startedDateTime"`
	ID      string `json:"id"`
	Title   string `json:"title"`
	Timings struct {
		Content float64 `json:"onContentLoad"`
		Load    float64 `json:"onLoad"`
	} `json:"pageTimings"`
}

const chromeTime = "2006-01-02T15:04:05.000Z"

// chromeHAR writes a capture as "Export HAR" of Chrome or Edge does.
func chromeHAR(c *capture) []byte {
	var out struct {
		Log struct {
			Version string        `json:"version"`
			Creator pairCreator   `json:"creator"`
			Pages   []chromePage  `json:"pages"`
			Entries []chromeEntry `json:"entries"`
		} `json:"log"`
	}
	out.Log.Version = "1.2"
	out.Log.Creator = pairCreator{"WebInspector", "537.36"}
	for _, p := range c.pages {
		cp := chromePage{Started: p.at.Format(chromeTime), ID: p.id, Title: p.title}
		cp.Timings.Content, cp.Timings.Load = 913.4070000145584, 2204.8289999947883
		out.Log.Pages = append(out.Log.Pages, cp)
	}
	for i, x := range c.steps {
		out.Log.Entries = append(out.Log.Entries, chromeStep(x, fmt.Sprintf("%s %d", c.name, i)))
	}
	return indented(out)
}

// pairCreator is the creator or browser of a capture.
type pairCreator struct {
	Name    string `json:"name"`
	Version string `json:"version"`
}

// chromeStep lays one exchange out.
func chromeStep(x exchange, label string) chromeEntry {
	e := chromeEntry{
		Initiator: initiator(x), Priority: priority(x.kind), ResourceType: x.kind, PageRef: x.page,
		Request: chromeRequest{
			Method: x.method, URL: x.url, HTTPVersion: "http/2.0", Headers: requestHeaders(x),
			QueryString: query(x.url), Cookies: chromeCookies(x, x.cookies), HeadersSize: -1, BodySize: len(x.reqBody),
		},
		Response: chromeResponse{
			Status: x.status, HTTPVersion: "http/2.0", Headers: responseHeaders(x),
			Cookies: chromeCookies(x, x.setCookies), Content: chromeBody(x), HeadersSize: -1, BodySize: -1,
			TransferSize: 420 + len(x.body)/4,
		},
		ServerIP: address(x.url), Started: x.at.UTC().Format(chromeTime),
	}
	if x.cached {
		e.FromCache, e.Response.TransferSize = "disk", 0
	} else if x.failure == "" {
		e.Connection = fmt.Sprint(241000 + number(address(x.url), 900))
		e.ConnectionID = e.Connection
	}
	if x.reqBody != "" {
		e.Request.PostData = &chromePost{x.reqMime, x.reqBody}
	}
	if x.failure != "" {
		e.Response.Error, e.Response.HTTPVersion, e.Response.TransferSize, e.ServerIP = &x.failure, "", 0, ""
	}
	if loc := value(x.respHeaders, "location"); loc != "" {
		e.Response.RedirectURL = loc
	}
	wait := float64(x.took) + float64(number(label+" us", 1000))/1000 - 2.25
	e.Timings = chromeTimings{
		Blocked: 1.344000005066395, DNS: -1, SSL: -1, Connect: -1, Send: 0.2939999999999996, Wait: wait,
		Receive: 0.6120000034570694, Queueing: 0.9480000101029873, Start: -1, Ready: -1, Fetch: -1, Respond: -1,
	}
	e.Time = e.Timings.Blocked + e.Timings.Send + e.Timings.Wait + e.Timings.Receive
	return e
}

// chromeBody keeps a body as DevTools does: a text with a character outside the first 65,536 goes in as base64.
func chromeBody(x exchange) chromeContent {
	c := chromeContent{Size: len(x.body), MimeType: x.mime}
	switch {
	case x.failure != "":
		c.MimeType = "x-unknown"
		return c
	case x.evicted, x.status == 304, x.cached, x.body == "":
		return c
	case x.base64:
		c.Text, c.Encoding = &x.body, "base64"
		c.Size = base64.StdEncoding.DecodedLen(len(x.body))
	case strings.ContainsFunc(x.body, func(r rune) bool { return r > 0xffff }):
		text := base64.StdEncoding.EncodeToString([]byte(x.body))
		c.Text, c.Encoding = &text, "base64"
	default:
		c.Text = &x.body
	}
	return c
}

// initiator invents who asked for a resource.
func initiator(x exchange) chromeInitiator {
	if strings.HasPrefix(x.url, "https://"+zohoHost) {
		return chromeInitiator{Type: "script", URL: zohoPage}
	}
	switch x.kind {
	case "document", "ping":
		return chromeInitiator{Type: "other"}
	case "script", "stylesheet", "image", "font":
		return chromeInitiator{Type: "parser", URL: "https://" + salesHost + "/main.aspx", Line: 41}
	}
	src := "https://" + salesHost + "/uclient/scripts/app.js?v=1.4.9120-2610.2"
	return chromeInitiator{Type: "script", Stack: &chromeStack{[]chromeFrame{
		{"sendRequest", "57", src, 32, 918204},
		{"", "57", src, 32, 921977},
		{"executeRequest", "61", src, 33, 120455},
	}}}
}

// priority is Chrome's name for how urgent a kind of resource is.
func priority(kind string) string {
	switch kind {
	case "document", "stylesheet", "font":
		return "VeryHigh"
	case "image", "ping":
		return "Low"
	}
	return "High"
}

// query splits the URL's parameters; the values stay as encoded as they stand in the URL.
func query(raw string) []pair {
	_, q, ok := strings.Cut(raw, "?")
	ps := []pair{}
	if !ok {
		return ps
	}
	for p := range strings.SplitSeq(q, "&") {
		name, val, _ := strings.Cut(p, "=")
		ps = append(ps, pair{name, val})
	}
	return ps
}

// chromeCookies lays cookies out.
func chromeCookies(x exchange, ps []pair) []chromeCookie {
	domain := salesHost
	if strings.HasPrefix(x.url, "https://"+zohoHost) {
		domain = zohoHost
	}
	cs := []chromeCookie{}
	for _, p := range ps {
		cs = append(cs, chromeCookie{p.Name, p.Value, "/", domain, "2026-11-21T09:14:02.000Z", true, true})
	}
	return cs
}

// address invents the server's address out of the ranges that are kept for documentation.
func address(raw string) string {
	u, err := url.Parse(raw)
	if err != nil {
		panic(err) // every URL is written in this program
	}
	return fmt.Sprintf("203.0.113.%d", 2+number(u.Host, 250))
}

// value finds a header.
func value(ps []pair, name string) string {
	for _, p := range ps {
		if p.Name == name {
			return p.Value
		}
	}
	return ""
}

// indented writes JSON as browsers do: two spaces, no HTML escapes, no newline at the end.
func indented(v any) []byte {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(v); err != nil {
		panic(err) // plain structs: cannot fail
	}
	return bytes.TrimRight(b.Bytes(), "\n")
}

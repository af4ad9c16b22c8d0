package main

import (
	"fmt"
	"net/http"
	"net/url"
	"time"
)

// The types below have their members in the order in which Firefox's network monitor writes them.

type firefoxEntry struct {
	Started  string          `json:"startedDateTime"`
	Request  firefoxRequest  `json:"request"`
	Response firefoxResponse `json:"response"`
	Cache    struct{}        `json:"cache"`
	Timings  map[string]int  `json:"timings"`
	Time     int             `json:"time"`
	Security string          `json:"_securityState"`
	Server   string          `json:"serverIPAddress"`
	Port     string          `json:"connection"`
	Page     string          `json:"pageref"`
}

type firefoxRequest struct {
	BodySize    int          `json:"bodySize"`
	Method      string       `json:"method"`
	URL         string       `json:"url"`
	HTTPVersion string       `json:"httpVersion"`
	Headers     []pair       `json:"headers"`
	Cookies     []pair       `json:"cookies"`
	QueryString []pair       `json:"queryString"`
	HeadersSize int          `json:"headersSize"`
	PostData    *firefoxPost `json:"postData,omitempty"`
}

type firefoxPost struct {
	MimeType string `json:"mimeType"`
	Params   []pair `json:"params"`
	Text     string `json:"text"`
}

type firefoxResponse struct {
	Status      int            `json:"status"`
	StatusText  string         `json:"statusText"`
	HTTPVersion string         `json:"httpVersion"`
	Headers     []pair         `json:"headers"`
	Cookies     []pair         `json:"cookies"`
	Content     firefoxContent `json:"content"`
	RedirectURL string         `json:"redirectURL"`
	HeadersSize int            `json:"headersSize"`
	BodySize    int            `json:"bodySize"`
}

type firefoxContent struct {
	MimeType string `json:"mimeType"`
	Size     int    `json:"size"`
	Encoding string `json:"encoding,omitempty"`
	Text     string `json:"text,omitempty"`
	Comment  string `json:"comment,omitempty"`
}

type firefoxPage struct {
	ID      string         `json:"id"`
	Timings map[string]int `json:"pageTimings"`
	Started string         `json:"startedDateTime"`
	Title   string         `json:"title"`
}

const firefoxTime = "2006-01-02T15:04:05.000-07:00"

// firefoxHAR writes a capture as "Save All As HAR" of Firefox does, on a machine one hour east of Greenwich.
func firefoxHAR(c *capture) []byte {
	var out struct {
		Log struct {
			Creator pairCreator    `json:"creator"`
			Version string         `json:"version"`
			Browser pairCreator    `json:"browser"`
			Pages   []firefoxPage  `json:"pages"`
			Entries []firefoxEntry `json:"entries"`
		} `json:"log"`
	}
	zone := time.FixedZone("", 3600)
	out.Log.Version = "1.2"
	out.Log.Creator = pairCreator{"Firefox", "146.0"}
	out.Log.Browser = out.Log.Creator
	for _, p := range c.pages {
		out.Log.Pages = append(out.Log.Pages, firefoxPage{
			ID: p.id, Timings: map[string]int{"onContentLoad": 1204, "onLoad": 2611},
			Started: p.at.In(zone).Format(firefoxTime), Title: p.title,
		})
	}
	for _, x := range c.steps {
		out.Log.Entries = append(out.Log.Entries, firefoxStep(x, zone))
	}
	return indented(out)
}

// firefoxStep lays one exchange out.
func firefoxStep(x exchange, zone *time.Location) firefoxEntry {
	u, err := url.Parse(x.url)
	if err != nil {
		panic(err) // every URL is written in this program
	}
	hs := []pair{{"Host", u.Host}, {"User-Agent", firefoxAgent}, {"Accept", accept(x.kind)}, {"Accept-Language", "en-GB,en;q=0.5"}}
	hs = append(hs, x.reqHeaders...)
	hs = append(hs, pair{"Sec-Fetch-Dest", destination(x.kind)}, pair{"Sec-Fetch-Mode", "cors"})
	e := firefoxEntry{
		Started: x.at.In(zone).Format(firefoxTime), Security: "secure", Server: address(x.url), Port: "443", Page: x.page,
		Time: x.took,
		Timings: map[string]int{
			"blocked": 0, "dns": 0, "connect": 0, "ssl": 0, "send": 0, "wait": x.took - 1, "receive": 1,
		},
		Request: firefoxRequest{
			BodySize: len(x.reqBody), Method: x.method, URL: x.url, HTTPVersion: "HTTP/2", Headers: hs,
			Cookies: []pair{}, QueryString: query(x.url), HeadersSize: 900 + len(x.url),
		},
		Response: firefoxResponse{
			Status: x.status, StatusText: http.StatusText(x.status), HTTPVersion: "HTTP/2", Headers: responseHeaders(x),
			Cookies: []pair{}, Content: firefoxBody(x), HeadersSize: 720, BodySize: 720 + len(x.body)/3,
		},
	}
	if x.reqBody != "" {
		e.Request.PostData = &firefoxPost{x.reqMime, []pair{}, x.reqBody}
		e.Request.Headers = append(e.Request.Headers, pair{"Content-Type", x.reqMime}, pair{"Content-Length", fmt.Sprint(len(x.reqBody))})
	}
	return e
}

// firefoxBody keeps a body with its full content type; a body that was dropped leaves a comment.
func firefoxBody(x exchange) firefoxContent {
	c := firefoxContent{MimeType: fullMime(x), Size: len(x.body), Text: x.body}
	if x.base64 {
		c.Encoding = "base64"
	}
	if x.evicted {
		c.Text, c.Comment = "", "Response bodies are not included."
	}
	return c
}

package har_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/prvgap/prvgap/har"
)

// TestGenerate writes an invented capture to a file, for measuring by hand:
//
//	PRVGAP_GENERATE=/tmp/100mb.har PRVGAP_GENERATE_BYTES=100000000 go test ./har -run TestGenerate
//	time jq '[.log.entries[] | select(.response.status==403) | .request.url]' /tmp/100mb.har
func TestGenerate(t *testing.T) {
	path := os.Getenv("PRVGAP_GENERATE")
	if path == "" {
		t.Skip("writes a file only where PRVGAP_GENERATE names it")
	}
	size, err := strconv.ParseInt(os.Getenv("PRVGAP_GENERATE_BYTES"), 10, 64)
	if err != nil {
		t.Fatal("PRVGAP_GENERATE_BYTES: ", err)
	}
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := generate(f, size); err != nil {
		t.Fatal(err)
	}
}

const (
	host    = "https://contoso.crm4.dynamics.com"
	refusal = `{"error":{"code":"0x80040220","message":"Principal user (Id=%s, type=8, roleCount=2, privilegeCount=731, accessMode=0), ` +
		`is missing prv%s%s privilege (Id=%s) on OTC=%d for entity '%s'. context.Caller=%[1]s"}}`
	row = `{"@odata.etag":"W/\"%d\"","accountid":"%s","name":"Contoso %d","statecode":0,"revenue":%.2f,"createdon":"2025-11-18T09:31:02Z","_ownerid_value":"%s"},`
)

// The layout of Chrome's entries, in its order of members.
type (
	object = map[string]any
	field  struct {
		Name  string `json:"name"`
		Value string `json:"value"`
	}
	content struct {
		Size     int    `json:"size"`
		MIMEType string `json:"mimeType"`
		Text     string `json:"text"`
	}
	request struct {
		Method      string  `json:"method"`
		URL         string  `json:"url"`
		HTTPVersion string  `json:"httpVersion"`
		Headers     []field `json:"headers"`
		QueryString []field `json:"queryString"`
		Cookies     []field `json:"cookies"`
		HeadersSize int     `json:"headersSize"`
		BodySize    int     `json:"bodySize"`
		PostData    object  `json:"postData,omitempty"`
	}
	response struct {
		Status       int     `json:"status"`
		StatusText   string  `json:"statusText"`
		HTTPVersion  string  `json:"httpVersion"`
		Headers      []field `json:"headers"`
		Cookies      []field `json:"cookies"`
		Content      content `json:"content"`
		RedirectURL  string  `json:"redirectURL"`
		HeadersSize  int     `json:"headersSize"`
		BodySize     int     `json:"bodySize"`
		TransferSize int     `json:"_transferSize"`
		Error        *string `json:"_error"`
	}
	chromeEntry struct {
		Initiator       object   `json:"_initiator"`
		Priority        string   `json:"_priority"`
		ResourceType    string   `json:"_resourceType"`
		Cache           object   `json:"cache"`
		Request         request  `json:"request"`
		Response        response `json:"response"`
		ServerIPAddress string   `json:"serverIPAddress"`
		StartedDateTime string   `json:"startedDateTime"`
		Time            float64  `json:"time"`
		Timings         object   `json:"timings"`
	}
)

// generate writes an indented capture of at least size bytes as Chrome lays it out: some 57 KB an entry, most of it
// escaped JSON; one entry in a hundred is refused, three in a thousand are a $batch with a refusal inside. The same
// size always gives the same bytes.
func generate(w io.Writer, size int64) error {
	out := &counter{Writer: bufio.NewWriterSize(w, 1<<20)}
	g := generator{rand.New(rand.NewPCG(1, 2))}
	enc := json.NewEncoder(out)
	enc.SetEscapeHTML(false)
	enc.SetIndent("      ", "  ")
	_, _ = io.WriteString(out, `{
  "log": {
    "version": "1.2",
    "creator": {
      "name": "WebInspector",
      "version": "537.36"
    },
    "pages": [],
    "entries": [
      `)
	for i := 0; i == 0 || out.n < size; i++ {
		if i > 0 {
			_, _ = io.WriteString(out, "      ,")
		}
		if err := enc.Encode(g.entry(i)); err != nil {
			return err
		}
	}
	_, _ = io.WriteString(out, "    ]\n  }\n}\n")
	return out.Flush() // which also tells of errors before it
}

type counter struct {
	*bufio.Writer
	n int64
}

func (c *counter) Write(p []byte) (int, error) {
	c.n += int64(len(p))
	return c.Writer.Write(p)
}

// generator invents a browser session.
type generator struct{ *rand.Rand }

func (g generator) guid() string {
	a, b := g.Uint64(), g.Uint64()
	return fmt.Sprintf("%08x-%04x-%04x-%04x-%012x", a>>32, a>>16&0xffff, a&0xffff, b>>48, b&0xffffffffffff)
}

func (g generator) refusal() string {
	table := []string{"Account", "Contact", "Opportunity", "Incident", "Quote"}[g.IntN(5)]
	action := []string{"Read", "Write", "Create", "Append"}[g.IntN(4)]
	return fmt.Sprintf(refusal, g.guid(), action, table, g.guid(), g.IntN(100), strings.ToLower(table))
}

// rows is a page of records.
func (g generator) rows(size int) string {
	var b strings.Builder
	b.WriteString(`{"@odata.context":"` + host + `/api/data/v9.0/$metadata#accounts","value":[`)
	for b.Len() < size {
		fmt.Fprintf(&b, row, g.Uint32(), g.guid(), g.IntN(1000), g.Float64()*1e6, g.guid())
	}
	b.WriteString(`{"name":"é 😀"}]}`)
	return b.String()
}

func (g generator) fields(n int) []field {
	var fields []field
	for i := range n {
		fields = append(fields, field{fmt.Sprintf("x-ms-header-%d", i), g.guid()})
	}
	return fields
}

func (g generator) entry(i int) chromeEntry {
	var frames []object
	for line := range 40 {
		frames = append(frames, object{"functionName": "f", "scriptId": "7", "url": host + "/uclient/scripts/app.js", "lineNumber": line, "columnNumber": g.IntN(999)})
	}
	e := chromeEntry{
		Initiator: object{"type": "script", "stack": object{"callFrames": frames}}, Priority: "High", ResourceType: "xhr", Cache: object{},
		Request: request{
			Method: "GET", URL: host + "/api/data/v9.0/accounts(" + g.guid() + ")?$select=name", HTTPVersion: "http/2.0",
			Headers: g.fields(30), QueryString: []field{}, Cookies: []field{}, HeadersSize: -1,
		},
		Response: response{
			Status: 200, HTTPVersion: "http/2.0", Headers: g.fields(25), Cookies: []field{},
			Content: content{MIMEType: "application/json"}, HeadersSize: -1, BodySize: -1,
		},
		ServerIPAddress: "10.0.0.1", Time: g.Float64() * 1000, Timings: object{"send": 0.1, "wait": 20.5, "receive": 1.25},
		StartedDateTime: time.UnixMilli(1763458262123 + int64(i)*500).UTC().Format("2006-01-02T15:04:05.000Z"),
	}
	switch n := g.IntN(1000); {
	case n < 10:
		e.Response.Status, e.Response.Content.Text = 403, g.refusal()
	case n < 13:
		e.Request.Method, e.Request.URL, e.Response.Content.MIMEType = "POST", batchURL, "multipart/mixed"
		e.Request.PostData = object{"text": asked("q", "", "GET accounts") + asked("q", "", "GET contacts") + "--q--\n"}
		e.Response.Content.Text = part("b", "", "200 OK", g.rows(20_000)) + part("b", "", "403 Forbidden", g.refusal()) + "--b--\n"
	default:
		e.Response.Content.Text = g.rows(8_000 + g.IntN(60_000))
	}
	e.Response.Content.Size = len(e.Response.Content.Text)
	return e
}

// quoted is a text as a JSON string.
func quoted(text string) string {
	b, _ := json.Marshal(text) // a string cannot fail
	return string(b)
}

// TestGenerated compares the reader with the standard library's, on a capture much larger than any buffer.
func TestGenerated(t *testing.T) {
	var capture bytes.Buffer
	if err := generate(&capture, 4<<20); err != nil {
		t.Fatal(err)
	}
	var whole struct {
		Log struct{ Entries []chromeEntry }
	}
	if err := json.Unmarshal(capture.Bytes(), &whole); err != nil {
		t.Fatal(err)
	}
	got, err := readBytes(t, capture.Bytes(), har.Options{Body: func(string, string) bool { return true }})
	if err != nil {
		t.Fatal(err)
	}
	got = slices.DeleteFunc(got, func(e har.Entry) bool { return e.Part > 0 })
	if len(got) != len(whole.Log.Entries) {
		t.Fatalf("%d entries, want %d", len(got), len(whole.Log.Entries))
	}
	for i, want := range whole.Log.Entries {
		e := got[i]
		if e.Parts > 0 {
			want.Response.Content.Text = "" // its parts have it
		}
		if capture.Bytes()[e.Offset] != '{' || e.Index != i || e.URL != want.Request.URL || e.Method != want.Request.Method ||
			e.Status != want.Response.Status || e.Body != want.Response.Content.Text || e.MIMEType != want.Response.Content.MIMEType ||
			e.Time.Format("2006-01-02T15:04:05.000Z") != want.StartedDateTime {
			t.Errorf("entry %d: %+v", i, e)
		}
	}
}

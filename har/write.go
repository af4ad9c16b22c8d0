package har

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"strings"
	"time"
)

// Writer writes entries as HAR 1.2. Every entry is written at once and as a whole, so that a file whose writer was
// killed holds every entry up to then and only lacks its end.
//
// What an entry does not hold is not written: no cookies, no headers but the content type, no posted data. URLs, bodies
// and comments are cleaned of credentials. The parts of a $batch are written anew from what was understood of them,
// because the original text has all of that.
type Writer struct {
	out     io.Writer
	entries int
}

// NewWriter returns a writer; Begin writes the head.
func NewWriter(out io.Writer) *Writer { return &Writer{out: out} }

// Software is a program with its version, as the head of a capture names it.
type Software struct {
	Name    string `json:"name"`
	Version string `json:"version"`
}

// The types below are the parts of HAR 1.2 that it demands, in the order in which Chrome writes them.
type (
	savedEntry struct {
		Started  string        `json:"startedDateTime"`
		Time     float64       `json:"time"`
		Request  savedRequest  `json:"request"`
		Response savedResponse `json:"response"`
		Cache    struct{}      `json:"cache"`
		Timings  savedTimings  `json:"timings"`
		Comment  string        `json:"comment,omitempty"`
	}
	savedRequest struct {
		Method      string        `json:"method"`
		URL         string        `json:"url"`
		Version     string        `json:"httpVersion"`
		Cookies     []savedHeader `json:"cookies"`
		Headers     []savedHeader `json:"headers"`
		Query       []savedHeader `json:"queryString"`
		PostData    *savedPost    `json:"postData,omitempty"`
		HeadersSize int           `json:"headersSize"`
		BodySize    int           `json:"bodySize"`
	}
	savedResponse struct {
		Status      int           `json:"status"`
		StatusText  string        `json:"statusText"`
		Version     string        `json:"httpVersion"`
		Cookies     []savedHeader `json:"cookies"`
		Headers     []savedHeader `json:"headers"`
		Content     savedContent  `json:"content"`
		Redirect    string        `json:"redirectURL"`
		HeadersSize int           `json:"headersSize"`
		BodySize    int           `json:"bodySize"`
		Error       string        `json:"_error,omitempty"`
	}
	savedPost struct {
		MIMEType string `json:"mimeType"`
		Text     string `json:"text"`
	}
	savedContent struct {
		Size     int    `json:"size"`
		MIMEType string `json:"mimeType"`
		Text     string `json:"text,omitempty"`
		Comment  string `json:"comment,omitempty"`
	}
	savedHeader struct {
		Name  string `json:"name"`
		Value string `json:"value"`
	}
	savedTimings struct {
		Send    float64 `json:"send"`
		Wait    float64 `json:"wait"`
		Receive float64 `json:"receive"`
	}
)

// Begin writes the head of the capture: what wrote it, and the browser whose traffic it is (no name: not known).
func (w *Writer) Begin(creator, browser Software) error {
	head := struct {
		Version string     `json:"version"`
		Creator Software   `json:"creator"`
		Browser *Software  `json:"browser,omitempty"`
		Pages   []struct{} `json:"pages"`
	}{"1.2", creator, nil, []struct{}{}}
	if browser.Name != "" {
		head.Browser = &browser
	}
	text, err := encode(head)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(w.out, "{\"log\":%s,\"entries\":[", bytes.TrimSuffix(text, []byte("}")))
	return err
}

// End makes the capture whole, with a comment on all of it, or "".
func (w *Writer) End(comment string) error {
	text, err := encode(comment)
	if err != nil {
		return err
	}
	end := "\n]"
	if comment != "" {
		end += `,"comment":` + string(text)
	}
	_, err = io.WriteString(w.out, end+"}}\n")
	return err
}

// Add writes an entry with the body that it holds, in one piece; parts are those of a $batch.
func (w *Writer) Add(e Entry, parts []Entry, took time.Duration) error {
	ms := float64(took.Microseconds()) / 1000
	v := savedEntry{Started: e.Time.Format("2006-01-02T15:04:05.000Z07:00"), Time: ms, Timings: savedTimings{Wait: ms}, Comment: CleanMark(e.Mark)}
	v.Request = savedRequest{
		Method: methodOf(e.Method), URL: CleanURL(e.URL), HeadersSize: -1, BodySize: -1,
		Cookies: []savedHeader{}, Headers: []savedHeader{}, Query: []savedHeader{},
	}
	v.Response = savedResponse{
		Status: e.Status, Error: CleanText(e.Error), HeadersSize: -1, BodySize: -1,
		Cookies: []savedHeader{}, Headers: []savedHeader{},
		Content: savedContent{Size: -1, MIMEType: mediaType(e.MIMEType), Comment: CleanText(e.Comment)},
	}
	if len(parts) > 0 {
		addBatch(&v, parts)
	} else if e.Body != "" {
		v.Response.Content.Text = CleanBody(e.Body)
		v.Response.Content.Size = len(v.Response.Content.Text)
	}
	text, err := encode(v)
	if err != nil {
		return err
	}
	separator := ",\n"
	if w.entries == 0 {
		separator = "\n"
	}
	w.entries++
	_, err = w.out.Write(append([]byte(separator), text...))
	return err
}

// boundaryWritten parts the batches that are written anew.
const boundaryWritten = "prvgap_part_of_a_batch"

// addBatch writes the parts of a $batch as a request and a response that any reader takes apart again.
func addBatch(v *savedEntry, parts []Entry) {
	var asked, replied strings.Builder
	for _, p := range parts {
		// A line that looks like the boundary must not end the part.
		body := strings.ReplaceAll(CleanBody(p.Body), "--"+boundaryWritten, ellipsis)
		kind := mediaType(p.MIMEType)
		if kind == "" {
			kind = "application/octet-stream"
		}
		// Without a method the request is not known; an empty part keeps its place.
		start := ""
		if method := methodOf(p.Method); method != "" {
			start = method + " " + oneLine(CleanURL(p.URL)) + " HTTP/1.1\r\n"
		}
		fmt.Fprintf(&asked, "--%s\r\nContent-Type: application/http\r\n\r\n%s\r\n\r\n", boundaryWritten, start)
		fmt.Fprintf(&replied, "--%s\r\nContent-Type: application/http\r\n\r\nHTTP/1.1 %d \r\nContent-Type: %s\r\n\r\n%s\r\n", boundaryWritten, p.Status, kind, body)
	}
	fmt.Fprintf(&asked, "--%s--\r\n", boundaryWritten)
	fmt.Fprintf(&replied, "--%s--\r\n", boundaryWritten)
	if !isBatch(v.Request.URL) { // the end of its path looked like a secret
		path, query, _ := strings.Cut(v.Request.URL, "?")
		v.Request.URL = strings.TrimSuffix(path+"/$batch?"+query, "?")
	}
	kind := "multipart/mixed; boundary=" + boundaryWritten
	v.Request.PostData = &savedPost{kind, asked.String()}
	v.Response.Headers = []savedHeader{{"content-type", kind}}
	v.Response.Content = savedContent{Size: replied.Len(), MIMEType: "multipart/mixed", Text: replied.String()}
}

// methodOf is a method as HTTP has them; anything else is none.
func methodOf(method string) string {
	if !isToken(method) || len(method) > 32 {
		return ""
	}
	return method
}

// oneLine keeps a URL of a batch from ending its line.
func oneLine(s string) string {
	return strings.NewReplacer("\r", "", "\n", "", " ", "%20").Replace(s)
}

// mediaType is a content type without its parameters.
func mediaType(kind string) string {
	if media, _, err := mime.ParseMediaType(kind); err == nil {
		return media
	}
	media, _, _ := strings.Cut(kind, ";")
	return oneLine(strings.TrimSpace(media))
}

// encode writes a value as JSON on one line, without the detours that make it safe inside HTML.
func encode(v any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	err := enc.Encode(v)
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), err
}

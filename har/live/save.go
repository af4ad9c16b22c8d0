package live

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"strings"
	"time"

	"github.com/prvgap/prvgap/har"
)

// saver writes a capture as HAR 1.2 while it goes on. Every entry is written at once and as a whole, so that a file
// whose writer was killed holds every entry up to then and only lacks its end.
//
// It writes what an analysis needs and nothing else: no cookies, no headers but the content type, no posted data. The
// parts of a $batch are written anew from what was understood of them, because the original text has all of that.
type saver struct {
	out     io.Writer
	worth   func(har.Entry) bool
	entries int
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
	savedSoftware struct {
		Name    string `json:"name"`
		Version string `json:"version"`
	}
)

// begin writes the head of the capture.
func (s *saver) begin(version, browser, its string) error {
	head := struct {
		Version string         `json:"version"`
		Creator savedSoftware  `json:"creator"`
		Browser *savedSoftware `json:"browser,omitempty"`
		Pages   []struct{}     `json:"pages"`
	}{"1.2", savedSoftware{"prvgap", version}, nil, []struct{}{}}
	if browser != "" {
		head.Browser = &savedSoftware{browser, its}
	}
	text, err := encode(head)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(s.out, "{\"log\":%s,\"entries\":[", bytes.TrimSuffix(text, []byte("}")))
	return err
}

// end makes the file whole.
func (s *saver) end() error {
	_, err := io.WriteString(s.out, "\n]}}\n")
	return err
}

// add writes an entry, in one piece.
func (s *saver) add(e har.Entry, parts []har.Entry, took time.Duration) error {
	ms := float64(took.Microseconds()) / 1000
	v := savedEntry{Started: e.Time.UTC().Format("2006-01-02T15:04:05.000Z"), Time: ms, Timings: savedTimings{Wait: ms}, Comment: e.Mark}
	v.Request = savedRequest{
		Method: e.Method, URL: har.CleanURL(e.URL), HeadersSize: -1, BodySize: -1,
		Cookies: []savedHeader{}, Headers: []savedHeader{}, Query: []savedHeader{},
	}
	v.Response = savedResponse{
		Status: e.Status, Error: e.Error, HeadersSize: -1, BodySize: -1,
		Cookies: []savedHeader{}, Headers: []savedHeader{},
		Content: savedContent{Size: -1, MIMEType: mediaType(e.MIMEType), Comment: e.Comment},
	}
	switch {
	case len(parts) > 0:
		s.addBatch(&v, parts)
	case e.Status >= 400 || s.worth != nil && e.Body != "" && s.worth(e):
		v.Response.Content.Text = cleanBody(e.Body)
		v.Response.Content.Size = len(v.Response.Content.Text)
	}
	text, err := encode(v)
	if err != nil {
		return err
	}
	separator := ",\n"
	if s.entries == 0 {
		separator = "\n"
	}
	s.entries++
	_, err = s.out.Write(append([]byte(separator), text...))
	return err
}

// boundary of the batches that are written anew. No line of a body that is kept can be taken for it: see part.
const boundary = "prvgap_part_of_a_batch"

// addBatch writes the parts of a $batch as a request and a response that any reader takes apart again.
func (s *saver) addBatch(v *savedEntry, parts []har.Entry) {
	var asked, replied strings.Builder
	for _, p := range parts {
		body := ""
		if p.Status >= 400 || s.worth != nil && p.Body != "" && s.worth(p) {
			body = strings.ReplaceAll(cleanBody(p.Body), "--"+boundary, "")
		}
		kind := mediaType(p.MIMEType)
		if kind == "" {
			kind = "application/octet-stream"
		}
		method := p.Method
		if method == "" {
			method = "GET"
		}
		fmt.Fprintf(&asked, "--%s\r\nContent-Type: application/http\r\n\r\n%s %s HTTP/1.1\r\n\r\n\r\n", boundary, method, oneLine(har.CleanURL(p.URL)))
		fmt.Fprintf(&replied, "--%s\r\nContent-Type: application/http\r\n\r\nHTTP/1.1 %d \r\nContent-Type: %s\r\n\r\n%s\r\n", boundary, p.Status, kind, body)
	}
	fmt.Fprintf(&asked, "--%s--\r\n", boundary)
	fmt.Fprintf(&replied, "--%s--\r\n", boundary)
	kind := "multipart/mixed; boundary=" + boundary
	v.Request.PostData = &savedPost{kind, asked.String()}
	v.Response.Headers = []savedHeader{{"content-type", kind}}
	v.Response.Content = savedContent{Size: replied.Len(), MIMEType: "multipart/mixed", Text: replied.String()}
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

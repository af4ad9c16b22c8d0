package har

import (
	"io"
	"io/fs"
	"math"
	"path"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"
)

// maxKept is how large a buffer is carried over from one entry to the next.
const maxKept = 4 << 20

// record is an entry while its members are read. Exporters order them as they like (Fiddler: response first, Polly:
// content before status) and may repeat them, so a body is copied raw, into a buffer that the next entry uses again,
// and whether it is worth decoding is decided when the entry ends. The copy does not show in a profile.
type record struct {
	Entry
	options Options
	files   fs.FS

	started  jsontext.Value // startedDateTime
	post     jsontext.Value // request.postData.text, unless the URL before it is that of no $batch
	encoded  string         // request.postData.encoding
	headers  jsontext.Value // response.headers
	text     jsontext.Value // response.content.text
	encoding string         // response.content.encoding
	file     string         // response.content._file
}

// reset makes the record ready for the next entry.
func (r *record) reset() {
	r.Entry = Entry{}
	r.started = r.started[:0]
	r.clearRequest()
	r.clearResponse()
}

// A second "request", "response" or "content" replaces the first one as a whole, hence the three clears.

func (r *record) clearRequest() {
	r.Method, r.URL, r.encoded = "", "", ""
	r.post = emptied(r.post)
}

func (r *record) clearResponse() {
	r.Status, r.Error = 0, ""
	r.headers = emptied(r.headers)
	r.clearContent()
}

func (r *record) clearContent() {
	r.MIMEType, r.Comment, r.encoding, r.file = "", "", "", ""
	r.text = emptied(r.text)
}

// emptied keeps a buffer for the next entry, but not one that a rare giant body has blown up.
func emptied(buffer jsontext.Value) jsontext.Value {
	if cap(buffer) > maxKept {
		return nil
	}
	return buffer[:0]
}

// The five functions below read the member of that name of the object they are called after. Headers other than those
// of the response, and cookies, are passed over unseen.

func (s *scanner) entryMember(name string) error {
	r := &s.rec
	switch name {
	case "startedDateTime":
		return s.raw(&r.started)
	case "request":
		r.clearRequest()
		return members(s.dec, s.requestMember)
	case "response":
		r.clearResponse()
		return members(s.dec, s.responseMember)
	}
	return s.dec.SkipValue()
}

func (s *scanner) requestMember(name string) (err error) {
	r := &s.rec
	switch name {
	case "method":
		r.Method, err = s.text()
	case "url":
		r.URL, err = s.text()
	case "postData":
		if r.URL != "" && !isBatch(r.URL) {
			return s.dec.SkipValue() // only a $batch needs it; what people typed into forms is none of our business
		}
		return members(s.dec, s.postMember)
	default:
		err = s.dec.SkipValue()
	}
	return err
}

func (s *scanner) postMember(name string) (err error) {
	switch name {
	case "text":
		return s.raw(&s.rec.post)
	case "encoding", "_encoding":
		s.rec.encoded, err = s.text()
		return err
	}
	return s.dec.SkipValue()
}

func (s *scanner) responseMember(name string) (err error) {
	r := &s.rec
	switch name {
	case "status":
		var v jsontext.Value
		v, err = s.dec.ReadValue()
		r.Status = status(v)
	case "headers":
		err = s.raw(&r.headers)
	case "content":
		r.clearContent()
		err = members(s.dec, s.contentMember)
	case "_error", "_failureText": // Chrome and mitmproxy, Playwright; null where all went well
		var reason string
		if reason, err = s.text(); reason != "" {
			r.Error = reason
		}
	default:
		err = s.dec.SkipValue()
	}
	return err
}

func (s *scanner) contentMember(name string) (err error) {
	r := &s.rec
	switch name {
	case "mimeType":
		r.MIMEType, err = s.text()
	case "comment":
		r.Comment, err = s.text()
	case "encoding":
		r.encoding, err = s.text()
	case "_file":
		r.file, err = s.text()
	case "text":
		err = s.raw(&r.text)
	default:
		err = s.dec.SkipValue()
	}
	return err
}

// raw keeps a value as it is spelled.
func (s *scanner) raw(into *jsontext.Value) error {
	v, err := s.dec.ReadValue()
	*into = append((*into)[:0], v...)
	return err
}

// finish decides what the entry keeps and hands it over, with its parts after it.
func (r *record) finish(yield func(Entry) bool) bool {
	e := r.Entry
	e.Time = moment(r.started)
	batch := isBatch(e.URL)
	kind := e.MIMEType
	// Chrome strips the parameters from mimeType; the boundary is left in the header.
	if kind == "" || batch && boundaryOf(kind) == "" {
		if header := contentType(r.headers); header != "" {
			kind = header
		}
	}
	if e.MIMEType == "" {
		e.MIMEType = kind
	}
	e.HasBody = r.file != "" || len(r.text) > 0 && string(r.text) != `""` && r.text.Kind() != 'n'
	wanted := r.options.wants(e.Status, e.Method, e.URL)
	if wanted || batch {
		body := r.body()
		e.HasBody = body != ""
		if batch {
			if parts := SplitBatch(e, kind, body, decode(r.post, r.encoded), r.options); len(parts) > 0 {
				e.Parts = len(parts)
				return yieldAll(e, parts, yield)
			}
		}
		if wanted {
			e.Body = body
		}
	}
	return yield(e)
}

// yieldAll hands over a $batch and then its parts.
func yieldAll(e Entry, parts []Entry, yield func(Entry) bool) bool {
	if !yield(e) {
		return false
	}
	for _, part := range parts {
		if !yield(part) {
			return false
		}
	}
	return true
}

// body decodes the response body, which Playwright may have left in a file beside the capture.
func (r *record) body() string {
	if len(r.text) > 0 || r.file == "" || r.files == nil {
		return decode(r.text, r.encoding)
	}
	// The name comes from the capture: it must not lead out of the folder or the zip.
	name := path.Clean(r.file)
	if !fs.ValidPath(name) || strings.ContainsAny(name, `\:`) {
		return ""
	}
	f, err := r.files.Open(name)
	if err != nil {
		return ""
	}
	defer f.Close()
	content, err := io.ReadAll(io.LimitReader(f, maxBody))
	if err != nil {
		return ""
	}
	return valid(content)
}

// status accepts 403, 403.0, 4.03e2 and "403". WebPageTest writes -2 for a request that got no answer.
func status(v jsontext.Value) int {
	text := string(v)
	if v.Kind() == '"' {
		text = unquote(v)
	}
	f, err := strconv.ParseFloat(strings.TrimSpace(text), 64)
	if err != nil || f < 100 || f > 999 || f != math.Trunc(f) {
		return 0
	}
	return int(f)
}

// moment reads startedDateTime: text, or milliseconds since 1970. An entry is never given up for its time.
func moment(v jsontext.Value) time.Time {
	switch v.Kind() {
	case '0':
		// Within these bounds the year has four digits, as every output format expects.
		if ms, err := strconv.ParseFloat(string(v), 64); err == nil && ms > 0 && ms < 253402300800000 {
			return time.UnixMilli(int64(ms)).UTC()
		}
	case '"':
		text := strings.TrimSpace(unquote(v))
		// Each takes any number of fractional digits: exporters write none, two, three, six and seven.
		for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05Z0700", "2006-01-02T15:04:05"} {
			if t, err := time.Parse(layout, text); err == nil {
				return t
			}
		}
	}
	return time.Time{}
}

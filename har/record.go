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
	postFile string         // request.postData._file, of a Playwright trace its _sha1
	headers  jsontext.Value // response.headers
	text     jsontext.Value // response.content.text
	encoding string         // response.content.encoding
	file     string         // response.content._file, of a Playwright trace its _sha1
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
	r.Method, r.URL, r.encoded, r.postFile = "", "", "", ""
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
	case "comment":
		text, err := s.text()
		r.Mark = CleanMark(text)
		return err
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
	case "_file":
		s.rec.postFile, err = s.text()
		return err
	case "_sha1":
		return s.resource(&s.rec.postFile)
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
	case "_sha1":
		err = s.resource(&r.file)
	case "text":
		err = s.raw(&r.text)
	default:
		err = s.dec.SkipValue()
	}
	return err
}

// resource reads the name of a file in the folder that a Playwright trace has for them.
func (s *scanner) resource(into *string) error {
	name, err := s.text()
	// Elsewhere the member is none of ours. A name that leads anywhere else than into that folder is none either.
	if s.tracing && name != "" && !strings.ContainsAny(name, `/\`) {
		*into = "resources/" + name
	}
	return err
}

// raw keeps a value as it is spelled.
func (s *scanner) raw(into *jsontext.Value) (err error) {
	if s.whole != nil {
		*into, err = s.span(s.whole)
		return err
	}
	v, err := s.dec.ReadValue()
	*into = append((*into)[:0], v...)
	return err
}

// finish hands the entry over, with its parts after it.
func (r *record) finish(yield func(Entry) bool) bool {
	e := r.Entry
	if len(r.started) > 0 {
		e.Time = moment(r.started)
	}
	kind := e.MIMEType
	// Chrome strips the parameters from mimeType; the boundary is left in the header.
	if kind == "" || isBatch(e.URL) && boundaryOf(kind) == "" {
		if header := contentType(r.headers); header != "" {
			kind = header
		}
	}
	e.HasBody = e.HasBody || r.file != "" || len(r.text) > 0 && string(r.text) != `""` && r.text.Kind() != 'n'
	return deliver(e, kind, r, r.options, yield)
}

// payload is what an entry's bodies are decoded from, where they are wanted.
type payload interface {
	body() string   // of the response
	posted() string // of the request
}

// deliver decides what an entry keeps and hands it over, with its parts after it. Kind is the whole content type.
func deliver(e Entry, kind string, p payload, o Options, yield func(Entry) bool) bool {
	if e.MIMEType == "" {
		e.MIMEType = kind
	}
	if !o.needs(e) {
		return yield(e)
	}
	body := p.body()
	e.HasBody = body != ""
	if isBatch(e.URL) {
		if parts := SplitBatch(e, kind, body, p.posted(), o); len(parts) > 0 {
			e.Parts = len(parts)
			return yieldAll(e, parts, yield)
		}
	}
	if o.wants(e.Status, e.Method, e.URL) {
		e.Body = body
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
func (r *record) body() string { return r.content(r.text, r.encoding, r.file) }

// posted decodes the request body.
func (r *record) posted() string { return r.content(r.post, r.encoded, r.postFile) }

// content decodes a text, or reads the file that stands in its place.
func (r *record) content(text jsontext.Value, encoding, file string) string {
	// Playwright writes an empty text where it names a file.
	if len(text) > 0 && string(text) != `""` || file == "" || r.files == nil {
		return decode(text, encoding)
	}
	// The name comes from the capture: it must not lead out of the folder or the zip.
	name := path.Clean(file)
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
	return Text(content)
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
		ms, _ := strconv.ParseFloat(string(v), 64) // what is out of range is so for epoch too
		return epoch(ms)
	case '"':
		return clock(unquote(v))
	}
	return time.Time{}
}

// epoch is so many milliseconds after 1970. Within its bounds the year has four digits, as every output format expects.
func epoch(ms float64) time.Time {
	if ms > 0 && ms < 253402300800000 {
		return time.UnixMilli(int64(ms)).UTC()
	}
	return time.Time{}
}

// clock reads a date with a time. Each layout takes any number of fractional digits: exporters write none, two, three,
// six and seven.
func clock(text string) time.Time {
	text = strings.TrimSpace(text)
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05Z0700", "2006-01-02T15:04:05"} {
		if t, err := time.Parse(layout, text); err == nil {
			return t
		}
	}
	return time.Time{}
}

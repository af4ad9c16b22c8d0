package har

import (
	"strings"

	"github.com/prvgap/prvgap/har/pattern"
)

const (
	// maxParts is far above the 1,000 requests that Dataverse takes in one $batch; it bounds what a made-up one can claim.
	maxParts = 10_000
	// maxSets is how deeply change sets may be nested. OData nests them once.
	maxSets = 3
)

// message is one HTTP message of a batch: a posted request or the reply to one.
type message struct {
	id     string // its Content-ID, or its id in a JSON batch
	set    int    // the change set that it belongs to, from 1; 0 for none
	method string // of a request
	url    string
	status int // of a reply
	kind   string
	body   string
}

// splitter takes a multipart text apart. mime/multipart does not do: it insists on CRLF, on the blank line before the
// status line and on the closing delimiter, all of which captures lack.
type splitter struct {
	messages []message
	sets     int
	replied  bool // whether any part had a status line
	asked    bool // whether any part had a request line
}

// replies returns the replies in a multipart response, none where the text is something else.
func replies(text, contentType string) []message {
	var s splitter
	s.split(text, contentType, 0, 0)
	if !s.replied {
		return nil
	}
	return s.messages
}

// requests returns the requests in a posted multipart body.
func requests(text string) []message {
	var s splitter
	s.split(text, "", 0, 0)
	if !s.asked {
		return nil
	}
	return s.messages
}

// split takes the parts of one level; set is the change set that they stand in.
func (s *splitter) split(text, contentType string, set, depth int) {
	for _, part := range cut(text, boundary(text, contentType)) {
		if len(s.messages) < maxParts && strings.TrimSpace(part) != "" {
			s.part(part, set, depth)
		}
	}
}

// part takes one part in, or the parts of the change set that it is.
func (s *splitter) part(text string, set, depth int) {
	outer, content := fields(text)
	if depth < maxSets && (hasPrefixFold(outer.contentType, "multipart/") || strings.HasPrefix(content, "--")) {
		if set == 0 {
			s.sets++
			set = s.sets
		}
		s.split(content, outer.contentType, set, depth+1)
		return
	}
	m := message{id: outer.contentID, set: set, kind: outer.contentType, body: content}
	if start, rest := line(content); isStart(start) {
		inner, body := fields(rest)
		m.kind, m.body = inner.contentType, body
		if m.id == "" {
			m.id = inner.contentID
		}
		s.begin(&m, start)
	}
	s.messages = append(s.messages, m)
}

// begin reads a status line or a request line.
func (s *splitter) begin(m *message, start string) {
	if words := strings.Fields(start); hasPrefixFold(start, "HTTP/") {
		if len(words) > 1 {
			m.status = status([]byte(words[1]))
		}
		s.replied = true
		return
	}
	m.method, m.url, _ = strings.Cut(start, " ")
	m.url = strings.TrimSpace(m.url[:strings.LastIndex(m.url, "HTTP/")])
	s.asked = true
}

// isStart reports whether a line begins an HTTP message.
func isStart(line string) bool {
	if hasPrefixFold(line, "HTTP/") {
		return true
	}
	method, rest, _ := strings.Cut(line, " ")
	return strings.Contains(rest, " HTTP/") && isToken(method)
}

// headerFields are the fields of a part that matter.
type headerFields struct{ contentType, contentID string }

// fields reads header fields up to the blank line, which it also removes. Where the blank line is missing, the first
// line that cannot be a field ends them.
func fields(text string) (headerFields, string) {
	var h headerFields
	for text != "" {
		first, rest := line(text)
		name, value, ok := strings.Cut(first, ":")
		switch {
		case strings.TrimSpace(first) == "":
			return h, strings.TrimLeft(rest, "\r\n")
		case isStart(first) || !ok || !isToken(name):
			return h, text
		case strings.EqualFold(name, "content-type"):
			h.contentType = strings.TrimSpace(value)
		case strings.EqualFold(name, "content-id"):
			h.contentID = strings.Trim(strings.TrimSpace(value), "<>")
		}
		text = rest
	}
	return h, ""
}

// isToken reports whether a text can be a method or a field's name.
func isToken(text string) bool {
	return text != "" && strings.IndexFunc(text, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '-' && r != '_' && r != '.'
	}) < 0
}

// line cuts off the first line, whether CRLF or LF ends it.
func line(text string) (first, rest string) {
	first, rest, _ = strings.Cut(text, "\n")
	return strings.TrimSuffix(first, "\r"), rest
}

// cut returns what stands between the delimiter lines of a multipart text, without preamble and epilogue. The last
// part runs to the end of the text where the closing delimiter is missing.
func cut(text, boundary string) []string {
	if boundary == "" {
		return nil
	}
	var parts []string
	delimiter, start := "--"+boundary, -1
	for pos := 0; pos < len(text); {
		end := len(text)
		if i := strings.IndexByte(text[pos:], '\n'); i >= 0 {
			end = pos + i + 1
		}
		// A line that goes on after the boundary is text that only looks like one.
		if after, ok := strings.CutPrefix(strings.TrimRight(text[pos:end], " \t\r\n"), delimiter); ok && (after == "" || after == "--") {
			if start >= 0 {
				parts = append(parts, trimNewline(text[start:pos]))
			}
			if start = end; after == "--" {
				return parts
			}
		}
		pos = end
	}
	if start < 0 {
		return nil
	}
	last := text[start:]
	// A text that was cut off may end within a delimiter.
	if i := strings.LastIndexByte(last, '\n') + 1; i < len(last) && strings.HasPrefix(delimiter, last[i:]) {
		last = trimNewline(last[:i])
	}
	return append(parts, last)
}

// trimNewline removes the line end that belongs to the delimiter after it.
func trimNewline(text string) string { return strings.TrimSuffix(strings.TrimSuffix(text, "\n"), "\r") }

// boundary returns the boundary that the content type states, or else the one that the text begins with.
func boundary(text, contentType string) string {
	stated := boundaryOf(contentType)
	if stated != "" && (strings.HasPrefix(text, "--"+stated) || strings.Contains(text, "\n--"+stated)) {
		return stated
	}
	for text != "" {
		var first string
		if first, text = line(text); strings.HasPrefix(first, "--") {
			return strings.TrimRight(first[2:], " \t")
		}
	}
	return ""
}

// boundaryParameter is quoted where the exporter or the server felt like it.
var boundaryParameter = pattern.Compile(`(?i)\bboundary=(?:"([^"]*)"|([^;\s"]*))`)

// boundaryOf returns the boundary parameter of a content type.
func boundaryOf(contentType string) string {
	if m := boundaryParameter().FindStringSubmatch(contentType); m != nil {
		return m[1] + m[2] // one of them is empty
	}
	return ""
}

func hasPrefixFold(text, prefix string) bool {
	return len(text) >= len(prefix) && strings.EqualFold(text[:len(prefix)], prefix)
}

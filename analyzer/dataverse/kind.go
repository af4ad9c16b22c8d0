package dataverse

import (
	"bytes"
	"regexp"
	"strings"

	"github.com/prvgap/prvgap/har"
	"github.com/prvgap/prvgap/har/pattern"
)

// reaching are the query options that bring other tables into a request, and
// with them other privileges. Only that they are there counts.
var reaching = [...]string{"$expand", "fetchXml", "savedQuery", "userQuery"}

// maxSegments is how much of a path makes a kind; real ones have four at most.
const maxSegments = 5

// kind writes a request without host, ids and values: "GET
// /api/data/v9/accounts()?$expand". It is "" for what belongs to no service
// whose requests name tables, and for a $batch, whose parts are requests.
func kind(e har.Entry) string {
	path, query := split(e.URL)
	if soapEndpoint(path) {
		return soapKind(e.Body)
	}
	root, rest := service(path)
	method := strings.ToUpper(e.Method)
	if root == "" || len(method) > 10 || strings.Trim(method, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "" {
		return ""
	}
	if method == "" {
		method = "GET"
	}
	form, ok := appendShape(make([]byte, 0, 128), rest)
	if !ok || bytes.HasPrefix(form, []byte("$batch")) {
		return ""
	}
	return method + " " + root + string(form) + options(query)
}

// appendShape adds a path to form, with what stands in parentheses taken out,
// and a * for every segment that is no name. It is not ok where a parenthesis
// stays open.
func appendShape(form []byte, path string) (_ []byte, ok bool) {
	path = unescapePath(path)
	start, segments := len(form), 1 // of the present segment; how many there are
	depth, quoted := 0, false
	for i := range len(path) {
		switch c := path[i]; {
		case c == '\'' && depth > 0:
			quoted = !quoted
		case quoted:
		case c == '(':
			if depth++; depth == 1 && segments <= maxSegments {
				form = append(form, "()"...)
			}
		case c == ')':
			depth = max(0, depth-1)
		case depth > 0 || segments > maxSegments:
		case c == '/':
			form = starred(form, start)
			if segments++; segments <= maxSegments {
				form = append(form, c)
				start = len(form)
			}
		default:
			form = append(form, c)
		}
	}
	if segments <= maxSegments {
		form = starred(form, start)
	}
	return form, depth == 0 && len(form) > 0
}

// starred puts a * in the place of the last segment, unless that is a name.
func starred(form []byte, start int) []byte {
	if isName(bytes.TrimSuffix(form[start:], []byte("()"))) {
		return form
	}
	return append(form[:start], '*')
}

// isName reports whether a segment can be the name of a collection, a property
// or a function. An id written as 32 digits is none.
func isName(s []byte) bool {
	if len(s) == 0 || len(s) > 100 || s[0] >= '0' && s[0] <= '9' || s[0] == '.' {
		return false
	}
	hex := 0
	for i := range len(s) {
		switch c := s[i]; {
		case c >= '0' && c <= '9', c >= 'a' && c <= 'f', c >= 'A' && c <= 'F':
			hex++
		case c >= 'g' && c <= 'z', c >= 'G' && c <= 'Z', c == '_', c == '.', c == '$':
		default:
			return false
		}
	}
	return hex < 32 || hex < len(s)
}

// options names the query options that count, in a fixed order.
func options(query string) string {
	var given [len(reaching)]bool
	for name := range parameters(query) {
		for i, r := range reaching {
			given[i] = given[i] || strings.EqualFold(name, r)
		}
	}
	form, sign := "", "?"
	for i, r := range reaching {
		if given[i] {
			form, sign = form+sign+r, "&"
		}
	}
	return form
}

// soapRoot is the path under which the kinds of SOAP messages stand.
const soapRoot = "/XRMServices/2011/Organization.svc/"

var (
	soapAnswer = pattern.Compile(`<(?:\w+:)?Body>\s*<(?:\w+:)?(\w{1,60})Response[\s>]`)
	soapName   = pattern.Compile(`<(?:\w+:)?ResponseName>(\w{1,100})</`)
	soapTable  = pattern.Compile(`<(?:\w+:)?EntityName>(\w{1,100})</`)
	soapPath   = pattern.Compile(`^` + regexp.QuoteMeta(soapRoot) + `RetrieveMultiple/(\w+)$`)
)

// soapKind is the kind of a SOAP message, by its answer: requests are not kept.
// Only the answer to RetrieveMultiple names the table that was asked for.
func soapKind(body string) string {
	m := soapAnswer().FindStringSubmatch(body)
	if m == nil {
		return ""
	}
	name := m[1]
	if m := soapName().FindStringSubmatch(body); m != nil && name == "Execute" {
		name = m[1]
	}
	if name == "RetrieveMultiple" {
		if m := soapTable().FindStringSubmatch(body); m != nil {
			name += "/" + strings.ToLower(m[1])
		}
	}
	return "POST " + soapRoot + name
}

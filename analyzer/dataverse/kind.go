package dataverse

import (
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
	path, query, _ := strings.Cut(e.URL, "?")
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
	form := shape(rest)
	if form == "" || strings.HasPrefix(form, "$batch") {
		return ""
	}
	return method + " " + root + form + options(query)
}

// shape is a path with what stands in parentheses taken out, and a * for every
// segment that is no name. It is "" where a parenthesis stays open.
func shape(path string) string {
	path = unescapePath(path)
	var b strings.Builder
	depth, quoted := 0, false
	for _, r := range path {
		switch {
		case r == '\'' && depth > 0:
			quoted = !quoted
		case quoted:
		case r == '(':
			if depth++; depth == 1 {
				b.WriteString("()")
			}
		case r == ')':
			depth = max(0, depth-1)
		case depth == 0:
			b.WriteRune(r)
		}
	}
	if depth > 0 {
		return ""
	}
	segments := strings.Split(b.String(), "/")
	segments = segments[:min(len(segments), maxSegments)]
	for i, s := range segments {
		if !isName(strings.TrimSuffix(s, "()")) {
			segments[i] = "*"
		}
	}
	return strings.Join(segments, "/")
}

// isName reports whether a segment can be the name of a collection, a property
// or a function. An id written as 32 digits is none.
func isName(s string) bool {
	if s == "" || len(s) > 100 || s[0] >= '0' && s[0] <= '9' || s[0] == '.' {
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

package dataverse

import (
	"iter"
	"net/url"
	"strings"
)

// What stands here is asked of every entry of a capture, hence without
// expressions, and without copies in lower case.

// platform reports whether a path belongs to a Dataverse endpoint.
func platform(path string) bool {
	for _, mark := range []string{".dynamics.com/", webAPI, "/xrmservices/", "/appwebservices/"} {
		if indexFold(path, mark) >= 0 {
			return true
		}
	}
	return false
}

// soapEndpoint reports whether a path is a SOAP service of the platform.
func soapEndpoint(path string) bool {
	return indexFold(path, "/xrmservices/2011/organization.svc") >= 0 ||
		hasSuffixFold(path, ".asmx") && indexFold(path, "/appwebservices/") >= 0
}

const (
	webAPI = "/api/data/v" // and the version
	odata2 = "/xrmservices/2011/organizationdata.svc/"
)

// The services whose requests name tables, as a kind writes them.
const (
	webAPIRoot = "/api/data/v9/"
	odata2Root = "/XRMServices/2011/OrganizationData.svc/"
)

// split cuts an address into its path, with the host before it, and its query.
// A fragment is neither: no server gets to see it.
func split(address string) (path, query string) {
	address, _, _ = strings.Cut(address, "#")
	path, query, _ = strings.Cut(address, "?")
	return path, query
}

// service finds the service that a path belongs to, and the rest of the path
// behind it. Host, version, and the organization in the path (on premises) do
// not make a difference.
func service(path string) (root, rest string) {
	if i := indexFold(path, webAPI); i >= 0 {
		version, rest, ok := strings.Cut(path[i+len(webAPI):], "/")
		if ok && version != "" && strings.Trim(version, "0123456789.") == "" {
			return webAPIRoot, rest
		}
	}
	if i := indexFold(path, odata2); i >= 0 {
		return odata2Root, path[i+len(odata2):]
	}
	return "", ""
}

// indexFold is the first place of part in s, in either case, or -1. Part is
// ASCII in lower case, and its first character is no letter.
func indexFold(s, part string) int {
	for at := 0; ; at++ {
		next := strings.IndexByte(s[at:], part[0])
		if next < 0 || len(s)-at-next < len(part) {
			return -1
		}
		at += next
		if strings.EqualFold(s[at:at+len(part)], part) {
			return at
		}
	}
}

// dataURL is the part of an address of the Web API, or of the older OData
// service, that says what is asked for: accounts(key)/rest.
type dataURL struct {
	set, key, rest string
	query          string
}

// parseDataURL reads an address or a kind. In the older service the name of a
// set ends in "Set".
func parseDataURL(address string) (dataURL, bool) {
	path, query := split(address)
	root, rest := service(path)
	if root == "" {
		return dataURL{}, false
	}
	first, rest, _ := strings.Cut(rest, "/")
	first = unescapePath(first)
	set, key, keyed := strings.Cut(first, "(")
	if keyed {
		key = first[len(set):]
	}
	if !isSetName(set) || keyed && !strings.HasSuffix(key, ")") || root == odata2Root && !hasSuffixFold(set, "set") {
		return dataURL{}, false
	}
	return dataURL{set, key, unescapePath(rest), query}, true
}

func isSetName(s string) bool {
	for i := range len(s) {
		switch c := s[i]; {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c == '_', c >= '0' && c <= '9' && i > 0:
		default:
			return false
		}
	}
	return s != ""
}

func hasSuffixFold(s, end string) bool {
	return len(s) >= len(end) && strings.EqualFold(s[len(s)-len(end):], end)
}

// unescapePath returns a part of a path in plain, and as it is where its
// escapes are broken.
func unescapePath(part string) string {
	if strings.IndexByte(part, '%') < 0 { // as in most
		return part
	}
	if plain, err := url.PathUnescape(part); err == nil {
		return plain
	}
	return part
}

// parameters goes through the options of a query: their names in plain, their
// values as they are spelled.
func parameters(query string) iter.Seq2[string, string] {
	return func(yield func(name, value string) bool) {
		for query != "" {
			var option string
			option, query, _ = strings.Cut(query, "&")
			name, value, _ := strings.Cut(option, "=")
			if plain, err := url.QueryUnescape(name); err == nil {
				name = plain
			}
			if !yield(name, value) {
				return
			}
		}
	}
}

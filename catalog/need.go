package catalog

import (
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
)

// Need is one thing that a privilege is needed for.
type Need struct {
	Feature   string
	Privilege string
	Depth     Depth
	Silent    bool   // the feature does not work and no message says so
	Hidden    bool   // the privilege is not on the role form
	URL       string // pattern of the request that is refused, "" if none
	Why       string
}

// Needs tells what a privilege is known to be needed for, sorted by feature.
func (c *Catalog) Needs(privilege string) []Need {
	template := c.flowTemplate(privilege)
	var found []Need
	for line := range rows(needData) {
		switch {
		case strings.EqualFold(line[0], privilege):
			found = append(found, parseNeed(line))
		case line[0] == template:
			n := parseNeed(line)
			n.Privilege = privilege
			found = append(found, n)
		}
	}
	return found
}

// Bundle gives all that a feature is known to need, by lower-cased privilege. The stars of business process flows,
// which stand for tables that only an environment knows, are left out.
func (c *Catalog) Bundle(feature string) []Need {
	var found []Need
	for line := range rows(needData) {
		if n := parseNeed(line); n.Feature == feature && !strings.HasSuffix(n.Privilege, "*") {
			found = append(found, n)
		}
	}
	return found
}

// flowTemplate gives the row of needs.tsv that stands for all business process flows, whose tables every environment
// makes for itself: "prvRead*". For any other privilege it gives "", which is no row's name.
func (c *Catalog) flowTemplate(privilege string) string {
	p, ok := c.Lookup(privilege)
	if !ok || p.Tab != flowTab {
		return ""
	}
	return "prv" + string(p.Action) + "*"
}

// NeedsByURL tells which features send such a request. All requests that are known only read.
func (c *Catalog) NeedsByURL(method, address string) []Need {
	if !strings.EqualFold(method, "GET") {
		return nil
	}
	sent, err := url.Parse(address)
	if err != nil {
		return nil
	}
	path := pathOf(sent)
	var query map[string]string // of the few whose path is known: it takes longest
	var found []Need
	for _, k := range knownRequests() {
		if !strings.HasSuffix(path, k.path) {
			continue // it may stand behind a host and an organization
		}
		if query == nil {
			query = queryOf(sent)
		}
		if k.asks(query) {
			found = append(found, k.need)
		}
	}
	return found
}

// parseNeed reads a line of needs.tsv.
func parseNeed(f []string) Need {
	d, _ := ParseDepth(f[1]) // a test reads every line
	return Need{
		Privilege: f[0], Depth: d, Feature: f[2], Silent: f[3] != "", Hidden: f[4] != "", URL: f[5], Why: f[6],
	}
}

// knownRequest is a request of needs.tsv with what it is sent for.
type knownRequest struct {
	path  string
	query map[string]string
	need  Need
}

var knownRequests = sync.OnceValue(func() []knownRequest {
	var known []knownRequest
	for line := range rows(needData) {
		n := parseNeed(line)
		if u, err := url.Parse(n.URL); err == nil && n.URL != "" {
			known = append(known, knownRequest{pathOf(u), queryOf(u), n})
		}
	}
	return known
})

// asks tells whether a query has the same value in every option that the known request names. Options that it does
// not name are free.
func (k knownRequest) asks(query map[string]string) bool {
	for option, value := range k.query {
		if query[option] != value {
			return false
		}
	}
	return true
}

var (
	versionSegment = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`/v[0-9]+(\.[0-9]+)*/`) })
	guidOrLiteral  = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`'[^']*'|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}`) })
)

// pathOf gives a path in lower case with "*" for everything that differs from one call to the next. A request of
// needs.tsv has its stars already.
func pathOf(u *url.URL) string {
	path := versionSegment().ReplaceAllLiteralString(strings.ToLower(u.Path), "/v*/")
	// "systemusers()" is how the client writes the whole set.
	return strings.TrimSuffix(guidOrLiteral().ReplaceAllLiteralString(path, "*"), "()")
}

// queryOf gives the options of a query with their values as pathOf has them, by lower-cased option.
func queryOf(u *url.URL) map[string]string {
	query := map[string]string{}
	for option, values := range u.Query() {
		option = strings.ToLower(option)
		value := guidOrLiteral().ReplaceAllLiteralString(strings.ToLower(values[0]), "*")
		if option == "$select" {
			columns := strings.Split(strings.ReplaceAll(value, " ", ""), ",")
			slices.Sort(columns)
			value = strings.Join(columns, ",")
		}
		query[option] = strings.Join(strings.Fields(value), " ")
	}
	return query
}

package dataverse

import (
	"strings"

	"github.com/prvgap/prvgap/catalog"
)

// metadataSets are the collections that stand for no table.
var metadataSets = map[string]string{
	"entitydefinitions":          "prvReadEntity",
	"globaloptionsetdefinitions": "prvReadOptionSet",
	"relationshipdefinitions":    "prvReadRelationship",
	"retrievemetadatachanges":    "prvReadEntity",
}

// suspect returns the privilege that a request to the Web API or to the older
// OData service most likely needs: the table from the collection in its path,
// the action from its method. Functions and actions name no table. The kind of
// a request (see kind) does as well as its URL.
func suspect(method, address string, c *catalog.Catalog) string {
	if m := soapPath().FindStringSubmatch(address); m != nil {
		p, _ := c.ByTable(m[1], catalog.Read)
		return p.Name
	}
	r, ok := parseDataURL(address)
	if !ok {
		return ""
	}
	if p := metadataSets[strings.ToLower(r.set)]; p != "" && isRead(method) {
		return p
	}
	t, ok := c.TableBySet(r.set)
	if !ok {
		return ""
	}
	p, ok := c.ByTable(t.Name, actionOf(method, r.key, r.rest))
	if !ok {
		return ""
	}
	return p.Name
}

func isRead(method string) bool {
	return method == "" || strings.EqualFold(method, "GET") || strings.EqualFold(method, "HEAD")
}

// actionOf translates an HTTP method: with a key it changes a record, without
// one it creates, and on a reference it links, unless it only reads that.
func actionOf(method, key, rest string) catalog.Action {
	switch m := strings.ToUpper(method); {
	case isRead(method):
		return catalog.Read
	case isReference(rest):
		return catalog.Append
	case strings.Contains(rest, "."): // a bound function or action
		return catalog.Read
	case m == "POST" && key == "":
		return catalog.Create
	case m == "DELETE" && rest == "":
		return catalog.Delete
	case m == "PATCH", m == "PUT", m == "MERGE", m == "DELETE":
		return catalog.Write
	}
	return catalog.Read
}

// isReference reports whether a path behind a key leads to what links two
// records; the older service has it in the middle.
func isReference(rest string) bool {
	return strings.HasSuffix(rest, "$ref") || strings.HasPrefix(rest, "$links/")
}

package dataverse

import (
	"net/url"
	"slices"
	"strings"

	"github.com/prvgap/prvgap/analyzer"
	"github.com/prvgap/prvgap/catalog"
	"github.com/prvgap/prvgap/har"
	"github.com/prvgap/prvgap/har/pattern"
)

// touch notes the tables that a request names: in its address, in a FetchXML
// query, or in a SOAP answer with rows. What a posted body links to, and what
// $expand follows, takes the definitions of relationships to tell.
func touch(e har.Entry, path string, f *analyzer.Facts) {
	switch {
	case e.Status == 0 || e.Parts > 0: // never answered; its parts are entries of their own
	case soapEndpoint(path):
		if strings.Contains(e.Body, "EntityName>") {
			for _, m := range soapRows().FindAllStringSubmatch(e.Body, maxTablesInText) {
				f.Touch(m[1], catalog.Read)
			}
		}
	default:
		if r, ok := parseDataURL(e.URL); ok {
			touchSet(e.Method, r, f)
		}
	}
}

const maxTablesInText = 20

var (
	soapRows   = pattern.Compile(`<(?:\w+:)?EntityName>([a-z][a-z0-9_]*)</`) // of the collection that RetrieveMultiple answers
	fetchLinks = pattern.Compile(`<link-entity\s[^>]*?\bname\s*=\s*["']([A-Za-z][A-Za-z0-9_]*)["']`)
)

func touchSet(method string, r dataURL, f *analyzer.Facts) {
	action := touchedAction(method, r)
	switch {
	case f.Touched[strings.ToLower(r.set)][action]: // like most requests
	case !tableSet(method, r):
		return
	default:
		f.Touch(r.set, action)
	}
	for name, value := range parameters(r.query) {
		if !strings.EqualFold(name, "fetchXml") {
			continue
		}
		query, _ := url.QueryUnescape(value)
		for _, m := range fetchLinks().FindAllStringSubmatch(query, maxTablesInText) {
			f.Touch(m[1], catalog.Read)
		}
	}
}

// tableSet reports whether the first segment of a path names a set of rows, and
// not a function, an action, or the metadata. A set that is not bundled has a
// lower-case name; the functions and actions of the platform begin with a capital.
func tableSet(method string, r dataURL) bool {
	set := strings.ToLower(r.set)
	if _, ok := metadataSets[set]; ok {
		return false
	}
	if _, ok := catalog.Default().TableBySet(set); ok {
		return true
	}
	switch {
	case strings.HasSuffix(set, "set") && r.set != set: // AccountSet
		return true
	case r.set != set, r.key == "()":
		return false
	case r.key == "" && !isRead(method): // a create, or an action of a solution
		return strings.HasSuffix(set, "s")
	}
	return true
}

// touchedAction is actionOf where the address leaves no doubt. Of a bound
// function or action only the assignment is told by its name.
func touchedAction(method string, r dataURL) catalog.Action {
	rest := strings.ToLower(r.rest)
	switch {
	case strings.HasPrefix(rest, "ownerid/$ref") && !isRead(method), strings.HasSuffix(rest, ".assign"):
		return catalog.Assign
	case isReference(rest):
		return actionOf(method, r.key, rest)
	case strings.Contains(rest, "."), r.key != "" && strings.EqualFold(method, "POST"):
		return catalog.NoAction
	}
	return actionOf(method, r.key, r.rest)
}

// Question is what the designer of a security model has to decide for a table,
// after the article "The right questions to ask when designing a security model
// in Dynamics 365" (January 2018).
func (Dialect) Question(u analyzer.TableUse) string {
	t := u.Table
	switch {
	case t.Name == "annotation":
		return "Who can see notes? Does a note go to the owner of its record, or stay with its creator?"
	case t.Name == "post":
		return "Nobody owns posts: may everybody who reads the table see them all?"
	case slices.Contains(personalTables, t.Name):
		return "Only a user can own these: does every user hold a role directly?"
	case t.Activity || t.Name == activities:
		return "All activity types share their rights: does a user or a team own them, and what does Outlook then synchronize?"
	case u.Used[catalog.Assign] || slices.ContainsFunc(u.Rights, func(r analyzer.Right) bool { return r.Action == catalog.Assign }):
		return "Who can it be assigned to on its way, and do those who work on it still see it then?"
	case t.Ownership == "Organization":
		return "Nobody owns its rows: may everybody with the right reach them all?"
	case t.Ownership == "BusinessUnit":
		return "Which business unit does a row belong to, and who reaches those of other units?"
	case t.Ownership == "User":
		return "Does a user or a team own its records, and which business rule finds the owner?"
	case u.Known:
		return "Who owns its records, if anybody: a user, a team, or the organization?"
	}
	return ""
}

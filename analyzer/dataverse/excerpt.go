package dataverse

import (
	"bytes"
	"encoding/json"
	"strings"

	"github.com/prvgap/prvgap/har"
)

// Excerpt returns the fault of a SOAP answer, and of an answer that teaches something the fields that teach it, decoded
// into the types that learn and written anew: what is not read cannot come along.
func (Dialect) Excerpt(e har.Entry) string {
	path, _ := split(e.URL)
	if soapEndpoint(path) {
		return soapFault().FindString(e.Body)
	}
	l, ok := findLesson(path)
	if !ok || e.Status < 200 || e.Status >= 300 {
		return ""
	}
	v := l.excerpt(e.Body)
	if v == nil {
		return ""
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if enc.Encode(v) != nil { // cannot be: all of it was decoded
		return ""
	}
	return strings.TrimSpace(b.String())
}

func excerptWhoAmI(body string) any {
	var v whoAmI
	if json.Unmarshal([]byte(body), &v) != nil || v == (whoAmI{}) {
		return nil
	}
	return v
}

// collection is an answer of rows.
type collection[T any] struct {
	Value []T `json:"value"`
}

func excerptRows[T any](body string) any {
	list := rows[T](body)
	if len(list) == 0 {
		return nil
	}
	return collection[T]{list}
}

func excerptBusinessUnits(body string) any {
	if !tellsParents(body) {
		return nil
	}
	return excerptRows[businessUnit](body)
}

func excerptTables(body string) any {
	tables := tablesIn(body)
	if len(tables) == 0 {
		return nil
	}
	for i := range tables {
		// Whatever else stands there is not known to be harmless.
		if o := ownership(tables[i].OwnershipType); o != "" {
			tables[i].OwnershipType = o + "Owned"
		} else {
			tables[i].OwnershipType = nil
		}
	}
	return collection[metadata]{tables}
}

func excerptHeld(body string) any {
	if _, err := readRolePrivileges([]byte(body)); err != nil {
		return nil
	}
	v, err := parseRoleJSON([]byte(body))
	if err != nil {
		return nil
	}
	return struct{ RolePrivileges []rolePrivilege }{v.RolePrivileges}
}

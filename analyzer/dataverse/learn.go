package dataverse

import (
	"encoding/json"
	"strings"

	"github.com/prvgap/prvgap/analyzer"
	"github.com/prvgap/prvgap/catalog"
	"github.com/prvgap/prvgap/har"
	"github.com/prvgap/prvgap/har/pattern"
)

// A lesson is a kind of answer that tells about an environment. Excerpt returns a value that is, as JSON, an answer with
// the fields that learn reads and no other, or nil.
type lesson struct {
	learn   func(har.Entry, *analyzer.Facts)
	excerpt func(body string) any
}

// lessons are told apart by the last segment of their path, here in lower case. Only the fields named in the types below
// are read.
var lessons = map[string]lesson{
	"whoami":                     {learnWhoAmI, excerptWhoAmI},
	"businessunits":              {learnBusinessUnits, excerptBusinessUnits},
	"entitydefinitions":          {learnTables, excerptTables},
	"retrievemetadatachanges":    {learnTables, excerptTables},
	"privileges":                 {learnPrivileges, excerptRows[privilegeRow]},
	"retrieveuserprivileges":     {learnHeld, excerptHeld},
	"retrieveteamprivileges":     {learnHeld, excerptHeld},
	"retrieveroleprivileges":     {learnHeld, excerptHeld},
	"retrieveuserprivilegesrole": {learnHeld, excerptHeld},
	"retrieveteamprivilegesrole": {learnHeld, excerptHeld},
	"retrieveroleprivilegesrole": {learnHeld, excerptHeld},
}

// findLesson returns the lesson of a path. It is asked for every entry of a capture, hence without expressions.
func findLesson(path string) (lesson, bool) {
	name, key, called := strings.Cut(path[strings.LastIndexByte(path, '/')+1:], "(")
	if called && !strings.HasSuffix(key, ")") {
		return lesson{}, false
	}
	l, ok := lessons[strings.TrimPrefix(strings.ToLower(name), "microsoft.dynamics.crm.")]
	return l, ok
}

// whoAmI is the answer of WhoAmI.
type whoAmI struct {
	UserID         string `json:"UserId"`
	BusinessUnitID string `json:"BusinessUnitId"`
}

func learnWhoAmI(e har.Entry, f *analyzer.Facts) {
	var v whoAmI
	if json.Unmarshal([]byte(e.Body), &v) == nil && v.UserID != "" && v.BusinessUnitID != "" {
		id := strings.ToLower(v.UserID)
		f.Home[id] = max(f.Home[id], strings.ToLower(v.BusinessUnitID))
	}
}

// rows decodes an OData answer: a collection under "value", or a single row.
func rows[T any](body string) []T {
	var many struct{ Value []T }
	if json.Unmarshal([]byte(body), &many) == nil && many.Value != nil {
		return many.Value
	}
	var one T
	if json.Unmarshal([]byte(body), &one) == nil {
		return []T{one}
	}
	return nil
}

// businessUnit is a row of the table of business units.
type businessUnit struct {
	ID     string  `json:"businessunitid"`
	Parent *string `json:"_parentbusinessunitid_value"`
}

// tellsParents reports whether rows have the parent column; without it they say nothing of the tree.
func tellsParents(body string) bool { return strings.Contains(body, "_parentbusinessunitid_value") }

func learnBusinessUnits(e har.Entry, f *analyzer.Facts) {
	if !tellsParents(e.Body) {
		return
	}
	for _, u := range rows[businessUnit](e.Body) {
		if u.ID == "" {
			continue
		}
		parent := ""
		if u.Parent != nil {
			parent = strings.ToLower(*u.Parent)
		}
		id := strings.ToLower(u.ID)
		f.BusinessUnits[id] = max(f.BusinessUnits[id], parent)
	}
}

// label is a localised name in metadata.
type label struct {
	UserLocalizedLabel *struct{ Label string }
}

// metadata is a table's definition as EntityDefinitions and
// RetrieveMetadataChanges answer it.
type metadata struct {
	LogicalName    string
	SchemaName     string
	EntitySetName  string
	ObjectTypeCode int
	OwnershipType  any // a word, or the number of the flag
	DisplayName    label
	Privileges     []privilegeRow
}

// privilegeRow is a privilege in a table's definition (Name) or in the rows of
// the privilege table (name).
type privilegeRow struct {
	Name        string
	PrivilegeID string `json:"PrivilegeId"`
	CanBeBasic  bool
	CanBeLocal  bool
	CanBeDeep   bool
	CanBeGlobal bool
}

// tablesIn returns the definitions that an answer holds.
func tablesIn(body string) []metadata {
	var changes struct{ EntityMetadata []metadata }
	if json.Unmarshal([]byte(body), &changes) == nil && len(changes.EntityMetadata) > 0 {
		return changes.EntityMetadata
	}
	return rows[metadata](body)
}

func learnTables(e har.Entry, f *analyzer.Facts) {
	for _, m := range tablesIn(e.Body) {
		if m.LogicalName == "" {
			continue
		}
		t := catalog.Table{
			Name: strings.ToLower(m.LogicalName), Schema: m.SchemaName, Set: m.EntitySetName,
			Code: m.ObjectTypeCode, Ownership: ownership(m.OwnershipType),
		}
		if m.DisplayName.UserLocalizedLabel != nil {
			t.Label = m.DisplayName.UserLocalizedLabel.Label
		}
		f.AddTable(t)
		for _, p := range m.Privileges {
			learnPrivilege(p, t, f)
		}
	}
}

// ownership translates OwnershipTypes, a word or a flag, into catalog's words.
func ownership(v any) string {
	switch v := v.(type) {
	case string:
		for _, o := range []string{"User", "BusinessUnit", "Organization"} {
			if strings.HasPrefix(v, strings.TrimSuffix(o, "Unit")) {
				return o
			}
		}
	case float64:
		return map[int]string{1: "User", 4: "BusinessUnit", 8: "Organization"}[int(v)]
	}
	return ""
}

// learnPrivilege adds a privilege. A name may serve several tables, as those of
// activities do: the bundled catalog then knows better which row it is.
func learnPrivilege(p privilegeRow, t catalog.Table, f *analyzer.Facts) {
	if p.Name == "" {
		return
	}
	c := catalog.Default()
	known, ok := c.Privilege(p.Name)
	if !ok {
		known, ok = c.Derive(p.Name)
		if !ok {
			return
		}
		if t.Name != "" {
			known.Table = t.Name
		}
		if t.Label != "" {
			known.Label = t.Label
		}
	}
	known.Name, known.ID = p.Name, strings.ToLower(p.PrivilegeID)
	known.Derived.Name = false
	var depths []catalog.Depth
	for d, can := range map[catalog.Depth]bool{
		catalog.Basic: p.CanBeBasic, catalog.Local: p.CanBeLocal, catalog.Deep: p.CanBeDeep, catalog.Global: p.CanBeGlobal,
	} {
		if can {
			depths = append(depths, d)
		}
	}
	if len(depths) > 0 {
		known.Depths, known.Derived.Depths = catalog.MakeDepths(depths...), false
	}
	f.AddPrivilege(known)
}

func learnPrivileges(e har.Entry, f *analyzer.Facts) {
	for _, p := range rows[privilegeRow](e.Body) {
		learnPrivilege(p, catalog.Table{}, f)
	}
}

// heldBy finds whose privileges an answer lists.
var heldBy = pattern.Compile(`(?i)/(?:systemusers|teams)\(` + guid + `\)/|(?:UserId|TeamId)=` + guid)

// learnHeld keeps what a user or team holds, or what a role grants whose holder
// the request does not tell.
func learnHeld(e har.Entry, f *analyzer.Facts) {
	holder := analyzer.AnyHolder
	if m := heldBy().FindStringSubmatch(e.URL); m != nil {
		holder = strings.ToLower(m[1] + m[2])
	}
	r, err := readRolePrivileges([]byte(e.Body))
	if err != nil {
		return
	}
	for _, g := range r.Grants() {
		f.AddHeld(holder, g.Privilege, g.Depth)
	}
}

// learnFromDenial keeps the tables and ids that are not bundled.
func learnFromDenial(d analyzer.Denial, f *analyzer.Facts) {
	c := catalog.Default()
	if d.PrivilegeID != "" && !d.Cut {
		if p, ok := c.Derive(d.Privilege); ok {
			if _, bundled := c.Privilege(d.Privilege); !bundled {
				p.ID = d.PrivilegeID
				f.AddPrivilege(p)
			}
		}
	}
	if d.Table == "" || d.Labelled || d.Cut {
		return
	}
	if _, bundled := c.Table(d.Table); !bundled {
		f.AddTable(catalog.Table{Name: strings.ToLower(d.Table), Code: d.TypeCode, Ownership: d.Ownership})
	}
}

// printedLabel is a table's name as the platform prints it behind its logical
// name, in the language of the user.
var printedLabel = pattern.Compile(`for entity '([A-Za-z0-9_]+)' ?\(LocalizedName='([^']{1,200})'\)`)

func learnLabels(text string, f *analyzer.Facts) {
	for _, m := range printedLabel().FindAllStringSubmatch(text, maxDenialsInText) {
		if _, bundled := catalog.Default().Table(m[1]); !bundled {
			f.AddTable(catalog.Table{Name: strings.Clone(strings.ToLower(m[1])), Label: strings.Clone(m[2])})
		}
	}
}

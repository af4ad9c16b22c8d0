package main

import (
	"maps"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

const tableColumns = "name\tschema\tlabel\tset\tcode\tbase\townership\tcustom\tactivity\ttab"

// table is a line of tables.tsv.
type table struct {
	name, schema, label, set, code, base, ownership, custom, activity, tab string
	tabDerived                                                             bool
}

// parentBases are the tables of which the facts say that access follows the parent without naming the parent's base.
// They are what each row hangs on: a list, a price list, a unit group, a discount list, an activity.
var parentBases = map[string]string{
	"activityparty": "Activity", "discount": "Product", "listmember": "List", "productpricelevel": "Product", "uom": "Product",
}

// readTables reads entities.tsv, by logical name.
func readTables(dir string) (map[string]table, error) {
	facts, err := readFacts(filepath.Join(dir, "entities.tsv"),
		"logical_name", "schema_name", "display_name", "entity_set_name", "ownership", "otc", "privilege_entity", "source",
		"ownership_basis", "privilege_entity_basis", "is_custom", "is_activity", "is_bpf", "form_label_if_different",
		"tab", "tab_basis", "tab_source", "has_privileges_seen")
	if err != nil {
		return nil, err
	}
	tables := map[string]table{}
	for _, f := range facts {
		t, err := readTable(f)
		if err != nil {
			return nil, err
		}
		if _, dup := tables[t.name]; dup {
			return nil, f.errorf("table %s stands twice", t.name)
		}
		tables[t.name] = t
	}
	return tables, nil
}

func readTable(f fact) (table, error) {
	t := table{
		name: f.cells["logical_name"], schema: f.cells["schema_name"], set: f.cells["entity_set_name"], code: f.cells["otc"],
		label: or(f.cells["form_label_if_different"], f.cells["display_name"]),
		tab:   f.cells["tab"], tabDerived: f.cells["tab_basis"] == "derived",
	}
	// A base may be followed by a remark on the one action that breaks it; that action's name is in privileges.tsv.
	t.base, _, _ = strings.Cut(f.cells["privilege_entity"], " ")
	t.base = or(or(t.base, parentBases[t.name]), t.schema)
	if t.name == "" || t.name != strings.ToLower(t.name) {
		return t, f.errorf("%q is no logical name", t.name)
	}
	if n, err := strconv.Atoi(t.code); t.code != "" && (err != nil || n < 1 || n >= 10000) {
		return t, f.errorf("type code %q is not one that all environments share", t.code)
	}
	var err error
	if t.ownership, err = f.oneOf("ownership", "User", "BusinessUnit", "Organization", "None"); err != nil {
		return t, err
	}
	custom, err := f.oneOf("is_custom", "0", "1")
	if err != nil {
		return t, err
	}
	t.custom = strings.TrimPrefix(custom, "0")
	t.activity, err = f.oneOf("is_activity", "1")
	return t, err
}

// ownerLetters gives the depths that the ownership allows as a rule.
func (t table) ownerLetters() string {
	return map[string]string{"User": "BLDG", "BusinessUnit": "LDG", "Organization": "G"}[t.ownership]
}

// tableLines writes the tables. Where the schema name is not known, the privileges show the base.
func tableLines(tables map[string]table, privileges map[string]privilege) []string {
	seen := map[string]string{}
	for _, key := range slices.Sorted(maps.Keys(privileges)) {
		p := privileges[key]
		if base, ok := strings.CutPrefix(p.name, "prvRead"); ok && p.action == "Read" {
			seen[p.table] = base
		}
	}
	var lines []string
	for _, t := range tables {
		lines = append(lines, strings.Join([]string{
			t.name, t.schema, t.label, t.set, t.code, or(t.base, seen[t.name]), t.ownership, t.custom, t.activity, t.tab,
		}, "\t"))
	}
	return lines
}

func or(a, b string) string {
	if a == "" {
		return b
	}
	return a
}

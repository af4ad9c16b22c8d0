package catalog

import (
	"strconv"
	"strings"
	"sync"
)

// Table is a Dataverse table. Empty fields are not known.
type Table struct {
	Name      string // logical
	Schema    string
	Label     string // as the role form shows it
	Set       string // entity set of the Web API
	Code      int    // object type code; bundled only below 10000, where it is the same everywhere
	Base      string // what the names of its privileges end in: "Activity" for phonecall
	Ownership string // User, BusinessUnit, Organization or None
	Custom    bool
	Activity  bool
	Tab       string
}

// Table looks a table up by its logical name.
func (c *Catalog) Table(name string) (Table, bool) {
	if name == "" {
		return Table{}, false
	}
	added, isAdded := c.tables[strings.ToLower(name)]
	line, isBundled := find(tableData, name)
	if !isAdded && !isBundled {
		return Table{}, false
	}
	var t Table
	if isBundled {
		t = parseTable(line)
	}
	if isAdded {
		t = t.overlaid(added).filled()
	}
	return t, true
}

// TableByCode looks a table up by its object type code.
func (c *Catalog) TableByCode(code int) (Table, bool) {
	return c.indexed(c.index.codes[code], bundledCodes()[code])
}

// TableBySet looks a table up by the name of its entity set: "accounts", or "AccountSet" of the old OData service.
func (c *Catalog) TableBySet(set string) (Table, bool) {
	set = strings.ToLower(set)
	return c.indexed(c.index.sets[set], bundledSets()[set])
}

// TableByLabel looks a table up by its display name, which counts only if no other table has it too.
func (c *Catalog) TableByLabel(label string) (Table, bool) {
	label = strings.ToLower(strings.TrimSpace(label))
	added, bundled := c.index.labels[label], bundledLabels()[label]
	if added != "" && bundled != "" && added != bundled {
		return Table{}, false
	}
	return c.indexed(added, bundled)
}

func (c *Catalog) indexed(added, bundled string) (Table, bool) {
	name := or(added, bundled)
	if name == ambiguous {
		return Table{}, false
	}
	return c.Table(name)
}

// tableIndex leads from what else identifies a table to its logical name; all its keys but the codes are lower case.
type tableIndex struct {
	codes        map[int]string
	sets, labels map[string]string
}

// ambiguous stands in an index where two tables share a label. No table has this name.
const ambiguous = "*"

func newTableIndex() tableIndex {
	return tableIndex{codes: map[int]string{}, sets: map[string]string{}, labels: map[string]string{}}
}

func (x tableIndex) add(t Table) {
	addCode(x.codes, t)
	addSets(x.sets, t)
	addLabel(x.labels, t)
}

func addCode(codes map[int]string, t Table) {
	if t.Code != 0 {
		codes[t.Code] = strings.ToLower(t.Name)
	}
}

func addSets(sets map[string]string, t Table) {
	name := strings.ToLower(t.Name)
	if t.Schema != "" {
		sets[strings.ToLower(t.Schema)+"set"] = name
	}
	if t.Set != "" {
		sets[strings.ToLower(t.Set)] = name
	}
}

func addLabel(labels map[string]string, t Table) {
	label, name := strings.ToLower(t.Label), strings.ToLower(t.Name)
	if label == "" {
		return
	}
	if other, taken := labels[label]; taken && other != name {
		name = ambiguous
	}
	labels[label] = name
}

// The indexes of the bundled tables are made when first asked for: looking up by name never needs them, and most runs ask
// for one of them.
var (
	bundledCodes  = bundled(addCode)
	bundledSets   = bundled(addSets)
	bundledLabels = bundled(addLabel)
)

// manyTables is about how many keys the largest of these indexes has.
const manyTables = 4500

func bundled[K comparable](add func(map[K]string, Table)) func() map[K]string {
	return sync.OnceValue(func() map[K]string {
		index := make(map[K]string, manyTables)
		for line := range rows(tableData) {
			add(index, parseTable(line))
		}
		return index
	})
}

// parseTable reads a line of tables.tsv.
func parseTable(f []string) Table {
	code, _ := strconv.Atoi(f[4]) // empty where it differs between environments
	return Table{
		Name: f[0], Schema: f[1], Label: f[2], Set: f[3], Code: code, Base: f[5],
		Ownership: f[6], Custom: f[7] != "", Activity: f[8] != "", Tab: f[9],
	}
}

// overlaid gives t with the fields that u knows.
func (t Table) overlaid(u Table) Table {
	t.Name, t.Schema, t.Label, t.Set = or(u.Name, t.Name), or(u.Schema, t.Schema), or(u.Label, t.Label), or(u.Set, t.Set)
	t.Code, t.Base, t.Ownership, t.Tab = or(u.Code, t.Code), or(u.Base, t.Base), or(u.Ownership, t.Ownership), or(u.Tab, t.Tab)
	t.Custom, t.Activity = t.Custom || u.Custom, t.Activity || u.Activity
	return t
}

// filled gives a table that an environment told of what the rules say of it and neither the environment nor the bundle does:
// activities share Activity's row, any other table has its own, named after its schema name.
func (t Table) filled() Table {
	if t.Activity {
		t.Base, t.Tab = or(t.Base, "Activity"), or(t.Tab, coreTab)
	}
	t.Base = or(t.Base, t.Schema)
	if t.Custom {
		t.Tab = or(t.Tab, customTab)
	}
	return t
}

// legalDepths gives the depths that the ownership of a table allows as a rule. A few personal tables break it.
func (t Table) legalDepths() Depths {
	switch t.Ownership {
	case "User":
		return MakeDepths(Basic, Local, Deep, Global)
	case "BusinessUnit":
		return MakeDepths(Local, Deep, Global)
	case "Organization":
		return MakeDepths(Global)
	}
	return 0
}

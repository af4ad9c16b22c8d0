package catalog

import (
	"iter"
	"slices"
	"strings"
	"sync"
)

// Section is the part of the role form on which a privilege stands.
type Section string

// The sections. Hidden privileges are on no known form; Unknown is said of a name that nothing is known of. A switch stands
// on the form of a profile, which is another platform's role: it is on or off, and Global stands for on.
const (
	TableSection  Section = "table"
	Miscellaneous Section = "miscellaneous"
	Hidden        Section = "hidden"
	Unknown       Section = "unknown"
	Switch        Section = "switch"
)

// Privilege is a named right. Empty fields are not known.
type Privilege struct {
	Name    string
	ID      string // lower case; only privileges of system tables have the same id everywhere
	Action  Action // NoAction for a miscellaneous privilege
	Table   string // logical name of the table whose row holds it, "" for a miscellaneous one
	Label   string // of the row on the form
	Tab     string
	Section Section
	Group   string // heading within the tab, such as "Privacy Related Privileges"
	Allows  string // what a miscellaneous privilege is for, in a few words
	Depths  Depths // the legal ones
	Default bool   // every new role is born with it
	Derived Derived
}

// Derived tells which facts of a privilege were worked out by a rule and not read in any source.
type Derived struct{ Name, Tab, Depths bool }

// Tabs lists the tabs of the role form in its order.
func Tabs() []string {
	return []string{
		"Core Records", "Marketing", "Sales", "Service", "Business Management", "Service Management",
		"Customization", "Missing Entities", flowTab, customTab,
	}
}

// TabIndex is the position of a tab on the role form; what is on none comes last.
func TabIndex(tab string) int {
	if i := slices.Index(Tabs(), tab); i >= 0 {
		return i
	}
	return len(Tabs())
}

const (
	flowTab   = "Business Process Flows"
	customTab = "Custom Entities"
	coreTab   = "Core Records"
)

// Privilege looks a privilege up by its name.
func (c *Catalog) Privilege(name string) (Privilege, bool) {
	added, isAdded := c.privileges[strings.ToLower(name)]
	if line, ok := find(privilegeData, name); ok {
		return c.placed(parsePrivilege(line).overlaid(added)), true
	}
	if !isAdded {
		return Privilege{}, false
	}
	// An environment's own name: the rules fill in what it did not say.
	p, ok := c.derive(name)
	if !ok {
		p.Section = Unknown
	}
	return c.placed(p.overlaid(added)), true
}

// ByID looks a privilege up by its id.
func (c *Catalog) ByID(id string) (Privilege, bool) {
	id = foldID(id)
	if key, ok := c.ids[id]; ok {
		return c.Privilege(key)
	}
	const guidLength = 36
	if len(id) != guidLength {
		return Privilege{}, false
	}
	if line, ok := lineWith(privilegeData, "\t"+id+"\t"); ok {
		return c.Privilege(line[0])
	}
	return Privilege{}, false
}

// ByTable looks up the privilege that guards an action on a table, which may be another table's:
// phone calls are guarded by Activity's, addresses by Account's, order lines by Order's.
func (c *Catalog) ByTable(table string, a Action) (Privilege, bool) {
	if key, ok := c.guards[guarded{strings.ToLower(table), a}]; ok {
		return c.Privilege(key)
	}
	t, ok := c.Table(table)
	if !ok || a == NoAction {
		return Privilege{}, false
	}
	name := "prv" + string(a) + t.Base
	if p, ok := c.Privilege(name); ok && t.Base != "" {
		return p, true
	}
	// A few names break the rule (prvDeleteResourceBookingHeader).
	if odd, ok := rowNames()[guarded{t.Name, a}]; ok {
		return c.Privilege(odd)
	}
	// A table of one environment follows the rules. Where a table's privileges are bundled, all of them are: this one does not exist.
	_, added := c.tables[strings.ToLower(table)]
	_, bundled := find(privilegeData, "prvRead"+t.Base)
	if !added || bundled || t.Ownership == "Organization" && (a == Assign || a == Share) {
		return Privilege{}, false
	}
	return c.Derive(name)
}

// rowNames gives the bundled name for each table's row and column. Making it costs some milliseconds, and waits until the
// naming rule first fails.
var rowNames = sync.OnceValue(func() map[guarded]string {
	names := map[guarded]string{}
	for line := range rows(privilegeData) {
		if line[1] != "" {
			names[guarded{line[2], Action(line[1])}] = line[0]
		}
	}
	return names
})

// Lookup gives what is known of a name, or what the naming rules make of it.
func (c *Catalog) Lookup(name string) (Privilege, bool) {
	if p, ok := c.Privilege(name); ok {
		return p, true
	}
	return c.Derive(name)
}

// All gives every privilege, sorted by lower-cased name.
func (c *Catalog) All() iter.Seq[Privilege] {
	return func(yield func(Privilege) bool) {
		added := c.addedNames().sorted
		for line := range rows(privilegeData) {
			for len(added) > 0 && compareFold(added[0], line[0]) < 0 {
				if p, _ := c.Privilege(added[0]); !yield(p) {
					return
				}
				added = added[1:]
			}
			p := parsePrivilege(line)
			if len(added) > 0 && compareFold(added[0], line[0]) == 0 {
				p = p.overlaid(c.privileges[added[0]])
				added = added[1:]
			}
			if !yield(c.placed(p)) {
				return
			}
		}
		for _, name := range added {
			if p, _ := c.Privilege(name); !yield(p) {
				return
			}
		}
	}
}

// parsePrivilege reads a line of privileges.tsv. Label and tab are empty there where they are those of the table.
func parsePrivilege(f []string) Privilege {
	p := Privilege{
		Name: f[0], Action: Action(f[1]), Table: f[2], Depths: parseDepths(f[3]), ID: f[4],
		Section: Section(f[5]), Group: f[6], Label: f[7], Tab: f[8], Default: f[9] != "",
		Derived: Derived{Name: strings.Contains(f[10], "n"), Tab: strings.Contains(f[10], "t"), Depths: strings.Contains(f[10], "d")},
	}
	if p.Section == "" {
		p.Section = TableSection
	}
	if p.Section != TableSection {
		if line, ok := find(taskData, p.Name); ok {
			p.Allows = line[1]
		}
	}
	return p
}

// placed fills in the label and the tab that a privilege has from its table.
func (c *Catalog) placed(p Privilege) Privilege {
	if t, ok := c.Table(p.Table); ok {
		p.Label, p.Tab = or(p.Label, t.Label), or(p.Tab, t.Tab)
	}
	if p.Tab == "" && p.Derived.Tab {
		p.Tab = customTab
	}
	return p
}

// overlaid gives p with the fields that q knows.
func (p Privilege) overlaid(q Privilege) Privilege {
	// One privilege guards many tables, and metadata names it at each of them. The row that it stands in is none of these.
	if p.Derived.Name {
		p.Table = or(q.Table, p.Table)
	}
	p.Derived.Name = p.Derived.Name && q.Name == ""
	p.Derived.Tab = p.Derived.Tab && q.Tab == ""
	p.Derived.Depths = p.Derived.Depths && !q.Depths.Known()
	p.Name, p.ID, p.Table = or(q.Name, p.Name), or(q.ID, p.ID), or(p.Table, q.Table)
	p.Label, p.Tab, p.Group = or(q.Label, p.Label), or(q.Tab, p.Tab), or(q.Group, p.Group)
	p.Action, p.Section, p.Allows = or(q.Action, p.Action), or(q.Section, p.Section), or(q.Allows, p.Allows)
	p.Depths, p.Default = or(q.Depths, p.Depths), p.Default || q.Default
	return p
}

// or gives a, or b where a is the zero value.
func or[T comparable](a, b T) T {
	var zero T
	if a == zero {
		return b
	}
	return a
}

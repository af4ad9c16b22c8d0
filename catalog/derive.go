package catalog

import "strings"

// Derive works out what a privilege name means by the naming rules alone: prv, an action, and the base of a table.
// Everything but the name's meaning is marked as derived. It declines what is no name: a bare action, a placeholder, a mask.
func (c *Catalog) Derive(name string) (Privilege, bool) {
	p, ok := c.derive(name)
	if !ok {
		return Privilege{}, false
	}
	return c.placed(p), true
}

// derive does the work of Derive without filling in what the table says.
func (c *Catalog) derive(name string) (Privilege, bool) {
	if p, ok := deriveSwitch(name); ok {
		return p, true
	}
	var first Privilege
	for i, s := range splitName(name) {
		t, known := c.tableByBase(s.base)
		p := Privilege{
			Name: name, Action: s.action, Table: t.Name, Section: TableSection, Depths: t.legalDepths(),
			Derived: Derived{Name: true, Tab: true, Depths: true},
		}
		if known {
			return p, true
		}
		if i == 0 {
			first = p
		}
	}
	return first, first.Name != ""
}

// tableByBase finds the table that a base belongs to, or makes up the one that it would belong to.
func (c *Catalog) tableByBase(base string) (Table, bool) {
	// An odd base (User, Note, Order) shows in a privilege of the same base, and Read is the one that nearly all tables have.
	if line, ok := find(privilegeData, "prvRead"+base); ok {
		if t, ok := c.Table(line[2]); ok {
			return t, true
		}
	}
	if t, ok := c.Table(base); ok && compareFold(t.Base, base) == 0 {
		return t, true
	}
	return Table{Name: strings.ToLower(base)}, false
}

type nameParts struct {
	action Action
	base   string
}

// splitName gives the ways to read a name, the likelier first. There are two where AppendTo may be Append and a base
// that starts with "to"; which it is, only a known table can tell.
func splitName(name string) []nameParts {
	if len(name) < len("prv") || compareFold(name[:len("prv")], "prv") != 0 {
		return nil
	}
	rest := name[len("prv"):]
	var parts []nameParts
	for _, a := range []Action{AppendTo, Append, Create, Read, Write, Delete, Assign, Share} {
		if len(rest) <= len(a) || compareFold(rest[:len(a)], string(a)) != 0 {
			continue
		}
		if base := rest[len(a):]; isBase(base) {
			parts = append(parts, nameParts{a, base})
		}
	}
	// "prvAppendTo" alone and "prvAppendToXXX" are not Append on a table "To": the longer action has to stand.
	if len(parts) > 0 && parts[0].action == Append && len(rest) >= len(AppendTo) && compareFold(rest[:len(AppendTo)], string(AppendTo)) == 0 {
		return nil
	}
	return parts
}

// isBase tells whether s can be the base of a table and is not a placeholder such as "XXXX".
func isBase(s string) bool {
	for i := range len(s) {
		letter := 'a' <= lower(s[i]) && lower(s[i]) <= 'z'
		if !letter && (i == 0 || s[i] != '_' && (s[i] < '0' || s[i] > '9')) {
			return false
		}
	}
	return strings.Trim(s, "xX") != ""
}

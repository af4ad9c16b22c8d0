package role

import (
	"cmp"
	"slices"
	"strings"

	"github.com/prvgap/prvgap/catalog"
)

// Lack is what one role lacks of another: a privilege, or a row of the form of which the other's source tells no depth.
type Lack struct {
	Privilege string // "" for a row
	Row       Row
	Have      catalog.Depth // None for a row
	Need      catalog.Depth // None for a row
	// Unknown says that it cannot be told whether anything is lacking: the role holds something in the row,
	// or may do so under a name that the catalog does not know.
	Unknown bool
}

// Lacks tells what have lacks of need: privileges by lower-cased name, then rows in need's order.
func Lacks(have, need Role) []Lack {
	var lacks []Lack
	for _, g := range need.Grants() {
		if held := have.Holds(g.Privilege); held < g.Depth {
			lacks = append(lacks, Lack{Privilege: g.Privilege, Have: held, Need: g.Depth})
		}
	}
	c := catalog.Default()
	foreign := slices.ContainsFunc(have.Grants(), func(g Grant) bool {
		_, known := c.Privilege(g.Privilege)
		return !known
	})
	for _, row := range need.Rows {
		held, deepest := row.held(c, have)
		switch {
		case deepest: // no depth could ask for more
		case held || len(row.Privileges) == 0 && foreign:
			lacks = append(lacks, Lack{Row: row, Unknown: true})
		default:
			lacks = append(lacks, Lack{Row: row})
		}
	}
	return lacks
}

// held tells whether r holds anything in the row, and whether it holds all of it as deep as is legal.
func (row Row) held(c *catalog.Catalog, r Role) (anything, deepest bool) {
	deepest = len(row.Privileges) > 0
	for _, name := range row.Privileges {
		d := r.Holds(name)
		anything = anything || d != catalog.None
		p, _ := c.Privilege(name)
		deepest = deepest && d != catalog.None && d >= p.Depths.Raise(catalog.Global)
	}
	return anything, deepest
}

// Change is a privilege that two roles hold at different depths.
type Change struct {
	Privilege string
	From, To  catalog.Depth
}

// Diff tells what has to change for a to grant what b grants, by lower-cased name.
func Diff(a, b Role) []Change {
	var changes []Change
	for _, g := range a.Grants() {
		if to := b.Holds(g.Privilege); to != g.Depth {
			changes = append(changes, Change{g.Privilege, g.Depth, to})
		}
	}
	for _, g := range b.Grants() {
		if a.Holds(g.Privilege) == catalog.None {
			changes = append(changes, Change{g.Privilege, catalog.None, g.Depth})
		}
	}
	slices.SortFunc(changes, func(x, y Change) int {
		return cmp.Compare(strings.ToLower(x.Privilege), strings.ToLower(y.Privilege))
	})
	return changes
}

// Package role holds what a role grants and compares it with what is needed.
package role

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/prvgap/prvgap/catalog"
)

// Role is a set of grants that a platform attaches to people.
type Role struct {
	Name   string
	ID     string // lower-case GUID without braces, "" where the source has none
	Source string // where it was read from
	// Dialect is the platform that it is of, as denials name it; "" for one that may be held against the findings of any.
	Dialect string
	// File is what it was read from, for the forms of a patch that start from it; nil for a bundled role.
	File []byte

	// Inherited is the member's privilege inheritance as the file has it: "1" for direct user and team privileges,
	// "0" for team privileges only, "" where the file does not say, which an import takes for "1".
	Inherited string
	// Reference says that the file names the role and does not tell what it grants. That it has no grants means nothing.
	Reference bool
	// Managed says that the role came out of a managed solution: what the environment enforces can differ.
	Managed bool
	// Template says that ID is that of a role template, the same in every environment, and not the role's own.
	Template bool
	// Partial says that the source does not hold all that the role grants: written under the role's own id, what is there
	// could strip it.
	Partial bool
	// Nameless says that Name is only that of the file, or the id: the source does not tell the role's own.
	Nameless bool
	// Rows are rows of the role form of which the source tells no depth. Holds and Grants know nothing of them.
	Rows []Row
	// Sealed says that nobody can change it, on a platform where that is so: a copy takes its place.
	Sealed bool
	// Told is what the file itself tells of the privileges that it names, held or not: ids, and the place on the form.
	Told []catalog.Privilege
	// Notes tell what of the source could not be read.
	Notes []string

	grants map[string]Grant
}

// Grant is a privilege at a depth.
type Grant struct {
	Privilege string
	Depth     catalog.Depth
}

// Row is a row of the role form: a table, or a miscellaneous privilege.
type Row struct {
	Tab   string
	Label string
	// Privileges are those that stand in the row, in the order of the form's columns.
	// There are none where the catalog does not know the table.
	Privileges []string
}

// New returns a role without grants.
func New(name, id, source string) Role {
	return Role{Name: name, ID: id, Source: source, grants: map[string]Grant{}}
}

// Grant adds a grant; of two for one privilege the deeper counts. None is no grant.
func (r *Role) Grant(privilege string, d catalog.Depth) {
	if d == catalog.None {
		return
	}
	key := strings.ToLower(privilege)
	if old, ok := r.grants[key]; ok && old.Depth >= d {
		return
	}
	r.grants[key] = Grant{privilege, d}
}

// Holds returns the depth at which r holds a privilege; names are compared
// without regard to case, as hand-made role files do not keep it.
func (r Role) Holds(privilege string) catalog.Depth {
	return r.grants[strings.ToLower(privilege)].Depth
}

// Grants returns the grants sorted by lower-cased name, the order of role files.
func (r Role) Grants() []Grant {
	return slices.SortedFunc(maps.Values(r.grants), func(a, b Grant) int {
		return cmp.Compare(strings.ToLower(a.Privilege), strings.ToLower(b.Privilege))
	})
}

// Len returns the number of grants.
func (r Role) Len() int { return len(r.grants) }

// Clone returns a copy that can be granted to without changing r.
func (r Role) Clone() Role {
	r.grants = maps.Clone(r.grants)
	if r.grants == nil {
		r.grants = map[string]Grant{}
	}
	r.Rows, r.Told, r.Notes = slices.Clone(r.Rows), slices.Clone(r.Told), slices.Clone(r.Notes)
	return r
}

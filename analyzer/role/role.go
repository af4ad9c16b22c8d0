// Package role holds what a role grants and compares it with what is needed.
package role

import (
	"cmp"
	"slices"
	"strings"

	"github.com/prvgap/prvgap/catalog"
)

// Role is a set of grants that a platform attaches to people.
type Role struct {
	Name   string
	ID     string // lower-case GUID without braces, "" where the source has none
	Source string // where it was read from
	grants map[string]Grant
}

// Grant is a privilege at a depth.
type Grant struct {
	Privilege string
	Depth     catalog.Depth
}

// New returns a role without grants.
func New(name, id, source string) Role {
	return Role{Name: name, ID: id, Source: source, grants: map[string]Grant{}}
}

// Grant adds a grant; of two for one privilege the deeper counts.
func (r *Role) Grant(privilege string, d catalog.Depth) {
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
	gs := make([]Grant, 0, len(r.grants))
	for _, g := range r.grants {
		gs = append(gs, g)
	}
	slices.SortFunc(gs, func(a, b Grant) int {
		return cmp.Compare(strings.ToLower(a.Privilege), strings.ToLower(b.Privilege))
	})
	return gs
}

// Len returns the number of grants.
func (r Role) Len() int { return len(r.grants) }

// Clone returns a copy that can be granted to without changing r.
func (r Role) Clone() Role {
	c := New(r.Name, r.ID, r.Source)
	for _, g := range r.grants {
		c.Grant(g.Privilege, g.Depth)
	}
	return c
}

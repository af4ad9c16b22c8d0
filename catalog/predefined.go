package catalog

import (
	"iter"
	"maps"
	"slices"
	"strings"
)

// PredefinedRoles names the roles that the platform ships and whose privileges are bundled, sorted.
func (c *Catalog) PredefinedRoles() []string {
	names := map[string]bool{}
	for line := range rows(predefinedData) {
		for held := range strings.SplitSeq(line[1], ";") {
			name, _, _ := strings.Cut(held, "=")
			names[name] = true
		}
	}
	return slices.Sorted(maps.Keys(names))
}

// Predefined gives the privileges of a role that the platform ships and their depths, sorted by lower-cased name.
func (c *Catalog) Predefined(role string) iter.Seq2[string, Depth] {
	return func(yield func(string, Depth) bool) {
		for line := range rows(predefinedData) {
			if d, ok := heldBy(role, line); ok && !yield(line[0], d) {
				return
			}
		}
	}
}

// predefined gives the depth at which a role that the platform ships holds a privilege.
func predefined(role, privilege string) (Depth, bool) {
	line, ok := find(predefinedData, privilege)
	if !ok {
		return None, false
	}
	return heldBy(role, line)
}

// heldBy reads a line of predefined.tsv: the privilege and "Role=letter" for each role, between semicolons.
func heldBy(role string, line []string) (Depth, bool) {
	for held := range strings.SplitSeq(line[1], ";") {
		if letter, ok := strings.CutPrefix(held, role+"="); ok {
			return parseDepths(letter).Raise(Basic), true
		}
	}
	return None, false
}

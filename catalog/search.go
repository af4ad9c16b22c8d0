package catalog

import (
	"cmp"
	"slices"
	"strings"
)

// Search gives the privileges in whose name, label, table or tab every word occurs, sorted by lower-cased name.
func (c *Catalog) Search(words string) []Privilege {
	wanted := strings.Fields(strings.ToLower(words))
	var found []Privilege
	for p := range c.All() {
		text := strings.ToLower(p.Name + "\t" + p.Label + "\t" + p.Table + "\t" + p.Tab)
		if !slices.ContainsFunc(wanted, func(w string) bool { return !strings.Contains(text, w) }) {
			found = append(found, p)
		}
	}
	return found
}

// Extends reports whether a longer known name begins with name: a text that ends with name may then be cut short.
func (c *Catalog) Extends(name string) bool {
	longer := func(known string) bool {
		return len(known) > len(name) && strings.EqualFold(known[:len(name)], name)
	}
	for line := range strings.Lines(body(privilegeData)) {
		if first, _, _ := strings.Cut(line, "\t"); longer(first) {
			return true
		}
	}
	return slices.ContainsFunc(c.addedNames(), longer)
}

// Nearest gives up to n names that a mistyped name may have meant, the nearest first.
func (c *Catalog) Nearest(name string, n int) []string {
	name = strings.ToLower(name)
	limit := max(len("prv"), len(name)/4) // beyond this a hint confuses more than it helps
	type near struct {
		name     string
		distance int
	}
	var found []near
	consider := func(candidate string) {
		if d := distance(name, strings.ToLower(candidate), limit); d <= limit {
			found = append(found, near{candidate, d})
		}
	}
	for line := range strings.Lines(body(privilegeData)) {
		first, _, _ := strings.Cut(line, "\t")
		consider(first)
	}
	for _, key := range c.addedNames() {
		if _, bundled := find(privilegeData, key); !bundled {
			consider(c.privileges[key].Name)
		}
	}
	slices.SortStableFunc(found, func(a, b near) int {
		return cmp.Or(cmp.Compare(a.distance, b.distance), compareFold(a.name, b.name))
	})
	var names []string
	for _, f := range found[:min(max(n, 0), len(found))] {
		names = append(names, f.name)
	}
	return names
}

// distance counts the letters to insert, delete or change from a to b. It stops counting beyond limit.
func distance(a, b string, limit int) int {
	if len(a)-len(b) > limit || len(b)-len(a) > limit {
		return limit + 1
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal, least := row[0], i+1
		row[0] = i + 1
		for j := range len(b) {
			change := diagonal
			if a[i] != b[j] {
				change++
			}
			diagonal = row[j+1]
			row[j+1] = min(change, row[j]+1, row[j+1]+1)
			least = min(least, row[j+1])
		}
		if least > limit {
			return limit + 1
		}
	}
	return row[len(b)]
}

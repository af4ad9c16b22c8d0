package catalog

import (
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

package dataverse

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/prvgap/prvgap/analyzer/role"
	"github.com/prvgap/prvgap/catalog"
	"github.com/prvgap/prvgap/har/pattern"
)

// Check tells why a patch cannot be written: a name that is none, or a depth that its privilege does not allow. One
// illegal depth makes the platform refuse the whole file, so no form is written with one.
func Check(p role.Patch) error {
	_, err := legalAdditions(p.Additions)
	return err
}

// privilegeName is what every observed name looks like. Names come from captures, so anything else stays out of a file.
var privilegeName = pattern.Compile(`^(?i:prv)[A-Za-z0-9_]{1,253}$`)

// legalAdditions checks additions and gives them sorted, one for each privilege; of two the deeper counts.
func legalAdditions(as []role.Addition) ([]role.Addition, error) {
	out := make([]role.Addition, 0, len(as))
	at := map[string]int{}
	for _, a := range as {
		switch {
		case !privilegeName().MatchString(a.Privilege):
			return nil, fmt.Errorf("adding %q: not the name of a privilege", a.Privilege)
		case a.To == catalog.None || a.To > catalog.Global:
			return nil, fmt.Errorf("adding %s: depth %s grants nothing", a.Privilege, a.To)
		case a.Legal.Known() && !a.Legal.Has(a.To):
			return nil, fmt.Errorf("adding %s: depth %s is not legal for it, only %s", a.Privilege, a.To, depthList(a.Legal))
		}
		key := strings.ToLower(a.Privilege)
		i, seen := at[key]
		if !seen {
			at[key] = len(out)
			out = append(out, a)
		} else if a.To > out[i].To {
			out[i].To = a.To
		}
	}
	slices.SortFunc(out, func(a, b role.Addition) int {
		return cmp.Compare(strings.ToLower(a.Privilege), strings.ToLower(b.Privilege))
	})
	return out, nil
}

func depthList(ds catalog.Depths) string {
	var names []string
	for _, d := range ds.List() {
		names = append(names, d.String())
	}
	return strings.Join(names, ", ")
}

// Updatable refuses a role that an import cannot update, with the reason. The template's id decides, and the name too: a
// file may carry the environment's id for a role of the platform.
func Updatable(r role.Role) error {
	title := roleTemplates[plainID(r.ID)]
	if title == "" {
		title = strings.TrimSpace(r.Name)
	}
	switch {
	case strings.EqualFold(title, "System Administrator"):
		return errors.New("updating the role System Administrator: nobody can edit it, and it holds every privilege already")
	case strings.EqualFold(title, "Support User"):
		return errors.New("updating the role Support User: an import leaves it as it is")
	case r.Reference:
		return fmt.Errorf("updating the role %q: the file only refers to it, and an import leaves such a role out", title)
	}
	return nil
}

// cut shortens s to n UTF-16 units, in which the platform counts, at a rune's end.
func cut(s string, n int) string {
	for i, r := range s {
		w := 1
		if r > 0xFFFF {
			w = 2
		}
		if n -= w; n < 0 {
			return s[:i]
		}
	}
	return s
}

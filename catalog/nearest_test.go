package catalog

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// edited gives s with a few random letters inserted, deleted, changed or in the other case.
func edited(rng *rand.Rand, s string, edits int) string {
	b := []byte(s)
	for range edits {
		at, letter := rng.IntN(len(b)+1), "aeprvTX_9*"[rng.IntN(10)]
		switch {
		case at == len(b) || rng.IntN(3) == 0:
			b = slices.Insert(b, at, letter)
		case rng.IntN(2) == 0:
			b = slices.Delete(b, at, at+1)
		default:
			b[at] = letter
		}
	}
	return string(b)
}

// plainDistance is the distance by its definition: the whole table, of which a row needs the one above it.
func plainDistance(a, b string) int {
	above, row := make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range above {
		above[j] = j
	}
	for i := range len(a) {
		row[0] = i + 1
		for j := range len(b) {
			change := above[j]
			if a[i] != b[j] {
				change++
			}
			row[j+1] = min(change, above[j+1]+1, row[j]+1)
		}
		above, row = row, above
	}
	return above[len(b)]
}

// plainNearest is Nearest by its definition: every name is measured, and the nearest are taken.
func plainNearest(known []string, name string, n int) []string {
	name = strings.ToLower(name)
	distances := map[string]int{}
	var found []string
	for _, k := range known {
		if d := plainDistance(name, strings.ToLower(k)); d <= max(3, len(name)/4) {
			distances[k] = d
			found = append(found, k)
		}
	}
	slices.SortFunc(found, func(a, b string) int {
		return cmp.Or(cmp.Compare(distances[a], distances[b]), cmp.Compare(strings.ToLower(a), strings.ToLower(b)))
	})
	return found[:min(n, len(found))]
}

func TestNearestIsByDefinition(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	c := Default()
	for i := range 200 { // one environment's own, some of them longer than a word has bits
		c.Add(Privilege{Name: fmt.Sprintf("prvReadnew_%sThing%d", strings.Repeat("Longer", rng.IntN(17)), i)})
	}
	c.Add(Privilege{Name: "prvReadAccount", Label: "Company"})
	var known []string
	for p := range c.All() {
		known = append(known, p.Name)
	}
	for range 12 {
		name := known[rng.IntN(len(known))]
		name = edited(rng, name, rng.IntN(len(name)/3))
		n := 1 + rng.IntN(4)
		if got, want := c.Nearest(name, n), plainNearest(known, name, n); !slices.Equal(got, want) {
			t.Errorf("Nearest(%q, %d) = %q, want %q", name, n, got, want)
		}
	}
	if got := c.Nearest(strings.Repeat("\xff", longestName), 1); got != nil {
		t.Errorf("a name that grows in lower case is near to %q", got)
	}
}

func TestDistance(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	for range 5_000 {
		name := "a" + strings.ToLower(edited(rng, strings.Repeat("prvAx", rng.IntN(25)), rng.IntN(7)))
		other := edited(rng, name, rng.IntN(len(name)))
		limit := rng.IntN(longestName)
		want := min(plainDistance(name, strings.ToLower(other)), limit+1)
		if got := newRuler(name).distance(other, limit); got != want {
			t.Fatalf("from %q to %q, limit %d: %d, want %d", name, other, limit, got, want)
		}
	}
}

// TestExtends: a name is the beginning of longer ones, whether these are bundled or were added.
func TestExtends(t *testing.T) {
	c := Default()
	c.Add(Privilege{Name: "prvReadnew_Thing"})
	all := slices.Collect(c.All())
	for i := 0; i < len(all); i += 7 {
		for _, name := range []string{all[i].Name, strings.ToUpper(all[i].Name[:len(all[i].Name)-1]), all[i].Name + "s", "prvreadNew_thin"} {
			want := slices.ContainsFunc(all, func(p Privilege) bool {
				return len(p.Name) > len(name) && strings.EqualFold(p.Name[:len(name)], name)
			})
			if got := c.Extends(name); got != want {
				t.Errorf("Extends(%q) = %v", name, got)
			}
		}
	}
}

// BenchmarkNearestOfNone measures a name that is near to no other, as a hostile capture may have thousands of.
func BenchmarkNearestOfNone(b *testing.B) {
	for _, name := range []string{"prvDoWidget12345", "prvManageSalesEntityWidgetJourneyBulk12345", "prvManageSalesEntityWidgetJourneyBulkSegmentProcessPlanSetupExec12345"} {
		b.Run(fmt.Sprint(len(name)), func(b *testing.B) {
			for b.Loop() {
				Default().Nearest(name, 1)
			}
		})
	}
}

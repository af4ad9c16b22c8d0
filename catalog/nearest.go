package catalog

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"sync"
)

// nameList is privilege names in the two orders in which they are looked through.
type nameList struct {
	sorted   []string   // by their bytes with A-Z taken as a-z
	byLength [][]string // the index is the length
}

func (l *nameList) add(name string) {
	l.sorted = append(l.sorted, name)
	if len(name) > 2*longestName {
		return // near to none, and an environment can name one of megabytes
	}
	for len(l.byLength) <= len(name) {
		l.byLength = append(l.byLength, nil)
	}
	l.byLength[len(name)] = append(l.byLength[len(name)], name)
}

// ofLength gives the names of so many bytes.
func (l *nameList) ofLength(n int) []string {
	if n < 0 || n >= len(l.byLength) {
		return nil
	}
	return l.byLength[n]
}

// extends reports whether a longer name begins with name.
func (l *nameList) extends(name string) bool {
	i, found := slices.BinarySearchFunc(l.sorted, name, compareFold)
	if found {
		i++
	}
	return i < len(l.sorted) && len(l.sorted[i]) > len(name) && compareFold(l.sorted[i][:len(name)], name) == 0
}

// bundledNames is made when first asked for: looking a name up never needs it.
var bundledNames = sync.OnceValue(func() *nameList {
	l := &nameList{}
	for line := range strings.Lines(body(privilegeData)) {
		name, _, _ := strings.Cut(line, "\t")
		l.add(name)
	}
	return l
})

// addedNames gives the keys of the privileges that were added.
func (c *Catalog) addedNames() *nameList {
	if l := c.names.Load(); l != nil {
		return l
	}
	l := &nameList{}
	for _, key := range slices.Sorted(maps.Keys(c.privileges)) {
		l.add(key)
	}
	c.names.Store(l)
	return l
}

// Extends reports whether a longer known name begins with name: a text that ends with name may then be cut short.
func (c *Catalog) Extends(name string) bool {
	return bundledNames().extends(name) || c.addedNames().extends(name)
}

// Nearest gives up to n names that a mistyped name may have meant, the nearest first.
func (c *Catalog) Nearest(name string, n int) []string {
	name = strings.ToLower(name)
	if name == "" || len(name) > longestName || n <= 0 {
		return nil
	}
	limit := max(len("prv"), len(name)/4) // beyond this a hint confuses more than it helps
	var found []near
	keep := func(name string, distance int) {
		one := near{name, distance}
		at, _ := slices.BinarySearchFunc(found, one, compareNear)
		if found = slices.Insert(found, at, one); len(found) >= n {
			found = found[:n]
			limit = found[n-1].distance
		}
	}
	r, added := newRuler(name), c.addedNames()
	for length := len(name) - limit; length <= len(name)+limit; length++ {
		for _, known := range bundledNames().ofLength(length) {
			if d := r.distance(known, limit); d <= limit {
				keep(known, d)
			}
		}
		for _, key := range added.ofLength(length) {
			if d := r.distance(key, limit); d <= limit {
				if _, bundled := find(privilegeData, key); !bundled {
					keep(c.privileges[key].Name, d)
				}
			}
		}
	}
	var names []string
	for _, f := range found {
		names = append(names, f.name)
	}
	return names
}

// near is a name at a distance from the one that is looked for.
type near struct {
	name     string
	distance int
}

func compareNear(a, b near) int {
	return cmp.Or(cmp.Compare(a.distance, b.distance), compareFold(a.name, b.name))
}

// longestName is more than the platform allows the name of a privilege to have, which is 100.
const longestName = 2 * wordSize

const wordSize = 64

// ruler measures how far names lie from one: the letters to insert, delete or change. A capture may name a hundred
// thousand privileges that do not exist, and each is held against thousands that do. Hence Myers' algorithm: of the usual
// table of distances, with a row for each letter of the one name and a column for each of the other, only the steps from
// each row to the next are kept, which are +1, 0 or -1, as two bits, and a column is made of the one before it in some
// twenty operations on whole words.
type ruler struct {
	length int
	places [256][2]uint64 // where in the name each byte stands, in either case
}

// newRuler measures from a name in lower case of 1 to longestName bytes.
func newRuler(name string) *ruler {
	r := &ruler{length: len(name)}
	for i := range len(name) {
		r.places[name[i]][i/wordSize] |= 1 << (i % wordSize)
	}
	for c := 'a'; c <= 'z'; c++ {
		r.places[c+'A'-'a'] = r.places[c]
	}
	return r
}

// distance counts from the ruler's name to another. Beyond limit it stops counting, and gives limit+1.
func (r *ruler) distance(other string, limit int) int {
	top, bottom := column{plus: ^uint64(0)}, column{plus: ^uint64(0)} // the first column counts the letters above
	last := uint(r.length-1) % wordSize
	d := r.length
	for i := range len(other) {
		places := &r.places[other[i]]
		up, down := top.next(places[0], 1, 0) // and the first row those before
		if r.length > wordSize {
			up, down = bottom.next(places[1], up>>(wordSize-1), down>>(wordSize-1))
		}
		d += int(up>>last&1) - int(down>>last&1)
		if d-(len(other)-1-i) > limit { // each letter that is left takes 1 away at most
			return limit + 1
		}
	}
	return d
}

// column is the steps of +1 and -1 down a column, 64 rows of it.
type column struct{ plus, minus uint64 }

// next goes on to the next column, whose letter stands in the rows of places. It takes the step along the row above the
// column, which is in the lowest bit of up or down, and gives those along its rows.
func (c *column) next(places, up, down uint64) (ups, downs uint64) {
	diagonal := places | c.minus
	places |= down
	still := ((places & c.plus) + c.plus) ^ c.plus | places
	ups, downs = c.minus|^(still|c.plus), c.plus&still
	up, down = ups<<1|up, downs<<1|down
	c.plus, c.minus = down|^(diagonal|up), up&diagonal
	return ups, downs
}

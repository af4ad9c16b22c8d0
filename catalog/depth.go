package catalog

import (
	"fmt"
	"strings"
)

// Depth is how far a privilege reaches. Depths are ordered: a deeper one includes the shallower ones.
type Depth uint8

// The depths, in the platform's order.
const (
	None Depth = iota
	Basic
	Local
	Deep
	Global
)

// depthNames holds, per depth: the name in files, the label on the form, the symbol and the letter of the data files.
var depthNames = [...]struct{ name, label, symbol, letter string }{
	None:   {"None", "None", "○", "-"},
	Basic:  {"Basic", "User", "◔", "B"},
	Local:  {"Local", "Business Unit", "◑", "L"},
	Deep:   {"Deep", "Parent: Child Business Units", "◕", "D"},
	Global: {"Global", "Organization", "●", "G"},
}

// depthWords maps a spelling, folded by foldDepth, to its depth.
// Numbers are left out on purpose: masks (1, 2, 4, 8), API depths (0 to 3) and the role editor's (0 to 4) contradict each other.
var depthWords = map[string]Depth{
	"none": None, "noneselected": None, "○": None,
	"basic": Basic, "user": Basic, "◔": Basic,
	"local": Local, "businessunit": Local, "◑": Local,
	"deep": Deep, "parentchild": Deep, "parentchildbusinessunit": Deep, "parentchildbusinessunits": Deep, "◕": Deep,
	"global": Global, "organization": Global, "organisation": Global, "●": Global,
}

// depthNoise drops what the spellings of one depth differ in: spaces and the punctuation of "Parent: Child Business Unit(s)".
var depthNoise = strings.NewReplacer(" ", "", "\t", "", "\u00a0", "", ":", "", "-", "", "_", "", "(", "", ")", "")

// String gives the name that role XML, JSON and flags use.
func (d Depth) String() string {
	if d > Global {
		return fmt.Sprintf("Depth(%d)", uint8(d))
	}
	return depthNames[d].name
}

// Label gives the words that the role form shows.
func (d Depth) Label() string {
	if d > Global {
		return d.String()
	}
	return depthNames[d].label
}

// Symbol gives the circle that the role form draws.
func (d Depth) Symbol() string {
	if d > Global {
		return "?"
	}
	return depthNames[d].symbol
}

// MarshalText writes the name.
func (d Depth) MarshalText() ([]byte, error) {
	if d > Global {
		return nil, fmt.Errorf("writing depth %d: no such depth", uint8(d))
	}
	return []byte(d.String()), nil
}

// UnmarshalText reads whatever ParseDepth reads.
func (d *Depth) UnmarshalText(text []byte) error {
	v, ok := ParseDepth(string(text))
	if !ok {
		return fmt.Errorf("reading depth %q: not None, Basic, Local, Deep or Global", text)
	}
	*d = v
	return nil
}

// ParseDepth reads a depth spelled in words or as a symbol, in any case, with or without "Level" behind it.
// A bare number is never a depth: three numberings are in use, and only the caller can know which one it reads.
func ParseDepth(s string) (Depth, bool) {
	word := depthNoise.Replace(strings.ToLower(strings.TrimSpace(s)))
	if d, ok := depthWords[word]; ok {
		return d, true
	}
	d, ok := depthWords[strings.TrimSuffix(word, "level")]
	return d, ok
}

// Depths is a set of depths. The zero value means that the set is not known, not that it is empty:
// a privilege that no depth is legal for does not exist.
type Depths uint8

// MakeDepths makes a set. None is left out: not holding a privilege is always legal.
func MakeDepths(ds ...Depth) Depths {
	var s Depths
	for _, d := range ds {
		if d > None && d <= Global {
			s |= 1 << d
		}
	}
	return s
}

// Has tells whether the set holds d.
func (s Depths) Has(d Depth) bool { return s&(1<<d) != 0 }

// Known tells whether the legal depths are known at all.
func (s Depths) Known() bool { return s != 0 }

// List gives the depths of the set, the shallowest first.
func (s Depths) List() []Depth {
	var ds []Depth
	for d := Basic; d <= Global; d++ {
		if s.Has(d) {
			ds = append(ds, d)
		}
	}
	return ds
}

// Raise gives the least legal depth that is not below d, or the deepest legal one where none is that deep.
// None stays None, and so does any depth where the legal ones are not known.
// One illegal depth makes the platform refuse a whole role file, so every depth that is proposed goes through here.
func (s Depths) Raise(d Depth) Depth {
	if !s.Known() || d == None {
		return d
	}
	legal := s.List()
	for _, l := range legal {
		if l >= d {
			return l
		}
	}
	return legal[len(legal)-1]
}

// parseDepths reads the letters of a data file, such as "BLDG".
func parseDepths(letters string) Depths {
	var s Depths
	for d := Basic; d <= Global; d++ {
		if strings.Contains(letters, depthNames[d].letter) {
			s |= MakeDepths(d)
		}
	}
	return s
}

package dataverse

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/prvgap/prvgap/analyzer/role"
	"github.com/prvgap/prvgap/catalog"
)

// Patch is a proposal put into words that a role file can take.
type Patch struct {
	Base       role.Role
	Additions  []Addition // sorted by lower-cased privilege name
	Provenance Provenance
}

// Addition is one grant that the base role lacks, or holds too shallow.
type Addition struct {
	Privilege string
	ID        string // of the privilege, "" if not known
	From, To  catalog.Depth
	Legal     catalog.Depths // the zero value means not known, and then every depth passes
}

// Provenance tells what a patch was made by and from. An empty field is left out of the lines.
type Provenance struct {
	Version, Catalog string
	Captures         []Digest
	Base             string
	Date             string // given by whoever runs the tool: a clock would make every run another file
}

// Digest names a capture and the content it had.
type Digest struct{ Name, SHA256 string }

// Lines gives the provenance as one line a fact, for comments and descriptions. No line holds a line break or another
// control character, whatever a capture is called: a name must not be able to end the comment it stands in.
func (p Provenance) Lines() []string {
	maker := strings.TrimSpace("prvgap " + p.Version)
	if p.Catalog != "" {
		maker += " (catalog " + p.Catalog + ")"
	}
	lines := []string{maker}
	for _, c := range p.Captures {
		line := "from capture " + c.Name
		if c.SHA256 != "" {
			line += " sha256 " + c.SHA256
		}
		lines = append(lines, line)
	}
	if p.Base != "" {
		lines = append(lines, "base "+p.Base)
	}
	if p.Date != "" {
		lines = append(lines, "date "+p.Date)
	}
	for i, l := range lines {
		lines[i] = oneLine(l)
	}
	return lines
}

// Check tells why a patch cannot be written: a name that is none, or a depth that its privilege does not allow. One
// illegal depth makes the platform refuse the whole file, so no form is written with one.
func (p Patch) Check() error {
	_, err := legalAdditions(p.Additions)
	return err
}

// privilegeName is what every observed name looks like. Names come from captures, so anything else stays out of a file.
var privilegeName = compile(`^(?i:prv)[A-Za-z0-9_]{1,253}$`)

// legalAdditions checks additions and gives them sorted, one for each privilege; of two the deeper counts.
func legalAdditions(as []Addition) ([]Addition, error) {
	out := make([]Addition, 0, len(as))
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
	slices.SortFunc(out, func(a, b Addition) int {
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

// oneLine puts a blank for everything that could end or hide a line, and mends broken UTF-8.
func oneLine(s string) string {
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if !xmlRune(r) || unicode.IsControl(r) || r == '\u2028' || r == '\u2029' {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, string(utf8.RuneError))))
}

// xmlRune tells whether XML 1.0 can hold a rune at all, escaped or not.
func xmlRune(r rune) bool {
	switch {
	case r == '\t' || r == '\n' || r == '\r':
		return true
	case r < 0x20 || r == 0xFFFE || r == 0xFFFF:
		return false
	}
	return r <= unicode.MaxRune
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

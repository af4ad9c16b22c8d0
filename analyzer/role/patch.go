package role

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/prvgap/prvgap/catalog"
)

// Patch is a proposal put into words that a role file can take.
type Patch struct {
	Base       Role
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
		lines[i] = OneLine(l)
	}
	return lines
}

// OneLine puts a blank for everything that could end or hide a line, and mends broken UTF-8. What it gives can
// stand in XML too.
func OneLine(s string) string {
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

package report

import (
	"bytes"
	"encoding/csv"
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"

	"github.com/prvgap/prvgap/analyzer/role"
	"github.com/prvgap/prvgap/catalog"
)

// Every bundled role draws within 80 columns, and each of its grants stands in exactly one cell.
func TestForm(t *testing.T) {
	for _, l := range role.BundledNames() {
		r, _ := role.Bundled(l.Name)
		held := 0
		for _, row := range form(r) {
			for _, c := range row.cells {
				if c.depth != catalog.None {
					held++
					if r.Holds(c.name) != c.depth {
						t.Errorf("%s: %s at %s", l.Name, c.name, c.depth)
					}
				}
			}
		}
		if held != r.Len() {
			t.Errorf("%s: %d cells for %d grants", l.Name, held, r.Len())
		}
		if r.Len() > 1000 { // slow to draw, and nothing new
			continue
		}
		var b bytes.Buffer
		if err := WriteRole(&b, r, Options{Width: 80}); err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(b.String()) {
			if n := ansi.StringWidth(strings.TrimSuffix(line, "\n")); n > 80 {
				t.Errorf("%s: %d columns: %s", l.Name, n, line)
			}
		}
	}
}

// A role out of a file can hold anything; none of it steers the terminal or the spreadsheet.
func TestHostileRole(t *testing.T) {
	r := role.New("a\x1b[31m\u202eb", "", "f\ril\ne")
	r.Notes = []string{"\x1b]0;x\a"}
	for _, name := range []string{"=cmd|'/c calc'!A1", "prvRead\x1b[2Jx", "", "prv", "prvRead", strings.Repeat("prvWrite_", 99), "prvAppendToprvAppendTo", "@x", "prvReadÄ"} {
		r.Grant(name, catalog.Deep)
	}
	r.Rows = []role.Row{{Tab: "\x1b", Label: "=1"}}
	var text, matrix, lacks bytes.Buffer
	empty := role.New("", "", "")
	for _, err := range []error{
		WriteRole(&text, r, Options{Width: 80}), WriteRoleMatrix(&matrix, r), WriteRoleJSON(&text, r),
		WriteLacks(&text, empty, r, "text", Options{Width: 80}),
		WriteLacks(&lacks, empty, r, "csv", Options{}),
		WriteDiff(&text, empty, r, "text", Options{}),
		WriteRoleList(&text, []role.Listed{{Name: "\x1b", About: "\x1b"}}, Options{}),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	if strings.ContainsAny(text.String()+matrix.String()+lacks.String(), "\x1b\a\r\u202e") {
		t.Errorf("%q", text.String())
	}
	for _, b := range []*bytes.Buffer{&matrix, &lacks} {
		c := csv.NewReader(b)
		c.FieldsPerRecord = -1
		rows, err := c.ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range rows {
			for _, cell := range row {
				if cell != "" && strings.ContainsRune("=@+-", rune(cell[0])) {
					t.Errorf("cell %q", cell)
				}
			}
		}
	}
}

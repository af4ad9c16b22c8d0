package dataverse

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/prvgap/prvgap/analyzer/role"
)

// maxPreamble is the number of lines that may stand before a matrix's header.
const maxPreamble = 50

// readMatrixCSV reads a role matrix. ok tells whether the text is one at all.
func readMatrixCSV(name string, data []byte) (roles []role.Role, ok bool, err error) {
	for _, comma := range ",;\t|" {
		m := newMatrix()
		if !hasHeader(m, data, comma) {
			continue
		}
		m = newMatrix()
		r := csvReader(data, comma)
		for {
			cells, line, col, err := r.next()
			if errors.Is(err, io.EOF) {
				return []role.Role{m.done()}, true, nil
			}
			if err != nil {
				return nil, true, fmt.Errorf("reading %s: %w", name, err)
			}
			if len(m.names) == 0 { // not yet at the header
				m.preamble(cells)
				continue
			}
			if err := m.row(cells); err != nil {
				return nil, true, placed(err, name, line, col)
			}
		}
	}
	return nil, false, nil
}

// placed puts a place before an error and keeps its hint.
func placed(err error, name string, line, col int) error {
	out := &RoleError{Err: fmt.Errorf("reading %s:%d:%d: %w", name, line, col, err)}
	var inner *RoleError
	if errors.As(err, &inner) {
		out.Hint = inner.Hint
	}
	return out
}

// preamble takes a line before the header, which may name the role.
func (m *matrix) preamble(cells []string) {
	if m.header(cells) || len(cells) < 2 {
		return
	}
	if fold(cells[0]) == "role" || fold(cells[0]) == "rolename" {
		m.role.Name = cells[1]
	}
}

func hasHeader(m *matrix, data []byte, comma rune) bool {
	const enough = 64 << 10 // bytes within which a header stands
	r := csvReader(data[:min(len(data), enough)], comma)
	for range maxPreamble {
		cells, _, _, err := r.next()
		if err != nil {
			return false
		}
		if m.header(cells) {
			return true
		}
	}
	return false
}

type matrixCSV struct{ *csv.Reader }

func csvReader(data []byte, comma rune) matrixCSV {
	r := csv.NewReader(bytes.NewReader(data))
	r.Comma, r.FieldsPerRecord, r.LazyQuotes = comma, -1, true
	return matrixCSV{r}
}

// next gives a line's cells without blanks around them, nor the apostrophe that keeps a spreadsheet from computing.
func (r matrixCSV) next() (cells []string, line, col int, err error) {
	cells, err = r.Read()
	if err != nil {
		return nil, 0, 0, err
	}
	line, col = r.FieldPos(0)
	for i, c := range cells {
		c = strings.TrimSpace(c)
		if len(c) > 1 && c[0] == '\'' && strings.IndexByte("=+-@", c[1]) >= 0 {
			c = c[1:]
		}
		cells[i] = c
	}
	return cells, line, col, nil
}

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

// delimiters are what the cells of a line can stand between.
const delimiters = ",;\t|"

// matrixHint says what the header of a matrix must be.
const matrixHint = "the header must have the role form's words in English: Name, Create, Read, Write, Delete, Append, Append To, Assign, Share"

// readMatrixCSV reads a role matrix. ok tells whether the text is one at all.
func readMatrixCSV(name string, data []byte) (roles []role.Role, ok bool, err error) {
	// Excel for Mac ends lines with CR alone; within quotes too, a line break is one whatever its bytes are.
	data = bytes.ReplaceAll(bytes.ReplaceAll(data, []byte("\r\n"), []byte("\n")), []byte("\r"), []byte("\n"))
	for _, comma := range delimiters {
		if hasHeader(newMatrix(), data, comma) {
			r, err := readRows(name, csvReader(data, comma))
			if err != nil {
				return nil, true, err
			}
			return []role.Role{r}, true, nil
		}
	}
	return nil, false, nil
}

func readRows(name string, r matrixCSV) (role.Role, error) {
	m := newMatrix()
	for {
		cells, err := r.next()
		var broken *csv.ParseError
		switch {
		case errors.Is(err, io.EOF) && m.marks == 0:
			return m.role, roleError("below the header each row needs a table's name and at least one level (User, Business Unit, …, Organization, or None)",
				"reading %s: no row of this matrix has a level", name)
		case errors.Is(err, io.EOF):
			return m.done(), nil
		case errors.As(err, &broken):
			err = roleError(`write a quote within a cell twice (""), and end every quoted cell with one`,
				"a quote (\") that is not closed or stands within a cell, in the row that begins in line %d", broken.StartLine)
			return m.role, placed(err, name, broken.Line, broken.Column)
		case err != nil:
			return m.role, fmt.Errorf("reading %s: %w", name, err)
		case len(m.names) == 0: // not yet at the header
			m.preamble(cells)
		default:
			if err := m.row(cells); err != nil {
				line, col := r.FieldPos(min(m.at, len(cells)-1))
				return m.role, placed(err, name, line, col)
			}
		}
	}
}

// placed puts a place before an error and keeps its hint.
func placed(err error, name string, line, col int) error {
	out := &role.Error{Err: fmt.Errorf("reading %s:%d:%d: %w", name, line, col, err)}
	var inner *role.Error
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
	r.LazyQuotes = true // the cut may go through quotes
	for range maxPreamble {
		cells, err := r.next()
		if err != nil {
			return false
		}
		if m.header(cells) {
			return true
		}
	}
	return false
}

// isTabular tells whether a text without a header that is known looks like a table all the same.
func isTabular(text []byte) bool {
	const enough = 4 // delimiters in the first line
	line, _, _ := bytes.Cut(text, []byte("\n"))
	for _, d := range delimiters {
		if bytes.Count(line, []byte(string(d))) >= enough {
			return true
		}
	}
	return false
}

type matrixCSV struct{ *csv.Reader }

func csvReader(data []byte, comma rune) matrixCSV {
	r := csv.NewReader(bytes.NewReader(data))
	r.Comma, r.FieldsPerRecord = comma, -1
	return matrixCSV{r}
}

// next gives a line's cells without blanks around them, nor the apostrophe that keeps a spreadsheet from computing.
func (r matrixCSV) next() ([]string, error) {
	cells, err := r.Read()
	if err != nil {
		return nil, err
	}
	for i, c := range cells {
		c = strings.TrimSpace(c)
		if len(c) > 1 && c[0] == '\'' && strings.IndexByte("=+-@", c[1]) >= 0 {
			c = c[1:]
		}
		cells[i] = c
	}
	return cells, nil
}

package dataverse

import (
	"encoding/xml"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"
)

// What no workbook of roles comes near. The cells are those of all sheets together, with the empty ones that lie before
// a cell; a sheet of miscellaneous privileges has a column for each role.
const (
	maxWorkbook = 64 << 20 // bytes unpacked
	maxSheets   = 500
	maxRows     = 50_000 // of one sheet
	maxColumns  = 512
	maxCells    = 2_000_000
)

var (
	errRows    = fmt.Errorf("more than %d rows, which no role has", maxRows)
	errColumns = fmt.Errorf("more than %d columns, which no role has", maxColumns)
	errCells   = fmt.Errorf("more than %d cells in the workbook, which no workbook of roles has", maxCells)
	errSheets  = fmt.Errorf("more than %d sheets, which no workbook of roles has", maxSheets)
)

// book reads the text of an xlsx. It is read here and not with a library, as libraries decode a part whole, or a row,
// before its size can be told; a few kilobytes could then take gigabytes.
type book struct {
	archive archive
	name    string
	parts   map[string]string // relationship to member
	shared  []string          // texts that cells refer to by number
	left    int               // cells that may still come
}

// sheets reads a workbook into memory.
func (a archive) sheets(name string) ([]sheet, error) {
	var size uint64
	for _, f := range a {
		if size += f.UncompressedSize64; f.UncompressedSize64 > maxWorkbook || size > maxWorkbook {
			return nil, fmt.Errorf("reading %s: more than %d MB unpacked, which no workbook of roles has", name, maxWorkbook>>20)
		}
	}
	b := book{archive: a, name: name, parts: map[string]string{}, left: maxCells}
	list, err := b.open()
	if err != nil {
		return nil, err
	}
	var sheets []sheet
	used := map[string]string{} // part to sheet
	for _, s := range list {
		part := b.parts[s.id]
		if a[part] == nil || !strings.HasPrefix(part, "xl/worksheets/") {
			continue // a chart, or a part that is missing: no matrix
		}
		if other, twice := used[part]; twice {
			return nil, fmt.Errorf("reading %s: the sheets %q and %q share a part, which no program writes", name, other, s.name)
		}
		used[part] = s.name
		rows, err := b.rows(part)
		if err != nil {
			return nil, fmt.Errorf("%w (sheet %q)", err, s.name)
		}
		sheets = append(sheets, sheet{s.name, rows})
	}
	return sheets, nil
}

// listedSheet is an entry of the workbook's list of sheets.
type listedSheet struct{ name, id string }

// open reads the list of sheets, where they lie, and the shared texts.
func (b *book) open() ([]listedSheet, error) {
	var list []listedSheet
	err := b.walk(workbookFile, func(p []string, t xml.Token) error {
		if t, ok := t.(xml.StartElement); ok && len(p) == 3 && p[2] == "sheet" {
			if len(list) == maxSheets {
				return errSheets
			}
			list = append(list, listedSheet{attr(t, "name"), attr(t, "id")})
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	const relations = "xl/_rels/workbook.xml.rels"
	texts := ""
	err = b.walk(relations, func(p []string, t xml.Token) error {
		if t, ok := t.(xml.StartElement); ok && p[len(p)-1] == "Relationship" {
			if len(b.parts) > 2*maxSheets {
				return errSheets
			}
			target := strings.ToLower(attr(t, "Target"))
			if !strings.HasPrefix(target, "/") {
				target = "/xl/" + target
			}
			target = path.Clean(target)[1:]
			b.parts[attr(t, "Id")] = target
			if strings.HasSuffix(attr(t, "Type"), "/sharedStrings") {
				texts = target
			}
		}
		return nil
	})
	if err == nil {
		err = b.texts(texts)
	}
	return list, err
}

// walk reads a member; one that is missing is empty.
func (b *book) walk(member string, visit func([]string, xml.Token) error) error {
	if b.archive[member] == nil {
		return nil
	}
	data, err := b.archive.read(b.name, member)
	if err != nil {
		return err
	}
	return walkXML(b.name+"/"+member, data, visit)
}

// texts reads the shared strings. Of a text in several fonts the pieces (r/t) belong together; how it is
// pronounced (rPh/t) does not.
func (b *book) texts(member string) error {
	var text strings.Builder
	return b.walk(member, func(p []string, t xml.Token) error {
		switch t := t.(type) {
		case xml.StartElement:
			if len(p) == 2 {
				text.Reset()
			}
		case xml.CharData:
			if len(p) > 2 && p[len(p)-1] == "t" && !slices.Contains(p, "rPh") {
				text.Write(t)
			}
		case xml.EndElement:
			if len(p) == 2 && p[1] == "si" {
				if len(b.shared) == maxCells {
					return errCells
				}
				b.shared = append(b.shared, strings.TrimSpace(text.String()))
			}
		}
		return nil
	})
}

// sheetReader gathers the cells of a sheet.
type sheetReader struct {
	book   *book
	rows   [][]string
	column int    // of the cell that is being read
	kind   string // of it: "s" is a number of a shared string
	text   strings.Builder
}

func (b *book) rows(member string) ([][]string, error) {
	s := sheetReader{book: b}
	err := b.walk(member, s.visit)
	return s.rows, err
}

// Where things stand in a worksheet: worksheet/sheetData/row/c/v, or …/c/is/t.
const (
	sheetRow  = 3
	sheetCell = 4
)

func (s *sheetReader) visit(p []string, t xml.Token) error {
	if len(p) < sheetRow || p[1] != "sheetData" {
		return nil
	}
	switch t := t.(type) {
	case xml.StartElement:
		switch len(p) {
		case sheetRow:
			return s.startRow(attr(t, "r"))
		case sheetCell:
			s.column, s.kind = columnOf(attr(t, "r"), s.column+1), attr(t, "t")
			s.text.Reset()
			return s.spend(1)
		}
	case xml.CharData:
		last := p[len(p)-1]
		if len(p) > sheetCell && (last == "v" || last == "t" && p[sheetCell] == "is" && !slices.Contains(p, "rPh")) {
			s.text.Write(t)
		}
	case xml.EndElement:
		if len(p) == sheetCell {
			return s.endCell()
		}
	}
	return nil
}

// spend takes cells from what all sheets together may have.
func (s *sheetReader) spend(n int) error {
	if s.book.left -= n; s.book.left < 0 {
		return errCells
	}
	return nil
}

// startRow begins a row, which counts from 1, behind the empty ones that the file leaves out.
func (s *sheetReader) startRow(number string) error {
	n, err := strconv.Atoi(number)
	if err != nil || n <= len(s.rows) {
		n = len(s.rows) + 1
	}
	if n > maxRows {
		return errRows
	}
	s.column = -1
	missing := n - len(s.rows)
	s.rows = append(s.rows, make([][]string, missing)...)
	return s.spend(missing)
}

// endCell puts down a cell that has a text; an empty one may stand as far out as it likes.
func (s *sheetReader) endCell() error {
	text := strings.TrimSpace(s.text.String())
	if s.kind == "s" && text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 0 || n >= len(s.book.shared) {
			return fmt.Errorf("the workbook has no shared string %q", text)
		}
		text = s.book.shared[n]
	}
	if text == "" {
		return nil
	}
	if s.column >= maxColumns {
		return errColumns
	}
	row := &s.rows[len(s.rows)-1]
	if missing := s.column + 1 - len(*row); missing > 0 {
		if err := s.spend(missing); err != nil {
			return err
		}
		*row = append(*row, make([]string, missing)...)
	}
	(*row)[s.column] = text
	return nil
}

// columnOf reads the letters of a cell's address, which count from A; without any the cell is the next one.
func columnOf(address string, next int) int {
	n := 0
	for _, c := range []byte(strings.ToUpper(address)) {
		if c < 'A' || c > 'Z' || n > maxColumns {
			break
		}
		n = n*26 + int(c-'A') + 1
	}
	if n == 0 {
		return next
	}
	return n - 1
}

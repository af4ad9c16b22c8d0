package dataverse

import (
	"bytes"
	"encoding/binary"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/prvgap/prvgap/catalog"
)

// byteSpan is a piece of a file: from start up to end.
type byteSpan struct{ start, end int }

// roleSpans is where things lie in the bytes of one Role element.
type roleSpans struct {
	id, name  string
	reference bool     // unmodified="1": named only, an import leaves it out
	tag       byteSpan // <Role …>
	listed    bool     // it has a RolePrivileges
	list      byteSpan // <RolePrivileges …>
	listEnd   int      // where </RolePrivileges> begins; the end of a tag that closes itself
	rows      []rowSpans
}

// rowSpans is where things lie in the bytes of one RolePrivilege.
type rowSpans struct {
	privilege   string
	depth       catalog.Depth
	whole       byteSpan // from < to the > that ends the element
	name, level byteSpan // the values without quotes
	plain       bool     // nothing in it but the two values: it can be the pattern for another
}

// roleScan finds the spans of all roles. It reads raw tokens, which keep their offsets and prefixes, and so has to check
// itself that tags match.
type roleScan struct {
	file  string // for errors
	data  []byte
	x     *xml.Decoder
	open  []xml.Name
	roles []roleSpans
}

// scanRoles reads a whole file before anything in it is changed, so that a file broken further down is refused too.
func scanRoles(file string, data []byte) ([]roleSpans, error) {
	s := roleScan{file: file, data: data, x: xml.NewDecoder(bytes.NewReader(data))}
	s.x.CharsetReader = s.charset
	for {
		start := int(s.x.InputOffset())
		t, err := s.x.RawToken()
		if errors.Is(err, io.EOF) && len(s.open) == 0 {
			return s.roles, nil
		}
		if errors.Is(err, io.EOF) {
			err = fmt.Errorf("the file ends inside <%s>", s.open[len(s.open)-1].Local)
		}
		if err == nil {
			tag := byteSpan{start, int(s.x.InputOffset())}
			switch t := t.(type) {
			case xml.Directive:
				err = errXMLDoctype
			case xml.StartElement:
				s.open = append(s.open, t.Name)
				err = s.start(t, tag)
			case xml.EndElement:
				err = s.end(t, tag)
			}
		}
		if err != nil {
			return nil, s.at(err)
		}
	}
}

// charset lets pass what was decoded before (UTF-16), and any encoding whose special characters the file does not use.
func (s *roleScan) charset(label string, in io.Reader) (io.Reader, error) {
	ascii := bytes.IndexFunc(s.data, func(r rune) bool { return r >= utf8.RuneSelf }) < 0
	if ascii || strings.EqualFold(label, "utf-16") && bytes.HasPrefix(s.data, utf8Mark) {
		return in, nil
	}
	return nil, fmt.Errorf("encoding %q: save the file as UTF-8", label)
}

// at puts the place of the decoder before an error; in UTF-16 it counts the bytes of the text as UTF-8.
func (s *roleScan) at(err error) error {
	var syntax *xml.SyntaxError
	if errors.As(err, &syntax) {
		err = errors.New(syntax.Msg) // its own text has the line once more
	}
	line, col := s.x.InputPos()
	return fmt.Errorf("patching %s:%d:%d: %w", s.file, line, col, err)
}

// The elements that matter, by how deep they stand in a role.
const (
	elsewhere = iota
	inRole
	inList
	inRow
)

var roleNesting = [...]string{"Role", "RolePrivileges", "RolePrivilege"}

// place tells which element was opened last. A Role counts only at the top or in ImportExportXml/Roles: those of app
// module role maps and display conditions are references.
func (s *roleScan) place() int {
	p := s.open
	if len(p) >= 3 && p[0].Local == "ImportExportXml" && p[1].Local == "Roles" {
		p = p[2:]
	}
	if len(p) > len(roleNesting) {
		return elsewhere
	}
	for i := range p {
		if p[i].Local != roleNesting[i] {
			return elsewhere
		}
	}
	return len(p)
}

// start notes the tags that matter. The row of a role that is not patched is read too: a level that nobody understands
// means that the file is not what it seems.
func (s *roleScan) start(t xml.StartElement, tag byteSpan) error {
	place := s.place()
	if place == elsewhere {
		return nil
	}
	if place == inRole {
		if len(s.roles) == maxRoles {
			return errManyRoles
		}
		s.roles = append(s.roles, roleSpans{
			id: plainID(attr(t, "id")), name: attr(t, "name"),
			reference: attr(t, "unmodified") == "1", tag: tag,
		})
		return nil
	}
	r := &s.roles[len(s.roles)-1]
	if place == inList {
		if r.listed {
			return fmt.Errorf("role %q has RolePrivileges twice", r.name)
		}
		r.listed, r.list = true, tag
		return nil
	}
	row, err := s.row(t, tag)
	r.rows = append(r.rows, row)
	return err
}

// row reads a start tag. The values are found by their quotes alone: the decoder has seen that every attribute has a
// quoted value, and a quote can stand nowhere else in a tag.
func (s *roleScan) row(t xml.StartElement, tag byteSpan) (rowSpans, error) {
	row := rowSpans{whole: tag, plain: len(t.Attr) == 2}
	at := tag.start
	seen := map[string]bool{}
	for _, a := range t.Attr {
		open := at + bytes.IndexAny(s.data[at:tag.end], `"'`)
		value := byteSpan{open + 1, open + 1 + bytes.IndexByte(s.data[open+1:tag.end], s.data[open])}
		at = value.end + 1
		if seen[a.Name.Local] {
			continue // of two the first counts, as for the reader
		}
		seen[a.Name.Local] = true
		switch a.Name.Local {
		case "name":
			row.privilege, row.name = a.Value, value
		case "level":
			d, err := xmlLevel(a.Value, attr(t, "name"))
			if err != nil {
				return row, err
			}
			row.depth, row.level = d, value
		}
	}
	if row.privilege == "" || row.level.end == 0 {
		return row, errors.New("RolePrivilege without a name or a level")
	}
	return row, nil
}

// end checks that tags match, and closes the spans. An element that closes itself ends where its tag does: the decoder
// makes up the end tag and stays at the same offset.
func (s *roleScan) end(t xml.EndElement, tag byteSpan) error {
	if len(s.open) == 0 || s.open[len(s.open)-1] != t.Name {
		return fmt.Errorf("</%s> closes what is not open", t.Name.Local)
	}
	switch s.place() {
	case inList:
		s.roles[len(s.roles)-1].listEnd = tag.start
	case inRow:
		rows := s.roles[len(s.roles)-1].rows
		row := &rows[len(rows)-1]
		row.plain = row.plain && len(bytes.TrimSpace(s.data[row.whole.end:tag.start])) == 0
		row.whole.end = tag.end
	}
	s.open = s.open[:len(s.open)-1]
	return nil
}

// toUTF8 decodes a file that begins with a UTF-16 byte order mark, and gives the way back; other files stay as they are.
func toUTF8(file []byte) ([]byte, func([]byte) []byte, error) {
	var order interface {
		binary.ByteOrder
		binary.AppendByteOrder
	}
	switch {
	case bytes.HasPrefix(file, []byte("\xff\xfe")):
		order = binary.LittleEndian
	case bytes.HasPrefix(file, []byte("\xfe\xff")):
		order = binary.BigEndian
	case len(file) > 1 && (file[0] == 0) != (file[1] == 0): // half of an ASCII character
		return nil, nil, roleError("save it as UTF-8", "UTF-16 without a byte order mark")
	default:
		return file, func(b []byte) []byte { return b }, nil
	}
	encode := func(text []byte) []byte {
		var out []byte
		for _, r := range string(text) {
			if r > 0xFFFF {
				high, low := utf16.EncodeRune(r)
				out = order.AppendUint16(out, uint16(high))
				r = low
			}
			out = order.AppendUint16(out, uint16(r))
		}
		return out
	}
	units := make([]uint16, len(file)/2)
	for i := range units {
		units[i] = order.Uint16(file[2*i:])
	}
	text := []byte(string(utf16.Decode(units)))
	if !bytes.Equal(encode(text), file) {
		return nil, nil, roleError("save it as UTF-8", "the file is damaged UTF-16: save it anew as UTF-8")
	}
	return text, encode, nil
}

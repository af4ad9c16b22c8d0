package dataverse

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/prvgap/prvgap/analyzer/role"
)

// InPlace puts additions into the base role's own file: an unpacked role XML, a customizations.xml, or a solution zip.
// It inserts rows at their sorted place in the manner of their neighbours, or replaces the value of a level, and leaves
// every other byte as it was. What the file grants decides, not what base holds: a grant that is as deep already stays,
// and nothing is ever lowered. A file that lacks nothing comes back unchanged.
func InPlace(file []byte, base role.Role, additions []role.Addition) ([]byte, error) {
	name := base.Source
	if name == "" {
		name = "the role file"
	}
	if err := Updatable(base); err != nil {
		return nil, fmt.Errorf("patching %s: %w", name, err)
	}
	as, err := legalAdditions(additions)
	if err != nil {
		return nil, fmt.Errorf("patching %s: %w", name, err)
	}
	if !bytes.HasPrefix(file, []byte(zipStart)) {
		return spliceXML(name, file, base, as)
	}
	return spliceZip(name, file, func(member []byte) ([]byte, error) {
		return spliceXML(name+"/"+customizationsFile, member, base, as)
	})
}

// spliceXML patches XML, and gives back the very bytes it got where the role lacks nothing.
func spliceXML(name string, file []byte, base role.Role, as []role.Addition) ([]byte, error) {
	data, encode, err := toUTF8(file)
	if err != nil {
		return nil, fmt.Errorf("patching %s: %w", name, err)
	}
	if !bytes.HasPrefix(bytes.TrimSpace(bytes.TrimPrefix(data, utf8Mark)), []byte("<")) {
		return nil, fmt.Errorf("patching %s: only role XML, customizations.xml and solution zips can be patched in place", name)
	}
	roles, err := scanRoles(name, data)
	if err != nil {
		return nil, err
	}
	r, err := pickRole(roles, base)
	if err != nil {
		return nil, fmt.Errorf("patching %s: %w", name, err)
	}
	edits := r.edits(data, as)
	if len(edits) == 0 {
		return slices.Clone(file), nil
	}
	return encode(applySplices(data, edits)), nil
}

// pickRole finds base by its id, or by its name where one of them has no id.
func pickRole(roles []roleSpans, base role.Role) (roleSpans, error) {
	id := plainID(base.ID)
	var found []roleSpans
	for _, r := range roles {
		if id != "" && r.id == id || (id == "" || r.id == "") && r.name == base.Name {
			found = append(found, r)
		}
	}
	switch {
	case len(roles) == 0:
		return roleSpans{}, errors.New("no role in this XML: expected a Role element at the top, or below ImportExportXml/Roles")
	case len(found) == 0:
		return roleSpans{}, fmt.Errorf("role %q is not in it", base.Name)
	case len(found) > 1:
		return roleSpans{}, fmt.Errorf("role %q is in it %d times", base.Name, len(found))
	case found[0].reference || !found[0].listed:
		return roleSpans{}, fmt.Errorf("it only refers to the role %q and does not say what it grants; an import leaves such a role out", base.Name)
	}
	return found[0], nil
}

// splice replaces a piece of a file; an empty piece is a place to insert.
type splice struct {
	byteSpan
	text string
}

// applySplices makes the changes in the order of their places; those at one place keep the order they came in, which is
// that of the sorted additions.
func applySplices(data []byte, edits []splice) []byte {
	slices.SortStableFunc(edits, func(a, b splice) int { return a.start - b.start })
	var out bytes.Buffer
	at := 0
	for _, e := range edits {
		out.Write(data[at:e.start])
		out.WriteString(e.text)
		at = e.end
	}
	out.Write(data[at:])
	return out.Bytes()
}

// edits gives what must change for r to hold the additions, which are sorted.
func (r roleSpans) edits(data []byte, as []role.Addition) []splice {
	var edits []splice
	var missing []role.Addition
	for _, a := range as {
		row := r.held(a.Privilege)
		switch {
		case row == nil:
			missing = append(missing, a)
		case row.depth < a.To:
			edits = append(edits, splice{row.level, a.To.String()})
		}
	}
	if len(r.rows) == 0 && len(missing) > 0 {
		return append(edits, r.fill(data, missing))
	}
	for _, a := range missing {
		edits = append(edits, r.insert(data, a))
	}
	return edits
}

// held gives the row of a privilege, in whatever case the file spells it; of two rows the deeper.
func (r roleSpans) held(privilege string) *rowSpans {
	var found *rowSpans
	key := strings.ToLower(privilege)
	for i := range r.rows {
		row := &r.rows[i]
		if strings.ToLower(row.privilege) == key && (found == nil || row.depth > found.depth) {
			found = row
		}
	}
	return found
}

// insert adds a row behind the last one that sorts before it. In a file that is not sorted it stands before the first
// that sorts after it.
func (r roleSpans) insert(data []byte, a role.Addition) splice {
	key := strings.ToLower(a.Privilege)
	next := slices.IndexFunc(r.rows, func(row rowSpans) bool { return strings.ToLower(row.privilege) > key })
	if next < 0 {
		next = len(r.rows)
	}
	at, limit, model := r.list.end, r.listEnd, r.rows[0]
	if next < len(r.rows) {
		limit = r.rows[next].whole.start
	}
	if next > 0 {
		model = r.rows[next-1]
		at = skipRemark(data, model.whole.end, limit)
	}
	text := r.generic(data, a)
	if m := r.nearestPlain(next - 1); m != nil {
		text = m.like(data, a)
	}
	blanks := blanksBefore(data, r.list.end, model.whole.start)
	if line := lastLine(blanks); line != "" {
		blanks = line
	}
	return splice{byteSpan{at, at}, blanks + text}
}

// nearestPlain gives a row that can be a pattern, the nearest to index i.
func (r roleSpans) nearestPlain(i int) *rowSpans {
	for d := range len(r.rows) + 1 {
		for _, j := range []int{i - d, i + d} {
			if j >= 0 && j < len(r.rows) && r.rows[j].plain {
				return &r.rows[j]
			}
		}
	}
	return nil
}

// like writes a row with m's spacing, order, quotes and way of closing. Names and levels need no escaping: legalAdditions
// has let pass letters, digits and underscores only.
func (m rowSpans) like(data []byte, a role.Addition) string {
	row := data[m.whole.start:m.whole.end]
	at := func(s byteSpan) byteSpan { return byteSpan{s.start - m.whole.start, s.end - m.whole.start} }
	return string(applySplices(row, []splice{{at(m.name), a.Privilege}, {at(m.level), a.To.String()}}))
}

// generic writes a row where there is none to take after: with the quotes of the role's own tag.
func (r roleSpans) generic(data []byte, a role.Addition) string {
	quote := `"`
	tag := data[r.tag.start:r.tag.end]
	if i := bytes.IndexAny(tag, `"'`); i >= 0 {
		quote = string(tag[i])
	}
	closing := " />"
	if list := data[r.list.start:r.list.end]; bytes.HasSuffix(list, []byte("/>")) && !bytes.HasSuffix(list, []byte(" />")) {
		closing = "/>"
	}
	element := strings.TrimSuffix(r.listName(data), "s")
	return "<" + element + " name=" + quote + a.Privilege + quote + " level=" + quote + a.To.String() + quote + closing
}

// listName is the name of the RolePrivileges element with the prefix that it has in the file.
func (r roleSpans) listName(data []byte) string {
	name := data[r.list.start+1 : r.list.end]
	return string(name[:bytes.IndexAny(name, " \t\r\n/>")])
}

// fill puts rows into a list that has none, one step deeper than the list itself stands.
func (r roleSpans) fill(data []byte, as []role.Addition) splice {
	outer, inner := lastLine(blanksBefore(data, r.tag.end, r.list.start)), ""
	if outer != "" {
		inner = outer + indentStep(data, r)
	}
	var rows strings.Builder
	for _, a := range as {
		rows.WriteString(inner + r.generic(data, a))
	}
	if list := data[r.list.start:r.list.end]; bytes.HasSuffix(list, []byte("/>")) {
		open := r.list.start + len(bytes.TrimRight(list[:len(list)-2], " \t\r\n"))
		return splice{byteSpan{open, r.list.end}, ">" + rows.String() + outer + "</" + r.listName(data) + ">"}
	}
	tail := blanksBefore(data, r.list.end, r.listEnd)
	at := r.listEnd - len(tail)
	if lastLine(tail) == "" {
		rows.WriteString(outer)
	}
	return splice{byteSpan{at, at}, rows.String()}
}

// indentStep is by how much the list stands deeper than its role.
func indentStep(data []byte, r roleSpans) string {
	indent := func(at int) string {
		return strings.TrimLeft(lastLine(blanksBefore(data, 0, at)), "\r\n")
	}
	step, ok := strings.CutPrefix(indent(r.list.start), indent(r.tag.start))
	if !ok || step == "" {
		return "  "
	}
	return step
}

// blanksBefore gives the run of white space that ends at end and begins at from or later.
func blanksBefore(data []byte, from, end int) string {
	return string(data[from+len(bytes.TrimRight(data[from:end], " \t\r\n")) : end])
}

// lastLine gives the last line break in a run of white space and the indent behind it, or "" if there is none.
func lastLine(blanks string) string {
	i := strings.LastIndexAny(blanks, "\r\n")
	if i < 0 {
		return ""
	}
	if i > 0 && blanks[i-1:i+1] == "\r\n" {
		i--
	}
	return blanks[i:]
}

// skipRemark steps over a comment that ends the line of a row: it belongs to that row and not to the one inserted.
func skipRemark(data []byte, at, limit int) int {
	line := data[at:limit]
	if i := bytes.IndexAny(line, "\r\n"); i >= 0 {
		line = line[:i]
	}
	line = bytes.TrimRight(line, " \t")
	if bytes.HasPrefix(bytes.TrimLeft(line, " \t"), []byte("<!--")) && bytes.HasSuffix(line, []byte("-->")) {
		return at + len(line)
	}
	return at
}

package report

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// writeJSON writes the document to the letter, member by member.
func writeJSON(w io.Writer, r Report, _ Options) error {
	d := newDocument(w)
	d.open("{")
	d.member("schema", Schema)
	d.member("prvgap", r.Version)
	d.member("catalog", r.Catalog)
	d.member("notes", list(r.Notes))
	members(d, "advice", r.Advice, adviceToWire) // about the proposal as a whole
	members(d, "captures", r.Captures, captureToWire)
	members(d, "principals", r.Principals, principalToWire)
	members(d, "findings", r.Findings, findingToWire)
	members(d, "denials", r.Denials, denialToWire)
	d.member("proposal", proposalToWire(r))
	d.member("learned", factsToWire(r.Facts))
	if c := r.Comparison; c != nil {
		d.key("comparison")
		d.open("{")
		members(d, "captures", c.Captures, captureToWire)
		members(d, "denials", c.Denials, denialToWire)
		members(d, "findings", c.Privileges, comparedToWire)
		d.close("}")
	}
	d.close("}")
	return d.end()
}

func proposalToWire(r Report) wireProposal {
	p := r.Proposal
	out := wireProposal{Grants: convert(p.Grants, grantToWire), Others: convert(p.Others, baseToWire), Unexplained: list(p.Unexplained)}
	if p.Base != nil {
		base := baseToWire(*p.Base)
		out.Base = &base
	}
	for i, g := range p.Grants {
		out.Grants[i].Dialect = r.Findings[g.Because[0]].Dialect
	}
	return out
}

// EncodeJSON writes v indented. What could steer a terminal is escaped.
func EncodeJSON(w io.Writer, v any) error {
	d := newDocument(w)
	d.put(v)
	return d.end()
}

// step is the indentation of a level.
const step = "  "

// document writes indented JSON piece by piece. A report of a hundred thousand
// denials is larger than the evidence that it is made of, and the encoder would
// hold it in memory whole, several times over.
type document struct {
	out    *bufio.Writer // which keeps its first error
	enc    *json.Encoder // into piece
	piece  *bytes.Buffer
	indent string // of what comes next
	more   bool   // something stands before it in its object or array
	err    error  // of the encoder
}

func newDocument(w io.Writer) *document {
	d := &document{out: bufio.NewWriter(w), piece: &bytes.Buffer{}}
	d.enc = json.NewEncoder(d.piece)
	d.enc.SetEscapeHTML(false)
	return d
}

// open begins an object or array.
func (d *document) open(bracket string) {
	d.write(bracket)
	d.indent, d.more = d.indent+step, false
}

// close ends what was opened last.
func (d *document) close(bracket string) {
	d.indent = strings.TrimSuffix(d.indent, step)
	if d.more {
		d.write("\n" + d.indent)
	}
	d.write(bracket)
	d.more = true
}

// next begins a member or an element.
func (d *document) next() {
	if d.more {
		d.write(",")
	}
	d.write("\n" + d.indent)
	d.more = true
}

// key begins a member, whose name needs no escape.
func (d *document) key(name string) {
	d.next()
	d.write(`"` + name + `": `)
}

func (d *document) member(name string, v any) {
	d.key(name)
	d.put(v)
}

// members writes a list as a member, one element after another.
func members[A, B any](d *document, name string, list []A, convert func(A) B) {
	d.key(name)
	d.open("[")
	for _, a := range list {
		d.next()
		d.put(convert(a))
	}
	d.close("]")
}

// put writes a value.
func (d *document) put(v any) {
	if d.err != nil {
		return
	}
	d.piece.Reset()
	d.enc.SetIndent(d.indent, step)
	d.err = d.enc.Encode(v)
	calm(d.out, bytes.TrimSuffix(d.piece.Bytes(), []byte("\n")))
}

func (d *document) write(s string) { _, _ = d.out.WriteString(s) }

// end ends the document with its line.
func (d *document) end() error {
	d.write("\n")
	if err := cmp.Or(d.err, d.out.Flush()); err != nil {
		return fmt.Errorf("writing JSON: %w", err)
	}
	return nil
}

// calm writes JSON, and escapes what could steer a terminal.
func calm(w *bufio.Writer, doc []byte) {
	from := 0
	for at := 0; at < len(doc); {
		r, size := rune(doc[at]), 1
		if r >= utf8.RuneSelf {
			r, size = utf8.DecodeRune(doc[at:])
		}
		if at += size; r == '\n' || r <= 0x7e || !hostile(r) { // such runes stand in strings only
			continue
		}
		if r > 0xffff {
			r = '\ufffd'
		}
		_, _ = w.Write(doc[from : at-size])
		fmt.Fprintf(w, `\u%04x`, r)
		from = at
	}
	_, _ = w.Write(doc[from:])
}

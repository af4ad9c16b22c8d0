package har

import (
	"bytes"
	"cmp"
	"io"
	"math"

	"github.com/go-json-experiment/json/jsontext"
)

// skimmer reads the elements of a list of entries without decoding most of them. It knows where strings, brackets and
// the few members are that an [Entry] is made of, and hands the bytes of an entry that may matter to the decoder. Where
// it meets anything that it is not sure of it stops before that entry, and the JSON library goes on from there: what is
// wrong with a capture is said in one place.
type skimmer struct {
	window
	decoder scanner // reads single entries; its yield gets all of them, numbered from 0 and without a pointer
	place   int64

	found   [fieldCount]located // the members of the present entry
	odd     bool                // whether it has to be decoded to be understood
	scratch []byte
}

// located is where a value is, and its first byte.
type located struct {
	span
	kind byte
}

// field is a member of an entry, or of an object in it, that is not passed over.
type field int

const (
	fieldNone field = iota
	fieldStarted
	fieldMark
	fieldRequest
	fieldMethod
	fieldURL
	fieldResponse
	fieldStatus
	fieldError
	fieldFailure
	fieldContent
	fieldMIMEType
	fieldComment
	fieldText
	fieldFile
	fieldCount
)

// member is the field of an object, itself a field, that has a name in quotes. It has to know the members that a record
// is read from, except those that only a $batch needs.
func (f field) member(name []byte) field {
	switch f {
	case fieldNone: // the entry itself
		switch string(name) {
		case `"startedDateTime"`:
			return fieldStarted
		case `"comment"`:
			return fieldMark
		case `"request"`:
			return fieldRequest
		case `"response"`:
			return fieldResponse
		}
	case fieldRequest:
		switch string(name) {
		case `"method"`:
			return fieldMethod
		case `"url"`:
			return fieldURL
		}
	case fieldResponse:
		switch string(name) {
		case `"status"`:
			return fieldStatus
		case `"_error"`:
			return fieldError
		case `"_failureText"`:
			return fieldFailure
		case `"content"`:
			return fieldContent
		}
	case fieldContent:
		switch string(name) {
		case `"mimeType"`:
			return fieldMIMEType
		case `"comment"`:
			return fieldComment
		case `"text"`:
			return fieldText
		case `"_file"`:
			return fieldFile
		}
	}
	return fieldNone
}

// maxName is the length of the longest name of a field, were each of its letters written as an escape.
const maxName = len(`""`) + len("startedDateTime")*len(`\u0000`)

func newSkimmer(r io.Reader, at int64, rec record, yield func(Entry) bool) *skimmer {
	k := &skimmer{
		window:  window{r: r, mark: fastest(), start: at},
		decoder: scanner{dec: newDecoder(r), rec: rec, yield: yield},
		place:   at,
	}
	k.settled = k.dispensable
	return k
}

// restart goes on at another place of a capture that can be read again.
func (k *skimmer) restart(at int64) {
	k.window = window{r: io.NewSectionReader(k.at, at, math.MaxInt64-at), at: k.at, mark: k.mark, start: at, buf: k.buf, marks: k.marks, settled: k.settled}
	k.decoder.sum.entries = 0
	k.place = at
}

// part is what became of a part of a list.
type part struct {
	n    int   // how many elements were read
	odd  int   // the first one of them that is no object, counted from 1; 0 for none
	end  int64 // behind the last of them
	next int64 // where the next one begins, if the part ended for no other reason than its limit; else -1
}

// add puts the part behind p to it.
func (p *part) add(q part) {
	if p.odd == 0 && q.odd > 0 {
		p.odd = p.n + q.odd
	}
	if p.n += q.n; q.n > 0 {
		p.end = q.end
	}
	p.next = q.next
}

// entries reads the list from a place on, where the list begins or one of its elements, and hands over the elements that
// begin before the limit. It stops earlier at the list's closing bracket and before an element that is not for it. The
// one error is errStop.
func (k *skimmer) entries(limit int64) (p part, err error) {
	for p = (part{next: -1}); ; p.n++ {
		p.end = k.place
		k.hold(k.place)
		c, at := k.next(k.place)
		if p.n > 0 && c == ',' {
			c, at = k.next(at + 1)
		} else if p.n > 0 {
			return p, nil
		}
		if c == 0 || c == ']' {
			return p, nil
		}
		k.place = at
		if at >= limit {
			p.next = at
			return p, nil
		}
		k.found, k.odd = [fieldCount]located{}, false
		if c != '{' {
			if !k.other(c, at) {
				return p, nil
			}
			p.odd = cmp.Or(p.odd, p.n+1)
			continue
		}
		if !k.object(fieldNone) {
			return p, nil
		}
		if ok, err := k.hand(span{at, k.place}); !ok {
			return p, err
		}
	}
}

// other passes over an element that is no entry. What it says is not told, so all of it is looked at.
func (k *skimmer) other(c byte, at int64) bool {
	k.decoder.sum.entries++
	return k.value(fieldNone, c, at) && k.place-at <= maxEntry && jsontext.Value(k.text(span{at, k.place})).IsValid(liberties()...)
}

// object reads the object that begins at the present place, down to the fields in it.
func (k *skimmer) object(of field) bool {
	c, at := k.next(k.place + 1)
	for first := true; c != '}' || !first; first = false {
		if c != '"' {
			return false
		}
		name := span{at, k.quote(at+1) + 1}
		if name.to == 0 {
			return false
		}
		f := k.member(of, name)
		if c, at = k.next(name.to); c != ':' {
			return false
		}
		if c, at = k.next(at + 1); !k.value(f, c, at) {
			return false
		}
		switch c, at = k.next(k.place); c {
		case ',':
			c, at = k.next(at + 1)
		case '}':
			k.place = at + 1
			return true
		default:
			return false
		}
	}
	k.place = at + 1
	return true
}

// member tells which field a name stands for.
func (k *skimmer) member(of field, name span) field {
	if name.len() > maxName {
		return fieldNone
	}
	text := k.text(name)
	if text == nil || bytes.IndexByte(text, '\\') >= 0 {
		k.odd = true
		return fieldNone
	}
	return of.member(text)
}

// value passes over the value that begins with c at a place, and keeps where it is if it is a field.
func (k *skimmer) value(f field, c byte, at int64) bool {
	k.place = at
	ok := false
	switch {
	case c == '"':
		if f == fieldNone || f == fieldText { // the other fields are looked at in any case
			k.inside = at + 1
		}
		k.place = k.quote(at+1) + 1
		k.inside = 0
		ok = k.place > 0
	case c == '{' && (f == fieldRequest || f == fieldResponse || f == fieldContent):
		ok = k.object(f)
	case c == '{' || c == '[':
		k.place = k.closing(at) + 1
		ok = k.place > 0
	case c != 0:
		ok = k.scalar()
	}
	if f != fieldNone {
		// What is repeated replaces what was there before, or some of it: that is for the decoder to know.
		k.odd = k.odd || k.found[f].kind != 0
		k.found[f] = located{span{at, k.place}, c}
	}
	return ok
}

// scalar passes over a number, true, false or null.
func (k *skimmer) scalar() bool {
	const longest = 1 << 10 // of numbers; the decoder may have longer ones
	from := k.place
	for k.place-from < longest {
		i := int(k.place - k.start)
		if i == k.known {
			if !k.fill(k.place) {
				return false
			}
			continue
		}
		if c := k.buf[i]; c <= ' ' || c == ',' || c == '}' || c == ']' {
			text := k.text(span{from, k.place})
			return plainNumber(text) || jsontext.Value(text).IsValid()
		}
		k.place++
	}
	return false
}

// plainNumber reports whether a text is a number of digits alone, as most are.
func plainNumber(text []byte) bool {
	for _, c := range text {
		if c < '0' || c > '9' {
			return false
		}
	}
	return len(text) == 1 || len(text) > 1 && text[0] != '0'
}

// hand hands an entry over. It reports false where that came to nothing: the decoder found it broken, or, with an
// error, the consumer has enough.
func (k *skimmer) hand(entry span) (bool, error) {
	d := &k.decoder
	d.rec.reset()
	skimmed := k.skimmed()
	if !skimmed && !k.decoded(entry) {
		return false, nil
	}
	r := &d.rec
	r.Index, r.Offset = d.sum.entries, entry.from
	d.sum.entries++
	more := false
	if skimmed {
		more = d.yield(r.Entry)
	} else {
		more = r.finish(d.yield)
	}
	if !more {
		return false, errStop
	}
	return true, nil
}

// decoded reads an entry with the JSON library.
func (k *skimmer) decoded(entry span) bool {
	if entry.to-entry.from > maxEntry {
		return false
	}
	d := &k.decoder
	d.rec.reset()
	d.whole = k.text(entry)
	d.dec.Reset(bytes.NewBuffer(d.whole), liberties()...) // which it reads in place
	ok := members(d.dec, d.entryMember) == nil && d.dec.InputOffset() == entry.to-entry.from
	if entry.from < k.start {
		d.dec.Reset(bytes.NewBuffer(nil), liberties()...) // lets go of a text that is not the window's
		d.whole = nil
	}
	return ok && !(k.spool.lost && d.rec.options.needs(d.rec.Entry))
}

// skimmed fills in the record of an entry that was plainly allowed and of whose body nobody wants to know more than
// whether it is there. It returns false for any other entry.
func (k *skimmer) skimmed() bool {
	f, r := &k.found, &k.decoder.rec
	file, started, mark := "", "", ""
	if f[fieldRequest].kind != '{' || f[fieldResponse].kind != '{' || f[fieldContent].kind != '{' || !k.allowed() ||
		!k.string(fieldComment, &r.Comment) || !k.string(fieldFile, &file) || !k.string(fieldStarted, &started) || !k.string(fieldMark, &mark) {
		return false
	}
	r.Time, r.Mark = clock(started), CleanMark(mark)
	body := f[fieldText]
	r.HasBody = file != "" || body.kind != 0 && body.kind != 'n' && (body.kind != '"' || body.len() > len(`""`))
	return true
}

// dispensable reports whether the body of an entry will not be looked at by what is known when it is passed over.
func (k *skimmer) dispensable() bool {
	return k.found[fieldMethod].kind != 0 && k.found[fieldURL].kind != 0 && k.allowed()
}

// allowed fills in some members of an entry, and reports whether it was plainly allowed and nobody wants its body.
func (k *skimmer) allowed() bool {
	f, r := &k.found, &k.decoder.rec
	if k.odd || f[fieldStatus].len() != len("200") || !k.none(fieldError) || !k.none(fieldFailure) {
		return false
	}
	r.Status = status(k.text(f[fieldStatus].span))
	return r.Status >= 100 && r.Status < 400 && k.string(fieldMethod, &r.Method) && k.string(fieldURL, &r.URL) &&
		k.string(fieldMIMEType, &r.MIMEType) && r.MIMEType != "" && !r.options.needs(r.Entry)
}

// none reports whether a field is absent, null or "".
func (k *skimmer) none(f field) bool {
	t := k.found[f]
	return t.kind == 0 || t.kind == 'n' || t.kind == '"' && t.len() == len(`""`)
}

// string reads a field that is a string, if it is there and not null. It returns false for one that is something else,
// or is not spelled well.
func (k *skimmer) string(f field, into *string) bool {
	t := k.found[f]
	if t.kind == 0 || t.kind == 'n' {
		*into = ""
		return true
	}
	text, err := jsontext.AppendUnquote(k.scratch[:0], k.text(t.span))
	*into, k.scratch = string(text), text
	return err == nil && t.kind == '"'
}

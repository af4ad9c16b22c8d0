package har

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

// maxValue bounds one string of the capture, which the JSON library holds in memory as a whole.
const maxValue = 256 << 20

var (
	errStop  = errors.New("stopped by the consumer")
	errDepth = errors.New("nested too deeply")
	errValue = errors.New("a value of more than 256 MB")
	errLost  = errors.New("what stands behind a long body says that the body matters after all")
)

const fileHint = "save the capture to a file and name that: from a pipe it can be read only once"

// summary is what a pass over a capture found besides its entries.
type summary struct {
	creator  string
	entries  int
	bytes    int64
	complete bool
	problem  string
}

// read parses the capture r, laid out as its first bytes told, and hands its entries to yield until that returns false;
// rec says what they keep. It is the only function that knows a capture as JSON.
func read(text stream, layout string, rec record, yield func(Entry) bool) (summary, error) {
	in := &meter{r: text, file: text.file, max: maxValue}
	in.dec = newDecoder(in)
	s := &scanner{dec: in.dec, in: in, rec: rec, yield: yield}
	// What is known of the capture is told even where it breaks off.
	err := s.scan(layout)
	s.sum.complete, s.sum.creator = err == nil, s.creator
	if s.sum.bytes == 0 {
		s.sum.bytes = in.n + s.shift
	}
	if s.browser != "" && s.browser != s.creator {
		s.sum.creator = strings.TrimSpace(s.creator + " (" + s.browser + ")")
	}
	if err == nil || err == errStop {
		return s.sum, nil
	}
	place := s.place(err)
	if !errors.Is(place, io.ErrUnexpectedEOF) {
		s.sum.bytes = place.Offset // how much was read ahead of it tells nothing
	}
	return s.sum, place
}

// scan reads the capture in its layout.
func (s *scanner) scan(layout string) error {
	switch layout {
	case layoutMonitor:
		return s.monitor()
	case layoutCDP:
		return s.protocol()
	case layoutTrace:
		return s.trace()
	}
	return s.document()
}

// liberties are those that exporters take with JSON: duplicate names (the last one wins), bytes that are not UTF-8 and
// lone surrogates (both become U+FFFD). Everything else that breaks the grammar is an error.
func liberties() []jsontext.Options {
	return []jsontext.Options{jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true)}
}

func newDecoder(r io.Reader) *jsontext.Decoder { return jsontext.NewDecoder(r, liberties()...) }

// meter counts the bytes read and refuses to buffer a value without end.
type meter struct {
	r    io.Reader
	file *os.File // which holds the same text, so that any part of it can be read again; else nil
	n    int64
	max  int64
	dec  *jsontext.Decoder
}

func (m *meter) Read(p []byte) (int, error) {
	// The decoder asks for more only within a value that it holds from its first byte on, and for ever more of it.
	room := m.max - (m.n - m.dec.InputOffset())
	if room <= 0 {
		return 0, errValue
	}
	n, err := m.r.Read(p[:min(int64(len(p)), room)])
	m.n += int64(n)
	return n, err
}

// scanner walks one capture.
type scanner struct {
	dec     *jsontext.Decoder
	in      *meter
	shift   int64 // how much further on in the capture the decoder is than it knows; see resume
	yield   func(Entry) bool
	rec     record
	sum     summary
	creator string
	browser string
	listed  bool              // whether a member "entries" was seen, if only null
	tracing bool              // whether bodies are named by _sha1, as in a Playwright trace
	sub     *jsontext.Decoder // reads inside a value; see within
	whole   jsontext.Value    // what the decoder reads, where that is in memory already: its values need no copy
	lost    bool              // whether the next entry is read without a part of its body; see spool
}

// document reads the outermost object and looks at what follows it.
func (s *scanner) document() error {
	if k := s.dec.PeekKind(); k != '{' && k != jsontext.KindInvalid {
		return s.fail("a JSON %s, where a capture is an object with a log", kindName(k))
	}
	var found []string
	err := members(s.dec, func(name string) error {
		if len(found) < 5 {
			found = append(found, strconv.Quote(name[:min(len(name), 40)]))
		}
		if name != "log" {
			return s.member(name) // some tools leave the wrapper out
		}
		if k := s.dec.PeekKind(); k != '{' && k != jsontext.KindInvalid {
			return s.fail("log is a JSON %s, not an object", kindName(k))
		}
		return members(s.dec, s.member)
	})
	if err != nil {
		return err
	}
	if !s.listed {
		found = append(found, "no entries")
		return &Error{Err: fmt.Errorf("not a capture: found %s", strings.Join(found, ", ")), Hint: exportHint}
	}
	return s.tail()
}

// member reads a member of the log.
func (s *scanner) member(name string) (err error) {
	switch name {
	case "entries":
		return s.entries()
	case "creator":
		s.creator, err = s.software()
		return err
	case "browser":
		s.browser, err = s.software()
		return err
	}
	return s.dec.SkipValue()
}

// software reads a name and a version, of the exporter or of the browser.
func (s *scanner) software() (string, error) {
	var name, version string
	err := members(s.dec, func(member string) (err error) {
		switch member {
		case "name":
			name, err = s.text()
		case "version":
			version, err = s.text()
		default:
			err = s.dec.SkipValue()
		}
		return err
	})
	return strings.TrimSpace(name + " " + version), err
}

// entries reads the list of entries. What is no object there is counted and passed over.
func (s *scanner) entries() error {
	first := !s.listed
	s.listed = true
	list := string(s.dec.StackPointer())
	switch k := s.dec.PeekKind(); k {
	case 'n', jsontext.KindInvalid:
		return s.dec.SkipValue()
	case '[':
	default:
		return s.fail("entries is a JSON %s, not an array", kindName(k))
	}
	if _, err := s.dec.ReadToken(); err != nil {
		return err
	}
	if first && !s.rec.options.Strict {
		if err := s.skim(list); err != nil {
			return err
		}
	}
	return remaining(s.dec, func() error { return s.entry(list) })
}

// offset is where in the capture the decoder is.
func (s *scanner) offset() int64 { return s.dec.InputOffset() + s.shift }

// entry reads the next entry of the list that the JSON pointer names.
func (s *scanner) entry(list string) error {
	index := s.sum.entries
	if k := s.dec.PeekKind(); k != '{' {
		if err := s.dec.SkipValue(); err != nil {
			return err
		}
		s.sum.entries++
		s.odd(index)
		return nil
	}
	s.rec.reset()
	s.rec.Index, s.rec.Pointer = index, list+"/"+strconv.Itoa(index)
	// Only a comma and white space can stand between the decoder and the bracket that it just saw.
	s.rec.Offset = s.offset() + int64(bytes.IndexByte(s.dec.UnreadBuffer(), '{'))
	if err := members(s.dec, s.entryMember); err != nil {
		return err
	}
	if s.lost && s.rec.options.needs(s.rec.Entry) {
		return &Error{Offset: s.rec.Offset, Pointer: s.rec.Pointer, Err: errLost, Hint: fileHint}
	}
	s.lost = false
	s.sum.entries++
	if !s.rec.finish(s.yield) {
		return errStop
	}
	return nil
}

// odd keeps that an element of the list is no entry.
func (s *scanner) odd(index int) { s.warn(fmt.Sprintf("entry %d is not an object", index)) }

// warn keeps the first oddity; the others are rarely different ones.
func (s *scanner) warn(problem string) {
	if s.sum.problem == "" {
		s.sum.problem = problem
	}
}

// tail looks behind the document, where a crash leaves NUL bytes and a careless merge a second capture.
func (s *scanner) tail() error {
	s.dec.PeekKind() // reads up to the next byte that is no white space
	rest := s.dec.UnreadBuffer()
	text := bytes.TrimLeft(rest, " \t\r\n")
	if len(text) == 0 {
		if _, err := s.dec.ReadToken(); err != io.EOF {
			return err
		}
		return nil
	}
	offset := s.offset() + int64(len(rest)-len(text))
	s.sum.bytes = offset
	switch text[0] {
	case '}', ']': // brackets were lost or doubled before; the decoder says it best
		_, err := s.dec.ReadToken()
		return err
	case ')': // the call around the capture closes; see plain
	case 0:
		s.warn(fmt.Sprintf("NUL bytes follow the capture from byte %d on", offset))
	case '{', '[':
		s.warn(fmt.Sprintf("a second document follows the capture at byte %d and was not read", offset))
	default:
		s.warn(fmt.Sprintf("other data follows the capture from byte %d on", offset))
	}
	return nil
}

// fail is an error at the value that was just reached.
func (s *scanner) fail(format string, args ...any) error {
	return &Error{
		Offset: s.offset(), Pointer: string(s.dec.StackPointer()),
		Err: fmt.Errorf(format, args...), Hint: exportHint,
	}
}

// place turns an error into one that says where the capture broke.
func (s *scanner) place(err error) *Error {
	if e, ok := errors.AsType[*Error](err); ok {
		return e
	}
	e := &Error{Offset: s.in.n + s.shift, Pointer: string(s.dec.StackPointer()), Err: err}
	switch syntax, ok := errors.AsType[*jsontext.SyntacticError](err); {
	case ok:
		e.Offset, e.Pointer, e.Err = syntax.ByteOffset+s.shift, string(syntax.JSONPointer), syntax.Err
		// The library keeps this error to itself; the test on deep nesting fails if its text changes.
		if syntax.Err.Error() == "exceeded max depth" {
			e.Err, e.Hint = errDepth, fileHint
		}
	case err == io.EOF:
		e.Err = io.ErrUnexpectedEOF
	default: // the reader below failed: a broken gzip member, a disk
		if cause := errors.Unwrap(err); cause != nil {
			e.Err = cause
		}
	}
	switch {
	case errors.Is(e.Err, errValue):
		e.Hint = "capture again without the large download"
	case errors.Is(e.Err, io.ErrUnexpectedEOF):
		e.Hint = "the capture was cut short; what precedes the cut was read, for the rest export it again"
	}
	if len(e.Pointer) > 200 { // a name or a nesting gone wild
		e.Pointer = strings.ToValidUTF8(e.Pointer[:200], "") + "…"
	}
	e.Pointer = printable(e.Pointer)
	return e
}

// printable makes a text from outside fit for an error message: names in a capture could hold terminal commands.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return utf8.RuneError
	}, text)
}

// text reads a value as text; what is no string is "".
func (s *scanner) text() (string, error) {
	if s.dec.PeekKind() != '"' {
		return "", s.dec.SkipValue()
	}
	v, err := s.dec.ReadValue()
	return unquote(v), err
}

// members calls f for the name of every member of the object that comes next; f must read the member's value.
// A value that is no object is passed over: null stands for an absent object with many exporters.
func members(dec *jsontext.Decoder, f func(name string) error) error {
	if dec.PeekKind() != '{' {
		return dec.SkipValue()
	}
	if _, err := dec.ReadToken(); err != nil {
		return err
	}
	for dec.PeekKind() == '"' {
		name, err := dec.ReadValue()
		if err != nil {
			return err
		}
		if err := f(unquote(name)); err != nil {
			return err
		}
	}
	_, err := dec.ReadToken() // the closing bracket, or the error that PeekKind met
	return err
}

// elements calls f for every element of the array that comes next; f must read it. Like members it passes over a value
// of another kind.
func elements(dec *jsontext.Decoder, f func() error) error {
	if dec.PeekKind() != '[' {
		return dec.SkipValue()
	}
	if _, err := dec.ReadToken(); err != nil {
		return err
	}
	return remaining(dec, f)
}

// remaining calls f for every further element of the array that the decoder is in.
func remaining(dec *jsontext.Decoder, f func() error) error {
	for k := dec.PeekKind(); k != ']' && k != jsontext.KindInvalid; k = dec.PeekKind() {
		if err := f(); err != nil {
			return err
		}
	}
	_, err := dec.ReadToken()
	return err
}

// unquote returns the text of a JSON string, "" for any other value. Invalid UTF-8 becomes U+FFFD.
func unquote(v jsontext.Value) string {
	if v.Kind() != '"' {
		return ""
	}
	text, _ := jsontext.AppendUnquote(nil, v) // the error only repeats that there was invalid UTF-8
	return string(text)
}

// kindName says what a value is, for people.
func kindName(k jsontext.Kind) string {
	switch k {
	case 'n':
		return "null"
	case 't', 'f':
		return "boolean"
	case '"':
		return "string"
	case '0':
		return "number"
	case '[':
		return "array"
	}
	return "object"
}

package har

import (
	"errors"
	"io"
	"io/fs"
	"iter"
	"os"
)

// Source is a capture that can be read.
type Source struct {
	name string
	look
	open func() (stream, error) // the bytes as they are stored
	zip  archive                // of a Fiddler archive, whose sessions are files of their own
	once bool                   // the bytes come from a pipe: they cannot be opened a second time
	err  error                  // why this is no capture, found when it was first looked at
	info Info
}

// stream is an opened capture.
type stream struct {
	io.ReadCloser
	file  *os.File // which holds the same bytes, so that any part of them can be read at any time; else nil
	files fs.FS    // where the capture may keep response bodies (Playwright's content._file), nil for nowhere
}

// newSource looks at the beginning of a capture that can be opened again and again.
func newSource(name string, open func() (stream, error)) *Source {
	s := &Source{name: name, open: open}
	st, err := open()
	if err != nil {
		s.err = named(name, err)
		return s
	}
	defer st.Close()
	_, s.look, err = plain(st)
	s.err = named(name, err)
	return s
}

// Name is the slash path of the capture as it was given, with the member's name for one inside a zip.
func (s *Source) Name() string { return s.name }

// Report reports whether the bytes are a prvgap report rather than a capture.
func (s *Source) Report() bool { return s.layout == layoutReport }

// Info tells what the last reading of the entries found.
func (s *Source) Info() Info { return s.info }

// Reader returns the uncompressed bytes as UTF-8, of a Fiddler archive the bytes as they are. The caller closes it.
func (s *Source) Reader() (io.ReadCloser, error) { return s.text() }

// text opens the capture as plain text.
func (s *Source) text() (stream, error) {
	if s.err != nil {
		return stream{}, s.err
	}
	st, err := s.open()
	if err != nil {
		return stream{}, named(s.name, err)
	}
	if s.layout == layoutSAZ {
		return st, nil
	}
	r, seen, err := plain(st)
	if err != nil {
		st.Close()
		return stream{}, named(s.name, err)
	}
	text := stream{ReadCloser: readCloser{r, st}, files: st.files}
	if seen.verbatim {
		text.file = st.file
	}
	return text, nil
}

// readCloser reads from a view of what it closes.
type readCloser struct {
	io.Reader
	io.Closer
}

// Entries reads the capture. Every complete entry before a break is handed over, then the break as the one error.
func (s *Source) Entries(o Options) iter.Seq2[Entry, error] {
	return func(yield func(Entry, error) bool) {
		s.info = Info{Format: s.format}
		from, next, stopped := 0, 0, false
		each := func(e Entry) bool {
			next = e.Index + 1
			if e.Index < from {
				return true
			}
			stopped = !yield(e, nil)
			return !stopped
		}
		err := s.pass(o, false, each)
		if (errors.Is(err, errDepth) || errors.Is(err, errLost)) && !s.once {
			from = next // the second pass goes on where the first one broke off
			err = s.pass(o, true, each)
		}
		if e, ok := errors.AsType[*Error](err); ok && !stopped {
			s.info.Problem = e.problem()
			yield(Entry{}, err)
		}
	}
}

// pass reads the capture once; a flat pass overlooks what is nested too deeply for the JSON library, and is a strict one,
// which forgets nothing.
func (s *Source) pass(o Options, flat bool, each func(Entry) bool) error {
	if s.Report() {
		return named(s.name, errors.New("a prvgap report, not a capture"))
	}
	sum, err := s.scan(o, flat, each)
	s.info.Creator, s.info.Entries, s.info.Bytes = sum.creator, sum.entries, sum.bytes
	s.info.Complete, s.info.Problem = sum.complete, sum.problem
	return named(s.name, err)
}

// scan hands the capture to the reader of its layout.
func (s *Source) scan(o Options, flat bool, each func(Entry) bool) (summary, error) {
	if s.layout == layoutSAZ {
		return s.sessions(o, each)
	}
	st, err := s.text()
	if err != nil {
		return summary{}, err
	}
	defer st.Close()
	if st.file == nil && !s.once {
		in := newAhead(st)
		defer in.Close()
		st = stream{ReadCloser: in, files: st.files}
	}
	// Other logs are always read flat: some hand over entries in an order that a second pass could not take up again.
	if flat || s.layout != layoutHAR {
		o.Strict = true
		st = stream{ReadCloser: readCloser{&flattener{r: st}, st}, files: st.files}
	}
	return read(st, s.layout, record{options: o, files: st.files}, each)
}

// named puts the capture's name into an error, which it makes an *Error; nil stays nil.
func named(name string, err error) error {
	if err == nil {
		return nil
	}
	e, ok := errors.AsType[*Error](err)
	if !ok {
		e = &Error{Err: err}
		// "open sales.har: no such file" would name the file twice.
		if p, ok := errors.AsType[*fs.PathError](err); ok {
			e.Err = p.Err
		}
	}
	e.Name = name
	return e
}

package har

import (
	"bytes"
	"errors"
	"io"
	"strconv"

	"github.com/go-json-experiment/json/jsontext"
)

// event is one value of a log that is a list of them.
type event struct {
	value   jsontext.Value // good until the next event
	pointer string         // "/17" in an array, "line 18" where each value has a line
	offset  int64
}

// events hands over every value of a log: the elements of one array, or one value after the other. A value is taken in
// whole, for its members may come in any order.
func (s *scanner) events(f func(event) error) error {
	if s.dec.PeekKind() == '[' {
		i := -1
		err := elements(s.dec, func() error {
			i++
			return s.event("/"+strconv.Itoa(i), f)
		})
		if err != nil {
			return err
		}
		return s.tail()
	}
	for line := 1; ; {
		s.dec.PeekKind() // reads up to the next byte that is no white space
		rest := s.dec.UnreadBuffer()
		text := bytes.TrimLeft(rest, " \t\r\n")
		line += bytes.Count(rest[:len(rest)-len(text)], []byte("\n"))
		if len(text) == 0 || text[0] == 0 { // the end, or what a crash left of it
			return s.tail()
		}
		within := 0
		err := s.event("line "+strconv.Itoa(line), func(ev event) error {
			within = bytes.Count(ev.value, []byte("\n"))
			return f(ev)
		})
		if err != nil {
			return s.brokenLine(err, line)
		}
		line += within
	}
}

// brokenLine says which line to take out: a logger that was started anew goes on behind the line that it was killed in.
func (s *scanner) brokenLine(err error, line int) error {
	if _, ok := errors.AsType[*jsontext.SyntacticError](err); !ok || errors.Is(err, io.ErrUnexpectedEOF) {
		return err
	}
	err = s.place(err)
	if e, ok := errors.AsType[*Error](err); ok && e.Hint == "" {
		e.Hint = "line " + strconv.Itoa(line) + " is broken; what precedes it was read, take it out to read the rest"
	}
	return err
}

// event takes the next value of a log in. What is no object is passed over.
func (s *scanner) event(pointer string, f func(event) error) error {
	v, err := s.dec.ReadValue()
	if err != nil {
		return err
	}
	if v.Kind() != '{' {
		s.warn(pointer + " is a JSON " + kindName(v.Kind()) + ", not an object")
		return nil
	}
	return f(event{v, pointer, s.dec.InputOffset() - int64(len(v))})
}

// within lets f read a value that was taken in, as if the capture began with it.
func (s *scanner) within(v jsontext.Value, f func() error) error {
	outer := s.dec
	defer func() { s.dec = outer }()
	if s.sub == nil {
		s.sub = newDecoder(bytes.NewReader(v))
	} else {
		s.sub.Reset(bytes.NewReader(v), liberties()...)
	}
	s.dec = s.sub
	return f()
}

// span reads a value of the one that within was called with, and returns it as a part of that: it stays good when the
// decoder goes on.
func (s *scanner) span(of jsontext.Value) (jsontext.Value, error) {
	v, err := s.dec.ReadValue()
	if err != nil {
		return nil, err
	}
	end := s.dec.InputOffset()
	return of[end-int64(len(v)) : end], nil
}

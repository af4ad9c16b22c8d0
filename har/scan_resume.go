package har

import (
	"bytes"
	"io"
	"math"
	"strconv"
	"strings"
)

// skim reads the list of entries that begins behind the bracket which the decoder has just read, as far as that goes
// without it, and puts the decoder where it stopped.
func (s *scanner) skim(list string) error {
	unread := bytes.Clone(s.dec.UnreadBuffer())
	k := newSkimmer(io.MultiReader(bytes.NewReader(unread), s.in.r), s.offset(), s.rec, func(e Entry) bool {
		e.Pointer = list + "/" + strconv.Itoa(e.Index)
		return s.yield(e)
	})
	limit := int64(math.MaxInt64)
	if s.in.file != nil {
		k.at, limit = s.in.file, k.place+sectionSize
	}
	p, err := k.entries(limit)
	if p.next >= 0 {
		err = k.others(&p)
	}
	s.sum.entries += p.n
	if p.odd > 0 {
		s.odd(p.odd - 1)
	}
	if err != nil {
		return err
	}
	s.lost = k.spool.lost
	return s.resume(list, p.n, k.rest(p.end), p.end)
}

// resume puts the decoder behind the first n elements of a list, where the rest of the capture follows. It is given the
// little that it has to have read to be there: the brackets around the place, and an empty object for each element. So
// whatever follows, good or broken, it reads as if it had come all the way.
func (s *scanner) resume(list string, n int, rest io.Reader, offset int64) error {
	opening := `{"` + strings.ReplaceAll(list[1:], "/", `":{"`) + `":[`
	s.in.r, s.in.n = io.MultiReader(strings.NewReader(opening), &repeated{text: "{},", left: max(3*n-1, 0)}, rest), 0
	s.dec.Reset(s.in, liberties()...)
	for range 1 + 2*strings.Count(list, "/") {
		if _, err := s.dec.ReadToken(); err != nil {
			return err
		}
	}
	for range n {
		if err := s.dec.SkipValue(); err != nil {
			return err
		}
	}
	s.shift = offset - s.dec.InputOffset()
	return nil
}

// repeated reads a text again and again until so many bytes are read.
type repeated struct {
	text string
	next int
	left int
}

func (r *repeated) Read(p []byte) (int, error) {
	n := min(len(p), r.left)
	for i := range p[:n] {
		p[i] = r.text[r.next]
		r.next = (r.next + 1) % len(r.text)
	}
	if r.left -= n; n == 0 {
		return 0, io.EOF
	}
	return n, nil
}

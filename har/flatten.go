package har

import (
	"errors"
	"io"
)

// flatDepth is the deepest level that a flat pass shows. The JSON library stops at 10,000; entries need ten.
const flatDepth = 5000

// maxDepth bounds the memory that brackets alone can claim.
const maxDepth = 16 << 20

var errBracket = errors.New("closing bracket does not match the opening one")

// flattener blanks what stands inside a value of level flatDepth, so that a capture nested deeper than the JSON library
// goes can still be read, at unchanged byte offsets. Of the blanked text only brackets and quotes are checked.
type flattener struct {
	r       io.Reader
	depth   int
	closers []byte // the closing bracket that each level from flatDepth on waits for
	quoted  bool
	escaped bool // whether the byte before was a backslash inside a string
	err     error
}

func (f *flattener) Read(p []byte) (int, error) {
	if f.err != nil {
		return 0, f.err
	}
	n, err := f.r.Read(p)
	for i := range p[:n] {
		p[i] = f.next(p[i])
		if f.err != nil {
			return i, f.err
		}
	}
	return n, err
}

// next takes one byte in and tells which one to show for it.
func (f *flattener) next(c byte) byte {
	hidden := f.depth >= flatDepth
	switch {
	case f.escaped:
		f.escaped = false
	case f.quoted:
		f.escaped = c == '\\'
		f.quoted = c != '"'
	case c == '"':
		f.quoted = true
	case c == '{' || c == '[':
		f.enter(c)
	case c == '}' || c == ']':
		f.leave(c)
		hidden = f.depth >= flatDepth // the closing bracket of level flatDepth is shown like its opening one
	}
	if hidden {
		return ' '
	}
	return c
}

// enter goes one level down.
func (f *flattener) enter(c byte) {
	f.depth++
	if f.depth < flatDepth {
		return
	}
	f.closers = append(f.closers, c+2) // in ASCII, ']' and '}' stand two after their opening brackets
	if len(f.closers) > maxDepth {
		f.err = errDepth
	}
}

// leave comes one level up. Above flatDepth the JSON library checks that brackets match.
func (f *flattener) leave(c byte) {
	if n := len(f.closers); n > 0 {
		if f.closers[n-1] != c {
			f.err = errBracket
		}
		f.closers = f.closers[:n-1]
	}
	f.depth = max(f.depth-1, 0) // one closing bracket too many is for the JSON library to report
}

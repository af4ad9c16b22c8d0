package har

import (
	"bytes"
	"io"
)

// spool holds what is still needed of an entry that is longer than the window, where the capture can be read only once:
// what tells whether an entry matters may stand behind its body. It is held in memory, as the text of a capture is secret
// and whoever pipes one may have kept it off the disk on purpose. It comes in pieces, which unlike a buffer that grows
// are there but once.
type spool struct {
	pieces []piece
	size   int  // of what is kept
	lost   bool // whether something was forgotten
}

// piece is a part of a capture. Of one that was forgotten there is only the length.
type piece struct {
	span
	text []byte
}

// keep adds a copy of what begins at a place.
func (s *spool) keep(at int64, text []byte) {
	if len(text) > 0 {
		s.pieces = append(s.pieces, piece{span{at, at + int64(len(text))}, bytes.Clone(text)})
		s.size += len(text)
	}
}

// forget adds what begins at a place inside a string, but not what it says. That will read as a row of one letter, which
// follows a backslash as well as anything else. It must not end in a backslash itself.
func (s *spool) forget(at int64, text []byte) {
	if n := len(bytes.TrimRight(text, `\`)); n > 0 {
		s.pieces = append(s.pieces, piece{span: span{at, at + int64(n)}})
		s.lost = true
		at, text = at+int64(n), text[n:]
	}
	s.keep(at, text)
}

// readers read what there is of a part of the capture, and maybe a little of what follows it.
func (s *spool) readers(of span) []io.Reader {
	var found []io.Reader
	for _, p := range s.pieces {
		switch skip := max(of.from-p.from, 0); {
		case of.from >= p.to:
		case of.to <= p.from:
			return found
		case p.text == nil:
			found = append(found, &repeated{text: "n", left: p.len() - int(skip)})
		default:
			found = append(found, bytes.NewReader(p.text[skip:]))
		}
	}
	return found
}

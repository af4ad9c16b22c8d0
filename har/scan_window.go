package har

import (
	"bytes"
	"errors"
	"io"
	"math"
	"math/bits"
)

const (
	// chunkSize is how much is read at once: fewer bytes cost calls, more leave the processor's cache.
	chunkSize = 256 << 10
	// maxWindowed is how much of an entry is held in the window.
	maxWindowed = 2 << 20
	// maxNested is how deep the brackets of a value may be nested that is passed over.
	maxNested = 1 << 10
	// maxEntry is how much is held of one in all. The JSON library, which takes longer ones over, refuses single values
	// of maxValue.
	maxEntry = maxValue - chunkSize
)

// errDamage stands for a place where the text cannot be JSON.
var errDamage = errors.New("no JSON")

// window is the part of a capture that is held in memory. Places in it are offsets in the capture, which stay what they
// are when the window moves on.
type window struct {
	r     io.Reader
	at    io.ReaderAt // the capture, where it can be read again; else nil
	mark  kernel
	carry carry
	start int64  // where the window begins
	buf   []byte // its length is a multiple of blockSize
	read  int    // buf[:read] was read
	known int    // buf[:known] is marked and sound
	marks []mark
	open  [maxNested]byte // the brackets that closing waits for
	held  int64           // what begins here is still needed
	spool spool           // the part of it that has left the window of a pipe

	inside  int64       // where the string began that is being passed over, 0 for none
	settled func() bool // whether nobody will want to know what it says
	err     error       // why the known text does not grow any more
}

// hold makes a place the first one that is still needed.
func (w *window) hold(place int64) { w.held, w.spool = place, spool{} }

// fill takes more of the text in. What is held stays in the window, or only what begins at the place that was reached if
// that has become too much. It reports false where nothing can be added.
func (w *window) fill(reached int64) bool {
	if w.err != nil || w.spool.size > maxEntry {
		return false
	}
	keep := w.held
	if reached-keep > maxWindowed {
		keep = reached
	}
	if len(w.buf)-w.read < min(chunkSize, len(w.buf)/2) || w.buf == nil {
		w.move(keep)
	}
	for before := w.known; w.known == before && w.err == nil; {
		n, err := w.r.Read(w.buf[w.read:min(w.read+chunkSize, len(w.buf))])
		w.read += n
		w.index(err)
	}
	return w.start+int64(w.known) > reached
}

// move drops what precedes a place, and makes room for more. Most captures are small and need no large window.
func (w *window) move(keep int64) {
	drop := int(keep-w.start) / blockSize * blockSize
	w.save(drop)
	buf, marks := w.buf, w.marks
	if len(buf) < 2*chunkSize || len(buf)-(w.read-drop) < chunkSize {
		buf = make([]byte, max(2*len(buf), chunkSize/16))
		marks = make([]mark, len(buf)/blockSize)
	}
	copy(marks, w.marks[drop/blockSize:(w.known+blockSize-1)/blockSize])
	copy(buf, w.buf[drop:w.read])
	w.buf, w.marks = buf, marks
	w.start += int64(drop)
	w.read -= drop
	w.known -= drop
}

// save puts aside what is needed of a pipe and will be dropped: what cannot be read again.
func (w *window) save(drop int) {
	from := max(w.held, w.start)
	if w.at != nil || from >= w.start+int64(drop) {
		return
	}
	text := w.buf[from-w.start : drop]
	needed := len(text)
	if w.inside > 0 && w.settled() {
		needed = min(needed, int(max(w.inside-from, 0)))
	}
	w.spool.keep(from, text[:needed])
	w.spool.forget(from+int64(needed), text[needed:])
}

// index marks what was read. With the reason why reading ended, the last block is filled up with blanks.
func (w *window) index(end error) {
	to := w.read / blockSize * blockSize
	w.err = end
	if end != nil {
		to = (w.read + blockSize - 1) / blockSize * blockSize
		for i := w.read; i < to; i++ {
			w.buf[i] = ' '
		}
	}
	sound := w.known + blockSize*w.mark(w.buf[w.known:to], w.marks[w.known/blockSize:to/blockSize], &w.carry)
	if sound < to {
		w.err = errDamage
	}
	w.known = min(sound, w.read)
}

// next returns the first byte from a place on that is no blank, and where it is; 0 if there is none. The place must be
// outside strings.
func (w *window) next(place int64) (byte, int64) {
	for {
		for i := int(place - w.start); i < w.known; i++ {
			if c := w.buf[i]; c > ' ' { // the kernel lets no other control characters pass
				return c, w.start + int64(i)
			}
		}
		place = w.start + int64(w.known)
		if !w.fill(place) {
			return 0, place
		}
	}
}

// blocks returns in which block a place is, and which bytes of that precede it.
func (w *window) blocks(place int64) (block int, before uint64) {
	i := int(place - w.start)
	return i / blockSize, 1<<(i%blockSize) - 1
}

// quote returns where the first quote from a place on is that opens or closes a string; -1 if there is none.
func (w *window) quote(place int64) int64 {
	for {
		block, before := w.blocks(place)
		for b, m := range w.marks[block : (w.known+blockSize-1)/blockSize] {
			if quotes := m.quotes &^ before; quotes != 0 {
				return w.start + int64((block+b)*blockSize+bits.TrailingZeros64(quotes))
			}
			before = 0
		}
		place = w.start + int64(w.known)
		if !w.fill(place) {
			return -1
		}
	}
}

// closing returns where the bracket is that closes the array or object which begins at a place; -1 if there is none, or
// one that does not match.
func (w *window) closing(place int64) int64 {
	open := &w.open
	depth := 0
	for {
		block, before := w.blocks(place)
		for b, m := range w.marks[block : (w.known+blockSize-1)/blockSize] {
			for brackets := m.brackets &^ before; brackets != 0; brackets &= brackets - 1 {
				at := (block+b)*blockSize + bits.TrailingZeros64(brackets)
				switch c := w.buf[at]; {
				case c == '{' || c == '[':
					if depth == maxNested {
						return -1
					}
					open[depth] = c
					depth++
				case open[depth-1] != c-2: // in ASCII, ']' and '}' stand two after their opening brackets
					return -1
				case depth == 1:
					return w.start + int64(at)
				default:
					depth--
				}
			}
			before = 0
		}
		place = w.start + int64(w.known)
		if !w.fill(place) {
			return -1
		}
	}
}

// span is a part of a capture.
type span struct{ from, to int64 }

func (s span) len() int { return int(s.to - s.from) }

// text returns a part of what was read, nil if it cannot be read again.
func (w *window) text(s span) []byte {
	if s.from >= w.start {
		return w.buf[s.from-w.start : s.to-w.start]
	}
	text := make([]byte, s.len())
	if _, err := io.ReadFull(w.again(s), text); err != nil {
		return nil
	}
	return text
}

// again reads a part of what was read once more, and maybe a little of what follows it.
func (w *window) again(s span) io.Reader {
	if w.at != nil {
		return io.NewSectionReader(w.at, s.from, s.to-s.from)
	}
	left := max(s.from, w.start) - w.start
	return io.MultiReader(append(w.spool.readers(s), bytes.NewReader(w.buf[left:w.read]))...)
}

// rest reads what was read from a place on, and then what was not read yet.
func (w *window) rest(from int64) io.Reader {
	read := w.again(span{from, math.MaxInt64})
	if w.at != nil {
		return read
	}
	end := w.r
	if w.err != nil && w.err != errDamage {
		end = failedReader{w.err}
	}
	return io.MultiReader(read, end)
}

// failedReader gives the error that a reader ended with again.
type failedReader struct{ err error }

func (f failedReader) Read([]byte) (int, error) { return 0, f.err }

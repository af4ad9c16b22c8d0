package har

import (
	"encoding/binary"
	"math/bits"
)

// blockSize is how many bytes one mark stands for.
const blockSize = 64

// mark is what a kernel finds in a block of 64 bytes; bit i stands for byte i.
type mark struct {
	quotes   uint64 // those that open and close strings
	brackets uint64 // braces and square brackets outside strings
}

// carry is what a block needs to know of the one before it.
type carry struct {
	escaped uint64 // 1 if the block's first byte follows a backslash that escapes it
	quoted  uint64 // all ones if the block begins inside a string
}

// kernel marks the blocks of a JSON text, which is len(marks) blocks long, and returns how many are sound: it stops at
// the first one with a control character inside a string or, outside, with a byte that no JSON has there.
type kernel func(text []byte, marks []mark, c *carry) int

// In each constant, all eight bytes of a word are the same one.
const (
	eachOne   = 0x0101010101010101
	eachLow   = 0x7f * eachOne
	eachHigh  = 0xe0 * eachOne
	eachQuote = '"' * eachOne
	eachSlash = '\\' * eachOne
	eachSpace = ' ' * eachOne
)

// markPortable is the kernel for every machine: it works on eight bytes at a time, and on single ones outside strings.
func markPortable(text []byte, marks []mark, c *carry) int {
	for i := range marks {
		block := (*[blockSize]byte)(text[i*blockSize:])
		var quotes, slashes, controls uint64
		for j := range blockSize / 8 {
			word := binary.LittleEndian.Uint64(block[8*j:])
			quotes |= gather(zeros(word^eachQuote)) << (8 * j)
			slashes |= gather(zeros(word^eachSlash)) << (8 * j)
			controls |= gather(zeros(word&eachHigh)) << (8 * j)
		}
		quotes &^= c.escapes(slashes)
		inside := c.strings(quotes)
		if controls&inside != 0 {
			return i
		}
		marks[i] = mark{quotes: quotes}
		if inside == ^uint64(0) {
			continue
		}
		brackets, ok := punctuation(block, ^inside)
		if !ok {
			return i
		}
		marks[i].brackets = brackets
	}
	return len(marks)
}

// zeros returns a word whose bytes are 0x80 where those of x are zero, and zero elsewhere.
func zeros(x uint64) uint64 { return ^(((x & eachLow) + eachLow) | x | eachLow) }

// gather makes one byte of the highest bits of eight, the lowest of them first.
func gather(x uint64) uint64 { return x >> 7 * 0x0102040810204080 >> 56 }

// escapes returns which bytes follow a backslash that is not escaped itself, given where backslashes are: of each run of
// them every second byte, and the one behind a run of odd length.
func (c *carry) escapes(slashes uint64) uint64 {
	const even = 0x5555555555555555
	slashes &^= c.escaped
	follows := slashes<<1 | c.escaped
	// A run that begins at an odd place, added to the slashes, ripples to the byte behind the run.
	sum, overflow := bits.Add64(slashes&^even&^follows, slashes, 0)
	c.escaped = overflow
	return (even ^ sum<<1) & follows
}

// strings returns which bytes belong to strings, their opening quotes included and their closing ones not: those before
// which there is an odd number of quotes.
func (c *carry) strings(quotes uint64) uint64 {
	inside := quotes
	for shift := 1; shift < 64; shift *= 2 {
		inside ^= inside << shift
	}
	inside ^= c.quoted
	c.quoted = uint64(int64(inside) >> 63)
	return inside
}

// punctuation looks at the bytes outside strings: which of them are brackets, and whether all may stand there.
func punctuation(block *[blockSize]byte, outside uint64) (brackets uint64, ok bool) {
	for j := range blockSize / 8 { // indentation is most of what stands outside strings
		word := binary.LittleEndian.Uint64(block[8*j:])
		outside &^= gather(zeros(word^eachSpace)) << (8 * j)
	}
	for ; outside != 0; outside &= outside - 1 {
		i := bits.TrailingZeros64(outside)
		switch outsideStrings[block[i&(blockSize-1)]] {
		case never:
			return 0, false
		case bracket:
			brackets |= 1 << i
		}
	}
	return brackets, true
}

// What a byte can be outside strings.
const (
	never = iota
	other
	bracket
)

// outsideStrings says of every byte what it can be there. The letters are those of true, false, null and exponents.
var outsideStrings = func() (class [256]byte) {
	for _, c := range []byte(" \t\r\n\":,+-.0123456789eEtrufalsn") {
		class[c] = other
	}
	for _, c := range []byte("{}[]") {
		class[c] = bracket
	}
	return class
}()

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
	eachHigh  = 0x80 * eachOne
	eachQuote = '"' * eachOne
	eachSlash = '\\' * eachOne
	eachSpace = ' ' * eachOne
	eachUpper = 0xe0 * eachOne // the bits that no control character has
	eachBit   = 0xff * eachOne
)

// markPortable is the kernel for every machine: it works on eight bytes at a time, and on single ones outside strings.
func markPortable(text []byte, marks []mark, c *carry) int {
	for i := range marks {
		block := (*[blockSize]byte)(text[i*blockSize:])
		quotes := places(block, eachBit, eachQuote) &^ c.escapes(places(block, eachBit, eachSlash))
		inside := c.strings(quotes)
		if hasControl(block) && places(block, eachUpper, 0)&inside != 0 {
			return i
		}
		marks[i] = mark{quotes: quotes}
		if inside == ^uint64(0) {
			continue
		}
		// Indentation is most of what stands outside strings.
		brackets, ok := punctuation(block, ^(inside | quotes | places(block, eachBit, eachSpace)))
		if !ok {
			return i
		}
		marks[i].brackets = brackets
	}
	return len(marks)
}

// places returns which bytes of a block are the one that each is full of, where only the bits of care count.
func places(block *[blockSize]byte, care, each uint64) uint64 {
	// Of the eight bits that tell of a word, one for each byte, each word takes the next place in all bytes.
	m := others(block, 0, care, each)>>7 | others(block, 8, care, each)>>6 |
		others(block, 16, care, each)>>5 | others(block, 24, care, each)>>4 |
		others(block, 32, care, each)>>3 | others(block, 40, care, each)>>2 |
		others(block, 48, care, each)>>1 | others(block, 56, care, each)
	return ^transposed(m)
}

// others returns in the highest bit of each byte of a word whether it is another one.
func others(block *[blockSize]byte, at int, care, each uint64) uint64 {
	differs := binary.LittleEndian.Uint64(block[at:at+8])&care ^ each
	return (differs&^eachHigh + ^uint64(eachHigh) | differs) & eachHigh
}

// transposed swaps the rows and columns of a square of bits, each byte of which is a row.
func transposed(m uint64) uint64 {
	swap := (m ^ m>>7) & 0x00aa00aa00aa00aa
	m ^= swap ^ swap<<7
	swap = (m ^ m>>14) & 0x0000cccc0000cccc
	m ^= swap ^ swap<<14
	swap = (m ^ m>>28) & 0x00000000f0f0f0f0
	return m ^ swap ^ swap<<28
}

// hasControl reports whether any byte of a block is less than a space.
func hasControl(block *[blockSize]byte) bool {
	var less uint64
	for at := 0; at < blockSize; at += 8 {
		word := binary.LittleEndian.Uint64(block[at:])
		less |= (word - eachSpace) &^ word // has a high bit if, not where, a byte is less
	}
	return less&eachHigh != 0
}

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
	inside := quotes ^ quotes<<1
	inside ^= inside << 2
	inside ^= inside << 4
	inside ^= inside << 8
	inside ^= inside << 16
	inside ^= inside<<32 ^ c.quoted
	c.quoted = uint64(int64(inside) >> 63)
	return inside
}

// punctuation looks at the bytes outside strings: which of them are brackets, and whether all may stand there.
func punctuation(block *[blockSize]byte, outside uint64) (brackets uint64, ok bool) {
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

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
	eachUpper = 0xe0 * eachOne
	eachQuote = '"' * eachOne
	eachSlash = '\\' * eachOne
	eachSpace = ' ' * eachOne
)

// markPortable is the kernel for every machine: it works on eight bytes at a time, and on single ones outside strings.
func markPortable(text []byte, marks []mark, c *carry) int {
	for i := range marks {
		block := (*[blockSize]byte)(text[i*blockSize:])
		var quotes, slashes, controls uint64
		for j := 0; j < blockSize; j += 8 {
			word := binary.LittleEndian.Uint64(block[j:])
			quotes = quotes>>8 | gather(word^eachQuote)
			slashes = slashes>>8 | gather(word^eachSlash)
			controls |= (word - eachSpace) &^ word // has a high bit if, not where, a byte is less than a space
		}
		quotes = ^quotes &^ c.escapes(^slashes)
		inside := c.strings(quotes)
		if controls&eachHigh != 0 && control(block, inside) {
			return i
		}
		marks[i] = mark{quotes: quotes}
		if inside == ^uint64(0) {
			continue
		}
		brackets, ok := punctuation(block, ^(inside | quotes))
		if !ok {
			return i
		}
		marks[i].brackets = brackets
	}
	return len(marks)
}

// gather returns in its highest byte which bytes of a word are not zero, the word's lowest one in its lowest bit.
func gather(word uint64) uint64 {
	nonzero := (word&^eachHigh + ^uint64(eachHigh)) | word
	return nonzero & eachHigh >> 7 * 0x0102040810204080 & (0xff << 56)
}

// control reports whether any of the given bytes of a block is a control character.
func control(block *[blockSize]byte, among uint64) bool {
	for j := 0; j < blockSize; j += 8 {
		word := binary.LittleEndian.Uint64(block[j:])
		if ^gather(word&eachUpper)>>56&(among>>j) != 0 {
			return true
		}
	}
	return false
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
	for j := 0; j < blockSize; j += 8 { // indentation is most of what stands outside strings
		word := binary.LittleEndian.Uint64(block[j:])
		outside &= gather(word^eachSpace)>>56<<j | ^(uint64(0xff) << j)
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

//go:build !purego

package har

import "golang.org/x/sys/cpu"

// fastest is the kernel for this processor.
func fastest() kernel {
	if cpu.X86.HasAVX2 && cpu.X86.HasPCLMULQDQ {
		return markVector
	}
	return markPortable
}

// markVector is the kernel for processors with AVX2 and carry-less multiplication.
func markVector(text []byte, marks []mark, c *carry) int {
	if len(marks) == 0 {
		return 0
	}
	_ = text[len(marks)*blockSize-1]
	return markAVX2(&text[0], &marks[0], len(marks), c, &nibbles)
}

// markAVX2 marks n blocks.
//
//go:noescape
func markAVX2(text *byte, marks *mark, n int, c *carry, by *nibbleTables) int

// nibbleTables tell what a byte can be outside strings. Looked up by its low and by its high nibble, a byte has a bit
// common to both if it may stand there, and of a bracket that is the highest bit. Each table stands there twice, for the
// two halves of a vector.
type nibbleTables struct{ low, high [2][16]byte }

var nibbles = func() (t nibbleTables) {
	const brackets = 0x80
	bit := byte(1)
	for high := range 16 {
		for low := range 16 {
			switch outsideStrings[high<<4|low] {
			case other:
				t.low[0][low] |= bit
				t.high[0][high] |= bit
			case bracket:
				t.low[0][low] |= brackets
				t.high[0][high] |= brackets
			}
		}
		if t.high[0][high]&bit != 0 {
			bit <<= 1 // there are six high nibbles, each with low ones of its own
		}
	}
	t.low[1], t.high[1] = t.low[0], t.high[0]
	return t
}()

package har

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// markSlowly is the oracle for kernels: it takes one byte after the other.
func markSlowly(text []byte) (marks []mark, sound int) {
	marks = make([]mark, len(text)/blockSize)
	quoted, escaped := false, false
	for i, c := range text {
		m := &marks[i/blockSize]
		bit := uint64(1) << (i % blockSize)
		if quoted && c < ' ' || !quoted && outsideStrings[c] == never {
			return marks, i / blockSize
		}
		switch {
		case escaped:
			escaped = false
		case c == '"':
			quoted = !quoted
			m.quotes |= bit
		case quoted:
			escaped = c == '\\'
		case outsideStrings[c] == bracket:
			m.brackets |= bit
		}
	}
	return marks, len(marks)
}

// FuzzKernel: every kernel marks what one does that looks at each byte, wherever the text begins in memory.
func FuzzKernel(f *testing.F) {
	f.Add([]byte(`{"a\\\"":[1,{"b":"c"}],"\\":"\u0000 {[]}"}`), uint8(0))
	f.Add(bytes.Repeat([]byte(`\`), 200), uint8(3))
	f.Add([]byte(`"`+strings.Repeat(`\\`, 63)+`\"`+strings.Repeat("{[,:]}", 40)), uint8(7))
	f.Fuzz(func(t *testing.T, text []byte, shift uint8) {
		checkKernels(t, text, int(shift)%blockSize)
	})
}

func checkKernels(t *testing.T, text []byte, shift int) {
	t.Helper()
	blocks := (len(text) + blockSize - 1) / blockSize
	room := bytes.Repeat([]byte{' '}, shift+blocks*blockSize)
	text = room[shift : shift+copy(room[shift:], text)][:blocks*blockSize]
	want, sound := markSlowly(text)
	for name, mark1 := range kernels() {
		got := make([]mark, blocks)
		var c carry
		half := blocks / 2 // in two calls, of which the second one takes the first one's state over
		n := mark1(text[:half*blockSize], got[:half], &c)
		if n == half {
			n += mark1(text[half*blockSize:], got[half:], &c)
		}
		if n != sound || !slices.Equal(got[:n], want[:n]) {
			t.Fatalf("%s: %d sound blocks %x, want %d %x, of %q", name, n, got[:n], sound, want[:sound], text)
		}
	}
}

// TestKernels tries every byte in every place of two blocks, inside and outside strings and behind backslashes, and then
// what comes of stringing together what is difficult.
func TestKernels(t *testing.T) {
	for at := range 2 * blockSize {
		for c := range 256 {
			for _, before := range []string{"", `"`, `"\`, `"\\`} {
				text := strings.Repeat(" ", at) + before + string([]byte{byte(c)}) + `" {"`
				checkKernels(t, []byte(text), at%blockSize)
			}
		}
	}
	rng := rand.New(rand.NewPCG(5, 6))
	pieces := []string{`\`, `\\`, `"`, `\"`, "{", "}", "[", "]", "a", " ", "é", "\n", strings.Repeat(" ", 61), strings.Repeat(`\`, 64), `"` + strings.Repeat("x", 70)}
	for i := range 20_000 {
		var b strings.Builder
		for range rng.IntN(60) {
			b.WriteString(pieces[rng.IntN(len(pieces))])
		}
		checkKernels(t, []byte(b.String()), i%blockSize)
	}
}

// BenchmarkKernel marks what captures mostly consist of: bodies with JSON in them, and lists of headers.
func BenchmarkKernel(b *testing.B) {
	for name, piece := range map[string]string{
		"body":    `{\"@odata.etag\":\"W/\\\"12345\\\"\",\"accountid\":\"00000000-0000-0000-0000-000000000000\",\"name\":\"Contoso\",\"statecode\":0},`,
		"headers": "          {\n            \"name\": \"x-ms-request-id\",\n            \"value\": \"00000000-0000-0000-0000-000000000000\"\n          },\n",
	} {
		text := []byte(strings.Repeat(piece, chunkSize/len(piece)))
		text = text[:len(text)/blockSize*blockSize]
		marks := make([]mark, len(text)/blockSize)
		for kernel, mark1 := range kernels() {
			b.Run(name+"/"+kernel, func(b *testing.B) {
				b.SetBytes(int64(len(text)))
				for b.Loop() {
					c := carry{}
					if name == "body" {
						c.quoted = ^uint64(0)
					}
					if n := mark1(text, marks, &c); n != len(marks) {
						b.Fatal("stopped at", n)
					}
				}
			})
		}
	}
}

func kernels() map[string]kernel {
	return map[string]kernel{"portable": markPortable, "fastest": fastest()}
}

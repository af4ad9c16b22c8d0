package har

import (
	"errors"
	"io"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"
)

// TestMeter: what has no end is refused once it fills the buffer, but only then.
func TestMeter(t *testing.T) {
	for _, test := range []struct {
		text string
		want error
	}{
		{`["` + strings.Repeat("a", 1<<18) + `"]`, errValue},
		{strings.Repeat(" ", 1<<18) + `["a"]`, errValue}, // white space is held like a value
		{`["a"` + strings.Repeat(`,"a"`, 1<<18) + `]`, nil},
	} {
		in := &meter{r: strings.NewReader(test.text), max: 1 << 16}
		in.dec = newDecoder(in)
		if err := in.dec.SkipValue(); !errors.Is(err, test.want) {
			t.Errorf("%.10q: %v, want %v", test.text, err, test.want)
		}
	}
}

// TestAhead: what is read ahead is what there is to read, and nothing goes on after Close.
func TestAhead(t *testing.T) {
	text := strings.Repeat("0123456789", 50_000)
	failure := errors.New("disk on fire")
	a := newAhead(io.MultiReader(strings.NewReader(text), iotest.ErrReader(failure)))
	got, err := io.ReadAll(iotest.HalfReader(a))
	if string(got) != text || err != failure {
		t.Errorf("%d bytes, %v", len(got), err)
	}
	a.Close()
	endless := &zeroReader{}
	a = newAhead(endless)
	if _, err := io.ReadFull(a, make([]byte, 1000)); err != nil {
		t.Error(err)
	}
	a.Close()
	n := endless.n
	runtime.Gosched()
	if endless.n != n || n > 10*readSize {
		t.Errorf("%d bytes, then %d", n, endless.n)
	}
}

type zeroReader struct{ n int }

func (z *zeroReader) Read(p []byte) (int, error) {
	z.n += len(p)
	return len(p), nil
}

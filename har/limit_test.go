package har

import (
	"errors"
	"strings"
	"testing"
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

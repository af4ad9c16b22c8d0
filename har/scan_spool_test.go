package har_test

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/prvgap/prvgap/har"
)

// TestSkimSpool reads entries longer than the window from a pipe, with their members in several orders, whole, cut short
// and damaged. Of some the body is forgotten, which nothing but the memory that it takes may tell.
func TestSkimSpool(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 8))
	pieces := []string{`\\`, `\"`, `\u00e9`, `\\\\\\\"`, "é", "{[", "x", strings.Repeat(`\\`, 100), strings.Repeat("y", 63)}
	var long strings.Builder
	for long.Len() < 3<<20 {
		long.WriteString(pieces[rng.IntN(len(pieces))])
	}
	orders := map[string]string{
		"forgotten":             `"request":{"method":"GET","url":"u"},"response":{"status":200,"content":{"mimeType":"a/b","text":"%s"}},"comment":"c"`,
		"not text":              `"request":{"method":"GET","url":"u","x":"%[1]s"},"response":{"status":200,"content":{"mimeType":"a/b","x":"%[1]s","text":""},"x":"%[1]s"},"x":["%[1]s"]`,
		"two bodies":            `"request":{"method":"GET","url":"u"},"response":{"status":200,"content":{"mimeType":"a/b","text":"%[1]s","text":"%[1]s","text":null}}`,
		"an error follows":      `"request":{"method":"GET","url":"u"},"response":{"status":200,"content":{"mimeType":"a/b","text":"%s"},"_error":"net::ERR_ABORTED"}`,
		"the status follows":    `"request":{"method":"GET","url":"u"},"response":{"content":{"mimeType":"a/b","text":"%s"},"status":403}`,
		"the URL follows":       `"response":{"status":200,"content":{"mimeType":"a/b","text":"%s"}},"request":{"method":"GET","url":"https://x/$batch"}`,
		"no type":               `"request":{"method":"GET","url":"u"},"response":{"status":200,"content":{"text":"%s"}}`,
		"wanted":                `"request":{"method":"GET","url":"https://x/wanted"},"response":{"status":200,"content":{"mimeType":"a/b","text":"%s"}}`,
		"short strings follow":  `"request":{"method":"GET","url":"u"},"response":{"status":200,"content":{"mimeType":"a/b","text":"%s"}` + strings.Repeat(`,"x":"y"`, 1<<17) + `}`,
		"nothing but backslash": `"request":{"method":"GET","url":"u"},"response":{"status":200,"content":{"mimeType":"a/b","text":"` + strings.Repeat(`\\`, 2<<20) + `%s"}}`,
	}
	o := har.Options{Body: func(_, url string) bool { return url == "https://x/wanted" }}
	for name, order := range orders {
		entry := "{" + fmt.Sprintf(order, strings.Repeat("z", rng.IntN(64))+long.String()) + "}"
		whole := `{"log":{"entries":[{},` + entry + `,{"request":{"url":"last"}}]}}`
		for i := range 3 {
			capture := []byte(whole)
			at := rng.IntN(len(capture))
			switch i {
			case 1:
				capture = capture[:at]
			case 2:
				capture[at] = '\n'
			}
			skimmed, strict := readBoth(piped(capture), o)
			if diff := difference(skimmed, strict); diff != "" && !passedOver(skimmed, strict, o) {
				t.Errorf("%s, %d at %d: %.2000s", name, i, at, diff)
			}
			if i == 0 && len(strict.entries) != 3 {
				t.Errorf("%s: %d entries, %v", name, len(strict.entries), strict.err)
			}
		}
	}
}

// TestSkimForgotten: a body that was forgotten and turns out to be needed is read again, or is an error where that cannot be
// done. There is never another body in its place.
func TestSkimForgotten(t *testing.T) {
	capture := `{"log":{"entries":[{},{"request":{"method":"GET","url":"u"},"response":{"status":200,"content":{"mimeType":"a/b","text":"` +
		strings.Repeat("long ", 1<<20) + `"},"status":403}},{}]}}`
	sources, err := har.Open("-", bytes.NewReader([]byte(capture)))
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, readErr := range sources[0].Entries(har.Options{}) {
		if err = readErr; err == nil {
			n++
		}
	}
	e, ok := errors.AsType[*har.Error](err)
	if !ok || n != 1 || e.Pointer != "/log/entries/1" || e.Offset != int64(strings.Index(capture, `{"request`)) || e.Hint == "" || sources[0].Info().Complete {
		t.Errorf("%d entries, %+v, %v", n, sources[0].Info(), err)
	}
	path := write(t, "packed.har.gz", gzipped(capture))
	skimmed, strict := readBoth(func() ([]*har.Source, error) { return har.Open(path, nil) }, har.Options{})
	if diff := difference(skimmed, strict); diff != "" || len(strict.entries) != 3 || len(strict.entries[1].Body) < 1<<20 {
		t.Errorf("packed: %d entries, %.500s", len(strict.entries), diff)
	}
}

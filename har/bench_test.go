package har_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/prvgap/prvgap/har"
)

// BenchmarkRead reads a capture from a file, as it is done by default and strictly.
func BenchmarkRead(b *testing.B) {
	var capture bytes.Buffer
	if err := generate(&capture, 64<<20); err != nil {
		b.Fatal(err)
	}
	path := filepath.Join(b.TempDir(), "large.har")
	if err := os.WriteFile(path, capture.Bytes(), 0o600); err != nil {
		b.Fatal(err)
	}
	for name, o := range map[string]har.Options{"skimmed": {}, "strict": {Strict: true}} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(capture.Len()))
			b.ReportAllocs()
			for b.Loop() {
				entries, _, err := readAll(path, o)
				if refused, _ := denied(entries); err != nil || refused == 0 {
					b.Fatalf("%d denials, %v", refused, err)
				}
			}
		})
	}
}

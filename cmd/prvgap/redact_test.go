package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/prvgap/prvgap/analyzer"
	"github.com/prvgap/prvgap/analyzer/report"
	"github.com/prvgap/prvgap/har"
	"github.com/prvgap/prvgap/har/redact"
)

// captureFiles are the sample captures, and those of the corpus where it is.
func captureFiles(t *testing.T) []string {
	t.Helper()
	var files []string
	for _, pattern := range []string{samples + "*.har", samples + "logs/*", "../../../shared/corpus/har/*"} {
		found, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range found {
			// The large ones of the corpus hold nothing that the others do not.
			if info, err := os.Stat(file); err == nil && (info.Size() < 1<<18 || strings.HasPrefix(file, samples)) {
				files = append(files, file)
			}
		}
	}
	if len(files) < 15 {
		t.Fatalf("only %d captures", len(files))
	}
	return files
}

// redacted redacts a capture into a new file. Captures that cannot be read give "".
func redacted(t *testing.T, path string, flags ...string) string {
	t.Helper()
	out := filepath.Join(t.TempDir(), "shared.har")
	var stderr bytes.Buffer
	code := run(append([]string{"redact", path, "-o", out, "--seed", "test"}, flags...), streams{out: io.Discard, err: &stderr, version: "v0"})
	if code == exitGap {
		t.Errorf("%s: exit code %d", path, code)
	}
	if _, err := os.Stat(out); err != nil {
		if code != exitFailed || strings.Contains(stderr.String(), "wrote") {
			t.Errorf("%s: nothing was written: %s", path, &stderr)
		}
		return ""
	}
	return out
}

// found is the report on evidence as JSON, without what a capture that is redacted with these flags cannot have in
// common with the original: how it was stored, where in it an entry stood, what was allowed, digests of ids, and the
// tables that only a FetchXML in an address names.
func found(t *testing.T, ev analyzer.Evidence, flags []string) any {
	t.Helper()
	var b bytes.Buffer
	refusedOnly := slices.Contains(flags, "--refused-only")
	if refusedOnly {
		ev.Facts.Allowed = nil
	}
	if len(flags) > 0 {
		ev.Facts.Records = nil
	}
	ev.Facts.Touched = nil
	a := analyzer.Analyze(ev, analyzer.Options{Dialects: dialects()})
	a.Denials = slices.Clone(a.Denials)
	for i := range a.Denials {
		a.Denials[i].Pointer = ""
		if refusedOnly {
			a.Denials[i].Entry = 0
		}
	}
	a.Captures = nil
	for _, f := range a.Findings {
		for i := range f.Advice {
			f.Advice[i].Why = "" // shortened ids
		}
	}
	if err := report.Write(&b, report.Report{Analysis: a}, "json", report.Options{}); err != nil {
		t.Fatal(err)
	}
	return decoded(t, b.String())
}

func decoded(t *testing.T, text string) any {
	t.Helper()
	var v any
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatal(err)
	}
	sortIDs(v)
	return v
}

// sortIDs sorts lists that are sorted by ids, whose order replacing changes.
func sortIDs(v any) {
	switch v := v.(type) {
	case []any:
		for _, e := range v {
			sortIDs(e)
		}
	case map[string]any:
		for name, e := range v {
			sortIDs(e)
			if list, ok := e.([]any); ok && name == "principals" {
				slices.SortFunc(list, func(a, b any) int { return strings.Compare(asJSON(a), asJSON(b)) })
			}
		}
	}
}

// difference tells where two values differ first, "" for nowhere.
func difference(got, want any) string {
	g, isObject := got.(map[string]any)
	w, both := want.(map[string]any)
	if isObject && both {
		for _, name := range slices.Sorted(maps.Keys(w)) {
			if place := difference(g[name], w[name]); place != "" {
				return "/" + name + place
			}
		}
	}
	gl, isList := got.([]any)
	wl, both := want.([]any)
	if isList && both && len(gl) == len(wl) {
		for i := range wl {
			if place := difference(gl[i], wl[i]); place != "" {
				return fmt.Sprintf("/%d%s", i, place)
			}
		}
	}
	if reflect.DeepEqual(got, want) {
		return ""
	}
	return fmt.Sprintf(" is %.600s, not %.600s", asJSON(got), asJSON(want))
}

func asJSON(v any) string {
	text, _ := json.Marshal(v) // was decoded from JSON
	return string(text)
}

// TestRedactKeepsFindings: a redacted capture gives the same report as the original; with everything replaced, the
// original's report with the same replaced in it.
func TestRedactKeepsFindings(t *testing.T) {
	r := redact.New(redact.Options{
		Replace: map[redact.Kind]bool{redact.Email: true, redact.Name: true, redact.GUID: true, redact.Host: true},
		Key:     redactOptions{seed: "test"}.key(), Known: knownEverywhere,
	})
	replace := func(path, text string) string {
		if strings.HasSuffix(path, ".url") {
			return r.Entry(har.Entry{URL: text}).URL
		}
		return r.Text(text)
	}
	denials := 0
	for _, path := range captureFiles(t) {
		if redacted(t, path, "--refused-only") == "" {
			continue
		}
		original := evidence(t, path)
		denials += len(original.Denials)
		modes := [][]string{{"--all"}} // does what the others do, and more
		if filepath.Dir(path) == filepath.Clean(samples) {
			modes = append(modes, nil, []string{"--refused-only"})
		}
		for _, flags := range modes {
			ev := evidence(t, redacted(t, path, flags...))
			if len(ev.Denials)+len(original.Denials) == 0 && reflect.DeepEqual(ev.Facts, original.Facts) {
				continue // and there is nothing to report
			}
			want := found(t, original, flags)
			if slices.Contains(flags, "--all") {
				want = decoded(t, har.RewriteBody(asJSON(want), replace))
			}
			if place := difference(found(t, ev, flags), want); place != "" {
				t.Errorf("%s %s: %s", path, flags, place)
			}
		}
	}
	if denials < 100 {
		t.Errorf("only %d denials: the test looks at nothing", denials)
	}
}

// read reads a capture as redact does.
func read(t *testing.T, capture []byte) ([]har.Entry, error) {
	t.Helper()
	sources, err := har.Open("-", bytes.NewReader(capture))
	if err != nil {
		return nil, err
	}
	var entries []har.Entry
	for e, err := range sources[0].Entries(har.Options{Body: analyzer.Body(dialects())}) {
		if err != nil {
			return entries, err
		}
		entries = append(entries, e)
	}
	return entries, nil
}

// FuzzRedact: whatever is redacted reads again as the same requests, and a text around a secret does not save it.
func FuzzRedact(f *testing.F) {
	for _, text := range append(secretTexts, `{"a":"`, `["`, `"`, "\\", "https://x/?", "<input value=", "token='", "/a?b=", "eyJ") {
		f.Add([]byte(`{"log":{"entries":[]}}`), text, webAPI+"accounts?$filter=name eq 'x'")
	}
	batch := asJSON(object{"log": object{"entries": plantedBatches()}})
	f.Add([]byte(batch), "", planted+"/token=/$batch")
	f.Add([]byte(strings.ReplaceAll(batch, "$batch", "token=1/$batch")), "é", "")
	f.Fuzz(func(t *testing.T, capture []byte, text, url string) {
		check := func(capture []byte, flags ...string) []byte {
			want, err := read(t, capture)
			if len(want) == 0 && err != nil {
				return nil
			}
			var out bytes.Buffer
			run(append([]string{"redact", "-", "-o", "-"}, flags...), streams{in: bytes.NewReader(capture), out: &out, err: io.Discard, version: "v0"})
			got, err := read(t, out.Bytes())
			if err != nil {
				t.Fatalf("what was written cannot be read: %v", err)
			}
			shape := func(entries []har.Entry) string {
				var all []string
				for _, e := range entries {
					all = append(all, fmt.Sprintf("%d.%d: %d, %d parts", e.Index, e.Part, e.Status, e.Parts))
				}
				return strings.Join(all, "\n")
			}
			if shape(got) != shape(want) {
				t.Errorf("got\n%s\nwant\n%s", shape(got), shape(want))
			}
			return out.Bytes()
		}
		check(capture)
		if strings.Contains(strings.ToUpper(text+url), "SECRET") {
			return
		}
		body := text + " password=SECRET " + text
		around := asJSON(object{"log": object{"entries": []object{plantedEntry("GET", url, 403, body, ""), plantedEntry("GET", webAPI+"leads", 403, refusedText("Lead", body), "")}}})
		if place := leak(check([]byte(around), "--all")); place != "" {
			t.Errorf("a secret got out: %s", place)
		}
	})
}

package har_test

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/prvgap/prvgap/har"
)

const logFolder = "../testdata/logs/"

// logs says what must be found in each sample of a network log: they tell of the same minutes, as far as they can.
var logs = []struct {
	file, format, creator string
	bodies                bool // whether the log can hold any
	app                   bool // whether it holds the calls of the app only
	pointers              [2]string
}{
	{"viewer.harp", "harp", "WebInspector 537.36", true, false, [2]string{"/log/entries/4", "/log/entries/5"}},
	{"proxy.zhar", "zhar", "WebInspector 537.36", true, false, [2]string{"/log/entries/4", "/log/entries/5"}},
	{"browser.har.zst", "har.zst", "WebInspector 537.36", true, false, [2]string{"/log/entries/4", "/log/entries/5"}},
	{"monitor-v1.json", "monitor", "Power Apps Monitor 1", false, true, [2]string{"/Messages/3", "/Messages/5"}},
	{"monitor-v2.json", "monitor", "Power Apps Monitor 2", true, true, [2]string{"/Messages/4", "/Messages/5"}},
	{"devtools.jsonl", "cdp", "DevTools protocol", true, false, [2]string{"line 29", "line 37"}},
	{"chromedriver.json", "cdp", "DevTools protocol", false, false, [2]string{"/20", "/26"}},
	{"fiddler.saz", "saz", "Fiddler", true, false, [2]string{"raw/05_s.txt", "raw/06_s.txt"}},
	{"trace.zip", "playwright-trace", "Playwright", true, false, [2]string{"line 5", "line 6"}},
}

// brief renders an entry for comparison, without what all URLs share.
func brief(e har.Entry) string {
	address := strings.NewReplacer("https://contoso-sales.crm4.dynamics.com", "", "/api/data/v9.0", "").Replace(e.URL)
	if i := strings.IndexAny(address, "?("); i > 0 {
		address = address[:i]
	}
	text := fmt.Sprintf("%s %s %d", e.Method, address, e.Status)
	if e.Part > 0 {
		text = fmt.Sprintf("part %d: %s", e.Part, text)
	}
	if at := strings.Index(e.Body, "is missing prv"); at >= 0 {
		text += " " + strings.Fields(e.Body[at:])[2]
	}
	return text
}

// expected is what a log tells of the minutes.
func expected(bodies, app bool) []string {
	var want []string
	for _, text := range []string{
		"GET /apps/field-sales 302", "GET /main.aspx 200", "GET /WhoAmI 200", "GET /accounts 200", "GET /workflows 403 prvReadWorkflow",
		"POST /$batch 200", "part 1: GET /accounts 200", "part 2: GET /userqueries 403 prvReadUserQuery", "PATCH /contacts 204",
		"POST /quotes 403 prvCreateQuote", "POST https://browser.events.data.microsoft.com/OneCollector/1.0/ 0", "GET /competitors 403",
	} {
		if app && (strings.Contains(text, "/apps/") || strings.Contains(text, "/main.aspx") || strings.Contains(text, "browser.events")) {
			continue
		}
		if !bodies { // the answers of a $batch are in its body, and so are the names of privileges
			if strings.HasPrefix(text, "part") {
				continue
			}
			text, _, _ = strings.Cut(text, " prv")
		}
		want = append(want, text)
	}
	return want
}

// TestLogs: every layout gives the stream that a HAR of the same minutes gives.
func TestLogs(t *testing.T) {
	for _, l := range logs {
		t.Run(l.file, func(t *testing.T) {
			entries, infos, err := readAll(logFolder+l.file, har.Options{})
			if err != nil || len(infos) != 1 {
				t.Fatal(infos, err)
			}
			var got []string
			for _, e := range entries {
				got = append(got, brief(e))
				if strings.Contains(e.Body+e.MIMEType+e.Comment+e.Error, "SECRET") {
					t.Errorf("a secret was kept: %+v", e)
				}
				if known := strings.Contains(e.Body, "is missing prv"); e.HasBody != known && e.Status == 403 {
					t.Errorf("body %v of %s", e.HasBody, brief(e))
				}
				if timed := e.Time.UTC().Format("2006-01-02 15:04") == "2026-11-20 10:02"; timed != (l.file != "monitor-v1.json") {
					t.Errorf("time %v of %s", e.Time, brief(e))
				}
			}
			if want := expected(l.bodies, l.app); !slices.Equal(got, want) {
				t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
			}
			first := 4
			if l.app {
				first = 2
			}
			checkPlaces(t, l.file, entries, l.pointers, first)
			count := entries[len(entries)-1].Index + 1
			if i := infos[0]; i.Format != l.format || i.Creator != l.creator || i.Entries != count || !i.Complete || i.Problem != "" || i.Bytes == 0 {
				t.Errorf("%+v", i)
			}
		})
	}
}

// checkPlaces checks where a refused entry and the $batch after it are said to be.
func checkPlaces(t *testing.T, file string, entries []har.Entry, pointers [2]string, first int) {
	t.Helper()
	text := "" // of archives the offset is in no file that one could look at
	sources, err := har.Open(logFolder+file, nil)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasSuffix(file, ".saz") {
		r, err := sources[0].Reader()
		if err != nil {
			t.Fatal(err)
		}
		defer r.Close()
		all, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		text = string(all)
	}
	for _, e := range entries {
		if i := e.Index - first; i == 0 || i == 1 {
			if e.Pointer != pointers[i] {
				t.Errorf("entry %d.%d is at %s, want %s", e.Index, e.Part, e.Pointer, pointers[i])
			}
		}
		if text != "" && text[e.Offset] != '{' {
			t.Errorf("entry %d: offset %d is at %.10q", e.Index, e.Offset, text[e.Offset:])
		}
	}
}

// TestLogFolder: what is in a folder is told by its content; the NetLog is none of ours.
func TestLogFolder(t *testing.T) {
	sources, err := har.Open(logFolder, nil)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, s := range sources {
		got = append(got, strings.TrimPrefix(s.Name(), strings.TrimSuffix(logFolder, "/")+"/"))
	}
	want := []string{
		"browser.har.zst", "chromedriver.json", "devtools.jsonl", "fiddler.saz", "monitor-v1.json", "monitor-v2.json",
		"proxy.zhar", "trace.zip/trace.network", "viewer.harp",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	_, err = har.Open(logFolder+"netlog.json", nil)
	if place, ok := errors.AsType[*har.Error](err); !ok || !strings.Contains(err.Error(), "NetLog") || !strings.Contains(place.Hint, "Export HAR") {
		t.Error(err)
	}
}

// TestLogTruncation cuts every sample at many places: nothing panics, and a cut is told, but for one between two lines.
func TestLogTruncation(t *testing.T) {
	for _, l := range logs {
		whole, err := os.ReadFile(logFolder + l.file)
		if err != nil {
			t.Fatal(err)
		}
		all, _, err := readAll(logFolder+l.file, har.Options{})
		if err != nil {
			t.Fatal(err)
		}
		step := max(20, len(whole)/150)
		if testing.Short() {
			step = len(whole) / 50
		}
		for n := 0; n < len(whole); n += step {
			got, err := readBytes(t, whole[:n], har.Options{})
			if _, ok := errors.AsType[*har.Error](err); err != nil && !ok || err == nil && (l.file != "devtools.jsonl" || !strings.ContainsAny(string(whole[n-1]), "}\n")) {
				t.Fatalf("%s cut at %d: %v", l.file, n, err)
			}
			// The last ones may have lost their answers, but no others.
			if len(got) > len(all) {
				t.Fatalf("%s cut at %d: %d entries of %d", l.file, n, len(got), len(all))
			}
		}
	}
}

// rezipped packs the members of a zip anew, each changed by change.
func rezipped(t *testing.T, path string, change func(name, content string) string) []byte {
	t.Helper()
	r, err := zip.OpenReader(path)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	var files []string
	for _, f := range r.File {
		in, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(in)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, f.Name, change(f.Name, string(content)))
	}
	return []byte(zipped(t, files...))
}

// TestMemberTruncation cuts the members of archives, which the zip itself does not tell.
func TestMemberTruncation(t *testing.T) {
	for _, file := range []string{"fiddler.saz", "trace.zip"} {
		for n := 0; n < 3000; n += 20 + n/20 {
			capture := rezipped(t, logFolder+file, func(_, content string) string { return content[:min(n, len(content))] })
			entries, err := readBytes(t, capture, har.Options{})
			if file == "fiddler.saz" && (err != nil || n >= 500 && len(entries) < 10) {
				t.Fatalf("%s: %d entries, %v", file, len(entries), err)
			}
		}
	}
}

// checkStream reads a capture and checks what holds for all of them.
func checkStream(t *testing.T, s *har.Source) {
	t.Helper()
	index, failed := -1, false
	for e, err := range s.Entries(har.Options{Body: func(string, string) bool { return true }}) {
		if failed {
			t.Fatal("an entry after the error")
		}
		if failed = err != nil; failed {
			continue
		}
		if e.Part == 0 && e.Index != index+1 && s.Info().Format != "har" || e.Part == 0 && e.Index <= index || e.Part > 0 && e.Index != index {
			t.Fatalf("entry %d after entry %d", e.Index, index)
		}
		index = e.Index
		if !utf8.ValidString(e.Body + e.URL + e.Method + e.Comment + e.Error + e.MIMEType + e.Pointer) {
			t.Fatalf("invalid UTF-8 in %+v", e)
		}
	}
	if info := s.Info(); info.Complete == failed || failed && info.Problem == "" {
		t.Fatalf("failed %v: %+v", failed, info)
	}
}

// FuzzLogs: no bytes make the readers of other logs panic or hang.
func FuzzLogs(f *testing.F) {
	// Small ones only: Go tries to make each interesting input smaller, and takes a minute for a large one.
	archive := zipped(f, "raw/1_c.txt", "GET https://x/a HTTP/1.1\r\n\r\n", "raw/1_s.txt", "HTTP/1.1 403 F\r\nContent-Encoding: br\r\n\r\n\x0b\x01\x80body\x03")
	trace := zipped(f, "a.network", logSeeds[3], "resources/a.json", "refusal")
	for _, seed := range []string{archive, trace, gzipped(logSeeds[2]), "\x78\x9c" + logSeeds[0], "\x28\xb5\x2f\xfd" + logSeeds[0]} {
		f.Add([]byte(seed))
	}
	for _, seed := range logSeeds {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, capture []byte) {
		sources, err := har.Open("-", bytes.NewReader(capture))
		if err != nil {
			return
		}
		for _, s := range sources {
			if !s.Report() {
				checkStream(t, s)
			}
		}
	})
}

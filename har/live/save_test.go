package live

import (
	"bytes"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prvgap/prvgap/har"
)

// read reads a saved capture.
func read(t *testing.T, path string) ([]har.Entry, har.Info) {
	t.Helper()
	sources, err := har.Open(path, nil)
	if err != nil {
		t.Fatal(err)
	}
	var entries []har.Entry
	o := har.Options{Body: func(_, url string) bool { return strings.HasSuffix(url, "/WhoAmI") }}
	for e, err := range sources[0].Entries(o) {
		if err == nil {
			entries = append(entries, e)
		}
	}
	return entries, sources[0].Info()
}

// checkSaved compares a saved capture with the entries that were handed out.
func checkSaved(t *testing.T, saved []byte, entries []har.Entry, info har.Info) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "saved.har")
	if err := os.WriteFile(path, saved, 0o600); err != nil {
		t.Fatal(err)
	}
	got, gotInfo := read(t, path)
	if !gotInfo.Complete || gotInfo.Problem != "" || gotInfo.Creator != info.Creator || gotInfo.Entries != info.Entries {
		t.Errorf("saved %+v\nlive  %+v", gotInfo, info)
	}
	if len(got) != len(entries) {
		t.Fatalf("%d entries were saved, %d handed out", len(got), len(entries))
	}
	for i, g := range got {
		e := entries[i]
		g.Offset, e.Offset = 0, 0
		e.URL, e.MIMEType = har.CleanURL(e.URL), media(e.MIMEType)
		if e.Part > 0 && e.Body == "" {
			e.HasBody = false // of an allowed part
		}
		if !g.Time.Equal(e.Time.Truncate(time.Millisecond)) {
			t.Errorf("entry %d: time %v, not %v", i, g.Time, e.Time)
		}
		g.Time = e.Time
		if g != e {
			t.Errorf("saved  %+v\nlive   %+v", g, e)
		}
	}
	for _, secret := range secretsPlanted {
		if i := bytes.Index(saved, []byte(secret)); i >= 0 {
			t.Errorf("%s was saved: …%s…", secret, saved[max(0, i-200):i+len(secret)])
		}
	}
	if os.Getenv("PRVGAP_KEEP_HAR") != "" { // for a look, or for a schema check
		_ = os.WriteFile(os.Getenv("PRVGAP_KEEP_HAR"), saved, 0o600)
	}
	checkMembers(t, saved)
}

// media is a content type without its parameters.
func media(kind string) string {
	kind, _, _ = strings.Cut(kind, ";")
	return strings.TrimSpace(kind)
}

// checkMembers looks for the members that HAR 1.2 demands.
func checkMembers(t *testing.T, saved []byte) {
	t.Helper()
	var v struct {
		Log struct {
			Version string
			Creator struct{ Name, Version *string }
			Entries []map[string]json.RawMessage
		}
	}
	if err := json.Unmarshal(saved, &v); err != nil {
		t.Fatal(err)
	}
	if v.Log.Version != "1.2" || v.Log.Creator.Name == nil || v.Log.Creator.Version == nil {
		t.Errorf("the head is %+v", v.Log)
	}
	demanded := map[string][]string{
		"":         {"startedDateTime", "time", "request", "response", "cache", "timings", "comment"},
		"request":  {"method", "url", "httpVersion", "cookies", "headers", "queryString", "headersSize", "bodySize"},
		"response": {"status", "statusText", "httpVersion", "cookies", "headers", "content", "redirectURL", "headersSize", "bodySize"},
		"timings":  {"send", "wait", "receive"},
	}
	for i, e := range v.Log.Entries {
		for member, names := range demanded {
			object := e
			if member != "" {
				object = nil
				if err := json.Unmarshal(e[member], &object); err != nil {
					t.Fatal(err)
				}
			}
			for _, name := range names {
				if _, ok := object[name]; !ok {
					t.Errorf("entry %d lacks %s in %q", i, name, member)
				}
			}
		}
	}
}

// TestHelper is not a test: it saves a capture until it is killed.
func TestHelper(t *testing.T) {
	path, attach := os.Getenv("PRVGAP_TEST_SAVE"), os.Getenv("PRVGAP_TEST_ATTACH")
	if path == "" {
		t.Skip("a helper of TestKilled")
	}
	out, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	c, err := Start(t.Context(), Options{Attach: attach, URL: os.Getenv("PRVGAP_TEST_URL"), Save: out})
	if err != nil {
		t.Fatal(err)
	}
	for range c.Batches() {
		continue
	}
}

// TestKilled kills a process that saves, with no chance to end its file, and looks what it leaves in the browser.
func TestKilled(t *testing.T) {
	f := newFake(t)
	b := startBrowser(t)
	path := filepath.Join(t.TempDir(), "killed.har")
	cmd := exec.Command(os.Args[0], "-test.run=^TestHelper$")
	cmd.Env = append(os.Environ(), "PRVGAP_TEST_SAVE="+path, "PRVGAP_TEST_ATTACH="+b.address, "PRVGAP_TEST_URL="+f.url("/burst.html?600"))
	cmd.Stdout, cmd.Stderr = io.Discard, io.Discard
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	until(t, "some entries", func() bool {
		text, _ := os.ReadFile(path)
		return bytes.Count(text, []byte("\n")) > 150
	})
	_ = cmd.Process.Kill()
	_ = cmd.Wait()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	entries, info := read(t, path)
	if lines := bytes.Count(text, []byte("\n")); len(entries) < lines-1 || info.Complete {
		t.Errorf("%d entries of %d lines; %+v", len(entries), lines, info)
	}
	if len(refusals(entries)) < 100 {
		t.Errorf("%d refusals", len(refusals(entries)))
	}
	// The page went on where it was held.
	until(t, "the page's end", func() bool { return f.count(f.said, "burst") > 0 })
}

// TestFull has the disk run full: the capture goes on, and says so.
func TestFull(t *testing.T) {
	c := &Capture{queue: newQueue()}
	c.info.Complete = true
	s := newSink(Options{Save: &narrow{room: 600}}, c)
	s.begin("v1", "", "")
	for range 5 {
		s.take(&request{Entry: har.Entry{Method: "GET", URL: "https://org.example/"}}, Options{})
	}
	s.end()
	if info := c.Info(); info.Complete || !strings.Contains(info.Problem, "saving broke off: full") || info.Entries != 5 {
		t.Errorf("%+v", info)
	}
	if got := c.queue.take(); len(got) != 5 || !slices.IsSortedFunc(got, func(a, b har.Entry) int { return a.Index - b.Index }) {
		t.Errorf("%+v", got)
	}
}

// narrow is a disk with little room.
type narrow struct{ room int }

func (n *narrow) Write(p []byte) (int, error) {
	if n.room -= len(p); n.room < 0 {
		return 0, errFull
	}
	return len(p), nil
}

package live

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prvgap/prvgap/har"
)

// watched is a capture of a test that is being read.
type watched struct {
	*Capture
	end  context.CancelFunc
	done chan struct{}

	mu      sync.Mutex
	entries []har.Entry
}

// watch starts a capture and reads it until it ends, which it does at the end of the test at the latest.
func watch(t testing.TB, o Options) *watched {
	t.Helper()
	if o.Attach == "" {
		o.Browser, o.Headless, o.Args = chromium(t), true, testArgs
	}
	if o.Body == nil {
		o.Body = func(_, url string) bool { return strings.HasSuffix(url, "/WhoAmI") }
	}
	ctx, cancel := context.WithCancel(t.Context())
	c, err := Start(ctx, o)
	if err != nil {
		cancel()
		t.Fatal(err)
	}
	w := &watched{Capture: c, end: cancel, done: make(chan struct{})}
	go func() {
		defer close(w.done)
		for batch := range c.Batches() {
			w.mu.Lock()
			w.entries = append(w.entries, batch...)
			w.mu.Unlock()
		}
	}()
	t.Cleanup(w.stop)
	return w
}

func (w *watched) stop() {
	w.end()
	<-w.done
}

// refusals counts the refused entries by the privilege that their bodies name.
func (w *watched) refusals() map[string]int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return refusals(w.entries)
}

// saw reports whether a path was asked for.
func (w *watched) saw(path string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.ContainsFunc(w.entries, func(e har.Entry) bool { return strings.HasSuffix(e.URL, path) })
}

func refusals(entries []har.Entry) map[string]int {
	found := map[string]int{}
	for _, e := range entries {
		if e.Status < 400 || e.Parts > 0 {
			continue
		}
		_, rest, _ := strings.Cut(e.Body, "prvRead")
		name, _, _ := strings.Cut(rest, " ")
		if name == "" {
			name = fmt.Sprintf("%d %s without a body", e.Status, e.URL)
		}
		found[name]++
	}
	return found
}

// everything is what the page /main.html is refused, by all the ways that a page has to ask.
var everything = []string{
	"Batched", "Document", "Fetched", "Framed", "Gzip", "Hasty", "Hidden", "Image", "Kept", "Left", "Moved", "Popup",
	"Service", "Shared", "Worker", "Xhr",
}

func (w *watched) until(t *testing.T, n int) {
	t.Helper()
	until(t, fmt.Sprintf("%d refusals", n), func() bool { return len(w.refusals()) >= n })
}

// TestEverything also saves, and reads what was saved: it must be the same capture.
func TestEverything(t *testing.T) {
	f := newFake(t)
	var saved bytes.Buffer
	w := watch(t, Options{
		URL: f.url("/main.html"), Save: &saved, Version: "v1", Mark: func(time.Time) string { return "create quote" },
		Excerpt: func(e har.Entry) string {
			if strings.HasSuffix(e.URL, "/WhoAmI") {
				return e.Body
			}
			return ""
		},
	})
	w.until(t, len(everything))
	until(t, "the end of the redirect", func() bool { return f.count(f.refused, "Hasty") > 0 })
	time.Sleep(500 * time.Millisecond) // for what comes twice
	w.stop()
	want := map[string]int{}
	for _, name := range everything {
		want[name] = 1
	}
	if got := w.refusals(); !maps.Equal(got, want) || !maps.Equal(f.refused, want) {
		t.Errorf("found   %v\nrefused %v", got, f.refused)
	}
	seen := map[string]int{}
	for _, e := range w.entries {
		if e.Part > 0 {
			continue
		}
		path, _, _ := strings.Cut(e.URL, "?")
		seen[path]++
		if e.Time.IsZero() || e.Method == "" {
			t.Errorf("no time or method: %+v", e)
		}
		if want := strings.HasSuffix(path, "/WhoAmI"); e.Status < 400 && (e.Body != "") != want {
			t.Errorf("the body of the allowed %s is %q", e.URL, e.Body)
		}
	}
	for _, path := range []string{"/main.html", "/moved", "/api/data/v9.2/WhoAmI", "/api/data/v9.2/$batch", "/worker.js", "/shared.js", "/popup.html"} {
		if seen[f.url(path)] != 1 {
			t.Errorf("%s was seen %d times", path, seen[f.url(path)])
		}
	}
	info := w.Info()
	if !info.Complete || info.Problem != "" || info.Format != "live" || !strings.HasPrefix(info.Creator, "prvgap v1 (Chrome ") {
		t.Errorf("%+v", info)
	}
	checkSaved(t, saved.Bytes(), w.entries, info)
}

// TestBurst has 2,000 requests refused at once.
func TestBurst(t *testing.T) {
	f := newFake(t)
	w := watch(t, Options{URL: f.url("/burst.html")})
	started := time.Now()
	until(t, "the page's end", func() bool { return f.count(f.said, "burst") > 0 })
	t.Logf("2,000 refusals took %v", time.Since(started).Round(10*time.Millisecond))
	w.until(t, 2000)
	w.stop()
	got := w.refusals()
	for i := range 2000 {
		if n := got[fmt.Sprintf("Burst%d", i)]; n != 1 {
			t.Errorf("request %d was found %d times", i, n)
		}
	}
	if len(got) != 2000 || w.Info().Problem != "" {
		t.Errorf("%d refusals; %+v", len(got), w.Info())
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	// The test itself holds the 2,000 entries; what was under way is gone.
	if m.HeapSys > 128<<20 {
		t.Errorf("the heap grew to %d MB", m.HeapSys>>20)
	}
}

// TestRelayed has a service worker ask for its page: that is one request of the user.
func TestRelayed(t *testing.T) {
	f := newFake(t)
	w := watch(t, Options{URL: f.url("/relayed.html")})
	until(t, "the page's end", func() bool { return f.count(f.said, "relayed") > 0 })
	w.until(t, 1)
	time.Sleep(500 * time.Millisecond)
	w.stop()
	if got := w.refusals(); got["Relayed"] != 1 || len(got) != 1 {
		t.Errorf("found %v", got)
	}
}

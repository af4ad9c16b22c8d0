package main

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// liveStep is a page that asks for an account at once, and for a quote when the user is said to click.
const liveStep = `<!doctype html><script>
const ask = (path) => fetch("/api/data/v9.2/" + path);
ask("workflows").then(async () => {
  while ((await ask("clicked")).status != 200) await new Promise(r => setTimeout(r, 50));
  ask("quotes");
});</script>`

// serveStep serves that page; the flag is the click.
func serveStep(t *testing.T, clicked *atomic.Bool) string {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		switch strings.TrimPrefix(r.URL.Path, "/api/data/v9.2/") {
		case "/main.aspx":
			w.Header().Set("Content-Type", "text/html")
			_, _ = io.WriteString(w, liveStep)
		case "workflows":
			w.WriteHeader(http.StatusForbidden)
			_, _ = io.WriteString(w, refusal("prvReadWorkflow"))
		case "quotes":
			w.WriteHeader(http.StatusForbidden)
			_, _ = io.WriteString(w, refusal("prvReadQuote"))
		case "clicked":
			if !clicked.Load() {
				w.WriteHeader(http.StatusAccepted)
			}
		default:
			w.WriteHeader(http.StatusNoContent)
		}
	}))
	t.Cleanup(server.Close)
	return server.URL + "/main.aspx"
}

// liveArgs are the arguments of a browser in a test.
func liveArgs(t *testing.T, more ...string) []string {
	return append([]string{
		"live", "--headless", "--browser", liveBrowser(t), "--browser-arg=--disable-gpu",
		"--browser-arg=--disable-background-networking", "--browser-arg=--no-sandbox",
	}, more...)
}

// running returns the command lines of processes that contain a text, where the system tells them.
func running(text string) []string {
	var found []string
	files, _ := filepath.Glob("/proc/[0-9]*/cmdline")
	for _, file := range files {
		if line, err := os.ReadFile(file); err == nil && bytes.Contains(line, []byte(text)) {
			found = append(found, strings.ReplaceAll(string(line), "\x00", " "))
		}
	}
	return found
}

// gone waits until nothing with that text runs any more.
func gone(t *testing.T, text string) {
	t.Helper()
	var left []string
	for range 200 {
		if left = running(text); len(left) == 0 {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Errorf("still running: %v", left)
}

// TestLiveScreen drives the screen: rows appear, a mark is set, the newest is marked as such, and quitting leaves the
// patch and nothing else.
func TestLiveScreen(t *testing.T) {
	liveBrowser(t)
	s := newScreen(t)
	var clicked atomic.Bool
	profile := filepath.Join(s.dir, "profile")
	t.Setenv("XDG_CONFIG_HOME", profile) // tmux's server, and what it starts, have the environment of its first client
	s.start("one", liveArgs(t, "--base", "Sales Base.xml", "--save", "live.har", "--mark", "open the app", serveStep(t, &clicked))...)
	s.see("one", "[Customization 1*]")
	s.see("one", "▸*Process")
	s.see("one", "live · open the app")
	if len(running(profile)) == 0 {
		t.Error("no browser has that profile: the test cannot tell whether one is left")
	}
	s.press("one", "what the user does next", "m")
	s.press("one", "live · create quote", "create quote", "Enter")
	clicked.Store(true)
	s.see("one", "Sales 1*")
	if shown := s.press("one", "[Sales 1*]", "N"); !strings.Contains(shown, "during  create quote") || !strings.Contains(shown, "*Quote") {
		t.Errorf("the newest evidence is not shown under its mark:\n%s", shown)
	}
	s.press("one", "x prvReadQuote rejected", "x")
	s.press("one", "+ prvReadQuote", "a")
	s.press("one", "write 2 accepted grants", "w")
	s.press("one", "additions.zip", "2")
	s.press("one", "wrote Sales Base additions.zip", "Enter")
	s.press("one", "EXIT=1", "q")
	gone(t, profile)

	t.Chdir(s.dir)
	var out bytes.Buffer
	io := streams{in: strings.NewReader(""), out: &out, err: &out, piped: true, now: time.Now(), version: "v0"}
	if code := run([]string{"analyze", "live.har", "--base", "Sales Base.xml"}, io); code != exitGap || !strings.Contains(out.String(), "during create quote") {
		t.Errorf("the saved capture gives %d:\n%s", code, out.String())
	}
	if code := run([]string{"analyze", "live.har", "--base", "Sales Base.xml", "--base", "Sales Base additions.zip"}, io); code != exitNothing {
		t.Errorf("with the patch, analyze exits %d:\n%s", code, out.String())
	}
	if data, err := os.ReadFile("live.har.prvgap.json"); err != nil || !strings.Contains(string(data), `"prvReadQuote"`) {
		t.Errorf("session: %v %s", err, data)
	}
}

// TestLiveKilled kills the program as nothing can be defended against. The browser that it launched goes too.
func TestLiveKilled(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("only tried on Linux; Windows has a job for it, macOS nothing")
	}
	args := liveArgs(t, "--save", filepath.Join(t.TempDir(), "live.har"), "about:blank")
	config := t.TempDir()
	c := exec.Command("prvgap", args...) // this very test, as TestMain arranges it
	c.Env = append(os.Environ(), "XDG_CONFIG_HOME="+config)
	var notes locked
	c.Stderr = &notes
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	for range 600 {
		if strings.Contains(notes.String(), "watching the browser") {
			break
		}
		time.Sleep(50 * time.Millisecond)
	}
	if len(running(config)) == 0 {
		t.Errorf("no browser is running:\n%s", notes.String())
	}
	if err := c.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = c.Wait()
	gone(t, config)
}

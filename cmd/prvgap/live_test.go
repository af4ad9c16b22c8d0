package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// liveSecret is in everything that the page below sends and gets.
const liveSecret = "planted-secret-4711"

// livePage is refused by itself, in a $batch, and for a record of somebody else; and is told who asks.
const livePage = `<!doctype html><script>
document.cookie = "crm=` + liveSecret + `";
const ask = (path, more) => fetch("/api/data/v9.2/" + path, { headers: { authorization: "Bearer ` + liveSecret + `" }, ...more });
(async () => {
  await ask("WhoAmI");
  await ask("accounts?$select=name&token=` + liveSecret + `");
  await ask("contacts");
  await ask("$batch", { method: "POST", headers: { "content-type": "multipart/mixed; boundary=b" }, body: [
    "--b", "Content-Type: application/http", "", "GET leads(1) HTTP/1.1", "Cookie: ` + liveSecret + `", "", "",
    "--b", "Content-Type: application/http", "", "GET quotes(2) HTTP/1.1", "", "", "--b--", ""].join("\r\n") });
})();</script>`

func refusal(privilege string) string {
	return fmt.Sprintf(`{"error":{"code":"0x80040220","message":"Principal user (Id=0e9e3c45-0000-4000-8000-000000000001, type=8, roleCount=1, privilegeCount=94) is missing %s privilege. authorization: Bearer %s"}}`, privilege, liveSecret)
}

func serveLive(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Set-Cookie", "session="+liveSecret)
	w.Header().Set("Content-Type", "application/json")
	switch strings.TrimPrefix(r.URL.Path, "/api/data/v9.2/") {
	case "WhoAmI":
		_, _ = io.WriteString(w, `{"UserId":"0e9e3c45-0000-4000-8000-000000000001","BusinessUnitId":"69535865-0000-4000-8000-000000000002","token":"`+liveSecret+`"}`)
	case "accounts":
		w.WriteHeader(http.StatusForbidden)
		_, _ = io.WriteString(w, refusal("prvReadAccount"))
	case "$batch":
		w.Header().Set("Content-Type", "multipart/mixed; boundary=r")
		_, _ = fmt.Fprintf(w, "--r\r\nContent-Type: application/http\r\n\r\nHTTP/1.1 200 OK\r\nSet-Cookie: %[1]s\r\n\r\n{\"secret\":\"%[1]s\"}\r\n"+
			"--r\r\nContent-Type: application/http\r\n\r\nHTTP/1.1 403 Forbidden\r\nContent-Type: application/json\r\n\r\n%s\r\n--r--\r\n", liveSecret, refusal("prvReadQuote"))
	case "contacts":
		_, _ = io.WriteString(w, `{"value":["`+liveSecret+`"]}`)
	case "/main.aspx":
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = io.WriteString(w, livePage)
	default:
		w.WriteHeader(http.StatusNoContent)
	}
}

// locked is a buffer that two goroutines use. It has no other method of a buffer, such as ReadFrom, that would not lock.
type locked struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (l *locked) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.Write(p)
}

func (l *locked) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.String()
}

// liveBrowser finds a browser. A machine without one skips what needs it, but never the one that checks a submission.
func liveBrowser(t *testing.T) string {
	t.Helper()
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	if os.Getenv("CI") == "true" {
		t.Fatal("no chromium, chromium-browser or google-chrome to watch")
	}
	t.Skip("no chromium, chromium-browser or google-chrome to watch")
	return ""
}

// runLiveUntil runs the command until its output or the saved file holds a text, and ends it as ctrl+c does.
func runLiveUntil(t *testing.T, text string, saved string, args ...string) (stdout, stderr string, err error) {
	t.Helper()
	var out, notes locked
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	c := newLive(streams{in: strings.NewReader(""), out: &out, err: &notes, piped: true, version: "v0.0.0-test"}, dialects())
	c.SilenceErrors, c.SilenceUsage = true, true
	c.SetArgs(append([]string{
		"--headless", "--temp-profile", "--browser", liveBrowser(t), "--save", saved,
		"--browser-arg=--disable-gpu", "--browser-arg=--disable-background-networking", "--browser-arg=--no-sandbox",
	}, args...))
	done := make(chan struct{})
	go func() {
		defer close(done)
		err = c.ExecuteContext(ctx)
	}()
	for range 600 {
		file, _ := os.ReadFile(saved)
		if strings.Contains(out.String(), text) || strings.Contains(string(file), text) {
			break
		}
		time.Sleep(50 * time.Millisecond)
	}
	cancel()
	<-done
	return out.String(), notes.String(), err
}

// TestLiveSame holds the report of a live capture against that of the file it saved.
func TestLiveSame(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(serveLive))
	defer server.Close()
	saved := filepath.Join(t.TempDir(), "live.har")
	out, notes, err := runLiveUntil(t, "prvReadQuote", saved, server.URL+"/main.aspx", "--format", "json", "--mark", "open the app")
	if !errors.Is(err, errGap) {
		t.Fatalf("%v\n%s%s", err, out, notes)
	}
	var again bytes.Buffer
	if code := run([]string{"analyze", saved, "--format", "json"}, streams{out: &again, err: io.Discard, version: "v0.0.0-test"}); code != exitGap {
		t.Errorf("exit code %d", code)
	}
	one, two := members(t, out), members(t, again.String())
	for _, member := range []string{"findings", "denials", "proposal", "principals", "learned"} {
		if one[member] == "" || one[member] != two[member] {
			t.Errorf("%s differ: live\n%s\nsaved\n%s", member, one[member], two[member])
		}
	}
	if !strings.Contains(one["learned"], "69535865") || strings.Count(one["denials"], `"mark": "open the app"`) != 2 {
		t.Errorf("learned %s, denials %s", one["learned"], one["denials"])
	}
	file, err := os.ReadFile(saved)
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{out, notes, string(file)} {
		if i := strings.Index(text, liveSecret); i >= 0 {
			t.Errorf("the secret got out: …%s…", text[max(0, i-100):i+len(liveSecret)])
		}
	}
}

// members returns the members of a report as they are spelled.
func members(t *testing.T, text string) map[string]string {
	t.Helper()
	var v map[string]json.RawMessage
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	found := map[string]string{}
	for name, value := range v {
		found[name] = string(value)
	}
	return found
}

// TestLivePlain looks at the lines that are told while the capture goes on, and at the report after them.
func TestLivePlain(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(serveLive))
	defer server.Close()
	saved := filepath.Join(t.TempDir(), "live.har")
	out, notes, err := runLiveUntil(t, "missing prvReadQuote", saved, server.URL+"/main.aspx", "--mark", "open the app")
	if !errors.Is(err, errGap) || !strings.Contains(notes, "watching the browser") {
		t.Errorf("%v %s", err, notes)
	}
	for _, line := range []string{
		"denied 403 GET /api/data/v9.2/accounts?$select=name&token=…: Principal user", "  missing prvReadAccount ○ → ◔ User  [open the app]",
		"denied 403 GET /api/data/v9.2/quotes(2): Principal user", "\ncapture   ", "live.har", "2 grants answer 2 of 2 denials",
	} {
		if !strings.Contains(out, line) {
			t.Errorf("%q is not in\n%s", line, out)
		}
	}
	if n := strings.Count(out, "  missing prvReadAccount"); n != 1 {
		t.Errorf("the finding was told %d times", n)
	}
	if strings.Contains(out, liveSecret) {
		t.Errorf("the secret got out:\n%s", out)
	}
}

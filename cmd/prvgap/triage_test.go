package main

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/prvgap/prvgap/analyzer"
)

// screen is a terminal of 80x24 that tmux holds.
type screen struct {
	t       *testing.T
	dir     string
	program string
	socket  string
}

// newScreen builds the program and lays the sample out in a folder of its own.
func newScreen(t *testing.T) screen {
	t.Helper()
	if _, err := exec.LookPath("tmux"); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("tmux is missing: apt-get install tmux")
		}
		t.Skip("tmux is missing, so the program is not driven")
	}
	dir := t.TempDir()
	s := screen{t, dir, filepath.Join(dir, "prvgap"), filepath.Join(dir, "tmux")}
	if out, err := exec.Command("go", "build", "-o", s.program, ".").CombinedOutput(); err != nil {
		t.Fatalf("building: %v\n%s", err, out)
	}
	for from, to := range map[string]string{"sales-app.har": "sales-app.har", "roles/Sales Base.xml": "Sales Base.xml"} {
		data, err := os.ReadFile(samples + from)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, to), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	t.Cleanup(func() { exec.Command("tmux", "-S", s.socket, "kill-server").Run() })
	return s
}

func (s screen) tmux(args ...string) string {
	s.t.Helper()
	out, err := exec.Command("tmux", append([]string{"-S", s.socket, "-f", os.DevNull}, args...)...).CombinedOutput()
	if err != nil {
		s.t.Fatalf("tmux %v: %v\n%s", args, err, out)
	}
	return string(out)
}

// start runs the program with arguments; its exit code stays on the screen.
func (s screen) start(window string, args ...string) {
	s.t.Helper()
	var quoted strings.Builder
	quoted.WriteString("./prvgap")
	for _, a := range args {
		quoted.WriteString(" '" + a + "'")
	}
	s.tmux("new-session", "-d", "-s", window, "-x", "80", "-y", "24", "-c", s.dir,
		"env -u NO_COLOR TERM=screen-256color LANG=C.UTF-8 "+quoted.String()+"; echo EXIT=$?; sleep 60")
}

// see waits until the screen shows a text.
func (s screen) see(window, text string) string {
	s.t.Helper()
	shown := ""
	for range 600 {
		shown = s.tmux("capture-pane", "-p", "-t", window)
		if strings.Contains(shown, text) {
			return shown
		}
		time.Sleep(50 * time.Millisecond)
	}
	s.t.Fatalf("no %q on the screen:\n%s", text, shown)
	return ""
}

// press sends keys, and waits for and returns what they lead to.
func (s screen) press(window, text string, keys ...string) string {
	s.t.Helper()
	s.tmux(append([]string{"send-keys", "-t", window}, keys...)...)
	return s.see(window, text)
}

// TestTriage drives the program: filter, decide, deepen, undo, preview, write,
// quit. What was written answers the capture.
func TestTriage(t *testing.T) {
	s := newScreen(t)
	s.start("one", "sales-app.har", "--base", "Sales Base.xml") // bare: a terminal means triage
	s.see("one", "[Core Records 7]")
	s.press("one", "filter: process", "/", "process")
	s.press("one", "[Customization", "Enter")
	s.press("one", "[Core Records 7]", "Escape")
	s.press("one", "x prvWriteAccount rejected", "x")
	s.press("one", "undone: x prvWriteAccount", "u")
	s.press("one", "WIDER", "+")
	s.press("one", "+17 accepted", "u")
	s.press("one", "~ prvWriteAccount deferred", "d")
	s.press("one", "+ prvWriteAccount", "a")
	s.press("one", "preview as", "P")
	s.press("one", "answers 23 of 23 denials", "Enter")
	s.press("one", "a accept", "Escape")
	s.press("one", "write 17 accepted grants", "w")
	s.press("one", "additions.zip", "2")
	s.press("one", "wrote Sales Base additions.zip", "Enter")
	s.press("one", "EXIT=1", "q")

	t.Chdir(s.dir)
	var out bytes.Buffer
	code := run([]string{"analyze", "sales-app.har", "--base", "Sales Base.xml", "--base", "Sales Base additions.zip"}, streams{in: strings.NewReader(""), out: &out, err: &out, piped: true, now: time.Now(), version: "v0"})
	if code != exitNothing {
		t.Errorf("with the patch, analyze exits %d:\n%s", code, out.String())
	}
	if got := s.session(); len(got) != 1 || got["prvWriteAccount"] != "accept" {
		t.Errorf("session: %v", got)
	}
}

// session reads the decisions that are on disk.
func (s screen) session() map[string]string {
	data, err := os.ReadFile(filepath.Join(s.dir, "sales-app.har.prvgap.json"))
	if err != nil {
		s.t.Fatal(err)
	}
	var v struct {
		Schema    string
		Decisions []struct{ Privilege, Decision string }
	}
	if err := json.Unmarshal(data, &v); err != nil || v.Schema != "prvgap.session/1" {
		s.t.Fatalf("session: %v\n%s", err, data)
	}
	got := map[string]string{}
	for _, d := range v.Decisions {
		got[d.Privilege] = d.Decision
	}
	return got
}

// TestTriageKilled: what was decided before a kill is there afterwards.
func TestTriageKilled(t *testing.T) {
	s := newScreen(t)
	s.tmux("new-session", "-d", "-s", "one", "-x", "80", "-y", "24", "-c", s.dir, "exec ./prvgap triage sales-app.har --base 'Sales Base.xml'")
	s.tmux("set-option", "-t", "one", "remain-on-exit", "on")
	s.see("one", "[Core Records 7]")
	s.press("one", "rejected", "x")
	time.Sleep(200 * time.Millisecond) // what a decision may take to be on disk
	pid := strings.TrimSpace(s.tmux("display-message", "-p", "-t", "one", "#{pane_pid}"))
	if err := exec.Command("kill", "-9", pid).Run(); err != nil {
		t.Fatal(err)
	}
	if got := s.session(); got["prvWriteAccount"] != "reject" {
		t.Fatalf("after the kill: %v", got)
	}
	s.start("two", "triage", "sales-app.har", "--base", "Sales Base.xml")
	s.see("two", "+16 accepted")
	s.press("two", "EXIT=1", "Q")
	s.tmux("resize-window", "-t", "two", "-y", "100")
	s.see("two", "LEFT ALONE")
}

// TestWriteIgnore: entries of others stay, those of the session come and go.
func TestWriteIgnore(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ignore.json")
	if err := os.WriteFile(path, []byte(`{"ignore": [{"privilege": "prvReadTask", "reason": "ours", "until": "2020-01-01"}]}`), 0o600); err != nil {
		t.Fatal(err)
	}
	o := triageOptions{question: question{ignore: []string{path}}}
	for _, step := range []struct {
		set  []analyzer.Ignore
		drop []string
		want string
	}{
		{[]analyzer.Ignore{{Privilege: "prvReadUser", Reason: "why"}}, nil, "prvReadTask prvReadUser"},
		{nil, []string{"PRVREADUSER"}, "prvReadTask"},
		{nil, nil, "prvReadTask"},
	} {
		if _, err := o.writeIgnore(step.set, step.drop); err != nil {
			t.Fatal(err)
		}
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		var v struct{ Ignore []struct{ Privilege string } }
		if err := json.Unmarshal(data, &v); err != nil {
			t.Fatal(err)
		}
		var names []string
		for _, e := range v.Ignore {
			names = append(names, e.Privilege)
		}
		if got := strings.Join(names, " "); got != step.want {
			t.Errorf("holds %s, want %s", got, step.want)
		}
	}
}

// TestBareCapture: on a terminal a capture alone means triage, unless a flag
// asks for a report.
func TestBareCapture(t *testing.T) {
	root := newRoot(streams{})
	for args, want := range map[string]string{
		"x.har":                       "triage",
		"x.har --base role.xml":       "triage",
		"x.har --session s.json":      "triage",
		"x.har --format json":         "analyze",
		"x.har -o gap.txt":            "analyze",
		"--verbose x.har":             "analyze",
		"--format csv x.har":          "analyze",
		"--depth recommended x.har":   "triage",
		"foo x.har":                   "foo",
		"patch x.har --base r --json": "patch",
	} {
		if got := withCommand(root, strings.Fields(args), true)[0]; got != want {
			t.Errorf("prvgap %s means %s on a terminal", args, got)
		}
	}
	if got := withCommand(root, []string{"x.har"}, false)[0]; got != "analyze" {
		t.Errorf("prvgap x.har means %s without a terminal", got)
	}
}

package live

import (
	"bytes"
	"context"
	"errors"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/prvgap/prvgap/har"
)

var errFull = errors.New("full")

// ownBrowser is a browser that the test started, as a user would.
type ownBrowser struct {
	address string
	cmd     *exec.Cmd
}

func startBrowser(t *testing.T) ownBrowser {
	t.Helper()
	path := chromium(t)
	profile, err := os.MkdirTemp("", "prvgap-own-")
	if err != nil {
		t.Fatal(err)
	}
	args := append([]string{"--headless", "--remote-debugging-port=0", "--user-data-dir=" + profile, "--no-first-run"}, testArgs...)
	cmd := exec.Command(path, append(args, "about:blank")...)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		for range 50 { // its helpers may still write there
			if os.RemoveAll(profile) == nil {
				break
			}
			time.Sleep(50 * time.Millisecond)
		}
	})
	var port string
	until(t, "the browser's port", func() bool {
		text, _ := os.ReadFile(filepath.Join(profile, "DevToolsActivePort"))
		port, _, _ = strings.Cut(string(text), "\n")
		return port != ""
	})
	return ownBrowser{"127.0.0.1:" + port, cmd}
}

// TestAttach watches a page of a browser that runs already, and leaves the browser as it was.
func TestAttach(t *testing.T) {
	f := newFake(t)
	b := startBrowser(t)
	w := watch(t, Options{Attach: b.address, URL: f.url("/main.html")})
	w.until(t, len(everything))
	w.stop()
	if w.Info().Problem != "" {
		t.Errorf("%+v", w.Info())
	}

	// Refusals go unhindered once the capture has ended, in a page that was watched.
	w = watch(t, Options{Attach: b.address, URL: f.url("/waiting.html")})
	until(t, "the page", func() bool { return w.saw("/waiting.html") })
	w.stop()
	f.start()
	until(t, "the page's request", func() bool { return f.count(f.said, "0x80040220") == 1 })
	if len(w.refusals()) != 0 {
		t.Errorf("found %v", w.refusals())
	}

	// A page that is open already is watched from now on, also by two.
	f.hold()
	other := watch(t, Options{Attach: b.address, URL: f.url("/waiting.html")})
	until(t, "the page", func() bool { return other.saw("/waiting.html") })
	w = watch(t, Options{Attach: b.address})
	f.start()
	w.until(t, 1)
	other.until(t, 1)
	until(t, "the page's request", func() bool { return f.count(f.said, "0x80040220") == 2 })
}

// TestLeftBehind looks for what a launched browser leaves.
func TestLeftBehind(t *testing.T) {
	temp := t.TempDir()
	t.Setenv("TMPDIR", temp)
	w := watch(t, Options{URL: "about:blank"})
	if left, _ := filepath.Glob(filepath.Join(temp, "prvgap-browser-*")); len(left) != 1 {
		t.Errorf("profiles: %v", left)
	}
	w.stop()
	if left, _ := filepath.Glob(filepath.Join(temp, "prvgap-*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
	if running := processes(temp); len(running) > 0 {
		t.Errorf("still running: %v", running)
	}
}

// processes returns the command lines that contain a text, where the system tells them.
func processes(text string) []string {
	var found []string
	files, _ := filepath.Glob("/proc/[0-9]*/cmdline")
	for _, file := range files {
		if line, err := os.ReadFile(file); err == nil && bytes.Contains(line, []byte(text)) {
			found = append(found, strings.ReplaceAll(string(line), "\x00", " "))
		}
	}
	return found
}

// TestCrash kills a launched browser: the capture ends with what it has, as a partial one. With a profile that is kept.
func TestCrash(t *testing.T) {
	f := newFake(t)
	profile := filepath.Join(t.TempDir(), "kept")
	o := Options{Browser: chromium(t), Headless: true, Args: testArgs, Profile: profile, URL: f.url("/frame.html")}
	c, err := Start(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	var entries []har.Entry
	for batch := range c.Batches() {
		entries = append(entries, batch...)
		if refusals(entries)["Framed"] == 1 {
			kill(t, profile)
		}
	}
	if info := c.Info(); info.Complete || !strings.Contains(info.Problem, "crashed") {
		t.Errorf("%+v", info)
	}
	if refusals(entries)["Framed"] != 1 {
		t.Errorf("found %v", refusals(entries))
	}
	if _, err := os.Stat(filepath.Join(profile, "Default")); err != nil {
		t.Errorf("the profile was not kept: %v", err)
	}
	until(t, "the end of the browser's helpers", func() bool { return len(processes(profile)) == 0 })
}

// kill ends the main process of the browser with that profile.
func kill(t *testing.T, profile string) {
	t.Helper()
	files, _ := filepath.Glob("/proc/[0-9]*/cmdline")
	for _, file := range files {
		line, _ := os.ReadFile(file)
		if !bytes.Contains(line, []byte("--user-data-dir="+profile)) || bytes.Contains(line, []byte("--type=")) {
			continue
		}
		if err := killProcess(filepath.Base(filepath.Dir(file))); err != nil {
			t.Fatal(err)
		}
		return
	}
	t.Skip("this system does not tell which process is the browser")
}

func TestNothingThere(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	free := listener.Addr().String()
	listener.Close()
	f := newFake(t)
	for address, want := range map[string]string{
		free:                  "no browser listens on " + free,
		"127.0.0.1:" + f.port: "is not a browser with remote debugging",
		"192.0.2.1:9222":      "is not this machine",
		"org.example:9222":    "is not this machine",
		"nonsense":            `"nonsense" is not an address`,
	} {
		_, err := Start(t.Context(), Options{Attach: address})
		e, ok := errors.AsType[*Error](err)
		if !ok || !strings.Contains(err.Error(), want) || e.Hint == "" {
			t.Errorf("%s: %v", address, err)
		}
	}
	_, err = Start(t.Context(), Options{Attach: free})
	if e, ok := errors.AsType[*Error](err); ok {
		for _, system := range []string{"Windows", "macOS", "Linux", "msedge.exe", "--user-data-dir=", strings.TrimPrefix(free, "127.0.0.1:")} {
			if !strings.Contains(e.Hint, system) {
				t.Errorf("the hint lacks %s: %s", system, e.Hint)
			}
		}
	}
	_, err = Start(t.Context(), Options{Browser: filepath.Join(t.TempDir(), "none")})
	if _, ok := errors.AsType[*Error](err); !ok {
		t.Errorf("%v", err)
	}
	if _, err = Start(t.Context(), Options{Getenv: func(string) string { return "" }, Browser: os.Args[0], Args: []string{"-test.run=^$"}}); err == nil {
		t.Error("a program that ends at once is no browser")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err = Start(ctx, Options{Attach: free}); err == nil {
		t.Error("an ended context starts nothing")
	}
}

func TestFindBrowser(t *testing.T) {
	env := func(name string) string {
		return map[string]string{"ProgramFiles": `C:\Program Files`, "ProgramFiles(x86)": `C:\Program Files (x86)`, "HOME": "/Users/u"}[name]
	}
	for system, want := range map[string]string{
		"windows": `C:\Program Files (x86)\Microsoft\Edge\Application\msedge.exe`,
		"darwin":  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
		"linux":   "google-chrome",
	} {
		if got := findBrowser(system, env, func(p string) (string, error) { return p, nil }); got != want {
			t.Errorf("%s: %s", system, got)
		}
		if got := findBrowser(system, env, func(string) (string, error) { return "", os.ErrNotExist }); got != "" {
			t.Errorf("%s: %s", system, got)
		}
	}
}

func killProcess(id string) error {
	n, err := strconv.Atoi(id)
	if err != nil {
		return err
	}
	p, err := os.FindProcess(n)
	if err != nil {
		return err
	}
	return p.Kill()
}

package report

import (
	"bufio"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"
)

// chromium is a real browser, driven over a pair of pipes: one JSON message
// after another, each ended by a zero byte. That is all the DevTools protocol
// asks for, so the tests need no library and no port.
type chromium struct {
	t       *testing.T
	to      *os.File
	from    *os.File
	read    *bufio.Reader
	id      int
	session string
	asked   []string // URLs that pages asked for
	printed []string // by pages: exceptions, refusals of the policy
	proxy   *listener
}

// openChromium starts a browser that can reach nothing but a listener, which
// notes what it is asked for.
func openChromium(t *testing.T) *chromium {
	t.Helper()
	c := &chromium{t: t, proxy: listen(t)}
	// Not t.TempDir: a helper process of the browser may still write there when it is removed.
	profile, err := os.MkdirTemp("", "prvgap-browser-")
	if err != nil {
		t.Fatal(err)
	}
	theirIn, ourOut := pipe(t)
	ourIn, theirOut := pipe(t)
	c.to, c.from, c.read = ourOut, ourIn, bufio.NewReaderSize(ourIn, 1<<20)
	cmd := exec.Command(findChromium(t), "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
		"--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage", "--hide-scrollbars",
		"--remote-debugging-pipe", "--user-data-dir="+profile, "--proxy-server="+c.proxy.address, "--proxy-bypass-list=<-loopback>")
	cmd.ExtraFiles = []*os.File{theirIn, theirOut} // file descriptors 3 and 4
	cmd.WaitDelay = 10 * time.Second               // its helpers may keep a pipe open
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	theirIn.Close()
	theirOut.Close()
	t.Cleanup(func() {
		ourOut.Close()
		// Asked to end, it sometimes waits for ever; its helpers end when they lose it.
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		_ = os.RemoveAll(profile)
	})
	target := c.call("Target.createTarget", map[string]any{"url": "about:blank"})["targetId"]
	c.session = c.call("Target.attachToTarget", map[string]any{"targetId": target, "flatten": true})["sessionId"].(string)
	for _, domain := range []string{"Page", "Runtime", "Network", "Log"} {
		c.call(domain+".enable", nil)
	}
	return c
}

// findChromium finds a browser. A machine without one skips what needs it, but
// never the one that checks a submission.
func findChromium(t *testing.T) string {
	t.Helper()
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil && runtime.GOOS != "windows" {
			return path
		}
	}
	const missing = "no chromium, chromium-browser or google-chrome to show the page in"
	if os.Getenv("CI") == "true" {
		t.Fatal(missing)
	}
	t.Skip(missing)
	return ""
}

func pipe(t *testing.T) (r, w *os.File) {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	return r, w
}

// message is what comes from the browser: an answer or an event.
type message struct {
	ID     int             `json:"id"`
	Method string          `json:"method"`
	Params json.RawMessage `json:"params"`
	Result map[string]any  `json:"result"`
	Error  *struct {
		Message string `json:"message"`
	} `json:"error"`
}

// call sends a command and waits for its answer.
func (c *chromium) call(method string, params map[string]any) map[string]any {
	c.t.Helper()
	c.id++
	out := map[string]any{"id": c.id, "method": method}
	if params != nil {
		out["params"] = params
	}
	if c.session != "" {
		out["sessionId"] = c.session
	}
	text, err := json.Marshal(out)
	if err != nil {
		c.t.Fatal(err)
	}
	if _, err := c.to.Write(append(text, 0)); err != nil {
		c.t.Fatalf("%s: %v", method, err)
	}
	id := c.id
	m := c.until(method, func(m message) bool { return m.ID == id })
	if m.Error != nil {
		c.t.Fatalf("%s: %s", method, m.Error.Message)
	}
	return m.Result
}

// until reads messages until one is the one that is waited for, and notes what
// pages asked for and complained of.
func (c *chromium) until(what string, found func(message) bool) message {
	c.t.Helper()
	_ = c.from.SetReadDeadline(time.Now().Add(30 * time.Second)) // an error here shows at the next read
	for {
		text, err := c.read.ReadBytes(0)
		if err != nil {
			c.t.Fatalf("waiting for %s: %v", what, err)
		}
		var m message
		if err := json.Unmarshal(text[:len(text)-1], &m); err != nil {
			c.t.Fatal(err)
		}
		switch m.Method {
		case "Network.requestWillBeSent":
			var p struct{ Request struct{ URL string } }
			_ = json.Unmarshal(m.Params, &p)
			c.asked = append(c.asked, p.Request.URL)
		case "Log.entryAdded", "Runtime.exceptionThrown":
			c.printed = append(c.printed, string(m.Params))
		}
		if found(m) {
			return m
		}
	}
}

// open shows a page from a file, and returns its address.
func (c *chromium) open(page string) string {
	c.t.Helper()
	path := filepath.Join(c.t.TempDir(), "a report.html")
	if err := os.WriteFile(path, []byte(page), 0o600); err != nil {
		c.t.Fatal(err)
	}
	url := "file://" + strings.ReplaceAll(path, " ", "%20")
	c.asked, c.printed = nil, nil
	c.call("Page.navigate", map[string]any{"url": url})
	c.until("the page", func(m message) bool { return m.Method == "Page.loadEventFired" })
	return url
}

// eval runs an expression in the page; its value goes into v.
func (c *chromium) eval(v any, expression string, args ...any) {
	c.t.Helper()
	if len(args) > 0 {
		expression = fmt.Sprintf(expression, args...)
	}
	out := c.call("Runtime.evaluate", map[string]any{"expression": expression, "returnByValue": true, "awaitPromise": true})
	if out["exceptionDetails"] != nil {
		c.t.Fatalf("%s: %v", expression, out["exceptionDetails"])
	}
	text, err := json.Marshal(out["result"].(map[string]any)["value"])
	if err == nil {
		err = json.Unmarshal(text, v)
	}
	if err != nil {
		c.t.Fatalf("%s: %v", expression, err)
	}
}

// is checks that an expression is true in the page.
func (c *chromium) is(what, expression string, args ...any) {
	c.t.Helper()
	var ok bool
	if c.eval(&ok, "!!("+fmt.Sprintf(expression, args...)+")"); !ok {
		c.t.Errorf("%s: not so: %s", what, fmt.Sprintf(expression, args...))
	}
}

// click clicks in the middle of an element, as a mouse does.
func (c *chromium) click(selector string) {
	c.t.Helper()
	var at [2]float64
	c.eval(&at, `(() => { const e = document.querySelector(%q); e.scrollIntoView({block: "center", behavior: "instant"});
		const r = e.getBoundingClientRect(); return [r.x + r.width / 2, r.y + r.height / 2]; })()`, selector)
	for _, kind := range []string{"mousePressed", "mouseReleased"} {
		c.call("Input.dispatchMouseEvent", map[string]any{"type": kind, "x": at[0], "y": at[1], "button": "left", "clickCount": 1})
	}
}

// press presses a key that types nothing.
func (c *chromium) press(key string, code int) {
	c.t.Helper()
	for _, kind := range []string{"rawKeyDown", "keyUp"} {
		c.call("Input.dispatchKeyEvent", map[string]any{"type": kind, "key": key, "code": key, "windowsVirtualKeyCode": code})
	}
}

// screen sets the width of the screen and the colour scheme.
func (c *chromium) screen(width, height int, scheme, media string) {
	c.t.Helper()
	c.call("Emulation.setDeviceMetricsOverride", map[string]any{"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 500})
	c.call("Emulation.setEmulatedMedia", map[string]any{
		"media": media, "features": []map[string]string{{"name": "prefers-color-scheme", "value": scheme}, {"name": "prefers-reduced-motion", "value": "reduce"}},
	})
}

// shoot keeps a picture of the whole page where go test -artifacts keeps what
// tests leave behind.
func (c *chromium) shoot(name string) {
	c.t.Helper()
	out := c.call("Page.captureScreenshot", map[string]any{"captureBeyondViewport": true})
	data, err := base64.StdEncoding.DecodeString(out["data"].(string))
	if err == nil {
		err = os.WriteFile(filepath.Join(c.t.ArtifactDir(), name), data, 0o600)
	}
	if err != nil {
		c.t.Fatal(err)
	}
}

// listener stands for the whole network: it notes what it is asked for.
type listener struct {
	address string
	mu      sync.Mutex
	lines   []string
}

func listen(t *testing.T) *listener {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &listener{address: "http://" + l.Addr().String()}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				_ = conn.SetDeadline(time.Now().Add(10 * time.Second))
				line, _ := bufio.NewReader(conn).ReadString('\n')
				p.mu.Lock()
				p.lines = append(p.lines, strings.TrimSpace(line))
				p.mu.Unlock()
				_, _ = conn.Write([]byte("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"))
			}()
		}
	}()
	return p
}

// asked returns the requests that named a host.
func (p *listener) asked(host string) []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	var out []string
	for _, line := range p.lines {
		if strings.Contains(line, host) {
			out = append(out, line)
		}
	}
	return out
}

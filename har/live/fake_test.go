package live

import (
	"compress/gzip"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"
)

// The secrets that the fake's pages and answers are full of. None may be found in anything that is written.
const (
	secretCookie = "planted-cookie-4711"
	secretHeader = "planted-authorization-4712"
	secretURL    = "planted-token-4713"
	secretPosted = "planted-posted-4714"
)

var secretsPlanted = []string{secretCookie, secretHeader, secretURL, secretPosted}

// fake is a small Dataverse. It refuses whatever is asked of it below refused/, naming the last segment of the path, and
// counts what it refused. It is one server with two origins: 127.0.0.1 and localhost.
type fake struct {
	server *httptest.Server
	port   string

	mu      sync.Mutex
	refused map[string]int
	said    map[string]int // what pages reported
	started bool           // whether waiting pages may go on
	took    string         // milliseconds, as a page reported them
}

func newFake(t testing.TB) *fake {
	f := &fake{refused: map[string]int{}, said: map[string]int{}}
	f.server = httptest.NewUnstartedServer(f)
	_, f.port, _ = net.SplitHostPort(f.server.Listener.Addr().String())
	f.server.Start()
	t.Cleanup(f.server.Close)
	return f
}

// url gives an address on the first origin; other, on the second.
func (f *fake) url(path string) string   { return "http://127.0.0.1:" + f.port + path }
func (f *fake) other(path string) string { return "http://localhost:" + f.port + path }

func (f *fake) count(what map[string]int, name string) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return what[name]
}

// start lets the waiting pages go on; hold stops them again.
func (f *fake) start() { f.set(true) }
func (f *fake) hold()  { f.set(false) }

func (f *fake) set(started bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.started = started
}

// wording is what Dataverse says about a privilege that is missing.
func wording(name string) string {
	return fmt.Sprintf("Principal user (Id=0e9e3c45-0000-4000-8000-000000000001, type=8, roleCount=1, privilegeCount=94) is missing prvRead%s privilege", name)
}

func errorBody(name string) string {
	return fmt.Sprintf(`{"error":{"code":"0x80040220","message":%q}}`, wording(name))
}

func (f *fake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	if !strings.HasSuffix(r.URL.Path, "/Hidden") {
		h.Set("Access-Control-Allow-Origin", r.Header.Get("Origin"))
	}
	h.Set("Access-Control-Allow-Headers", "authorization, content-type")
	if name, ok := strings.CutPrefix(r.URL.Path, "/api/data/v9.2/refused/"); ok && r.Method != http.MethodOptions {
		f.refuse(w, r, name)
		return
	}
	switch r.URL.Path {
	case "/api/data/v9.2/$batch":
		f.batch(w, r)
	case "/api/data/v9.2/WhoAmI":
		h.Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"UserId":"0e9e3c45-0000-4000-8000-000000000001","BusinessUnitId":"69535865-0000-4000-8000-000000000002"}`)
	case "/api/data/v9.2/accounts":
		h.Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"value":[{"name":"`+secretPosted+`"}]}`)
	case "/moved":
		http.Redirect(w, r, "/api/data/v9.2/refused/Moved", http.StatusFound)
	case "/go":
		f.mu.Lock()
		defer f.mu.Unlock()
		if !f.started {
			w.WriteHeader(http.StatusNoContent)
		}
	case "/said":
		f.mu.Lock()
		what, took, _ := strings.Cut(r.URL.RawQuery, "&")
		f.said[what]++
		f.took = took
		f.mu.Unlock()
	case "/slow.html":
		time.Sleep(300 * time.Millisecond)
	case "/favicon.ico":
		w.WriteHeader(http.StatusNoContent)
	default:
		f.page(w, r)
	}
}

func (f *fake) refuse(w http.ResponseWriter, r *http.Request, name string) {
	f.mu.Lock()
	f.refused[name]++
	f.mu.Unlock()
	h := w.Header()
	h.Set("Content-Type", "application/json; odata.metadata=minimal")
	h.Set("Set-Cookie", "session="+secretCookie)
	if name == "Gzip" {
		h.Set("Content-Encoding", "gzip")
		w.WriteHeader(http.StatusForbidden)
		z := gzip.NewWriter(w)
		_, _ = io.WriteString(z, errorBody(name))
		_ = z.Close()
		return
	}
	w.WriteHeader(http.StatusForbidden)
	_, _ = io.WriteString(w, errorBody(name))
}

// batch refuses the second of two requests.
func (f *fake) batch(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	if !strings.Contains(string(body), secretPosted) {
		http.Error(w, "not the batch that was posted", http.StatusBadRequest)
		return
	}
	f.mu.Lock()
	f.refused["Batched"]++
	f.mu.Unlock()
	w.Header().Set("Content-Type", "multipart/mixed; boundary=batchresponse_1")
	_, _ = io.WriteString(w, strings.ReplaceAll(`--batchresponse_1
Content-Type: application/http

HTTP/1.1 200 OK
Content-Type: application/json

{"name":"`+secretPosted+`"}
--batchresponse_1
Content-Type: application/http

HTTP/1.1 403 Forbidden
Content-Type: application/json

`+errorBody("Batched")+`
--batchresponse_1--
`, "\n", "\r\n"))
}

func (f *fake) page(w http.ResponseWriter, r *http.Request) {
	text, ok := pages[r.URL.Path]
	if !ok {
		http.NotFound(w, r)
		return
	}
	kind := "text/html; charset=utf-8"
	if strings.HasSuffix(r.URL.Path, ".js") {
		kind = "text/javascript; charset=utf-8"
	}
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Set-Cookie", "session="+secretCookie)
	_, _ = io.WriteString(w, strings.NewReplacer("OTHER", f.other(""), "PORT", f.port).Replace(text))
}

// ask is what the scripts below do to be refused.
const ask = `const ask = (name) => fetch("/api/data/v9.2/refused/" + name + "?$select=name&token=` + secretURL + `", { headers: { authorization: "Bearer ` + secretHeader + `" } });
`

// pages are the fake's pages by path.
var pages = map[string]string{
	"/blank.html": `<!doctype html>`,
	"/main.html": `<!doctype html><script>` + ask + `
document.cookie = "crm=` + secretCookie + `";
ask("Fetched");
ask("Gzip");
const x = new XMLHttpRequest(); x.open("GET", "/api/data/v9.2/refused/Xhr"); x.send();
fetch("/api/data/v9.2/WhoAmI");
fetch("/api/data/v9.2/accounts?$select=name&sig=` + secretURL + `");
fetch("/moved");
fetch("http://127.0.0.1:9/nobody-there").catch(() => 0);
fetch("/api/data/v9.2/$batch", { method: "POST", headers: { "content-type": "multipart/mixed; boundary=batch_1" }, body: [
  "--batch_1", "Content-Type: application/http", "", "GET accounts(1) HTTP/1.1", "Authorization: Bearer ` + secretHeader + `", "", '{"a":"` + secretPosted + `"}',
  "--batch_1", "Content-Type: application/http", "", "GET contacts(2) HTTP/1.1", "", "", "--batch_1--", ""].join("\r\n") });
new Worker("/worker.js");
new SharedWorker("/shared.js");
navigator.serviceWorker.register("/service.js");
open("/popup.html");
fetch("OTHER/api/data/v9.2/refused/Hidden").catch(() => 0);
</script><iframe src="OTHER/frame.html"></iframe><iframe src="/leaver.html"></iframe><iframe src="/hasty.html"></iframe><iframe src="/kept.html"></iframe>
<iframe src="/api/data/v9.2/refused/Document"></iframe><img src="/api/data/v9.2/refused/Image">`,
	"/hasty.html":  `<!doctype html><script>` + ask + `ask("Hasty"); location.replace("OTHER/slow.html");</script>`,
	"/kept.html":   `<!doctype html><script>fetch("/api/data/v9.2/refused/Kept", { keepalive: true }); location.replace("OTHER/blank.html");</script>`,
	"/frame.html":  `<!doctype html><script>` + ask + `ask("Framed");</script>`,
	"/leaver.html": `<!doctype html><script>` + ask + `ask("Left").then(() => location.replace("OTHER/blank.html"));</script>`,
	"/worker.js":   ask + `ask("Worker").then(() => close());`,
	"/shared.js":   ask + `ask("Shared");`,
	"/service.js":  ask + `ask("Service"); oninstall = () => skipWaiting();`,
	"/popup.html":  `<!doctype html><script>` + ask + `ask("Popup").then(() => close());</script>`,
	"/burst.html": `<!doctype html><script>` + ask + `
const total = Number(location.search.slice(1)) || 2000;
let next = 0; // no more than 500 at once: of too many, the browser itself fails some
const some = async () => { while (next < total) await (await ask("Burst" + next++)).text(); };
const began = performance.now();
Promise.all(Array.from({ length: 500 }, some)).then(() => fetch("/said?burst&" + Math.round(performance.now() - began)));</script>`,
	// A service worker that answers for its page by asking the server itself.
	"/relayed.html": `<!doctype html><script>` + ask + `
navigator.serviceWorker.register("/relay.js");
navigator.serviceWorker.ready.then(() => navigator.serviceWorker.controller || new Promise((go) => navigator.serviceWorker.oncontrollerchange = go))
  .then(() => ask("Relayed")).then(() => fetch("/said?relayed"));</script>`,
	"/relay.js": `oninstall = () => skipWaiting(); onactivate = (e) => e.waitUntil(clients.claim()); onfetch = (e) => e.respondWith(fetch(e.request));`,
	"/waiting.html": `<!doctype html><script>` + ask + `
const look = () => fetch("/go").then((r) => r.status == 204 ? setTimeout(look, 50) : ask("Later").then((r) => r.json()).then((b) => fetch("/said?" + b.error.code)));
look();</script>`,
}

// chromium finds a browser. A machine without one skips what needs it, but never the one that checks a submission.
func chromium(t testing.TB) string {
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

// arguments that a browser needs in a test: no talk with the world, and room for popups.
var testArgs = []string{
	"--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking", "--disable-component-update",
	"--disable-sync", "--disable-dev-shm-usage", "--disable-popup-blocking",
}

// until waits for something that another process brings about.
func until(t testing.TB, what string, done func() bool) {
	t.Helper()
	for deadline := time.Now().Add(40 * time.Second); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		if done() {
			return
		}
	}
	t.Fatalf("waited in vain for %s", what)
}

package live

import (
	"encoding/json"
	"strings"
	"time"

	"github.com/chromedp/cdproto"
	"github.com/chromedp/cdproto/fetch"
	"github.com/chromedp/cdproto/inspector"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/cdproto/target"
)

// session is what we hold of one page, frame or worker.
type session struct {
	target string
	kind   string
	held   bool // whether it waits for us before its first step
	since  time.Time
	open   int // commands of the set-up that are not answered yet
}

// object is the parameters of a command.
type object map[string]any

// attachTo asks a session, or the browser for "", to give us what it opens, held before its first request.
func (w *watcher) attachTo(session string, then answered) {
	w.wire.send(session, target.CommandSetAutoAttach, object{"autoAttach": true, "waitForDebuggerOnStart": true, "flatten": true}, then)
}

// attached sets up the session of something that opened. It is let go only when its answers are intercepted: pages
// send their first requests at once.
func (w *watcher) attached(parent string, raw []byte) {
	var ev struct {
		SessionID          string
		WaitingForDebugger bool
		TargetInfo         struct{ TargetID, Type, URL string }
	}
	if json.Unmarshal(raw, &ev) != nil || ev.SessionID == "" {
		return
	}
	info := ev.TargetInfo
	// A worker is offered by the browser and by each page that uses it. One session is enough; two would show each
	// request twice.
	if w.targets[info.TargetID] || private(info.Type, info.URL) {
		w.wire.send(ev.SessionID, runtime.CommandRunIfWaitingForDebugger, nil, nil)
		w.wire.send(parent, target.CommandDetachFromTarget, object{"sessionId": ev.SessionID}, nil)
		return
	}
	w.targets[info.TargetID] = true
	s := &session{target: info.TargetID, kind: info.Type, held: ev.WaitingForDebugger, since: time.Now()}
	w.sessions[ev.SessionID] = s
	w.setUp(ev.SessionID, s)
}

// private reports whether a target is the browser's own business or that of an extension.
func private(kind, url string) bool {
	switch kind {
	case "page", "iframe", "webview":
		return strings.HasPrefix(url, "devtools://") || strings.HasPrefix(url, "chrome-extension://")
	case "worker", "service_worker", "shared_worker":
		return !strings.HasPrefix(url, "http") && !strings.HasPrefix(url, "blob:") && !strings.HasPrefix(url, "data:")
	}
	return true
}

// intercepted are the kinds of requests that Dataverse refuses and that pages act upon. Of the others (scripts,
// images) a body is fetched afterwards, if it is still there.
var intercepted = []network.ResourceType{network.ResourceTypeXHR, network.ResourceTypeFetch, network.ResourceTypeDocument}

func (w *watcher) setUp(id string, s *session) {
	var patterns []object
	for _, kind := range intercepted {
		patterns = append(patterns, object{"resourceType": kind, "requestStage": "Response"})
	}
	// A worker may not know all of these domains, so an error is as good an answer as any.
	step := func([]byte, error) {
		if s.open--; s.open == 0 {
			w.letGo(id, s)
		}
	}
	s.open = 3
	w.setting++
	w.wire.send(id, network.CommandEnable, object{"maxPostDataSize": maxPosted}, step)
	w.attachTo(id, step)
	w.wire.send(id, fetch.CommandEnable, object{"patterns": patterns}, step)
	if s.kind == "page" {
		w.wire.send(id, inspector.CommandEnable, nil, nil)
	}
}

// letGo lets a session run that has been set up, or that has ended meanwhile.
func (w *watcher) letGo(id string, s *session) {
	w.setting--
	if s.held {
		w.wire.send(id, runtime.CommandRunIfWaitingForDebugger, nil, nil)
	}
	// The first page of a launched browser is blank and free to be used.
	if w.proc != nil && s.kind == "page" && w.home == "" {
		w.home = s.target
	}
	w.navigate()
	w.checkReady()
}

// navigate sends the page that is ours to the user's address, once it is watched: the request for a page that is
// opened with its address is sent before anything can be held.
func (w *watcher) navigate() {
	for id, s := range w.sessions {
		if s.target == w.home && s.open == 0 && w.visit != "" {
			w.wire.send(id, page.CommandNavigate, object{"url": w.visit}, nil)
			w.visit = ""
		}
	}
}

// checkReady tells Start when everything that was open is watched.
func (w *watcher) checkReady() {
	if w.begun && w.setting == 0 && !w.told {
		w.told = true
		close(w.ready)
	}
}

// begin watches what is open, and opens a page of our own in a browser that we attached to.
func (w *watcher) begin() {
	w.greet()
	w.attachTo("", func([]byte, error) {
		w.begun = true
		if w.visit != "" && w.proc == nil {
			w.wire.send("", target.CommandCreateTarget, object{"url": "about:blank"}, func(result []byte, _ error) {
				var v struct{ TargetID string }
				_ = json.Unmarshal(result, &v)
				w.home = v.TargetID
				w.navigate()
			})
		}
		w.checkReady()
	})
}

// detached ends a session. What its requests had not told yet is lost.
func (w *watcher) detached(raw []byte) {
	var ev struct{ SessionID string }
	_ = json.Unmarshal(raw, &ev)
	s := w.sessions[ev.SessionID]
	if s == nil {
		return
	}
	delete(w.sessions, ev.SessionID)
	delete(w.targets, s.target)
	w.wire.forget(ev.SessionID, false)
	for _, r := range w.requestsOf(ev.SessionID) {
		w.abandon(r, "the page or worker ended before the answer was complete")
	}
}

// event handles what the browser tells unasked.
func (w *watcher) event(m *cdproto.Message) {
	id := string(m.SessionID)
	switch string(m.Method) {
	case target.AttachedToTarget.Method:
		w.attached(id, m.Params)
	case target.DetachedFromTarget.Method:
		w.detached(m.Params)
	case inspector.TargetCrashed.Method:
		w.crashes++
	case network.RequestWillBeSent.Method:
		w.sent(id, m.Params)
	case network.ResponseReceived.Method:
		w.received(id, m.Params)
	case network.ResponseReceivedExtraInfo.Method:
		w.raw(m.Params)
	case network.LoadingFinished.Method, network.LoadingFailed.Method:
		w.finished(m.Params)
	case fetch.RequestPaused.Method:
		w.paused(id, m.Params)
	}
}

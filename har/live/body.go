package live

import (
	"encoding/base64"
	"encoding/json"
	"strings"
	"time"

	"github.com/chromedp/cdproto/fetch"
	"github.com/chromedp/cdproto/network"

	"github.com/prvgap/prvgap/har"
)

// paused looks at an answer that the browser holds back from its page. What is not wanted goes on at once.
func (w *watcher) paused(session string, raw []byte) {
	var ev struct {
		RequestID           string
		NetworkID           string
		Request             question
		ResponseErrorReason string
		ResponseStatusCode  int
		ResponseHeaders     []struct{ Name, Value string }
	}
	if json.Unmarshal(raw, &ev) != nil {
		return
	}
	// continueRequest serves every state; continueResponse refuses an answer that failed.
	held := object{"requestId": ev.RequestID}
	goOn := func() { w.wire.send(session, fetch.CommandContinueRequest, held, nil) }
	code := status(ev.ResponseStatusCode)
	redirect := code >= 300 && code < 400
	if ev.ResponseErrorReason != "" || code == 0 || redirect || bodiless(ev.Request.Method, code) ||
		!w.wants(code, ev.Request.Method, ev.Request.URL) {
		goOn()
		return
	}
	id := ev.NetworkID
	if id == "" {
		id = "paused " + ev.RequestID // of something whose network log we do not see
	}
	// A redirect keeps the id, so an answer from another address belongs to a hop of which nothing was told yet.
	if r := w.requests[id]; r != nil && r.began > 0 && r.URL != ev.Request.URL {
		id += ahead
	}
	// Two sessions may hold the same request one after the other; the first one has read it.
	r := w.find(session, id, ev.Request.URL)
	if r == nil || r.asked || r.caught {
		goOn()
		return
	}
	r.Status = code
	w.ask(r, ev.Request)
	for _, h := range ev.ResponseHeaders {
		if strings.EqualFold(h.Name, "content-type") {
			r.kind = h.Value
		}
	}
	w.take(r, session, fetch.CommandGetResponseBody, held, goOn)
}

// fetch asks for the body of an answer that its page has received. A page that has left meanwhile has dropped it.
func (w *watcher) fetch(r *request) {
	w.take(r, r.session, network.CommandGetResponseBody, object{"requestId": r.id}, func() {})
}

// take asks for a body. Whatever comes of it, then is called before anything else happens.
func (w *watcher) take(r *request, session, command string, params object, then func()) {
	r.asked = true
	w.bodies++
	w.wire.send(session, command, params, func(result []byte, err error) {
		then() // the page waits
		w.bodies--
		r.asked = false
		if err == nil {
			r.caught = w.keep(r, result)
			r.caughtAt = time.Now()
		}
		switch {
		case r.ended && (r.caught || command == network.CommandGetResponseBody):
			w.complete(r)
		case r.ended:
			w.settle(r) // not to be had while it was held; perhaps afterwards
		}
	})
}

// keep decodes a body, and reports false for one that cannot be decoded. Text in an encoding that its bytes do not tell
// loses what is not ASCII; the names and numbers that matter are.
func (w *watcher) keep(r *request, result []byte) bool {
	var v struct {
		Body          string
		Base64Encoded bool
	}
	if json.Unmarshal(result, &v) != nil {
		return false
	}
	if v.Base64Encoded {
		content, err := base64.StdEncoding.DecodeString(v.Body)
		if err != nil {
			return false
		}
		v.Body = har.Text(har.Gunzip(content))
	}
	r.Body = strings.ToValidUTF8(v.Body, "\uFFFD")
	r.HasBody = r.Body != ""
	return true
}

package live

import (
	"encoding/json"
	"math"
	"strings"
	"time"

	"github.com/chromedp/cdproto/network"

	"github.com/prvgap/prvgap/har"
)

const (
	// maxPosted is the largest posted body that the browser sends us unasked. Only that of a $batch is kept.
	maxPosted = 1 << 20
	// settleTime is how long a request whose answer was read may take to end in its page.
	settleTime = 3 * time.Second
)

// request is one request while it is under way. Of its headers only the content type of the answer is ever looked at.
type request struct {
	har.Entry
	id      string
	session string
	posted  string // of a $batch
	kind    string // content type, with the boundary of a $batch
	began   float64
	took    time.Duration

	echo     bool // answered by a service worker, whose own request is the one that counts
	rawState int  // the status on the wire, for answers that the page may not see
	ended    bool // the page has seen its end
	asked    bool // its body is being fetched
	caught   bool // its body is known
	caughtAt time.Time
}

// answer is the part of a response that is looked at.
type answer struct {
	URL                         string
	Status                      int
	MimeType                    string
	FromServiceWorker           bool
	ServiceWorkerResponseSource string
	Headers                     struct {
		ContentType string `json:"content-type"`
	}
}

// question is the part of a request that is looked at.
type question struct {
	URL         string
	Method      string
	PostData    string
	HasPostData bool
}

func web(url string) bool {
	return strings.HasPrefix(url, "http://") || strings.HasPrefix(url, "https://")
}

// isBatch reports whether a URL is that of an OData $batch, whose parts are requests of their own.
func isBatch(url string) bool {
	path, _, _ := strings.Cut(url, "?")
	lower := strings.ToLower(path)
	return strings.HasSuffix(lower, "/$batch") || strings.HasSuffix(lower, "/%24batch")
}

// wants reports whether a body is needed. That of a refused request always is.
func (w *watcher) wants(status int, method, url string) bool {
	return status >= 400 || isBatch(url) || w.opts.Body != nil && w.opts.Body(method, url)
}

// find returns the request with that id, which it may hear of for the first time here: the messages about one request
// come from several processes of the browser in no fixed order. It is nil for what is handed out already.
func (w *watcher) find(session, id, url string) *request {
	r := w.requests[id]
	if r == nil && web(url) && !w.past.has(id) && w.phase < leaving {
		r = &request{id: id, session: session, Entry: har.Entry{URL: url, Time: time.Now().UTC()}}
		w.requests[id] = r
	}
	return r
}

// sent notes a request, or ends one that was redirected and goes on under the same id.
func (w *watcher) sent(session string, raw []byte) {
	var ev struct {
		RequestID        string
		Request          question
		RedirectResponse *answer
		WallTime         float64
		Timestamp        float64
	}
	if json.Unmarshal(raw, &ev) != nil {
		return
	}
	// What was met first as a held answer may be a later hop than the one that is told now.
	w.setAside(w.requests[ev.RequestID], ev.Request.URL)
	r := w.find(session, ev.RequestID, ev.Request.URL)
	switch {
	case r == nil:
		return
	case ev.RedirectResponse != nil && ev.RedirectResponse.URL == r.URL:
		w.redirected(r, ev.RedirectResponse, ev.Timestamp)
		r = w.resume(session, ev.RequestID, ev.Request.URL)
	case r.began > 0:
		return // told a second time, as for a frame that moves to another process
	}
	r.began = ev.Timestamp
	if ev.WallTime > 0 {
		r.Time = time.UnixMilli(int64(math.Round(ev.WallTime * 1000))).UTC()
	}
	w.ask(r, ev.Request)
}

// ask notes what was asked. What was posted matters for a $batch only, and is fetched if the browser left it out.
func (w *watcher) ask(r *request, q question) {
	r.Method, r.URL = q.Method, q.URL
	if !isBatch(q.URL) || !q.HasPostData || r.posted != "" {
		return
	}
	if r.posted = q.PostData; r.posted != "" {
		return
	}
	w.wire.send(r.session, network.CommandGetRequestPostData, object{"requestId": r.id}, func(result []byte, _ error) {
		var v struct{ PostData string }
		_ = json.Unmarshal(result, &v)
		r.posted = v.PostData
	})
}

// redirected hands out the hop that was answered with a redirect.
func (w *watcher) redirected(r *request, a *answer, at float64) {
	// No body is looked at: that of a redirect is shown to nobody.
	hop := *r
	hop.Status, hop.MIMEType = a.Status, a.MimeType
	hop.took = since(r.began, at)
	w.sink.take(&hop, w.opts)
	delete(w.requests, r.id)
}

// ahead marks the id of a hop of a redirect whose answer is held back while the message about the redirect is still to
// come: the two are told by different processes.
const ahead = " ahead"

// setAside makes room for the hops before one that was met first as a held answer.
func (w *watcher) setAside(r *request, url string) {
	if r == nil || r.began > 0 || r.URL == url || !r.asked && !r.caught {
		return
	}
	delete(w.requests, r.id)
	r.id += ahead
	w.requests[r.id] = r
}

// resume returns the next hop of a redirect, which may have been set aside.
func (w *watcher) resume(session, id, url string) *request {
	r := w.requests[id+ahead]
	if r == nil || r.URL != url {
		return w.find(session, id, url)
	}
	delete(w.requests, r.id)
	r.id = id
	w.requests[id] = r
	return r
}

// since is the time between two of the browser's timestamps, which count from nowhere.
func since(from, to float64) time.Duration {
	if from <= 0 || to < from {
		return 0
	}
	return time.Duration((to - from) * float64(time.Second))
}

func (w *watcher) received(session string, raw []byte) {
	var ev struct {
		RequestID string
		Timestamp float64
		Response  answer
	}
	if json.Unmarshal(raw, &ev) != nil {
		return
	}
	r := w.find(session, ev.RequestID, ev.Response.URL)
	if r == nil {
		return
	}
	a := ev.Response
	r.session = session // the body is with whoever saw the answer
	r.Status, r.MIMEType = status(a.Status), a.MimeType
	r.took = since(r.began, ev.Timestamp)
	if a.Headers.ContentType != "" {
		r.kind = a.Headers.ContentType
	}
	r.echo = a.FromServiceWorker && a.ServiceWorkerResponseSource == "network"
}

// status keeps what can be one.
func status(n int) int {
	if n < 100 || n > 999 {
		return 0
	}
	return n
}

// raw notes the status on the wire. It is all there is of an answer that the page may not see (CORS).
func (w *watcher) raw(message []byte) {
	var ev struct {
		RequestID  string
		StatusCode int
	}
	if json.Unmarshal(message, &ev) != nil {
		return
	}
	if r := w.requests[ev.RequestID]; r != nil {
		r.rawState = status(ev.StatusCode)
	}
}

// finished takes in that a request has ended in its page, well or with an error.
func (w *watcher) finished(raw []byte) {
	var ev struct {
		RequestID string
		ErrorText string
		Timestamp float64
	}
	if json.Unmarshal(raw, &ev) != nil {
		return
	}
	r := w.requests[ev.RequestID]
	if r == nil {
		return
	}
	r.ended, r.took, r.Error = true, since(r.began, ev.Timestamp), ev.ErrorText
	r.reveal()
	w.settle(r)
}

// reveal takes the status on the wire for a refusal that the page may not see. An allowed answer keeps status 0, as in a
// browser's own export.
func (r *request) reveal() {
	if r.Status == 0 && r.rawState >= 400 {
		r.Status = r.rawState
	}
}

// settle hands out a request that has ended, once its body is there.
func (w *watcher) settle(r *request) {
	switch {
	case r.asked:
	case r.caught || r.echo || !w.wants(r.Status, r.Method, r.URL) || r.Status == 0 || bodiless(r.Method, r.Status):
		w.complete(r)
	default:
		w.fetch(r)
	}
}

// bodiless reports whether an answer cannot have a body.
func bodiless(method string, status int) bool {
	return method == "HEAD" || status == 204 || status == 304
}

// abandon hands out a request that will not end any more.
func (w *watcher) abandon(r *request, why string) {
	if r.Error == "" && !r.caught {
		r.Error = why
	}
	r.reveal()
	r.ended = true
	w.complete(r)
}

// complete hands out a request, once.
func (w *watcher) complete(r *request) {
	if w.requests[r.id] != r {
		return
	}
	delete(w.requests, r.id)
	w.past.add(r.id) // its id may still be spoken of, by another process or another session
	if r.echo {
		return
	}
	if !r.caught && r.Status > 0 && w.wants(r.Status, r.Method, r.URL) && !bodiless(r.Method, r.Status) {
		w.capture.note(func(i *har.Info) { i.Lost++ })
		r.Comment = "the page had dropped the body before it could be read"
	}
	w.sink.take(r, w.opts)
}

package har

import (
	"bytes"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

const (
	// maxHeld bounds what is kept of requests whose turn is still to come; the oldest is then handed over as it is.
	maxHeld = 64 << 20
	// maxAsked bounds the commands whose results are waited for.
	maxAsked = 1 << 16
	// maxWraps is how many messages may be wrapped into one another. Selenium wraps once.
	maxWraps = 3
	// overhead is what a request takes besides its texts.
	overhead = 1 << 10
)

// protocol reads a log of the DevTools protocol: events of a browser, and with some loggers the commands sent to it and
// their results, of which that of Network.getResponseBody matters: the events hold no bodies.
func (s *scanner) protocol() error {
	s.creator = "DevTools protocol"
	w := &wire{scanner: s, open: map[string]*request{}, asked: map[string]string{}}
	err := s.events(w.event)
	if err == errStop {
		return err
	}
	// A request without an end is an entry too, also where the log breaks off.
	for len(w.order) > 0 {
		if stop := w.release(w.order[0]); stop != nil {
			return stop
		}
	}
	s.empty(err)
	return err
}

// wire follows the requests of a protocol log from event to event. Entries come in the order in which they were asked for:
// one that waits for its end, or for a body that is wanted, keeps the later ones back.
type wire struct {
	*scanner
	seen  sighting
	open  map[string]*request // by session and request id
	order []*request          // those not handed over, as they were sent
	held  int64
	asked map[string]string // commands that asked for a body: session and command id → request
}

// request is a request that is not handed over yet.
type request struct {
	record
	key      string
	size     int64 // what it adds to wire.held
	finished bool  // nothing but its body is to come
	done     bool  // nothing is
	hidden   int   // the status on the wire, which the page is not told where CORS forbids
}

// letter is one message of the protocol.
type letter struct {
	id, method, session   string
	params, result, inner jsontext.Value
}

// event takes one value of the log in.
func (w *wire) event(ev event) error {
	l, err := w.letter(ev.value)
	for wraps := 0; err == nil && l.method == "" && len(l.inner) > 0; wraps++ {
		inner := l.inner
		if inner.Kind() == '"' { // Selenium and ChromeDriver
			inner = jsontext.Value(unquote(inner))
		}
		session := l.session
		if !isObject(string(inner[:min(len(inner), 8)])) {
			return nil // a line of the browser's console
		}
		if l, err = w.letter(inner); err != nil || wraps == maxWraps {
			w.warn(ev.pointer + ": the wrapped message is not readable")
			return nil
		}
		if l.session == "" {
			l.session = session
		}
	}
	if err != nil {
		return err
	}
	return w.take(l, ev)
}

// letter reads a message, or the wrapper around one.
func (w *wire) letter(v jsontext.Value) (l letter, err error) {
	err = w.within(v, func() error {
		return members(w.dec, func(name string) (err error) {
			switch name {
			case "method":
				l.method, err = w.text()
			case "sessionId", "webview": // request ids are only unique within one
				l.session, err = w.text()
			case "id":
				var id jsontext.Value
				id, err = w.dec.ReadValue()
				l.id = string(id)
			case "params":
				l.params, err = w.span(v)
			case "result":
				l.result, err = w.span(v)
			case "message":
				l.inner, err = w.span(v)
			default:
				err = w.dec.SkipValue()
			}
			return err
		})
	})
	return l, err
}

// take goes by what a message is.
func (w *wire) take(l letter, ev event) error {
	switch l.method {
	case "Network.requestWillBeSent", "Network.responseReceived", "Network.responseReceivedExtraInfo",
		"Network.loadingFinished", "Network.loadingFailed", "Network.getResponseBody":
		if err := w.look(l.params); err != nil {
			return err
		}
	case "":
		key, ok := w.asked[l.session+"\n"+l.id]
		if !ok || l.id == "" {
			return nil
		}
		delete(w.asked, l.session+"\n"+l.id)
		return w.answered(w.open[key], l.result)
	default:
		return nil
	}
	if w.seen.id == "" {
		return nil
	}
	key := l.session + "\n" + w.seen.id
	r := w.open[key]
	switch l.method {
	case "Network.requestWillBeSent":
		return w.sent(r, key, ev)
	case "Network.responseReceived":
		return w.received(r, key, ev)
	case "Network.getResponseBody":
		if len(l.result) > 0 { // the DevTools' protocol monitor saves commands with their results
			return w.answered(r, l.result)
		}
		if len(w.asked) < maxAsked {
			w.asked[l.session+"\n"+l.id] = key
		}
	}
	if r == nil {
		return nil // the log began after the request
	}
	return w.ended(r, l.method)
}

// sent begins a request. One with the same id was redirected, or taken from a cache again and again.
func (w *wire) sent(r *request, key string, ev event) error {
	if r != nil {
		if w.seen.replied {
			w.reply(r)
		}
		if err := w.release(r); err != nil {
			return err
		}
	}
	for _, scheme := range []string{"data:", "blob:"} {
		if strings.HasPrefix(w.seen.URL, scheme) {
			return nil // no request, and often megabytes of address
		}
	}
	return w.begin(key, ev)
}

// begin keeps what was seen as a new request.
func (w *wire) begin(key string, ev event) error {
	r := &request{key: key}
	r.options, r.files = w.rec.options, w.rec.files
	r.Method, r.URL, r.Time = w.seen.Method, w.seen.URL, w.seen.Time
	r.Pointer, r.Offset = ev.pointer, ev.offset
	if isBatch(r.URL) {
		r.post, r.encoded = bytes.Clone(w.seen.post), w.seen.encoded
	}
	w.order = append(w.order, r)
	w.open[key] = r
	return w.weigh(r)
}

// received takes in what a request was answered, without the body.
func (w *wire) received(r *request, key string, ev event) error {
	if r == nil {
		w.seen.URL = w.seen.address
		if err := w.begin(key, ev); err != nil {
			return err
		}
		if r = w.open[key]; r == nil {
			return nil // handed over at once: it takes all the room
		}
	}
	w.reply(r)
	return w.weigh(r)
}

// reply copies the response that was seen.
func (w *wire) reply(r *request) {
	r.Status, r.MIMEType = w.seen.Status, w.seen.MIMEType
	if kind := contentType(w.seen.headers); kind != "" && (r.MIMEType == "" || isBatch(r.URL)) {
		r.MIMEType = kind // with the boundary, so that the headers need not be kept
	}
	if len(w.seen.text) > 0 { // the protocol has no such member; chrome-har's users put it there
		w.body(r)
	}
}

// body copies the body that was seen.
func (w *wire) body(r *request) {
	if !w.wanted(r) {
		r.HasBody = len(w.seen.text) > len(`""`)
		return
	}
	r.text, r.encoding = bytes.Clone(w.seen.text), w.seen.encoding
}

// wanted reports whether the body of a request is worth waiting for. Without a status it may turn out to be.
func (w *wire) wanted(r *request) bool {
	return r.Status == 0 || isBatch(r.URL) || r.options.wants(r.Status, r.Method, r.URL)
}

// answered takes in the result of a command that asked for a body; nil is the request of another command.
func (w *wire) answered(r *request, result jsontext.Value) error {
	if r == nil || len(result) == 0 {
		return nil
	}
	if err := w.look(result); err != nil {
		return err
	}
	w.body(r)
	if r.finished {
		return w.release(r)
	}
	return w.weigh(r)
}

// ended takes in how a request ended, and what is known of its status besides.
func (w *wire) ended(r *request, method string) error {
	switch method {
	case "Network.responseReceivedExtraInfo":
		r.hidden = w.seen.code
	case "Network.loadingFailed":
		r.Error = w.seen.failure
		// An answer that CORS keeps from the page is none to the other events. A redirect is followed by another one.
		if r.Status == 0 && r.hidden >= 400 {
			r.Status = r.hidden
		}
		return w.release(r)
	case "Network.loadingFinished":
		r.finished = true
		if len(r.text) > 0 || !w.wanted(r) || r.Status == 0 {
			return w.release(r)
		}
	}
	return nil
}

// weigh adds up what is held, and hands the oldest over where it is too much.
func (w *wire) weigh(r *request) error {
	w.held -= r.size
	r.size = overhead + int64(len(r.Method)+len(r.URL)+len(r.post)+len(r.MIMEType)+len(r.text)+len(r.key))
	w.held += r.size
	for w.held > maxHeld && len(w.order) > 0 {
		if err := w.release(w.order[0]); err != nil {
			return err
		}
	}
	return nil
}

// release hands a request over as it is once it is its turn, and those that waited for it.
func (w *wire) release(r *request) error {
	r.done = true
	if w.open[r.key] == r {
		delete(w.open, r.key)
	}
	for len(w.order) > 0 && w.order[0].done {
		next := w.order[0]
		w.order[0], w.order = nil, w.order[1:]
		w.held -= next.size
		if err := w.hand(&next.record, next.Pointer, next.Offset); err != nil {
			return err
		}
	}
	return nil
}

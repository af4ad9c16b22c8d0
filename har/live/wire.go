package live

import (
	"context"
	"encoding/json"
	"errors"
	"sync"

	"github.com/chromedp/cdproto"
	"github.com/chromedp/cdproto/target"
)

// errGone answers commands whose session or connection ended before they were answered.
var errGone = errors.New("the page or the browser is gone")

// transport carries protocol messages; chromedp's websocket is one.
type transport interface {
	Read(context.Context, *cdproto.Message) error
	Write(context.Context, *cdproto.Message) error
	Close() error
}

// answered is called with the result of a command, or with the reason why there is none.
type answered func(result []byte, err error)

// wire sends commands and tells whose answer a message is. One goroutine uses it, the one that handles the events: a
// command only goes into a queue, for a write that waited for the browser while the browser waits for us to read would
// stop both.
type wire struct {
	conn  transport
	in    chan *cdproto.Message // closed when the connection ends
	calls map[int64]call
	last  int64

	mu    sync.Mutex
	queue []*cdproto.Message
	wake  chan struct{}
	done  chan struct{}
	ended sync.WaitGroup
}

// call is a command that waits for its answer.
type call struct {
	session string
	then    answered
}

func newWire(conn transport) *wire {
	w := &wire{
		conn: conn, in: make(chan *cdproto.Message, 64), calls: map[int64]call{},
		wake: make(chan struct{}, 1), done: make(chan struct{}),
	}
	w.ended.Go(w.read)
	w.ended.Go(w.write)
	return w
}

// read passes messages on until the connection ends. The channel is short on purpose: what the handler has not taken
// yet waits in the browser, not here.
func (w *wire) read() {
	defer close(w.in)
	for {
		m := new(cdproto.Message)
		if err := w.conn.Read(context.Background(), m); err != nil {
			return
		}
		select {
		case w.in <- m:
		case <-w.done:
			return
		}
	}
}

func (w *wire) write() {
	for {
		w.mu.Lock()
		queue := w.queue
		w.queue = nil
		w.mu.Unlock()
		for _, m := range queue {
			if w.conn.Write(context.Background(), m) != nil {
				return // the reader meets the same end
			}
		}
		if len(queue) > 0 {
			continue
		}
		select {
		case <-w.wake:
		case <-w.done:
			return
		}
	}
}

// send queues a command for a session, "" for the browser itself. A nil then is for commands whose failure changes
// nothing: they are sent to pages that may be gone by now.
func (w *wire) send(session, method string, params any, then answered) {
	var text []byte
	if params != nil {
		text, _ = json.Marshal(params) // maps of texts, numbers and flags
	}
	w.last++
	if then != nil {
		w.calls[w.last] = call{session, then}
	}
	m := &cdproto.Message{ID: w.last, SessionID: target.SessionID(session), Method: cdproto.MethodType(method), Params: text}
	w.mu.Lock()
	w.queue = append(w.queue, m)
	w.mu.Unlock()
	select {
	case w.wake <- struct{}{}:
	default:
	}
}

// answer hands an answer to whoever waits for it; it reports false for an event.
func (w *wire) answer(m *cdproto.Message) bool {
	if m.ID == 0 {
		return false
	}
	c, ok := w.calls[m.ID]
	delete(w.calls, m.ID)
	switch {
	case !ok:
	case m.Error != nil:
		c.then(nil, m.Error)
	default:
		c.then(m.Result, nil)
	}
	return true
}

// forget answers the commands of a session that has ended: the browser does not. With all, those of every session.
func (w *wire) forget(session string, all bool) {
	for id, c := range w.calls {
		if all || c.session == session {
			delete(w.calls, id)
			c.then(nil, errGone)
		}
	}
}

// close ends the connection and both goroutines.
func (w *wire) close() {
	close(w.done)
	_ = w.conn.Close() // what was to be told has been told
	w.ended.Wait()
}

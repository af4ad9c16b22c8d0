package live

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto"

	"github.com/prvgap/prvgap/har"
)

// deaf is a browser that never answers: the test does, through the channel of the wire.
type deaf struct{ closed chan struct{} }

func (d deaf) Read(context.Context, *cdproto.Message) error {
	<-d.closed
	return errors.New("closed")
}
func (d deaf) Write(context.Context, *cdproto.Message) error { return nil }
func (d deaf) Close() error                                  { close(d.closed); return nil }

// told feeds messages to a watcher and returns what it hands out. A message is a method and its parameters; "answer"
// answers the last command that still waits, with the text as its result, or with an error where that is empty.
func told(t *testing.T, messages ...[2]string) []har.Entry {
	t.Helper()
	c := &Capture{queue: newQueue()}
	w := newWatcher(Options{}, newWire(deaf{make(chan struct{})}), nil, c)
	for _, m := range messages {
		if m[0] != "answer" {
			w.event(&cdproto.Message{SessionID: "S", Method: cdproto.MethodType(m[0]), Params: []byte(m[1])})
			continue
		}
		var last int64
		for id := range w.wire.calls {
			last = max(last, id)
		}
		answer := &cdproto.Message{ID: last, Result: []byte(m[1])}
		if m[1] == "" {
			answer = &cdproto.Message{ID: last, Error: &cdproto.Error{Message: "no"}}
		}
		w.wire.answer(answer)
	}
	w.tick(time.Now().Add(settleTime * 2))
	w.wire.close()
	if len(w.requests) > 0 {
		t.Errorf("still under way: %v", w.requests)
	}
	c.queue.close()
	return c.queue.take()
}

// TestOrder has the processes of a browser tell of one request in every order that was seen or can be thought of.
func TestOrder(t *testing.T) {
	sent := [2]string{"Network.requestWillBeSent", `{"requestId":"1","timestamp":1,"wallTime":1000,"request":{"url":"https://a/moved","method":"GET"}}`}
	moved := [2]string{"Network.requestWillBeSent", `{"requestId":"1","timestamp":2,"wallTime":1001,"request":{"url":"https://a/end","method":"GET"},"redirectResponse":{"url":"https://a/moved","status":302}}`}
	received := [2]string{"Network.responseReceived", `{"requestId":"1","timestamp":3,"response":{"url":"https://a/end","status":403,"mimeType":"application/json"}}`}
	finished := [2]string{"Network.loadingFinished", `{"requestId":"1","timestamp":4}`}
	failed := [2]string{"Network.loadingFailed", `{"requestId":"1","timestamp":4,"errorText":"net::ERR_ABORTED"}`}
	paused := [2]string{"Fetch.requestPaused", `{"requestId":"i","networkId":"1","request":{"url":"https://a/end","method":"GET"},"responseStatusCode":403,"responseHeaders":[]}`}
	body, none := [2]string{"answer", `{"body":"refused"}`}, [2]string{"answer", ""}

	const both = "302 https://a/moved [] | 403 https://a/end [refused]"
	for name, test := range map[string]struct {
		messages [][2]string
		want     string
	}{
		"in order":                         {[][2]string{sent, moved, paused, body, received, finished}, both},
		"held before the redirect is told": {[][2]string{sent, paused, body, moved, received, finished}, both},
		"held before anything is told":     {[][2]string{paused, body, sent, moved, received, finished}, both},
		"read after the end":               {[][2]string{sent, moved, paused, received, finished, body}, both},
		"told twice":                       {[][2]string{sent, moved, sent, paused, paused, body, received, finished, received, finished, sent}, both},
		"aborted while held":               {[][2]string{sent, moved, paused, failed, body}, both},
		"never ended":                      {[][2]string{sent, moved, paused, body}, both},
		"only held":                        {[][2]string{paused, body}, "403 https://a/end [refused]"},
		"read late":                        {[][2]string{sent, moved, paused, none, received, finished, body}, both},
		"lost":                             {[][2]string{sent, moved, paused, none, received, finished, none}, "302 https://a/moved [] | 403 https://a/end [] lost"},
	} {
		var got []string
		for _, e := range told(t, test.messages...) {
			line := fmt.Sprintf("%d %s [%s]", e.Status, e.URL, e.Body)
			if e.Comment != "" {
				line += " lost"
			}
			got = append(got, line)
		}
		if text := strings.Join(got, " | "); text != test.want {
			t.Errorf("%s: %s", name, text)
		}
	}
}

// TestQueue has a consumer that is slower than the browser.
func TestQueue(t *testing.T) {
	q := newQueue()
	body := strings.Repeat("x", 1<<20)
	put := make(chan int, 300)
	go func() {
		for i := range 200 {
			q.put(har.Entry{Index: i, Body: body})
			put <- i
		}
		q.close()
	}()
	until(t, "a full queue", func() bool { return len(put) >= maxQueued>>20 })
	time.Sleep(20 * time.Millisecond)
	if len(put) > maxQueued>>20+2 {
		t.Errorf("%d MB were taken in", len(put))
	}
	n := 0
	for batch := q.take(); len(batch) > 0; batch = q.take() {
		n += len(batch)
	}
	if n != 200 {
		t.Errorf("%d came out", n)
	}
	q = newQueue()
	q.leave()
	for range 200 {
		q.put(har.Entry{Body: body}) // does not wait for somebody who has left
	}
}

func TestRecent(t *testing.T) {
	r := newRecent()
	for i := range recentSize * 2 {
		r.add(fmt.Sprint(i))
	}
	if r.has("0") || !r.has(fmt.Sprint(recentSize*2-1)) || len(r.known) > recentSize {
		t.Errorf("%d known", len(r.known))
	}
}

// Package live watches a running Chrome, Edge or Chromium over the DevTools protocol, and hands out its requests as the
// same entries that a capture file gives.
//
// Everything is watched from its first request on: tabs, popups, frames of other sites, and all kinds of workers are
// held until their session is set up. Answers are looked at while the browser still holds them back from the page
// (Fetch domain, response stage): a page that leaves at once, or a worker that ends, takes a body with it that it
// has already been shown, but not one that it still waits for. Of allowed answers only the status is looked at.
package live

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"strings"
	"sync"
	"time"

	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/chromedp/remote"

	"github.com/prvgap/prvgap/har"
)

// Options says what to watch, and what to keep of it.
type Options struct {
	Attach      string // HOST:PORT of a browser with remote debugging; "" launches one
	AllowRemote bool   // whether Attach may be another machine

	Browser  string   // the program to launch, "" for the installed one
	Args     []string // more arguments for it
	Profile  string   // folder of its profile, "" for a temporary one
	Headless bool
	Getenv   func(string) string // tells where programs are installed

	URL  string                        // page to open, "" for none
	Body func(method, url string) bool // whether the body of an allowed response is wanted; nil: never

	Save    io.Writer              // where to write the capture as HAR while it goes on; nil for nowhere
	Excerpt func(har.Entry) string // what to save of the wanted body of an allowed response; nil: nothing
	Mark    func(time.Time) string // what the user did at a time, for its entries; nil: not known
	Version string                 // of this program, for the saved capture
}

// Capture is a browser that is being watched.
type Capture struct {
	queue  *queue
	cancel context.CancelFunc
	ended  chan struct{}

	mu   sync.Mutex
	info har.Info
}

// Start attaches to a browser or launches one, and returns when everything open in it is watched. The capture goes on
// until the context ends or the browser is closed; Batches must be read, for that is what ends it in good order.
func Start(ctx context.Context, o Options) (*Capture, error) {
	var proc *process
	var socket string
	var err error
	if o.Attach != "" {
		socket, err = findSocket(ctx, o.Attach, o.AllowRemote)
	} else {
		proc, socket, err = launch(ctx, o)
	}
	if err != nil {
		return nil, err
	}
	// The transport alone is chromedp's: its own handling of targets attaches to pages only.
	dialing, stop := context.WithTimeout(ctx, 10*time.Second)
	defer stop()
	conn, err := remote.DialContext(dialing, socket)
	if err != nil {
		if proc != nil {
			_ = proc.cmd.Process.Kill()
			proc.end()
		}
		return nil, fmt.Errorf("connecting to the browser: %w", err)
	}
	ctx, cancel := context.WithCancel(ctx)
	c := &Capture{queue: newQueue(), cancel: cancel, ended: make(chan struct{})}
	c.info = har.Info{Format: "live", Complete: true}
	w := newWatcher(o, newWire(conn), proc, c)
	go func() {
		defer close(c.ended)
		defer cancel()
		w.run(ctx)
		c.queue.close()
	}()
	select {
	case <-w.ready:
	case <-c.ended:
	}
	return c, nil
}

// Batches hands out the entries as they come, those of some 50 ms at once. It ends when the capture has ended, and ends
// the capture when its consumer stops.
func (c *Capture) Batches() iter.Seq[[]har.Entry] {
	return func(yield func([]har.Entry) bool) {
		for {
			batch := c.queue.take()
			if len(batch) == 0 {
				break
			}
			if !yield(batch) {
				c.queue.leave()
				c.cancel()
				break
			}
		}
		<-c.ended
	}
}

// Info tells what is known of the capture up to now.
func (c *Capture) Info() har.Info {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.info
}

func (c *Capture) note(change func(*har.Info)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	change(&c.info)
}

// greet asks for the browser's name, for the head of the capture.
func (w *watcher) greet() {
	w.wire.send("", browser.CommandGetVersion, nil, func(result []byte, _ error) {
		var v struct{ Product string }
		_ = json.Unmarshal(result, &v) // a browser that does not tell has no name
		name, version, _ := strings.Cut(v.Product, "/")
		w.sink.begin(w.opts.Version, name, version)
	})
}

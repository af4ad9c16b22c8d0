package live

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/fetch"
	"github.com/chromedp/cdproto/target"
)

const (
	tickTime  = 250 * time.Millisecond
	setUpTime = 3 * time.Second // how long something new is held at most
	// drainTime is how long a capture that is being ended waits for bodies that are under way, and leaveTime for the
	// browser to confirm that nothing of ours is left.
	drainTime = time.Second
	leaveTime = 3 * time.Second
)

// phase is how far the end of a capture has come.
type phase int

const (
	watching phase = iota
	draining       // no more is waited for than the bodies under way
	leaving        // interception is being taken off
	over
)

// watcher follows one browser. All of it belongs to one goroutine, the one of run.
type watcher struct {
	opts    Options
	wire    *wire
	proc    *process // nil for a browser that we attached to
	capture *Capture
	sink    *sink

	sessions map[string]*session
	targets  map[string]bool
	requests map[string]*request // that are not handed out yet, by the browser's id
	past     *recent             // ids of those that are
	home     string              // target of the page that is ours
	visit    string              // address to open in it, "" once that is done

	setting int // sessions that are being set up
	begun   bool
	told    bool
	ready   chan struct{}

	bodies   int // that are being fetched
	crashes  int // of pages
	phase    phase
	deadline time.Time // of the phase
}

func newWatcher(o Options, wire *wire, proc *process, c *Capture) *watcher {
	return &watcher{
		opts: o, wire: wire, proc: proc, capture: c, visit: o.URL,
		sink:     newSink(o, c),
		sessions: map[string]*session{}, targets: map[string]bool{},
		requests: map[string]*request{}, past: newRecent(),
		ready: make(chan struct{}),
	}
}

// run follows the browser until the context ends or the browser does.
func (w *watcher) run(ctx context.Context) {
	w.begin()
	tick := time.NewTicker(tickTime)
	defer tick.Stop()
	stop := ctx.Done()
	// Everything below happens here: answers, events and time never meet in the middle of a step.
	for w.phase != over {
		select {
		case m, ok := <-w.wire.in:
			switch {
			case !ok:
				w.gone()
			case !w.wire.answer(m):
				w.event(m)
			}
		case now := <-tick.C:
			w.tick(now)
		case <-stop:
			stop = nil
			w.enter(draining, drainTime)
		}
		if w.phase == draining && w.bodies == 0 {
			w.leave()
		}
	}
	w.wire.close()
	if w.proc != nil {
		w.proc.end()
	}
	w.sum()
}

func (w *watcher) enter(p phase, limit time.Duration) {
	w.phase, w.deadline = p, time.Now().Add(limit)
}

// tick does what is due by time alone.
func (w *watcher) tick(now time.Time) {
	if w.phase > watching && now.After(w.deadline) {
		if w.phase == draining {
			w.leave()
		} else {
			w.phase = over
		}
	}
	for id, s := range w.sessions {
		if s.open > 0 && now.Sub(s.since) > setUpTime {
			s.open = 0 // better a request missed than a page that never starts
			w.letGo(id, s)
		}
	}
	for _, r := range w.requestsOf("") {
		if r.caught && !r.asked && now.Sub(r.caughtAt) > settleTime {
			w.complete(r) // a request that outlived its page: nobody is left to tell of its end
		}
	}
}

// leave takes everything back that was set in the browser, and closes the one that we launched.
func (w *watcher) leave() {
	for _, r := range w.requestsOf("") {
		w.abandon(r, "the capture ended before the answer was complete")
	}
	// Losing the connection would do all of this too; the answer is what tells that it has been done.
	w.enter(leaving, leaveTime)
	gone := func([]byte, error) { w.phase = over }
	if w.proc != nil {
		w.wire.send("", browser.CommandClose, nil, gone)
		return
	}
	for id := range w.sessions {
		w.wire.send(id, fetch.CommandDisable, nil, nil) // it also continues what is paused
	}
	w.wire.send("", target.CommandSetAutoAttach, object{"autoAttach": false, "waitForDebuggerOnStart": false, "flatten": true}, gone)
}

// gone ends the capture of a browser that was closed, or that died.
func (w *watcher) gone() {
	// In the other phases we asked for it ourselves.
	early := w.phase == watching
	w.phase = over
	w.wire.forget("", true)
	for _, r := range w.requestsOf("") {
		w.abandon(r, "the browser ended before the answer was complete")
	}
	if early && w.proc != nil && w.proc.crashed() {
		w.sink.problem("the browser crashed", false)
	}
}

// sum puts into words what went wrong, and closes the saved capture.
func (w *watcher) sum() {
	if lost := w.capture.Info().Lost; lost > 0 {
		w.sink.problem(fmt.Sprintf("%d wanted response bodies could not be had: their pages had dropped them", lost), true)
	}
	if w.crashes > 0 {
		w.sink.problem(fmt.Sprintf("%d pages crashed", w.crashes), true)
	}
	w.sink.end()
	if !w.told {
		close(w.ready)
	}
}

// requestsOf returns the requests of a session, of all for "", in the order in which they were sent.
func (w *watcher) requestsOf(session string) []*request {
	var found []*request
	for _, r := range w.requests {
		if session == "" || r.session == session {
			found = append(found, r)
		}
	}
	slices.SortFunc(found, func(a, b *request) int {
		if c := a.Time.Compare(b.Time); c != 0 {
			return c
		}
		return strings.Compare(a.id, b.id) // never the order of a map
	})
	return found
}

// recent remembers the last ids that it was given.
type recent struct {
	known map[string]bool
	ring  []string
	next  int
}

// recentSize is how many requests may be handed out until a late message about one is taken for a new request.
const recentSize = 20_000

func newRecent() *recent {
	return &recent{known: map[string]bool{}, ring: make([]string, recentSize)}
}

// add takes the place of the oldest id.
func (r *recent) add(id string) {
	delete(r.known, r.ring[r.next])
	r.known[id], r.ring[r.next] = true, id
	r.next = (r.next + 1) % len(r.ring)
}

func (r *recent) has(id string) bool { return r.known[id] }

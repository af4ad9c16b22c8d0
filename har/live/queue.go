package live

import (
	"sync"
	"time"

	"github.com/prvgap/prvgap/har"
)

const (
	// maxQueued bounds the bodies that wait for the consumer; beyond it the browser has to wait instead.
	maxQueued = 64 << 20
	// entrySize is what an entry takes besides its texts, roughly.
	entrySize = 256
	// gather is how long entries are gathered into a batch: a burst is analyzed a few times, not once per entry.
	gather = 50 * time.Millisecond
)

// queue holds entries between the goroutine that handles the browser's events and the consumer.
type queue struct {
	mu      sync.Mutex
	changed *sync.Cond
	entries []har.Entry
	size    int
	closed  bool // nothing more comes
	left    bool // nobody takes any more
}

func newQueue() *queue {
	q := &queue{}
	q.changed = sync.NewCond(&q.mu)
	return q
}

// put appends an entry, and waits while too much is queued.
func (q *queue) put(e har.Entry) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for q.size > maxQueued && !q.left {
		q.changed.Wait()
	}
	if q.left {
		return
	}
	q.entries = append(q.entries, e)
	q.size += entrySize + len(e.URL) + len(e.Body)
	q.changed.Broadcast()
}

// take waits for entries and returns all there are, none at the end.
func (q *queue) take() []har.Entry {
	q.mu.Lock()
	for len(q.entries) == 0 && !q.closed {
		q.changed.Wait()
	}
	if !q.closed {
		q.mu.Unlock()
		time.Sleep(gather)
		q.mu.Lock()
	}
	defer q.mu.Unlock()
	entries := q.entries
	q.entries, q.size = nil, 0
	q.changed.Broadcast()
	return entries
}

// close says that nothing more comes; leave, that nobody takes any more.
func (q *queue) close() { q.set(&q.closed) }
func (q *queue) leave() { q.set(&q.left) }

func (q *queue) set(flag *bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	*flag = true
	q.changed.Broadcast()
}

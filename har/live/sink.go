package live

import (
	"fmt"
	"strings"
	"time"

	"github.com/prvgap/prvgap/har"
)

// sink is where requests go that are complete: to the consumer and into the saved capture.
type sink struct {
	capture *Capture
	saver   *har.Writer // nil where nothing is saved, or no more
	excerpt func(har.Entry) string
	entries int
}

func newSink(o Options, c *Capture) *sink {
	s := &sink{capture: c, excerpt: o.Excerpt}
	if o.Save != nil {
		s.saver = har.NewWriter(o.Save)
	}
	return s
}

// begin names the browser.
func (s *sink) begin(version, browser, its string) {
	creator := strings.TrimSpace("prvgap "+version) + strings.TrimRight(" ("+browser+" "+its, " ") + ")"
	if browser == "" {
		creator = strings.TrimSpace("prvgap " + version)
	}
	s.capture.note(func(i *har.Info) { i.Creator = creator })
	if s.saver != nil {
		s.check(s.saver.Begin(har.Software{Name: "prvgap", Version: version}, har.Software{Name: browser, Version: its}))
	}
}

// take numbers an entry, splits it if it is a $batch, and hands it over.
func (s *sink) take(r *request, o Options) {
	// The number is given here, so that it is the position in the saved file too.
	e := r.Entry
	e.Index, e.Pointer = s.entries, fmt.Sprintf("/log/entries/%d", s.entries)
	s.entries++
	s.capture.note(func(i *har.Info) { i.Entries = s.entries })
	if e.MIMEType == "" {
		e.MIMEType = r.kind
	}
	if o.Mark != nil {
		e.Mark = har.CleanMark(o.Mark(e.Time))
	}
	var parts []har.Entry
	if isBatch(e.URL) && e.HasBody {
		parts = har.SplitBatch(e, r.kind, e.Body, r.posted, har.Options{Body: o.Body})
		e.Parts = len(parts)
	}
	if e.Parts > 0 || e.Status < 400 && (o.Body == nil || !o.Body(e.Method, e.URL)) {
		e.Body = "" // the parts have what matters
	}
	s.save(e, parts, r.took)
	s.capture.queue.put(e)
	for _, part := range parts {
		s.capture.queue.put(part)
	}
}

// save writes an entry to the saved capture, with the bodies of what was refused, and of others what is worth saving.
func (s *sink) save(e har.Entry, parts []har.Entry, took time.Duration) {
	if s.saver == nil {
		return
	}
	worth := func(e har.Entry) har.Entry {
		if e.Status < 400 && e.Body != "" {
			text := ""
			if s.excerpt != nil {
				text = s.excerpt(e)
			}
			e.Body = text
		}
		return e
	}
	kept := make([]har.Entry, len(parts))
	for i, p := range parts {
		kept[i] = worth(p)
	}
	s.check(s.saver.Add(worth(e), kept, took))
}

// end closes the saved capture.
func (s *sink) end() {
	if s.saver != nil {
		s.check(s.saver.End(""))
	}
}

// check notes that saving has failed, and stops it: the capture itself goes on.
func (s *sink) check(err error) {
	if err == nil {
		return
	}
	s.saver = nil
	s.problem(fmt.Sprintf("saving broke off: %v", err), false)
}

// problem notes what went wrong; without complete, it makes the capture a partial one.
func (s *sink) problem(text string, complete bool) {
	s.capture.note(func(i *har.Info) {
		if i.Problem != "" {
			i.Problem += "; "
		}
		i.Problem += text
		i.Complete = i.Complete && complete
	})
}

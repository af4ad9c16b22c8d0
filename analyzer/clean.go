package analyzer

import (
	"unicode/utf8"

	"github.com/prvgap/prvgap/har"
)

// maxMessage is how much of a message a denial keeps, in bytes; the longest
// platform sentence with its details is about 3 KB.
const maxMessage = 8 << 10

// Clean cuts what may be secret out of all that a capture said. It is done once
// for evidence from a capture, and once more for a report, which anybody may
// have written.
func (ev *Evidence) Clean() {
	c := cleaner{}
	for i := range ev.Denials {
		c.clean(&ev.Denials[i])
	}
	ev.cleanCaptures()
}

func (ev *Evidence) cleanCaptures() {
	for i := range ev.Captures {
		c := &ev.Captures[i]
		c.Creator, c.Problem = har.CleanText(c.Creator), har.CleanText(c.Problem)
	}
}

// cleaner knows the messages that it cleaned, so that the same one is cleaned
// and kept once: one body may give two hundred denials, and one denial comes
// back with every attempt.
type cleaner map[string]string

// mostCleaned bounds what a cleaner knows.
const mostCleaned = 1 << 12

func (c cleaner) clean(d *Denial) {
	message, ok := c[d.Message]
	if !ok {
		message = shorten(har.CleanText(shorten(d.Message)))
		if len(c) == mostCleaned {
			clear(c)
		}
		c[d.Message] = message
	}
	d.Message = message
	d.URL = har.CleanURL(d.URL)
	d.Mark = har.CleanMark(d.Mark)
}

// shorten bounds a message, between runes.
func shorten(s string) string {
	if len(s) <= maxMessage {
		return s
	}
	end := maxMessage
	for end > 0 && !utf8.RuneStart(s[end]) {
		end--
	}
	return s[:end] + "…"
}

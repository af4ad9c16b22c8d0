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
	seen := map[string]string{} // one body may give two hundred denials
	for i := range ev.Denials {
		d := &ev.Denials[i]
		clean, ok := seen[d.Message]
		if !ok {
			clean = shorten(har.CleanText(shorten(d.Message)))
			seen[d.Message] = clean
		}
		d.Message = clean
		d.URL = har.CleanURL(d.URL)
		d.Mark = har.CleanMark(d.Mark)
	}
	for i := range ev.Captures {
		c := &ev.Captures[i]
		c.Creator, c.Problem = har.CleanText(c.Creator), har.CleanText(c.Problem)
	}
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

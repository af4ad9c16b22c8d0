package analyzer

import (
	"strings"
	"unicode/utf8"

	"github.com/prvgap/prvgap/har"
)

// maxMessage is how much of a message a denial keeps, in bytes; the longest
// platform sentence with its details is about 3 KB.
const maxMessage = 8 << 10

// Cleaner returns what cuts everything that may be secret out of denials. It is
// done once for those of a capture, and once more for those of a report, which
// anybody may have written.
func Cleaner() func(*Denial) { return new(cleaner).clean }

// CleanCaptures does the same for what the captures say of themselves.
func (ev *Evidence) CleanCaptures() {
	for i := range ev.Captures {
		c := &ev.Captures[i]
		c.Creator, c.Problem = har.CleanText(c.Creator), har.CleanText(c.Problem)
	}
}

// cleaner remembers what it cleaned, so that the same text is cleaned and kept
// once: one body may give two hundred denials, one denial comes back with every
// attempt, and a hundred thousand denials name the same few people and tables.
type cleaner struct{ messages, urls, marks, words memo }

// What a cleaner remembers at most. Words are short, and the denials hold most
// of them anyway. A URL may be megabytes long until it is cleaned.
const (
	mostTexts   = 1 << 12
	mostWords   = 1 << 16
	longestText = maxMessage + len("…") // as shorten returns it
)

func (c *cleaner) clean(d *Denial) {
	d.Message = c.messages.of(shorten(d.Message), mostTexts, func(s string) string { return shorten(har.CleanText(s)) })
	d.URL = c.urls.of(d.URL, mostTexts, har.CleanURL)
	d.Mark = c.marks.of(d.Mark, mostTexts, har.CleanMark)
	for _, s := range []*string{
		&d.Method, &d.Dialect, &d.Shape, &d.Code, (*string)(&d.Cause), &d.Advice, &d.Privilege, &d.PrivilegeID, (*string)(&d.Action), &d.Table, &d.Suspected,
		&d.Principal, &d.PrincipalKind, &d.BusinessUnit, &d.Caller, &d.Record, &d.Owner, &d.OwnerKind, &d.RecordBusinessUnit, &d.Ownership,
	} {
		*s = c.words.of(*s, mostWords, as)
	}
}

// as leaves a text as it is.
func as(s string) string { return s }

// memo holds texts, each with what was made of it.
type memo map[string]string

// of returns what is made of a text, from memory where it came before. A full
// memo starts anew.
func (m *memo) of(text string, most int, clean func(string) string) string {
	if text == "" {
		return ""
	}
	if len(text) > longestText {
		return strings.Clone(clean(text))
	}
	if made, ok := (*m)[text]; ok {
		return made
	}
	if *m == nil || len(*m) == most {
		*m = memo{}
	}
	text = strings.Clone(text) // a word would keep the whole body in memory that it was cut out of
	made := clean(text)
	if made == text {
		made = text // kept once: most texts have nothing to hide
	}
	(*m)[text] = made
	return made
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

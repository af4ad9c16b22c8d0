package pattern

import (
	"math"
	"strings"
)

// literal is a run of ASCII letters, in lower case, which is looked for in
// either case: for a pattern that tells them apart this finds too much, which
// costs a try and changes nothing.
type literal struct {
	text string
	rare int // where its rarest character stands; -1 where it has no letters
}

// common are the characters of the platform's messages, which are English and
// full of ids; the most frequent last.
const common = "zjqxkvwy,.:='\"gmpuhblfcsdnr oitae0123456789"

func newLiteral(text string) *literal {
	if strings.ToUpper(text) == text {
		return &literal{text, -1}
	}
	l := &literal{text: text}
	for i := range text {
		if strings.IndexByte(common, text[i]) < strings.IndexByte(common, text[l.rare]) {
			l.rare = i
		}
	}
	return l
}

// usable reports whether l is worth looking for: a letter alone is everywhere.
func (l *literal) usable() bool {
	return len(l.text) > 1 || l.text != "" && !isWord(l.text[0]) && l.text != " "
}

func isWord(c byte) bool {
	return 'a' <= c && c <= 'z' || '0' <= c && c <= '9' || c == '_'
}

// never is the place of what does not come any more.
const never = math.MaxInt

// hunter finds one literal in a text, from its beginning to its end.
type hunter struct {
	*literal
	at           int // where it stands next
	lower, upper int // where its rarest character stands next, in either case
}

// index returns the first place of l in s, or -1.
func (l *literal) index(s string) int {
	h := hunter{literal: l, at: -1, lower: -1, upper: -1}
	if h.advance(s, 0); h.at == never {
		return -1
	}
	return h.at
}

// advance goes on to the first place of the literal at from or behind it.
func (h *hunter) advance(s string, from int) {
	if h.rare < 0 {
		h.at = never
		if from < len(s) {
			if i := strings.Index(s[from:], h.text); i >= 0 {
				h.at = from + i
			}
		}
		return
	}
	c := h.text[h.rare]
	for {
		if h.lower < from+h.rare {
			h.lower = indexFrom(s, c, from+h.rare)
		}
		if h.upper < from+h.rare {
			h.upper = never
			if 'a' <= c && c <= 'z' {
				h.upper = indexFrom(s, c-'a'+'A', from+h.rare)
			}
		}
		hit := min(h.lower, h.upper)
		if hit == never || hit-h.rare+len(h.text) > len(s) {
			h.at = never
			return
		}
		if h.at = hit - h.rare; strings.EqualFold(s[h.at:h.at+len(h.text)], h.text) {
			return
		}
		from = h.at + 1
	}
}

func indexFrom(s string, c byte, from int) int {
	if from < len(s) {
		if i := strings.IndexByte(s[from:], c); i >= 0 {
			return from + i
		}
	}
	return never
}

// pack finds the first of several literals.
type pack struct {
	s       string
	hunters []hunter
}

// few is how many literals patterns have, but for the rarest.
const few = 24

func hunt(s string, list []*literal, room []hunter) pack {
	for _, l := range list {
		room = append(room, hunter{literal: l, at: -1, lower: -1, upper: -1})
	}
	return pack{s, room}
}

// next returns the first place of a literal at from or behind it, or -1.
func (p pack) next(from int) int {
	first := never
	for i := range p.hunters {
		h := &p.hunters[i]
		if h.at < from {
			h.advance(p.s, from)
		}
		first = min(first, h.at)
	}
	if first == never {
		return -1
	}
	return first
}

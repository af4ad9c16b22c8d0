// Package pattern is regular expressions that look before they run. A refusal
// is held against some seventy of them, and most are not in it: whether the
// letters that a match must begin with, or hold, stand in a text at all is told
// many times faster than the expression is run over it.
//
// What is found is what package regexp finds, always: a pattern is only ever
// not tried where it cannot match.
package pattern

import (
	"math"
	"regexp"
	"regexp/syntax"
	"slices"
	"strings"
	"sync"
)

// Pattern is a regular expression. Its methods are those of regexp.Regexp.
type Pattern struct {
	expr   string
	starts []*literal   // every match begins with one of them; none if that is not known
	needs  [][]*literal // every match holds one of each of them
	tries  int          // that may fail before the whole text is searched

	// The expression, compiled when it is first used: a hundred at start would
	// be felt. As it is, at the beginning of a text, and at its second
	// character: what \b says depends on what stands before a match.
	whole, first, second func() *regexp.Regexp
}

// MustCompile parses an expression, and panics if it is none.
func MustCompile(expr string) *Pattern {
	tree, err := syntax.Parse(expr, syntax.Perl)
	if err != nil {
		panic(err)
	}
	tries := math.MaxInt
	if !bounded(tree) {
		tries = mostTries
	}
	return &Pattern{
		expr: expr, starts: startsOf(tree), needs: needsOf(tree), tries: tries,
		whole: lazy(expr), first: lazy(`\A(?:` + expr + `)`), second: lazy(`\A(?s:.)(?:` + expr + `)`),
	}
}

// mostTries bounds the tries that may each run to the end of a text: a hostile
// one would have them take the square of its length.
const mostTries = 16

func lazy(expr string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expr) })
}

// String returns the expression.
func (p *Pattern) String() string { return p.expr }

// MatchString reports whether s holds a match.
func (p *Pattern) MatchString(s string) bool {
	switch p.look(s) {
	case impossible:
		return false
	case anywhere:
		return p.whole().MatchString(s)
	}
	var room [few]hunter
	h := hunt(s, p.starts, room[:0])
	failed := 0
	for at := h.next(0); at >= 0; at = h.next(at + 1) {
		if at == 0 && p.first().MatchString(s) || at > 0 && p.second().MatchString(s[at-1:]) {
			return true
		}
		if failed++; failed == p.tries {
			return p.possible(s) && p.whole().MatchString(s)
		}
	}
	return false
}

// FindStringSubmatchIndex returns the place of the first match and its groups.
func (p *Pattern) FindStringSubmatchIndex(s string) []int {
	if all := p.FindAllStringSubmatchIndex(s, 1); all != nil {
		return all[0]
	}
	return nil
}

// FindAllStringSubmatchIndex returns the places of the first n matches and
// their groups; all if n is negative.
func (p *Pattern) FindAllStringSubmatchIndex(s string, n int) [][]int {
	switch p.look(s) {
	case impossible:
		return nil
	case anywhere:
		return p.findWhole(s, n)
	}
	var all [][]int
	failed := 0
	var room [few]hunter
	h := hunt(s, p.starts, room[:0])
	for at := h.next(0); at >= 0 && len(all) != n; {
		m := p.matchAt(s, at)
		if m == nil {
			if failed++; failed == p.tries {
				if !p.possible(s) {
					return nil
				}
				return p.findWhole(s, n)
			}
			at = h.next(at + 1)
			continue
		}
		all = append(all, m)
		at = h.next(m[1])
	}
	return all
}

func (p *Pattern) findWhole(s string, n int) [][]int {
	if n != 1 {
		return p.whole().FindAllStringSubmatchIndex(s, n)
	}
	if m := p.whole().FindStringSubmatchIndex(s); m != nil {
		return [][]int{m}
	}
	return nil
}

// matchAt returns the match that begins at a place of s.
func (p *Pattern) matchAt(s string, at int) []int {
	if at == 0 {
		return p.first().FindStringSubmatchIndex(s)
	}
	m := p.second().FindStringSubmatchIndex(s[at-1:])
	if m == nil {
		return nil
	}
	for i := range m {
		if m[i] >= 0 {
			m[i] += at - 1
		}
	}
	m[0] = at // not the character before
	return m
}

// FindStringIndex returns the place of the first match.
func (p *Pattern) FindStringIndex(s string) []int {
	if m := p.FindStringSubmatchIndex(s); m != nil {
		return m[:2:2]
	}
	return nil
}

// FindAllStringIndex returns the places of the first n matches.
func (p *Pattern) FindAllStringIndex(s string, n int) [][]int {
	all := p.FindAllStringSubmatchIndex(s, n)
	for i, m := range all {
		all[i] = m[:2:2]
	}
	return all
}

// FindString returns the first match, or "".
func (p *Pattern) FindString(s string) string {
	m := p.FindStringSubmatchIndex(s)
	if m == nil {
		return ""
	}
	return s[m[0]:m[1]]
}

// FindAllString returns the first n matches.
func (p *Pattern) FindAllString(s string, n int) []string {
	var found []string
	for _, m := range p.FindAllStringSubmatchIndex(s, n) {
		found = append(found, s[m[0]:m[1]])
	}
	return found
}

// FindStringSubmatch returns the first match and its groups.
func (p *Pattern) FindStringSubmatch(s string) []string {
	return groups(s, p.FindStringSubmatchIndex(s))
}

// FindAllStringSubmatch returns the first n matches and their groups.
func (p *Pattern) FindAllStringSubmatch(s string, n int) [][]string {
	var found [][]string
	for _, m := range p.FindAllStringSubmatchIndex(s, n) {
		found = append(found, groups(s, m))
	}
	return found
}

// groups cuts the groups of a match out of s; those that did not match are "".
func groups(s string, m []int) []string {
	if m == nil {
		return nil
	}
	out := make([]string, len(m)/2)
	for i := range out {
		if from := m[2*i]; from >= 0 {
			out[i] = s[from:m[2*i+1]]
		}
	}
	return out
}

// ReplaceAllString replaces every match by a template, in which $1 is a group.
func (p *Pattern) ReplaceAllString(s, template string) string {
	return p.replace(s, func(dst []byte, m []int) []byte { return p.whole().ExpandString(dst, template, s, m) })
}

// ReplaceAllStringFunc replaces every match by what f makes of it.
func (p *Pattern) ReplaceAllStringFunc(s string, f func(string) string) string {
	return p.replace(s, func(dst []byte, m []int) []byte { return append(dst, f(s[m[0]:m[1]])...) })
}

func (p *Pattern) replace(s string, with func(dst []byte, m []int) []byte) string {
	all := p.FindAllStringSubmatchIndex(s, -1)
	if all == nil {
		return s
	}
	dst, from := make([]byte, 0, len(s)), 0
	for _, m := range all {
		dst = with(append(dst, s[from:m[0]]...), m)
		from = m[1]
	}
	return string(append(dst, s[from:]...))
}

// Where in a text a pattern is to be tried.
const (
	impossible = iota
	anywhere   // or it is not known where
	atStarts   // only where one of its starts stands
)

func (p *Pattern) look(s string) int {
	switch {
	case strings.Contains(s, "\u212a"), strings.Contains(s, "\u017f"):
		return anywhere // (?i) takes these two for k and s, and a literal does not
	case len(p.starts) > 0:
		return atStarts
	}
	if !p.possible(s) {
		return impossible
	}
	return anywhere
}

// possible reports whether s holds what every match does.
func (p *Pattern) possible(s string) bool {
	for _, one := range p.needs {
		if !slices.ContainsFunc(one, func(l *literal) bool { return l.index(s) >= 0 }) {
			return false
		}
	}
	return true
}

// Lazy is a pattern that is parsed when it is first used. A hundred of them at
// start would take longer than the start itself.
type Lazy func() *Pattern

// Compile gives the lazy pattern of an expression, which has to be a valid one.
func Compile(expr string) Lazy {
	return sync.OnceValue(func() *Pattern { return MustCompile(expr) })
}

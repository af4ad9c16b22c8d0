package tui

import (
	"io"
	"regexp"
	"strings"
	"sync"

	"github.com/charmbracelet/lipgloss"
	"github.com/charmbracelet/x/ansi"
	"github.com/muesli/termenv"

	"github.com/prvgap/prvgap/analyzer/report"
	"github.com/prvgap/prvgap/catalog"
)

// look is how things are drawn. Its colours are the terminal's own sixteen, so
// that they fit a light background as well as a dark one; and whatever a colour
// says, a sign says too.
type look struct {
	ascii                          bool
	bold, dim, pick, good, bad, on lipgloss.Style
}

func newLook(color, ascii bool) look {
	lr := lipgloss.NewRenderer(io.Discard)
	lr.SetColorProfile(termenv.Ascii)
	if color {
		lr.SetColorProfile(termenv.ANSI)
	}
	s := lr.NewStyle
	return look{
		ascii: ascii,
		bold:  s().Bold(true),
		dim:   s().Faint(true),
		pick:  s().Reverse(true),
		good:  s().Foreground(lipgloss.Color("2")),
		bad:   s().Foreground(lipgloss.Color("3")).Bold(true),
		on:    s().Bold(true).Underline(true),
	}
}

// depth draws a circle, or a letter where the terminal has none.
func (l look) depth(d catalog.Depth) string {
	if l.ascii {
		return string("-UBPO"[min(int(d), 4)])
	}
	return d.Symbol()
}

// sign returns one of two strings: the drawn one or the typed one.
func (l look) sign(drawn, typed string) string {
	if l.ascii {
		return typed
	}
	return drawn
}

// plainer spells in ASCII what the program itself draws.
var plainer = strings.NewReplacer(
	"○", "-", "◔", "U", "◑", "B", "◕", "P", "●", "O", "→", ">", "›", ">", "‹", "<", "…", "~", "·", "|", "×", "x",
	"─", "-", "│", "|", "▸", ">", "↑", "^", "↓", "v", "←", "<", "▲", "^", "▽", "v",
)

// whole makes a finished line fit for the terminal.
func (l look) whole(s string) string {
	if l.ascii {
		return plainer.Replace(s)
	}
	return s
}

// mark is the sign of a state; the legend of the help explains them.
func (l look) mark(it item) string {
	switch {
	case it.stale != catalog.None:
		return "!"
	case it.wider():
		return l.sign("▲", "^")
	case it.state == accepted && it.shallow():
		return l.sign("▽", "v")
	}
	return [...]string{open: "?", accepted: "+", rejected: "x", ignored: "i", deferred: "~", held: "="}[it.state]
}

// style is the colour of a state.
func (l look) style(it item) lipgloss.Style {
	switch {
	case it.stale != catalog.None, it.wider(), it.state == open, it.state == accepted && it.shallow():
		return l.bad
	case it.state == accepted:
		return l.good
	}
	return l.dim
}

// stateWords says what stands of an item.
func stateWords(it item) string {
	switch {
	case it.stale != catalog.None:
		return "decided for " + it.stale.Label() + " on less evidence: decide again"
	case it.wider() && it.company:
		return "accepted, not in evidence"
	case it.wider():
		return "accepted, WIDER than the evidence"
	case it.state == accepted && it.shallow():
		return "accepted, less than the evidence"
	case it.state == accepted && !it.own:
		return "accepted by the evidence"
	}
	return [...]string{open: "to be decided", accepted: "accepted", rejected: "rejected", ignored: "ignored", deferred: "deferred", held: "held"}[it.state]
}

// variation selectors change the width of what stands before them, on which
// terminals do not agree.
var variation = strings.NewReplacer("\ufe0e", "", "\ufe0f", "")

// escape makes a text of a capture safe for a line of the terminal.
func escape(s string) string { return variation.Replace(report.Plain(s)) }

// escapeSpaced is escape for a text whose blanks count: a line of a file, or
// one that is being typed.
func escapeSpaced(s string) string {
	return strings.Map(func(r rune) rune {
		if r == ' ' {
			return r
		}
		safe := []rune(escape(string(r)))
		if len(safe) == 0 {
			return -1
		}
		return safe[0]
	}, s)
}

// cover shows something else in the place of what tells who and where.
type cover struct {
	over  *regexp.Regexp
	shown string
}

// covers hide ids, e-mail addresses, names of people where a text labels them,
// and the organization's host. Most runs never ask for them.
var covers = sync.OnceValue(func() []cover {
	return []cover{
		{regexp.MustCompile(`(?i)\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b`), "(id)"},
		{regexp.MustCompile(`(?i)\b[0-9a-f]{8}…`), "(id)"},
		{regexp.MustCompile(`[\w.+-]+@[\w-]+\.[\w.-]+`), "(address)"},
		{regexp.MustCompile(`(?i)((?:full|user|owner|domain|display)[ _]?name\\?["']?\s*[=:]\s*\\?["']?)[^"'\\,;)]+`), "${1}(name)"},
		{regexp.MustCompile(`(?i)\b[\w-]+(\.(?:api\.)?(?:crm\d*|[\w-]+)\.(?:dynamics|microsoft|sharepoint|azureedge|example)\.?[a-z]*)`), "(host)$1"},
	}
})

// mask hides who and where.
func mask(s string) string {
	for _, c := range covers() {
		s = c.over.ReplaceAllString(s, c.shown)
	}
	return s
}

// text is escape, and mask where privacy asks for it.
func (m *model) text(s string) string {
	s = escape(s)
	if m.private {
		s = mask(s)
	}
	return s
}

// fit makes a line exactly width cells wide.
func fit(s string, width int) string {
	if width <= 0 {
		return ""
	}
	if w := ansi.StringWidth(s); w < width {
		return s + strings.Repeat(" ", width-w)
	} else if w == width {
		return s
	}
	s = ansi.Truncate(s, width, "…")
	return s + strings.Repeat(" ", max(0, width-ansi.StringWidth(s)))
}

// ends puts one text at the left and one at the right end of a line; the left
// one gives way.
func ends(left, right string, width int) string {
	r := ansi.StringWidth(right)
	if r+4 > width {
		return fit(left, width)
	}
	return fit(left, width-r-1) + " " + right
}

// hyphen stands in for "-" while a text is broken: the library always breaks
// there, and an id in pieces cannot be searched for.
const hyphen = "\u2011"

// circles keeps a depth's sign and its words together.
var circles = strings.NewReplacer("○ ", "○\u00a0", "◔ ", "◔\u00a0", "◑ ", "◑\u00a0", "◕ ", "◕\u00a0", "● ", "●\u00a0", "Business Unit", "Business\u00a0Unit")

// wrap breaks a text at blanks, or anywhere where a word is too long, and
// indents what follows the first line.
func wrap(s string, width, indent int) []string {
	inner := max(1, width-indent)
	var lines []string
	s = circles.Replace(strings.ReplaceAll(s, "-", hyphen))
	for i, line := range strings.Split(ansi.Hardwrap(ansi.Wordwrap(s, inner, ""), inner, false), "\n") {
		line = strings.TrimRight(strings.ReplaceAll(line, hyphen, "-"), " ")
		if i > 0 {
			line = strings.Repeat(" ", indent) + line
		}
		lines = append(lines, line)
	}
	return lines
}

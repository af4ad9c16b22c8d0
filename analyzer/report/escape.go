package report

import (
	"strings"
	"unicode"
)

// plain makes a text of a capture safe for a terminal, on one line: white space
// becomes a blank, and what could steer a terminal or reorder a line becomes ·.
func plain(s string) string {
	return strings.Join(strings.Fields(strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case r == zeroWidthJoiner: // of emoji; alone it only hides things
			return -1
		case hostile(r):
			return '·'
		}
		return r
	}, s)), " ")
}

const zeroWidthJoiner = '\u200d'

// hostile reports whether r can change how other text is shown: control
// characters, bidirectional overrides, invisible marks, and bad UTF-8.
func hostile(r rune) bool {
	return unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || r == unicode.ReplacementChar || r == '\u2028' || r == '\u2029'
}

// markdown makes a text safe for a Markdown table cell.
func markdown(s string) string {
	var b strings.Builder
	for _, r := range plain(s) {
		switch r {
		case '\\', '`', '*', '_', '[', ']', '#', '|', '~', '!':
			b.WriteByte('\\')
			b.WriteRune(r)
		case '<':
			b.WriteString("&lt;")
		case '>':
			b.WriteString("&gt;")
		case '&':
			b.WriteString("&amp;")
		case '@': // no mention of anybody
			b.WriteString("&#64;")
		default:
			b.WriteRune(r)
		}
	}
	return strings.ReplaceAll(b.String(), "://", "&#58;//") // no link out of a bare URL
}

// cell makes a text safe for a spreadsheet: what would be read as a formula
// gets an apostrophe in front.
func cell(s string) string {
	s = plain(s)
	if s != "" && strings.ContainsRune("=+-@", rune(s[0])) {
		return "'" + s
	}
	return s
}

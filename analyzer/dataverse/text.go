package dataverse

import (
	"encoding/json"
	"html"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/prvgap/prvgap/har/pattern"
)

// maxText is how much of a body is searched, in bytes: its beginning and its
// end. Stack traces run to some 100 KB; the sentence stands before or after.
const maxText = 64 << 10

var (
	escapedMark    = pattern.Compile(`\\+(["'/<>_*\[\](){}.#-])`)
	escapedUnicode = pattern.Compile(`\\+u([0-9a-fA-F]{4})`)
	escapedSpace   = pattern.Compile(`\\+[rnt]`)
	tag            = pattern.Compile(`</?[A-Za-z][\w:.-]*(?:\s[^<>]*)?/?>`)
	bold           = pattern.Compile(`(^|[^*])\*\*([^*]|$)`)
	lookAlikes     = strings.NewReplacer("“", `"`, "”", `"`, "„", `"`, "’", "'", "‘", "'", "：", ":", "\u00a0", " ", "\u200b", "")
)

// canonical undoes what lies between the platform's sentence and a body: JSON
// in JSON, XML and HTML, markdown of a pasted text, line breaks. What it
// returns is for recognising only, not for showing.
func canonical(body string) string {
	if len(body) > maxText {
		body = body[:maxText/2] + " " + body[len(body)-maxText/2:]
	}
	s := body
	if strings.Contains(s, `\`) {
		s = escapedUnicode().ReplaceAllStringFunc(s, func(m string) string {
			n, err := strconv.ParseUint(m[len(m)-4:], 16, 32)
			if err != nil {
				return m
			}
			return string(rune(n))
		})
		s = escapedMark().ReplaceAllString(s, "$1")
		s = escapedSpace().ReplaceAllString(s, " ")
	}
	markup := strings.Contains(s, "</") || strings.Contains(s, "<br")
	for range 2 { // entities may be escaped twice
		if !strings.Contains(s, "&") {
			break
		}
		s = html.UnescapeString(s)
	}
	if markup {
		s = tag().ReplaceAllString(s, " ")
		if strings.HasSuffix(strings.TrimSpace(body), ">") {
			s += " ." // the text was closed, and what stands last is whole
		}
	}
	if strings.ContainsFunc(s, func(r rune) bool { return r >= utf8.RuneSelf }) {
		s = lookAlikes.Replace(s)
	}
	s = bold().ReplaceAllString(s, "$1$2")
	return strings.Join(strings.Fields(s), " ")
}

// xmlMessage finds the sentence of a SOAP fault or an Atom error.
var xmlMessage = pattern.Compile(`(?s)<(?:[A-Za-z]\w*:)?(?:Message|message|faultstring|Text)\b[^>]*>([^<]*)</`)

// sentenceOf returns what a body says to people: the message of its error
// object, of its fault, or the text itself.
func sentenceOf(body string) string {
	trimmed := strings.TrimSpace(body)
	if strings.HasPrefix(trimmed, "{") || strings.HasPrefix(trimmed, "[") || strings.HasPrefix(trimmed, `"`) {
		var v any
		if json.Unmarshal([]byte(trimmed), &v) == nil {
			if m := messageIn(v, 0); m != "" {
				return m
			}
		}
		return trimmed
	}
	if strings.HasPrefix(trimmed, "<") {
		for _, m := range xmlMessage().FindAllStringSubmatch(trimmed, 4) {
			if s := strings.TrimSpace(html.UnescapeString(m[1])); s != "" {
				return s
			}
		}
		return strings.Join(strings.Fields(html.UnescapeString(tag().ReplaceAllString(trimmed, " "))), " ")
	}
	return trimmed
}

// messageIn looks for the message of an error object: under "error", "body" or
// "message", which may itself be an object, or JSON in a string.
func messageIn(v any, depth int) string {
	if depth > 8 {
		return ""
	}
	switch v := v.(type) {
	case string:
		inner := strings.TrimSpace(v)
		if strings.HasPrefix(inner, "{") && strings.Contains(inner, `"error"`) {
			var w any
			if json.Unmarshal([]byte(inner), &w) == nil {
				if m := messageIn(w, depth+1); m != "" {
					return m
				}
			}
		}
		return v
	case []any:
		if len(v) > 0 {
			return messageIn(v[0], depth+1)
		}
	case map[string]any:
		for _, key := range []string{"error", "odata.error", "body", "message", "Message", "value", "error_description", "detail"} {
			if inner, ok := v[key]; ok {
				if m := messageIn(inner, depth+1); m != "" {
					return m
				}
			}
		}
	}
	return ""
}

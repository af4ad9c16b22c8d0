package redact

import (
	"encoding/hex"
	"strings"

	"github.com/prvgap/prvgap/har/pattern"
)

// guid is a GUID with dashes, which may be percent-encoded, also more than once, or a run of hexadecimal digits that may
// be one without.
var guid = pattern.Compile(`(?i)[0-9a-f]{8}(?:(?:-|%(?:25)*2d)[0-9a-f]{4}){3}(?:-|%(?:25)*2d)[0-9a-f]{12}|[0-9a-f]{32,34}`)

var dash = pattern.Compile(`(?i)-|%(?:25)*2d`)

// guids replaces GUIDs, and keeps their form and case.
func (r *Replacer) guids(s string) string {
	if len(s) < 32 {
		return s
	}
	var out strings.Builder
	end := 0
	for _, m := range guid().FindAllStringIndex(s, -1) {
		from, to := m[0], m[1]
		if !dash().MatchString(s[from:to]) {
			// "%7B" before it ends with digits too. Of a longer run of digits nothing is a GUID.
			if to-from == 34 && from > 0 && s[from-1] == '%' {
				from += 2
			}
			if to-from != 32 || from > 0 && isHex(s[from-1]) && !escapeEnds(s[:from]) || to < len(s) && isHex(s[to]) {
				continue
			}
		}
		out.WriteString(s[end:from])
		out.WriteString(r.guid(s[from:to]))
		end = to
	}
	if end == 0 {
		return s
	}
	out.WriteString(s[end:])
	return out.String()
}

func isHex(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F'
}

// escapeEnds reports whether a text ends with a percent-encoded character.
func escapeEnds(s string) bool { return len(s) >= 3 && s[len(s)-3] == '%' }

// guid replaces one GUID by another that is well-formed too (version 4). Those that mean the same everywhere stay:
// privileges that every environment has, and the GUID of nothing.
func (r *Replacer) guid(s string) string {
	digits := strings.ToLower(dash().ReplaceAllString(s, ""))
	plain := digits[:8] + "-" + digits[8:12] + "-" + digits[12:16] + "-" + digits[16:20] + "-" + digits[20:]
	if strings.Trim(digits, "0") == "" || r.known(plain) {
		return s
	}
	return r.replace(GUID, s, digits, func(sum []byte) string {
		sum[6], sum[8] = sum[6]&0x0f|0x40, sum[8]&0x3f|0x80
		fresh := hex.EncodeToString(sum[:16])
		if digits != dash().ReplaceAllString(s, "") {
			fresh = strings.ToUpper(fresh)
		}
		var out strings.Builder
		for _, sep := range dash().FindAllString(s, -1) {
			n := 4
			if out.Len() == 0 {
				n = 8
			}
			out.WriteString(fresh[:n] + sep)
			fresh = fresh[n:]
		}
		return out.String() + fresh
	})
}

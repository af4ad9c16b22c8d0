package analyzer

import (
	"net/url"
	"regexp"
	"strings"
	"unicode/utf8"
)

// maxMessage is how much of a message a denial keeps, in bytes; the longest
// platform sentence with its details is about 3 KB.
const maxMessage = 8 << 10

// cut stands for what was taken out.
const cut = "…"

// systemOptions are the OData query options whose values say what was asked
// for. $skiptoken and $deltatoken are tokens and not among them.
var systemOptions = map[string]bool{
	"$select": true, "$filter": true, "$expand": true, "$orderby": true, "$top": true, "$skip": true,
	"$count": true, "$search": true, "$apply": true, "$format": true, "$compute": true, "$levels": true,
	"$inlinecount": true,
}

// cleanURL cuts what may be secret out of a URL: user info, the fragment, and
// the value of every query parameter that is not an OData system option.
func cleanURL(raw string) string {
	raw, _, _ = strings.Cut(raw, "#")
	path, query, hasQuery := strings.Cut(raw, "?")
	if scheme, rest, ok := strings.Cut(path, "://"); ok {
		host, tail, _ := strings.Cut(rest, "/")
		if i := strings.LastIndexByte(host, '@'); i >= 0 {
			host = host[i+1:]
		}
		path = scheme + "://" + host
		if len(host) < len(rest) && strings.Contains(rest, "/") {
			path += "/" + tail
		}
	}
	path = cleanText(matrixParam.ReplaceAllString(path, "$1="+cut))
	if !hasQuery {
		return path
	}
	params := strings.Split(query, "&")
	for i, p := range params {
		name, value, ok := strings.Cut(p, "=")
		if !ok {
			if len(p) > 32 { // a bare value, not a name
				params[i] = cut
			}
			continue
		}
		plain, err := url.QueryUnescape(name)
		if err == nil && systemOptions[strings.ToLower(plain)] {
			params[i] = name + "=" + cleanText(value)
		} else {
			params[i] = name + "=" + cut
		}
	}
	return path + "?" + strings.Join(params, "&")
}

var (
	matrixParam = regexp.MustCompile(`(;[A-Za-z_]\w*)=[^;/?]*`)

	// secrets are the forms in which a credential is printed in a text. The
	// first group, where there is one, is kept.
	secrets = []*regexp.Regexp{
		regexp.MustCompile(`\beyJ[\w-]{8,}\.[\w-]{4,}(?:\.[\w-]*)*`), // JSON web token
		regexp.MustCompile(`(?i)\b((?:bearer|basic|negotiate)\s+)[\w.~+/=-]{12,}`),
		regexp.MustCompile(`(?i)((?:set-)?cookie\\?"?\s*[:=]\s*\\?"?)[^"\r\n<]+`),
		regexp.MustCompile(`(?i)(authorization\\?"?\s*[:=]\s*\\?"?)[^"\r\n<]+`),
		regexp.MustCompile(`(?i)((?:access_?token|id_?token|refresh_?token|client_?secret|client_?assertion|password|passwd|pwd|secret|api-?_?key|sig|signature|sas|subscription-key|sessionid|assertion)` +
			`(?:\\?"|%22)?\s*(?:=|:|%3[ad])\s*(?:\\?"|%22)?)[^\s"\\&;,<>'{}]+`),
	}
)

// cleanText cuts credentials out of a text that a server or exporter printed.
func cleanText(s string) string {
	for _, re := range secrets {
		if re.NumSubexp() == 0 {
			s = re.ReplaceAllLiteralString(s, cut)
		} else {
			s = re.ReplaceAllString(s, "${1}"+cut)
		}
	}
	return s
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
	return s[:end] + cut
}

package analyzer

import (
	"net/url"
	"regexp"
	"strings"
	"sync"
	"unicode/utf8"
)

// maxMessage is how much of a message a denial keeps, in bytes; the longest
// platform sentence with its details is about 3 KB.
const maxMessage = 8 << 10

// cut stands for what was taken out.
const cut = "…"

// Clean cuts what may be secret out of all that a capture said. It is done once
// for evidence from a capture, and once more for a report, which anybody may
// have written.
func (ev *Evidence) Clean() {
	seen := map[string]string{} // one body may give two hundred denials
	for i := range ev.Denials {
		d := &ev.Denials[i]
		clean, ok := seen[d.Message]
		if !ok {
			clean = shorten(cleanText(shorten(d.Message)))
			seen[d.Message] = clean
		}
		d.Message = clean
		d.URL = cleanURL(d.URL)
	}
	for i := range ev.Captures {
		c := &ev.Captures[i]
		c.Creator, c.Problem = cleanText(c.Creator), cleanText(c.Problem)
	}
}

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
	path = userInfo.ReplaceAllString(path, "$1")
	path = session.ReplaceAllString(path, "/("+cut+")")
	path = cleanSecrets(matrixParam.ReplaceAllString(path, "$1="+cut))
	if !hasQuery {
		return path
	}
	params := strings.Split(query, "&")
	for i, p := range params {
		name, value, ok := strings.Cut(p, "=")
		plain, err := url.QueryUnescape(name)
		switch {
		case ok && err == nil && systemOptions[strings.ToLower(plain)]:
			params[i] = name + "=" + cleanSecrets(value)
		case ok:
			params[i] = cleanSecrets(name) + "=" + cut
		case p != cut && len(p) > 0: // a bare value
			params[i] = cut
		}
	}
	return path + "?" + strings.Join(params, "&")
}

var (
	userInfo    = regexp.MustCompile(`^((?:[A-Za-z][\w+.-]*:)?//)[^/?#]*@`)
	session     = regexp.MustCompile(`/\([A-Z]\([^/]*\)\)`) // ASP.NET's session in the path
	matrixParam = regexp.MustCompile(`(;[A-Za-z_]\w*)=[^;/?]*`)
	urlInText   = regexp.MustCompile(`https?://[^\s"'<>\\]+`)

	// secrets are the forms in which a credential is printed in a text. The
	// first group, where there is one, is kept. They are compiled when they are
	// first used: it takes long enough to be felt at start.
	secrets = sync.OnceValue(func() []*regexp.Regexp {
		return []*regexp.Regexp{
			regexp.MustCompile(`\beyJ[\w-]{8,}\.[\w-]{4,}(?:\.[\w-]*)*`), // JSON web token
			regexp.MustCompile(`(?i)\b((?:bearer|basic|negotiate|digest)\s+)[\w.~+/=-]{12,}`),
			regexp.MustCompile(`(?i)((?:set-)?cookie\\?["']?\s*[:=]\s*\\?["']?)[^"\r\n<]+`),
			regexp.MustCompile(`(?i)(authorization\\?["']?\s*[:=]\s*\\?["']?)[^\r\n<]+`),
			regexp.MustCompile(`(?i)((?:[\w-]*token|client_?secret|client_?assertion|password|passwd|pwd|secret|api-?_?key|accountkey|sharedaccesskey|sig|signature|sas|subscription-key|sessionid|assertion|crmowinauth\w*|estsauth\w*|fedauth|rtfa|reqclientid)` +
				`(?:\\?["']|%22)?\s*(?:=|:|%3[ad])\s*(?:\\?["']|%22)?)[^\s"'\\&;,<>{}()]+`),
		}
	})
)

// cleanText cuts credentials out of a text that a server or exporter printed,
// and what may be secret out of the URLs in it.
func cleanText(s string) string {
	if strings.Contains(s, "://") {
		s = urlInText.ReplaceAllStringFunc(s, cleanURL)
	}
	return cleanSecrets(s)
}

func cleanSecrets(s string) string {
	if !strings.ContainsAny(s, "=:% .") {
		return s
	}
	for _, re := range secrets() {
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

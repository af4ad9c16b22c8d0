package har

import (
	"net/url"
	"strings"
	"sync"

	"github.com/prvgap/prvgap/har/pattern"
)

// ellipsis stands for what was taken out.
const ellipsis = "…"

// systemOptions are the OData query options whose values say what was asked
// for. $skiptoken and $deltatoken are tokens and not among them.
var systemOptions = map[string]bool{
	"$select": true, "$filter": true, "$expand": true, "$orderby": true, "$top": true, "$skip": true,
	"$count": true, "$search": true, "$apply": true, "$format": true, "$compute": true, "$levels": true,
	"$inlinecount": true,
}

// CleanURL cuts what may be secret out of a URL: user info, the fragment, and
// the value of every query parameter that is not an OData system option.
func CleanURL(raw string) string {
	raw, _, _ = strings.Cut(raw, "#")
	path, query, hasQuery := strings.Cut(raw, "?")
	path = userInfo().ReplaceAllString(path, "$1")
	path = sessionPath().ReplaceAllString(path, "/("+ellipsis+")")
	path = cleanSecrets(matrixParam().ReplaceAllString(path, "$1="+ellipsis))
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
			params[i] = cleanSecrets(name) + "=" + ellipsis
		case p != ellipsis && len(p) > 0: // a bare value
			params[i] = ellipsis
		}
	}
	return path + "?" + strings.Join(params, "&")
}

var (
	userInfo    = pattern.Compile(`^((?:[A-Za-z][\w+.-]*:)?//)[^/?#]*@`)
	sessionPath = pattern.Compile(`/\([A-Z]\([^/]*\)\)`) // ASP.NET's session in the path
	matrixParam = pattern.Compile(`(;[A-Za-z_]\w*)=[^;/?]*`)
	// A reference without a host counts if it has a query.
	urlInText = pattern.Compile(`https?://[^\s"'<>\\]+|/[\w./%()~-]*\?[^\s"'<>\\]+`)

	// secrets are the forms in which a credential is printed in a text. The
	// first group, where there is one, is kept. They are parsed when they are
	// first used: it takes long enough to be felt at start.
	secrets = sync.OnceValue(func() []*pattern.Pattern {
		var found []*pattern.Pattern
		for _, form := range []string{
			`\b(?:eyJ|(?:eyA|ewk|ewo|ew0)[gJKNi])[\w+/=-]{8,}(?:\.[\w-]*)*`, // JSON in base64: a web token, the state of a session
			`-----BEGIN [A-Z ]+-----[^-]*(?:-----END [A-Z ]+-----)?`,
			`(?i)\b((?:bearer|basic|negotiate|digest)\s+)[\w.~+/=-]{12,}`,
			`(?i)((?:set-)?cookie\\?["']?\s*[:=]\s*\\?["']?)[^"\r\n<]+`,
			`(?i)(authorization\\?["']?\s*[:=]\s*\\?["']?)[^\r\n<]+`,
			`(?i)((?:<|&lt;)(?:\w+:)?\w*(?:token|secret|password|passwd|pwd|assertion|signaturevalue|cookie)(?:\s[^<>]*?)?(?:>|&gt;))[^<>&]+`,
			`(?i)((?:<|&lt;)input\s[^<>]*?\bvalue\s*=)(?:[^<>&]|&[^g])+`,
			`(?i)(` + secretName + `\\?["']?\s*[=:]\s*\\?")[^"\\\r\n]+`,
			`(?i)(` + secretName + `["']?\s*[=:]\s*')[^'\r\n]+`,
			`(?i)(` + secretName + `(?:\\?["']|%22)?(?:\s*(?:=|:|%3[ad])\s*|(?:\s|%20|\+)+eq(?:\s|%20|\+)+)(?:\\?["']|%2[27])?)[^\s"'\\&;,<>{}()]+`,
		} {
			found = append(found, pattern.MustCompile(form))
		}
		return found
	})
)

// secretName is the end of the name of what is secret. It is written so that it begins in few enough ways for package
// pattern to look for them: run over a whole text, it takes longer than all else that is done for a refusal.
const secretName = `(?:token|client_?secret|client_?assertion|passw(?:or)?d|secret|pwd|api-?_?key|functions-?_?key|subscription-?_?key|accountkey|sharedaccesskey|\bsig|signature|\bsas|sessionid|assertion|crmowinauth\w*|estsauth\w*|fedauth|\brtfa|reqclientid|saml(?:response|request))`

// CleanText cuts credentials out of a text that a server or exporter printed,
// and what may be secret out of the URLs in it.
func CleanText(s string) string {
	if strings.Contains(s, "://") || strings.Contains(s, "?") {
		s = urlInText().ReplaceAllStringFunc(s, CleanURL)
	}
	return cleanSecrets(s)
}

// maxMark is how long a mark can be, in runes: it stands beside other things on a line.
const maxMark = 120

// CleanMark makes the name of what a user did out of a text that anybody may have written: one line of a bounded
// length, without secrets.
func CleanMark(s string) string {
	if s == "" {
		return ""
	}
	// Cut before it is looked at, for it may be megabytes; between words, for half a secret cannot be told from text.
	if runes := []rune(s[:min(len(s), 8*maxMark)]); len(runes) > maxMark {
		s = string(runes[:maxMark-1])
		if i := strings.LastIndexAny(s, " \t\r\n"); i > 0 {
			s = s[:i]
		}
		s += ellipsis
	}
	return CleanText(strings.Join(strings.Fields(s), " "))
}

func cleanSecrets(s string) string {
	for _, re := range secrets() {
		s = re.ReplaceAllString(s, "${1}"+ellipsis)
	}
	return s
}

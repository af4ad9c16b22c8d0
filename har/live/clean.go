package live

import (
	"encoding/json"
	"regexp"

	"github.com/prvgap/prvgap/har"
)

var (
	jsonText = regexp.MustCompile(`"(?:[^"\\]|\\.)*"`)
	// secretMember is a member of a JSON object that is a secret by its name.
	secretMember = regexp.MustCompile(`(?i)("[^"\\]*(?:token|secret|password|passwd|pwd|api_?-?key|assertion|signature|sessionid|cookie|authorization)"\s*:\s*)"(?:[^"\\]|\\.)*"`)
)

// cleanBody cuts credentials out of a body that is going to be saved. In JSON it goes text by text, and leaves a text
// without any as it is escaped: what is cut out must not take the brackets behind it along.
func cleanBody(s string) string {
	if !json.Valid([]byte(s)) {
		return har.CleanText(s)
	}
	s = jsonText.ReplaceAllStringFunc(s, func(quoted string) string {
		var text string
		if json.Unmarshal([]byte(quoted), &text) != nil {
			return quoted
		}
		clean := cleanBody(text) // error texts hold JSON themselves
		if clean == text {
			return quoted
		}
		b, err := encode(clean)
		if err != nil {
			return `""`
		}
		return string(b)
	})
	return secretMember.ReplaceAllString(s, `$1"…"`)
}

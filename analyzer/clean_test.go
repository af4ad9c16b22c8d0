package analyzer

import (
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestShorten(t *testing.T) {
	long := strings.Repeat("é", maxMessage)
	if got := shorten(long); len(got) > maxMessage+len("…") || !utf8.ValidString(got) {
		t.Errorf("%d bytes, valid %v", len(got), utf8.ValidString(got))
	}
}

// TestMemo: what is remembered is bounded, and what is said of a text is the same either way.
func TestMemo(t *testing.T) {
	var m memo
	for i := range 10 {
		for _, text := range []string{strconv.Itoa(i), "", strings.Repeat("a", longestText), strings.Repeat("b", longestText+i)} {
			if got := m.of(text, 4, strings.ToUpper); got != strings.ToUpper(text) {
				t.Errorf("%.20q gives %.20q", text, got)
			}
			if len(m) > 4 {
				t.Fatalf("%d texts", len(m))
			}
		}
	}
	for text := range m {
		if len(text) > longestText {
			t.Errorf("a text of %d bytes is kept", len(text))
		}
	}
}

func TestHost(t *testing.T) {
	for url, want := range map[string]string{
		"https://org.crm4.dynamics.com/api/data/v9.2/accounts": "org.crm4.dynamics.com",
		"http://crm.local:5555/org/x":                          "crm.local",
		"https://[::1]:8080/x":                                 "::1",
		"https://a.example?x=…":                                "a.example",
		"https://a.example":                                    "a.example",
		"https://a.example/%zz":                                "a.example",
		"/api/data/v9.2/accounts":                              "",
		"accounts?$filter=url eq 'https://a.example/'":         "",
		"": "",
	} {
		if got := (Denial{URL: url}).Host(); got != want {
			t.Errorf("%s: %q", url, got)
		}
	}
}

package har

import (
	"encoding/json"
	"testing"
)

func TestCleanBody(t *testing.T) {
	bodies := map[string]string{
		`{"error":{"message":"is missing prvReadAccount privilege"}}`:     `{"error":{"message":"is missing prvReadAccount privilege"}}`,
		`{"a":"Authorization: Bearer abcdefghijklmnop, more","b":"kept"}`: `{"a":"Authorization: …","b":"kept"}`,
		`{"Cookie":"x=1; y=\"2\"","access_token":"abc","b":"\u00e9"}`:     `{"Cookie":"…","access_token":"…","b":"\u00e9"}`,
		`{"a":"see https://h.example/?sig=abc"}`:                          `{"a":"see https://h.example/?sig=…"}`,
		`{"e":"{\"Authorization\":\"Bearer abcdefghijklmnop\",\"m\":1}"}`: `{"e":"{\"Authorization\":\"…\",\"m\":1}"}`,
		"Set-Cookie: a=b\nrest": "Set-Cookie: …\nrest",
		`{"headers":[{"name":"Authorization","value":"abc"},{"name":"Accept","value":"b"}]}`: `{"headers":[{"name":"Authorization","value":"…"},{"name":"Accept","value":"b"}]}`,
		`{"token":{"value":"abc","list":[12345,null]},"code":"0x80040220"}`:                  `{"token":{"value":"…","list":["…",null]},"code":"0x80040220"}`,
		` { "kept" : [ 1.0, "\u00e9" ] } `:                                                   ` { "kept" : [ 1.0, "\u00e9" ] } `,
		`{"password":"abc"} and more`:                                                        `{"password":"…"} and more`,
		`{"a":"//5wAGEAcwBzAHcAbwByAGQAOgAgAGEAYgBjAA=="}`:                                   `{"a":"cGFzc3dvcmQ6IOKApg=="}`, // UTF-16
		`[1,"password: abc"]`:                                                                `[1,"password: …"]`,
	}
	for in, want := range bodies {
		if got := CleanBody(in); got != want {
			t.Errorf("%s became %s", in, got)
		}
		if json.Valid([]byte(in)) && !json.Valid([]byte(CleanBody(in))) {
			t.Errorf("%s is JSON no more", in)
		}
	}
}

// FuzzCleanBody: what is not rewritten stays as it is, JSON stays JSON, and what was cleaned is clean.
func FuzzCleanBody(f *testing.F) {
	for _, body := range []string{
		`{"a":"Authorization: Bearer abcdefghijklmnop","token":[1,{"b":"c"}]}`, `{"name":"Cookie","value":"a"}`, `"{\"pwd\":\"x\"}"`, "eyJhIjoicGFzc3dvcmQ9eCJ9", `{"a":1}{`, "[", "password=x",
	} {
		f.Add(body)
	}
	f.Fuzz(func(t *testing.T, body string) {
		if got := RewriteBody(body, func(_, text string) string { return text }); got != body {
			t.Errorf("%q became %q", body, got)
		}
		clean := CleanBody(body)
		if json.Valid([]byte(body)) && !json.Valid([]byte(clean)) {
			t.Errorf("%q is JSON no more: %q", body, clean)
		}
		if again := CleanBody(clean); again != clean {
			t.Errorf("%q was cleaned to %q and that to %q", body, clean, again)
		}
	})
}

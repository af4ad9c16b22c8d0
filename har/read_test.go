package har_test

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"github.com/prvgap/prvgap/har"
)

// refused is a capture of one refused request, whose response has further members.
func refused(response string) string {
	return `{"log":{"entries":[{"request":{"method":"GET","url":"https://x/a"},"response":{"status":403,` + response + `}}]}}`
}

func gzipped(text string) string {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, _ = w.Write([]byte(text))
	_ = w.Close()
	return b.String()
}

func encoded(text string) string { return base64.StdEncoding.EncodeToString([]byte(text)) }

func utf16Text(order binary.ByteOrder, text string) string {
	var b bytes.Buffer
	_ = binary.Write(&b, order, utf16.Encode([]rune("\ufeff"+text)))
	return b.String()
}

func TestBody(t *testing.T) {
	for name, test := range map[string]struct{ response, want string }{
		"text":              {`"content":{"text":"a \"b\" \/ \u00e9"}`, `a "b" / é`},
		"invalid UTF-8":     {"\"content\":{\"text\":\"a\xe9b\"}", "a\uFFFDb"},
		"lone surrogate":    {`"content":{"text":"a\ud83db"}`, "a\uFFFDb"},
		"object":            {`"content":{"text":{"error": 1}}`, `{"error": 1}`},
		"number":            {`"content":{"text":12}`, `12`},
		"null":              {`"content":{"text":null}`, ``},
		"base64":            {`"content":{"encoding":"base64","text":"` + encoded("é 😀") + `"}`, "é 😀"},
		"base64, wrapped":   {`"content":{"text":"aGVs\r\nbG8=\n","encoding":"base64"}`, "hello"},
		"base64, unpadded":  {`"content":{"text":"aGVsbG8","encoding":"BASE64"}`, "hello"},
		"base64, for URLs":  {`"content":{"text":"Pz8_Pj4-","encoding":"base64"}`, "???>>>"},
		"base64, not valid": {`"content":{"text":"!no!","encoding":"base64"}`, "!no!"},
		"base64, unmarked":  {`"content":{"text":"aGVsbG8="}`, "aGVsbG8="},
		"base64, binary":    {`"content":{"text":"/w==","encoding":"base64"}`, "\uFFFD"},
		"base64, UTF-16":    {`"content":{"encoding":"base64","text":"` + encoded(utf16Text(binary.LittleEndian, "é 😀")) + `"}`, "é 😀"},
		"base64, UTF-16 BE": {`"content":{"encoding":"base64","text":"` + encoded(utf16Text(binary.BigEndian, "é 😀")+"x") + `"}`, "é 😀"},
		"base64, gzipped":   {`"content":{"encoding":"base64","text":"` + encoded(gzipped("hello")) + `"}`, "hello"},
		"base64, gzip cut":  {`"content":{"encoding":"base64","text":"` + encoded(gzipped("hello")[:15]) + `"}`, "hell"},
		"content twice":     {`"content":{"text":"first"},"content":{"text":"last"}`, "last"},
		"content withdrawn": {`"content":{"text":"first"},"content":null`, ""},
		"status repeated":   {`"status":200,"content":{"text":"kept"},"status":403`, "kept"},
	} {
		t.Run(name, func(t *testing.T) {
			entries, err := readBytes(t, []byte(refused(test.response)), har.Options{})
			if err != nil || len(entries) != 1 {
				t.Fatal(entries, err)
			}
			e := entries[0]
			// Where a gzip stream breaks off within its last block is up to the unpacker.
			if e.Body != test.want && !(name == "base64, gzip cut" && strings.HasPrefix("hello", e.Body)) {
				t.Errorf("body %q, want %q", e.Body, test.want)
			}
			if e.HasBody != (e.Body != "") {
				t.Errorf("HasBody %v for %q", e.HasBody, e.Body)
			}
		})
	}
}

func TestStatus(t *testing.T) {
	for value, want := range map[string]int{
		`403`: 403, `"403"`: 403, `403.0`: 403, `4.03e2`: 403, `" 403 "`: 403, `100`: 100, `999`: 999,
		`null`: 0, `-2`: 0, `0`: 0, `99`: 0, `1000`: 0, `403.5`: 0, `1e999`: 0, `"x"`: 0, `{}`: 0, `[403]`: 0, `true`: 0, `"NaN"`: 0,
		`200,"status":404`: 404,
	} {
		entries, err := readBytes(t, []byte(`{"log":{"entries":[{"response":{"status":`+value+`}}]}}`), har.Options{})
		if err != nil || len(entries) != 1 || entries[0].Status != want {
			t.Errorf("%s: %+v, %v, want %d", value, entries, err, want)
		}
	}
}

func TestTime(t *testing.T) {
	for value, want := range map[string]string{
		`"2025-11-18T09:31:02.123Z"`:           "2025-11-18T09:31:02.123Z",
		`"2025-11-18T09:31:02.99+02:00"`:       "2025-11-18T07:31:02.99Z",
		`"2025-11-18T09:31:02.1234567+02:00"`:  "2025-11-18T07:31:02.1234567Z",
		`"2025-11-18T09:31:02.123+0530"`:       "2025-11-18T04:01:02.123Z",
		`"2025-11-18T09:31:02"`:                "2025-11-18T09:31:02Z",
		`1763458262123`:                        "2025-11-18T09:31:02.123Z",
		`""`:                                   "",
		`{}`:                                   "",
		`null`:                                 "",
		`-5`:                                   "",
		`1e30`:                                 "",
		`"+09:999999-99-99T99:99:99.999"`:      "",
		`"NaN-NaN-NaNTNaN:NaN:NaN.NaN+NaN:Na"`: "",
	} {
		entries, err := readBytes(t, []byte(`{"log":{"entries":[{"startedDateTime":`+value+`}]}}`), har.Options{})
		if err != nil || len(entries) != 1 {
			t.Fatal(value, entries, err)
		}
		got := ""
		if !entries[0].Time.IsZero() {
			got = entries[0].Time.UTC().Format(time.RFC3339Nano)
		}
		if got != want {
			t.Errorf("%s: %q, want %q", value, got, want)
		}
	}
}

func TestMIMEType(t *testing.T) {
	for response, want := range map[string]string{
		`"headers":[{"name":"Content-Type","value":"a/b"}]`:             "a/b",
		`"headers":[["X","y"],["content-type","a/b"],["short"],7,null]`: "a/b",
		`"headers":{"X":"y","Content-Type":"a/b"}`:                      "a/b",
		`"headers":null`: "",
		`"headers":[{"name":"content-type","value":"a/b"}],"content":{"mimeType":null}`: "a/b",
		`"content":{"mimeType":"c/d"},"headers":{"content-type":"a/b"}`:                 "c/d",
	} {
		entries, err := readBytes(t, []byte(refused(response)), har.Options{})
		if err != nil || len(entries) != 1 || entries[0].MIMEType != want {
			t.Errorf("%s: %+v, %v, want %s", response, entries, err, want)
		}
	}
}

// TestEntry checks the members that the other tests do not.
func TestEntry(t *testing.T) {
	capture := ` {"log":{"entries":[null,
		{"request":{"method":"GET","url":"https://x/a"},"response":{"status":0,"_error":"net::ERR_FAILED","content":{"comment":"none kept"}}},
		{"request":{"method":"GET","url":"https://x/b"},"response":{"status":200,"content":{"text":"unwanted"}}},
		{"request":{"method":"PUT","url":"https://x/c"},"response":{"status":200,"_failureText":null,"content":{"text":"wanted"}}}
	],"browser":{"name":"chromium","version":"120"},"creator":{"name":"Playwright","version":"1.40"}}}`
	sources, err := har.Open("-", strings.NewReader(capture))
	if err != nil {
		t.Fatal(err)
	}
	var got []har.Entry
	for e, err := range sources[0].Entries(har.Options{Body: func(method, url string) bool { return method == "PUT" && url == "https://x/c" }}) {
		if err != nil {
			t.Fatal(err)
		}
		if capture[e.Offset] != '{' {
			t.Errorf("offset %d is at %.10q", e.Offset, capture[e.Offset:])
		}
		e.Offset = 0
		got = append(got, e)
	}
	want := []har.Entry{
		{Index: 1, Pointer: "/log/entries/1", Method: "GET", URL: "https://x/a", Error: "net::ERR_FAILED", Comment: "none kept"},
		{Index: 2, Pointer: "/log/entries/2", Method: "GET", URL: "https://x/b", Status: 200, HasBody: true},
		{Index: 3, Pointer: "/log/entries/3", Method: "PUT", URL: "https://x/c", Status: 200, HasBody: true, Body: "wanted"},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	info := har.Info{Format: "har", Creator: "Playwright 1.40 (chromium 120)", Bytes: int64(len(capture)), Entries: 4, Complete: true, Problem: "entry 0 is not an object"}
	if sources[0].Info() != info {
		t.Errorf("info %+v, want %+v", sources[0].Info(), info)
	}
}

// member is a member of an object whose value is JSON or, as a []member, an object.
type member struct {
	name  string
	value any
}

func shuffled(rng *rand.Rand, value any) string {
	members, ok := value.([]member)
	if !ok {
		return value.(string)
	}
	members = slices.Clone(members)
	rng.Shuffle(len(members), func(i, j int) { members[i], members[j] = members[j], members[i] })
	var parts []string
	for _, m := range members {
		parts = append(parts, fmt.Sprintf("%q:%s", m.name, shuffled(rng, m.value)))
	}
	return "{" + strings.Join(parts, ",") + "}"
}

// TestMemberOrder: exporters order members as they like, and it must not matter.
func TestMemberOrder(t *testing.T) {
	const reply = `"--b\r\nContent-Type: application/http\r\n\r\nHTTP/1.1 403 Forbidden\r\n\r\n{}\r\n--b--"`
	entry := func(url, status, text string) []member {
		return []member{
			{"startedDateTime", `"2025-11-18T09:31:02.123Z"`},
			{"_extra", `{"status":500,"url":"no"}`},
			{"request", []member{
				{"method", `"POST"`},
				{"url", url},
				{"headers", `[]`},
				{"postData", []member{{"mimeType", `"a/b"`}, {"text", `"LS1xCgpERUxFVEUgYygxKSBIVFRQLzEuMQ=="`}, {"encoding", `"base64"`}}},
			}},
			{"response", []member{
				{"status", status},
				{"_error", `"why"`},
				{"headers", `[{"name":"content-type","value":"multipart/mixed; boundary=b"}]`},
				{"content", []member{{"size", `1`}, {"mimeType", `"multipart/mixed"`}, {"text", text}, {"encoding", `""`}, {"comment", `"c"`}}},
			}},
		}
	}
	inputs := [][]member{
		entry(`"https://x/a"`, `403`, `"refused"`),
		entry(`"https://x/b"`, `200`, `"wanted"`),
		entry(`"https://x/c"`, `200`, `"unwanted"`),
		entry(`"https://x/api/$batch"`, `200`, reply),
	}
	o := har.Options{Body: func(_, url string) bool { return url == "https://x/b" }}
	rng := rand.New(rand.NewPCG(3, 4))
	var want []har.Entry
	for range 500 {
		var texts []string
		for _, input := range inputs {
			texts = append(texts, shuffled(rng, input))
		}
		log := []member{{"creator", `{}`}, {"pages", `[]`}, {"entries", "[" + strings.Join(texts, ",") + "]"}}
		got, err := readBytes(t, []byte(`{"log":`+shuffled(rng, log)+`}`), o)
		if err != nil {
			t.Fatal(err)
		}
		for i := range got {
			got[i].Offset = 0
		}
		if want == nil {
			want = got
			if len(got) != 5 || got[4].Method != "DELETE" || got[4].Body != "{}" || got[0].Body != "refused" || got[1].Body != "wanted" || got[2].Body != "" {
				t.Fatalf("%+v", got)
			}
		}
		if !reflect.DeepEqual(got, want) {
			t.Fatalf("got  %+v\nwant %+v\nfrom %s", got, want, texts)
		}
	}
}

const small = `{"log":{"version":"1.2","creator":{"name":"é","version":"1"},"entries":[` +
	`{"startedDateTime":"2025-11-18T09:31:02.123Z","request":{"method":"GET","url":"https://x/a"},"response":{"status":403,"content":{"text":"a \"b\" \u00e9 é"}}},` +
	`{"request":{"method":"POST","url":"https://x/$batch"},"response":{"status":200,"content":{"text":"--b\r\n\r\nHTTP/1.1 403 F\r\n\r\n{}\r\n--b--"}}},` +
	`{"request":null,"response":{"status":4.03e2,"headers":[["a","b"]]},"timings":[true,false,null,-1.5e+3]}]}}`

// TestTruncation cuts a capture, plain and compressed, at every byte: what precedes the cut is read, and the cut told.
func TestTruncation(t *testing.T) {
	whole, err := readBytes(t, []byte(small), har.Options{})
	if err != nil || len(whole) != 4 {
		t.Fatal(whole, err)
	}
	for name, capture := range map[string]string{"plain": small, "gzip": gzipped(small), "utf16": utf16Text(binary.LittleEndian, small)} {
		for n := range len(capture) {
			got, err := readBytes(t, []byte(capture[:n]), har.Options{})
			if err == nil {
				t.Fatalf("%s: no error for the first %d bytes", name, n)
			}
			if place, ok := errors.AsType[*har.Error](err); !ok || place.Name != "-" {
				t.Fatalf("%s: error without a place: %v", name, err)
			}
			if len(got) > len(whole) || len(got) > 0 && !reflect.DeepEqual(got, whole[:len(got)]) {
				t.Fatalf("%s: cut at %d: %+v", name, n, got)
			}
		}
	}
}

func TestStop(t *testing.T) {
	for limit := 1; limit <= 3; limit++ {
		sources, err := har.Open("-", strings.NewReader(small))
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		for _, err := range sources[0].Entries(har.Options{}) {
			if n++; err != nil || n == limit {
				break
			}
		}
		if n != limit || sources[0].Info().Complete || sources[0].Info().Problem != "" {
			t.Errorf("stopped after %d of %d: %+v", n, limit, sources[0].Info())
		}
	}
}

func TestWarning(t *testing.T) {
	for tail, want := range map[string]string{
		"\n \n":       "",
		"\x00\x00":    "NUL bytes follow",
		"\n" + small:  "a second document follows",
		"\nfurther":   "other data follows",
		", and so on": "other data follows",
	} {
		sources, err := har.Open("-", strings.NewReader(small+tail))
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		for _, err := range sources[0].Entries(har.Options{}) {
			if n++; err != nil {
				t.Errorf("%.12q: %v", tail, err)
			}
		}
		info := sources[0].Info()
		if n != 4 || !info.Complete || !strings.HasPrefix(info.Problem, want) || (want == "") != (info.Problem == "") {
			t.Errorf("%.12q: %d entries, %+v", tail, n, info)
		}
	}
}

// TestDepth: only a file can be read a second time, and only the second reading gets past 10,000 levels.
func TestDepth(t *testing.T) {
	const levels = 30_000
	deep := func(inner string) string {
		nested := strings.Repeat(`[{"a":"]\"}",`+"\n"+`"b":`, levels) + inner + strings.Repeat("}, 7]", levels)
		entry := `{"request":{"url":"https://x/a"},"response":{"status":403,"content":{"text":"b"}}}`
		return `{"log":{"entries":[` + entry + `,{"_deep":` + nested + `},` + entry + `]}}`
	}
	path := write(t, "deep.har", deep("null"))
	entries, infos, err := readAll(path, har.Options{})
	if err != nil || len(entries) != 3 || entries[2].Body != "b" || !infos[0].Complete {
		t.Errorf("%d entries, %v, %+v", len(entries), err, infos)
	}
	entries, err = readBytes(t, []byte(deep("null")), har.Options{})
	if place, ok := errors.AsType[*har.Error](err); !ok || place.Hint == "" || len(entries) != 1 {
		t.Errorf("from a pipe: %d entries, %v", len(entries), err)
	}
	for name, inner := range map[string]string{"mismatch": "[}", "open string": `"`, "too many": "]"} {
		if entries, _, err := readAll(write(t, "broken.har", deep(inner)), har.Options{}); err == nil || len(entries) != 1 {
			t.Errorf("%s: %d entries, %v", name, len(entries), err)
		}
	}
}

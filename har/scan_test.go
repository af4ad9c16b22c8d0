package har_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/prvgap/prvgap/har"
)

// reading is all that comes of a capture.
type reading struct {
	entries []har.Entry
	infos   []har.Info
	err     error
}

// readBoth reads captures as they are read by default and strictly, which is the oracle for the former. Open is called
// for each of the two.
func readBoth(open func() ([]*har.Source, error), o har.Options) (skimmed, strict reading) {
	for _, r := range []*reading{&skimmed, &strict} {
		o.Strict = r == &strict
		sources, err := open()
		r.err = err
		for _, s := range sources {
			for e, err := range s.Entries(o) {
				if err != nil {
					r.err = errors.Join(r.err, err)
					continue
				}
				r.entries = append(r.entries, e)
			}
			r.infos = append(r.infos, s.Info())
		}
	}
	return skimmed, strict
}

// What the JSON library says of a broken text depends on how much of it is at hand: how much it quotes, and which names
// it believes to be above a break in a value that is read as a whole.
var (
	excerpt = regexp.MustCompile("(character|sequence|pair|literal|number|string) ('.+?'|`.*?`|\"(?:[^\"\\\\]|\\\\.)*\")( in)?")
	above   = regexp.MustCompile(`(?s)/(startedDateTime|status|headers|text)/.*`)
)

// told is what is told of a reading, without what depends on that.
func told(r reading) string {
	place, ok := errors.AsType[*har.Error](r.err)
	if !ok {
		return fmt.Sprintf("%+v %v", r.infos, r.err)
	}
	infos := slices.Clone(r.infos)
	for i := range infos {
		if !infos[i].Complete {
			infos[i].Problem = "" // the error once more
		}
	}
	return fmt.Sprintf("%+v %s %d %s %s %s", infos, place.Name, place.Offset, above.ReplaceAllString(place.Pointer, "/$1"), excerpt.ReplaceAllString(place.Err.Error(), "…"), place.Hint)
}

// difference says how the two readings of a capture differ, "" for not at all.
func difference(skimmed, strict reading) string {
	for i := range min(len(skimmed.entries), len(strict.entries)) {
		if !reflect.DeepEqual(skimmed.entries[i], strict.entries[i]) {
			return fmt.Sprintf("skimmed %+v\nstrict  %+v", skimmed.entries[i], strict.entries[i])
		}
	}
	if len(skimmed.entries) != len(strict.entries) {
		return fmt.Sprintf("skimmed %d entries, strict %d; skimmed %v, strict %v", len(skimmed.entries), len(strict.entries), skimmed.err, strict.err)
	}
	if told(skimmed) != told(strict) {
		return fmt.Sprintf("skimmed %+v, %v\nstrict  %+v, %v", skimmed.infos, skimmed.err, strict.infos, strict.err)
	}
	return ""
}

// passedOver reports whether a strict reading broke off at a value that the other one need not look into: in an entry
// that it took for an allowed one, and there at none of the members that an Entry is made of. Up to there both have to
// agree.
func passedOver(skimmed, strict reading, o har.Options) bool {
	place, ok := errors.AsType[*har.Error](strict.err)
	if !ok || len(strict.entries) > len(skimmed.entries) {
		return false
	}
	for i, e := range strict.entries {
		if !reflect.DeepEqual(e, skimmed.entries[i]) {
			return false
		}
	}
	i := slices.IndexFunc(skimmed.entries, func(e har.Entry) bool { return strings.HasPrefix(place.Pointer, e.Pointer+"/") })
	if i < 0 {
		return false
	}
	e := skimmed.entries[i]
	if e.Status < 100 || e.Status >= 400 || strings.HasSuffix(e.URL, "/$batch") || o.Body != nil && o.Body(e.Method, e.URL) {
		return false
	}
	path := strings.Split(strings.TrimPrefix(place.Pointer, e.Pointer+"/"), "/")
	looked := map[string][]string{
		"":                  {"startedDateTime", "comment"},
		"/request":          {"method", "url"},
		"/response":         {"status", "_error", "_failureText"},
		"/response/content": {"mimeType", "comment", "_file"},
	}
	object := ""
	for _, name := range path {
		if slices.Contains(looked[object], name) {
			return false
		}
		object += "/" + name
		if looked[object] == nil {
			return true
		}
	}
	return false
}

func piped(capture []byte) func() ([]*har.Source, error) {
	return func() ([]*har.Source, error) { return har.Open("-", bytes.NewReader(capture)) }
}

func everyBody(string, string) bool { return true }

// TestSkimCorpus: every capture of the collection, whole or broken, reads the same both ways.
func TestSkimCorpus(t *testing.T) {
	for _, folder := range []string{"har", "har-broken"} {
		err := filepath.WalkDir(corpus(t, folder), func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			for name, o := range map[string]har.Options{"refused": {}, "all": {Body: everyBody}} {
				skimmed, strict := readBoth(func() ([]*har.Source, error) { return har.Open(path, nil) }, o)
				if diff := difference(skimmed, strict); diff != "" {
					t.Errorf("%s, bodies of %s: %s", path, name, diff)
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

// skimmable is a small capture with what the skimmer has to get right: names and values with escapes, members that are
// repeated or of another kind than expected, nesting, white space, and elements that are no entries.
const skimmable = `{"log": {"creator":{"name":"x"}, "entries": [ {"startedDateTime":"2025-11-18T09:31:02.123Z","time":-1.5e+3,
  "_initiator":{"stack":[{"a":"\"]}"},[],{}],"b\\":"\\\\\""},
  "request":{"method":"GET","url":"https:\/\/x\/a?b=\u00e9\ud83d\ude00é","headers":[{"name":"a","value":"{["}]},
  "response":{"status":200,"_error":null,"headers":[],"content":{"mimeType":"a/b","text":"\\\"{}\\\\","comment":"c"}},"cache":{},"comment":"clicked \u0022Save\""},
 {"request":{"method":"GET","url":"https://x/b"},"response":{"content":{"mimeType":"a/b","text":""},"status":403}} ,
 {"request":{"url":"u"},"response":{"st\u0061tus":403,"content":{"mimeType":"a/b"}}},
 {"request":{"url":"u"},"response":{"status":200,"content":{"mimeType":"a/b","_file":"f"},"status":500}},
 {"request":{"url":"u"},"response":{"status":302,"headers":[["content-type","x/y"]],"content":{"mimeType":"","text":null}}},
 {"request":{"url":"https://x/$batch"},"response":{"status":200,"content":{"mimeType":"a/b","text":"--b\r\n\r\nHTTP/1.1 403 F\r\n\r\n{}\r\n--b--"}}},
 {"request":null,"response":{"status":301,"content":{"mimeType":"a/b"}}},{},
 null , 7,"]}", [1,{"a":"\u00e9"}] ,false,
 {"request":{},"response":{"status":"403","content":{"mimeType":"a/b"}}, "x":[true,false,null,0,-0.5E-7,""]},
 {"request":{"url":"u"},"response":{"status":200,"_failureText":null,"content":{"mimeType":"a/b","_file":"f\u0061"}}},
 {"request":{"url":"u"},"response":{"status":204,"content":{"mimeType":"a/b","text":7}},"comment":null}
 ], "pages":[]}}` + "\n"

// TestSkimTruncated cuts a capture at every byte, in other encodings at some, and puts another byte in the place of each.
func TestSkimTruncated(t *testing.T) {
	for name, capture := range map[string]string{"plain": skimmable, "small": small, "gzip": gzipped(skimmable), "utf16": utf16Text(binary.LittleEndian, skimmable)} {
		step := 1
		if name == "gzip" || name == "utf16" {
			step = 7
		}
		for n := 0; n <= len(capture); n += step {
			skimmed, strict := readBoth(piped([]byte(capture[:n])), har.Options{})
			if diff := difference(skimmed, strict); diff != "" {
				t.Fatalf("%s cut at %d: %s", name, n, diff)
			}
		}
	}
	const others = "\"\\{],\x00a"
	for i := range skimmable {
		for _, c := range []byte{others[i%len(others)], others[i/len(others)%len(others)]} {
			damaged := []byte(skimmable)
			damaged[i] = c
			skimmed, strict := readBoth(piped(damaged), har.Options{})
			if diff := difference(skimmed, strict); diff != "" && !passedOver(skimmed, strict, har.Options{}) {
				t.Fatalf("%q at %d: %s", c, i, diff)
			}
		}
	}
}

// TestSkimChunks: it does not matter in what pieces a capture arrives.
func TestSkimChunks(t *testing.T) {
	var large bytes.Buffer
	if err := generate(&large, 1<<20); err != nil {
		t.Fatal(err)
	}
	_, want := readBoth(piped([]byte(skimmable)), har.Options{})
	_, wantLarge := readBoth(piped(large.Bytes()), har.Options{})
	for size := 1; size <= 97; size++ {
		for _, test := range []struct {
			capture []byte
			want    reading
		}{{[]byte(skimmable), want}, {large.Bytes(), wantLarge}} {
			if len(test.capture) > 1<<16 && size%16 != 1 {
				continue
			}
			sources, err := har.Open("-", &pieces{bytes.NewReader(test.capture), size})
			got := reading{err: err}
			for _, s := range sources {
				for e, err := range s.Entries(har.Options{}) {
					if got.err = err; err == nil {
						got.entries = append(got.entries, e)
					}
				}
				got.infos = append(got.infos, s.Info())
			}
			if diff := difference(got, test.want); diff != "" {
				t.Fatalf("in pieces of %d: %s", size, diff)
			}
		}
	}
}

// pieces reads a few bytes at a time.
type pieces struct {
	r    io.Reader
	size int
}

func (p *pieces) Read(b []byte) (int, error) { return p.r.Read(b[:min(len(b), p.size)]) }

// TestSkimFailing: a reader that fails is told of as ever.
func TestSkimFailing(t *testing.T) {
	for n := range len(skimmable) {
		skimmed, strict := readBoth(func() ([]*har.Source, error) {
			return har.Open("-", io.MultiReader(strings.NewReader(skimmable[:n]), iotest.ErrReader(errors.New("disk on fire"))))
		}, har.Options{})
		if diff := difference(skimmed, strict); diff != "" {
			t.Fatalf("failing at %d: %s", n, diff)
		}
	}
}

// TestSkimLarge reads entries that no window holds, from a file, which can be read again, and from a pipe.
func TestSkimLarge(t *testing.T) {
	body := strings.Repeat(`\"0123456789\\`, 200_000)
	entry := func(status int, url string) string {
		return fmt.Sprintf(`{"request":{"method":"GET","url":%q},"response":{"status":%d,"content":{"text":"%s","mimeType":"a/b"}},"startedDateTime":"2025-11-18T09:31:02Z"}`, url, status, body)
	}
	whole := `{"log":{"entries":[` + entry(200, "https://x/a") + ",\n" + entry(403, "https://x/b") + "," + entry(200, "https://x/wanted") + `,{},` + entry(200, "https://x/c")
	o := har.Options{Body: func(_, url string) bool { return url == "https://x/wanted" }}
	for name, end := range map[string]string{"whole": `]}}`, "cut": "", "damaged": `,{"a":}]}}`, "damaged inside": `,{"b":"` + body + "\n" + body + `"}]}}`} {
		path := write(t, name+".har", whole+end)
		for _, open := range []func() ([]*har.Source, error){piped([]byte(whole + end)), func() ([]*har.Source, error) { return har.Open(path, nil) }} {
			skimmed, strict := readBoth(open, o)
			if diff := difference(skimmed, strict); diff != "" || len(strict.entries) != 5 {
				t.Errorf("%s: %d entries, %.500s", name, len(strict.entries), diff)
			}
		}
	}
}

// TestSkimSplit reads files that are large enough for two processors, among them ones that mislead about where entries
// begin and ones that break off.
func TestSkimSplit(t *testing.T) {
	entry := func(i, status int, body string) string {
		return fmt.Sprintf(`{"request":{"method":"GET","url":"https://x/%d"},"response":{"status":%d,"content":{"text":"%s","mimeType":"a/b"}},"x":[{},
{"deeper":%[1]d},
{}]}`, i, status, body)
	}
	var list []string
	for i := range 22_000 {
		switch {
		case i%1000 == 7:
			list = append(list, entry(i, 403, "refused"))
		case i%3000 == 2999:
			list = append(list, []string{"null", "[\n{},\n{}]", `"}"`, "-1e5"}[i/3000%4])
		case i == 10_000: // longer than two sections
			list = append(list, entry(i, 200, strings.Repeat("x", 9<<20)))
		default:
			list = append(list, entry(i, 200, strings.Repeat(`\"`, 280)))
		}
	}
	entries := len(list) - len(list)/3000 // the others are none
	whole := `{"log":{"entries":[` + strings.Join(list, ",\n")
	for name, end := range map[string]string{"whole": "\n],\n\"pages\":[]}}", "cut": "", "damaged": ",\n{]"} {
		t.Run(name, func(t *testing.T) {
			path := write(t, name+".har", whole+end)
			skimmed, strict := readBoth(func() ([]*har.Source, error) { return har.Open(path, nil) }, har.Options{})
			if diff := difference(skimmed, strict); diff != "" || len(strict.entries) != entries {
				t.Errorf("%d of %d entries, %.500s", len(strict.entries), entries, diff)
			}
			sources, err := har.Open(path, nil)
			if err != nil {
				t.Fatal(err)
			}
			n := 0
			for range sources[0].Entries(har.Options{}) {
				if n++; n == entries/2 {
					break
				}
			}
		})
	}
}

// TestSkimOdd: an element that is no entry does not leave the rest to the slow reader, which would see the missing comma.
func TestSkimOdd(t *testing.T) {
	skimmed, strict := readBoth(piped([]byte(`{"log":{"entries":[{},null,{"x":[1 2],"request":{"url":"u"},"response":{"status":200,"content":{"mimeType":"a/b"}}}]}}`)), har.Options{})
	if skimmed.err != nil || len(skimmed.entries) != 2 || skimmed.infos[0].Problem != "entry 1 is not an object" || strict.err == nil {
		t.Errorf("%+v, %v; strict %v", skimmed.infos, skimmed.err, strict.err)
	}
}

// unseen are the cases of a JSON test suite that are no JSON and are not noticed inside a value that is passed over.
// All are left to --strict: commas and colons, numbers and words that are misspelled, and escapes.
const unseen = `
n_array_1_true_without_comma
n_array_colon_instead_of_comma
n_array_comma_after_close
n_array_comma_and_number
n_array_double_comma
n_array_double_extra_comma
n_array_extra_comma
n_array_inner_array_no_comma
n_array_items_separated_by_semicolon
n_array_just_comma
n_array_just_minus
n_array_missing_value
n_array_number_and_comma
n_array_number_and_several_commas
n_incomplete_false
n_incomplete_null
n_incomplete_true
n_number_++
n_number_+1
n_number_-01
n_number_-1.0.
n_number_-2.
n_number_.-1
n_number_.2e-3
n_number_0.1.2
n_number_0.3e+
n_number_0.3e
n_number_0.e1
n_number_0_capital_E+
n_number_0_capital_E
n_number_0e+
n_number_0e
n_number_1.0e+
n_number_1.0e-
n_number_1.0e
n_number_1_000
n_number_1eE2
n_number_2.e+3
n_number_2.e-3
n_number_2.e3
n_number_9.e+
n_number_expression
n_number_invalid+-
n_number_minus_space_1
n_number_neg_int_starting_with_zero
n_number_neg_real_without_int_part
n_number_real_garbage_after_e
n_number_real_without_fractional_part
n_number_starting_with_dot
n_number_with_alpha
n_number_with_leading_zero
n_object_comma_instead_of_colon
n_object_double_colon
n_object_garbage_at_end
n_object_lone_continuation_byte_in_key_and_trailing_comma
n_object_missing_key
n_object_missing_semicolon
n_object_non_string_key
n_object_non_string_key_but_huge_number_instead
n_object_repeated_null_null
n_object_several_trailing_commas
n_object_trailing_comma
n_object_two_commas_in_a_row
n_object_unquoted_key
n_object_with_single_string
n_string_1_surrogate_then_escape_u
n_string_1_surrogate_then_escape_u1
n_string_1_surrogate_then_escape_u1x
n_string_escape_x
n_string_escaped_emoji
n_string_incomplete_escaped_character
n_string_incomplete_surrogate
n_string_incomplete_surrogate_escape_invalid
n_string_invalid-utf-8-in-escape
n_string_invalid_backslash_esc
n_string_invalid_unicode_escape
n_string_invalid_utf8_after_escape
n_string_unicode_CapitalU
n_structure_double_array
n_structure_object_with_trailing_garbage
`

// TestSkimJSON puts each case of a JSON test suite where an allowed entry can have any value.
func TestSkimJSON(t *testing.T) {
	cases, err := filepath.Glob(filepath.Join(corpus(t, "json"), "*.json"))
	if err != nil || len(cases) == 0 {
		t.Fatal("no cases", err)
	}
	var got []string
	for _, path := range cases {
		value, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for place, format := range map[string]string{
			"skipped": `{"log":{"entries":[{"request":{"url":"u","headers":[%s]},"response":{"status":200,"content":{"mimeType":"a/b"}}},{}]}}`,
			"member":  `{"log":{"entries":[{"request":{"url":"u"},"x":%s,"response":{"status":200,"content":{"mimeType":"a/b"}}},{}]}}`,
			"body":    `{"log":{"entries":[{"request":{"url":"u"},"response":{"status":200,"content":{"mimeType":"a/b","text":%s}}},{}]}}`,
			"read":    `{"log":{"entries":[{"request":{"url":%s},"response":{"status":200,"content":{"mimeType":"a/b"}}},{}]}}`,
			"status":  `{"log":{"entries":[{"request":{"url":"u"},"response":{"status":%s,"content":{"mimeType":"a/b"}}},{}]}}`,
			"refused": `{"log":{"entries":[{"request":{"url":"u","headers":[%s]},"response":{"status":403,"content":{"mimeType":"a/b"}}},{}]}}`,
			"element": `{"log":{"entries":[{},%s,{}]}}`,
		} {
			capture := bytes.Replace([]byte(format), []byte("%s"), value, 1)
			skimmed, strict := readBoth(piped(capture), har.Options{})
			diff := difference(skimmed, strict)
			switch {
			case diff == "":
			case !passedOver(skimmed, strict, har.Options{}):
				t.Errorf("%s, %s: %s", filepath.Base(path), place, diff)
			case place == "skipped":
				got = append(got, strings.TrimSuffix(filepath.Base(path), ".json"))
			}
		}
	}
	if want := strings.Fields(unseen); !slices.Equal(got, want) {
		t.Errorf("unseen:\n%s\nwant:\n%s", strings.Join(got, "\n"), unseen)
	}
}

// FuzzScan: what is read by default is what is read strictly, unless the latter breaks off at a value that the former
// passes over.
func FuzzScan(f *testing.F) {
	for _, seed := range []string{skimmable, small, skimmable + skimmable, "\xef\xbb\xbf" + small, "x({" + small[1:] + ")", `{"entries":[null,{}]}`, `{"log":{"entries":[{},[}]}`} {
		f.Add([]byte(seed), uint16(1000))
	}
	o := har.Options{Body: func(method, _ string) bool { return method == "WANTED" }}
	f.Fuzz(func(t *testing.T, capture []byte, size uint16) {
		skimmed, strict := readBoth(func() ([]*har.Source, error) {
			return har.Open("-", &pieces{bytes.NewReader(capture), int(size) + 1})
		}, o)
		if diff := difference(skimmed, strict); diff != "" && !passedOver(skimmed, strict, o) {
			t.Fatal(diff)
		}
	})
}

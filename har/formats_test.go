package har_test

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/prvgap/prvgap/har"
)

// TestMonitor checks what the samples do not.
func TestMonitor(t *testing.T) {
	text := `{"Messages":[7,null,{"name":"x"},
		{"time":"05:48:30.207","status":403,"dataSource":"https://x/api/data/v9.0/accounts","data":{}},
		{"status":"403","dataSource":"Accounts","data":{"request":{"method":"GET"}}},
		{"dataSource":"Accounts","data":{"request":{"body":"SECRET","url":"https://x/a"},"response":{"status":"403","headers":{"Content-Type":"a/b"},"body":{"error":1}}}},
		{"data":{"request":{"url":"https://x/b"},"response":{"status":200,"body":"SECRET"}}}
	],"Version":1}`
	sources, err := har.Open("-", strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for e, err := range sources[0].Entries(har.Options{}) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, fmt.Sprint(e.Index, e.Pointer, " ", e.Method, e.URL, " ", e.Status, e.MIMEType, e.Body, e.HasBody, e.Time.IsZero()))
	}
	want := `0/Messages/3 https://x/api/data/v9.0/accounts 403false true
1/Messages/4 GET 403false true
2/Messages/5 https://x/a 403a/b{"error":1}true true
3/Messages/6 https://x/b 200true true`
	if strings.Join(got, "\n") != want {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), want)
	}
	if i := sources[0].Info(); i.Entries != 4 || i.Creator != "Power Apps Monitor 1" || i.Problem != "message 0 is not an object" || !i.Complete {
		t.Errorf("%+v", i)
	}
	for text, want := range map[string]string{
		`{"Version":1,"Messages":"x"}`:  "reading -: at byte 23 (/Messages): Messages is a JSON string, not an array",
		`{"Version":1,"Messages":[{"a"`: "unexpected end of file",
		`{"Version":1,"Messages":null}`: "",
	} {
		if _, err := readBytes(t, []byte(text), har.Options{}); (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", text, err)
		}
	}
}

// TestPacked: compression and layout are told apart from one another.
func TestPacked(t *testing.T) {
	var squeezed bytes.Buffer
	z := zlib.NewWriter(&squeezed)
	_, _ = z.Write([]byte(logSeeds[2]))
	_ = z.Close()
	for format, content := range map[string]string{
		"monitor.gz": gzipped(logSeeds[2]), "monitor.zlib": squeezed.String(), "cdp.gz": gzipped(logSeeds[0]), "monitor": zipped(t, "a.json", logSeeds[2]),
		"playwright-trace": utf16Text(binary.LittleEndian, logSeeds[3]), "cdp": zipped(t, "a.log", logSeeds[1]),
	} {
		_, infos, err := readAll(write(t, "capture", content), har.Options{})
		if err != nil || infos[0].Format != format || infos[0].Entries != 1 {
			t.Errorf("%s: %+v, %v", format, infos, err)
		}
	}
	_, err := har.Open(write(t, "a.zhar", squeezed.String()[:20]+"\xff\xff\xff\xff\xff"+squeezed.String()[25:]), nil)
	if place, ok := errors.AsType[*har.Error](err); !ok || place.Hint == "" {
		t.Error(err)
	}
}

// archived makes a Fiddler archive of one session.
func archived(t *testing.T, request, response string) []byte {
	t.Helper()
	return []byte(zipped(t, "raw/007_c.txt", request, "raw/007_s.txt", response))
}

// TestFiddler checks the messages that the sample does not have.
func TestFiddler(t *testing.T) {
	chunks := "Transfer-Encoding: chunked\r\n"
	for name, test := range map[string]struct{ request, response, want string }{
		"address of its own":    {"GET https://x/a HTTP/1.1\r\nHost: y\r\n\r\n", "HTTP/1.1 403 F\r\nContent-Type: a/b\r\n\r\nbody", "GET https://x/a 403 a/b body"},
		"path alone":            {"GET /a?b HTTP/1.1\r\nhost: x\r\n\r\n", "HTTP/2 403\r\n\r\nbody", "GET https://x/a?b 403  body"},
		"tunnel":                {"CONNECT x:443 HTTP/1.1\r\n\r\n", "HTTP/1.1 200 C\r\n\r\nunwanted", "CONNECT https://x:443 200  +"},
		"line feeds":            {"GET https://x/a HTTP/1.1\n\n", "HTTP/1.1 403 F\nA: b\n\nbody", "GET https://x/a 403  body"},
		"no body":               {"GET https://x/a HTTP/1.1\r\n\r\n", "HTTP/1.1 403 F\r\n\r\n", "GET https://x/a 403  "},
		"no answer":             {"GET https://x/a HTTP/1.1\r\n\r\n", "", "GET https://x/a 0  "},
		"no HTTP":               {"nonsense", "nonsense\r\n\r\n", "nonsense  0  "},
		"chunks":                {"GET https://x/a HTTP/1.1\r\n\r\n", "HTTP/1.1 403 F\r\n" + chunks + "\r\n2;x=y\r\nbo\r\n2\r\ndy\r\n0\r\n\r\n", "GET https://x/a 403  body"},
		"chunks, joined":        {"GET https://x/a HTTP/1.1\r\n\r\n", "HTTP/1.1 403 F\r\n" + chunks + "\r\n{\"a\":1}", `GET https://x/a 403  {"a":1}`},
		"chunks, cut":           {"GET https://x/a HTTP/1.1\r\n\r\n", "HTTP/1.1 403 F\r\n" + chunks + "\r\n2\r\nbo\r\nff\r\ndy", "GET https://x/a 403  body"},
		"gzip":                  {"GET https://x/a HTTP/1.1\r\n\r\n", "HTTP/1.1 403 F\r\ncontent-encoding: GZIP\r\n\r\n" + gzipped("body"), "GET https://x/a 403  body"},
		"gzip twice":            {"GET https://x/a HTTP/1.1\r\n\r\n", "HTTP/1.1 403 F\r\ncontent-encoding: gzip, gzip\r\n\r\n" + gzipped(gzipped("body")), "GET https://x/a 403  body"},
		"gzip, decoded already": {"GET https://x/a HTTP/1.1\r\n\r\n", "HTTP/1.1 403 F\r\ncontent-encoding: gzip\r\n\r\nbody", "GET https://x/a 403  body"},
		"br, decoded already":   {"GET https://x/a HTTP/1.1\r\n\r\n", "HTTP/1.1 403 F\r\ncontent-encoding: br\r\n\r\n{\"error\":{}}", `GET https://x/a 403  {"error":{}}`},
		"zstd, decoded already": {"GET https://x/a HTTP/1.1\r\n\r\n", "HTTP/1.1 403 F\r\ncontent-encoding: zstd\r\n\r\n{}", "GET https://x/a 403  {}"},
		"deflate, no such":      {"GET https://x/a HTTP/1.1\r\n\r\n", "HTTP/1.1 403 F\r\ncontent-encoding: deflate\r\n\r\n{\"error\":{}}", `GET https://x/a 403  {"error":{}}`},
		"not UTF-8":             {"GET https://x/\xff HTTP/1.1\r\n\r\n", "HTTP/1.1 403 F\r\nContent-Type: \xff\r\n\r\n\xff", "GET https://x/\uFFFD 403 \uFFFD \uFFFD"},
		"long fields":           {"GET https://x/a HTTP/1.1\r\nCookie: " + strings.Repeat("SECRET", 20_000) + "\r\n\r\n", "HTTP/1.1 403 F\r\n\r\nbody", "GET https://x/a 403  body"},
	} {
		entries, err := readBytes(t, archived(t, test.request, test.response), har.Options{})
		if err != nil || len(entries) != 1 {
			t.Errorf("%s: %v, %v", name, entries, err)
			continue
		}
		e := entries[0]
		got := fmt.Sprintf("%s %s %d %s %s", e.Method, e.URL, e.Status, e.MIMEType, e.Body)
		if e.HasBody && e.Body == "" {
			got += "+"
		}
		if got != test.want || e.Pointer != "raw/007_s.txt" {
			t.Errorf("%s:\ngot  %q at %s\nwant %q", name, got, e.Pointer, test.want)
		}
	}
}

// TestFiddlerOrder: sessions come by their numbers, whatever order and form the archive has them in.
func TestFiddlerOrder(t *testing.T) {
	capture := zipped(t, "a.txt", "", `raw\10_c.txt`, "GET https://x/10 HTTP/1.1\r\n\r\n", "Raw/9_C.TXT", "GET https://x/9 HTTP/1.1\r\n\r\n",
		"raw/2_s.txt", "HTTP/1.1 403 F\r\n\r\nbody", "raw/3_m.xml", "<Session/>", "raw/2_m.xml", "<broken")
	entries, infos, err := readAll(write(t, "a.saz", capture), har.Options{})
	if err != nil || len(entries) != 3 || infos[0].Entries != 3 {
		t.Fatal(entries, infos, err)
	}
	for i, want := range []string{"raw/2_s.txt ", "Raw/9_C.TXT https://x/9", "raw/10_c.txt https://x/10"} {
		if got := entries[i].Pointer + " " + entries[i].URL; got != want || entries[i].Index != i {
			t.Errorf("%d: %s, want %s", entries[i].Index, got, want)
		}
	}
}

// TestFiddlerDamage: a damaged session is told at the end; the others are read. One that is encrypted cannot be.
func TestFiddlerDamage(t *testing.T) {
	whole, err := os.ReadFile(logFolder + "fiddler.saz")
	if err != nil {
		t.Fatal(err)
	}
	told := 0
	for at := 0; at < len(whole); at += 97 {
		capture := bytes.Clone(whole)
		capture[at] ^= 0x55
		entries, err := readBytes(t, capture, har.Options{})
		place, ok := errors.AsType[*har.Error](err)
		if err != nil && !ok {
			t.Fatal(err)
		}
		if ok && strings.HasPrefix(place.Pointer, "raw/") {
			if told++; entries[len(entries)-1].Index != 9 || place.Hint == "" || !strings.HasPrefix(err.Error(), "reading -: raw/") {
				t.Errorf("byte %d: %d entries, %v", at, len(entries), err)
			}
		}
	}
	if told == 0 {
		t.Error("no damage was told")
	}
	locked := bytes.ReplaceAll(archived(t, "GET https://x/a HTTP/1.1\r\n\r\n", ""), []byte("PK\x01\x02\x14\x00\x14\x00\x08"), []byte("PK\x01\x02\x14\x00\x14\x00\x09"))
	if _, err := readBytes(t, locked, har.Options{}); err == nil || !strings.Contains(err.Error(), "encrypted") {
		t.Error(err)
	}
	if _, err := readBytes(t, archived(t, "GET https://x/a HTTP/1.1\r\nA: "+strings.Repeat("a", 2<<20), ""), har.Options{}); err == nil || !strings.Contains(err.Error(), "header of more than") {
		t.Error(err)
	}
}

// TestFiddlerBomb: a small file that unpacks to a large body does not fill the memory.
func TestFiddlerBomb(t *testing.T) {
	if testing.Short() {
		t.Skip("unpacks much")
	}
	bomb := gzipped(strings.Repeat("a", 80<<20))
	entries, err := readBytes(t, archived(t, "GET https://x/a HTTP/1.1\r\n\r\n", "HTTP/1.1 403 F\r\ncontent-encoding: gzip\r\n\r\n"+bomb), har.Options{})
	if err != nil || len(entries) != 1 || len(entries[0].Body) != 64<<20 {
		t.Error(len(entries), err)
	}
}

// TestTraceFolder: an unpacked trace finds its bodies, and no file outside of the folder for them.
func TestTraceFolder(t *testing.T) {
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "resources"), 0o700); err != nil {
		t.Fatal(err)
	}
	var lines strings.Builder
	names := []string{"a.json", "../secret.json", "absent", "", `..\\secret.json`}
	for _, name := range names {
		lines.WriteString(strings.Replace(logSeeds[3], "a.json", name, 1) + "\n")
	}
	lines.WriteString(`{"type":"context-options"}` + "\n" + `{"type":"resource-snapshot","snapshot":null}`)
	for name, content := range map[string]string{"secret.json": "SECRET", "resources/a.json": "refusal", "0-trace.network": lines.String()} {
		if err := os.WriteFile(filepath.Join(dir, filepath.FromSlash(name)), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	entries, infos, err := readAll(dir, har.Options{})
	if err != nil || len(entries) != len(names) || infos[0].Format != "playwright-trace" {
		t.Fatal(entries, infos, err)
	}
	for i, e := range entries {
		if want := map[bool]string{true: "refusal"}[i == 0]; e.Body != want || e.HasBody != (want != "") || e.Pointer != fmt.Sprintf("line %d", 2*i+1) {
			t.Errorf("%s: %+v", names[i], e)
		}
	}
}

// FuzzMessage: no bytes within the messages of a session make the reader panic.
func FuzzMessage(f *testing.F) {
	f.Add("POST https://x/$batch HTTP/1.1\r\n\r\n--a", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Encoding: gzip, br\r\n\r\n2\r\n--\r\n0\r\n\r\n", "<Session/>")
	f.Add("CONNECT x:443 HTTP/1.1\n\n", "HTTP/1.1 403\ncontent-encoding: deflate, zstd\n\nbody", `<Session><SessionTimers ClientBeginRequest="2026-11-20T10:02:00"/></Session>`)
	f.Fuzz(func(t *testing.T, request, response, meta string) {
		sources, err := har.Open("-", strings.NewReader(zipped(t, "raw/1_c.txt", request, "raw/1_s.txt", response, "raw/1_m.xml", meta)))
		if err != nil {
			t.Fatal(err)
		}
		checkStream(t, sources[0])
	})
}

package har_test

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/prvgap/prvgap/har"
)

// Messages of the DevTools protocol.

func sent(id, url string) string {
	return `{"method":"Network.requestWillBeSent","params":{"request":{"method":"GET","url":"` + url + `"},"requestId":"` + id + `","wallTime":1795166000.25}}`
}

func received(id string, status int) string {
	return fmt.Sprintf(`{"params":{"requestId":"%s","response":{"url":"https://x/late","status":%d,"mimeType":"application/json"}},"method":"Network.responseReceived"}`, id, status)
}

func finished(id string) string {
	return `{"method":"Network.loadingFinished","params":{"requestId":"` + id + `"}}`
}

func failed(id, why string) string {
	return `{"method":"Network.loadingFailed","params":{"requestId":"` + id + `","errorText":"` + why + `"}}`
}

func asks(command int, id string) string {
	return fmt.Sprintf(`{"id":%d,"method":"Network.getResponseBody","params":{"requestId":"%s"}}`, command, id)
}

func gives(command int, body string) string {
	return fmt.Sprintf(`{"id":%d,"result":{"body":"%s","base64Encoded":false}}`, command, body)
}

// logSeeds are small logs of each kind, also for fuzzing.
var logSeeds = []string{
	strings.Join([]string{sent("1", "https://x/a"), received("1", 403), finished("1"), asks(7, "1"), gives(7, "b")}, "\n"),
	`[{"message":"{\"message\":` + strings.ReplaceAll(sent("1", "https://x/a"), `"`, `\"`) + `}"},{"message":` + received("1", 403) + `}]`,
	`{"Version":2,"Messages":[{"time":1,"data":{"request":{"url":"https://x/$batch","body":"--a"},"response":{"status":403,"headers":{},"body":"b"}}}]}`,
	`{"type":"resource-snapshot","snapshot":{"request":{"url":"u"},"response":{"status":403,"content":{"_sha1":"a.json"}}}}` + "\n",
}

var protocols = []struct {
	name     string
	messages []string
	want     []string // entries as index, method, path, status, body, error
}{
	{"body", []string{sent("1", "https://x/a"), received("1", 403), finished("1"), asks(7, "1"), gives(7, "refusal")}, []string{"0 GET /a 403 refusal"}},
	{"body before the end", []string{sent("1", "https://x/a"), received("1", 403), asks(7, "1"), gives(7, "refusal"), finished("1")}, []string{"0 GET /a 403 refusal"}},
	{"body of an allowed one", []string{sent("1", "https://x/a"), received("1", 200), finished("1"), asks(7, "1"), gives(7, "private")}, []string{"0 GET /a 200"}},
	{"order", []string{sent("1", "https://x/a"), sent("2", "https://x/b"), received("2", 200), finished("2"), received("1", 200), finished("1")}, []string{"0 GET /a 200", "1 GET /b 200"}},
	{"no end", []string{sent("1", "https://x/a"), sent("2", "https://x/b"), received("2", 403)}, []string{"0 GET /a 0", "1 GET /b 403"}},
	{"began later", []string{received("1", 403), finished("1"), finished("9"), asks(7, "1"), gives(7, "refusal"), gives(8, "?")}, []string{"0  /late 403 refusal"}},
	{"failed", []string{sent("1", "https://x/a"), failed("1", "net::ERR_FAILED")}, []string{"0 GET /a 0 net::ERR_FAILED"}},
	{"hidden by CORS", []string{
		sent("1", "https://x/a"), `{"method":"Network.responseReceivedExtraInfo","params":{"requestId":"1","statusCode":403,"headers":{"set-cookie":"SECRET"}}}`,
		failed("1", "net::ERR_FAILED"),
	}, []string{"0 GET /a 403 net::ERR_FAILED"}},
	{"redirect", []string{
		sent("1", "https://x/a"),
		strings.Replace(sent("1", "https://x/b"), `"params":{`, `"params":{"redirectResponse":{"status":307,"headers":{}},`, 1), received("1", 200), finished("1"),
	}, []string{"0 GET /a 307", "1 GET /b 200"}},
	{"cached again", []string{sent("1", "https://x/a"), received("1", 200), finished("1"), sent("1", "https://x/a"), received("1", 200), finished("1")}, []string{"0 GET /a 200", "1 GET /a 200"}},
	{"asked again", []string{sent("1", "https://x/a"), received("1", 403), finished("1"), sent("1", "https://x/a"), received("1", 200), finished("1")}, []string{"0 GET /a 403", "1 GET /a 200"}},
	{"sessions", []string{
		strings.Replace(sent("1", "https://x/a"), "{", `{"sessionId":"A",`, 1), strings.Replace(sent("1", "https://x/b"), "{", `{"sessionId":"B",`, 1),
		strings.Replace(received("1", 403), "{", `{"sessionId":"B",`, 1),
	}, []string{"0 GET /a 0", "1 GET /b 403"}},
	{"data", []string{sent("1", "data:text/plain,SECRET"), sent("2", "https://x/b"), received("2", 204), finished("2")}, []string{"0 GET /b 204"}},
	{"command with its result", []string{
		sent("1", "https://x/a"), received("1", 403), finished("1"),
		`{"id":7,"method":"Network.getResponseBody","params":{"requestId":"1"},"result":{"body":"cmVmdXNhbA==","base64Encoded":true}}`,
	}, []string{"0 GET /a 403 refusal"}},
	{"chrome-har", []string{sent("1", "https://x/a"), strings.Replace(received("1", 403), `"status"`, `"body":"refusal","status"`, 1), finished("1")}, []string{"0 GET /a 403 refusal"}},
	{"odd messages", []string{
		sent("1", "https://x/a"), `7`, `{}`, `{"method":"Network.loadingFinished"}`, `{"message":"console text"}`, `{"message":"{\"broken\":"}`, `{"id":1,"result":{}}`,
		`{"method":"Network.requestWillBeSent","params":null}`, `{"method":"Page.loadEventFired","params":{"requestId":"1"}}`, received("1", 403),
	}, []string{"0 GET /a 403"}},
	{"other bodies", []string{
		sent("1", "https://x/a"), received("1", 403), finished("1"), asks(7, "1"), `{"id":7,"error":{"code":-32000}}`, `{"id":7,"result":{"body":"late"}}`,
	}, []string{"0 GET /a 403"}},
}

// TestProtocol reads the same messages as lines, as an array, and wrapped as ChromeDriver does.
func TestProtocol(t *testing.T) {
	for _, test := range protocols {
		wrapped := make([]string, len(test.messages))
		for i, m := range test.messages {
			wrapped[i] = fmt.Sprintf(`{"level":"INFO","message":%q}`, `{"message":`+m+`,"webview":"W"}`)
		}
		for form, text := range map[string]string{
			"lines": strings.Join(test.messages, "\n"), "array": "[" + strings.Join(test.messages, ",\n") + "]",
			"wrapped": "[" + strings.Join(wrapped, ",") + "]", "wrapped lines": strings.Join(wrapped, "\r\n\r\n") + "\n",
		} {
			if strings.HasPrefix(form, "wrapped") && (test.name == "sessions" || test.name == "odd messages" || strings.Contains(test.name, "bod") || test.name == "began later") {
				continue // a wrapper holds events only
			}
			entries, err := readBytes(t, []byte(text), har.Options{})
			if err != nil {
				t.Fatalf("%s, %s: %v", test.name, form, err)
			}
			var got []string
			for _, e := range entries {
				got = append(got, strings.TrimRight(fmt.Sprintf("%d %s %s %d %s", e.Index, e.Method, strings.TrimPrefix(e.URL, "https://x"), e.Status, e.Body+e.Error), " "))
				if e.Method != "" && e.Time.UTC().Format("2006-01-02 15:04:05.00") != "2026-11-20 09:13:20.25" {
					t.Errorf("%s: time %v", test.name, e.Time)
				}
			}
			if !slices.Equal(got, test.want) {
				t.Errorf("%s, %s:\ngot  %q\nwant %q", test.name, form, got, test.want)
			}
		}
	}
}

// TestProtocolBatch: the boundary is in a header of the answer, the methods are in the text that was posted.
func TestProtocolBatch(t *testing.T) {
	post := strings.ReplaceAll("--q\n\nDELETE c(1) HTTP/1.1\n\n--q--", "\n", `\r\n`)
	reply := strings.ReplaceAll("preamble\n--b\nContent-Type: application/http\n\nHTTP/1.1 403 Forbidden\n\n{}\n--b--", "\n", `\r\n`)
	for _, posted := range []string{`"postData":"` + post + `"`, `"postDataEntries":[{"bytes":"` + encoded("--q\n\nDELETE c(1) HTTP/1.1\n\n--q--") + `"}]`} {
		text := strings.Join([]string{
			strings.Replace(sent("1", "https://x/api/$batch"), `"url"`, posted+`,"url"`, 1),
			strings.Replace(received("1", 200), `"status"`, `"headers":{"Content-Type":"multipart/mixed; boundary=b"},"status"`, 1),
			finished("1"), asks(7, "1"), gives(7, reply),
		}, "\n")
		entries, err := readBytes(t, []byte(text), har.Options{})
		if err != nil || len(entries) != 2 || entries[0].Parts != 1 || entries[1].Method != "DELETE" || entries[1].Status != 403 || entries[1].Body != "{}" || entries[1].Pointer != "line 1" {
			t.Errorf("%+v, %v", entries, err)
		}
	}
}

// TestProtocolBounds: requests that never end are handed over once they are too many, in their order, none twice.
func TestProtocolBounds(t *testing.T) {
	var b strings.Builder
	const n = 70_000
	for i := range n {
		fmt.Fprintf(&b, "%s\n%s\n", sent(fmt.Sprint(i), fmt.Sprintf("https://x/%d", i)), received(fmt.Sprint(i), 403))
	}
	entries, err := readBytes(t, []byte(b.String()), har.Options{})
	if err != nil || len(entries) != n {
		t.Fatal(len(entries), err)
	}
	for i, e := range entries {
		if e.Index != i || e.URL != fmt.Sprintf("https://x/%d", i) || e.Status != 403 {
			t.Fatalf("%d: %+v", i, e)
		}
	}
}

// TestProtocolStop: a consumer may stop at any entry, also among those that are left at the end.
func TestProtocolStop(t *testing.T) {
	text := strings.Join([]string{sent("1", "https://x/a"), received("1", 200), finished("1"), sent("2", "https://x/b"), sent("3", "https://x/c")}, "\n")
	for limit := 1; limit <= 2; limit++ {
		sources, err := har.Open("-", strings.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		for range sources[0].Entries(har.Options{}) {
			if n++; n == limit {
				break
			}
		}
		if n != limit || sources[0].Info().Complete {
			t.Errorf("%d of %d: %+v", n, limit, sources[0].Info())
		}
	}
}

// TestDeepLog: nesting without end is read past, from a pipe too, and a NUL tail is told.
func TestDeepLog(t *testing.T) {
	deep := strings.Repeat("[", 20_000) + strings.Repeat("]", 20_000)
	text := strings.Join([]string{sent("1", "https://x/a"), `{"method":"Debugger.x","params":` + deep + `}`, received("1", 403), finished("1")}, "\n") + "\x00\x00"
	sources, err := har.Open("-", strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	checkStream(t, sources[0])
	if i := sources[0].Info(); i.Entries != 1 || !strings.HasPrefix(i.Problem, "NUL bytes") {
		t.Errorf("%+v", i)
	}
}

// TestCorpusLogs reads the two logs of the collection that are no HAR.
func TestCorpusLogs(t *testing.T) {
	dir := corpus(t, "har")
	entries, infos, err := readAll(filepath.Join(dir, "chrome-har__perflog_missing-response.json"), har.Options{})
	statuses := map[int]int{}
	for _, e := range entries {
		statuses[e.Status]++
	}
	if err != nil || len(entries) != 91 || infos[0].Format != "cdp" || statuses[200] < 60 || statuses[403] != 0 {
		t.Errorf("%d entries, statuses %v, %+v, %v", len(entries), statuses, infos, err)
	}
	entries, infos, err = readAll(filepath.Join(dir, "PowerAppsTraceEvents__sawansolanki.json"), har.Options{})
	if err != nil || len(entries) != 0 || infos[0].Creator != "Power Apps Monitor 2" || !strings.Contains(infos[0].Problem, "no network request") {
		t.Errorf("%d entries, %+v, %v", len(entries), infos, err)
	}
}

package har_test

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/prvgap/prvgap/har"
)

const batchURL = "https://contoso.crm4.dynamics.com/api/data/v9.0/$batch"

// part is one part of a response in the form that Dataverse gives it; id is its Content-ID or "".
func part(boundary, id, status, body string) string {
	if id != "" {
		id = "Content-ID: " + id + "\n"
	}
	return "--" + boundary + "\nContent-Type: application/http\nContent-Transfer-Encoding: binary\n" + id +
		"\nHTTP/1.1 " + status + "\nContent-Type: application/json; odata.metadata=minimal\n\n" + body + "\n"
}

// asked is one part of a request.
func asked(boundary, id, line string) string {
	if id != "" {
		id = "Content-ID: " + id + "\n"
	}
	return "--" + boundary + "\nContent-Type: application/http\n" + id + "\n" + line + " HTTP/1.1\nAccept: application/json\n\n"
}

// set opens a change set.
func set(boundary, inner string) string {
	return "--" + boundary + "\nContent-Type: multipart/mixed; boundary=\"" + inner + "\"\n\n"
}

// short renders a part for comparison, without what all URLs begin with.
func short(e har.Entry) string {
	url := strings.TrimPrefix(e.URL, strings.TrimSuffix(batchURL, "$batch"))
	return strings.TrimSpace(fmt.Sprintf("%s %s %d %s", e.Method, url, e.Status, e.Body))
}

var batches = []struct {
	name, contentType, response, request string
	want                                 []string
}{
	{
		"plain", "multipart/mixed; boundary=b", "a preamble\n" + part("b", "", "200 OK", "{}") + part("b", "", "403 Forbidden", "no") + "--b--\nan epilogue\n--b\nmore",
		asked("q", "", "GET accounts") + asked("q", "", "GET contacts") + "--q--",
		[]string{"GET accounts 200", "GET contacts 403 no"},
	},
	{"no request", "", part("b", "", "403 Forbidden", "no") + "--b--", "", []string{"$batch 403 no"}},
	{"boundary quoted", `multipart/mixed; Boundary="a b"; charset=x`, part("a b", "", "403 F", "no") + "--a b--", "", []string{"$batch 403 no"}},
	{"boundary stated wrongly", "multipart/mixed; boundary=other", part("b", "", "403 F", "no") + "--b--", "", []string{"$batch 403 no"}},
	{"closing delimiter missing", "", part("b", "", "403 F", "no"), "", []string{"$batch 403 no"}},
	{"cut in a body", "", part("b", "", "200 OK", "{}") + "--b\n\nHTTP/1.1 403 F\n\n{\"err", "", []string{"$batch 200", `$batch 403 {"err`}},
	{"cut in a delimiter", "", part("boundary", "", "403 F", "no") + "--bound", "", []string{"$batch 403 no"}},
	{"cut in a header", "", part("b", "", "403 F", "no") + "--b\nContent-Ty", "", []string{"$batch 403 no", "$batch 0"}},
	{"cut after a delimiter", "", part("b", "", "403 F", "no") + "--b\n", "", []string{"$batch 403 no"}},
	{"no blank line before the status line", "", "--b\nContent-Type: application/http\nHTTP/2 403\n\nno\n--b--", "", []string{"$batch 403 no"}},
	{"no header before the status line", "", "--b\nHTTP/1.1 403 F\n\nno\n--b--", "", []string{"$batch 403 no"}},
	{"no blank line before the body", "", "--b\n\nHTTP/1.1 403 F\nA: b\n{\"error\":1}\n--b--", "", []string{`$batch 403 {"error":1}`}},
	{"blanks after the delimiter", "", "--b \n\nHTTP/1.1 403 F\n\nno\n--b-- \n", "", []string{"$batch 403 no"}},
	{"text like a delimiter", "multipart/mixed;boundary=b", part("b", "", "403 F", "one\n--bc\n-- b\n --b\n--b-\ntwo") + "--b--", "", []string{"$batch 403 one\n--bc\n-- b\n --b\n--b-\ntwo"}},
	{"no body", "", part("b", "", "204 No Content", "") + part("b", "", "403 F", "") + "--b--", "", []string{"$batch 204", "$batch 403"}},
	{"status not plausible", "", part("b", "", "40x F", "") + "--b--", "", []string{"$batch 0"}},
	{
		"change set", "", part("b", "", "200 OK", "") + set("b", "c") + part("c", "1", "204 N", "") + part("c", "2", "204 N", "") + "--c--\n" + part("b", "", "403 F", "no") + "--b--",
		asked("q", "", "GET a") + set("q", "r") + asked("r", "1", "POST b") + asked("r", "2", "PATCH $1/c") + "--r--\n" + asked("q", "", "GET d") + "--q--",
		[]string{"GET a 200", "POST b 204", "PATCH $1/c 204", "GET d 403 no"},
	},
	{
		"change set without Content-ID", "", set("b", "c") + part("c", "", "204 N", "") + part("c", "", "204 N", "") + "--c--\n--b--",
		set("q", "r") + asked("r", "", "POST b") + asked("r", "", "POST c") + "--r--\n--q--",
		[]string{"POST b 204", "POST c 204"},
	},
	{
		"change set without closing delimiter", "", set("b", "c") + part("c", "", "204 N", "") + part("b", "", "403 F", "no") + "--b--",
		set("q", "r") + asked("r", "", "POST b") + asked("q", "", "GET c"),
		[]string{"POST b 204", "GET c 403 no"},
	},
	{"change set without content type", "", "--b\n\n" + part("c", "", "204 N", "") + "--c--\n--b--", "", []string{"$batch 204"}},
	{
		"failed change set, first request", "", part("b", "", "403 F", "no") + part("b", "", "200 OK", "") + "--b--",
		set("q", "r") + asked("r", "1", "POST a") + asked("r", "2", "POST b") + "--r--\n" + asked("q", "", "GET c") + "--q--",
		[]string{"POST a 403 no", "GET c 200"},
	},
	{
		"failed change set, by Content-ID", "", part("b", "2", "403 F", "no") + "--b--",
		set("q", "r") + asked("r", "1", "POST a") + asked("r", "2", "POST b") + "--r--\n--q--",
		[]string{"POST b 403 no"},
	},
	{
		"failed change set, inside a set", "", set("b", "c") + part("c", "2", "403 F", "no") + "--c--\n--b--",
		set("q", "r") + asked("r", "1", "POST a") + asked("r", "2", "POST b") + "--r--\n--q--",
		[]string{"POST b 403 no"},
	},
	{
		"Content-ID of two change sets", "", set("b", "c") + part("c", "1", "204 N", "") + "--c--\n" + set("b", "d") + part("d", "1", "403 F", "no") + "--d--\n--b--",
		set("q", "r") + asked("r", "1", "POST a") + "--r--\n" + set("q", "s") + asked("s", "1", "POST b") + "--s--\n--q--",
		[]string{"POST a 204", "POST b 403 no"},
	},
	{"Content-ID inside the message", "", "--b\n\nHTTP/1.1 403 F\nContent-ID: <2>\n\nno\n--b--", asked("q", "1", "GET a") + asked("q", "2", "GET b") + "--q--", []string{"GET b 403 no"}},
	{"stopped at the first refusal", "", part("b", "", "403 F", "no") + "--b--", asked("q", "", "GET a") + asked("q", "", "GET b") + "--q--", []string{"GET a 403 no"}},
	{"more replies than requests", "", part("b", "", "200 OK", "") + part("b", "", "403 F", "no") + "--b--", asked("q", "", "GET a") + "--q--", []string{"GET a 200", "$batch 403 no"}},
	{
		"URLs", "", strings.Repeat(part("b", "", "200 OK", ""), 4) + "--b--",
		asked("q", "", "GET /api/data/v9.0/a?$filter=x eq 'http://y'") + asked("q", "", "GET https://other/a") + asked("q", "", "DELETE accounts(1)") + asked("q", "", "GET /a") + "--q--",
		[]string{"GET a?$filter=x eq 'http://y' 200", "GET https://other/a 200", "DELETE accounts(1) 200", "GET https://contoso.crm4.dynamics.com/a 200"},
	},
	{
		"JSON", "application/json", `{"x":1,"responses":[{"id":"2","status":403,"headers":{"Content-Type":"a/b"},"body":{"error":{}}},{"id":"1","status":403,"body":"text"},{"id":"9","status":200}]}`,
		`{"requests":[{"id":"1","method":"GET","url":"a"},{"id":"2","method":"POST","url":"/api/data/v9.0/b","body":{}}]}`,
		[]string{`POST b 403 {"error":{}}`, "GET a 403 text", "$batch 200"},
	},
	{"JSON with numbers as id", "", `{"responses":[{"id":2,"status":"403"}]}`, `{"requests":[{"id":2,"method":"GET","url":"a"}]}`, []string{"GET a 403"}},
	{"JSON cut off", "", `{"responses":[{"id":"1","status":403,"body":"no"},{"id":"2","sta`, "", []string{"$batch 403 no"}},
	{"JSON of another kind", "", `{"error":{"code":"0x0"}}`, "", nil},
	{"text of another kind", "multipart/mixed; boundary=b", "--b\nno status line\n--b--", "", nil},
	{"HTML", "text/html", "<html>\n-- HTTP/1.1 403", "", nil},
	{"nothing", "multipart/mixed; boundary=b", "", "", nil},
	{"boundary empty", "multipart/mixed; boundary=", "--\n\nHTTP/1.1 403 F\n\nno\n----", "", nil},
}

func TestSplitBatch(t *testing.T) {
	outer := har.Entry{Index: 7, Pointer: "/log/entries/7", Offset: 99, Method: "POST", URL: batchURL, Status: 200, HasBody: true}
	for _, test := range batches {
		for _, end := range []string{"\n", "\r\n"} {
			lines := strings.NewReplacer("\n", end)
			var got []string
			for i, e := range har.SplitBatch(outer, test.contentType, lines.Replace(test.response), lines.Replace(test.request), har.Options{}) {
				if e.Index != 7 || e.Pointer != outer.Pointer || e.Offset != 99 || e.Part != i+1 || e.Parts != 0 {
					t.Errorf("%s: %+v", test.name, e)
				}
				got = append(got, strings.ReplaceAll(short(e), "\r\n", "\n"))
			}
			if !reflect.DeepEqual(got, test.want) {
				t.Errorf("%s, lines ending in %q:\ngot  %q\nwant %q", test.name, end, got, test.want)
			}
		}
	}
}

// TestBatchEntry reads batches out of captures.
func TestBatchEntry(t *testing.T) {
	reply := part("b", "", "200 OK", "yes") + part("b", "", "403 Forbidden", "no") + "--b--\n"
	posted := asked("q", "", "GET accounts") + asked("q", "", "GET contacts") + "--q--\n"
	capture := func(url string, status int, content, post string) string {
		return fmt.Sprintf(`{"log":{"entries":[{"request":{"method":"POST","url":%q,"postData":%s},"response":{"status":%d,"content":%s}}]}}`, url, post, status, content)
	}
	for _, test := range []struct{ name, capture, want string }{
		{"text", capture(batchURL, 200, `{"text":`+quoted(reply)+`}`, `{"text":`+quoted(posted)+`}`), "POST $batch 200|GET accounts 200 yes|GET contacts 403 no"},
		{"base64", capture(batchURL, 200, `{"encoding":"base64","text":"`+encoded(reply)+`"}`, `{"_encoding":"base64","text":"`+encoded(posted)+`"}`), "POST $batch 200|GET accounts 200 yes|GET contacts 403 no"},
		{"URL encoded, with query", capture("https://x/%24Batch?a=/b", 200, `{"text":`+quoted(reply)+`}`, `{"text":`+quoted(posted)+`}`), "POST https://x/%24Batch?a=/b 200|GET https://x/accounts 200 yes|GET https://x/contacts 403 no"},
		{"refused as a whole", capture(batchURL, 403, `{"text":"no"}`, `null`), "POST $batch 403 no"},
		{"refused, yet split", capture(batchURL, 403, `{"text":`+quoted(reply)+`}`, `[]`), "POST $batch 403|$batch 200|$batch 403 no"},
		{"without body", capture(batchURL, 200, `null`, `null`), "POST $batch 200"},
		{"no batch", capture("https://x/batch", 200, `{"text":`+quoted(reply)+`}`, `null`), "POST https://x/batch 200"},
	} {
		entries, err := readBytes(t, []byte(test.capture), har.Options{Body: func(_, url string) bool { return strings.HasSuffix(url, "accounts") }})
		if err != nil {
			t.Errorf("%s: %v", test.name, err)
			continue
		}
		var got []string
		for _, e := range entries {
			got = append(got, strings.TrimSpace(short(e)))
		}
		if strings.Join(got, "|") != test.want || entries[0].Parts != len(entries)-1 {
			t.Errorf("%s:\ngot  %s\nwant %s", test.name, strings.Join(got, "|"), test.want)
		}
	}
}

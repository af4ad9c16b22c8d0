package main

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/prvgap/prvgap/analyzer/report"
)

// A secret of the planted capture holds the word SECRET and the name of its place, in a form in which such secrets come.
// Members and headers that are never read hold it bare.
const (
	jwt      = "eyJhbGciOiJub25lIn0.eyJzdWIiSECRETjwt.c2lnbmF0dXJl"
	missing  = `Principal user (Id=0e9e3c45-0000-4000-8000-000000000001, type=8, roleCount=1, privilegeCount=94) is missing prvRead%s privilege`
	whoAmI   = `{"UserId":"0e9e3c45-0000-4000-8000-000000000001","BusinessUnitId":"69535865-0000-4000-8000-000000000002","token":"SECRET-whoami","name":"SECRET"}`
	theUnits = `{"value":[{"businessunitid":"69535865-0000-4000-8000-000000000002","_parentbusinessunitid_value":null,"name":"SECRET-unit","address1_line1":"SECRET"}]}`
	planted  = "https://contoso.crm4.dynamics.com"
	webAPI   = planted + "/api/data/v9.2/"
)

// secretURLs is where a URL can hold a secret.
var secretURLs = []string{
	webAPI + "leads(1)?$select=name&code=SECRETcode&sig=SECRETsig&SAMLResponse=SECRETsaml&id_token=" + jwt + "&state=SECRETstate#access_token=SECRETfragment",
	"https://me:SECRETpassword@contoso.crm4.dynamics.com/api/data/v9.2/leads",
	planted + "/(S(SECRETsession))/api/data/v9.2/leads;jsessionid=SECRETmatrix",
	webAPI + "leads?$filter=cr1_apitoken%20eq%20%27SECRETfilter%27&$skiptoken=SECRETskip&SECRETbare",
	webAPI + "leads(" + jwt + ")?$expand=x($filter=password eq 'SECRETexpand')",
	planted + "/redirect/https%3A%2F%2Fx.example%2F%3Faccess_token%3DSECRETencoded/x",
}

// secretTexts are the forms in which refusals print secrets.
var secretTexts = []string{
	"Authorization: Bearer SECRETbearer0123456789", "authorization=Basic SECRETbasic0123456789==", "Cookie: CrmOwinAuthC1=SECRETcookie; b=SECRETcookie2",
	"Set-Cookie: session=SECRETsetcookie; path=/", "the token " + jwt + " has expired", "at https://x.example/cb?code=SECRETcode&x=SECRETx#id_token=SECRETid",
	"client_secret=SECRETclient&grant_type=password&password=SECRETgrant", "DefaultEndpointsProtocol=https;AccountName=x;AccountKey=SECRETaccount==;",
	"<Password>SECRETelement</Password>", `<o:BinarySecurityToken Id="x">SECRETbinary</o:BinarySecurityToken>`, `<input type="hidden" name="SAMLResponse" value="SECRETinput"/>`,
	"Location: /callback?code=SECRETrelative&session_state=SECRETrelative2", "-----BEGIN RSA PRIVATE KEY-----\nSECRETpem\n-----END RSA PRIVATE KEY-----",
	"api-key: SECRETkey", "x-functions-key: SECRETfunction", "ocp-apim-subscription-key: SECRETapim", `password="with blanks SECRET"`, `{\"pwd\":\"with blanks SECRET\"}`, "secret='with blanks SECRET'", "pwd=SECRETpwd;Server=x",
	"SharedAccessSignature sr=x&sig=SECRETsas&se=1", "refresh_token%3DSECRETpercent%26x", "sessionid=SECRETsessionid", "state ewoJInNlY3JldCISECRETtab",
}

type object = map[string]any

// pairs is a list of headers, cookies or parameters.
func pairs(of ...string) []object {
	var list []object
	for i := 0; i+1 < len(of); i += 2 {
		list = append(list, object{"name": of[i], "value": of[i+1], "comment": "SECRET", "_x": "SECRET"})
	}
	return list
}

// refusedText is a refusal as JSON with secrets around and inside its message.
func refusedText(table, text string) string {
	deep := object{"error": object{"message": text, "password": "SECRET-deep"}}
	return asJSON(object{
		"error":        object{"code": "0x80040220", "message": fmt.Sprintf(missing, table) + ". " + text, "innererror": object{"message": asJSON(deep), "token": 4711, "_": "kept"}},
		"access_token": "SECRET", "cookies": []string{"SECRET", "SECRET"}, "session": base64.StdEncoding.EncodeToString([]byte(`{"password":"SECRET in base64"}`)),
		"request": object{"headers": []object{{"name": "Authorization", "value": "SECRET"}, {"name": "Cookie", "value": "SECRET"}}},
		"opaque":  "eyJzZXNzaW9uIjoiU0VDUkVUIiwgIm1vcmUiOiJTRUNSRVQifQ", "credentials": object{"secret": object{"value": "SECRET"}},
	})
}

// plantedEntry is a request with a secret wherever a HAR can hold one.
func plantedEntry(method, url string, status int, body, encoding string) object {
	headers := pairs("Authorization", "Bearer SECRET", "Cookie", "SECRET=SECRET", "Set-Cookie", "SECRET=SECRET", "X-Api-Key", "SECRET", "Proxy-Authorization", "Negotiate SECRET", "Location", "https://x/?code=SECRET")
	return object{
		"startedDateTime": "2026-11-20T09:14:00.000Z", "time": 5, "comment": "token=SECRET", "_custom": object{"a": []string{"SECRET"}}, "pageref": "SECRET", "connection": "SECRET",
		"serverIPAddress": "SECRET", "_securityDetails": object{"subjectName": "SECRET"}, "_priority": "SECRET",
		"_initiator":         object{"stack": object{"callFrames": []object{{"url": "https://x/?token=SECRET", "functionName": "SECRET"}}}},
		"_webSocketMessages": []object{{"type": "send", "data": "SECRET", "time": 1}},
		"request": object{
			"method": method, "url": url, "httpVersion": "SECRET", "headers": headers, "cookies": pairs("CrmOwinAuth", "SECRET"), "queryString": pairs("code", "SECRET"), "_x": "SECRET", "comment": "SECRET",
			"postData": object{"mimeType": "application/x-www-form-urlencoded", "text": "password=SECRET&SECRET", "params": pairs("password", "SECRET"), "_x": "SECRET", "comment": "SECRET"},
		},
		"response": object{
			"status": status, "statusText": "SECRET", "httpVersion": "SECRET", "headers": headers, "cookies": pairs("ESTSAUTH", "SECRET"), "redirectURL": "https://x/?code=SECRET", "_x": "SECRET",
			"_error": "net::ERR token=SECRET", "comment": "SECRET", "_transferSize": "SECRET",
			"content": object{"size": 1, "mimeType": "application/json; charset=SECRET", "text": body, "encoding": encoding, "comment": "Authorization: Bearer SECRET0123456789", "_x": "SECRET", "_sha1": "SECRET"},
		},
		"cache": object{"beforeRequest": object{"eTag": "SECRET"}, "_x": "SECRET"}, "timings": object{"comment": "SECRET"},
	}
}

// plantedBatches are $batches with secrets in the headers and bodies of their parts.
func plantedBatches() []object {
	part := func(first, more, body string) string {
		return "--b\r\nContent-Type: application/http\r\nCookie: SECRET\r\n\r\n" + first + "\r\nAuthorization: SECRET\r\nContent-Type: application/json\r\n" + more + "\r\n\r\n" + body + "\r\n"
	}
	asked := part("POST leads?code=SECRETcode HTTP/1.1", "Cookie: SECRET", `{"password":"SECRET","x":"SECRET"}`) + part("GET WhoAmI HTTP/1.1", "", "") + "--b--\r\n"
	replied := part("HTTP/1.1 403 SECRET", "Set-Cookie: SECRET", refusedText("Lead", secretTexts[0])) + part("HTTP/1.1 200 OK", "", whoAmI) + "--b--\r\n"
	multipart := plantedEntry("POST", webAPI+"$batch", 200, replied, "")
	multipart["request"].(object)["postData"] = object{"mimeType": "multipart/mixed; boundary=b", "text": asked}
	multipart["response"].(object)["content"].(object)["mimeType"] = "multipart/mixed; boundary=b"
	headers := object{"Authorization": "SECRET", "Set-Cookie": "SECRET"}
	inJSON := plantedEntry("POST", webAPI+"$batch", 200, asJSON(object{"responses": []object{
		{"id": "SECRET", "status": 403, "headers": headers, "body": json.RawMessage(refusedText("Task", secretTexts[2]))}, {"id": "2", "status": 200, "body": object{"x": "SECRET"}},
	}}), "")
	inJSON["request"].(object)["postData"] = object{"text": asJSON(object{"requests": []object{
		{"id": "SECRET", "method": "GET", "url": "tasks?sig=SECRET", "headers": headers}, {"id": "2", "method": "POST", "url": "leads", "body": "SECRET"},
	}})}
	return []object{multipart, inJSON}
}

// plantedHAR is a capture with secrets everywhere.
func plantedHAR() []byte {
	entries := plantedBatches()
	for _, u := range secretURLs {
		entries = append(entries, plantedEntry("GET", u, 403, refusedText("Lead", "so"), ""), plantedEntry("GET", u, 200, `{"x":"SECRET"}`, ""), plantedEntry("GET", u, 0, "", ""),
			plantedEntry("DELETE", u, 403, "", ""))
	}
	for _, text := range secretTexts {
		url := webAPI + "quotes"
		whole := refusedText("Quote", text)
		fault := "<s:Fault><Message>" + fmt.Sprintf(missing, "Order") + " " + strings.NewReplacer("<", "&lt;", ">", "&gt;", "&", "&amp;").Replace(text) + "</Message><Trace>" + text + "</Trace></s:Fault>"
		entries = append(entries, plantedEntry("GET", url, 403, whole, ""), plantedEntry("GET", url, 403, base64.StdEncoding.EncodeToString([]byte(whole)), "base64"),
			plantedEntry("GET", url, 403, base64.StdEncoding.EncodeToString([]byte(whole)), ""),
			plantedEntry("GET", url, 403, fmt.Sprintf(missing, "Quote")+" "+text, ""), plantedEntry("GET", url, 404, text, ""), plantedEntry("GET", url, 200, text, ""),
			plantedEntry("POST", planted+"/XRMServices/2011/Organization.svc/web", 200, "<s:Body>SECRET"+fault+"</s:Body>", ""),
			plantedEntry("POST", planted+"/XRMServices/2011/Organization.svc/web", 500, "<s:Body>"+fault+"</s:Body>", ""))
	}
	entries = append(entries, plantedEntry("GET", webAPI+"WhoAmI", 200, whoAmI, ""), plantedEntry("GET", webAPI+"businessunits", 200, theUnits, ""),
		plantedEntry("GET", webAPI+"businessunits", 200, base64.StdEncoding.EncodeToString([]byte(theUnits)), "base64"))
	capture := asJSON(object{"_x": "SECRET", "log": object{
		"version": "1.2", "comment": "SECRET", "_x": object{"SECRET": "SECRET"}, "creator": object{"name": "WebInspector", "version": "1", "comment": "SECRET", "_x": "SECRET"},
		"browser": object{"name": "Edge", "version": "1", "comment": "SECRET"}, "pages": []object{{"id": "SECRET", "title": "https://x/?code=SECRET", "comment": "SECRET", "_x": "SECRET"}},
		"entries": entries,
	}})
	return []byte(capture)
}

// leak tells where an output holds a planted secret, also in base64, "" for nowhere.
func leak(data []byte) string {
	forms := []string{"secret", "u0vduk", "nfq1jfv", "trunsrv"} // base64 at its three offsets
	lower := bytes.ToLower(data)
	for _, form := range forms {
		for at := 0; ; {
			i := bytes.Index(lower[at:], []byte(form))
			if i < 0 {
				break
			}
			at += i
			if form != "secret" || bytes.HasPrefix(data[at:], []byte("SECRET")) {
				return fmt.Sprintf("…%s…", data[max(0, at-150):min(len(data), at+40)])
			}
			at++
		}
	}
	return ""
}

// unpacked is a file as text: of archives, what is in them.
func unpacked(t *testing.T, data []byte) []byte {
	t.Helper()
	switch {
	case bytes.HasPrefix(data, zipMagic):
		z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
		if err != nil {
			t.Fatal(err)
		}
		var all []byte
		for _, f := range z.File {
			r, err := f.Open()
			if err != nil {
				t.Fatal(err)
			}
			content, err := io.ReadAll(r)
			if err != nil {
				t.Fatal(err)
			}
			all = append(append(all, f.Name+"\n"...), unpacked(t, content)...)
		}
		return all
	case bytes.HasPrefix(data, []byte("\x1f\x8b")):
		z, err := gzip.NewReader(bytes.NewReader(data))
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(z)
		if err != nil {
			t.Fatal(err)
		}
		return content
	}
	return data
}

// outputs runs a command and returns what it wrote: to its streams, and into dir.
func outputs(t *testing.T, dir, stdin string, args ...string) []byte {
	t.Helper()
	var out, errs bytes.Buffer
	run(args, streams{in: strings.NewReader(stdin), out: &out, err: &errs, version: "v0"})
	all := append(unpacked(t, out.Bytes()), errs.Bytes()...)
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		all = append(append(all, path+"\n"...), unpacked(t, data)...)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// TestNoSecrets: no secret of a capture reaches any output of any command.
func TestNoSecrets(t *testing.T) {
	capture := filepath.Join(t.TempDir(), "planted.har")
	if err := os.WriteFile(capture, plantedHAR(), 0o600); err != nil {
		t.Fatal(err)
	}
	if n := len(evidence(t, capture).Denials); n < 100 {
		t.Fatalf("only %d denials: the test looks at nothing", n)
	}
	logs, err := filepath.Glob(samples + "logs/*")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range append([]string{capture, samples + "sales-app.har"}, logs...) {
		commands := commandsOn(c)
		if c != capture { // once read, the entries of a log are like those of a HAR
			commands = [][]string{{"analyze", c, "--format", "json"}, {"redact", c, "-o", "DIR/shared.har"}}
		}
		for _, args := range commands {
			dir := t.TempDir()
			for i, a := range args {
				args[i] = strings.ReplaceAll(a, "DIR", dir)
			}
			all := outputs(t, dir, "a\n\ne\na\nx\nno\ns\nw\ny\ny\nq\n", args...)
			if len(all) == 0 {
				t.Errorf("%v wrote nothing", args)
			}
			if place := leak(all); place != "" {
				t.Errorf("%v: %s", args, place)
			}
		}
	}
	for _, text := range secretTexts {
		for _, body := range []string{refusedText("Quote", text), fmt.Sprintf(missing, "Quote") + " " + text, text} {
			if place := leak(outputs(t, t.TempDir(), body, "explain", "-")); place != "" {
				t.Errorf("explain: %s", place)
			}
		}
	}
}

// commandsOn are all the commands that read a capture; DIR stands for a folder of their own.
func commandsOn(capture string) [][]string {
	base := []string{"--base", samples + "roles/Sales Base.xml"}
	var commands [][]string
	for _, f := range report.Formats() {
		commands = append(commands, slices.Concat([]string{"analyze", capture, "--format", f, "--verbose"}, base))
	}
	for _, f := range formNames() {
		commands = append(commands, slices.Concat([]string{"patch", capture, "--form", f}, base))
	}
	commands = append(commands, slices.Concat([]string{"triage", capture, "--plain", "--session", "DIR/session.json"}, base))
	for _, flags := range [][]string{{}, {"--refused-only"}, {"--all"}, {"--refused-only", "--emails", "--names"}} {
		commands = append(commands, slices.Concat([]string{"redact", capture, "-o", "DIR/shared.har.gz"}, flags))
	}
	return commands
}

// TestReportsHoldNoSecrets: a report that somebody wrote by hand is cleaned when it is read.
func TestReportsHoldNoSecrets(t *testing.T) {
	capture := filepath.Join(t.TempDir(), "planted.har")
	if err := os.WriteFile(capture, plantedHAR(), 0o600); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	run([]string{"analyze", capture, "--format", "json"}, streams{out: &out, err: io.Discard, version: "v0"})
	quoted := strings.Trim(asJSON(strings.Join(secretTexts, "\n")), `"`)
	forged := strings.ReplaceAll(out.String(), `is missing prvReadQuote privilege`, `is missing prvReadQuote privilege `+quoted)
	if forged == out.String() {
		t.Fatal("nothing was forged")
	}
	path := filepath.Join(t.TempDir(), "report.json")
	if err := os.WriteFile(path, []byte(forged), 0o600); err != nil {
		t.Fatal(err)
	}
	if place := leak(outputs(t, t.TempDir(), "", "analyze", path, "--format", "json")); place != "" {
		t.Errorf("the report read again: %s", place)
	}
}

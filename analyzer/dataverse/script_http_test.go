package dataverse

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/prvgap/prvgap/analyzer/role"
	"github.com/prvgap/prvgap/catalog"
)

// httpClient sends the requests of a .http file as VS Code's REST Client does: variables anywhere in the file, named
// requests, references into their answers. What has no value stays as it is written.
type httpClient struct {
	t         testing.TB
	variables map[string]string
	answers   map[string]any // by name of the request
}

type httpRequest struct {
	name, method, url, body string
	header                  http.Header
}

var (
	httpVariable  = regexp.MustCompile(`^@([^\s=]+)\s*=\s*(.*?)\s*$`)
	httpName      = regexp.MustCompile(`^(?:#|//)\s*@name\s+(\w+)\s*$`)
	httpReference = regexp.MustCompile(`\{\{(.+?)\}\}`)
	httpPath      = regexp.MustCompile(`^(\w+)\.response\.body\.\$\.value\[(\d+|\?\(@\.name=='(\w+)'\))\]\.(\w+)$`)
)

func newHTTPClient(f *fakeDataverse, file string) (*httpClient, []httpRequest) {
	c := &httpClient{t: f.t, variables: map[string]string{}, answers: map[string]any{}}
	requests := c.parse(file)
	c.variables["org"], c.variables["token"] = f.server.URL, fakeToken
	f.token = fakeToken
	return c, requests
}

// parse cuts a file at lines that begin with ###.
func (c *httpClient) parse(file string) []httpRequest {
	var requests []httpRequest
	for _, region := range regexp.MustCompile(`(?m)^###.*$`).Split(file, -1) {
		r := httpRequest{header: http.Header{}}
		inBody := false
		for line := range strings.Lines(region) {
			line = strings.TrimRight(line, "\r\n")
			switch v := httpVariable.FindStringSubmatch(line); {
			case v != nil:
				c.variables[v[1]] = v[2]
			case httpName.MatchString(line):
				r.name = httpName.FindStringSubmatch(line)[1]
			case strings.HasPrefix(line, "#"), strings.HasPrefix(line, "//"):
			case inBody:
				r.body += line + "\n"
			case line == "":
				inBody = r.url != ""
			case r.url == "":
				r.method, r.url, _ = strings.Cut(line, " ")
			default:
				k, v, _ := strings.Cut(line, ": ")
				r.header.Add(k, v)
			}
		}
		if r.url != "" {
			requests = append(requests, r)
		}
	}
	return requests
}

func (c *httpClient) resolve(text string) string {
	return httpReference.ReplaceAllStringFunc(text, func(ref string) string {
		name := strings.TrimSpace(ref[2 : len(ref)-2])
		if v, ok := c.variables[name]; ok {
			return c.resolve(v)
		}
		m := httpPath.FindStringSubmatch(name)
		if m == nil {
			return ref
		}
		answer, _ := c.answers[m[1]].(map[string]any)
		rows, _ := answer["value"].([]any)
		for i, row := range rows {
			columns := row.(map[string]any)
			if m[3] != "" && columns["name"] == m[3] || m[3] == "" && m[2] == fmt.Sprint(i) {
				return fmt.Sprint(columns[m[4]])
			}
		}
		return ref
	})
}

// send gives the status and the text of an answer.
func (c *httpClient) send(r httpRequest) (int, string) {
	c.t.Helper()
	req, err := http.NewRequest(r.method, c.resolve(r.url), strings.NewReader(c.resolve(r.body)))
	if err != nil {
		c.t.Fatal(err)
	}
	for k, vs := range r.header {
		req.Header.Set(k, c.resolve(vs[0]))
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		c.t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		c.t.Fatal(err)
	}
	var answer any
	if json.Unmarshal(text, &answer) == nil && r.name != "" {
		c.answers[r.name] = answer
	}
	return res.StatusCode, string(text)
}

func (c *httpClient) sendAll(requests []httpRequest) {
	c.t.Helper()
	for _, r := range requests {
		if status, text := c.send(r); status >= 300 {
			c.t.Errorf("%s %s: %d %s", r.method, r.url, status, text)
		}
	}
}

// legalPatch asks for what the environment allows: this form cannot look and decide.
func legalPatch() role.Patch {
	p := scriptPatch()
	p.Additions = []role.Addition{
		{Privilege: "prvReadAccount", From: catalog.Basic, To: catalog.Deep, ID: "00000000-0000-4000-8000-00000000ffff"},
		{Privilege: "prvWriteAccount", To: catalog.Basic, Legal: catalog.MakeDepths(catalog.Basic, catalog.Local)},
		{Privilege: "prvReadUser", To: catalog.Local},
	}
	return p
}

func httpFileOf(t *testing.T, p role.Patch) string {
	t.Helper()
	out, err := HTTPFile(p)
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

// TestScriptHTTP replays the file, replays it again, and then its undo with the comment signs taken away.
func TestScriptHTTP(t *testing.T) {
	f := newFake(t)
	f.pageSize = 10
	before := f.depths()
	file := httpFileOf(t, legalPatch())
	c, requests := newHTTPClient(f, file)
	c.sendAll(requests)
	wantList(t, f.taken(), "Add prvReadAccount=Deep", "Add prvReadUser=Local", "Add prvWriteAccount=Basic")
	after := f.depths()
	if len(requests) != 6 || c.answers["held"] == nil || c.answers["after"] == nil {
		t.Errorf("%d requests, answers %v", len(requests), c.answers)
	}

	c.sendAll(requests)
	wantList(t, f.depths(), after...)

	_, undo, _ := strings.Cut(file, "### 7. Undo\n")
	_, undo, _ = strings.Cut(undo, "# ###")
	undo = "###" + strings.ReplaceAll(strings.ReplaceAll(undo, "\n# ", "\n"), "\n#\n", "\n\n")
	c.sendAll(c.parse(undo))
	wantList(t, f.depths(), before...)
}

// TestScriptHTTPRefused: a depth that is not legal, a name that is not known, and a caller who may not write are
// refused by the service, and nothing is written.
func TestScriptHTTPRefused(t *testing.T) {
	for _, c := range []struct {
		name string
		set  func(*fakeDataverse, *role.Patch)
		code string
	}{
		{"illegal depth", func(_ *fakeDataverse, p *role.Patch) { p.Additions[2].To = catalog.Basic }, "0x8004140b"},
		{"unknown name", func(_ *fakeDataverse, p *role.Patch) { p.Additions[2].Privilege = "prvReadnew_Thing" }, "0x80040217"},
		{"no write", func(f *fakeDataverse, _ *role.Patch) { f.denyWrites = true }, "0x80040220"},
		{"no role", func(_ *fakeDataverse, p *role.Patch) { p.Base.Name = "Nobody's" }, "0x80060888"},
	} {
		t.Run(c.name, func(t *testing.T) {
			f, p := newFake(t), legalPatch()
			f.pageSize = 10
			c.set(f, &p)
			client, requests := newHTTPClient(f, httpFileOf(t, p))
			var said []string
			for _, r := range requests {
				if _, text := client.send(r); r.method == http.MethodPost {
					said = append(said, text)
				}
			}
			wantText(t, strings.Join(said, "\n"), c.code)
			wantList(t, f.taken())
		})
	}
}

// TestScriptHTTPHostile finds a role by a hostile name, and finds no request, variable or script in the file that such a
// name would have put there.
func TestScriptHTTPHostile(t *testing.T) {
	f, p := newFake(t), hostilePatch()
	p.Additions = legalPatch().Additions
	f.pageSize, f.roles[0]["name"] = 10, hostileText
	file := httpFileOf(t, p)
	c, requests := newHTTPClient(f, file)
	c.sendAll(requests)
	wantList(t, f.taken(), "Add prvReadAccount=Deep", "Add prvReadUser=Local", "Add prvWriteAccount=Basic")
	plain, plainRequests := newHTTPClient(f, httpFileOf(t, legalPatch()))
	if len(requests) != len(plainRequests) || len(c.variables) != len(plain.variables) {
		t.Errorf("%d requests and %d variables, of which a name made some", len(requests), len(c.variables))
	}
	var header []string
	for line := range strings.Lines(file) {
		if strings.HasPrefix(line, "# - ") {
			header = append(header, line)
		}
		if trimmed := strings.TrimSpace(line); strings.HasPrefix(trimmed, "{{") || strings.HasPrefix(trimmed, "<") || strings.HasPrefix(trimmed, ">") {
			t.Errorf("a client would take this line for a script: %q", line)
		}
	}
	checkHeader(t, header, len(p.Provenance.Lines()))
	role, _ := c.answers["role"].(map[string]any)
	if rows, _ := role["value"].([]any); len(rows) != 1 || rows[0].(map[string]any)["name"] != hostileText {
		t.Errorf("the role was not found by its name: %v", role)
	}
}

// TestScriptHTTPParts: long lists become several requests, an id stands in for a name, and what is known of neither is left to a person.
func TestScriptHTTPParts(t *testing.T) {
	f, p := newFake(t), legalPatch()
	f.pageSize, p.Base.Name, p.Base.ID, p.Additions = 500, "", fakeRole, nil
	manyThings(f, &p)
	file := httpFileOf(t, p)
	c, requests := newHTTPClient(f, file)
	c.sendAll(requests)
	if got := len(f.taken()); got != 60 {
		t.Errorf("%d privileges were added", got)
	}
	wantText(t, file, "(3 of 3)", "### 5. Add (2 of 2)", "roleid%20eq%20"+fakeRole)
	posts := slices.DeleteFunc(requests, func(r httpRequest) bool { return r.method != http.MethodPost })
	if len(posts) != 2 {
		t.Errorf("%d requests that add", len(posts))
	}
	p.Base.ID, p.Additions = "", nil
	wantText(t, httpFileOf(t, p), "PUT-THE-NAME-OF-THE-ROLE-HERE")
}

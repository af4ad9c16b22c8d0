package dataverse

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prvgap/prvgap/analyzer/role"
	"github.com/prvgap/prvgap/catalog"
)

// consolePage stands for a page of the environment. It sends home what the console would show, once the snippet has
// ended. (Reading the page with --dump-dom instead needs a virtual clock, which now and then stands still for good.)
const consolePage = `<!doctype html><meta charset="utf-8"><script>
const entries = [];
const note = (level, text) => {
  entries.push([level, text]);
  if (level === "thrown" || text.startsWith("prvgap: done")) fetch("/log", { method: "POST", body: JSON.stringify(entries) });
};
for (const level of ["log", "warn", "error"]) console[level] = (...words) => note(level, words.join(" "));
addEventListener("unhandledrejection", (e) => note("thrown", String(e.reason?.message ?? e.reason)));
addEventListener("error", (e) => note("thrown", e.message));
</script><script src="/snippet.js"></script>`

// browser finds a Chromium. A machine without one skips what needs it, but never the one that checks a submission.
func browser(t *testing.T) string {
	t.Helper()
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	if os.Getenv("CI") == "true" {
		t.Fatal("no chromium, chromium-browser or google-chrome to run the console snippet in")
	}
	t.Skip("no chromium, chromium-browser or google-chrome to run the console snippet in")
	return ""
}

// consoleEntry is a level and a text.
type consoleEntry [2]string

// runConsole runs a snippet on a page of f in a real browser, and gives what the console showed.
func runConsole(t *testing.T, f *fakeDataverse, snippet []byte) []consoleEntry {
	t.Helper()
	logs := make(chan []byte, 8)
	f.mu.Lock()
	f.page = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, kind := []byte(consolePage), "text/html; charset=utf-8"
		switch r.URL.Path {
		case "/snippet.js":
			body, kind = snippet, "text/javascript; charset=utf-8"
		case "/log":
			body, _ = io.ReadAll(r.Body)
			logs <- body
			return
		}
		w.Header().Set("Content-Type", kind)
		_, _ = w.Write(body)
	})
	f.mu.Unlock()
	stop := openBrowser(t, f.server.URL+"/main.aspx", f.downloads)
	defer stop()
	select {
	case text := <-logs:
		var entries []consoleEntry
		if err := json.Unmarshal(text, &entries); err != nil {
			t.Fatalf("%v in %s", err, text)
		}
		awaitRollback(t, f, said(entries, "log"))
		return entries
	case <-time.After(time.Minute):
		t.Fatalf("the snippet has not ended in a minute: %s", stop())
	}
	return nil
}

var rollbackName = regexp.MustCompile(`downloaded as (\S+)`)

// awaitRollback reads the file that the console spoke of, into f.rollback.
func awaitRollback(t *testing.T, f *fakeDataverse, log string) {
	t.Helper()
	m := rollbackName.FindStringSubmatch(log)
	if m == nil {
		return
	}
	for range 200 {
		text, err := os.ReadFile(filepath.Join(f.downloads, m[1]))
		if err == nil && json.Valid(text) {
			f.rollback = text
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Errorf("%s was not downloaded", m[1])
}

// openBrowser opens a page. The returned function ends the browser and gives what it printed.
func openBrowser(t *testing.T, address, downloads string) (stop func() string) {
	t.Helper()
	path := browser(t)
	// Not t.TempDir: a helper process of the browser may still write there when it is removed.
	profile, err := os.MkdirTemp("", "prvgap-browser-")
	if err != nil {
		t.Fatal(err)
	}
	writePreferences(t, profile, downloads)
	cmd := exec.Command(path, "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic",
		"--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync",
		"--remote-debugging-port=0", "--user-data-dir="+profile, address)
	cmd.WaitDelay = 10 * time.Second // its helpers may keep the pipe open
	var printed bytes.Buffer
	cmd.Stdout, cmd.Stderr = &printed, &printed
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return sync.OnceValue(func() string {
		// Asked to end, it sometimes waits for ever; its helpers end when they lose it.
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		_ = os.RemoveAll(profile)
		return printed.String()
	})
}

// writePreferences leads downloads to a folder of the test.
func writePreferences(t *testing.T, profile, downloads string) {
	t.Helper()
	text, err := json.Marshal(map[string]any{"download": map[string]any{"default_directory": downloads, "prompt_for_download": false}})
	if err == nil {
		err = os.MkdirAll(filepath.Join(profile, "Default"), 0o700)
	}
	if err == nil {
		err = os.WriteFile(filepath.Join(profile, "Default", "Preferences"), text, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// said joins the entries of a level.
func said(entries []consoleEntry, level string) string {
	var lines []string
	for _, e := range entries {
		if e[0] == level {
			lines = append(lines, e[1])
		}
	}
	return strings.Join(lines, "\n")
}

func wantText(t *testing.T, text string, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if !strings.Contains(text, part) {
			t.Errorf("%q is not said in:\n%s", part, text)
		}
	}
}

func wantList(t *testing.T, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

// scriptPatch asks for a new privilege, a raise, one that is held, and two depths that the environment does not allow.
func scriptPatch() role.Patch {
	return role.Patch{
		Base: role.New("Sales Base", "", "Sales Base.xml"),
		Additions: []role.Addition{
			{Privilege: "prvReadAccount", From: catalog.Basic, To: catalog.Deep},
			{Privilege: "prvWriteAccount", To: catalog.Basic},
			{Privilege: "prvReadUser", To: catalog.Basic},
			{Privilege: "prvReadUserQuery", To: catalog.Local},
			{Privilege: "prvReadWorkflow", To: catalog.Local},
		},
		Provenance: role.Provenance{Version: "v0.0.0", Captures: []role.Digest{{Name: "sales-app.har", SHA256: "00ff"}}},
	}
}

func console(t *testing.T, p role.Patch) []byte {
	t.Helper()
	js, err := ConsoleScript(p)
	if err != nil {
		t.Fatal(err)
	}
	return js
}

// TestScriptConsole applies a patch in a browser, applies it again, and undoes it with what was printed.
func TestScriptConsole(t *testing.T) {
	f := newFake(t)
	before := f.depths()
	log := runConsole(t, f, console(t, scriptPatch()))
	after := []string{
		"prvExportToExcel=Global", "prvReadAccount=Deep", "prvReadUser=Local", "prvReadUserQuery=Basic",
		"prvReadWorkflow=Global", "prvWriteAccount=Basic",
	}
	wantList(t, f.depths(), after...)
	wantList(t, f.taken(), "Add prvReadAccount=Deep", "Add prvReadUser=Local", "Add prvReadUserQuery=Basic", "Add prvWriteAccount=Basic")
	wantText(t, said(log, "log"),
		"prvReadAccount: Basic -> Deep", "prvReadUser: None -> Local (Basic is not legal here: WIDER than asked for)",
		"prvReadUserQuery: None -> Basic (Local is not legal here, and no depth above it: LESS than asked for)",
		"prvReadWorkflow: Global is held already", "prvgap-rollback-"+fakeRole, "done: 4 privileges written and read back")
	if thrown := said(log, "thrown"); thrown != "" {
		t.Errorf("thrown: %s", thrown)
	}
	if f.pages == 0 {
		t.Error("no answer had a second page")
	}

	var rollback struct {
		Role           struct{ RoleID string }
		RolePrivileges []struct{ PrivilegeName, Depth string }
	}
	if err := json.Unmarshal(f.rollback, &rollback); err != nil || rollback.Role.RoleID != fakeRole {
		t.Errorf("rollback: %v in %s", err, f.rollback)
	}
	var saved []string
	for _, p := range rollback.RolePrivileges {
		saved = append(saved, p.PrivilegeName+"="+p.Depth)
	}
	slices.Sort(saved)
	wantList(t, saved, before...)

	again := runConsole(t, f, console(t, scriptPatch()))
	wantList(t, f.depths(), after...)
	wantList(t, f.taken())
	wantText(t, said(again, "log"), "done: nothing to change")
	if strings.Contains(said(again, "log"), "rollback") {
		t.Error("a run that changes nothing saved a rollback, which could be taken for the first one's")
	}

	i := slices.IndexFunc(log, func(e consoleEntry) bool { return strings.HasPrefix(e[1], "for (const [action") })
	if i < 0 {
		t.Fatal("no undo was printed")
	}
	undone := runConsole(t, f, []byte("(async () => {"+log[i][1]+"\nconsole.log('prvgap: done'); })();"))
	wantList(t, f.depths(), before...)
	wantText(t, said(undone, "log"), "RemovePrivilegeRole 204", "AddPrivilegesRole 204")
}

// TestScriptConsoleRefusals runs what must end in an error, and expects it to say why.
func TestScriptConsoleRefusals(t *testing.T) {
	for _, c := range []struct {
		name  string
		set   func(*fakeDataverse, *role.Patch)
		says  []string
		holds bool // something is written all the same
	}{
		{"no write", func(f *fakeDataverse, _ *role.Patch) { f.denyWrites = true }, []string{"HTTP 403", "prvWriteRole", "Sign in as a System Administrator"}, false},
		{
			"illegal after all", func(f *fakeDataverse, _ *role.Patch) { f.strict["prvWriteAccount"] = true },
			[]string{"0x8004140b", "prvWriteAccount", "Nothing of this request was written"},
			false,
		},
		{"not stored", func(f *fakeDataverse, _ *role.Patch) { f.deaf["prvWriteAccount"] = true }, []string{"prvWriteAccount: Basic was sent, None is held"}, true},
		{"unknown name", func(_ *fakeDataverse, p *role.Patch) {
			p.Additions = append(p.Additions, role.Addition{Privilege: "prvReadnew_Thing", To: catalog.Basic})
		}, []string{"prvReadnew_Thing: this environment has no such privilege"}, true},
		{"no role", func(_ *fakeDataverse, p *role.Patch) { p.Base.Name = "Nobody's" }, []string{"no role that is called Nobody's"}, false},
		{"two roles", func(f *fakeDataverse, _ *role.Patch) { f.addRole("sales base", fakeChild) }, []string{"2 roles are called", fakeChild}, false},
		{"not customizable", func(f *fakeDataverse, _ *role.Patch) { f.roles[0]["iscustomizable"] = managedProperty(false) }, []string{"not customizable", "companion"}, false},
		{"administrator", func(f *fakeDataverse, _ *role.Patch) {
			f.roles[0]["_roletemplateid_value"] = "627090ff-40a3-4053-8790-584edc5be201"
		}, []string{"lets nobody change"}, false},
		{
			"record filter", func(f *fakeDataverse, _ *role.Patch) { f.held[fakeRole][f.id("prvReadAccount")] = "RecordFilter" },
			[]string{"prvReadAccount: held with depth RecordFilter"},
			true,
		},
		{"numbered record filter", func(f *fakeDataverse, _ *role.Patch) {
			f.held[fakeRole][f.id("prvReadAccount")], f.numbers = "RecordFilter", true
		}, []string{"prvReadAccount: held with depth RecordFilter"}, true},
		{
			"changed meanwhile", func(f *fakeDataverse, _ *role.Patch) { f.loses = "prvExportToExcel" },
			[]string{"prvExportToExcel: was Global, is None, and this script did not ask for it"},
			true,
		},
		{"signed out", func(f *fakeDataverse, _ *role.Patch) { f.token = fakeToken }, []string{"HTTP 401", "Reload the page"}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			f, p := newFake(t), scriptPatch()
			c.set(f, &p)
			log := runConsole(t, f, console(t, p))
			wantText(t, said(log, "thrown"), c.says...)
			if wrote := len(f.taken()) > 0; wrote != c.holds {
				t.Errorf("wrote: %v, expected: %v", wrote, c.holds)
			}
		})
	}
}

// TestScriptConsoleFinds finds roles by id, by a copy's id, and by a hostile name, and cuts long lists into requests.
func TestScriptConsoleFinds(t *testing.T) {
	t.Run("by the id of a copy", func(t *testing.T) {
		f, p := newFake(t), scriptPatch()
		p.Base.Name, p.Base.ID, f.numbers = "Renamed since", fakeCopy, true
		log := runConsole(t, f, console(t, p))
		wantText(t, said(log, "warn"), "is called Sales Base here")
		wantText(t, said(log, "log"), "role Sales Base ("+fakeRole+")", "done: 4")
	})
	t.Run("id of another environment", func(t *testing.T) {
		f, p := newFake(t), scriptPatch()
		p.Base.ID = "ffffffff-0000-4000-8000-000000000000"
		f.roles[0]["ismanaged"] = true
		log := runConsole(t, f, console(t, p))
		wantText(t, said(log, "log"), "done: 4")
		wantText(t, said(log, "warn"), "unmanaged layer")
	})
	t.Run("hostile name, many privileges", func(t *testing.T) {
		f, p := newFake(t), scriptPatch()
		f.roles[0]["name"], p.Base.Name = hostileText, hostileText
		p.Provenance.Captures[0].Name, f.pageSize = hostileText, 7
		manyThings(f, &p)
		wantText(t, said(runConsole(t, f, console(t, p)), "log"), "done: 64 privileges written and read back")
		wantText(t, said(runConsole(t, f, console(t, p)), "log"), "done: nothing to change")
	})
}

// manyThings adds sixty privileges to an environment and to a patch: more than one request holds.
func manyThings(f *fakeDataverse, p *role.Patch) {
	for i := range 60 {
		name := fmt.Sprintf("prvReadnew_Thing%02d", i)
		f.addPrivilege(100+i, name, "basic global")
		p.Additions = append(p.Additions, role.Addition{Privilege: name, To: catalog.Basic})
	}
}

// TestScriptConsoleStopsHalfWay: of two requests the second is refused; the undo is for the first.
func TestScriptConsoleStopsHalfWay(t *testing.T) {
	f, p := newFake(t), scriptPatch()
	p.Additions, f.pageSize = nil, 500
	manyThings(f, &p)
	f.strict["prvReadnew_Thing55"] = true
	log := runConsole(t, f, console(t, p))
	wantText(t, said(log, "thrown"), "0x8004140b", "prvReadnew_Thing55")
	undo := said(log, "log")
	if got := strings.Count(undo, `["RemovePrivilegeRole"`); got != 50 || len(f.taken()) != 50 {
		t.Errorf("%d privileges in the undo", got)
	}
}

// TestScriptConsoleDryRun says everything and does nothing.
func TestScriptConsoleDryRun(t *testing.T) {
	f := newFake(t)
	js := bytes.Replace(console(t, scriptPatch()), []byte("dryRun = false"), []byte("dryRun = true"), 1)
	log := runConsole(t, f, js)
	wantText(t, said(log, "log"), "prvReadAccount: Basic -> Deep", "done: 4 privileges would be written")
	wantList(t, f.taken())
	if f.rollback != nil {
		t.Error("a dry run saved a file")
	}
}

package tui

import (
	"context"
	"flag"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"github.com/prvgap/prvgap/analyzer"
	"github.com/prvgap/prvgap/analyzer/role"
	"github.com/prvgap/prvgap/catalog"
	"github.com/prvgap/prvgap/har"
)

var update = flag.Bool("update", false, "rewrite the goldens")

// noon is the clock of all tests.
func noon() time.Time { return time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC) }

const (
	ann  = "6a36a271-026b-f111-b4cc-7ced8d41c0e7"
	unit = "4df18998-1242-f111-b4cc-7ced8d41c0e7"
)

// wording is the dialect of the tests: a refused body is the privilege, a
// blank, and the depth if it states one.
type wording struct{}

func (wording) Reads(string, string) bool { return false }

func (wording) Kind(har.Entry) string { return "" }

func (wording) Excerpt(har.Entry) string { return "" }

func (wording) Suspect(_, url string, _ *catalog.Catalog) string {
	if strings.Contains(url, "competitors") {
		return "prvReadCompetitor"
	}
	return ""
}

func (wording) Denials(e har.Entry, _ *analyzer.Facts) []analyzer.Denial {
	if e.Status != 403 {
		return nil
	}
	if !e.HasBody {
		return []analyzer.Denial{{Dialect: "test", Shape: analyzer.ShapeNoBody, Cause: analyzer.CausePrivilege}}
	}
	name, depth, _ := strings.Cut(e.Body, " ")
	d := analyzer.Denial{
		Dialect: "test", Shape: "sentence", Message: "user " + ann + " is missing " + e.Body + " privilege",
		Cause: analyzer.CausePrivilege, Privilege: name, Principal: ann, PrincipalKind: analyzer.KindUser, BusinessUnit: unit,
	}
	if name == "column" {
		d.Privilege, d.Cause, d.Table, d.Advice = "", analyzer.CauseColumnSecurity, "contact", "add the user to a column security profile"
	}
	if name == "link" {
		d.Privilege = "prvAppendContact"
	}
	d.Depth, _ = catalog.ParseDepth(depth)
	return []analyzer.Denial{d}
}

// entries makes a capture of refused bodies; "" is one without a text.
func entries(bodies ...string) iter.Seq2[har.Entry, error] {
	return func(yield func(har.Entry, error) bool) {
		for i, b := range bodies {
			url := "https://contoso.crm4.dynamics.com/api/data/v9.2/things(" + ann + ")"
			switch b {
			case "":
				url = "https://contoso.crm4.dynamics.com/api/data/v9.2/competitors"
			case "link":
				url = "https://contoso.crm4.dynamics.com/api/data/v9.2/accounts(" + ann + ")/contact_customer_accounts/$ref"
			}
			e := har.Entry{
				Index: i, Pointer: fmt.Sprintf("/log/entries/%d", i), Method: "GET", URL: url, Status: 403, Body: b, HasBody: b != "",
				Time: time.Date(2026, 11, 20, 9, 14, i, 0, time.UTC),
			}
			if !yield(e, nil) {
				return
			}
		}
	}
}

// sample is a capture with something of everything.
func sample() []string {
	return []string{
		"prvWriteAccount Local", "prvReadAccount", "prvReadContact Deep", "prvWriteAccount Local", "prvReadWorkflow", "prvWorkflowExecution",
		"prvReadUser", "prvCreateUserEntityUISettings", "column", "", "prvReadConnection", "link", "prvNoSuchThing",
	}
}

func base() role.Role {
	r := role.New("Sales Base", "", "base.xml")
	r.Grant("prvWriteAccount", catalog.Basic)
	r.Grant("prvReadAccount", catalog.Basic)
	r.Grant("prvReadConnection", catalog.Global)
	r.Grant("prvDeleteAccount", catalog.Basic)
	return r
}

// config is a triage of one capture, without anything outside.
func config(bodies ...string) Config {
	return Config{
		Sources: []Source{{Name: "captures/sales.har", Entries: entries(bodies...), Info: func() har.Info {
			return har.Info{Format: "har", Entries: len(bodies), Complete: true}
		}}},
		Options:     analyzer.Options{Dialects: []analyzer.Dialect{wording{}}, Bases: []role.Role{base()}, GrantSuspected: true},
		Bases:       []string{"base.xml"},
		Session:     NewSession(),
		SessionName: "sales.har.prvgap.json",
		Now:         noon,
		OpenRole: func(name string) (role.Role, error) {
			if name != "other" {
				return role.Role{}, fmt.Errorf("no role %s", name)
			}
			return role.New("Other", "", ""), nil
		},
		Forms: []Form{
			{Name: "companion", About: "a solution", NeedsBase: true, Path: func([]string) string { return "out.zip" }},
			{Name: "checklist", About: "the clicks", Readable: true, Path: func([]string) string { return "out.txt" }},
		},
		Patch: func(r Request) (Patch, error) {
			var b strings.Builder
			for _, g := range r.Analysis.Proposal.Grants {
				fmt.Fprintf(&b, "+ %s %s\n", g.Privilege, g.To)
			}
			return Patch{Data: []byte(b.String()), Next: "apply it"}, nil
		},
		Write: func(string, []byte, bool) error { return nil },
		Copy:  func(string) (string, error) { return "test", nil },
	}
}

// driver sends messages to a model and runs the commands that come of them.
type driver struct {
	t testing.TB
	*model
}

func start(t testing.TB, cfg Config, width, height int) driver {
	t.Helper()
	d := driver{t, newModel(context.Background(), cfg)}
	t.Cleanup(d.reader.close)
	d.send(tea.WindowSizeMsg{Width: width, Height: height})
	d.run(d.Init())
	return d
}

func (d driver) send(msg tea.Msg) {
	_, cmd := d.Update(msg)
	d.run(cmd)
}

func (d driver) run(cmd tea.Cmd) {
	if cmd == nil {
		return
	}
	switch msg := cmd().(type) {
	case nil, tea.QuitMsg:
	case tea.BatchMsg:
		for _, c := range msg {
			d.run(c)
		}
	default:
		d.send(msg)
	}
}

// keyTypes are the keys of the tests that are no letter.
var keyTypes = map[string]tea.KeyType{
	"tab": tea.KeyTab, "shift+tab": tea.KeyShiftTab, "enter": tea.KeyEnter, "esc": tea.KeyEsc, "up": tea.KeyUp, "down": tea.KeyDown,
	"left": tea.KeyLeft, "right": tea.KeyRight, "ctrl+r": tea.KeyCtrlR, "ctrl+p": tea.KeyCtrlP, "ctrl+c": tea.KeyCtrlC, "pgdown": tea.KeyPgDown,
	"pgup": tea.KeyPgUp, "home": tea.KeyHome, "end": tea.KeyEnd, "space": tea.KeySpace, "backspace": tea.KeyBackspace,
}

func keyMsg(k string) tea.KeyMsg {
	if t, ok := keyTypes[k]; ok {
		if t == tea.KeySpace {
			return tea.KeyMsg{Type: t, Runes: []rune(" ")}
		}
		return tea.KeyMsg{Type: t}
	}
	return tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune(k)}
}

func (d driver) press(keys ...string) {
	for _, k := range keys {
		d.send(keyMsg(k))
	}
}

// typed presses the letters of a text.
func (d driver) typed(s string) {
	for _, r := range s {
		d.press(string(r))
	}
}

// TestFastKeys: letters that arrive together are keys all the same, and what is
// pasted decides nothing.
func TestFastKeys(t *testing.T) {
	d := start(t, config(sample()...), 80, 24)
	d.press("jx")
	if it, _ := d.item(); it.state != rejected || d.places[d.tab].row != 1 {
		t.Errorf("%+v", it)
	}
	d.press("/process")
	if d.filter != "process" {
		t.Errorf("filter %q", d.filter)
	}
	d.press("enter")
	steps := len(d.desk.done)
	d.send(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune("axid"), Paste: true})
	if len(d.desk.done) != steps {
		t.Error("a paste decided")
	}
}

// golden compares the screen with a file.
func (d driver) golden(name string) {
	d.t.Helper()
	var b strings.Builder
	for l := range strings.SplitSeq(d.View(), "\n") {
		b.WriteString(strings.TrimRight(l, " ") + "\n")
	}
	path := filepath.Join("testdata", name+".golden")
	if *update {
		if err := os.WriteFile(path, []byte(b.String()), 0o644); err != nil {
			d.t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		d.t.Fatal(err)
	}
	if b.String() != string(want) {
		d.t.Errorf("%s differs; got\n%s\nwant\n%s", name, b.String(), want)
	}
}

// TestScreens looks at every pane and state in the two sizes that are promised.
func TestScreens(t *testing.T) {
	for _, size := range []struct{ w, h int }{{80, 24}, {120, 40}} {
		for _, c := range []struct {
			name string
			keys []string
		}{
			{"form", nil},
			{"wider", []string{"right", "+", "+"}},
			{"undone", []string{"x", "u"}},
			{"list", []string{"v"}},
			{"sorted", []string{"v", "s", "s", "s", "x"}},
			{"filter", []string{"/", "w", "o", "r", "k"}},
			{"nothing", []string{"/", "z", "z", "z", "enter"}},
			{"other", []string{"shift+tab"}},
			{"evidence", []string{"e"}},
			{"help", []string{"?"}},
			{"palette", []string{":", "c", "o"}},
			{"accept", []string{"A"}},
			{"company", []string{"g", "space"}},
			{"preview", []string{"P", "enter"}},
			{"write", []string{"w"}},
			{"wrote", []string{"w", "2", "enter"}},
			{"ignore", []string{"i", "enter"}},
			{"copy", []string{"y"}},
			{"copied", []string{"y", "enter"}},
			{"quit", []string{"q"}},
			{"private", []string{"p"}},
			{"base", []string{"b", "o", "t", "h", "e", "r", "enter"}},
			{"wrong-base", []string{"b", "x", "enter"}},
		} {
			d := start(t, config(sample()...), size.w, size.h)
			d.press(c.keys...)
			d.golden(fmt.Sprintf("%s-%dx%d", c.name, size.w, size.h))
		}
	}
}

// TestNeedsFile: a form that is made of the base's file is offered where there is one.
func TestNeedsFile(t *testing.T) {
	for _, file := range []string{"", "<Role/>"} {
		cfg := config(sample()...)
		cfg.Forms = append(cfg.Forms, Form{Name: "diff", NeedsBase: true, NeedsFile: true})
		if file != "" {
			cfg.Options.Bases[0].File = []byte(file)
		}
		d := start(t, cfg, 80, 24)
		if n, want := len(d.forms()), 2+min(len(file), 1); n != want {
			t.Errorf("%d forms for the base file %q, want %d", n, file, want)
		}
	}
}

// TestWorkingOut: what is not analyzed yet is told, after the reading too.
func TestWorkingOut(t *testing.T) {
	d := start(t, config(sample()...), 80, 24)
	if d.screenHas("reading: ") {
		t.Error("all is analyzed, and the screen is still reading")
	}
	d.analyzing = true
	if !d.screenHas("reading: ") {
		t.Error("the screen does not tell that findings will follow")
	}
}

func (d driver) screenHas(text string) bool { return strings.Contains(d.View(), text) }

// TestStates looks at screens that no key leads to.
func TestStates(t *testing.T) {
	start(t, config(), 80, 24).golden("empty")
	cfg := config(sample()...)
	cfg.ASCII = true
	start(t, cfg, 80, 24).golden("ascii")
	cfg = config(sample()...)
	cfg.Options.Bases, cfg.Bases = nil, nil
	start(t, cfg, 80, 24).golden("no-base")
	d := start(t, config(sample()...), 60, 15)
	d.golden("least")
	d.press("v")
	d.golden("least-list")

	cfg = config(sample()...)
	whole := cfg.Sources[0].Entries
	cfg.Sources[0].Entries = func(yield func(har.Entry, error) bool) {
		for e := range whole {
			if !yield(e, nil) || e.Index == 3 {
				break
			}
		}
		yield(har.Entry{}, &har.Error{Name: "sales.har", Offset: 17, Err: fmt.Errorf("unexpected end of file")})
	}
	cfg.Sources[0].Info = func() har.Info { return har.Info{Entries: 4, Problem: "unexpected end of file"} }
	d = start(t, cfg, 80, 24)
	d.golden("partial")
	if !d.outcome().Partial {
		t.Error("a broken capture is not partial")
	}

	d = start(t, config(sample()...), 59, 24)
	d.golden("small")
	d.press("x")
	if len(d.desk.done) > 0 {
		t.Error("a key decided what cannot be seen")
	}
	d.send(tea.WindowSizeMsg{Width: 80, Height: 24})
	d.golden("form-80x24")
}

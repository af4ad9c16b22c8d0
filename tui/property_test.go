package tui

import (
	"bytes"
	"errors"
	"fmt"
	"iter"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/ansi"

	"github.com/prvgap/prvgap/analyzer"
	"github.com/prvgap/prvgap/catalog"
	"github.com/prvgap/prvgap/har"
)

// all are keys for a hand that knows no rest.
var all = []string{
	"a", "x", "i", "d", "n", "+", "-", "A", "u", "ctrl+r", "v", "/", "s", "e", "y", "P", "w", "g", "?", ":", "b", "p", "M", "q", "1", "2", "3",
	"tab", "shift+tab", "enter", "esc", "up", "down", "left", "right", "pgup", "pgdown", "home", "end", "space", "backspace", "]", "[", "k", "j", "r", "m", "N",
}

// checkScreen fails if the screen is not exactly as large as the terminal.
func (d driver) checkScreen() {
	d.t.Helper()
	lines := strings.Split(d.View(), "\n")
	if len(lines) > d.height {
		d.t.Fatalf("%d lines on a terminal of %dx%d", len(lines), d.width, d.height)
	}
	for _, l := range lines {
		if w := ansi.StringWidth(l); w > d.width {
			d.t.Fatalf("%d columns on a terminal of %dx%d: %q", w, d.width, d.height, l)
		}
	}
}

// checkGrants fails if something is granted that cannot be.
func (d driver) checkGrants() {
	d.t.Helper()
	for _, g := range d.desk.decided().Proposal.Grants {
		it := d.desk.items[d.desk.at[strings.ToLower(g.Privilege)]]
		if !it.legal().Has(g.To) || g.To <= g.From || it.state != accepted {
			d.t.Fatalf("granted %s from %s to %s, %v", g.Privilege, g.From, g.To, it.state)
		}
		if g.To > it.finding.Depth && !it.own {
			d.t.Fatalf("%s was widened by nobody", g.Privilege)
		}
	}
}

// TestRandomKeys: whatever is pressed in whatever size, nothing panics or
// overflows, only legal depths are granted, and undoing all is the beginning.
func TestRandomKeys(t *testing.T) {
	for seed := range uint64(16) {
		r := rand.New(rand.NewPCG(seed, 1))
		cfg := config(sample()...)
		d := start(t, cfg, 80, 24)
		before := d.desk.session.clone()
		for range 150 {
			switch r.IntN(20) {
			case 0:
				d.send(tea.WindowSizeMsg{Width: 1 + r.IntN(200), Height: 1 + r.IntN(60)})
			case 1:
				d.send(tea.MouseMsg{X: r.IntN(200), Y: r.IntN(60), Button: tea.MouseButtonLeft, Action: tea.MouseActionPress})
			default:
				d.press(all[r.IntN(len(all))])
			}
			d.checkScreen()
			d.checkGrants()
		}
		after, steps := d.desk.session.clone(), len(d.desk.done)
		for d.canUndo() {
			d.desk.undo()
		}
		if !reflect.DeepEqual(d.desk.session.decisions, before.decisions) {
			t.Fatalf("seed %d: undoing all leaves %v", seed, d.desk.session.decisions)
		}
		for range steps {
			d.desk.redo()
		}
		if !reflect.DeepEqual(d.desk.session.decisions, after.decisions) {
			t.Fatalf("seed %d: redoing all gives %v, not %v", seed, d.desk.session.decisions, after.decisions)
		}
		read, err := ReadSession(bytes.NewReader(after.encode()))
		if err != nil || !reflect.DeepEqual(read.decisions, after.decisions) {
			t.Fatalf("seed %d: the session does not read back: %v\n%s", seed, err, after.encode())
		}
	}
}

// TestSizes draws every pane in every size.
func TestSizes(t *testing.T) {
	for _, keys := range [][]string{nil, {"v"}, {"e"}, {"?"}, {":"}, {"g"}, {"w"}, {"/", "a"}, {"shift+tab"}, {"i"}, {"P", "enter"}} {
		d := start(t, config(sample()...), 80, 24)
		d.press(keys...)
		for w := 1; w <= 200; w += 11 {
			for h := 1; h <= 60; h += 5 {
				d.send(tea.WindowSizeMsg{Width: w, Height: h})
				d.checkScreen()
			}
		}
	}
}

// TestDefaults: what the evidence says is accepted beforehand; what is only
// suspected, or recommended wider, is not.
func TestDefaults(t *testing.T) {
	d := start(t, config(sample()...), 80, 24)
	for _, it := range d.desk.items {
		want := accepted
		switch {
		case it.finding.Status == analyzer.StatusHeld:
			want = held
		case it.finding.Basis == analyzer.BasisSuspected:
			want = open
		}
		if it.state != want || it.own {
			t.Errorf("%s (%s) is %v", it.key(), it.finding.Basis, it.state)
		}
	}
	cfg := config("prvReadWorkflow")
	cfg.Options.Recommended = true
	d = start(t, cfg, 80, 24)
	if it := d.desk.items[0]; it.finding.Basis != analyzer.BasisRecommended || it.state != open {
		t.Errorf("what is recommended wider is %v by %s", it.state, it.finding.Basis)
	}
}

// TestCompany: what usually comes along is offered, never taken unasked, and
// marked when it is taken.
func TestCompany(t *testing.T) {
	d := start(t, config(sample()...), 80, 24)
	for _, o := range d.desk.offers() {
		if o.taken {
			t.Errorf("%s is preselected", o.finding.Privilege.Name)
		}
		if d.desk.holds(o.finding.Privilege.Name) >= o.finding.Depth {
			t.Errorf("%s is held", o.finding.Privilege.Name)
		}
	}
	d.press("g", "space", "esc")
	it := d.desk.items[d.desk.at["prvappendtoaccount"]]
	if !it.company || it.state != accepted || !it.wider() || !strings.Contains(it.finding.Note, "not in evidence") {
		t.Errorf("taken company is %+v", it)
	}
	d.press("u")
	if _, there := d.desk.at["prvappendtoaccount"]; there {
		t.Error("undoing leaves the company")
	}
}

// TestGrownEvidence: a decision that was made on less evidence is for a person
// to make again, and is never deepened by itself.
func TestGrownEvidence(t *testing.T) {
	d := start(t, config("prvWriteAccount Local"), 80, 24)
	d.press("a")
	cfg := config("prvWriteAccount Local", "prvWriteAccount Deep")
	cfg.Session = d.desk.session
	d = start(t, cfg, 80, 24)
	it, _ := d.item()
	if it.state != open || it.stale != catalog.Local || len(d.desk.decided().Proposal.Grants) != 0 {
		t.Errorf("%+v", it)
	}
	d.golden("stale-80x24")
	// A decision about what these captures do not show is kept.
	cfg = config("prvReadContact")
	cfg.Session = d.desk.session
	d = start(t, cfg, 80, 24)
	d.press("x")
	if len(d.desk.session.decisions) != 2 {
		t.Errorf("kept %v", d.desk.session.decisions)
	}
}

// TestLowered: a patch that is to leave denials unanswered says which.
func TestLowered(t *testing.T) {
	d := start(t, config("prvReadContact Deep", "prvReadContact Basic"), 80, 24)
	d.press("-")
	req := d.request("diff")
	if len(req.Left) != 1 || req.Analysis.Denials[req.Left[0]].Depth != catalog.Deep {
		t.Errorf("left %v", req.Left)
	}
	d.press("x")
	if req := d.request("diff"); len(req.Left) != 0 || len(req.Analysis.Proposal.Grants) != 0 {
		t.Errorf("a rejected finding is in the patch: %+v", req)
	}
}

// TestSave: every decision is on disk before the next key, whole, and the
// ignore file follows undo and redo.
func TestSave(t *testing.T) {
	cfg := config(sample()...)
	path := filepath.Join(t.TempDir(), "s.json")
	cfg.Save = func(data []byte) error { return os.WriteFile(path, data, 0o600) }
	var set []analyzer.Ignore
	var drop []string
	cfg.WriteIgnore = func(s []analyzer.Ignore, d []string) (string, error) {
		set, drop = s, d
		return "ignore.json", nil
	}
	d := start(t, cfg, 80, 24)
	d.press("x")
	data, err := os.ReadFile(path)
	if err != nil || !strings.Contains(string(data), `"decision": "reject"`) {
		t.Fatalf("%v: %s", err, data)
	}
	d.press("i")
	d.typed("not wanted")
	d.press("enter")
	d.typed("2027-02-31")
	d.press("enter")
	if p, ok := d.over.(*prompt); !ok || p.err == nil {
		t.Fatal("the 31st of February was taken")
	}
	d.press("backspace", "backspace", "2", "8", "enter")
	if len(set) != 1 || set[0].Reason != "not wanted" || set[0].Until.Day() != 28 || len(drop) != 0 {
		t.Errorf("ignore file: %v without %v", set, drop)
	}
	d.press("u")
	if len(set) != 0 || !slices.Equal(drop, []string{"prvWriteAccount"}) {
		t.Errorf("ignore file after undo: %v without %v", set, drop)
	}
	// A program that was killed here goes on where the file stands.
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	s, err := ReadSession(f)
	if err != nil {
		t.Fatal(err)
	}
	again := config(sample()...)
	again.Session = s
	if it, _ := start(t, again, 80, 24).item(); it.state != rejected {
		t.Errorf("resumed as %v", it.state)
	}

	cfg = config(sample()...)
	cfg.Save = func([]byte) error { return errors.New("the disk is full") }
	d = start(t, cfg, 80, 24)
	d.press("x")
	if !d.bad || !strings.Contains(d.status, "not saved: the disk is full") || d.flush() == nil {
		t.Errorf("a failure to save says %q", d.status)
	}
}

// TestReadSession: what cannot be understood is refused, with its place.
func TestReadSession(t *testing.T) {
	for in, want := range map[string]string{
		``:                             "EOF",
		`{"schema":"prvgap.report/1"}`: "/schema",
		`{"schema":"prvgap.session/1","decisions":[{"privilege":"a"},{"privilege":"A"}]}`:               "/decisions/1: A is decided twice",
		`{"schema":"prvgap.session/1","decisions":[{"privilege":"a","decision":"yes"}]}`:                "/decisions/0",
		`{"schema":"prvgap.session/1","decisions":[{"privilege":"a","depth":"far"}]}`:                   "far",
		`{"schema":"prvgap.session/1","decisions":[{"privilege":"a","until":"soon"}]}`:                  "soon",
		`{"schema":"prvgap.session/1","decisions":[{"privilege":"a","at":"now"}]}`:                      "now",
		`{"schema":"prvgap.session/1","decisions":[{"privilege":""}]}`:                                  "missing",
		`{"schema":"prvgap.session/1","decisions":[{"privilege":"a","decision":"accept","more":true}]}`: "more",
	} {
		if _, err := ReadSession(strings.NewReader(in)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", in, err)
		}
	}
}

// TestHostile: no text of a capture steers the terminal or breaks the layout.
func TestHostile(t *testing.T) {
	bad := []string{"\x1b[2J\x1b]0;owned\a", "\u202egnp.exe", strings.Repeat("W", 10_000), "日本語の権限", "\r\n\t\x00", "☁\ufe0f👩‍👩‍👧", "\u0301\u0301\u0301"}
	var bodies []string
	for i, b := range bad {
		bodies = append(bodies, fmt.Sprintf("prvReadnew_%s%d", b, i), "prvReadAccount "+b)
	}
	cfg := config(append(sample(), bodies...)...)
	cfg.Sources[0].Name = "\x1b[31mred.har"
	cfg.Options.Bases[0].Name = "\x1b[31mrole"
	for _, size := range [][2]int{{80, 24}, {120, 40}} {
		d := start(t, cfg, size[0], size[1])
		for _, k := range []string{"", "tab", "tab", "tab", "tab", "v", "end", "e", "end", "esc", "y", "esc", "i", "enter"} {
			if k != "" {
				d.press(k)
			}
			d.checkScreen()
			for _, r := range d.View() {
				if r != '\n' && (unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r)) {
					t.Fatalf("%U reaches the terminal after %s", r, k)
				}
			}
		}
	}
}

// TestPrivacy: no id is left on any screen.
func TestPrivacy(t *testing.T) {
	d := start(t, config(sample()...), 120, 40)
	d.press("p")
	for _, k := range []string{"right", "e", "esc", "y", "esc", "shift+tab", "v", "e", "esc"} {
		d.press(k)
		if s := d.View(); strings.Contains(s, ann[:8]) || strings.Contains(s, "contoso") {
			t.Fatalf("after %s:\n%s", k, s)
		}
	}
}

// TestStreaming: a hundred thousand entries arrive in batches, and between any
// two of them a key is answered.
func TestStreaming(t *testing.T) {
	const n = 100_000
	cfg := config()
	cfg.Now = time.Now
	cfg.Sources[0].Entries = func(yield func(har.Entry, error) bool) {
		body := []string{"prvReadAccount Local", "prvReadContact", "prvReadWorkflow"}
		for i := range n {
			e := har.Entry{Index: i, Method: "GET", URL: "https://contoso.crm4.dynamics.com/api/data/v9.2/accounts", Status: 200}
			if i%100 == 0 {
				e.Status, e.Body, e.HasBody = 403, body[i/100%3], true
			}
			if !yield(e, nil) {
				return
			}
		}
	}
	cfg.Sources[0].Info = func() har.Info { return har.Info{Entries: n, Complete: true} }
	m := newModel(t.Context(), cfg)
	m.Update(tea.WindowSizeMsg{Width: 80, Height: 24})
	batches, rows := 0, false
	for {
		b := m.reader.pull()
		_, cmd := m.Update(b)
		batches++
		if cmd != nil && m.analyzing {
			runAnalysis(m, cmd)
		}
		rows = rows || m.reading && m.hasRows()
		begin := time.Now()
		m.Update(keyMsg("down"))
		m.Update(keyMsg("x"))
		m.View()
		if took := time.Since(begin); took > 200*time.Millisecond {
			t.Errorf("a key took %v", took)
		}
		if b.done {
			break
		}
	}
	if batches < n/batchEntries || !rows {
		t.Errorf("%d batches, rows before the end: %v", batches, rows)
	}
	if cs := m.captures(); len(cs) != 1 || cs[0].Entries != n || cs[0].Refused != n/100 || !cs[0].Complete {
		t.Errorf("%+v", cs)
	}
	if m.desk.analysis.Findings == nil || len(m.desk.analysis.Denials) != n/100 {
		t.Errorf("%d denials", len(m.desk.analysis.Denials))
	}
}

// runAnalysis runs the analysis among commands, and leaves the next pull alone.
func runAnalysis(m *model, cmd tea.Cmd) {
	msgs := []tea.Cmd{cmd}
	if m.reading {
		batch, ok := cmd().(tea.BatchMsg)
		if !ok {
			return
		}
		msgs = batch[1:]
	}
	for _, c := range msgs {
		if msg, ok := c().(analyzedMsg); ok {
			m.Update(msg)
		}
	}
}

// TestClose: reading ends with the program, in the middle of a capture.
func TestClose(t *testing.T) {
	ended := false
	cfg := config()
	cfg.Sources[0].Entries = func(yield func(har.Entry, error) bool) {
		defer func() { ended = true }()
		for i := 0; yield(har.Entry{Index: i}, nil); i++ {
		}
	}
	m := newModel(t.Context(), cfg)
	m.Update(m.reader.pull())
	m.reader.close()
	if b := m.reader.pull(); !ended || !b.done {
		t.Errorf("ended %v, %+v", ended, b)
	}
	if !m.outcome().Partial {
		t.Error("what was cut short counts as whole")
	}
}

// many makes a capture of n findings.
func many(n int) iter.Seq2[har.Entry, error] {
	bodies := make([]string, n)
	for i := range bodies {
		bodies[i] = fmt.Sprintf("prv%snew_table%04d", []string{"Read", "Write", "Create", "Delete"}[i%4], i/4)
	}
	return entries(bodies...)
}

// BenchmarkKey is a key and its screen with 5,000 findings.
func BenchmarkKey(b *testing.B) {
	cfg := config()
	cfg.Sources[0].Entries = many(5000)
	d := start(b, cfg, 120, 40)
	for _, k := range []string{"down", "x", "v"} {
		b.Run(k, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				d.Update(keyMsg(k))
				d.View()
			}
		})
	}
}

// TestMouse: a click goes where it points, and decides nothing; off, it does
// nothing at all.
func TestMouse(t *testing.T) {
	d := start(t, config(sample()...), 80, 24)
	click := func(x, y int) {
		d.send(tea.MouseMsg{X: x, Y: y, Button: tea.MouseButtonLeft, Action: tea.MouseActionPress})
	}
	click(30, 5)
	if d.places[d.tab].row != 0 {
		t.Error("the mouse is off, and moves the cursor")
	}
	d.press("M")
	_, segments := d.barLine()
	click(segments[2].from+1, d.screen.head)
	if d.tab != segments[2].name {
		t.Errorf("on tab %s, not %s", d.tab, segments[2].name)
	}
	click(segments[0].from+1, d.screen.head)
	click(2+d.labelWidth()+4*roomyCell+1, d.screen.head+2+1)
	if it, _ := d.item(); it.finding.Privilege.Name != "prvAppendContact" {
		t.Errorf("on %s", it.finding.Privilege.Name)
	}
	d.send(tea.MouseMsg{Button: tea.MouseButtonWheelDown, Action: tea.MouseActionPress})
	if d.places[d.tab].row != len(d.current().rows)-1 || len(d.desk.done) != 0 {
		t.Error("the wheel does not move, or decides")
	}
}

// TestHelp: the help and the footer name no key that is not valid, and every
// key has one meaning at a time.
func TestHelp(t *testing.T) {
	d := start(t, config(sample()...), 80, 24)
	seen := map[string]string{}
	for _, a := range d.acts {
		for _, k := range a.Keys() {
			if other := seen[k]; other != "" {
				t.Errorf("%s is both %q and %q", k, other, a.Help().Desc)
			}
			seen[k] = a.Help().Desc
		}
	}
	d.press("?")
	if s := strings.Join(d.over.(*sheet).made, "\n") + d.View(); strings.Contains(s, "redo") || !strings.Contains(s, "accept") {
		t.Errorf("help says\n%s", s)
	}
}

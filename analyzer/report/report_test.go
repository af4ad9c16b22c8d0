package report

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"math/rand/v2"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"

	"github.com/prvgap/prvgap/analyzer"
	"github.com/prvgap/prvgap/catalog"
)

// nasty are pieces that break terminals, tables, spreadsheets and pages.
var nasty = []string{
	"\x1b[2J", "\u009b31m", "\x07", "\u202e", "\u2028", "\r\n", "\t", "|", "`", "<script>alert(1)</script>", "</style>", "[x](javascript:alert(1))",
	"=cmd|'/C calc'!A0", "+1", "-1", "@SUM(1)", "漢字", "📷", "é", "\xff\xfe", "\x00", "word ", "averyveryverylongwordwithoutanyblank", "\"", "\\", "&", "*_~#!",
}

func soup(r *rand.Rand) string {
	var b strings.Builder
	for range r.IntN(12) {
		b.WriteString(nasty[r.IntN(len(nasty))])
	}
	return b.String()
}

// hostileReport has such text in every place that a capture can fill.
func hostileReport(r *rand.Rand) Report {
	ev := analyzer.Evidence{Facts: analyzer.NewFacts(), Captures: []analyzer.Capture{{
		Name: soup(r), Creator: soup(r), Format: "har", Problem: soup(r), Complete: r.IntN(2) == 0, Entries: 7, From: time.Unix(1e9, 0), To: time.Unix(1e9+99, 0),
	}}}
	ev.Facts.AddTable(catalog.Table{Name: "cr1_boat", Label: soup(r)})
	ev.Facts.AddPrivilege(catalog.Privilege{Name: "prvReadcr1_Boat", Table: "cr1_boat", Action: catalog.Action(soup(r))})
	ev.Facts.Touch("=1+"+soup(r), catalog.Action(soup(r)))
	for _, d := range []analyzer.Denial{
		{Cause: analyzer.CausePrivilege, Privilege: "prvReadcr1_Boat", Table: "cr1_boat"},
		{Cause: analyzer.CausePrivilege, Privilege: "prvReadOrganization"},
		{Cause: analyzer.CausePrivilege, Shape: "no-body", Suspected: soup(r)},
		{Cause: analyzer.CauseRecordAccess, Table: "account", Action: catalog.Read, Owner: soup(r), OwnerKind: soup(r), RecordBusinessUnit: soup(r)},
		{Cause: analyzer.CauseOther, Table: soup(r)},
		{Cause: analyzer.CauseColumnSecurity, Table: soup(r)},
	} {
		d.Message, d.URL, d.Method, d.Advice, d.Principal, d.PrincipalKind = soup(r), soup(r), soup(r), soup(r), soup(r), soup(r)
		ev.Denials = append(ev.Denials, d)
	}
	a := analyzer.Analyze(ev, analyzer.Options{Dialects: []analyzer.Dialect{gossip{r: r}}})
	if r.IntN(2) == 0 {
		half := ev.Keep(func(analyzer.Denial) bool { return r.IntN(2) == 0 })
		a.Comparison = analyzer.Compare(a, analyzer.Analyze(half, analyzer.Options{}), analyzer.Options{})
	}
	return Report{Version: "v0", Catalog: "c", Next: soup(r), Analysis: a}
}

// gossip is a dialect whose advice is hostile too: an advice may quote a capture.
type gossip struct {
	analyzer.Dialect // reads nothing here
	r                *rand.Rand
}

func (gossip) Suspect(string, string, *catalog.Catalog) string { return "" }

func (g gossip) Question(analyzer.TableUse) string { return soup(g.r) }

func (g gossip) Advise(a analyzer.Analysis) (said []analyzer.Advice) {
	for i := range a.Findings {
		said = append(said, analyzer.Advice{Finding: i, Text: soup(g.r), Why: soup(g.r)}, analyzer.Advice{Finding: i, Text: "shared" + nasty[i%len(nasty)]})
	}
	return append(said, analyzer.Advice{Finding: analyzer.ForAll, Text: soup(g.r), Why: soup(g.r)})
}

func render(t *testing.T, r Report, format string, o Options) string {
	t.Helper()
	var b bytes.Buffer
	if err := Write(&b, r, format, o); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// TestHostileText: text of a capture can steer no format.
func TestHostileText(t *testing.T) {
	for seed := range uint64(100) {
		r := hostileReport(rand.New(rand.NewPCG(seed, 3)))
		for _, format := range Formats() {
			if format == "xlsx" { // compressed: see TestHostileWorkbook
				continue
			}
			out := render(t, r, format, Options{Width: 80, Verbose: true})
			if !utf8.ValidString(out) {
				t.Fatalf("seed %d: %s is not UTF-8", seed, format)
			}
			for _, c := range out {
				if c != '\n' && c != '\r' && hostile(c) && c != utf8.RuneError {
					t.Fatalf("seed %d: %s holds %U", seed, format, c)
				}
			}
		}
		if out := render(t, r, "markdown", Options{}); strings.Contains(out, "<script") || strings.Contains(out, "\n|-1") {
			t.Fatalf("seed %d: markdown: %s", seed, out)
		}
		checkCSV(t, render(t, r, "csv", Options{}))
		var inventory bytes.Buffer
		if err := WriteInventory(&inventory, r); err != nil {
			t.Fatal(err)
		}
		checkCSV(t, inventory.String())
		if !json.Valid([]byte(render(t, r, "json", Options{}))) {
			t.Fatalf("seed %d: not JSON", seed)
		}
	}
}

func checkCSV(t *testing.T, out string) {
	t.Helper()
	rows, err := csv.NewReader(strings.NewReader(out)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range rows {
		for _, cell := range row {
			if cell != "" && strings.ContainsRune("=+-@\t\r", rune(cell[0])) {
				t.Fatalf("a formula: %q", cell)
			}
		}
	}
}

// TestWidth: no line of the text report is wider than the terminal.
func TestWidth(t *testing.T) {
	for seed := range uint64(100) {
		r := hostileReport(rand.New(rand.NewPCG(seed, 4)))
		for _, width := range []int{40, 80, 120, 200} {
			for line := range strings.SplitSeq(render(t, r, "text", Options{Width: width, Verbose: seed%2 == 0}), "\n") {
				if n := ansi.StringWidth(line); n > width {
					t.Fatalf("seed %d: %d columns at width %d: %q", seed, n, width, line)
				}
			}
		}
	}
}

// TestLargeNumbers: where a number can be large, it has commas.
func TestLargeNumbers(t *testing.T) {
	r := Report{Analysis: analyzer.Analysis{Evidence: analyzer.Evidence{Captures: []analyzer.Capture{{Name: "a.har", Entries: 23456, Refused: 12345, Complete: true}}}}}
	for _, format := range []string{"text", "markdown", "html"} {
		if out := render(t, r, format, Options{}); !strings.Contains(out, "23,456") || !strings.Contains(out, "12,345") {
			t.Errorf("%s: the numbers are not 23,456 and 12,345:\n%s", format, out)
		}
	}
}

// TestColor: colours only where they are asked for, and the text is the same.
func TestColor(t *testing.T) {
	r := hostileReport(rand.New(rand.NewPCG(1, 5)))
	plainText, coloured := render(t, r, "text", Options{Width: 80}), render(t, r, "text", Options{Width: 80, Color: true})
	if strings.Contains(plainText, "\x1b") || !strings.Contains(coloured, "\x1b[") {
		t.Error("colours are where they were not asked for, or are not where they were")
	}
	a, b := strings.Split(ansi.Strip(coloured), "\n"), strings.Split(plainText, "\n")
	for i := range a {
		if a[i] != b[i] {
			t.Fatalf("colours change the text:\n%q\n%q", a[i], b[i])
		}
	}
}

// TestContract: every field that other programs rely on is there, null is null,
// and no array is.
func TestContract(t *testing.T) {
	var v map[string]any
	empty := render(t, Report{Analysis: analyzer.Analysis{Evidence: analyzer.Evidence{
		Captures: []analyzer.Capture{{}}, Denials: []analyzer.Denial{{}},
	}, Findings: []analyzer.Finding{{Denials: []int{0}}}, Principals: []analyzer.Principal{{}}}}, "json", Options{})
	if err := json.Unmarshal([]byte(empty), &v); err != nil {
		t.Fatal(err)
	}
	fields := func(what string, m map[string]any, names string) {
		for name := range strings.FieldsSeq(names) {
			got, ok := m[strings.TrimSuffix(name, "!")]
			if !ok {
				t.Errorf("%s has no %s", what, name)
			}
			if strings.HasSuffix(name, "!") && got != nil {
				t.Errorf("%s: %s is %v, not null", what, name, got)
			}
		}
	}
	object := func(name string) map[string]any { return v[name].([]any)[0].(map[string]any) }
	fields("report", v, "schema prvgap catalog captures principals findings denials proposal")
	fields("capture", object("captures"), "name format creator bytes entries refused complete problem!")
	fields("principal", object("principals"), "id kind businessUnit! roleCount! privilegeCount!")
	fields("finding", object("findings"), "privilege privilegeId! dialect action! table! label tab section depth basis held status requiredFor denials principals note!")
	fields("denial", object("denials"), "capture entry part! pointer time! method url status dialect shape code! message privilege! privilegeId! action! table! typeCode! depth! principal! principalKind! record! owner! recordBusinessUnit! cause advice! suspected!")
	fields("proposal", v["proposal"].(map[string]any), "base! grants unexplained")
	if strings.Contains(empty, `"requiredFor": null`) || strings.Contains(empty, `"grants": null`) || strings.Contains(empty, `"unexplained": null`) {
		t.Error("an array is null")
	}
}

func TestReadErrors(t *testing.T) {
	for in, want := range map[string]string{
		`{"schema":"prvgap.report/9"}`: "is not prvgap.report/1",
		`{"schema":`:                   "unexpected EOF",
		`{"schema":"prvgap.report/1","denials":[{"capture":3}]}`: "there is no capture 3",
		`{"schema":"prvgap.report/1",}`:                          "at byte",
		`{"denials":[],"captures":[]}`:                           `schema "" is not`,
		`{"denials":[{},{"depth":"Deeper"}]}`:                    `/denials/1/depth: "Deeper" is no depth`,
		`{"denials":[{},{"entry":"first"}]}`:                     "/denials/1/entry: unexpected string",
		`{"captures":[1]}`:                                       "/captures/0: unexpected number",
		`{"learned":{"homes":[]}}`:                               "/learned/homes: unexpected array",
		`{"schema":"prvgap.report/1","captures":[]}`:             "/captures: there is none",
		`{"denials":[{},{"entry" 1}]}`:                           "at byte 15: /denials/1: ",
		`{"captures":{}}`:                                        "/captures: it is no array",
		`{"findings":[{"denials":[1,2}`:                          "at byte 28: ",
		`[]`:                                                     "a report is a JSON object",
	} {
		if _, err := Read(strings.NewReader(in)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", in, err, want)
		}
	}
}

// TestReadOrder: members may come in any order, and what is not evidence may be anything.
func TestReadOrder(t *testing.T) {
	ev, err := Read(strings.NewReader(`{"later":{"a":[1e99999,{"b":null}],"c":"d"},"denials":[{"capture":0,"method":"GET","depth":""}],"findings":null,"captures":[{"name":"a.har"}],` +
		`"learned":null,"schema":"prvgap.report/1"}`))
	if err != nil || len(ev.Denials) != 1 || ev.Denials[0].Method != "GET" || ev.Captures[0].Name != "a.har" {
		t.Errorf("%+v, %v", ev, err)
	}
}

// TestReadBehind: what follows a report is told.
func TestReadBehind(t *testing.T) {
	const in = `{"schema":"prvgap.report/1","captures":[{"complete":true},{"complete":true}]}`
	for behind, want := range map[string]string{
		" \n": "", "{}": "from byte 77 on", "}": "from byte 77 on", "\nx": "from byte 77 on", "\x00": "from byte 77 on",
	} {
		ev, err := Read(strings.NewReader(in + behind))
		if err != nil || !ev.Captures[1].Complete || (want == "") != (ev.Captures[1].Problem == "") || !strings.Contains(ev.Captures[1].Problem, want) {
			t.Errorf("%q: %+v, %v", behind, ev.Captures, err)
		}
	}
}

// TestJSONLayout: the pieces of the document stand as if it had been written whole.
func TestJSONLayout(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for range 50 {
		out := render(t, hostileReport(r), "json", Options{})
		var whole bytes.Buffer
		if err := json.Indent(&whole, []byte(out), "", "  "); err != nil || whole.String() != out {
			t.Fatalf("%v, the layout is not\n%s\nbut\n%s", err, whole.String(), out)
		}
	}
}

// FuzzRead: whatever a report holds, what is read of it can be analyzed, written and read again.
func FuzzRead(f *testing.F) {
	r := rand.New(rand.NewPCG(5, 6))
	for range 3 {
		var b bytes.Buffer
		if err := Write(&b, hostileReport(r), "json", Options{}); err != nil {
			f.Fatal(err)
		}
		f.Add(b.Bytes())
	}
	f.Add([]byte(`{"schema":"prvgap.report/1","captures":[{"name":"a"}],"denials":[{"capture":0}],"learned":{"held":{"a":{"b":"Deep"}}}}`))
	f.Fuzz(func(t *testing.T, in []byte) {
		ev, err := Read(bytes.NewReader(in))
		if err != nil {
			return
		}
		var b bytes.Buffer
		if err := Write(&b, Report{Analysis: analyzer.Analyze(ev, analyzer.Options{})}, "json", Options{}); err != nil {
			t.Fatal(err)
		}
		again, err := Read(&b)
		if err != nil || len(again.Denials) != len(ev.Denials) || len(again.Captures) != len(ev.Captures) {
			t.Errorf("%d of %d denials came back: %v", len(again.Denials), len(ev.Denials), err)
		}
	})
}

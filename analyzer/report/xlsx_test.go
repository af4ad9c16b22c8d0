package report

import (
	"archive/zip"
	"bytes"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"

	"github.com/prvgap/prvgap/analyzer"
	"github.com/prvgap/prvgap/catalog"
)

func openWorkbook(t *testing.T, r Report) *excelize.File {
	t.Helper()
	f, err := excelize.OpenReader(strings.NewReader(render(t, r, "xlsx", Options{})))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

// sheetText gives the cells of a sheet as they are stored.
func sheetText(t *testing.T, f *excelize.File, name string) [][]string {
	t.Helper()
	rows, err := f.GetRows(name, excelize.Options{RawCellValue: true})
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

func TestWorkbook(t *testing.T) {
	f := openWorkbook(t, sampleReport())
	names := []string{sheetFindings, sheetBefore, sheetAfter, sheetEvidence, sheetOthers, sheetTables, sheetCaptures, sheetAbout}
	if got := f.GetSheetList(); !slices.Equal(got, names) {
		t.Fatalf("sheets %q", got)
	}
	for _, name := range names {
		panes, err := f.GetPanes(name)
		if err != nil || !panes.Freeze || panes.YSplit != 1 {
			t.Errorf("%s: the header does not stay in sight: %v %v", name, panes, err)
		}
	}
	for _, want := range []struct {
		sheet, cell, value string
		kind               excelize.CellType
	}{
		{sheetFindings, "A2", "Level too low", excelize.CellTypeSharedString},
		{sheetFindings, "E2", "◔ User", excelize.CellTypeSharedString},
		{sheetFindings, "F2", "◑ Business Unit", excelize.CellTypeSharedString},
		{sheetFindings, "J2", "FALSE", excelize.CellTypeBool},
		{sheetFindings, "K2", "2", excelize.CellTypeUnset}, // no type is a number
		{sheetEvidence, "A3", "2026-11-20 09:14:30", excelize.CellTypeUnset},
		{sheetEvidence, "C3", "10", excelize.CellTypeUnset},
		{sheetEvidence, "A11", "", excelize.CellTypeUnset}, // a denial without a time
		{sheetCaptures, "B3", "FALSE", excelize.CellTypeBool},
		{sheetCaptures, "C3", "PARTIAL: at byte 62484: unexpected end of file", excelize.CellTypeSharedString},
		{sheetCaptures, "F2", "123,456", excelize.CellTypeUnset},
		{sheetOthers, "A2", "column security", excelize.CellTypeSharedString},
		{sheetOthers, "A3", "not understood", excelize.CellTypeSharedString},
	} {
		value, err := f.GetCellValue(want.sheet, want.cell)
		kind, _ := f.GetCellType(want.sheet, want.cell)
		if err != nil || value != want.value || kind != want.kind {
			t.Errorf("%s %s: %q of type %v, want %q of type %v (%v)", want.sheet, want.cell, value, kind, want.value, want.kind, err)
		}
	}
	if rows := sheetText(t, f, sheetEvidence); len(rows) != 11 {
		t.Errorf("%d rows of evidence", len(rows))
	}
	raw, _ := f.GetCellValue(sheetEvidence, "A3", excelize.Options{RawCellValue: true})
	if !strings.HasPrefix(raw, "46346.38") { // days since 1900
		t.Errorf("the time is stored as %q", raw)
	}
	checkMatrices(t, f)
}

// TestWorkbookComparison: what became of each privilege stands on a sheet of its
// own, which is there only where something was compared.
func TestWorkbookComparison(t *testing.T) {
	r := sampleReport()
	r.Comparison = analyzer.Compare(r.Analysis, r.Analysis, analyzer.Options{})
	fixed := &r.Comparison.Privileges[0]
	fixed.Change, fixed.After, fixed.Finding, fixed.Allowed = analyzer.ChangeFixed, catalog.None, -1, []string{"PATCH /accounts()"}
	f := openWorkbook(t, r)
	if got := f.GetSheetList(); got[1] != sheetCompared {
		t.Fatalf("sheets %q", got)
	}
	rows := sheetText(t, f, sheetCompared)
	if len(rows) != len(r.Findings)+1 {
		t.Errorf("%d rows for %d privileges", len(rows), len(r.Findings))
	}
	want := []string{"Fixed", "Core Records", "Account", "Write", "◑ Business Unit", "", "", "PATCH /accounts()", "2", "prvWriteAccount", "account"}
	if !slices.Equal(rows[1], want) {
		t.Errorf("%q, want %q", rows[1], want)
	}
	if kind, err := f.GetCellType(sheetCompared, "I2"); err != nil || kind != excelize.CellTypeUnset { // a number
		t.Errorf("the count is of type %v (%v)", kind, err)
	}
	if rows[2][0] != "Still there" || rows[2][5] == "" {
		t.Errorf("%q", rows[2])
	}
}

// checkMatrices: both sheets show the same rows at the same places, and differ
// in what is to be changed alone.
func checkMatrices(t *testing.T, f *excelize.File) {
	t.Helper()
	before, after := sheetText(t, f, sheetBefore), sheetText(t, f, sheetAfter)
	if len(before) != len(after) {
		t.Fatalf("%d rows before, %d after", len(before), len(after))
	}
	var changes []string
	for i := range before {
		for j := range max(len(before[i]), len(after[i])) {
			if before[i][j] != after[i][j] {
				changes = append(changes, after[i][1]+" "+after[0][j]+" "+before[i][j]+" "+after[i][j])
			}
		}
	}
	want := []string{
		"Account Write ◔ User ◑ Business Unit", "Contact Create ○ None ◔ User", "Case Read ○ None ◔ User",
		"Process Read ○ None ◔ User", "Execute Workflow Job Miscellaneous ○ None ● Organization",
	}
	if !slices.Equal(changes, want) {
		t.Errorf("changes\n%s\nwant\n%s", strings.Join(changes, "\n"), strings.Join(want, "\n"))
	}
	at := slices.IndexFunc(before, func(row []string) bool { return row[1] == "Account" })
	if before[at][4] != "● Organization" || after[at][4] != "● Organization" {
		t.Errorf("what the base holds otherwise: %q", before[at])
	}
}

// TestHostileWorkbook: whatever a capture holds, the workbook can be read, and
// holds no formula and no character that steers.
func TestHostileWorkbook(t *testing.T) {
	formulas := []string{"=1+1", "+1", "-1", "@SUM(1)", "=HYPERLINK(\"http://evil.example\")", "_x000D__x202e_x202e_", "\ufffe", "\x01", " lead", "'quoted"}
	for seed := range uint64(10) {
		r := hostileReport(rand.New(rand.NewPCG(seed, 9)))
		for i := range r.Denials {
			r.Denials[i].Message = formulas[(int(seed)+i)%len(formulas)]
		}
		f := openWorkbook(t, r)
		for _, name := range f.GetSheetList() {
			for y, row := range sheetText(t, f, name) {
				for x, text := range row {
					checkCell(t, f, name, x+1, y+1, text)
				}
			}
		}
		if rows := sheetText(t, f, sheetEvidence); seed == 0 && (rows[1][9] != "=1+1" || rows[2][9] != "+1" || rows[4][9] != "@SUM(1)") {
			t.Errorf("the text was changed: %q", rows)
		} else if seed == 5 && rows[1][9] != "_x000D__x202e_x202e_" {
			t.Errorf("the text was changed: %q", rows[1])
		}
	}
	for raw, want := range map[string]string{
		"a\x00b\u202e\ufffe": "a·b··", strings.Repeat("é", 40_000): strings.Repeat("é", cellRunes-1) + "…",
	} {
		if got := safe(raw); got != want {
			t.Errorf("%.20q becomes %.20q", raw, got)
		}
	}
}

func checkCell(t *testing.T, f *excelize.File, name string, x, y int, text string) {
	t.Helper()
	cell, err := excelize.CoordinatesToCellName(x, y)
	if err != nil {
		t.Fatal(err)
	}
	if formula, err := f.GetCellFormula(name, cell); formula != "" || err != nil {
		t.Fatalf("%s %s: formula %q, %v", name, cell, formula, err)
	}
	if linked, target, _ := f.GetCellHyperLink(name, cell); linked {
		t.Fatalf("%s %s leads to %q", name, cell, target)
	}
	if !utf8.ValidString(text) || strings.ContainsFunc(text, hostile) {
		t.Fatalf("%s %s: %q", name, cell, text)
	}
}

// TestWorkbookBytes: the same report gives the same bytes, which hold no time
// but those of the captures, and no way out.
func TestWorkbookBytes(t *testing.T) {
	first := render(t, sampleReport(), "xlsx", Options{})
	for range 2 {
		if render(t, sampleReport(), "xlsx", Options{}) != first {
			t.Fatal("the same report gives other bytes")
		}
	}
	z, err := zip.NewReader(strings.NewReader(first), int64(len(first)))
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range z.File {
		r, err := part.Open()
		if err != nil {
			t.Fatal(err)
		}
		data, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		if part.Name == "docProps/core.xml" && bytes.Count(data, []byte(">2026-11-20T09:19:00Z<")) != 2 {
			t.Errorf("made at another time: %s", data)
		}
		if bytes.Contains(data, []byte("<f>")) || bytes.Contains(data, []byte(`TargetMode="External"`)) {
			t.Errorf("%s holds a formula or a link", part.Name)
		}
	}
}

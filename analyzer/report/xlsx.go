package report

import (
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"
)

// What a sheet can hold at most.
const (
	sheetRows = 1 << 20
	cellRunes = 32_767
)

// workbook writes sheets with the library. Its first error stays, and what
// comes after it does nothing.
type workbook struct {
	file *excelize.File
	err  error

	widths []float64 // of the columns of the sheet in work

	head, text, line, number, date, changed, loud int // styles
}

// heading is a column: what stands in its first row, and its width.
type heading struct {
	title string
	width float64
}

// writeXLSX writes a workbook to be sorted, filtered and mailed around.
func writeXLSX(w io.Writer, r Report, _ Options) error {
	b := &workbook{file: excelize.NewFile()}
	defer b.file.Close()
	b.note(b.file.SetSheetName("Sheet1", sheetFindings)) // a new file has one sheet
	b.properties(r)
	b.styles()
	b.findings(r)
	b.comparison(r)
	b.matrices(r)
	b.evidence(r)
	b.others(r)
	b.inventory(r)
	b.captures(r)
	b.about(r)
	if b.err == nil {
		_, b.err = b.file.WriteTo(w)
	}
	if b.err != nil {
		return fmt.Errorf("writing the workbook: %w", b.err)
	}
	return nil
}

// note keeps the first error.
func (b *workbook) note(err error) {
	if b.err == nil {
		b.err = err
	}
}

// properties say when the workbook was made: when its last capture was, as a
// clock would give other bytes each time.
func (b *workbook) properties(r Report) {
	made := time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)
	for _, c := range r.Captures {
		if datable(c.To) && c.To.After(made) {
			made = c.To
		}
	}
	stamp := made.UTC().Format(time.RFC3339)
	b.note(b.file.SetDocProps(&excelize.DocProperties{
		Creator: "prvgap", LastModifiedBy: "prvgap", Created: stamp, Modified: stamp, Title: "Privilege gap", Description: safe(r.summary()),
	}))
}

func (b *workbook) styles() {
	style := func(s excelize.Style) int {
		id, err := b.file.NewStyle(&s)
		b.note(err)
		return id
	}
	top := &excelize.Alignment{Vertical: "top"}
	wrap := &excelize.Alignment{Vertical: "top", WrapText: true}
	day := "yyyy-mm-dd hh:mm:ss"
	fill := func(color string) excelize.Fill {
		return excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{color}}
	}
	bold := func(color string) *excelize.Font {
		return &excelize.Font{Bold: true, Color: color, Family: "Calibri", Size: 11} // the family of the plain cells
	}
	b.head = style(excelize.Style{Font: bold("FFFFFF"), Fill: fill("1D4F91"), Alignment: wrap})
	b.text = style(excelize.Style{Alignment: wrap})
	b.line = style(excelize.Style{Alignment: top})              // for what would make a row fill the screen
	b.number = style(excelize.Style{Alignment: top, NumFmt: 3}) // #,##0
	b.date = style(excelize.Style{Alignment: top, CustomNumFmt: &day})
	b.changed = style(excelize.Style{Alignment: wrap, Font: bold("000000"), Fill: fill("FFE9B0")})
	b.loud = style(excelize.Style{Alignment: wrap, Font: bold("A3211A"), Fill: fill("FDECEA")})
}

// sheet starts a sheet: its heads stay in sight while the rest scrolls.
func (b *workbook) sheet(name string, frozen int, heads ...heading) {
	_, err := b.file.NewSheet(name)
	b.note(err)
	b.widths = nil
	for i, h := range heads {
		column, err := excelize.ColumnNumberToName(i + 1)
		b.note(err)
		b.note(b.file.SetColWidth(name, column, column, h.width))
		b.put(name, i+1, 1, h.title, b.head)
		b.widths = append(b.widths, h.width)
	}
	b.high(name, 1, 2)
	corner, err := excelize.CoordinatesToCellName(frozen+1, 2)
	b.note(err)
	pane := "bottomLeft"
	if frozen > 0 {
		pane = "bottomRight"
	}
	b.note(b.file.SetPanes(name, &excelize.Panes{Freeze: true, XSplit: frozen, YSplit: 1, TopLeftCell: corner, ActivePane: pane}))
}

// linesOf estimates how many lines a cell takes: not every program makes a row
// as high as its wrapped text by itself.
func (b *workbook) linesOf(column int, v any) int {
	const most = 12
	if m, ok := v.(marked); ok && m.style != b.line {
		v = m.value
	}
	text, ok := v.(string)
	if !ok || column >= len(b.widths) {
		return 1
	}
	n, width := float64(utf8.RuneCountInString(text)), b.widths[column]
	if n <= width {
		return 1
	}
	return min(most, 1+int(n*1.1/width)) // words do not fill their lines
}

func (b *workbook) high(name string, row, lines int) {
	const line = 15 // points, of the plain cells
	if b.err == nil {
		b.note(b.file.SetRowHeight(name, row, float64(lines*line)))
	}
}

// paper makes a sheet as wide as a page, for whom prints it.
func (b *workbook) paper(name string) {
	fit, across, wide, high := true, "landscape", 1, 0 // as many pages high as it needs
	b.note(b.file.SetSheetProps(name, &excelize.SheetPropsOptions{FitToPage: &fit}))
	b.note(b.file.SetPageLayout(name, &excelize.PageLayoutOptions{Orientation: &across, FitToWidth: &wide, FitToHeight: &high}))
}

// rows writes the rows below the heads and lets them be filtered. What a sheet
// cannot hold is counted in its last row.
func (b *workbook) rows(name string, rows [][]any) {
	if len(rows) > sheetRows-1 {
		left := len(rows) - (sheetRows - 2)
		rows = append(slices.Clone(rows[:sheetRows-2]), []any{fmt.Sprintf("and %d more, which a sheet cannot hold", left)})
	}
	widest := 1
	for i, row := range rows {
		widest = max(widest, len(row))
		high := 1
		for j, v := range row {
			b.put(name, j+1, i+2, v, 0)
			high = max(high, b.linesOf(j, v))
		}
		if high > 1 {
			b.high(name, i+2, high)
		}
	}
	if len(rows) == 0 || b.err != nil {
		return
	}
	end, err := excelize.CoordinatesToCellName(widest, len(rows)+1)
	b.note(err)
	b.note(b.file.AutoFilter(name, "A1:"+end, nil))
	b.paper(name) // after the filter, which starts the sheet's properties anew
}

// marked is a value with a style of its own.
type marked struct {
	value any
	style int
}

// put writes a value as what it is. A text is always a text: the library writes
// a formula only where it is asked for one, and it never is.
func (b *workbook) put(name string, column, row int, v any, style int) {
	if b.err != nil {
		return
	}
	if m, ok := v.(marked); ok {
		v, style = m.value, m.style
	}
	at, err := excelize.CoordinatesToCellName(column, row)
	b.note(err)
	own := b.text
	switch v := v.(type) {
	case nil:
	case string:
		if v != "" {
			b.note(b.file.SetCellStr(name, at, literal(safe(v))))
		}
	case int:
		own = b.number
		b.note(b.file.SetCellInt(name, at, int64(v)))
	case int64:
		own = b.number
		b.note(b.file.SetCellInt(name, at, v))
	case bool:
		b.note(b.file.SetCellBool(name, at, v))
	case time.Time:
		own = b.date
		if datable(v) {
			b.note(b.file.SetCellValue(name, at, v.UTC()))
		} else if !v.IsZero() {
			b.note(b.file.SetCellStr(name, at, stamp(v)))
		}
	default:
		b.note(fmt.Errorf("cell %s holds a %T", at, v))
	}
	if style == 0 {
		style = own
	}
	b.note(b.file.SetCellStyle(name, at, at, style))
}

// datable reports whether a spreadsheet can hold t as a date.
func datable(t time.Time) bool { return t.Year() > 1900 && t.Year() < 10_000 }

// safe is plain, and short enough for a cell. It leaves out the two code points
// that XML cannot hold and plain lets through.
func safe(s string) string {
	s = plain(strings.Map(func(r rune) rune {
		if r == '\ufffe' || r == '\uffff' {
			return '·'
		}
		return r
	}, s))
	if utf8.RuneCountInString(s) > cellRunes {
		s = string([]rune(s)[:cellRunes-1]) + "…"
	}
	return s
}

// escapedCode is how a spreadsheet writes a character that XML cannot hold.
var escapedCode = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^_x[0-9A-Fa-f]{4}_`) })

// literal keeps a text from being read as such characters: "_x000A_" would come
// out as a new line. The library does not see to this.
func literal(s string) string {
	if !strings.Contains(s, "_x") {
		return s
	}
	var b strings.Builder
	for i := range len(s) {
		if s[i] == '_' && escapedCode().MatchString(s[i:]) { // codes may overlap
			b.WriteString("_x005F")
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

package catalog

import (
	_ "embed"
	"iter"
	"strings"
)

// The tables stay text: a lookup is a binary search over it, and starting the program parses nothing.
// data/SOURCES.md tells where each column comes from and how to make the files again.
var (
	//go:embed data/privileges.tsv
	privilegeData string
	//go:embed data/tables.tsv
	tableData string
	//go:embed data/needs.tsv
	needData string
	//go:embed data/predefined.tsv
	predefinedData string
	//go:embed data/tasks.tsv
	taskData string
)

// Version names the edition of the bundled data, such as "2026-11".
func Version() string {
	first, _, _ := strings.Cut(privilegeData, "\n")
	return strings.TrimPrefix(first, "# version ")
}

// body cuts the comment lines and the header line off a data file.
func body(data string) string {
	for strings.HasPrefix(data, "#") {
		_, data, _ = strings.Cut(data, "\n")
	}
	_, data, _ = strings.Cut(data, "\n")
	return data
}

// rows gives the cells of each line of a data file, which the next line overwrites.
func rows(data string) iter.Seq[[]string] {
	return func(yield func([]string) bool) {
		var row []string
		for data = body(data); data != ""; {
			var line string
			line, data, _ = strings.Cut(data, "\n")
			row = appendCells(row[:0], line)
			if !yield(row) {
				return
			}
		}
	}
}

func cells(line string) []string { return strings.Split(line, "\t") }

// appendCells is cells without a slice of its own: there are thousands of lines.
func appendCells(row []string, line string) []string {
	for {
		cell, rest, more := strings.Cut(line, "\t")
		if row = append(row, cell); !more {
			return row
		}
		line = rest
	}
}

// find searches a data file for the line whose first cell is key in any case.
// It relies on the order that the generator writes and a test checks: by lower-cased first cell, each only once.
func find(data, key string) ([]string, bool) {
	data = body(data)
	low, high := 0, len(data)
	for low < high {
		// The middle may fall anywhere: step back to the start of its line.
		start := low + strings.LastIndexByte(data[low:low+(high-low)/2], '\n') + 1
		end := start + strings.IndexByte(data[start:], '\n')
		first, _, _ := strings.Cut(data[start:end], "\t")
		switch c := compareFold(key, first); {
		case c == 0:
			return cells(data[start:end]), true
		case c < 0:
			high = start
		default:
			low = end + 1
		}
	}
	return nil, false
}

// lineWith gives the cells of the first line that holds text anywhere.
func lineWith(data, text string) ([]string, bool) {
	i := strings.Index(data, text)
	if i < 0 {
		return nil, false
	}
	start := strings.LastIndexByte(data[:i], '\n') + 1
	end := i + strings.IndexByte(data[i+1:], '\n') + 1
	return cells(data[start:end]), true
}

// compareFold orders two strings by their bytes with A-Z taken as a-z; names are ASCII.
func compareFold(a, b string) int {
	for i := range min(len(a), len(b)) {
		if x, y := lower(a[i]), lower(b[i]); x != y {
			return int(x) - int(y)
		}
	}
	return len(a) - len(b)
}

func lower(b byte) byte {
	if 'A' <= b && b <= 'Z' {
		return b + 'a' - 'A'
	}
	return b
}

package main

import (
	"bufio"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
)

// fact is one line of a fact table, with its place for error messages.
type fact struct {
	file  string
	line  int
	cells map[string]string
}

func (f fact) errorf(format string, args ...any) error {
	return fmt.Errorf("%s:%d: %s", f.file, f.line, fmt.Sprintf(format, args...))
}

// readFacts reads a table whose header has exactly the given columns. Lines that start with # are comments.
func readFacts(path string, columns ...string) ([]fact, error) {
	in, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer in.Close()
	var facts []fact
	headed := false
	lines := bufio.NewScanner(in)
	for n := 1; lines.Scan(); n++ {
		text := lines.Text()
		if strings.HasPrefix(text, "#") {
			continue
		}
		f := fact{path, n, map[string]string{}}
		cells := strings.Split(text, "\t")
		if !headed {
			if want := strings.Join(columns, "\t"); text != want {
				return nil, f.errorf("header is %q, want %q", text, want)
			}
			headed = true
			continue
		}
		if len(cells) != len(columns) {
			return nil, f.errorf("%d columns, want %d", len(cells), len(columns))
		}
		for i, c := range columns {
			f.cells[c] = strings.TrimSpace(cells[i])
		}
		facts = append(facts, f)
	}
	return facts, lines.Err()
}

// letters are the data files' signs for depths, by the words of the fact tables, in order.
var letters = []struct{ words, letter string }{
	{"User Basic", "B"},
	{"BusinessUnit Local", "L"},
	{"ParentChild Deep", "D"},
	{"Organization Global", "G"},
}

// depthLetters turns "User,Organization" into "BG".
func (f fact) depthLetters(column string) (string, error) {
	text := f.cells[column]
	if text == "" {
		return "", nil
	}
	left := strings.Split(text, ",")
	var out string
	for _, l := range letters {
		for word := range strings.FieldsSeq(l.words) {
			if len(left) > 0 && left[0] == word {
				out, left = out+l.letter, left[1:]
			}
		}
	}
	if len(left) > 0 {
		return "", f.errorf("column %s: %q is not a list of depths in their order", column, text)
	}
	return out, nil
}

var guid = regexp.MustCompile(`^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)

// id gives a column that holds a lower-case GUID or nothing.
func (f fact) id(column string) (string, error) {
	if v := f.cells[column]; v == "" || guid.MatchString(v) {
		return v, nil
	}
	return "", f.errorf("column %s: %q is no lower-case GUID", column, f.cells[column])
}

// oneOf gives a column that holds one of the words or nothing.
func (f fact) oneOf(column string, words ...string) (string, error) {
	v := f.cells[column]
	if v == "" {
		return "", nil
	}
	if slices.Contains(words, v) {
		return v, nil
	}
	return "", f.errorf("column %s: %q is none of %s", column, v, strings.Join(words, ", "))
}

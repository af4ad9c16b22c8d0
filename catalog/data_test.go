package catalog

import (
	"regexp"
	"strings"
	"testing"
)

// The binary search takes the order of the files for granted.
func TestDataFiles(t *testing.T) {
	for _, file := range []struct {
		name, data string
		columns    int
		unique     bool
	}{
		{"privileges.tsv", privilegeData, 11, true},
		{"tables.tsv", tableData, 10, true},
		{"predefined.tsv", predefinedData, 2, true},
		{"tasks.tsv", taskData, 2, true},
		{"needs.tsv", needData, 7, false},
	} {
		if !strings.HasPrefix(file.data, "# version "+Version()+"\n") || !strings.HasSuffix(file.data, "\n") || strings.Contains(file.data, "\r") {
			t.Errorf("%s: its first line, its last line or its line ends are wrong", file.name)
		}
		last, seen := "", map[string]bool{}
		for line := range rows(file.data) {
			key := strings.ToLower(line[0])
			if len(line) != file.columns || key == "" {
				t.Errorf("%s: %q has %d columns, want %d", file.name, line[0], len(line), file.columns)
			}
			if key < last || file.unique && key == last {
				t.Errorf("%s: %q stands after %q", file.name, key, last)
			}
			if whole := strings.Join(line, "\t"); seen[whole] {
				t.Errorf("%s: %q stands twice", file.name, whole)
			} else {
				seen[whole] = true
			}
			last = key
			if !file.unique {
				continue
			}
			if found, ok := find(file.data, strings.ToUpper(line[0])); !ok || found[0] != line[0] {
				t.Errorf("%s: %q is not found", file.name, line[0])
			}
		}
	}
	if !regexp.MustCompile(`^20\d\d-\d\d$`).MatchString(Version()) {
		t.Errorf("Version = %q", Version())
	}
}

// What is written by hand names only what exists, in words that can be read.
func TestHandWrittenData(t *testing.T) {
	c := Default()
	for line := range rows(needData) {
		if d, ok := ParseDepth(line[1]); !ok || d.String() != line[1] {
			t.Errorf("needs.tsv: %s: depth %q", line[0], line[1])
		}
		if p, ok := c.Privilege(line[0]); !strings.HasSuffix(line[0], "*") && (!ok || p.Name != line[0]) {
			t.Errorf("needs.tsv: no privilege %q", line[0])
		}
		if line[2] == "" || line[6] == "" || strings.Trim(line[3]+line[4], "1") != "" {
			t.Errorf("needs.tsv: %q", line)
		}
	}
	for line := range rows(taskData) {
		if p, ok := c.Privilege(line[0]); !ok || p.Name != line[0] || p.Action != NoAction || p.Allows != line[1] || line[1] == "" {
			t.Errorf("tasks.tsv: %q", line)
		}
	}
}

// A base leads to the table on whose row the privileges stand.
func TestEveryPrivilegeByTable(t *testing.T) {
	c := Default()
	for p := range c.All() {
		if p.Table == "" || p.Action == NoAction {
			continue
		}
		if got, ok := c.ByTable(p.Table, p.Action); !ok || got != p {
			t.Errorf("ByTable(%s, %s) = %q, want %q", p.Table, p.Action, got.Name, p.Name)
		}
	}
}

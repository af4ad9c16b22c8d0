package dataverse

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/prvgap/prvgap/analyzer/role"
)

const (
	diffContext = 3
	// maxDiffEdits bounds the work on files that have little in common; beyond it the differing part is replaced whole.
	maxDiffEdits = 2000
)

// UnifiedDiff gives the difference of two files as a unified diff that patch and git apply take, or "" if there is none.
// Of two solution zips it compares customizations.xml, for a folder that the zip was unpacked to. Lines keep their own
// ends: a file with CRLF has it in the diff too.
func UnifiedDiff(name string, before, after []byte) string {
	if bytes.Equal(before, after) {
		return ""
	}
	if a, b, ok := solutionTexts(before, after); ok {
		if bytes.Equal(a, b) {
			return ""
		}
		return fmt.Sprintf("%s of %s\n", customizationsFile, diffName(name)) + unified(customizationsFile, a, b)
	}
	return unified(diffName(name), before, after)
}

// solutionTexts unpacks what is compared in two solution zips. What is no such zip is compared as it is.
func solutionTexts(before, after []byte) (a, b []byte, ok bool) {
	var texts [2][]byte
	for i, file := range [][]byte{before, after} {
		if !bytes.HasPrefix(file, []byte(zipStart)) {
			return nil, nil, false
		}
		_, f, err := openSolution(file)
		if err != nil {
			return nil, nil, false
		}
		if texts[i], err = readCustomizations(f); err != nil {
			return nil, nil, false
		}
	}
	return texts[0], texts[1], true
}

// diffName makes a file's name fit for a header: a line, with forward slashes, below a/ and b/.
func diffName(name string) string {
	return strings.TrimLeft(strings.ReplaceAll(role.OneLine(name), `\`, "/"), "/")
}

func unified(name string, before, after []byte) string {
	a, b := diffLines(before), diffLines(after)
	var out strings.Builder
	// A tab ends the name, which may hold blanks.
	fmt.Fprintf(&out, "--- a/%s\t\n+++ b/%s\t\n", name, name)
	changes := diffChanges(a, b)
	for len(changes) > 0 {
		n := 1
		for n < len(changes) && changes[n].a-changes[n-1].aEnd <= 2*diffContext {
			n++
		}
		writeHunk(&out, a, b, changes[:n])
		changes = changes[n:]
	}
	return out.String()
}

// diffLines splits a file into lines that keep their ends.
func diffLines(file []byte) []string {
	lines := strings.SplitAfter(string(file), "\n")
	if lines[len(lines)-1] == "" {
		lines = lines[:len(lines)-1]
	}
	return lines
}

// lineChange says that lines a to aEnd of the one file became lines b to bEnd of the other, counted from 0.
type lineChange struct{ a, aEnd, b, bEnd int }

// writeHunk writes changes that stand so near to each other that their context touches.
func writeHunk(out *strings.Builder, a, b []string, changes []lineChange) {
	first, last := changes[0], changes[len(changes)-1]
	lead := min(diffContext, first.a)
	tail := min(diffContext, len(a)-last.aEnd)
	at := first.a - lead
	fmt.Fprintf(out, "@@ -%s +%s @@\n",
		hunkRange(at, last.aEnd+tail), hunkRange(first.b-lead, last.bEnd+tail))
	for _, c := range changes {
		writeLines(out, ' ', a[at:c.a])
		writeLines(out, '-', a[c.a:c.aEnd])
		writeLines(out, '+', b[c.b:c.bEnd])
		at = c.aEnd
	}
	writeLines(out, ' ', a[at:at+tail])
}

// hunkRange counts from 1, but an empty range names the line before it.
func hunkRange(start, end int) string {
	switch end - start {
	case 0:
		return fmt.Sprintf("%d,0", start)
	case 1:
		return fmt.Sprint(start + 1)
	}
	return fmt.Sprintf("%d,%d", start+1, end-start)
}

// writeLines marks a last line without an end, because patch would give it one otherwise.
func writeLines(out *strings.Builder, mark byte, lines []string) {
	for _, l := range lines {
		out.WriteByte(mark)
		out.WriteString(l)
		if !strings.HasSuffix(l, "\n") {
			out.WriteString("\n\\ No newline at end of file\n")
		}
	}
}

// diffChanges finds a shortest list of changes. Equal lines at both ends go first: a patched role differs in a few
// lines of thousands.
func diffChanges(a, b []string) []lineChange {
	lead := 0
	for lead < len(a) && lead < len(b) && a[lead] == b[lead] {
		lead++
	}
	a, b = a[lead:], b[lead:]
	for len(a) > 0 && len(b) > 0 && a[len(a)-1] == b[len(b)-1] {
		a, b = a[:len(a)-1], b[:len(b)-1]
	}
	steps, ok := shortestEdits(a, b)
	if !ok {
		return []lineChange{{lead, lead + len(a), lead, lead + len(b)}}
	}
	var changes []lineChange
	for _, s := range steps {
		s = lineChange{s.a + lead, s.aEnd + lead, s.b + lead, s.bEnd + lead}
		if n := len(changes); n > 0 && changes[n-1].aEnd == s.a && changes[n-1].bEnd == s.b {
			changes[n-1].aEnd, changes[n-1].bEnd = s.aEnd, s.bEnd
		} else {
			changes = append(changes, s)
		}
	}
	return changes
}

// shortestEdits is Myers' greedy algorithm: reach[k] is how far into a the furthest path on diagonal k has come after d
// edits; the reaches of every d are kept to walk back. Each step is one line taken out or put in.
func shortestEdits(a, b []string) ([]lineChange, bool) {
	const offset = maxDiffEdits + 1
	reach := make([]int, 2*offset+1)
	var trace [][]int
	for d := 0; d <= maxDiffEdits; d++ {
		trace = append(trace, append([]int(nil), reach[offset-d:offset+d+1]...))
		for k := -d; k <= d; k += 2 {
			x := reach[offset+k-1] + 1
			if k == -d || k != d && reach[offset+k-1] < reach[offset+k+1] {
				x = reach[offset+k+1]
			}
			for x < len(a) && x-k >= 0 && x-k < len(b) && a[x] == b[x-k] {
				x++
			}
			reach[offset+k] = x
			if x >= len(a) && x-k >= len(b) {
				return walkBack(trace, len(a), len(b)), true
			}
		}
	}
	return nil, false
}

// walkBack turns the trace into steps, first step first. trace[d] holds the diagonals -d to d as they were before d.
func walkBack(trace [][]int, x, y int) []lineChange {
	steps := make([]lineChange, len(trace)-1)
	for d := len(trace) - 1; d > 0; d-- {
		at := func(k int) int { return trace[d][k+d] }
		k := x - y
		down := k == -d || k != d && at(k-1) < at(k+1)
		if down {
			x = at(k + 1)
			y = x - (k + 1)
			steps[d-1] = lineChange{x, x, y, y + 1}
		} else {
			x = at(k - 1)
			y = x - (k - 1)
			steps[d-1] = lineChange{x, x + 1, y, y}
		}
	}
	return steps
}

package main

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/prvgap/prvgap/analyzer"
	"github.com/prvgap/prvgap/analyzer/report"
)

// sampleCaptures are all captures of the samples, of whatever format.
func sampleCaptures(t testing.TB) []string {
	t.Helper()
	var files []string
	for _, pattern := range []string{"*.har", "logs/*"} {
		found, err := filepath.Glob(samples + pattern)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, found...)
	}
	files = slices.DeleteFunc(files, func(name string) bool { return strings.Contains(name, "netlog") }) // which is refused
	if len(files) < 10 {
		t.Fatalf("only %d samples", len(files))
	}
	return files
}

// quiet is how the tests below read: what goes wrong shows in the report.
func quiet() streams { return streams{err: &bytes.Buffer{}, version: "v0"} }

// reported reads captures or reports, and returns their JSON report.
func reported(t testing.TB, opts analyzer.Options, paths ...string) []byte {
	t.Helper()
	ev, _, err := collect(context.Background(), quiet(), dialects(), question{captures: paths})
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := report.Write(&b, report.Report{Version: "v0", Analysis: analyzer.Analyze(ev, opts)}, "json", report.Options{}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestSplitOverMachines: captures may be dealt out to machines in any way, some
// of them to several, and joining the reports gives the report of the captures.
func TestSplitOverMachines(t *testing.T) {
	files := sampleCaptures(t)
	base, err := readRole(samples + "roles/Sales Base.xml")
	if err != nil {
		t.Fatal(err)
	}
	opts := analyzer.Options{Dialects: dialects()}
	for seed := range uint64(3) {
		r := rand.New(rand.NewPCG(seed, 8))
		final := opts
		if r.IntN(2) == 0 {
			final.Bases = append(final.Bases, base)
		}
		want := reported(t, final, files...)
		dir := t.TempDir()
		machines := make([][]string, 1+r.IntN(5))
		for _, f := range files {
			for range 1 + r.IntN(2) {
				m := r.IntN(len(machines))
				machines[m] = append(machines[m], f)
			}
		}
		var parts []string
		for i, files := range machines {
			if len(files) == 0 {
				continue
			}
			r.Shuffle(len(files), func(i, j int) { files[i], files[j] = files[j], files[i] })
			part := filepath.Join(dir, fmt.Sprintf("%d.json", i))
			if err := os.WriteFile(part, reported(t, opts, files...), 0o600); err != nil {
				t.Fatal(err)
			}
			parts = append(parts, part)
		}
		parts = append(parts, files[r.IntN(len(files))]) // a capture beside its report
		r.Shuffle(len(parts), func(i, j int) { parts[i], parts[j] = parts[j], parts[i] })
		if got := reported(t, final, parts...); !bytes.Equal(got, want) {
			t.Fatalf("seed %d: the joined reports of %v differ from the captures:\n%s", seed, machines, firstDifference(got, want))
		}
	}
}

// firstDifference shows the line in which two reports part.
func firstDifference(got, want []byte) string {
	a, b := strings.Split(string(got), "\n"), strings.Split(string(want), "\n")
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return fmt.Sprintf("line %d\n got %s\nwant %s", i+1, a[i], b[i])
		}
	}
	return fmt.Sprintf("%d lines, want %d", len(a), len(b))
}

// TestParallelOrder: however many captures are read at a time, the report and
// what is told of broken ones are the same.
func TestParallelOrder(t *testing.T) {
	files := sampleCaptures(t)
	dir := t.TempDir()
	for i := range 6 {
		broken := filepath.Join(dir, fmt.Sprintf("broken-%d.har", i))
		if err := os.WriteFile(broken, []byte(`{"log": {"entries": [`), 0o600); err != nil {
			t.Fatal(err)
		}
		files = slices.Insert(files, 2*i, broken)
	}
	read := func(processors int) string {
		defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(processors))
		var out, told bytes.Buffer
		code := run(append([]string{"analyze", "--format", "json"}, files...), streams{in: strings.NewReader(""), out: &out, err: &told, version: "v0"})
		return fmt.Sprint(code, told.String(), out.String())
	}
	want := read(1)
	if !strings.HasPrefix(want, "2prvgap: reading "+filepath.ToSlash(files[0])) || strings.Count(want, "broken-") < 6 {
		t.Fatalf("%.400s", want)
	}
	for _, processors := range []int{2, 8} {
		if got := read(processors); got != want {
			t.Errorf("with %d processors: %s", processors, firstDifference([]byte(got), []byte(want)))
		}
	}
}

// TestInterrupt: a context that ends, ends all readers, and nothing is reported.
func TestInterrupt(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	ev, failed, err := collect(ctx, quiet(), dialects(), question{captures: sampleCaptures(t)})
	if err == nil || !failed || len(ev.Captures) > 0 {
		t.Errorf("%v, failed %t, with %d captures", err, failed, len(ev.Captures))
	}
}

// TestSameFile: a file that is named by several paths is read once.
func TestSameFile(t *testing.T) {
	data, err := os.ReadFile(samples + "own-work.har")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	t.Chdir(dir)
	if err := os.WriteFile("a.har", data, 0o600); err != nil {
		t.Fatal(err)
	}
	paths := []string{"a.har", "./a.har", filepath.Join(dir, "a.har"), "."}
	if err := os.Symlink("a.har", "link.har"); err == nil { // Windows may not let us
		paths = append(paths, "link.har")
	}
	if got := openAll(quiet(), paths); len(got) != 1 || got[0].source.Name() != "a.har" {
		t.Errorf("%d inputs", len(got))
	}
}

// TestProgress: the line counts all readers together, and is gone at the end.
func TestProgress(t *testing.T) {
	var told bytes.Buffer
	p := &progress{io: streams{err: &told, progress: true}, inputs: 3}
	p.add("a.har", 64)
	p.next = p.next.Add(-1e9)
	p.finish()
	p.add("b.har", 64)
	p.clear()
	if want := "\r\x1b[Kreading 1 of 3 captures: 128 entries\r\x1b[K"; told.String() != want {
		t.Errorf("told %q", told.String())
	}
}

// TestProgressWidth: a long name leaves the line within 80 columns.
func TestProgressWidth(t *testing.T) {
	var told bytes.Buffer
	p := &progress{io: streams{err: &told, progress: true}, inputs: 1}
	name := strings.Repeat("captures/", 20) + "sales.har"
	p.add(name, 64)
	p.next = p.next.Add(-1e9)
	p.add(name, 9_999_999)
	if line := strings.TrimPrefix(told.String(), "\r\x1b[K"); utf8.RuneCountInString(line) >= 80 || !strings.Contains(line, "captures/sales.har: ") {
		t.Errorf("told %q", line)
	}
}

// BenchmarkCollect reads a folder of captures; compare -cpu 1,2.
func BenchmarkCollect(b *testing.B) {
	data, err := os.ReadFile(samples + "sales-app.har")
	if err != nil {
		b.Fatal(err)
	}
	dir := b.TempDir()
	const captures = 16
	for i := range captures {
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("%02d.har", i)), data, 0o600); err != nil {
			b.Fatal(err)
		}
	}
	b.SetBytes(captures * int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		if _, _, err := collect(context.Background(), quiet(), dialects(), question{captures: []string{dir}}); err != nil {
			b.Fatal(err)
		}
	}
}

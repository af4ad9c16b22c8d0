package main

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/prvgap/prvgap/analyzer"
	"github.com/prvgap/prvgap/analyzer/report"
	"github.com/prvgap/prvgap/har"
)

const samples = "../../testdata/"

// evidence reads captures as the commands do.
func evidence(t *testing.T, paths ...string) analyzer.Evidence {
	t.Helper()
	var evs []analyzer.Evidence
	for _, path := range paths {
		sources, err := har.Open(path, nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range sources {
			ev, _ := analyzer.Collect(s.Name(), s.Entries(har.Options{Body: analyzer.Body(dialects())}), dialects(), s.Info)
			evs = append(evs, ev)
		}
	}
	return analyzer.Merge(evs...)
}

// TestSamples holds every denial of the sample captures against the list that
// their maker wrote: each is found once, and nothing else is.
func TestSamples(t *testing.T) {
	data, err := os.ReadFile(samples + "expected.tsv")
	if err != nil {
		t.Fatal(err)
	}
	r := csv.NewReader(bytes.NewReader(data))
	r.Comma, r.Comment = '\t', '#'
	rows, err := r.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	col := func(row []string, name string) string { return row[slices.Index(rows[0], name)] }
	want := map[string][]string{}
	for _, row := range rows[1:] {
		part := col(row, "part")
		if part == "" {
			part = "0"
		}
		want[col(row, "file")] = append(want[col(row, "file")], fmt.Sprint(
			col(row, "entry"), " ", part, " ", col(row, "status"), " ", col(row, "cause"), " ", strings.ToLower(col(row, "privilege")), " ", col(row, "principal")))
	}
	for file, expected := range want {
		a := analyzer.Analyze(evidence(t, samples+file), analyzer.Options{Dialects: dialects()})
		privilege := map[int]string{}
		for _, f := range a.Findings {
			for _, i := range f.Denials {
				privilege[i] = f.Privilege.Name
			}
		}
		var got []string
		for i, d := range a.Denials {
			name := privilege[i]
			if name == "" {
				name = d.Privilege
			}
			got = append(got, fmt.Sprint(d.Entry, " ", d.Part, " ", d.Status, " ", d.Cause, " ", strings.ToLower(name), " ", d.PrincipalKind))
		}
		if !slices.Equal(got, expected) {
			t.Errorf("%s:\ngot\n%s\nwant\n%s", file, strings.Join(got, "\n"), strings.Join(expected, "\n"))
		}
	}
}

// TestReportReadsBack: an analysis of reports equals the analysis of the
// captures that they came from, also when they were read apart.
func TestReportReadsBack(t *testing.T) {
	base, err := readRole(samples + "roles/Sales Base.xml")
	if err != nil {
		t.Fatal(err)
	}
	opts := analyzer.Options{Dialects: dialects()}
	opts.Bases = append(opts.Bases, base)
	files := []string{samples + "sales-app.har", samples + "team-member.har", samples + "no-roles.har", samples + "zoho.har", samples + "both.har"}
	write := func(a analyzer.Analysis) string {
		var b bytes.Buffer
		if err := report.Write(&b, report.Report{Analysis: a}, "json", report.Options{}); err != nil {
			t.Fatal(err)
		}
		return b.String()
	}
	direct := write(analyzer.Analyze(evidence(t, files...), opts))
	var parts []analyzer.Evidence
	for _, f := range files {
		ev, err := report.Read(strings.NewReader(write(analyzer.Analyze(evidence(t, f), analyzer.Options{Dialects: dialects()}))))
		if err != nil {
			t.Fatal(err)
		}
		parts = append(parts, ev)
	}
	slices.Reverse(parts)
	if merged := write(analyzer.Analyze(analyzer.Merge(parts...), opts)); merged != direct {
		t.Errorf("the merged reports differ from the captures")
		os.WriteFile(filepath.Join(os.TempDir(), "direct.json"), []byte(direct), 0o600)
		os.WriteFile(filepath.Join(os.TempDir(), "merged.json"), []byte(merged), 0o600)
	}
}

// TestBaseFormats: the two files of one role say the same.
func TestBaseFormats(t *testing.T) {
	x, err := readRole(samples + "roles/Sales Base.xml")
	if err != nil {
		t.Fatal(err)
	}
	j, err := readRole(samples + "roles/Sales Base.json")
	if err != nil {
		t.Fatal(err)
	}
	if x.Name != "Sales Base" || x.Name != j.Name || x.Len() == 0 || !reflect.DeepEqual(x.Grants(), j.Grants()) {
		t.Errorf("%s with %d grants, %s with %d", x.Name, x.Len(), j.Name, j.Len())
	}
}

// TestReadme: the README shows what its command prints; a line "…" stands for
// lines left out.
func TestReadme(t *testing.T) {
	data, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, block, found := strings.Cut(string(data), "<!-- output: checked by a test -->\n```\n")
	block, _, closed := strings.Cut(block, "```")
	if !found || !closed {
		t.Fatal("the README shows no output")
	}
	t.Chdir("../..")
	var out bytes.Buffer
	code := run([]string{"analyze", "testdata/sales-app.har", "--base", "testdata/roles/Sales Base.xml"}, streams{out: &out, err: &out, version: "v0"})
	if code != exitGap {
		t.Fatalf("exit code %d: %s", code, out.String())
	}
	rest := out.String()
	for i, piece := range strings.Split(block, "…\n") {
		at := strings.Index(rest, piece)
		if at < 0 || i == 0 && at != 0 {
			t.Fatalf("the output does not hold, in its place:\n%s", piece)
		}
		rest = rest[at+len(piece):]
	}
	if rest != "" {
		t.Errorf("the README leaves out the end:\n%s", rest)
	}
}

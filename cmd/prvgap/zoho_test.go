package main

import (
	"bufio"
	"encoding/json"
	"os"
	"slices"
	"testing"

	"github.com/prvgap/prvgap/analyzer"
	"github.com/prvgap/prvgap/har"
)

// claims returns the names of the platforms that take an entry for a refusal of theirs.
func claims(e har.Entry) []string {
	var names []string
	for _, p := range platforms() {
		f := analyzer.NewFacts()
		if len(p.Denials(e, &f)) > 0 {
			names = append(names, p.name)
		}
	}
	return names
}

// TestNoDenialTwice: each platform by itself leaves alone what is the other's.
func TestNoDenialTwice(t *testing.T) {
	seen := map[string]int{}
	for _, file := range []string{"sales-app.har", "team-member.har", "no-roles.har", "zoho.har", "both.har"} {
		sources, err := har.Open(samples+file, nil)
		if err != nil {
			t.Fatal(err)
		}
		for e, err := range sources[0].Entries(har.Options{Body: analyzer.Body(dialects())}) {
			if err != nil {
				t.Fatal(err)
			}
			names := claims(e)
			if len(names) > 1 {
				t.Errorf("%s entry %d is claimed by %v", file, e.Index, names)
			}
			for _, n := range names {
				seen[n]++
			}
		}
	}
	if seen["zoho"] < 12 || seen["dataverse"] < 40 {
		t.Errorf("the test looks at little: %v", seen)
	}
}

// TestCollectedOnce does the same with the collected messages, with and without an address.
func TestCollectedOnce(t *testing.T) {
	f, err := os.Open("../../../shared/facts/denials/denials.jsonl")
	if err != nil {
		t.Skip("the folder of collected messages is not here:", err)
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var r struct{ ID, Shape, Message, Body string }
		if err := json.Unmarshal(lines.Bytes(), &r); err != nil {
			t.Fatal(err)
		}
		for _, url := range []string{"", "https://crm.zoho.eu/crm/v8/Leads"} {
			for _, body := range []string{r.Message, r.Body} {
				names := claims(har.Entry{Method: "GET", URL: url, Status: 403, Body: body, HasBody: body != ""})
				if len(names) > 1 {
					t.Errorf("%s (%s) at %q is claimed by %v", r.ID, r.Shape, url, names)
				}
			}
		}
	}
}

// TestReportOfBoth: the order of the bases changes neither findings nor what each is held against.
func TestReportOfBoth(t *testing.T) {
	var opts [2]analyzer.Options
	for i, names := range [][]string{{"Sales Base.xml", "Field Sales.json"}, {"Field Sales.json", "Sales Base.xml"}} {
		opts[i].Dialects = dialects()
		for _, n := range names {
			r, err := readRole(samples + "roles/" + n)
			if err != nil {
				t.Fatal(err)
			}
			opts[i].Bases = append(opts[i].Bases, r)
		}
	}
	ev := evidence(t, samples+"both.har", samples+"zoho.har", samples+"sales-app.har")
	a, b := analyzer.Analyze(ev, opts[0]), analyzer.Analyze(ev, opts[1])
	same := func(x, y analyzer.Finding) bool {
		return x.Privilege == y.Privilege && x.Held == y.Held && x.Depth == y.Depth && x.Status == y.Status && x.Note == y.Note
	}
	if !slices.EqualFunc(a.Findings, b.Findings, same) || len(a.Notes) != len(b.Notes) {
		t.Error("the order of the bases counts")
	}
	total := 0
	for _, p := range platforms() {
		of, left := a.Of(p.name)
		total += len(of.Proposal.Grants)
		if left+len(of.Proposal.Grants) != len(a.Proposal.Grants) || len(of.Proposal.Grants) == 0 {
			t.Errorf("%s: %d grants, %d left, of %d", p.name, len(of.Proposal.Grants), left, len(a.Proposal.Grants))
		}
		for _, g := range of.Proposal.Grants {
			if f := of.Findings[g.Because[0]]; f.Dialect != p.name || f.Privilege.Name != g.Privilege {
				t.Errorf("%s: %s is for %s of %s", p.name, g.Privilege, f.Privilege.Name, f.Dialect)
			}
		}
		if base := a.Proposal.BaseFor(p.name); base == nil || base.Dialect != p.name {
			t.Errorf("%s has no base", p.name)
		}
	}
	if total != len(a.Proposal.Grants) {
		t.Errorf("%d grants of %d belong to a platform", total, len(a.Proposal.Grants))
	}
}

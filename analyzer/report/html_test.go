package report

import (
	"fmt"
	"html"
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/prvgap/prvgap/analyzer"
)

// between returns what stands between two marks, the first time they occur.
func between(t *testing.T, s, from, to string) string {
	t.Helper()
	_, s, ok := strings.Cut(s, from)
	s, _, closed := strings.Cut(s, to)
	if !ok || !closed {
		t.Fatalf("nothing between %q and %q", from, to)
	}
	return s
}

// TestHTMLPolicy: the policy names the style and the script that stand in the
// page, by their digests, and allows nothing else.
func TestHTMLPolicy(t *testing.T) {
	page := render(t, sampleReport(), "html", Options{})
	got := html.UnescapeString(between(t, page, `http-equiv="Content-Security-Policy" content="`, `"`))
	want := "default-src 'none'; style-src " + digest(between(t, page, "<style>", "</style>")) + "; script-src " + digest(between(t, page, "<script>", "</script>")) + "; base-uri 'none'; form-action 'none'"
	if got != want {
		t.Errorf("policy\n%s\nwant\n%s", got, want)
	}
	for _, never := range []string{" style=", " onclick=", "http-equiv=\"refresh\"", "@import", "url(", "<link", "<img", "unsafe-", "\t", "\r"} {
		if strings.Contains(page, never) {
			t.Errorf("the page holds %q", never)
		}
	}
	if unixLines("a\r\nb\n") != "a\nb\n" {
		t.Error("lines of a Windows checkout stay")
	}
}

// outward finds what could load or lead somewhere: all that a page may hold are
// links to places in itself.
var outward = regexp.MustCompile(`(?i)<(?:img|iframe|object|embed|link|base|form|video|audio)\b|\s(?:href|src|srcset|action|formaction|poster|ping)="[^#]`)

// TestHTMLHostile: whatever a capture holds, the markup is that of the template.
func TestHTMLHostile(t *testing.T) {
	for seed := range uint64(20) {
		page := render(t, hostileReport(rand.New(rand.NewPCG(seed, 8))), "html", Options{})
		if m := outward.FindString(page); m != "" {
			t.Fatalf("seed %d: %q", seed, m)
		}
		for _, once := range []string{"<script>", "</script>", "<style>", "</style>", "</body>", "<meta http-equiv"} {
			if n := strings.Count(page, once); n != 1 {
				t.Fatalf("seed %d: %d times %s", seed, n, once)
			}
		}
		if strings.Contains(page, "ZgotmplZ") { // html/template's word for what it had to take out
			t.Fatalf("seed %d: a text stands where it cannot be escaped", seed)
		}
	}
}

// TestHTMLContent: what a reader must not miss is on the page.
func TestHTMLContent(t *testing.T) {
	r := sampleReport()
	page := render(t, r, "html", Options{})
	for _, want := range []string{
		"<h1>What Sales Base lacks</h1>", "<strong>Partial.</strong>", "second.har: at byte 62484: unexpected end of file", "the base app role seems to be missing",
		"Held, yet denied", "no goals here · decided by pat · until 20 Nov 2026", "add the user to a column security profile",
		"suspected: prvReadCompetitor", "prvgap v0.1.0 with catalog 2026-11", `datetime="2026-11-20T09:14:00Z"`, "first.har, entry 10", "Create: None to User",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the page does not hold %q", want)
		}
	}
	if again := render(t, sampleReport(), "html", Options{}); again != page {
		t.Error("the same report gives other bytes")
	}
	r = Report{Analysis: analyzer.Analyze(analyzer.Evidence{Facts: analyzer.NewFacts()}, analyzer.Options{})}
	if page = render(t, r, "html", Options{}); !strings.Contains(page, "Nothing to add to the role") || strings.Contains(page, "What the role lacks") {
		t.Error("an empty report says something else")
	}
}

// many returns a report with n denials of one privilege, in n captures or one.
func many(n int, captures bool) Report {
	ev := analyzer.Evidence{Facts: analyzer.NewFacts()}
	start := time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC)
	for i := range n {
		d := analyzer.Denial{Cause: analyzer.CausePrivilege, Privilege: "prvReadAccount", Entry: i, Time: start.Add(time.Duration(i) * time.Second)}
		if captures {
			d.Capture = i
		}
		if captures || i == 0 {
			ev.Captures = append(ev.Captures, analyzer.Capture{Name: fmt.Sprint(i), Complete: true, Entries: n, From: start, To: start.Add(time.Duration(n) * time.Second)})
		}
		ev.Denials = append(ev.Denials, d)
	}
	return Report{Analysis: analyzer.Analyze(ev, analyzer.Options{})}
}

// TestHTMLMany: a page of very many denials stays one that a browser opens, and
// says what it leaves out.
func TestHTMLMany(t *testing.T) {
	page := render(t, many(20_000, false), "html", Options{})
	if len(page) > 300_000 {
		t.Errorf("%d bytes", len(page))
	}
	for _, want := range []string{"20000 denials", "and 19900 more", "and 19500 more", "and 132 more</title>"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
	if page = render(t, many(20, true), "html", Options{}); !strings.Contains(page, "12 more captures hold denials and are not drawn") {
		t.Error("captures are left out in silence")
	}
}

// TestClock: denials stand where they happened, or in the order of the entries
// where there are no times.
func TestClock(t *testing.T) {
	from := time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC)
	c := analyzer.Capture{From: from, To: from.Add(100 * time.Second), Entries: 5}
	timed := analyzer.Denial{Entry: 1, Time: from.Add(25 * time.Second)}
	k := newClock(c, []analyzer.Denial{timed})
	if x := k.at(timed); x != 0.25 || k.words(timed) != "09:00:25" || k.label(0.5) != "09:00:50" {
		t.Errorf("timed: %v %s %s", x, k.words(timed), k.label(0.5))
	}
	k = newClock(c, []analyzer.Denial{timed, {Entry: 4}})
	if x := k.at(timed); x != 0.25 || k.words(timed) != "entry 1" || k.label(1) != "entry 4" {
		t.Errorf("by entry: %v %s %s", x, k.words(timed), k.label(1))
	}
	if k = newClock(analyzer.Capture{}, []analyzer.Denial{{Entry: 0}}); k.at(analyzer.Denial{}) != 0 {
		t.Error("one entry has no place")
	}
}

package report

import (
	"cmp"
	"fmt"
	"html/template"
	"slices"
	"strings"
	"time"

	"github.com/prvgap/prvgap/analyzer"
	"github.com/prvgap/prvgap/catalog"
)

// evidenceMost is how many denials a page lists below one item. The rest is
// counted: a page of a hundred thousand messages opens in no browser.
const evidenceMost = 100

// The classes of what a page lists; the filter offers them in this order.
const (
	classMissing     = "missing"
	classShallow     = "too-shallow"
	classUnknown     = "unknown"
	classHeld        = "held"
	classIgnored     = "ignored"
	classOther       = "other"
	classUnexplained = "not-understood"
)

// htmlClasses pairs each class with its words.
func htmlClasses() [][2]string {
	return [][2]string{
		{classMissing, "Missing"},
		{classShallow, "Level too low"},
		{classUnknown, "Level held not known"},
		{classHeld, "Held, yet denied"},
		{classIgnored, "Left alone"},
		{classOther, "Not a role gap"},
		{classUnexplained, "Not understood"},
	}
}

func classWords(class string) string {
	for _, c := range htmlClasses() {
		if c[0] == class {
			return c[1]
		}
	}
	return class
}

// The types below are what the template writes. Every text in them has gone
// through plain or lines; html/template escapes it for its place in the page.
type (
	htmlPage struct {
		Title, Summary           string
		Bases                    []htmlBase
		Version, Catalog, Policy string
		Style                    template.CSS
		Script                   template.JS
		Partial, Notes           []string
		Counts                   []htmlCount
		Classes                  []htmlCount // what the filter offers
		Actions                  []string
		Tabs                     []htmlTab
		Leveled                  bool // whether a change has a level, and is not a switch
		Groups                   []htmlGroup
		Timelines                []htmlTimeline
		Untold                   int // captures with denials that have no timeline
		Principals               []htmlPrincipal
		Captures                 []htmlCapture
		Items                    int
		Against, Changes         string // of the comparison
		Compared                 []htmlCompared
	}
	htmlCount struct {
		N           int
		Class, What string
	}
	htmlDepth struct {
		Step  int // of the circle
		Label string
	}
	htmlBase struct{ Name, Facts string }
	htmlTab  struct {
		ID, Name string
		Rows     []htmlRow // of tables: eight circles each
		Tasks    []htmlRow // miscellaneous privileges and switches: one cell each
		TaskHead [2]string
		Items    []htmlItem
	}
	htmlRow struct {
		Label, Of string // Of: the ids of its items
		Cells     []htmlCell
	}
	htmlCell struct {
		Kind     string // gap, has or none
		Item     string
		Column   string
		From, To htmlDepth
	}
	htmlGroup struct {
		ID, Title, Lead string
		Items           []htmlItem
	}
	htmlItem struct {
		ID, Class, Title, Column, Name, Clicks, Why, Advice string
		Moves                                               bool // has From and To
		Holds                                               bool // has From only
		From, To                                            htmlDepth
		NeededFor, Who                                      []string
		Silent                                              bool
		Times, More                                         int
		Advices                                             []htmlAdvice
		Evidence                                            []htmlDenial
	}
	htmlAdvice struct{ Text, Why string }
	htmlDenial struct {
		When, Stamp, Where, Mark, Method, URL, Context, Message string
		Status                                                  int
	}
	htmlPrincipal struct {
		Kind, ID, BusinessUnit, Roles, Privileges string
		Changes                                   int
	}
	htmlCapture struct {
		Name, Span, Creator, Format, Size, Problem string
		Entries, Refused                           string
		Complete                                   bool
	}
)

// htmlBuilder turns a report into what the template writes.
type htmlBuilder struct {
	Report
	cat   *catalog.Catalog
	items []string // by denial: the id of the item that it stands in
	kinds []string // by denial: the class of that item
	about []string // by denial: what the timeline says of it
}

func newHTMLPage(r Report) htmlPage {
	n := len(r.Denials)
	b := &htmlBuilder{Report: r, cat: r.Facts.Catalog(r.bases()...), items: make([]string, n), kinds: make([]string, n), about: make([]string, n)}
	style, script := unixLines(htmlStyle), unixLines(htmlScript)
	// These two types are written unescaped: they may hold our own files only.
	p := htmlPage{
		Title: b.title(), Summary: plain(r.summary()), Version: plain(r.Version), Catalog: plain(r.Catalog),
		Style: template.CSS(style), Script: template.JS(script), Policy: htmlPolicy(style, script),
		Counts: b.counts(), Tabs: b.tabs(), Leveled: b.leveled(), Groups: b.groups(),
	}
	for _, base := range r.bases() {
		p.Bases = append(p.Bases, htmlBase{plain(base.Name), plain(plural(base.Len(), "grant") + " · " + base.Source)})
	}
	for _, a := range catalog.Actions() {
		p.Actions = append(p.Actions, column(analyzer.Finding{Privilege: catalog.Privilege{Action: a}}))
	}
	for _, note := range r.Notes {
		p.Notes = append(p.Notes, plain(note))
	}
	for _, a := range r.Advice {
		p.Notes = append(p.Notes, plain(noteWords(a)))
	}
	p.Timelines, p.Untold = b.timelines() // after the items, which say what each denial is about
	p.Principals, p.Captures, p.Partial = b.principals(), b.captures(), b.partial()
	p.Classes, p.Items = b.classes(p)
	p.Against, p.Changes, p.Compared = b.comparison()
	return p
}

func (b *htmlBuilder) title() string {
	var names []string
	for _, base := range b.bases() {
		names = append(names, plain(base.Name))
	}
	roles, lack := strings.Join(names, " and "), " lack"
	if len(names) < 2 {
		roles, lack = cmp.Or(roles, "the role"), " lacks"
	}
	if b.Gap() {
		return "What " + roles + lack
	}
	return "Nothing to add to " + roles
}

// counts are the figures at the head of the page.
func (b *htmlBuilder) counts() []htmlCount {
	t, n := b.tally(), len(b.Proposal.Grants)
	changes, by := "changes to the role", "them"
	if n == 1 {
		changes, by = "change to the role", "it"
	}
	out := []htmlCount{{n, map[bool]string{true: classMissing, false: "answered"}[n > 0], changes}}
	for _, c := range []htmlCount{
		{t.answered, "answered", "of " + plural(t.roleGap, "denial") + " answered by " + by},
		{t.held, classHeld, "held already, yet denied"},
		{t.ignored, classIgnored, "left alone, as decided"},
		{t.other, classOther, "not a role gap"},
		{t.unexplained, classUnexplained, "not understood"},
	} {
		if c.N > 0 {
			out = append(out, c)
		}
	}
	return out
}

// classes counts the items of each class, for the filter.
func (b *htmlBuilder) classes(p htmlPage) ([]htmlCount, int) {
	n := map[string]int{}
	total := 0
	count := func(items []htmlItem) {
		for _, item := range items {
			n[item.Class]++
			total++
		}
	}
	for _, tab := range p.Tabs {
		count(tab.Items)
	}
	for _, group := range p.Groups {
		count(group.Items)
	}
	var out []htmlCount
	for _, c := range htmlClasses() {
		if n[c[0]] > 0 {
			out = append(out, htmlCount{n[c[0]], c[0], c[1]})
		}
	}
	return out, total
}

// depthOf draws a depth; a switch has words in place of circles.
func depthOf(p catalog.Privilege, d catalog.Depth) htmlDepth {
	if p.Section == catalog.Switch {
		return htmlDepth{noCircle, p.LevelLabel(d)}
	}
	return htmlDepth{int(d), d.Label()}
}

// Circles that no depth has: that of a level that nothing shows, and none.
const (
	notKnown = 5
	noCircle = -1
)

// heldOf is the level before: none where nothing is held, unless something is
// held at a level that no capture tells.
func heldOf(f analyzer.Finding) htmlDepth {
	if f.Status == analyzer.StatusUnknown && f.Held == catalog.None {
		return htmlDepth{notKnown, "level not known"}
	}
	return depthOf(f.Privilege, f.Held)
}

// finding is the item of finding i.
func (b *htmlBuilder) finding(i int) htmlItem {
	f := b.Findings[i]
	item := htmlItem{
		ID: fmt.Sprintf("f%d", i), Class: findingClass(f), Title: plain(rowLabel(f)), Column: plain(column(f)), Name: plain(f.Privilege.Name),
		Silent: f.Silent, From: heldOf(f), To: depthOf(f.Privilege, f.Depth), Moves: f.Gap(), Holds: !f.Gap(), Times: len(f.Denials),
	}
	if f.Gap() {
		item.Clicks = clicksOnly(f)
	}
	why := f
	why.RequiredFor, why.Silent = nil, false // they have a place of their own
	item.Why = plain(reasons(why))
	if f.Ignored != nil {
		item.Advice = plain(ignoredWords(*f.Ignored))
	}
	for _, a := range f.Advice {
		item.Advices = append(item.Advices, htmlAdvice{plain(a.Text), plain(a.Why)})
	}
	for _, what := range f.RequiredFor {
		item.NeededFor = append(item.NeededFor, plain(what))
	}
	if len(b.Principals) > 1 {
		for _, id := range f.Principals {
			item.Who = append(item.Who, plain(b.principal(id)))
		}
	}
	b.evidence(&item, f.Denials)
	return item
}

// clicksOnly is the number of clicks, without the level that stands beside it.
func clicksOnly(f analyzer.Finding) string {
	if n, _, ok := strings.Cut(clicks(f), " to "); ok {
		return n
	}
	return ""
}

func findingClass(f analyzer.Finding) string {
	switch {
	case f.Ignored != nil:
		return classIgnored
	case f.Status == analyzer.StatusTooShallow:
		return classShallow
	case f.Status == analyzer.StatusHeld:
		return classHeld
	case f.Status == analyzer.StatusUnknown:
		return classUnknown
	}
	return classMissing
}

func ignoredWords(i analyzer.Ignore) string {
	parts := []string{i.Reason}
	if i.Author != "" {
		parts = append(parts, "decided by "+i.Author)
	}
	if !i.Until.IsZero() {
		parts = append(parts, "until "+i.Until.Format("2 Jan 2006"))
	}
	return strings.Join(parts, " · ")
}

// principal names one by its kind, where that is known. It names nobody: names
// are not read from captures.
func (b *htmlBuilder) principal(id string) string {
	i, ok := slices.BinarySearchFunc(b.Principals, id, func(p analyzer.Principal, id string) int { return cmp.Compare(p.ID, id) })
	if !ok {
		return short(id)
	}
	who, _ := principalWords(b.Principals[i])
	return who
}

// evidence lists denials below an item, and notes for the timeline where each
// of them stands.
func (b *htmlBuilder) evidence(item *htmlItem, denials []int) {
	what := item.Title
	if item.Column != "" {
		what += ", " + item.Column
	}
	for n, i := range denials {
		if b.items[i] == "" { // the first item that a denial stands in speaks for it
			b.items[i], b.kinds[i], b.about[i] = item.ID, item.Class, what
		}
		if n < evidenceMost {
			item.Evidence = append(item.Evidence, b.denial(b.Denials[i]))
		}
	}
	item.Times, item.More = len(denials), max(0, len(denials)-evidenceMost)
}

func (b *htmlBuilder) denial(d analyzer.Denial) htmlDenial {
	out := htmlDenial{
		Method: plain(d.Method), URL: plain(d.URL), Status: d.Status, Context: plain(context(d)), Message: lines(d.Message),
		Mark: plain(d.Mark), Where: fmt.Sprintf("entry %d", d.Entry),
	}
	if d.Part > 0 {
		out.Where += fmt.Sprintf(", part %d", d.Part)
	}
	if len(b.Captures) > 1 {
		out.Where = plain(b.Captures[d.Capture].Name) + ", " + out.Where
	}
	if !d.Time.IsZero() {
		out.When, out.Stamp = d.Time.UTC().Format("2 Jan 2006 15:04:05 UTC"), d.Time.UTC().Format(time.RFC3339)
	}
	return out
}

// lines is plain for a text of several lines: a message with its details is
// easier to read as the platform broke it.
func lines(s string) string {
	var out []string
	for line := range strings.SplitSeq(s, "\n") {
		if line = plain(line); line != "" {
			out = append(out, line)
		}
	}
	return strings.Join(out, "\n")
}

func (b *htmlBuilder) principals() []htmlPrincipal {
	var out []htmlPrincipal
	number := func(n *int) string {
		if n == nil {
			return ""
		}
		return thousands(*n)
	}
	changes := map[string]int{} // that each of them needs
	for _, f := range b.Findings {
		for _, id := range f.Principals {
			if f.Gap() {
				changes[id]++
			}
		}
	}
	for _, p := range b.Principals {
		row := htmlPrincipal{
			Kind: plain(cmp.Or(p.Kind, "principal")), ID: plain(p.ID), BusinessUnit: plain(p.BusinessUnit),
			Roles: number(p.RoleCount), Privileges: number(p.PrivilegeCount), Changes: changes[p.ID],
		}
		out = append(out, row)
	}
	return out
}

func (b *htmlBuilder) captures() []htmlCapture {
	var out []htmlCapture
	for _, c := range b.Captures {
		out = append(out, htmlCapture{
			Name: plain(c.Name), Span: span(c), Creator: plain(c.Creator), Format: plain(c.Format), Size: bytesWords(c.Bytes),
			Problem: plain(c.Problem), Entries: thousands(c.Entries), Refused: thousands(c.Refused), Complete: c.Complete,
		})
	}
	return out
}

// bytesWords writes a size for people.
func bytesWords(n int64) string {
	switch {
	case n <= 0:
		return ""
	case n < 1<<10:
		return plural(int(n), "byte")
	case n < 1<<20:
		return fmt.Sprintf("%.0f KB", float64(n)/(1<<10))
	case n < 1<<30:
		return fmt.Sprintf("%.1f MB", float64(n)/(1<<20))
	}
	return fmt.Sprintf("%.1f GB", float64(n)/(1<<30))
}

// partial names the captures that broke off, with the reason: the head of the
// page says it, as nobody reads the list at its end.
func (b *htmlBuilder) partial() []string {
	var out []string
	for _, c := range b.Captures {
		if !c.Complete {
			out = append(out, plain(c.Name+": "+cmp.Or(c.Problem, "the reason is not known")))
		}
	}
	return out
}

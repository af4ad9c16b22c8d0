package analyzer

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/prvgap/prvgap/analyzer/role"
	"github.com/prvgap/prvgap/catalog"
)

// Options of an analysis.
type Options struct {
	Bases          []role.Role // what the principal holds; the first is the one to be added to
	Dialects       []Dialect   // for the privileges that requests without a text suggest
	Recommended    bool        // take the recommended depth where it is wider
	GrantSuspected bool        // grant what is only suspected
	Ignore         []Ignore    // the ones that count on the day of the analysis
}

// analysis is the work in progress of Analyze.
type analysis struct {
	cat   *catalog.Catalog
	facts Facts
	opts  Options
	out   Analysis
	near  map[string]string // what to say of a name that is not known
}

// group is a finding in the making.
type group struct {
	Finding
	notes      []string // of the denials that ask for most
	advices    []string // of all denials: they may make the grant pointless
	principals map[string]bool
}

// Analyze groups the denials of merged evidence into findings and proposes the
// least additions to the first base role.
func Analyze(ev Evidence, opts Options) Analysis {
	a := newAnalysis(ev.Facts, opts)
	a.out.Evidence = ev
	a.out.Denials = slices.Clone(ev.Denials)
	if len(opts.Bases) > 0 {
		a.out.Proposal.Base, a.out.Proposal.Others = &opts.Bases[0], others(opts.Bases)
	}
	a.learnHomes()
	a.group()
	a.propose()
	a.out.Principals = a.principals()
	a.out.Notes = a.notes()
	a.out.Inventory = a.inventory()
	a.advise()
	return a.out
}

func newAnalysis(facts Facts, opts Options) *analysis {
	return &analysis{cat: facts.Catalog(opts.Bases...), facts: facts, opts: opts, near: map[string]string{}}
}

// learnHomes takes business units of principals from the denials themselves.
func (a *analysis) learnHomes() {
	homes := maps.Clone(a.facts.Home)
	if homes == nil {
		homes = map[string]string{}
	}
	for _, d := range a.out.Denials {
		if d.Principal != "" && d.BusinessUnit != "" {
			homes[d.Principal] = max(homes[d.Principal], d.BusinessUnit)
		}
	}
	a.facts.Home = homes
}

// group makes one finding of all denials that are about one privilege.
func (a *analysis) group() {
	byName := map[string]*group{}
	for i := range a.out.Denials {
		d := &a.out.Denials[i]
		a.suspect(d)
		if !d.Cause.RoleGap() {
			if d.Shape == ShapeNoBody {
				a.out.Proposal.Unexplained = append(a.out.Proposal.Unexplained, i)
			}
			continue
		}
		p, ok, hint := a.resolve(*d)
		if !ok {
			d.Advice = join(d.Advice, hint)
			a.out.Proposal.Unexplained = append(a.out.Proposal.Unexplained, i)
			continue
		}
		key := strings.ToLower(p.Name)
		f := byName[key]
		if f == nil {
			f = &group{Finding: Finding{Privilege: p, Dialect: d.Dialect}, principals: map[string]bool{}}
			byName[key] = f
		}
		// Of two spellings and ids that the catalog cannot decide on, the same
		// is taken whichever came first.
		f.Privilege.Name = min(f.Privilege.Name, p.Name)
		f.Privilege.ID = max(f.Privilege.ID, p.ID)
		a.add(f, i, a.need(*d, p))
	}
	for _, key := range slices.Sorted(maps.Keys(byName)) {
		f := byName[key]
		a.finish(f)
		a.out.Findings = append(a.out.Findings, f.Finding)
	}
	slices.SortStableFunc(a.out.Findings, compareFindings)
}

// suspect fills in the privilege that a denial without a named one suggests.
func (a *analysis) suspect(d *Denial) {
	if d.Suspected != "" || d.Privilege != "" || d.PrivilegeID != "" || d.Action != catalog.NoAction {
		return
	}
	if d.Cause != CausePrivilege && d.Cause != CauseRecordAccess {
		return
	}
	for _, x := range a.opts.Dialects {
		if d.Suspected = x.Suspect(d.Method, d.URL, a.cat); d.Suspected != "" {
			return
		}
	}
}

// add puts denial i, which asks for n, into a finding: the deepest need counts,
// and of two alike the surer.
func (a *analysis) add(f *group, i int, n need) {
	d := a.out.Denials[i]
	f.Denials = append(f.Denials, i)
	switch surer := cmp.Or(cmp.Compare(n.depth, f.Depth), cmp.Compare(n.basis.weight(), f.Basis.weight())); {
	case surer > 0 || len(f.Denials) == 1:
		f.Depth, f.Basis, f.notes = n.depth, n.basis, appendNew(nil, n.note)
	case surer == 0:
		f.notes = appendNew(f.notes, n.note)
	}
	if d.Principal != "" {
		f.principals[d.Principal] = true
	}
	f.Marks = appendNew(f.Marks, d.Mark)
	if d.Cause == CausePrivilege {
		f.advices = appendNew(f.advices, d.Advice)
	}
	for _, need := range a.cat.NeedsByURL(d.Method, d.URL) {
		f.RequiredFor = appendNew(f.RequiredFor, need.Feature)
		f.Silent = f.Silent || need.Silent
	}
}

// finish compares a finding with what is held already.
func (a *analysis) finish(f *group) {
	f.Principals = slices.Sorted(maps.Keys(f.principals))
	slices.Sort(f.notes)
	slices.Sort(f.advices)
	f.Note = strings.Join(slices.Concat(f.notes, f.advices), "; ")
	f.Legal = a.legalOf(f.Finding)
	for _, need := range a.cat.Needs(f.Privilege.Name) {
		if need.URL == "" {
			f.RequiredFor = appendNew(f.RequiredFor, need.Feature)
		}
	}
	slices.Sort(f.RequiredFor)
	a.compare(f)
	if f.Privilege.Default {
		f.Note = join(f.Note, "every new role holds this one: check that the principal has a role at all")
	}
	for i, ig := range a.opts.Ignore {
		if strings.EqualFold(ig.Privilege, f.Privilege.Name) {
			f.Ignored = &a.opts.Ignore[i]
		}
	}
}

// compare sets what is held, and what that makes of the finding.
func (a *analysis) compare(f *group) {
	proven := a.has(f.Finding, func(d Denial) bool { return d.Cause == CausePrivilege })
	bases := a.basesOf(f.Dialect)
	if len(bases) == 0 {
		a.compareAlone(f, proven)
		return
	}
	f.Held = holds(bases, f.Privilege.Name)
	switch {
	case f.Held >= f.Depth:
		f.Status = StatusHeld
		f.Note = join(a.whyHeld(f.Finding), f.Note)
	case f.Held != catalog.None:
		f.Status = StatusTooShallow
		if proven { // a missing privilege is held at no depth: the base was not in force
			f.Note = join(a.whyHeld(f.Finding), f.Note)
		}
	default:
		f.Status = StatusMissing
		if !proven {
			f.Note = join(f.Note, "the check passed at a lower level, so another role of the principal holds it")
		}
	}
}

// compareAlone does without a base: a missing privilege is held at no depth; a
// refused record proves a lower one, which the capture may show.
func (a *analysis) compareAlone(f *group, proven bool) {
	f.Status = StatusMissing
	if proven {
		return
	}
	f.Status, f.Held = StatusTooShallow, a.learned(f.Finding)
	if f.Held == catalog.None || f.Held >= f.Depth {
		if f.Held = f.Privilege.Depths.Raise(catalog.Basic); f.Held >= f.Depth {
			f.Status, f.Held = StatusUnknown, catalog.None
		}
	}
}

// learned returns the least depth at which the capture shows the principals of
// a finding to hold its privilege.
func (a *analysis) learned(f Finding) catalog.Depth {
	if len(f.Principals) == 0 {
		return catalog.None
	}
	least := catalog.Global
	for _, id := range f.Principals {
		held, ok := a.facts.Held[id]
		if !ok {
			held = a.facts.Held[AnyHolder]
		}
		least = min(least, held[strings.ToLower(f.Privilege.Name)])
	}
	return least
}

func (a *analysis) has(f Finding, what func(Denial) bool) bool {
	return slices.ContainsFunc(f.Denials, func(i int) bool { return what(a.out.Denials[i]) })
}

// whyHeld says why a privilege can be denied although a base role holds it.
func (a *analysis) whyHeld(f Finding) string {
	if f.Privilege.Section == catalog.Switch {
		return "a base has it on: the user may have another, or it was switched on after the capture was made"
	}
	if !a.has(f, func(d Denial) bool { return d.PrincipalKind != KindTeam }) {
		return "a base role holds it, and the team that the denial names does not"
	}
	base := a.basesOf(f.Dialect)[0]
	for _, i := range f.Denials {
		if n := a.out.Denials[i].PrivilegeCount; n != nil && *n < base.Len() {
			return fmt.Sprintf("a base role holds it, but the principal had %d privileges against the base's %d: the role was not assigned, or the privilege cache was stale",
				*n, base.Len())
		}
	}
	return "a base role holds it: the role may not be assigned to this principal, may come through a team without inheritance, or the privilege cache was stale"
}

// propose turns gaps into grants.
func (a *analysis) propose() {
	for i, f := range a.out.Findings {
		if !f.Gap() {
			continue
		}
		a.out.Proposal.Grants = append(a.out.Proposal.Grants, Grant{
			Privilege: f.Privilege.Name, From: f.Held, To: f.Depth, Because: []int{i}, Note: f.Note,
		})
	}
}

// Unanswered returns the denials of a's findings that a principal would still
// meet who holds exactly what holds says. Ignored findings do not count.
func (a Analysis) Unanswered(opts Options, holds func(privilege string) catalog.Depth) []int {
	w := newAnalysis(a.Facts, opts)
	w.out = a
	w.learnHomes()
	var open []int
	for _, f := range a.Findings {
		if f.Ignored != nil {
			continue
		}
		for _, i := range f.Denials {
			if w.need(a.Denials[i], f.Privilege).depth > holds(f.Privilege.Name) {
				open = append(open, i)
			}
		}
	}
	slices.Sort(open)
	return open
}

// principals returns everyone who was refused, sorted by id.
func (a *analysis) principals() []Principal {
	byID := map[string]Principal{}
	for _, d := range a.out.Denials {
		if d.Principal == "" {
			continue
		}
		p := byID[d.Principal]
		p.ID = d.Principal
		p.Kind = max(p.Kind, d.PrincipalKind)
		p.BusinessUnit = a.facts.Home[d.Principal]
		p.RoleCount = most(p.RoleCount, d.RoleCount)
		p.PrivilegeCount = most(p.PrivilegeCount, d.PrivilegeCount)
		byID[d.Principal] = p
	}
	var ps []Principal
	for _, id := range slices.Sorted(maps.Keys(byID)) {
		ps = append(ps, byID[id])
	}
	return ps
}

// most returns the larger of two counts: a session sees the count change when
// a role is edited, and the larger is the later in almost every case.
func most(a, b *int) *int {
	if a == nil || b != nil && *b > *a {
		return b
	}
	return a
}

// openerMany is how many missing privileges of the App Opener set mean that the
// principal lacks the base app role rather than single privileges.
const openerMany = 5

func (a *analysis) notes() []string {
	notes := a.baseless()
	opener := 0
	for _, f := range a.out.Findings {
		if _, ok := a.cat.AppOpener(f.Privilege.Name); ok && f.Gap() && f.Held == catalog.None {
			opener++
		}
	}
	if opener >= openerMany {
		notes = append(notes, fmt.Sprintf("%d of the missing privileges belong to the App Opener set: the principal seems to lack the base app role. Assign App Opener, or start from a copy of it, before adding these one by one.", opener))
	}
	return notes
}

// compareFindings orders by place on the form: tab, row, column.
func compareFindings(a, b Finding) int {
	return cmp.Or(
		cmp.Compare(catalog.TabIndex(a.Privilege.Tab), catalog.TabIndex(b.Privilege.Tab)),
		cmp.Compare(a.Privilege.Tab, b.Privilege.Tab),
		cmp.Compare(sectionIndex(a.Privilege), sectionIndex(b.Privilege)),
		cmp.Compare(strings.ToLower(a.Privilege.Label), strings.ToLower(b.Privilege.Label)),
		cmp.Compare(a.Privilege.Table, b.Privilege.Table),
		cmp.Compare(slices.Index(catalog.Actions(), a.Privilege.Action), slices.Index(catalog.Actions(), b.Privilege.Action)),
		cmp.Compare(a.Privilege.Name, b.Privilege.Name),
	)
}

// sectionIndex puts table rows before the miscellaneous privileges of a tab.
func sectionIndex(p catalog.Privilege) int {
	if p.Section == catalog.TableSection {
		return 0
	}
	return 1
}

func appendNew(list []string, s string) []string {
	if s == "" || slices.Contains(list, s) {
		return list
	}
	return append(list, s)
}

package analyzer

import (
	"strings"
	"testing"

	"github.com/prvgap/prvgap/analyzer/role"
	"github.com/prvgap/prvgap/catalog"
)

// TestNeed: which depth answers a denial, and how it is known.
func TestNeed(t *testing.T) {
	me, other, home, below, aside := id(11), id(12), id(2), id(3), id(4)
	facts := NewFacts()
	facts.Home[me] = home
	facts.BusinessUnits = map[string]string{id(1): "", home: id(1), below: home, aside: id(1)}
	missing := func(privilege string) Denial {
		return Denial{Cause: CausePrivilege, Privilege: privilege, Principal: me}
	}
	record := func(owner, unit string) Denial {
		return Denial{Cause: CauseRecordAccess, Action: catalog.Write, Table: "account", Principal: me, Owner: owner, RecordBusinessUnit: unit}
	}
	with := func(d Denial, change func(*Denial)) Denial { change(&d); return d }
	for _, c := range []struct {
		name        string
		denial      Denial
		recommended bool
		depth       catalog.Depth
		basis       Basis
		note        string
	}{
		{"the least legal", missing("prvReadAccount"), false, catalog.Basic, BasisMinimum, ""},
		{"Organization is all there is", missing("prvReadOrganization"), false, catalog.Global, BasisOwnership, ""},
		{"no Basic", missing("prvReadUser"), false, catalog.Local, BasisMinimum, "User is not offered"},
		{"stated, and legal", with(missing("prvReadAccount"), func(d *Denial) { d.Depth = catalog.Deep }), false, catalog.Deep, BasisStated, ""},
		{"stated, not legal", with(missing("prvReadOrganization"), func(d *Denial) { d.Depth = catalog.Basic }), false, catalog.Global, BasisOwnership, ""},
		{"recommended", missing("prvReadWorkflow"), true, catalog.Global, BasisRecommended, "wider than the evidence"},
		{"recommended only on demand", missing("prvReadWorkflow"), false, catalog.Basic, BasisMinimum, ""},
		{"a table that nobody knows", missing("prvReadcr1_Boat"), false, catalog.Basic, BasisMinimum, "not known"},
		{"one's own record", record(me, home), false, catalog.Basic, BasisRecord, "own"},
		{"the same unit", record(other, home), false, catalog.Local, BasisRecord, "same business unit"},
		{"a unit below", record(other, below), false, catalog.Deep, BasisRecord, "below"},
		{"a unit aside", record(other, aside), false, catalog.Global, BasisRecord, "outside"},
		{"a unit that the capture does not place", record(other, id(9)), false, catalog.Deep, BasisRecord, "if not, Organization is needed"},
		{"nothing known of the unit", record(other, ""), false, catalog.Basic, BasisMinimum, "does not say"},
		{"the unit of somebody unknown", with(record(other, home), func(d *Denial) { d.Principal = other + "x" }), false, catalog.Local, BasisRecord, "does not show"},
		{"the platform computed it", with(record(other, aside), func(d *Denial) { d.Depth = catalog.Local }), false, catalog.Local, BasisStated, ""},
		{
			"organization-owned", with(record(zeroID, ""), func(d *Denial) { d.Table = "organization"; d.Ownership = "Organization" }),
			false, catalog.Global, BasisRecord, "belongs to the organization",
		},
		{
			"a personal table", with(record(other, home), func(d *Denial) { d.Table = "userquery" }),
			false, catalog.Basic, BasisOwnership, "all that is offered",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := &analysis{cat: facts.Catalog(), facts: facts, opts: Options{Recommended: c.recommended}, near: map[string]string{}}
			p, ok, hint := a.resolve(c.denial)
			if !ok {
				t.Fatal("not resolved:", hint)
			}
			n := a.need(c.denial, p)
			if n.depth != c.depth || n.basis != c.basis || !strings.Contains(n.note, c.note) || c.note == "" && n.note != "" {
				t.Errorf("got %s, %s, %q; want %s, %s, %q", n.depth, n.basis, n.note, c.depth, c.basis, c.note)
			}
		})
	}
}

// TestNotAName: what only looks like a privilege is never granted.
func TestNotAName(t *testing.T) {
	for _, d := range []Denial{
		{Cause: CausePrivilege, Privilege: "prvRead"},
		{Cause: CausePrivilege, Privilege: "prvReadcr1_***"},
		{Cause: CausePrivilege, Privilege: "prvXXXXXXX"},
		{Cause: CausePrivilege, Privilege: "prvReadmsdyn_Mobile", Table: "msdyn_mobilesource"},
		{Cause: CausePrivilege, PrivilegeID: id(77)},
		{Cause: CauseRecordAccess, Action: catalog.Read, Table: "Boat of the year"},
		{Cause: CauseLicense, Privilege: "prvReadAccount"},
	} {
		a := Analyze(Evidence{Captures: []Capture{{}}, Denials: []Denial{d}, Facts: NewFacts()}, Options{})
		if len(a.Proposal.Grants) > 0 {
			t.Errorf("%+v was granted", d)
		}
		if d.Cause.RoleGap() && len(a.Proposal.Unexplained) != 1 {
			t.Errorf("%+v is not among the unexplained", d)
		}
	}
}

// TestHeld: what the base holds deep enough is not granted again.
func TestHeld(t *testing.T) {
	base := role.New("base", "", "")
	base.Grant("prvreadaccount", catalog.Global)
	d := Denial{Cause: CausePrivilege, Privilege: "prvReadAccount", Principal: id(11), PrivilegeCount: new(int)}
	a := Analyze(Evidence{Captures: []Capture{{}}, Denials: []Denial{d}, Facts: NewFacts()}, Options{Bases: []role.Role{base}})
	f := a.Findings[0]
	if len(a.Proposal.Grants) > 0 || f.Status != StatusHeld || !strings.Contains(f.Note, "0 privileges against the base's 1") {
		t.Errorf("grants %v, status %s, note %q", a.Proposal.Grants, f.Status, f.Note)
	}
	second := role.New("second", "", "")
	second.Grant("prvReadContact", catalog.Basic)
	d.Privilege = "prvReadContact"
	a = Analyze(Evidence{Captures: []Capture{{}}, Denials: []Denial{d}, Facts: NewFacts()}, Options{Bases: []role.Role{base, second}})
	if len(a.Proposal.Grants) > 0 {
		t.Errorf("what the second role holds was granted: %v", a.Proposal.Grants)
	}
}

// TestLearnedHoldings: without a base, what the capture shows counts, but a
// missing privilege proves that it is held at no depth.
func TestLearnedHoldings(t *testing.T) {
	facts := NewFacts()
	facts.AddHeld(id(11), "prvWriteAccount", catalog.Basic)
	record := Denial{Cause: CauseRecordAccess, Action: catalog.Write, Table: "account", Principal: id(11), Depth: catalog.Local}
	a := Analyze(Evidence{Captures: []Capture{{}}, Denials: []Denial{record}, Facts: facts}, Options{})
	if g := a.Proposal.Grants; len(g) != 1 || g[0].From != catalog.Basic || g[0].To != catalog.Local || a.Findings[0].Status != StatusTooShallow {
		t.Errorf("got %+v, %s", g, a.Findings[0].Status)
	}
	missing := Denial{Cause: CausePrivilege, Privilege: "prvWriteAccount", Principal: id(11)}
	a = Analyze(Evidence{Captures: []Capture{{}}, Denials: []Denial{missing}, Facts: facts}, Options{})
	if a.Findings[0].Status != StatusMissing {
		t.Errorf("got %s", a.Findings[0].Status)
	}
}

// TestNearestIsBounded: of a capture's many wrong names the first get a hint of the nearest, and no later one.
func TestNearestIsBounded(t *testing.T) {
	a := newAnalysis(NewFacts(), Options{})
	for range 2 {
		for i := range 2 * mostNear {
			name := "prvReadAccount" + string([]byte{'a' + byte(i%26), 'a' + byte(i/26%26), 'a' + byte(i/676)})
			if got, want := strings.Contains(a.nearest(name), "nearest name"), i < mostNear; got != want {
				t.Fatalf("name %d, %s: %q", i, name, a.nearest(name))
			}
		}
	}
}

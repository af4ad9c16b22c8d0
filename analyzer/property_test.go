package analyzer

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prvgap/prvgap/analyzer/role"
	"github.com/prvgap/prvgap/catalog"
	"github.com/prvgap/prvgap/har"
)

// rounds of each property; every round has a seed of its own, which a failure
// prints.
const rounds = 100

func id(n int) string { return fmt.Sprintf("00000000-0000-4000-8000-%012x", n) }

// Business units 1 (root), 2 below 1, 3 below 2, 4 below 1; users 11 to 14.
func randomFacts(r *rand.Rand) Facts {
	f := NewFacts()
	if r.IntN(3) > 0 {
		f.BusinessUnits = map[string]string{id(1): "", id(2): id(1), id(3): id(2), id(4): id(1)}
	}
	for u := 11; u < 15; u++ {
		if r.IntN(3) > 0 {
			f.Home[id(u)] = id(1 + r.IntN(4))
		}
	}
	return f
}

// randomDenial draws one of the kinds of denials that dialects make.
func randomDenial(r *rand.Rand) Denial {
	tables := []string{"account", "contact", "userquery", "systemuser", "phonecall", "workflow", "organization", "nosuchtable"}
	names := []string{
		"prvReadAccount", "prvreadaccount", "prvWriteAccount", "prvReadUser", "prvReadUserQuery", "prvReadWorkflow",
		"prvReadOrganization", "prvWorkflowExecution", "prvReadcr1_Thing", "prvReadEntity", "prvCreate", "prvReadcol_***", "prvBrandNew",
	}
	d := Denial{
		Dialect: "test", Shape: "x", Cause: CausePrivilege, Entry: r.IntN(50), Method: "GET", URL: "https://x.example/api",
		Principal: id(11 + r.IntN(4)), PrincipalKind: KindUser, Message: fmt.Sprint(r.IntN(9)),
	}
	switch r.IntN(8) {
	case 0, 1, 2:
		d.Privilege = names[r.IntN(len(names))]
		if r.IntN(4) == 0 {
			d.Depth = catalog.Depth(1 + r.IntN(4))
		}
		if r.IntN(3) == 0 {
			d.PrivilegeID = id(1000 + r.IntN(3))
		}
	case 3, 4:
		d.Cause = CauseRecordAccess
		d.Table = tables[r.IntN(len(tables))]
		d.Action = catalog.Actions()[r.IntN(8)]
		d.Owner = []string{"", zeroID, id(11), id(12)}[r.IntN(4)]
		d.RecordBusinessUnit = []string{"", id(1), id(2), id(3), id(9)}[r.IntN(5)]
		d.Ownership = []string{"", "", "User", "BusinessUnit", "Organization"}[r.IntN(5)]
	case 5:
		d.Cause = CauseRecordAccess
		d.Table, d.Action, d.Depth = tables[r.IntN(len(tables))], catalog.Read, catalog.Depth(1+r.IntN(4))
	case 6:
		d.Cause, d.Advice = CauseLicense, "assign one"
	default:
		d.Shape = ShapeNoBody
	}
	return d
}

func randomEvidence(r *rand.Rand, capture string) Evidence {
	ev := Evidence{Captures: []Capture{{Name: capture, Entries: 50, Complete: true}}, Facts: randomFacts(r)}
	for range 1 + r.IntN(12) {
		ev.Denials = append(ev.Denials, randomDenial(r))
	}
	return ev
}

func randomBase(r *rand.Rand) role.Role {
	base := role.New("base", id(99), "test")
	for _, name := range []string{"prvReadAccount", "prvWriteAccount", "prvReadContact", "prvReadUser", "prvReadActivity", "prvReadcr1_Thing"} {
		if r.IntN(2) == 0 {
			base.Grant(name, catalog.Depth(1+r.IntN(4)))
		}
	}
	return base
}

// each runs a property on random evidence.
func each(t *testing.T, property func(t *testing.T, r *rand.Rand, ev Evidence, opts Options)) {
	t.Helper()
	for seed := range uint64(rounds) {
		r := rand.New(rand.NewPCG(seed, 1))
		ev := Merge(randomEvidence(r, "a"), randomEvidence(r, "b"))
		opts := Options{Recommended: r.IntN(2) == 0}
		if r.IntN(5) > 0 {
			opts.Bases = []role.Role{randomBase(r)}
		}
		property(t, r, ev, opts)
		if t.Failed() {
			t.Fatalf("with seed %d", seed)
		}
	}
}

// apply returns the base role with grants added to it.
func apply(opts Options, grants []Grant) role.Role {
	r := role.New("patched", "", "")
	if len(opts.Bases) > 0 {
		r = opts.Bases[0].Clone()
	}
	for _, g := range grants {
		r.Grant(g.Privilege, g.To)
	}
	return r
}

func TestNothingIsProposedAfterApplying(t *testing.T) {
	each(t, func(t *testing.T, _ *rand.Rand, ev Evidence, opts Options) {
		a := Analyze(ev, opts)
		opts.Bases = []role.Role{apply(opts, a.Proposal.Grants)}
		again := Analyze(ev, opts)
		if len(again.Proposal.Grants) > 0 {
			t.Errorf("proposed again: %+v", again.Proposal.Grants)
		}
		if open := again.Unanswered(opts, opts.Bases[0].Holds); len(open) > 0 {
			t.Errorf("denials %v are unanswered", open)
		}
	})
}

func TestEveryGrantIsNeeded(t *testing.T) {
	each(t, func(t *testing.T, _ *rand.Rand, ev Evidence, opts Options) {
		a := Analyze(ev, opts)
		for i, g := range a.Proposal.Grants {
			without := slices.Delete(slices.Clone(a.Proposal.Grants), i, i+1)
			for d := g.From; d < g.To; d++ {
				lower := apply(opts, append(slices.Clone(without), Grant{Privilege: g.Privilege, To: d}))
				if len(a.Unanswered(opts, lower.Holds)) == 0 {
					t.Errorf("%s at %s is enough, %s was proposed", g.Privilege, d, g.To)
				}
			}
		}
	})
}

func TestGrantsAreLegalAndOnce(t *testing.T) {
	c := catalog.Default()
	each(t, func(t *testing.T, _ *rand.Rand, ev Evidence, opts Options) {
		seen := map[string]bool{}
		for _, g := range Analyze(ev, opts).Proposal.Grants {
			key := strings.ToLower(g.Privilege)
			if seen[key] {
				t.Errorf("%s is granted twice", g.Privilege)
			}
			seen[key] = true
			if g.To <= g.From {
				t.Errorf("%s goes from %s to %s", g.Privilege, g.From, g.To)
			}
			if p, ok := c.Privilege(g.Privilege); ok && p.Depths.Known() && !p.Depths.Has(g.To) {
				t.Errorf("%s is not legal at %s", g.Privilege, g.To)
			}
		}
	})
}

func TestNoDenialIsDropped(t *testing.T) {
	each(t, func(t *testing.T, _ *rand.Rand, ev Evidence, opts Options) {
		a := Analyze(ev, opts)
		count := map[int]int{}
		for _, f := range a.Findings {
			for _, i := range f.Denials {
				count[i]++
			}
		}
		for _, i := range a.Proposal.Unexplained {
			count[i]++
		}
		for i, d := range a.Denials {
			want := 0
			if d.Cause.RoleGap() {
				want = 1
			}
			if count[i] != want {
				t.Errorf("denial %d (%s) stands in %d places, want %d", i, d.Cause, count[i], want)
			}
		}
	})
}

// TestOrderDoesNotMatter: captures in any order give the same analysis, and
// entries in any order the same findings and grants.
func TestOrderDoesNotMatter(t *testing.T) {
	for seed := range uint64(rounds) {
		r := rand.New(rand.NewPCG(seed, 2))
		a, b, c := randomEvidence(r, "a"), randomEvidence(r, "b"), randomEvidence(r, "c")
		want := Analyze(Merge(a, b, c), Options{})
		for _, got := range []Analysis{
			Analyze(Merge(c, a, b), Options{}),
			Analyze(Merge(Merge(b, c), a), Options{}),
		} {
			if !reflect.DeepEqual(got, want) {
				t.Fatalf("seed %d: the order of captures changed the analysis", seed)
			}
		}
		for i := range a.Denials {
			a.Denials[i].Entry = i
		}
		want = Analyze(Merge(a, b), Options{})
		r.Shuffle(len(a.Denials), func(i, j int) { a.Denials[i], a.Denials[j] = a.Denials[j], a.Denials[i] })
		for i := range a.Denials {
			a.Denials[i].Entry = i
		}
		got := Analyze(Merge(a, b), Options{})
		if outline(got) != outline(want) {
			t.Fatalf("seed %d: the order of entries changed the findings:\n%s\n%s", seed, outline(got), outline(want))
		}
	}
}

// TestGrowing: a capture that comes in batches tells what it tells in one piece.
func TestGrowing(t *testing.T) {
	for seed := range uint64(rounds) {
		r := rand.New(rand.NewPCG(seed, 9))
		n, from := 1+r.IntN(30), 0
		breaks := r.IntN(2 * n) // beyond the end in half of the captures
		piece := func(end int) (Evidence, error) {
			entries := func(yield func(har.Entry, error) bool) {
				for ; from < end; from++ {
					r := rand.New(rand.NewPCG(seed, uint64(from)))
					e := har.Entry{Index: from, Method: "GET", URL: randomPath(r), Status: []int{200, 403}[r.IntN(2)]}
					if r.IntN(3) > 0 {
						e.Time = time.Unix(int64(r.IntN(90)), 0)
					}
					var err error
					if from == breaks {
						err = errors.New("unexpected end of file")
					}
					if !yield(e, err) {
						return
					}
				}
			}
			return Collect("a.har", entries, []Dialect{paths{}}, func() har.Info {
				return har.Info{Format: "har", Bytes: int64(10 * from), Entries: from, Complete: true}
			})
		}
		want, _ := piece(n)
		from = 0
		var got Evidence
		for end := 0; end < n; {
			end = min(n, end+r.IntN(9))
			batch, _ := piece(end)
			got.Grow(batch)
		}
		if !reflect.DeepEqual(got, want) {
			t.Fatalf("seed %d:\n%+v\nwant\n%+v", seed, got, want)
		}
	}
}

// outline writes findings and grants without the indexes of denials.
func outline(a Analysis) string {
	var b strings.Builder
	for _, f := range a.Findings {
		fmt.Fprintln(&b, strings.ToLower(f.Privilege.Name), f.Depth, f.Basis, f.Status, f.RequiredFor, f.Principals, len(f.Denials), f.Note)
	}
	for _, g := range a.Proposal.Grants {
		fmt.Fprintln(&b, strings.ToLower(g.Privilege), g.From, g.To)
	}
	return b.String()
}

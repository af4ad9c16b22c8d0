package analyzer

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/prvgap/prvgap/catalog"
	"github.com/prvgap/prvgap/har"
)

// guidForm is the oracle for guids.
var guidForm = regexp.MustCompile(`(?i)[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}`)

func TestGUIDs(t *testing.T) {
	const guid = "0123ABcd-89ef-0123-4567-89abcdefABCD"
	rng := rand.New(rand.NewPCG(8, 9))
	pieces := []string{guid, guid[:9], guid[9:], guid[:35], guid[8:], "-", "0", "f", "g", "\x10", "/", strings.Replace(guid, "e", "\x10", 1)}
	for range 100_000 {
		var text strings.Builder
		for range rng.IntN(6) {
			text.WriteString(pieces[rng.IntN(len(pieces))])
		}
		if got, want := guids(text.String()), guidForm.FindAllString(text.String(), -1); !slices.Equal(got, want) {
			t.Fatalf("%q: %q, want %q", text.String(), got, want)
		}
	}
}

// paths is a dialect whose kinds are method and path. A path may name the
// privilege that it most likely needs.
type paths struct{}

func (paths) Reads(string, string) bool          { return false }
func (paths) Denials(har.Entry, *Facts) []Denial { return nil }
func (paths) Excerpt(har.Entry) string           { return "" }
func (paths) Kind(e har.Entry) string            { return e.Method + " " + guidForm.ReplaceAllString(e.URL, "()") }

func (paths) Suspect(_, url string, _ *catalog.Catalog) string {
	if name, _, _ := strings.Cut(strings.TrimPrefix(url, "/"), "/"); strings.HasPrefix(name, "prv") {
		return name
	}
	return ""
}

// session draws a session: what was refused, and what was allowed.
func session(r *rand.Rand, name string) Evidence {
	ev := randomEvidence(r, name)
	for i := range ev.Denials {
		ev.Denials[i].Entry = i / 2
		ev.Denials[i].URL = randomPath(r)
	}
	for range r.IntN(8) {
		e := har.Entry{Method: "GET", URL: randomPath(r)}
		kind := paths{}.Kind(e)
		ev.Facts.Allow(kind)
		ev.Facts.AllowRecord(recordDigest(kind, e.URL))
	}
	return ev
}

func randomPath(r *rand.Rand) string {
	path := []string{"/prvReadAccount", "/prvWriteAccount", "/contacts", "/leads"}[r.IntN(4)]
	if r.IntN(2) == 0 {
		path += "/" + id(r.IntN(3))
	}
	return path
}

// eachComparison runs a property on random sessions before and after a change.
func eachComparison(t *testing.T, property func(t *testing.T, before, after Evidence, opts Options)) {
	t.Helper()
	for seed := range uint64(rounds) {
		r := rand.New(rand.NewPCG(seed, 4))
		opts := Options{Dialects: []Dialect{paths{}}}
		if r.IntN(3) == 0 {
			opts.Bases = append(opts.Bases, randomBase(r))
		}
		after := session(r, "c") // of one person
		if r.IntN(2) == 0 {
			after = Merge(after, session(r, "d"))
		}
		property(t, Merge(session(r, "a"), session(r, "b")), after, opts)
		if t.Failed() {
			t.Fatalf("with seed %d", seed)
		}
	}
}

func TestComparedWithItself(t *testing.T) {
	eachComparison(t, func(t *testing.T, ev, _ Evidence, opts Options) {
		a := Analyze(ev, opts)
		c := Compare(a, a, opts)
		if len(c.Privileges) != len(a.Findings) {
			t.Errorf("%d privileges are compared, %d were found", len(c.Privileges), len(a.Findings))
		}
		for _, x := range c.Privileges {
			if x.Change != ChangeStill || x.Before != x.After || x.Note != yetHeld(a.Findings[x.Finding]) {
				t.Errorf("%s is %s, %s then %s: %s", x.Privilege.Name, x.Change, x.Before, x.After, x.Note)
			}
		}
	})
}

func TestComparedWithNothing(t *testing.T) {
	eachComparison(t, func(t *testing.T, ev, _ Evidence, opts Options) {
		a := Analyze(ev, opts)
		for _, x := range Compare(a, Analyze(Merge(), opts), opts).Privileges {
			if x.Change != ChangeNotExercised {
				t.Errorf("%s is %s without any capture", x.Privilege.Name, x.Change)
			}
		}
		for _, x := range Compare(Analyze(Merge(), opts), a, opts).Privileges {
			if x.Change != ChangeNew {
				t.Errorf("%s is %s with nothing before", x.Privilege.Name, x.Change)
			}
		}
	})
}

// TestComparison: every privilege that was refused on either side stands in the
// comparison once, denied ones as such, and a fix has its proof.
func TestComparison(t *testing.T) {
	fixed := 0
	eachComparison(t, func(t *testing.T, before, after Evidence, opts Options) {
		b, a := Analyze(before, opts), Analyze(after, opts)
		in := func(fs []Finding, name string) bool {
			return slices.ContainsFunc(fs, func(f Finding) bool { return strings.EqualFold(f.Privilege.Name, name) })
		}
		seen := map[string]bool{}
		for _, x := range Compare(b, a, opts).Privileges {
			name := x.Privilege.Name
			was, is := in(b.Findings, name), in(a.Findings, name)
			want := map[[2]bool][]Change{
				{true, true}: {ChangeStill}, {false, true}: {ChangeNew}, {true, false}: {ChangeFixed, ChangeNotExercised},
			}[[2]bool{was, is}]
			if !slices.Contains(want, x.Change) || seen[strings.ToLower(name)] || (x.Finding >= 0) != is || (len(x.Denials) > 0) != was {
				t.Errorf("%s, denied before %t and after %t: %+v", name, was, is, x)
			}
			seen[strings.ToLower(name)] = true
			if (x.Change == ChangeFixed) != (len(x.Allowed) > 0) {
				t.Errorf("%s is %s with the proof %q", name, x.Change, x.Allowed)
			}
			for _, kind := range x.Allowed {
				if fixed++; !after.Facts.Allowed[kind] {
					t.Errorf("%s was never allowed", kind)
				}
			}
		}
		for _, f := range slices.Concat(b.Findings, a.Findings) {
			if !seen[strings.ToLower(f.Privilege.Name)] {
				t.Errorf("%s is left out", f.Privilege.Name)
			}
		}
	})
	if fixed == 0 {
		t.Error("nothing was ever fixed: the test looks at nothing")
	}
}

// TestOrderOfComparedCaptures: captures in any order give the same comparison.
func TestOrderOfComparedCaptures(t *testing.T) {
	for seed := range uint64(rounds) {
		r := rand.New(rand.NewPCG(seed, 6))
		opts := Options{Dialects: []Dialect{paths{}}}
		a, b, c, d := session(r, "a"), session(r, "b"), session(r, "c"), session(r, "d")
		one := Compare(Analyze(Merge(a, b), opts), Analyze(Merge(c, d), opts), opts)
		two := Compare(Analyze(Merge(b, a), opts), Analyze(Merge(d, c), opts), opts)
		if !reflect.DeepEqual(one, two) {
			t.Fatalf("seed %d: the order of captures changed the comparison", seed)
		}
	}
}

// TestProof tells what proves a fix, and what does not.
func TestProof(t *testing.T) {
	missing := Denial{Cause: CausePrivilege, Privilege: "prvReadAccount", Method: "GET", URL: "/accounts", Principal: id(11), PrincipalKind: KindUser}
	record := Denial{Cause: CauseRecordAccess, Table: "account", Action: catalog.Write, Method: "PATCH", URL: "/accounts/" + id(1), Principal: id(11), PrincipalKind: KindUser}
	other := record
	other.URL = "/accounts/" + id(2)
	silent := Denial{Cause: CausePrivilege, Shape: ShapeNoBody, Method: "GET", URL: "/accounts"}
	lookup := missing
	lookup.Privilege, lookup.Method, lookup.URL = "prvAppendToAccount", "POST", "/prvCreateContact"
	joined := missing
	joined.URL = "/prvReadContact/?fetchXml"
	linked := record
	linked.Action, linked.URL = catalog.AppendTo, "/prvWriteContact/"+id(1)
	next := missing
	next.Privilege = "prvReadContact"
	for _, test := range []struct {
		name    string
		denied  []Denial
		allowed []string // before
		now     []string // allowed after
		again   []Denial // refused after
		who     string   // sent the requests after
		want    Change
		note    string
	}{
		{name: "the same request", denied: []Denial{missing}, now: []string{"GET /accounts"}, want: ChangeFixed},
		{name: "the same privilege", denied: []Denial{missing}, now: []string{"GET /prvReadAccount/x"}, want: ChangeFixed},
		{name: "the same person", denied: []Denial{missing}, now: []string{"GET /accounts"}, who: id(11), want: ChangeFixed},
		{name: "somebody else", denied: []Denial{missing}, now: []string{"GET /accounts"}, who: id(12), want: ChangeNotExercised, note: "somebody else"},
		{name: "allowed all the time", denied: []Denial{missing}, allowed: []string{"GET /accounts"}, now: []string{"GET /accounts"}, want: ChangeNotExercised, note: "proves nothing"},
		{name: "a lookup, perhaps", denied: []Denial{lookup}, now: []string{"POST " + lookup.URL}, want: ChangeNotExercised, note: "a lookup"},
		{name: "a joined table, perhaps", denied: []Denial{joined}, now: []string{"GET " + joined.URL}, want: ChangeNotExercised, note: "a joined table"},
		{name: "another record in a lookup, perhaps", denied: []Denial{linked}, now: []string{"PATCH " + linked.URL}, want: ChangeNotExercised},
		{name: "also refused without words", denied: []Denial{missing}, now: []string{"GET /accounts"}, again: []Denial{silent}, want: ChangeNotExercised, note: "some are refused"},
		{name: "another request", denied: []Denial{missing}, now: []string{"GET /leads"}, want: ChangeNotExercised},
		{name: "refused for another", denied: []Denial{missing}, again: []Denial{next}, want: ChangeNotExercised, note: "refused for prvReadContact now"},
		{name: "refused without words", denied: []Denial{missing}, again: []Denial{silent}, want: ChangeNotExercised, note: "refused again"},
		{name: "the same record", denied: []Denial{record}, allowed: []string{"PATCH " + other.URL}, now: []string{"PATCH " + record.URL}, want: ChangeFixed},
		{name: "another record", denied: []Denial{record}, now: []string{"PATCH " + other.URL}, want: ChangeNotExercised, note: "proves nothing"},
		{name: "one of two records", denied: []Denial{record, other}, now: []string{"PATCH " + other.URL}, want: ChangeNotExercised, note: "1 of the 2"},
	} {
		t.Run(test.name, func(t *testing.T) {
			opts := Options{Dialects: []Dialect{paths{}}}
			ask := func(denied []Denial, allowed []string) Analysis {
				ev := Evidence{Captures: []Capture{{Name: "x"}}, Denials: denied, Facts: NewFacts()}
				for _, s := range allowed {
					method, url, _ := strings.Cut(s, " ")
					kind := paths{}.Kind(har.Entry{Method: method, URL: url})
					ev.Facts.Allow(kind)
					ev.Facts.AllowRecord(recordDigest(kind, url))
				}
				return Analyze(ev, opts)
			}
			after := ask(test.again, test.now)
			if test.who != "" {
				after.Facts.Home[test.who] = id(1)
			}
			got := Compare(ask(test.denied, test.allowed), after, opts).Privileges
			if len(got) == 0 {
				t.Fatal("nothing is compared")
			}
			i := slices.IndexFunc(got, func(c Compared) bool { return len(c.Denials) > 0 })
			if got[i].Change != test.want || !strings.Contains(got[i].Note, test.note) {
				t.Errorf("%s: %s, want %s: %s", got[i].Change, got[i].Note, test.want, test.note)
			}
		})
	}
}

// TestBound: of too many kinds the same ones stay, in whatever order they came.
func TestBound(t *testing.T) {
	a, b := NewFacts(), NewFacts()
	n := 3 * maxAllowed
	for i := range n {
		a.Allow(fmt.Sprintf("GET /%06d", i))
		b.Allow(fmt.Sprintf("GET /%06d", n-1-i))
	}
	a.trim()
	b.trim()
	if len(a.Allowed) != maxAllowed || !reflect.DeepEqual(a.Allowed, b.Allowed) {
		t.Errorf("%d and %d are kept of %d", len(a.Allowed), len(b.Allowed), n)
	}
	a.Allow("GET /accounts\x1b[2J")
	a.AllowRecord(ParseDigest("0123"))
	a.AllowRecord(ParseDigest("0123456789abcdeg"))
	if len(a.Allowed)+len(a.Records) != maxAllowed {
		t.Error("what is no kind was kept")
	}
}

// TestMergeTwice: a capture that comes again, whole or filtered, changes nothing.
func TestMergeTwice(t *testing.T) {
	for seed := range uint64(rounds) {
		r := rand.New(rand.NewPCG(seed, 7))
		a, b, c := session(r, "a"), session(r, "b"), session(r, "c")
		some := a.Keep(func(Denial) bool { return r.IntN(2) == 0 })
		want := Analyze(Merge(a, b, c), Options{Dialects: []Dialect{paths{}}})
		for _, evs := range [][]Evidence{{a, b, a, c}, {Merge(a, b), Merge(c, b)}, {some, b, c, some, a}, {want.Evidence, some, b}} {
			if got := Analyze(Merge(evs...), Options{Dialects: []Dialect{paths{}}}); !reflect.DeepEqual(got, want) {
				t.Fatalf("seed %d: %d denials in %d captures, want %d in %d", seed, len(got.Denials), len(got.Captures), len(want.Denials), len(want.Captures))
			}
		}
	}
}

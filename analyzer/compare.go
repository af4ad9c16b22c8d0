package analyzer

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/prvgap/prvgap/catalog"
)

// Change is what became of a privilege between earlier captures and later ones.
type Change string

// The changes, in the order in which they are told.
const (
	ChangeFixed        Change = "fixed"         // denied before; now such a request is allowed
	ChangeStill        Change = "still-there"   // denied before and now
	ChangeNew          Change = "new"           // denied only now: one denial hides the next
	ChangeNotExercised Change = "not-exercised" // denied before; nothing now shows that it would be allowed
)

// Changes returns all changes in their order.
func Changes() []Change {
	return []Change{ChangeFixed, ChangeStill, ChangeNew, ChangeNotExercised}
}

// Comparison holds the denials of earlier captures against later ones.
type Comparison struct {
	Captures   []Capture // the earlier ones
	Denials    []Denial  // of the earlier ones
	Privileges []Compared
}

// Compared is one privilege that was denied before, now, or both times.
type Compared struct {
	Privilege     catalog.Privilege
	Change        Change
	Before, After catalog.Depth // what the denials asked for; None where there were none
	Denials       []int         // of Comparison.Denials
	Finding       int           // of the later analysis, -1 where there is none
	Allowed       []string      // the kinds of requests that prove a fix
	Note          string
	Ignored       *Ignore // it was decided to leave this one alone
}

// comparer is the work in progress of Compare.
type comparer struct {
	before, after Analysis
	dialects      []Dialect
	fresh         map[string]bool     // kinds that are allowed now and were not before
	needs         map[string]string   // kind that is allowed now → privilege that it most likely needs
	proofs        map[string][]string // privilege → fresh kinds that most likely need it
	silent        map[string]bool     // kinds that are refused now, and privileges that are suspected, without a name in the text
	refused       [2]map[string][]string
	people        map[string]bool // who is seen in the later captures
}

// Compare says of every privilege what became of it between two analyses, the
// second of which was made with opts.
//
// A privilege counts as fixed only where the later captures prove it. One that
// was missing altogether is proven by an allowed request of the kind that was
// refused, or of another that needs it; a kind that was allowed before too
// proves nothing, for then something else than the kind decided. One that was
// too shallow is proven by the same requests for the same records, each of them.
// Nothing is proven where such requests are also refused now without a name.
//
// A request of somebody else proves nothing either: where both sides show who
// sent the requests, and no principal is on both, nothing counts as fixed; of
// several later captures none may show another. Where one side does not show it,
// the requests are taken to be of the same person, as they mostly are.
//
// Hosts do not count: people have other ids in another environment, and one
// environment may answer under several names.
//
// Denials that no finding explains, or that no role cures, are not compared.
func Compare(before, after Analysis, opts Options) *Comparison {
	c := comparer{before: before, after: after, dialects: opts.Dialects}
	c.prepare()
	out := &Comparison{Captures: before.Captures, Denials: before.Denials}
	now := map[string]int{}
	for i, f := range after.Findings {
		now[strings.ToLower(f.Privilege.Name)] = i
	}
	for _, f := range before.Findings {
		key := strings.ToLower(f.Privilege.Name)
		x := Compared{Privilege: f.Privilege, Before: f.Depth, Denials: f.Denials, Finding: -1, Ignored: f.Ignored}
		if i, ok := now[key]; ok {
			delete(now, key)
			c.still(&x, i)
		} else {
			c.gone(&x, f)
		}
		out.Privileges = append(out.Privileges, x)
	}
	for _, i := range now {
		f := after.Findings[i]
		out.Privileges = append(out.Privileges, Compared{
			Privilege: f.Privilege, Change: ChangeNew, After: f.Depth, Finding: i, Note: join(c.whyNew(f), yetHeld(f)), Ignored: f.Ignored,
		})
	}
	slices.SortFunc(out.Privileges, func(a, b Compared) int {
		return cmp.Or(
			cmp.Compare(slices.Index(Changes(), a.Change), slices.Index(Changes(), b.Change)),
			compareFindings(Finding{Privilege: a.Privilege}, Finding{Privilege: b.Privilege}),
		)
	})
	return out
}

// prepare works out what the allowed and refused requests of both sides show.
func (c *comparer) prepare() {
	facts := NewFacts()
	facts.merge(c.before.Facts)
	facts.merge(c.after.Facts)
	cat := facts.Catalog()
	c.fresh, c.needs, c.proofs = map[string]bool{}, map[string]string{}, map[string][]string{}
	for kind := range c.after.Facts.Allowed {
		c.fresh[kind] = !c.before.Facts.Allowed[kind]
		method, path, _ := strings.Cut(kind, " ")
		for _, d := range c.dialects {
			c.needs[kind] = cmp.Or(c.needs[kind], strings.ToLower(d.Suspect(method, path, cat)))
		}
		if c.fresh[kind] {
			c.proofs[c.needs[kind]] = append(c.proofs[c.needs[kind]], kind)
		}
	}
	c.silent = map[string]bool{}
	for _, i := range c.after.Proposal.Unexplained {
		d := c.after.Denials[i]
		c.silent[kindOf(d.entry(), c.dialects)] = true
		c.silent[strings.ToLower(d.Suspected)] = true
	}
	c.refused = [2]map[string][]string{c.refusals(c.before), c.refusals(c.after)}
	c.people = callers(c.after.Denials)
	for id := range c.after.Facts.Home {
		c.people[id] = true
	}
}

// refusals returns the names of the privileges, "" for none, that requests of
// each kind were refused for.
func (c *comparer) refusals(a Analysis) map[string][]string {
	names := make([]string, len(a.Denials))
	for _, f := range a.Findings {
		for _, i := range f.Denials {
			names[i] = f.Privilege.Name
		}
	}
	out := map[string][]string{}
	for i, d := range a.Denials {
		if kind := kindOf(d.entry(), c.dialects); kind != "" && !slices.Contains(out[kind], names[i]) {
			out[kind] = append(out[kind], names[i])
		}
	}
	for kind := range out {
		slices.Sort(out[kind])
	}
	return out
}

// callers returns who sent the requests that were refused. A team sends none.
func callers(ds []Denial) map[string]bool {
	out := map[string]bool{}
	for _, d := range ds {
		switch {
		case d.Caller != "":
			out[d.Caller] = true
		case d.Principal != "" && d.PrincipalKind != KindTeam:
			out[d.Principal] = true
		}
	}
	return out
}

// still describes a privilege that is denied on both sides.
func (c *comparer) still(x *Compared, finding int) {
	f := c.after.Findings[finding]
	x.Change, x.Finding, x.After, x.Ignored = ChangeStill, finding, f.Depth, f.Ignored
	switch {
	case x.After > x.Before:
		x.Note = "a deeper level is needed than before"
	case x.After < x.Before:
		x.Note = "what is refused now needs less than before"
	}
	x.Note = join(x.Note, yetHeld(f))
}

// yetHeld says of a privilege that is denied now that the role has it already:
// an addition to it is not what is left to do.
func yetHeld(f Finding) string {
	if f.Status == StatusHeld {
		return "the base role holds it already"
	}
	return ""
}

// gone decides on a privilege that is denied no more.
func (c *comparer) gone(x *Compared, f Finding) {
	x.Change = ChangeNotExercised
	var denials, records []Denial
	var kinds []string
	for _, i := range f.Denials {
		d := c.before.Denials[i]
		denials = append(denials, d)
		if d.Cause == CauseRecordAccess {
			records = append(records, d)
		}
		kinds = appendNew(kinds, kindOf(d.entry(), c.dialects))
	}
	slices.Sort(kinds)
	name := strings.ToLower(f.Privilege.Name)
	proof, note := c.proof(name, kinds), ""
	if len(records) > 0 {
		proof, note = c.reached(name, records)
	}
	switch {
	case len(proof) == 0:
		x.Note = cmp.Or(note, c.whyNotProven(name, kinds))
	case c.refusedSilently(name, slices.Concat(kinds, proof)):
		x.Note = "such requests are allowed now, but some are refused in words that name no privilege"
	case !c.sameWho(denials):
		x.Note = "such requests are allowed now, but perhaps to somebody else than was refused before: compare the captures of one person"
	default:
		x.Change, x.Allowed = ChangeFixed, proof
	}
}

// proof returns the kinds of requests that show a privilege to be held now
// which was missing altogether.
func (c *comparer) proof(name string, kinds []string) []string {
	proof := slices.Clone(c.proofs[name])
	for _, kind := range kinds {
		if c.fresh[kind] && !c.varies(kind, name) {
			proof = appendNew(proof, kind)
		}
	}
	slices.Sort(proof)
	return proof
}

// varies reports whether one request of a kind may need a privilege and another
// not: what is written may set a lookup, and a query may join a table. The one
// that is allowed now may have done without.
func (c *comparer) varies(kind, name string) bool {
	method, path, _ := strings.Cut(kind, " ")
	last := path[strings.LastIndex(path, "/")+1:]
	tells := method == "GET" || method == "DELETE" || last == "$ref" || strings.Contains(last, ".") // a reference, or an action
	return c.needs[kind] != "" && c.needs[kind] != name && (!tells || strings.Contains(last, "?"))
}

// refusedSilently reports whether a privilege may be what is refused now
// without being named.
func (c *comparer) refusedSilently(name string, kinds []string) bool {
	return c.silent[name] || slices.ContainsFunc(kinds, func(kind string) bool { return c.silent[kind] })
}

// reached returns the kinds of the requests for records that were refused, if
// each of them is allowed now: another record may need less. A request without
// a record's id, such as the creation of one, counts by its kind.
func (c *comparer) reached(name string, records []Denial) (proof []string, note string) {
	open := 0
	for _, d := range records {
		kind := kindOf(d.entry(), c.dialects)
		ok := c.fresh[kind]
		if digest := recordDigest(kind, d.URL); digest != 0 {
			ok = c.after.Facts.Records[digest] && !c.before.Facts.Records[digest]
		}
		if !ok || c.varies(kind, name) {
			open++
			continue
		}
		proof = appendNew(proof, kind)
	}
	switch {
	case open == 0:
		slices.Sort(proof)
		return proof, ""
	case open < len(records):
		return nil, fmt.Sprintf("%d of the %d requests are allowed now; repeat the others", len(records)-open, len(records))
	}
	return nil, ""
}

// sameWho reports whether the requests in the later captures could be of those
// who were refused. A capture is of one person; of several captures nobody else
// may be in any, as nothing tells which of them a request was in.
func (c *comparer) sameWho(denials []Denial) bool {
	who := callers(denials)
	if len(who) == 0 || len(c.people) == 0 {
		return true
	}
	both := 0
	for id := range c.people {
		if who[id] {
			both++
		}
	}
	return both == len(c.people) || both > 0 && len(c.after.Captures) == 1
}

// whyNotProven says what the later captures show of the requests that were
// refused, and what to do. It is silent where they show nothing at all.
func (c *comparer) whyNotProven(name string, kinds []string) string {
	var others []string
	refused, allowed, varied := false, false, false
	for _, kind := range kinds {
		for _, name := range c.refused[1][kind] {
			refused = true
			others = appendNew(others, name)
		}
		allowed = allowed || c.after.Facts.Allowed[kind]
		varied = varied || c.fresh[kind] && c.varies(kind, name)
	}
	slices.Sort(others)
	switch {
	case len(others) > 0:
		return "the same request is refused for " + strings.Join(others, ", ") + " now"
	case refused:
		return "the same request is refused again, in words that name no privilege"
	case varied:
		return "such requests are allowed now, but perhaps without what was refused, as a lookup or a joined table: repeat the same step"
	case allowed:
		return "other requests of the kind are allowed, which proves nothing here: repeat the step on the same record"
	}
	return ""
}

// whyNew says how a privilege that is denied only now came to light.
func (c *comparer) whyNew(f Finding) string {
	var behind []string
	allowed := false
	for _, i := range f.Denials {
		kind := kindOf(c.after.Denials[i].entry(), c.dialects)
		for _, name := range c.refused[0][kind] {
			behind = appendNew(behind, name)
		}
		allowed = allowed || c.before.Facts.Allowed[kind]
	}
	slices.Sort(behind)
	switch {
	case len(behind) > 0:
		return "came to light behind " + strings.Join(behind, ", ")
	case allowed:
		return "such requests were allowed before"
	}
	return ""
}

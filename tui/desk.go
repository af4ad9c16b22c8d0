package tui

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/prvgap/prvgap/analyzer"
	"github.com/prvgap/prvgap/catalog"
)

// state is what stands of a finding: a decision, or what the evidence makes of
// it while there is none.
type state uint8

const (
	open     state = iota // for a person to decide
	accepted              // goes into the patch
	rejected
	ignored
	deferred
	held // the base holds it: nothing to add
)

// item is a finding with what was decided about it.
type item struct {
	finding analyzer.Finding
	state   state
	depth   catalog.Depth // that an acceptance grants
	own     bool          // decided by a person
	company bool          // not in evidence
	stale   catalog.Depth // what was decided on before the evidence grew, None for not
	note    string
	reason  string
	until   string
}

// wider reports whether more is granted than the evidence asks for.
func (it item) wider() bool {
	return it.state == accepted && (it.company || it.depth > it.finding.Depth)
}

// shallow reports whether a grant would leave denials unanswered.
func (it item) shallow() bool { return it.depth < it.finding.Depth }

// switches reports whether an item is on or off, without depths.
func (it item) switches() bool { return it.finding.Privilege.Section == catalog.Switch }

// key is what a decision is filed under. Names are compared in any case, because
// messages do not keep the platform's.
func (it item) key() string { return strings.ToLower(it.finding.Privilege.Name) }

// change is one privilege's decision before and after a step.
type change struct {
	key           string
	before, after *Decision // nil: none
}

// step is what one key press decided; undo takes it back whole.
type step struct {
	what    string
	changes []change
}

// desk is what a triage works on, without a screen: the analysis, what was
// decided, and the way back.
type desk struct {
	analysis analyzer.Analysis
	session  Session
	now      func() time.Time
	author   string

	items        []item
	at           map[string]int // of an item by its key
	done, undone []step
	version      int // counts what changed, for whoever keeps something drawn
}

func newDesk(s Session, now func() time.Time, author string) *desk {
	return &desk{session: s, now: now, author: author, at: map[string]int{}}
}

// analyzed takes a new analysis in; decisions stay.
func (d *desk) analyzed(a analyzer.Analysis) {
	d.analysis = a
	d.refresh()
}

// refresh works the items out anew.
func (d *desk) refresh() {
	d.version++
	d.items = d.items[:0:0]
	clear(d.at)
	for _, f := range d.analysis.Findings {
		it := d.item(f)
		d.at[it.key()] = len(d.items)
		d.items = append(d.items, it)
	}
	d.addCompany()
}

// addCompany adds what was accepted without evidence, in the form's order.
func (d *desk) addCompany() {
	var cat *catalog.Catalog
	for _, key := range slices.Sorted(maps.Keys(d.session.decisions)) {
		dec := d.session.decisions[key]
		if _, found := d.at[key]; found || !dec.Company {
			continue
		}
		if cat == nil {
			cat = d.analysis.Facts.Catalog()
		}
		f, ok := companion(cat, dec.Privilege, dec.Asked, d.holds(dec.Privilege))
		if !ok {
			continue
		}
		f.Note = cmp.Or(dec.Reason, "usual company of what was accepted") + "; not in evidence"
		d.at[key] = len(d.items)
		d.items = append(d.items, d.item(f))
	}
}

// companion makes the finding of a privilege that nothing denied.
func companion(cat *catalog.Catalog, privilege string, depth, held catalog.Depth) (analyzer.Finding, bool) {
	p, ok := cat.Lookup(privilege)
	depth = p.Depths.Raise(max(depth, catalog.Basic))
	if !ok || depth <= held {
		return analyzer.Finding{}, false
	}
	f := analyzer.Finding{
		Privilege: p, Depth: depth, Legal: p.Depths, Held: held, Basis: analyzer.BasisRecommended, Status: analyzer.StatusMissing,
	}
	if held != catalog.None {
		f.Status = analyzer.StatusTooShallow
	}
	return f, true
}

// holds returns what the base role holds of a privilege.
func (d *desk) holds(privilege string) catalog.Depth {
	if base := d.analysis.Proposal.Base; base != nil {
		return base.Holds(privilege)
	}
	return catalog.None
}

// item puts a finding and its decision together.
func (d *desk) item(f analyzer.Finding) item {
	it := item{finding: f, depth: f.Depth, state: byEvidence(f)}
	dec, ok := d.session.decisions[it.key()]
	if !ok {
		return it
	}
	it.note, it.reason, it.until, it.company = dec.Note, dec.Reason, dec.Until, dec.Company && len(f.Denials) == 0
	if dec.Depth > f.Held && it.legal().Has(dec.Depth) {
		it.depth = dec.Depth
	}
	if dec.Verb == Undecided {
		return it
	}
	if it.state == held {
		return it // an earlier decision about what is held by now
	}
	if dec.Verb == Accept && it.depth < f.Depth && dec.Asked < f.Depth {
		it.stale, it.depth, it.state = it.depth, f.Depth, open // decided on less evidence
		return it
	}
	it.own = true
	it.state = map[Verb]state{Accept: accepted, Reject: rejected, Ignore: ignored, Defer: deferred}[dec.Verb]
	if it.state == ignored && d.lapsed(dec.Until) {
		it.state, it.own = open, false
	}
	return it
}

// lapsed reports whether an ignore counts no more.
func (d *desk) lapsed(until string) bool {
	day, err := time.Parse(time.DateOnly, until)
	return err == nil && d.now().After(day.AddDate(0, 0, 1))
}

// byEvidence is what becomes of a finding that nobody decided about: what is
// stated, worked out or least is accepted; what widens or is only suspected is
// for a person.
func byEvidence(f analyzer.Finding) state {
	switch {
	case f.Ignored != nil:
		return ignored
	case f.Status == analyzer.StatusHeld:
		return held
	case f.Basis == analyzer.BasisRecommended, f.Basis == analyzer.BasisSuspected:
		return open
	}
	return accepted
}

// legal returns the depths that an item can be given. Where nothing tells, the
// depth of the finding and what lies deeper are all that is not less safe.
func (it item) legal() catalog.Depths {
	if it.finding.Legal.Known() {
		return it.finding.Legal | catalog.MakeDepths(it.finding.Depth)
	}
	return catalog.MakeDepths(it.finding.Depth)
}

// nextDepth returns the legal depth one step deeper or shallower, within what
// the base does not hold already.
func (it item) nextDepth(deeper bool) (catalog.Depth, bool) {
	depths := slices.DeleteFunc(it.legal().List(), func(d catalog.Depth) bool { return d <= it.finding.Held })
	i := slices.Index(depths, it.depth)
	if deeper {
		i++
	} else {
		i--
	}
	if i < 0 || i >= len(depths) {
		return it.depth, false
	}
	return depths[i], true
}

// decide changes the decisions of items as one step. How gives the new
// decision from the old one.
func (d *desk) decide(what string, keys []string, how func(item, Decision) Decision) {
	s := step{what: what}
	for _, key := range keys {
		i, ok := d.at[key]
		if !ok {
			continue
		}
		it := d.items[i]
		s.changes = append(s.changes, d.changed(it, how))
	}
	d.take(s)
}

// changed works a decision out. It notes what the evidence asked for, so that a
// later look can tell whether it was made on less.
func (d *desk) changed(it item, how func(item, Decision) Decision) change {
	key := it.key()
	var before *Decision
	dec := Decision{Privilege: it.finding.Privilege.Name}
	if old, ok := d.session.decisions[key]; ok {
		before = &old
		dec = old
	}
	dec = how(it, dec)
	dec.Asked, dec.Author, dec.At = it.finding.Depth, d.author, d.now()
	return change{key, before, &dec}
}

// take does a step for the first time.
func (d *desk) take(s step) {
	if len(s.changes) == 0 {
		return
	}
	d.done, d.undone = append(d.done, s), nil
	d.put(s, func(c change) *Decision { return c.after })
}

// put sets the decisions of one side of a step.
func (d *desk) put(s step, which func(change) *Decision) {
	for _, c := range s.changes {
		if dec := which(c); dec != nil {
			d.session.decisions[c.key] = *dec
		} else {
			delete(d.session.decisions, c.key)
		}
	}
	d.refresh()
}

// undo takes the last step back and returns it.
func (d *desk) undo() (step, bool) {
	if len(d.done) == 0 {
		return step{}, false
	}
	s := d.done[len(d.done)-1]
	d.done, d.undone = d.done[:len(d.done)-1], append(d.undone, s)
	d.put(s, func(c change) *Decision { return c.before })
	return s, true
}

// redo does the last undone step again.
func (d *desk) redo() (step, bool) {
	if len(d.undone) == 0 {
		return step{}, false
	}
	s := d.undone[len(d.undone)-1]
	d.undone, d.done = d.undone[:len(d.undone)-1], append(d.done, s)
	d.put(s, func(c change) *Decision { return c.after })
	return s, true
}

// count returns how many items are in a state.
func (d *desk) count(s state) int {
	n := 0
	for _, it := range d.items {
		if it.state == s {
			n++
		}
	}
	return n
}

// ignores returns what the session wants to be left alone.
func (d *desk) ignores() []analyzer.Ignore {
	var list []analyzer.Ignore
	for _, key := range slices.Sorted(maps.Keys(d.session.decisions)) {
		dec := d.session.decisions[key]
		if dec.Verb != Ignore {
			continue
		}
		until, _ := time.Parse(time.DateOnly, dec.Until) // checked when it was entered
		list = append(list, analyzer.Ignore{Privilege: dec.Privilege, Reason: dec.Reason, Author: dec.Author, Until: until})
	}
	return list
}

// decided returns the analysis as the decisions leave it: its proposal holds
// what is accepted, at the depths that were chosen, and nothing else.
func (d *desk) decided() analyzer.Analysis {
	a := d.analysis
	a.Findings, a.Proposal.Grants = nil, nil
	for i, it := range d.items {
		f := it.finding
		f.Depth, f.Ignored = it.depth, nil
		switch it.state {
		case accepted:
			f.Note = joined(f.Note, it.says())
			a.Proposal.Grants = append(a.Proposal.Grants, analyzer.Grant{
				Privilege: f.Privilege.Name, From: f.Held, To: f.Depth, Because: []int{i}, Note: f.Note,
			})
		case held:
		default:
			f.Ignored = &analyzer.Ignore{Privilege: f.Privilege.Name, Reason: it.why()}
		}
		a.Findings = append(a.Findings, f)
	}
	return a
}

// says is what a decision adds to the note of a grant.
func (it item) says() string {
	var parts []string
	switch {
	case it.company:
	case it.depth > it.finding.Depth:
		parts = append(parts, fmt.Sprintf("wider than the evidence asks for (%s), by decision", it.finding.Depth.Label()))
	case it.depth < it.finding.Depth:
		parts = append(parts, fmt.Sprintf("less than the evidence asks for (%s), by decision", it.finding.Depth.Label()))
	}
	if it.note != "" {
		parts = append(parts, it.note)
	}
	return strings.Join(parts, "; ")
}

// why says in the report why something is not granted.
func (it item) why() string {
	switch it.state {
	case rejected:
		return joined("rejected", it.note)
	case deferred:
		return joined("deferred", it.note)
	case ignored:
		if it.reason == "" && it.finding.Ignored != nil {
			return it.finding.Ignored.Reason
		}
		return it.reason
	}
	return joined("not decided", it.note)
}

// joined joins two notes, either of which may be empty.
func joined(a, b string) string {
	if a == "" || b == "" {
		return a + b
	}
	return a + "; " + b
}

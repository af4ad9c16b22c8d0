package analyzer

import (
	"iter"
	"maps"
	"slices"
	"strings"

	"github.com/prvgap/prvgap/analyzer/role"
	"github.com/prvgap/prvgap/catalog"
	"github.com/prvgap/prvgap/har"
)

// Evidence is what captures hold: denials, and facts about the environment.
// Reports carry it, so that they can be merged like the captures they came from.
type Evidence struct {
	Captures []Capture
	Denials  []Denial
	Facts    Facts
}

// Facts are what allowed answers and denials tell about one environment.
// Every key is lower case.
type Facts struct {
	BusinessUnits map[string]string                   // business unit → its parent, "" for the root
	Home          map[string]string                   // principal → business unit
	Privileges    map[string]catalog.Privilege        // by name
	Tables        map[string]catalog.Table            // by logical name
	Held          map[string]map[string]catalog.Depth // principal → privilege → depth
	Allowed       map[string]bool                     // kinds of requests that were answered, see Dialect.Kind
	Records       map[Digest]bool                     // records that were reached, see recordDigest
	Touched       map[string]map[catalog.Action]bool  // table or set of tables as a request names it → what requests did with it, refused ones too
}

// AnyHolder stands in Facts.Held for whoever holds the roles that were read in
// a capture: the answer does not tell, and it may be nobody in it.
const AnyHolder = "role"

// NewFacts returns facts that can be added to.
func NewFacts() Facts {
	return Facts{
		BusinessUnits: map[string]string{},
		Home:          map[string]string{},
		Privileges:    map[string]catalog.Privilege{},
		Tables:        map[string]catalog.Table{},
		Held:          map[string]map[string]catalog.Depth{},
		Allowed:       map[string]bool{},
		Records:       map[Digest]bool{},
		Touched:       map[string]map[catalog.Action]bool{},
	}
}

// AddPrivilege learns a privilege. Where two answers differ, the depths that
// both allow count, so that the order of answers does not matter.
func (f *Facts) AddPrivilege(p catalog.Privilege) {
	key := strings.ToLower(p.Name)
	if old, ok := f.Privileges[key]; ok {
		p.Name = max(p.Name, old.Name)
		p.ID = max(p.ID, old.ID)
		p.Table = max(p.Table, old.Table)
		p.Label = max(p.Label, old.Label)
		p.Tab = max(p.Tab, old.Tab)
		if both := p.Depths & old.Depths; both.Known() {
			p.Depths = both
		} else {
			p.Depths |= old.Depths
		}
	}
	f.Privileges[key] = p
}

// AddTable learns a table.
func (f *Facts) AddTable(t catalog.Table) {
	key := strings.ToLower(t.Name)
	old := f.Tables[key]
	t.Schema = max(t.Schema, old.Schema)
	t.Label = max(t.Label, old.Label)
	t.Set = max(t.Set, old.Set)
	t.Code = max(t.Code, old.Code)
	t.Ownership = max(t.Ownership, old.Ownership)
	f.Tables[key] = t
}

// AddHeld learns that a principal holds a privilege; the deepest answer counts.
func (f *Facts) AddHeld(principal, privilege string, d catalog.Depth) {
	if f.Held[principal] == nil {
		f.Held[principal] = map[string]catalog.Depth{}
	}
	key := strings.ToLower(privilege)
	f.Held[principal][key] = max(f.Held[principal][key], d)
}

// The bounds of what is kept of the tables that a capture touches; real
// environments have some thousands of tables.
const (
	mostTouched  = 5_000
	longestTable = 128
)

// Touch notes a request for a table, which need not be known: its name is
// resolved when everything has been read. NoAction is a request whose action
// its address does not tell. Requests are not counted, so that a capture that
// is merged twice counts once.
func (f *Facts) Touch(table string, action catalog.Action) {
	table = strings.ToLower(table)
	if table == "" || len(table) > longestTable {
		return
	}
	if f.Touched[table] == nil {
		if len(f.Touched) == mostTouched {
			return
		}
		f.Touched[table] = map[catalog.Action]bool{}
	}
	f.Touched[table][action] = true
}

// merge adds o to f. The result does not depend on which is merged into which.
func (f *Facts) merge(o Facts) {
	for id, parent := range o.BusinessUnits {
		f.BusinessUnits[id] = max(f.BusinessUnits[id], parent)
	}
	for id, bu := range o.Home {
		f.Home[id] = max(f.Home[id], bu)
	}
	for _, p := range o.Privileges {
		f.AddPrivilege(p)
	}
	for _, t := range o.Tables {
		f.AddTable(t)
	}
	for id, held := range o.Held {
		for name, d := range held {
			f.AddHeld(id, name, d)
		}
	}
	for kind := range o.Allowed {
		f.Allow(kind)
	}
	for digest := range o.Records {
		f.AllowRecord(digest)
	}
	for table, actions := range o.Touched { // not through Touch: its bound would make the order count
		if f.Touched[table] == nil {
			f.Touched[table] = map[catalog.Action]bool{}
		}
		maps.Copy(f.Touched[table], actions)
	}
}

// below reports whether business unit child lies below parent, and whether the
// facts are enough to tell.
func (f Facts) below(child, parent string) (below, known bool) {
	if up, ok := f.BusinessUnits[parent]; ok && up == "" {
		return true, true // everything lies below the root
	}
	seen := map[string]bool{}
	for child != "" && !seen[child] {
		seen[child] = true
		up, ok := f.BusinessUnits[child]
		if !ok {
			return false, false
		}
		if up == parent {
			return true, true
		}
		child = up
	}
	return false, true
}

// Collect reads one capture. A break in it is returned, and noted in the
// capture; the evidence up to there is good.
func Collect(name string, entries iter.Seq2[har.Entry, error], ds []Dialect, info func() har.Info) (Evidence, error) {
	ev := Evidence{Facts: NewFacts()}
	c := Capture{Name: name}
	cleaner := cleaner{}
	var broken error
	for e, err := range entries {
		if err != nil {
			broken = err
			continue
		}
		if !e.Time.IsZero() {
			if c.From.IsZero() || e.Time.Before(c.From) {
				c.From = e.Time
			}
			if e.Time.After(c.To) {
				c.To = e.Time
			}
		}
		found := denials(e, ds, &ev.Facts)
		if len(found) > 0 {
			c.Refused++
		}
		for i := range found {
			cleaner.clean(&found[i])
		}
		ev.Denials = append(ev.Denials, found...)
	}
	i := info()
	c.Format, c.Creator, c.Bytes, c.Entries = i.Format, i.Creator, i.Bytes, i.Entries
	c.Complete, c.Problem = i.Complete && broken == nil, i.Problem
	if broken != nil && c.Problem == "" {
		c.Problem = broken.Error()
	}
	ev.Captures = []Capture{c}
	ev.Facts.trim()
	ev.CleanCaptures()
	return ev, broken
}

// Body returns the predicate with which captures are read for these dialects.
func Body(ds []Dialect) func(method, url string) bool {
	return func(method, url string) bool {
		return slices.ContainsFunc(ds, func(d Dialect) bool { return d.Reads(method, url) })
	}
}

// Excerpt returns what of an entry's body is worth keeping: of a refusal all, of an allowed answer what a dialect reads.
func Excerpt(ds []Dialect) func(har.Entry) string {
	return func(e har.Entry) string {
		if e.Status >= 400 || e.Body == "" {
			return e.Body
		}
		for _, d := range ds {
			if text := d.Excerpt(e); text != "" {
				return text
			}
		}
		return ""
	}
}

// denials asks each dialect in turn until one knows the refusal; one that none
// knows is a denial too.
func denials(e har.Entry, ds []Dialect, f *Facts) []Denial {
	var out []Denial
	for _, d := range ds {
		if out = d.Denials(e, f); len(out) > 0 {
			break // a refusal is of one platform
		}
	}
	switch {
	case len(out) > 0 || e.Parts > 0:
	case e.Status == 403:
		out = append(out, unclaimed(e))
	case e.Status >= 200 && e.Status < 300:
		kind := kindOf(e, ds)
		f.Allow(kind)
		f.AllowRecord(recordDigest(kind, e.URL))
	}
	for i := range out {
		d := &out[i]
		d.Entry, d.Part, d.Pointer, d.Time = e.Index, e.Part, e.Pointer, e.Time
		d.Mark = e.Mark
		d.Method, d.URL, d.Status = e.Method, e.URL, e.Status
	}
	return out
}

func unclaimed(e har.Entry) Denial {
	d := Denial{
		Cause: CauseOther, Shape: ShapeOther, Message: e.Body,
		Advice: "refused for a reason that is not known to prvgap; read the message",
	}
	if !e.HasBody {
		d.Shape, d.Message = ShapeNoBody, e.Comment
		d.Advice = "the capture holds no text for this refusal; capture it again"
	}
	return d
}

// Keep returns the evidence whose denials keep holds for.
func (ev Evidence) Keep(keep func(Denial) bool) Evidence {
	first := slices.IndexFunc(ev.Denials, func(d Denial) bool { return !keep(d) })
	if first < 0 {
		return ev
	}
	kept := slices.Clone(ev.Denials[:first])
	for _, d := range ev.Denials[first+1:] {
		if keep(d) {
			kept = append(kept, d)
		}
	}
	ev.Denials = kept
	return ev
}

// Catalog returns the bundled catalog with the facts laid over it, and over
// these what the files of roles told.
func (f Facts) Catalog(roles ...role.Role) *catalog.Catalog {
	c := catalog.Default()
	for _, key := range slices.Sorted(maps.Keys(f.Tables)) {
		c.AddTable(f.Tables[key])
	}
	for _, key := range slices.Sorted(maps.Keys(f.Privileges)) {
		c.Add(f.Privileges[key])
	}
	for _, r := range roles {
		for _, p := range r.Told {
			c.Add(p)
		}
	}
	return c
}

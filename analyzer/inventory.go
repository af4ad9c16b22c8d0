package analyzer

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/prvgap/prvgap/analyzer/role"
	"github.com/prvgap/prvgap/catalog"
)

// TableUse is a row of the data security inventory: a table that the captures
// touched, by an allowed or a refused request.
type TableUse struct {
	Table    catalog.Table
	Known    bool                    // whether the catalog or a capture knows the table; if not, it has only the name of the request
	Used     map[catalog.Action]bool // what requests did with it that name it; NoAction where their address does not tell
	Refused  int                     // denials of findings about it, and those without a text whose request suggests it
	Owners   []Owner                 // of the refused records, as far as the messages tell
	Rights   []Right                 // that were used or refused, in the order of the form
	Question string                  // that the designer of the security model must answer
}

// Owner is who owns refused records, and where: the context of the data.
type Owner struct {
	ID           string // "" where only the business unit is told
	Kind         string
	BusinessUnit string
}

// Nobody reports whether the messages say that there is no owner.
func (o Owner) Nobody() bool { return o.ID == zeroID }

// Right is an action on a table.
type Right struct {
	Action  catalog.Action
	Needed  catalog.Depth // None where nothing was refused
	Held    catalog.Depth // by the base roles
	Unknown bool          // nothing tells what is held
}

// Inquirer is a Dialect that knows what the designer of a security model has to
// decide for a table, or "" for one that is not the platform's.
type Inquirer interface {
	Question(u TableUse) string
}

// tableUse is a row of the inventory in the making.
type tableUse struct {
	TableUse
	needs  map[catalog.Action]*Finding
	owners map[Owner]bool
}

// inventory lists the tables that the captures touched, by name. A table is
// touched by a request that names it in its address or answer, and by a denial
// that names it.
func (a *analysis) inventory() []TableUse {
	byName := map[string]*tableUse{}
	for _, name := range slices.Sorted(maps.Keys(a.facts.Touched)) {
		u := a.use(byName, a.touched(name))
		maps.Copy(u.Used, a.facts.Touched[name])
	}
	for i := range a.out.Findings {
		f := &a.out.Findings[i]
		for _, d := range f.Denials {
			if name := a.refusedTable(*f, a.out.Denials[d]); name != "" {
				a.use(byName, name).refuse(f, a.out.Denials[d])
			}
		}
	}
	for _, i := range a.out.Proposal.Unexplained {
		if p, ok := a.cat.Lookup(a.out.Denials[i].Suspected); ok && p.Table != "" {
			a.use(byName, p.Table).Refused++
		}
	}
	var uses []TableUse
	for _, name := range slices.Sorted(maps.Keys(byName)) {
		u := byName[name]
		u.Owners = slices.SortedFunc(maps.Keys(u.owners), compareOwners)
		u.Rights = a.rights(*u)
		u.Question = a.question(u.TableUse)
		uses = append(uses, u.TableUse)
	}
	return uses
}

// touched resolves a name out of a request: the name of a set, a logical name,
// or of a table that only a denial told of, whose set's name follows a rule.
func (a *analysis) touched(name string) string {
	if t, ok := a.cat.TableBySet(name); ok {
		return t.Name
	}
	for _, singular := range []string{name, strings.TrimSuffix(name, "s"), strings.TrimSuffix(name, "es"), strings.TrimSuffix(name, "ies") + "y", strings.TrimSuffix(name, "collection"), strings.TrimSuffix(name, "set")} {
		if t, ok := a.cat.Table(singular); ok {
			return t.Name
		}
	}
	return name
}

// use returns the row of a table.
func (a *analysis) use(byName map[string]*tableUse, name string) *tableUse {
	name = strings.ToLower(name)
	u := byName[name]
	if u == nil {
		t, known := a.cat.Table(name)
		if !known {
			t.Name = name
		}
		u = &tableUse{TableUse{Table: t, Known: known, Used: map[catalog.Action]bool{}}, map[catalog.Action]*Finding{}, map[Owner]bool{}}
		byName[name] = u
	}
	return u
}

// refusedTable is the table that a denial of a finding is about, which is not
// always the one whose row of the form holds the privilege.
func (a *analysis) refusedTable(f Finding, d Denial) string {
	if f.Privilege.Action == catalog.NoAction {
		return ""
	}
	if name, ok := a.table(d); ok {
		return name
	}
	return cmp.Or(f.Privilege.Table, d.Table)
}

// refuse puts a denial of a finding into the row.
func (u *tableUse) refuse(f *Finding, d Denial) {
	u.Refused++
	u.Table.Ownership = cmp.Or(u.Table.Ownership, d.Ownership)
	if old := u.needs[f.Privilege.Action]; old == nil || old.Depth < f.Depth {
		u.needs[f.Privilege.Action] = f
	}
	if d.Cause == CauseRecordAccess && (d.Owner != "" || d.RecordBusinessUnit != "") {
		u.owners[Owner{d.Owner, d.OwnerKind, d.RecordBusinessUnit}] = true
	}
}

func compareOwners(a, b Owner) int {
	return cmp.Or(cmp.Compare(a.ID, b.ID), cmp.Compare(a.BusinessUnit, b.BusinessUnit), cmp.Compare(a.Kind, b.Kind))
}

// rights compares what was used or refused with what the bases hold.
func (a *analysis) rights(u tableUse) []Right {
	var rights []Right
	for _, action := range catalog.Actions() {
		f := u.needs[action]
		if f == nil && !u.Used[action] {
			continue
		}
		r := Right{Action: action, Unknown: true}
		if p, ok := a.cat.ByTable(u.Table.Name, action); ok && len(a.opts.Bases) > 0 {
			r.Held, r.Unknown = holds(a.opts.Bases, p.Name), false
		}
		if f != nil {
			r.Needed, r.Held = f.Depth, f.Held
			r.Unknown = f.Status == StatusUnknown || len(a.opts.Bases) == 0 && f.Held == catalog.None && f.Status != StatusMissing
		}
		rights = append(rights, r)
	}
	return rights
}

// holds is the deepest that any of the roles grants.
func holds(roles []role.Role, privilege string) catalog.Depth {
	deepest := catalog.None
	for _, r := range roles {
		deepest = max(deepest, r.Holds(privilege))
	}
	return deepest
}

func (a *analysis) question(u TableUse) string {
	for _, d := range a.opts.Dialects {
		if x, ok := d.(Inquirer); ok {
			if q := x.Question(u); q != "" {
				return q
			}
		}
	}
	return ""
}

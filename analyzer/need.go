package analyzer

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/prvgap/prvgap/catalog"
)

// zeroID is the GUID that stands for "none": no owner, or a record to be created.
const zeroID = "00000000-0000-0000-0000-000000000000"

// need is what one denial asks for.
type need struct {
	depth catalog.Depth
	basis Basis
	note  string
}

// weight orders bases by how sure they are.
func (b Basis) weight() int {
	for i, x := range []Basis{BasisSuspected, BasisMinimum, BasisRecommended, BasisOwnership, BasisRecord, BasisStated} {
		if x == b {
			return i
		}
	}
	return -1
}

// resolve finds the privilege that a denial is about. Where it cannot, hint
// says what would help, or is empty.
func (a *analysis) resolve(d Denial) (p catalog.Privilege, ok bool, hint string) {
	switch {
	case d.Privilege != "":
		return a.named(d)
	case d.PrivilegeID != "":
		if p, ok = a.cat.ByID(d.PrivilegeID); !ok {
			hint = "the text gives only the id of the privilege, and neither the catalog nor the capture knows it"
		}
		return p, ok, hint
	case d.Action != catalog.NoAction:
		if d.Cut {
			return p, false, "the text ends within the check: its right or its table may be cut short"
		}
		if t, found := a.table(d); found {
			if p, ok = a.cat.ByTable(t, d.Action); ok {
				return p, true, ""
			}
		}
		return p, false, "the text names a right, and the catalog knows no privilege for it on this table"
	case d.Suspected != "" && a.opts.GrantSuspected:
		p, ok = a.cat.Lookup(d.Suspected)
		return p, ok, ""
	}
	return p, false, ""
}

// named looks a printed name up. A name that is not bundled is accepted where
// the naming rules and the rest of the text bear it out.
func (a *analysis) named(d Denial) (catalog.Privilege, bool, string) {
	known, ok := a.cat.Privilege(d.Privilege)
	switch {
	case ok && !(d.Cut && a.cat.Extends(d.Privilege)):
		return known, true, ""
	case d.Cut:
		return known, false, "the text ends with the name, which may be cut short"
	}
	p, ok := a.cat.Derive(d.Privilege)
	switch {
	case !ok && d.PrivilegeID != "" && !masked(d.Privilege):
		// The platform knows it: a miscellaneous privilege newer than the catalog.
		return catalog.Privilege{Name: d.Privilege, ID: d.PrivilegeID, Label: d.Privilege, Section: catalog.Unknown}, true, ""
	case !ok || masked(d.Privilege):
		return p, false, a.nearest(d.Privilege)
	case d.Table != "" && !strings.EqualFold(d.Table, p.Table) && !a.sharesBase(d.Table, p):
		return p, false, fmt.Sprintf("%s is not a privilege of table %s; %s", d.Privilege, d.Table, a.nearest(d.Privilege))
	}
	if p.ID == "" {
		p.ID = d.PrivilegeID
	}
	return p, true, ""
}

// sharesBase reports whether table's privileges are the ones p belongs to.
func (a *analysis) sharesBase(table string, p catalog.Privilege) bool {
	shared, ok := a.cat.ByTable(table, p.Action)
	return ok && strings.EqualFold(shared.Name, p.Name)
}

func masked(name string) bool { return strings.ContainsAny(name, "*…") }

// mostNear bounds the names that a near one is looked for: a hostile capture
// may hold a hundred thousand, and nobody reads the hints of that many.
const mostNear = 1000

// nearest says which known name is most like one that is not; a capture may
// hold the same wrong name ten thousand times.
func (a *analysis) nearest(name string) string {
	if said, ok := a.near[name]; ok {
		return said
	}
	said := "no such privilege is known"
	if len(a.near) < mostNear {
		if near := a.cat.Nearest(name, 1); len(near) > 0 {
			said += "; the nearest name is " + near[0]
		}
		a.near[name] = said
	}
	return said
}

// table returns the logical name of the table that a denial is about.
func (a *analysis) table(d Denial) (string, bool) {
	look := a.cat.Table
	if d.Labelled {
		look = a.cat.TableByLabel
	}
	if t, ok := look(d.Table); ok && d.Table != "" {
		return t.Name, true
	}
	if d.TypeCode != 0 {
		if t, ok := a.cat.TableByCode(d.TypeCode); ok {
			return t.Name, true
		}
	}
	return "", false
}

// need works out the depth that answers d.
func (a *analysis) need(d Denial, p catalog.Privilege) need {
	legal := a.legal(p, d)
	var n need
	switch {
	case d.Privilege == "" && d.PrivilegeID == "" && d.Action == catalog.NoAction:
		n = need{catalog.Basic, BasisSuspected, "suspected from the request alone"}
	case d.Depth != catalog.None:
		n = need{d.Depth, BasisStated, ""}
	case d.Cause == CauseRecordAccess:
		n = a.recordNeed(d)
	default:
		n = need{catalog.Basic, BasisMinimum, ""}
	}
	if a.opts.Recommended && d.Cause == CausePrivilege {
		if r, source, ok := a.cat.Recommended(p.Name); ok && r > n.depth {
			n = need{r, BasisRecommended, "wider than the evidence asks for, as recommended by: " + source}
		}
	}
	return fit(n, legal, p)
}

// fit moves a need to a depth that the privilege allows.
func fit(n need, legal catalog.Depths, p catalog.Privilege) need {
	if p.Section == catalog.Switch {
		if n.basis == BasisMinimum {
			n.basis = BasisOwnership // on or off: nothing lies between
		}
		return need{catalog.Global, n.basis, n.note}
	}
	if !legal.Known() {
		if p.Section == catalog.Unknown {
			// Miscellaneous privileges are Organization or None.
			return need{catalog.Global, n.basis, join(n.note, "not in the catalog; miscellaneous privileges are Organization or None")}
		}
		if n.basis == BasisMinimum {
			n.note = join(n.note, "which depths this table allows is not known: an organization-owned one takes Organization only")
		}
		return n
	}
	at := legal.Raise(n.depth)
	switch {
	case at < n.depth:
		return need{at, BasisOwnership, fmt.Sprintf("the level %s is all that is offered", at.Label())}
	case at > n.depth && len(legal.List()) == 1 && n.basis != BasisSuspected:
		return need{at, BasisOwnership, ""} // whatever was asked for, there is no other
	case at > n.depth:
		n.note = join(n.note, fmt.Sprintf("the level %s is not offered for it; %s is the next, and reaches further", n.depth.Label(), at.Label()))
	}
	n.depth = at
	return n
}

// legal returns the depths that p allows, which the ownership of its table
// tells where no source lists them.
func (a *analysis) legal(p catalog.Privilege, d Denial) catalog.Depths {
	if p.Depths.Known() {
		return p.Depths
	}
	owner := d.Ownership
	if t, ok := a.cat.Table(p.Table); ok && owner == "" {
		owner = t.Ownership
	}
	return depthsOf(owner)
}

// legalOf returns the depths that a finding's privilege can be given at.
func (a *analysis) legalOf(f Finding) catalog.Depths {
	if f.Privilege.Section == catalog.Unknown && !f.Privilege.Depths.Known() {
		return catalog.MakeDepths(catalog.Global) // as fit has it
	}
	var all catalog.Depths
	for _, i := range f.Denials {
		all |= a.legal(f.Privilege, a.out.Denials[i])
	}
	return all
}

// depthsOf returns the depths that tables of an ownership allow.
func depthsOf(ownership string) catalog.Depths {
	switch ownership {
	case "User":
		return catalog.MakeDepths(catalog.Basic, catalog.Local, catalog.Deep, catalog.Global)
	case "BusinessUnit":
		return catalog.MakeDepths(catalog.Local, catalog.Deep, catalog.Global)
	case "Organization":
		return catalog.MakeDepths(catalog.Global)
	}
	return 0
}

// recordNeed works the depth out from owner and business units, by the rules
// of the platform's access check.
func (a *analysis) recordNeed(d Denial) need {
	whose := "record of another owner, "
	if d.Owner == "" || d.Owner == zeroID {
		whose = "record of "
	}
	home := cmp.Or(d.BusinessUnit, a.facts.Home[d.Principal])
	switch {
	case d.Ownership == "Organization", d.Owner == zeroID && d.Ownership != "BusinessUnit" && d.RecordBusinessUnit == "":
		return need{catalog.Global, BasisRecord, "the record belongs to the organization"}
	case d.Owner != "" && d.Owner == d.Principal:
		return need{catalog.Basic, BasisRecord, "the record is the principal's own"}
	case d.RecordBusinessUnit == "" || d.RecordBusinessUnit == zeroID:
		return need{catalog.Basic, BasisMinimum, "the text does not say whose record it is: a deeper level may be needed"}
	case home == "":
		return need{catalog.Local, BasisRecord, whose + "a business unit that may not be the principal's: the capture does not show where the principal is, and a deeper level may be needed"}
	case home == d.RecordBusinessUnit:
		return need{catalog.Local, BasisRecord, whose + "the same business unit"}
	}
	below, known := a.facts.below(d.RecordBusinessUnit, home)
	switch {
	case below:
		return need{catalog.Deep, BasisRecord, whose + "a business unit below the principal's"}
	case known:
		return need{catalog.Global, BasisRecord, whose + "a business unit outside the principal's branch"}
	}
	return need{catalog.Deep, BasisRecord, whose + "another business unit; whether it lies below the principal's is not in the capture, and if not, Organization is needed"}
}

// join appends a note to others, each once.
func join(note, more string) string {
	switch {
	case more == "" || strings.Contains(note, more):
		return note
	case note == "":
		return more
	}
	return note + "; " + more
}

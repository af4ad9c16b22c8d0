package dataverse

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/prvgap/prvgap/analyzer"
	"github.com/prvgap/prvgap/analyzer/role"
	"github.com/prvgap/prvgap/catalog"
)

// The sources that the rules below name:
//
//   - the article "The right questions to ask when designing a security model
//     in Dynamics 365" (January 2018);
//   - Learn, "Security roles and privileges", "How access to a record is
//     determined" and "Manage group teams".

// adviceRule is a piece of the security model. say returns its sentence and the
// evidence that calls for it, or nothing where the evidence does not.
type adviceRule struct {
	name string
	say  func(c adviceCase) (text, why string)
}

// adviceRules in the order in which they stand beside a finding.
var adviceRules = []adviceRule{
	{"future-owner", adviseFutureOwner},
	{"team-role", adviseTeamRole},
	{"personal", advisePersonal},
	{"team-member", adviseTeamMember},
	{"activities", adviseActivities},
	{"notes", adviseNotes},
	{"posts", advisePosts},
	{"share", adviseShare},
	{"assignment", adviseAssignment},
	{"organization-owned", adviseOrganizationOwned},
	{"business-owned", adviseBusinessOwned},
	{"wider", adviseWider},
}

// detailRules say what a reader of the short report can do without: nothing
// follows from them for the addition that is proposed.
var detailRules = []string{"organization-owned", "business-owned"}

// adviceCase is a finding with what bears on it.
type adviceCase struct {
	a        analyzer.Analysis
	f        analyzer.Finding
	base     *role.Role // that the additions are for, nil for none
	table    catalog.Table
	assigned map[string]string // table → how the captures show that its rows change hands
	homes    map[string]string // principal → business unit
}

// Advise says what the security model of Dataverse adds to the findings.
func (Dialect) Advise(a analyzer.Analysis) []analyzer.Advice {
	cat := a.Facts.Catalog()
	assigned, homes, base := assignedTables(a), map[string]string{}, a.Proposal.BaseFor(Name)
	for _, p := range a.Principals {
		homes[p.ID] = p.BusinessUnit
	}
	var out []analyzer.Advice
	for i, f := range a.Findings {
		if f.Dialect != Name || f.Ignored != nil {
			continue
		}
		c := adviceCase{a: a, f: f, base: base, assigned: assigned, homes: homes}
		c.table, _ = cat.Table(f.Privilege.Table)
		for _, r := range adviceRules {
			if text, why := r.say(c); text != "" {
				detail := slices.Contains(detailRules, r.name) || r.name == "wider" && !c.unsure()
				out = append(out, analyzer.Advice{Finding: i, Rule: r.name, Text: text, Why: why, Detail: detail})
			}
		}
	}
	return append(out, adviseBase(a)...)
}

// find returns the finding's first denial that has something.
func (c adviceCase) find(has func(analyzer.Denial) bool) (analyzer.Denial, bool) {
	for _, i := range c.f.Denials {
		if has(c.a.Denials[i]) {
			return c.a.Denials[i], true
		}
	}
	return analyzer.Denial{}, false
}

// throughTeams reports whether a message counts privileges of a user without a
// role of the user's own: they come through teams.
func throughTeams(d analyzer.Denial) bool {
	return d.PrincipalKind == analyzer.KindUser && d.RoleCount != nil && *d.RoleCount == 0 && d.PrivilegeCount != nil && *d.PrivilegeCount > 0
}

func (c adviceCase) whyThroughTeams() (string, bool) {
	d, ok := c.find(throughTeams)
	if !ok {
		return "", false
	}
	return fmt.Sprintf("the user has %d privileges and no role held directly", *d.PrivilegeCount), true
}

// futureOwner reports whether a denial is about the one who is to own a record:
// the platform says so, or refuses somebody else than the caller. An
// impersonated user is somebody else too, and owns nothing by that.
func futureOwner(d analyzer.Denial) bool {
	const ownerCode = "0x80040299"
	return d.Code == ownerCode || strings.Contains(d.Message, "Privilege Check For Owner") ||
		d.Caller != "" && d.Principal != "" && d.Caller != d.Principal && !impersonated().MatchString(d.Message)
}

// anothersCheck reports whether a denial is about a future owner who is not the
// caller.
func anothersCheck(d analyzer.Denial) bool {
	return futureOwner(d) && (d.Caller == "" || d.Caller != d.Principal)
}

// adviseFutureOwner: the platform checks that whoever gets a record may read
// it; the sentence looks like the caller's denial and is not. From collected
// messages (code 0x80040299, "Read Privilege Check For Owner").
func adviseFutureOwner(c adviceCase) (text, why string) {
	d, ok := c.find(anothersCheck)
	if !ok {
		return "", ""
	}
	text = "look at the roles of the one who is to own the record, not at the caller's"
	if _, too := c.find(func(d analyzer.Denial) bool { return !anothersCheck(d) }); too {
		text = "look at the roles of the one who is to own the record as well as at the caller's: both were refused"
	}
	why = "the check is of " + whose(d.PrincipalKind, d.Principal)
	if d.Caller != "" {
		why += "; the caller is " + shortID(d.Caller)
	}
	return text, why
}

// adviseTeamRole: a role counts in the context of whom it is assigned to. From
// the article ("context, context, context!").
func adviseTeamRole(c adviceCase) (text, why string) {
	d, ok := c.find(func(d analyzer.Denial) bool { return d.PrincipalKind == analyzer.KindTeam })
	if !ok {
		return "", ""
	}
	return "give it to a role of the team: it then counts from the team's business unit", "the message says that " + whose(d.PrincipalKind, d.Principal) + " lacks it"
}

// personalTables hold what only a user can own: views, charts, dashboards,
// settings. From the article (a role held directly is mandatory for options,
// formats, languages, default forms, personal views, charts and dashboards) and
// from the levels that the platform offers, which for most of them is User alone.
var personalTables = []string{
	"userquery", "userqueryvisualization", "userform", "usersettings", "userentityuisettings", "userentityinstancedata",
	"userapplicationmetadata", "actioncardusersettings", "personaldocumenttemplate", "exchangesyncidmapping",
}

// advisePersonal: a personal thing cannot be a team's. From the article and from
// Learn on member's privilege inheritance.
func advisePersonal(c adviceCase) (text, why string) {
	if !slices.Contains(personalTables, c.f.Privilege.Table) {
		return "", ""
	}
	text = `a personal thing: it takes a role held directly, or a team's role with "Direct User (Basic) access level and Team privileges"`
	if why, ok := c.whyThroughTeams(); ok {
		return text, why
	}
	if d, ok := c.find(func(d analyzer.Denial) bool { return d.PrincipalKind == analyzer.KindTeam }); ok {
		return text, "the message names " + whose(d.PrincipalKind, d.Principal)
	}
	if c.base != nil && c.base.Inherited == "0" {
		return text, fmt.Sprintf("%s has team privileges only (isinherited 0)", c.base.Name)
	}
	if d, ok := c.find(func(d analyzer.Denial) bool { return d.Depth > c.f.Depth }); ok {
		return text, fmt.Sprintf("the message asks for %s, which it is not offered at", d.Depth.Label())
	}
	return "", ""
}

// adviseTeamMember: what a user has through a team's role counts in the team's
// context, and makes the user an owner only with inheritance. From the article
// and from Learn on member's privilege inheritance.
func adviseTeamMember(c adviceCase) (text, why string) {
	why, ok := c.whyThroughTeams()
	switch base := c.base; {
	case !ok || slices.Contains(personalTables, c.f.Privilege.Table) || c.table.Ownership == "Organization":
		return "", ""
	case c.f.Depth == catalog.Local || c.f.Depth == catalog.Deep:
		return "in a team's role it counts from the team's business unit, not from the user's", why
	case c.f.Depth != catalog.Basic || base != nil && base.Inherited == "1":
		return "", ""
	case base != nil && base.Inherited == "0":
		why += fmt.Sprintf("; %s has team privileges only (isinherited 0)", base.Name)
	}
	return "in a team's role with team privileges only, User reaches the team's records and never makes the member an owner", why
}

// activities is the table whose row of the form covers every activity type.
const activities = "activitypointer"

// adviseActivities: e-mails, tasks and the others share the privileges of
// Activity. From the article ("can we distinguish the rights on different types
// of activities?").
func adviseActivities(c adviceCase) (text, why string) {
	if c.f.Privilege.Table != activities {
		return "", ""
	}
	why = "the message names the privilege of all activities"
	if d, ok := c.find(func(d analyzer.Denial) bool {
		return d.Table != "" && !d.Labelled && !strings.EqualFold(d.Table, c.f.Privilege.Table)
	}); ok {
		why = fmt.Sprintf("the message names table %s", d.Table)
	}
	return "this one row covers every activity type: e-mails, appointments and tasks come along", why
}

// adviseNotes: from the article ("who can see notes?").
func adviseNotes(c adviceCase) (text, why string) {
	if c.f.Privilege.Table != "annotation" {
		return "", ""
	}
	return "a note has its own owner and its own rights, whatever record it is attached to", "a note was refused, not its record"
}

// advisePosts: from the article ("who can see activity feeds?").
func advisePosts(c adviceCase) (text, why string) {
	if c.f.Privilege.Table != "post" || c.f.Privilege.Action != catalog.Read {
		return "", ""
	}
	return "posts have no owner: whoever may read the table sees them all", "Read on posts was refused"
}

// adviseShare: access to one record has other remedies than a role. From Learn
// ("How access to a record is determined").
func adviseShare(c adviceCase) (text, why string) {
	if _, ok := c.find(shareable); !ok || c.table.Ownership != "" && c.table.Ownership != "User" {
		return "", ""
	}
	return "sharing or reassigning the record would answer this too", "the record was refused, not the table"
}

// shareable reports whether a denial is about a record that somebody else owns
// and could share or assign.
func shareable(d analyzer.Denial) bool {
	return d.Cause == analyzer.CauseRecordAccess && d.Action != catalog.Create && d.Record != nobody && d.Owner != nobody &&
		(d.Owner == "" || d.Owner != d.Principal) && (d.Ownership == "" || d.Ownership == "User")
}

// nobody is the id that stands for no owner, or for a record to be created.
const nobody = "00000000-0000-0000-0000-000000000000"

// adviseAssignment: a record that can be assigned to anybody must stay visible
// along its path. From the article ("how to manage security for a record that
// can be assigned to anybody in the organization?").
func adviseAssignment(c adviceCase) (text, why string) {
	why = c.assigned[c.f.Privilege.Table]
	if why == "" || !c.f.Gap() || c.f.Privilege.Action == catalog.Create || c.f.Depth != catalog.Basic && c.f.Depth != catalog.Local {
		return "", ""
	}
	return "records here change hands: follow their path, as a level that opens one today can fail after the hand-over", why
}

// assignedTables finds the tables whose records change hands in the captures.
func assignedTables(a analyzer.Analysis) map[string]string {
	out := map[string]string{}
	for _, u := range a.Inventory {
		if !u.Used[catalog.Assign] {
			continue
		}
		table := u.Table.Name
		if u.Table.Activity {
			table = activities
		}
		out[table] = "the captures hold an assignment of " + u.Table.Name
	}
	for _, f := range a.Findings {
		for _, i := range f.Denials {
			d, table := a.Denials[i], f.Privilege.Table
			switch {
			case f.Privilege.Action == catalog.Assign:
				out[table] = cmp.Or(out[table], "assigning "+table+" was refused")
			case strings.EqualFold(d.Method, "PATCH") && futureOwner(d): // a POST makes a record for another, and moves none
				out[table] = cmp.Or(out[table], "a change of owner of "+table+" was refused")
			}
		}
	}
	return out
}

// adviseOrganizationOwned: an organization-owned table has no levels. From the
// levels that the platform offers, and from the article (Product, Price List).
func adviseOrganizationOwned(c adviceCase) (text, why string) {
	if c.table.Ownership != "Organization" || c.f.Legal != catalog.MakeDepths(catalog.Global) || c.f.Privilege.Table == "post" {
		return "", ""
	}
	return "no level limits it: whoever has the right has it on all rows", "the table is owned by the organization"
}

// adviseBusinessOwned: from the levels that the platform offers.
func adviseBusinessOwned(c adviceCase) (text, why string) {
	if c.table.Ownership != "BusinessUnit" {
		return "", ""
	}
	return "its rows belong to business units and not to users", "the table is owned by business units"
}

// adviseWider tells what the next deeper level would open, before somebody
// widens. From Learn ("Security roles and privileges", access levels).
func adviseWider(c adviceCase) (text, why string) {
	next := c.f.Legal.Raise(c.f.Depth + 1)
	if !c.f.Gap() || c.f.Privilege.Action == catalog.NoAction || !c.f.Legal.Known() || next <= c.f.Depth {
		return "", ""
	}
	does, opens := "open", map[catalog.Depth]string{
		catalog.Local:  "the records of everybody in the business unit",
		catalog.Deep:   "the records of all units below too",
		catalog.Global: "every record there is",
	}
	if c.f.Privilege.Action == catalog.Create {
		does, opens = "allow to make", map[catalog.Depth]string{
			catalog.Local:  "records for everybody in the business unit",
			catalog.Deep:   "records for all units below too",
			catalog.Global: "records for everybody there is",
		}
	}
	why = map[analyzer.Basis]string{
		analyzer.BasisMinimum: "the least level was taken, as nothing tells whose records are meant",
		analyzer.BasisStated:  "the message states the level",
		analyzer.BasisRecord:  "owner and business units ask for the level",
	}[c.f.Basis]
	return fmt.Sprintf("the next level, %s, would %s %s", next.Label(), does, opens[next]), cmp.Or(why, "a deeper level is offered")
}

// unsure reports whether a deeper level than the proposed one may be needed.
func (c adviceCase) unsure() bool {
	if c.f.Basis == analyzer.BasisMinimum {
		return true
	}
	_, ok := c.find(func(d analyzer.Denial) bool {
		return c.f.Basis == analyzer.BasisRecord && d.Cause == analyzer.CauseRecordAccess && c.homes[d.Principal] == ""
	})
	return ok
}

// ruleBase is about the base role and not about a finding.
const ruleBase = "base-kept"

// adviseBase: a predefined role cannot be edited, and an edit of a managed one
// hides what its vendor changes later. From Learn ("Security roles and
// privileges"; solution layers).
func adviseBase(a analyzer.Analysis) []analyzer.Advice {
	base := a.Proposal.BaseFor(Name)
	if own, _ := a.Of(Name); base == nil || len(own.Proposal.Grants) == 0 {
		return nil
	}
	text, why := "do not edit this base role: assign a companion role beside it, or work on a copy", ""
	bundled, isBundled := strings.CutPrefix(base.Source, "bundled ")
	switch {
	case base.Template:
		why = "its id is that of a role template: it is predefined, and cannot or should not be edited"
	case isBundled && slices.Contains(a.Facts.Catalog().PredefinedRoles(), base.Name):
		why = fmt.Sprintf("%s is predefined, and cannot or should not be edited", bundled)
	case base.Managed:
		why = "it is managed: an edit lies over it, and hides what its vendor changes later"
	default:
		return nil
	}
	return []analyzer.Advice{{Finding: analyzer.ForAll, Rule: ruleBase, Text: text, Why: why}}
}

// whose names a principal in a sentence.
func whose(kind, id string) string {
	return strings.TrimSpace(cmp.Or(kind, "the principal") + " " + shortID(id))
}

func shortID(id string) string {
	if len(id) == len(nobody) {
		return id[:8] + "…"
	}
	return id
}

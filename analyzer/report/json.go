package report

import (
	"maps"
	"slices"
	"time"

	"github.com/prvgap/prvgap/analyzer"
	"github.com/prvgap/prvgap/analyzer/role"
	"github.com/prvgap/prvgap/catalog"
)

// Schema names the form of the JSON report. Its fields stand in the README.
const Schema = "prvgap.report/1"

// The types below are the pieces of the JSON report to the letter, and writeJSON
// puts them together: null where something is not known, and arrays that are
// never null.
type (
	wireCapture struct {
		Name     string     `json:"name"`
		Format   string     `json:"format"`
		Creator  string     `json:"creator"`
		Bytes    int64      `json:"bytes"`
		Entries  int        `json:"entries"`
		Refused  int        `json:"refused"`
		Complete bool       `json:"complete"`
		Problem  *string    `json:"problem"`
		From     *time.Time `json:"from"`
		To       *time.Time `json:"to"`
	}
	wirePrincipal struct {
		ID             string  `json:"id"`
		Kind           *string `json:"kind"`
		BusinessUnit   *string `json:"businessUnit"`
		RoleCount      *int    `json:"roleCount"`
		PrivilegeCount *int    `json:"privilegeCount"`
	}
	wireFinding struct {
		Privilege   string        `json:"privilege"`
		PrivilegeID *string       `json:"privilegeId"`
		Dialect     string        `json:"dialect"`
		Action      *string       `json:"action"`
		Table       *string       `json:"table"`
		Label       string        `json:"label"`
		Tab         *string       `json:"tab"`
		Section     string        `json:"section"`
		Depth       catalog.Depth `json:"depth"`
		Basis       string        `json:"basis"`
		Held        catalog.Depth `json:"held"`
		Status      string        `json:"status"`
		RequiredFor []string      `json:"requiredFor"`
		Silent      bool          `json:"silent"`
		Denials     []int         `json:"denials"`
		Principals  []string      `json:"principals"`
		Marks       []string      `json:"marks"`
		Note        *string       `json:"note"`
		Advice      []wireAdvice  `json:"advice"`
		Ignored     *wireIgnore   `json:"ignored"`
		Derived     bool          `json:"derived"`
	}
	wireAdvice struct {
		Rule string `json:"rule"`
		Text string `json:"text"`
		Why  string `json:"why"`
	}
	wireIgnore struct {
		Reason string  `json:"reason"`
		Author string  `json:"author"`
		Until  *string `json:"until"`
	}
	wireDenial struct {
		Capture            int        `json:"capture"`
		Entry              int        `json:"entry"`
		Part               *int       `json:"part"`
		Pointer            string     `json:"pointer"`
		Time               *time.Time `json:"time"`
		Method             string     `json:"method"`
		URL                string     `json:"url"`
		Status             int        `json:"status"`
		Dialect            string     `json:"dialect"`
		Shape              string     `json:"shape"`
		Code               *string    `json:"code"`
		Message            string     `json:"message"`
		Privilege          *string    `json:"privilege"`
		PrivilegeID        *string    `json:"privilegeId"`
		Action             *string    `json:"action"`
		Table              *string    `json:"table"`
		TypeCode           *int       `json:"typeCode"`
		Depth              *string    `json:"depth"`
		Principal          *string    `json:"principal"`
		PrincipalKind      *string    `json:"principalKind"`
		Record             *string    `json:"record"`
		Owner              *string    `json:"owner"`
		RecordBusinessUnit *string    `json:"recordBusinessUnit"`
		Cause              string     `json:"cause"`
		Advice             *string    `json:"advice"`
		Suspected          *string    `json:"suspected"`
		Labelled           bool       `json:"labelled"` // table is a display name
		Cut                bool       `json:"cut"`      // the text may be cut behind the name
		Caller             *string    `json:"caller"`
		BusinessUnit       *string    `json:"businessUnit"`
		RoleCount          *int       `json:"roleCount"`
		PrivilegeCount     *int       `json:"privilegeCount"`
		OwnerKind          *string    `json:"ownerKind"`
		Ownership          *string    `json:"ownership"`
		Mark               *string    `json:"mark"` // what the user did
	}
	wireProposal struct {
		Base        *wireBase   `json:"base"`
		Others      []wireBase  `json:"otherBases"` // the same for the grants of other dialects
		Grants      []wireGrant `json:"grants"`
		Unexplained []int       `json:"unexplained"`
	}
	wireBase struct {
		Name    string  `json:"name"`
		Source  string  `json:"source"`
		ID      *string `json:"id"`
		Dialect *string `json:"dialect"`
	}
	wireGrant struct {
		Privilege string        `json:"privilege"`
		Dialect   string        `json:"dialect"`
		From      catalog.Depth `json:"from"`
		To        catalog.Depth `json:"to"`
		Because   []int         `json:"because"`
		Note      *string       `json:"note"`
	}
	// wireFacts are what the captures taught, so that reports merge like the
	// captures they came from.
	wireFacts struct {
		BusinessUnits map[string]string                   `json:"businessUnits"`
		Homes         map[string]string                   `json:"homes"`
		Held          map[string]map[string]catalog.Depth `json:"held"`
		Privileges    []wirePrivilege                     `json:"privileges"`
		Tables        []wireTable                         `json:"tables"`
		Allowed       []string                            `json:"allowed"`
		Records       []string                            `json:"records"`
		Touched       map[string][]string                 `json:"touched"` // table or set → actions, "" for one that is not told
	}
	wireTable struct {
		Table     string  `json:"table"`
		Schema    *string `json:"schema"`
		Label     *string `json:"label"`
		Set       *string `json:"set"`
		TypeCode  *int    `json:"typeCode"`
		Ownership *string `json:"ownership"`
	}
)

// null turns an absent value into null.
func null[T comparable](v T) *T {
	var zero T
	if v == zero {
		return nil
	}
	return &v
}

// value turns null into the absent value.
func value[T any](p *T) T {
	var v T
	if p != nil {
		v = *p
	}
	return v
}

// list makes an array that is not null.
func list[T any](s []T) []T {
	if s == nil {
		return []T{}
	}
	return s
}

func convert[A, B any](in []A, f func(A) B) []B {
	out := make([]B, 0, len(in))
	for _, a := range in {
		out = append(out, f(a))
	}
	return out
}

func captureToWire(c analyzer.Capture) wireCapture {
	return wireCapture{
		Name: c.Name, Format: c.Format, Creator: c.Creator, Bytes: c.Bytes, Entries: c.Entries, Refused: c.Refused,
		Complete: c.Complete, Problem: null(c.Problem), From: null(c.From), To: null(c.To),
	}
}

func principalToWire(p analyzer.Principal) wirePrincipal {
	return wirePrincipal{ID: p.ID, Kind: null(p.Kind), BusinessUnit: null(p.BusinessUnit), RoleCount: p.RoleCount, PrivilegeCount: p.PrivilegeCount}
}

func findingToWire(f analyzer.Finding) wireFinding {
	p := f.Privilege
	out := wireFinding{
		Privilege: p.Name, PrivilegeID: null(p.ID), Dialect: f.Dialect, Action: null(string(p.Action)), Table: null(p.Table),
		Label: rowLabel(f), Tab: null(p.Tab), Section: string(p.Section), Depth: f.Depth, Basis: string(f.Basis), Held: f.Held,
		Status: string(f.Status), RequiredFor: list(f.RequiredFor), Silent: f.Silent, Denials: list(f.Denials),
		Principals: list(f.Principals), Marks: list(f.Marks), Note: null(f.Note), Advice: convert(f.Advice, adviceToWire), Derived: p.Derived.Name,
	}
	if f.Ignored != nil {
		out.Ignored = &wireIgnore{Reason: f.Ignored.Reason, Author: f.Ignored.Author}
		if !f.Ignored.Until.IsZero() {
			out.Ignored.Until = null(f.Ignored.Until.Format(time.DateOnly))
		}
	}
	return out
}

func adviceToWire(a analyzer.Advice) wireAdvice {
	return wireAdvice{Rule: a.Rule, Text: a.Text, Why: a.Why}
}

func baseToWire(r role.Role) wireBase {
	return wireBase{Name: r.Name, Source: r.Source, ID: null(r.ID), Dialect: null(r.Dialect)}
}

func grantToWire(g analyzer.Grant) wireGrant {
	return wireGrant{Privilege: g.Privilege, From: g.From, To: g.To, Because: list(g.Because), Note: null(g.Note)}
}

func denialToWire(d analyzer.Denial) wireDenial {
	out := wireDenial{
		Capture: d.Capture, Entry: d.Entry, Part: null(d.Part), Pointer: d.Pointer, Time: null(d.Time), Method: d.Method, URL: d.URL,
		Status: d.Status, Dialect: d.Dialect, Shape: d.Shape, Code: null(d.Code), Message: d.Message, Privilege: null(d.Privilege),
		PrivilegeID: null(d.PrivilegeID), Action: null(string(d.Action)), Table: null(d.Table), TypeCode: null(d.TypeCode),
		Principal: null(d.Principal), PrincipalKind: null(d.PrincipalKind), Record: null(d.Record), Owner: null(d.Owner),
		RecordBusinessUnit: null(d.RecordBusinessUnit), Cause: string(d.Cause), Advice: null(d.Advice), Suspected: null(d.Suspected),
		Labelled: d.Labelled, Cut: d.Cut, Caller: null(d.Caller), BusinessUnit: null(d.BusinessUnit), RoleCount: d.RoleCount, PrivilegeCount: d.PrivilegeCount,
		OwnerKind: null(d.OwnerKind), Ownership: null(d.Ownership), Mark: null(d.Mark),
	}
	if d.Depth != catalog.None {
		out.Depth = null(d.Depth.String())
	}
	return out
}

// factsToWire leaves out what the bundled catalog says too.
func factsToWire(f analyzer.Facts) wireFacts {
	out := wireFacts{BusinessUnits: f.BusinessUnits, Homes: f.Home, Held: f.Held, Allowed: list(slices.Sorted(maps.Keys(f.Allowed)))}
	out.Records = []string{}
	for _, digest := range slices.Sorted(maps.Keys(f.Records)) {
		out.Records = append(out.Records, digest.String())
	}
	if out.BusinessUnits == nil {
		out.BusinessUnits = map[string]string{}
	}
	if out.Homes == nil {
		out.Homes = map[string]string{}
	}
	if out.Held == nil {
		out.Held = map[string]map[string]catalog.Depth{}
	}
	out.Touched = map[string][]string{}
	for table, actions := range f.Touched {
		for _, action := range slices.Sorted(maps.Keys(actions)) {
			out.Touched[table] = append(out.Touched[table], string(action))
		}
	}
	c := catalog.Default()
	out.Privileges, out.Tables = []wirePrivilege{}, []wireTable{}
	for _, key := range slices.Sorted(maps.Keys(f.Privileges)) {
		if known, ok := c.Privilege(key); !ok || known != f.Privileges[key] {
			out.Privileges = append(out.Privileges, privilegeToWire(f.Privileges[key]))
		}
	}
	for _, key := range slices.Sorted(maps.Keys(f.Tables)) {
		t := f.Tables[key]
		out.Tables = append(out.Tables, wireTable{
			Table: t.Name, Schema: null(t.Schema), Label: null(t.Label), Set: null(t.Set), TypeCode: null(t.Code), Ownership: null(t.Ownership),
		})
	}
	return out
}

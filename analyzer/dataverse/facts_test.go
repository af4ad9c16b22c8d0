package dataverse

import (
	"bufio"
	"encoding/json"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/prvgap/prvgap/analyzer"
	"github.com/prvgap/prvgap/catalog"
)

// record is one collected message with what must be read from it.
type record struct {
	ID, Class, Provenance, Message, Body string
	Expected                             struct {
		Privileges    []string
		PrivilegeIDs  []string `json:"privilege_ids"`
		AccessRights  []string `json:"access_rights"`
		Entity        string
		OTC           int
		RequiredDepth string `json:"required_depth"`
		PrincipalType string `json:"principal_type"`
		PrincipalID   string `json:"principal_id"`
		RecordID      string `json:"record_id"`
		OwnerID       string `json:"owner_id"`
		RecordUnit    string `json:"record_business_unit"`
		CallingUser   string `json:"calling_user"`
	}
}

var wholeGUID = regexp.MustCompile(`^` + guid + `$`)

// TestCollectedMessages reads every message of the facts folder, as a bare text
// and, where the source had one, in its envelope.
func TestCollectedMessages(t *testing.T) {
	f, err := os.Open("../../../shared/facts/denials/denials.jsonl")
	if err != nil {
		t.Skip("the folder of collected messages is not here:", err)
	}
	defer f.Close()
	var records, wrong int
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var r record
		if err := json.Unmarshal(lines.Bytes(), &r); err != nil {
			t.Fatal(err)
		}
		trusted := slices.Contains([]string{"observed", "documentation", "template"}, r.Provenance)
		if trusted {
			records++
		}
		bad := r.differences(Recognize(r.Message, 403))
		if strings.Contains(r.Body, r.Message[:min(12, len(r.Message))]) {
			bad = append(bad, r.differences(Recognize(r.Body, 403))...)
		}
		if len(bad) > 0 {
			t.Logf("%s (%s, %s): %s", r.ID, r.Class, r.Provenance, strings.Join(bad, "; "))
			if trusted {
				wrong++
			}
		}
	}
	if records == 0 {
		t.Fatal("no records")
	}
	share := 100 * float64(records-wrong) / float64(records)
	t.Logf("%d of %d trusted records are read as expected (%.1f %%)", records-wrong, records, share)
	if share < 97 {
		t.Errorf("%.1f %% of the trusted records are read as expected, want at least 97 %%", share)
	}
}

// differences lists what was read otherwise than expected.
func (r record) differences(ds []analyzer.Denial) []string {
	var out []string
	diff := func(what, got, want string) {
		if !strings.EqualFold(got, want) {
			out = append(out, what+": got "+got+", want "+want)
		}
	}
	if len(ds) == 0 {
		return []string{"no denial"}
	}
	if r.Class == "other_crm" {
		for _, d := range ds {
			if d.Cause.RoleGap() {
				out = append(out, "a role gap out of another platform's text")
			}
		}
		return out
	}
	var privileges, ids, actions []string
	for _, d := range ds {
		privileges = appendSet(privileges, d.Privilege)
		ids = appendSet(ids, d.PrivilegeID)
		actions = appendSet(actions, string(d.Action))
	}
	e := r.Expected
	diff("privileges", sorted(privileges), sorted(e.Privileges))
	diff("ids", sorted(ids), sorted(whole(e.PrivilegeIDs...)))
	var want []string
	for _, right := range e.AccessRights {
		a, ok := catalog.ParseAction(right)
		if !ok {
			out = append(out, "unreadable right "+right)
		}
		want = appendSet(want, string(a))
	}
	diff("rights", sorted(actions), sorted(want))
	d := ds[0]
	diff("table", d.Table, e.Entity)
	if d.TypeCode != e.OTC {
		out = append(out, "type code")
	}
	depth, _ := catalog.ParseDepth(e.RequiredDepth)
	diff("depth", d.Depth.String(), depth.String())
	if e.PrincipalType != "" {
		diff("kind", d.PrincipalKind, e.PrincipalType)
	}
	diff("principal", d.Principal, sorted(whole(e.PrincipalID)))
	diff("record", d.Record, sorted(whole(e.RecordID)))
	diff("owner", d.Owner, sorted(whole(e.OwnerID)))
	diff("unit", d.RecordBusinessUnit, sorted(whole(e.RecordUnit)))
	diff("caller", d.Caller, sorted(whole(e.CallingUser)))
	return append(out, r.causeDiffers(ds)...)
}

func (r record) causeDiffers(ds []analyzer.Denial) []string {
	var out []string
	for _, d := range ds {
		ok := true
		filtered := d.Cause == analyzer.CauseLicense || d.Cause == analyzer.CauseAccessMode
		switch r.Class {
		case "privilege_named", "privilege_id_only":
			ok = d.Cause == analyzer.CausePrivilege || d.Cause == analyzer.CauseRecordAccess || filtered
		case "access_right":
			ok = d.Cause == analyzer.CauseRecordAccess
		case "no_roles":
			ok = d.Cause == analyzer.CauseNoRoles
		case "column_security":
			ok = d.Cause == analyzer.CauseColumnSecurity
		case "not_privilege":
			ok = !d.Cause.RoleGap()
		case "privilege_unnamed":
			ok = d.Privilege == "" && (d.Cause.RoleGap() || filtered)
		}
		if !ok {
			out = append(out, "cause "+string(d.Cause)+" for class "+r.Class)
		}
	}
	return out
}

// whole keeps complete GUIDs: what is masked or cut must not be read.
func whole(ids ...string) []string {
	var out []string
	for _, id := range ids {
		if wholeGUID.MatchString(id) {
			out = append(out, id)
		}
	}
	return out
}

func appendSet(list []string, s string) []string {
	if s == "" || slices.ContainsFunc(list, func(x string) bool { return strings.EqualFold(x, s) }) {
		return list
	}
	return append(list, s)
}

func sorted(list []string) string {
	list = slices.Clone(list)
	slices.Sort(list)
	return strings.Join(list, " ")
}

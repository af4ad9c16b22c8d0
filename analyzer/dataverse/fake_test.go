package dataverse

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/prvgap/prvgap/catalog"
)

const (
	fakeUnit  = "00000000-0000-4000-8000-0000000000b0" // root business unit
	fakeChild = "00000000-0000-4000-8000-0000000000b1"
	fakeRole  = "00000000-0000-4000-8000-0000000000c0"
	fakeCopy  = "00000000-0000-4000-8000-0000000000c1" // of fakeRole, in the child business unit
	fakeToken = "token-of-the-test"
)

// fakeDataverse is a small Dataverse Web API: the calls that the scripts make, with the documented refusals. It knows
// columns and quoting well enough to refuse a request that the real one would not read.
type fakeDataverse struct {
	t      testing.TB
	server *httptest.Server

	mu         sync.Mutex
	roles      []fakeRow
	units      []fakeRow
	privileges []fakeRow
	held       map[string]map[string]string // role id → privilege id → depth

	token      string          // required if not ""
	pageSize   int             // of privileges
	denyWrites bool            // the caller lacks prvWriteRole
	strict     map[string]bool // privileges whose depth is refused although their row allows it
	deaf       map[string]bool // privileges that are accepted and not stored
	numbers    bool            // depths are given as numbers
	loses      string          // a privilege that the role loses with every write
	page       http.Handler    // what is not the API

	downloads string // folder of the browser
	rollback  []byte // the last file that the console snippet saved

	writes []string // "AddPrivilegesRole prvReadAccount=Basic", in order
	pages  int      // answers that had a nextLink
}

// fakeRow is a row as the API gives it, columns and all.
type fakeRow map[string]any

func newFake(t testing.TB) *fakeDataverse {
	f := &fakeDataverse{
		t: t, downloads: t.TempDir(), pageSize: 2, strict: map[string]bool{}, deaf: map[string]bool{}, held: map[string]map[string]string{},
		units: []fakeRow{
			{"businessunitid": fakeUnit, "name": "Contoso", "_parentbusinessunitid_value": nil},
			{"businessunitid": fakeChild, "name": "Contoso North", "_parentbusinessunitid_value": fakeUnit},
		},
	}
	f.addRole("Sales Base", fakeRole)
	f.roles = append(f.roles, fakeRow{
		"roleid": fakeCopy, "name": "Sales Base", "ismanaged": false, "isinherited": 1, "iscustomizable": managedProperty(true),
		"_businessunitid_value": fakeChild, "_parentroleid_value": fakeRole, "_parentrootroleid_value": fakeRole, "_roletemplateid_value": nil,
	})
	for i, p := range []struct{ name, legal string }{
		{"prvReadAccount", "basic local deep global"},
		{"prvWriteAccount", "basic local deep global"},
		{"prvCreateAccount", "basic local deep global"},
		{"prvReadUser", "local deep global"},
		{"prvReadUserQuery", "basic"},
		{"prvReadWorkflow", "basic local deep global"},
		{"prvExportToExcel", "global"},
	} {
		f.addPrivilege(i, p.name, p.legal)
	}
	f.held[fakeRole] = map[string]string{f.id("prvReadAccount"): "Basic", f.id("prvReadWorkflow"): "Global", f.id("prvExportToExcel"): "Global"}
	f.server = httptest.NewServer(f)
	t.Cleanup(f.server.Close)
	return f
}

func managedProperty(v bool) map[string]any {
	return map[string]any{"Value": v, "CanBeChanged": true, "ManagedPropertyLogicalName": "iscustomizableanddeletable"}
}

func (f *fakeDataverse) addRole(name, id string) fakeRow {
	row := fakeRow{
		"roleid": id, "name": name, "ismanaged": false, "isinherited": 1, "iscustomizable": managedProperty(true),
		"_businessunitid_value": fakeUnit, "_parentroleid_value": nil, "_parentrootroleid_value": id, "_roletemplateid_value": nil,
	}
	f.roles = append(f.roles, row)
	f.held[id] = map[string]string{}
	return row
}

func (f *fakeDataverse) addPrivilege(i int, name, legal string) {
	row := fakeRow{"privilegeid": fmt.Sprintf("00000000-0000-4000-8000-%012x", 0xa00+i), "name": name, "accessright": 1}
	for _, d := range []string{"basic", "local", "deep", "global"} {
		row["canbe"+d] = slices.Contains(strings.Fields(legal), d)
	}
	f.privileges = append(f.privileges, row)
}

// id gives the id of a privilege.
func (f *fakeDataverse) id(name string) string {
	for _, p := range f.privileges {
		if p["name"] == name {
			return p["privilegeid"].(string)
		}
	}
	f.t.Fatalf("the fake has no privilege %s", name)
	return ""
}

// depths gives what the role holds, sorted, as "prvReadAccount=Basic".
func (f *fakeDataverse) depths() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	var ds []string
	for _, p := range f.privileges {
		if d := f.held[fakeRole][p["privilegeid"].(string)]; d != "" {
			ds = append(ds, fmt.Sprintf("%s=%s", p["name"], d))
		}
	}
	slices.Sort(ds)
	return ds
}

// taken gives the writes since it was last asked.
func (f *fakeDataverse) taken() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	w := f.writes
	f.writes = nil
	return w
}

// fault is an error as the Web API words it.
type fault struct {
	status        int
	code, message string
}

func badRequest(format string, args ...any) *fault {
	return &fault{http.StatusBadRequest, "0x80060888", fmt.Sprintf(format, args...)}
}

var (
	fakeCollection = regexp.MustCompile(`^(roles|privileges|businessunits)$`)
	fakeAction     = regexp.MustCompile(`^roles\(([0-9a-f-]{36})\)/Microsoft\.Dynamics\.CRM\.(\w+)$`)
)

func (f *fakeDataverse) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	path, isAPI := strings.CutPrefix(r.URL.Path, "/api/data/v9.2/")
	if !isAPI {
		if f.page == nil {
			http.NotFound(w, r)
			return
		}
		f.page.ServeHTTP(w, r)
		return
	}
	answer, problem := f.answer(r, path)
	w.Header().Set("Content-Type", "application/json; odata.metadata=minimal")
	switch {
	case problem != nil:
		w.WriteHeader(problem.status)
		answer = map[string]any{"error": map[string]any{"code": problem.code, "message": problem.message}}
	case answer == nil:
		w.WriteHeader(http.StatusNoContent)
		return
	}
	if err := json.NewEncoder(w).Encode(answer); err != nil {
		f.t.Error(err)
	}
}

func (f *fakeDataverse) answer(r *http.Request, path string) (any, *fault) {
	if f.token != "" && r.Header.Get("Authorization") != "Bearer "+f.token {
		return nil, &fault{http.StatusUnauthorized, "0x80040000", "no valid token"}
	}
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return nil, badRequest("the query cannot be read: %v", err)
	}
	switch m := fakeAction.FindStringSubmatch(path); {
	case m != nil && r.Method == http.MethodPost:
		return nil, f.act(m[1], m[2], json.NewDecoder(r.Body))
	case r.Method != http.MethodGet:
		return nil, &fault{http.StatusMethodNotAllowed, "0x80060888", r.Method + " is not allowed here"}
	case path == "RetrieveRolePrivilegesRole(RoleId=@id)":
		return f.rolePrivileges(query.Get("@id"))
	case fakeCollection.MatchString(path):
		return f.collection(path, query)
	}
	return nil, &fault{http.StatusNotFound, "0x80060888", "Resource not found for the segment '" + path + "'."}
}

func (f *fakeDataverse) rolePrivileges(id string) (any, *fault) {
	held, ok := f.held[id]
	if !ok {
		return nil, &fault{http.StatusNotFound, "0x80040217", "role With Id = " + id + " Does Not Exist"}
	}
	list := []fakeRow{}
	for _, p := range f.privileges {
		d := held[p["privilegeid"].(string)]
		if d == "" {
			continue
		}
		row := fakeRow{"PrivilegeId": p["privilegeid"], "PrivilegeName": p["name"], "Depth": d, "BusinessUnitId": fakeUnit}
		if f.numbers {
			row["Depth"] = slices.Index([]string{"Basic", "Local", "Deep", "Global", "RecordFilter"}, d)
		}
		list = append(list, row)
	}
	return map[string]any{"RolePrivileges": list}, nil
}

// collection answers a query for rows: only columns that exist, only a filter that can be read, page by page.
func (f *fakeDataverse) collection(name string, query url.Values) (any, *fault) {
	rows, size := f.roles, len(f.roles)
	switch name {
	case "privileges":
		rows, size = f.privileges, f.pageSize
	case "businessunits":
		rows, size = f.units, len(f.units)
	}
	if query.Has("$skip") {
		return nil, badRequest("Skip Clause is not supported in CRM")
	}
	columns := strings.Split(query.Get("$select"), ",")
	found := []fakeRow{}
	for _, row := range rows {
		match, problem := fakeFilter(query.Get("$filter"), row)
		if problem != nil {
			return nil, problem
		}
		if !match {
			continue
		}
		out := fakeRow{}
		for _, c := range columns {
			v, ok := row[c]
			if !ok {
				return nil, badRequest("Could not find a property named '%s' on type 'Microsoft.Dynamics.CRM.%s'.", c, name)
			}
			out[c] = v
		}
		found = append(found, out)
	}
	from, _ := strconv.Atoi(query.Get("$skiptoken"))
	to := min(from+size, len(found))
	answer := map[string]any{"value": found[from:to]}
	if to < len(found) {
		query.Set("$skiptoken", strconv.Itoa(to))
		answer["@odata.nextLink"] = f.server.URL + "/api/data/v9.2/" + name + "?" + query.Encode()
		f.pages++
	}
	return answer, nil
}

// fakeClause is one comparison. In a literal, a quote stands doubled or ends it.
var fakeClause = regexp.MustCompile(`^(\w+) eq (null|'(?:[^']|'')*'|[0-9a-f]{8}-[0-9a-f-]{27})`)

// fakeFilter reads comparisons that are joined by "and", or by "or".
func fakeFilter(filter string, row fakeRow) (bool, *fault) {
	all, some, joint := true, false, ""
	for rest := filter; ; {
		m := fakeClause.FindStringSubmatch(rest)
		if m == nil {
			return false, badRequest("Syntax error at position %d in '%s'.", len(filter)-len(rest), filter)
		}
		v, ok := row[m[1]]
		if !ok {
			return false, badRequest("Could not find a property named '%s'.", m[1])
		}
		literal := m[2]
		if literal[0] == '\'' {
			literal = strings.ReplaceAll(literal[1:len(literal)-1], "''", "'")
		}
		text, isText := v.(string)
		match := m[2] == "null" && v == nil || isText && strings.EqualFold(text, literal)
		all, some = all && match, some || match
		if rest = rest[len(m[0]):]; rest == "" {
			return all && joint != " or " || some && joint == " or ", nil
		}
		for _, j := range []string{" and ", " or "} {
			if after, found := strings.CutPrefix(rest, j); found && (joint == "" || joint == j) {
				joint, rest = j, after
			}
		}
	}
}

// act is what a role can be told to do. A request is refused whole.
func (f *fakeDataverse) act(role, action string, body *json.Decoder) *fault {
	body.DisallowUnknownFields()
	held, ok := f.held[role]
	switch {
	case f.denyWrites:
		return &fault{http.StatusForbidden, "0x80040220", "Principal user is missing prvWriteRole privilege on OTC=1036 for entity 'role'."}
	case role == fakeCopy:
		return &fault{http.StatusBadRequest, "0x80040216", "only the role of the root business unit can be changed"}
	case !ok:
		return &fault{http.StatusNotFound, "0x80040217", "role With Id = " + role + " Does Not Exist"}
	}
	switch action {
	case "AddPrivilegesRole":
		return f.add(held, body)
	case "RemovePrivilegeRole":
		var b struct{ PrivilegeID string }
		if err := body.Decode(&b); err != nil {
			return badRequest("%v", err)
		}
		if held[b.PrivilegeID] == "" {
			return &fault{http.StatusNotFound, "0x80040217", "the role does not hold " + b.PrivilegeID}
		}
		f.writes = append(f.writes, "Remove "+f.name(b.PrivilegeID))
		delete(held, b.PrivilegeID)
		return nil
	}
	return &fault{http.StatusNotFound, "0x80060888", "Resource not found for the segment '" + action + "'."}
}

func (f *fakeDataverse) name(id string) string {
	for _, p := range f.privileges {
		if p["privilegeid"] == id {
			return p["name"].(string)
		}
	}
	return ""
}

func (f *fakeDataverse) add(held map[string]string, body *json.Decoder) *fault {
	var b struct {
		Privileges []struct{ PrivilegeID, Depth, BusinessUnitID, PrivilegeName string }
	}
	if err := body.Decode(&b); err != nil {
		return badRequest("%v", err)
	}
	for _, p := range b.Privileges {
		i := slices.IndexFunc(f.privileges, func(row fakeRow) bool { return row["privilegeid"] == p.PrivilegeID })
		if i < 0 || f.name(p.PrivilegeID) != p.PrivilegeName || p.BusinessUnitID != fakeUnit {
			return &fault{http.StatusNotFound, "0x80040217", fmt.Sprintf("no such privilege or business unit: %+v", p)}
		}
		if f.privileges[i]["canbe"+strings.ToLower(p.Depth)] != true || f.strict[p.PrivilegeName] {
			return &fault{http.StatusBadRequest, "0x8004140b", fmt.Sprintf("The privilege %s with id = %s can't have depth = %s", p.PrivilegeName, p.PrivilegeID, p.Depth)}
		}
		// What the platform makes of a lower depth is not documented, so nothing may ever send one.
		to, _ := catalog.ParseDepth(p.Depth)
		if old, _ := catalog.ParseDepth(held[p.PrivilegeID]); held[p.PrivilegeID] != "" && to < old {
			f.t.Errorf("%s was sent with depth %s while %s is held", p.PrivilegeName, p.Depth, old)
		}
	}
	for _, p := range b.Privileges {
		f.writes = append(f.writes, "Add "+p.PrivilegeName+"="+p.Depth)
		if !f.deaf[p.PrivilegeName] {
			held[p.PrivilegeID] = p.Depth
		}
	}
	if f.loses != "" {
		delete(held, f.id(f.loses))
	}
	return nil
}

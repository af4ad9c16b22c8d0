package dataverse

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/prvgap/prvgap/analyzer/role"
	"github.com/prvgap/prvgap/catalog"
	"github.com/prvgap/prvgap/har/pattern"
)

// rolePrivilege is an element of RolePrivileges. Depth is the enum's name, or
// its number 0 to 3; 4 (RecordFilter) reaches nothing that can be counted on.
type rolePrivilege struct {
	Depth         json.RawMessage
	PrivilegeID   string `json:"PrivilegeId"`
	PrivilegeName string
}

// roleJSON is an answer of RetrieveRolePrivilegesRole, RetrieveUserPrivileges or RetrieveTeamPrivileges, to which the
// columns of the role's own row may have been added, or a page of roleprivileges rows.
type roleJSON struct {
	Name           string          `json:"name"`
	RoleID         string          `json:"roleid"`
	Inherited      json.RawMessage `json:"isinherited"`
	Managed        bool            `json:"ismanaged"`
	RolePrivileges []rolePrivilege `json:"RolePrivileges"`
	Value          []roleRow       `json:"value"`
	Next           string          `json:"@odata.nextLink"`
	Context        string          `json:"@odata.context"`
}

// roleRow is a row of roleprivileges, with columns of joined tables under whatever names the query gave them.
type roleRow map[string]json.RawMessage

// parseRoleJSON reads the object, or a bare list of either kind of row.
func parseRoleJSON(data []byte) (roleJSON, error) {
	var v roleJSON
	if !bytes.HasPrefix(bytes.TrimSpace(data), []byte("[")) {
		err := json.Unmarshal(data, &v)
		return v, err
	}
	if err := json.Unmarshal(data, &v.Value); err != nil {
		return v, err
	}
	if len(v.Value) > 0 && v.Value[0]["Depth"] != nil {
		return v, json.Unmarshal(data, &v.RolePrivileges)
	}
	return v, nil
}

func readRoleJSON(name string, data []byte) ([]role.Role, error) {
	fail := func(err error) ([]role.Role, error) { return nil, fmt.Errorf("reading %s: %w", name, err) }
	v, err := parseRoleJSON(data)
	if err != nil {
		return fail(role.PlaceJSON(data, err))
	}
	if v.RolePrivileges == nil {
		if !slices.ContainsFunc(v.Value, func(r roleRow) bool { return r[maskColumn] != nil }) {
			return nil, roleError("give the answer of RetrieveRolePrivilegesRole, or roleprivileges rows with privilegedepthmask",
				`reading %s: not a role: the JSON has neither "RolePrivileges" nor %q`, name, maskColumn)
		}
		roles, err := v.rows()
		if err != nil {
			return fail(err)
		}
		return roles, nil
	}
	r, err := v.role()
	if err != nil {
		return fail(err)
	}
	return []role.Role{r}, nil
}

var errNotRole = errors.New(`the JSON has no "RolePrivileges"`)

// readRolePrivileges reads the body of an answer that lists what a user, team or role holds.
func readRolePrivileges(data []byte) (role.Role, error) {
	v, err := parseRoleJSON(data)
	if err == nil && v.RolePrivileges == nil {
		err = errNotRole
	}
	if err != nil {
		return role.Role{}, err
	}
	return v.role()
}

// joiner finds the names of privileges that came as ids.
type joiner struct {
	catalog *catalog.Catalog
	lost    map[int]int // role to privileges that could not be joined
}

func newJoiner() joiner { return joiner{catalog.Default(), map[int]int{}} }

// name gives a privilege's name. The ids of an environment's own tables are its own: without a name they say nothing.
func (j joiner) name(name, id string, role int) (string, bool) {
	if name != "" {
		return name, true
	}
	p, ok := j.catalog.ByID(id)
	if !ok {
		j.lost[role]++
	}
	return p.Name, ok
}

func (j joiner) note(roles []role.Role) {
	for i := range roles {
		if n := j.lost[i]; n > 0 {
			roles[i].Partial = true
			roles[i].Notes = append(roles[i].Notes, fmt.Sprintf("left out: %s as an id that the catalog does not know; fetch the names too",
				counted(n, "privilege that came", "privileges that came")))
		}
	}
}

func (v roleJSON) role() (role.Role, error) {
	r := role.New(v.Name, bareID(v.RoleID), "")
	r.Managed = v.Managed
	if s := strings.Trim(string(v.Inherited), `"`); s == "0" || s == "1" {
		r.Inherited = s
	}
	if m := unionAnswer().FindStringSubmatch(v.Context); m != nil {
		r.Notes = append(r.Notes, "the union of all roles of a "+strings.ToLower(m[1])+", not a role")
	}
	j, filtered := newJoiner(), 0
	for i, p := range v.RolePrivileges {
		d, ok := jsonDepth(p.Depth)
		if !ok {
			return r, fmt.Errorf("/RolePrivileges/%d: depth %s is not Basic, Local, Deep or Global", i, p.Depth)
		}
		if d == catalog.None { // RecordFilter
			filtered++
		} else if name, ok := j.name(p.PrivilegeName, p.PrivilegeID, 0); ok {
			r.Grant(name, d)
		}
	}
	if filtered > 0 {
		r.Partial = true
		r.Notes = append(r.Notes, fmt.Sprintf("left out: %s at depth RecordFilter, which the role form does not have", counted(filtered, "privilege", "privileges")))
	}
	roles := []role.Role{r}
	j.note(roles)
	return roles[0], nil
}

// unionAnswer is the @odata.context of an answer about somebody who can hold several roles.
var unionAnswer = pattern.Compile(`Retrieve(User|Team)Privileges`)

func jsonDepth(raw json.RawMessage) (catalog.Depth, bool) {
	switch s := strings.Trim(string(raw), `"`); s {
	case "0", "1", "2", "3":
		return catalog.Basic + catalog.Depth(s[0]-'0'), true
	case "4", "RecordFilter":
		return catalog.None, true
	default:
		d, ok := catalog.ParseDepth(s)
		return d, ok && d != catalog.None
	}
}

const maskColumn = "privilegedepthmask"

// maskDepths are the values of privilegedepthmask.
var maskDepths = map[string]catalog.Depth{
	"0": catalog.None, "1": catalog.Basic, "2": catalog.Local, "4": catalog.Deep, "8": catalog.Global,
}

// rows reads roleprivileges rows, which may be of several roles.
func (v roleJSON) rows() ([]role.Role, error) {
	var roles []role.Role
	places := map[string]int{} // role id to roles
	j := newJoiner()
	for i, row := range v.Value {
		d, ok := maskDepths[strings.Trim(string(row[maskColumn]), `"`)]
		if !ok {
			return nil, fmt.Errorf("/value/%d: %s %s is not 1, 2, 4 or 8", i, maskColumn, row[maskColumn])
		}
		id := bareID(cmp.Or(row.text("roleid"), row.text("_roleid_value")))
		at, seen := places[id]
		if !seen {
			if len(roles) == maxRoles {
				return nil, fmt.Errorf("/value/%d: %w", i, errManyRoles)
			}
			at = len(roles)
			places[id] = at
			roles = append(roles, role.New("", id, ""))
		}
		privilege, roleName := row.names()
		roles[at].Name = cmp.Or(roles[at].Name, roleName)
		if privilege, ok := j.name(privilege, row.text("privilegeid"), at); ok {
			roles[at].Grant(privilege, d)
		}
	}
	j.note(roles)
	if v.Next != "" {
		for i := range roles {
			roles[i].Partial = true
			roles[i].Notes = append(roles[i].Notes, "only one page of several was given: the role can hold more")
		}
	}
	return roles, nil
}

// text gives a column that holds a string.
func (r roleRow) text(column string) string {
	var s string
	if json.Unmarshal(r[column], &s) != nil {
		return ""
	}
	return s
}

// names finds the joined names of the privilege and of the role: name, prvName, privilege.name, or p_x002e_name.
func (r roleRow) names() (privilege, roleName string) {
	for _, column := range slices.Sorted(maps.Keys(r)) {
		key := strings.ToLower(strings.ReplaceAll(column, "_x002e_", "."))
		switch key[strings.LastIndexByte(key, '.')+1:] {
		case "name", "prvname", "privilegename":
			if s := r.text(column); len(s) > 3 && strings.EqualFold(s[:3], "prv") {
				privilege = cmp.Or(privilege, s)
			} else {
				roleName = cmp.Or(roleName, s)
			}
		}
	}
	return privilege, roleName
}

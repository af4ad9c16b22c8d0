package dataverse

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/prvgap/prvgap/analyzer/role"
	"github.com/prvgap/prvgap/catalog"
)

// bom is the byte order mark that SolutionPackager writes.
var bom = []byte("\xef\xbb\xbf")

// ReadRoles reads the roles of a file: an unpacked role XML, the roles of a
// customizations.xml, or the JSON of RetrieveRolePrivilegesRole and its
// siblings. name stands in errors and is the Source of the roles. Errors carry
// line and column, and say what to give instead.
func ReadRoles(name string, data []byte) ([]role.Role, error) {
	data = bytes.TrimPrefix(data, bom)
	trimmed := bytes.TrimSpace(data)
	switch {
	case len(trimmed) == 0:
		return nil, fmt.Errorf("reading %s: the file is empty", name)
	case trimmed[0] == '<':
		return readRoleXML(name, data)
	case trimmed[0] == '{' || trimmed[0] == '[':
		r, err := readRolePrivileges(data)
		if err != nil {
			return nil, fmt.Errorf("reading %s: %w", name, err)
		}
		r.Source = name
		return []role.Role{r}, nil
	}
	return nil, fmt.Errorf("reading %s: not a role: expected an unpacked role XML, or the JSON of RetrieveRolePrivilegesRole", name)
}

// readRoleXML reads /Role, or /ImportExportXml/Roles/Role; a Role elsewhere is
// a reference (app module role maps, form display conditions).
func readRoleXML(name string, data []byte) ([]role.Role, error) {
	x := xml.NewDecoder(bytes.NewReader(data))
	var roles []role.Role
	var path []string
	at := func(err error) error {
		line, col := x.InputPos()
		return fmt.Errorf("reading %s:%d:%d: %w", name, line, col, err)
	}
	for {
		t, err := x.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, at(err)
		}
		switch t := t.(type) {
		case xml.StartElement:
			path = append(path, t.Name.Local)
			switch strings.Join(path, "/") {
			case "Role", "ImportExportXml/Roles/Role":
				roles = append(roles, role.New(attr(t, "name"), strings.ToLower(strings.Trim(attr(t, "id"), "{}")), name))
			case "Role/RolePrivileges/RolePrivilege", "ImportExportXml/Roles/Role/RolePrivileges/RolePrivilege":
				if err := readGrant(&roles[len(roles)-1], t); err != nil {
					return nil, at(err)
				}
			}
		case xml.EndElement:
			path = path[:len(path)-1]
		}
	}
	if len(roles) == 0 {
		return nil, fmt.Errorf("reading %s: no role in this XML: expected a Role element at the top, or below ImportExportXml/Roles", name)
	}
	return roles, nil
}

func attr(t xml.StartElement, name string) string {
	for _, a := range t.Attr {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

func readGrant(r *role.Role, t xml.StartElement) error {
	privilege, level := attr(t, "name"), attr(t, "level")
	d, ok := catalog.ParseDepth(level)
	switch {
	case privilege == "":
		return errors.New("RolePrivilege without a name")
	case !ok || d == catalog.None:
		return fmt.Errorf("level %q of %s is not Basic, Local, Deep or Global", level, privilege)
	}
	r.Grant(privilege, d)
	return nil
}

// rolePrivilege is an element of RolePrivileges. Depth is the enum's name, or
// its number 0 to 3; 4 (RecordFilter) reaches nothing that can be counted on.
type rolePrivilege struct {
	Depth         json.RawMessage
	PrivilegeID   string
	PrivilegeName string
}

var errNotRole = errors.New(`not a role: the JSON has no "RolePrivileges"; expected the answer of RetrieveRolePrivilegesRole`)

// readRolePrivileges reads the JSON of RetrieveRolePrivilegesRole,
// RetrieveUserPrivileges and RetrieveTeamPrivileges, which have one form.
func readRolePrivileges(data []byte) (role.Role, error) {
	var v struct {
		Name           string          `json:"name"`
		RoleID         string          `json:"roleid"`
		RolePrivileges []rolePrivilege `json:"RolePrivileges"`
	}
	r := role.New("", "", "")
	if err := json.Unmarshal(data, &v); err != nil {
		return r, place(data, err)
	}
	if v.RolePrivileges == nil {
		return r, errNotRole
	}
	r.Name, r.ID = v.Name, strings.ToLower(v.RoleID)
	c := catalog.Default()
	for i, p := range v.RolePrivileges {
		name := p.PrivilegeName
		if name == "" {
			known, ok := c.ByID(p.PrivilegeID)
			if !ok {
				continue // a table of this environment; without its name nothing can be compared
			}
			name = known.Name
		}
		d, ok := jsonDepth(p.Depth)
		if !ok {
			return r, fmt.Errorf("/RolePrivileges/%d: depth %s is not Basic, Local, Deep or Global", i, p.Depth)
		}
		if d != catalog.None {
			r.Grant(name, d)
		}
	}
	return r, nil
}

func jsonDepth(raw json.RawMessage) (catalog.Depth, bool) {
	switch s := strings.Trim(string(raw), `"`); s {
	case "0", "1", "2", "3":
		return catalog.Basic + catalog.Depth(s[0]-'0'), true
	case "4", "RecordFilter":
		return catalog.None, true
	default:
		return catalog.ParseDepth(s)
	}
}

// place adds line and column to a JSON error.
func place(data []byte, err error) error {
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	var offset int64
	switch {
	case errors.As(err, &syntax):
		offset = syntax.Offset
	case errors.As(err, &kind):
		offset = kind.Offset
	default:
		return err
	}
	before := data[:min(int(offset), len(data))]
	line := bytes.Count(before, []byte("\n")) + 1
	col := len(before) - bytes.LastIndexByte(before, '\n')
	return fmt.Errorf("line %d, column %d: %w", line, col, err)
}

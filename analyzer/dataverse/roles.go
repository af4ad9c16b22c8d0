package dataverse

import (
	"bytes"
	"fmt"
	"path"
	"strings"

	"github.com/prvgap/prvgap/analyzer/role"
	"github.com/prvgap/prvgap/catalog"
	"github.com/prvgap/prvgap/har/pattern"
)

// roleError makes a role.Error of words that can stand for any file.
func roleError(hint, format string, args ...any) error {
	return &role.Error{Err: fmt.Errorf(format, args...), Hint: hint}
}

// What no file of roles comes near, and no role: an environment with every app has some nine thousand privileges.
const (
	maxRoles  = 2000
	maxGrants = 20000
)

var (
	errManyRoles  = fmt.Errorf("more than %d roles, which no environment exports at once", maxRoles)
	errManyGrants = fmt.Errorf("more than %d privileges in one role, which no environment has", maxGrants)
)

// counted says how many there are.
func counted(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// anyRole names what ReadRoles takes, for hints.
const anyRole = "give an exported solution zip, its customizations.xml, an unpacked role XML (Roles/*.xml), the JSON of RetrieveRolePrivilegesRole, or a role matrix as CSV or xlsx"

// ReadRoles reads the roles of a file, which it knows by its content: an unpacked role XML, a customizations.xml, an
// exported solution zip, the JSON of RetrieveRolePrivilegesRole and its siblings or of roleprivileges rows, an
// XrmMockup SecurityRole, or a role matrix as CSV or as the xlsx of Role Documenter or _n.RoleEditor.
// name stands in errors and is the Source of the roles; Notes tell what could not be read. Memory stays in proportion
// to len(data) and to the limits of this package, whatever the bytes are.
func ReadRoles(name string, data []byte) ([]role.Role, error) {
	roles, err := readAny(name, data)
	if err != nil {
		return nil, err
	}
	for i := range roles {
		r := &roles[i]
		r.Source, r.Dialect = name, Name
		if title, ok := roleTemplates[r.ID]; ok {
			r.Template = true
			if r.Name == "" {
				r.Name = title
			}
		}
		if r.Name == "" && len(roles) > 1 { // something must tell it from the others
			r.Name, r.Nameless = r.ID, r.ID != ""
		}
		if r.Len() > maxGrants {
			return nil, fmt.Errorf("reading %s: role %q: %w", name, r.Name, errManyGrants)
		}
		noteIllegal(r)
	}
	return roles, nil
}

// noteIllegal names grants at a depth that the catalog knows as not legal. They stay: the catalog can be older than
// the environment, and what a hand-made file asks for is for its reader to judge.
func noteIllegal(r *role.Role) {
	const few = 3
	var names []string
	n := 0
	for _, g := range r.Grants() {
		p, _ := catalog.Default().Privilege(g.Privilege)
		if !p.Depths.Known() || p.Depths.Has(g.Depth) {
			continue
		}
		if n++; n <= few {
			names = append(names, p.Name+" at "+g.Depth.Label())
		}
	}
	if n > few {
		names = append(names, "…")
	}
	if n > 0 {
		r.Notes = append(r.Notes, fmt.Sprintf("%s at a level that the catalog does not allow: %s", counted(n, "grant", "grants"), strings.Join(names, ", ")))
	}
}

func readAny(name string, data []byte) ([]role.Role, error) {
	switch {
	case bytes.HasPrefix(data, []byte(zipStart)):
		return readArchive(name, data)
	case bytes.HasPrefix(data, []byte("\xd0\xcf\x11\xe0")):
		return nil, roleError("save it as .xlsx without a password", "reading %s: an old Excel workbook, or one with a password", name)
	}
	data, err := decodeText(data)
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", name, err)
	}
	trimmed := bytes.TrimSpace(data)
	switch {
	case len(trimmed) == 0:
		return nil, fmt.Errorf("reading %s: the file is empty", name)
	case trimmed[0] == '<':
		return readRoleXML(name, data)
	case trimmed[0] == '{' || trimmed[0] == '[':
		return readRoleJSON(name, data)
	}
	if roles, ok, err := readMatrixCSV(name, data); ok {
		return roles, err
	}
	if isYAML(name, trimmed) {
		return nil, roleError("export the solution as a zip, or unpack it into XML with pac solution unpack",
			"reading %s: the YAML source format, which prvgap does not read", name)
	}
	if isTabular(trimmed) {
		return nil, roleError(matrixHint, "reading %s: a table without the header of a role matrix", name)
	}
	return nil, roleError(anyRole, "reading %s: not a role", name)
}

var (
	utf8Mark = []byte("\xef\xbb\xbf")
	yamlLine = pattern.Compile(`(?m)\A(---|['"]?@?[A-Za-z][\w@]*['"]?:(\s|$))`)
)

// decodeText gives a text as UTF-8 without a byte order mark. Exports are UTF-8 with or without one; what was saved
// again by Excel or PowerShell is often UTF-16.
func decodeText(data []byte) ([]byte, error) {
	text, _, err := toUTF8(data)
	return bytes.TrimPrefix(text, utf8Mark), err
}

func isYAML(name string, text []byte) bool {
	ext := strings.ToLower(path.Ext(name))
	return ext == ".yml" || ext == ".yaml" || yamlLine().MatchString(string(text))
}

// roleTemplates are the ids of role templates, the same in every environment: an export of such a role may carry its
// template's id, which an import leads to the local role. From Learn, "Security roles and templates".
var roleTemplates = map[string]string{
	"627090ff-40a3-4053-8790-584edc5be201": "System Administrator",
	"119f245c-3cc8-4b62-b31c-d1a046ced15d": "System Customizer",
	"2d101bb3-5ced-4122-83f1-94d5efde4e3b": "Support User",
	"d892cc0b-28c7-4e88-bd92-72f2c366baed": "Delegate",
	"236750cd-45ae-4939-ab12-b24b920ced93": "Basic User",
	"85937b6b-91a1-46ed-9778-929fc9f61812": "CEO-Business Manager",
	"29123793-6ae5-4955-9f1a-f10ceb9705f1": "Vice President of Sales",
	"c0ed2f4f-6f92-4691-92ba-78f2931e8fba": "Sales Manager",
	"a4be89ff-7c35-4d69-9900-999c3f603e6f": "Salesperson",
	"ecfd0b44-5720-45e3-ae68-417ddb0fb654": "Customer Service Representative",
	"1808b939-dd07-4ca7-aa99-ddd2734378f1": "CSR Manager",
}

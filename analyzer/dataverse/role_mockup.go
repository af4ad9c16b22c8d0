package dataverse

import (
	"encoding/xml"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/prvgap/prvgap/analyzer/role"
	"github.com/prvgap/prvgap/catalog"
)

// mockupReader reads the SecurityRole snapshot of XrmMockup: table, right and depth, without the privileges' names.
// Privileges without a table are not in it.
type mockupReader struct {
	role    role.Role
	catalog *catalog.Catalog
	text    strings.Builder
	table   string
	right   string
	depth   string
	rights  int
	tables  map[string]bool // without a known privilege
	lost    int             // rights of these
}

// Where the parts of a right stand, counted in elements from the root.
const (
	mockupField = 2 // SecurityRole/Name
	mockupTable = 4 // SecurityRole/Privileges/pair/Key
	mockupEntry = 5 // SecurityRole/Privileges/pair/Value/pair
	mockupRight = 7 // SecurityRole/Privileges/pair/Value/pair/Value/AccessRight
)

func readMockup(name string, data []byte) ([]role.Role, error) {
	m := mockupReader{role: role.New("", "", ""), catalog: catalog.Default(), tables: map[string]bool{}}
	if err := walkXML(name, data, m.visit); err != nil {
		return nil, err
	}
	m.role.Partial = true
	m.role.Notes = append(m.role.Notes, "an XrmMockup snapshot: privileges without a table are not in it")
	if m.lost > 0 {
		m.role.Notes = append(m.role.Notes, fmt.Sprintf("%d of %s left out, as the catalog knows no privilege for what follows: %s",
			m.lost, counted(m.rights, "right", "rights"), abridged(slices.Sorted(maps.Keys(m.tables)))))
	}
	return []role.Role{m.role}, nil
}

func (m *mockupReader) visit(path []string, t xml.Token) error {
	switch t := t.(type) {
	case xml.StartElement:
		m.text.Reset()
	case xml.CharData:
		if len(path) <= mockupRight {
			m.text.Write(t)
		}
	case xml.EndElement:
		return m.end(path)
	}
	return nil
}

func (m *mockupReader) end(path []string) error {
	text := strings.TrimSpace(m.text.String())
	m.text.Reset()
	switch last := path[len(path)-1]; {
	case len(path) == mockupField && last == "Name":
		m.role.Name = text
	case len(path) == mockupField && last == "RoleId":
		m.role.ID = bareID(text)
	case len(path) == mockupTable && last == "Key":
		m.table = text
	case len(path) == mockupRight && last == "AccessRight":
		m.right = text
	case len(path) == mockupRight && last == "PrivilegeDepth":
		m.depth = text
	case len(path) == mockupEntry && path[3] == "Value":
		return m.grant()
	}
	return nil
}

// grant takes a right that was read whole. A table that shares another's privilege shares its depth too.
func (m *mockupReader) grant() error {
	d, ok := catalog.ParseDepth(m.depth)
	if !ok {
		return fmt.Errorf("depth %q of %s on %s is not Basic, Local, Deep or Global", m.depth, m.right, m.table)
	}
	m.rights++
	a, _ := catalog.ParseAction(m.right)
	if p, ok := m.catalog.ByTable(m.table, a); ok {
		m.role.Grant(p.Name, d)
	} else {
		m.lost++
		m.tables[m.table+" "+m.right] = true
	}
	m.right, m.depth = "", ""
	return nil
}

// abridged names the first few of many.
func abridged(names []string) string {
	const few = 5
	if len(names) <= few {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:few], ", "), len(names)-few)
}

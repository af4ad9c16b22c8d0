package dataverse

import (
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/prvgap/prvgap/analyzer/role"
)

const matrixHead = "Name,Create,Read,Write,Delete,Append,Append To,Assign,Share\n"

// plainBook packs sheets, given as the XML of their rows; each lies in a part of its own, or all in the first.
func plainBook(t *testing.T, onePart bool, rows ...string) []byte {
	t.Helper()
	var list, relations strings.Builder
	var members []string
	for i, r := range rows {
		fmt.Fprintf(&list, `<sheet name="S%d" id="r%d"/>`, i, i)
		part := i
		if onePart {
			part = 0
		} else {
			members = append(members, fmt.Sprintf("xl/worksheets/s%d.xml", i), "<worksheet><sheetData>"+r+"</sheetData></worksheet>")
		}
		fmt.Fprintf(&relations, `<Relationship Id="r%d" Target="worksheets/s%d.xml"/>`, i, part)
	}
	if onePart {
		members = []string{"xl/worksheets/s0.xml", "<worksheet><sheetData>" + rows[0] + "</sheetData></worksheet>"}
	}
	return zipped(t, append(members, "xl/workbook.xml", "<workbook><sheets>"+list.String()+"</sheets></workbook>",
		"xl/_rels/workbook.xml.rels", "<Relationships>"+relations.String()+"</Relationships>")...)
}

// Small files that unfold to many cells or roles end in an error, and take no memory to speak of.
func TestRoleLimits(t *testing.T) {
	row := func(address string) string { return `<row><c r="` + address + `"><v>1</v></c></row>` }
	many := strings.Repeat(`<Role id="a" name="b"/>`, 200_000)
	var page strings.Builder
	for i := range maxRoles + 1 {
		fmt.Fprintf(&page, `{"privilegedepthmask":1,"name":"prvReadLead","roleid":"%d"},`, i)
	}
	var grants, pairs strings.Builder
	for i := range 300_000 {
		fmt.Fprintf(&grants, `<RolePrivilege name="prvRead%d" level="Basic"/>`, i)
		if i <= maxGrants {
			fmt.Fprintf(&pairs, `{"Depth":"Basic","PrivilegeName":"prvRead%d"},`, i)
		}
	}
	for _, c := range []struct {
		name, want string
		data       []byte
	}{
		{"far column", "512 columns", plainBook(t, false, strings.Repeat(row("ALL1"), 49_000))},
		{"cells", "2000000 cells", plainBook(t, false, strings.Repeat(row("SR1"), 20_000))},
		{"one part", "share a part", plainBook(t, true, make([]string, 20)...)},
		{"sheets", "500 sheets", plainBook(t, false, make([]string, maxSheets+1)...)},
		{"roles", "2000 roles", zipped(t, customizationsFile, "<ImportExportXml><Roles>"+many+"</Roles></ImportExportXml>")},
		{"grants", "20000 privileges in one role", []byte(`<Role id="a" name="b"><RolePrivileges>` + grants.String() + "</RolePrivileges></Role>")},
		{"listed grants", "20000 privileges in one role", []byte(`{"RolePrivileges":[` + strings.TrimSuffix(pairs.String(), ",") + "]}")},
		{"rows", "2000 roles", []byte("[" + strings.TrimSuffix(page.String(), ",") + "]")},
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := ReadRoles(c.name, c.data)
		runtime.ReadMemStats(&after)
		if err == nil || !strings.Contains(err.Error(), c.want) || !strings.HasPrefix(err.Error(), "reading "+c.name) {
			t.Errorf("%s: %v", c.name, err)
		}
		if used := after.TotalAlloc - before.TotalAlloc; used > 150<<20 {
			t.Errorf("%s: %d MB", c.name, used>>20)
		}
	}
	if _, err := scanRoles("x", []byte("<ImportExportXml><Roles>"+many+"</Roles></ImportExportXml>")); !errors.Is(err, errManyRoles) {
		t.Error(err)
	}
}

// Where rows would be lost, a matrix is refused; where nothing is wrong but line ends, it reads.
func TestMatrixRefusals(t *testing.T) {
	var bare strings.Builder
	for _, u := range utf16.Encode([]rune("<Role/>")) {
		bare.WriteString(string([]byte{byte(u), byte(u >> 8)}))
	}
	for _, c := range []struct{ name, data, want, hint string }{
		{"quote", matrixHead + "\"Account,User,,,\nContact,User\n", "a quote (\") that is not closed", "quote"},
		{"quotes", matrixHead + "\"Account,User\nContact\",User\n", "line break within the name", "quote"},
		{"twice", matrixHead + "Account,User\nAccount,,User\n", `:3:1: the row "Account" stands twice`, "one of the two"},
		{"twice by table", matrixHead + "Account,User\naccount,,User\n", "stands twice", ""},
		{"none", matrixHead + "Account\nContact\n", "no row of this matrix has a level", "table's name"},
		{"German", "Name;Erstellen;Lesen;Schreiben;Entfernen;Anfügen\nFirma;Benutzer\n", "without the header of a role matrix", "in English"},
		{"column", matrixHead + "Account,User,Universe\n", ":2:14: level", ""},
		{"wide", bare.String(), "without a byte order mark", "save it as UTF-8"},
		{"spelling", `<Role><RolePrivileges><RolePrivilege name="prvReadAccount" level="deep"/></RolePrivileges></Role>`, `spelling:1:74: level "deep" of prvReadAccount is not spelled`, ""},
	} {
		_, err := ReadRoles(c.name, []byte(c.data))
		var told *role.Error
		hint := ""
		if errors.As(err, &told) {
			hint = told.Hint
		}
		if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(hint, c.hint) {
			t.Errorf("%s: %v, hint %q", c.name, err, hint)
		}
	}
	roles, err := ReadRoles("mac", []byte(strings.ReplaceAll(matrixHead+"Account,User\nContact,,User\n", "\n", "\r")))
	must(t, err)
	if got := grantsOf(roles[0]); got != "prvCreateAccount=Basic prvReadContact=Basic" || roles[0].Partial {
		t.Errorf("%s, partial %v", got, roles[0].Partial)
	}
}

// What a source does not hold, or holds and should not, is in the notes.
func TestRoleNotes(t *testing.T) {
	for _, c := range []struct {
		name, data, want string
		partial          bool
	}{
		{"illegal", matrixHead + "prvCreateUser,User\nprvReadAccount,User\n", "1 grant at a level that the catalog does not allow: prvCreateUser at User", false},
		{"illegal XML", `<Role><RolePrivileges><RolePrivilege name="prvCreateUser" level="Basic"/></RolePrivileges></Role>`, "prvCreateUser at User", false},
		{"filter", `{"RolePrivileges":[{"Depth":4,"PrivilegeName":"prvReadLead"},{"Depth":1,"PrivilegeName":"prvReadAccount"}]}`, "1 privilege at depth RecordFilter", true},
		{"union", `{"@odata.context":"x/$metadata#Microsoft.Dynamics.CRM.RetrieveTeamPrivilegesResponse","RolePrivileges":[]}`, "the union of all roles of a team", false},
		{"page", `{"@odata.nextLink":"x","value":[{"privilegedepthmask":1,"name":"prvReadLead"}]}`, "one page", true},
		{"mockup", mockup, "1 of 2 rights", true},
		{"id", `{"RolePrivileges":[{"Depth":1,"PrivilegeId":"x"}]}`, "1 privilege that came", true},
	} {
		roles, err := ReadRoles(c.name, []byte(c.data))
		must(t, err)
		if notes := strings.Join(roles[0].Notes, "\n"); !strings.Contains(notes, c.want) || roles[0].Partial != c.partial {
			t.Errorf("%s: partial %v, notes %q", c.name, roles[0].Partial, notes)
		}
	}
	roles, err := ReadRoles("x", []byte(`[{"privilegedepthmask":1,"name":"prvReadLead","roleid":"AA"},{"privilegedepthmask":1,"name":"prvReadLead","roleid":"BB"}]`))
	must(t, err)
	if roles[0].Name != "aa" || !roles[0].Nameless || roles[1].Name != "bb" {
		t.Errorf("%q %q", roles[0].Name, roles[1].Name)
	}
}

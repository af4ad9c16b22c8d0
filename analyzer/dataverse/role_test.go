package dataverse

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"encoding/xml"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/xuri/excelize/v2"

	"github.com/prvgap/prvgap/analyzer/role"
	"github.com/prvgap/prvgap/catalog"
)

const roleHead = `<Role id="{0F1E2D3C-0000-4000-8000-00000000000A}" name="Field &amp; Co" isinherited="0">`

// grantsOf writes a role's grants as a line.
func grantsOf(r role.Role) string {
	var s []string
	for _, g := range r.Grants() {
		s = append(s, g.Privilege+"="+g.Depth.String())
	}
	return strings.Join(s, " ")
}

// zipped packs members given as name, text, name, text …
func zipped(t testing.TB, members ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for i := 0; i < len(members); i += 2 {
		w, err := z.Create(members[i])
		if err == nil {
			_, err = w.Write([]byte(members[i+1]))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// workbook makes an xlsx of sheets, in the order of names.
func workbook(t testing.TB, names []string, sheets map[string][][]any) []byte {
	t.Helper()
	f := excelize.NewFile()
	defer f.Close()
	for i, name := range names {
		if i == 0 {
			must(t, f.SetSheetName("Sheet1", name))
		} else if _, err := f.NewSheet(name); err != nil {
			t.Fatal(err)
		}
		w, err := f.NewStreamWriter(name) // the other way takes a minute for a sheet with one far row
		must(t, err)
		for row, cells := range sheets[name] {
			if len(cells) > 0 {
				must(t, w.SetRow(fmt.Sprintf("A%d", row+1), cells))
			}
		}
		must(t, w.Flush())
	}
	var b bytes.Buffer
	must(t, f.Write(&b))
	return b.Bytes()
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// wide writes a text as UTF-16 with a byte order mark.
func wide(s string, order binary.AppendByteOrder) []byte {
	var b []byte
	for _, u := range utf16.Encode([]rune("\ufeff" + s)) {
		b = order.AppendUint16(b, u)
	}
	return b
}

const oneGrant = `<RolePrivileges><RolePrivilege name="prvReadAccount" level="Deep"/></RolePrivileges></Role>`

var severalRoles = `<ImportExportXml><Entities><Entity><FormXml><form><DisplayConditions><Role Id="{1}"/></DisplayConditions></form></FormXml></Entity></Entities>` +
	`<Roles><Role id="{A}" name="First">` + oneGrant +
	`<Role id="{B}" name="Referred" unmodified="1">` + oneGrant +
	`<Role id="{C}" name="Bare"><IsCustomizable>1</IsCustomizable></Role>` +
	`<Role id="{D}" name="Empty"><RolePrivileges /></Role>` +
	`<Role id="{119F245C-3CC8-4b62-B31C-D1A046CED15D}" name="Customizer">` + oneGrant + `</Roles>` +
	`<AppModules><AppModule><AppModuleRoleMaps><Role id="{2}" /></AppModuleRoleMaps></AppModule></AppModules></ImportExportXml>`

// roleCases are files that read, with the roles in them as "name id inherited: grants".
func roleCases(t testing.TB) map[string]struct {
	data []byte
	want []string
} {
	xmlText := `<?xml version="1.0" encoding="utf-16"?>` + "\r\n" + roleHead + oneGrant
	header := "Name,Create,Read,Write,Delete,Append,Append To,Assign,Share\n"
	type c = struct {
		data []byte
		want []string
	}
	const field = "Field & Co 0f1e2d3c-0000-4000-8000-00000000000a 0: prvReadAccount=Deep"
	all := []string{"First a : prvReadAccount=Deep", "Referred b : ", "Bare c : ", "Empty d : ", "Customizer 119f245c-3cc8-4b62-b31c-d1a046ced15d : prvReadAccount=Deep"}
	return map[string]c{
		"role":            {[]byte(roleHead + oneGrant), []string{field}},
		"bom":             {[]byte("\xef\xbb\xbf" + `<?xml version="1.0" encoding="utf-8"?>` + roleHead + oneGrant), []string{field}},
		"utf-16le":        {wide(xmlText, binary.LittleEndian), []string{field}},
		"utf-16be":        {wide(xmlText, binary.BigEndian), []string{field}},
		"customizations":  {[]byte(severalRoles), all},
		"solution":        {zipped(t, "solution.xml", "<x><Managed>0</Managed></x>", "customizations.xml", severalRoles), all},
		"json":            {[]byte(`{"name":"J","roleid":"{AB}","isinherited":1,"RolePrivileges":[{"Depth":"Local","PrivilegeName":"prvReadLead"},{"Depth":3,"PrivilegeId":"ba9320a1-c6a6-4ad3-8565-4a206b402b14","RecordFilterId":null},{"Depth":"4","PrivilegeName":"prvWriteLead"},{"Depth":1,"PrivilegeId":"00000000-0000-4000-8000-000000000000"}]}`), []string{"J ab 1: prvActivateBusinessRule=Global prvReadLead=Local"}},
		"json list":       {[]byte(`[{"Depth":"Basic","PrivilegeId":"x","PrivilegeName":"prvReadLead"}]`), []string{"  : prvReadLead=Basic"}},
		"rows":            {[]byte(`{"value":[{"privilegedepthmask":8,"privilegeid":"ba9320a1-c6a6-4ad3-8565-4a206b402b14","roleid":"AA","r_x002e_name":"One"},{"privilegedepthmask":"2","privilege.name":"prvReadLead","roleid":"AA"},{"privilegedepthmask":1,"name":"prvReadLead","_roleid_value":"bb"},{"privilegedepthmask":4,"privilegeid":"q","roleid":"bb"}]}`), []string{"One aa : prvActivateBusinessRule=Global prvReadLead=Local", "bb bb : prvReadLead=Basic"}},
		"csv":             {[]byte(header + "Account,User,●,○,,Parent: Child Business Unit,Global,-,None\nsalesorder,,Organisation,,,,,,\nprvReadLead,Basic,,,,,,,\nAttribute Map,,Organization\n"), []string{"  : prvAppendAccount=Deep prvAppendToAccount=Global prvCreateAccount=Basic prvReadAccount=Global prvReadAttributeMap=Global prvReadLead=Basic prvReadOrder=Global"}},
		"csv semicolon":   {[]byte("\xef\xbb\xbfsep=;\r\nRole;Feld\r\n" + strings.ReplaceAll(header, ",", ";") + "Core Records\r\nAccount;;Business Unit\r\n\r\nMiscellaneous Privileges\r\nBulk Delete;Organization;why not\r\nRun Flows;Organization\r\n"), []string{"Feld  : prvBulkDelete=Global prvFlow=Global prvReadAccount=Local"}},
		"csv tab, utf-16": {wide(strings.ReplaceAll(header, ",", "\t")+"Phone Call\t\t◔\n", binary.LittleEndian), []string{"  : prvReadActivity=Basic"}},
		"csv custom":      {[]byte(header + "cr1a7_sitephoto,,User\n'=x,,\nNobody knows,,\n"), []string{"  : prvReadcr1a7_sitephoto=Basic"}},
		"role documenter": {workbook(t, []string{"Sales", "Misc Privileges"}, map[string][][]any{
			"Sales":           {{"Name", "Create", "Read", "Write", "Delete", "Append", "Append To", "Assign", "Share"}, {"account", "User", "Organization"}, {"No Such Table", "User"}},
			"Misc Privileges": {{"Name", "Role"}, {"Bulk Delete", "Organisation"}},
		}), []string{"Sales  : prvBulkDelete=Global prvCreateAccount=Basic prvReadAccount=Global"}},
		"role editor": {workbook(t, []string{"General", "Tables", "Misc"}, map[string][][]any{
			"General": {{"Role: Field"}, {}, {"", "BU"}, {"", "text"}, {"", "Team privileges only"}},
			"Tables": {
				{"Group", "Table name", "Create", "Read", "Write", "Delete", "Append", "Append To", "Assign", "Share", "Has privileges?"},
				{"Core", "Konto", 1, 2, 3, 4, 0, "", "", "", "x", "", "", "", "", "", "", "", "", "account"},
				{"Core", "Activity", "", 2, "", "", "", "", "", "", "", "", "", "", "", "", "", "", "", "activity"},
			},
			"Misc": {{"Group", "Privilege", "Do action?", "Privilege name"}, {"x", "Bulk Delete", 4, "prvBulkDelete"}, {"x", "Run Flows", 0, "prvFlow"}},
		}), []string{"Field  0: prvBulkDelete=Global prvCreateAccount=Basic prvDeleteAccount=Global prvReadAccount=Local prvReadActivity=Local prvWriteAccount=Deep"}},
		"mockup": {[]byte(mockup), []string{"Mock aa : prvReadAccount=Deep"}},
	}
}

const mockup = `<SecurityRole xmlns:i="i" xmlns="d"><Name>Mock</Name><Privileges xmlns:a="a">` +
	`<a:KV><a:Key>account</a:Key><a:Value><a:E><a:Key>ReadAccess</a:Key><a:Value><AccessRight>ReadAccess</AccessRight><CanBeDeep>true</CanBeDeep><PrivilegeDepth>Deep</PrivilegeDepth></a:Value></a:E></a:Value></a:KV>` +
	`<a:KV><a:Key>cr1a7_thing</a:Key><a:Value><a:E><a:Key>ReadAccess</a:Key><a:Value><AccessRight>ReadAccess</AccessRight><PrivilegeDepth>Basic</PrivilegeDepth></a:Value></a:E></a:Value></a:KV>` +
	`</Privileges><RoleId>AA</RoleId></SecurityRole>`

func TestReadRoles(t *testing.T) {
	for name, c := range roleCases(t) {
		roles, err := ReadRoles("dir/file", c.data)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		var got []string
		for _, r := range roles {
			got = append(got, fmt.Sprintf("%s %s %s: %s", r.Name, r.ID, r.Inherited, grantsOf(r)))
			if r.Source != "dir/file" {
				t.Errorf("%s: source %q", name, r.Source)
			}
		}
		if strings.Join(got, "\n") != strings.Join(c.want, "\n") {
			t.Errorf("%s:\n got %q\nwant %q", name, got, c.want)
		}
	}
}

// What does not describe a role is marked, and what was left out is counted.
func TestRoleMarks(t *testing.T) {
	roles, err := ReadRoles("x.zip", zipped(t, "customizations.xml", severalRoles, "solution.xml", "<x><Managed>1</Managed></x>"))
	must(t, err)
	for i, want := range []bool{false, true, true, false, false} {
		if roles[i].Reference != want || !roles[i].Managed || roles[i].Template != (i == 4) {
			t.Errorf("%s: reference %v, managed %v, template %v", roles[i].Name, roles[i].Reference, roles[i].Managed, roles[i].Template)
		}
	}
	cases := roleCases(t)
	for name, want := range map[string]string{
		"json": "1 privilege that", "rows": "1 privilege that", "mockup": "1 of 2 rights left out", "role documenter": "1 row left out", "csv custom": "of 1 table were named by the rule",
	} {
		roles, err := ReadRoles(name, cases[name].data)
		must(t, err)
		if notes := strings.Join(roles[len(roles)-1].Notes, "\n"); !strings.Contains(notes, want) {
			t.Errorf("%s: notes %q", name, notes)
		}
	}
}

// What cannot be read says why, where, and what to give instead.
func TestReadRolesErrors(t *testing.T) {
	header := "Name,Create,Read,Write,Delete,Append,Append To,Assign,Share\n"
	deep := strings.Repeat("<a>", maxXMLDepth+1)
	for _, c := range []struct{ name, data, want, hint string }{
		{"empty", " \n", "the file is empty", ""},
		{"text", "hello", "not a role", "solution zip"},
		{"html", "<!-- x --><html>", "an HTML page", "solution zip"},
		{"other.xml", "<a/>", `the XML of a "a"`, "solution zip"},
		{"no roles", "<ImportExportXml><Roles /></ImportExportXml>", "no role in this file", "Roles/*.xml"},
		{"solution.xml", "<ImportExportXml><SolutionManifest><RootComponents/></SolutionManifest></ImportExportXml>", "manifest holds no role", "customizations.xml"},
		{"level", "<Role>\n <RolePrivileges><RolePrivilege name='prvX' level='None'/>", `level:2:59: level "None" of prvX`, ""},
		{"cut", roleHead + "<RolePrivileges>", "unexpected EOF", ""},
		{"deep", "<Role>" + deep, "256 elements", ""},
		{"entities", `<!DOCTYPE a [<!ENTITY a "x"><!ENTITY b "&a;&a;">]><Role>&b;</Role>`, "entity declaration", ""},
		{"charset", `<?xml version="1.0" encoding="latin-7"?><Role/>`, "save the file as UTF-8", ""},
		{"odd", "\xff\xfea", "damaged UTF-16", "UTF-8"},
		{"json", `{"value":[{"name":"x"}]}`, "neither", "RetrieveRolePrivilegesRole"},
		{"json cut", "{\n\"RolePrivileges\": [", "line 2, column 20", ""},
		{"json depth", `{"RolePrivileges":[{"Depth":"Far"}]}`, "/RolePrivileges/0: depth", ""},
		{"rows mask", `[{"privilegedepthmask":3}]`, "/value/0: privilegedepthmask 3", ""},
		{"csv table", header + "Acount,,User\n", `csv table:2:1: no table "Acount"`, `did you mean "Account"`},
		{"csv level", header + "Account,,Universe\n", `csv level:2:10: level "Universe" of "Account"`, "Organization"},
		{"csv number", header + "Account,,3\n", `level "3"`, "Organization"},
		{"csv action", header + "Entity,,,,,,,User,\n", `"Entity" has no Assign privilege`, ""},
		{"csv misc", header + "Misc\nBulk Delet,User\n", `csv misc:3:1: no miscellaneous privilege "Bulk Delet"`, "Bulk Delete"},
		{"csv twice", header + "Saved View,,User\nSaved View,,User\n", `the row "Saved View" stands twice`, "logical names"},
		{"role.yml", "---\n'@id': x\n", "YAML source format", "zip"},
		{"yaml", "Role:\n  name: x\n", "YAML source format", "zip"},
		{"xls", "\xd0\xcf\x11\xe0", "old Excel", ".xlsx"},
		{"zip", "PK\x03\x04", "zip", ""},
	} {
		_, err := ReadRoles(c.name, []byte(c.data))
		var told *role.Error
		hint := ""
		if errors.As(err, &told) {
			hint = told.Hint
		}
		if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(hint, c.hint) || !strings.HasPrefix(err.Error(), "reading "+c.name) {
			t.Errorf("%s: error %v, hint %q", c.name, err, hint)
		}
	}
}

// claiming sets the size that a zip says its last member unpacks to. It is the one in the central directory that counts.
func claiming(data []byte, size uint32) []byte {
	binary.LittleEndian.PutUint32(data[bytes.LastIndex(data, []byte("PK\x01\x02"))+24:], size)
	return data
}

// Zips that no export makes end in an error, and take no memory to speak of.
func TestHostileArchives(t *testing.T) {
	blanks := strings.Repeat(" ", 1<<20)
	bomb := claiming(zipped(t, "customizations.xml", blanks), maxMember+1)
	lying := claiming(zipped(t, "customizations.xml", blanks), 100)
	attribute := zipped(t, "customizations.xml", `<ImportExportXml><Roles><Role name="`+strings.Repeat("x", maxXMLToken+10)+`"/></Roles></ImportExportXml>`)
	for _, c := range []struct {
		name, want string
		data       []byte
	}{
		{"bomb", "larger than 64 MB", bomb},
		{"lying", "zip: ", lying},
		{"attribute", "8 MB", attribute},
		{"absolute", "not a relative path", zipped(t, "/etc/x", "", "customizations.xml", severalRoles)},
		{"drive", "not a relative path", zipped(t, `C:x`, "")},
		{"up", "leads out", zipped(t, "a/../../x", "")},
		{"twice", "stands twice", zipped(t, "customizations.xml", severalRoles, "Customizations.xml", severalRoles)},
		{"none", "without customizations.xml", zipped(t, "a.txt", "")},
		{"yaml", "YAML", zipped(t, "solutions/Sales/solution.yml", "")},
		{"sheetless", "no sheet", workbook(t, []string{"A"}, map[string][][]any{"A": {{"x"}}})},
		{"far row", "50000 rows", workbook(t, []string{"A"}, map[string][][]any{"A": append(make([][]any, maxRows+5), []any{"x"})})},
		{"far column", "512 columns", workbook(t, []string{"A"}, map[string][][]any{"A": {append(make([]any, 16000), "x")}})},
		{"broken workbook", "reading broken workbook", zipped(t, "xl/workbook.xml", "<workbook>")},
		{"big workbook", "64 MB unpacked", claiming(zipped(t, "xl/workbook.xml", blanks), maxWorkbook+1)},
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := ReadRoles(c.name, c.data)
		runtime.ReadMemStats(&after)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", c.name, err)
		}
		if used := after.TotalAlloc - before.TotalAlloc; used > 100<<20 {
			t.Errorf("%s: %d MB", c.name, used>>20)
		}
	}
}

// A hundred megabytes within one attribute end after eight.
func TestHugeAttribute(t *testing.T) {
	data := append([]byte(`<Role name="`), bytes.Repeat([]byte("x"), 100<<20)...)
	if _, err := ReadRoles("huge", data); err == nil || !strings.Contains(err.Error(), "8 MB") {
		t.Error(err)
	}
}

// countPlainly counts the privileges of each described role without this package's reader.
func countPlainly(t *testing.T, data []byte) map[string]int {
	t.Helper()
	type element struct {
		Name       string `xml:"name,attr"`
		Privileges []struct {
			Name string `xml:"name,attr"`
		} `xml:"RolePrivileges>RolePrivilege"`
	}
	var root struct {
		XMLName xml.Name
		element
		Roles []element `xml:"Roles>Role"`
	}
	must(t, xml.Unmarshal(bytes.TrimPrefix(data, []byte("\xef\xbb\xbf")), &root))
	if root.XMLName.Local == "Role" {
		return map[string]int{root.Name: len(root.Privileges)}
	}
	counts := map[string]int{}
	for _, r := range root.Roles {
		counts[r.Name] = len(r.Privileges)
	}
	return counts
}

// TestRealRoles reads every collected role file and compares the counts with a plain query.
func TestRealRoles(t *testing.T) {
	const folder = "../../../shared/corpus/roles"
	if _, err := os.Stat(folder); err != nil {
		t.Skip("the folder of collected role files is not here:", err)
	}
	files := 0
	must(t, filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
		ext := filepath.Ext(path)
		if err != nil || ext != ".xml" && ext != ".zip" {
			return err
		}
		data, err := os.ReadFile(path)
		must(t, err)
		files++
		name := filepath.Base(path)
		roles, err := ReadRoles(name, data)
		if filepath.Base(filepath.Dir(path)) == "Other" { // the two files of an unpacked solution that hold no role
			var told *role.Error
			if !errors.As(err, &told) || told.Hint == "" {
				t.Errorf("%s: %v", name, err)
			}
			return nil
		}
		if err != nil {
			t.Error(err)
			return nil
		}
		if strings.Contains(path, "xrmmockup") {
			checkMockup(t, data, roles[0])
			return nil
		}
		plain := data
		if ext == ".zip" {
			z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
			must(t, err)
			plain, err = fs.ReadFile(z, "customizations.xml")
			must(t, err)
		}
		want := countPlainly(t, plain)
		for _, r := range roles {
			if r.Len() != want[r.Name] || r.Len() == 0 || r.Managed != strings.Contains(name, "_managed") {
				t.Errorf("%s, %s: %d grants, want %d; managed %v", name, r.Name, r.Len(), want[r.Name], r.Managed)
			}
			t.Logf("%s, %s: %d grants", name, r.Name, r.Len())
		}
		if len(roles) != len(want) {
			t.Errorf("%s: %d roles, want %d", name, len(roles), len(want))
		}
		return nil
	}))
	if files == 0 {
		t.Error("the folder is empty")
	}
}

// checkMockup counts the snapshot's rights with a pattern, joins them by the catalog, and compares.
func checkMockup(t *testing.T, data []byte, r role.Role) {
	t.Helper()
	c := catalog.Default()
	want, lost, table := map[string]bool{}, 0, ""
	right := regexp.MustCompile(`<d2p1:Key>([a-z0-9_]+)</d2p1:Key><d2p1:Value>|<AccessRight>(\w+)Access</AccessRight>`)
	for _, m := range right.FindAllStringSubmatch(string(data), -1) {
		if m[1] != "" {
			table = m[1]
			continue
		}
		a, _ := catalog.ParseAction(m[2])
		if p, ok := c.ByTable(table, a); ok {
			want[p.Name] = true
		} else {
			lost++
		}
	}
	if r.Len() != len(want) || r.Len() < 400 || !strings.Contains(strings.Join(r.Notes, "\n"), fmt.Sprintf("%d of 582 rights", lost)) {
		t.Errorf("%s: %d grants, want %d, %d lost; %q", r.Name, r.Len(), len(want), lost, r.Notes)
	}
}

// FuzzReadRoles holds that no bytes make the readers panic, and that what they give can be used.
func FuzzReadRoles(f *testing.F) {
	for _, c := range roleCases(f) {
		f.Add(c.data)
	}
	f.Add(zipped(f, "solutions/a/solution.yml", ""))
	f.Fuzz(func(t *testing.T, data []byte) {
		roles, err := ReadRoles("fuzz", data)
		if (err == nil) != (len(roles) > 0) {
			t.Fatalf("%d roles and error %v", len(roles), err)
		}
		for _, r := range roles {
			for _, g := range r.Grants() {
				if g.Privilege == "" || g.Depth == catalog.None || g.Depth > catalog.Global {
					t.Fatalf("grant %v", g)
				}
			}
		}
	})
}

// FuzzMatrixCSV holds the same of matrices alone, which the other target rarely gets to.
func FuzzMatrixCSV(f *testing.F) {
	for name, c := range roleCases(f) {
		if strings.HasPrefix(name, "csv") {
			f.Add(string(c.data))
		}
	}
	f.Fuzz(func(t *testing.T, text string) {
		header := "Tab,Name,Table,Create,Read,Write,Delete,Append,Append To,Assign,Share\n"
		for _, s := range []string{text, header + text} {
			roles, ok, err := readMatrixCSV("fuzz", []byte(s))
			if ok && (err == nil) != (len(roles) == 1) || !ok && (err != nil || roles != nil) {
				t.Fatalf("%d roles, %v, %v", len(roles), ok, err)
			}
		}
	})
}

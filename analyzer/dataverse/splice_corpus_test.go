package dataverse

import (
	"archive/zip"
	"bytes"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/prvgap/prvgap/analyzer/role"
	"github.com/prvgap/prvgap/catalog"
)

// realRoleFiles gives every real file that InPlace takes: unpacked roles, solution zips, and the customizations.xml of
// those as files of their own.
func realRoleFiles(t *testing.T) map[string][]byte {
	t.Helper()
	files := map[string][]byte{}
	for _, pattern := range []string{"unpacked/*.xml", "zip/*.zip"} {
		paths, err := filepath.Glob(filepath.Join(roleCorpus(t, "roles"), pattern))
		if err != nil || len(paths) == 0 {
			t.Fatalf("no files %s: %v", pattern, err)
		}
		for _, p := range paths {
			data, err := os.ReadFile(p)
			if err != nil {
				t.Fatal(err)
			}
			files[filepath.Base(p)] = data
			if strings.HasSuffix(p, ".zip") {
				files[filepath.Base(p)+".xml"] = rolesXML(t, data)
			}
		}
	}
	return files
}

// rolesXML gives the XML of a file that holds the roles.
func rolesXML(t *testing.T, file []byte) []byte {
	t.Helper()
	if !bytes.HasPrefix(file, []byte(zipStart)) {
		return file
	}
	_, f, err := openSolution(file)
	if err != nil {
		t.Fatal(err)
	}
	xml, err := readCustomizations(f)
	if err != nil {
		t.Fatal(err)
	}
	return xml
}

// TestInPlaceRealFiles works out the expected bytes with a search of its own for lines, and compares all of them.
func TestInPlaceRealFiles(t *testing.T) {
	for name, file := range realRoleFiles(t) {
		roles, err := ReadRoles(name, file)
		if err != nil {
			t.Fatal(err)
		}
		for _, base := range roles {
			t.Run(name+"#"+base.Name, func(t *testing.T) {
				as, want := expectedPatch(t, string(rolesXML(t, file)), base)
				got, err := InPlace(file, base, as)
				if err != nil {
					t.Fatal(err)
				}
				if string(rolesXML(t, got)) != want {
					t.Errorf("other bytes than expected:\n%s", UnifiedDiff(name, []byte(want), rolesXML(t, got)))
				}
				checkMembers(t, file, got)
				checkReadsBack(t, name, got, roles, granted(base, as), base.Name)
				again, err := InPlace(got, base, as)
				if err != nil || !bytes.Equal(again, got) {
					t.Errorf("the second time changed something: %v", err)
				}
				element := []byte(want)
				if i := bytes.Index(element, []byte("<Roles>")); i >= 0 {
					element = element[i : bytes.Index(element, []byte("</Roles>"))+len("</Roles>")]
				}
				validate(t, element)
			})
		}
	}
}

// expectedPatch chooses a grant that sorts first, one for the middle, one that sorts last, and a held one to raise, and
// writes the file that should come of it.
func expectedPatch(t *testing.T, xml string, base role.Role) ([]role.Addition, string) {
	t.Helper()
	start := strings.Index(xml, `<Role id="{`+base.ID+`}"`)
	if start < 0 {
		t.Fatal("the role's start is not where expected")
	}
	end := start + strings.Index(xml[start:], "</Role>")
	block := xml[start:end]
	lines := regexp.MustCompile(`(?m)^([ \t]+)<RolePrivilege name="(\w+)" level="(\w+)" />(\r?\n)`).FindAllStringSubmatch(block, -1)
	if len(lines) != base.Len() || len(lines) < 3 {
		t.Fatalf("%d lines for %d grants", len(lines), base.Len())
	}
	first, mid, last := lines[0], lines[len(lines)/2], lines[len(lines)-1]
	row := func(name, level string) string {
		return first[1] + `<RolePrivilege name="` + name + `" level="` + level + `" />` + first[4]
	}
	middle := mid[2] + "0" // sorts behind the name that it is made of, and before any longer one
	as := []role.Addition{
		add("prvZzzzLast", catalog.Local), add("prvAAAAFirst", catalog.Basic), add(middle, catalog.Deep),
	}
	block = strings.Replace(block, first[0], row("prvAAAAFirst", "Basic")+first[0], 1)
	block = strings.Replace(block, mid[0], mid[0]+row(middle, "Deep"), 1)
	block = strings.Replace(block, last[0], last[0]+row("prvZzzzLast", "Local"), 1)
	for _, l := range lines {
		if l[3] != "Global" {
			as = append(as, add("prv"+strings.ToUpper(l[2][3:]), catalog.Global))
			block = strings.Replace(block, l[0], row(l[2], "Global"), 1)
			break
		}
	}
	return as, xml[:start] + block + xml[end:]
}

// checkMembers compares all members but one byte by byte, as they are compressed, and what the directory says of all.
func checkMembers(t *testing.T, before, after []byte) {
	t.Helper()
	if !bytes.HasPrefix(before, []byte(zipStart)) {
		return
	}
	a, b := openZip(t, before), openZip(t, after)
	if len(a.File) != len(b.File) || a.Comment != b.Comment {
		t.Fatalf("%d members became %d, comment %q became %q", len(a.File), len(b.File), a.Comment, b.Comment)
	}
	for i, f := range a.File {
		x, y := f.FileHeader, b.File[i].FileHeader
		if x.Name == customizationsFile {
			x.CRC32, x.CompressedSize64, x.UncompressedSize64 = y.CRC32, y.CompressedSize64, y.UncompressedSize64
		} else if !bytes.Equal(raw(t, f), raw(t, b.File[i])) {
			t.Errorf("the compressed bytes of %s changed", x.Name)
		}
		if x.Name != y.Name || x.Comment != y.Comment || x.Method != y.Method || x.Flags != y.Flags || x.CRC32 != y.CRC32 ||
			x.UncompressedSize64 != y.UncompressedSize64 || !x.Modified.Equal(y.Modified) || !bytes.Equal(x.Extra, y.Extra) ||
			x.ExternalAttrs != y.ExternalAttrs || x.CreatorVersion != y.CreatorVersion || x.ReaderVersion != y.ReaderVersion {
			t.Errorf("the directory of %s changed:\n%+v\n%+v", x.Name, x, y)
		}
	}
}

func openZip(t *testing.T, file []byte) *zip.Reader {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		t.Fatal(err)
	}
	return z
}

func raw(t *testing.T, f *zip.File) []byte {
	t.Helper()
	r, err := f.OpenRaw()
	if err != nil {
		t.Fatal(err)
	}
	data, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// checkReadsBack wants the patched role with the grants given, and all others as they were.
func checkReadsBack(t *testing.T, name string, file []byte, before []role.Role, want []role.Grant, patched string) {
	t.Helper()
	after, err := ReadRoles(name, file)
	if err != nil {
		t.Fatal(err)
	}
	if len(after) != len(before) {
		t.Fatalf("%d roles became %d", len(before), len(after))
	}
	for i, r := range after {
		expect := before[i].Grants()
		if r.Name == patched {
			expect = want
		}
		if !sameGrants(r.Grants(), expect) {
			t.Errorf("role %s reads back with %d grants, want %d", r.Name, r.Len(), len(expect))
		}
	}
}

// TestRealRolesWritten writes every real role anew, as a file and as a companion of itself.
func TestRealRolesWritten(t *testing.T) {
	for name, file := range realRoleFiles(t) {
		roles, err := ReadRoles(name, file)
		if err != nil {
			t.Fatal(err)
		}
		for _, base := range roles {
			t.Run(name+"#"+base.Name, func(t *testing.T) {
				xml, err := RoleXML(base)
				if err != nil {
					t.Fatal(err)
				}
				if strings.HasPrefix(base.Source, "Automation") && !bytes.Equal(xml, file) {
					t.Errorf("not as it was unpacked:\n%s", UnifiedDiff(name, file, xml))
				}
				validate(t, xml)
				as, _ := expectedPatch(t, string(rolesXML(t, file)), base)
				companion := NewCompanion(role.Patch{Base: base, Additions: as}, "")
				if companion.ID == base.ID || companion.Name == base.Name || companion.Inherited != base.Inherited {
					t.Errorf("companion %+v of %+v", companion, base)
				}
				xml, err = RoleXML(companion, role.Provenance{Version: "v1", Captures: []role.Digest{{Name: "a.har", SHA256: "ab"}}}.Lines()...)
				if err != nil {
					t.Fatal(err)
				}
				validate(t, xml)
				zipped, err := SolutionZip(companion, Solution{}, "a companion")
				if err != nil {
					t.Fatal(err)
				}
				back := readOne(t, "c.zip", zipped)
				if !sameGrants(back.Grants(), granted(role.New("", "", ""), as)) || back.ID != companion.ID {
					t.Errorf("the companion reads back as %+v", back)
				}
				element := rolesXML(t, zipped)
				validate(t, element[bytes.Index(element, []byte("<Roles>")):bytes.Index(element, []byte("</Roles>"))+len("</Roles>")])
			})
		}
	}
}

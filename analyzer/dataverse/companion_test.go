package dataverse

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/prvgap/prvgap/analyzer/role"
	"github.com/prvgap/prvgap/catalog"
)

func salesPatch() role.Patch {
	base := role.New("Sales Base", patchedID, "Sales Base.xml")
	base.Inherited = "0"
	base.Grant("prvReadAccount", catalog.Basic)
	return role.Patch{Base: base, Additions: []role.Addition{add("prvReadAccount", catalog.Local), add("prvCreateQuote", catalog.Basic)}}
}

func TestNewCompanion(t *testing.T) {
	p := salesPatch()
	c := NewCompanion(p, "")
	if c.Name != "Sales Base - additions "+c.ID[:8] || c.Inherited != "0" || c.ID == patchedID || plainID(c.ID) != c.ID {
		t.Errorf("companion %+v", c)
	}
	if want := []role.Grant{{Privilege: "prvCreateQuote", Depth: catalog.Basic}, {Privilege: "prvReadAccount", Depth: catalog.Local}}; !slices.Equal(c.Grants(), want) {
		t.Errorf("grants %v", c.Grants())
	}
	slices.Reverse(p.Additions)
	if again := NewCompanion(p, ""); again.ID != c.ID || again.Name != c.Name {
		t.Errorf("another order made another role: %+v", again)
	}
	if named := NewCompanion(p, "Ours"); named.ID != c.ID || named.Name != "Ours" {
		t.Errorf("a given name: %+v", named)
	}
	seen := map[string]bool{c.ID: true}
	p.Additions[0].To = catalog.Global
	seen[NewCompanion(p, "").ID] = true
	p.Base.ID = ""
	seen[NewCompanion(p, "").ID] = true
	p.Base.Name = "Sales Other"
	seen[NewCompanion(p, "").ID] = true
	if len(seen) != 4 {
		t.Errorf("4 different patches have %d ids", len(seen))
	}
	p.Base.Name = strings.Repeat("𝄞", 300)
	if c := NewCompanion(p, ""); len(utf16.Encode([]rune(c.Name))) > maxRoleName || !strings.HasSuffix(c.Name, " - additions "+c.ID[:8]) {
		t.Errorf("a long name: %q", c.Name)
	}
}

func TestRoleXML(t *testing.T) {
	got, err := RoleXML(NewCompanion(salesPatch(), "A & B"), "prvgap v1", "from capture <x>.har")
	if err != nil {
		t.Fatal(err)
	}
	want := "\ufeff" + `<?xml version="1.0" encoding="utf-8"?>
<Role id="{` + NewCompanion(salesPatch(), "").ID + `}" name="A &amp; B" isinherited="0" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
  <IsCustomizable>1</IsCustomizable>
  <Description>prvgap v1
from capture &lt;x&gt;.har</Description>
  <RolePrivileges>
    <RolePrivilege name="prvCreateQuote" level="Basic" />
    <RolePrivilege name="prvReadAccount" level="Local" />
  </RolePrivileges>
</Role>`
	if string(got) != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	empty, err := RoleXML(role.New("", "", ""))
	if err != nil {
		t.Fatal(err)
	}
	if back := readOne(t, "e.xml", empty); back.ID == "" || back.Name != "Role "+back.ID[:8] || back.Reference || back.Len() != 0 {
		t.Errorf("a role without anything reads back as %+v", back)
	}
	validate(t, empty)
	bad := role.New("R", "", "")
	bad.Grant("prv<x>", catalog.Basic)
	if _, err := RoleXML(bad); err == nil || !strings.Contains(err.Error(), "not a grant") {
		t.Errorf("a hostile privilege: %v", err)
	}
	long, err := RoleXML(role.New("R", "", ""), strings.Repeat("𝄞<", 3000))
	if err != nil {
		t.Fatal(err)
	}
	validate(t, long)
}

func TestSolutionZip(t *testing.T) {
	r := NewCompanion(salesPatch(), "")
	got, err := SolutionZip(r, Solution{}, "made by a test")
	if err != nil {
		t.Fatal(err)
	}
	again, err := SolutionZip(r, Solution{}, "made by a test")
	if err != nil || !bytes.Equal(got, again) {
		t.Errorf("not the same twice: %v", err)
	}
	back := readOne(t, "s.zip", got)
	if back.ID != r.ID || back.Name != r.Name || back.Inherited != "0" || !sameGrants(back.Grants(), r.Grants()) {
		t.Errorf("reads back as %+v", back)
	}
	z := openZip(t, got)
	var names []string
	for _, f := range z.File {
		names = append(names, f.Name)
		if f.Modified.Year() != 1980 || f.Flags != 0 {
			t.Errorf("%s: %+v", f.Name, f.FileHeader)
		}
		content := unpacked(t, got, f.Name)
		wellFormed(t, f.Name, content)
		if f.Name == "solution.xml" {
			for _, want := range []string{
				"<UniqueName>RoleSalesBaseAdditions_" + r.ID[:8] + "</UniqueName>\r\n", "<Managed>0</Managed>", "<Version>1.0.0.0</Version>",
				`<RootComponent type="20" id="{` + r.ID + `}" behavior="0" />`,
			} {
				if !strings.Contains(content, want) {
					t.Errorf("solution.xml lacks %s:\n%s", want, content)
				}
			}
		}
	}
	if want := []string{"customizations.xml", "[Content_Types].xml", "solution.xml"}; !slices.Equal(names, want) {
		t.Errorf("members %q", names)
	}
}

func TestSolutionNames(t *testing.T) {
	r := NewCompanion(salesPatch(), "")
	s := Solution{UniqueName: "Own_1", DisplayName: `"Own" & <more>`, Publisher: "Contoso Größe 1", Prefix: "cnt", Version: "2.1"}
	files, err := SolutionFiles(r, s, "x")
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"Other/Customizations.xml", "Other/Solution.xml", "Roles/" + r.Name + ".xml"}; !slices.Equal(slices.Sorted(maps.Keys(files)), want) {
		t.Errorf("files %q", slices.Sorted(maps.Keys(files)))
	}
	solution := string(files["Other/Solution.xml"])
	for _, want := range []string{"\ufeff<?xml", "<UniqueName>Own_1<", "<UniqueName>contosogre1<", `"&quot;Own&quot; &amp; &lt;more&gt;"`, ">cnt<", ">2.1<", r.ID} {
		if !strings.Contains(solution, want) {
			t.Errorf("Solution.xml lacks %s:\n%s", want, solution)
		}
	}
	if !strings.Contains(string(files["Other/Customizations.xml"]), "\n  <Roles />\n") {
		t.Error("Customizations.xml has children in Roles")
	}
	for name, f := range files {
		wellFormed(t, name, string(f))
	}
	for _, bad := range []Solution{
		{UniqueName: "a-b"},
		{UniqueName: "1a"},
		{UniqueName: strings.Repeat("a", 66)},
		{Prefix: "a"},
		{Prefix: "mscrmx"},
		{Prefix: "Ab"},
		{Prefix: "abcdefghi"},
		{Version: "1"},
		{Version: "1.0.0.0.0"},
		{Version: "1.x"},
	} {
		if _, err := SolutionZip(r, bad); err == nil {
			t.Errorf("took %+v", bad)
		}
		if _, err := SolutionFiles(r, bad); err == nil {
			t.Errorf("took %+v", bad)
		}
	}
}

// hostileNames are what a role can be called by someone who means harm, or by accident.
var hostileNames = []string{
	"", " ", ".", "..", "../../etc/passwd", `..\..\x`, "/abs", `C:\x`, "a/b", "a\x00b", "a\x1b[31mb", "\u202egpj.exe", "a\u200fb", "CON", "nul.xml", "com1 .x",
	"COM¹", "aux. ", "x. . .", `"quoted" 'too'`, "$(rm -rf ~)`id`", "]]>", "<!-- x -->", "&amp;&#0;", "a\r\n\tb", "\xff\xfe", "\ufffe\uffff", "🙂🙂",
	strings.Repeat("x", 300), strings.Repeat("𝄞", 300), strings.Repeat("ü", 99) + " b", "%PATH%", "a?b*c|d:e", "-rf", "Ünïcödé", strings.Repeat(".", 200), "[Content_Types]",
}

func TestHostileNames(t *testing.T) {
	dir := t.TempDir()
	for _, name := range hostileNames {
		base := role.New(name, name, name)
		base.Inherited = `1" x="`
		r := NewCompanion(role.Patch{Base: base, Additions: []role.Addition{add("prvReadA", catalog.Basic)}}, "")
		for _, r := range []role.Role{base, r, NewCompanion(role.Patch{Base: base}, name)} {
			xml, err := RoleXML(r, name, name)
			if err != nil {
				t.Fatalf("%q: %v", name, err)
			}
			wellFormed(t, name, string(xml))
			back := readOne(t, "h.xml", xml)
			if back.Name != roleName(back.Name) || back.Name == "" || utf8.RuneCountInString(back.Name) > maxRoleName || plainID(back.ID) == "" {
				t.Errorf("%q reads back as %q %q", name, back.Name, back.ID)
			}
			zipped, err := SolutionZip(r, Solution{DisplayName: name, Publisher: name}, name)
			if err != nil {
				t.Fatalf("%q: %v", name, err)
			}
			if len(openZip(t, zipped).File) != 3 || readOne(t, "h.zip", zipped).Name != back.Name {
				t.Errorf("%q: another role in the zip", name)
			}
			wellFormed(t, name, unpacked(t, zipped, "solution.xml"))
			files, err := SolutionFiles(r, Solution{}, name)
			if err != nil {
				t.Fatalf("%q: %v", name, err)
			}
			for path, content := range files {
				checkFileName(t, dir, path, content)
			}
		}
	}
}

// checkFileName wants a path that stays where it belongs, and a file system that takes it.
func checkFileName(t *testing.T, dir, path string, content []byte) {
	t.Helper()
	file := filepath.Base(path)
	stem := strings.TrimSuffix(file, ".xml")
	if !filepath.IsLocal(path) || strings.Count(path, "/") != 1 || len(file) > 255 || utf8.RuneCountInString(file) > 100 {
		t.Errorf("path %q", path)
	}
	if stem == "" || strings.Trim(stem, ". ") != stem || strings.ContainsAny(stem, "/\\:*?\"<>|\x00\x1b\r\n\u202e") || reserved().MatchString(stem) {
		t.Errorf("file name %q", file)
	}
	if err := os.WriteFile(filepath.Join(dir, file), content, 0o600); err != nil {
		t.Error(err)
	}
}

func unpacked(t *testing.T, zipped []byte, name string) string {
	t.Helper()
	f, err := openZip(t, zipped).Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	data, err := io.ReadAll(f)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func wellFormed(t *testing.T, name, doc string) {
	t.Helper()
	x := xml.NewDecoder(strings.NewReader(doc))
	for {
		if _, err := x.Token(); errors.Is(err, io.EOF) {
			return
		} else if err != nil {
			t.Fatalf("%q: %v\n%s", name, err, doc)
		}
	}
}

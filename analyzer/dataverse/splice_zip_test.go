package dataverse

import (
	"archive/zip"
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/prvgap/prvgap/analyzer/role"
	"github.com/prvgap/prvgap/catalog"
)

const zippedRoles = "<ImportExportXml>\r\n  <Roles>\r\n    <Role id=\"{" + patchedID + "}\" name=\"R\">\r\n      <RolePrivileges />\r\n    </Role>\r\n  </Roles>\r\n</ImportExportXml>"

// TestInPlaceZip patches a zip of the kinds that real ones are not: streamed with sizes behind the data, stored, with
// comments, extra fields and folders.
func TestInPlaceZip(t *testing.T) {
	for _, method := range []uint16{zip.Store, zip.Deflate} {
		var b bytes.Buffer
		w := zip.NewWriter(&b)
		for _, m := range []struct{ name, content string }{
			{"Workflows/", ""}, {"Workflows/a b ü.json", "{}"}, {customizationsFile, zippedRoles}, {"[Content_Types].xml", contentTypes},
		} {
			h := zip.FileHeader{Name: m.name, Method: method, Comment: "of " + m.name, Extra: []byte{0xfe, 0xca, 2, 0, 1, 2}, ExternalAttrs: 32}
			f, err := w.CreateHeader(&h)
			if err == nil {
				_, err = f.Write([]byte(m.content))
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		if err := w.SetComment("a solution"); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		base := readOne(t, "s.zip", b.Bytes())
		as := []role.Addition{add("prvReadAccount", catalog.Deep)}
		got, err := InPlace(b.Bytes(), base, as)
		if err != nil {
			t.Fatal(err)
		}
		want := strings.Replace(zippedRoles, "<RolePrivileges />", "<RolePrivileges>\r\n        <RolePrivilege name=\"prvReadAccount\" level=\"Deep\" />\r\n      </RolePrivileges>", 1)
		if xml := rolesXML(t, got); string(xml) != want {
			t.Errorf("got %q", xml)
		}
		checkMembers(t, b.Bytes(), got)
		again, err := InPlace(got, base, as)
		if err != nil || !bytes.Equal(again, got) {
			t.Errorf("the second time: %v", err)
		}
		if same, err := InPlace(b.Bytes(), base, as); err != nil || !bytes.Equal(same, got) {
			t.Errorf("the same input gave other bytes: %v", err)
		}
	}
}

func TestInPlaceRefusesZip(t *testing.T) {
	for _, c := range []struct {
		members []string
		want    string
	}{
		{[]string{"solution.xml"}, "no customizations.xml"},
		{[]string{customizationsFile, customizationsFile}, "two customizations.xml"},
		{[]string{customizationsFile, "../x"}, `member "../x": a path that leads out`},
		{[]string{customizationsFile, "a/..\\..\\x"}, "not a relative path"},
		{[]string{customizationsFile, "/etc/x"}, "not a relative path"},
	} {
		file := zipOf(t, c.members, zippedRoles)
		if _, err := InPlace(file, role.New("R", patchedID, "s.zip"), nil); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q: %v, want %q", c.members, err, c.want)
		}
	}
	var bomb bytes.Buffer
	w := zip.NewWriter(&bomb)
	if _, err := w.CreateRaw(&zip.FileHeader{Name: customizationsFile, Method: zip.Deflate, UncompressedSize64: maxMember + 1}); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := InPlace(bomb.Bytes(), role.New("R", patchedID, "s.zip"), nil); err == nil || !strings.Contains(err.Error(), "more than 64 MB") {
		t.Errorf("a bomb: %v", err)
	}
	broken := zipOf(t, []string{customizationsFile}, "<ImportExportXml>")
	if _, err := InPlace(broken, role.New("R", patchedID, "s.zip"), nil); err == nil || !strings.HasPrefix(err.Error(), "patching s.zip/customizations.xml:1:18: ") {
		t.Errorf("broken XML in a zip: %v", err)
	}
}

func zipOf(t *testing.T, names []string, content string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, n := range names {
		f, err := w.Create(n)
		if err == nil {
			_, err = fmt.Fprint(f, content)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

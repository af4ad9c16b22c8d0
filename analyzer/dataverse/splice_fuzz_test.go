package dataverse

import (
	"bytes"
	"testing"

	"github.com/prvgap/prvgap/analyzer/role"
	"github.com/prvgap/prvgap/catalog"
)

// FuzzInPlace patches every role of whatever ReadRoles reads. What comes of it must read back as the role and the
// additions, with the other roles as they were, and patching it again must change nothing.
func FuzzInPlace(f *testing.F) {
	for _, list := range []string{
		"<RolePrivileges />", "<RolePrivileges>\r\n</RolePrivileges>", "\n <RolePrivileges><!-- x --></RolePrivileges>",
		"<RolePrivileges><RolePrivilege level='User' name='prvA' /><RolePrivilege name=\"prvA\" level=\"Deep\"></RolePrivilege></RolePrivileges>",
	} {
		f.Add([]byte(xmlRole(list)), "prvB", byte(1))
		f.Add([]byte("<ImportExportXml><Roles>"+xmlRole(list)+"<Role id='x' name='S' unmodified='1'/></Roles></ImportExportXml>"), "prva", byte(3))
	}
	f.Add([]byte("\xff\xfe<\x00R\x00o\x00l\x00e\x00/\x00>\x00"), "prvA", byte(2))
	f.Fuzz(func(t *testing.T, file []byte, privilege string, depth byte) {
		as := []role.Addition{add(privilege, catalog.Depth(depth)), add("prvReadQuote", catalog.Local)}
		if _, err := InPlace(file, role.New("R", "", ""), as); err != nil && err.Error() == "" {
			t.Error("an error without words")
		}
		roles, err := ReadRoles("f.xml", file)
		if err != nil {
			return
		}
		for i, base := range roles {
			got, err := InPlace(file, base, as)
			if err != nil {
				continue
			}
			after, err := ReadRoles("f.xml", got)
			if err != nil {
				t.Fatalf("not to be read any more: %v\n%q\n%q", err, file, got)
			}
			for j, r := range after {
				want := roles[j].Grants()
				if i == j {
					want = granted(base, as)
				}
				if !sameGrants(r.Grants(), want) {
					t.Fatalf("role %d reads back as %v, want %v\n%q\n%q", j, r.Grants(), want, file, got)
				}
			}
			again, err := InPlace(got, base, as)
			if err != nil || !bytes.Equal(again, got) {
				t.Fatalf("not the same twice: %v\n%q\n%q", err, got, again)
			}
		}
	})
}

package dataverse

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/prvgap/prvgap/analyzer/role"
	"github.com/prvgap/prvgap/catalog"
)

const patchedID = "f55e0427-43d6-4c41-a516-bea79646c666"

// xmlRole writes a role file around rows, for tables.
func xmlRole(list string) string {
	return `<Role id="{` + patchedID + `}" name="R">` + "\n  <IsCustomizable>1</IsCustomizable>\n" + list + "\n</Role>"
}

// inPlaceCases are files before and after the three grants of TestInPlace.
var inPlaceCases = map[string]struct{ before, after string }{
	"rows": {
		xmlRole("  <RolePrivileges>\n    <RolePrivilege name=\"prvReadAlpha\" level=\"Basic\" />\n    <RolePrivilege name=\"prvWriteAccount\" level=\"Local\" />\n  </RolePrivileges>"),
		xmlRole("  <RolePrivileges>\n    <RolePrivilege name=\"prvAppendAlpha\" level=\"Local\" />\n    <RolePrivilege name=\"prvReadAlpha\" level=\"Basic\" />\n    <RolePrivilege name=\"prvReadBeta\" level=\"Basic\" />\n    <RolePrivilege name=\"prvWriteAccount\" level=\"Deep\" />\n  </RolePrivileges>"),
	},
	"CRLF, single quotes, order, long tags": {
		xmlRole("\t<RolePrivileges>\r\n\t\t<RolePrivilege level='Global'\r\n\t\t\tname = 'prvReadAlpha'></RolePrivilege>\r\n\t</RolePrivileges>"),
		xmlRole("\t<RolePrivileges>\r\n\t\t<RolePrivilege level='Local'\r\n\t\t\tname = 'prvAppendAlpha'></RolePrivilege>\r\n\t\t<RolePrivilege level='Global'\r\n\t\t\tname = 'prvReadAlpha'></RolePrivilege>" +
			"\r\n\t\t<RolePrivilege level='Basic'\r\n\t\t\tname = 'prvReadBeta'></RolePrivilege>\r\n\t\t<RolePrivilege level='Deep'\r\n\t\t\tname = 'prvWriteAccount'></RolePrivilege>\r\n\t</RolePrivileges>"),
	},
	"another case, deeper, shallower": {
		xmlRole("<RolePrivileges><RolePrivilege name=\"PRVAPPENDALPHA\" level=\"Basic\"/><RolePrivilege name=\"prvreadbeta\" level=\"Global\"/><RolePrivilege name=\"prvWriteAccount\" level=\"Deep\"/></RolePrivileges>"),
		xmlRole("<RolePrivileges><RolePrivilege name=\"PRVAPPENDALPHA\" level=\"Local\"/><RolePrivilege name=\"prvreadbeta\" level=\"Global\"/><RolePrivilege name=\"prvWriteAccount\" level=\"Deep\"/></RolePrivileges>"),
	},
	"comments and blank lines": {
		xmlRole("  <RolePrivileges>\n    <!-- ours -->\n\n    <RolePrivilege name=\"prvReadAlpha\" level=\"Basic\" /> <!-- alpha -->\n\n    <!-- account -->\n    <RolePrivilege name=\"prvWriteAccount\" level=\"Global\" /> <!-- all -->\n  </RolePrivileges>"),
		xmlRole("  <RolePrivileges>\n    <RolePrivilege name=\"prvAppendAlpha\" level=\"Local\" />\n    <!-- ours -->\n\n    <RolePrivilege name=\"prvReadAlpha\" level=\"Basic\" /> <!-- alpha -->\n    <RolePrivilege name=\"prvReadBeta\" level=\"Basic\" />\n\n    <!-- account -->\n    <RolePrivilege name=\"prvWriteAccount\" level=\"Global\" /> <!-- all -->\n  </RolePrivileges>"),
	},
	"a row with more in it is no pattern": {
		xmlRole("  <RolePrivileges>\n    <RolePrivilege name=\"prvReadAlpha\" level=\"Basic\" filter=\"x\" />\n    <RolePrivilege name=\"prvReadGamma\" level=\"Basic\"/>\n    <RolePrivilege name=\"prvWriteAccount\" level=\"Deep\"><!-- x --></RolePrivilege>\n  </RolePrivileges>"),
		xmlRole("  <RolePrivileges>\n    <RolePrivilege name=\"prvAppendAlpha\" level=\"Local\"/>\n    <RolePrivilege name=\"prvReadAlpha\" level=\"Basic\" filter=\"x\" />\n    <RolePrivilege name=\"prvReadBeta\" level=\"Basic\"/>\n    <RolePrivilege name=\"prvReadGamma\" level=\"Basic\"/>\n    <RolePrivilege name=\"prvWriteAccount\" level=\"Deep\"><!-- x --></RolePrivilege>\n  </RolePrivileges>"),
	},
	"closed at once": {
		xmlRole("  <RolePrivileges />"),
		xmlRole("  <RolePrivileges>\n    <RolePrivilege name=\"prvAppendAlpha\" level=\"Local\" />\n    <RolePrivilege name=\"prvReadBeta\" level=\"Basic\" />\n    <RolePrivilege name=\"prvWriteAccount\" level=\"Deep\" />\n  </RolePrivileges>"),
	},
	"empty": {
		xmlRole("    <RolePrivileges x='1'></RolePrivileges>"),
		xmlRole("    <RolePrivileges x='1'>\n        <RolePrivilege name=\"prvAppendAlpha\" level=\"Local\" />\n        <RolePrivilege name=\"prvReadBeta\" level=\"Basic\" />\n        <RolePrivilege name=\"prvWriteAccount\" level=\"Deep\" />\n    </RolePrivileges>"),
	},
	"empty on two lines": {
		xmlRole("\r\n\t<RolePrivileges>\r\n\t</RolePrivileges>"),
		xmlRole("\r\n\t<RolePrivileges>\r\n\t\t<RolePrivilege name=\"prvAppendAlpha\" level=\"Local\" />\r\n\t\t<RolePrivilege name=\"prvReadBeta\" level=\"Basic\" />\r\n\t\t<RolePrivilege name=\"prvWriteAccount\" level=\"Deep\" />\r\n\t</RolePrivileges>"),
	},
	"one line": {
		`<Role id='{` + patchedID + `}' name='R'><RolePrivileges/></Role>`,
		`<Role id='{` + patchedID + `}' name='R'><RolePrivileges><RolePrivilege name='prvAppendAlpha' level='Local'/><RolePrivilege name='prvReadBeta' level='Basic'/><RolePrivilege name='prvWriteAccount' level='Deep'/></RolePrivileges></Role>`,
	},
	"a prefix": {
		`<c:Role xmlns:c="urn:c" id="{` + patchedID + `}" name="R"><c:RolePrivileges></c:RolePrivileges></c:Role>`,
		`<c:Role xmlns:c="urn:c" id="{` + patchedID + `}" name="R"><c:RolePrivileges><c:RolePrivilege name="prvAppendAlpha" level="Local" /><c:RolePrivilege name="prvReadBeta" level="Basic" /><c:RolePrivilege name="prvWriteAccount" level="Deep" /></c:RolePrivileges></c:Role>`,
	},
}

func TestInPlace(t *testing.T) {
	as := []role.Addition{add("prvReadBeta", catalog.Basic), add("prvAppendAlpha", catalog.Local), add("prvWriteAccount", catalog.Deep)}
	for name, c := range inPlaceCases {
		t.Run(name, func(t *testing.T) {
			for _, mark := range []string{"", "\ufeff", "\ufeff<?xml version='1.0' encoding='utf-8'?>\r\n"} {
				before, after := mark+c.before, mark+c.after
				base := readOne(t, "r.xml", []byte(before))
				got, err := InPlace([]byte(before), base, as)
				if err != nil {
					t.Fatal(err)
				}
				if string(got) != after {
					t.Errorf("got\n%q\nwant\n%q", got, after)
				}
				if back := readOne(t, "r.xml", got); !sameGrants(back.Grants(), granted(base, as)) {
					t.Errorf("reads back as %v", back.Grants())
				}
				again, err := InPlace(got, base, as)
				if err != nil || !bytes.Equal(again, got) {
					t.Errorf("the second time: %v\n%q", err, again)
				}
			}
		})
	}
}

func TestInPlacePicksItsRole(t *testing.T) {
	block := func(attrs, level string) string {
		return "<Role " + attrs + "><RolePrivileges><RolePrivilege name='prvReadA' level='" + level + "'/></RolePrivileges></Role>"
	}
	const other = "00000000-0000-4000-8000-00000000000"
	file := "<ImportExportXml><AppModules><Role id='{" + patchedID + "}'/></AppModules><Roles>" +
		block("id='{"+other+"1}' name='One'", "Basic") + block("id='{"+strings.ToUpper(patchedID)+"}' name='Two'", "Basic") +
		block("name='Three'", "Basic") + block("id='{"+other+"4}' name='Four' unmodified='1'", "Basic") +
		"<Role id='{" + other + "5}' name='Five'/>" + block("id='{"+other+"6}' name='Six'", "Basic") + block("id='{"+other+"6}' name='Six'", "Basic") +
		"</Roles></ImportExportXml>"
	for _, c := range []struct{ name, id, reason string }{
		{"One", other + "1", ""},
		{"renamed since", patchedID, ""},
		{"Two", "", ""},
		{"Three", "", ""},
		{"Three", other + "3", ""}, // the file has no id to compare
		{"One", other + "9", "is not in it"},
		{"Nine", "", "is not in it"},
		{"Four", other + "4", "only refers to"},
		{"Five", other + "5", "only refers to"},
		{"Six", other + "6", "2 times"},
	} {
		got, err := InPlace([]byte(file), role.New(c.name, c.id, "c.xml"), []role.Addition{add("prvReadA", catalog.Global)})
		if c.reason != "" {
			if err == nil || !strings.Contains(err.Error(), c.reason) || !strings.HasPrefix(err.Error(), "patching c.xml: ") {
				t.Errorf("%s: %v, want %q", c.name, err, c.reason)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
		} else if n := bytes.Count(got, []byte("Global")); n != 1 || len(got) != len(file)+1 {
			t.Errorf("%s: %d rows changed: %s", c.name, n, got)
		}
	}
}

func TestInPlaceRefuses(t *testing.T) {
	good := xmlRole("<RolePrivileges/>")
	legal := catalog.MakeDepths(catalog.Global)
	for _, c := range []struct {
		name, file string
		a          role.Addition
		want       string
	}{
		{"malformed", "<Role id='{" + patchedID + "}'>\n  <RolePrivileges>\n</Role>", add("prvReadA", 1), "patching r.xml:3:8: </Role> closes"},
		{"cut off", strings.TrimSuffix(good, "</Role>"), add("prvReadA", 1), "patching r.xml:4:1: the file ends inside <Role>"},
		{"no quotes", "<Role name=x/>", add("prvReadA", 1), "patching r.xml:1:13: unquoted"},
		{"an entity", "<!DOCTYPE Role [<!ENTITY a 'b'>]><Role/>", add("prvReadA", 1), "r.xml:1:34: "},
		{"an end", "</Role>", add("prvReadA", 1), "r.xml:1:8: </Role> closes"},
		{"a level", xmlRole("<RolePrivileges><RolePrivilege name='prvA' level='4'/></RolePrivileges>"), add("prvReadA", 1), `:3:55: level "4" of prvA`},
		{"a row without", xmlRole("<RolePrivileges><RolePrivilege/></RolePrivileges>"), add("prvReadA", 1), "without a name"},
		{"two lists", xmlRole("<RolePrivileges/><RolePrivileges/>"), add("prvReadA", 1), "twice"},
		{"Latin-1", "<?xml version='1.0' encoding='latin1'?>" + xmlRole("<!-- \xe9 --><RolePrivileges/>"), add("prvReadA", 1), "save the file as UTF-8"},
		{"damaged UTF-16", "\xff\xfe<\x00\x00\xd8>\x00", add("prvReadA", 1), "damaged UTF-16"},
		{"odd UTF-16", "\xfe\xff\x00<\x00", add("prvReadA", 1), "damaged UTF-16"},
		{"JSON", `{"RolePrivileges":[]}`, add("prvReadA", 1), "only role XML"},
		{"nothing", "", add("prvReadA", 1), "only role XML"},
		{"other XML", "<a/>", add("prvReadA", 1), "no role in this XML"},
		{"illegal", good, role.Addition{Privilege: "prvReadA", To: catalog.Basic, Legal: legal}, "not legal"},
		{"hostile", good, add(`prvA" level="Global`, 1), "not the name"},
		{"a torn zip", zipStart + "xx", add("prvReadA", 1), "patching r.xml: zip"},
	} {
		got, err := InPlace([]byte(c.file), role.New("R", patchedID, "r.xml"), []role.Addition{c.a})
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v %q, want %q", c.name, err, got, c.want)
		}
	}
	if _, err := InPlace([]byte(good), role.New("Support User", patchedID, "r.xml"), nil); err == nil {
		t.Error("patched the Support User")
	}
}

func TestInPlaceUTF16(t *testing.T) {
	text := "\ufeff<?xml version=\"1.0\" encoding=\"utf-16\"?>\r\n" + strings.Replace(xmlRole("<RolePrivileges>\r\n<RolePrivilege name=\"prvReadA\" level=\"Basic\" /></RolePrivileges>"), `"R"`, `"Größe 𝄞"`, 1)
	want := strings.Replace(text, "</RolePriv", "\r\n<RolePrivilege name=\"prvReadB\" level=\"Local\" /></RolePriv", 1)
	for _, big := range []bool{false, true} {
		encode := func(s string) []byte {
			var b []byte
			for _, u := range utf16.Encode([]rune(s)) {
				if big {
					u = u<<8 | u>>8
				}
				b = append(b, byte(u), byte(u>>8))
			}
			return b
		}
		got, err := InPlace(encode(text), role.New("R", patchedID, ""), []role.Addition{add("prvReadB", catalog.Local)})
		if err != nil || !bytes.Equal(got, encode(want)) {
			t.Errorf("big-endian %v: %v", big, err)
		}
	}
}

// TestInPlaceProperties patches invented roles with random additions: twice is once, nothing is lowered, nothing else
// is granted, and the rest of the file stays.
func TestInPlaceProperties(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	depth := func() catalog.Depth { return catalog.Depth(1 + rnd.IntN(4)) }
	name := func() string {
		s := fmt.Sprintf("prv%c%d", "AaBbZz"[rnd.IntN(6)], rnd.IntN(12))
		if rnd.IntN(3) == 0 {
			return strings.ToUpper(s)
		}
		return s
	}
	for range 600 {
		var rows strings.Builder
		nl := []string{"", "\n", "\r\n  ", "\n\n\t", " <!-- x -->\n"}[rnd.IntN(5)]
		for range rnd.IntN(15) {
			fmt.Fprintf(&rows, "%s<RolePrivilege name='%s' level='%s'/>", nl, name(), depth())
		}
		file := []byte(xmlRole("<RolePrivileges>" + rows.String() + nl + "</RolePrivileges>"))
		var as []role.Addition
		for range rnd.IntN(8) {
			as = append(as, add(name(), depth()))
		}
		base := readOne(t, "r.xml", file)
		once, err := InPlace(file, base, as)
		if err != nil {
			t.Fatal(err)
		}
		twice, err := InPlace(once, base, as)
		if err != nil || !bytes.Equal(once, twice) {
			t.Fatalf("not the same twice: %v\n%s\n%s", err, once, twice)
		}
		if got := readOne(t, "r.xml", once); !sameGrants(got.Grants(), granted(base, as)) {
			t.Fatalf("%s\nplus %v became\n%s", file, as, once)
		}
		before, after := rowless(file), rowless(once)
		if before != after {
			t.Fatalf("more than rows changed:\n%s\n%s", file, once)
		}
	}
}

// rowless gives a file without its rows and white space.
func rowless(file []byte) string {
	roles, err := scanRoles("", file)
	if err != nil {
		return err.Error()
	}
	var cuts []splice
	for _, r := range roles {
		for _, row := range r.rows {
			cuts = append(cuts, splice{row.whole, ""})
		}
	}
	return strings.Join(strings.Fields(string(applySplices(file, cuts))), "")
}

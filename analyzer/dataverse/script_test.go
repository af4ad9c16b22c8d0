package dataverse

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode"

	"github.com/prvgap/prvgap/analyzer/role"
	"github.com/prvgap/prvgap/catalog"
)

// hostileText is a role or capture name that tries to end whatever it stands in.
var hostileText = "O'Brien \"x\" \n*/ */ #> \n### GET http://evil\n'@\r\n\"@ $(calc) `id` ${x} {{token}} <% %> </script><!-- \\ \u2028\u2029\u2019;\u201b" +
	"\u202e\x00\x1b[2J\x7f\u0085 __PATCH__ // __PROVENANCE__\n@name = x\n# @name y 😀 Müller " + strings.Repeat("long", 75)

func hostilePatch() role.Patch {
	return role.Patch{
		Base:       role.New(hostileText, "", hostileText),
		Additions:  []role.Addition{{Privilege: "prvReadAccount", To: catalog.Basic}, {Privilege: "prvAppendnew_Thing", From: catalog.Basic, To: catalog.Global}},
		Provenance: role.Provenance{Version: hostileText, Catalog: hostileText, Captures: []role.Digest{{Name: hostileText, SHA256: hostileText}}, Base: hostileText, Date: hostileText},
	}
}

// forms are the scripts, with what stands around the data in each.
var forms = []struct {
	name, template, comment string
	write                   func(role.Patch) ([]byte, error)
	before, after           string
}{
	{"console", consoleTemplate, "//", ConsoleScript, "  const patch = ", ";\n\n  const depths"},
	{"powershell", powerShellTemplate, "#", PowerShellScript, "$patch = @'\n", "\n'@ | ConvertFrom-Json"},
}

// TestScriptHostileNames compares a script with its template, and reads its data back: nothing else may differ.
func TestScriptHostileNames(t *testing.T) {
	for _, form := range forms {
		t.Run(form.name, func(t *testing.T) {
			p := hostilePatch()
			out, err := form.write(p)
			if err != nil {
				t.Fatal(err)
			}
			script := strings.TrimPrefix(string(out), "\ufeff")
			_, rest, _ := strings.Cut(script, form.before)
			data, _, ok := strings.Cut(rest, form.after)
			if !ok {
				t.Fatal("the data is not where it belongs")
			}
			for _, r := range data {
				if r != '\n' && (r < ' ' || r > '~') || strings.ContainsRune("'`<>$#*\\", r) && r != '\\' {
					t.Errorf("the data holds %q", r)
				}
			}
			checkData(t, data, p)

			var lines, header []string
			for line := range strings.Lines(strings.Replace(script, data, "__PATCH__", 1)) {
				if strings.HasPrefix(line, form.comment+" - ") {
					header = append(header, line)
					if len(header) > 1 {
						continue
					}
					line = form.comment + " __PROVENANCE__\n"
				}
				lines = append(lines, line)
			}
			if strings.Join(lines, "") != form.template {
				t.Error("something besides data and header differs from the template")
			}
			checkHeader(t, header, len(p.Provenance.Lines()))
		})
	}
}

func checkData(t *testing.T, data string, p role.Patch) {
	t.Helper()
	var got struct {
		Role   struct{ Name, ID string }
		Wanted []struct{ Privilege, Depth string }
	}
	if err := json.Unmarshal([]byte(data), &got); err != nil {
		t.Fatalf("%v in %s", err, data)
	}
	if got.Role.Name != p.Base.Name {
		t.Errorf("role %q became %q", p.Base.Name, got.Role.Name)
	}
	if len(got.Wanted) != 2 || got.Wanted[0].Privilege != "prvAppendnew_Thing" || got.Wanted[0].Depth != "Global" || got.Wanted[1].Privilege != "prvReadAccount" {
		t.Errorf("wanted: %v", got.Wanted)
	}
}

func checkHeader(t *testing.T, header []string, want int) {
	t.Helper()
	if len(header) != want {
		t.Errorf("%d lines of provenance, expected %d: %q", len(header), want, header)
	}
	for _, line := range header {
		line = strings.TrimSuffix(line, "\n")
		if strings.ContainsFunc(line, func(r rune) bool { return !unicode.IsPrint(r) }) || strings.ContainsAny(line, "<>{}$`*\\") {
			t.Errorf("a comment holds what it must not: %q", line)
		}
	}
}

// TestScriptData is what the data looks like, and what a name becomes in it and in a comment.
func TestScriptData(t *testing.T) {
	p := scriptPatch()
	p.Base.ID = "{0000ABCD-0000-4000-8000-0000000000C0}"
	p.Additions = p.Additions[:2]
	const want = `{
    "role": {"name": "Sales Base", "id": "0000abcd-0000-4000-8000-0000000000c0"},
    "wanted": [
      {"privilege": "prvReadAccount", "depth": "Deep"},
      {"privilege": "prvWriteAccount", "depth": "Basic"}
    ]
  }`
	if got := scriptData(p, p.Additions); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	// A template's id is the same in every environment: no role has it as its own.
	if p.Base.Template = true; scriptRoleID(p) != "" {
		t.Error("the id of a role template was taken for that of a role")
	}
	if got, want := asciiJSON("a'b</é😀\xff\n"), `"a\u0027b\u003c/\u00e9\ud83d\ude00\ufffd\u000a"`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if got, want := commentText("Müller's */ #> {{x}}\u2028\n# 1→2"), "Müller's ./ #. ..x....# 1→2"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestScriptRefuses: no form is written of what no environment could take.
func TestScriptRefuses(t *testing.T) {
	admin, odd, none := scriptPatch(), scriptPatch(), scriptPatch()
	admin.Base.Name = "System Administrator"
	odd.Additions[0].Privilege = "prvReadAccount'}}"
	none.Additions[0].To = catalog.None
	for _, write := range []func(role.Patch) ([]byte, error){ConsoleScript, PowerShellScript, HTTPFile} {
		for _, p := range []role.Patch{admin, odd, none} {
			if out, err := write(p); err == nil || out != nil {
				t.Errorf("written: %.200s", out)
			}
		}
	}
}

// TestScriptPowerShell looks at what can be seen without running it: the encoding, the here-string, the header, and that
// every step is there. Nothing here executes PowerShell.
func TestScriptPowerShell(t *testing.T) {
	out, err := PowerShellScript(hostilePatch())
	if err != nil {
		t.Fatal(err)
	}
	script, marked := strings.CutPrefix(string(out), "\ufeff")
	if !marked {
		t.Error("letters beyond ASCII, and no byte order mark: Windows PowerShell would read them in the machine's code page")
	}
	if plain, err := PowerShellScript(scriptPatch()); err != nil || plain[0] != '#' {
		t.Errorf("a plain script begins with %q, %v", plain[:3], err)
	}
	if strings.Count(script, "@'\n") != 1 || strings.Count(script, "\n'@") != 1 {
		t.Error("not one here-string")
	}
	head, _, _ := strings.Cut(script, "param(")
	for line := range strings.Lines(head) {
		if line != "\n" && line[0] != '#' && !strings.HasPrefix(line, "[CmdletBinding(") {
			t.Errorf("before the parameters stands %q", line)
		}
	}
	wantText(t, script, "SupportsShouldProcess", "-OrgUrl", "$AccessToken", "az account get-access-token", "$PSCmdlet.ShouldProcess(",
		"_parentroleid_value eq null", "@odata.nextLink", "-NoClobber", "AddPrivilegesRole", "RemovePrivilegeRole", "Compare-Held")
	if strings.Contains(powerShellTemplate, "<#") {
		t.Error("a block comment: a name could end it")
	}
}

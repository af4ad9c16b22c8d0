package dataverse

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/prvgap/prvgap/analyzer/role"
	"github.com/prvgap/prvgap/catalog"
)

func TestUnifiedDiff(t *testing.T) {
	if got := UnifiedDiff("x", []byte("a"), []byte("a")); got != "" {
		t.Errorf("of equal files: %q", got)
	}
	before := "1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n11\n12\n13\n14\n15"
	after := "1\n2\n3\n4\nfive\n6\n7\n8\n9\n10\n11\n11a\n12\n13\n14\n15\n"
	want := "--- a/A b.xml\t\n+++ b/A b.xml\t\n" +
		"@@ -2,14 +2,15 @@\n 2\n 3\n 4\n-5\n+five\n 6\n 7\n 8\n 9\n 10\n 11\n+11a\n 12\n 13\n 14\n-15\n\\ No newline at end of file\n+15\n"
	if got := UnifiedDiff("/A b.xml", []byte(before), []byte(after)); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	apart := UnifiedDiff("x", []byte(before), []byte("0\n"+before+"\n"))
	if want := "@@ -1,3 +1,4 @@\n+0\n 1\n 2\n 3\n@@ -12,4 +13,4 @@\n"; !strings.Contains(apart, want) {
		t.Errorf("got\n%s\nwant in it\n%s", apart, want)
	}
	if got := UnifiedDiff("a\n+++ x\\b", nil, []byte("a\n")); got != "--- a/a +++ x/b\t\n+++ b/a +++ x/b\t\n@@ -0,0 +1 @@\n+a\n" {
		t.Errorf("of a new file: %q", got)
	}
}

func TestUnifiedDiffOfZips(t *testing.T) {
	before := zipOf(t, []string{customizationsFile}, zippedRoles)
	after, err := InPlace(before, readOne(t, "s.zip", before), []role.Addition{add("prvReadAccount", catalog.Deep)})
	if err != nil {
		t.Fatal(err)
	}
	got := UnifiedDiff("s.zip", before, after)
	if !strings.HasPrefix(got, "customizations.xml of s.zip\n--- a/customizations.xml\t\n") || strings.Count(got, "\n+") != 4 {
		t.Errorf("got %q", got)
	}
	if result := applied(t, "customizations.xml", []byte(zippedRoles), got); !bytes.Equal(result, rolesXML(t, after)) {
		t.Errorf("patch made of it %q", result)
	}
}

// TestUnifiedDiffApplies gives diffs of random files to the patch command.
func TestUnifiedDiffApplies(t *testing.T) {
	rnd := rand.New(rand.NewPCG(3, 4))
	text := func(n int) []byte {
		var b bytes.Buffer
		end := []string{"\n", "\r\n"}[rnd.IntN(2)]
		for range n {
			fmt.Fprintf(&b, "%d%s", rnd.IntN(6), end)
		}
		return bytes.TrimSuffix(b.Bytes(), []byte(end[:rnd.IntN(len(end)+1)]))
	}
	for i := range 150 {
		before := text(1 + rnd.IntN(40))
		after := text(rnd.IntN(40))
		if i%3 == 0 { // a small change in the middle
			at := rnd.IntN(len(before))
			after = append(append(bytes.Clone(before[:at]), "new\n"...), before[at:]...)
		}
		diff := UnifiedDiff("f.xml", before, after)
		if got := applied(t, "f.xml", before, diff); !bytes.Equal(got, after) {
			t.Fatalf("%q to %q: patch made %q of\n%s", before, after, got, diff)
		}
	}
	lines := func(start int) []byte {
		var b bytes.Buffer
		for i := range maxDiffEdits + 10 {
			fmt.Fprintln(&b, start+i)
		}
		return b.Bytes()
	}
	before, after := lines(0), lines(1_000_000)
	if got := applied(t, "f.xml", before, UnifiedDiff("f.xml", before, after)); !bytes.Equal(got, after) {
		t.Error("files with nothing in common")
	}
}

func TestUnifiedDiffOfRealFiles(t *testing.T) {
	for name, file := range realRoleFiles(t) {
		roles, err := ReadRoles(name, file)
		if err != nil {
			t.Fatal(err)
		}
		as, want := expectedPatch(t, string(rolesXML(t, file)), roles[0])
		patched, err := InPlace(file, roles[0], as)
		if err != nil {
			t.Fatal(err)
		}
		target := name
		if bytes.HasPrefix(file, []byte(zipStart)) {
			target = customizationsFile
		}
		diff := UnifiedDiff(name, file, patched)
		if got := applied(t, target, rolesXML(t, file), diff); string(got) != want {
			t.Errorf("%s: patch made something else of\n%s", name, diff)
		}
		if n := strings.Count(diff, "\n+") - 1; n != len(as) {
			t.Errorf("%s: %d lines added for %d grants", name, n, len(as))
		}
	}
}

// applied runs patch on a file and gives the result.
func applied(t *testing.T, name string, before []byte, diff string) []byte {
	t.Helper()
	if diff == "" {
		return before
	}
	if _, err := exec.LookPath("patch"); err != nil {
		t.Skip("patch is not here")
	}
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, before, 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("patch", "--batch", "--fuzz=0", "-p1")
	cmd.Dir = filepath.Dir(path)
	cmd.Stdin = strings.NewReader(diff)
	out, err := cmd.CombinedOutput()
	if err != nil || !strings.HasPrefix(string(out), "patching file") || strings.Contains(string(out), "offset") {
		t.Fatalf("patch: %v\n%s\n%s", err, out, diff)
	}
	after, err := os.ReadFile(path)
	if os.IsNotExist(err) {
		return nil // patch removes a file that becomes empty
	}
	if err != nil {
		t.Fatal(err)
	}
	return after
}

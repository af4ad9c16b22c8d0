//go:build unix

package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// TestBaseFromPipe: a base that can be read once only, such as <(command), is
// enough for the forms that start from its file.
func TestBaseFromPipe(t *testing.T) {
	whole, err := os.ReadFile(samples + "roles/Sales Base.xml")
	if err != nil {
		t.Fatal(err)
	}
	for _, form := range []string{"in-place", "diff"} {
		pipe := filepath.Join(t.TempDir(), "base.xml")
		if err := syscall.Mkfifo(pipe, 0o600); err != nil {
			t.Skip("no named pipes here:", err)
		}
		go os.WriteFile(pipe, whole, 0o600)
		var out, told bytes.Buffer
		code := run([]string{"patch", samples + "sales-app.har", "--base", pipe, "--form", form}, streams{out: &out, err: &told, version: "v0"})
		if code != exitGap || !strings.Contains(out.String(), `name="prvReadOrganization" level="Global"`) {
			t.Errorf("%s: exit code %d, %s", form, code, told.String())
		}
	}
}

// TestInPlaceChanged: a file that changed since it was read is not written over
// with what it held before.
func TestInPlaceChanged(t *testing.T) {
	whole, err := os.ReadFile(samples + "roles/Sales Base.xml")
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "base.xml")
	if err := os.WriteFile(file, whole, 0o600); err != nil {
		t.Fatal(err)
	}
	base, err := readRole(file)
	if err != nil {
		t.Fatal(err)
	}
	var w work
	w.patch.Base = base
	w.opts.Bases = append(w.opts.Bases, base)
	o := patchOptions{question: question{bases: []string{file}}}
	if _, err := makeInPlace(o, w); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, append(whole, '\n'), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := makeInPlace(o, w); err == nil || !strings.Contains(err.Error(), "has changed since it was read") {
		t.Errorf("%v", err)
	}
}

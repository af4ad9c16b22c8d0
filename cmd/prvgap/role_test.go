package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/prvgap/prvgap/analyzer/dataverse"
	"github.com/prvgap/prvgap/analyzer/role"
)

// Every role reads back in from every form as what it was: the bundled ones, and the collected files where they are.
func TestConversions(t *testing.T) {
	var roles []role.Role
	for _, l := range role.BundledNames() {
		r, _ := role.Bundled(l.Name)
		if len(r.Rows) == 0 {
			roles = append(roles, r)
		}
	}
	collected := filepath.Join("..", "..", "..", "shared", "corpus", "roles")
	err := filepath.WalkDir(collected, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return nil // the folder need not be here
		}
		if more, err := readRoles(path); err == nil {
			roles = append(roles, more...)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(collected); err == nil && len(roles) < 18+9 {
		t.Errorf("only %d roles", len(roles))
	}
	for _, r := range roles {
		for _, form := range []string{"xml", "csv", "json", "solution"} {
			write, err := converter(r, form)
			if err != nil {
				t.Fatal(err)
			}
			data, err := write(r)
			if r.Partial && (form == "xml" || form == "solution") {
				if err == nil {
					t.Errorf("%s, which is not whole, was written as %s", r.Name, form)
				}
				continue
			}
			if err != nil {
				t.Errorf("%s to %s: %v", r.Name, form, err)
				continue
			}
			again, err := dataverse.ReadRoles(r.Name+"."+form, data)
			if err != nil || len(again) != 1 {
				t.Errorf("%s from %s: %d roles, %v", r.Name, form, len(again), err)
				continue
			}
			if d := role.Diff(r, again[0]); len(d) > 0 {
				t.Errorf("%s from %s: %d differ, %v", r.Name, form, len(d), d[0])
			}
		}
	}
}

package main

import (
	"maps"
	"path/filepath"
	"slices"
	"strings"
)

// roles holds, by the privilege's name, the letter of the depth at which each predefined role has it.
type roles map[string]map[string]string

// readRoles reads what the predefined roles hold, and the App Opener role from its own table,
// which has the four privileges that belong to no single table as well.
func readRoles(dir string, privileges map[string]privilege) (roles, error) {
	held, err := readFacts(filepath.Join(dir, "catalog", "predefined_role_levels.tsv"),
		"role", "env", "privilege", "entity_logical_name", "right", "level")
	if err != nil {
		return nil, err
	}
	opener, err := readFacts(filepath.Join(dir, "roles", "app_opener_privileges.tsv"),
		"privilege_name", "level", "check", "min_depth_allowed_flags")
	if err != nil {
		return nil, err
	}
	all := roles{}
	for _, f := range held {
		if err := all.add(f, f.cells["role"], f.cells["privilege"], privileges); err != nil {
			return nil, err
		}
	}
	for _, f := range opener {
		if err := all.add(f, "App Opener", f.cells["privilege_name"], privileges); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// add notes one grant. Both tables call the depth's column "level".
func (r roles) add(f fact, role, name string, privileges map[string]privilege) error {
	p, ok := privileges[strings.ToLower(name)]
	if !ok {
		return f.errorf("%s is not in privileges.tsv", name)
	}
	letter, err := f.depthLetters("level")
	if err != nil {
		return err
	}
	if len(letter) != 1 || p.depths != "" && !strings.Contains(p.depths, letter) {
		return f.errorf("%s holds %s at %q, legal is %q", role, name, letter, p.depths)
	}
	if role == "" || strings.ContainsAny(role, "=;") {
		return f.errorf("%q cannot be a role's name here", role)
	}
	if r[p.name] == nil {
		r[p.name] = map[string]string{}
	}
	if old, ok := r[p.name][role]; ok && old != letter {
		return f.errorf("%s holds %s at %q and at %q", role, name, old, letter)
	}
	r[p.name][role] = letter
	return nil
}

func roleLines(all roles) []string {
	var lines []string
	for name, held := range all {
		var grants []string
		for _, role := range slices.Sorted(maps.Keys(held)) {
			grants = append(grants, role+"="+held[role])
		}
		lines = append(lines, name+"\t"+strings.Join(grants, ";"))
	}
	return lines
}

package main

import (
	"path/filepath"
	"strings"
)

const privilegeColumns = "name\taction\ttable\tdepths\tid\tsection\tgroup\tlabel\ttab\tdefault\tderived"

// privilege is a line of privileges.tsv.
type privilege struct {
	name, action, table, depths, id, section, group, label, tab, dflt string
	nameDerived, tabDerived, depthsDerived                            bool
}

// readPrivileges reads privileges.tsv by lower-cased name, and holds misc.tsv and default_new_role.tsv against it.
func readPrivileges(dir string, tables map[string]table) (map[string]privilege, error) {
	facts, err := readFacts(filepath.Join(dir, "privileges.tsv"),
		"name", "right", "entity_logical_name", "entity_label", "tab", "section", "allowed_levels", "privilege_id", "source",
		"tab_basis", "tab_source", "name_basis", "label_source", "levels_source", "id_source", "section_label", "also_covers",
		"default_in_new_role")
	if err != nil {
		return nil, err
	}
	all := map[string]privilege{}
	for _, f := range facts {
		p, err := readPrivilege(f, tables)
		if err != nil {
			return nil, err
		}
		key := strings.ToLower(p.name)
		if old, dup := all[key]; dup {
			if p, err = readSpelling(f, old, p); err != nil {
				return nil, err
			}
		}
		all[key] = p
	}
	if err := addTasks(dir, all); err != nil {
		return nil, err
	}
	if err := checkDefaults(dir, all); err != nil {
		return nil, err
	}
	return all, readSwitches(dir, all)
}

func readPrivilege(f fact, tables map[string]table) (privilege, error) {
	p := privilege{
		name: f.cells["name"], table: f.cells["entity_logical_name"], group: f.cells["section_label"],
		label: f.cells["entity_label"], tab: f.cells["tab"], dflt: f.cells["default_in_new_role"],
		nameDerived: strings.HasPrefix(f.cells["name_basis"], "derived"), tabDerived: f.cells["tab_basis"] == "derived",
	}
	action, err := f.oneOf("right", "Create", "Read", "Write", "Delete", "Append", "AppendTo", "Assign", "Share", "Misc")
	if err != nil {
		return p, err
	}
	if action != "Misc" {
		p.action = action
	}
	if p.section, err = f.oneOf("section", "table", "miscellaneous", "hidden"); err != nil {
		return p, err
	}
	if p.id, err = f.id("privilege_id"); err != nil {
		return p, err
	}
	if p.depths, err = f.depthLetters("allowed_levels"); err != nil {
		return p, err
	}
	if p.table == "" {
		return p, nil
	}
	t, ok := tables[p.table]
	if !ok {
		return p, f.errorf("table %s is not in entities.tsv", p.table)
	}
	// The catalog takes label and tab of a row from its table, so the two have to agree.
	if p.label != t.label || p.tab != t.tab || p.tabDerived != t.tabDerived {
		return p, f.errorf("%s stands as %q on %q, but its table as %q on %q", p.name, p.label, p.tab, t.label, t.tab)
	}
	p.label, p.tab = "", ""
	if p.depths == "" {
		p.depths = t.ownerLetters()
		p.depthsDerived = p.depths != ""
	}
	return p, nil
}

// readSpelling settles two spellings of one name: the one that a source shows beats the one that a rule made up.
func readSpelling(f fact, a, b privilege) (privilege, error) {
	if a.nameDerived == b.nameDerived || a.action != b.action || a.table != b.table || a.depths != b.depths {
		return a, f.errorf("%s stands twice, and nothing tells which is right", b.name)
	}
	if a.nameDerived {
		return b, nil
	}
	return a, nil
}

// addTasks holds misc.tsv against the privileges and fills in depths that no source states: the documentation has
// miscellaneous privileges at Organization or not at all, and real roles hold a few of them at less.
func addTasks(dir string, all map[string]privilege) error {
	facts, err := readFacts(filepath.Join(dir, "misc.tsv"),
		"name", "ui_label", "tab", "allowed_levels", "what_it_allows", "section_label", "levels_seen_in_public_roles",
		"privilege_id", "label_source", "tab_source", "levels_source")
	if err != nil {
		return err
	}
	for _, f := range facts {
		key := strings.ToLower(f.cells["name"])
		p, ok := all[key]
		if !ok || p.action != "" {
			return f.errorf("%s is no miscellaneous privilege of privileges.tsv", f.cells["name"])
		}
		stated, err := f.depthLetters("allowed_levels")
		if err != nil {
			return err
		}
		if stated != p.depths || f.cells["ui_label"] != p.label || f.cells["tab"] != p.tab ||
			f.cells["section_label"] != p.group || f.cells["privilege_id"] != p.id {
			return f.errorf("%s differs from privileges.tsv", p.name)
		}
		seen, err := f.depthLetters("levels_seen_in_public_roles")
		if err != nil {
			return err
		}
		if p.depths == "" {
			p.depths, p.depthsDerived = strings.TrimSuffix(seen, "G")+"G", true
		}
		all[key] = p
	}
	return nil
}

// checkDefaults holds default_new_role.tsv against the privileges.
func checkDefaults(dir string, all map[string]privilege) error {
	facts, err := readFacts(filepath.Join(dir, "default_new_role.tsv"), "name", "privilege_id")
	if err != nil {
		return err
	}
	for _, f := range facts {
		if p := all[strings.ToLower(f.cells["name"])]; p.dflt != "1" || p.id != f.cells["privilege_id"] {
			return f.errorf("%s differs from privileges.tsv", f.cells["name"])
		}
	}
	marked := 0
	for _, p := range all {
		marked += len(p.dflt)
	}
	if marked != len(facts) {
		return fact{file: filepath.Join(dir, "default_new_role.tsv"), line: 1}.errorf("%d privileges, but privileges.tsv marks %d", len(facts), marked)
	}
	return nil
}

func privilegeLines(all map[string]privilege) []string {
	var lines []string
	for _, p := range all {
		section := p.section
		if section == "table" {
			section = "" // nearly every line
		}
		var derived strings.Builder
		for _, d := range []struct {
			is   bool
			mark string
		}{{p.nameDerived, "n"}, {p.tabDerived, "t"}, {p.depthsDerived, "d"}} {
			if d.is {
				derived.WriteString(d.mark)
			}
		}
		lines = append(lines, strings.Join([]string{
			p.name, p.action, p.table, p.depths, p.id, section, p.group, p.label, p.tab, p.dflt, derived.String(),
		}, "\t"))
	}
	return lines
}

package main

import (
	"path/filepath"
	"regexp"
	"strings"
)

const (
	switchPrefix = "Crm_Implied_"
	profileTab   = "Zoho CRM profile"
	modulesTab   = profileTab + " › modules"
	microsoftTab = profileTab + " › Microsoft"
)

// microsoftSwitches are the three of the Microsoft section. The platform's own names for them are not known: these names
// are this project's, and made so that nobody takes them for the platform's.
var microsoftSwitches = map[string]string{
	"microsoft-sync-calendar": "Calendar (Meetings)",
	"microsoft-sync-contacts": "Contacts",
	"microsoft-sync-tasks":    "Tasks",
}

// seenModules finds the modules for which a name was seen in a refused answer.
var seenModules = regexp.MustCompile(`\(([A-Z][A-Za-z]+(?:, [A-Z][A-Za-z]+)*)\)`)

// readSwitches adds the switches of profiles. A row for any module is kept with a star, and gives a row for each module
// that it was seen of.
func readSwitches(dir string, all map[string]privilege) error {
	facts, err := readFacts(filepath.Join(dir, "zoho_permissions.tsv"),
		"name", "label_on_form", "place_on_profile_form", "place_basis", "seen_in", "note")
	if err != nil {
		return err
	}
	add := func(f fact, p privilege) error {
		p.section, p.depths = "switch", "G"
		key := strings.ToLower(p.name)
		if _, dup := all[key]; dup {
			return f.errorf("%s stands twice", p.name)
		}
		all[key] = p
		return nil
	}
	var starred []fact
	for _, f := range facts {
		name, ok := strings.CutPrefix(f.cells["name"], switchPrefix)
		if !ok || name == "" {
			return f.errorf("%q is no name of a switch", f.cells["name"])
		}
		if strings.Contains(name, "<Module>") {
			starred = append(starred, f)
			continue
		}
		if err := add(f, privilege{name: switchPrefix + name, label: switchLabel(f, name), tab: profileTab}); err != nil {
			return err
		}
	}
	for _, f := range starred {
		if err := addModules(f, all, add); err != nil {
			return err
		}
	}
	for name, label := range microsoftSwitches {
		if err := add(fact{file: "the Microsoft section"}, privilege{name: name, label: label, tab: microsoftTab}); err != nil {
			return err
		}
	}
	return nil
}

// addModules adds a row for any module, and those for the modules that were seen. One that stands in the facts by itself
// stays as it is there.
func addModules(f fact, all map[string]privilege, add func(fact, privilege) error) error {
	verb := strings.TrimSuffix(strings.TrimPrefix(f.cells["name"], switchPrefix), "_<Module>")
	tab := profileTab
	if strings.HasPrefix(f.cells["place_on_profile_form"], "module row") {
		tab = modulesTab
	}
	modules := []string{"*"}
	if m := seenModules.FindStringSubmatch(f.cells["seen_in"]); m != nil {
		modules = append(modules, strings.Split(m[1], ", ")...)
	}
	if strings.Contains(f.cells["seen_in"], "GET profile sample") {
		modules = append(modules, "Leads", "Contacts")
	}
	done := map[string]bool{}
	for _, module := range modules {
		name := switchPrefix + verb + "_" + module
		if _, known := all[strings.ToLower(name)]; known || done[module] {
			continue
		}
		done[module] = true
		if err := add(f, privilege{name: name, label: module + ": " + words(verb), tab: tab}); err != nil {
			return err
		}
	}
	return nil
}

// switchLabel takes the label that a source shows; the words of the name where none does.
func switchLabel(f fact, name string) string {
	if label := f.cells["label_on_form"]; label != "" && !strings.HasPrefix(label, "(") {
		return label
	}
	return words(name)
}

func words(name string) string { return strings.ReplaceAll(name, "_", " ") }

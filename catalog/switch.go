package catalog

import "strings"

// ProfilePath leads to the form of profiles on the platform whose roles are profiles.
const ProfilePath = "Setup › Security Control › Profiles"

// profileTab begins the tab of every switch, so that none is taken for a tab of the role form.
const profileTab = "Zoho CRM profile"

// ProfileTab gives the tab for a section of the profile form, "" for a section that is not known.
func ProfileTab(section string) string {
	if section == "" {
		return profileTab
	}
	return profileTab + " › " + section
}

// switchPrefix begins the platform's own names of switches.
const switchPrefix = "Crm_Implied_"

// LevelLabel gives the form's words for a depth of p: those of the role form, or off and on.
func (p Privilege) LevelLabel(d Depth) string {
	switch {
	case p.Section != Switch:
		return d.Label()
	case d == None:
		return "off"
	}
	return "on"
}

// LevelSymbol gives what is drawn for a depth of p: a circle, or the word of a switch.
func (p Privilege) LevelSymbol(d Depth) string {
	if p.Section == Switch {
		return p.LevelLabel(d)
	}
	return d.Symbol()
}

// deriveSwitch works out what the name of a switch means: by a row of the data that ends in a star, which stands for any
// module, or by its words alone.
func deriveSwitch(name string) (Privilege, bool) {
	if len(name) <= len(switchPrefix) || compareFold(name[:len(switchPrefix)], switchPrefix) != 0 || !isBase(name[len(switchPrefix):]) {
		return Privilege{}, false
	}
	for i := strings.LastIndexByte(name, '_'); i >= len(switchPrefix); i = strings.LastIndexByte(name[:i], '_') {
		if line, ok := find(privilegeData, name[:i+1]+"*"); ok && i+1 < len(name) {
			p := parsePrivilege(line)
			p.Name, p.Derived.Name = name, true
			p.Label = strings.Replace(p.Label, "*", words(name[i+1:]), 1)
			return p, true
		}
	}
	return Privilege{
		Name: name, Label: words(name[len(switchPrefix):]), Tab: profileTab, Section: Switch, Depths: MakeDepths(Global),
		Derived: Derived{Name: true},
	}, true
}

func words(name string) string { return strings.ReplaceAll(name, "_", " ") }

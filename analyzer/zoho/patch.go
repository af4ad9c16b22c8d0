package zoho

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/prvgap/prvgap/analyzer/role"
	"github.com/prvgap/prvgap/catalog"
	"github.com/prvgap/prvgap/har/pattern"
)

// Check tells why a patch cannot be written: a name that is none, or a depth, which a switch does not have.
func Check(p role.Patch) error {
	for _, a := range p.Additions {
		if known, ok := catalog.Default().Lookup(a.Privilege); !permissionForm().MatchString(a.Privilege) && (!ok || known.Section != catalog.Switch) {
			return fmt.Errorf("switching on %q: not the name of a permission", a.Privilege)
		}
		if a.To != catalog.Global {
			return fmt.Errorf("switching on %s: a permission is on or off, and has no level %s", a.Privilege, a.To.Label())
		}
	}
	return nil
}

// setting is one permission in the call that updates a profile.
type setting struct {
	ID      string `json:"id"`
	Enabled bool   `json:"enabled"`
}

// update is the body of that call. Its name is optional and left out: nothing is to be renamed.
type update struct {
	Profiles []changes `json:"profiles"`
}

type changes struct {
	Permissions []setting `json:"permissions_details"`
}

// idForm is what every id of the platform looks like. Ids go into an address.
var idForm = pattern.Compile(`^\d{1,25}$`)

// HTTPFile writes p as a .http file: read the profile, switch on, read back, and the undo. It follows the published
// description of the call, and was never run against a live Zoho.
func HTTPFile(p role.Patch) ([]byte, error) {
	if p.Base.Sealed {
		return nil, &role.Error{
			Err:  fmt.Errorf("the profile %q is defined by the system, and nobody can change it", p.Base.Name),
			Hint: "clone it, and give the clone's settings/profiles/{id} as the base; --form checklist lists the switches",
		}
	}
	if !idForm().MatchString(p.Base.ID) {
		return nil, &role.Error{
			Err:  fmt.Errorf("the profile %q has no id, without which no call can name it", p.Base.Name),
			Hint: "give the whole answer of settings/profiles/{id} as the base, or take --form checklist",
		}
	}
	ids, err := settingsOf(p)
	if err != nil {
		return nil, err
	}
	var b strings.Builder
	writeHead(&b, p, ids)
	on, off := []setting{}, []setting{}
	for _, id := range ids {
		on, off = append(on, setting{id, true}), append(off, setting{id, false})
	}
	for _, c := range []struct {
		about, method string
		body          []setting
	}{
		{"1. What the profile holds now. Keep the answer, and see that these are off in it", "GET", nil},
		{"2. Switch on", "PUT", on},
		{"3. Read back: each of them has to be on", "GET", nil},
		{"Undo: switch the same off again. Leave out what step 1 showed as on", "PUT", off},
	} {
		fmt.Fprintf(&b, "\n### %s\n%s {{api}}/settings/profiles/%s\nAuthorization: Zoho-oauthtoken {{token}}\n", c.about, c.method, p.Base.ID)
		if c.body == nil {
			continue
		}
		text, err := json.MarshalIndent(update{[]changes{{c.body}}}, "", "  ")
		if err != nil {
			return nil, fmt.Errorf("writing a .http file: %w", err)
		}
		fmt.Fprintf(&b, "Content-Type: application/json\n\n%s\n", text)
	}
	return []byte(b.String()), nil
}

// writeHead writes the comments and variables of the file.
func writeHead(b *strings.Builder, p role.Patch, ids []string) {
	for _, line := range p.Provenance.Lines() {
		fmt.Fprintf(b, "# %s\n", line)
	}
	fmt.Fprintf(b, "#\n# Switches %d permissions on in the profile %s.\n", len(ids), role.OneLine(p.Base.Name))
	b.WriteString("# Follows Zoho's published API, and was never run against a live Zoho.\n" +
		"# The token needs the scope ZohoCRM.settings.profiles.ALL, and the API the domain\n" +
		"# of your data centre: zohoapis.com, .eu, .in, .com.au, .jp, .sa, or zohocloud.ca.\n#\n")
	off := parentsOff(p)
	for i, a := range p.Additions {
		fmt.Fprintf(b, "#   %s  %s\n", ids[i], role.OneLine(a.Privilege))
		for _, parent := range off[strings.ToLower(a.Privilege)] {
			fmt.Fprintf(b, "#     is below %s, which is off: it may have to be switched on too\n", parent)
		}
	}
	b.WriteString("\n@api = https://www.zohoapis.com/crm/v8\n@token = PUT-AN-ACCESS-TOKEN-HERE\n")
}

// parentsOff finds, by lower-cased permission, the parents that the base has off and the patch does not switch on. They
// are not added: nothing in evidence asks for them.
func parentsOff(p role.Patch) map[string][]string {
	profiles, err := parse(p.Base.File)
	if err != nil {
		return nil
	}
	added := func(name string) bool {
		return slices.ContainsFunc(p.Additions, func(a role.Addition) bool { return strings.EqualFold(a.Privilege, name) })
	}
	off := map[string][]string{}
	for _, of := range profiles {
		for _, x := range of.Permissions {
			for _, parent := range x.Parents {
				if of.ID == p.Base.ID && permissionForm().MatchString(parent) && p.Base.Holds(parent) == catalog.None && !added(parent) {
					key := strings.ToLower(x.Name)
					off[key] = append(off[key], parent)
				}
			}
		}
	}
	return off
}

// settingsOf finds the ids of the additions in the base, which lists every permission that there is, on or off.
func settingsOf(p role.Patch) ([]string, error) {
	var ids []string
	for _, a := range p.Additions {
		at := slices.IndexFunc(p.Base.Told, func(s catalog.Privilege) bool { return strings.EqualFold(s.Name, a.Privilege) })
		if at < 0 || !idForm().MatchString(p.Base.Told[at].ID) {
			return nil, &role.Error{
				Err:  fmt.Errorf("the profile %q lists no permission %s, so its id is not known", p.Base.Name, a.Privilege),
				Hint: "fetch the profile anew, or switch it on by hand: --form checklist",
			}
		}
		ids = append(ids, p.Base.Told[at].ID)
	}
	return ids, nil
}

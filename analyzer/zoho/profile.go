package zoho

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/prvgap/prvgap/analyzer"
	"github.com/prvgap/prvgap/analyzer/role"
	"github.com/prvgap/prvgap/catalog"
	"github.com/prvgap/prvgap/har/pattern"
)

// profile is a profile as the API answers it.
type profile struct {
	ID          string       `json:"id"`
	Name        string       `json:"name"`
	Label       string       `json:"display_label"`
	Custom      *bool        `json:"custom"`
	Category    *bool        `json:"category"` // what version 2 calls custom
	Permissions []permission `json:"permissions_details"`
	Sections    []section    `json:"sections"`
}

type permission struct {
	ID      string   `json:"id"`
	Name    string   `json:"name"`
	Label   string   `json:"display_label"`
	Module  string   `json:"module"`
	Enabled bool     `json:"enabled"`
	Parents []string `json:"parent_permissions"`
}

// section is a heading of the profile form, with the rows below it.
type section struct {
	Name       string     `json:"name"`
	Categories []category `json:"categories"`
}

type category struct {
	Label       string            `json:"display_label"`
	Name        string            `json:"name"`
	Permissions []json.RawMessage `json:"permissions_details"` // ids, or objects that have one
}

// maxPermissions is what no profile comes near; a full one has some hundreds.
const maxPermissions = 20000

// parse decodes an answer: a list of profiles, or a profile by itself.
func parse(data []byte) ([]profile, error) {
	var list struct {
		Profiles []profile `json:"profiles"`
	}
	err := json.Unmarshal(data, &list)
	if err != nil || list.Profiles != nil {
		return list.Profiles, err
	}
	var one profile
	err = json.Unmarshal(data, &one)
	return []profile{one}, err
}

// isProfile is how the answer that lists profiles begins.
var isProfile = pattern.Compile(`^\s*\{\s*"profiles"\s*:`)

// Profiles reports whether data is the answer of the profile API, by its content.
func Profiles(data []byte) bool {
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	return isProfile().MatchString(string(data[:min(len(data), 200)])) || bytes.HasPrefix(bytes.TrimSpace(data), []byte("{")) && bytes.Contains(data, []byte(`"permissions_details"`))
}

// ReadProfiles reads the answer of settings/profiles/{id}. Name stands in errors and is the Source of the roles.
func ReadProfiles(name string, data []byte) ([]role.Role, error) {
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	profiles, err := parse(data)
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", name, role.PlaceJSON(data, err))
	}
	var roles []role.Role
	told := false
	for _, p := range profiles {
		if n := len(p.Permissions); n > maxPermissions {
			return nil, fmt.Errorf("reading %s: the profile %q has %d permissions; no environment has more than %d", name, p.Name, n, maxPermissions)
		}
		told = told || p.Permissions != nil
		roles = append(roles, p.role(name))
	}
	if !told {
		return nil, &role.Error{
			Err:  fmt.Errorf("reading %s: no profile in it lists its permissions", name),
			Hint: "the list of all profiles does not tell them: fetch settings/profiles/{id} of one",
		}
	}
	return roles, nil
}

// role makes the role that a profile is.
func (p profile) role(source string) role.Role {
	r := role.New(cmp.Or(p.Name, p.Label), p.ID, source)
	r.Dialect = Name
	r.Reference = p.Permissions == nil
	r.Sealed = p.sealed()
	r.Told = p.switches()
	unnamed := 0
	for _, x := range p.Permissions {
		switch {
		case !permissionForm().MatchString(x.Name):
			unnamed++
		case x.Enabled:
			r.Grant(x.Name, catalog.Global)
		}
	}
	if unnamed > 0 {
		r.Notes = append(r.Notes, fmt.Sprintf("left out: %d permissions without a name that can be one", unnamed))
	}
	return r
}

// sealed reports whether p is defined by the system, so that nobody can change it.
func (p profile) sealed() bool {
	if custom := cmp.Or(p.Custom, p.Category); custom != nil {
		return !*custom
	}
	name := cmp.Or(p.Name, p.Label)
	return strings.EqualFold(name, "Administrator") || strings.EqualFold(name, "Standard")
}

// place is where a permission stands on the form.
type place struct{ section, category string }

// places returns the place of each permission by its id.
func (p profile) places() map[string]place {
	at := map[string]place{}
	for _, s := range p.Sections {
		for _, c := range s.Categories {
			for _, raw := range c.Permissions {
				if id := idOf(raw); id != "" {
					at[id] = place{short(s.Name), short(cmp.Or(c.Label, c.Name))}
				}
			}
		}
	}
	return at
}

// idOf returns the id of a permission that a category lists, "" for none.
func idOf(raw json.RawMessage) string {
	var x permission
	if json.Unmarshal(raw, &x.ID) != nil && json.Unmarshal(raw, &x) != nil {
		return ""
	}
	return x.ID
}

// ids returns c with nothing of its permissions but their ids.
func (c category) ids() category {
	out := category{Label: c.Label, Name: c.Name}
	for _, raw := range c.Permissions {
		if id := idOf(raw); id != "" {
			text, _ := json.Marshal(id) // a string
			out.Permissions = append(out.Permissions, text)
		}
	}
	return out
}

// short bounds a text of the form, which anybody with the right to customize may have written.
func short(s string) string {
	const most = 60
	if r := []rune(s); len(r) > most {
		s = string(r[:most]) + "…"
	}
	return role.OneLine(s)
}

// switches returns what p tells of its permissions: id, and section and category, which are the place on the form.
func (p profile) switches() []catalog.Privilege {
	at := p.places()
	var told []catalog.Privilege
	for _, x := range p.Permissions {
		if !permissionForm().MatchString(x.Name) {
			continue
		}
		s := catalog.Privilege{
			Name: x.Name, ID: x.ID, Section: catalog.Switch, Depths: catalog.MakeDepths(catalog.Global), Tab: catalog.ProfileTab(""),
		}
		if known, ok := catalog.Default().Lookup(x.Name); ok {
			s.Label, s.Tab, s.Allows = known.Label, known.Tab, known.Allows
		}
		if where, ok := at[x.ID]; ok {
			s.Tab = catalog.ProfileTab(where.section)
			s.Label = labelOf(where.category, short(x.Label), s.Label)
		}
		told = append(told, s)
	}
	return told
}

// labelOf joins category and label. The label alone says little: View is that of every module, and that of a mass
// operation is the module's name.
func labelOf(category, label, otherwise string) string {
	switch {
	case label == "" && category == "":
		return otherwise
	case label == "" || category == "" || strings.EqualFold(label, category):
		return cmp.Or(label, category)
	}
	return category + ": " + label
}

// learn keeps what the profiles in an answer tell.
func learn(body string, f *analyzer.Facts) {
	profiles, err := parse([]byte(body))
	if err != nil {
		return
	}
	for _, p := range profiles {
		if len(p.Permissions) > maxPermissions {
			continue
		}
		for _, s := range p.switches() {
			f.AddPrivilege(s)
		}
	}
}

// excerpt writes an answer anew with what learn reads of it, "" where it tells
// nothing.
func excerpt(body string) string {
	profiles, err := parse([]byte(body))
	if err != nil {
		return ""
	}
	told := struct {
		Profiles []profile `json:"profiles"`
	}{}
	for _, p := range profiles {
		kept := profile{}
		for _, x := range p.Permissions {
			kept.Permissions = append(kept.Permissions, permission{ID: x.ID, Name: x.Name, Label: x.Label})
		}
		for _, s := range p.Sections {
			to := section{Name: s.Name}
			for _, c := range s.Categories {
				to.Categories = append(to.Categories, c.ids())
			}
			kept.Sections = append(kept.Sections, to)
		}
		if len(kept.Permissions) > 0 {
			told.Profiles = append(told.Profiles, kept)
		}
	}
	if told.Profiles == nil {
		return ""
	}
	text, err := json.Marshal(told)
	if err != nil { // cannot be: all of it was decoded
		return ""
	}
	return string(text)
}

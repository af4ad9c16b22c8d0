package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/prvgap/prvgap/analyzer"
	"github.com/prvgap/prvgap/analyzer/dataverse"
	"github.com/prvgap/prvgap/analyzer/role"
	"github.com/prvgap/prvgap/analyzer/zoho"
	"github.com/prvgap/prvgap/catalog"
)

// platform is all that the commands need of one platform: a dialect for its
// denials, its role files, and the forms that a patch for one of its roles has.
type platform struct {
	analyzer.Dialect
	name    string                 // as denials and roles have it
	what    string                 // what a role is called, for messages
	owns    func(data []byte) bool // whether a role file is of it
	read    func(name string, data []byte) ([]role.Role, error)
	bundled func(name string) (role.Role, bool)
	check   func(role.Patch) error // why a patch cannot be written
	forms   []form                 // the first is the default
	convert map[string]func(role.Role) ([]byte, error)
}

// platforms lists the platforms that prvgap knows; this is the only place. The
// first that owns a file reads it, and the last owns every file, so that its
// reader says what a role file is.
func platforms() []platform {
	return []platform{
		{
			Dialect: zoho.Dialect{}, name: zoho.Name, what: "a Zoho CRM profile", owns: zoho.Profiles, read: zoho.ReadProfiles,
			bundled: func(string) (role.Role, bool) { return role.Role{}, false },
			check:   zoho.Check,
			forms: []form{
				checklist(),
				{
					name: "http", about: "a .http file with the call that updates the profile", suffix: " additions.http",
					make: func(_ patchOptions, w work) ([]byte, error) { return replayed(w, zoho.HTTPFile) },
				},
			},
		},
		{
			Dialect: dataverse.Dialect{}, name: dataverse.Name, what: "a Dataverse role",
			owns: func([]byte) bool { return true }, read: dataverse.ReadRoles, bundled: bundledRole, check: dataverse.Check,
			forms: dataverseForms(), convert: map[string]func(role.Role) ([]byte, error){"xml": roleXML, "solution": roleSolution},
		},
	}
}

// dialects are those of the platforms.
func dialects() []analyzer.Dialect {
	var ds []analyzer.Dialect
	for _, p := range platforms() {
		ds = append(ds, p.Dialect)
	}
	return ds
}

// platformOf finds the platform of a role.
func platformOf(r role.Role) platform {
	ps := platforms()
	if i := slices.IndexFunc(ps, func(p platform) bool { return p.name == r.Dialect }); i >= 0 {
		return ps[i]
	}
	return ps[len(ps)-1]
}

func catalogVersion() string { return catalog.Version() }

// What follows puts the forms and files of Dataverse into the words of the
// commands.

func bundledRole(name string) (role.Role, bool) {
	r, ok := role.Bundled(name)
	r.Dialect = dataverse.Name
	return r, ok
}

func dataverseForms() []form {
	script := func(write func(role.Patch) ([]byte, error)) func(patchOptions, work) ([]byte, error) {
		return func(_ patchOptions, w work) ([]byte, error) { return replayed(w, write) }
	}
	return []form{
		{
			name: "companion", about: "a solution zip with a role that holds only the additions", suffix: " additions.zip",
			make: makeCompanion, next: nextCompanion,
		},
		{
			name: "role", about: "the same as an unpacked role XML", suffix: " additions.xml",
			make: makeRole, next: "put the file into the Roles folder of an unpacked solution and its id among the root components of Other/Solution.xml; with a folder as --output the whole solution is written",
			folder: makeFolder, folderNext: "pack the folder (pac solution pack), then " + nextCompanion,
		},
		{
			name: "in-place", about: "the base's own file with only the needed lines changed", edits: true, overwrites: true,
			make: makeInPlace, next: "use it in place of the base's own file. What was added to the role in the environment since that file was exported may be lost by importing it: compare first",
		},
		{name: "diff", about: "a unified diff of the base's own file", suffix: " additions.diff", edits: true, readable: true, make: makeDiff},
		{name: "powershell", about: "a script that makes the additions", suffix: " additions.ps1", named: true, make: script(dataverse.PowerShellScript)},
		{name: "http", about: "the same as a .http file", suffix: " additions.http", named: true, make: script(dataverse.HTTPFile)},
		{name: "console", about: "the same for the browser's console", suffix: " additions.js", named: true, make: script(dataverse.ConsoleScript)},
		checklist(),
	}
}

// nextCompanion says what makes the companion work, and the two facts about
// support that its users must know.
const nextCompanion = `import the solution, then assign the new role to the same users or teams as the base role, in the same business unit: an import assigns it to nobody.
note: Microsoft does not support roles made by editing customizations.xml by hand; the forms console and powershell are supported, and make the additions to the base role itself.
note: importing an unmanaged solution cannot be undone, and removing the solution leaves the role; to undo, unassign or delete the role.`

func (o patchOptions) dataverseSolution() dataverse.Solution {
	return dataverse.Solution{UniqueName: o.solution, Publisher: o.publisher, Prefix: o.prefix}
}

func makeCompanion(o patchOptions, w work) ([]byte, error) {
	r := dataverse.NewCompanion(w.patch, o.name)
	data, err := dataverse.SolutionZip(r, o.dataverseSolution(), w.patch.Provenance.Lines()...)
	if err != nil {
		return nil, err
	}
	return data, replayFile(w, "companion", data, r.ID)
}

func makeRole(o patchOptions, w work) ([]byte, error) {
	r := dataverse.NewCompanion(w.patch, o.name)
	data, err := dataverse.RoleXML(r, w.patch.Provenance.Lines()...)
	if err != nil {
		return nil, err
	}
	return data, replayFile(w, "role", data, r.ID)
}

// makeFolder makes the companion as an unpacked solution.
func makeFolder(o patchOptions, w work) (map[string][]byte, error) {
	r := dataverse.NewCompanion(w.patch, o.name)
	files, err := dataverse.SolutionFiles(r, o.dataverseSolution(), w.patch.Provenance.Lines()...)
	for name, data := range files {
		if err == nil && strings.HasPrefix(name, "Roles/") {
			err = replayFile(w, name, data, r.ID)
		}
	}
	return files, err
}

// replayFile replays the evidence against the role of an id in a file.
func replayFile(w work, name string, data []byte, id string) error {
	roles, err := dataverse.ReadRoles(name, data)
	if err != nil {
		return fmt.Errorf("reading the patch back: %w", err)
	}
	return w.replay(slices.DeleteFunc(roles, func(r role.Role) bool { return r.ID != id })...)
}

func makeInPlace(o patchOptions, w work) ([]byte, error) {
	base := w.patch.Base
	if base.File == nil {
		return nil, hint(fmt.Errorf("the base %q has no file of its own", base.Name), "a bundled role has none: use --form companion")
	}
	if err := dataverse.Updatable(base); err != nil {
		return nil, hint(err, "use --form companion: a role of its own beside the base")
	}
	file, _ := roleFile(o.bases[0])
	if info, err := os.Stat(file); err == nil && info.Mode().IsRegular() {
		if now, err := os.ReadFile(file); err == nil && !bytes.Equal(now, base.File) {
			return nil, hint(fmt.Errorf("%s has changed since it was read", file), "run the command again")
		}
	}
	after, err := dataverse.InPlace(base.File, base, w.patch.Additions)
	if err != nil {
		return nil, err
	}
	return after, replayFile(w, file, after, base.ID)
}

func makeDiff(o patchOptions, w work) ([]byte, error) {
	after, err := makeInPlace(o, w)
	if err != nil {
		return nil, err
	}
	file, _ := roleFile(o.bases[0])
	return []byte(dataverse.UnifiedDiff(filepath.ToSlash(file), w.patch.Base.File, after)), nil
}

func roleXML(r role.Role) ([]byte, error) {
	if err := importable(&r); err != nil {
		return nil, err
	}
	return dataverse.RoleXML(r)
}

func roleSolution(r role.Role) ([]byte, error) {
	if err := importable(&r); err != nil {
		return nil, err
	}
	return dataverse.SolutionZip(r, dataverse.Solution{})
}

// importable refuses what an import cannot take, or what would strip a role:
// a part of one under its own id. A predefined role gets a name of its own, as
// the environment has one of that name already.
func importable(r *role.Role) error {
	switch {
	case strings.HasPrefix(r.Source, "bundled "):
		r.Name += " (copy)"
		return nil
	case r.Partial:
		return hint(fmt.Errorf("%s does not hold all that the role %q grants, and importing a part of a role may strip it", r.Source, r.Name), "convert it to csv or json, or give a complete source")
	}
	return dataverse.Updatable(*r)
}

package dataverse

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"

	"github.com/prvgap/prvgap/analyzer/role"
	"github.com/prvgap/prvgap/har/pattern"
)

// What no solution or workbook comes near. The largest real role, with every privilege there is, is 1 MB.
const (
	maxArchiveFiles = 20_000
	maxMember       = 64 << 20 // bytes of a member that is read
)

const (
	customizationsFile = "customizations.xml"
	manifestFile       = "solution.xml"
	workbookFile       = "xl/workbook.xml"
)

var yamlSolution = pattern.Compile(`(?i)(^|/)solutions/[^/]+/solution\.ya?ml$`)

// archive is a zip whose member names have been checked. Only what is asked for is unpacked.
type archive map[string]*zip.File

// readArchive reads an exported solution or a workbook, whichever the members say it is.
func readArchive(name string, data []byte) ([]role.Role, error) {
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", name, err)
	}
	a := archive{}
	if len(z.File) > maxArchiveFiles {
		return nil, fmt.Errorf("reading %s: more than %d files, which no solution has", name, maxArchiveFiles)
	}
	for _, f := range z.File {
		key := strings.ToLower(f.Name)
		if err := checkMember(f.Name); err != nil {
			return nil, fmt.Errorf("reading %s: member %q: %w", name, f.Name, err)
		}
		if a[key] != nil {
			return nil, fmt.Errorf("reading %s: member %q stands twice", name, f.Name)
		}
		a[key] = f
	}
	switch {
	case a[customizationsFile] != nil:
		return a.solution(name)
	case a[workbookFile] != nil:
		return a.workbook(name)
	}
	for member := range a {
		if yamlSolution().MatchString(member) {
			return nil, roleError("export the solution as a zip, or unpack it into XML with pac solution unpack",
				"reading %s: a solution in the YAML source format, which prvgap does not read", name)
		}
	}
	return nil, roleError(anyRole, "reading %s: a zip without %s at its root", name, customizationsFile)
}

// checkMember refuses names that lead out of a folder. Nothing is ever unpacked to disk, but such a zip is no export.
func checkMember(name string) error {
	switch {
	case name == "" || strings.HasPrefix(name, "/") || strings.ContainsAny(name, "\\\x00") || len(name) > 1 && name[1] == ':':
		return errors.New("not a relative path")
	case path.Clean(name) == ".." || strings.HasPrefix(path.Clean(name), "../") || strings.Contains(name, "/../"):
		return errors.New("a path that leads out of the zip")
	}
	return nil
}

// read unpacks a member. What unpacks to more than it says, archive/zip refuses.
func (a archive) read(name, member string) ([]byte, error) {
	fail := func(err error) ([]byte, error) { return nil, fmt.Errorf("reading %s/%s: %w", name, member, err) }
	f := a[member]
	if f.UncompressedSize64 > maxMember {
		return fail(fmt.Errorf("larger than %d MB, which no solution has", maxMember>>20))
	}
	r, err := f.Open()
	if err != nil {
		return fail(err)
	}
	defer r.Close()
	data, err := io.ReadAll(io.LimitReader(r, maxMember))
	if err != nil {
		return fail(err)
	}
	if data, err = decodeText(data); err != nil {
		return fail(err)
	}
	return data, nil
}

var managedMark = pattern.Compile(`<Managed>\s*1\s*</Managed>`)

// solution reads the roles of an exported solution, and whether it is managed.
func (a archive) solution(name string) ([]role.Role, error) {
	data, err := a.read(name, customizationsFile)
	if err != nil {
		return nil, err
	}
	roles, err := readRoleXML(name+"/"+customizationsFile, data)
	if err != nil || a[manifestFile] == nil {
		return roles, err
	}
	manifest, err := a.read(name, manifestFile)
	if err != nil {
		return nil, err
	}
	if managedMark().MatchString(string(manifest)) {
		for i := range roles {
			roles[i].Managed = true
			roles[i].Notes = append(roles[i].Notes, "out of a managed solution: the environment can hold changes of its own on top")
		}
	}
	return roles, nil
}

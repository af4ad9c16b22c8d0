package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/prvgap/prvgap/analyzer/report"
	"github.com/prvgap/prvgap/analyzer/role"
)

// maxRoleFile bounds a role file, in bytes; the largest real one (the system
// administrator's 4,132 privileges as JSON) is about 1 MB.
const maxRoleFile = 64 << 20

// roleHint says what a role can be.
const roleHint = "a role is a file (solution zip, customizations.xml, role XML, JSON, CSV or xlsx, or the JSON of a Zoho CRM profile; FILE#NAME picks one of several) or the name of a bundled role: prvgap role list"

// readRole reads a role that others are compared with. What only refers to a
// role cannot stand for one.
func readRole(path string) (role.Role, error) {
	r, err := openRole(path)
	if err == nil && r.Reference {
		return r, hint(fmt.Errorf("%s: role %q is only referred to there, without what it grants", path, r.Name), "export a solution that the role itself was added to, or fetch RetrieveRolePrivilegesRole")
	}
	return r, err
}

// openRole reads any role: a file, FILE#NAME, or a bundled one. A file that is
// there goes before a bundled role of the same name.
func openRole(path string) (role.Role, error) {
	file, name := roleFile(path)
	if _, err := os.Stat(file); err != nil {
		for _, p := range platforms() {
			if r, ok := p.bundled(path); ok {
				return r, nil
			}
		}
	}
	roles, err := readRoles(file)
	if err != nil {
		return role.Role{}, err
	}
	return pick(roles, file, name)
}

// roleFile splits FILE#NAME. A file whose own name has a # is taken whole.
func roleFile(path string) (file, name string) {
	if _, err := os.Stat(path); err == nil {
		return path, ""
	}
	last := -1
	for i := range len(path) {
		if path[i] != '#' || i == 0 {
			continue
		}
		last = i
		if _, err := os.Stat(path[:i]); err == nil { // the name may hold a # too
			break
		}
	}
	if last < 0 {
		return path, ""
	}
	return path[:last], path[last+1:]
}

// readRoles reads all the roles of a file.
func readRoles(file string) ([]role.Role, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, hint(fmt.Errorf("reading role: %w", err), "%s", roleHint)
	}
	defer f.Close()
	if info, err := f.Stat(); err == nil && info.IsDir() {
		return nil, hint(fmt.Errorf("reading role: %s is a folder", file), "give one of the files below its Roles folder")
	}
	data, err := io.ReadAll(io.LimitReader(f, maxRoleFile+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("reading role: %w", err)
	case len(data) > maxRoleFile:
		return nil, fmt.Errorf("reading %s: larger than %d MB, which no role is", file, maxRoleFile>>20)
	}
	ps := platforms()
	at := slices.IndexFunc(ps, func(p platform) bool { return p.owns(data) })
	roles, err := ps[at].read(file, data)
	for i := range roles {
		roles[i].File = data
	}
	return roles, err
}

func pick(roles []role.Role, file, name string) (role.Role, error) {
	var names []string
	for i := range roles {
		if roles[i].Name == "" { // what has no name is shown by that of its file
			roles[i].Name, roles[i].Nameless = baseName(file), true
		}
		names = append(names, roles[i].Name)
	}
	var found []role.Role
	for _, r := range roles {
		if name == "" || strings.EqualFold(r.Name, name) || strings.EqualFold(r.ID, strings.Trim(name, "{}")) {
			found = append(found, r)
		}
	}
	switch {
	case len(found) == 1:
		return found[0], nil
	case len(found) == 0:
		return role.Role{}, hint(fmt.Errorf("%s has no role %q", file, name), "it has: %s", strings.Join(names, ", "))
	case name == "":
		return role.Role{}, hint(fmt.Errorf("%s holds %d roles: %s", file, len(roles), strings.Join(names, ", ")), "pick one: %s", quote(file+"#"+names[0]))
	}
	return role.Role{}, hint(fmt.Errorf("%s has %d roles named %q", file, len(found), name), "pick one by its id: %s", quote(file+"#"+found[0].ID))
}

// baseName is a file's name without folder and extension.
func baseName(path string) string {
	path = path[strings.LastIndexAny(path, `/\`)+1:]
	if i := strings.LastIndexByte(path, '.'); i > 0 {
		path = path[:i]
	}
	return path
}

// roleFlags are the flags that the role commands share.
type roleFlags struct {
	target
	format string
	width  int
	flows  []string
}

// options are for a report on standard output, in the terminal's width unless the flag says another.
func (f roleFlags) options(io streams) report.Options {
	width := io.width
	if f.width > 0 {
		width = f.width
	}
	return report.Options{Width: width, Color: io.color}
}

// open reads roles. Flows go into the one that has a place for them.
func (f roleFlags) open(read func(string) (role.Role, error), paths ...string) ([]role.Role, error) {
	var roles []role.Role
	used := false
	for _, path := range paths {
		r, err := read(path)
		if err != nil {
			return nil, err
		}
		if strings.EqualFold(r.Source, "bundled minimum-login") {
			used = true
			for _, flow := range f.flows {
				if err := r.AddFlow(flow); err != nil {
					return nil, err
				}
			}
		}
		if len(roles) > 0 && roles[0].Dialect != r.Dialect {
			return nil, fmt.Errorf("%s is %s, and %s is %s: they have nothing in common", roles[0].Name, platformOf(roles[0]).what, r.Name, platformOf(r).what)
		}
		roles = append(roles, r)
	}
	if len(f.flows) > 0 && !used {
		return nil, hint(errors.New("--bpf is for the bundled role minimum-login only"), "leave it out, or name that role")
	}
	return roles, nil
}

func (f *roleFlags) bind(flags *pflag.FlagSet) {
	flags.StringArrayVar(&f.flows, "bpf", nil, "business process `FLOW` that the bundled role minimum-login is to cover: its label or its table's name; repeatable")
}

// bindText is for the commands that print a text.
func (f *roleFlags) bindText(flags *pflag.FlagSet) {
	f.bind(flags)
	flags.IntVar(&f.width, "width", 0, "`COLUMNS` of the text (default: the terminal's, or 80)")
}

// bindTable is for those that can print it as a table too.
func (f *roleFlags) bindTable(flags *pflag.FlagSet) {
	f.bindText(flags)
	flags.VarP(newWord(&f.format, "text", "text", "csv", "json"), "format", "f", "`FORMAT`: text, csv or json")
}

func newRole(io streams) *cobra.Command {
	c := &cobra.Command{
		Use: "role", Short: "List, show, compare and convert roles", Args: noArgs,
		Long: "A ROLE is a file, FILE#NAME for one of several, or the name of a bundled role.\n\n" +
			"Files: exported solution zip, customizations.xml, unpacked role XML, JSON of\n" +
			"RetrieveRolePrivilegesRole or of roleprivileges rows, XrmMockup SecurityRole,\n" +
			"role matrix CSV, xlsx of Role Documenter or _n.RoleEditor; the JSON of a Zoho\n" +
			"CRM profile (settings/profiles/{id}).",
		RunE: func(*cobra.Command, []string) error {
			return usageError{errors.New("role needs a command: list, show, diff, check or convert"), "prvgap role show ROLE"}
		},
	}
	c.AddCommand(newRoleList(io), newRoleShow(io), newRoleDiff(io), newRoleCheck(io), newRoleConvert(io))
	return c
}

// take is a check of the number of arguments.
func take(n int, what string) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		if len(args) != n {
			return usageError{fmt.Errorf("%s takes %s", c.Name(), what), c.UseLine()}
		}
		return nil
	}
}

func newRoleList(io streams) *cobra.Command {
	return &cobra.Command{
		Use: "list [FILE]", Short: "The bundled roles, or the roles of a file",
		RunE: func(c *cobra.Command, args []string) error {
			list := role.BundledNames()
			if len(args) > 1 {
				return usageError{errors.New("list takes one file at most"), c.UseLine()}
			}
			if len(args) == 1 {
				roles, err := readRoles(args[0])
				if err != nil {
					return err
				}
				list = nil
				for _, r := range roles {
					about := fmt.Sprintf("%d grants", r.Len())
					if r.Reference {
						about = "only referred to"
					}
					if r.Name == "" {
						r.Name = baseName(args[0])
					}
					list = append(list, role.Listed{Name: r.Name, About: about})
				}
			}
			return report.WriteRoleList(io.out, list, report.Options{Width: io.width, Color: io.color})
		},
	}
}

func newRoleShow(io streams) *cobra.Command {
	var f roleFlags
	var verbose bool
	c := &cobra.Command{
		Use: "show ROLE", Short: "Draw a role as the role form does", Args: take(1, "one role"),
		Example: "  prvgap role show app-opener\n  prvgap role show solution.zip#\"Sales Base\"",
		RunE: func(_ *cobra.Command, args []string) error {
			roles, err := f.open(openRole, args...)
			if err != nil {
				return err
			}
			o := f.options(io)
			o.Verbose = verbose
			return report.WriteRole(io.out, roles[0], o)
		},
	}
	f.bindText(c.Flags())
	c.Flags().BoolVarP(&verbose, "verbose", "v", false, "also what each grant is known to be needed for")
	return c
}

func newRoleDiff(io streams) *cobra.Command {
	var f roleFlags
	c := &cobra.Command{
		Use: "diff A B", Short: "What has to change for role A to grant what B grants", Args: take(2, "two roles"),
		Long: "diff tells what has to change for role A to grant what role B grants.\n\n" +
			"Exit codes: 0 the roles were compared, whether they differ or not, 2 the run\n" +
			"failed. role check tells by its exit code whether something is lacking.",
		Example: "  prvgap role diff \"Sales Base.xml\" exported.zip#\"Sales Base\"",
		RunE: func(_ *cobra.Command, args []string) error {
			roles, err := f.open(readRole, args...)
			if err != nil {
				return err
			}
			for _, r := range roles {
				if len(r.Rows) > 0 {
					return hint(fmt.Errorf("the depths of %s are not known, so there is nothing to compare", r.Name), "prvgap role check ROLE --needs %s tells what can be told", strings.TrimPrefix(r.Source, "bundled "))
				}
			}
			return report.WriteDiff(io.out, roles[0], roles[1], f.format, f.options(io))
		},
	}
	f.bindTable(c.Flags())
	return c
}

func newRoleCheck(io streams) *cobra.Command {
	var f roleFlags
	var needs string
	c := &cobra.Command{
		Use: "check ROLE --needs ROLE", Short: "What a role lacks of another, such as a vendor's requirements", Args: take(1, "one role, and --needs another"),
		Long: "check tells what ROLE lacks of the other role.\n\n" +
			"Exit codes: 0 nothing is lacking, 1 something is, 2 the run failed. Rows of\n" +
			"which the source tells no depth are lacking where ROLE holds nothing in them,\n" +
			"and are listed otherwise.",
		Example: "  prvgap role check \"Sales Base.xml\" --needs app-opener\n  prvgap role check role.xml --needs minimum-login --bpf \"Phone to Case Process\"",
		RunE: func(c *cobra.Command, args []string) error {
			if needs == "" {
				return usageError{errors.New("check needs to know what the role is checked for"), c.UseLine()}
			}
			roles, err := f.open(readRole, args[0], needs)
			if err != nil {
				return err
			}
			if err := report.WriteLacks(io.out, roles[0], roles[1], f.format, f.options(io)); err != nil {
				return err
			}
			for _, l := range role.Lacks(roles[0], roles[1]) {
				if !l.Unknown {
					return errGap
				}
			}
			return nil
		},
	}
	f.bindTable(c.Flags())
	c.Flags().StringVar(&needs, "needs", "", "`ROLE` that has what is needed: a file or a bundled role")
	return c
}

// converter gives what writes a role in a form that convert offers.
func converter(r role.Role, form string) (func(role.Role) ([]byte, error), error) {
	p := platformOf(r)
	if p.convert == nil {
		return nil, hint(fmt.Errorf("%s cannot be converted: the forms are those of another platform", p.what), "prvgap role show draws it")
	}
	switch write := p.convert[form]; {
	case write != nil:
		return write, nil
	case form == "csv":
		return func(r role.Role) ([]byte, error) { return written(r, report.WriteRoleMatrix) }, nil
	}
	return func(r role.Role) ([]byte, error) { return written(r, report.WriteRoleJSON) }, nil
}

func written(r role.Role, write func(io.Writer, role.Role) error) ([]byte, error) {
	var b bytes.Buffer
	err := write(&b, r)
	return b.Bytes(), err
}

func newRoleConvert(io streams) *cobra.Command {
	var f roleFlags
	var to string
	c := &cobra.Command{
		Use: "convert ROLE --to xml|csv|json|solution", Short: "Write a role in another form", Args: take(1, "one role"),
		Example: "  prvgap role convert \"Sales Base.xml\" --to csv -o sales.csv\n  prvgap role convert matrix.csv --to solution -o sales.zip",
		RunE: func(c *cobra.Command, args []string) error {
			if to == "" {
				return usageError{errors.New("convert needs --to"), c.UseLine()}
			}
			file, _ := roleFile(args[0])
			if err := f.target.check([]string{file}); err != nil {
				return err
			}
			roles, err := f.open(readRole, args...)
			if err != nil {
				return err
			}
			write, err := converter(roles[0], to)
			if err != nil {
				return err
			}
			return convert(io, roles[0], write, f.target, args[0])
		},
	}
	f.bind(c.Flags())
	f.target.bind(c.Flags())
	c.Flags().Var(newWord(&to, "", "xml", "csv", "json", "solution"), "to", "`FORM`: xml (unpacked role), csv (role matrix), json (as RetrieveRolePrivilegesRole answers) or solution (zip)")
	return c
}

// convert writes a role whole. What was left out in reading it is told.
func convert(io streams, r role.Role, write func(role.Role) ([]byte, error), t target, name string) error {
	if len(r.Rows) > 0 {
		return hint(fmt.Errorf("the depths of %s are not known, so there is nothing to convert", r.Name), "prvgap role show %s shows its rows", quote(name))
	}
	for _, n := range r.Notes {
		fmt.Fprintf(io.err, "note: %s\n", printable(n))
	}
	data, err := write(r)
	if err != nil {
		return err
	}
	if err := t.write(io, data); err != nil {
		return err
	}
	if bytes.HasPrefix(data, zipMagic) {
		fmt.Fprintln(io.err, "note: importing it replaces the role of this id where there is one; Microsoft does not support roles made by editing customizations.xml by hand, and importing an unmanaged solution cannot be undone")
	}
	return nil
}

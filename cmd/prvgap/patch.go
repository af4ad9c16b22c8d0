package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/prvgap/prvgap/analyzer"
	"github.com/prvgap/prvgap/analyzer/dataverse"
	"github.com/prvgap/prvgap/analyzer/report"
	"github.com/prvgap/prvgap/analyzer/role"
	"github.com/prvgap/prvgap/catalog"
	"github.com/prvgap/prvgap/har"
)

// patchOptions are the flags of patch.
type patchOptions struct {
	question
	target
	form     string
	name     string
	roleName string
	date     string
	solution dataverse.Solution
	live     bool // the capture goes on, and so does the file that it is saved to
}

// form is one form of a patch.
type form struct {
	name string
	make func(patchOptions, work) ([]byte, error)
	next string // what to do with the file, "" where the file says it
}

// forms in the order in which they are offered.
var forms = []form{
	{"companion", makeCompanion, nextCompanion},
	{"role", makeRole, "put the file into the Roles folder of an unpacked solution and its id among the root components of Other/Solution.xml; with a folder as --output the whole solution is written"},
	{"in-place", makeInPlace, "use it in place of the base's own file. What was added to the role in the environment since that file was exported may be lost by importing it: compare first"},
	{"diff", makeDiff, ""},
	{"powershell", script(dataverse.PowerShellScript), ""},
	{"http", script(dataverse.HTTPFile), ""},
	{"console", script(dataverse.ConsoleScript), ""},
	{"checklist", makeChecklist, ""},
}

// nextCompanion says what makes the companion work, and the two facts about
// support that its users must know.
const nextCompanion = `import the solution, then assign the new role to the same users or teams as the base role, in the same business unit: an import assigns it to nobody.
note: Microsoft does not support roles made by editing customizations.xml by hand; the forms console and powershell are supported, and make the additions to the base role itself.
note: importing an unmanaged solution cannot be undone, and removing the solution leaves the role; to undo, unassign or delete the role.`

func formNames() []string {
	var names []string
	for _, f := range forms {
		names = append(names, f.name)
	}
	return names
}

func newPatch(io streams, ds []analyzer.Dialect) *cobra.Command {
	var o patchOptions
	c := &cobra.Command{
		Use:   "patch [CAPTURE...] --base ROLE [--form FORM]",
		Short: "Write the additions as a file that an administrator can apply",
		Long: "patch analyzes like analyze, and writes the additions to the first base role:\n\n" +
			"  companion   a solution zip with a new role that holds only the additions (default)\n" +
			"  role        the same as an unpacked role XML, or with a folder as -o as an unpacked solution\n" +
			"  in-place    the base's own file with only the needed lines changed\n" +
			"  diff        the same as a unified diff\n" +
			"  powershell  a script that makes the additions through the Web API\n" +
			"  http        the same as a .http file\n" +
			"  console     the same for the browser console of a signed-in administrator\n" +
			"  checklist   the clicks, tab by tab\n\n" +
			"Before it writes, it holds the evidence against base and patch: a patch that does not answer\n" +
			"every explained denial is refused.\n\n" +
			"Exit codes: 0 nothing missing, 1 a gap was found and its patch written, 2 the run failed or an\n" +
			"input was incomplete.",
		Example: "  prvgap patch sales.har --base \"Sales Base.xml\" -o additions.zip\n" +
			"  prvgap patch sales.har --base \"Sales Base.xml\" --form in-place -o \"Sales Base.xml\" --overwrite",
		RunE: func(c *cobra.Command, args []string) error {
			if err := o.take(c, io, args); err != nil {
				return err
			}
			if len(o.bases) == 0 {
				return usageError{errors.New("patch needs --base"), c.UseLine()}
			}
			return runPatch(c.Context(), io, ds, o)
		},
	}
	f := c.Flags()
	o.question.bind(f)
	o.target.bind(f)
	f.StringVar(&o.form, "form", "companion", "one of "+strings.Join(formNames(), ", "))
	f.StringVar(&o.name, "name", "", "name of the companion role; it must be new in the environment, also after the additions have changed")
	f.StringVar(&o.roleName, "role-name", "", "name of the base role, for scripts, where its file does not tell it")
	f.StringVar(&o.date, "date", "", "date to write into the patch (default: none, so that the same input gives the same file)")
	f.StringVar(&o.solution.UniqueName, "solution", "", "unique name of the solution")
	f.StringVar(&o.solution.Publisher, "publisher", "", "name of its publisher; the unique name is made of its letters and digits")
	f.StringVar(&o.solution.Prefix, "prefix", "", "the publisher's prefix")
	return c
}

// work is what the forms are made of.
type work struct {
	answer
	patch dataverse.Patch
	left  []int // denials that a person decided to leave unanswered
}

func runPatch(ctx context.Context, io streams, ds []analyzer.Dialect, o patchOptions) error {
	at := slices.IndexFunc(forms, func(f form) bool { return f.name == o.form })
	if at < 0 {
		return hint(fmt.Errorf("unknown form %q", o.form), "choose one of %s", strings.Join(formNames(), ", "))
	}
	folder := o.form == "role" && isFolder(o.output)
	if err := o.checkPatch(folder); err != nil {
		return err
	}
	a, err := o.ask(ctx, io, ds)
	if err != nil {
		return err
	}
	if !a.Gap() {
		fmt.Fprintln(io.err, "nothing to add: no patch is needed")
		if o.form != "in-place" {
			return a.exit()
		}
	}
	w := work{answer: a, patch: o.compose(a)}
	if err := w.patch.Check(); err != nil {
		return err
	}
	for _, b := range w.opts.Bases {
		if o.name != "" && strings.EqualFold(o.name, b.Name) {
			return hint(fmt.Errorf("--name %q is the name of a base role: an import would find two roles of one name", o.name), "leave it out, or choose another")
		}
	}
	if folder {
		return o.writeFolder(io, w)
	}
	data, err := forms[at].make(o, w)
	if err != nil {
		return err
	}
	if err := o.write(io, data); err != nil {
		return err
	}
	if a.Gap() {
		w.tell(io, o)
		if forms[at].next != "" {
			fmt.Fprintln(io.err, "next: "+forms[at].next)
		}
	}
	return a.exit()
}

// checkPatch lets in-place write over its own base where --overwrite says so.
func (o patchOptions) checkPatch(folder bool) error {
	if folder {
		return nil
	}
	inputs := o.inputs()
	if o.form == "in-place" && o.overwrite {
		own, _ := roleFile(o.bases[0])
		inputs = slices.DeleteFunc(inputs, func(path string) bool { return path == own })
	}
	return o.check(inputs)
}

func isFolder(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir() || strings.HasSuffix(path, "/") || strings.HasSuffix(path, string(filepath.Separator))
}

// compose puts the proposal into the words of role files.
func (o patchOptions) compose(a answer) dataverse.Patch {
	base := *a.Proposal.Base
	if scripted := slices.Contains([]string{"powershell", "http", "console"}, o.form); base.Nameless && scripted {
		base.Name = o.roleName // without one the scripts ask for it
	}
	p := dataverse.Patch{Base: base, Provenance: dataverse.Provenance{
		Version: a.Version, Catalog: a.Catalog, Captures: digests(o.captures, o.live), Base: a.Proposal.Base.Name, Date: o.date,
	}}
	for _, g := range a.Proposal.Grants {
		f := a.Findings[g.Because[0]]
		p.Additions = append(p.Additions, dataverse.Addition{
			Privilege: g.Privilege, ID: f.Privilege.ID, From: g.From, To: g.To, Legal: f.Legal,
		})
	}
	slices.SortFunc(p.Additions, func(x, y dataverse.Addition) int {
		return strings.Compare(strings.ToLower(x.Privilege), strings.ToLower(y.Privilege))
	})
	return p
}

// digests names the captures with the digest of what they hold, uncompressed.
// What came through a pipe cannot be read again and has none, nor has a live
// one: its file is still being written.
func digests(paths []string, live bool) []dataverse.Digest {
	var out []dataverse.Digest
	for _, path := range paths {
		info, err := os.Stat(path)
		if live || err != nil || !info.IsDir() && !info.Mode().IsRegular() {
			out = append(out, dataverse.Digest{Name: filepath.Base(path)})
			continue
		}
		sources, err := har.Open(path, nil)
		if err != nil {
			continue // it was told when the captures were read
		}
		for _, s := range sources {
			d := dataverse.Digest{Name: filepath.Base(s.Name())}
			if r, err := s.Reader(); err == nil {
				h := sha256.New()
				if _, err := io.Copy(h, r); err == nil {
					d.SHA256 = fmt.Sprintf("%x", h.Sum(nil))
				}
				r.Close()
			}
			out = append(out, d)
		}
	}
	slices.SortFunc(out, func(a, b dataverse.Digest) int { return strings.Compare(a.Name+a.SHA256, b.Name+b.SHA256) })
	return out
}

// replay refuses a patch that leaves an explained denial unanswered: roles are
// what the principal would hold, read back from what is about to be written.
func (w work) replay(roles ...role.Role) error {
	held := append(slices.Clone(w.opts.Bases), roles...)
	holds := func(privilege string) (d catalog.Depth) {
		for _, r := range held {
			d = max(d, r.Holds(privilege))
		}
		return d
	}
	open := slices.DeleteFunc(w.Unanswered(w.opts, holds), func(i int) bool { return slices.Contains(w.left, i) })
	if len(open) > 0 {
		return fmt.Errorf("the patch would leave %d denials unanswered, the first at %s: it was not written", len(open), w.Denials[open[0]].Pointer)
	}
	return nil
}

// script replays what a script is to make of the base before it writes it.
func script(write func(dataverse.Patch) ([]byte, error)) func(patchOptions, work) ([]byte, error) {
	return func(_ patchOptions, w work) ([]byte, error) {
		data, err := write(w.patch)
		if err != nil {
			return nil, err
		}
		return data, w.replay(w.patched())
	}
}

// patched is the base role with the additions.
func (w work) patched() role.Role {
	r := w.patch.Base.Clone()
	for _, a := range w.patch.Additions {
		r.Grant(a.Privilege, a.To)
	}
	return r
}

// tell says what the file itself cannot: what widens, and what about the base
// makes an import doubtful.
func (w work) tell(io streams, o patchOptions) {
	note := func(format string, args ...any) {
		fmt.Fprintf(io.err, "note: %s\n", printable(fmt.Sprintf(format, args...)))
	}
	for _, g := range w.Proposal.Grants {
		if w.Findings[g.Because[0]].Basis == analyzer.BasisRecommended {
			note("%s at %s is wider than the evidence asks for", g.Privilege, g.To.Label())
		}
	}
	base, personal := w.patch.Base, slices.ContainsFunc(w.patch.Additions, func(a dataverse.Addition) bool { return a.To == catalog.Basic })
	if base.Inherited == "0" && personal {
		note("the base role gives members of a team no User level of their own (isinherited 0), and so does the patch: personal privileges then need a role that is held directly")
	}
	if o.form == "in-place" && base.Managed {
		note("the file comes out of a managed solution: the environment may hold changes to the role that it does not show")
	}
	if base.Nameless && base.Name == "" {
		note("the base's file does not name its role, and the script will ask: --role-name NAME puts the name into it")
	}
}

func makeCompanion(o patchOptions, w work) ([]byte, error) {
	r := dataverse.NewCompanion(w.patch, o.name)
	data, err := dataverse.SolutionZip(r, o.solution, w.patch.Provenance.Lines()...)
	if err != nil {
		return nil, err
	}
	return data, w.replayFile("companion", data, r.ID)
}

func makeRole(o patchOptions, w work) ([]byte, error) {
	r := dataverse.NewCompanion(w.patch, o.name)
	data, err := dataverse.RoleXML(r, w.patch.Provenance.Lines()...)
	if err != nil {
		return nil, err
	}
	return data, w.replayFile("role", data, r.ID)
}

// replayFile replays the evidence against the role of an id in a file.
func (w work) replayFile(name string, data []byte, id string) error {
	roles, err := dataverse.ReadRoles(name, data)
	if err != nil {
		return fmt.Errorf("reading the patch back: %w", err)
	}
	return w.replay(slices.DeleteFunc(roles, func(r role.Role) bool { return r.ID != id })...)
}

func makeInPlace(o patchOptions, w work) ([]byte, error) {
	file, _ := roleFile(o.bases[0])
	before, err := os.ReadFile(file)
	if err != nil {
		return nil, hint(fmt.Errorf("reading the base's own file: %w", err), "a bundled role has none: use --form companion")
	}
	if err := dataverse.Updatable(w.patch.Base); err != nil {
		return nil, hint(err, "use --form companion: a role of its own beside the base")
	}
	after, err := dataverse.InPlace(before, w.patch.Base, w.patch.Additions)
	if err != nil {
		return nil, err
	}
	return after, w.replayFile(file, after, w.patch.Base.ID)
}

func makeDiff(o patchOptions, w work) ([]byte, error) {
	after, err := makeInPlace(o, w)
	if err != nil {
		return nil, err
	}
	file, _ := roleFile(o.bases[0])
	before, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	return []byte(dataverse.UnifiedDiff(filepath.ToSlash(file), before, after)), nil
}

func makeChecklist(_ patchOptions, w work) ([]byte, error) {
	var b bytes.Buffer
	if err := report.Write(&b, w.Report, "checklist", report.Options{}); err != nil {
		return nil, err
	}
	return b.Bytes(), w.replay(w.patched())
}

// writeFolder writes the companion as an unpacked solution. No file in the
// folder is written over unasked.
func (o patchOptions) writeFolder(io streams, w work) error {
	r := dataverse.NewCompanion(w.patch, o.name)
	files, err := dataverse.SolutionFiles(r, o.solution, w.patch.Provenance.Lines()...)
	if err != nil {
		return err
	}
	names := slices.Sorted(maps.Keys(files))
	for _, name := range names {
		if strings.HasPrefix(name, "Roles/") {
			if err := w.replayFile(name, files[name], r.ID); err != nil {
				return err
			}
		}
		path := filepath.Join(o.output, filepath.FromSlash(name))
		if _, err := os.Stat(path); err == nil && !o.overwrite {
			return hint(fmt.Errorf("%s is there already", path), "add --overwrite to replace it, or choose an empty folder")
		}
	}
	for _, name := range names {
		path := filepath.Join(o.output, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return fmt.Errorf("writing %s: %w", path, err)
		}
		if err := writeFile(path, files[name], o.overwrite); err != nil {
			return err
		}
	}
	fmt.Fprintf(io.err, "wrote %d files below %s\nnext: pack the folder (pac solution pack), then %s\n", len(files), o.output, nextCompanion)
	return w.exit()
}

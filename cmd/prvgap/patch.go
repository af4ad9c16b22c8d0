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
	"github.com/prvgap/prvgap/analyzer/report"
	"github.com/prvgap/prvgap/analyzer/role"
	"github.com/prvgap/prvgap/catalog"
	"github.com/prvgap/prvgap/har"
)

// patchOptions are the flags of patch.
type patchOptions struct {
	question
	target
	form      string
	name      string
	roleName  string
	date      string
	solution  string
	publisher string
	prefix    string
	live      bool // the capture goes on, and so does the file that it is saved to
}

// form is one form of a patch.
type form struct {
	name, about string
	suffix      string // of the file's name, behind that of the base
	next        string // what to do with the file, "" where the file says it
	make        func(patchOptions, work) ([]byte, error)
	folder      func(patchOptions, work) (map[string][]byte, error) // the same as the files of a folder, if there is such a form
	folderNext  string
	edits       bool // it is made of the base's own file
	overwrites  bool // it is meant to take the place of the base's own file
	readable    bool // made to be looked at
	named       bool // it looks the base up by its name
	baseless    bool // it can do without a base
}

// checklist is the form that every platform has.
func checklist() form {
	return form{
		name: "checklist", about: "the clicks, tab by tab", suffix: " checklist.txt", readable: true, baseless: true,
		make: func(_ patchOptions, w work) ([]byte, error) {
			var b bytes.Buffer
			if err := report.Write(&b, w.Report, "checklist", report.Options{}); err != nil {
				return nil, err
			}
			return b.Bytes(), w.replay(w.patched())
		},
	}
}

func (p platform) formNames() []string {
	var names []string
	for _, f := range p.forms {
		names = append(names, f.name)
	}
	return names
}

// formNames are those of all platforms.
func formNames() []string {
	var names []string
	for _, p := range slices.Backward(platforms()) {
		for _, name := range p.formNames() {
			if !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	return names
}

// form finds a form of the platform, the default where none is named.
func (p platform) form(name string) (form, error) {
	if name == "" {
		return p.forms[0], nil
	}
	if i := slices.IndexFunc(p.forms, func(f form) bool { return f.name == name }); i >= 0 {
		return p.forms[i], nil
	}
	return form{}, hint(fmt.Errorf("the form %q is not for %s", name, p.what), "choose one of %s", strings.Join(p.formNames(), ", "))
}

func newPatch(io streams, ds []analyzer.Dialect) *cobra.Command {
	var o patchOptions
	c := &cobra.Command{
		Use:   "patch [CAPTURE...] --base ROLE [--form FORM]",
		Short: "Write the additions as a file that an administrator can apply",
		Long: "patch analyzes like analyze, and writes the additions to the first base role:\n\n" +
			"  companion   a solution zip with a new role of only the additions (default)\n" +
			"  role        the same as an unpacked role XML, or with a folder as -o as an\n" +
			"              unpacked solution\n" +
			"  in-place    the base's own file with only the needed lines changed\n" +
			"  diff        a unified diff of the base's own file\n" +
			"  powershell  a script that makes the additions through the Web API\n" +
			"  http        the same as a .http file\n" +
			"  console     the same for the browser console of a signed-in administrator\n" +
			"  checklist   the clicks, tab by tab\n\n" +
			"A Zoho CRM profile as the base has two of them, checklist (default) and http.\n\n" +
			"Before it writes, it holds the evidence against base and patch: a patch that\n" +
			"does not answer every explained denial is refused.\n\n" +
			"Exit codes: 0 nothing missing, 1 a gap was found and its patch written, 2 the\n" +
			"run failed or an input was incomplete.",
		Example: "  prvgap patch sales.har --base \"Sales Base.xml\" -o additions.zip\n" +
			"  prvgap patch sales.har --base role.xml --form in-place -o role.xml --overwrite",
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
	o.bindReading(f)
	o.target.bind(f)
	f.Var(newWord(&o.form, "", formNames()...), "form", "`FORM` of the patch: one of "+strings.Join(formNames(), ", ")+" (default: the first that the base can have)")
	f.StringVar(&o.name, "name", "", "`NAME` of the companion role; it must be new in the environment, also after the additions have changed")
	f.StringVar(&o.roleName, "role-name", "", "`NAME` of the base role, for scripts, where its file does not tell it")
	f.StringVar(&o.date, "date", "", "`DATE` to write into the patch (default: none, so that the same input gives the same file)")
	f.StringVar(&o.solution, "solution", "", "unique `NAME` of the solution")
	f.StringVar(&o.publisher, "publisher", "", "`NAME` of its publisher; the unique name is made of its letters and digits")
	f.StringVar(&o.prefix, "prefix", "", "the publisher's `PREFIX`")
	return c
}

// work is what the forms are made of: what concerns the base's platform, and
// nothing else.
type work struct {
	answer
	patch role.Patch
	left  []int // denials that a person decided to leave unanswered
}

func runPatch(ctx context.Context, io streams, ds []analyzer.Dialect, o patchOptions) error {
	opts, err := o.options(io, ds)
	if err != nil {
		return err
	}
	p := platformOf(opts.Bases[0])
	f, err := p.form(o.form)
	if err != nil {
		return err
	}
	folder := f.folder != nil && isFolder(o.output)
	if err := o.checkPatch(f, folder); err != nil {
		return err
	}
	a, err := o.answer(ctx, io, ds, opts)
	if err != nil {
		return err
	}
	w, left := newWork(a, o, f)
	if left > 0 {
		fmt.Fprintf(io.err, "note: this leaves %s of another platform: a role of that platform as the first --base gives the patch for them\n", report.Count(left, "addition"))
	}
	if !w.Gap() {
		said := "nothing to add: no patch is needed"
		if left > 0 {
			said = "nothing to add to this base"
		}
		fmt.Fprintln(io.err, said)
		if !f.overwrites {
			return a.exit()
		}
	}
	if err := o.write(io, w, f, folder); err != nil {
		return err
	}
	return a.exit()
}

// newWork keeps what concerns the base, and counts the additions that do not.
func newWork(a answer, o patchOptions, f form) (w work, left int) {
	w.answer = a
	w.Analysis, left = a.Of(a.Proposal.Base.Dialect)
	w.patch = o.compose(w.answer, f)
	return w, left
}

// write makes the patch and writes it.
func (o patchOptions) write(io streams, w work, f form, folder bool) error {
	if err := platformOf(w.patch.Base).check(w.patch); err != nil {
		return err
	}
	for _, b := range w.opts.Bases {
		if o.name != "" && strings.EqualFold(o.name, b.Name) {
			return hint(fmt.Errorf("--name %q is the name of a base role: an import would find two roles of one name", o.name), "leave it out, or choose another")
		}
	}
	if folder {
		return o.writeFolder(io, w, f)
	}
	data, err := f.make(o, w)
	if err != nil {
		return err
	}
	if err := o.target.write(io, data); err != nil {
		return err
	}
	if w.Gap() {
		w.tell(io, f)
		if f.next != "" {
			fmt.Fprintln(io.err, "next: "+f.next)
		}
	}
	return nil
}

// checkPatch lets a form write over its own base where --overwrite says so.
func (o patchOptions) checkPatch(f form, folder bool) error {
	if folder {
		return nil
	}
	inputs := o.inputs()
	if f.overwrites && o.overwrite {
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
func (o patchOptions) compose(a answer, f form) role.Patch {
	base := *a.Proposal.Base
	if base.Nameless && f.named {
		base.Name = o.roleName // without one the scripts ask for it
	}
	p := role.Patch{Base: base, Provenance: role.Provenance{
		Version: a.Version, Catalog: a.Catalog, Captures: digests(o.captures, o.live), Base: a.Proposal.Base.Name, Date: o.date,
	}}
	for _, g := range a.Proposal.Grants {
		finding := a.Findings[g.Because[0]]
		p.Additions = append(p.Additions, role.Addition{
			Privilege: g.Privilege, ID: finding.Privilege.ID, From: g.From, To: g.To, Legal: finding.Legal,
		})
	}
	slices.SortFunc(p.Additions, func(x, y role.Addition) int {
		return strings.Compare(strings.ToLower(x.Privilege), strings.ToLower(y.Privilege))
	})
	return p
}

// digests names the captures with the digest of what they hold, uncompressed.
// What came through a pipe cannot be read again and has none, nor has a live
// one: its file is still being written.
func digests(paths []string, live bool) []role.Digest {
	var out []role.Digest
	for _, path := range paths {
		info, err := os.Stat(path)
		if live || err != nil || !info.IsDir() && !info.Mode().IsRegular() {
			out = append(out, role.Digest{Name: filepath.Base(path)})
			continue
		}
		sources, err := har.Open(path, nil)
		if err != nil {
			continue // it was told when the captures were read
		}
		for _, s := range sources {
			d := role.Digest{Name: filepath.Base(s.Name())}
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
	slices.SortFunc(out, func(a, b role.Digest) int { return strings.Compare(a.Name+a.SHA256, b.Name+b.SHA256) })
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

// replayed replays what a script is to make of the base before it is written.
func replayed(w work, write func(role.Patch) ([]byte, error)) ([]byte, error) {
	data, err := write(w.patch)
	if err != nil {
		return nil, err
	}
	return data, w.replay(w.patched())
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
func (w work) tell(io streams, f form) {
	note := func(format string, args ...any) {
		fmt.Fprintf(io.err, "note: %s\n", printable(fmt.Sprintf(format, args...)))
	}
	for _, g := range w.Proposal.Grants {
		if w.Findings[g.Because[0]].Basis == analyzer.BasisRecommended {
			note("%s at %s is wider than the evidence asks for", g.Privilege, g.To.Label())
		}
	}
	base, personal := w.patch.Base, slices.ContainsFunc(w.patch.Additions, func(a role.Addition) bool { return a.To == catalog.Basic })
	if base.Inherited == "0" && personal {
		note("the base role gives members of a team no User level of their own (isinherited 0), and so does the patch: personal privileges then need a role that is held directly")
	}
	if f.overwrites && base.Managed {
		note("the file comes out of a managed solution: the environment may hold changes to the role that it does not show")
	}
	if base.Nameless && base.Name == "" {
		note("the base's file does not name its role, and the script will ask: --role-name NAME puts the name into it")
	}
}

// writeFolder writes a form as the files of a folder. No file in it is written
// over unasked.
func (o patchOptions) writeFolder(io streams, w work, f form) error {
	files, err := f.folder(o, w)
	if err != nil {
		return err
	}
	names := slices.Sorted(maps.Keys(files))
	for _, name := range names {
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
	fmt.Fprintf(io.err, "wrote %d files below %s\nnext: %s\n", len(files), o.output, f.folderNext)
	return nil
}

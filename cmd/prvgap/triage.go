package main

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/prvgap/prvgap/analyzer"
	"github.com/prvgap/prvgap/analyzer/report"
	"github.com/prvgap/prvgap/analyzer/role"
	"github.com/prvgap/prvgap/tui"
)

// triageOptions are the flags of triage.
type triageOptions struct {
	question
	screenOptions
	plain bool
	live  bool // the capture goes on, and so does the file that it is saved to
}

// screenOptions are the flags of the screen.
type screenOptions struct {
	session string
	author  string
	ascii   bool
	mouse   bool
}

// bind binds them; capture says beside which file the session lies.
func (o *screenOptions) bind(f *pflag.FlagSet, capture string) {
	f.StringVar(&o.session, "session", "", "`FILE` that keeps the decisions (default: the name of "+capture+" and .prvgap.json)")
	f.StringVar(&o.author, "author", "", "`NAME` to put on decisions")
	f.BoolVar(&o.ascii, "ascii", false, "letters in place of circles, for terminals without them")
	f.BoolVar(&o.mouse, "mouse", false, "mouse on from the start (M turns it on and off)")
}

func newTriage(io streams, ds []analyzer.Dialect) *cobra.Command {
	var o triageOptions
	c := &cobra.Command{
		Use:   "triage [CAPTURE...] [--base ROLE]...",
		Short: "Decide on the additions, on the role form in the terminal",
		Long: "triage shows what was refused as the role form does, and lets a person decide\n" +
			"what goes into the patch: accept, reject, ignore, defer, another level.\n" +
			"Decisions are saved at once to a session file beside the first capture; opening\n" +
			"the capture again goes on with them.\n\n" +
			"On a terminal, prvgap CAPTURE means this. Without one it prints the text\n" +
			"report.\n\n" +
			"Exit codes: 0 nothing missing, 1 a gap was found, 2 the run failed or an input\n" +
			"was incomplete.",
		Example: "  prvgap triage sales.har --base \"Sales Base.xml\"\n  prvgap triage sales.har more.har --session review.json",
		RunE: func(c *cobra.Command, args []string) error {
			if err := o.take(c, io, args); err != nil {
				return err
			}
			return runTriage(c.Context(), io, ds, o)
		},
	}
	f := c.Flags()
	o.question.bind(f)
	o.bindReading(f)
	o.screenOptions.bind(f, "the first capture")
	f.BoolVar(&o.plain, "plain", false, "a dialogue line by line, for screen readers and pipes")
	return c
}

// terminal reports whether a person sits at both ends.
func (io streams) terminal() bool { return !io.piped && io.width > 0 }

func runTriage(ctx context.Context, io streams, ds []analyzer.Dialect, o triageOptions) error {
	if !io.terminal() && !o.plain {
		fmt.Fprintln(io.err, "note: triage needs a terminal; this is the report of prvgap analyze instead (--plain asks line by line)")
		return runAnalyze(ctx, io, ds, analyzeOptions{question: o.question, reporting: reporting{target: target{output: "-"}, format: "text"}})
	}
	if o.plain && slices.Contains(o.captures, "-") {
		return hint(errors.New("standard input cannot hold both the capture and the answers"), "save the capture to a file first")
	}
	if o.session == "" {
		o.session = sessionOf(o.captures[0])
	}
	cfg, err := o.config(io, ds)
	if err != nil {
		return err
	}
	sources, notes, err := triageSources(io, ds, o.question)
	if err != nil {
		return err
	}
	cfg.Sources, cfg.Partial, cfg.Notes = sources, len(notes) > 0, append(notes, cfg.Notes...)
	var out tui.Outcome
	if o.plain {
		out, err = tui.Plain(ctx, cfg, io.in, io.out)
	} else {
		out, err = tui.Run(ctx, cfg, io.in, io.out)
	}
	if err != nil {
		return fmt.Errorf("in triage: %w", err)
	}
	return leaveTriage(io, out)
}

// sessionOf is the file for decisions that lies beside a capture.
func sessionOf(capture string) string { return strings.TrimRight(capture, `/\`) + ".prvgap.json" }

// leaveTriage prints what was asked for on leaving, and says what the exit code
// is made of.
func leaveTriage(io streams, out tui.Outcome) error {
	r := report.Report{Version: io.version, Catalog: catalogVersion(), Analysis: out.Analysis}
	if out.Print {
		if err := report.Write(io.out, r, "text", report.Options{Width: io.width, Color: io.color}); err != nil {
			return err
		}
	}
	switch {
	case out.Partial || !r.Complete():
		return errPartial
	case out.Gap:
		return errGap
	}
	return nil
}

// config gives the triage everything that touches a file, the clock or another
// program, but for the captures.
func (o triageOptions) config(io streams, ds []analyzer.Dialect) (tui.Config, error) {
	opts, err := o.options(io, ds)
	if err != nil {
		return tui.Config{}, err
	}
	// What is only suspected is shown, for the person to decide.
	opts.GrantSuspected = true
	keep, err := o.filter.compile()
	if err != nil {
		return tui.Config{}, err
	}
	cfg := tui.Config{
		Options: opts, Keep: keep, Bases: o.bases,
		Session: tui.NewSession(), SessionName: o.session, Author: o.author, Now: time.Now,
		Color: io.color, ASCII: o.ascii, Mouse: o.mouse,
		OpenRole: readRole,
		Forms:    triageForms(),
		Patch:    func(r tui.Request) (tui.Patch, error) { return o.patch(io, r) },
		Write:    func(path string, data []byte, overwrite bool) error { return o.write(path, data, overwrite) },
		Copy:     func(text string) (string, error) { return clip(io, text) },
	}
	if o.session != "" || len(o.ignore) > 0 {
		cfg.WriteIgnore = o.writeIgnore
	}
	if o.session == "" {
		return cfg, nil
	}
	session, resumed, err := readSession(o.session)
	if err != nil {
		return tui.Config{}, err
	}
	cfg.Session = session
	cfg.Save = func(data []byte) error { return writeFile(o.session, data, true) }
	if resumed {
		cfg.Notes = append(cfg.Notes, "going on with the decisions in "+o.session)
	}
	return cfg, nil
}

// readSession reads the session file, if there is one. A broken one is never
// written over: it holds somebody's work.
func readSession(path string) (s tui.Session, resumed bool, err error) {
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return tui.NewSession(), false, nil
	}
	if err != nil {
		return s, false, fmt.Errorf("reading session: %w", err)
	}
	if s, err = tui.ReadSession(bytes.NewReader(data)); err != nil {
		return s, false, hint(fmt.Errorf("reading session %s: %w", path, err), "repair or move the file, or name another with --session")
	}
	return s, true, nil
}

// triageSources opens the captures; they are read while the screen is up.
func triageSources(io streams, ds []analyzer.Dialect, q question) (list []tui.Source, notes []string, err error) {
	for _, in := range openAll(io, q.captures) {
		if in.err != nil {
			err = tell(io, err, in.err)
			notes = append(notes, in.err.Error())
			continue
		}
		t := tui.Source{Name: in.source.Name(), Entries: in.source.Entries(q.reading(ds)), Info: in.source.Info}
		if in.source.Report() {
			t.Evidence = func() (analyzer.Evidence, error) { return readReport(in.source) }
		}
		list = append(list, t)
	}
	if len(list) == 0 {
		return nil, nil, err
	}
	return list, notes, nil
}

// writeIgnore keeps the ignore file as the session has it: the first one that
// was given, or one beside the session. Entries of others stay.
func (o triageOptions) writeIgnore(set []analyzer.Ignore, drop []string) (string, error) {
	type entry struct {
		Privilege string `json:"privilege"`
		Reason    string `json:"reason"`
		Author    string `json:"author,omitempty"`
		Until     string `json:"until,omitempty"`
	}
	var file struct {
		Ignore []entry `json:"ignore"`
	}
	path := strings.TrimSuffix(o.session, ".prvgap.json") + ".prvgap-ignore.json"
	if len(o.ignore) > 0 {
		path = o.ignore[0]
	}
	data, err := os.ReadFile(path)
	if err == nil {
		err = json.Unmarshal(data, &file)
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("reading ignore file: %w", err)
	}
	for _, ig := range set {
		drop = append(drop, ig.Privilege)
	}
	file.Ignore = slices.DeleteFunc(file.Ignore, func(e entry) bool {
		return slices.ContainsFunc(drop, func(name string) bool { return strings.EqualFold(name, e.Privilege) })
	})
	for _, ig := range set {
		e := entry{Privilege: ig.Privilege, Reason: ig.Reason, Author: ig.Author}
		if !ig.Until.IsZero() {
			e.Until = ig.Until.Format(time.DateOnly)
		}
		file.Ignore = append(file.Ignore, e)
	}
	if file.Ignore == nil {
		file.Ignore = []entry{}
	}
	var b bytes.Buffer
	if err := report.EncodeJSON(&b, file); err != nil {
		return "", err
	}
	return path, writeFile(path, b.Bytes(), true)
}

// triageForms are the forms of all platforms, for the menu. Without a base there
// is only the checklist.
func triageForms() []tui.Form {
	var list []tui.Form
	for _, p := range platforms() {
		for _, f := range p.forms {
			list = append(list, tui.Form{
				Name: f.name, About: f.about, Dialect: p.name, NeedsBase: !f.baseless,
				NeedsFile: f.edits, Overwrites: f.overwrites, Readable: f.readable, Path: f.path,
			})
		}
	}
	return list
}

// path is the file that a form is written to unless another is named.
func (f form) path(bases []string) string {
	if len(bases) == 0 {
		return "prvgap" + f.suffix
	}
	file, _ := roleFile(bases[0])
	if f.suffix == "" {
		return file
	}
	return baseName(file) + f.suffix
}

// patch makes a patch of what was accepted, and holds the evidence against it
// as the patch command does.
func (o triageOptions) patch(io streams, r tui.Request) (tui.Patch, error) {
	p := patchOptions{question: o.question, form: r.Form, live: o.live}
	p.bases = r.Bases
	a := answer{Report: report.Report{Version: io.version, Catalog: catalogVersion(), Analysis: r.Analysis}, opts: r.Options}
	w, f := work{answer: a}, checklist()
	if base := a.Proposal.Base; base != nil {
		of := platformOf(*base)
		var err error
		if f, err = of.form(r.Form); err != nil {
			return tui.Patch{}, withHint(err)
		}
		w, _ = newWork(a, p, f)
		if err := of.check(w.patch); err != nil {
			return tui.Patch{}, withHint(err)
		}
	}
	w.left = r.Left
	data, err := f.make(p, w)
	if err != nil {
		return tui.Patch{}, withHint(err)
	}
	next, _, _ := strings.Cut(f.next, "\n")
	return tui.Patch{Data: data, Binary: bytes.HasPrefix(data, zipMagic), Next: next}, nil
}

// withHint puts what can be done into an error itself, where there is one line
// for both.
func withHint(err error) error {
	var h hinted
	var u *role.Error
	switch {
	case errors.As(err, &h):
		return fmt.Errorf("%w: %s", err, h.hint)
	case errors.As(err, &u) && u.Hint != "":
		return fmt.Errorf("%w: %s", err, u.Hint)
	}
	return err
}

// write writes a patch, never over a capture.
func (o triageOptions) write(path string, data []byte, overwrite bool) error {
	if err := (target{path, true}).check(append(slices.Clone(o.captures), o.session)); err != nil {
		return err
	}
	if _, err := os.Stat(path); err == nil && !overwrite {
		return fmt.Errorf("writing %s: %w", path, fs.ErrExist)
	}
	return writeFile(path, data, overwrite)
}

// clip copies a text: inside SSH and tmux by the terminal's own sequence, as a
// program there would reach the wrong machine's clipboard; else by the first
// program that works.
func clip(io streams, text string) (how string, err error) {
	sequence := "\x1b]52;c;" + base64.StdEncoding.EncodeToString([]byte(text)) + "\a"
	if os.Getenv("SSH_TTY") != "" || os.Getenv("TMUX") != "" {
		_, err := fmt.Fprint(io.out, sequence)
		return "the terminal (OSC 52)", err
	}
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	for _, tool := range [][]string{{"wl-copy"}, {"xclip", "-selection", "clipboard"}, {"pbcopy"}, {"clip.exe"}} {
		c := exec.CommandContext(ctx, tool[0], tool[1:]...)
		c.Stdin = strings.NewReader(text)
		if c.Run() == nil {
			return filepath.Base(tool[0]), nil
		}
	}
	return "", errors.New("no clipboard program found")
}

package tui

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"github.com/prvgap/prvgap/analyzer/report"
	"github.com/prvgap/prvgap/catalog"
)

func (m *model) canPatch() bool    { return m.cfg.Patch != nil && m.desk.count(accepted) > 0 }
func (m *model) canOpenRole() bool { return m.cfg.OpenRole != nil }

// forms returns the forms that are possible with the base and its platform, or
// without a base.
func (m *model) forms() []Form {
	var list []Form
	for _, f := range m.cfg.Forms {
		if len(m.cfg.Options.Bases) > 0 {
			base := m.cfg.Options.Bases[0]
			if f.Dialect != "" && f.Dialect != base.Dialect || f.NeedsFile && base.File == nil {
				continue
			}
		} else if f.NeedsBase || slices.ContainsFunc(list, func(g Form) bool { return g.Name == f.Name }) {
			continue
		}
		list = append(list, f)
	}
	return list
}

// patched reports whether an item goes into the patch, which is for the base's
// platform alone. What is not in evidence tells no platform: it is of the base's.
func (m *model) patched(it item) bool {
	if it.state != accepted || len(m.cfg.Options.Bases) == 0 {
		return it.state == accepted
	}
	base, of := m.cfg.Options.Bases[0].Dialect, it.finding.Dialect
	return base == "" || of == "" || base == of
}

// toPatch counts the items that go into the patch, and the denials they answer.
func (m *model) toPatch() (grants, denials int) {
	for _, it := range m.desk.items {
		if m.patched(it) {
			grants++
			denials += len(it.finding.Denials)
		}
	}
	return grants, denials
}

// request puts what is accepted into the order for a patch.
func (m *model) request(form string) Request {
	a := m.desk.decided()
	opts := m.cfg.Options
	opts.Ignore = nil // what is ignored is in the decisions
	return Request{form, m.cfg.Bases, opts, a, a.Unanswered(opts, m.granted)}
}

// granted returns what a principal holds once the patch is in force.
func (m *model) granted(privilege string) catalog.Depth {
	d := catalog.None
	for _, r := range m.cfg.Options.Bases {
		d = max(d, r.Holds(privilege))
	}
	if i, ok := m.desk.at[strings.ToLower(privilege)]; ok && m.desk.items[i].state == accepted {
		d = max(d, m.desk.items[i].depth)
	}
	return d
}

// preview asks in which form; those that are made to be read come first.
func (m *model) preview() tea.Cmd {
	var choices []choice
	for _, readable := range []bool{true, false} {
		for _, f := range m.forms() {
			if f.Readable == readable {
				choices = append(choices, choice{f.Name, f.About, func(m *model) tea.Cmd { return m.previewOf(f) }})
			}
		}
	}
	m.over = newMenu("preview as", choices)
	return nil
}

// previewOf makes the patch as it would be written, replay included, beside the
// screen: it may read the captures again for their digests.
func (m *model) previewOf(f Form) tea.Cmd {
	req, patch := m.request(f.Name), m.cfg.Patch
	m.tell("making " + f.Name + " …")
	return func() tea.Msg {
		p, err := patch(req)
		return doneMsg(func(m *model) tea.Cmd {
			if err != nil {
				m.fail(err)
				return nil
			}
			m.tell("nothing is written yet")
			m.over = &sheet{
				title: "preview: " + f.Name,
				extra: []sheetKey{{m.keys.write, func(m *model) tea.Cmd { return m.askPath(f) }}},
				text:  func(m *model, width int) []string { return m.previewText(req, p, width) },
			}
			return nil
		})
	}
}

// previewText is the summary, the replay, the grants, and the patch itself
// where it is text.
func (m *model) previewText(req Request, p Patch, width int) []string {
	grants, answered := m.toPatch()
	var summary strings.Builder
	summary.WriteString(fmt.Sprintf("%s · answers %s of %s, replayed against base and patch", report.Count(grants, "grant"), report.Number(answered-len(req.Left)), report.Count(answered, "denial")))
	if n := m.desk.count(accepted) - grants; n > 0 {
		summary.WriteString(fmt.Sprintf(" · %d for another platform are not in it: its role as the base (b) gives their patch", n))
	}
	for _, c := range []struct {
		s    state
		what string
	}{{open, "to decide"}, {rejected, "rejected"}, {ignored, "ignored"}, {deferred, "deferred"}} {
		if n := m.desk.count(c.s); n > 0 {
			summary.WriteString(" · " + report.Number(n) + " " + c.what)
		}
	}
	lines := append(wrap(summary.String(), width, 0), "")
	for _, it := range m.desk.items {
		if !m.patched(it) {
			continue
		}
		line := m.look.mark(it) + " " + fit(m.text(it.finding.Privilege.Name), 40) + " " + m.change(it) + " " + m.level(it)
		lines = append(lines, fit(line, width))
		if s := it.says(); s != "" || it.company {
			lines = append(lines, wrap("    "+m.text(joined(s, map[bool]string{true: "not in evidence"}[it.company])), width, 4)...)
		}
	}
	lines = append(lines, "")
	if p.Binary {
		return append(lines, fmt.Sprintf("The file is a zip of %d bytes.", len(p.Data)))
	}
	for l := range bytes.Lines(p.Data) {
		line := strings.TrimRight(strings.ReplaceAll(string(l), "\t", "  "), "\r\n")
		text := escapeSpaced(line)
		if m.private {
			text = mask(text)
		}
		switch {
		case strings.HasPrefix(text, "+"):
			text = m.look.good.Render(text)
		case strings.HasPrefix(text, "-"):
			text = m.look.bad.Render(text)
		}
		lines = append(lines, text)
	}
	return lines
}

// savePatch asks which form; to look first is the default.
func (m *model) savePatch() tea.Cmd {
	choices := []choice{{"look at the changes first", "preview; nothing is written", (*model).preview}}
	for _, f := range m.forms() {
		choices = append(choices, choice{f.Name, f.About, func(m *model) tea.Cmd { return m.askPath(f) }})
	}
	grants, _ := m.toPatch()
	title := "write " + report.Count(grants, "accepted grant")
	if n := m.desk.count(open); n > 0 {
		title += " (" + report.Number(n) + " still to be decided)"
	}
	m.over = newMenu(title, choices)
	return nil
}

// askPath offers a name, which enter takes.
func (m *model) askPath(f Form) tea.Cmd {
	m.over = newPrompt("write "+f.Name+" to", f.Path(m.cfg.Bases), func(m *model, name string) (tea.Cmd, error) {
		if name = strings.TrimSpace(name); name == "" {
			return nil, errors.New("a file is needed")
		}
		return m.writePatch(f, name, false), nil
	})
	return nil
}

// writePatch makes the patch and writes it. A file that is there is replaced
// only when that was said.
func (m *model) writePatch(f Form, name string, overwrite bool) tea.Cmd {
	req, version := m.request(f.Name), m.desk.version
	patch, write := m.cfg.Patch, m.cfg.Write
	m.tell("writing " + name + " …")
	return func() tea.Msg {
		p, err := patch(req)
		if err == nil {
			err = write(name, p.Data, overwrite)
		}
		return doneMsg(func(m *model) tea.Cmd { return m.wrote(f, name, version, p, err) })
	}
}

// wrote tells what became of a file, and asks where one is in the way.
func (m *model) wrote(f Form, name string, version int, p Patch, err error) tea.Cmd {
	switch {
	case errors.Is(err, fs.ErrExist):
		what := "replace " + path.Base(name)
		if f.Overwrites {
			what += ", with only the needed lines changed"
		}
		m.tell("not written so far")
		m.over = newMenu(name+" is there already", []choice{
			{"another name", "", func(m *model) tea.Cmd { return m.askPath(f) }},
			{what, "", func(m *model) tea.Cmd { return m.writePatch(f, name, true) }},
		})
		return nil
	case err != nil:
		m.fail(err)
		return nil
	}
	m.written = version
	next := p.Next
	if next != "" {
		next = " · next: " + next
	}
	return m.say("wrote %s%s", name, next)
}

// changeBase asks for a role that is to be the base, or one more of them.
func (m *model) changeBase() tea.Cmd {
	m.over = newPrompt("base role: file, FILE#NAME or bundled name; + in front adds one", "", func(m *model, name string) (tea.Cmd, error) {
		name = strings.TrimSpace(name)
		rest, more := strings.CutPrefix(name, "+")
		if rest = strings.TrimSpace(rest); rest == "" {
			return nil, errors.New("a name is needed")
		}
		r, err := m.cfg.OpenRole(rest)
		if err != nil {
			return nil, err
		}
		if !more {
			m.cfg.Options.Bases, m.cfg.Bases = nil, nil
		}
		m.cfg.Options.Bases = append(slices.Clone(m.cfg.Options.Bases), r)
		m.cfg.Bases = append(slices.Clone(m.cfg.Bases), rest)
		m.tell("base " + r.Name + ", " + report.Count(r.Len(), "grant"))
		return m.analyze(), nil
	})
	return nil
}

func (m *model) canCopy() bool { return m.cfg.Copy != nil && m.onSubject() }

// copyMenu offers what is worth having elsewhere.
func (m *model) copyMenu() tea.Cmd {
	var choices []choice
	add := func(name, text string) {
		if text != "" {
			choices = append(choices, choice{name, first(text), func(m *model) tea.Cmd { return m.copy(name, text) }})
		}
	}
	denials := []int{}
	if it, ok := m.item(); ok {
		f := it.finding
		denials = f.Denials
		f.Depth = it.depth
		add("privilege", f.Privilege.Name)
		add("clicks", report.Place(f)+" > "+report.RowLabel(f)+" "+report.Column(f)+": "+report.Clicks(f))
	} else if s := m.subject(); s.other != none {
		denials = m.others[s.other].denials
	}
	if len(denials) > 0 {
		d := m.desk.analysis.Denials[denials[0]]
		add("message", d.Message)
		add("address", d.URL)
	}
	if m.desk.count(accepted) > 0 {
		var b bytes.Buffer
		r := report.Report{Analysis: m.desk.decided()}
		if err := report.Write(&b, r, "checklist", report.Options{}); err == nil {
			add("checklist", b.String())
		}
	}
	m.over = newMenu("copy", choices)
	return nil
}

// copy copies a text beside the screen, and shows it where that is impossible.
func (m *model) copy(name, text string) tea.Cmd {
	do := m.cfg.Copy
	return func() tea.Msg {
		how, err := do(text)
		return doneMsg(func(m *model) tea.Cmd {
			if err == nil {
				return m.say("copied the %s by %s", name, how)
			}
			m.fail(fmt.Errorf("not copied (%w): select it here", err))
			m.over = &sheet{title: name, text: func(m *model, width int) []string {
				var lines []string
				for l := range strings.Lines(text) {
					lines = append(lines, wrap(m.text(l), width, 0)...)
				}
				return lines
			}}
			return nil
		})
	}
}

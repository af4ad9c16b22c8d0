package tui

import (
	"fmt"
	"strings"

	"github.com/charmbracelet/bubbles/cursor"
	"github.com/charmbracelet/bubbles/key"
	"github.com/charmbracelet/bubbles/textinput"
	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/ansi"

	"github.com/prvgap/prvgap/catalog"
)

// choice is a line of a menu.
type choice struct {
	name, about string
	do          func(*model) tea.Cmd
}

// menu offers choices; the first is the default. One that is filtered by typing
// has an input above.
type menu struct {
	title   string
	choices []choice
	at      int
	input   *textinput.Model
}

func newMenu(title string, choices []choice) *menu { return &menu{title: title, choices: choices} }

// shown returns the choices that hold what was typed.
func (s *menu) shown() []choice {
	if s.input == nil {
		return s.choices
	}
	words := strings.Fields(strings.ToLower(s.input.Value()))
	var list []choice
	for _, c := range s.choices {
		if holdsAll(strings.ToLower(c.name+" "+c.about), words) {
			list = append(list, c)
		}
	}
	return list
}

func (s *menu) press(m *model, k tea.KeyMsg) tea.Cmd {
	up, down := m.keys.up, m.keys.down
	if s.input != nil { // letters are for the input
		up, down = m.keys.arrows, m.keys.lower
	}
	shown := s.shown()
	switch {
	case key.Matches(k, m.keys.back), s.input == nil && key.Matches(k, m.keys.close):
		m.over = nil
	case key.Matches(k, up):
		s.at = max(0, s.at-1)
	case key.Matches(k, down):
		s.at = max(0, min(s.at+1, len(shown)-1))
	case key.Matches(k, m.keys.choose):
		if s.at < len(shown) {
			m.over = nil
			return shown[s.at].do(m)
		}
	case s.input != nil:
		in, cmd := s.input.Update(k)
		*s.input, s.at = in, 0
		return cmd
	case len(k.Runes) == 1 && k.Runes[0] > '0' && int(k.Runes[0]-'0') <= len(shown):
		m.over = nil
		return shown[k.Runes[0]-'1'].do(m)
	}
	return nil
}

func (s *menu) lines(m *model, width, high int) []string {
	lines := []string{m.rule(s.title, width)}
	if s.input != nil {
		lines = append(lines, " "+s.input.View())
	}
	shown := s.shown()
	room := max(1, high-len(lines))
	top := max(0, s.at-room+1)
	for i := top; i < len(shown) && i < top+room; i++ {
		c := shown[i]
		number := "  "
		if s.input == nil && i < 9 {
			number = fmt.Sprintf("%d ", i+1)
		}
		line := number + m.text(c.name)
		if c.about != "" {
			line = fit(line, min(34, width/2)) + " " + m.look.dim.Render(m.text(c.about))
		}
		if i == s.at {
			line = m.look.bold.Render("▸ ") + m.look.bold.Render(line)
		} else {
			line = "  " + line
		}
		lines = append(lines, line)
	}
	if len(shown) == 0 {
		lines = append(lines, "  nothing by that name")
	}
	return lines
}

func (s *menu) keys(m *model) []key.Binding {
	return []key.Binding{m.keys.up, m.keys.choose, m.keys.back}
}

// rule is a line with a title in it.
func (m *model) rule(title string, width int) string {
	s := ansi.Truncate("── "+m.text(title)+" ", width, "…")
	return m.look.bold.Render(s + strings.Repeat("─", max(0, width-ansi.StringWidth(s))))
}

// prompt asks for a line of text, in place of the status line.
type prompt struct {
	title  string
	input  textinput.Model
	done   func(*model, string) (tea.Cmd, error)
	typed  func(*model, string) // after every key
	cancel func(*model)
	err    error
}

// newPrompt asks with a value that is there already, the cursor behind it.
func newPrompt(title, value string, done func(*model, string) (tea.Cmd, error)) *prompt {
	in := newInput("")
	in.CharLimit = 2000
	in.SetValue(value)
	in.CursorEnd()
	return &prompt{title: title, input: in, done: done}
}

func newInput(before string) textinput.Model {
	in := textinput.New()
	in.Prompt = before
	in.Cursor.SetMode(cursor.CursorHide) // one that blinks would redraw for ever
	in.Focus()
	return in
}

func (p *prompt) press(m *model, k tea.KeyMsg) tea.Cmd {
	switch {
	case key.Matches(k, m.keys.back):
		m.over = nil
		if p.cancel != nil {
			p.cancel(m)
		}
		return nil
	case key.Matches(k, m.keys.choose):
		m.over = nil
		cmd, err := p.done(m, p.input.Value())
		if err != nil {
			p.err = err
			m.over = p
		}
		return cmd
	}
	var cmd tea.Cmd
	p.err = nil
	p.input, cmd = p.input.Update(k)
	if p.typed != nil {
		p.typed(m, p.input.Value())
	}
	return cmd
}

// lines draws nothing: a prompt leaves the screen in sight.
func (p *prompt) lines(*model, int, int) []string { return nil }

// line draws the prompt; the end of a long text stays in sight.
func (p *prompt) line(m *model) string {
	title := m.text(p.title) + ": "
	if p.err != nil {
		title = m.look.bad.Render("! "+escape(p.err.Error())) + "  " + title
	}
	value := []rune(escapeSpaced(p.input.Value()))
	at := min(p.input.Position(), len(value))
	room := max(8, m.width/2)
	from := max(0, at-room)
	return m.look.bold.Render(title) + string(value[from:at]) + m.look.pick.Render(m.look.sign("▏", "|")) + string(value[at:])
}

func (p *prompt) keys(m *model) []key.Binding { return []key.Binding{m.keys.choose, m.keys.back} }

// sheet is a page of text that scrolls.
type sheet struct {
	title string
	text  func(m *model, width int) []string
	top   int
	extra []sheetKey

	version, width int // that the lines below were made for
	private        bool
	made           []string
}

// sheetKey is a key that a sheet has beside those that scroll.
type sheetKey struct {
	key.Binding
	do func(*model) tea.Cmd
}

func (s *sheet) press(m *model, k tea.KeyMsg) tea.Cmd {
	page := max(1, m.screen.body-2)
	for _, x := range s.extra {
		if key.Matches(k, x.Binding) {
			m.over = nil
			return x.do(m)
		}
	}
	switch {
	case key.Matches(k, m.keys.close):
		m.over = nil
	case key.Matches(k, m.keys.up):
		s.top--
	case key.Matches(k, m.keys.down):
		s.top++
	case key.Matches(k, m.keys.pgUp):
		s.top -= page
	case key.Matches(k, m.keys.pgDown), key.Matches(k, m.keys.choose):
		s.top += page
	case key.Matches(k, m.keys.home):
		s.top = 0
	case key.Matches(k, m.keys.end):
		s.top = farAway
	}
	s.make(m)
	s.top = max(0, min(s.top, len(s.made)-(m.screen.body-1)))
	return nil
}

// make makes the text for the width, unless it is there.
func (s *sheet) make(m *model) {
	if s.made == nil || s.width != m.width || s.version != m.desk.version || s.private != m.private {
		s.made = s.text(m, m.width-2)
		s.width, s.version, s.private = m.width, m.desk.version, m.private
	}
}

func (s *sheet) lines(m *model, width, high int) []string {
	s.make(m)
	top := max(0, min(s.top, len(s.made)-(high-1)))
	title := s.title
	if more := len(s.made) - (high - 1); more > 0 {
		title += fmt.Sprintf(" · %d%%", 100*top/more)
	}
	lines := []string{m.rule(title, width)}
	for i := top; i < len(s.made) && len(lines) < high; i++ {
		lines = append(lines, " "+s.made[i])
	}
	for len(lines) < high {
		lines = append(lines, "")
	}
	return lines
}

func (s *sheet) keys(m *model) []key.Binding {
	var keys []key.Binding
	for _, x := range s.extra {
		keys = append(keys, x.Binding)
	}
	return append(keys, m.keys.up, m.keys.pgDown, m.keys.close)
}

// evidence shows all about what the cursor is on.
func (m *model) evidence() tea.Cmd {
	s := m.subject()
	extra := []sheetKey{}
	if m.cfg.Copy != nil {
		extra = append(extra, sheetKey{m.keys.copy, (*model).copyMenu})
	}
	m.over = &sheet{title: "evidence", extra: extra, text: func(m *model, width int) []string { return m.describe(s, width) }}
	return nil
}

// help lists the keys that are valid where it was asked for.
func (m *model) help() tea.Cmd {
	var valid []action
	for _, a := range m.acts {
		if a.valid(m) {
			valid = append(valid, a)
		}
	}
	m.over = &sheet{title: "keys that are valid now", text: func(m *model, width int) []string {
		var lines []string
		group := ""
		for _, a := range valid {
			if a.group != group {
				group = a.group
				lines = append(lines, "", m.look.bold.Render(group))
			}
			lines = append(lines, fmt.Sprintf("  %s %s", fit(a.Help().Key, 12), a.Help().Desc))
		}
		return append(lines[1:], m.legend()...)
	}}
	return nil
}

// legend explains the signs of the form.
func (m *model) legend() []string {
	l := m.look
	lines := []string{"", l.bold.Render("signs"), "  " + l.depth(1) + l.sign("→", ">") + l.depth(2) + "+        held, what is to be held, and what stands of it"}
	for _, s := range [][2]string{
		{"+", "accepted: goes into the patch"},
		{l.sign("▲", "^"), "accepted, and wider than the evidence asks for, or not in evidence"},
		{l.sign("▽", "v"), "accepted, and less than the evidence asks for"},
		{"?", "to be decided"},
		{"!", "decided before the evidence grew: decide again"},
		{"x", "rejected"},
		{"i", "ignored"},
		{"~", "deferred"},
	} {
		lines = append(lines, "  "+fit(s[0], 12)+" "+s[1])
	}
	if m.live != nil {
		lines = append(lines, "  "+fit("*", 12)+" newest evidence: of the last moment in which something was refused")
	}
	var depths strings.Builder
	depths.WriteString("  ")
	for d := range 5 {
		depths.WriteString(l.depth(catalog.Depth(d)) + " " + catalog.Depth(d).Label() + "  ")
	}
	return append(lines, depths.String())
}

// palette offers all actions by name.
func (m *model) palette() tea.Cmd {
	in := newInput(": ")
	p := &menu{title: "what to do", input: &in}
	for _, a := range m.acts {
		if a.valid(m) {
			p.choices = append(p.choices, choice{name: a.Help().Desc, about: a.Help().Key, do: a.do})
		}
	}
	m.over = p
	return nil
}

package tui

import (
	"fmt"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"github.com/prvgap/prvgap/analyzer/report"
	"github.com/prvgap/prvgap/catalog"
)

// decide changes the decision on the item under the cursor.
func (m *model) decide(sign, what string, how func(item, Decision) Decision) tea.Cmd {
	it, ok := m.item()
	if !ok {
		return nil
	}
	said := sign + " " + it.finding.Privilege.Name + " " + what
	m.desk.decide(said, []string{it.key()}, how)
	m.tell(said)
	return m.changed()
}

// verb returns the change that sets a verb.
func verb(v Verb) func(item, Decision) Decision {
	return func(it item, d Decision) Decision {
		d.Verb, d.Company = v, it.company
		if v == Accept {
			d.Depth = it.depth
		}
		if v != Ignore {
			d.Reason, d.Until = "", ""
		}
		if it.company {
			d.Reason = strings.TrimSuffix(it.finding.Note, "; not in evidence")
		}
		return d
	}
}

// ignoring returns the change that ignores, with what others will read.
func ignoring(reason, until string) func(item, Decision) Decision {
	return func(it item, d Decision) Decision {
		d = verb(Ignore)(it, d)
		d.Reason, d.Until = reason, until
		return d
	}
}

// atDepth returns the change that sets a depth. What was accepted stays
// accepted, at the new depth; what was not is still to be decided.
func atDepth(to catalog.Depth) func(item, Decision) Decision {
	return func(it item, d Decision) Decision {
		if it.state == accepted {
			d.Verb = Accept
		}
		d.Depth, d.Company = to, it.company
		return d
	}
}

// accept takes the depth that is shown, also where it is what the evidence says:
// from then on it stands, whatever else is read.
func (m *model) accept() tea.Cmd {
	it, _ := m.item()
	level := strings.TrimSpace(it.finding.Privilege.LevelSymbol(it.depth) + " " + m.level(it))
	return m.decide("+", level+" accepted"+warning(it), verb(Accept))
}

// reject keeps a finding out of the patch; the depth is kept for a change of mind.
func (m *model) reject() tea.Cmd { return m.decide("x", "rejected", verb(Reject)) }

// postpone marks what waits for somebody else; the patch goes on without it.
func (m *model) postpone() tea.Cmd { return m.decide("~", "deferred", verb(Defer)) }

// ignore asks for a reason, without which nobody can review it later, and then
// for the day on which it ends.
func (m *model) ignore() tea.Cmd {
	it, _ := m.item()
	m.over = newPrompt("ignore "+it.finding.Privilege.Name+", because", it.reason, func(m *model, reason string) (tea.Cmd, error) {
		if strings.TrimSpace(reason) == "" {
			return nil, fmt.Errorf("a reason is needed: others will read it")
		}
		m.over = newPrompt("until (2027-06-30, empty for ever)", it.until, func(m *model, until string) (tea.Cmd, error) {
			until = strings.TrimSpace(until)
			if err := validDay(until); err != nil {
				return nil, err
			}
			return m.decide("i", "ignored: "+reason, ignoring(reason, until)), nil
		})
		return nil, nil
	})
	return nil
}

// annotate asks for a note, which goes into the patch beside the grant.
func (m *model) annotate() tea.Cmd {
	it, _ := m.item()
	m.over = newPrompt("note on "+it.finding.Privilege.Name, it.note, func(m *model, text string) (tea.Cmd, error) {
		return m.decide("n", "noted", func(_ item, d Decision) Decision {
			d.Note = strings.TrimSpace(text)
			return d
		}), nil
	})
	return nil
}

// Depths go in legal steps only, so at either end a key is not valid.
func (m *model) canDeepen() bool {
	it, ok := m.item()
	_, can := it.nextDepth(true)
	return ok && can
}

func (m *model) canLower() bool {
	it, ok := m.item()
	_, can := it.nextDepth(false)
	return ok && can
}

func (m *model) deepen() tea.Cmd { return m.step(true) }
func (m *model) lower() tea.Cmd  { return m.step(false) }

// step goes one legal depth on.
func (m *model) step(deeper bool) tea.Cmd {
	it, _ := m.item()
	to, _ := it.nextDepth(deeper)
	now := it
	now.depth = to
	return m.decide(to.Symbol(), "at "+to.Label()+warning(now), atDepth(to))
}

// warning says in the echo of an act what a depth does beyond the evidence.
func warning(it item) string {
	switch {
	case it.company:
		return " · not in evidence"
	case it.depth > it.finding.Depth:
		return " · WIDER than the evidence asks for (" + it.finding.Depth.Label() + ")"
	case it.shallow():
		return " · leaves denials unanswered (" + it.finding.Depth.Label() + " is needed)"
	}
	return ""
}

// acceptMany asks what all is to be accepted. What a person rejected, ignored
// or deferred stays so.
func (m *model) acceptMany() tea.Cmd {
	t := m.current()
	r := t.rows[m.places[t.name].row]
	inRow := map[int]bool{r.only: true}
	inTab := map[int]bool{}
	for _, i := range r.items {
		inRow[i] = true
	}
	for _, r := range t.rows {
		inTab[r.only] = true
		for _, i := range r.items {
			inTab[i] = true
		}
	}
	var choices []choice
	add := func(what string, which func(int, item) bool) {
		var keys []string
		for i, it := range m.desk.items {
			if undecided := it.state == open || it.state == accepted && !it.own; undecided && which(i, it) {
				keys = append(keys, it.key())
			}
		}
		if len(keys) > 0 {
			choices = append(choices, choice{name: what + " (" + report.Number(len(keys)) + ")", do: func(m *model) tea.Cmd { return m.acceptAll(keys) }})
		}
	}
	if !m.listing && r.only == none {
		add("this row, "+r.label, func(i int, _ item) bool { return inRow[i] })
	}
	add("all of "+t.name, func(i int, _ item) bool { return inTab[i] })
	add("everything safe: stated, worked out, or least", func(_ int, it item) bool {
		return byEvidence(it.finding) == accepted && it.stale == catalog.None
	})
	if len(choices) == 0 {
		return m.say("everything here is decided")
	}
	m.over = newMenu("accept", choices)
	return nil
}

// acceptAll is one step, so that one undo takes it back.
func (m *model) acceptAll(keys []string) tea.Cmd {
	said := "+ " + report.Count(len(keys), "finding") + " accepted"
	m.desk.decide(said, keys, verb(Accept))
	m.tell(said)
	return m.changed()
}

func (m *model) undo() tea.Cmd {
	s, _ := m.desk.undo()
	m.tell("undone: " + s.what)
	return m.showStep(s)
}

// redo is possible until the next decision.
func (m *model) redo() tea.Cmd {
	s, _ := m.desk.redo()
	m.tell("again: " + s.what)
	return m.showStep(s)
}

// showStep puts the cursor where something changed out of sight.
func (m *model) showStep(s step) tea.Cmd {
	cmd := m.changed()
	if len(s.changes) == 1 {
		m.choose(s.changes[0].key)
	}
	return cmd
}

// switchView shows the same as a form or as a list, the cursor on the same finding.
func (m *model) switchView() tea.Cmd {
	it, on := m.item()
	m.listing = !m.listing
	m.rebuild()
	if on {
		m.choose(it.key())
	}
	return nil
}

// resort goes through the orders of the list.
func (m *model) resort() tea.Cmd {
	m.sorting = (m.sorting + 1) % orders
	m.rebuild()
	return m.say("sorted by %s", m.sorting)
}

// filterPrompt filters with every letter; esc brings back what was there before.
func (m *model) filterPrompt() tea.Cmd {
	before := m.filter
	p := newPrompt("filter", m.filter, func(m *model, text string) (tea.Cmd, error) {
		m.setFilter(text)
		return nil, nil
	})
	p.typed = (*model).setFilter
	p.cancel = func(m *model) { m.setFilter(before) }
	m.over = p
	return nil
}

// setFilter filters; without a filter the screen is back on the tab that it was
// on before, which the filter may have emptied.
func (m *model) setFilter(text string) {
	before := m.filter
	m.filter = strings.TrimSpace(text)
	switch {
	case before == "" && m.filter != "":
		m.home = m.tab
	case before != "" && m.filter == "":
		m.tab = m.home
	}
	m.rebuild()
}

func (m *model) unfilter() tea.Cmd {
	m.setFilter("")
	return m.say("filter dropped")
}

// privacy hides on the screen only: files and the clipboard hold everything.
func (m *model) privacy() tea.Cmd {
	m.private = !m.private
	m.drawn = drawn{}
	if m.private {
		return m.say("ids, addresses and names are hidden")
	}
	return m.say("ids, addresses and names are shown")
}

// toggleMouse lends the mouse to the program. It is the terminal's at the start,
// which needs it to select text.
func (m *model) toggleMouse() tea.Cmd {
	m.mouse = !m.mouse
	if m.mouse {
		m.tell("mouse on: click and wheel; hold shift to select text")
		return tea.EnableMouseCellMotion
	}
	m.tell("mouse off")
	return tea.DisableMouse
}

// leave ends the program. Nothing has to be asked: decisions are on disk.
func (m *model) leave() tea.Cmd {
	if m.watching() {
		return m.endLive()
	}
	m.quits = true
	return tea.Quit
}

// quitPrinting leaves the report behind, to scroll back to.
func (m *model) quitPrinting() tea.Cmd {
	m.print = true
	return m.leave()
}

// quit asks where something accepted is in no patch yet.
func (m *model) quit() tea.Cmd {
	n := m.desk.count(accepted)
	if n == 0 || m.written == m.desk.version || m.cfg.Patch == nil {
		return m.leave()
	}
	saved := "decisions are saved in " + m.cfg.SessionName
	if m.cfg.SessionName == "" {
		saved = "decisions are NOT saved: there is no session file"
	}
	choices := []choice{{name: "stay", do: func(*model) tea.Cmd { return nil }}}
	if m.canPatch() {
		choices = append(choices, choice{name: "write the patch", do: (*model).savePatch})
	}
	choices = append(choices, choice{name: "quit without a patch", about: saved, do: (*model).leave})
	m.over = newMenu(report.Count(n, "grant")+" accepted, and no patch written", choices)
	return nil
}

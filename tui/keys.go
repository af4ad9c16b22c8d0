package tui

import (
	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"
)

// action is something a person can do, with its keys. Footer, help and palette
// are made from this list, so that none of them can name a key that is not so.
type action struct {
	key.Binding
	group string
	brief bool // worth a place in the footer
	valid func(*model) bool
	do    func(*model) tea.Cmd
}

// on makes a binding from what people read and the keys of the library.
func on(shown, what string, keys ...string) key.Binding {
	return key.NewBinding(key.WithKeys(keys...), key.WithHelp(shown, what))
}

// actions lists every key of the main screen; the footer takes them in order.
func actions() []action {
	var all []action
	for _, group := range []struct {
		name string
		of   []action
	}{
		{"decide", decideActions()},
		{"patch and session", patchActions()},
		{"live capture", liveActions()},
		{"view", viewActions()},
		{"move", moveActions()},
		{"leave", leaveActions()},
	} {
		for _, a := range group.of {
			a.group = group.name
			all = append(all, a)
		}
	}
	return all
}

// decideActions are the letters of the tools that people know from other systems'
// logs: accept, reject, ignore, defer.
func decideActions() []action {
	return []action{
		{Binding: on("a", "accept", "a"), brief: true, valid: (*model).onItem, do: (*model).accept},
		{Binding: on("x", "reject", "x"), brief: true, valid: (*model).onItem, do: (*model).reject},
		{Binding: on("+", "deeper", "+", "="), brief: true, valid: (*model).canDeepen, do: (*model).deepen},
		{Binding: on("-", "shallower", "-", "_"), brief: true, valid: (*model).canLower, do: (*model).lower},
		{Binding: on("i", "ignore", "i"), brief: true, valid: (*model).onItem, do: (*model).ignore},
		{Binding: on("d", "defer", "d"), brief: true, valid: (*model).onItem, do: (*model).postpone},
		{Binding: on("u", "undo", "u"), brief: true, valid: (*model).canUndo, do: (*model).undo},
		{Binding: on("ctrl+r", "redo", "ctrl+r"), valid: (*model).canRedo, do: (*model).redo},
		{Binding: on("A", "accept all of a row, a tab, or all that is safe", "A"), valid: (*model).onItem, do: (*model).acceptMany},
		{Binding: on("n", "note", "n"), valid: (*model).onItem, do: (*model).annotate},
		{Binding: on("g", "suggested company, not in evidence", "g"), valid: (*model).hasItems, do: (*model).suggest},
	}
}

func patchActions() []action {
	return []action{
		{Binding: on("P", "preview", "P"), brief: true, valid: (*model).canPatch, do: (*model).preview},
		{Binding: on("w", "write patch", "w", "S", "ctrl+s"), brief: true, valid: (*model).canPatch, do: (*model).savePatch},
		{Binding: on("b", "base role: change or add", "b"), valid: (*model).canOpenRole, do: (*model).changeBase},
		{Binding: on("y", "copy", "y"), valid: (*model).canCopy, do: (*model).copyMenu},
	}
}

// liveActions are for a capture that goes on.
func liveActions() []action {
	return []action{
		{Binding: on("m", "mark", "m"), brief: true, valid: (*model).watching, do: (*model).setMark},
		{Binding: on("N", "newest", "N"), brief: true, valid: (*model).hasNews, do: (*model).showNewest},
	}
}

// viewActions change what is seen and never what is decided.
func viewActions() []action {
	return []action{
		{Binding: on("?", "help", "?", "f1"), brief: true, valid: always, do: (*model).help},
		{Binding: on("e", "evidence", "e", "enter"), brief: true, valid: (*model).onSubject, do: (*model).evidence},
		{Binding: on("v", "form or list", "v"), brief: true, valid: (*model).hasItems, do: (*model).switchView},
		{Binding: on("/", "filter", "/"), brief: true, valid: (*model).hasRows, do: (*model).filterPrompt},
		{Binding: on("esc", "drop the filter", "esc"), valid: (*model).isFiltered, do: (*model).unfilter},
		{Binding: on("s", "sort the list", "s"), valid: (*model).inList, do: (*model).resort},
		{Binding: on("p", "privacy: hide ids, addresses and names", "p"), valid: always, do: (*model).privacy},
		{Binding: on("M", "mouse on or off", "M"), valid: always, do: (*model).toggleMouse},
		{Binding: on(": ctrl+p", "all actions by name", ":", "ctrl+p"), valid: always, do: (*model).palette},
	}
}

// moveActions come as arrows and as in vi.
func moveActions() []action {
	return []action{
		{Binding: on("↑ k", "row up", "up", "k"), valid: (*model).hasRows, do: move(-1)},
		{Binding: on("↓ j", "row down", "down", "j"), valid: (*model).hasRows, do: move(1)},
		{Binding: on("← h", "column left", "left", "h"), valid: (*model).inForm, do: sideways(-1)},
		{Binding: on("→ l", "column right", "right", "l"), valid: (*model).inForm, do: sideways(1)},
		{Binding: on("pgup ctrl+b", "page up", "pgup", "ctrl+b"), valid: (*model).hasRows, do: page(-1)},
		{Binding: on("pgdn ctrl+f", "page down", "pgdown", "ctrl+f"), valid: (*model).hasRows, do: page(1)},
		{Binding: on("home", "first row", "home"), valid: (*model).hasRows, do: move(-farAway)},
		{Binding: on("end G", "last row", "end", "G"), valid: (*model).hasRows, do: move(farAway)},
		{Binding: on("tab", "next tab", "tab"), brief: true, valid: (*model).hasTabs, do: turn(1)},
		{Binding: on("shift+tab", "previous tab", "shift+tab"), valid: (*model).hasTabs, do: turn(-1)},
		{Binding: on("[ ]", "scroll the detail", "]"), valid: (*model).hasDetail, do: scrollDetail(1)},
		{Binding: on("[", "scroll the detail back", "["), valid: (*model).hasDetail, do: scrollDetail(-1)},
	}
}

// leaveActions are all that is valid in a terminal that is too small.
func leaveActions() []action {
	return []action{
		{Binding: on("q", "quit", "q"), brief: true, valid: always, do: (*model).quit},
		{Binding: on("Q", "quit and leave the report on the screen", "Q"), valid: always, do: (*model).quitPrinting},
		{Binding: on("ctrl+c", "quit at once; decisions are saved", "ctrl+c"), valid: always, do: (*model).leave},
	}
}

// overKeys are the keys of what is laid over the main screen.
type overKeys struct {
	close, back, choose, toggle, up, down, arrows, lower, pgUp, pgDown, home, end, write, copy, leave key.Binding
}

func newOverKeys() overKeys {
	return overKeys{
		close:  on("esc", "close", "esc", "q", "e", "?"),
		back:   on("esc", "back", "esc"),
		choose: on("enter", "choose", "enter"),
		toggle: on("space", "take or leave", " ", "a", "x"),
		up:     on("↑↓", "move", "up", "k", "ctrl+p"),
		down:   on("↓", "down", "down", "j", "ctrl+n"),
		arrows: on("↑↓", "move", "up"),
		lower:  on("↓", "down", "down"),
		pgUp:   on("pgup", "page up", "pgup", "ctrl+b", "b"),
		pgDown: on("pgdn", "page down", "pgdown", "ctrl+f", " "),
		home:   on("home", "top", "home"),
		end:    on("end", "end", "end", "G"),
		write:  on("w", "write it", "w", "S"),
		copy:   on("y", "copy it", "y"),
		leave:  on("ctrl+c", "quit", "ctrl+c"),
	}
}

func always(*model) bool { return true }

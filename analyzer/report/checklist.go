package report

import (
	"bufio"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/prvgap/prvgap/analyzer"
	"github.com/prvgap/prvgap/analyzer/role"
	"github.com/prvgap/prvgap/catalog"
)

// writeChecklist writes the clicks that make the additions by hand, for each
// role that there are additions for: on a role form or on a profile's.
func writeChecklist(w io.Writer, r Report, _ Options) error {
	b := bufio.NewWriter(w)
	var levels, switches []analyzer.Finding
	for _, f := range r.Findings {
		switch {
		case !f.Gap():
		case f.Privilege.Section == catalog.Switch:
			switches = append(switches, f)
		default:
			levels = append(levels, f)
		}
	}
	if len(levels)+len(switches) == 0 {
		role := "the role"
		if r.Proposal.Base != nil {
			role = plain(r.Proposal.Base.Name)
		}
		fmt.Fprintf(b, "Nothing to add to %s.\n", role)
		return b.Flush()
	}
	var titles []string
	for _, form := range []struct {
		gaps      []analyzer.Finding
		otherwise string
	}{{levels, "the role"}, {switches, "the profile"}} {
		if len(form.gaps) > 0 {
			titles = append(titles, plural(len(form.gaps), "change")+" in "+r.nameOf(form.gaps, form.otherwise))
		}
	}
	fmt.Fprintf(b, "CHECKLIST: %s\n", strings.Join(titles, ", "))
	for _, n := range r.Notes {
		fmt.Fprintf(b, "Note: %s\n", plain(n))
	}
	for _, a := range r.Advice {
		fmt.Fprintf(b, "Note: %s\n", plain(noteWords(a)))
	}
	notes := newSaid(slices.Concat(levels, switches), true, false)
	if len(levels) > 0 {
		levelSteps(b, levels, notes, r.nameOf(levels, "the role"))
	}
	if len(switches) > 0 {
		switchSteps(b, switches, notes, r.nameOf(switches, "the profile"), r.Proposal.BaseFor(switches[0].Dialect))
	}
	for i, words := range notes.words {
		if i == 0 {
			fmt.Fprintf(b, "\nAdvice\n")
		}
		fmt.Fprintf(b, "  [%d] %s\n", i+1, plain(words))
	}
	again := "let the user try again"
	if len(levels) > 0 { // roles are cached until the next sign-in
		again = "have the user sign out and in again"
	}
	fmt.Fprintf(b, "\nSave, then %s.\n", again)
	return b.Flush()
}

// nameOf is the name of the role that findings are to be added to.
func (r Report) nameOf(gaps []analyzer.Finding, otherwise string) string {
	if base := r.Proposal.BaseFor(gaps[0].Dialect); base != nil {
		return plain(base.Name)
	}
	return otherwise
}

// levelSteps writes the clicks on the classic role form, tab by tab, and in the new editor.
func levelSteps(b io.Writer, gaps []analyzer.Finding, notes said, role string) {
	fmt.Fprintf(b, "\nClassic role form (Settings > Security > Security Roles > %s)\n", role)
	tab := ""
	for _, f := range gaps {
		if place(f) != tab {
			tab = place(f)
			fmt.Fprintf(b, "\n  Tab %s\n", tab)
		}
		fmt.Fprintf(b, "  [ ] %s: %s\n", where(f), notes.numbered(clicks(f), f))
	}
	fmt.Fprintf(b, "\nNew editor (admin center > environment > Settings > Users + permissions >\nSecurity roles > %s)\n", role)
	section := func(title string, which func(analyzer.Finding) bool) {
		head := "\n  " + title + "\n"
		for _, f := range gaps {
			if which(f) {
				fmt.Fprintf(b, "%s  [ ] %s: %s\n", head, where(f), notes.numbered(f.Depth.Label(), f))
				head = ""
			}
		}
	}
	section("Tables (show all tables, then search for the row)", func(f analyzer.Finding) bool { return f.Privilege.Action != "" })
	section("Miscellaneous privileges", func(f analyzer.Finding) bool { return f.Privilege.Action == "" })
}

// switchSteps writes what to switch on in a profile, section by section. One
// that nobody can change has to be cloned first.
func switchSteps(b io.Writer, gaps []analyzer.Finding, notes said, profile string, base *role.Role) {
	fmt.Fprintf(b, "\nProfile (%s > %s)\n", strings.ReplaceAll(catalog.ProfilePath, " › ", " > "), profile)
	if base != nil && base.Sealed {
		fmt.Fprintf(b, "\n  [ ] clone %s, and make the changes below in the clone\n  [ ] give the users the clone as their profile\n", profile)
	}
	tab := ""
	for _, f := range gaps {
		if place(f) != tab {
			tab = place(f)
			section := "Section " + plain(strings.TrimPrefix(tab, catalog.ProfileTab("")+" › "))
			if tab == catalog.ProfileTab("") {
				section = "Section not known: search the form"
			}
			fmt.Fprintf(b, "\n  %s\n", section)
		}
		fmt.Fprintf(b, "  [ ] %s: %s  (%s)\n", where(f), notes.numbered(clicks(f), f), plain(f.Privilege.Name))
	}
}

// where names the row, and the column if it has one.
func where(f analyzer.Finding) string {
	if f.Privilege.Action == "" {
		return plain(rowLabel(f))
	}
	return plain(rowLabel(f)) + ", " + column(f)
}

// clicks says how often to click the circle, which runs through the legal
// levels only.
func clicks(f analyzer.Finding) string {
	if f.Privilege.Section == catalog.Switch {
		return "switch " + f.Privilege.LevelLabel(f.Depth)
	}
	to := fmt.Sprintf("%s %s", f.Depth.Symbol(), f.Depth.Label())
	legal := f.Privilege.Depths.List()
	at, end := slices.Index(legal, f.Held), slices.Index(legal, f.Depth)
	if end < 0 || f.Held != 0 && at < 0 {
		return "click the circle until it shows " + to
	}
	return fmt.Sprintf("%s to %s", plural(end-at, "click"), to)
}

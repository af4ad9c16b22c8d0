package report

import (
	"bufio"
	"fmt"
	"io"
	"slices"

	"github.com/prvgap/prvgap/analyzer"
)

// writeChecklist writes the clicks that make the additions by hand: on the
// classic role form tab by tab, then in the new editor.
func writeChecklist(w io.Writer, r Report, _ Options) error {
	b := bufio.NewWriter(w)
	role := "the role"
	if r.Proposal.Base != nil {
		role = plain(r.Proposal.Base.Name)
	}
	var gaps []analyzer.Finding
	for _, f := range r.Findings {
		if f.Gap() {
			gaps = append(gaps, f)
		}
	}
	if len(gaps) == 0 {
		fmt.Fprintf(b, "Nothing to add to %s.\n", role)
		return b.Flush()
	}
	fmt.Fprintf(b, "CHECKLIST: %s in %s\n", plural(len(gaps), "change"), role)
	for _, n := range r.Notes {
		fmt.Fprintf(b, "Note: %s\n", plain(n))
	}
	for _, a := range r.Advice {
		fmt.Fprintf(b, "Note: %s\n", plain(noteWords(a)))
	}
	notes := newSaid(gaps, true, false)
	numbered := func(text string, f analyzer.Finding) string {
		refs, _ := notes.of(f)
		return withRefs(text, refs)
	}
	fmt.Fprintf(b, "\nClassic role form (Settings > Security > Security Roles > %s)\n", role)
	tab := ""
	for _, f := range gaps {
		if place(f) != tab {
			tab = place(f)
			fmt.Fprintf(b, "\n  Tab %s\n", tab)
		}
		fmt.Fprintf(b, "  [ ] %s: %s\n", where(f), numbered(clicks(f), f))
	}
	fmt.Fprintf(b, "\nNew editor (admin center > environment > Settings > Users + permissions >\nSecurity roles > %s)\n", role)
	section := func(title string, which func(analyzer.Finding) bool) {
		head := "\n  " + title + "\n"
		for _, f := range gaps {
			if which(f) {
				fmt.Fprintf(b, "%s  [ ] %s: %s\n", head, where(f), numbered(f.Depth.Label(), f))
				head = ""
			}
		}
	}
	section("Tables (show all tables, then search for the row)", func(f analyzer.Finding) bool { return f.Privilege.Action != "" })
	section("Miscellaneous privileges", func(f analyzer.Finding) bool { return f.Privilege.Action == "" })
	for i, words := range notes.words {
		if i == 0 {
			fmt.Fprintf(b, "\nAdvice\n")
		}
		fmt.Fprintf(b, "  [%d] %s\n", i+1, plain(words))
	}
	fmt.Fprintf(b, "\nSave, then have the user sign out and in again.\n")
	return b.Flush()
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
	to := fmt.Sprintf("%s %s", f.Depth.Symbol(), f.Depth.Label())
	legal := f.Privilege.Depths.List()
	at, end := slices.Index(legal, f.Held), slices.Index(legal, f.Depth)
	if end < 0 || f.Held != 0 && at < 0 {
		return "click the circle until it shows " + to
	}
	return fmt.Sprintf("%s to %s", plural(end-at, "click"), to)
}

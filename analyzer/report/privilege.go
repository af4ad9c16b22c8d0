package report

import (
	"encoding/csv"
	"fmt"
	"io"
	"strings"

	"github.com/prvgap/prvgap/analyzer"
	"github.com/prvgap/prvgap/catalog"
)

// wirePrivilege is a privilege of the catalog in JSON.
type wirePrivilege struct {
	Privilege   string          `json:"privilege"`
	PrivilegeID *string         `json:"privilegeId"`
	Action      *string         `json:"action"`
	Table       *string         `json:"table"`
	Label       *string         `json:"label"`
	Tab         *string         `json:"tab"`
	Section     string          `json:"section"`
	Group       *string         `json:"group"`
	Allows      *string         `json:"allows"`
	Depths      []catalog.Depth `json:"depths"`
	Default     bool            `json:"default"`
	Derived     []string        `json:"derived"` // which of name, tab, depths a rule gave
}

func privilegeToWire(p catalog.Privilege) wirePrivilege {
	derived := []string{}
	for _, d := range []struct {
		is   bool
		what string
	}{{p.Derived.Name, "name"}, {p.Derived.Tab, "tab"}, {p.Derived.Depths, "depths"}} {
		if d.is {
			derived = append(derived, d.what)
		}
	}
	return wirePrivilege{
		Privilege: p.Name, PrivilegeID: null(p.ID), Action: null(string(p.Action)), Table: null(p.Table), Label: null(p.Label),
		Tab: null(p.Tab), Section: string(p.Section), Group: null(p.Group), Allows: null(p.Allows), Depths: list(p.Depths.List()),
		Default: p.Default, Derived: derived,
	}
}

func privilegeFromWire(w wirePrivilege) catalog.Privilege {
	p := catalog.Privilege{
		Name: w.Privilege, ID: value(w.PrivilegeID), Action: catalog.Action(value(w.Action)), Table: value(w.Table), Label: value(w.Label),
		Tab: value(w.Tab), Section: catalog.Section(w.Section), Group: value(w.Group), Allows: value(w.Allows),
		Depths: catalog.MakeDepths(w.Depths...), Default: w.Default,
	}
	for _, d := range w.Derived {
		p.Derived.Name = p.Derived.Name || d == "name"
		p.Derived.Tab = p.Derived.Tab || d == "tab"
		p.Derived.Depths = p.Derived.Depths || d == "depths"
	}
	return p
}

// WritePrivileges writes a list of privileges as text, csv or json.
func WritePrivileges(w io.Writer, ps []catalog.Privilege, format string, width int) error {
	switch format {
	case "json":
		return EncodeJSON(w, convert(ps, privilegeToWire))
	case "csv":
		return privilegesCSV(w, ps)
	case "text":
		p := newPage(w, Options{Width: width})
		name := min(48, max(34, p.width-52))
		for _, x := range ps {
			// The name is what people copy: where it is long, the place gets shorter.
			p.line(fmt.Sprintf("%s %s %s", pad(plain(x.Name), name), pad(depthSymbols(x), 5), plain(formPlace(x))))
		}
		return p.w.Flush()
	}
	return fmt.Errorf("unknown format %q: choose text, csv or json", format)
}

func privilegesCSV(w io.Writer, ps []catalog.Privilege) error {
	c := csv.NewWriter(w)
	rows := [][]string{{"privilege", "id", "action", "table", "label", "tab", "section", "levels", "default", "derived"}}
	for _, p := range ps {
		var levels []string
		for _, d := range p.Depths.List() {
			levels = append(levels, p.LevelLabel(d))
		}
		x := privilegeToWire(p)
		rows = append(rows, []string{
			p.Name, p.ID, string(p.Action), p.Table, p.Label, p.Tab, string(p.Section), strings.Join(levels, "; "),
			fmt.Sprint(p.Default), strings.Join(x.Derived, " "),
		})
	}
	for _, row := range rows {
		for i := range row {
			row[i] = cell(row[i])
		}
	}
	if err := c.WriteAll(rows); err != nil {
		return fmt.Errorf("writing CSV: %w", err)
	}
	return nil
}

// depthSymbols draws the legal levels, "?" where they are not known.
func depthSymbols(p catalog.Privilege) string {
	switch {
	case p.Section == catalog.Switch:
		return "on"
	case !p.Depths.Known():
		return "?"
	}
	var b strings.Builder
	for _, d := range p.Depths.List() {
		b.WriteString(d.Symbol())
	}
	return b.String()
}

// formPlace names tab, row and column of the role form.
func formPlace(p catalog.Privilege) string {
	f := analyzer.Finding{Privilege: p}
	return strings.Join(nonEmpty(place(f), p.Group, rowLabel(f), column(f)), " › ")
}

func nonEmpty(parts ...string) []string {
	var out []string
	for _, s := range parts {
		if s != "" {
			out = append(out, s)
		}
	}
	return out
}

// WritePrivilege writes all that the catalog knows of one privilege.
func WritePrivilege(w io.Writer, x catalog.Privilege, format string, width int) error {
	if format != "text" {
		if format == "json" {
			return EncodeJSON(w, privilegeToWire(x))
		}
		return WritePrivileges(w, []catalog.Privilege{x}, format, width)
	}
	p := newPage(w, Options{Width: width})
	p.privilege(x)
	return p.w.Flush()
}

// privilege writes a privilege as a card.
func (p *page) privilege(x catalog.Privilege) {
	c := catalog.Default()
	p.line(x.Name)
	p.row("form", formPlace(x))
	if x.Section == catalog.Switch {
		p.row("setup", catalog.ProfilePath+" › the profile")
	} else {
		p.row("editor", editorPlace(x))
	}
	var levels []string
	for _, d := range x.Depths.List() {
		levels = append(levels, levelWords(x, d))
	}
	if x.Section == catalog.Switch {
		levels = append([]string{levelWords(x, catalog.None)}, levels...)
	}
	p.row("levels", or(strings.Join(levels, "  "), "not known; an organization-owned table takes Organization only"))
	p.row("allows", x.Allows)
	if d, source, ok := c.Recommended(x.Name); ok {
		p.row("advised", d.Symbol()+" "+d.Label()+": "+source)
	}
	label := "needed"
	for _, n := range c.Needs(x.Name) {
		what := n.Feature
		if n.Why != "" {
			what += ": " + n.Why
		}
		if n.Silent {
			what += " (fails silently)"
		}
		p.row(label, what)
		label = ""
	}
	if x.Default {
		p.row("default", "every new role holds it")
	}
	p.row("id", x.ID)
	if d := privilegeToWire(x).Derived; len(d) > 0 {
		p.row("derived", strings.Join(d, ", ")+": worked out by rule, not read in a source")
	}
	if x.Derived.Name {
		if near := c.Nearest(x.Name, 2); len(near) > 0 && !strings.EqualFold(near[0], x.Name) {
			p.row("nearest", strings.Join(near, ", "))
		}
	}
}

func or(s, other string) string {
	if s == "" {
		return other
	}
	return s
}

// row writes a labelled text behind an indent of ten columns, if there is one.
func (p *page) row(label, text string) {
	if text == "" {
		return
	}
	for _, line := range wrap(plain(text), p.width-12) {
		p.line(fmt.Sprintf("  %-9s %s", label, line))
		label = ""
	}
}

// editorPlace is where the admin center's editor has a privilege.
func editorPlace(p catalog.Privilege) string {
	if p.Action == catalog.NoAction {
		return "Miscellaneous privileges › " + or(p.Label, p.Name)
	}
	return "Tables › " + or(p.Label, p.Table) + " › " + column(analyzer.Finding{Privilege: p})
}

// WriteExplanation writes what a pasted message says: who lacks what, and where
// that stands on the form.
func WriteExplanation(w io.Writer, r Report, o Options) error {
	p := newPage(w, o)
	for i, d := range r.Denials {
		if i > 0 {
			fmt.Fprintln(p.w)
		}
		p.line(p.bold.Render(plain(causeWords(d.Cause)) + " (" + plain(d.Shape) + ")"))
		p.row("who", strings.Join(nonEmpty(d.PrincipalKind, d.Principal), " "))
		if d.Caller != d.Principal {
			p.row("caller", d.Caller)
		}
		p.row("code", d.Code)
		p.row("right", string(d.Action))
		p.row("table", d.Table)
		p.row("record", d.Record)
		p.row("owner", strings.Join(nonEmpty(d.OwnerKind, d.Owner), " "))
		p.row("advice", d.Advice)
	}
	for _, f := range r.Findings {
		fmt.Fprintln(p.w)
		p.privilege(f.Privilege)
		f.Status, f.RequiredFor, f.Silent = "", nil, false
		p.row("needs", strings.Join(nonEmpty(levelWords(f.Privilege, f.Depth), reasons(f)), " · "))
		for _, a := range f.Advice {
			if !a.Detail { // the levels above say as much
				p.row("advice", adviceWords(a))
			}
		}
	}
	return p.w.Flush()
}

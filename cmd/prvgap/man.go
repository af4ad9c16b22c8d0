package main

import (
	"bufio"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// newMan is hidden: it is for those who package prvgap. It writes one page for
// all commands, and without the date of the build, so that the same version
// gives the same page. A writer of our own does it in less than the half
// megabyte that cobra's would put into the binary.
func newMan(io streams, root *cobra.Command) *cobra.Command {
	return &cobra.Command{
		Use: "man", Short: "Write the manual page", Hidden: true, Args: noArgs,
		RunE: func(*cobra.Command, []string) error {
			m := manual{bufio.NewWriter(io.out)}
			m.page(root, io.version)
			return m.w.Flush()
		},
	}
}

// manual writes the man macros of roff.
type manual struct{ w *bufio.Writer }

func (m manual) page(root *cobra.Command, version string) {
	fmt.Fprintf(m.w, ".TH PRVGAP 1 \"\" \"prvgap %s\" \"User Commands\"\n", roff(version))
	m.section("NAME")
	fmt.Fprintf(m.w, "prvgap \\- %s\n", roff(root.Short))
	m.section("SYNOPSIS")
	fmt.Fprintf(m.w, "\\fBprvgap\\fR COMMAND [ARGUMENT...] [FLAG...]\n.br\n\\fBprvgap\\fR CAPTURE...\n")
	m.section("DESCRIPTION")
	m.text(root.Long)
	m.section("COMMANDS")
	m.commands(root)
	m.section("EXIT STATUS")
	for _, s := range []struct {
		code int
		what string
	}{
		{exitNothing, "Nothing is missing."},
		{exitGap, "A gap was found."},
		{exitFailed, "The run failed, or an input was incomplete."},
	} {
		fmt.Fprintf(m.w, ".TP\n\\fB%d\\fR\n%s\n", s.code, roff(s.what))
	}
	m.section("ENVIRONMENT")
	fmt.Fprintf(m.w, ".TP\n\\fBNO_COLOR\\fR\n%s\n", roff("If it is set, there is no colour, not even on a terminal."))
}

func (m manual) section(name string) { fmt.Fprintf(m.w, ".SH \"%s\"\n", name) }

// commands writes all commands below one, in the order of their names.
func (m manual) commands(parent *cobra.Command) {
	for _, c := range parent.Commands() {
		if c.Hidden || c.Name() == "help" {
			continue
		}
		switch {
		case c.Name() == "completion": // cobra says at length how each shell loads it
			fmt.Fprintln(m.w, `.SS "prvgap completion bash|fish|powershell|zsh"`)
			m.text("Write what lets the shell complete commands, flags and their values; --help tells how it is loaded.")
			continue
		case c.HasSubCommands():
			m.commands(c)
			continue
		}
		fmt.Fprintf(m.w, ".SS \"%s\"\n", roff(c.UseLine()))
		what := c.Long
		if what == "" {
			what = c.Short + "."
		}
		m.text(what)
		if c.Example != "" {
			fmt.Fprint(m.w, ".PP\n.nf\n")
			for line := range strings.SplitSeq(c.Example, "\n") {
				fmt.Fprintln(m.w, roff(line))
			}
			fmt.Fprint(m.w, ".fi\n")
		}
		c.NonInheritedFlags().VisitAll(m.flag)
	}
}

func (m manual) flag(f *pflag.Flag) {
	if f.Hidden || f.Name == "help" {
		return
	}
	name := "\\fB" + roff("--"+f.Name) + "\\fR"
	if f.Shorthand != "" {
		name = "\\fB" + roff("-"+f.Shorthand) + "\\fR, " + name
	}
	value, usage := pflag.UnquoteUsage(f)
	if value != "" {
		name += " \\fI" + roff(value) + "\\fR"
	}
	if f.DefValue != "" && f.DefValue != "false" && f.DefValue != "0" && f.DefValue != "[]" {
		usage += " (default " + f.DefValue + ")"
	}
	fmt.Fprintf(m.w, ".TP\n%s\n%s\n", name, roff(usage))
}

// text writes paragraphs, which blank lines part.
func (m manual) text(s string) {
	for paragraph := range strings.SplitSeq(s, "\n\n") {
		fmt.Fprint(m.w, ".PP\n")
		for line := range strings.SplitSeq(strings.TrimSpace(paragraph), "\n") {
			fmt.Fprintln(m.w, roff(line))
		}
	}
}

// roff makes a line of text safe from being read as a request or an escape.
func roff(s string) string {
	s = strings.NewReplacer(`\`, `\e`, "-", `\-`, `"`, `\(dq`, "\n", " ").Replace(s)
	if strings.HasPrefix(s, ".") || strings.HasPrefix(s, "'") {
		s = `\&` + s
	}
	return s
}

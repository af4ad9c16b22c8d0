package main

import (
	"bytes"
	"regexp"
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

// eachCommand calls f for every command that is shown.
func eachCommand(c *cobra.Command, f func(*cobra.Command)) {
	f(c)
	for _, sub := range c.Commands() {
		if sub.IsAvailableCommand() && sub.Name() != "completion" { // cobra's own
			eachCommand(sub, f)
		}
	}
}

// TestHelp: the help of every command fits a terminal of 80 columns.
func TestHelp(t *testing.T) {
	eachCommand(newRoot(streams{}), func(c *cobra.Command) {
		var b bytes.Buffer
		root := newRoot(streams{out: &b, err: &b})
		root.SetArgs(append(strings.Fields(c.CommandPath())[1:], "--help"))
		if err := root.Execute(); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(b.String(), "Usage:\n  "+c.CommandPath()) {
			t.Errorf("%s does not say how it is called:\n%s", c.CommandPath(), b.String())
		}
		for line := range strings.Lines(b.String()) {
			if n := len([]rune(strings.TrimSuffix(line, "\n"))); n > 80 {
				t.Errorf("%s: %d columns: %s", c.CommandPath(), n, line)
			}
			if strings.Contains(line, "stringArray") || strings.Contains(line, "string ") {
				t.Errorf("%s: a flag does not say what it takes: %s", c.CommandPath(), line)
			}
		}
	})
}

// TestExamples: every example is a command with flags that it has.
func TestExamples(t *testing.T) {
	words := regexp.MustCompile(`(?:[^\s"]|"[^"]*")+`)
	eachCommand(newRoot(streams{}), func(c *cobra.Command) {
		for line := range strings.SplitSeq(c.Example, "\n") {
			line, _, _ = strings.Cut(line, " <")
			line, _, _ = strings.Cut(line, " > ")
			args := words.FindAllString(line, -1)
			if len(args) == 0 {
				continue
			}
			found, rest, err := newRoot(streams{}).Find(args[1:])
			if err != nil {
				t.Errorf("%s: %v", line, err)
				continue
			}
			if err := found.ParseFlags(rest); err != nil || args[0] != "prvgap" {
				t.Errorf("%s: %v", line, err)
			}
		}
	})
}

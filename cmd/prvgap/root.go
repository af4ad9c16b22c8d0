package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/prvgap/prvgap/analyzer/role"
	"github.com/prvgap/prvgap/har"
)

// Exit codes, the same for every command and format.
const (
	exitNothing = 0 // nothing is missing
	exitGap     = 1 // a gap was found
	exitFailed  = 2 // the run failed, or an input was incomplete
)

// errGap and errPartial end a run whose report was written.
var (
	errGap     = errors.New("a gap was found")
	errPartial = errors.New("an input was incomplete")
)

// hinted is an error with what to do about it.
type hinted struct {
	error
	hint string
}

func (h hinted) Unwrap() error { return h.error }

// hint adds what to do to an error.
func hint(err error, format string, args ...any) error {
	return hinted{err, fmt.Sprintf(format, args...)}
}

// usageError is a mistake on the command line.
type usageError struct {
	error
	usage string
}

func (u usageError) Unwrap() error { return u.error }

// run executes the command line and returns the exit code.
func run(args []string, io streams) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	root := newRoot(io)
	root.SetArgs(withCommand(root, args, io.terminal()))
	err := root.ExecuteContext(ctx)
	switch {
	case err == nil:
		if len(args) == 0 && io.piped {
			fmt.Fprintln(io.err, "hint: prvgap analyze - reads a capture from standard input")
		}
		return exitNothing
	case errors.Is(err, errGap):
		return exitGap
	case errors.Is(err, errPartial):
		return exitFailed
	}
	complain(io, err)
	return exitFailed
}

// complain prints an error with its hint; usage only for mistakes in usage.
func complain(io streams, err error) {
	fmt.Fprintf(io.err, "prvgap: %s\n", printable(err.Error()))
	var broken *har.Error
	var told *role.Error
	var h hinted
	var u usageError
	switch {
	case errors.As(err, &h):
		fmt.Fprintf(io.err, "hint: %s\n", printable(h.hint))
	case errors.As(err, &told) && told.Hint != "":
		fmt.Fprintf(io.err, "hint: %s\n", printable(told.Hint))
	case errors.As(err, &broken) && broken.Hint != "":
		fmt.Fprintf(io.err, "hint: %s\n", printable(broken.Hint))
	case errors.As(err, &u):
		fmt.Fprintf(io.err, "usage: %s\n", u.usage)
	}
}

// printable keeps what a capture or a path holds from steering the terminal.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' && r != '\n' && r != '\t' || r >= 0x7f && r < 0xa0 {
			return '·'
		}
		return r
	}, s)
}

func newRoot(io streams) *cobra.Command {
	root := &cobra.Command{
		Use:   "prvgap",
		Short: "Find the privileges a Dynamics 365 user lacks, from captures of the network log",
		Long: "prvgap reads captures of the browser's network log (HAR), finds every request\n" +
			"that Dynamics 365, Dataverse or Zoho CRM refused, and proposes the least\n" +
			"additions to a security role. It works offline, and sends nothing anywhere.\n\n" +
			"Get a capture: press F12 in the browser, open the Network tab, let the user\n" +
			"repeat what fails, and export it as HAR.\n\n" +
			"prvgap CAPTURE means prvgap triage CAPTURE on a terminal, and prvgap analyze\n" +
			"CAPTURE anywhere else.",
		Example: "  prvgap analyze sales.har --base \"Sales Base.xml\"\n" +
			"  prvgap patch sales.har --base \"Sales Base.xml\" -o additions.zip\n" +
			"  prvgap analyze after.har --compare sales.har",
		Version:       io.version,
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	root.SetIn(io.in)
	root.SetOut(io.out)
	root.SetErr(io.err)
	ds := dialects()
	root.AddCommand(
		newAnalyze(io, ds), newTriage(io, ds), newLive(io, ds), newExplain(io, ds), newPatch(io, ds), newRedact(io, ds),
		newRole(io), newCatalog(io), newVersion(io), newMan(io, root),
	)
	root.SetUsageFunc(usage)
	complete(root)
	root.SetFlagErrorFunc(func(c *cobra.Command, err error) error { return usageError{err, c.UseLine()} })
	return root
}

// withCommand makes `prvgap FILE` mean `prvgap triage FILE` on a terminal, and
// `prvgap analyze FILE` anywhere else, or where a flag asks for a report.
func withCommand(root *cobra.Command, args []string, terminal bool) []string {
	for i, a := range args {
		if a == "--" {
			break
		}
		if strings.HasPrefix(a, "-") && a != "-" {
			continue
		}
		if c, _, err := root.Find([]string{a}); err == nil && c != root {
			return args
		}
		if a == "help" || a == "completion" || strings.HasPrefix(a, "__complete") {
			return args
		}
		if _, err := os.Stat(a); err == nil || a == "-" || strings.ContainsAny(a, "./\\") {
			if terminal && !asksReport(root, args) {
				return append([]string{"triage"}, args...)
			}
			return append([]string{"analyze"}, args...)
		}
		if i > 0 && strings.HasPrefix(args[i-1], "-") { // the value of a flag: --format csv
			continue
		}
		return args
	}
	return args
}

// asksReport reports whether a flag is among args that triage does not have.
func asksReport(root *cobra.Command, args []string) bool {
	triage, _, err := root.Find([]string{"triage"})
	return err == nil && slices.ContainsFunc(args, func(a string) bool {
		name, _, _ := strings.Cut(strings.TrimLeft(a, "-"), "=")
		return a != "-" && a != "--" && strings.HasPrefix(a, "-") && triage.Flags().Lookup(name) == nil && name != "help" && name != "h"
	})
}

func newVersion(io streams) *cobra.Command {
	return &cobra.Command{
		Use: "version", Short: "Print the version of prvgap and of its catalog", Args: noArgs,
		RunE: func(*cobra.Command, []string) error {
			_, err := fmt.Fprintf(io.out, "prvgap %s, catalog %s\n", io.version, catalogVersion())
			return err
		},
	}
}

// noArgs is cobra.NoArgs with our kind of error.
func noArgs(c *cobra.Command, args []string) error {
	if len(args) > 0 {
		return usageError{fmt.Errorf("%s takes no arguments", c.Name()), c.UseLine()}
	}
	return nil
}

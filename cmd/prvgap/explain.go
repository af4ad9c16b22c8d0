package main

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/prvgap/prvgap/analyzer"
	"github.com/prvgap/prvgap/analyzer/report"
	"github.com/prvgap/prvgap/catalog"
	"github.com/prvgap/prvgap/har"
	"github.com/prvgap/prvgap/har/pattern"
)

// maxMessage bounds a message on standard input, in bytes.
const maxMessage = 4 << 20

func newExplain(io streams, ds []analyzer.Dialect) *cobra.Command {
	var format string
	c := &cobra.Command{
		Use:   "explain NAME|ID|MESSAGE|-",
		Short: "Explain a privilege, or a pasted error message",
		Long: "explain says where a privilege stands on the role form, which levels it has and\n" +
			"what needs it. Given an error message, in quotes or on standard input, it says\n" +
			"who lacks what.\n\n" +
			"A name that the catalog lacks may be that of a custom table: what its form\n" +
			"tells is shown, with the nearest names that there are.\n\n" +
			"Exit codes: 0 explained, 2 the run failed, or the word is no privilege at all.",
		Example: "  prvgap explain prvReadWorkflow\n  prvgap explain - < error.txt",
		RunE: func(c *cobra.Command, args []string) error {
			text := strings.Join(args, " ")
			switch {
			case text == "" && !io.piped:
				return usageError{errors.New("nothing to explain"), c.UseLine()}
			case text == "-" || text == "":
				var err error
				if text, err = readAll(io.in); err != nil {
					return fmt.Errorf("reading standard input: %w", err)
				}
			}
			return explain(io, ds, strings.TrimSpace(text), format)
		},
	}
	c.Flags().VarP(newWord(&format, "text", "text", "json"), "format", "f", "`FORMAT`: text or json")
	return c
}

func readAll(r io.Reader) (string, error) {
	data, err := io.ReadAll(io.LimitReader(r, maxMessage))
	return string(data), err
}

// errorCode is an error code by itself, which is a message too.
var errorCode = pattern.Compile(`(?i)^(?:0x8[0-9a-f]{7}|-2147\d{6}|214[78]\d{6})$`)

var oneWord = pattern.Compile(`^\{?[A-Za-z0-9_-]+\}?$`)

func explain(io streams, ds []analyzer.Dialect, text, format string) error {
	if text == "" {
		return errors.New("nothing to explain: standard input is empty")
	}
	if oneWord().MatchString(text) && !errorCode().MatchString(text) {
		p, err := lookUp(text)
		if err != nil {
			return err
		}
		return report.WritePrivilege(io.out, p, format, io.width)
	}
	return explainMessage(io, ds, text, format)
}

// lookUp finds a privilege by name or id.
func lookUp(word string) (catalog.Privilege, error) {
	c := catalog.Default()
	word = strings.Trim(word, "{}")
	if p, ok := c.ByID(word); ok {
		return p, nil
	}
	if p, ok := c.Lookup(word); ok {
		return p, nil
	}
	err := fmt.Errorf("%q is no privilege that the catalog knows", word)
	if near := c.Nearest(word, 3); len(near) > 0 {
		return catalog.Privilege{}, hint(err, "did you mean %s?", strings.Join(near, ", "))
	}
	return catalog.Privilege{}, hint(err, "search by label or table: prvgap catalog search %s", quote(word))
}

// explainMessage reads a pasted message as the body of a refused request.
func explainMessage(io streams, ds []analyzer.Dialect, text, format string) error {
	entries := func(yield func(har.Entry, error) bool) {
		yield(har.Entry{Status: 403, Body: text, HasBody: true, Pointer: ""}, nil)
	}
	ev, err := analyzer.Collect("pasted text", entries, ds, func() har.Info {
		return har.Info{Format: "text", Bytes: int64(len(text)), Entries: 1, Complete: true}
	})
	if err != nil {
		return err
	}
	r := report.Report{Version: io.version, Catalog: catalogVersion(), Analysis: analyzer.Analyze(ev, analyzer.Options{Dialects: ds})}
	if format == "json" {
		return report.Write(io.out, r, "json", report.Options{})
	}
	return report.WriteExplanation(io.out, r, report.Options{Width: io.width, Color: io.color})
}

package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/prvgap/prvgap/analyzer/report"
	"github.com/prvgap/prvgap/catalog"
)

func newCatalog(io streams) *cobra.Command {
	c := &cobra.Command{Use: "catalog", Short: "Search the bundled catalog of privileges", Args: noArgs, RunE: func(c *cobra.Command, _ []string) error {
		return usageError{errors.New("catalog needs a command: search, show or export"), "prvgap catalog search WORDS"}
	}}
	var format, exported string
	search := &cobra.Command{
		Use: "search WORDS", Short: "Privileges whose name, label, table or tab has all the words",
		Example: "  prvgap catalog search process read",
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usageError{errors.New("nothing to search for"), c.UseLine()}
			}
			words := strings.Join(args, " ")
			found := catalog.Default().Search(words)
			if len(found) == 0 {
				return fmt.Errorf("no privilege matches %q", words)
			}
			return report.WritePrivileges(io.out, found, format, io.width)
		},
	}
	show := &cobra.Command{
		Use: "show NAME|ID|TABLE", Short: "One privilege, or all privileges of a table",
		Example: "  prvgap catalog show prvReadWorkflow\n  prvgap catalog show account --format csv",
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usageError{errors.New("show takes one name"), c.UseLine()}
			}
			return show(io, args[0], format)
		},
	}
	export := &cobra.Command{
		Use: "export", Short: "The whole catalog", Args: noArgs,
		Example: "  prvgap catalog export > privileges.csv",
		RunE: func(*cobra.Command, []string) error {
			return report.WritePrivileges(io.out, slices.Collect(catalog.Default().All()), exported, 0)
		},
	}
	c.AddCommand(search, show, export)
	for _, sub := range []*cobra.Command{search, show} {
		sub.Flags().VarP(newWord(&format, "text", "text", "csv", "json"), "format", "f", "`FORMAT`: text, csv or json")
	}
	export.Flags().VarP(newWord(&exported, "csv", "csv", "json"), "format", "f", "`FORMAT`: csv or json")
	return c
}

func show(io streams, word, format string) error {
	c := catalog.Default()
	if t, ok := c.Table(word); ok {
		var found []catalog.Privilege
		for _, a := range catalog.Actions() {
			if p, ok := c.ByTable(t.Name, a); ok {
				found = append(found, p)
			}
		}
		if len(found) > 0 {
			return report.WritePrivileges(io.out, found, format, io.width)
		}
	}
	p, err := lookUp(word)
	if err != nil {
		return err
	}
	return report.WritePrivilege(io.out, p, format, io.width)
}

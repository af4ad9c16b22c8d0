package main

import (
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/prvgap/prvgap/analyzer/role"
	"github.com/prvgap/prvgap/catalog"
)

// complete adds to all commands what the shells offer for the values of their
// flags and for arguments that are no files.
func complete(root *cobra.Command) {
	values := map[string]cobra.CompletionFunc{
		"base":      roles,
		"needs":     roles,
		"bpf":       cobra.NoFileCompletions,
		"width":     cobra.NoFileCompletions,
		"principal": cobra.NoFileCompletions,
		"host":      cobra.NoFileCompletions,
		"since":     cobra.NoFileCompletions,
		"until":     cobra.NoFileCompletions,
		"name":      cobra.NoFileCompletions,
		"role-name": cobra.NoFileCompletions,
	}
	arguments := map[string]cobra.CompletionFunc{
		"role show": roles, "role diff": roles, "role check": roles, "role convert": roles,
		"explain": privileges, "catalog show": privileges, "catalog search": cobra.NoFileCompletions,
	}
	var visit func(*cobra.Command)
	visit = func(c *cobra.Command) {
		c.Flags().VisitAll(func(f *pflag.Flag) {
			offer := values[f.Name]
			if w, ok := f.Value.(word); ok {
				offer = cobra.FixedCompletions(w.list, cobra.ShellCompDirectiveNoFileComp|cobra.ShellCompDirectiveKeepOrder)
			}
			if offer != nil {
				_ = c.RegisterFlagCompletionFunc(f.Name, offer) // it has none yet, so that this cannot fail
			}
		})
		if f := arguments[strings.TrimPrefix(c.CommandPath(), root.Name()+" ")]; f != nil {
			c.ValidArgsFunction = f
		}
		for _, sub := range c.Commands() {
			visit(sub)
		}
	}
	visit(root)
}

// roles offers the bundled roles. A role can be a file too, which the shells
// offer where no bundled one begins like that.
func roles(_ *cobra.Command, _ []string, begun string) ([]cobra.Completion, cobra.ShellCompDirective) {
	var list []cobra.Completion
	for _, r := range role.BundledNames() {
		if begins(r.Name, begun) {
			list = append(list, cobra.CompletionWithDesc(r.Name, r.Title))
		}
	}
	return list, cobra.ShellCompDirectiveDefault
}

// privilegesFrom is how much of a name must be there before names are offered:
// of the thousands that begin with prv nobody can choose.
const privilegesFrom = len("prvRead")

// privileges offers the names of privileges, after the first argument nothing.
func privileges(_ *cobra.Command, args []string, begun string) ([]cobra.Completion, cobra.ShellCompDirective) {
	var list []cobra.Completion
	if len(args) == 0 && len(begun) >= privilegesFrom {
		for p := range catalog.Default().All() {
			if begins(p.Name, begun) {
				list = append(list, cobra.CompletionWithDesc(p.Name, p.Label))
			}
		}
	}
	return list, cobra.ShellCompDirectiveNoFileComp
}

func begins(name, begun string) bool {
	return len(name) >= len(begun) && strings.EqualFold(name[:len(begun)], begun)
}

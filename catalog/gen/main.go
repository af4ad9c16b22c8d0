// Command gen makes the catalog's data files from the tables of collected facts.
//
//	go run ./catalog/gen -facts DIR [-out catalog/data]
//
// It is strict, so that a slip in the facts shows here and not as a wrong hint: every line has every column, every word
// is one of those that are known, and what two tables both say has to agree. It does not import package catalog,
// which could not be built without the files that are made here.
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// version names the edition of the data. Raise it when the facts change.
const version = "2026-11"

func main() {
	facts := flag.String("facts", "", "folder with the fact tables: catalog/ and roles/")
	out := flag.String("out", filepath.Join("catalog", "data"), "folder to write to")
	flag.Parse()
	if err := run(*facts, *out); err != nil {
		fmt.Fprintln(os.Stderr, "gen:", err)
		os.Exit(1)
	}
}

func run(facts, out string) error {
	files, err := build(facts)
	if err != nil {
		return err
	}
	for _, f := range files {
		if err := os.WriteFile(filepath.Join(out, f.name), f.text, 0o644); err != nil {
			return fmt.Errorf("writing %s: %w", f.name, err)
		}
	}
	return nil
}

// file is a data file as it is to lie in the repository.
type file struct {
	name string
	text []byte
}

// build makes all files, and none if any fact is wrong.
func build(facts string) ([]file, error) {
	tables, err := readTables(filepath.Join(facts, "catalog"))
	if err != nil {
		return nil, err
	}
	privileges, err := readPrivileges(filepath.Join(facts, "catalog"), tables)
	if err != nil {
		return nil, err
	}
	roles, err := readRoles(facts, privileges)
	if err != nil {
		return nil, err
	}
	return []file{
		render("privileges.tsv", privilegeColumns, privilegeLines(privileges)),
		render("tables.tsv", tableColumns, tableLines(tables, privileges)),
		render("predefined.tsv", "privilege\troles", roleLines(roles)),
	}, nil
}

// render sorts the lines in the order that the catalog's binary search relies on: by lower-cased first cell.
func render(name, columns string, lines []string) file {
	slices.SortFunc(lines, func(a, b string) int { return strings.Compare(sortKey(a), sortKey(b)) })
	head := "# version " + version + "\n# Made by catalog/gen, do not edit. SOURCES.md tells what the columns mean.\n" + columns + "\n"
	return file{name, []byte(head + strings.Join(lines, "\n") + "\n")}
}

func sortKey(line string) string {
	first, _, _ := strings.Cut(line, "\t")
	return strings.ToLower(first)
}

package main

import (
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/prvgap/prvgap/"

// arrows lists what each package may import of this module; "*" is everything.
// A package that is not listed may not exist.
var arrows = map[string][]string{
	"cmd/prvgap":         {"*"},
	"analyzer/report":    {"analyzer", "analyzer/role", "catalog"},
	"analyzer/dataverse": {"analyzer", "analyzer/role", "catalog", "har", "har/pattern"},
	"analyzer/zoho":      {"analyzer", "analyzer/role", "catalog", "har", "har/pattern"},
	"analyzer":           {"analyzer/role", "catalog", "har"},
	"analyzer/role":      {"catalog"},
	"tui":                {"analyzer", "analyzer/report", "analyzer/role", "catalog", "har"},
	"har":                {"har/pattern"},
	"har/live":           {"har"},
	"har/redact":         {"har", "har/pattern"},
	"catalog":            {},
	"har/pattern":        {},
	"catalog/gen":        {},
}

// only lists the packages that alone may import a module from elsewhere.
var only = map[string][]string{
	"github.com/go-json-experiment/json": {"har"},
	"github.com/andybalholm/brotli":      {"har"},
	"github.com/klauspost/compress":      {"har"},
	"github.com/spf13/cobra":             {"cmd/prvgap"},
	"github.com/chromedp":                {"har/live"},
	"github.com/charmbracelet/bubble":    {"tui"},
	"github.com/xuri/excelize":           {"analyzer/dataverse", "analyzer/report"}, // role matrices come as xlsx too
}

// standardOnly lists the packages that import nothing from elsewhere at all.
var standardOnly = []string{"catalog", "har/pattern", "catalog/gen", "analyzer", "analyzer/role"}

// TestImports opens the files itself: a test that asked the go command would
// report a cached pass while a forbidden import stands.
func TestImports(t *testing.T) {
	files := 0
	err := filepath.WalkDir("../..", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (d.Name() == "testdata" || strings.HasPrefix(d.Name(), ".") && d.Name() != "..") {
			return filepath.SkipDir
		}
		if !strings.HasSuffix(path, ".go") {
			return nil
		}
		files++
		f, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel("../..", filepath.Dir(path))
		if err != nil {
			return err
		}
		pkg := filepath.ToSlash(rel)
		allowed, known := arrows[pkg]
		if !known {
			t.Errorf("%s: package %s has no place in the table of arrows", path, pkg)
		}
		for _, imp := range f.Imports {
			name, err := strconv.Unquote(imp.Path.Value)
			if err != nil {
				return err
			}
			checkImport(t, path, pkg, name, allowed)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if files < 30 {
		t.Fatalf("only %d files were found", files)
	}
}

func checkImport(t *testing.T, path, pkg, name string, allowed []string) {
	t.Helper()
	if own, ok := strings.CutPrefix(name, module); ok {
		if own != pkg && !slices.Contains(allowed, own) && !slices.Contains(allowed, "*") {
			t.Errorf("%s: %s may not import %s", path, pkg, own)
		}
		return
	}
	if first, _, _ := strings.Cut(name, "/"); strings.Contains(first, ".") && slices.Contains(standardOnly, pkg) {
		t.Errorf("%s: %s imports the standard library only, not %s", path, pkg, name)
	}
	for prefix, pkgs := range only {
		if strings.HasPrefix(name, prefix) && !slices.Contains(pkgs, pkg) {
			t.Errorf("%s: only %v may import %s", path, pkgs, name)
		}
	}
}

package role

import (
	_ "embed"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"sync"

	"github.com/prvgap/prvgap/catalog"
)

// data/SOURCES.md tells where each file comes from.
var (
	//go:embed data/bundled.tsv
	bundledData string
	//go:embed data/minimum-login.tsv
	minimumData string
	//go:embed data/modjo.tsv
	modjoData string
	//go:embed data/portatour.tsv
	portatourData string
)

// Listed is a bundled role as a list shows it.
type Listed struct {
	Name  string // that a command takes
	Title string // of the role itself
	About string
}

// BundledNames lists the bundled roles, sorted by name.
func BundledNames() []Listed {
	var list []Listed
	for _, f := range lines(bundledData) {
		list = append(list, Listed{Name: f[0], Title: f[1], About: f[3]})
	}
	return list
}

// Bundled gives a bundled role by its name, in any case.
func Bundled(name string) (Role, bool) {
	for _, f := range lines(bundledData) {
		if !strings.EqualFold(f[0], name) {
			continue
		}
		r := New(f[1], "", "bundled "+f[0])
		switch f[2] {
		case "predefined":
			for privilege, d := range catalog.Default().Predefined(f[1]) {
				r.Grant(privilege, d)
			}
		case "minimum-login":
			r.grantLists(func(list string) bool { return list != "flow" }, "")
		case "modjo":
			r.grantModjo()
		case "portatour":
			r.addRows(f[0])
		}
		return r, true
	}
	return Role{}, false
}

// base is what privilege names of a table can end in.
var base = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_]*$`) })

var errFlow = errors.New("a business process flow is named by its table's label, logical name or schema name")

// AddFlow grants what the minimum login role adds for a business process flow, which is named by the label or the
// name of its table. Environments name these tables themselves, so a name that the catalog does not know is taken as
// the schema name, in which the privileges' names end.
func (r *Role) AddFlow(name string) error {
	c := catalog.Default()
	t, ok := c.Table(name)
	if !ok {
		t, ok = c.TableByLabel(name)
	}
	if !ok || t.Base == "" {
		t.Base = name
	}
	if !base().MatchString(t.Base) {
		return fmt.Errorf("adding business process flow %q: %w", name, errFlow)
	}
	r.grantLists(func(list string) bool { return list == "flow" }, t.Base)
	return nil
}

// grantLists grants the minimum login lists that want wants, with flow in the place of *.
func (r *Role) grantLists(want func(string) bool, flow string) {
	for _, f := range lines(minimumData) {
		if want(f[2]) {
			r.grantWord(strings.Replace(f[0], "*", flow, 1), f[1])
		}
	}
}

func (r *Role) grantModjo() {
	for _, f := range lines(modjoData) {
		for action := range strings.FieldsSeq(f[1]) {
			r.grantWord("prv"+action+f[3], f[2])
		}
	}
}

// grantWord grants at a depth that is spelled out.
func (r *Role) grantWord(privilege, depth string) {
	d, _ := catalog.ParseDepth(depth)
	r.Grant(privilege, d)
}

// addRows adds the rows that portatour lists for one of its roles.
func (r *Role) addRows(name string) {
	c := catalog.Default()
	for _, f := range lines(portatourData) {
		if f[0] != name {
			continue
		}
		row := Row{Tab: f[1], Label: f[2]}
		candidates := []string{f[3]}
		if !strings.HasPrefix(f[3], "prv") {
			candidates = nil
			for _, a := range catalog.Actions() {
				candidates = append(candidates, "prv"+string(a)+f[3])
			}
		}
		for _, privilege := range candidates {
			if p, ok := c.Privilege(privilege); ok && f[3] != "" {
				row.Privileges = append(row.Privileges, p.Name)
			}
		}
		r.Rows = append(r.Rows, row)
	}
	r.Notes = append(r.Notes, "the vendor's page names the rows; its levels are not known, nor which actions of a row are granted")
}

// lines gives the cells of a data file, without its comments and its header.
func lines(data string) [][]string {
	var all [][]string
	for line := range strings.Lines(data) {
		if !strings.HasPrefix(line, "#") {
			all = append(all, strings.Split(strings.TrimSuffix(line, "\n"), "\t"))
		}
	}
	return all[1:]
}

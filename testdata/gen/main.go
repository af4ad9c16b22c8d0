// Command gen writes every invented capture and role of this folder. Run it from the top of the repository:
//
//	go run ./testdata/gen
//
// It is deterministic: identifiers, pauses and sizes come from a hash of a label, dates are fixed, so a second run
// changes no byte. The denials that it plants are noted while they are written, which is where expected.tsv and the
// table in README.md come from.
package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
)

// output is one file of this folder.
type output struct {
	name string
	data []byte
}

func main() {
	if err := run("testdata"); err != nil {
		fmt.Fprintln(os.Stderr, "gen:", err)
		os.Exit(1)
	}
}

// run writes all files below dir.
func run(dir string) error {
	sales, member := salesRole(), teamRole()
	captures := []*capture{
		salesApp(sales),
		teamMember(member),
		noRoles(),
		allowed(),
		truncated(sales),
		handover(),
		ownWork(),
		zohoApp(),
		bothApps(sales),
	}
	logs := networkLogs(sales)
	noted := slices.Clone(captures)
	for _, l := range logs {
		noted = append(noted, l.capture)
	}
	files := []output{
		{"logs/netlog.json", netLog()},
		{"roles/Sales Base.xml", sales.xml()},
		{"roles/Sales Base.json", sales.json("https://" + salesHost)},
		{"roles/Team Reader.xml", member.xml()},
		{"roles/Field Sales.json", append(indented(profileJSON("Field Sales", true, zohoProfile())), '\n')},
		{"expected.tsv", expectedTSV(noted)},
	}
	for _, l := range logs {
		files = append(files, output{l.name, l.data})
	}
	for _, c := range captures {
		files = append(files, output{c.name, c.render()})
	}
	readme, err := os.ReadFile(filepath.Join(dir, "README.md"))
	if err != nil {
		return fmt.Errorf("reading the readme: %w", err)
	}
	if readme, err = replaceTable(readme, expectedMarkdown(captures)); err != nil {
		return err
	}
	files = append(files, output{"README.md", readme})
	if err := os.MkdirAll(filepath.Join(dir, "logs"), 0o755); err != nil {
		return fmt.Errorf("making the folder of logs: %w", err)
	}
	for _, f := range files {
		if err := os.WriteFile(filepath.Join(dir, filepath.FromSlash(f.name)), f.data, 0o644); err != nil {
			return fmt.Errorf("writing %s: %w", f.name, err)
		}
	}
	return nil
}

// replaceTable puts table between the two marks of the readme.
func replaceTable(readme []byte, table string) ([]byte, error) {
	from, to := []byte("<!-- denials: written by gen -->\n"), []byte("<!-- end of denials -->")
	i, j := bytes.Index(readme, from), bytes.Index(readme, to)
	if i < 0 || j < i {
		return nil, fmt.Errorf("reading the readme: its marks for the table of denials are gone")
	}
	var b bytes.Buffer
	b.Write(readme[:i+len(from)])
	b.WriteString(table)
	b.Write(readme[j:])
	return b.Bytes(), nil
}

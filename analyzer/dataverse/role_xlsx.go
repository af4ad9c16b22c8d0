package dataverse

import (
	"slices"
	"strings"

	"github.com/prvgap/prvgap/analyzer/role"
)

// sheet is the text of a sheet's cells.
type sheet struct {
	name string
	rows [][]string
}

// workbook reads the xlsx of _n.RoleEditor (one role) or of Role Documenter (a sheet for each role).
func (a archive) workbook(name string) ([]role.Role, error) {
	sheets, err := a.sheets(name)
	if err != nil {
		return nil, err
	}
	if i := slices.IndexFunc(sheets, func(s sheet) bool { return s.name == "General" }); i >= 0 {
		if title, ok := strings.CutPrefix(sheets[i].cell(0, 0), "Role:"); ok {
			return []role.Role{roleEditor(sheets, strings.TrimSpace(title), sheets[i].cell(4, 1))}, nil
		}
	}
	if roles := roleDocumenter(sheets); len(roles) > 0 {
		return roles, nil
	}
	return nil, roleError(matrixHint, "reading %s: no sheet of this workbook is a role matrix", name)
}

func (s sheet) cell(row, column int) string {
	if row >= len(s.rows) {
		return ""
	}
	return cellAt(s.rows[row], column)
}

// roleEditor reads the three sheets of _n.RoleEditor. Its Tables sheet keeps the logical name in a hidden column.
func roleEditor(sheets []sheet, title, inheritance string) role.Role {
	const logical, privilege = 19, 3 // columns T of Tables and D of Misc
	m := newMatrix()
	m.lenient, m.numbers = true, true
	m.role.Name = title
	if inheritance != "" {
		m.role.Inherited = map[bool]string{true: "1", false: "0"}[strings.HasPrefix(strings.ToLower(inheritance), "direct")]
	}
	for _, s := range sheets {
		switch s.name {
		case "Tables":
			for _, cells := range s.rows {
				if m.header(cells) {
					m.names = append(m.names, logical)
					continue
				}
				if len(m.names) == 0 || cellAt(cells, m.names[0]) == "" {
					continue // a title, or a group's line
				}
				if cellAt(cells, logical) == "activity" { // the one name that is no table's
					cells[logical] = "activitypointer"
				}
				_ = m.row(cells) // lenient: what cannot be read is counted
			}
		case "Misc":
			m.privileges(s, privilege)
		}
	}
	return m.done()
}

// privileges reads a Misc sheet: the level stands before the privilege's name.
func (m *matrix) privileges(s sheet, column int) {
	for _, cells := range s.rows {
		name := cellAt(cells, column)
		if !isPrivilege(name) {
			continue
		}
		switch d, ok := m.level(cellAt(cells, column-1)); {
		case ok:
			m.role.Grant(name, d)
		case cellAt(cells, column-1) != "":
			m.lost = append(m.lost, name)
		}
	}
}

// roleDocumenter reads a sheet for each role and the sheet of miscellaneous privileges, which has a column for each
// role, or one headed "Role" where there is one role.
func roleDocumenter(sheets []sheet) []role.Role {
	var matrices []*matrix
	for _, s := range sheets {
		m := newMatrix()
		m.lenient, m.role.Name = true, s.name
		for i, cells := range s.rows {
			if len(m.names) > 0 {
				_ = m.row(cells) // lenient: what cannot be read is counted
			} else if i < maxPreamble {
				m.preamble(cells)
			}
		}
		if len(m.names) > 0 {
			matrices = append(matrices, m)
		}
	}
	for _, s := range sheets {
		if slices.Contains(miscWords, fold(s.name)) {
			documentedMisc(s, matrices)
		}
	}
	var roles []role.Role
	for _, m := range matrices {
		roles = append(roles, m.done())
	}
	return roles
}

func documentedMisc(s sheet, matrices []*matrix) {
	if len(s.rows) == 0 {
		return
	}
	for column, title := range s.rows[0] {
		i := slices.IndexFunc(matrices, func(m *matrix) bool { return strings.EqualFold(m.role.Name, title) })
		if i < 0 && len(matrices) == 1 && column > 0 && title != "" {
			i = 0
		}
		if i < 0 || column == 0 {
			continue
		}
		m := matrices[i]
		m.names, m.actions, m.tab, m.misc = []int{0}, nil, -1, true
		for _, cells := range s.rows[1:] {
			_ = m.row([]string{cellAt(cells, 0), cellAt(cells, column)}) // lenient: what cannot be read is counted
		}
	}
}

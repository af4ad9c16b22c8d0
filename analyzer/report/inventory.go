package report

import (
	"encoding/csv"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/prvgap/prvgap/analyzer"
	"github.com/prvgap/prvgap/catalog"
)

// inventoryHeader names the columns of the data security inventory.
var inventoryHeader = []string{
	"table", "name", "ownership", "refused", "used for", "owners of refused records", "needed", "held", "question", "answer",
}

// WriteInventory writes the data security inventory as CSV: a row for every
// table that the captures touched. The last column is for the answers of whoever
// designs the security model.
func WriteInventory(w io.Writer, r Report) error {
	c := csv.NewWriter(w)
	rows := [][]string{inventoryHeader}
	for _, u := range r.Inventory {
		rows = append(rows, inventoryRow(u))
	}
	for _, row := range rows {
		for i := range row {
			row[i] = cell(row[i])
		}
		if err := c.Write(row); err != nil {
			return fmt.Errorf("writing the inventory: %w", err)
		}
	}
	c.Flush()
	return c.Error()
}

func inventoryRow(u analyzer.TableUse) []string {
	name := u.Table.Label
	if !u.Known {
		name = "not known: the name of the request"
	}
	return []string{
		u.Table.Name, name, ownershipWords(u.Table.Ownership), strconv.Itoa(u.Refused), usedFor(u), ownersWords(u.Owners),
		rightsWords(u.Rights, needed), rightsWords(u.Rights, held), u.Question, "",
	}
}

// usedFor lists what requests did with the table, in the order of the form.
func usedFor(u analyzer.TableUse) string {
	var parts []string
	for _, a := range append(catalog.Actions(), catalog.NoAction) {
		if u.Used[a] {
			parts = append(parts, or(actionLabel(a), "other"))
		}
	}
	return strings.Join(parts, ", ")
}

func needed(r analyzer.Right) string {
	if r.Needed == catalog.None {
		return ""
	}
	return r.Needed.Label()
}

func held(r analyzer.Right) string {
	if r.Unknown {
		return "not known"
	}
	return r.Held.Label()
}

func rightsWords(rights []analyzer.Right, level func(analyzer.Right) string) string {
	var parts []string
	for _, r := range rights {
		if l := level(r); l != "" {
			parts = append(parts, actionLabel(r.Action)+": "+l)
		}
	}
	return strings.Join(parts, ", ")
}

// ownershipWords says whose the rows of a table are.
func ownershipWords(ownership string) string {
	switch ownership {
	case "User":
		return "user or team"
	case "BusinessUnit":
		return "business unit"
	case "Organization":
		return "organization"
	case "None":
		return "none"
	}
	return "not known"
}

// ownersMost is how many owners a cell names; a capture can hold thousands.
const ownersMost = 5

func ownersWords(owners []analyzer.Owner) string {
	var parts []string
	for i, o := range owners {
		if i == ownersMost {
			parts = append(parts, fmt.Sprintf("and %d more", len(owners)-i))
			break
		}
		parts = append(parts, ownerWords(o))
	}
	return strings.Join(parts, "; ")
}

func ownerWords(o analyzer.Owner) string {
	var parts []string
	switch {
	case o.Nobody():
		parts = append(parts, "nobody")
	case o.ID != "":
		parts = append(parts, strings.TrimSpace(or(o.Kind, "owner")+" "+short(o.ID)))
	default:
		parts = append(parts, "an owner not told")
	}
	if o.BusinessUnit != "" {
		parts = append(parts, "business unit "+short(o.BusinessUnit))
	}
	return strings.Join(parts, ", ")
}

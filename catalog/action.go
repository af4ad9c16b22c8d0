package catalog

import "strings"

// Action is what a privilege lets its holder do to the rows of a table.
type Action string

// The actions. NoAction is that of a miscellaneous privilege, which concerns a task and not a table.
const (
	Create   Action = "Create"
	Read     Action = "Read"
	Write    Action = "Write"
	Delete   Action = "Delete"
	Append   Action = "Append"
	AppendTo Action = "AppendTo"
	Assign   Action = "Assign"
	Share    Action = "Share"
	NoAction Action = ""
)

// Actions lists the actions in the order of the role form's columns.
func Actions() []Action {
	return []Action{Create, Read, Write, Delete, Append, AppendTo, Assign, Share}
}

// actionNoise drops what "Append To", "append_to" and "AppendTo" differ in.
var actionNoise = strings.NewReplacer(" ", "", "_", "", "-", "")

// ParseAction reads an action as a role form, an access mask ("ReadAccess") or an SDK message ("Update") spells it.
func ParseAction(s string) (Action, bool) {
	word := actionNoise.Replace(strings.ToLower(strings.TrimSpace(s)))
	word = strings.TrimSuffix(word, "access")
	if word == "update" {
		return Write, true
	}
	for _, a := range Actions() {
		if word == strings.ToLower(string(a)) {
			return a, true
		}
	}
	return NoAction, false
}

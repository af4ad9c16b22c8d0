package main

import (
	"bytes"
	"encoding/csv"
	"reflect"
	"strings"
	"testing"

	"github.com/prvgap/prvgap/analyzer"
	"github.com/prvgap/prvgap/analyzer/report"
)

// handCounted is the inventory of the samples as it was counted by hand, from the
// requests and messages in the captures, the expected denials, and the roles:
// table, what requests did, denials, owners of refused records, needed, held.
var handCounted = []struct{ capture, base, rows string }{
	{"sales-app.har", "roles/Sales Base.xml", `
account|Read, Write|3|user 20d2d1ff…, business unit 4df18998…|Write: Business Unit|Read: User, Write: User
annotation|Create, Read|0|||Create: User, Read: User
appmodule|Read|0|||Read: Organization
competitor|Read|1|||Read: None
connection|Read|1||Read: User|Read: User
contact|Read, Write|1|user 20d2d1ff…, business unit 4df18998…|Append To: Business Unit|Read: User, Write: User, Append To: User
cr1a7_siteinspection|Read|2||Read: User, Append To: User|Read: None, Append To: None
cr1a7_sitephoto|Read|1||Read: User|Read: None
importfile||1||Read: User|Read: None
lead|Read, Write|0|||Read: User, Write: User
leadtoopportunitysalesprocess|Read|0|||Read: Organization
msdyn_postconfig|Read|1||Read: Organization|Read: None
opportunity|Read, Write|1||Read: User|Read: User, Write: User
opportunitysalesprocess|Read, Write|0|||Read: Organization, Write: Organization
organization|Read|1||Read: Organization|Read: None
phonecall|Read|2||Read: User|Read: None
product|Read|0|||Read: Organization
routingrule|Read|1||Read: User|Read: None
salesliterature|Read|1|||Read: None
savedquery|Read|0|||Read: Organization
savedqueryvisualization|Read|0|||Read: Organization
sdkmessage|Read|1||Read: Organization|Read: None
systemform|Read|0|||Read: Organization
systemuser|Read|1||Read: Business Unit|Read: None
transactioncurrency|Read|0|||Read: Organization
userentityuisettings|Create, Read|2||Create: User, Read: User|Create: None, Read: None
userquery|Read|1||Read: User|Read: None
usersettings|Read|0|||Read: Business Unit
workflow|Read, other|4||Read: User|Read: None`},
	{"team-member.har", "roles/Team Reader.xml", `
account|Read, Write|2|user f4b3bdd3…, business unit 97ebc9cd…|Write: Parent: Child Business Units|Read: Business Unit, Write: Business Unit
businessunit|Read|0|||Read: Business Unit
contact|Read|2|user e1453465…, business unit a938b58a…|Append To: Business Unit|Read: User, Append To: User
opportunity|Read|0|||Read: User
quote|Create, Read|4||Create: User, Read: User|Create: None, Read: None
systemuser|other|0|||
transactioncurrency|Read|0|||Read: Organization
userquery|Read|1||Read: User|Read: None`},
	{"handover.har", "", `
annotation|Read, Write|1|user 69629f51…, business unit 853979d7…|Write: Business Unit|Read: not known, Write: User
contact|Read|0|||Read: not known
incident|Read, Write, Assign|2|user 3823d2fc…, business unit 2192c1aa…; user 69629f51…, business unit 853979d7…|Read: Parent: Child Business Units, Write: Business Unit|Read: User, Write: User, Assign: not known
post|Read|1||Read: Organization|Read: None
task|Read|0|||Read: not known`},
	{"allowed.har", "", `
account|Read, Write|0|||Read: not known, Write: not known
contact|Read|0|||Read: not known`},
}

// TestInventory holds the inventory of each sample against the count by hand.
func TestInventory(t *testing.T) {
	for _, c := range handCounted {
		opts := analyzer.Options{Dialects: dialects()}
		if c.base != "" {
			base, err := readRole(samples + c.base)
			if err != nil {
				t.Fatal(err)
			}
			opts.Bases = append(opts.Bases, base)
		}
		var got []string
		for _, row := range inventoryOf(t, analyzer.Analyze(evidence(t, samples+c.capture), opts))[1:] {
			got = append(got, strings.Join([]string{row[0], row[4], row[3], row[5], row[6], row[7]}, "|"))
		}
		if want := strings.TrimSpace(c.rows); strings.Join(got, "\n") != want {
			t.Errorf("%s: got\n%s\nwant\n%s", c.capture, strings.Join(got, "\n"), want)
		}
	}
}

func inventoryOf(t *testing.T, a analyzer.Analysis) [][]string {
	t.Helper()
	var b bytes.Buffer
	if err := report.WriteInventory(&b, report.Report{Analysis: a}); err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(&b).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

// TestInventoryQuestions: every table of the samples that is known has the
// question of its kind.
func TestInventoryQuestions(t *testing.T) {
	a := analyzer.Analyze(evidence(t, samples+"handover.har", samples+"sales-app.har"), analyzer.Options{Dialects: dialects()})
	questions := map[string]string{}
	for _, u := range a.Inventory {
		questions[u.Table.Name] = u.Question
	}
	for table, word := range map[string]string{
		"account": "business rule", "annotation": "notes", "incident": "assigned", "post": "posts", "product": "Nobody owns", "phonecall": "activity types",
		"systemuser": "business unit", "task": "activity types", "userquery": "directly", "cr1a7_sitephoto": "Who owns",
	} {
		if !strings.Contains(questions[table], word) {
			t.Errorf("%s: %q does not say %q", table, questions[table], word)
		}
	}
}

// TestInventoryMerges: reports give the inventory of the captures they came from.
func TestInventoryMerges(t *testing.T) {
	opts := analyzer.Options{Dialects: dialects()}
	direct := inventoryOf(t, analyzer.Analyze(evidence(t, samples+"sales-app.har", samples+"handover.har"), opts))
	var evs []analyzer.Evidence
	for _, name := range []string{"handover.har", "sales-app.har"} {
		var b bytes.Buffer
		a := analyzer.Analyze(evidence(t, samples+name), opts)
		if err := report.Write(&b, report.Report{Analysis: a}, "json", report.Options{}); err != nil {
			t.Fatal(err)
		}
		ev, err := report.Read(&b)
		if err != nil {
			t.Fatal(err)
		}
		evs = append(evs, ev)
	}
	merged := inventoryOf(t, analyzer.Analyze(analyzer.Merge(evs...), opts))
	if !reflect.DeepEqual(merged, direct) {
		t.Errorf("got %v, want %v", merged, direct)
	}
}

package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const factsDir = "../../../shared/facts"

// What is committed is what the generator makes, byte for byte.
func TestCommittedDataIsGenerated(t *testing.T) {
	if _, err := os.Stat(factsDir); err != nil {
		t.Skip("the fact tables are not beside this checkout")
	}
	for range 2 {
		files, err := build(factsDir)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range files {
			committed, err := os.ReadFile(filepath.Join("../data", f.name))
			if err != nil || !bytes.Equal(committed, f.text) {
				t.Errorf("%s is not what the facts give (%v); run the generator", f.name, err)
			}
		}
	}
}

const (
	entityHead = "logical_name\tschema_name\tdisplay_name\tentity_set_name\townership\totc\tprivilege_entity\tsource\townership_basis\t" +
		"privilege_entity_basis\tis_custom\tis_activity\tis_bpf\tform_label_if_different\ttab\ttab_basis\ttab_source\thas_privileges_seen\n"
	entity        = "account\tAccount\tAccount\taccounts\tUser\t1\t\tx\tx\t\t0\t\t\t\tCore Records\tread\tx\t1\n"
	privilegeHead = "name\tright\tentity_logical_name\tentity_label\ttab\tsection\tallowed_levels\tprivilege_id\tsource\ttab_basis\ttab_source\t" +
		"name_basis\tlabel_source\tlevels_source\tid_source\tsection_label\talso_covers\tdefault_in_new_role\n"
	right      = "prvReadAccount\tRead\taccount\tAccount\tCore Records\ttable\tUser,Organization\t886b280c-6396-4d56-a0a3-2c1b0a50ceb0\tx\tread\tx\tx\tx\tx\tx\t\t\t1\n"
	task       = "prvPrint\tMisc\t\tPrint\tSales\tmiscellaneous\t\t\tx\tread\tx\tx\tx\tx\tx\t\t\t\n"
	taskHead   = "name\tui_label\ttab\tallowed_levels\twhat_it_allows\tsection_label\tlevels_seen_in_public_roles\tprivilege_id\tlabel_source\ttab_source\tlevels_source\n"
	switchHead = "name\tlabel_on_form\tplace_on_profile_form\tplace_basis\tseen_in\tnote\n"
	switchFact = "Crm_Implied_View_<Module>\tView\tmodule row of the profile (toggle View)\tread\t403 bodies (Leads); GET profile sample\t\n"
	taskFact   = "prvPrint\tPrint\tSales\t\tx\t\tBusinessUnit\t\tx\tx\tx\n"
)

// writeFacts makes a small folder of facts that is right, with one file replaced.
func writeFacts(t *testing.T, replaced, text string) string {
	t.Helper()
	dir := t.TempDir()
	for name, right := range map[string]string{
		"catalog/entities.tsv":               entityHead + entity,
		"catalog/privileges.tsv":             privilegeHead + right + task,
		"catalog/misc.tsv":                   taskHead + taskFact,
		"catalog/default_new_role.tsv":       "name\tprivilege_id\nprvReadAccount\t886b280c-6396-4d56-a0a3-2c1b0a50ceb0\n",
		"catalog/predefined_role_levels.tsv": "role\tenv\tprivilege\tentity_logical_name\tright\tlevel\nBasic User\tx\tprvReadAccount\taccount\tRead\tUser\n",
		"catalog/zoho_permissions.tsv":       switchHead + switchFact,
		"roles/app_opener_privileges.tsv":    "# remark\nprivilege_name\tlevel\tcheck\tmin_depth_allowed_flags\nprvReadAccount\tGlobal\tT\t\n",
	} {
		if name == replaced {
			right = text
		}
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(right), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestBuild(t *testing.T) {
	files, err := build(writeFacts(t, "", ""))
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{
		"prvPrint\t\t\tLG\t\tmiscellaneous\t\tPrint\tSales\t\td\n" +
			"prvReadAccount\tRead\taccount\tBG\t886b280c-6396-4d56-a0a3-2c1b0a50ceb0\t\t\t\t\t1\t\n",
		"account\tAccount\tAccount\taccounts\t1\tAccount\tUser\t\t\tCore Records\n",
		"prvReadAccount\tApp Opener=G;Basic User=B\n",
	} {
		if text := string(files[i].text); !strings.HasSuffix(text, "\n"+want) {
			t.Errorf("%s is\n%s\nwant the lines\n%s", files[i].name, text, want)
		}
	}
}

func TestBuildIsStrict(t *testing.T) {
	misspelt := strings.Replace(right, "prvReadAccount", "prvReadaccount", 1)
	for _, test := range []struct{ file, text, want string }{
		{"catalog/entities.tsv", "logical_name\n", `entities.tsv:1: header is "logical_name"`},
		{"catalog/entities.tsv", entityHead + "account\n", "entities.tsv:2: 1 columns, want 18"},
		{"catalog/entities.tsv", entityHead + entity + entity, "entities.tsv:3: table account stands twice"},
		{"catalog/entities.tsv", entityHead + strings.Replace(entity, "\t1\t", "\t10001\t", 1), "entities.tsv:2: type code"},
		{"catalog/entities.tsv", entityHead + strings.Replace(entity, "User", "user", 1), "entities.tsv:2: column ownership"},
		{"catalog/entities.tsv", entityHead + strings.Replace(entity, "account\t", "Account\t", 1), `entities.tsv:2: "Account" is no logical name`},
		{"catalog/privileges.tsv", privilegeHead + strings.Replace(right, "\tRead\t", "\tLook\t", 1), "privileges.tsv:2: column right"},
		{"catalog/privileges.tsv", privilegeHead + strings.Replace(right, "User,Organization", "Organization,User", 1), "privileges.tsv:2: column allowed_levels"},
		{"catalog/privileges.tsv", privilegeHead + strings.Replace(right, "886b", "886B", 1), "privileges.tsv:2: column privilege_id"},
		{"catalog/privileges.tsv", privilegeHead + strings.Replace(right, "\taccount\t", "\tacount\t", 1), "privileges.tsv:2: table acount"},
		{"catalog/privileges.tsv", privilegeHead + strings.Replace(right, "Core Records", "Sales", 1), "privileges.tsv:2: prvReadAccount stands as"},
		{"catalog/privileges.tsv", privilegeHead + right + misspelt, "privileges.tsv:3: prvReadaccount stands twice"},
		{"catalog/misc.tsv", taskHead + strings.Replace(taskFact, "Print\t", "Press\t", 2), "misc.tsv:2: prvPress is no"},
		{"catalog/misc.tsv", taskHead + strings.Replace(taskFact, "Sales", "Service", 1), "misc.tsv:2: prvPrint differs"},
		{"catalog/default_new_role.tsv", "name\tprivilege_id\nprvPrint\t\n", "default_new_role.tsv:2: prvPrint differs"},
		{"catalog/default_new_role.tsv", "name\tprivilege_id\n", "default_new_role.tsv:1: 0 privileges"},
		{"catalog/zoho_permissions.tsv", switchHead + strings.Replace(switchFact, "Crm_Implied_", "prv", 1), "zoho_permissions.tsv:2: \"prvView_<Module>\" is no name of a switch"},
		{"catalog/zoho_permissions.tsv", switchHead + "Crm_Implied_X\t\t\t\t\t\nCrm_Implied_X\t\t\t\t\t\n", "zoho_permissions.tsv:3: Crm_Implied_X stands twice"},
		{"roles/app_opener_privileges.tsv", "privilege_name\tlevel\tcheck\tmin_depth_allowed_flags\nprvX\tGlobal\t\t\n", "app_opener_privileges.tsv:2: prvX is not in"},
		{"roles/app_opener_privileges.tsv", "privilege_name\tlevel\tcheck\tmin_depth_allowed_flags\nprvReadAccount\tDeep\t\t\n", `app_opener_privileges.tsv:2: App Opener holds prvReadAccount at "D"`},
	} {
		_, err := build(writeFacts(t, test.file, test.text))
		if err == nil || !strings.Contains(filepath.ToSlash(err.Error()), test.want) {
			t.Errorf("%s: error %v, want %q", test.file, err, test.want)
		}
	}
}

// Of two spellings the one that a source shows stays, in whatever order they come.
func TestTwoSpellings(t *testing.T) {
	derived := strings.Replace(right, "read\tx\tx\t", "read\tx\tderived(schema name)\t", 1)
	derived = strings.Replace(derived, "prvReadAccount", "prvReadaccount", 1)
	for _, text := range []string{right + derived + task, derived + right + task} {
		files, err := build(writeFacts(t, "catalog/privileges.tsv", privilegeHead+text))
		if err != nil {
			t.Fatal(err)
		}
		if lines := string(files[0].text); !strings.Contains(lines, "\nprvReadAccount\t") || strings.Contains(lines, "\nprvReadaccount\t") {
			t.Errorf("got %s", lines)
		}
	}
}

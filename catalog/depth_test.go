package catalog_test

import (
	"encoding/json"
	"slices"
	"testing"

	"github.com/prvgap/prvgap/catalog"
)

func TestParseDepth(t *testing.T) {
	spellings := map[catalog.Depth][]string{
		catalog.None:  {"None", "none", "None Selected", "NONE SELECTED", "○"},
		catalog.Basic: {"Basic", "basic", "User", "user", "User Level", "UserLevel", "BasicLevel", " Basic ", "◔"},
		catalog.Local: {"Local", "Business Unit", "BusinessUnit", "business unit", "BusinessUnitLevel", "Business Unit Level", "Business_Unit", "◑"},
		catalog.Deep: {
			"Deep", "Parent: Child Business Unit", "Parent: Child Business Units", "Parent:Child Business Unit(s)", "Parent-Child",
			"ParentChild", "Parent Child Business Units", "ParentChildBusinessUnit", "ParentChildLevel", "DeepLevel", "◕",
		},
		catalog.Global: {"Global", "Organization", "Organisation", "ORGANIZATION", "OrganizationLevel", "Organisation Level", "Global\u00a0", "●"},
	}
	for want, texts := range spellings {
		for _, text := range append(texts, want.String(), want.Label(), want.Symbol()) {
			if got, ok := catalog.ParseDepth(text); !ok || got != want {
				t.Errorf("ParseDepth(%q) = %v, %v; want %v", text, got, ok, want)
			}
		}
	}
	for _, text := range []string{"", " ", "0", "1", "2", "3", "4", "8", "-1", "–", "RecordFilter", "Level", "User2", "Child Business Unit", "Users", "B", "?"} {
		if got, ok := catalog.ParseDepth(text); ok {
			t.Errorf("ParseDepth(%q) = %v, want none", text, got)
		}
	}
}

func TestDepthText(t *testing.T) {
	text, err := json.Marshal(map[string]catalog.Depth{"depth": catalog.Deep})
	if err != nil || string(text) != `{"depth":"Deep"}` {
		t.Errorf("Marshal = %s, %v", text, err)
	}
	var read struct{ Depth catalog.Depth }
	if err := json.Unmarshal([]byte(`{"depth":"Parent: Child Business Units"}`), &read); err != nil || read.Depth != catalog.Deep {
		t.Errorf("Unmarshal = %v, %v", read.Depth, err)
	}
	if err := json.Unmarshal([]byte(`{"depth":"8"}`), &read); err == nil {
		t.Error("Unmarshal of a number succeeded")
	}
	wrong := catalog.Global + 1
	if _, err := wrong.MarshalText(); err == nil || wrong.String() != "Depth(5)" || wrong.Label() != "Depth(5)" || wrong.Symbol() != "?" {
		t.Errorf("a depth that does not exist: %v, %v", wrong, err)
	}
}

func TestRaise(t *testing.T) {
	all := catalog.MakeDepths(catalog.Basic, catalog.Local, catalog.Deep, catalog.Global)
	ends := catalog.MakeDepths(catalog.Basic, catalog.Global)
	business := catalog.MakeDepths(catalog.Local, catalog.Deep, catalog.Global)
	own := catalog.MakeDepths(catalog.Basic)
	for _, test := range []struct {
		legal    catalog.Depths
		of, want catalog.Depth
	}{
		{all, catalog.Basic, catalog.Basic},
		{all, catalog.Global, catalog.Global},
		{ends, catalog.Local, catalog.Global},
		{business, catalog.Basic, catalog.Local},
		{own, catalog.Global, catalog.Basic},
		{own, catalog.None, catalog.None},
		{0, catalog.Local, catalog.Local},
		{catalog.MakeDepths(catalog.None), catalog.Basic, catalog.Basic},
	} {
		if got := test.legal.Raise(test.of); got != test.want {
			t.Errorf("%v.Raise(%v) = %v, want %v", test.legal.List(), test.of, got, test.want)
		}
	}
	if got := ends.List(); !slices.Equal(got, []catalog.Depth{catalog.Basic, catalog.Global}) || ends.Has(catalog.Deep) || !ends.Known() {
		t.Errorf("List = %v", got)
	}
}

func TestParseAction(t *testing.T) {
	for text, want := range map[string]catalog.Action{
		"Read": catalog.Read, "ReadAccess": catalog.Read, "readaccess": catalog.Read, "AppendTo": catalog.AppendTo,
		"Append To": catalog.AppendTo, "AppendToAccess": catalog.AppendTo, "append_to": catalog.AppendTo, "appendto": catalog.AppendTo,
		"Append": catalog.Append, "update": catalog.Write, "Update": catalog.Write, "WriteAccess": catalog.Write,
		"Create": catalog.Create, "DELETE": catalog.Delete, " Assign ": catalog.Assign, "ShareAccess": catalog.Share,
	} {
		if got, ok := catalog.ParseAction(text); !ok || got != want {
			t.Errorf("ParseAction(%q) = %q, %v; want %q", text, got, ok, want)
		}
	}
	for _, text := range []string{"", "Access", "Misc", "Reads", "prvRead"} {
		if got, ok := catalog.ParseAction(text); ok {
			t.Errorf("ParseAction(%q) = %q, want none", text, got)
		}
	}
}

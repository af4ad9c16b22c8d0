package dataverse

import (
	"bytes"
	_ "embed" // the template
	"fmt"
	"net/url"
	"slices"
	"strings"
	"text/template"

	"github.com/prvgap/prvgap/analyzer/role"
	"github.com/prvgap/prvgap/catalog"
)

// httpTemplate writes << >> for the {{ }} of the file itself, <org> for the
// address of the API and <headers> for what every request carries.
//
//go:embed script/patch.http
var httpTemplate string

const (
	lookupChunk = 20 // names in one filter: the address stays short enough for any proxy
	addChunk    = 50 // grants in one request
)

// httpFile is what the template needs. Every string is safe where it stands:
// comment text, percent-encoded, or the checked name of a privilege.
type httpFile struct {
	Provenance string
	Role       string
	RoleFilter string
	Lookups    []httpChunk
	Adds       []httpChunk
	Grants     []httpGrant
}

type httpChunk struct {
	Of     string // "2 of 3", "" where there is one
	Name   string // of the request
	Filter string
	Grants []httpGrant
}

type httpGrant struct {
	Privilege, ID string
	From, To      string // From is "" for a privilege that the base does not hold
	Legal         string
	Lookup        string // name of the request that tells the id
}

// HTTPFile writes p as a .http file with the steps of the scripts as named
// requests. Ids come from the answers, by reference. The format has no
// conditions: what a script would decide stands there as text for a person.
func HTTPFile(p role.Patch) ([]byte, error) {
	adds, err := scriptAdditions(p)
	if err != nil {
		return nil, err
	}
	f := httpFile{
		Provenance: provenanceComment("#", p),
		Role:       commentText(p.Base.Name),
		RoleFilter: percentEncode(roleFilter(p)),
		Grants:     httpGrants(adds),
	}
	f.Lookups = chunks(f.Grants, lookupChunk)
	for i, c := range f.Lookups {
		f.Lookups[i].Name, f.Lookups[i].Filter = c.Grants[0].Lookup, percentEncode(nameFilter(c.Grants))
	}
	f.Adds = chunks(f.Grants, addChunk)
	t, err := template.New("patch.http").Parse(httpTemplate)
	if err != nil {
		return nil, fmt.Errorf("writing a .http file: %w", err)
	}
	var b bytes.Buffer
	if err := t.Execute(&b, f); err != nil {
		return nil, fmt.Errorf("writing a .http file: %w", err)
	}
	// The characters < and > are in no value: names are checked, the rest is encoded.
	r := strings.NewReplacer(
		"<org>", "{{org}}/api/data/v9.2", "<<", "{{", ">>", "}}",
		"<headers>", "Authorization: Bearer {{token}}\nAccept: application/json\nOData-Version: 4.0\nOData-MaxVersion: 4.0",
	)
	return []byte(r.Replace(b.String())), nil
}

// roleFilter finds the root role: by name, which says the same in every
// environment, or by id where the base has no name.
func roleFilter(p role.Patch) string {
	by := "name eq " + odataString(p.Base.Name)
	switch id := scriptRoleID(p); {
	case p.Base.Name == "" && id != "":
		by = "roleid eq " + id
	case p.Base.Name == "":
		by = "name eq 'PUT-THE-NAME-OF-THE-ROLE-HERE'"
	}
	return by + " and _parentroleid_value eq null"
}

func nameFilter(grants []httpGrant) string {
	names := make([]string, len(grants))
	for i, g := range grants {
		names[i] = "name eq " + odataString(g.Privilege)
	}
	return strings.Join(names, " or ")
}

// odataString writes a string literal of an OData filter.
func odataString(s string) string {
	return "'" + strings.ReplaceAll(s, "'", "''") + "'"
}

// percentEncode leaves only letters, digits and -_.~ as they are, so that no
// client finds a variable, a fragment or a line end in an address.
func percentEncode(s string) string {
	return strings.ReplaceAll(url.QueryEscape(s), "+", "%20")
}

func httpGrants(adds []role.Addition) []httpGrant {
	grants := make([]httpGrant, len(adds))
	for i, a := range adds {
		g := httpGrant{
			Privilege: a.Privilege, ID: plainID(a.ID), To: a.To.String(), Legal: depthList(a.Legal),
			Lookup: fmt.Sprintf("privileges%d", i/lookupChunk+1),
		}
		if a.From != catalog.None {
			g.From = a.From.String()
		}
		grants[i] = g
	}
	return grants
}

// chunks cuts grants into requests and numbers these.
func chunks(grants []httpGrant, size int) []httpChunk {
	var cs []httpChunk
	for part := range slices.Chunk(grants, size) {
		cs = append(cs, httpChunk{Grants: part})
	}
	for i := range cs {
		if len(cs) > 1 {
			cs[i].Of = fmt.Sprintf("%d of %d", i+1, len(cs))
		}
	}
	return cs
}

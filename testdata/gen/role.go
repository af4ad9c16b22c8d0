package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// grant is a privilege at a depth.
type grant struct{ name, depth string }

// role is a security role as SolutionPackager unpacks it.
type role struct {
	id, name  string
	inherited string // isinherited: 1 direct user and team privileges, 0 team privileges only
	bu        string
	grants    []grant
}

// add grants every named privilege (without its prv) at a depth.
func (r *role) add(depth, names string) {
	for n := range strings.FieldsSeq(names) {
		r.grants = append(r.grants, grant{"prv" + n, depth})
	}
}

// addTables grants the same actions on several tables.
func (r *role) addTables(depth, actions, tables string) {
	for t := range strings.FieldsSeq(tables) {
		for a := range strings.FieldsSeq(actions) {
			r.add(depth, a+t)
		}
	}
}

// sort puts the grants in the order in which the platform writes them: by lower-cased name.
func (r *role) sort() {
	slices.SortFunc(r.grants, func(a, b grant) int {
		return strings.Compare(strings.ToLower(a.name), strings.ToLower(b.name))
	})
}

// salesRole is the thin role of the user in sales-app.har. It lacks what that capture denies, but for two privileges
// that it holds at Basic while a record asked for Local, and prvReadConnection, which was denied all the same.
func salesRole() role {
	r := role{id: id("role sales base"), name: "Sales Base", inherited: "1", bu: salesBU}
	r.addTables("Basic", "Append AppendTo Create Read Write", "Account Contact Lead Opportunity Note")
	r.addTables("Basic", "Append AppendTo Create Read", "Connection")
	r.addTables("Basic", "Create Delete Read Write", "UserApplicationMetadata")
	r.add("Basic", "AssignOpportunity AppendToActivity CreateActivity")
	r.add("Local", "ReadUserSettings WriteUserSettings ReadBusinessUnit ReadRole ReadTeam AppendToTeam AppendToUser")
	r.add("Global", "ReadEntity ReadAttribute ReadAttributeMap ReadEntityMap ReadEntityKey ReadOptionSet ReadRelationship")
	r.add("Global", "ReadCustomization ReadSystemForm ReadQuery ReadSavedQueryVisualizations ReadWebResource ReadAppModule")
	r.add("Global", "ReadAppConfigMaster ReadSystemApplicationMetadata ReadComplexControl ReadHierarchyRule")
	r.add("Global", "ReadPluginAssembly ReadPluginType ReadSdkMessageProcessingStep ReadSdkMessageProcessingStepImage")
	r.add("Global", "CreateSharePointData ReadSharePointData WriteSharePointData ReadSharePointDocument")
	r.add("Global", "ReadNewProcess ReadTranslationProcess ReadTransactionCurrency AppendToTransactionCurrency ReadProduct")
	r.add("Global", "ReadTerritory ReadSubject ReadPost ReadTheme ReadSettingDefinition ReadPublisher ReadConnectionRole")
	r.addTables("Global", "Append AppendTo Create Read Write", "LeadToOpportunitySalesProcess OpportunitySalesProcess")
	r.add("Global", "ExportToExcel Print SearchAvailability Flow")
	r.sort()
	return r
}

// teamRole is the role that the team of team-member.har holds.
func teamRole() role {
	r := role{id: id("role team reader"), name: "Team Reader", inherited: "0", bu: fieldBU}
	r.addTables("Basic", "Append AppendTo Create Read", "Contact Opportunity")
	r.add("Basic", "WriteContact AppendAccount AppendToAccount CreateAccount")
	r.add("Local", "ReadAccount WriteAccount ReadBusinessUnit ReadUser ReadTeam ReadUserSettings WriteOpportunity")
	r.add("Global", "ReadEntity ReadAttribute ReadOptionSet ReadRelationship ReadCustomization ReadSystemForm ReadQuery")
	r.add("Global", "ReadWebResource ReadAppModule ReadWorkflow ReadTransactionCurrency ReadSharePointData")
	r.sort()
	return r
}

// xml writes the role as an unpacked file: byte order mark, two-space indent, no newline at the end.
func (r role) xml() []byte {
	var b bytes.Buffer
	b.WriteString("\ufeff<?xml version=\"1.0\" encoding=\"utf-8\"?>\n")
	fmt.Fprintf(&b, "<Role id=\"{%s}\" name=\"%s\" isinherited=\"%s\"", r.id, r.name, r.inherited)
	b.WriteString(" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\">\n")
	b.WriteString("  <IsCustomizable>1</IsCustomizable>\n  <RolePrivileges>\n")
	for _, g := range r.grants {
		fmt.Fprintf(&b, "    <RolePrivilege name=\"%s\" level=\"%s\" />\n", g.name, g.depth)
	}
	b.WriteString("  </RolePrivileges>\n</Role>")
	return b.Bytes()
}

// rolePrivilege is one row of the answers of RetrieveRolePrivilegesRole and RetrieveUserPrivileges.
type rolePrivilege struct {
	Depth, PrivilegeId, BusinessUnitId, PrivilegeName, RecordFilterId, RecordFilterUniqueName string
}

// privileges lists the role's grants as the Web API's functions do.
func (r role) privileges() []rolePrivilege {
	rows := make([]rolePrivilege, 0, len(r.grants))
	for _, g := range r.grants {
		rows = append(rows, rolePrivilege{
			Depth: g.depth, PrivilegeId: privilegeID(g.name), BusinessUnitId: r.bu, PrivilegeName: g.name,
			RecordFilterId: emptyID,
		})
	}
	return rows
}

// json writes the role as the answer of RetrieveRolePrivilegesRole.
func (r role) json(origin string) []byte {
	out, err := json.MarshalIndent(struct {
		Context string          `json:"@odata.context"`
		Rows    []rolePrivilege `json:"RolePrivileges"`
	}{
		origin + "/api/data/v9.2/$metadata#Microsoft.Dynamics.CRM.RetrieveRolePrivilegesRoleResponse",
		r.privileges(),
	}, "", "  ")
	if err != nil {
		panic(err) // strings only: cannot fail
	}
	return append(out, '\n')
}

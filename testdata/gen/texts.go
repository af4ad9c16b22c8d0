package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"
)

// The platform's own wording, filled with invented values. Each function is one shape.

// principal is a user or a team as the platform prints it.
type principal struct {
	id, aad, bu       string
	roles, privileges int
}

// target is the table that a privilege is about, as the platform prints it.
type target struct {
	code           int
	logical, label string
}

// metadataPrivileges is how many privileges exist in the invented environments.
const metadataPrivileges = 8614

// parens prints a user the way builds since 2025 do.
func (p principal) parens() string {
	return fmt.Sprintf("(Id=%s, type=8, roleCount=%d, privilegeCount=%d, accessMode='0 Read-Write', AADObjectId='%s', MetadataCachePrivilegesCount=%d, businessUnitId=%s)",
		p.id, p.roles, p.privileges, p.aad, metadataPrivileges, p.bu)
}

// about prints the privilege, the table and the caller.
func about(privilege string, t target, caller string) string {
	return fmt.Sprintf("is missing %s privilege (Id=%s) on OTC=%d for entity '%s' (LocalizedName='%s'). context.Caller=%s. Consider adding missed privilege to one of the principal (user/team) roles.",
		privilege, privilegeID(privilege), t.code, t.logical, t.label, caller)
}

// missing is today's sentence for a user.
func missing(p principal, privilege string, t target) string {
	return "Principal user " + p.parens() + ", " + about(privilege, t, p.id)
}

// missing2023 is the sentence of the builds of 2023.
func missing2023(p principal, privilege string, t target) string {
	return fmt.Sprintf("Principal user (Id=%s, type=8, roleCount=%d, privilegeCount=%d, accessMode=0, MetadataCachePrivilegesCount=%d, businessUnitId=%s), %s",
		p.id, p.roles, p.privileges, metadataPrivileges, p.bu, about(privilege, t, p.id))
}

// missingShort is the sentence that first-party plug-ins still format by hand.
func missingShort(p principal, privilege string) string {
	return fmt.Sprintf("Principal user (Id=%s, type=8) is missing %s privilege (Id=%s)", p.id, privilege, privilegeID(privilege))
}

// teamMissing is the sentence for a team that caller acts with.
func teamMissing(team principal, privilege string, t target, caller string) string {
	return fmt.Sprintf("Principal team (Id=%s, type=9, teamType=0, privilegeCount=%d, MetadataCachePrivilegesCount=%d, businessUnitId=%s), %s",
		team.id, team.privileges, metadataPrivileges, team.bu, about(privilege, t, caller))
}

// ownerCheck is the prefix of the check that a new owner may read the row.
const ownerCheck = "Read Privilege Check For Owner failed with exception: "

// checkPrivilege is the sentence of system privileges without a table.
func checkPrivilege(p principal, privilege, depth string) string {
	return fmt.Sprintf("SecLib::CheckPrivilege failed. User: %s, PrivilegeName: %s, PrivilegeId: %s, Required Depth: %s, BusinessUnitId: %s, MetadataCache Privileges Count: %d, User Privileges Count: %d",
		p.id, privilege, privilegeID(privilege), depth, p.bu, metadataPrivileges, p.privileges)
}

// row is a record as an access check prints it.
type row struct {
	id, owner, bu string
	target
}

// accessCheck is the older sentence of a record that role, sharing and hierarchy do not open; with its two blanks.
func accessCheck(p principal, r row, right string) string {
	return fmt.Sprintf("SecLib::AccessCheckEx failed. Returned hr = -2147187962, ObjectID: %s, OwnerId: %s,  OwnerIdType: 8 and CallingUser: %s. ObjectTypeCode: %d, objectBusinessUnitId: %s, AccessRights: %s",
		r.id, r.owner, p.id, r.code, r.bu, right)
}

// checkedPrincipal and accessDetails are the JSON behind "More details:", members in the platform's order.
type checkedPrincipal struct {
	PrincipalId     string
	Type            int
	IsUserPrincipal bool
}

type callerInfo struct {
	IsSystemUser, IsSupportUser, IsAdministrator, IsCustomizer, IsDisabled, IsIntegrationUser bool
	Teams, Roles                                                                              *string
}

type accessDetails struct {
	CallerPrincipal, OwnerPrincipal                                   checkedPrincipal
	ObjectId                                                          string
	ObjectTypeCode                                                    int
	EntityName, ObjectBusinessUnitId                                  string
	RightsToCheck, RoleAccessRights, PoaAccessRights, HsmAccessRights string
	GrantedAccessRights                                               string
	Messages                                                          []string
	EntityOwnershipTypeMask                                           int
	CallerInfo                                                        callerInfo
	ReadOnlyState                                                     string
	IsHsmEnabled                                                      bool
	HsmInfo                                                           *string
}

// noRight is today's sentence of a record; level and messages say which depth would open it.
func noRight(p principal, host string, r row, right, level string, messages ...string) string {
	messages = append([]string{
		"PrincipalHasOwnerPrincipalWithAtLeastBasicPrivilegeDepth = False", "EntityUserGroupRights = None",
	}, messages...)
	messages = append(messages, fmt.Sprintf(
		"SecLib::AccessCheckEx2 failed. Owner Data: roleCount=3, privilegeCount=611, accessMode=0; Principal Data: roleCount=%d, privilegeCount=%d, accessMode=0",
		p.roles, p.privileges))
	details := accessDetails{
		CallerPrincipal: checkedPrincipal{p.id, 8, true}, OwnerPrincipal: checkedPrincipal{r.owner, 8, true},
		ObjectId: r.id, ObjectTypeCode: r.code, EntityName: r.logical, ObjectBusinessUnitId: r.bu, RightsToCheck: right,
		RoleAccessRights: "None", PoaAccessRights: "None", HsmAccessRights: "None", GrantedAccessRights: "None",
		Messages: messages, EntityOwnershipTypeMask: 1, ReadOnlyState: "UserAndOrgFullAccess",
	}
	return fmt.Sprintf("user with id %s does not have %s right(s) for record with id %s of entity %s. Consider assigning a role with %s to the user or team. For further troubleshooting, please work with a system administrator to use the Access Checker tool on this record: https://%s/main.aspx?forceUCI=1&pagetype=entityrecord&etn=%s&id=%s. More details: %s",
		p.id, right, r.id, r.label, level, host, r.logical, r.id, compact(details))
}

// compact writes JSON on one line without HTML escapes.
func compact(v any) string {
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		panic(err) // plain structs: cannot fail
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// envelope is the Web API's error object.
func envelope(code, message string) string {
	return `{"error":{"code":` + compact(code) + `,"message":` + compact(message) + `}}`
}

// annotated is the same for a caller that asked for all annotations; the sentence then stands there twice.
func annotated(code, message, name, source string) string {
	const ns = "@Microsoft.PowerApps.CDS."
	fields := [][2]string{
		{"code", code}, {"message", message},
		{ns + "ErrorDetails.ApiExceptionSourceKey", "Plugin/" + source},
		{ns + "ErrorDetails.ApiStepKey", id("step " + source)},
		{ns + "ErrorDetails.ApiDepthKey", "1"},
		{ns + "ErrorDetails.ApiActivityIdKey", id("activity " + message)},
		{ns + "ErrorDetails.ApiPluginSolutionNameKey", "System"},
		{ns + "ErrorDetails.ApiStepSolutionNameKey", "System"},
		{ns + "ErrorDetails.ApiExceptionCategory", "ClientError"},
		{ns + "ErrorDetails.ApiExceptionMessageName", name},
		{ns + "ErrorDetails.ApiExceptionHttpStatusCode", "403"},
		{ns + "HelpLink", "http://go.microsoft.com/fwlink/?LinkID=398563&error=Microsoft.Crm.CrmException%3a" + strings.TrimPrefix(code, "0x") + "&client=platform"},
		{ns + "InnerError.Message", message},
	}
	var parts []string
	for _, f := range fields {
		parts = append(parts, compact(f[0])+":"+compact(f[1]))
	}
	return `{"error":{` + strings.Join(parts, ",") + `}}`
}

// oldEnvelope is the error object of the OData v2 endpoint: a signed decimal code and a message with a language.
func oldEnvelope(message string) string {
	return "{\r\n\"error\": {\r\n\"code\": \"-2147220960\", \"message\": {\r\n\"lang\": \"en-US\", \"value\": " + compact(message) + "\r\n}\r\n}\r\n}"
}

// soapFault is the answer of the SOAP endpoint, with status 500.
func soapFault(message string, at time.Time) string {
	return `<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><s:Fault><faultcode>s:Client</faultcode>` +
		`<faultstring xml:lang="en-US">` + message + `</faultstring><detail>` +
		`<OrganizationServiceFault xmlns="http://schemas.microsoft.com/xrm/2011/Contracts" xmlns:i="http://www.w3.org/2001/XMLSchema-instance">` +
		`<ActivityId>` + id("soap activity") + `</ActivityId><ErrorCode>-2147220960</ErrorCode>` +
		`<ErrorDetails xmlns:a="http://schemas.datacontract.org/2004/07/System.Collections.Generic"/>` +
		`<HelpLink i:nil="true"/><Message>` + message + `</Message><Timestamp>` + at.Format("2006-01-02T15:04:05.0000000Z") + `</Timestamp>` +
		`<ExceptionRetriable>false</ExceptionRetriable><ExceptionSource i:nil="true"/><InnerFault i:nil="true"/>` +
		`<OriginalException i:nil="true"/><TraceText i:nil="true"/></OrganizationServiceFault></detail></s:Fault></s:Body></s:Envelope>`
}

package dataverse

import (
	"fmt"
	"strings"
	"testing"

	"github.com/prvgap/prvgap/analyzer"
)

// Invented ids.
const (
	alice = "a1b2c3d4-0001-4000-8000-00000000a11c"
	bob   = "a1b2c3d4-0002-4000-8000-000000000b0b"
	crew  = "a1b2c3d4-0003-4000-8000-00000000c4e3"
	privI = "a1b2c3d4-0004-4000-8000-000000009917"
	unit1 = "a1b2c3d4-0005-4000-8000-0000000000b1"
	rec1  = "a1b2c3d4-0006-4000-8000-000000004ec0"
)

// fill puts the invented ids into a sentence.
func fill(s string) string {
	return strings.NewReplacer("@alice", alice, "@bob", bob, "@crew", crew, "@priv", privI, "@unit", unit1, "@rec", rec1).Replace(s)
}

// brief writes what was read of a denial, without what is absent.
func brief(d analyzer.Denial) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s", d.Cause, d.Shape)
	field := func(name, v string) {
		if v != "" {
			fmt.Fprintf(&b, " %s=%s", name, v)
		}
	}
	field("code", d.Code)
	field("priv", d.Privilege)
	if d.Cut {
		b.WriteString(" cut")
	}
	field("id", d.PrivilegeID)
	field("right", string(d.Action))
	field("table", d.Table)
	if d.TypeCode != 0 {
		fmt.Fprintf(&b, " otc=%d", d.TypeCode)
	}
	if d.Depth != 0 {
		field("depth", d.Depth.String())
	}
	field("kind", d.PrincipalKind)
	field("who", d.Principal)
	field("unit", d.BusinessUnit)
	if d.RoleCount != nil {
		fmt.Fprintf(&b, " roles=%d", *d.RoleCount)
	}
	if d.PrivilegeCount != nil {
		fmt.Fprintf(&b, " privs=%d", *d.PrivilegeCount)
	}
	field("caller", d.Caller)
	field("record", d.Record)
	field("owner", d.Owner)
	field("ownerkind", d.OwnerKind)
	field("recordunit", d.RecordBusinessUnit)
	field("ownership", d.Ownership)
	return b.String()
}

// sentences are the wordings of SecLib and the services around it, one of each
// generation, and what must be read from each. Several results are separated
// by " | ".
var sentences = []struct{ name, body, want string }{
	{
		"2015, no counts", "Principal user (Id=@alice, type=8) is missing prvReadLead privilege (Id=@priv)",
		"privilege principal-missing priv=prvReadLead id=@priv kind=user who=@alice",
	},
	{
		"2018, other order and blanks", "Principal user (Id=@alice, type=8 , accessMode=4, roleCount=2 ) is missing prvAppendLead privilege (Id=@priv)",
		"privilege principal-missing priv=prvAppendLead id=@priv kind=user who=@alice roles=2",
	},
	{
		"2025, a user", "Principal user (Id=@alice, type=8, roleCount=3, privilegeCount=120, accessMode='0 Read-Write', AADObjectId='@bob', MetadataCachePrivilegesCount=5214, businessUnitId=@unit), is missing prvWriteQuote privilege (Id=@priv) on OTC=1084 for entity 'quote' (LocalizedName='Angebot (alt)'). context.Caller=@bob. Consider adding missed privilege to one of the principal (user/team) roles.",
		"privilege principal-missing priv=prvWriteQuote id=@priv table=quote otc=1084 kind=user who=@alice unit=@unit roles=3 privs=120 caller=@bob",
	},
	{
		"a team in an owner check", "Read Privilege Check For Owner failed with exception: Principal team (Id=@crew, type=9, teamType=0, privilegeCount=8, MetadataCachePrivilegesCount=7264, businessUnitId=@unit), is missing prvReadQuote privilege (Id=@priv) on OTC=1084 for entity 'quote'. context.Caller=@alice.",
		"privilege principal-missing priv=prvReadQuote id=@priv table=quote otc=1084 kind=team who=@crew unit=@unit privs=8 caller=@alice",
	},
	{
		"redacted, glued", "The request failed with error code 0x80040299: Principal user is missing prvReadQuote privilege for entity 'quote'.Consider adding missed privilege",
		"privilege principal-missing code=0x80040299 priv=prvReadQuote table=quote kind=user",
	},
	{
		"a hint with parentheses of its own: access mode", "Principal user (Id=@alice, type=8, roleCount=2, accessMode=1, businessUnitId=@unit(Setup/Stub user with filtered privileges from associated roles. Consider changing user AccessMode to Full (without privilege filtering))), is missing prvReadQuote privilege (Id=@priv)",
		"access-mode principal-missing priv=prvReadQuote id=@priv kind=user who=@alice unit=@unit roles=2",
	},
	{
		"a hint: license", "Principal user (Id=@alice, type=8, rollCount=2, accessMode=1(Setup/Stub unlicensed user with filtered privileges from associated roles. Consider assigning license.)), is missing prvReadQuote privilege",
		"license principal-missing priv=prvReadQuote kind=user who=@alice roles=2",
	},
	{
		"impersonation names a privilege twice", "Principal user (Id=@alice, type=8, roleCount=2), is missing prvReadQuote privilege (Id=@priv) on OTC=1084 for entity 'quote'. context.Caller=@alice. Or identityUser.SystemUserId=@bob, identityUser.Privileges.Count=1670, identityUser.Roles.Count=0 is missing prvReadQuote privilege (Id=@priv) on OTC=1084 for entity 'quote'.",
		"privilege principal-missing priv=prvReadQuote id=@priv table=quote otc=1084 kind=user who=@alice roles=2 caller=@alice",
	},
	{
		"two privileges in one text", "1. Principal user (Id=@alice, type=8) is missing prvReadQuote privilege (Id=@priv)\r\n2. Principal team (Id=@crew, type=9) is missing prvReadLead privilege",
		"privilege principal-missing priv=prvReadQuote id=@priv kind=user who=@alice | privilege principal-missing priv=prvReadLead kind=team who=@crew",
	},
	{
		"masks are not ids", "Principal user (Id=******** type=8, roleCount=4), is missing prvCreateQuote privilege (Id=******on OTC=1084 for entity '",
		"privilege principal-missing priv=prvCreateQuote otc=1084 kind=user roles=4",
	},
	{
		"cut inside a GUID", "Principal team (Id=@crew, type=9), is missing prvReadQuote privilege (Id=@priv) on OTC=1084 for entity 'quote'. context.Caller=1d02f3",
		"privilege principal-missing priv=prvReadQuote id=@priv table=quote otc=1084 kind=team who=@crew",
	},
	{
		"a stop glued to the name", "Principal user is missing prvAppendToLead.",
		"privilege principal-missing priv=prvAppendToLead kind=user",
	},
	{
		"bold, quoted, escaped markdown", `user is missing **'prvReadcr1\_Thing'** privilege`,
		"privilege principal-missing priv=prvReadcr1_Thing kind=user",
	},
	{
		"paraphrases", "Error: Principal user does not have prvWriteLead privilege",
		"privilege principal-missing priv=prvWriteLead kind=user",
	},
	{
		"CheckPrivilege", "SecLib::CheckPrivilege failed. User: @alice, PrivilegeName: prvCreateOptionSet, PrivilegeId: @priv, Required Depth: Local, BusinessUnitId: @unit, MetadataCache Privileges Count: 4892, User Privileges Count: 1026",
		"privilege check-privilege priv=prvCreateOptionSet id=@priv depth=Local kind=user who=@alice unit=@unit privs=1026",
	},
	{
		"CheckPrivilege of an application", "SecLib::CheckPrivilege failed. User: @alice, ApplicationId/FullName: @bob/# Portal, north, PrivilegeName: prvExportCustomization, PrivilegeId: @priv, Required Depth: Basic, BusinessUnitId: @unit",
		"privilege check-privilege priv=prvExportCustomization id=@priv depth=Basic kind=application who=@alice unit=@unit",
	},
	{
		"CheckPrivilege cut inside the name", "SecLib::CheckPrivilege failed. User: @alice, PrivilegeName: pr",
		"privilege unnamed kind=user who=@alice",
	},
	{
		"CrmCheckPrivilege by id", "SecLib::CrmCheckPrivilege failed. Returned hr = -2147220960 on UserId: @alice and PrivilegeId: @priv",
		"privilege crm-check-privilege code=0x80040220 id=@priv kind=user who=@alice",
	},
	{
		"CrmCheckPrivilege by name", "SecLib::CrmCheckPrivilege failed. Returned hr = -2147220839 on UserId: @alice and Privilege: prvReadLead in BusinessUnit: North (Id= @unit)",
		"privilege crm-check-privilege code=0x80040299 priv=prvReadLead kind=user who=@alice",
	},
	{
		"no roles", "RetrievePrivilegeForUser: The user with id @alice has not been assigned any roles. They need a role with the prvReadUser privilege.",
		"no-roles no-roles priv=prvReadUser kind=user who=@alice",
	},
	{
		"no roles, translated around the name", "RetrievePrivilegeForUser: Benutzer @alice hat keine Rollen. Erforderlich ist das Recht prvReadUser.",
		"no-roles no-roles priv=prvReadUser",
	},
	{
		"no roles, older", "SecLib::RetrievePrivilegeForUser failed - no roles are assigned to user. Returned hr = -2147209463, User: @alice",
		"no-roles no-roles code=0x80042f09 kind=user who=@alice",
	},
	{
		"App for Outlook", "You don't have required privilege (prvReadOrganization), which limits certain functionality.",
		"privilege principal-missing priv=prvReadOrganization",
	},
	{
		"solution import", "Contoso cannot be imported. The prvCreateRelationship privilege is required to import this component.",
		"privilege client-sentence priv=prvCreateRelationship",
	},
	{
		"VerifyCallerPrivileges without a blank", "RoleService::VerifyCallerPrivileges failed.User: @alice, UserBU: @unit, PrivilegeName: prvReadLead, PrivilegeId: @priv, Depth: Global, BusinessUnitId: @unit, MissingPrivilegeCount: 16",
		"privilege verify-caller priv=prvReadLead id=@priv depth=Global kind=user who=@alice unit=@unit",
	},
	{
		"AccessCheckEx", "SecLib::AccessCheckEx failed. Returned hr = -2147187962, ObjectID: @rec, OwnerId: @bob,  OwnerIdType: 9 and CallingUser: @alice. ObjectTypeCode: 1084, objectBusinessUnitId: @unit, AccessRights: WriteAccess Detail: ",
		"record-access access-check code=0x80048306 right=Write otc=1084 kind=user who=@alice caller=@alice record=@rec owner=@bob ownerkind=team recordunit=@unit",
	},
	{
		"AccessCheckEx, rights as flags", "SecLib::AccessCheckEx failed. Returned hr = -2147187962, ObjectID: @rec, OwnerId: @bob, OwnerIdType: 8 and CallingUser: @alice. ObjectTypeCode: 1, objectBusinessUnitId: @unit, AccessRights: 262145.",
		"record-access access-check code=0x80048306 right=Read otc=1 kind=user who=@alice caller=@alice record=@rec owner=@bob ownerkind=user recordunit=@unit | record-access access-check code=0x80048306 right=Share otc=1 kind=user who=@alice caller=@alice record=@rec owner=@bob ownerkind=user recordunit=@unit",
	},
	{
		"AccessCheckEx with a name for a right", "SecLib::AccessCheckEx failed. Returned hr = -2147187962, ObjectID: @rec, OwnerId: @bob, OwnerIdType: 8 and CallingUser: @alice. ObjectTypeCode: 4201, objectBusinessUnitId: @unit, AccessRights: prvShareActivity",
		"record-access access-check code=0x80048306 priv=prvShareActivity cut otc=4201 kind=user who=@alice caller=@alice record=@rec owner=@bob ownerkind=user recordunit=@unit",
	},
	{
		"the sentence of 2024 with its details", `{"error":{"code":"0x80048306","message":"user with id @alice does not have AppendToAccess right(s) for record with id @rec of entity Connection Reference. Consider assigning a role with the required access level to the user or team. For further troubleshooting: https://x.example/main.aspx?forceUCI=1&pagetype=entityrecord&etn=connectionreference&id=@rec. More details: {\"CallerPrincipal\":{\"PrincipalId\":\"@alice\",\"Type\":8,\"IsUserPrincipal\":true},\"OwnerPrincipal\":{\"PrincipalId\":\"@bob\",\"Type\":8,\"IsUserPrincipal\":true},\"ObjectId\":\"@rec\",\"ObjectTypeCode\":10469,\"EntityName\":\"connectionreference\",\"ObjectBusinessUnitId\":\"@unit\",\"RightsToCheck\":\"AppendToAccess\",\"Messages\":[\"BasicMinimumPrivilegeDepthRequired = None\",\"LocalMinimumPrivilegeDepthRequired = AppendToAccess\"],\"EntityOwnershipTypeMask\":1}"}}`,
		"record-access record-rights code=0x80048306 right=AppendTo table=connectionreference otc=10469 depth=Local kind=user who=@alice caller=@alice record=@rec owner=@bob ownerkind=user recordunit=@unit ownership=User",
	},
	{
		"the sentence of 2024 alone", "team with id @crew does not have ReadAccess right(s) for record with id @rec of entity Angebot neu. Consider assigning a role with the level BusinessUnitLevel to the user or team.",
		"record-access record-rights right=Read table=Angebot neu depth=Local kind=team who=@crew record=@rec",
	},
	{
		"several rights", "Principal with id @alice does not have ReadAccess, WriteAccess right(s) for record with id @rec of entity account. Details: {",
		"record-access record-rights right=Read table=account who=@alice record=@rec | record-access record-rights right=Write table=account who=@alice record=@rec",
	},
	{
		"a template that leaked", "{0} with id {1} does not have {2} right(s) for record with id {3} of entity {4}. Consider assigning a role with {5} to the user or team. {6}",
		"record-access access-check",
	},
	{
		"column security", "Caller user with Id @alice does not have update permissions to a Credit Limit secured field on entity Key Contact. The requested operation could not be completed.",
		"column-security column-security right=Write table=Key Contact kind=user who=@alice caller=@alice",
	},
	{"not a member", `[{\\"error\\":{\\"code\\":\\"0x80072560\\",\\"message\\":\\"...\\"}}]`, "not-a-member not-a-member code=0x80072560"},
	{"disabled", "The specified user is either disabled or is not a member of any business unit.", "disabled disabled kind=user"},
	{"app license", `{"error":{"code":"2147812097","message":"x"}}`, "license license code=0x80050301"},
	{"admin only", "User does not have required privileges (or role membership) to access the org when it is in Admin Only mode.", "access-mode access-mode kind=user"},
	{"Power Pages", `{"error":{"code":"90040102","message":"You don't have permission to update {0} entity."}}`, "other power-pages code=90040102"},
	{"Graph", "Insufficient privileges to complete the operation.", "other graph"},
	{
		"an outer code lies", `<s:Fault><OrganizationServiceFault><ErrorCode>-2147220891</ErrorCode><Message>plug-in failed</Message><InnerFault><ErrorCode>-2147220960</ErrorCode><Message>Principal user (Id=@alice, type=8) is missing prvReadLead privilege (Id=@priv)</Message></InnerFault></OrganizationServiceFault></s:Fault>`,
		"privilege principal-missing code=0x80040220 priv=prvReadLead id=@priv kind=user who=@alice",
	},
	{
		"cut within the name", `{"error":{"message":"Principal user (Id=@alice, type=8) is missing prvReadLea`,
		"privilege principal-missing priv=prvReadLea cut kind=user who=@alice",
	},
	{
		"an ellipsis behind the name", "Principal user is missing prvReadLea... privilege",
		"privilege principal-missing priv=prvReadLea… kind=user",
	},
	{
		"several names in one sentence", "Principal user is missing prvReadLead, prvWriteLead and prvReadQuote privileges",
		"privilege principal-missing priv=prvReadLead kind=user | privilege principal-missing priv=prvWriteLead | privilege principal-missing priv=prvReadQuote",
	},
	{
		"two principals lack one privilege", "Principal team (Id=@crew, type=9) is missing prvReadLead privilege (Id=@priv). Principal user (Id=@alice, type=8) is missing prvReadLead privilege (Id=@priv).",
		"privilege principal-missing priv=prvReadLead id=@priv kind=team who=@crew | privilege principal-missing priv=prvReadLead id=@priv kind=user who=@alice",
	},
	{
		"braces around ids", "Principal user (Id={@alice}, type=8) is missing prvReadLead privilege (Id={@priv})",
		"privilege principal-missing priv=prvReadLead id=@priv kind=user who=@alice",
	},
	{
		"a right for each level", `{"CallerPrincipal":{"PrincipalId":"@alice","Type":8},"ObjectId":"@rec","EntityName":"account","RightsToCheck":"ReadAccess, WriteAccess","GrantedAccessRights":"None","Messages":["BasicMinimumPrivilegeDepthRequiredRights = ReadAccess","LocalMinimumPrivilegeDepthRequiredRights = WriteAccess"]}`,
		"record-access access-check-json right=Read table=account depth=Basic kind=user who=@alice caller=@alice record=@rec | record-access access-check-json right=Write table=account depth=Local kind=user who=@alice caller=@alice record=@rec",
	},
	{
		"a right that was granted", `{"CallerPrincipal":{"PrincipalId":"@alice","Type":8},"ObjectId":"@rec","EntityName":"account","RightsToCheck":"ReadAccess, WriteAccess","GrantedAccessRights":"ReadAccess","Messages":["MinimumPrivilegeDepthRequired = Deep"]}`,
		"record-access access-check-json right=Write table=account depth=Deep kind=user who=@alice caller=@alice record=@rec",
	},
	{
		"a right cut short", "SecLib::AccessCheckEx failed. Returned hr = -2147187962, ObjectID: @rec, CallingUser: @alice. ObjectTypeCode: 1, AccessRights: Append",
		"record-access access-check code=0x80048306 otc=1 kind=user who=@alice caller=@alice record=@rec",
	},
	{"another error quotes a name as held", "Assigning needs more. You already hold prvReadAccount.", "other other"},
	{"nothing named", `{"error":{"code":"0x80040220","message":"Sorry."}}`, "privilege unnamed code=0x80040220"},
	{"a name in a foreign sentence", "Hiányzó jogosultság: prvReadLead (valami)", "privilege mention priv=prvReadLead"},
	{"a template is no denial", "Principal user (Id={0}, type={1}) is missing {2} privilege (Id={3})", "privilege unnamed kind=user"},
	{"something else", "<html><title>403</title><body>Forbidden by proxy</body></html>", "other other"},
}

func TestRecognize(t *testing.T) {
	for _, s := range sentences {
		t.Run(s.name, func(t *testing.T) {
			var got []string
			for _, d := range Recognize(fill(s.body), 403) {
				got = append(got, brief(d))
			}
			if want := fill(s.want); strings.Join(got, " | ") != want {
				t.Errorf("got  %s\nwant %s", strings.Join(got, " | "), want)
			}
		})
	}
}

// envelopes hold one sentence in every way in which servers and clients wrap it.
func TestEnvelopes(t *testing.T) {
	sentence := fill("Principal user (Id=@alice, type=8), is missing prvReadLead privilege (Id=@priv) on OTC=4 for entity 'lead'. context.Caller=@alice.")
	quoted := strings.NewReplacer("'", `\u0027`).Replace(sentence)
	for name, body := range map[string]string{
		"OData v4":             `{"error":{"code":"0x80040220","message":"` + sentence + `"}}`,
		"with annotations":     `{"error":{"code":"0x80040220","message":"` + quoted + `","@Microsoft.PowerApps.CDS.ErrorDetails.ApiExceptionSourceKey":"Plugin/x","@Microsoft.PowerApps.CDS.InnerError.Message":"` + quoted + `"}}`,
		"OData v4, 8.x":        `{"error":{"code":"","message":"` + sentence + `","innererror":{"message":"` + sentence + `","type":"Microsoft.Crm.CrmException","stacktrace":"   at Microsoft.Crm\r\n   at prvReadNothing"}}}`,
		"OData v2 JSON":        `{"error":{"code":"-2147220960","message":{"lang":"en-US","value":"` + sentence + `"}}}`,
		"OData v2 Atom":        `<?xml version="1.0"?><error xmlns="http://schemas.microsoft.com/ado/2007/08/dataservices/metadata"><code>-2147220960</code><message xml:lang="en-US">` + strings.ReplaceAll(sentence, "'", "&apos;") + `</message></error>`,
		"SOAP fault":           `<s:Envelope xmlns:s="x"><s:Body><s:Fault><faultcode>s:Client</faultcode><faultstring xml:lang="en-US">` + sentence + `</faultstring><detail><OrganizationServiceFault><ErrorCode>-2147220960</ErrorCode><ErrorDetails/><Message>` + sentence + `</Message></OrganizationServiceFault></detail></s:Fault></s:Body></s:Envelope>`,
		"connector":            `{"status":403,"message":"` + sentence + `","error":{"message":"` + sentence + `","code":"0x80040220"}}`,
		"JSON in a string":     `{"message":"{\"error\":{\"code\":\"0x80040220\",\"message\":\"` + sentence + `\"}}","status":403}`,
		"JSON in it twice":     `"[{\\\"error\\\":{\\\"code\\\":\\\"0x80040220\\\",\\\"message\\\":\\\"` + sentence + `\\\"}}]"`,
		"HTML":                 `<html><body><h1>Error</h1><p>` + sentence + `</p></body></html>`,
		"a log, line-wrapped":  "2024-02-14T05:45:01Z Error:\r\n" + strings.ReplaceAll(sentence, " is missing", ",\r\n   is missing"),
		"downloaded log file":  "Unhandled Exception: System.ServiceModel.FaultException`1[[x]]: " + sentence + "Detail: <OrganizationServiceFault><ErrorCode>-2147220960</ErrorCode><Message>" + sentence + "</Message>",
		"JSON that was cut":    `{"error":{"code":"0x80040220","message":"` + sentence,
		"array at the top":     `[{"error":{"code":"0x80040220","message":"` + sentence + `"}}]`,
		"Monitor trace":        `{"duration":0,"status":403,"headers":{},"body":{"error":{"code":"0x80040220","message":"` + sentence + `"}}}`,
		"a plug-in around it":  `{"error":{"code":"0x80040265","message":"Contoso.Plugins.X could not complete. OrganizationServiceFault: ` + sentence + `"}}`,
		"entities twice":       "&amp;lt;b&amp;gt;" + strings.ReplaceAll(sentence, "'", "&amp;#39;"),
		"full-width and smart": strings.NewReplacer("'", "’").Replace(sentence),
	} {
		t.Run(name, func(t *testing.T) {
			ds := Recognize(body, 403)
			if len(ds) != 1 {
				t.Fatalf("got %d denials, want 1: %+v", len(ds), ds)
			}
			d := ds[0]
			if d.Privilege != "prvReadLead" || d.PrivilegeID != privI || d.Table != "lead" || d.Principal != alice || d.Caller != alice {
				t.Errorf("got %s", brief(d))
			}
			if !strings.Contains(d.Message, "prvReadLead") {
				t.Errorf("the message does not show the sentence: %q", d.Message)
			}
		})
	}
}

// TestStatus: the same text under other statuses.
func TestStatus(t *testing.T) {
	for _, c := range []struct {
		body   string
		status int
		want   int
	}{
		{"Principal user is missing prvReadLead privilege", 400, 1},
		{"Principal user is missing prvReadLead privilege", 500, 1},
		{`{"error":{"code":"0x80048306","message":"x"}}`, 404, 1},
		{`{"error":{"code":"0x80040217","message":"account With Id = x Does Not Exist"}}`, 404, 0},
		{`{"error":{"code":"0x8004140b","message":"The privilege prvDeleteUserSettings with id = x can't have depth = Basic"}}`, 400, 0},
		{"Unauthorized", 401, 0},
		{"Bad things happened near prvReadLead", 500, 0},
		{"Not Found", 404, 0},
	} {
		if got := len(Recognize(c.body, c.status)); got != c.want {
			t.Errorf("%d %s: %d denials, want %d", c.status, c.body, got, c.want)
		}
	}
}

func FuzzRecognize(f *testing.F) {
	for _, s := range sentences {
		f.Add(fill(s.body), 403)
	}
	f.Add("{\"error\":{\"message\":\"\\u00", 500)
	f.Fuzz(func(t *testing.T, body string, status int) {
		ds := Recognize(body, status)
		if status == 403 && len(ds) == 0 {
			t.Error("a refusal was dropped")
		}
		for _, d := range ds {
			if d.Cause == "" || d.Shape == "" {
				t.Errorf("denial without cause or shape: %+v", d)
			}
			for _, id := range []string{d.Principal, d.PrivilegeID, d.Record, d.Owner, d.Caller, d.BusinessUnit} {
				if id != "" && !wholeGUID.MatchString(id) {
					t.Errorf("half an id: %q", id)
				}
			}
		}
	})
}

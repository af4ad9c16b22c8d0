package dataverse

import (
	"slices"
	"strings"

	"github.com/prvgap/prvgap/analyzer"
	"github.com/prvgap/prvgap/catalog"
	"github.com/prvgap/prvgap/har/pattern"
)

// What to do about refusals that no privilege cures.
const (
	adviceNoRoles    = "assign a security role: the principal has none at all, and the privilege that is named would only be the first of many"
	adviceLicense    = "assign a license: an unlicensed user's privileges are filtered, and the role may hold this one already"
	adviceAccessMode = "set the user's access mode to Read-Write: it filters privileges, and the role may hold this one already"
	adviceRecord     = "a deeper level is one remedy; sharing the record, or assigning it to another owner, are others"
	adviceColumn     = "add the user or team to a column security profile that allows this column"
	adviceMember     = "add the user to the environment (or, for an application, make it an application user)"
	adviceDisabled   = "enable the user; a user without a license is disabled too"
	adviceApp        = "share the app with one of the user's roles"
	adviceAdminMode  = "the environment is in administration mode: wait, or switch it off in the admin center"
)

// verdict is a refusal that is told by its code or by its sentence.
type verdict struct {
	cause  analyzer.Cause
	shape  string
	codes  []string
	text   pattern.Lazy
	advice string
}

// verdicts in the order in which they are tried: the more particular first.
var verdicts = []verdict{
	{
		analyzer.CauseColumnSecurity, "column-security",
		[]string{"0x8004f501", "0x8004f502", "0x8004f503", "0x8004f504", "0x8004f505", "0x8004f506", "0x8004f507", "0x8004f508"},
		pattern.Compile(`(?i)secured (?:field|attribute|column)|permissions for the .{0,200}\b(?:attribute|column) in the|AttributePrivilege(?:Update|Read|Create)`), adviceColumn,
	},
	{
		analyzer.CauseNotAMember, "not-a-member",
		[]string{"0x80072560"},
		pattern.Compile(`(?i)not a member of the organization`), adviceMember,
	},
	{
		analyzer.CauseDisabled, "disabled",
		[]string{"0x80040225"},
		pattern.Compile(`(?i)is disabled\. Disabled users|user is either disabled|user account is disabled|users? (?:is|are) disabled`), adviceDisabled,
	},
	{
		analyzer.CauseLicense, "license",
		[]string{"0x80050301"},
		pattern.Compile(`(?i)\bInvalid License\b|not have (?:a |the appropriate )license|requires a license and you|not been assigned any license|unlicensed user`), adviceLicense,
	},
	{
		analyzer.CauseAppAccess, "app-access", nil,
		pattern.Compile(`(?i)find any apps for your role|AppforOutlookModule|App for Outlook because current user role|\bAppForbidden\b|user with object id '[^']*' does not have permission to access this|(?:app|application) (?:is|has) not (?:been )?shared with`), adviceApp,
	},
	{
		analyzer.CauseAccessMode, "access-mode", nil,
		pattern.Compile(`(?i)in Admin(?:istration)?(?: |-)Only mode`), adviceAdminMode,
	},
	{
		analyzer.CauseAccessMode, "access-mode", nil,
		pattern.Compile(`(?i)changing user AccessMode|(?:Restricted|Administrative|Read) access mode`), adviceAccessMode,
	},
	{
		analyzer.CauseOther, "power-pages",
		[]string{"90040101", "90040102", "90040103", "90040104", "90040105", "90040106", "90040107"},
		pattern.Compile(`(?i)don't have permissions? to (?:create|read|update|delete|append|associate|disassociate) .{1,120} entity\b`),
		"Power Pages: set table permissions, the site's Web API settings, or the anti-forgery token; a security role does not decide here",
	},
	{
		analyzer.CauseOther, "graph", nil, pattern.Compile(`(?i)Insufficient privileges to complete the operation|Authorization_RequestDenied`),
		"Microsoft Graph refused: the app registration or the user lacks a Graph permission or Entra role",
	},
	{
		analyzer.CauseOther, "admin-role", nil, pattern.Compile(`(?i)should be a global administrator`),
		"a Microsoft 365 or Entra administrator role is needed",
	},
	{
		analyzer.CauseOther, "admin-api", nil, pattern.Compile(`(?i)service principal with id .{0,200} does not have permission to access the path|invalid status code 'Forbidden'`),
		"the Power Platform administration API refused: register the application as a management app, or use an administrator",
	},
	{
		analyzer.CauseOther, "connection", nil, pattern.Compile(`(?i)Can use \+ share|ServiceToServiceUnauthorized|Permission on connection`),
		"share the connection with this user",
	},
	{
		analyzer.CauseOther, "sandbox", nil, pattern.Compile(`(?i)Request for the permission of type 'System\.`),
		"the plug-in sandbox refused what the plug-in's code tried; no privilege changes that",
	},
	{
		analyzer.CauseOther, "salesforce", nil, pattern.Compile(`INSUFFICIENT_ACCESS`),
		"Salesforce refused; it names no permission",
	},
	{
		analyzer.CauseOther, "other-data-source", nil, pattern.Compile(`(?i)permissions to view this data\. Server Response.{0,120}Something went wrong`),
		"another data source of the app refused, not Dataverse",
	},
}

var (
	columnEntity = pattern.Compile(`(?i)(?:secured (?:field|column) on entity (.+?)(?:\.|$)|\b(?:attribute|column) in the (.+?) entity)`)
	columnRight  = pattern.Compile(`(?i)not have ([a-z]+) permissions? (?:to a|for the)`)
	columnCaller = pattern.Compile(`(?i)\buser with Id (?:` + guid + `)?`)
)

// appendVerdict reads the refusals that are not a missing privilege.
func appendVerdict(ds *[]analyzer.Denial, text string, codes []string) bool {
	for _, v := range verdicts {
		byCode := slices.ContainsFunc(v.codes, func(c string) bool { return slices.Contains(codes, c) })
		if !byCode && !v.text().MatchString(text) {
			continue
		}
		var d analyzer.Denial
		readPrincipal(&d, text)
		d.Shape, d.Cause, d.Advice = v.shape, v.cause, v.advice
		if v.cause == analyzer.CauseColumnSecurity {
			d.Action, _ = catalog.ParseAction(first(columnRight, text))
			d.Table = tableName(first(columnEntity, text))
			d.Labelled = d.Table != ""
			if m := columnCaller().FindStringSubmatch(text); m != nil {
				d.Principal, d.PrincipalKind = strings.ToLower(m[1]), analyzer.KindUser
				d.Caller = d.Principal
			}
		}
		*ds = append(*ds, d)
		return true
	}
	return false
}

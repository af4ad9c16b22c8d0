package dataverse

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/prvgap/prvgap/analyzer"
	"github.com/prvgap/prvgap/catalog"
	"github.com/prvgap/prvgap/har/pattern"
)

// Shapes of denials. S1 to S9 are the sentences of the platform in the order
// in which this package's tests list them.
const (
	shapeMissing     = "principal-missing"   // "Principal user (Id=…) is missing prvX privilege"
	shapeCheck       = "check-privilege"     // SecLib::CheckPrivilege
	shapeCrmCheck    = "crm-check-privilege" // SecLib::CrmCheckPrivilege
	shapeNoRoles     = "no-roles"            // RetrievePrivilegeForUser
	shapeClient      = "client-sentence"     // a client or ISV sentence that quotes a name
	shapeVerify      = "verify-caller"       // RoleService::VerifyCallerPrivileges
	shapeAccess      = "access-check"        // SecLib::AccessCheckEx
	shapeAccessJSON  = "access-check-json"   // AccessCheckEx2 details alone
	shapeRecord      = "record-rights"       // "… does not have XAccess right(s) for record …"
	shapeMention     = "mention"             // a name in a refusal whose sentence is not known
	shapeUnnamed     = "unnamed"             // a privilege denial that names nothing
	guid             = `\{?([0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12})\b`
	maxDenialsInText = 200
)

// Recognize reads the denials in the body of a response of the given status. A
// text that names several privileges gives several denials, one that names a
// privilege twice gives one. With status 403 it always returns at least one.
func Recognize(body string, status int) []analyzer.Denial {
	ds, _ := recognize(body, status)
	return ds
}

// recognize also returns the canonical text, which is costly to make twice.
func recognize(body string, status int) ([]analyzer.Denial, string) {
	text := canonical(body)
	codes := codesIn(text)
	code := codeOf(text, codes)
	var ds []analyzer.Denial
	switch {
	case appendNamed(&ds, text, code):
	case appendAccess(&ds, text):
	case appendVerdict(&ds, text, codes):
	case appendMentions(&ds, text, code, status):
	case appendUnnamed(&ds, text, code):
	case status == 403:
		ds = append(ds, analyzer.Denial{
			Shape: analyzer.ShapeOther, Cause: analyzer.CauseOther,
			Advice: "refused for a reason that is not known to prvgap; read the message",
		})
	}
	if len(ds) == 0 {
		return nil, text
	}
	sentence := sentenceOf(body)
	for i := range ds {
		if ds[i].Code == "" {
			ds[i].Code = code
		}
		ds[i].Message = sentence
		unpin(&ds[i])
	}
	return ds, text
}

// unpin copies what was cut out of a text, of which a word would otherwise keep
// all 64 KB in memory.
func unpin(d *analyzer.Denial) {
	for _, s := range []*string{
		&d.Code, &d.Privilege, &d.PrivilegeID, &d.Table, &d.Principal, &d.BusinessUnit, &d.Caller, &d.Record, &d.Owner, &d.RecordBusinessUnit,
	} {
		*s = strings.Clone(*s)
	}
}

// name finds privilege names; a mask or an ellipsis is kept, so that nobody
// takes the rest for the whole.
var name = pattern.Compile(`\bprv[A-Za-z0-9_*]+(?:\.\.+|…|\[|-)?`)

// listed is what stands between the names of one sentence.
var listed = pattern.Compile(`^["'*]?(?: privileges?)?(?:,? and |,? or |, ?| ?/ ?| ?& ?)["'*]?$`)

// What stands before or after a name tells which sentence it belongs to.
var (
	beforeMissing = pattern.Compile(`(?i)\b(?:missing|misses|lacks|lacking|(?:does|do|did) ?n[o']t have|without)(?: the| a| required| following| permissions?| privileges?)*:? ?[("'*` + "`" + `]?$`)
	beforeCheck   = pattern.Compile(`(?i)PrivilegeName ?: ?$`)
	beforeCrm     = pattern.Compile(`(?i)\bPrivilege ?: ?$`)
	beforeRights  = pattern.Compile(`(?i)AccessRights"? ?: ?$`)
	beforeNoRoles = pattern.Compile(`(?i)\brole with the ["'(]?$`)
	beforeClient  = pattern.Compile(`(?i)(?:privilege|permission)s? ?\(?["']?$`)
	afterClient   = pattern.Compile(`(?i)^["')]* (?:privilege )?is required\b`)
)

// placeName tells the shape of the sentence around text[at:end], "" if unknown.
func placeName(text string, at, end int) string {
	before, after := text[max(0, at-80):at], text[end:min(len(text), end+40)]
	switch {
	case rolesAnchor().MatchString(text[max(0, at-200):at]) && !beforeMissing().MatchString(before):
		return shapeNoRoles // also where the sentence around the name is translated
	case beforeCheck().MatchString(before):
		if verifyAnchor().MatchString(text[max(0, at-400):at]) {
			return shapeVerify
		}
		return shapeCheck
	case beforeCrm().MatchString(before):
		return shapeCrmCheck
	case beforeRights().MatchString(before):
		return shapeAccess
	case beforeNoRoles().MatchString(before):
		return shapeNoRoles
	case beforeMissing().MatchString(before):
		return shapeMissing
	case beforeClient().MatchString(before), afterClient().MatchString(after):
		return shapeClient
	}
	return ""
}

// appendNamed reads the sentences that name a privilege.
func appendNamed(ds *[]analyzer.Denial, text, code string) bool {
	readNames(ds, text, func(at, end int) string {
		shape := placeName(text, at, end)
		if shape == shapeClient && notDenials[code] {
			return ""
		}
		return shape
	})
	appendIDOnly(ds, text)
	appendNoRoles(ds, text)
	return len(*ds) > 0
}

// readNames makes a denial of every name that shape accepts, with the fields
// of the text from the name before it to the name after it.
func readNames(ds *[]analyzer.Denial, text string, shape func(at, end int) string) {
	found := name().FindAllStringIndex(text, maxDenialsInText)
	start, last := 0, ""
	for i, m := range found {
		s := shape(m[0], m[1])
		if s == "" && i > 0 && listed().MatchString(text[found[i-1][1]:m[0]]) {
			s = last // "prvReadX, prvWriteX privileges"
		}
		if last = s; s == "" {
			continue
		}
		stop := len(text)
		if i+1 < len(found) {
			stop = found[i+1][0]
		}
		d := analyzer.Denial{Shape: s, Privilege: trimName(text[m[0]:m[1]]), Cause: analyzer.CausePrivilege, Cut: m[1] == len(text)}
		readFields(&d, text[start:m[0]], text[m[1]:stop])
		start = m[1]
		if d.Privilege != "" {
			addDenial(ds, d)
		}
	}
}

// trimName takes off what is glued to a name, but not a mask inside it. What
// was left out is shown as an ellipsis.
func trimName(s string) string {
	if t := strings.TrimRight(s, ".…[-"); t != s {
		return t + "…"
	}
	if t := strings.TrimRight(s, "*"); len(s)-len(t) == 1 {
		s = t // the end of an emphasis
	}
	if s == "prv" {
		return ""
	}
	return s
}

// addDenial adds d unless the text named its privilege before; what only the
// second mention tells is kept.
func addDenial(ds *[]analyzer.Denial, d analyzer.Denial) {
	for i := range *ds {
		old := &(*ds)[i]
		if !strings.EqualFold(old.Privilege, d.Privilege) || old.Action != d.Action || old.Record != d.Record ||
			old.Privilege == "" && old.PrivilegeID != d.PrivilegeID ||
			old.Principal != "" && d.Principal != "" && old.Principal != d.Principal {
			continue
		}
		old.PrivilegeID = cmp.Or(old.PrivilegeID, d.PrivilegeID)
		old.Table = cmp.Or(old.Table, d.Table)
		old.TypeCode = cmp.Or(old.TypeCode, d.TypeCode)
		old.Depth = max(old.Depth, d.Depth)
		if old.Principal == "" && old.PrincipalKind == "" {
			old.Principal, old.PrincipalKind = d.Principal, d.PrincipalKind
		}
		return
	}
	*ds = append(*ds, d)
}

var (
	principalStart = pattern.Compile(`(?i)\bprincipal (user|team)\b`)
	principalWord  = pattern.Compile(`(?i)\b(user|team)\b(?: is| with| does| do|$)`)
	principalID    = pattern.Compile(`(?i)(?:^|[^e ]) ?\(Id ?= ?` + guid) // not that of a "privilege (Id="
	principalType  = pattern.Compile(`(?i)\btype ?= ?([89])\b`)
	userField      = pattern.Compile(`(?i)\b(?:User|UserId) ?[:=] ?` + guid)
	userLabel      = pattern.Compile(`(?i)\b(?:User|UserId) ?: ?`)
	withID         = pattern.Compile(`(?i)\b(user|team|principal) with id ` + guid)
	application    = pattern.Compile(`(?i)\bApplicationId(?:/FullName)? ?:`)
	unitField      = pattern.Compile(`(?i)\b(?:businessUnitId|BusinessUnitId|UserBU) ?[=:] ?` + guid)
	roleCount      = pattern.Compile(`(?i)\bro(?:le|ll)Count ?= ?(\d+)`)
	privCount      = pattern.Compile(`(?i)\bprivilegeCount ?= ?(\d+)|User Privileges Count: (\d+)`)
	privilegeID    = pattern.Compile(`(?i)^["'*.)]*(?: privilege| ayrıcalığı)? ?\(Id ?= ?` + guid + `|PrivilegeId ?: ?` + guid)
	otc            = pattern.Compile(`(?i)\bOTC ?= ?(\d+)\D`)
	entityField    = pattern.Compile(`(?i)\b(?:for|on) entity '([^']+)'`)
	callerField    = pattern.Compile(`(?i)\bcontext\.Caller ?= ?` + guid)
	depthField     = pattern.Compile(`(?i)\b(?:Required )?Depth ?: ?([A-Za-z]+)`)
	missingCount   = pattern.Compile(`(?i)MissingPrivilegeCount ?: ?(\d+)`)
	impersonated   = pattern.Compile(`(?i)\bOr identityUser\.SystemUserId ?= ?` + guid)
	stubUser       = pattern.Compile(`(?i)Setup/Stub( unlicensed)? user`)
	verifyAnchor   = pattern.Compile(`(?i)VerifyCallerPrivileges`)
	accessMode     = pattern.Compile(`(?i)\baccessMode ?= ?'?([0-9])\b`)
)

// first returns the first group that matched, or "".
func first(re pattern.Lazy, s string) string {
	m := re().FindStringSubmatch(s)
	if m == nil {
		return ""
	}
	return cmp.Or(m[1:]...)
}

// readFields fills in what stands around a name: the principal before it, the
// ids and the table after it, except where SecLib lists them in its own order.
func readFields(d *analyzer.Denial, before, after string) {
	readPrincipal(d, before)
	d.PrivilegeID = strings.ToLower(first(privilegeID, after))
	d.TypeCode, _ = strconv.Atoi(first(otc, after))
	d.Table = tableName(first(entityField, after))
	d.Caller = strings.ToLower(first(callerField, after))
	switch d.Shape {
	case shapeCheck, shapeVerify:
		d.Depth, _ = catalog.ParseDepth(first(depthField, after))
		d.BusinessUnit = strings.ToLower(cmp.Or(first(unitField, before), first(unitField, after)))
		d.PrivilegeCount = count(first(privCount, after))
		if n := first(missingCount, after); n != "" && n != "1" {
			d.Advice = "the platform counts " + n + " missing privileges here and names only this one"
		}
	case shapeAccess:
		d.Cause = analyzer.CauseRecordAccess
		readAccessFields(d, before+after)
	case shapeNoRoles:
		d.Cause = analyzer.CauseNoRoles
		d.Advice = adviceNoRoles
	}
	if m := impersonated().FindStringSubmatch(after); m != nil && d.Advice == "" {
		d.Advice = "the request was sent on behalf of another user: either " + cmp.Or(d.Principal, "the principal") + " or the sender " + strings.ToLower(m[1]) + " lacks it"
	}
	if d.Advice == "" && strings.EqualFold(d.Table, "aaduser") {
		d.Advice = "a virtual table: besides the privilege it needs a Microsoft Graph permission"
	}
}

// readPrincipal finds who lacks the privilege. Its parenthesis may hold hints
// with parentheses of their own, so the block ends at the name, not at ")".
func readPrincipal(d *analyzer.Denial, before string) {
	block := before
	if all := principalStart().FindAllStringSubmatchIndex(before, -1); len(all) > 0 {
		last := all[len(all)-1]
		block = before[last[0]:]
		d.PrincipalKind = strings.ToLower(before[last[2]:last[3]])
	}
	d.Principal = strings.ToLower(cmp.Or(first(principalID, block), second(withID, block), first(userField, block)))
	if d.PrincipalKind == "" {
		d.PrincipalKind = kindIn(block, before)
	}
	if application().MatchString(block) {
		d.PrincipalKind = analyzer.KindApplication
	}
	d.BusinessUnit = strings.ToLower(first(unitField, block))
	d.RoleCount, d.PrivilegeCount = count(first(roleCount, block)), count(first(privCount, block))
	if m := stubUser().FindStringSubmatch(block); m != nil {
		d.Cause, d.Advice = analyzer.CauseAccessMode, adviceAccessMode
		if m[1] != "" || strings.Contains(strings.ToLower(block), "assigning license") {
			d.Cause, d.Advice = analyzer.CauseLicense, adviceLicense
		}
	} else if m := first(accessMode, block); m == "1" || m == "2" {
		d.Advice = "the principal's access mode (" + map[string]string{"1": "Administrative", "2": "Read"}[m] + ") filters privileges: check it before adding to the role"
	}
}

func kindIn(block, before string) string {
	if t := first(principalType, block); t != "" {
		return map[string]string{"8": analyzer.KindUser, "9": analyzer.KindTeam}[t]
	}
	if userLabel().MatchString(block) {
		return analyzer.KindUser
	}
	if all := principalWord().FindAllStringSubmatch(strings.TrimSpace(before), -1); len(all) > 0 {
		return strings.ToLower(all[len(all)-1][1])
	}
	return ""
}

// second returns the second group of a match.
func second(re pattern.Lazy, s string) string {
	if m := re().FindStringSubmatch(s); m != nil {
		return m[2]
	}
	return ""
}

func count(digits string) *int {
	n, err := strconv.Atoi(digits)
	if err != nil {
		return nil
	}
	return &n
}

var (
	crmAnchor = pattern.Compile(`(?i)SecLib:: ?CrmCheckPrivilege|\bCrmCheckPrivilege\b`)
	crmID     = pattern.Compile(`(?i)PrivilegeId[<: ]* ?` + guid)
	anyGUID   = pattern.Compile(guid)
)

// appendIDOnly reads SecLib::CrmCheckPrivilege of CRM 4.0 and 2011, which gives
// the privilege by its id. Translations keep its name and the ids.
func appendIDOnly(ds *[]analyzer.Denial, text string) {
	for _, m := range crmAnchor().FindAllStringIndex(text, maxDenialsInText) {
		rest := text[m[0]:min(len(text), m[0]+400)]
		if loc := name().FindStringIndex(rest); loc != nil {
			continue // read by its name
		}
		d := analyzer.Denial{Shape: shapeCrmCheck, Cause: analyzer.CausePrivilege, PrincipalKind: analyzer.KindUser}
		d.PrivilegeID = strings.ToLower(first(crmID, rest))
		for _, id := range anyGUID().FindAllString(rest, 4) {
			if !strings.EqualFold(id, d.PrivilegeID) {
				d.Principal = strings.ToLower(id)
				break
			}
		}
		addDenial(ds, d)
	}
}

// rolesAnchor is what translations leave of the sentence about having no roles.
var rolesAnchor = pattern.Compile(`(?i)(?:Retrieve|Check)PrivilegeForUser`)

var noRoles = pattern.Compile(`(?i)no roles are assigned to (?:user|team)|(?:Retrieve|Check)PrivilegeForUser|\b(user|team)\b(?: with id \S+)? has not been assigned any roles|(?:required|security) role or privilege to complete this action`)

// appendNoRoles reads the texts that say that the principal has no role at all.
// One that also names a privilege was read by that name.
func appendNoRoles(ds *[]analyzer.Denial, text string) {
	if !strings.Contains(text, "PrivilegeForUser") && !strings.Contains(text, "role") {
		return // the pattern is costly, and long traces are common
	}
	m := noRoles().FindStringSubmatch(text)
	if m == nil || slices.ContainsFunc(*ds, func(d analyzer.Denial) bool { return d.Cause == analyzer.CauseNoRoles }) {
		return
	}
	d := analyzer.Denial{Shape: shapeNoRoles, Cause: analyzer.CauseNoRoles, Advice: adviceNoRoles}
	d.Principal = strings.ToLower(cmp.Or(second(withID, text), first(userField, text)))
	switch {
	case strings.EqualFold(m[1], analyzer.KindTeam):
		d.PrincipalKind = analyzer.KindTeam
	case d.Principal != "" || userLabel().MatchString(text):
		d.PrincipalKind = analyzer.KindUser
	}
	*ds = append(*ds, d)
}

// notDenials are codes of answers that quote a privilege without denying it.
var notDenials = map[string]bool{
	"0x8004140b": true, // a privilege can't have this depth
	"0x80040217": true, // the record does not exist
}

// appendMentions takes any privilege name in a refusal whose sentence is not
// known: a translation, or a client's own wording.
func appendMentions(ds *[]analyzer.Denial, text, code string, status int) bool {
	if notDenials[code] || status != 403 && !privilegeCodes[code] {
		return false
	}
	readNames(ds, text, func(at, _ int) string {
		if beforeHeld().MatchString(text[max(0, at-40):at]) {
			return ""
		}
		return shapeMention
	})
	for i := range *ds {
		(*ds)[i].Advice = cmp.Or((*ds)[i].Advice, "named in a sentence that prvgap does not know: check it before adding")
	}
	return len(*ds) > 0
}

// beforeHeld stands before a name that the principal has.
var beforeHeld = pattern.Compile(`(?i)\b(?:already|holds?|has|have) $`)

// unnamed are the sentences of clients that hide the name.
var unnamed = pattern.Compile(`(?i)Insufficient Permissions|` +
	`(?:do not|don't) have (?:\{0\} |\w+ )?permissions? to (?:access|create|update|delete|view) (?:this |these |\{1\} |\w+ )?(?:records?|row)|` +
	`not have enough privileges? to access the Microsoft Dynamics|Not enough privilege to access|` +
	`not have the appropriate security permissions|general permissions error trying to access|` +
	`does not have the privilege to act on behalf|is missing .{0,40}privilege|doesn't have the .{0,40}privilege|` +
	`target user or team does not hold required privileges|privilege is required to import this component|` +
	`VerifyCallerPrivileges failed|CheckPrivilege failed`)

// appendUnnamed reads the privilege denials that name nothing.
func appendUnnamed(ds *[]analyzer.Denial, text, code string) bool {
	d := analyzer.Denial{Shape: shapeUnnamed, Cause: analyzer.CausePrivilege}
	switch {
	case accessCodes[code]:
		d.Cause = analyzer.CauseRecordAccess
	case privilegeCodes[code], unnamed().MatchString(text), text == "Access is denied.":
	default:
		return false
	}
	readPrincipal(&d, text)
	if d.Advice == "" {
		d.Advice = "the text hides the privilege: look at the log file that the dialog offers, or at the refused requests around this one"
	}
	*ds = append(*ds, d)
	return true
}

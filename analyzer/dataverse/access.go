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

var (
	accessAnchor  = pattern.Compile(`(?i)AccessCheckEx2? failed|"RightsToCheck"|"CallerPrincipal"|\bright\(s\)`)
	classicCheck  = pattern.Compile(`(?i)SecLib:: ?AccessCheckEx2? failed`)
	rightSentence = pattern.Compile(`(?i)does not have ([A-Za-z, ]+?) ?right\(s\)`)
	rightsToCheck = pattern.Compile(`(?i)"RightsToCheck"? ?: ?"?(\d+|[A-Za-z]+Access(?:, ?[A-Za-z]+Access)*)`)
	rightsGranted = pattern.Compile(`(?i)"GrantedAccessRights"? ?: ?"?(\d+|[A-Za-z]+Access(?:, ?[A-Za-z]+Access)*)`)
	accessRights  = pattern.Compile(`(?i)\bAccessRights ?: ?(\d+|[A-Za-z]+Access(?:, ?[A-Za-z]+Access)*)`)

	recordWithID = pattern.Compile(`(?i)for record with id ` + guid)
	ofEntity     = pattern.Compile(`(?i)\bof entity ['"]?(.{1,120}?)['"]?(\. ?(?:Consider|Details|For further|More)|["|]|\.? *$)`)
	entityURL    = pattern.Compile(`(?i)(?:[?&;]|%26|%3F)etn(?:=|%3D)([a-z0-9_]+)`)
	logical      = pattern.Compile(`^[a-z][a-z0-9_]*$`)
	levelWord    = pattern.Compile(`(?i)\bthe level (\w+)`)

	callerJSON    = pattern.Compile(`(?i)"?CallerPrincipal"? ?: ?\{ ?"?PrincipalId"? ?: ?"?` + guid + `(?:"? ?, ?"?Type"? ?: ?(\d))?`)
	ownerJSON     = pattern.Compile(`(?i)"?OwnerPrincipal"? ?: ?\{ ?"?PrincipalId"? ?: ?"?` + guid + `(?:"? ?, ?"?Type"? ?: ?(\d))?`)
	objectJSON    = pattern.Compile(`(?i)"ObjectId"? ?: ?"?` + guid)
	entityJSON    = pattern.Compile(`(?i)"EntityName"? ?: ?"?([A-Za-z0-9_]+)`)
	ownershipJSON = pattern.Compile(`(?i)"EntityOwnershipTypeMask"? ?: ?(\d+)`)
	minimumDepth  = pattern.Compile(`(?i)\bMinimumPrivilegeDepthRequired ?= ?([A-Za-z]+)`)
	levelEntry    = pattern.Compile(`(?i)\b(Basic|Local|Deep|Global|\w+?Level)MinimumPrivilegeDepthRequired(?:Rights)? ?= ?([A-Za-z]+(?:, ?[A-Za-z]+Access)*)`)

	objectID     = pattern.Compile(`(?i)\bObjectID ?: ?` + guid)
	ownerID      = pattern.Compile(`(?i)\b(?:OwnerId|OwningUser) ?: ?` + guid)
	ownerType    = pattern.Compile(`(?i)\bOwnerIdType ?: ?([89])\b`)
	callingUser  = pattern.Compile(`(?i)\bCallingUser ?: ?` + guid)
	callingLabel = pattern.Compile(`(?i)\bCallingUser ?:`)
	objectType   = pattern.Compile(`(?i)\bObjectTypeCode"? ?: ?(\d+)`)
	objectUnit   = pattern.Compile(`(?i)\bobjectBusinessUnitId"? ?: ?"?` + guid)
)

// appendAccess reads the denials of one record: SecLib::AccessCheckEx, its
// JSON of 2020, and the sentences around it.
func appendAccess(ds *[]analyzer.Denial, text string) bool {
	if !accessAnchor().MatchString(text) {
		return false
	}
	checks := classicCheck().FindAllStringIndex(text, maxDenialsInText)
	if len(checks) == 0 || rightSentence().MatchString(text) || rightsToCheck().MatchString(text) {
		appendRights(ds, text)
		return true
	}
	for i, m := range checks {
		end := len(text)
		if i+1 < len(checks) {
			end = checks[i+1][0]
		}
		appendRights(ds, text[m[0]:end])
	}
	return true
}

// appendRights makes one denial of each right that a text names; a text that
// names none is a denial all the same.
func appendRights(ds *[]analyzer.Denial, text string) {
	d := analyzer.Denial{Cause: analyzer.CauseRecordAccess, Advice: adviceRecord}
	readAccessFields(&d, text)
	sentence, check := first(rightSentence, text), first(rightsToCheck, text)
	switch {
	case sentence != "":
		d.Shape = shapeRecord
	case check != "" || callerJSON().MatchString(text):
		d.Shape = shapeAccessJSON
	default:
		d.Shape = shapeAccess
	}
	list := cmp.Or(sentence, check, first(accessRights, text))
	actions := missing(rights(list), rights(first(rightsGranted, text)))
	if len(actions) == 0 {
		addDenial(ds, d)
	}
	_, notNumber := strconv.Atoi(list)
	d.Cut = d.Cut || notNumber == nil && strings.HasSuffix(text, list)
	for _, a := range actions {
		d.Action = a
		d.Depth = statedDepth(text, a)
		addDenial(ds, d)
	}
}

// missing takes the rights that were granted from those that were asked for; a
// check that granted all of them failed for another reason, and keeps all.
func missing(asked, granted []catalog.Action) []catalog.Action {
	left := slices.DeleteFunc(slices.Clone(asked), func(a catalog.Action) bool { return slices.Contains(granted, a) })
	if len(left) == 0 {
		return asked
	}
	return left
}

// rightBits are the flags of the platform's access rights, in the form's order.
var rightBits = []struct {
	bit    int
	action catalog.Action
}{
	{0x20, catalog.Create},
	{0x1, catalog.Read},
	{0x2, catalog.Write},
	{0x10000, catalog.Delete},
	{0x4, catalog.Append},
	{0x10, catalog.AppendTo},
	{0x80000, catalog.Assign},
	{0x40000, catalog.Share},
}

// rights reads a list of rights, in words or as the sum of their flags.
func rights(list string) []catalog.Action {
	var actions []catalog.Action
	if mask, err := strconv.Atoi(list); err == nil {
		for _, r := range rightBits {
			if mask&r.bit != 0 {
				actions = append(actions, r.action)
			}
		}
		return actions
	}
	for word := range strings.SplitSeq(list, ",") {
		word = strings.TrimSuffix(strings.TrimSpace(word), "Access")
		if a, ok := catalog.ParseAction(word); ok {
			actions = append(actions, a)
		}
	}
	return actions
}

// readAccessFields fills in record, owner, principal, and what the text says
// of the depth. The sentence may be followed by its details as JSON.
func readAccessFields(d *analyzer.Denial, text string) {
	d.Record = strings.ToLower(cmp.Or(first(objectJSON, text), first(objectID, text), first(recordWithID, text)))
	d.TypeCode, _ = strconv.Atoi(first(objectType, text))
	d.Table = tableName(cmp.Or(first(entityJSON, text), first(entityURL, text)))
	if m := ofEntity().FindStringSubmatch(text); m != nil && d.Table == "" {
		d.Table = tableName(m[1])
		d.Cut = m[2] == "" && strings.HasSuffix(text, m[1])
		// Of 2022 the sentence goes on with "Details" and prints the logical
		// name, since 2024 with "Consider" and the display name.
		d.Labelled = d.Table != "" && !(logical().MatchString(d.Table) && !strings.Contains(m[2], "Consider"))
	}
	d.RecordBusinessUnit = strings.ToLower(first(objectUnit, text))
	d.Ownership = map[string]string{"1": "User", "4": "BusinessUnit", "8": "Organization"}[first(ownershipJSON, text)]
	readOwner(d, text)
	readCaller(d, text)
}

// tableName returns a printed table name, or "" for what only stands for one:
// a placeholder of a documentation page or of a format string.
func tableName(s string) string {
	s = strings.TrimSpace(s)
	if strings.ContainsAny(s, "<>{}|") || strings.Contains(s, "://") || strings.Trim(s, "_") == "" {
		return ""
	}
	return s
}

func readOwner(d *analyzer.Denial, text string) {
	d.Owner = strings.ToLower(cmp.Or(first(ownerJSON, text), first(ownerID, text)))
	kind := first(ownerType, text)
	if m := ownerJSON().FindStringSubmatch(text); m != nil {
		kind = m[2]
	}
	d.OwnerKind = map[string]string{"8": analyzer.KindUser, "9": analyzer.KindTeam}[kind]
}

// readCaller finds who was refused; in the checks that name a caller, principal
// and caller are one.
func readCaller(d *analyzer.Denial, text string) {
	switch m := callerJSON().FindStringSubmatch(text); {
	case m != nil:
		d.Principal, d.PrincipalKind = strings.ToLower(m[1]), analyzer.KindUser
		if m[2] == "9" {
			d.PrincipalKind = analyzer.KindTeam
		}
	default:
		d.Principal = strings.ToLower(first(callingUser, text))
		if d.Principal != "" || callingLabel().MatchString(text) {
			d.PrincipalKind = analyzer.KindUser
		}
	}
	d.Caller = d.Principal
	if m := withID().FindStringSubmatch(text); m != nil {
		d.Principal = cmp.Or(d.Principal, strings.ToLower(m[2]))
		if kind := strings.ToLower(m[1]); kind != "principal" {
			d.PrincipalKind = kind
		}
	}
}

// statedDepth reads the depth that a record check computed for a right on this
// record: one for all rights, or the level in whose entry the right stands.
func statedDepth(text string, a catalog.Action) catalog.Depth {
	if d, ok := catalog.ParseDepth(first(minimumDepth, text)); ok && d != catalog.None {
		return d
	}
	for _, m := range levelEntry().FindAllStringSubmatch(text, -1) {
		if d, ok := catalog.ParseDepth(m[1]); ok && slices.Contains(rights(m[2]), a) {
			return d
		}
	}
	d, _ := catalog.ParseDepth(first(levelWord, text))
	return d
}

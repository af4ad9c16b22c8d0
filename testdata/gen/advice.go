package main

import "time"

// The tables of the two captures below that no other capture refuses.
var (
	tNote     = target{5, "annotation", "Note"}
	tIncident = target{112, "incident", "Case"}
	tPost     = target{8000, "post", "Post"}
)

var deskBU = rowID("bu service desk")

// handover is a service desk where cases change hands: whoever gives one away at Business Unit or less no longer sees it,
// its notes belong to others, and nobody owns the posts beside it.
func handover() *capture {
	c := &capture{name: "handover.har", at: time.Date(2026, 11, 25, 10, 5, 30, 0, time.UTC)}
	o := org{c, salesHost, principal{id: rowID("user desk"), aad: id("aad desk"), bu: deskBU, roles: 1, privileges: 63}}
	v := "/api/data/v9.0/"
	c.open("https://" + salesHost + "/main.aspx")
	o.get(v+"WhoAmI()", compact(obj{"BusinessUnitId": o.user.bu, "UserId": o.user.id, "OrganizationId": salesOrgID}))
	fetch := `<fetch><entity name="incident"><attribute name="title"/><link-entity name="contact" from="contactid" to="customerid"><attribute name="fullname"/></link-entity></entity></fetch>`
	o.get(v+"incidents?fetchXml="+fetch, list(salesHost, "incidents", "title", many(4, "case", caseRow)))
	key, note := rowID("case 0"), rowID("note of case 0")
	o.get(v+"incidents("+key+")?$select=title,ticketnumber", single(salesHost, "incidents", caseRow("case 0")))
	o.send("PUT", v+"incidents("+key+")/ownerid/$ref", `{"@odata.id":"https://`+salesHost+v+`systemusers(`+rowID("user second line")+`)"}`, "")
	o.pause(3 * time.Second)
	second := row{key, rowID("user second line"), rowID("bu second line"), tIncident}
	o.refuse("GET", v+"incidents("+key+")?$select=title,ticketnumber", "",
		refusal{envelope("0x80048306", accessCheck(o.user, second, "ReadAccess")), record("S7", "prvReadIncident", tIncident, "Deep", "record")})
	neighbour := row{rowID("case 1"), rowID("user desk neighbour"), deskBU, tIncident}
	o.refuse("PATCH", v+"incidents("+neighbour.id+")", `{"title":"Pump leaks"}`,
		refusal{envelope("0x80048306", accessCheck(o.user, neighbour, "WriteAccess")), record("S7", "prvWriteIncident", tIncident, "Local", "record")})
	o.get(v+"annotations?$select=subject&$filter=_objectid_value eq "+key, list(salesHost, "annotations", "subject", []obj{{"annotationid": note, "subject": "Call back"}}))
	theirs := row{note, rowID("user desk neighbour"), deskBU, tNote}
	o.refuse("PATCH", v+"annotations("+note+")", `{"subject":"Called back"}`,
		refusal{envelope("0x80048306", accessCheck(o.user, theirs, "WriteAccess")), record("S7", "prvWriteNote", tNote, "Local", "record")})
	o.batch(
		ok(v+"tasks?$select=subject&$top=5", list(salesHost, "tasks", "subject", []obj{{"activityid": rowID("task"), "subject": "Visit"}})),
		no("GET", v+"posts?$select=text&$top=10", "", o.lacks("prvReadPost", tPost, "Global", "ownership")),
	)
	return c
}

// ownWork has denials like those of the other captures, each without what would call for advice: the user holds two
// roles, is the one who asked, and owns the record.
func ownWork() *capture {
	c := &capture{name: "own-work.har", at: time.Date(2026, 11, 25, 14, 20, 0, 0, time.UTC)}
	o := org{c, salesHost, principal{id: rowID("user own work"), aad: id("aad own work"), bu: salesBU, roles: 2, privileges: 118}}
	v := "/api/data/v9.0/"
	c.open("https://" + salesHost + "/main.aspx")
	o.get(v+"WhoAmI()", compact(obj{"BusinessUnitId": o.user.bu, "UserId": o.user.id, "OrganizationId": salesOrgID}))
	mine := row{rowID("account of my own"), o.user.id, salesBU, tAccount}
	o.refuse("DELETE", v+"accounts("+mine.id+")", "",
		refusal{envelope("0x80048306", accessCheck(o.user, mine, "DeleteAccess")), record("S7", "prvDeleteAccount", tAccount, "Basic", "record")})
	o.refuse("PATCH", v+"opportunities("+rowID("deal of my own")+")", `{"ownerid@odata.bind":"/systemusers(`+o.user.id+`)"}`, o.lacks("prvReadOpportunity", tOpportunity, "Basic", "minimum"))
	o.refuse("GET", v+"userqueries?$select=name", "", o.lacks("prvReadUserQuery", tUserQuery, "Basic", "ownership"))
	o.refuse("POST", v+"posts", `{"text":"Done"}`, o.lacks("prvCreatePost", tPost, "Global", "ownership"))
	return c
}

// caseRow invents a case.
func caseRow(label string) obj {
	return obj{"incidentid": rowID(label), "title": pick(label, []string{"Pump leaks", "No heating", "Wrong invoice"}), "ticketnumber": "CAS-" + rowID(label)[:5]}
}

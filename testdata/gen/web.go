package main

import (
	"fmt"
	"slices"
	"strings"
)

// org is a Dataverse environment as one signed-in user's browser talks to it.
type org struct {
	*capture
	host string
	user principal
}

// escapes are what a browser encodes in the query of an address.
var escapes = strings.NewReplacer(" ", "%20", `"`, "%22", "'", "%27")

// url makes an address on the environment.
func (o org) url(path string) string {
	before, after, ok := strings.Cut(path, "?")
	if !ok {
		return "https://" + o.host + path
	}
	return "https://" + o.host + before + "?" + escapes.Replace(after)
}

// api makes a Web API exchange that succeeded.
func (o org) api(method, path, body string) exchange {
	label := fmt.Sprintf("%s request %d", o.name, len(o.steps))
	x := exchange{
		method: method, url: o.url(path), kind: "fetch", status: 200, mime: "application/json", body: body,
		reqHeaders: []pair{
			{"client-activity-id", id(label + " client")},
			{"clienthost", "Browser"},
			{"odata-maxversion", "4.0"},
			{"prefer", `odata.include-annotations="*"`},
			{"x-ms-app-name", "cr1a7_fieldsales"},
			{"x-ms-client-request-id", id(label)},
			{"x-ms-client-session-id", id(o.name + " session")},
			{"x-ms-sw-objectid", o.user.aad},
			{"x-ms-user-agent", "PowerApps-UCI/1.4.9120-2610.2 (Browser; AppName=cr1a7_fieldsales)"},
		},
		respHeaders: []pair{
			{"odata-version", "4.0"},
			{"req_id", id(label + " server")},
			{"x-ms-service-request-id", id(label + " service")},
			{"x-ms-ratelimit-burst-remaining-xrm-requests", fmt.Sprint(7999 - number(label, 40))},
		},
	}
	if body == "" {
		x.status, x.mime = 204, ""
	}
	return x
}

// get reads something.
func (o org) get(path, body string) { o.add(o.api("GET", path, body)) }

// send writes something, with a JSON body.
func (o org) send(method, path, reqBody, body string) {
	x := o.api(method, path, body)
	x.reqMime, x.reqBody = "application/json", reqBody
	o.add(x)
}

// refusal is what the platform answered and what it means.
type refusal struct {
	body string
	denial
}

// refuse adds a refused request; reqBody may be empty.
func (o org) refuse(method, path, reqBody string, r refusal) {
	x := o.api(method, path, r.body)
	x.status = 403
	if !strings.Contains(r.body, "ErrorDetails") {
		x.reqHeaders = slices.DeleteFunc(x.reqHeaders, func(p pair) bool { return p.Name == "prefer" })
	}
	if reqBody != "" {
		x.reqMime, x.reqBody = "application/json", reqBody
	}
	r.status = 403
	x.denials = []denial{r.denial}
	o.add(x)
}

// lacks is the refusal of a user without a privilege. It reads the action off the privilege's name.
func (o org) lacks(privilege string, t target, depth, basis string) refusal {
	return refusal{
		body:   envelope("0x80040220", missing(o.user, privilege, t)),
		denial: named(privilege, t, depth, basis),
	}
}

// lacksAnnotated is the same with all annotations.
func (o org) lacksAnnotated(privilege string, t target, depth, basis string) refusal {
	return refusal{
		body: annotated("0x80040220", missing(o.user, privilege, t), "PrivilegeDenied",
			"Microsoft.Crm.ObjectModel.CustomBusinessEntityService"),
		denial: named(privilege, t, depth, basis),
	}
}

// named is what today's sentence about a user's missing privilege means.
func named(privilege string, t target, depth, basis string) denial {
	return denial{
		shape: "S1 v5", code: "0x80040220", privilege: privilege, action: action(privilege), table: t.logical,
		cause: "privilege", principal: "user", depth: depth, basis: basis,
	}
}

// record is what a refused access to one record means.
func record(shape, privilege string, t target, depth, basis string) denial {
	return denial{
		shape: shape, code: "0x80048306", privilege: privilege, action: action(privilege), table: t.logical,
		cause: "record-access", principal: "user", depth: depth, basis: basis,
	}
}

// action reads the action off a privilege's name; AppendTo before Append.
func action(privilege string) string {
	for _, a := range []string{"AppendTo", "Append", "Create", "Read", "Write", "Delete", "Assign", "Share"} {
		if strings.HasPrefix(privilege, "prv"+a) {
			return a
		}
	}
	return ""
}

// part is one request within a $batch.
type part struct {
	method, path string
	reqBody      string
	body         string
	denial       *denial // refused, when set
	changeset    bool    // alone in a changeset
}

// batch adds a $batch: CRLF multipart both ways, the boundary in the header, status 200 whatever its parts hold.
func (o org) batch(parts ...part) {
	label := fmt.Sprintf("%s batch %d", o.name, len(o.steps))
	in, out := "batch_"+fmt.Sprint(1795166000000+number(label, 999999)), "batchresponse_"+id(label)
	var req, resp strings.Builder
	var denials []denial
	for i, p := range parts {
		fmt.Fprintf(&req, "--%s\r\n", in)
		fmt.Fprintf(&resp, "--%s\r\n", out)
		inner, answer := o.request(p), p.answer(label, i)
		if p.changeset {
			inner = wrap("changeset_"+id(label + " in")[:8], inner)
			answer = wrap("changesetresponse_"+id(label+" out"), answer)
		}
		req.WriteString(inner)
		resp.WriteString(answer)
		if p.denial != nil {
			d := *p.denial
			d.part, d.status = i+1, 403
			denials = append(denials, d)
		}
	}
	fmt.Fprintf(&req, "--%s--\r\n", in)
	fmt.Fprintf(&resp, "--%s--\r\n", out)
	x := o.api("POST", "/api/data/v9.0/$batch", resp.String())
	x.mime, x.reqMime, x.reqBody, x.denials = "multipart/mixed", "multipart/mixed;boundary="+in, req.String(), denials
	o.add(x)
}

// request writes the request side of a part.
func (o org) request(p part) string {
	head := "Content-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n"
	if p.changeset {
		head += "Content-ID: 1\r\n"
	}
	s := head + "\r\n" + p.method + " " + strings.ReplaceAll(p.path, " ", "%20") + " HTTP/1.1\r\n"
	if p.reqBody != "" {
		s += "Content-Type: application/json\r\n"
	}
	return s + "Accept: application/json\r\nPrefer: odata.include-annotations=\"*\"\r\n\r\n" + p.reqBody + "\r\n"
}

// answer writes the response side of a part.
func (p part) answer(label string, i int) string {
	status := "200 OK"
	if p.denial != nil {
		status = "403 Forbidden"
	}
	s := "Content-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n"
	if p.changeset {
		s += "Content-ID: 1\r\n"
	}
	return s + "\r\nHTTP/1.1 " + status + "\r\nREQ_ID: " + id(fmt.Sprint(label, " ", i)) +
		"\r\nContent-Type: application/json; odata.metadata=minimal\r\nOData-Version: 4.0\r\n\r\n" + p.body + "\r\n"
}

// wrap puts one request or answer into a changeset.
func wrap(boundary, inner string) string {
	return "Content-Type: multipart/mixed; boundary=" + boundary + "\r\n\r\n--" + boundary + "\r\n" + inner + "--" + boundary + "--\r\n"
}

// ok is a part that succeeded.
func ok(path, body string) part { return part{method: "GET", path: path, body: body} }

// no is a part that was refused.
func no(method, path, reqBody string, r refusal) part {
	return part{method: method, path: path, reqBody: reqBody, body: r.body, denial: &r.denial}
}

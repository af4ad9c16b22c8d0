// Package dataverse is the dialect of Microsoft Dataverse and Dynamics 365: the
// wording of its denials since CRM 4.0, its error codes, what its answers tell
// about an environment, and its role files.
package dataverse

import (
	"github.com/prvgap/prvgap/analyzer"
	"github.com/prvgap/prvgap/catalog"
	"github.com/prvgap/prvgap/har"
	"github.com/prvgap/prvgap/har/pattern"
)

// Name is the name of the dialect in reports.
const Name = "dataverse"

// Dialect recognises Dataverse. Its zero value is ready to use.
type Dialect struct{}

// Reads asks for the answers that teach something, and for those of SOAP
// endpoints, which may answer 200 with a fault inside.
func (Dialect) Reads(method, url string) bool {
	path, _ := split(url)
	_, teaches := findLesson(path)
	return teaches || soapEndpoint(path)
}

// Denials returns what an entry was refused. It decides on codes and text as
// well as on the status: a denial may come as 400, 404 or 500, and as a SOAP
// fault under 200. Allowed answers are never searched for sentences.
func (Dialect) Denials(e har.Entry, f *analyzer.Facts) []analyzer.Denial {
	path, _ := split(e.URL)
	touch(e, path, f)
	switch {
	case e.Status >= 400:
		return refused(e, path, f)
	case e.Body == "":
		return nil
	case soapEndpoint(path):
		if m := soapFault().FindString(e.Body); m != "" {
			e.Body = m
			return readText(e, f)
		}
	case e.Status >= 200 && e.Status < 300:
		if l, ok := findLesson(path); ok {
			l.learn(e, f)
		}
	}
	return nil
}

// soapFault finds a fault inside a SOAP answer. Text of records cannot forge
// one: in it "<" is escaped.
var soapFault = pattern.Compile(`(?s)<(?:\w+:)?Fault(?:\s[^>]*[^>/])?>.*?</(?:\w+:)?Fault>`)

// code is what a script or style sheet is; one may hold the sentences as
// templates, also when the server answers with it instead of what was asked.
var scripted = pattern.Compile(`(?i)javascript|ecmascript|/css|^image/|^font/|wasm`)

func refused(e har.Entry, path string, f *analyzer.Facts) []analyzer.Denial {
	switch {
	case e.Parts > 0 || scripted().MatchString(e.MIMEType):
		return nil // its parts are entries of their own
	case e.HasBody:
		ds := readText(e, f)
		if len(ds) == 1 && foreign(ds[0], e.URL, path) {
			return nil
		}
		return ds
	case e.Status != 403 || !platform(path):
		return nil
	}
	return []analyzer.Denial{{
		Dialect: Name, Shape: analyzer.ShapeNoBody, Cause: analyzer.CausePrivilege, Message: e.Comment,
		Advice: "the capture holds no text for this refusal: export it with response bodies, or reload the page with the network log open",
	}}
}

// foreign reports whether a refusal may be another platform's: its text is not
// understood, or a sentence that every platform uses, and the address is not of
// this one. Pasted text has no address, and such a sentence is taken as ours.
func foreign(d analyzer.Denial, url, path string) bool {
	return !platform(path) && (d.Shape == analyzer.ShapeOther || d.Shape == shapeUnnamed && d.Code == "" && url != "")
}

// readText reads the denials in a body, and learns from what they name.
func readText(e har.Entry, f *analyzer.Facts) []analyzer.Denial {
	ds, text := recognize(e.Body, e.Status)
	for i := range ds {
		ds[i].Dialect = Name
		learnFromDenial(ds[i], f)
	}
	if len(ds) > 0 {
		learnLabels(text, f)
	}
	return ds
}

// Suspect returns the privilege that method and URL ask for.
func (Dialect) Suspect(method, url string, c *catalog.Catalog) string {
	return suspect(method, url, c)
}

// Kind returns what an entry asked for, without ids and values.
func (Dialect) Kind(e har.Entry) string { return kind(e) }

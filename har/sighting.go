package har

import (
	"strconv"
	"time"

	"github.com/go-json-experiment/json/jsontext"
)

// sighting is what one event of the DevTools protocol, or the result of one command, says of a request. Texts are good
// until the next event.
type sighting struct {
	record
	id      string
	address string // the response's URL
	replied bool   // whether there is a response, of a redirect if not of the request itself
	code    int    // the status that a page may not see
	failure string
}

// look reads the parameters of an event, or the result of a command.
func (w *wire) look(params jsontext.Value) error {
	w.seen.reset()
	w.seen = sighting{record: w.seen.record}
	if len(params) == 0 {
		return nil
	}
	return w.within(params, func() error { return members(w.dec, w.parameter) })
}

// parameter reads one parameter of an event. No two of these events give one name two meanings.
func (w *wire) parameter(name string) (err error) {
	see := &w.seen
	switch name {
	case "requestId":
		see.id, err = w.text()
	case "wallTime":
		see.Time, err = w.seconds()
	case "request":
		see.clearRequest()
		err = members(w.dec, w.sentMember)
	case "response", "redirectResponse":
		see.clearResponse()
		see.replied = w.dec.PeekKind() == '{'
		err = members(w.dec, w.receivedMember)
	case "statusCode":
		var v jsontext.Value
		v, err = w.dec.ReadValue()
		see.code = status(v)
	case "errorText":
		see.failure, err = w.text()
	case "body", "base64Encoded":
		err = w.receivedMember(name)
	default:
		err = w.dec.SkipValue()
	}
	return err
}

// sentMember reads a member of a request. Its headers, which hold cookies, are passed over.
func (w *wire) sentMember(name string) (err error) {
	see := &w.seen
	switch name {
	case "method":
		see.Method, err = w.text()
	case "url":
		see.URL, err = w.text()
	case "postData":
		see.encoded = ""
		err = w.keep(&see.post)
	case "postDataEntries": // where the browser does not give the text; one entry, but for uploads of files
		err = elements(w.dec, func() error { return members(w.dec, w.postEntry) })
	default:
		err = w.dec.SkipValue()
	}
	return err
}

func (w *wire) postEntry(name string) error {
	if name != "bytes" || len(w.seen.post) > 0 {
		return w.dec.SkipValue()
	}
	w.seen.encoded = "base64"
	return w.keep(&w.seen.post)
}

// receivedMember reads a member of a response, or of the result that holds its body.
func (w *wire) receivedMember(name string) (err error) {
	see := &w.seen
	switch name {
	case "status":
		var v jsontext.Value
		v, err = w.dec.ReadValue()
		see.Status = status(v)
	case "url":
		see.address, err = w.text()
	case "mimeType":
		see.MIMEType, err = w.text()
	case "headers":
		err = w.keep(&see.headers)
	case "body":
		err = w.keep(&see.text)
	case "encoding":
		see.encoding, err = w.text()
	case "base64Encoded":
		if see.encoding = ""; w.dec.PeekKind() == 't' {
			see.encoding = "base64"
		}
		err = w.dec.SkipValue()
	default:
		err = w.dec.SkipValue()
	}
	return err
}

// keep copies a value as it is spelled.
func (w *wire) keep(into *jsontext.Value) error {
	v, err := w.dec.ReadValue()
	*into = append((*into)[:0], v...)
	return err
}

// seconds reads a time in seconds since 1970, with a fraction.
func (w *wire) seconds() (time.Time, error) {
	v, err := w.dec.ReadValue()
	if err != nil || v.Kind() != '0' {
		return time.Time{}, err
	}
	s, _ := strconv.ParseFloat(string(v), 64) // what is out of range is so for epoch too
	return epoch(s * 1000), nil
}

package har

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// monitor reads an export of Power Apps Monitor, the live monitor of apps. Version 1, of model-driven apps, keeps no
// bodies and the time without its date; version 2, of canvas apps, has both. Most messages tell of clicks and formulas
// and are no entries.
func (s *scanner) monitor() error {
	s.creator = "Power Apps Monitor"
	err := members(s.dec, func(name string) error {
		switch name {
		case "Messages":
			return s.messages()
		case "Version":
			v, err := s.dec.ReadValue()
			s.creator = strings.TrimSpace("Power Apps Monitor " + decode(v, ""))
			return err
		}
		return s.dec.SkipValue()
	})
	if err == nil {
		err = s.tail()
	}
	s.empty(err)
	return err
}

// messages reads the list of messages.
func (s *scanner) messages() error {
	switch k := s.dec.PeekKind(); k {
	case '[', 'n', jsontext.KindInvalid:
	default:
		return s.fail("Messages is a JSON %s, not an array", kindName(k))
	}
	list, i := string(s.dec.StackPointer()), -1
	return elements(s.dec, func() error {
		i++
		if k := s.dec.PeekKind(); k != '{' && k != jsontext.KindInvalid {
			s.warn(fmt.Sprintf("message %d is not an object", i))
			return s.dec.SkipValue()
		}
		return s.message(list + "/" + strconv.Itoa(i))
	})
}

// message reads one message, an entry if it tells of a request.
func (s *scanner) message(pointer string) error {
	r := &s.rec
	r.reset()
	offset := s.dec.InputOffset() + int64(max(bytes.IndexByte(s.dec.UnreadBuffer(), '{'), 0))
	var source string // version 1 repeats address and status outside of data
	var code int
	err := members(s.dec, func(name string) (err error) {
		switch name {
		case "time":
			err = s.raw(&r.started)
		case "dataSource":
			source, err = s.text()
		case "status":
			var v jsontext.Value
			v, err = s.dec.ReadValue()
			code = status(v)
		case "data":
			r.clearRequest()
			r.clearResponse()
			err = members(s.dec, s.monitorData)
		default:
			err = s.dec.SkipValue()
		}
		return err
	})
	if r.Status == 0 {
		r.Status = code
	}
	if r.URL == "" && strings.Contains(source, "://") { // of a canvas app it is the name of a table
		r.URL = source
	}
	if err != nil || r.URL == "" && r.Status == 0 {
		return err
	}
	return s.hand(r, pointer, offset)
}

// monitorData reads a member of a message's data.
func (s *scanner) monitorData(name string) error {
	switch name {
	case "request":
		s.rec.clearRequest()
		return members(s.dec, s.monitorRequest)
	case "response":
		s.rec.clearResponse()
		return members(s.dec, s.monitorResponse)
	}
	return s.dec.SkipValue()
}

func (s *scanner) monitorRequest(name string) error {
	if name != "body" {
		return s.requestMember(name)
	}
	if s.rec.URL != "" && !isBatch(s.rec.URL) {
		return s.dec.SkipValue() // forms of canvas apps are known to hold passwords
	}
	return s.raw(&s.rec.post)
}

func (s *scanner) monitorResponse(name string) error {
	if name == "body" {
		return s.raw(&s.rec.text)
	}
	return s.responseMember(name)
}

package tui

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/prvgap/prvgap/catalog"
)

// sessionSchema names the format of a session file and its edition.
const sessionSchema = "prvgap.session/1"

// Verb is what was decided about a privilege.
type Verb string

// The verbs of a decision. Undecided stands for whatever the evidence makes of
// a finding by itself.
const (
	Undecided Verb = ""
	Accept    Verb = "accept"
	Reject    Verb = "reject"
	Ignore    Verb = "ignore"
	Defer     Verb = "defer"
)

// Decision is what a person decided about one privilege.
type Decision struct {
	Privilege string
	Verb      Verb
	Depth     catalog.Depth // chosen; None leaves it to the evidence
	Asked     catalog.Depth // what the evidence asked for then
	Company   bool          // accepted without evidence, as company of others
	Note      string
	Reason    string // of an ignore
	Author    string
	Until     string // last day on which an ignore counts, "" for ever
	At        time.Time
}

// Session is all that was decided, by lower-cased privilege.
type Session struct {
	decisions map[string]Decision
}

// NewSession returns a session in which nothing is decided.
func NewSession() Session { return Session{map[string]Decision{}} }

// wireDecision is a decision as the file has it: what is empty is left out, so
// that a review sees only what somebody chose.
type wireDecision struct {
	Privilege string `json:"privilege"`
	Decision  Verb   `json:"decision,omitempty"`
	Depth     string `json:"depth,omitempty"`
	Asked     string `json:"asked,omitempty"`
	Company   bool   `json:"notInEvidence,omitempty"`
	Note      string `json:"note,omitempty"`
	Reason    string `json:"reason,omitempty"`
	Author    string `json:"author,omitempty"`
	Until     string `json:"until,omitempty"`
	At        string `json:"at,omitempty"`
}

type wireSession struct {
	Schema    string         `json:"schema"`
	Decisions []wireDecision `json:"decisions"`
}

// ReadSession reads a session file. What it does not understand is an error:
// a session that was read in part would be saved in part.
func ReadSession(r io.Reader) (Session, error) {
	var w wireSession
	d := json.NewDecoder(r)
	d.DisallowUnknownFields()
	if err := d.Decode(&w); err != nil {
		return Session{}, err
	}
	if w.Schema != sessionSchema {
		return Session{}, fmt.Errorf("/schema is %q, not %q", w.Schema, sessionSchema)
	}
	s := NewSession()
	for i, x := range w.Decisions {
		key := strings.ToLower(x.Privilege)
		d, err := x.decision()
		if _, twice := s.decisions[key]; err == nil && twice {
			err = fmt.Errorf("%s is decided twice", x.Privilege)
		}
		if err != nil {
			return Session{}, fmt.Errorf("/decisions/%d: %w", i, err)
		}
		s.decisions[key] = d
	}
	return s, nil
}

// decision checks what a person may have edited.
func (x wireDecision) decision() (Decision, error) {
	d := Decision{
		Privilege: x.Privilege, Verb: x.Decision, Company: x.Company,
		Note: x.Note, Reason: x.Reason, Author: x.Author, Until: x.Until,
	}
	if x.Privilege == "" {
		return d, errors.New("privilege is missing")
	}
	switch d.Verb {
	case Undecided, Accept, Reject, Ignore, Defer:
	default:
		return d, fmt.Errorf("decision %q is not accept, reject, ignore or defer", x.Decision)
	}
	var err error
	if d.Depth, err = depthOf(x.Depth); err != nil {
		return d, err
	}
	if d.Asked, err = depthOf(x.Asked); err != nil {
		return d, err
	}
	if err := validDay(x.Until); err != nil {
		return d, err
	}
	if x.At != "" {
		at, err := time.Parse(time.RFC3339, x.At)
		if err != nil {
			return d, fmt.Errorf("at %q is not a time", x.At)
		}
		d.At = at
	}
	return d, nil
}

// depthOf reads a depth that may be missing.
func depthOf(text string) (d catalog.Depth, err error) {
	if text != "" {
		err = d.UnmarshalText([]byte(text))
	}
	return d, err
}

// validDay refuses what is neither empty nor a day.
func validDay(s string) error {
	if s == "" {
		return nil
	}
	if _, err := time.Parse(time.DateOnly, s); err != nil {
		return fmt.Errorf("%q is not a day: write it as 2027-06-30", s)
	}
	return nil
}

// encode writes the session as its file has it: sorted by privilege, so that
// two versions differ in a diff only where decisions differ.
func (s Session) encode() []byte {
	w := wireSession{Schema: sessionSchema, Decisions: []wireDecision{}}
	for _, key := range slices.Sorted(maps.Keys(s.decisions)) {
		d := s.decisions[key]
		x := wireDecision{
			Privilege: d.Privilege, Decision: d.Verb, Company: d.Company,
			Note: d.Note, Reason: d.Reason, Author: d.Author, Until: d.Until,
		}
		if d.Depth != catalog.None {
			x.Depth = d.Depth.String()
		}
		if d.Asked != catalog.None {
			x.Asked = d.Asked.String()
		}
		if !d.At.IsZero() {
			x.At = d.At.UTC().Format(time.RFC3339)
		}
		w.Decisions = append(w.Decisions, x)
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(w); err != nil {
		panic(err) // strings and booleans always encode
	}
	return b.Bytes()
}

// clone returns a session that can be saved while this one changes.
func (s Session) clone() Session { return Session{maps.Clone(s.decisions)} }

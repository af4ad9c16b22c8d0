package report

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/prvgap/prvgap/analyzer"
	"github.com/prvgap/prvgap/catalog"
)

// Read reads the evidence of a JSON report, so that it can be analyzed again,
// merged with others, and held against another base. Like a capture, a report
// is read piece by piece: it may be larger than what is kept of it.
func Read(r io.Reader) (analyzer.Evidence, error) {
	in := jsonReader{Decoder: json.NewDecoder(r), clean: analyzer.Cleaner()}
	in.UseNumber() // any number may stand in what is skipped
	err := in.read()
	var syntax *json.SyntaxError
	switch {
	case errors.Is(err, io.EOF):
		err = io.ErrUnexpectedEOF
	case errors.As(err, &syntax):
		err = fmt.Errorf("at byte %d: %w", in.InputOffset(), err) // where the piece begins that holds it
	}
	if err != nil {
		return analyzer.Evidence{}, err
	}
	return in.evidence, nil
}

// jsonReader is a report that is being read.
type jsonReader struct {
	*json.Decoder
	schema   string
	evidence analyzer.Evidence
	learned  wireFacts
	clean    func(*analyzer.Denial) // anybody may have written the report
}

func (r *jsonReader) read() error {
	t, err := r.Token()
	if err != nil {
		return err
	}
	if t != json.Delim('{') {
		return errors.New("a report is a JSON object")
	}
	for r.More() {
		name, err := r.Token()
		if err == nil {
			err = r.member(name)
		}
		if err != nil {
			return err
		}
	}
	if _, err := r.Token(); err != nil {
		return err
	}
	for i, d := range r.evidence.Denials {
		if d.Capture < 0 || d.Capture >= len(r.evidence.Captures) {
			return fmt.Errorf("/denials/%d/capture: there is no capture %d", i, d.Capture)
		}
	}
	r.evidence.Facts = factsFromWire(r.learned)
	r.evidence.CleanCaptures()
	if err := checkSchema(r.schema); err != nil {
		return err
	}
	if len(r.evidence.Captures) == 0 {
		return errors.New("/captures: there is none")
	}
	return r.tail()
}

// tail looks behind the report. As behind a capture, what is there is told and
// does no harm.
func (r *jsonReader) tail() error {
	end := r.InputOffset()
	_, err := r.Token()
	if _, ok := errors.AsType[*json.SyntaxError](err); err != nil && !ok {
		if errors.Is(err, io.EOF) {
			return nil
		}
		return err
	}
	last := &r.evidence.Captures[len(r.evidence.Captures)-1]
	last.Problem = cmp.Or(last.Problem, fmt.Sprintf("other data follows the report from byte %d on, and was not read", end))
	return nil
}

// member reads a member that is evidence; the others are worked out anew.
func (r *jsonReader) member(name json.Token) error {
	switch ev := &r.evidence; name {
	case "schema":
		if err := r.decode("/schema", &r.schema); err != nil {
			return err
		}
		return checkSchema(r.schema)
	case "captures":
		return each(r, "captures", func(c wireCapture) error {
			ev.Captures = append(ev.Captures, captureFromWire(c))
			return nil
		})
	case "denials":
		return each(r, "denials", func(w wireDenial) error {
			d, err := denialFromWire(w)
			r.clean(&d)
			ev.Denials = append(ev.Denials, d)
			return err
		})
	case "learned":
		return r.decode("/learned", &r.learned)
	}
	return r.skip()
}

func checkSchema(schema string) error {
	if schema != Schema {
		return fmt.Errorf("schema %q is not %s", schema, Schema)
	}
	return nil
}

// each hands over the elements of a list; null is an empty one.
func each[T any](r *jsonReader, name string, take func(T) error) error {
	t, err := r.Token()
	if err != nil || t == nil {
		return err
	}
	if t != json.Delim('[') {
		return fmt.Errorf("/%s: it is no array", name)
	}
	for i := 0; r.More(); i++ {
		var v T
		if err := r.decode(fmt.Sprintf("/%s/%d", name, i), &v); err != nil {
			return err
		}
		if err := take(v); err != nil {
			return fmt.Errorf("/%s/%d%w", name, i, err)
		}
	}
	_, err = r.Token()
	return err
}

// decode reads the value at a place.
func (r *jsonReader) decode(place string, v any) error {
	err := r.Decode(v)
	if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		if wrong.Field != "" {
			place += "/" + strings.ReplaceAll(wrong.Field, ".", "/")
		}
		err = errors.New("unexpected " + wrong.Value)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", place, err)
	}
	return nil
}

// skip passes over a value.
func (r *jsonReader) skip() error {
	for depth := 0; ; {
		t, err := r.Token()
		if err != nil {
			return err
		}
		switch t {
		case json.Delim('{'), json.Delim('['):
			depth++
		case json.Delim('}'), json.Delim(']'):
			depth--
		}
		if depth == 0 {
			return nil
		}
	}
}

func captureFromWire(c wireCapture) analyzer.Capture {
	return analyzer.Capture{
		Name: c.Name, Format: c.Format, Creator: c.Creator, Bytes: c.Bytes, Entries: c.Entries, Refused: c.Refused,
		Complete: c.Complete, Problem: value(c.Problem), From: value(c.From), To: value(c.To),
	}
}

func factsFromWire(in wireFacts) analyzer.Facts {
	f := analyzer.NewFacts()
	maps.Copy(f.BusinessUnits, in.BusinessUnits)
	maps.Copy(f.Home, in.Homes)
	for id, held := range in.Held {
		for name, d := range held {
			f.AddHeld(id, name, d)
		}
	}
	for _, table := range slices.Sorted(maps.Keys(in.Touched)) {
		for _, action := range in.Touched[table] {
			if a, ok := catalog.ParseAction(action); ok || action == "" {
				f.Touch(table, a)
			}
		}
	}
	for _, p := range in.Privileges {
		f.AddPrivilege(privilegeFromWire(p))
	}
	for _, t := range in.Tables {
		f.AddTable(catalog.Table{
			Name: t.Table, Schema: value(t.Schema), Label: value(t.Label), Set: value(t.Set), Code: value(t.TypeCode), Ownership: value(t.Ownership),
		})
	}
	for _, kind := range in.Allowed {
		f.Allow(kind)
	}
	for _, digest := range in.Records {
		f.AllowRecord(analyzer.ParseDigest(digest))
	}
	return f
}

func denialFromWire(d wireDenial) (analyzer.Denial, error) {
	out := analyzer.Denial{
		Capture: d.Capture, Entry: d.Entry, Part: value(d.Part), Pointer: d.Pointer, Time: value(d.Time), Method: d.Method, URL: d.URL,
		Status: d.Status, Dialect: d.Dialect, Shape: d.Shape, Code: value(d.Code), Message: d.Message, Privilege: value(d.Privilege),
		PrivilegeID: value(d.PrivilegeID), Action: catalog.Action(value(d.Action)), Table: value(d.Table), TypeCode: value(d.TypeCode),
		Principal: value(d.Principal), PrincipalKind: value(d.PrincipalKind), Record: value(d.Record), Owner: value(d.Owner),
		RecordBusinessUnit: value(d.RecordBusinessUnit), Cause: analyzer.Cause(d.Cause), Advice: value(d.Advice), Suspected: value(d.Suspected),
		Labelled: d.Labelled, Cut: d.Cut, Caller: value(d.Caller), BusinessUnit: value(d.BusinessUnit), RoleCount: d.RoleCount, PrivilegeCount: d.PrivilegeCount,
		OwnerKind: value(d.OwnerKind), Ownership: value(d.Ownership), Mark: value(d.Mark),
	}
	var ok bool
	if out.Depth, ok = catalog.ParseDepth(cmp.Or(value(d.Depth), "None")); !ok {
		return out, fmt.Errorf("/depth: %q is no depth", *d.Depth)
	}
	return out, nil
}

package har

import (
	"bytes"
	"encoding/base64"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/prvgap/prvgap/har/pattern"
)

// RewriteBody returns a body with every text in it rewritten. In JSON it goes value by value, and into JSON and base64
// that is text within JSON. Rewrite is told the dotted path of the member ("headers.cookie"; where an object is a pair of
// name and value, by that name); strings and numbers are rewritten, and names of members without a path. Any other body
// is one text without a path. What rewrite leaves alone stays escaped as it is: what is cut out of a text must not take
// the brackets behind it along.
func RewriteBody(body string, rewrite func(path, text string) string) string {
	return rewriteText("", body, rewrite)
}

// encoded is a text that may be base64 of another one.
var encoded = pattern.Compile(`^[A-Za-z0-9+/_-]{24,}={0,2}$`)

// rewriteText rewrites a text, or what it is a spelling of.
func rewriteText(path, text string, rewrite func(path, text string) string) string {
	// JSON in base64 within JSON is a token or somebody's state; it is taken for what it is: see secrets.
	if plain, ok := unbase64(text); ok && (path == "" || !strings.HasPrefix(plain, "{")) {
		if changed := rewriteText(path, plain, rewrite); changed != plain {
			return base64.StdEncoding.EncodeToString([]byte(changed))
		}
		return text
	}
	if t := strings.TrimSpace(text); t == "" || !strings.ContainsAny(t[:1], `{["`) {
		return rewrite(path, text)
	}
	var out bytes.Buffer
	w := &rewriter{
		dec:  jsontext.NewDecoder(strings.NewReader(text), liberties()...),
		enc:  jsontext.NewEncoder(&out, append(liberties(), jsontext.PreserveRawStrings(true))...),
		text: rewrite,
	}
	if w.value(path) != nil || w.dec.PeekKind() != jsontext.KindInvalid || strings.TrimSpace(string(w.dec.UnreadBuffer())) != "" {
		return rewrite(path, text) // no JSON after all
	}
	if !w.changed {
		return text
	}
	return strings.TrimSuffix(out.String(), "\n")
}

// unbase64 decodes a text that is base64 of another text. Random letters hardly ever are: their bytes would have to be
// UTF-8, or begin as UTF-16 does.
func unbase64(text string) (string, bool) {
	if !encoded().MatchString(text) {
		return "", false
	}
	content, err := base64.RawStdEncoding.DecodeString(base64Alphabet.Replace(text))
	plain := Text(content)
	return plain, err == nil && (utf8.Valid(content) || !strings.Contains(plain, "\uFFFD"))
}

// rewriter copies JSON from a decoder to an encoder.
type rewriter struct {
	dec     *jsontext.Decoder
	enc     *jsontext.Encoder
	text    func(path, text string) string
	changed bool
}

// value copies the next value.
func (w *rewriter) value(path string) error {
	switch w.dec.PeekKind() {
	case '{':
		return w.object(path)
	case '[':
		return w.array(path)
	case '"', '0':
		v, err := w.dec.ReadValue()
		if err != nil {
			return err
		}
		return w.write(v, func(text string) string { return rewriteText(path, text, w.text) })
	}
	v, err := w.dec.ReadValue()
	if err != nil {
		return err
	}
	return w.enc.WriteValue(v)
}

// write writes a string or number, as it is spelled unless change changes it.
func (w *rewriter) write(v jsontext.Value, change func(string) string) error {
	text := string(v)
	if v.Kind() == '"' {
		text = unquote(v)
	}
	if changed := change(text); changed != text {
		w.changed = true
		return w.enc.WriteToken(jsontext.String(changed))
	}
	return w.enc.WriteValue(v)
}

func (w *rewriter) array(path string) error {
	if _, err := w.dec.ReadToken(); err != nil {
		return err
	}
	if err := w.enc.WriteToken(jsontext.BeginArray); err != nil {
		return err
	}
	for k := w.dec.PeekKind(); k != ']' && k != jsontext.KindInvalid; k = w.dec.PeekKind() {
		if err := w.value(path); err != nil {
			return err
		}
	}
	if _, err := w.dec.ReadToken(); err != nil {
		return err
	}
	return w.enc.WriteToken(jsontext.EndArray)
}

func (w *rewriter) object(path string) error {
	if _, err := w.dec.ReadToken(); err != nil {
		return err
	}
	if err := w.enc.WriteToken(jsontext.BeginObject); err != nil {
		return err
	}
	called := "" // what the object says it is the value of
	for w.dec.PeekKind() == '"' {
		v, err := w.dec.ReadValue()
		if err != nil {
			return err
		}
		name := unquote(v)
		if err := w.write(v, func(text string) string { return w.text("", text) }); err != nil {
			return err
		}
		switch lower := strings.ToLower(name); {
		case (lower == "name" || lower == "key") && w.dec.PeekKind() == '"':
			v, err := w.dec.ReadValue()
			if err != nil {
				return err
			}
			called = unquote(v)
			err = w.write(v, func(text string) string { return rewriteText(join(path, name), text, w.text) })
			if err != nil {
				return err
			}
			continue
		case lower == "value" && called != "":
			name = called
		}
		if err := w.value(join(path, name)); err != nil {
			return err
		}
	}
	if _, err := w.dec.ReadToken(); err != nil {
		return err
	}
	return w.enc.WriteToken(jsontext.EndObject)
}

// maxPath bounds a path, which a made-up body could let grow with the square of its size. Its end is what says most.
const maxPath = 512

func join(path, name string) string {
	if path != "" && name != "" {
		path += "."
	}
	path += name
	return path[max(0, len(path)-maxPath):]
}

// secretPath is the path of a member that is a secret by its name, or inside one.
var secretPath = pattern.Compile(`(?i)(?:token|secret|password|passwd|pwd|api_?-?key|assertion|signature|sessionid|cookies?|authorization|samlresponse|samlrequest|crmowinauth\w*|fedauth|rtfa|estsauth\w*|sharedaccesskey|accountkey)(?:\.|$)`)

// CleanBody cuts credentials out of a body.
func CleanBody(body string) string {
	return RewriteBody(body, func(path, text string) string {
		if path != "" && text != "" && secretPath().MatchString(path) {
			return ellipsis
		}
		return CleanText(text)
	})
}

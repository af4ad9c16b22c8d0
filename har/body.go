package har

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/binary"
	"io"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// maxBody bounds a body that is unpacked from gzip or kept in a file of its own.
const maxBody = 64 << 20

// decode returns the text that a text member and its encoding stand for: of a string its content, of any other value
// its JSON (an exporter has parsed the body). What claims to be base64 and is not stays as it is.
func decode(v jsontext.Value, encoding string) string {
	if len(v) == 0 || v.Kind() == 'n' {
		return ""
	}
	if v.Kind() != '"' {
		return strings.ToValidUTF8(string(v), "\uFFFD")
	}
	text := unquote(v)
	// Chrome encodes any text with a character beyond U+FFFF: an error message with an emoji arrives as base64.
	if !strings.EqualFold(encoding, "base64") {
		return text
	}
	content, err := base64.RawStdEncoding.DecodeString(base64Alphabet.Replace(text))
	if err != nil {
		return text
	}
	return Text(Gunzip(content))
}

// base64Alphabet serves all the variants seen, MIME's lines of 76 characters among them: it undoes line wrapping and
// padding, and turns the URL alphabet into the standard one.
var base64Alphabet = strings.NewReplacer("\r", "", "\n", "", " ", "", "\t", "", "=", "", "-", "+", "_", "/")

// Gunzip unpacks a body that was stored without undoing Content-Encoding; any other it returns as it is. Of a broken
// stream it returns the beginning, and of a large one 64 MB.
func Gunzip(content []byte) []byte {
	if !bytes.HasPrefix(content, []byte("\x1f\x8b")) {
		return content
	}
	r, err := gzip.NewReader(bytes.NewReader(content))
	if err != nil {
		return content
	}
	unpacked, _ := io.ReadAll(io.LimitReader(r, maxBody))
	return unpacked
}

// Text returns the text that a body is: UTF-16 by its byte order mark, in which no credential would be found, any other
// as UTF-8. It replaces what is none: bodies go into reports that must be.
func Text(content []byte) string {
	var order binary.ByteOrder
	switch {
	case bytes.HasPrefix(content, []byte("\xff\xfe")):
		order = binary.LittleEndian
	case bytes.HasPrefix(content, []byte("\xfe\xff")):
		order = binary.BigEndian
	default:
		return string(bytes.ToValidUTF8(content, []byte("\uFFFD")))
	}
	text, _ := io.ReadAll(&utf16Reader{r: bytes.NewReader(content[2:]), order: order}) // memory does not break
	return string(text)
}

// contentType finds the Content-Type among response headers: a list of {name, value} or of pairs (Slack), or a map.
func contentType(headers jsontext.Value) string {
	var found string
	keep := func(name, value string) {
		if found == "" && strings.EqualFold(name, "content-type") {
			found = value
		}
	}
	dec := newDecoder(bytes.NewReader(headers))
	// Errors are left alone: the JSON is known to be good, the reader of the capture has been over it.
	if headers.Kind() == '{' {
		_ = members(dec, func(name string) error {
			v, err := dec.ReadValue()
			keep(name, unquote(v))
			return err
		})
	}
	_ = elements(dec, func() error {
		name, value, err := header(dec)
		keep(name, value)
		return err
	})
	return found
}

// header reads one header of a list; one that is neither an object nor a pair has no name.
func header(dec *jsontext.Decoder) (name, value string, err error) {
	if dec.PeekKind() == '[' {
		var pair []string
		err = elements(dec, func() error {
			v, err := dec.ReadValue()
			pair = append(pair, unquote(v))
			return err
		})
		if len(pair) < 2 {
			return "", "", err
		}
		return pair[0], pair[1], err
	}
	err = members(dec, func(member string) error {
		v, err := dec.ReadValue()
		switch member {
		case "name":
			name = unquote(v)
		case "value":
			value = unquote(v)
		}
		return err
	})
	return name, value, err
}

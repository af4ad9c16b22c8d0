package har

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// exportHint says how to come by a capture.
const exportHint = "in the browser press F12, repeat the action with the Network tab open, then choose “Export HAR”"

// devtools and charles tell two kinds of JSON arrays.
var (
	devtools = regexp.MustCompile(`"method"\s*:\s*\\?"[A-Z][A-Za-z]+\.`)
	charles  = regexp.MustCompile(`"status"\s*:\s*"(COMPLETE|FAILED)"`)
)

// look is what the beginning of a file tells.
type look struct {
	format string
	sure   bool // whether it begins like a capture or report; else it is only not known to be something different
}

// sniff looks at the beginning of a text. What is surely no capture is an error; what might be one is left to the
// reader, who can say more exactly what is wrong with it.
func sniff(head []byte) (look, error) {
	text := bytes.TrimLeft(head, " \t\r\n")
	has := func(prefix string) bool { return bytes.HasPrefix(text, []byte(prefix)) }
	switch {
	case len(head) == 0 || len(text) == 0 && len(head) < headSize:
		return look{}, foreignFile("the file is empty", "the export may have been cut short: export the capture again")
	case has("{"):
		return sniffObject(text)
	case has("["):
		return look{}, sniffArray(text)
	case has("<"):
		return look{}, sniffMarkup(text)
	case has("PK\x03\x04"):
		return look{}, foreignFile("a zip inside a compressed file", "unpack the outer file first")
	case has("\x28\xb5\x2f\xfd"):
		return look{}, foreignFile("a Zstandard-compressed file", "unpack it first: zstd -d")
	case has("\x78\x01"), has("\x78\x5e"), has("\x78\x9c"), has("\x78\xda"):
		return look{}, foreignFile("a zlib-compressed file", "in mitmproxy save as .har instead of .zhar")
	case has("%PDF"):
		return look{}, foreignFile("a PDF document", exportHint)
	case len(text) > 1 && (text[0] == 0 || text[1] == 0):
		return look{}, foreignFile("UTF-16 text without a byte order mark, or binary data", "save the capture as UTF-8")
	case bytes.IndexByte(text, 0) >= 0:
		return look{}, foreignFile("binary data", exportHint)
	case len(text) == 0: // a screenful of white space; the capture may begin behind it
		return look{format: formatHAR}, nil
	}
	start, _, _ := bytes.Cut(text[:min(len(text), 20)], []byte("\n"))
	return look{}, foreignFile(fmt.Sprintf("not JSON: the text begins with %q", start), exportHint)
}

// foreignFile is the error for something that is no capture: what it is, and what to do instead.
func foreignFile(what, hint string) error { return &Error{Err: errors.New(what), Hint: hint} }

// sniffObject goes by the members of the outermost object as far as the head reaches.
func sniffObject(text []byte) (look, error) {
	if bytes.HasPrefix(text, []byte("{\x00")) {
		return look{}, foreignFile("UTF-16 text without a byte order mark", "save the capture as UTF-8")
	}
	var names []string
	report := false
	dec := newDecoder(bytes.NewReader(text))
	// The error is the end of the head, or of the JSON, which the reader will find again.
	_ = members(dec, func(name string) error {
		names = append(names, name)
		if name != "schema" {
			return dec.SkipValue()
		}
		v, err := dec.ReadValue()
		report = strings.HasPrefix(unquote(v), "prvgap.report/")
		return err
	})
	switch {
	case report:
		return look{format: formatReport, sure: true}, nil
	case slices.Contains(names, "log"), slices.Contains(names, "entries"):
		return look{format: formatHAR, sure: true}, nil
	}
	for _, f := range []struct{ member, what, hint string }{
		{"constants", "a Chrome or Edge NetLog, which holds no response bodies", exportHint},
		{"Messages", "a Power Apps Monitor export, which holds no response bodies", exportHint},
		{"timeline", "a Performance Center export, which holds no statuses", exportHint},
		{"params", "a DevTools protocol log, which holds no response bodies", exportHint},
		{"snapshot", "a Playwright trace", "record with recordHar instead of tracing"},
	} {
		if slices.Contains(names, f.member) {
			return look{}, foreignFile(f.what, f.hint)
		}
	}
	return look{format: formatHAR}, nil
}

// sniffArray tells the logs that are lists; a capture never is one.
func sniffArray(text []byte) error {
	switch {
	case devtools.Match(text):
		return foreignFile("a DevTools protocol log, which holds no response bodies", exportHint)
	case charles.Match(text):
		return foreignFile("a Charles session", "in Charles choose File, Export Session, HTTP Archive (.har)")
	}
	return foreignFile("a JSON array, where a capture is an object with a log", exportHint)
}

// sniffMarkup tells what people take for a capture when a download gave them markup.
func sniffMarkup(text []byte) error {
	lower := bytes.ToLower(text)
	switch {
	case bytes.Contains(lower, []byte("<html")), bytes.Contains(lower, []byte("<!doctype html")):
		return foreignFile("an HTML page", "a sign-in page may have been saved in the capture's place: sign in and export again")
	case bytes.Contains(lower, []byte("<role")), bytes.Contains(lower, []byte("<importexportxml")):
		return foreignFile("XML of a security role or solution", "a role says what is granted; the denials are in a HAR capture")
	}
	return foreignFile("XML", "save the capture as HAR in its JSON form")
}

// sniffArchive says what a zip without a capture is, by the names of its members.
func sniffArchive(names []string) error {
	for _, name := range names {
		lower := strings.ToLower(name)
		switch {
		case lower == "solution.xml", lower == "customizations.xml":
			return foreignFile("a solution zip", "a role says what is granted; the denials are in a HAR capture")
		case strings.HasPrefix(lower, "raw/"), strings.HasPrefix(lower, `raw\`):
			return foreignFile("a Fiddler archive (.saz)", "in Fiddler choose File, Export Sessions, HTTPArchive v1.2")
		case strings.HasSuffix(lower, ".network"):
			return foreignFile("a Playwright trace", "record with recordHar instead of tracing")
		}
	}
	return foreignFile("a zip without a capture", "put the .har file itself into the zip, or name it directly")
}

package har

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/prvgap/prvgap/har/pattern"
)

// exportHint says how to come by a capture.
const exportHint = "in the browser press F12, repeat the action with the Network tab open, then choose “Export HAR”"

// devtools and charles tell two kinds of JSON arrays. ChromeDriver puts the messages into strings, hence the backslashes.
var (
	devtools = pattern.Compile(`"method\\?"\s*:\s*\\?"[A-Z][A-Za-z]+\.`)
	charles  = pattern.Compile(`"status"\s*:\s*"(COMPLETE|FAILED)"`)
)

// look is what the beginning of a file tells.
type look struct {
	layout   string // how the text is laid out
	format   string // what Info calls that, with the packing around it
	sure     bool   // whether it begins like a capture or report; else it is only not known to be something different
	verbatim bool   // whether the text is what the file holds, byte for byte, but for blanks where the text does not begin yet
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
		return sniffArray(text)
	case has("<"):
		return look{}, sniffMarkup(text)
	case has("PK\x03\x04"):
		return look{}, foreignFile("a zip inside a compressed file", "unpack the outer file first")
	case has("\x28\xb5\x2f\xfd"), isZlib(text), has("\x1f\x8b"):
		return look{}, foreignFile("a compressed file inside another", "unpack the outer file first")
	case has("%PDF"):
		return look{}, foreignFile("a PDF document", exportHint)
	case len(text) > 1 && (text[0] == 0 || text[1] == 0):
		return look{}, foreignFile("UTF-16 text without a byte order mark, or binary data", "save the capture as UTF-8")
	case bytes.IndexByte(text, 0) >= 0:
		return look{}, foreignFile("binary data", exportHint)
	case len(text) == 0: // a screenful of white space; the capture may begin behind it
		return look{layout: layoutHAR}, nil
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
	var schema, kind string
	dec := newDecoder(bytes.NewReader(text))
	// The error is the end of the head, or of the JSON, which the reader will find again.
	_ = members(dec, func(name string) error {
		names = append(names, name)
		if name != "schema" && name != "type" {
			return dec.SkipValue()
		}
		v, err := dec.ReadValue()
		if name == "schema" {
			schema = unquote(v)
		} else {
			kind = unquote(v)
		}
		return err
	})
	has := func(wanted ...string) bool {
		return slices.ContainsFunc(wanted, func(name string) bool { return slices.Contains(names, name) })
	}
	switch {
	case strings.HasPrefix(schema, "prvgap.report/"):
		return look{layout: layoutReport, sure: true}, nil
	case has("log", "entries"):
		return look{layout: layoutHAR, sure: true}, nil
	case has("Messages"):
		return look{layout: layoutMonitor, sure: has("Version", "SessionId")}, nil
	case kind == "resource-snapshot":
		return look{layout: layoutTrace, sure: true}, nil
	case has("method", "params", "message", "result") && devtools().MatchString(string(text)):
		return look{layout: layoutCDP, sure: true}, nil
	}
	if err := sniffForeign(kind, has); err != nil {
		return look{}, err
	}
	return look{layout: layoutHAR}, nil
}

// sniffForeign tells the logs that hold no statuses or bodies, by the kind that they state and by their members.
func sniffForeign(kind string, has func(...string) bool) error {
	switch {
	case kind == "context-options":
		return foreignFile("the part of a Playwright trace that holds no requests", "name the .network file beside it, or the whole trace.zip")
	case has("constants"):
		return foreignFile("a Chrome or Edge NetLog, which holds no response bodies", exportHint)
	case has("timeline"):
		return foreignFile("a Performance Center export, which holds no statuses", exportHint)
	case has("traceEvents"):
		return foreignFile("a Chrome performance trace, which holds no response bodies", exportHint)
	}
	return nil
}

// sniffArray tells the logs that are lists.
func sniffArray(text []byte) (look, error) {
	switch {
	case devtools().MatchString(string(text)):
		return look{layout: layoutCDP, sure: true}, nil
	case charles().MatchString(string(text)):
		return look{}, foreignFile("a Charles session", "in Charles choose File, Export Session, HTTP Archive (.har)")
	}
	return look{}, foreignFile("a JSON array, where a capture is an object with a log", exportHint)
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
			return foreignFile("a Fiddler archive (.saz) without sessions", "in Fiddler choose File, Save, All Sessions")
		case strings.HasSuffix(lower, ".network"), strings.HasSuffix(lower, ".trace"):
			return foreignFile("a Playwright trace that holds no requests", "start tracing before the page is opened")
		}
	}
	return foreignFile("a zip without a capture", "put the .har file itself into the zip, or name it directly")
}

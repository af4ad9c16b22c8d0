package dataverse

import (
	"bytes"
	_ "embed" // the scripts
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/prvgap/prvgap/analyzer/role"
)

//go:embed script/console.js
var consoleTemplate string

//go:embed script/patch.ps1
var powerShellTemplate string

// ConsoleScript writes p as a snippet for the browser console of a signed-in
// administrator. It finds the root role, saves what that holds, looks ids and
// legal depths up, adds without ever lowering, reads back and prints the undo.
func ConsoleScript(p role.Patch) ([]byte, error) {
	return fillScript(consoleTemplate, "//", p)
}

// PowerShellScript writes p as a script that does the same from a shell, with a
// token that it is given or gets from the Azure command line. No PowerShell was
// at hand where it was made: its grammar was checked, but it has not been run.
func PowerShellScript(p role.Patch) ([]byte, error) {
	script, err := fillScript(powerShellTemplate, "#", p)
	if err != nil {
		return nil, err
	}
	// Windows PowerShell reads a file without the mark in the code page of the
	// machine. Only the comments can need it, as the data is ASCII.
	if bytes.ContainsFunc(script, func(r rune) bool { return r >= utf8.RuneSelf }) {
		script = append([]byte("\ufeff"), script...)
	}
	return script, nil
}

// fillScript puts the two things that vary into a template, in one pass: a name that
// looks like a placeholder stays a name.
func fillScript(template, comment string, p role.Patch) ([]byte, error) {
	adds, err := scriptAdditions(p)
	if err != nil {
		return nil, err
	}
	r := strings.NewReplacer(
		comment+" __PROVENANCE__\n", provenanceComment(comment, p),
		"__PATCH__", scriptData(p, adds),
	)
	return []byte(r.Replace(template)), nil
}

// scriptAdditions refuses what no script could do. The script itself looks at
// the role again, as a file says little of what an environment holds.
func scriptAdditions(p role.Patch) ([]role.Addition, error) {
	// A file that only refers to its role cannot be imported; the role itself can be changed all the same.
	base := p.Base
	base.Reference = false
	if err := Updatable(base); err != nil {
		return nil, err
	}
	return legalAdditions(p.Additions)
}

// scriptData is what a script knows of the patch: one JSON value, with a line
// for every privilege so that an administrator can read it before running it.
// Ids are left out on purpose: the environment's own are looked up by name.
func scriptData(p role.Patch, adds []role.Addition) string {
	var b strings.Builder
	fmt.Fprintf(&b, "{\n    \"role\": {\"name\": %s, \"id\": %s},\n    \"wanted\": [", asciiJSON(p.Base.Name), asciiJSON(scriptRoleID(p)))
	for i, a := range adds {
		comma := ","
		if i == len(adds)-1 {
			comma = "\n    "
		}
		fmt.Fprintf(&b, "\n      {\"privilege\": %s, \"depth\": %s}%s", asciiJSON(a.Privilege), asciiJSON(a.To.String()), comma)
	}
	b.WriteString("]\n  }")
	return b.String()
}

// scriptRoleID is the id of the base role, or "" where its source has none of
// the role's own.
func scriptRoleID(p role.Patch) string {
	if p.Base.Template {
		return ""
	}
	return plainID(p.Base.ID)
}

// asciiJSON writes a JSON string of plain characters only. That is a string in
// JavaScript and in a .http body too, it cannot end a here-string, a script
// element or a template's {{ }}, it holds no quote that PowerShell would take
// for one (it knows four single ones), nothing invisible, and it survives being
// read in the wrong encoding.
func asciiJSON(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range s {
		switch {
		case r > 0xffff:
			r -= 0x10000
			fmt.Fprintf(&b, `\u%04x\u%04x`, 0xd800+r>>10, 0xdc00+r&0x3ff)
		case r < ' ', r > '~', strings.ContainsRune("\"\\'`<>&${}#*", r):
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}

// provenanceComment writes where p comes from as line comments. Block comments
// are not used: a name could end them.
func provenanceComment(comment string, p role.Patch) string {
	var b strings.Builder
	for _, line := range p.Provenance.Lines() {
		// The dash keeps a line from beginning with what a tool takes as a word
		// to itself: "# @name" in a .http file, "# .SYNOPSIS" or "#Requires".
		fmt.Fprintf(&b, "%s - %s\n", comment, commentText(line))
	}
	return b.String()
}

// commentText keeps what is needed to read a name and a digest, and puts a dot
// for everything else: line ends of every kind, invisible characters, and the
// characters that end a comment or begin a placeholder in any of the languages.
func commentText(s string) string {
	return strings.Map(func(r rune) rune {
		if r == ' ' || unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune("-_.,:;/()[]@+=%&!?'\"#→…", r) {
			return r
		}
		return '.'
	}, strings.ToValidUTF8(s, "."))
}

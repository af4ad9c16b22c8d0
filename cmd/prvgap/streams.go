package main

import (
	"io"
	"os"
	"runtime/debug"
	"time"

	"golang.org/x/term"
)

// streams are what a command is given from outside; nothing below asks for the
// clock, a terminal or an environment variable.
type streams struct {
	in       io.Reader
	out, err io.Writer
	piped    bool // standard input is not a terminal
	width    int  // columns of the terminal on standard output, 0 for none
	color    bool
	progress bool // standard error is a terminal
	now      time.Time
	version  string
}

// system returns the streams of the process.
func system() streams {
	s := streams{in: os.Stdin, out: os.Stdout, err: os.Stderr, now: time.Now(), version: version()}
	s.piped = !term.IsTerminal(int(os.Stdin.Fd()))
	s.progress = term.IsTerminal(int(os.Stderr.Fd()))
	if out := int(os.Stdout.Fd()); term.IsTerminal(out) {
		s.color = os.Getenv("NO_COLOR") == ""
		s.width = 80
		if w, _, err := term.GetSize(out); err == nil && w > 0 {
			s.width = w
		}
	}
	return s
}

// release is set by the build of a release.
var release = ""

func version() string {
	if release != "" {
		return release
	}
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" && info.Main.Version != "(devel)" {
		return info.Main.Version
	}
	return "v0.0.0-dev"
}

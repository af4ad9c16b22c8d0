package main

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/pflag"

	"github.com/prvgap/prvgap/analyzer/report"
)

// target is where a result goes.
type target struct {
	output    string
	overwrite bool
}

func (t *target) bind(f *pflag.FlagSet) {
	f.StringVarP(&t.output, "output", "o", "-", "`FILE` to write, - for standard output")
	f.BoolVar(&t.overwrite, "overwrite", false, "let --output replace a file")
}

// check refuses early to write over a file unasked, or over an input at all.
func (t target) check(inputs []string) error {
	switch t.output {
	case "-":
		return nil
	case "":
		return errors.New("no file named to write")
	}
	out, err := os.Stat(t.output)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("writing %s: %w", t.output, err)
	}
	if out.IsDir() {
		return fmt.Errorf("writing %s: it is a folder", t.output)
	}
	for _, input := range inputs {
		if in, err := os.Stat(input); err == nil && os.SameFile(in, out) {
			return fmt.Errorf("writing %s: it is one of the inputs", t.output)
		}
	}
	if !t.overwrite {
		return hint(fmt.Errorf("%s is there already", t.output), "add --overwrite to replace it")
	}
	return nil
}

// zipMagic begins every zip.
var zipMagic = []byte("PK\x03\x04")

// write writes a result to standard output, or whole into the file.
func (t target) write(io streams, data []byte) error { return t.stream(io, filling(data)) }

// stream has fill write a result to standard output, or whole into the file.
func (t target) stream(std streams, fill func(io.Writer) error) error {
	if t.output == "-" {
		if std.width > 0 {
			return fill(terminal{std.out})
		}
		return fill(std.out)
	}
	if err := writeStream(t.output, t.overwrite, fill); err != nil {
		return err
	}
	fmt.Fprintf(std.err, "wrote %s\n", t.output)
	return nil
}

// terminal is standard output where people read it.
type terminal struct{ io.Writer }

func (t terminal) Write(data []byte) (int, error) {
	if bytes.HasPrefix(data, zipMagic) {
		return 0, hint(errors.New("a zip does not belong on a terminal"), "name a file: -o additions.zip")
	}
	return t.Writer.Write(data)
}

// filling writes what is in memory.
func filling(data []byte) func(io.Writer) error {
	return func(w io.Writer) error {
		_, err := w.Write(data)
		return err
	}
}

// writeFile writes a file whole or not at all; see writeStream.
func writeFile(path string, data []byte, overwrite bool) error {
	return writeStream(path, overwrite, filling(data))
}

// writeStream has fill write a file whole or not at all: into a temporary file
// in the same folder, which then takes the name. A link is followed, a file
// that is replaced keeps its mode, and what is no file (a device, a pipe) is
// written to as it is.
func writeStream(path string, overwrite bool, fill func(io.Writer) error) error {
	if err := writeWhole(path, overwrite, fill); err != nil {
		return fmt.Errorf("writing %s: %w", path, cause(err))
	}
	return nil
}

// cause takes the temporary file's name off an error.
func cause(err error) error {
	var p *fs.PathError
	var l *os.LinkError
	switch {
	case errors.As(err, &p):
		return p.Err
	case errors.As(err, &l):
		return l.Err
	}
	return err
}

func writeWhole(path string, overwrite bool, fill func(io.Writer) error) (err error) {
	mode := fs.FileMode(0o666)
	if info, err := os.Stat(path); err == nil {
		if !info.Mode().IsRegular() {
			return writeInto(path, fill)
		}
		if path, err = filepath.EvalSymlinks(path); err != nil {
			return err
		}
		mode = info.Mode().Perm()
	}
	// Not os.CreateTemp: its files are for the owner alone, whatever the umask.
	temp := filepath.Join(filepath.Dir(path), fmt.Sprintf(".prvgap-%d-%x.tmp", os.Getpid(), rand.Uint64()))
	f, err := os.OpenFile(temp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			f.Close()
			os.Remove(temp)
		}
	}()
	if err = fill(f); err != nil {
		return err
	}
	if err = f.Sync(); err != nil {
		return err
	}
	if err = f.Close(); err != nil {
		return err
	}
	if overwrite {
		return os.Rename(temp, path)
	}
	// A link fails where the name has been taken meanwhile; where the file
	// system has no links, renaming has to do.
	if err = os.Link(temp, path); err == nil {
		return os.Remove(temp)
	} else if errors.Is(err, fs.ErrExist) {
		return err
	}
	return os.Rename(temp, path)
}

// writeInto writes to what is no file.
func writeInto(path string, fill func(io.Writer) error) error {
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	if err := fill(f); err != nil {
		f.Close()
		return err
	}
	return f.Close()
}

// reporting is how a report is written, and where to.
type reporting struct {
	target
	format  string
	verbose bool
	width   int
}

func (r *reporting) bind(f *pflag.FlagSet) {
	r.target.bind(f)
	f.VarP(newWord(&r.format, "text", report.Formats()...), "format", "f", "`FORMAT` of the report: one of "+strings.Join(report.Formats(), ", "))
	f.BoolVarP(&r.verbose, "verbose", "v", false, "every denial with its request and message")
	f.IntVar(&r.width, "width", 0, "`COLUMNS` of the text report (default: the terminal's, or 80)")
}

// writeReport writes a report, with the terminal's width and colours where it goes there.
func (r reporting) writeReport(std streams, of report.Report) error {
	o := report.Options{Width: r.width, Verbose: r.verbose}
	if r.output == "-" {
		o.Width, o.Color = cmp.Or(r.width, std.width), std.color
	}
	return r.stream(std, func(w io.Writer) error { return report.Write(w, of, r.format, o) })
}

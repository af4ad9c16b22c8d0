package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/spf13/pflag"
)

// target is where a result goes.
type target struct {
	output    string
	overwrite bool
}

func (t *target) bind(f *pflag.FlagSet) {
	f.StringVarP(&t.output, "output", "o", "-", "file to write, - for standard output")
	f.BoolVar(&t.overwrite, "overwrite", false, "let --output replace a file")
}

// check refuses early to write over a file unasked, or over an input at all.
func (t target) check(inputs []string) error {
	if t.output == "-" {
		return nil
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

// write writes a result to standard output, or whole into the file.
func (t target) write(io streams, data []byte) error {
	if t.output == "-" {
		_, err := io.out.Write(data)
		return err
	}
	if err := writeFile(t.output, data, t.overwrite); err != nil {
		return err
	}
	fmt.Fprintf(io.err, "wrote %s\n", t.output)
	return nil
}

// writeFile writes a file whole or not at all: into a temporary file in the
// same folder, which then takes the name.
func writeFile(path string, data []byte, overwrite bool) (err error) {
	f, err := os.CreateTemp(filepath.Dir(path), ".prvgap-*")
	if err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	defer func() {
		if err != nil {
			f.Close()
			os.Remove(f.Name())
			err = fmt.Errorf("writing %s: %w", path, err)
		}
	}()
	if _, err = f.Write(data); err != nil {
		return err
	}
	if err = f.Sync(); err != nil {
		return err
	}
	if err = f.Close(); err != nil {
		return err
	}
	if overwrite {
		return os.Rename(f.Name(), path)
	}
	// A link fails where the name has been taken meanwhile; where the file
	// system has no links, renaming has to do.
	if err = os.Link(f.Name(), path); err == nil {
		return os.Remove(f.Name())
	} else if errors.Is(err, fs.ErrExist) {
		return err
	}
	return os.Rename(f.Name(), path)
}

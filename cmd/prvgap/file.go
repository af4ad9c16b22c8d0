package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// checkOutput refuses early to write over a file, or over an input.
func (o analyzeOptions) checkOutput() error {
	if o.output == "-" {
		return nil
	}
	out, err := os.Stat(o.output)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("writing %s: %w", o.output, err)
	}
	if out.IsDir() {
		return fmt.Errorf("writing %s: it is a folder", o.output)
	}
	for _, input := range append(append([]string{}, o.captures...), o.bases...) {
		if in, err := os.Stat(input); err == nil && os.SameFile(in, out) {
			return fmt.Errorf("writing %s: it is one of the inputs", o.output)
		}
	}
	if !o.overwrite {
		return hint(fmt.Errorf("%s is there already", o.output), "add --overwrite to replace it")
	}
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

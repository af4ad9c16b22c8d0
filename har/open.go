package har

import (
	"bufio"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Open finds the captures that a path stands for: a file (plain or gzipped), the HAR files inside a zip, all captures
// below a folder in the order of their names, or "-" for standard input. A file that is surely no capture is an error
// at once; in a folder or a zip, where others can still be read, it is the error of its own Source.
func Open(path string, stdin io.Reader) ([]*Source, error) {
	if path == "-" {
		return openPipe(path, io.NopCloser(stdin))
	}
	name := filepath.ToSlash(path)
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		e, _ := errors.AsType[*Error](named(name, err))
		e.Hint = "check the spelling; a name with blanks needs quotes"
		return nil, e
	case err != nil:
		return nil, named(name, err)
	case info.IsDir():
		return openFolder(path)
	case !info.Mode().IsRegular(): // a shell's <(command)
		f, err := os.Open(path)
		if err != nil {
			return nil, named(name, err)
		}
		return openPipe(name, f)
	}
	return openFile(path)
}

// openFile opens a regular file, which its first bytes, not its name, tell to be a zip or not.
func openFile(path string) ([]*Source, error) {
	name := filepath.ToSlash(path)
	if zipped, err := isZip(path); err != nil {
		return nil, named(name, err)
	} else if zipped {
		return openZip(name, fileArchive(path), func() (stream, error) { return openPlain(path) })
	}
	s := newSource(name, func() (stream, error) { return openPlain(path) })
	if s.err != nil {
		return nil, s.err
	}
	return []*Source{s}, nil
}

// openPlain opens a file together with the folder in which Playwright puts response bodies beside the capture.
func openPlain(path string) (stream, error) {
	f, err := os.Open(path)
	if err != nil {
		return stream{}, err
	}
	return stream{ReadCloser: f, file: f, files: sidecars(filepath.Dir(path))}, nil
}

// sidecars is a folder as a file system that symbolic links do not lead out of.
type sidecars string

func (s sidecars) Open(name string) (fs.File, error) {
	root, err := os.OpenRoot(string(s))
	if err != nil {
		return nil, err
	}
	defer root.Close()
	name = filepath.FromSlash(name)
	if info, err := root.Stat(name); err != nil || !info.Mode().IsRegular() {
		return nil, errors.Join(fs.ErrNotExist, err) // opening a named pipe would wait for its writer
	}
	return root.Open(name)
}

// openPipe opens what can be read only once. A zip, whose directory is at its end, is taken into memory.
func openPipe(name string, r io.ReadCloser) ([]*Source, error) {
	in := bufio.NewReader(r)
	if head, _ := in.Peek(len(zipMagic)); string(head) == zipMagic {
		defer r.Close()
		return openSpooled(name, in)
	}
	// What was looked at cannot be read again, so the text stays open between here and Entries.
	text, seen, err := plain(in)
	if err != nil {
		r.Close()
		return nil, named(name, err)
	}
	opened := false
	s := &Source{name: name, look: seen, once: true}
	s.open = func() (stream, error) {
		if opened {
			return stream{}, errors.New("it can be read only once")
		}
		opened = true
		return stream{ReadCloser: readCloser{text, r}}, nil
	}
	return []*Source{s}, nil
}

// openFolder finds the captures below a folder. Symbolic links to folders are not followed: they could lead in circles.
func openFolder(folder string) ([]*Source, error) {
	var found []*Source
	err := filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil && path == folder:
			return err
		case err != nil: // a folder that may not be read; there are others
			return fs.SkipDir
		case !isRegular(path, d):
			return nil
		}
		found = append(found, openAny(path)...)
		return nil
	})
	if err != nil {
		return nil, named(filepath.ToSlash(folder), err)
	}
	if len(found) == 0 {
		return nil, named(filepath.ToSlash(folder), foreignFile("no captures in this folder", "captures end in .har, .har.gz, .zip or .saz"))
	}
	sortSources(found)
	return found, nil
}

// isRegular reports whether a path is a file or a link to one. A named pipe would keep us waiting.
func isRegular(path string, d fs.DirEntry) bool {
	if d.Type()&fs.ModeSymlink != 0 {
		info, err := os.Stat(path)
		return err == nil && info.Mode().IsRegular()
	}
	return d.Type().IsRegular()
}

// openAny returns the captures in a file of a folder. Files that claim to be captures are returned even if broken, so that
// they are reported; of others those that are captures or reports.
func openAny(path string) []*Source {
	if !mayHold(path) && !endsIn(path, ".zip", ".saz") {
		return nil
	}
	found, err := openFile(path)
	if err != nil && isCapture(path) {
		name := filepath.ToSlash(path)
		return []*Source{{name: name, err: named(name, err)}}
	}
	return slices.DeleteFunc(found, func(s *Source) bool { return !s.sure && !isCapture(s.name) })
}

// isCapture reports whether a name says that the file is a capture.
func isCapture(name string) bool { return endsIn(name, ".har", ".har.gz", ".har.zst", ".zhar", ".saz") }

// mayHold reports whether a file is worth looking into. A report of ours is .json, and so is many a renamed capture.
func mayHold(name string) bool {
	return isCapture(name) || endsIn(name, ".json", ".json.gz", ".json.zst", ".harp", ".jsonl", ".ndjson", ".log", ".network")
}

// endsIn reports whether a name has one of the endings, in whatever case.
func endsIn(name string, endings ...string) bool {
	name = strings.ToLower(name)
	return slices.ContainsFunc(endings, func(ending string) bool { return strings.HasSuffix(name, ending) })
}

// sortSources puts captures in the order of their names, whatever order the file system or the zip lists them in.
func sortSources(sources []*Source) {
	slices.SortStableFunc(sources, func(a, b *Source) int { return strings.Compare(a.name, b.name) })
}

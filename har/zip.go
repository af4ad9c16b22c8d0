package har

import (
	"archive/zip"
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
)

const (
	zipMagic = "PK\x03\x04"
	// maxSpool is the largest zip that is taken from standard input, and with it into memory.
	maxSpool = 256 << 20
)

// archive opens a zip. It is opened anew for each of its members, so that no handle outlives a reading.
type archive func() (*zip.Reader, io.Closer, error)

// isZip reports whether a file begins with a member of a zip.
func isZip(name string) (bool, error) {
	f, err := os.Open(name)
	if err != nil {
		return false, err
	}
	defer f.Close()
	var head [len(zipMagic)]byte
	n, err := io.ReadFull(f, head[:])
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		err = nil // too short to be a zip
	}
	return string(head[:n]) == zipMagic, err
}

// fileArchive is a zip on disk.
func fileArchive(name string) archive {
	return func() (*zip.Reader, io.Closer, error) {
		r, err := zip.OpenReader(name)
		if err != nil {
			return nil, nil, err
		}
		return &r.Reader, r, nil
	}
}

// openSpooled opens a zip that comes through a pipe.
func openSpooled(name string, r io.Reader) ([]*Source, error) {
	content, err := io.ReadAll(io.LimitReader(r, maxSpool+1))
	if err == nil && len(content) > maxSpool {
		err = foreignFile("a zip of more than 256 MB", "save it to a file and name that")
	}
	if err != nil {
		return nil, named(name, err)
	}
	return openZip(name, func() (*zip.Reader, io.Closer, error) {
		z, err := zip.NewReader(bytes.NewReader(content), int64(len(content)))
		return z, io.NopCloser(nil), err
	}, func() (stream, error) { return stream{ReadCloser: io.NopCloser(bytes.NewReader(content))}, nil })
}

// openZip returns a source for every capture or report inside a zip, or one for the zip itself if it is a Fiddler
// archive, whose bytes are then those that whole opens.
func openZip(name string, open archive, whole func() (stream, error)) ([]*Source, error) {
	z, closer, err := open()
	if err != nil {
		return nil, named(name, brokenZip(err))
	}
	defer closer.Close()
	var found []*Source
	var names []string
	traced := slices.ContainsFunc(z.File, func(f *zip.File) bool { return isNetwork(f.Name) })
	for i, f := range z.File {
		names = append(names, f.Name)
		if !mayHold(f.Name) || !f.Mode().IsRegular() {
			continue
		}
		// A trace keeps bodies in a folder of their own, and a log for each browser, also for one that asked for nothing.
		if traced && (strings.Contains("/"+f.Name, "/resources/") || isNetwork(f.Name) && f.UncompressedSize64 == 0) {
			continue
		}
		s := newSource(name+"/"+printable(f.Name), func() (stream, error) { return openMember(open, i) })
		if !s.sure && !isCapture(f.Name) {
			continue // some other JSON, such as a response body that Playwright put there
		}
		if s.layout == layoutHAR {
			s.format = formatZip
		}
		found = append(found, s)
	}
	if len(found) == 0 {
		if len(fiddled(z)) > 0 {
			return []*Source{{name: name, look: look{layout: layoutSAZ, format: layoutSAZ, sure: true}, open: whole, zip: open}}, nil
		}
		return nil, named(name, sniffArchive(names))
	}
	sortSources(found)
	return found, nil
}

// brokenZip adds the usual reason: a zip's directory is at its end, so one that was cut short has none.
func brokenZip(err error) error {
	return &Error{Err: err, Hint: "the zip may have been cut short: download or export it again"}
}

// openMember opens one member by its place in the zip's directory: several may bear the same name.
func openMember(open archive, i int) (stream, error) {
	z, closer, err := open()
	if err != nil {
		return stream{}, brokenZip(err)
	}
	if i >= len(z.File) {
		return stream{}, errors.Join(errors.New("the zip has changed"), closer.Close())
	}
	r, err := z.File[i].Open()
	if err != nil {
		closer.Close()
		return stream{}, err
	}
	// Playwright puts response bodies next to the capture. A folder that is no valid path has none.
	files, err := fs.Sub(z, path.Dir(z.File[i].Name))
	if err != nil {
		files = nil
	}
	return stream{ReadCloser: readCloser{r, closer}, files: files}, nil // closing the zip ends its members too
}

// isNetwork reports whether a name is that of the network log of a Playwright trace.
func isNetwork(name string) bool { return strings.HasSuffix(name, ".network") }

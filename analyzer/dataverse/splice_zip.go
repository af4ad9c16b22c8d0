package dataverse

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

const zipStart = "PK\x03\x04"

// spliceZip changes the customizations.xml of a solution zip. All other members are copied as they are compressed, with
// what the directory says of them.
func spliceZip(name string, file []byte, edit func([]byte) ([]byte, error)) ([]byte, error) {
	z, target, err := openSolution(file)
	if err != nil {
		return nil, fmt.Errorf("patching %s: %w", name, err)
	}
	content, err := readCustomizations(target)
	if err != nil {
		return nil, fmt.Errorf("patching %s: %w", name, err)
	}
	patched, err := edit(content)
	if err != nil {
		return nil, err
	}
	if bytes.Equal(patched, content) {
		return slices.Clone(file), nil
	}
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for _, f := range z.File {
		h := f.FileHeader
		if f == target {
			err = writeRaw(w, &h, patched)
		} else {
			err = copyRaw(w, &h, f)
		}
		if err != nil {
			return nil, fmt.Errorf("patching %s: %w", name, err)
		}
	}
	if err = w.SetComment(z.Comment); err == nil {
		err = w.Close()
	}
	if err != nil {
		return nil, fmt.Errorf("patching %s: %w", name, err)
	}
	return out.Bytes(), nil
}

// openSolution opens a zip and finds the member with the roles. Nothing is unpacked to disk, but a zip with names that
// lead elsewhere is no export, and must not be handed on as one.
func openSolution(file []byte) (*zip.Reader, *zip.File, error) {
	z, err := zip.NewReader(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		return nil, nil, err
	}
	var target *zip.File
	var size uint64
	for _, f := range z.File {
		if err := checkMember(f.Name); err != nil {
			return nil, nil, fmt.Errorf("member %q: %w", f.Name, err)
		}
		// Members that lie over each other would unfold to more than the file even without being unpacked.
		if size += f.CompressedSize64; f.CompressedSize64 > uint64(len(file)) || size > uint64(len(file)) {
			return nil, nil, errors.New("the zip's members are larger than the zip")
		}
		if !strings.EqualFold(f.Name, customizationsFile) {
			continue
		}
		if target != nil {
			return nil, nil, errors.New("the zip has two " + customizationsFile)
		}
		target = f
	}
	if target == nil {
		return nil, nil, errors.New("the zip has no " + customizationsFile + ": expected an exported solution")
	}
	return z, target, nil
}

// readCustomizations unpacks the one member that is read. The size in the directory is only a claim, so the reading is
// bounded as well.
func readCustomizations(f *zip.File) ([]byte, error) {
	tooLarge := fmt.Errorf("unpacking %s: more than %d MB, which no solution has", f.Name, maxMember>>20)
	if f.UncompressedSize64 > maxMember {
		return nil, tooLarge
	}
	r, err := f.Open()
	if err != nil {
		return nil, fmt.Errorf("unpacking %s: %w", f.Name, err)
	}
	defer r.Close()
	content, err := io.ReadAll(io.LimitReader(r, maxMember+1))
	if err != nil {
		return nil, fmt.Errorf("unpacking %s: %w", f.Name, err)
	}
	if len(content) > maxMember {
		return nil, tooLarge // the directory lied
	}
	return content, nil
}

// copyRaw copies a member as it lies compressed: unpacking and packing it anew would give other bytes.
func copyRaw(w *zip.Writer, h *zip.FileHeader, f *zip.File) error {
	from, err := f.OpenRaw()
	if err != nil {
		return fmt.Errorf("copying %s: %w", f.Name, err)
	}
	to, err := w.CreateRaw(h)
	if err == nil {
		_, err = io.Copy(to, from)
	}
	if err != nil {
		return fmt.Errorf("copying %s: %w", f.Name, err)
	}
	return nil
}

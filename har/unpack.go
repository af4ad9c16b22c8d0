package har

import (
	"bufio"
	"bytes"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/zstd"
)

// maxWindow bounds the memory that unpacking Zstandard takes: it is what the highest level of its own tool needs.
const maxWindow = 128 << 20

// unpacked undoes the compression of a file, told by its first bytes, and names it by the ending that it usually has.
// Several gzip members in a row are one text.
func unpacked(r io.Reader) (in *bufio.Reader, packing string, err error) {
	in = bufio.NewReaderSize(r, readSize)
	var text io.Reader
	switch head, _ := in.Peek(4); {
	case bytes.HasPrefix(head, []byte("\x1f\x8b")):
		packing = "gz"
		text, err = gzip.NewReader(in)
	case isZlib(head):
		packing = "zlib"
		text, err = zlib.NewReader(in)
	case string(head) == "\x28\xb5\x2f\xfd":
		packing = "zst"
		text, err = unzstd(in)
	default:
		return in, "", nil
	}
	if err == nil && packing != "gz" {
		text = tellingReader{text, packing}
	}
	if err != nil {
		return nil, packing, err
	}
	return bufio.NewReaderSize(text, readSize), packing, nil
}

// isZlib reports whether a text begins with one of the headers that zlib writes.
func isZlib(head []byte) bool {
	return len(head) > 1 && head[0] == 0x78 && strings.IndexByte("\x01\x5e\x9c\xda", head[1]) >= 0
}

// unzstd unpacks Zstandard in this goroutine: there is none to end when the reader is left alone.
func unzstd(r io.Reader) (io.Reader, error) {
	return zstd.NewReader(r, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxWindow(maxWindow))
}

// formatOf names a layout together with its packing. mitmproxy's .zhar is a HAR in zlib.
func formatOf(layout, packing string) string {
	switch {
	case packing == "" || layout == layoutReport:
		return layout
	case packing == "zlib" && layout == layoutHAR:
		return formatZHAR
	}
	return layout + "." + packing
}

// tellingReader says what was being unpacked when that failed: the packages name their own parts only.
type tellingReader struct {
	io.Reader
	packing string
}

func (t tellingReader) Read(p []byte) (int, error) {
	n, err := t.Reader.Read(p)
	if err == nil || err == io.EOF || errors.Is(err, io.ErrUnexpectedEOF) {
		return n, err
	}
	what := map[string]string{"zlib": "zlib", "zst": "Zstandard"}[t.packing]
	return n, &Error{Err: fmt.Errorf("unpacking %s: %w", what, err), Hint: "the file is damaged: export or copy it again"}
}

// uncoded undoes the Content-Encoding of a body. Proxies store bodies decoded and leave the header, so what cannot be
// decoded is taken as it is, unless it is no text: then what could be decoded of it is.
func uncoded(content []byte, encoding string) []byte {
	codings := strings.Split(encoding, ",")
	for i := len(codings) - 1; i >= 0; i-- { // the last one was applied last
		r, err := decoder(strings.ToLower(strings.TrimSpace(codings[i])), content)
		if r == nil || err != nil {
			continue
		}
		decoded, err := io.ReadAll(io.LimitReader(r, maxBody))
		if err == nil || len(decoded) > 0 && !utf8.Valid(content) {
			content = decoded
		}
	}
	return content
}

// decoder undoes one content coding; nil is one that there is nothing to undo for.
func decoder(coding string, content []byte) (io.Reader, error) {
	r := bytes.NewReader(content)
	switch coding {
	case "gzip", "x-gzip":
		return gzip.NewReader(r)
	case "deflate":
		if isZlib(content) {
			return zlib.NewReader(r)
		}
		return flate.NewReader(r), nil // as some servers understood the standard
	case "br":
		return brotli.NewReader(r), nil
	case "zstd":
		return unzstd(r)
	}
	return nil, nil
}

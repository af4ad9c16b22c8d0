package har

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"io"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/prvgap/prvgap/har/pattern"
)

// The layouts of captures, which are also the names of their formats.
const (
	layoutHAR     = "har"
	layoutReport  = "report"
	layoutMonitor = "monitor"
	layoutCDP     = "cdp"
	layoutTrace   = "playwright-trace"
	layoutSAZ     = "saz"

	formatZip   = "zip"
	formatZHAR  = "zhar"
	formatJSONP = "harp"
)

// headSize is how much of a capture is looked at to tell what it is.
const headSize = 4 << 10

// readSize is how much is read from a file at once.
const readSize = 64 << 10

// jsonp is the call that HAR viewers wrap around a capture: onInputData({…}). It must not reach past the head.
var jsonp = pattern.Compile(`^[ \t\r\n]*[A-Za-z_$][\w$.]*[ \t\r\n]*\([ \t\r\n]*\{`)

// plain returns the capture's text as UTF-8 without compression or wrapper, and what it looks like. What stands
// before the text (byte order mark, opening of a call) becomes blanks, so that byte offsets hold.
func plain(r io.Reader) (io.Reader, look, error) {
	in, packing, err := unpacked(r)
	if err != nil {
		return nil, look{}, err
	}
	blanks, verbatim := 0, packing == ""
	switch mark, _ := in.Peek(3); {
	case string(mark) == "\xef\xbb\xbf":
		blanks = 3
	case bytes.HasPrefix(mark, []byte("\xff\xfe")):
		in, verbatim = utf8From(in, binary.LittleEndian), false
	case bytes.HasPrefix(mark, []byte("\xfe\xff")):
		in, verbatim = utf8From(in, binary.BigEndian), false
	}
	head, err := in.Peek(headSize)
	if err == io.ErrUnexpectedEOF && len(head) == 0 {
		return nil, look{}, &Error{Err: err, Hint: "the compressed file was cut short: export or copy it again"}
	}
	if err != nil && err != io.EOF && len(head) == 0 {
		return nil, look{}, err
	}
	head = head[blanks:]
	seen := look{layout: layoutHAR, format: formatJSONP, sure: true}
	if call := jsonp().FindString(string(head)); call != "" {
		blanks += len(call) - len("{")
	} else if seen, err = sniff(head); err != nil {
		return nil, look{}, err
	} else {
		seen.format = formatOf(seen.layout, packing)
	}
	seen.verbatim = verbatim
	if blanks == 0 {
		return in, seen, nil
	}
	_, _ = in.Discard(blanks) // cannot fail: the bytes were just seen
	return io.MultiReader(strings.NewReader(strings.Repeat(" ", blanks)), in), seen, nil
}

// utf8From turns UTF-16 with a byte order mark into UTF-8. Captures get that way by a redirect in PowerShell. Byte
// offsets are then those of the UTF-8 text.
func utf8From(in *bufio.Reader, order binary.ByteOrder) *bufio.Reader {
	_, _ = in.Discard(len("\xff\xfe")) // cannot fail: the mark was just seen
	return bufio.NewReader(&utf16Reader{r: in, order: order})
}

type utf16Reader struct {
	r     io.Reader
	order binary.ByteOrder
	high  rune   // a high surrogate that waits for its low one
	out   []byte // converted and not yet read
}

func (u *utf16Reader) Read(p []byte) (int, error) {
	for len(u.out) == 0 {
		var buf [8 << 10]byte
		n, err := io.ReadFull(u.r, buf[:])
		if n == 0 {
			return 0, err
		}
		u.convert(buf[:n])
	}
	n := copy(p, u.out)
	u.out = u.out[n:]
	return n, nil
}

// convert takes the next bytes in. An odd one can only be the last of a capture that was cut within a character: it is
// dropped, and the JSON will be found to break off.
func (u *utf16Reader) convert(b []byte) {
	u.out = u.out[:0]
	for ; len(b) >= 2; b = b[2:] {
		c := rune(u.order.Uint16(b))
		if u.high != 0 {
			both := utf16.DecodeRune(u.high, c) // U+FFFD where c is no low surrogate
			u.out, u.high = utf8.AppendRune(u.out, both), 0
			if both != utf8.RuneError {
				continue
			}
		}
		if c >= 0xd800 && c < 0xdc00 {
			u.high = c
			continue
		}
		u.out = utf8.AppendRune(u.out, c) // a lone low surrogate becomes U+FFFD
	}
}

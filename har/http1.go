package har

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"strconv"
	"strings"
)

// maxHead bounds the header of a raw message.
const maxHead = 1 << 20

var errHead = errors.New("a header of more than 1 MB")

// head is the first line of a raw HTTP/1.1 message and those of its fields that matter. Cookies and authorization are
// read past.
type head struct {
	start, host, contentType, encoding, transfer string
}

// readHead reads up to the blank line.
func readHead(in *bufio.Reader) (head, error) {
	var h head
	for size, first := 0, true; ; first = false {
		line, err := in.ReadSlice('\n')
		size += len(line)
		text := strings.TrimRight(string(bytes.ToValidUTF8(line, []byte("\uFFFD"))), "\r\n")
		for err == bufio.ErrBufferFull && size <= maxHead { // no field that matters is that long
			line, err = in.ReadSlice('\n')
			size += len(line)
		}
		switch {
		case size > maxHead:
			return h, errHead
		case err != nil && err != io.EOF:
			return h, err
		case first:
			h.start = text
		case text == "" || err == io.EOF:
			return h, nil
		default:
			h.field(text)
		}
		if err == io.EOF {
			return h, nil
		}
	}
}

// field takes one field in.
func (h *head) field(text string) {
	name, value, _ := strings.Cut(text, ":")
	value = strings.TrimSpace(value)
	switch strings.ToLower(name) {
	case "host":
		h.host = value
	case "content-type":
		h.contentType = value
	case "content-encoding":
		h.encoding = value
	case "transfer-encoding":
		h.transfer = value
	}
}

// request takes the first line of a request apart. Fiddler writes the address as a whole; others write the path alone,
// and then it went through TLS as nearly everything does.
func (h head) request() (method, url string) {
	method, url, _ = strings.Cut(h.start, " ")
	if i := strings.LastIndex(url, " HTTP/"); i >= 0 {
		url = url[:i]
	}
	switch {
	case strings.HasPrefix(url, "/") && h.host != "":
		url = "https://" + h.host + url
	case method == "CONNECT": // the tunnel that other requests then go through
		url = "https://" + url
	}
	return method, url
}

// status reads the first line of a response.
func (h head) status() int {
	words := strings.Fields(h.start)
	if len(words) < 2 || !hasPrefixFold(words[0], "HTTP/") {
		return 0
	}
	return status([]byte(words[1]))
}

// readBody reads what follows the head and decodes it. Of a body that breaks off it returns the beginning.
func (h head) readBody(in io.Reader) (string, error) {
	content, err := io.ReadAll(io.LimitReader(in, maxBody))
	if strings.Contains(strings.ToLower(h.transfer), "chunked") {
		content = unchunked(content)
	}
	return Text(uncoded(content, h.encoding)), err
}

// unchunked joins the chunks of a body. One that was stored without its chunks is returned as it is.
func unchunked(content []byte) []byte {
	var joined []byte
	for rest := content; len(rest) > 0; {
		line, after, ok := bytes.Cut(rest, []byte("\n"))
		digits, _, _ := bytes.Cut(line, []byte(";"))
		size, err := strconv.ParseUint(string(bytes.TrimSpace(digits)), 16, 32)
		switch {
		case (err != nil || !ok) && joined == nil:
			return content
		case err != nil || size == 0:
			return joined
		}
		chunk := after[:min(size, uint64(len(after)))]
		joined = append(joined, chunk...)
		rest = bytes.TrimPrefix(bytes.TrimPrefix(after[len(chunk):], []byte("\r")), []byte("\n"))
	}
	return joined
}

// Package har reads network captures as streams of entries, and writes entries as HAR. It knows nothing of privileges.
//
// A capture is a HAR file as some thirty exporters write it: plain, compressed, inside a zip, or on standard input. Other
// logs of the same traffic give the same stream: Power Apps Monitor exports, DevTools protocol logs, Fiddler archives and
// Playwright traces. Exporters agree on little, so a strange member is data (an empty field, a note in [Info]), and only
// what makes the rest unreadable is an [Error]. Cookies and authorization headers are never kept, nor is a body that
// nobody asked for.
package har

import (
	"errors"
	"fmt"
	"io"
	"time"
)

// Entry is one request and its response; a part of a $batch is an entry of its own.
type Entry struct {
	Index    int       // position among the entries, from 0 (a part has its $batch's)
	Part     int       // 1 for the first part of a $batch response, 0 for an entry that is no part
	Parts    int       // on the $batch entry itself: how many parts it was split into, else 0
	Pointer  string    // JSON pointer, "/log/entries/17", or "line 18", "raw/017_s.txt" (same for its parts)
	Offset   int64     // byte offset of the entry in the uncompressed capture, 0 in a Fiddler archive
	Time     time.Time // when the request started, zero where missing or unreadable
	Method   string
	URL      string
	Status   int // 0 where missing or not a plausible status (outside 100..999)
	MIMEType string
	Body     string // decoded response body, kept only for refused requests and for those that Options.Body asks for; valid UTF-8
	HasBody  bool   // whether the capture holds a (non-empty) body for this response
	Comment  string // the exporter's comment on content (e.g. why there is no body)
	Mark     string // what the user did, as the comment on the entry tells it; see CleanMark
	Error    string // the exporter's reason for status 0 (_error, _failureText)
}

// Options says what a reader keeps.
type Options struct {
	Body   func(method, url string) bool // whether the body of an allowed response is wanted; nil: never. It may be called by several goroutines at once
	Strict bool                          // whether what nobody asked for must be JSON to the last byte as well
}

// wants reports whether the body of a response is to be kept.
func (o Options) wants(status int, method, url string) bool {
	return status >= 400 || o.Body != nil && o.Body(method, url)
}

// needs reports whether the body of an entry is to be looked at.
func (o Options) needs(e Entry) bool { return isBatch(e.URL) || o.wants(e.Status, e.Method, e.URL) }

// Info is what is known of a capture after it was read.
type Info struct {
	Format   string // "har", "har.gz", "har.zst", "zhar", "zip", "harp" (HAR in a JavaScript call), "monitor", "cdp", "saz", "playwright-trace" or "report"
	Creator  string // what wrote the capture, with its version where that is known; plus browser if there
	Bytes    int64  // uncompressed bytes read
	Entries  int    // entries of the log; $batch parts are not counted
	Complete bool   // whether the capture was read to its end
	Problem  string // what was odd or broken, "" for nothing; a warning leaves Complete true
	Lost     int    // wanted bodies that a live capture could not get
}

// Error is a break in a capture: where, what, and what to do.
type Error struct {
	Name    string // the capture
	Offset  int64  // byte offset in the uncompressed capture
	Pointer string // JSON pointer to the value that broke, or the archive's member; "" for the whole capture
	Err     error
	Hint    string // what the reader of the message could do, "" where nothing is known to help
}

// Error says where the break is and what broke, without the hint.
func (e *Error) Error() string { return "reading " + e.Name + ": " + e.problem() }

func (e *Error) problem() string {
	cause := e.Err.Error()
	if errors.Is(e.Err, io.ErrUnexpectedEOF) {
		cause = "unexpected end of file" // "EOF" is jargon, and people meet this one often
	}
	switch {
	case e.Pointer != "" && e.Offset == 0: // a member of an archive
		return e.Pointer + ": " + cause
	case e.Pointer != "":
		return fmt.Sprintf("at byte %d (%s): %s", e.Offset, e.Pointer, cause)
	case e.Offset > 0:
		return fmt.Sprintf("at byte %d: %s", e.Offset, cause)
	}
	return cause
}

// Unwrap returns the cause, so that errors.Is finds fs.ErrNotExist or io.ErrUnexpectedEOF.
func (e *Error) Unwrap() error { return e.Err }

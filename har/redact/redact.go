// Package redact replaces in entries what tells of people, records and customers: e-mail addresses, names, GUIDs and
// hosts. The same text gets the same replacement wherever it stands, so that a report keeps its shape.
//
// A replacement is a keyed hash of what it stands for. Nothing is remembered, so that memory does not grow with the
// capture, and two captures that are redacted with the same key still belong together. Who has the key can check a
// guess; without it nothing leads back.
package redact

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"hash"
	"strings"

	"github.com/prvgap/prvgap/har"
)

// Kind is a kind of text that can be replaced.
type Kind int

// The kinds, in the order in which they are looked for.
const (
	Email Kind = iota
	Host
	Name
	GUID
	kinds
)

// Options says what is replaced.
type Options struct {
	Replace map[Kind]bool
	Key     []byte            // what the replacements depend on
	Known   func(string) bool // whether a lower-case GUID or word means the same everywhere and stays; nil: none does
}

// Replacer replaces texts. It counts what it finds, whether that is replaced or not.
type Replacer struct {
	opts Options
	mac  hash.Hash
	seen [kinds]map[uint64]struct{}
}

// New returns a replacer.
func New(o Options) *Replacer {
	r := &Replacer{opts: o, mac: hmac.New(sha256.New, o.Key)}
	for k := range r.seen {
		r.seen[k] = map[uint64]struct{}{}
	}
	return r
}

// MaxCount is as far as different texts of a kind are counted.
const MaxCount = 100_000

// Count is how many different texts of a kind were found, MaxCount at most.
func (r *Replacer) Count(k Kind) int { return len(r.seen[k]) }

// Entry returns e cleaned of credentials, and with its texts replaced.
func (r *Replacer) Entry(e har.Entry) har.Entry {
	e.URL = r.Text(r.literals(har.CleanURL(e.URL)))
	e.Body = har.RewriteBody(har.CleanBody(e.Body), func(path, text string) string {
		if namePath().MatchString(path) && text != "" {
			return r.name(text)
		}
		return r.Text(text)
	})
	e.Comment, e.Error = r.Text(har.CleanText(e.Comment)), r.Text(har.CleanText(e.Error))
	e.Mark = r.Text(har.CleanMark(e.Mark))
	return e
}

// Text returns a text with all replaced that can be told from the text alone.
func (r *Replacer) Text(s string) string {
	if len(s) < 3 {
		return s
	}
	s = r.emails(s)
	s = r.hosts(s)
	s = r.wordings(s)
	return r.guids(s)
}

// replace returns what stands for a text of a kind: the result of make, given hash bytes of the folded text, or the
// text itself where the kind is not to be replaced.
func (r *Replacer) replace(k Kind, text, folded string, make func(sum []byte) string) string {
	r.mac.Reset()
	r.mac.Write([]byte{byte(k)})
	r.mac.Write([]byte(folded))
	sum := r.mac.Sum(nil)
	if seen := r.seen[k]; len(seen) < MaxCount {
		seen[binary.BigEndian.Uint64(sum)] = struct{}{}
	}
	if !r.opts.Replace[k] {
		return text
	}
	return make(sum)
}

// known reports whether a text means the same everywhere.
func (r *Replacer) known(s string) bool {
	return r.opts.Known != nil && r.opts.Known(strings.ToLower(s))
}

// short is enough of a hash to keep apart what one capture holds.
func short(sum []byte) string { return hex.EncodeToString(sum[:4]) }

package analyzer

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/prvgap/prvgap/har"
)

// maxAllowed bounds what is kept of allowed requests, of which a comparison of
// captures needs to know. Real captures have some hundred kinds; of more, the
// first in the order of the alphabet stay, so that it does not matter in which
// order they came.
const maxAllowed = 1 << 14

// Allow learns that a request of a kind was answered.
func (f *Facts) Allow(kind string) {
	if !f.Allowed[kind] && isKind(kind) {
		keep(f.Allowed, kind)
	}
}

// A Digest stands for the record that a request reached. It leads back to no
// GUID. Zero is none.
type Digest uint64

// AllowRecord learns that a record was reached.
func (f *Facts) AllowRecord(d Digest) {
	if d != 0 {
		keep(f.Records, d)
	}
}

// String returns d as 16 hexadecimal digits.
func (d Digest) String() string { return fmt.Sprintf("%016x", uint64(d)) }

// ParseDigest reads what String returns; of anything else it makes none.
func ParseDigest(s string) Digest {
	d, _ := strconv.ParseUint(s, 16, 64)
	if Digest(d).String() != s {
		return 0
	}
	return Digest(d)
}

const (
	capitals = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	digits   = "0123456789"
)

// isKind reports whether s is written like a kind. Whoever writes a report can
// put nothing else into it.
func isKind(s string) bool {
	method, path, _ := strings.Cut(s, " ")
	return len(s) <= 800 && method != "" && only(method, capitals) && strings.HasPrefix(path, "/") &&
		only(path, capitals+strings.ToLower(capitals)+digits+"_.$()*/?&")
}

// only reports whether s consists of some characters alone.
func only(s, characters string) bool { return strings.Trim(s, characters) == "" }

// keep adds to a set that trim cuts down.
func keep[K cmp.Ordered](set map[K]bool, k K) {
	set[k] = true
	if len(set) >= 2*maxAllowed {
		trim(set)
	}
}

func trim[K cmp.Ordered](set map[K]bool) {
	if len(set) <= maxAllowed {
		return
	}
	for _, k := range slices.Sorted(maps.Keys(set))[maxAllowed:] {
		delete(set, k)
	}
}

// trim cuts what is kept of allowed requests down to its bound.
func (f *Facts) trim() {
	trim(f.Allowed)
	trim(f.Records)
}

// kindOf returns the kind of an entry in the words of the dialect that knows it.
func kindOf(e har.Entry, ds []Dialect) string {
	for _, d := range ds {
		if kind := d.Kind(e); kind != "" {
			return kind
		}
	}
	return ""
}

// guids returns the GUIDs in a text, from left to right. It is asked for every
// entry of a capture, and an expression would cost more than reading the entry.
func guids(text string) []string {
	const length, dashes = 36, "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx"
	var found []string
	for at, end := 0, 0; ; {
		dash := strings.IndexByte(text[at:], '-')
		if dash < 0 {
			return found
		}
		start := at + dash - strings.IndexByte(dashes, '-')
		at += dash + 1
		if start < end || start+length > len(text) || !isGUID(text[start:start+length], dashes) {
			continue
		}
		end = start + length
		found = append(found, text[start:end])
		at = end
	}
}

// isGUID reports whether a text has dashes where the form has them, and
// hexadecimal digits elsewhere.
func isGUID(text, form string) bool {
	for i := range len(form) {
		c := text[i]
		lower := c | 0x20 // of a letter
		if form[i] == '-' && c != '-' || form[i] != '-' && (c < '0' || c > '9') && (lower < 'a' || lower > 'f') {
			return false
		}
	}
	return true
}

// recordDigest tells requests of one kind for different records apart, without
// the ids. There is none where the path has no GUID; other keys are names and
// numbers, which can be guessed.
func recordDigest(kind, url string) Digest {
	if !strings.Contains(kind, "(") {
		return 0
	}
	path, _, _ := strings.Cut(url, "?")
	ids := guids(path)
	if len(ids) == 0 {
		return 0
	}
	text := append(make([]byte, 0, 256), kind...)
	for _, id := range ids {
		text = append(append(text, ' '), strings.ToLower(id)...)
	}
	sum := sha256.Sum256(text)
	return Digest(binary.BigEndian.Uint64(sum[:]))
}

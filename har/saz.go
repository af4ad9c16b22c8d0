package har

import (
	"archive/zip"
	"bufio"
	"cmp"
	"encoding/xml"
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/prvgap/prvgap/har/pattern"
)

// sessionFile is the name of a file of a Fiddler archive: the client's message, the server's, or what is known of both.
var sessionFile = pattern.Compile(`(?i)^(.*[/\\])?raw[/\\](\d+)_([csm])\.(?:txt|xml)$`)

// encrypted is the bit of a zip member's flags that says so.
const encrypted = 1

// session is one request of a Fiddler archive, in files of their own.
type session struct {
	number               int
	client, server, meta *zip.File
}

// fiddled returns the sessions of a Fiddler archive in their order, none for any other zip.
func fiddled(z *zip.Reader) []session {
	found := map[string]*session{}
	for _, f := range z.File {
		m := sessionFile().FindStringSubmatch(f.Name)
		if m == nil {
			continue
		}
		key := m[1] + m[2]
		if found[key] == nil {
			number, _ := strconv.Atoi(m[2]) // a number too large for one comes last, by its name
			found[key] = &session{number: number}
		}
		file := map[string]**zip.File{"c": &found[key].client, "s": &found[key].server, "m": &found[key].meta}[strings.ToLower(m[3])]
		if *file == nil {
			*file = f
		}
	}
	var list []session
	for _, s := range found {
		if s.client != nil || s.server != nil {
			list = append(list, *s)
		}
	}
	slices.SortFunc(list, func(a, b session) int {
		return cmp.Or(cmp.Compare(a.number, b.number), strings.Compare(a.evidence().Name, b.evidence().Name))
	})
	return list
}

// evidence is the file that the entry points to: the answer, or the question that got none.
func (s session) evidence() *zip.File {
	if s.server != nil {
		return s.server
	}
	return s.client
}

// sessions reads a Fiddler archive. A session that is damaged does not keep the others from being read.
func (s *Source) sessions(o Options, yield func(Entry) bool) (summary, error) {
	sum := summary{creator: "Fiddler"}
	z, closer, err := s.zip()
	if err != nil {
		return sum, brokenZip(err)
	}
	defer closer.Close()
	var broken error
	for _, each := range fiddled(z) {
		m := messages{}
		e := m.open(each)
		e.Index = sum.entries
		if m.locked {
			return sum, foreignFile("an encrypted Fiddler archive", "in Fiddler save the sessions again without a password")
		}
		going := deliver(e, m.answer.contentType, &m, o, yield)
		m.close()
		sum.entries++
		sum.bytes += m.read
		if m.err != nil && broken == nil {
			hint := "the archive is damaged: save it again; the other sessions were read"
			broken = &Error{Pointer: e.Pointer, Err: m.err, Hint: hint}
		}
		if !going {
			return sum, nil
		}
	}
	sum.complete = broken == nil
	return sum, broken
}

// messages are the two messages of a session, opened and read past their heads.
type messages struct {
	client, server io.Reader // nil where there is none
	closers        []io.Closer
	question       head
	answer         head
	read           int64
	locked         bool
	err            error
}

// open reads what an entry is made of, but for the bodies.
func (m *messages) open(s session) Entry {
	e := Entry{Pointer: printable(strings.ReplaceAll(s.evidence().Name, `\`, "/")), Time: m.began(s.meta)}
	if in := m.file(s.client); in != nil {
		m.client = in
		m.question = m.head(in)
		e.Method, e.URL = m.question.request()
	}
	if in := m.file(s.server); in != nil {
		m.server = in
		m.answer = m.head(in)
		e.Status = m.answer.status()
		_, err := in.Peek(1)
		e.HasBody = err == nil
	}
	return e
}

// file opens one file of a session.
func (m *messages) file(f *zip.File) *bufio.Reader {
	if f == nil {
		return nil
	}
	if f.Flags&encrypted != 0 {
		m.locked = true
		return nil
	}
	r, err := f.Open()
	if err != nil {
		m.note(err)
		return nil
	}
	m.closers = append(m.closers, r)
	return bufio.NewReaderSize(&counter{r, &m.read}, readSize)
}

func (m *messages) close() {
	for _, c := range m.closers {
		m.note(c.Close())
	}
}

// note keeps the first thing that went wrong.
func (m *messages) note(err error) {
	if m.err == nil && err != nil && err != io.EOF {
		m.err = err
	}
}

func (m *messages) head(in *bufio.Reader) head {
	h, err := readHead(in)
	m.note(err)
	return h
}

func (m *messages) body() string   { return m.content(m.answer, m.server) }
func (m *messages) posted() string { return m.content(m.question, m.client) }

func (m *messages) content(h head, in io.Reader) string {
	if in == nil {
		return ""
	}
	text, err := h.readBody(in)
	m.note(err)
	return text
}

// began is when the client began to ask. The file also holds flags that users may have put secrets into.
func (m *messages) began(meta *zip.File) time.Time {
	in := m.file(meta)
	if in == nil {
		return time.Time{}
	}
	var s struct {
		Timers struct {
			Begin     string `xml:"ClientBeginRequest,attr"`
			Connected string `xml:"ClientConnected,attr"`
		} `xml:"SessionTimers"`
	}
	// Without its time an entry is as good as with it.
	if err := xml.NewDecoder(io.LimitReader(in, maxHead)).Decode(&s); err != nil && !errors.Is(err, io.EOF) {
		return time.Time{}
	}
	for _, text := range []string{s.Timers.Begin, s.Timers.Connected} {
		if t := clock(text); t.Year() > 1970 { // the year 1 is a time that Fiddler does not know
			return t
		}
	}
	return time.Time{}
}

// counter adds up what is read.
type counter struct {
	r io.Reader
	n *int64
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	*c.n += int64(n)
	return n, err
}

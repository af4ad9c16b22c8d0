package main

import (
	"bufio"
	"cmp"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/prvgap/prvgap/analyzer"
	"github.com/prvgap/prvgap/analyzer/report"
	"github.com/prvgap/prvgap/catalog"
	"github.com/prvgap/prvgap/har"
)

// watch is a capture that is being analyzed while it goes on.
type watch struct {
	io       streams
	dialects []analyzer.Dialect
	opts     analyzer.Options
	keep     func(analyzer.Denial) bool
	name     string
	plain    bool

	evidence analyzer.Evidence
	told     map[string]toldFinding
	lines    int
	broke    string // why the capture is not whole, as far as that was told
	marks    marks
}

// toldFinding is what was said of a finding.
type toldFinding struct {
	depth  catalog.Depth
	status analyzer.Status
}

// add takes a batch in, and tells what is new in it. A last one without entries takes in how the capture ended.
func (w *watch) add(batch []har.Entry, info func() har.Info) {
	got, _ := analyzer.Collect(w.name, all(batch), w.dialects, info) // a slice does not break
	w.evidence.Grow(got)
	if c := got.Captures[0]; !c.Complete && c.Problem != w.broke {
		w.broke = c.Problem
		complain(w.io, errors.New(c.Problem)) // while something can still be done about a full disk
	}
	kept := got.Keep(w.keep).Denials
	// Without a new denial nothing new can be found.
	if !w.plain || len(kept) == 0 {
		return
	}
	for _, d := range kept {
		w.tellDenial(d)
	}
	a := w.analyze()
	for _, f := range a.Findings {
		w.tellFinding(f, a.Denials)
	}
}

// all is a batch as a capture.
func all(entries []har.Entry) iter.Seq2[har.Entry, error] {
	return func(yield func(har.Entry, error) bool) {
		for _, e := range entries {
			if !yield(e, nil) {
				return
			}
		}
	}
}

// analyze analyzes what was seen up to now.
func (w *watch) analyze() analyzer.Analysis {
	return analyzer.Analyze(analyzer.Merge(w.evidence).Keep(w.keep), w.opts)
}

// line tells one thing about a denial, on one line whatever the text is: it comes from servers.
func (w *watch) line(d analyzer.Denial, format string, args ...any) {
	w.lines++
	text := strings.Join(strings.Fields(printable(fmt.Sprintf(format, args...))), " ")
	if runes := []rune(text); len(runes) > 240 {
		text = string(runes[:239]) + "…"
	}
	if d.Mark != "" {
		text += "  [" + printable(d.Mark) + "]"
	}
	fmt.Fprintf(w.io.out, "%s  %s\n", d.Time.UTC().Format("15:04:05"), text)
}

// tellDenial tells a refusal in the platform's own words.
func (w *watch) tellDenial(d analyzer.Denial) {
	path := d.URL
	if _, rest, ok := strings.Cut(path, "://"); ok {
		_, path, _ = strings.Cut(rest, "/")
		path = "/" + path
	}
	message := d.Message
	if message == "" {
		message = "no body"
	}
	w.line(d, "denied %d %s %s: %s", d.Status, d.Method, path, message)
}

// tellFinding tells a finding that is new, or that is deeper than it was.
func (w *watch) tellFinding(f analyzer.Finding, denials []analyzer.Denial) {
	now := toldFinding{f.Depth, f.Status}
	if w.told[f.Privilege.Name] == now {
		return
	}
	w.told[f.Privilege.Name] = now
	w.line(denials[f.Denials[len(f.Denials)-1]], "%s %s %s → %s", f.Status, f.Privilege.Name, f.Privilege.LevelSymbol(f.Held), report.LevelWords(f))
}

// marks name the parts of a capture by what the user did.
type marks struct {
	mu   sync.Mutex
	list []mark
}

type mark struct {
	name string
	from time.Time
}

func (m *marks) set(name string, from time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.list = append(m.list, mark{name, from})
}

// read takes each line as a mark.
func (m *marks) read(r io.Reader) {
	lines := bufio.NewReader(r)
	whole := true
	for {
		part, more, err := lines.ReadLine()
		// Of a line too long to be a name the beginning will do.
		if name := strings.TrimSpace(string(part)); whole && name != "" {
			m.set(name, time.Now())
		}
		if err != nil {
			return
		}
		whole = !more
	}
}

// at returns the mark under which something happened.
func (m *marks) at(when time.Time) string {
	m.mu.Lock()
	defer m.mu.Unlock()
	name := ""
	for _, k := range m.list {
		// The browser counts in milliseconds.
		if !k.from.Truncate(time.Millisecond).After(when) {
			name = k.name
		}
	}
	return name
}

// savedFile is a file that grows while the capture goes on. A file that is to be replaced stays until there is
// something to replace it with. It may be nil.
type savedFile struct {
	*os.File
	fresh   bool // it was not there before
	started bool
	broken  error // of writing
}

// openSaved opens the file before the browser is started, so that a folder that cannot be written to is told in time.
// Only the owner may read it: refusals name people and records.
func openSaved(path string, overwrite bool) (*savedFile, error) {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err == nil {
		return &savedFile{File: f, fresh: true}, nil
	}
	if overwrite && os.IsExist(err) {
		f, err = os.OpenFile(path, os.O_WRONLY, 0)
	}
	if err != nil {
		return nil, fmt.Errorf("saving to %s: %w", path, cause(err))
	}
	return &savedFile{File: f}, nil
}

// Write empties a file that was there before the first time.
func (s *savedFile) Write(p []byte) (int, error) {
	if !s.started {
		s.started = true
		s.broken = s.Truncate(0)
	}
	if s.broken != nil {
		return 0, s.broken
	}
	n, err := s.File.Write(p)
	s.broken = err
	return n, err
}

// discard leaves things as they were before.
func (s *savedFile) discard() {
	if s == nil {
		return
	}
	s.Close()
	if s.fresh {
		os.Remove(s.Name())
	}
}

func (s *savedFile) close(io streams) {
	if s == nil {
		return
	}
	if err := cmp.Or(s.Close(), s.broken); err != nil {
		complain(io, fmt.Errorf("%s is incomplete: %w", s.Name(), cause(err)))
		return
	}
	fmt.Fprintf(io.err, "saved %s\n", s.Name())
}

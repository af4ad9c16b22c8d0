package tui

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	tea "github.com/charmbracelet/bubbletea"

	"github.com/prvgap/prvgap/analyzer"
)

// saver writes sessions beside the screen. Only the newest counts: while one is
// being written, those that were overtaken are skipped.
type saver struct {
	mu      sync.Mutex
	save    func([]byte) error
	ignore  func([]analyzer.Ignore, []string) (string, error)
	version int
	known   map[string]string // privileges that this program put into the ignore file
	last    string            // what it put there last
}

// newSaver takes what the session ignores already for written.
func newSaver(cfg Config) *saver {
	s := &saver{save: cfg.Save, ignore: cfg.WriteIgnore, version: -1, known: map[string]string{}}
	d := desk{session: cfg.Session}
	s.last = s.note(d.ignores())
	return s
}

// note remembers what is ignored, and returns it as one text to compare.
func (s *saver) note(list []analyzer.Ignore) string {
	for _, ig := range list {
		s.known[strings.ToLower(ig.Privilege)] = ig.Privilege
	}
	return fmt.Sprintf("%q", list)
}

// later returns the command that saves the desk as it is now.
func (s *saver) later(d *desk) tea.Cmd {
	version, session, ignores := d.version, d.session.clone(), d.ignores()
	return func() tea.Msg {
		file, err := s.write(version, session, ignores)
		return savedMsg{file, err}
	}
}

// write saves a session, and the ignore file if what it should hold changed.
func (s *saver) write(version int, session Session, ignores []analyzer.Ignore) (file string, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if version <= s.version {
		return "", nil
	}
	if s.save != nil {
		if err := s.save(session.encode()); err != nil {
			return "", err
		}
	}
	s.version = version
	now := s.note(ignores)
	if now == s.last || s.ignore == nil {
		return "", nil
	}
	drop := maps.Clone(s.known)
	for _, ig := range ignores {
		delete(drop, strings.ToLower(ig.Privilege))
	}
	file, err = s.ignore(ignores, slices.Sorted(maps.Values(drop)))
	if err == nil {
		s.last = now
	}
	return file, err
}

// Package tui is the interactive triage: the role form in a terminal, on which
// a person decides finding by finding what goes into the patch.
//
// It owns no rule: what is missing comes from the analyzer, and a decision only
// chooses among it. It opens no file: whatever it reads, saves, copies or
// writes goes through a function of its Config.
package tui

import (
	"context"
	"io"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"github.com/prvgap/prvgap/analyzer"
	"github.com/prvgap/prvgap/analyzer/role"
)

// Config is what a triage is given from outside.
type Config struct {
	Sources []Source
	Options analyzer.Options
	Keep    func(analyzer.Denial) bool // nil keeps all
	Bases   []string                   // the names of Options.Bases, as they were given
	Notes   []string                   // what to tell at the start
	Partial bool                       // an input could not even be opened

	Session     Session
	SessionName string // where it is saved, "" for nowhere
	Author      string
	Now         func() time.Time

	Color, ASCII, Mouse bool

	Save        func(session []byte) error
	WriteIgnore func(set []analyzer.Ignore, drop []string) (file string, err error)
	OpenRole    func(name string) (role.Role, error)
	Forms       []Form
	Patch       func(Request) (Patch, error)
	Write       func(path string, data []byte, overwrite bool) error
	Copy        func(text string) (how string, err error)
}

// Form is one form of a patch.
type Form struct {
	Name, About string
	Dialect     string // of the bases that it is for
	NeedsBase   bool
	NeedsFile   bool                        // of the base, which a bundled one has not
	Overwrites  bool                        // it is meant to take the place of the base's own file
	Readable    bool                        // made to be looked at: offered first as a preview
	Path        func(bases []string) string // that it is written to unless another is typed
}

// Request asks for a patch of what is accepted.
type Request struct {
	Form     string
	Bases    []string
	Options  analyzer.Options
	Analysis analyzer.Analysis // its proposal holds what was accepted
	Left     []int             // denials that are left unanswered on purpose
}

// Patch is a patch that was made and not yet written.
type Patch struct {
	Data   []byte
	Binary bool
	Next   string // what to do with the file
}

// Outcome is what a triage ended with.
type Outcome struct {
	Analysis analyzer.Analysis // as decided
	Gap      bool              // whether the evidence showed one
	Print    bool              // the report is to be left on the screen
	Partial  bool              // an input could not be read, or the reading was cut short
}

// Run runs a triage on a terminal until the person leaves it.
func Run(ctx context.Context, cfg Config, in io.Reader, out io.Writer) (Outcome, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	m := newModel(ctx, cfg)
	opts := []tea.ProgramOption{tea.WithContext(ctx), tea.WithInput(in), tea.WithOutput(out), tea.WithAltScreen()}
	if cfg.Mouse {
		opts = append(opts, tea.WithMouseCellMotion())
	}
	_, err := tea.NewProgram(m, opts...).Run()
	cancel()
	m.reader.close()
	if saveErr := m.flush(); err == nil {
		err = saveErr
	}
	return m.outcome(), err
}

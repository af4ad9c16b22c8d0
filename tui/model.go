package tui

import (
	"context"
	"fmt"
	"time"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"

	"github.com/prvgap/prvgap/analyzer"
	"github.com/prvgap/prvgap/analyzer/report"
	"github.com/prvgap/prvgap/har"
)

// overlay is what is laid over the main screen and takes its keys.
type overlay interface {
	press(m *model, k tea.KeyMsg) tea.Cmd
	// lines draws it for a width and no more lines than high. Fewer cover the
	// lower part of the screen only.
	lines(m *model, width, high int) []string
	keys(m *model) []key.Binding
}

// model is the program. Update is the only place that changes it.
type model struct {
	cfg    Config
	desk   *desk
	pile   *pile
	reader *reader
	saver  *saver
	look   look
	acts   []action
	keys   overKeys

	width, height int
	screen        screen

	reading   bool
	analyzing bool
	stale     bool          // evidence came that no analysis has seen
	due       bool          // a message is on its way that has it analyzed
	took      time.Duration // by the last analysis
	ended     time.Time     // of the last analysis
	partial   bool

	live   *Live  // the capture that goes on, or nil
	mark   string // under which it goes on
	news   news
	newest int    // entry from which on the analysis holds new evidence, or none
	lost   int    // bodies that it could not get
	broke  string // why it is not whole, "" while it is
	ending bool   // it is being ended, and the program with it

	cells   map[string]cells // what the bases hold, by table
	others  []other
	tabs    []tab
	built   int // how many items the tabs were made of
	listing bool
	sorting order
	filter  string
	tab     string           // name of the chosen tab
	home    string           // the one before there was a filter
	places  map[string]place // of the cursor, by tab
	drawn   drawn            // the detail of what the cursor is on

	over    overlay
	touched bool // a person is at work: the cursor stays with what it is on
	status  string
	bad     bool // the status is a problem
	private bool
	mouse   bool
	written int // desk version that the last written patch holds
	print   bool
	quits   bool
}

// newModel works on a copy of the session, so that the caller's stays as it was read.
func newModel(ctx context.Context, cfg Config) *model {
	if cfg.Session.decisions == nil {
		cfg.Session = NewSession()
	}
	m := &model{
		cfg:     cfg,
		desk:    newDesk(cfg.Session.clone(), cfg.Now, cfg.Author),
		pile:    newPile(),
		reader:  &reader{ctx: ctx, sources: cfg.Sources, dialects: cfg.Options.Dialects, keep: cfg.Keep, now: cfg.Now},
		saver:   newSaver(cfg),
		look:    newLook(cfg.Color, cfg.ASCII),
		acts:    actions(),
		keys:    newOverKeys(),
		places:  map[string]place{},
		reading: true,
		mouse:   cfg.Mouse,
		written: -1,
		partial: cfg.Partial,
		newest:  none,
	}
	for _, s := range cfg.Sources {
		if s.Live != nil {
			m.live, m.mark = s.Live, har.CleanMark(s.Live.Marked)
		}
	}
	if len(cfg.Notes) > 0 {
		m.tell(cfg.Notes[len(cfg.Notes)-1])
	}
	return m
}

// Messages of commands that came to their end.
type (
	analyzedMsg struct {
		analysis analyzer.Analysis
		cells    map[string]cells
		took     time.Duration
		newest   int
	}
	dueMsg   struct{} // the keys have had their time since the last analysis
	savedMsg struct {
		file string // the ignore file, where it was written too
		err  error
	}
	doneMsg func(*model) tea.Cmd // of a command that has more to do
)

// Init starts reading.
func (m *model) Init() tea.Cmd { return m.pull }

func (m *model) pull() tea.Msg { return m.reader.pull() }

// Update routes a message to whoever it is for.
func (m *model) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	var cmd tea.Cmd
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		m.width, m.height = msg.Width, msg.Height
	case tea.KeyMsg:
		cmd = m.hear(msg)
	case tea.MouseMsg:
		cmd = m.click(msg)
	case batch:
		cmd = m.take(msg)
	case analyzedMsg:
		cmd = m.analyzed(msg)
	case dueMsg:
		m.due = false
		cmd = m.catchUp()
	case savedMsg:
		m.saved(msg)
	case doneMsg:
		cmd = msg(m)
	}
	m.settle()
	return m, cmd
}

// hear takes letters one by one that were typed so fast that they came as one
// message; what was pasted is text for an input, never a row of keys.
func (m *model) hear(k tea.KeyMsg) tea.Cmd {
	if k.Paste || len(k.Runes) < 2 {
		if _, typing := m.over.(*prompt); k.Paste && !typing {
			return nil
		}
		return m.press(k)
	}
	var cmds []tea.Cmd
	for _, r := range k.Runes {
		one := k
		one.Runes = []rune{r}
		if r == ' ' {
			one.Type = tea.KeySpace
		}
		cmds = append(cmds, m.press(one))
		m.settle()
	}
	return tea.Batch(cmds...)
}

// press gives a key to the overlay, or to the action that it stands for. Below
// the floor only leaving is possible: nobody should decide what they cannot see.
func (m *model) press(k tea.KeyMsg) tea.Cmd {
	switch {
	case key.Matches(k, m.keys.leave):
		return m.leave()
	case m.ending:
		return nil
	}
	m.touched = true
	if m.over != nil && !m.screen.small {
		return m.over.press(m, k)
	}
	for _, a := range m.acts {
		if !key.Matches(k, a.Binding) {
			continue
		}
		if !a.valid(m) {
			m.tell(a.Help().Key + ": " + a.Help().Desc + " is not possible here")
			continue
		}
		if m.screen.small && a.group != "leave" {
			return nil
		}
		m.tell("")
		return a.do(m)
	}
	return nil
}

// take takes a batch in and asks for the next one.
func (m *model) take(b batch) tea.Cmd {
	if b.done {
		m.reading = false
		if m.live != nil && !m.ending {
			m.liveEnded()
		}
		return m.analyze()
	}
	if b.err != nil {
		m.partial = true
		m.fail(b.err)
	}
	m.pile.add(b)
	if m.live != nil {
		m.lost = b.lost
		m.tellBreak(b.evidence.Captures)
		m.news.add(b.evidence.Denials, m.cfg.Now())
	}
	m.stale = m.stale || len(b.evidence.Denials) > 0 || b.err != nil
	return tea.Batch(m.pull, m.catchUp())
}

// catchUp analyzes what no analysis has seen, in time: an analysis must leave
// most of it to the reading and the keys. Nothing else may come for long, so it
// reminds itself.
func (m *model) catchUp() tea.Cmd {
	if !m.stale || m.analyzing || m.due {
		return nil
	}
	if wait := 4*m.took - m.cfg.Now().Sub(m.ended); wait > 0 {
		m.due = true
		return tea.Tick(wait, func(time.Time) tea.Msg { return dueMsg{} })
	}
	return m.analyze()
}

// analyze analyzes all evidence so far beside the screen. There is one at a
// time; what comes meanwhile is seen by the next.
func (m *model) analyze() tea.Cmd {
	if m.analyzing {
		m.stale = true
		return nil
	}
	m.analyzing, m.stale = true, false
	parts, opts, now, newest := m.pile.snapshot(), m.cfg.Options, m.cfg.Now, m.news.from()
	return func() tea.Msg {
		start := now()
		a := analyzer.Analyze(analyzer.Merge(parts...), opts)
		return analyzedMsg{a, formCells(a, opts.Bases), now().Sub(start), newest}
	}
}

// analyzed takes an analysis in. What came while it was made asks for the next
// one, at the end at once.
func (m *model) analyzed(msg analyzedMsg) tea.Cmd {
	m.analyzing, m.took, m.ended = false, msg.took, m.cfg.Now()
	m.cells, m.newest = msg.cells, msg.newest
	m.desk.analyzed(msg.analysis)
	m.others = othersOf(m.desk)
	m.rebuild()
	switch {
	case m.stale && !m.reading:
		return m.analyze()
	case m.ending && !m.reading:
		return m.leave()
	}
	return m.catchUp()
}

// changed does what every decision asks for: rows and a saved session. Rows
// point at items, so they stay unless there are more items, or a decision has a
// say in which are shown and in what order.
func (m *model) changed() tea.Cmd {
	if m.filter != "" || m.listing || len(m.desk.items) != m.built {
		m.rebuild()
	}
	return m.saver.later(m.desk)
}

// saved tells of a failure; that it went well, nobody needs to know.
func (m *model) saved(msg savedMsg) {
	switch {
	case msg.err != nil:
		m.fail(fmt.Errorf("not saved: %w", msg.err))
	case msg.file != "":
		m.tell(m.status + " · ignore file " + msg.file)
	}
}

// flush saves what is not saved yet.
func (m *model) flush() error {
	if len(m.desk.done)+len(m.desk.undone) == 0 {
		return nil
	}
	_, err := m.saver.write(m.desk.version, m.desk.session, m.desk.ignores())
	return err
}

// outcome counts a reading that was left as partial.
func (m *model) outcome() Outcome {
	return Outcome{
		Analysis: m.desk.decided(),
		Gap:      len(m.desk.analysis.Proposal.Grants) > 0,
		Print:    m.print,
		Partial:  m.partial || m.reading || m.analyzing,
	}
}

// tell echoes what was done in the status line.
func (m *model) tell(s string) { m.status, m.bad = report.Plain(s), false }

func (m *model) fail(err error) { m.status, m.bad = report.Plain(err.Error()), true }

// say is tell for an action without more to do.
func (m *model) say(format string, args ...any) tea.Cmd {
	m.tell(fmt.Sprintf(format, args...))
	return nil
}

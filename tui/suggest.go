package tui

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"

	"github.com/prvgap/prvgap/analyzer"
	"github.com/prvgap/prvgap/analyzer/report"
	"github.com/prvgap/prvgap/catalog"
)

// offer is a privilege that nothing denied, and that usually comes with others.
type offer struct {
	finding analyzer.Finding
	because string
	taken   bool
}

// opener is how the predefined role is called by its makers.
const opener = "App Opener"

// offers returns the usual company of what is accepted: the rest of a feature's
// needs, the other side of a lookup, and the base app role. What the base
// holds or a finding is about already is not among it.
func (d *desk) offers() []offer {
	o := offering{desk: d, cat: d.analysis.Facts.Catalog(), seen: map[string]bool{}}
	for _, it := range d.items {
		if it.state != accepted || it.company {
			continue
		}
		for _, feature := range it.finding.RequiredFor {
			for _, n := range o.cat.Bundle(feature) {
				if !n.Hidden {
					o.add(n.Privilege, n.Depth, "the rest of: "+feature)
				}
			}
		}
		o.lookups(it)
	}
	for _, it := range d.items {
		if _, ok := o.cat.AppOpener(it.finding.Privilege.Name); ok && it.state == accepted {
			for name, depth := range o.cat.Predefined(opener) {
				o.add(name, depth, "the rest of the role "+opener)
			}
			break
		}
	}
	return o.list
}

type offering struct {
	*desk
	cat  *catalog.Catalog
	seen map[string]bool
	list []offer
}

// add offers a privilege once, for the first reason that is found.
func (o *offering) add(privilege string, depth catalog.Depth, because string) {
	key := strings.ToLower(privilege)
	if o.seen[key] {
		return
	}
	o.seen[key] = true
	if i, ok := o.at[key]; ok && !o.items[i].company {
		return
	}
	p, known := o.cat.Privilege(privilege)
	if !known || p.Section == catalog.Hidden {
		return
	}
	f, ok := companion(o.cat, privilege, depth, o.holds(privilege))
	if !ok {
		return
	}
	at, there := o.at[key]
	o.list = append(o.list, offer{f, because, there && o.items[at].state == accepted})
}

// lookups offers the right on the other table of a link: Append on the one is
// nothing without Append To on the other. Which table that is, only the
// addresses of the refused requests can tell.
func (o *offering) lookups(it item) {
	p := it.finding.Privilege
	other := map[catalog.Action]catalog.Action{catalog.Append: catalog.AppendTo, catalog.AppendTo: catalog.Append}[p.Action]
	if other == catalog.NoAction {
		return
	}
	for _, i := range it.finding.Denials[:min(len(it.finding.Denials), mostDenials)] {
		for _, part := range strings.FieldsFunc(o.analysis.Denials[i].URL, func(r rune) bool { return strings.ContainsRune("/()?$", r) }) {
			t, ok := o.cat.TableBySet(part)
			if !ok || strings.EqualFold(t.Name, p.Table) {
				continue
			}
			if q, ok := o.cat.ByTable(t.Name, other); ok {
				o.add(q.Name, it.depth, fmt.Sprintf("the other side of %s", p.Name))
			}
		}
	}
}

// company is the pane that offers them.
type company struct {
	list []offer
	at   int
}

// suggest opens the pane.
func (m *model) suggest() tea.Cmd {
	list := m.desk.offers()
	words := strings.Fields(strings.ToLower(m.filter))
	list = slices.DeleteFunc(list, func(o offer) bool {
		return !holdsAll(strings.ToLower(o.finding.Privilege.Name+" "+o.finding.Privilege.Label+" "+o.because), words)
	})
	if len(list) == 0 {
		return m.say("nothing usually comes with what is accepted that is not there already")
	}
	slices.SortStableFunc(list, func(a, b offer) int { return cmp.Compare(a.because, b.because) })
	m.over = &company{list: list}
	return nil
}

func (c *company) press(m *model, k tea.KeyMsg) tea.Cmd {
	switch {
	case key.Matches(k, m.keys.toggle):
		return c.toggle(m)
	case key.Matches(k, m.keys.close), key.Matches(k, m.keys.choose):
		m.over = nil
	case key.Matches(k, m.keys.up):
		c.at--
	case key.Matches(k, m.keys.down):
		c.at++
	case key.Matches(k, m.keys.pgDown):
		c.at += m.screen.body - 2
	case key.Matches(k, m.keys.pgUp):
		c.at -= m.screen.body - 2
	}
	c.at = max(0, min(c.at, len(c.list)-1))
	return nil
}

// toggle accepts a privilege without evidence, or drops it again.
func (c *company) toggle(m *model) tea.Cmd {
	o := &c.list[c.at]
	name := o.finding.Privilege.Name
	o.taken = !o.taken
	m.desk.take(m.desk.withCompany(*o))
	if o.taken {
		m.tell("+ " + name + " " + o.finding.Depth.Label() + " accepted · not in evidence")
	} else {
		m.tell("x " + name + " dropped")
	}
	return m.changed()
}

// withCompany is the step that accepts or drops an offer.
func (d *desk) withCompany(o offer) step {
	key := strings.ToLower(o.finding.Privilege.Name)
	var before *Decision
	if old, ok := d.session.decisions[key]; ok {
		before = &old
	}
	if !o.taken {
		return step{"- " + o.finding.Privilege.Name, []change{{key, before, nil}}}
	}
	return step{"+ " + o.finding.Privilege.Name + " (not in evidence)", []change{{key, before, &Decision{
		Privilege: o.finding.Privilege.Name, Verb: Accept, Depth: o.finding.Depth, Asked: o.finding.Depth, Company: true,
		Reason: o.because, Author: d.author, At: d.now(),
	}}}}
}

// lines draws the offers by reason, each with an empty box at first.
func (c *company) lines(m *model, width, high int) []string {
	lines := []string{
		m.rule("suggested company: NOT IN EVIDENCE", width),
		" Nothing here was refused. It usually comes with what is accepted; take only what you know is needed.",
	}
	room := max(1, high-len(lines))
	top := max(0, c.at-room/2)
	because := ""
	for i := top; i < len(c.list) && len(lines) < high; i++ {
		o := c.list[i]
		if o.because != because {
			because = o.because
			lines = append(lines, " "+m.look.dim.Render(m.text(because)))
		}
		box, pointer := "[ ] ", "  "
		if o.taken {
			box = m.look.bad.Render("["+m.look.sign("▲", "^")+"]") + " "
		}
		if i == c.at {
			pointer = m.look.bold.Render("▸ ")
		}
		f := o.finding
		label := short(report.RowLabel(f)) + " " + report.Column(f)
		lines = append(lines, pointer+box+fit(label, min(44, width-36))+" "+m.look.depth(f.Held)+m.look.sign("→", ">")+m.look.depth(f.Depth)+" "+f.Depth.Label())
	}
	for len(lines) < high {
		lines = append(lines, "")
	}
	return lines[:min(high, len(lines))]
}

func (c *company) keys(m *model) []key.Binding {
	return []key.Binding{m.keys.toggle, m.keys.up, m.keys.pgDown, m.keys.close}
}

package tui

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"

	"github.com/prvgap/prvgap/analyzer"
	"github.com/prvgap/prvgap/analyzer/report"
)

// talk is the triage as a dialogue, line by line: for screen readers, and for
// whoever pipes the answers in.
type talk struct {
	*model
	in  *bufio.Scanner
	out io.Writer
}

// Plain runs the triage without a screen.
func Plain(ctx context.Context, cfg Config, in io.Reader, out io.Writer) (Outcome, error) {
	cfg.ASCII, cfg.Color = true, false
	t := talk{newModel(ctx, cfg), bufio.NewScanner(in), out}
	defer t.reader.close()
	for _, n := range cfg.Notes {
		t.line("%s", n)
	}
	for {
		b := t.reader.pull()
		if b.done {
			break
		}
		if b.err != nil {
			t.partial = true
			t.line("problem: %v", b.err)
		}
		t.pile.add(b)
	}
	if err := ctx.Err(); err != nil {
		return t.outcome(), err
	}
	t.reading = false
	t.desk.analyzed(analyzer.Analyze(analyzer.Merge(t.pile.snapshot()...), cfg.Options))
	err := t.all()
	if saveErr := t.flush(); err == nil {
		err = saveErr
	}
	return t.outcome(), err
}

func (t talk) line(format string, args ...any) {
	fmt.Fprintln(t.out, escape(fmt.Sprintf(format, args...)))
}

// answer asks and reads a line; ok is false at the end of the input.
func (t talk) answer(question string) (string, bool) {
	fmt.Fprint(t.out, escape(question)+" ")
	if !t.in.Scan() {
		return "", false
	}
	return strings.TrimSpace(t.in.Text()), true
}

// all goes through the findings in the form's order, then offers the patch.
func (t talk) all() error {
	total := len(t.desk.items) - t.desk.count(held)
	n := 0
	for i := range t.desk.items {
		if t.desk.items[i].state == held {
			continue
		}
		n++
		more, err := t.item(i, fmt.Sprintf("item %s of %s", report.Number(n), report.Number(total)))
		if err != nil || !more {
			return err
		}
	}
	t.line("%s", report.Report{Analysis: t.desk.decided()}.Summary())
	return t.patch()
}

// item asks about one finding until it is decided; more is false where the
// person ends the dialogue.
func (t talk) item(i int, number string) (more bool, err error) {
	for {
		it := t.desk.items[i]
		f := it.finding
		t.line("")
		t.line("%s: %s, %s, %s to %s, %s", number, strings.TrimSpace(report.RowLabel(f)+" "+report.Column(f)), report.Place(f), f.Privilege.LevelLabel(f.Held), f.Privilege.LevelLabel(it.depth), stateWords(it))
		t.line("why: %s. seen %s", report.Reasons(f), report.Count(len(f.Denials), "time"))
		for _, a := range f.Advice {
			t.line("advice: %s", report.AdviceWords(a))
		}
		word, ok := t.answer("1 as it is, 2 accept, 3 reject, 4 ignore, 5 defer, 6 deeper, 7 shallower, 8 messages, 0 finish:")
		if !ok {
			return false, nil
		}
		switch word {
		case "", "1":
			return true, nil
		case "2":
			return true, t.decide(it, "+", verb(Accept))
		case "3":
			return true, t.decide(it, "x", verb(Reject))
		case "4":
			reason, ok := t.answer("because:")
			if !ok || reason == "" {
				t.line("a reason is needed")
				continue
			}
			return true, t.decide(it, "i", ignoring(reason, it.until))
		case "5":
			return true, t.decide(it, "~", verb(Defer))
		case "6", "7":
			err = t.step(it, word == "6")
		case "8":
			for _, l := range t.denials(f.Denials, 100) {
				t.line("%s", l)
			}
		case "0", "q":
			return false, nil
		default:
			t.line("answer with a number from 0 to 8")
		}
		if err != nil {
			return false, err
		}
	}
}

// step goes one legal depth on, or says that there is none.
func (t talk) step(it item, deeper bool) error {
	to, can := it.nextDepth(deeper)
	if !can {
		t.line("there is no such level")
		return nil
	}
	now := it
	now.depth = to
	return t.decide(it, to.Label()+warning(now), atDepth(to))
}

// decide decides, and saves at once.
func (t talk) decide(it item, what string, how func(item, Decision) Decision) error {
	t.desk.decide(what, []string{it.key()}, how)
	now := t.desk.items[t.desk.at[it.key()]]
	t.line("%s %s: %s", what, it.finding.Privilege.Name, stateWords(now))
	return t.flush()
}

// patch offers the forms by number.
func (t talk) patch() error {
	if !t.canPatch() {
		return nil
	}
	forms := t.forms()
	for i, f := range forms {
		t.line("%d %s: %s", i+1, f.Name, f.About)
	}
	word, _ := t.answer("write which form, 0 for none:")
	var n int
	if _, err := fmt.Sscan(word, &n); err != nil || n < 1 || n > len(forms) {
		return nil
	}
	f := forms[n-1]
	name, ok := t.answer("to which file, empty for " + f.Path(t.cfg.Bases) + ":")
	if !ok {
		return nil
	}
	if name == "" {
		name = f.Path(t.cfg.Bases)
	}
	p, err := t.cfg.Patch(t.request(f.Name))
	if err != nil {
		return err
	}
	err = t.cfg.Write(name, p.Data, false)
	if errors.Is(err, fs.ErrExist) {
		if word, _ := t.answer(name + " is there already; replace it? yes or no:"); word == "yes" {
			err = t.cfg.Write(name, p.Data, true)
		}
	}
	if err == nil {
		t.line("wrote %s. %s", name, p.Next)
	}
	return err
}

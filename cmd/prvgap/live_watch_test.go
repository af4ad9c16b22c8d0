package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/prvgap/prvgap/har"
)

// TestMarksRead: a line too long for a mark does not end the marks.
func TestMarksRead(t *testing.T) {
	var m marks
	m.read(strings.NewReader("first\n\n" + strings.Repeat("x", 100_000) + "\n  last \r\nunended"))
	var names []string
	for _, k := range m.list {
		names = append(names, har.CleanMark(k.name))
	}
	if len(names) != 4 || names[0] != "first" || !strings.HasPrefix(names[1], "xxx") || names[2] != "last" || names[3] != "unended" {
		t.Errorf("marks %q", names)
	}
	if got := m.at(time.Now()); got != "unended" {
		t.Errorf("now is %q", got)
	}
}

// TestSavingBreaks: that the file lacks what comes is told when it happens, once, and the file is not called saved.
func TestSavingBreaks(t *testing.T) {
	var errs bytes.Buffer
	w := &watch{io: streams{err: &errs}, name: "live"}
	info := har.Info{Complete: true, Problem: "1 wanted response body could not be had"}
	w.add(nil, func() har.Info { return info })
	if errs.Len() > 0 {
		t.Errorf("told without need: %s", &errs)
	}
	info = har.Info{Problem: "saving broke off"}
	w.add(nil, func() har.Info { return info })
	w.add(nil, func() har.Info { return info })
	if got := errs.String(); got != "prvgap: saving broke off\n" {
		t.Errorf("told %q", got)
	}

	path := filepath.Join(t.TempDir(), "full.har")
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(path) // to read, so that writing fails
	if err != nil {
		t.Fatal(err)
	}
	s := &savedFile{File: f, started: true}
	if _, err := s.Write([]byte("x")); err == nil {
		t.Fatal("what cannot be written was")
	}
	errs.Reset()
	s.close(streams{err: &errs})
	if got := errs.String(); strings.Contains(got, "saved ") || !strings.Contains(got, "full.har is incomplete") {
		t.Errorf("told %q", got)
	}
}

package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestMain lets the transcripts run this program as the command prvgap, with a
// fixed clock and version.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"prvgap": func() {
			s := system()
			s.version, s.piped, s.width, s.color, s.progress = "v0.0.0-test", true, 0, false, false
			s.now = time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC)
			os.Exit(run(os.Args[1:], s))
		},
	})
}

// TestScripts runs the transcripts in testdata/script: what the program
// promises at its edges. UPDATE_SCRIPTS=1 rewrites
// what they expect.
func TestScripts(t *testing.T) {
	shared, err := filepath.Abs("../../testdata")
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Dir:           "testdata/script",
		UpdateScripts: os.Getenv("UPDATE_SCRIPTS") != "",
		Setup: func(env *testscript.Env) error {
			env.Setenv("TESTDATA", shared)
			env.Setenv("GORACE", os.Getenv("GORACE"))
			return os.Symlink(shared, filepath.Join(env.WorkDir, "testdata"))
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"columns": columns,
		},
	})
}

// columns checks that no line of the last output is wider than its argument;
// `! columns` is not a thing.
func columns(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: columns N")
	}
	limit := len(args[0]) // given as a ruler, so that it can be seen
	for line := range strings.SplitSeq(ts.ReadFile("stdout"), "\n") {
		if n := len([]rune(line)); n > limit {
			ts.Fatalf("%d columns: %s", n, line)
		}
	}
}

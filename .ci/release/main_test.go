package main

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"context"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
)

var packable = []file{{"prvgap", bytes.Repeat([]byte("program "), 9999), true}, {"man/prvgap.1", []byte(".TH"), false}, {"README.md", []byte("# x"), false}}

// TestPack: archives of the same files are the same bytes, whatever the order,
// and hold the files in order with mode, time and owner as promised.
func TestPack(t *testing.T) {
	other := slices.Clone(packable)
	slices.Reverse(other)
	for name, pack := range map[string]func(string, []file) ([]byte, error){"zip": zipped, "tar": tarred} {
		one, err := pack("x", packable)
		if err != nil {
			t.Fatal(err)
		}
		if two, err := pack("x", other); err != nil || !bytes.Equal(one, two) {
			t.Errorf("%s: the order of files changed the archive (%v)", name, err)
		}
	}
	data, _ := tarred("x", packable)
	g, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	r := tar.NewReader(g)
	for _, want := range sorted(packable) {
		h, err := r.Next()
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(r)
		if err != nil || h.Name != "x/"+want.name || h.Mode != want.mode() || !h.ModTime.Equal(packed) || h.Uid != 0 || h.Uname != "" || !bytes.Equal(got, want.data) {
			t.Errorf("%+v with %d bytes (%v)", h, len(got), err)
		}
	}
	data, _ = zipped("x", packable)
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range sorted(packable) {
		if f := z.File[i]; f.Name != "x/"+want.name || !f.Modified.Equal(packed) || f.UncompressedSize64 != uint64(len(want.data)) {
			t.Errorf("%+v", f.FileHeader)
		}
	}
}

// TestVersion: what is no version builds nothing.
func TestVersion(t *testing.T) {
	for _, v := range []string{"", "1.2.3", "v1.2", "v1.2.3 -X main.x=y", "v1.2.3/../x"} {
		out := filepath.Join(t.TempDir(), "dist")
		if err := (release{version: v, source: "../..", out: out}).run(context.Background()); err == nil {
			t.Errorf("%q is taken for a version", v)
		}
		if _, err := os.Stat(out); err == nil {
			t.Errorf("%q left a folder", v)
		}
	}
}

// TestCommitted: a file that no commit holds stops a release before it builds.
func TestCommitted(t *testing.T) {
	r := release{version: "v0.0.1-test", source: t.TempDir(), out: filepath.Join(t.TempDir(), "dist")}
	file := filepath.Join(r.source, "main.go")
	copyFile(t, "main.go", file)
	if err := r.committed(t.Context()); err != nil {
		t.Errorf("without a repository: %v", err)
	}
	git := func(args ...string) {
		t.Helper()
		c := exec.Command("git", append([]string{"-C", r.source, "-c", "user.name=x", "-c", "user.email=x", "-c", "commit.gpgsign=false"}, args...)...)
		if out, err := c.CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
	}
	git("init", "-q")
	if err := r.run(t.Context()); err == nil || !strings.Contains(err.Error(), "?? main.go") {
		t.Errorf("a file that was never committed: %v", err)
	}
	git("add", ".")
	git("commit", "-q", "-m", "x")
	if err := r.committed(t.Context()); err != nil {
		t.Errorf("as committed: %v", err)
	}
	copyFile(t, "pack.go", file)
	if err := r.run(t.Context()); err == nil || !strings.Contains(err.Error(), " M main.go") {
		t.Errorf("a changed file: %v", err)
	}
}

// TestReproducible builds this machine's archive from two copies of the sources
// in different folders. It takes minutes with an empty cache, so it is asked for
// with PRVGAP_RELEASE=1; PRVGAP_RELEASE=all builds for every system.
func TestReproducible(t *testing.T) {
	asked := os.Getenv("PRVGAP_RELEASE")
	if asked == "" {
		t.Skip("PRVGAP_RELEASE=1 builds a release twice")
	}
	build := []string{runtime.GOOS + "/" + runtime.GOARCH}
	if asked == "all" {
		build = systems
	}
	listed, err := exec.Command("git", "-C", "../..", "ls-files", "-z", "--", "*.go", "go.mod", "go.sum", "README.md", "LICENSE", "catalog/data", "analyzer").Output()
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for _, folder := range []string{"one", "another/deeper"} {
		source := filepath.Join(t.TempDir(), folder)
		for name := range strings.SplitSeq(strings.TrimRight(string(listed), "\x00"), "\x00") {
			copyFile(t, filepath.Join("../..", name), filepath.Join(source, name))
		}
		out := filepath.Join(source, "dist")
		if err := (release{version: "v0.0.1-test", source: source, out: out, systems: build}).run(t.Context()); err != nil {
			t.Fatal(err)
		}
		data, err := os.ReadFile(filepath.Join(out, "SHA256SUMS"))
		if err != nil {
			t.Fatal(err)
		}
		found = append(found, string(data))
	}
	if found[0] != found[1] || strings.Count(found[0], "\n") != len(build) {
		t.Errorf("the sums differ:\n%s\n%s", found[0], found[1])
	}
	t.Logf("\n%s", found[0])
}

func copyFile(t *testing.T, from, to string) {
	t.Helper()
	data, err := os.ReadFile(from)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(to, data, 0o644); err != nil {
		t.Fatal(err)
	}
}

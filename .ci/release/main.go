// Command release builds prvgap for every system into archives with checksums.
// Run it from the top of the repository:
//
//	go run ./.ci/release v1.2.3
//
// The archives depend on the version, the sources and the Go version alone: not
// on the folder, the clock, the user or the machine. So anybody can build them
// again and compare SHA256SUMS. A working tree that differs from its commit is
// refused, for nobody else has it.
package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
)

// systems are what is built, as GOOS/GOARCH.
var systems = []string{"darwin/amd64", "darwin/arm64", "linux/amd64", "linux/arm64", "windows/amd64", "windows/arm64"}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	out := flag.String("o", "dist", "folder to write to")
	only := flag.String("only", strings.Join(systems, ","), "systems to build for, GOOS/GOARCH, with commas between")
	flag.Parse()
	if flag.NArg() != 1 {
		fmt.Fprintln(os.Stderr, "usage: go run ./.ci/release [-o DIR] [-only SYSTEMS] VERSION")
		os.Exit(2)
	}
	r := release{version: flag.Arg(0), source: ".", out: *out, systems: strings.Split(*only, ",")}
	if err := r.run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "release:", err)
		os.Exit(1)
	}
}

// release is one run.
type release struct {
	version string
	source  string // folder of the sources
	out     string // folder of the archives
	systems []string
}

var versionForm = regexp.MustCompile(`^v\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?$`)

// run builds everything first and writes then, so that a build that breaks
// leaves no half release behind.
func (r release) run(ctx context.Context) error {
	if !versionForm.MatchString(r.version) {
		return fmt.Errorf("version %q is not like v1.2.3", r.version)
	}
	if err := r.committed(ctx); err != nil {
		return err
	}
	temp, err := os.MkdirTemp("", "release-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(temp)
	common, err := r.documents(ctx, temp)
	if err != nil {
		return err
	}
	archives := map[string][]byte{}
	for _, system := range r.systems {
		if !slices.Contains(systems, system) {
			return fmt.Errorf("system %q is none of %s", system, strings.Join(systems, ", "))
		}
		name, data, err := r.archive(ctx, temp, system, common)
		if err != nil {
			return err
		}
		archives[name] = data
		fmt.Fprintf(os.Stderr, "%s, %.1f MB\n", name, float64(len(data))/1e6)
	}
	archives["SHA256SUMS"] = sums(archives)
	if err := os.MkdirAll(r.out, 0o755); err != nil {
		return err
	}
	for name, data := range archives {
		if err := os.WriteFile(filepath.Join(r.out, name), data, 0o644); err != nil {
			return err
		}
	}
	fmt.Fprintf(os.Stderr, "built with %s\n", runtime.Version())
	return nil
}

// committed refuses sources that no commit holds. Where there is no repository,
// as in an unpacked archive, there is nothing to hold them against.
func (r release) committed(ctx context.Context) error {
	if _, err := os.Stat(filepath.Join(r.source, ".git")); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	var changed bytes.Buffer
	c := exec.CommandContext(ctx, "git", "status", "--porcelain")
	c.Dir, c.Stdout = r.source, &changed
	if err := ran(c, "asking git what has changed"); err != nil {
		return err
	}
	if changed.Len() > 0 {
		return fmt.Errorf("these files differ from the commit, so nobody could build the same again; commit or stash them first\n%s", bytes.TrimRight(changed.Bytes(), "\n"))
	}
	return nil
}

// build builds prvgap for a system and returns the path of the program.
func (r release) build(ctx context.Context, temp, system string) (string, error) {
	goos, goarch, _ := strings.Cut(system, "/")
	path, err := filepath.Abs(filepath.Join(temp, goos+"-"+goarch))
	if err != nil {
		return "", err
	}
	if _, err := os.Stat(path); err == nil {
		return path, nil // the one that wrote the manual
	}
	c := exec.CommandContext(ctx, "go", "build", "-trimpath", "-buildvcs=false", "-mod=readonly",
		"-ldflags", "-s -w -buildid= -X main.release="+r.version, "-o", path, "./cmd/prvgap")
	c.Dir = r.source
	// What the user has set for other builds must not change this one.
	c.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS="+goos, "GOARCH="+goarch, "GOAMD64=v1", "GOARM64=v8.0", "GOFLAGS=", "GOEXPERIMENT=", "GOWORK=off")
	return path, ran(c, "building for "+system)
}

// documents returns what every archive holds beside the program: what the
// program itself writes for man and the shells, and the texts of the project.
func (r release) documents(ctx context.Context, temp string) ([]file, error) {
	program, err := r.build(ctx, temp, runtime.GOOS+"/"+runtime.GOARCH)
	if err != nil {
		return nil, err
	}
	var files []file
	for _, d := range []struct {
		name string
		args []string
	}{
		{"man/prvgap.1", []string{"man"}},
		{"completions/prvgap.bash", []string{"completion", "bash"}},
		{"completions/_prvgap", []string{"completion", "zsh"}},
		{"completions/prvgap.fish", []string{"completion", "fish"}},
		{"completions/prvgap.ps1", []string{"completion", "powershell"}},
	} {
		var b bytes.Buffer
		c := exec.CommandContext(ctx, program, d.args...)
		c.Stdout = &b
		if err := ran(c, "running prvgap "+strings.Join(d.args, " ")); err != nil {
			return nil, err
		}
		files = append(files, file{d.name, b.Bytes(), false})
	}
	for _, name := range []string{"README.md", "LICENSE"} {
		data, err := os.ReadFile(filepath.Join(r.source, name))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		files = append(files, file{name, data, false})
	}
	return files, nil
}

// archive builds for a system and packs the program: into a zip for Windows,
// which opens those, and a tar.gz elsewhere, where zips lose the mode.
func (r release) archive(ctx context.Context, temp, system string, common []file) (name string, data []byte, err error) {
	path, err := r.build(ctx, temp, system)
	if err != nil {
		return "", nil, err
	}
	program, err := os.ReadFile(path)
	if err != nil {
		return "", nil, err
	}
	folder := "prvgap_" + strings.TrimPrefix(r.version, "v") + "_" + strings.ReplaceAll(system, "/", "_")
	if strings.HasPrefix(system, "windows/") {
		data, err = zipped(folder, append(slices.Clone(common), file{"prvgap.exe", program, true}))
		return folder + ".zip", data, err
	}
	data, err = tarred(folder, append(slices.Clone(common), file{"prvgap", program, true}))
	return folder + ".tar.gz", data, err
}

// ran runs a command; what it says when it fails is part of the error.
func ran(c *exec.Cmd, what string) error {
	var told bytes.Buffer
	c.Stderr = &told
	if err := c.Run(); err != nil {
		return fmt.Errorf("%s: %w\n%s", what, err, told.String())
	}
	return nil
}

// sums lists the digests as sha256sum -c reads them.
func sums(archives map[string][]byte) []byte {
	var lines []string
	for name, data := range archives {
		lines = append(lines, fmt.Sprintf("%x  %s\n", sha256.Sum256(data), name))
	}
	slices.SortFunc(lines, func(a, b string) int { return strings.Compare(a[64:], b[64:]) })
	return []byte(strings.Join(lines, ""))
}

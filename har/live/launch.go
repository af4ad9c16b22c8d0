package live

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"
)

const (
	// startTime is how long a browser may take to open its port: a first start on a cold disk is slow.
	startTime = 60 * time.Second
	// closeTime is how long a browser that was asked to close may take to save its profile.
	closeTime = 8 * time.Second
)

// process is a browser that was launched.
type process struct {
	cmd     *exec.Cmd
	profile string
	temp    bool // the profile goes when the browser has gone
	exited  chan struct{}
	err     error // of the exit; read it after exited
}

// launch starts a browser with a profile of its own and returns the address of its protocol.
func launch(ctx context.Context, o Options) (*process, string, error) {
	path := o.Browser
	if path == "" {
		if path = findBrowser(runtime.GOOS, o.Getenv, exec.LookPath); path == "" {
			return nil, "", &Error{
				Err:  errors.New("no Edge, Chrome or Chromium was found"),
				Hint: "name one with --browser PATH, or start one and use --attach",
			}
		}
	}
	p := &process{profile: o.Profile, temp: o.Profile == "", exited: make(chan struct{})}
	if err := p.makeProfile(); err != nil {
		return nil, "", err
	}
	// A port that the browser chose is told in this file; an old one would name a port that is somebody else's now.
	port := filepath.Join(p.profile, "DevToolsActivePort")
	_ = os.Remove(port)
	// Not exec.CommandContext: a browser that is killed shows a warning at its next start.
	p.cmd = exec.Command(path, arguments(o, p.profile, os.Geteuid() == 0)...)
	ended := func(err error) {
		p.err = err
		close(p.exited)
	}
	if err := startTied(p.cmd, ended); err != nil {
		p.clear()
		return nil, "", &Error{Err: fmt.Errorf("starting %s: %w", path, err), Hint: "name another browser with --browser PATH"}
	}
	socket, err := p.socket(ctx, port)
	if err != nil {
		p.end()
		return nil, "", err
	}
	return p, socket, nil
}

func (p *process) makeProfile() (err error) {
	// Current browsers refuse remote debugging for their default profile, so it is always one of our own.
	if p.temp {
		p.profile, err = os.MkdirTemp("", "prvgap-browser-")
	} else {
		err = os.MkdirAll(p.profile, 0o700) // it will hold the sign-in
	}
	if err != nil {
		return fmt.Errorf("making the browser's profile: %w", err)
	}
	return nil
}

// arguments of a browser that a person is going to use: nothing is switched off but the questions of a first start.
func arguments(o Options, profile string, root bool) []string {
	args := []string{"--remote-debugging-port=0", "--user-data-dir=" + profile, "--no-first-run", "--no-default-browser-check"}
	if o.Headless {
		args = append(args, "--headless")
	}
	if root && runtime.GOOS == "linux" {
		args = append(args, "--no-sandbox") // as root Chromium refuses to start with one
	}
	args = append(args, o.Args...)
	return append(args, "about:blank") // the page is opened once everything is watched
}

// socket waits until the browser has told its port.
func (p *process) socket(ctx context.Context, file string) (string, error) {
	deadline := time.After(startTime)
	for {
		text, err := os.ReadFile(file)
		port, path, ok := strings.Cut(strings.TrimSpace(string(text)), "\n")
		if err == nil && ok && strings.HasPrefix(path, "/devtools/") {
			return "ws://127.0.0.1:" + strings.TrimSpace(port) + strings.TrimSpace(path), nil
		}
		// What the browser prints has the address too, but not on Windows.
		select {
		case <-p.exited:
			return "", p.quit()
		case <-ctx.Done():
			return "", errors.New("interrupted")
		case <-deadline:
			return "", fmt.Errorf("%s has not opened a debugging port within %v", p.cmd.Path, startTime)
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// profileInUse is the exit code of a browser that could not hand its window over.
const profileInUse = 21

// quit says why a browser that has just started is gone.
func (p *process) quit() error {
	if code := p.cmd.ProcessState.ExitCode(); !p.temp && (code == 0 || code == profileInUse) {
		// A second start hands its window over to the browser that has the profile open, and ends.
		return &Error{
			Err:  fmt.Errorf("%s ended at once: another browser seems to use the profile %s", p.cmd.Path, p.profile),
			Hint: "close that browser, or add --temp-profile",
		}
	}
	return &Error{
		Err:  fmt.Errorf("%s ended at once: %s", p.cmd.Path, p.cmd.ProcessState),
		Hint: "start it by hand to see why; a machine without a display needs --headless",
	}
}

// end waits for a browser that was asked to close, makes it end if it does not, and removes a temporary profile.
func (p *process) end() {
	select {
	case <-p.exited:
	case <-time.After(closeTime):
		_ = p.cmd.Process.Kill() // its helpers end when they lose it
		<-p.exited
	}
	p.clear()
}

// crashed reports whether the browser ended by itself and not in good order.
func (p *process) crashed() bool {
	select {
	case <-p.exited:
		return p.err != nil
	case <-time.After(closeTime):
		return true // the connection is gone and the browser hangs
	}
}

// clear removes a temporary profile. Helpers of the browser may outlive it for a moment and write there once more, so
// it counts as gone only when it is still gone a moment later.
func (p *process) clear() {
	if !p.temp {
		return
	}
	for range 50 {
		_ = os.RemoveAll(p.profile)
		time.Sleep(100 * time.Millisecond)
		if _, err := os.Stat(p.profile); errors.Is(err, fs.ErrNotExist) {
			return
		}
	}
}

// findBrowser returns the installed browser that most probably is signed in to the right account: Edge on Windows.
func findBrowser(system string, getenv func(string) string, look func(string) (string, error)) string {
	for _, path := range candidates(system, getenv) {
		if found, err := look(path); err == nil {
			return found
		}
	}
	return ""
}

// candidates lists where browsers install themselves.
func candidates(system string, getenv func(string) string) []string {
	switch system {
	case "windows":
		var paths []string
		for _, program := range []string{`Microsoft\Edge\Application\msedge.exe`, `Google\Chrome\Application\chrome.exe`, `Chromium\Application\chrome.exe`} {
			for _, folder := range []string{"ProgramFiles(x86)", "ProgramFiles", "LocalAppData"} {
				if dir := getenv(folder); dir != "" {
					paths = append(paths, dir+`\`+program)
				}
			}
		}
		return paths
	case "darwin":
		var paths []string
		for _, program := range []string{"Google Chrome", "Microsoft Edge", "Chromium"} {
			for _, folder := range []string{"", getenv("HOME")} {
				paths = append(paths, folder+"/Applications/"+program+".app/Contents/MacOS/"+program)
			}
		}
		return paths
	}
	return []string{
		"google-chrome", "google-chrome-stable", "microsoft-edge", "microsoft-edge-stable", "chromium", "chromium-browser",
	}
}

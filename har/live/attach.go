package live

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// Error is why no browser could be watched, and what to do about it.
type Error struct {
	Err  error
	Hint string
}

func (e *Error) Error() string { return e.Err.Error() }

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// findSocket asks a browser that listens on address (HOST:PORT, or a port) where its protocol is spoken.
func findSocket(ctx context.Context, address string, remote bool) (string, error) {
	host, port, err := splitAddress(address)
	if err != nil {
		return "", err
	}
	if !remote && !loopback(host) {
		return "", &Error{
			Err:  fmt.Errorf("%s is not this machine", net.JoinHostPort(host, port)),
			Hint: "the debugging protocol is neither encrypted nor guarded by a password: lead the port here through an SSH tunnel, or add --allow-remote",
		}
	}
	address = net.JoinHostPort(host, port)
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+address+"/json/version", nil)
	if err != nil {
		return "", err
	}
	// No proxy: what a proxy answers is not the browser.
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := client.Do(req)
	if err != nil {
		return "", nothingThere(address, port, err)
	}
	defer resp.Body.Close()
	var v struct{ WebSocketDebuggerURL string }
	err = json.NewDecoder(io.LimitReader(resp.Body, 1<<20)).Decode(&v)
	socket, parseErr := url.Parse(v.WebSocketDebuggerURL)
	if err != nil || parseErr != nil || !strings.HasPrefix(socket.Path, "/devtools/") {
		return "", &Error{
			Err:  fmt.Errorf("what listens on %s is not a browser with remote debugging", address),
			Hint: "start the browser with another port, and give that one to --attach:\n" + howToStart(port),
		}
	}
	// Behind a tunnel the browser's own idea of its address is wrong.
	return "ws://" + address + socket.Path, nil
}

// splitAddress takes HOST:PORT or a port of this machine.
func splitAddress(address string) (host, port string, err error) {
	host, port, err = net.SplitHostPort(address)
	if err != nil {
		host, port = "127.0.0.1", address
	}
	if host == "" {
		host = "127.0.0.1"
	}
	if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 {
		return "", "", &Error{Err: fmt.Errorf("%q is not an address", address), Hint: "write it as 127.0.0.1:9222"}
	}
	return host, port, nil
}

// loopback reports whether a host is this machine. Names other than localhost are looked up by others, who may lie.
func loopback(host string) bool {
	ip := net.ParseIP(host)
	return strings.EqualFold(host, "localhost") || ip != nil && ip.IsLoopback()
}

func nothingThere(address, port string, err error) error {
	cause := err
	if op, ok := errors.AsType[*net.OpError](err); ok {
		cause = op.Err
	}
	return &Error{
		Err:  fmt.Errorf("no browser listens on %s: %w", address, cause),
		Hint: "start one with remote debugging and a user data folder of its own (current versions ignore the port for the default one):\n" + howToStart(port),
	}
}

// howToStart lists the commands that open a port. The folder is what makes current browsers obey the flag.
func howToStart(port string) string {
	return strings.ReplaceAll(`  Windows  "C:\Program Files (x86)\Microsoft\Edge\Application\msedge.exe" --remote-debugging-port=PORT --user-data-dir="%LOCALAPPDATA%\prvgap-edge"
           "C:\Program Files\Google\Chrome\Application\chrome.exe" --remote-debugging-port=PORT --user-data-dir="%LOCALAPPDATA%\prvgap-chrome"
  macOS    "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge" --remote-debugging-port=PORT --user-data-dir="$HOME/prvgap-edge"
           "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome" --remote-debugging-port=PORT --user-data-dir="$HOME/prvgap-chrome"
  Linux    microsoft-edge --remote-debugging-port=PORT --user-data-dir="$HOME/.prvgap-edge"
           google-chrome --remote-debugging-port=PORT --user-data-dir="$HOME/.prvgap-chrome"`, "PORT", port)
}

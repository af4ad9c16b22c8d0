package live

import (
	"os/exec"
	"runtime"
	"syscall"
)

// startTied starts a program that the system asks to end when this one is gone, even by kill -9. It does so with the
// thread that started the program, so that thread waits until the program has ended. A program that raises its rights
// (a browser inside a snap) loses the tie.
func startTied(cmd *exec.Cmd, ended func(error)) error {
	// A browser that is asked saves its profile, and does not complain at its next start.
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGTERM}
	started := make(chan error)
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := cmd.Start()
		started <- err
		if err == nil {
			ended(cmd.Wait())
		}
	}()
	return <-started
}

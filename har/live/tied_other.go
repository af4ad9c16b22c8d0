//go:build !linux && !windows

package live

import "os/exec"

// startTied starts a program. This system has no tie that outlasts a kill -9 of ours: the browser then stays open.
func startTied(cmd *exec.Cmd, ended func(error)) error {
	if err := cmd.Start(); err != nil {
		return err
	}
	go func() { ended(cmd.Wait()) }()
	return nil
}

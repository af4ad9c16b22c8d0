package live

import (
	"os/exec"
	"unsafe"

	"golang.org/x/sys/windows"
)

// startTied starts a program that the system ends when this one is gone, however that came about: it is put into a job
// that ends with its last handle, which is ours. This was compiled and never run.
func startTied(cmd *exec.Cmd, ended func(error)) error {
	if err := cmd.Start(); err != nil {
		return err
	}
	// Without a job the browser works as well; it only outlives a kill.
	job, err := tie(cmd.Process.Pid)
	go func() {
		exit := cmd.Wait()
		if err == nil {
			_ = windows.CloseHandle(job)
		}
		ended(exit)
	}()
	return nil
}

// tie puts a process, with all that it is going to start, into a job.
func tie(id int) (windows.Handle, error) {
	job, err := windows.CreateJobObject(nil, nil)
	if err != nil {
		return 0, err
	}
	limits := windows.JOBOBJECT_EXTENDED_LIMIT_INFORMATION{
		BasicLimitInformation: windows.JOBOBJECT_BASIC_LIMIT_INFORMATION{LimitFlags: windows.JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE},
	}
	_, err = windows.SetInformationJobObject(job, windows.JobObjectExtendedLimitInformation, uintptr(unsafe.Pointer(&limits)), uint32(unsafe.Sizeof(limits)))
	if err == nil {
		err = assign(job, id)
	}
	if err != nil {
		_ = windows.CloseHandle(job)
		return 0, err
	}
	return job, nil
}

func assign(job windows.Handle, id int) error {
	process, err := windows.OpenProcess(windows.PROCESS_SET_QUOTA|windows.PROCESS_TERMINATE, false, uint32(id))
	if err != nil {
		return err
	}
	defer func() { _ = windows.CloseHandle(process) }()
	return windows.AssignProcessToJobObject(job, process)
}

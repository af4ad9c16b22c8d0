//go:build !amd64 || purego

package har

// fastest is the kernel for this processor.
func fastest() kernel { return markPortable }

package dataverse

import (
	"regexp"
	"sync"
)

// pattern is a regular expression that is compiled when it is first used. A
// hundred of them at start would take longer than the start itself.
type pattern func() *regexp.Regexp

func compile(expr string) pattern {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expr) })
}

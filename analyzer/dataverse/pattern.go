package dataverse

import (
	"sync"

	"github.com/prvgap/prvgap/har/pattern"
)

// expression is a pattern that is parsed when it is first used. A hundred of
// them at start would take longer than the start itself.
type expression func() *pattern.Pattern

func compile(expr string) expression {
	return sync.OnceValue(func() *pattern.Pattern { return pattern.MustCompile(expr) })
}

package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/prvgap/prvgap/analyzer"
)

// filterFlags choose among the denials.
type filterFlags struct {
	principal, host, since, until string
}

// compile returns the predicate that the flags describe. Denials without a
// time are kept, as nothing says that they lie outside.
func (f filterFlags) compile() (func(analyzer.Denial) bool, error) {
	since, err := parseTime("--since", f.since)
	if err != nil {
		return nil, err
	}
	until, err := parseTime("--until", f.until)
	if err != nil {
		return nil, err
	}
	if len(f.until) == len(time.DateOnly) {
		until = until.AddDate(0, 0, 1).Add(-1) // the whole day
	}
	principal := strings.ToLower(strings.Trim(f.principal, "{}"))
	return func(d analyzer.Denial) bool {
		switch {
		case principal != "" && !strings.HasPrefix(d.Principal, principal):
			return false
		case f.host != "" && !strings.EqualFold(d.Host(), f.host):
			return false
		case !since.IsZero() && !d.Time.IsZero() && d.Time.Before(since):
			return false
		case !until.IsZero() && !d.Time.IsZero() && d.Time.After(until):
			return false
		}
		return true
	}, nil
}

// timeLayouts are the forms of a time on the command line; without a zone it
// is UTC, as in the report.
var timeLayouts = []string{
	time.RFC3339, "2006-01-02T15:04Z07:00", "2006-01-02T15:04:05", "2006-01-02T15:04", "2006-01-02 15:04:05", "2006-01-02 15:04", time.DateOnly,
}

func parseTime(flag, s string) (time.Time, error) {
	if s == "" {
		return time.Time{}, nil
	}
	for _, layout := range timeLayouts {
		if t, err := time.Parse(layout, s); err == nil {
			return t, nil
		}
	}
	return time.Time{}, hint(fmt.Errorf("%s %q is not a time", flag, s), "write it as 2026-11-20T09:14 (UTC), or with a zone: 2026-11-20T10:14+01:00")
}

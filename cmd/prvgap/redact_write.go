package main

import (
	"bufio"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"iter"
	"strings"

	"github.com/prvgap/prvgap/analyzer"
	"github.com/prvgap/prvgap/har"
	"github.com/prvgap/prvgap/har/redact"
)

// redaction is a capture that is being written anew.
type redaction struct {
	entries  iter.Seq2[har.Entry, error]
	dialects []analyzer.Dialect
	replacer *redact.Replacer
	refused  bool // keep only what an analysis needs
	version  string

	out         *har.Writer
	broken      error // why reading ended early
	read, kept  int   // entries
	bodies      int   // that were kept
	dropped     int   // bodies that were not
	urls        int   // URLs that something was cut out of
	cleaned     int   // bodies that something was cut out of
	bytes       int64 // written, before compression
	wantExcerpt func(har.Entry) string
}

// into returns what writes the capture into a file of that name.
func (r *redaction) into(ctx context.Context, name string) func(io.Writer) error {
	return func(w io.Writer) error {
		if !strings.HasSuffix(strings.ToLower(name), ".gz") {
			return r.write(ctx, w)
		}
		packed := gzip.NewWriter(w)
		if err := r.write(ctx, packed); err != nil {
			return err
		}
		return packed.Close()
	}
}

// write writes the capture. A break in what is read is kept aside: what precedes it is good.
func (r *redaction) write(ctx context.Context, w io.Writer) error {
	buffer := bufio.NewWriterSize(w, 1<<16)
	r.out = har.NewWriter(&counter{w: buffer, n: &r.bytes})
	r.wantExcerpt = analyzer.Excerpt(r.dialects)
	if err := r.out.Begin(har.Software{Name: "prvgap", Version: r.version}, har.Software{}); err != nil {
		return err
	}
	var group []har.Entry // a $batch is followed by its parts
	for e, err := range r.entries {
		if err != nil {
			r.broken = err
			break
		}
		if e.Part == 0 {
			if err := r.add(group); err != nil {
				return err
			}
			group = group[:0]
		}
		group = append(group, e)
	}
	if err := r.add(group); err != nil {
		return err
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if r.read == 0 && r.broken != nil {
		return r.broken
	}
	comment := fmt.Sprintf("redacted: %d of %s are left", r.kept, counted(r.read, "request", "requests"))
	if r.broken != nil {
		comment += " that precede a break in the capture"
	}
	if err := r.out.End(comment); err != nil {
		return err
	}
	return buffer.Flush()
}

// add writes an entry with the parts of its $batch, if it is to be kept.
func (r *redaction) add(group []har.Entry) error {
	if len(group) == 0 {
		return nil
	}
	r.read++
	needed := !r.refused
	excerpts := make([]string, len(group))
	for i, e := range group {
		excerpts[i] = r.wantExcerpt(e)
		needed = needed || e.Status < 400 && excerpts[i] != "" || r.denied(e)
	}
	for i, e := range group {
		switch {
		case needed && excerpts[i] != "":
			r.bodies++
		case e.HasBody && e.Parts == 0:
			r.dropped++
		}
	}
	if !needed {
		return nil
	}
	r.kept++
	for i, e := range group {
		e.Body = excerpts[i]
		if har.CleanURL(e.URL) != e.URL {
			r.urls++
		}
		if har.CleanBody(e.Body) != e.Body {
			r.cleaned++
		}
		group[i] = r.replacer.Entry(e)
	}
	return r.out.Add(group[0], group[1:], 0)
}

// denied reports whether an entry holds a denial.
func (r *redaction) denied(e har.Entry) bool {
	if e.Status < 400 {
		return false
	}
	one := func(yield func(har.Entry, error) bool) { yield(e, nil) }
	ev, _ := analyzer.Collect("", one, r.dialects, func() har.Info { return har.Info{} }) // one entry does not break
	return len(ev.Denials) > 0
}

// counter counts what passes through.
type counter struct {
	w io.Writer
	n *int64
}

func (c *counter) Write(p []byte) (int, error) {
	n, err := c.w.Write(p)
	*c.n += int64(n)
	return n, err
}

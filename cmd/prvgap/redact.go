package main

import (
	"cmp"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"

	"github.com/spf13/cobra"

	"github.com/prvgap/prvgap/analyzer"
	"github.com/prvgap/prvgap/catalog"
	"github.com/prvgap/prvgap/har"
	"github.com/prvgap/prvgap/har/redact"
)

// redactOptions are the flags of redact.
type redactOptions struct {
	target
	capture string
	refused bool
	replace map[redact.Kind]*bool
	all     bool
	seed    string
}

// replaceable are the kinds of text that redact can replace, each by a flag.
var replaceable = []struct {
	kind                  redact.Kind
	flag, one, many, help string
}{
	{redact.Email, "emails", "e-mail address", "e-mail addresses", "replace e-mail addresses and sign-in names"},
	{redact.Name, "names", "name", "names", "replace names of people and records, where a field, a search or a known sentence has one"},
	{redact.GUID, "guids", "id", "ids", "replace GUIDs, but for those that every environment has"},
	{redact.Host, "hosts", "host", "hosts", "replace the names of hosts, or what is the customer's of them"},
}

func newRedact(io streams, ds []analyzer.Dialect) *cobra.Command {
	o := redactOptions{replace: map[redact.Kind]*bool{}}
	c := &cobra.Command{
		Use:   "redact CAPTURE -o FILE",
		Short: "Write a capture that can be shared",
		Long: "redact writes a capture anew, with what an analysis needs and nothing else: of\n" +
			"every request time, mark, method, URL and status, the text of refusals, and of\n" +
			"the answers that prvgap learns from the fields that it reads. analyze finds the\n" +
			"same in it. --refused-only also leaves out the requests that were allowed, which\n" +
			"--compare and --inventory need.\n\n" +
			"What is not read cannot leak: cookies, headers, posted data, other answers,\n" +
			"messages of WebSockets, custom fields. Query values are cut except OData's own\n" +
			"(--inventory then misses tables that only a FetchXML names).\n" +
			"Out of the URLs and refusals that stay, credentials are cut by their form:\n" +
			"tokens, passwords, signatures.\n\n" +
			"E-mail addresses, names, GUIDs and hosts stay unless a flag replaces them; what\n" +
			"is the same stays the same. No program finds every name in free text, nor a\n" +
			"secret that looks like any other word: look through the refusals that stay\n" +
			"(prvgap analyze FILE --verbose) before you send the file.\n\n" +
			"CAPTURE is anything that analyze reads; FILE is a .har or .har.gz.\n\n" +
			"Exit codes: 0 written, 2 the run failed or the capture was incomplete (what was\n" +
			"read is written).",
		Example: "  prvgap redact sales.har -o sales-shared.har.gz\n" +
			"  prvgap redact sales.har -o sales-shared.har --refused-only --all",
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usageError{errors.New("redact takes one capture"), c.UseLine()}
			}
			o.capture = args[0]
			return runRedact(c.Context(), io, ds, o)
		},
	}
	f := c.Flags()
	o.target.bind(f)
	f.BoolVar(&o.refused, "refused-only", false, "keep only the requests that an analysis needs")
	for _, r := range replaceable {
		o.replace[r.kind] = f.Bool(r.flag, false, r.help)
	}
	f.BoolVar(&o.all, "all", false, "all of --emails, --names, --guids and --hosts")
	f.StringVar(&o.seed, "seed", "", "secret `TEXT`: captures redacted with the same one still belong together (default: random)")
	return c
}

// check finds what cannot work before anything is read.
func (o redactOptions) check(io streams) error {
	if err := o.target.check([]string{o.capture}); err != nil {
		return err
	}
	switch name := strings.ToLower(o.output); {
	case name == "-" && io.width > 0:
		return hint(errors.New("a capture does not belong on a terminal"), "name a file: -o shared.har")
	case name == "-", strings.HasSuffix(name, ".har"), strings.HasSuffix(name, ".har.gz"):
		return nil
	}
	if info, err := os.Stat(o.output); err == nil && !info.Mode().IsRegular() {
		return nil // a pipe, a device
	}
	return hint(fmt.Errorf("writing %s: a capture is a .har or .har.gz", o.output), "-o %s", quote(o.output+".har"))
}

// source opens the capture, of which there must be one.
func (o redactOptions) source(io streams) (*har.Source, error) {
	sources, err := har.Open(o.capture, io.in)
	if err != nil {
		return nil, err
	}
	if len(sources) != 1 {
		return nil, hint(fmt.Errorf("%s holds %d captures", o.capture, len(sources)), "redact them one by one; --seed keeps them together")
	}
	if sources[0].Report() {
		return nil, hint(fmt.Errorf("%s is a report, not a capture", sources[0].Name()), "redact the capture that it came from, and analyze that again")
	}
	return sources[0], nil
}

// kinds are what is to be replaced.
func (o redactOptions) kinds() map[redact.Kind]bool {
	kinds := map[redact.Kind]bool{}
	for k, asked := range o.replace {
		kinds[k] = *asked || o.all
	}
	return kinds
}

// key is what the replacements depend on.
func (o redactOptions) key() []byte {
	if o.seed == "" {
		return []byte(rand.Text())
	}
	sum := sha256.Sum256([]byte("prvgap redact " + o.seed))
	return sum[:]
}

// bundledIDs are the ids of privileges that every environment has.
var bundledIDs = sync.OnceValue(func() map[string]bool {
	ids := map[string]bool{}
	for p := range catalog.Default().All() {
		ids[p.ID] = p.ID != ""
	}
	return ids
})

// knownEverywhere reports whether a GUID or a word is a privilege or table that every environment has.
func knownEverywhere(s string) bool {
	if bundledIDs()[s] {
		return true
	}
	_, table := catalog.Default().Table(s)
	return table
}

// runRedact writes a capture anew while it is read.
func runRedact(ctx context.Context, io streams, ds []analyzer.Dialect, o redactOptions) error {
	if err := o.check(io); err != nil {
		return err
	}
	source, err := o.source(io)
	if err != nil {
		return err
	}
	r := redaction{dialects: ds, refused: o.refused, version: io.version}
	p := &progress{io: io, inputs: 1}
	r.entries = watched(ctx, p, source.Name(), source.Entries(har.Options{Body: analyzer.Body(ds)}))
	r.replacer = redact.New(redact.Options{Replace: o.kinds(), Key: o.key(), Known: knownEverywhere})
	if o.output == "-" {
		err = r.write(ctx, io.out)
	} else {
		err = writeStream(o.output, o.overwrite, r.into(ctx, o.output))
	}
	p.clear()
	switch {
	case ctx.Err() != nil:
		return errors.New("interrupted")
	case r.read == 0 && r.broken != nil:
		return r.broken
	case err != nil:
		return err
	}
	r.tell(io, o, source.Info())
	if r.broken != nil {
		complain(io, r.broken)
		return errPartial
	}
	return nil
}

// tell says what was done, and what was left to do.
func (r *redaction) tell(io streams, o redactOptions, info har.Info) {
	if o.output != "-" {
		fmt.Fprintf(io.err, "wrote %s\n", o.output)
	}
	fmt.Fprintf(io.err, "  kept      %d of %s, %s; %s became %s\n",
		r.kept, counted(r.read, "request", "requests"), counted(r.bodies, "body", "bodies"), size(info.Bytes), size(r.bytes))
	if r.urls+r.cleaned > 0 {
		fmt.Fprintf(io.err, "  cut       query values and credentials out of %s and %s\n", counted(r.urls, "URL", "URLs"), counted(r.cleaned, "body", "bodies"))
	}
	fmt.Fprintf(io.err, "  left out  %s, and all cookies, headers and posted data\n", counted(r.dropped, "body", "bodies"))
	for _, k := range replaceable {
		n := r.replacer.Count(k.kind)
		count := counted(n, k.one, k.many)
		if n == redact.MaxCount {
			count = "more than " + count
		}
		switch {
		case n == 0:
		case o.kinds()[k.kind]:
			fmt.Fprintf(io.err, "  replaced  %s\n", count)
		default:
			fmt.Fprintf(io.err, "  still in  %s; --%s replaces them\n", count, k.flag)
		}
	}
}

// counted is a number of things.
func counted(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// size is a number of bytes for people.
func size(n int64) string {
	switch {
	case n >= 1e9:
		return fmt.Sprintf("%.1f GB", float64(n)/1e9)
	case n >= 1e6:
		return fmt.Sprintf("%.1f MB", float64(n)/1e6)
	}
	return fmt.Sprintf("%d KB", cmp.Or((n+999)/1000, 1))
}

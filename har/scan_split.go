package har

import (
	"bytes"
	"iter"
	"math"
	"os"
	"runtime"
	"slices"
	"sync"
)

const (
	// processors is how many of them read a large file. Together they come close to what the memory gives.
	processors = 2
	// splitSize is how much has to be left of a file for a second one to be worth its while.
	splitSize = 16 << 20
	// sectionSize is how much one of them reads before it asks for more. The entries of a few sections are in memory.
	sectionSize = 4 << 20
)

// others reads what follows the first part of a list, on two processors if that part shows how.
func (k *skimmer) others(p *part) error {
	if between, size := k.text(span{p.end, p.next}), k.size(); runtime.GOMAXPROCS(0) > 1 && size-p.next >= splitSize && bytes.IndexByte(between, '\n') >= 0 {
		return k.split(p, bytes.Clone(between), size)
	}
	rest, err := k.entries(math.MaxInt64)
	p.add(rest)
	return err
}

// size is how long the capture is, 0 if that is not known.
func (k *skimmer) size() int64 {
	if f, ok := k.at.(*os.File); ok {
		if info, err := f.Stat(); err == nil {
			return info.Size()
		}
	}
	return 0
}

// section is a part of a list that is read by itself.
type section struct {
	part
	span            // the entries that begin there belong to it
	begin   int64   // where the first one does
	entries []Entry // numbered from 0
}

// split reads the rest of a list by sections, on two processors. Where the first entry of a section begins is a guess by
// what stands between two entries, and holds only if the section before is found to end there; else the section is read
// again from the right place. There is a line break in what is sought, which is never inside a string.
func (k *skimmer) split(p *part, between []byte, size int64) error {
	sought := slices.Concat([]byte("}"), between, []byte("{"))
	for s := range k.sections(span{p.next, size}, sought) {
		if p.next >= s.to {
			continue // a single entry goes beyond it
		}
		if s.begin != p.next {
			s = k.another().section(p.next, s.to)
		}
		for _, e := range s.entries {
			e.Index += p.n
			if !k.decoder.yield(e) {
				return errStop
			}
		}
		if p.add(s.part); p.next < 0 {
			return nil
		}
	}
	return nil
}

// sections reads all sections of a part of the capture. Each comes as soon as those before it were taken.
func (k *skimmer) sections(whole span, sought []byte) iter.Seq[section] {
	return func(yield func(section) bool) {
		idle := make(chan *skimmer, processors)
		for range processors {
			idle <- k.another()
		}
		queue, stop := make(chan chan section, 1), make(chan struct{})
		var running sync.WaitGroup
		defer running.Wait()
		defer close(stop)
		running.Go(func() {
			defer close(queue)
			for from := whole.from; from < whole.to; from += sectionSize {
				to := from + sectionSize
				if to >= whole.to {
					to = math.MaxInt64
				}
				worker := <-idle // each comes back, for nothing that it does waits for another
				result := make(chan section, 1)
				running.Go(func() {
					result <- worker.section(worker.guess(span{from, to}, sought), to)
					idle <- worker
				})
				select {
				case queue <- result:
				case <-stop:
					return
				}
			}
		})
		for result := range queue {
			if !yield(<-result) {
				return
			}
		}
	}
}

// another is a skimmer of the same capture.
func (k *skimmer) another() *skimmer {
	other := newSkimmer(k.r, 0, record{options: k.decoder.rec.options, files: k.decoder.rec.files}, nil)
	other.at = k.at
	return other
}

// section reads the entries that begin between two places, at the first of which one does.
func (k *skimmer) section(begin, to int64) section {
	s := section{span: span{begin, to}, begin: begin}
	if begin < 0 {
		return s
	}
	k.restart(begin)
	k.decoder.yield = func(e Entry) bool {
		s.entries = append(s.entries, e)
		return true
	}
	s.part, _ = k.entries(to) // no error: it is always told to go on
	return s
}

// guess returns where between two places the first entry seems to begin, -1 for nowhere.
func (k *skimmer) guess(within span, sought []byte) int64 {
	buf := k.buf // which holds nothing any more
	if len(buf) < readSize {
		buf = make([]byte, readSize)
	}
	for at := within.from - int64(len(sought)-1); at < within.to; {
		n, err := k.at.ReadAt(buf, at)
		if i := bytes.Index(buf[:n], sought); i >= 0 {
			return at + int64(i+len(sought)-1)
		}
		if err != nil || n < len(sought) {
			return -1
		}
		at += int64(n - len(sought) + 1)
	}
	return -1
}

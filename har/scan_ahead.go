package har

import "io"

// ahead reads on in a goroutine while what it has read is looked at: unpacking takes longer than everything else, and a
// second processor can do it. Close ends the goroutine, which may wait for the reader below until then.
type ahead struct {
	blocks chan block
	empty  chan []byte
	stop   chan struct{}
	left   block
}

// block is what was read at once, and the error that came with it.
type block struct {
	text []byte
	buf  []byte
	err  error
}

func newAhead(r io.Reader) *ahead {
	const depth = 3
	a := &ahead{blocks: make(chan block, depth), empty: make(chan []byte, depth), stop: make(chan struct{})}
	for range depth {
		a.empty <- make([]byte, readSize)
	}
	go a.run(r)
	return a
}

// run reads until there is an error or nobody wants more.
func (a *ahead) run(r io.Reader) {
	defer close(a.blocks)
	for {
		select {
		case <-a.stop:
			return
		case buf := <-a.empty:
			n, err := r.Read(buf)
			a.blocks <- block{buf[:n], buf, err} // there is room for as many as there are buffers
			if err != nil {
				return
			}
		}
	}
}

func (a *ahead) Read(p []byte) (int, error) {
	for len(a.left.text) == 0 {
		if a.left.err != nil {
			return 0, a.left.err
		}
		if a.left.buf != nil {
			a.empty <- a.left.buf
		}
		a.left = <-a.blocks
	}
	n := copy(p, a.left.text)
	a.left.text = a.left.text[n:]
	return n, nil
}

// Close waits until the goroutine has ended, so that what it reads from can be closed.
func (a *ahead) Close() error {
	close(a.stop)
	for range a.blocks {
	}
	return nil
}

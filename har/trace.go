package har

// trace reads the network log of a Playwright trace: a line for each request, which holds the entry of a HAR, its bodies
// in files named after their digest.
func (s *scanner) trace() error {
	s.creator, s.tracing = "Playwright", true
	err := s.events(s.snapshot)
	s.empty(err)
	return err
}

// snapshot reads one line. Older traces mix the entries with other events.
func (s *scanner) snapshot(ev event) error {
	s.rec.reset()
	kind, found := "", false
	err := s.within(ev.value, func() error {
		return members(s.dec, func(name string) (err error) {
			switch name {
			case "type":
				kind, err = s.text()
			case "snapshot":
				found = s.dec.PeekKind() == '{'
				err = members(s.dec, s.entryMember)
			default:
				err = s.dec.SkipValue()
			}
			return err
		})
	})
	if err != nil || kind != "resource-snapshot" || !found {
		return err
	}
	return s.hand(&s.rec, ev.pointer, ev.offset)
}

// hand gives a record its place among the entries and hands it over.
func (s *scanner) hand(r *record, pointer string, offset int64) error {
	r.Index, r.Pointer, r.Offset = s.sum.entries, pointer, offset
	s.sum.entries++
	if !r.finish(s.yield) {
		return errStop
	}
	return nil
}

// empty warns of a log that was read well and holds no request: nothing refused would otherwise look like nothing wrong.
func (s *scanner) empty(err error) {
	if err == nil && s.sum.entries == 0 {
		s.warn("no network request is in it")
	}
}

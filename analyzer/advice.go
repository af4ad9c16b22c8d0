package analyzer

// ForAll in place of a finding's index says that an advice is about the
// proposal as a whole.
const ForAll = -1

// Advice is what the security model of a platform adds to what the denials
// themselves say. It is there only where the evidence calls for it.
type Advice struct {
	Finding int    // index of the finding that it stands beside, or ForAll
	Rule    string // the stable name of what was applied
	Text    string // what to do or to mind: a short sentence, without its full stop
	Why     string // the evidence that calls for it
	Detail  bool   // only for those who ask for details: short reports leave it out
}

// Adviser is a Dialect that knows the security model behind its denials. Like
// Analyze it is pure: the same analysis gives the same advice, in the same order.
type Adviser interface {
	Advise(a Analysis) []Advice
}

// advise asks the dialects what is to be known beside the findings.
func (a *analysis) advise() {
	for _, d := range a.opts.Dialects {
		x, ok := d.(Adviser)
		if !ok {
			continue
		}
		for _, advice := range x.Advise(a.out) {
			at := &a.out.Advice
			if advice.Finding != ForAll {
				at = &a.out.Findings[advice.Finding].Advice
			}
			*at = append(*at, advice)
		}
	}
}

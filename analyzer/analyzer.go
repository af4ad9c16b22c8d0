// Package analyzer turns the entries of captures into denials, denials into
// findings, and findings into the least additions to a role.
//
// It is pure: what it returns depends on its arguments alone. It knows no
// platform; a Dialect does.
package analyzer

import (
	"net/url"
	"strings"
	"time"

	"github.com/prvgap/prvgap/analyzer/role"
	"github.com/prvgap/prvgap/catalog"
	"github.com/prvgap/prvgap/har"
)

// A Dialect knows one platform: the wording of its denials and the answers
// that describe an environment.
type Dialect interface {
	// Reads reports whether the answer to an allowed request teaches something.
	Reads(method, url string) bool
	// Excerpt returns what Denials reads of the body of an allowed answer and nothing else of it, or "".
	Excerpt(e har.Entry) string
	// Denials returns what e was refused, and puts what e teaches into f.
	Denials(e har.Entry, f *Facts) []Denial
	// Suspect returns the privilege that a request most likely needs, judged by
	// its method and URL alone, or "".
	Suspect(method, url string, c *catalog.Catalog) string
	// Kind returns what e asked for as "METHOD /path", without host, ids and
	// values: requests of one kind need the same privileges. It is "" for what
	// is no request to the platform's data.
	Kind(e har.Entry) string
}

// Cause is why a request was refused.
type Cause string

// Only the first two can be cured by a role; the others come with an advice.
const (
	CausePrivilege      Cause = "privilege"
	CauseRecordAccess   Cause = "record-access"
	CauseColumnSecurity Cause = "column-security"
	CauseNoRoles        Cause = "no-roles"
	CauseNotAMember     Cause = "not-a-member"
	CauseDisabled       Cause = "disabled"
	CauseLicense        Cause = "license"
	CauseAppAccess      Cause = "app-access"
	CauseAccessMode     Cause = "access-mode"
	CauseOther          Cause = "other"
)

// RoleGap reports whether a role could answer a denial of this cause.
func (c Cause) RoleGap() bool { return c == CausePrivilege || c == CauseRecordAccess }

// Shapes that the analyzer itself must know; a dialect has more of its own.
const (
	ShapeNoBody = "no-body" // refused, but the capture holds no text
	ShapeOther  = "other"   // refused, with a text that no dialect understands
)

// Kinds of principals.
const (
	KindUser        = "user"
	KindTeam        = "team"
	KindApplication = "application"
)

// Denial is one refusal as the platform worded it: what the text says, never
// what we make of it. Strings are empty and numbers zero where it is silent.
type Denial struct {
	Capture int // index of the capture
	Entry   int // index of the entry in its capture, from 0
	Part    int // number of the $batch part, from 1; 0 for none
	Pointer string
	Time    time.Time
	Mark    string // what the user did, "" where nobody said
	Method  string
	URL     string // without secrets, see cleanURL
	Status  int
	Dialect string
	Shape   string
	Code    string // "0x" and eight digits, or the platform's own code
	Message string // the sentence as printed, without secrets
	Cause   Cause
	Advice  string

	Privilege   string // as printed; "…" at its end where the text shows that it was cut
	PrivilegeID string
	Action      catalog.Action // an access right that the text names
	Table       string
	TypeCode    int
	Labelled    bool          // Table is the display name, not the logical one
	Cut         bool          // the text ends with the name or number: it may have been cut
	Depth       catalog.Depth // stated in the text: a lower bound
	Suspected   string        // judged by method and URL, where the text names nothing

	Principal          string // who lacks it
	PrincipalKind      string
	BusinessUnit       string // of the principal
	RoleCount          *int   // direct roles of the principal
	PrivilegeCount     *int   // privileges the platform has cached for the principal
	Caller             string // who sent the request
	Record             string
	Owner              string
	OwnerKind          string
	RecordBusinessUnit string
	Ownership          string // of the record's table: catalog's words, "" where not said
}

// entry is the request that was refused, as far as a denial tells it.
func (d Denial) entry() har.Entry { return har.Entry{Method: d.Method, URL: d.URL, Status: d.Status} }

// Host returns the host that refused, without its port, or "". What follows it
// in the URL may be nothing that a parser takes.
func (d Denial) Host() string {
	address, _, _ := strings.Cut(d.URL, "?")
	_, rest, _ := strings.Cut(address, "://")
	host, _, _ := strings.Cut(rest, "/")
	u := url.URL{Host: host}
	return u.Hostname()
}

// Capture is what is known of one capture.
type Capture struct {
	Name     string
	Format   string
	Creator  string
	Bytes    int64
	Entries  int
	Refused  int // entries and $batch parts that hold a denial
	Complete bool
	Problem  string
	From, To time.Time // of the first and last entry with a time
}

// Principal is who was refused.
type Principal struct {
	ID             string
	Kind           string
	BusinessUnit   string
	RoleCount      *int
	PrivilegeCount *int
}

// Status is what a role holds of a finding.
type Status string

// The statuses of a finding.
const (
	StatusMissing    Status = "missing"
	StatusTooShallow Status = "too-shallow"
	StatusHeld       Status = "held"    // deep enough in the base role, and denied all the same
	StatusUnknown    Status = "unknown" // held at some depth that nothing shows
)

// Basis is how a depth is known.
type Basis string

// The bases, surest first.
const (
	BasisStated      Basis = "stated"      // the text names the depth
	BasisRecord      Basis = "record"      // worked out from owner and business units
	BasisOwnership   Basis = "ownership"   // the table allows no other
	BasisRecommended Basis = "recommended" // bundled knowledge
	BasisMinimum     Basis = "minimum"     // the least legal depth
	BasisSuspected   Basis = "suspected"   // even the privilege is only suspected
)

// Finding is one privilege that was denied, with all its denials.
type Finding struct {
	Privilege   catalog.Privilege
	Dialect     string
	Depth       catalog.Depth  // needed
	Legal       catalog.Depths // that the privilege can be given at; unknown where nothing tells
	Basis       Basis
	Held        catalog.Depth // by the base roles
	Status      Status
	RequiredFor []string
	Silent      bool // the app shows no message when this is denied
	Denials     []int
	Principals  []string
	Marks       []string // of its denials, in their order
	Note        string
	Advice      []Advice
	Ignored     *Ignore
}

// Gap reports whether f asks for an addition.
func (f Finding) Gap() bool {
	return f.Ignored == nil && f.Status != StatusHeld
}

// Ignore is a privilege that is known to be denied and wanted to be left alone.
type Ignore struct {
	Privilege string
	Reason    string
	Author    string
	Until     time.Time // the last day on which it counts; zero: for ever
}

// Grant is one addition to a role.
type Grant struct {
	Privilege string
	From, To  catalog.Depth
	Because   []int // indexes of findings
	Note      string
}

// Proposal is the least that must be added to the base role.
type Proposal struct {
	Base        *role.Role  // the role that the additions are for; nil for none
	Others      []role.Role // the same for the additions of other dialects, one for each
	Grants      []Grant
	Unexplained []int // indexes of denials that no finding explains, ascending
}

// Analysis is everything that is known after the captures were read.
type Analysis struct {
	Evidence
	Principals []Principal // by id
	Findings   []Finding
	Proposal   Proposal
	Notes      []string   // what to know before the list of findings
	Advice     []Advice   // about the proposal as a whole
	Inventory  []TableUse // every table that the captures touched
	Comparison *Comparison
}

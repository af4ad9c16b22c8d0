// Package zoho is the dialect of Zoho CRM, and of Zoho Recruit, which uses the
// same names: its refusals, what its profiles tell, and patches for them.
//
// A profile is what other platforms call a role. Its permissions are switches:
// on or off, without a depth. Everything here rests on published API
// descriptions; nothing was tried against a live Zoho.
package zoho

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"

	"github.com/prvgap/prvgap/analyzer"
	"github.com/prvgap/prvgap/har"
	"github.com/prvgap/prvgap/har/pattern"
)

// Name is the name of the dialect in reports.
const Name = "zoho"

// Dialect recognises Zoho CRM. Its zero value is ready to use.
type Dialect struct{}

// Shapes of denials.
const (
	shapeNamed   = "no-permission"         // details.permissions lists what is missing
	shapeUnnamed = "no-permission-unnamed" // details is empty
	shapeCode    = "code"                  // another code: a token, not a profile
)

// profilePath is the address of one profile; that of all profiles tells no
// permissions.
var profilePath = pattern.Compile(`/settings/profiles/\d+$`)

// Reads asks for the answers that hold a profile.
func (Dialect) Reads(method, address string) bool {
	path, _, _ := strings.Cut(address, "?")
	return method == "GET" && strings.Contains(path, "/settings/profiles/") && profilePath().MatchString(path)
}

// Excerpt returns, of an answer that holds profiles, what tells of their
// permissions.
func (x Dialect) Excerpt(e har.Entry) string {
	if e.Status < 200 || e.Status >= 300 || !x.Reads("GET", e.URL) {
		return ""
	}
	return excerpt(e.Body)
}

// Denials returns what an entry was refused, by the form of its body. The
// sentence in it decides nothing: "feature not available in this edition" and
// "User has been transferred successfully" were both seen with a missing
// permission.
func (x Dialect) Denials(e har.Entry, f *analyzer.Facts) []analyzer.Denial {
	switch {
	case e.Status >= 200 && e.Status < 300 && e.Body != "" && x.Reads("GET", e.URL):
		learn(e.Body, f)
	case e.Status < 400 || e.Parts > 0:
	case e.HasBody:
		return recognize(e)
	case e.Status == 403 && ours(e.URL) && apiPath(e.URL) != "":
		return []analyzer.Denial{{
			Dialect: Name, Shape: analyzer.ShapeNoBody, Cause: analyzer.CausePrivilege, Message: e.Comment,
			Advice: "the capture holds no text for this refusal: export it with response bodies, or reload the page with the network log open",
		}}
	}
	return nil
}

// refusal is the body of a refused request.
type refusal struct {
	Code    string          `json:"code"`
	Details json.RawMessage `json:"details"`
	Message *string         `json:"message"`
	Status  string          `json:"status"`
}

// is reports whether r has the platform's form: a code in capitals, a status,
// a message, and details, which may be empty, and be left out only at an
// address of the platform.
func (r refusal) is(address string) bool {
	return r.Status == "error" && r.Message != nil && codeForm().MatchString(r.Code) && (r.Details != nil || ours(address))
}

var (
	codeForm       = pattern.Compile(`^[A-Z][A-Z0-9_]{2,63}$`)
	permissionForm = pattern.Compile(`^[A-Za-z]\w{2,120}$`)
)

// What one body may hold.
const (
	mostRefusals    = 200
	mostPermissions = 50
)

// refusals decodes a body: one refusal, or one for each record under a key such
// as "data" or "users".
func refusals(body, address string) []refusal {
	if !strings.HasPrefix(strings.TrimSpace(body), "{") || !strings.Contains(body, `"error"`) {
		return nil
	}
	var one refusal
	if json.Unmarshal([]byte(body), &one) == nil && one.is(address) {
		return []refusal{one}
	}
	var lists map[string][]refusal
	if json.Unmarshal([]byte(body), &lists) != nil {
		return nil
	}
	var all []refusal
	for _, key := range slices.Sorted(maps.Keys(lists)) {
		for _, r := range lists[key] {
			if r.is(address) && len(all) < mostRefusals {
				all = append(all, r)
			}
		}
	}
	return all
}

func recognize(e har.Entry) []analyzer.Denial {
	var ds []analyzer.Denial
	for _, r := range refusals(e.Body, e.URL) {
		for _, d := range r.denials(e) {
			same := func(o analyzer.Denial) bool {
				return o.Code == d.Code && strings.EqualFold(o.Privilege, d.Privilege)
			}
			if !slices.ContainsFunc(ds, same) {
				d.Dialect, d.Code, d.Message = Name, r.Code, r.Code+": "+*r.Message
				ds = append(ds, d)
			}
		}
	}
	return ds
}

// denials reads one refusal. A code that is not known counts only where the
// address is the platform's: others use such words too.
func (r refusal) denials(e har.Entry) []analyzer.Denial {
	other := analyzer.Denial{Shape: shapeCode, Code: r.Code, Cause: analyzer.CauseOther}
	switch r.Code {
	case "NO_PERMISSION":
		return r.missing(e)
	case "OAUTH_SCOPE_MISMATCH":
		other.Advice = "the token lacks an OAuth scope, which no profile gives: make the token anew with the scope that this call needs"
	case "INVALID_TOKEN", "AUTHENTICATION_FAILURE":
		other.Advice = "the token or the sign-in did not count any more, which is no matter of a profile: sign in again and capture again"
	default:
		if e.Status != 403 || !ours(e.URL) {
			return nil
		}
		other.Advice = "refused with a code that names no permission of a profile; read the message"
	}
	return []analyzer.Denial{other}
}

// missing makes a denial of each permission that the details list.
func (r refusal) missing(e har.Entry) []analyzer.Denial {
	var details struct{ Permissions []string }
	_ = json.Unmarshal(r.Details, &details) // of another form: it names nothing
	var ds []analyzer.Denial
	for _, name := range details.Permissions {
		if permissionForm().MatchString(name) && len(ds) < mostPermissions {
			ds = append(ds, analyzer.Denial{Shape: shapeNamed, Code: r.Code, Cause: analyzer.CausePrivilege, Privilege: name})
		}
	}
	if len(ds) > 0 {
		return together(ds)
	}
	d := analyzer.Denial{Shape: shapeUnnamed, Code: r.Code, Cause: analyzer.CausePrivilege}
	d.Advice = "the answer names no permission: compare the profile with what the request does"
	if microsoft(e.URL) != "" {
		d.Advice = "the answer names no permission; the address speaks of a sync with Microsoft, which the profile's Microsoft section switches: " +
			"off pauses the sync and keeps its set-up, on again resumes it. The switches exist in paid editions, in every data centre but CN"
	}
	return []analyzer.Denial{d}
}

// together says in each of several denials which others the answer lists. It
// does not say that one of them would do, so all are proposed.
func together(ds []analyzer.Denial) []analyzer.Denial {
	const few = 3
	for i := range ds {
		var names []string
		for j, o := range ds {
			if j != i && len(names) < few {
				names = append(names, o.Privilege)
			}
		}
		if more := len(ds) - 1 - len(names); more > 0 {
			names = append(names, fmt.Sprintf("%d more", more))
		}
		if len(names) > 0 {
			ds[i].Advice = "the answer asks for it together with " + strings.Join(names, ", ")
		}
	}
	return ds
}

// host finds the platform's hosts, in all its data centres.
var host = pattern.Compile(`(?i)^(?:[\w-]+\.)*zoho(?:apis|platform|cloud)?\.(?:com|eu|in|jp|sa|ca|uk|com\.au|com\.cn)$`)

// ours reports whether an address is the platform's. Pasted text has none, and
// its form alone has to do.
func ours(address string) bool {
	u, err := url.Parse(address)
	return err == nil && (address == "" || host().MatchString(u.Hostname()))
}

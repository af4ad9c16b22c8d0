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

// Reads asks for the answers that hold a profile, or refusals of a part.
func (Dialect) Reads(method, address string) bool {
	return method == "GET" && holdsProfile(address) || partial(method, address)
}

func holdsProfile(address string) bool {
	path, _, _ := strings.Cut(address, "?")
	return strings.Contains(path, "/settings/profiles/") && profilePath().MatchString(path)
}

// partial reports whether the answer of a call that was not refused as a whole
// can refuse a part of it: some of the records (status 207), or calls of a
// composite.
func partial(method, address string) bool {
	if method == "GET" || method == "HEAD" || method == "OPTIONS" {
		return false
	}
	first, _, _ := strings.Cut(apiPath(address), "/")
	return (first == "__composite_requests" || moduleForm().MatchString(first)) && ours(address)
}

// Excerpt returns what Denials reads of an allowed answer: of profiles what
// tells of their permissions, of others the parts that were refused.
func (x Dialect) Excerpt(e har.Entry) string {
	switch {
	case e.Status < 200 || e.Status >= 300:
		return ""
	case holdsProfile(e.URL):
		return excerpt(e.Body)
	case partial(e.Method, e.URL):
		return excerptRefusals(e)
	}
	return ""
}

// Denials returns what an entry was refused, by the form of its body. The
// sentence in it decides nothing: "feature not available in this edition" and
// "User has been transferred successfully" were both seen with a missing
// permission.
func (x Dialect) Denials(e har.Entry, f *analyzer.Facts) []analyzer.Denial {
	switch {
	case e.Status >= 200 && e.Status < 300 && e.Body != "" && holdsProfile(e.URL):
		learn(e.Body, f)
	case e.Status >= 200 && e.Status < 300 && e.Parts == 0 && partial(e.Method, e.URL):
		return recognize(e)
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
	deepest         = 8 // a record's refusal, in the answer to a call of a composite
	mostPermissions = 50
)

// refusals decodes a body: one refusal, or one for each record under a key such
// as "data" or "users", or in the answers to the calls of a composite.
func refusals(body, address string) []refusal {
	if !strings.Contains(body, `"status"`) || !strings.Contains(body, `"error"`) {
		return nil // as of every other platform's refusals; decoding takes longer
	}
	return within(nil, json.RawMessage(strings.TrimSpace(body)), address, deepest)
}

// within appends the refusals in a value to all.
func within(all []refusal, value json.RawMessage, address string, depth int) []refusal {
	if depth == 0 || len(value) == 0 || len(all) == mostRefusals {
		return all
	}
	switch value[0] {
	case '{':
		var one refusal
		if json.Unmarshal(value, &one) == nil && one.is(address) {
			return append(all, one)
		}
		var fields map[string]json.RawMessage
		_ = json.Unmarshal(value, &fields) // of what cannot be read, what can
		for _, key := range slices.Sorted(maps.Keys(fields)) {
			all = within(all, fields[key], address, depth-1)
		}
	case '[':
		var items []json.RawMessage
		_ = json.Unmarshal(value, &items)
		for _, item := range items {
			all = within(all, item, address, depth-1)
		}
	}
	return all
}

// excerptRefusals writes the refusals in an answer anew, with what is read of
// them.
func excerptRefusals(e har.Entry) string {
	told := struct {
		Data []refusal `json:"data"`
	}{refusals(e.Body, e.URL)}
	told.Data = slices.DeleteFunc(told.Data, func(r refusal) bool { return len(r.denials(e)) == 0 })
	if len(told.Data) == 0 {
		return ""
	}
	for i, r := range told.Data {
		told.Data[i].Details, _ = json.Marshal(r.details()) // of strings
	}
	text, err := json.Marshal(told)
	if err != nil { // cannot be: all of it was decoded
		return ""
	}
	return string(text)
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

// details is what a refusal tells beside its sentence.
type details struct {
	Permissions []string `json:"permissions"`
}

// details of another form name nothing.
func (r refusal) details() (d details) {
	_ = json.Unmarshal(r.Details, &d)
	return d
}

// missing makes a denial of each permission that the details list.
func (r refusal) missing(e har.Entry) []analyzer.Denial {
	var ds []analyzer.Denial
	for _, name := range r.details().Permissions {
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

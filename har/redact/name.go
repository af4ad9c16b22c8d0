package redact

import (
	"net/url"
	"strings"

	"github.com/prvgap/prvgap/har/pattern"
)

var (
	// In a URL an address may be percent-encoded, also more than once, and in markup its "@" may be an entity. Guests
	// have a "#EXT#".
	email = pattern.Compile(`([\pL\pN._%+#-]+(?:'[\pL\pN._%+#-]+)*)(?:@|%(?:25)*40|&#(?:64|[xX]40);)((?:[\pL\pN-]+\.)+\pL{2,24})`)
	// delimiter ends with what cannot be part of an address: in "%27john@…" the quote.
	delimiter = pattern.Compile(`^.*%(?:25)*(?:0[0-9A-Fa-f]|2[0-246-9ACFacf]|3[A-Fa-f]|5[B-Db-d]|7[B-Db-d])`)
	// windows is a sign-in name as Windows has it. The domain is in capitals, which paths and escapes hardly are.
	windows = pattern.Compile(`(^|[^\w\\.:/-]|%(?:25)*2[0278])([A-Z][A-Z0-9-]{1,14})(?:\\{1,2}|%(?:25)*5[Cc])([A-Za-z][\w.$-]*\w)`)
	// "_ownerid_value@OData.Community.Display.V1.FormattedValue" is the name of a member.
	annotation = pattern.Compile(`(?i)^(?:odata|microsoft\.(?:dynamics|powerapps|xrm))\.`)
)

// emails replaces e-mail addresses and sign-in names.
func (r *Replacer) emails(s string) string {
	fresh := func(sum []byte) string { return "user-" + short(sum) + "@example.com" }
	if strings.Contains(s, "@") || strings.Contains(s, "%40") || strings.Contains(s, "2540") || strings.Contains(s, "&#") {
		s = email().ReplaceAllStringFunc(s, func(found string) string {
			m := email().FindStringSubmatch(found)
			before := delimiter().FindString(m[1])
			local := unescape(m[1][len(before):], url.PathUnescape)
			if local == "" || annotation().MatchString(m[2]) {
				return found
			}
			return before + r.replace(Email, found[len(before):], strings.ToLower(local+"@"+m[2]), fresh)
		})
	}
	if strings.Contains(s, `\`) || strings.Contains(s, "5C") || strings.Contains(s, "5c") {
		s = windows().ReplaceAllStringFunc(s, func(found string) string {
			m := windows().FindStringSubmatch(found)
			return m[1] + r.replace(Email, found[len(m[1]):], strings.ToLower(m[2]+`\`+m[3]), fresh)
		})
	}
	return s
}

// namePath is the path of a member that holds the name of a person, or a value as the form shows it (of a lookup: the
// name of a record).
var namePath = pattern.Compile(`(?i)(?:^|[._])(?:full|first|last|middle|given|family|sur|nick|display|user|owner|createdby|modifiedby)_?name$|FormattedValue$`)

// wordings are the sentences that print names. The groups are what stands before, the name, and what stands behind.
var wordings = []pattern.Lazy{
	pattern.Compile(`(ApplicationId/FullName: ?[^/,]*/)(.+?)(, ?PrivilegeName)`),
	pattern.Compile(`(in BusinessUnit: ?)([^()]+?)( ?\(Id ?=)`),
	pattern.Compile(`((?:^|[^/\w])(?i:full|first|last|display|user|owner) ?(?i:name)["']? ?[:=] ?["']?)([^"',;:=<>(){}\r\n]+)()`),
}

// wordings replaces the names in sentences that are known to print them.
func (r *Replacer) wordings(s string) string {
	if !strings.Contains(s, "ame") && !strings.Contains(s, "BusinessUnit:") {
		return s
	}
	for _, w := range wordings {
		s = w().ReplaceAllStringFunc(s, func(found string) string {
			m := w().FindStringSubmatch(found)
			return m[1] + r.name(m[2]) + m[3]
		})
	}
	return s
}

// literals replaces what was searched for in a URL: the texts in quotes of $filter and of keys, and $search.
func (r *Replacer) literals(address string) string {
	path, query, found := strings.Cut(address, "?")
	path = r.quoted(path)
	if !found {
		return path
	}
	options := strings.Split(query, "&")
	for i, o := range options {
		if name, value, ok := strings.Cut(o, "="); ok && (strings.EqualFold(name, "$search") || strings.EqualFold(name, "%24search")) {
			options[i] = name + "=" + r.literal(value)
		} else {
			options[i] = r.quoted(o)
		}
	}
	return path + "?" + strings.Join(options, "&")
}

var (
	// Dataverse takes lists of texts as JSON.
	quote = pattern.Compile(`'|"|%(?:25){0,3}2[27]`)
	// ofDefinition stands before the name of a table or column, or is the type of a value.
	ofDefinition = pattern.Compile(`(?i)(?:logicalname|schemaname|uniquename) ?(?:=|eq) ?$|(?:\.\w+|\bguid|\bdatetime(?:offset)?|\btime|\bduration|\bbinary)$`)
)

// farthest is how far before a quote the name or type is looked for, with its blanks percent-encoded.
const farthest = 100

// quoted replaces the texts in quotes.
func (r *Replacer) quoted(s string) string {
	var out strings.Builder
	marks := quote().FindAllStringIndex(s, -1)
	end := 0
	for i := 0; i < len(marks); i++ {
		j := closing(s, marks, i)
		if j < 0 {
			continue
		}
		from, to := marks[i][1], marks[j][0]
		before := s[max(end, marks[i][0]-farthest):marks[i][0]]
		if !ofDefinition().MatchString(unescape(before, url.QueryUnescape)) {
			out.WriteString(s[end:from])
			out.WriteString(r.literal(s[from:to]))
			end = to
		}
		i = j
	}
	return out.String() + s[end:]
}

// closing returns the mark that ends what mark i begins, or -1. A doubled quote is one inside the text.
func closing(s string, marks [][]int, i int) int {
	same := func(j int) bool { return j < len(marks) && s[marks[j][0]:marks[j][1]] == s[marks[i][0]:marks[i][1]] }
	for j := i + 1; j < len(marks); j++ {
		switch {
		case !same(j):
		case same(j+1) && marks[j][1] == marks[j+1][0]:
			j++
		default:
			return j
		}
	}
	return -1
}

// unescape undoes percent-encoding where it can be undone, also where it was done more than once.
func unescape(s string, undo func(string) (string, error)) string {
	for range 3 {
		text, err := undo(s)
		if err != nil || text == s {
			break
		}
		s = text
	}
	return s
}

// plain is what names nobody: a GUID, a number too short for a telephone's, a date, a privilege, or a word with an
// underscore, as publishers put before the names of their tables and columns.
var plain = pattern.Compile(`(?i)^(?:\{?[0-9a-f]{8}-[0-9a-f-]{27}\}?|[0-9.]{0,6}|\d{4}-\d\d-\d\d[0-9.:TZ+-]*|prv\w+|[a-z]\w*_\w+)$`)

// literal replaces a text that was searched for.
func (r *Replacer) literal(s string) string {
	text := unescape(s, url.QueryUnescape)
	if plain().MatchString(text) || r.known(text) {
		return s
	}
	return r.replaceName(s, text)
}

// name replaces a name.
func (r *Replacer) name(s string) string {
	if text := strings.TrimSpace(s); text == "" || plain().MatchString(text) {
		return s
	}
	return r.replaceName(s, s)
}

func (r *Replacer) replaceName(s, name string) string {
	folded := strings.ToLower(strings.Join(strings.Fields(name), " "))
	return r.replace(Name, s, folded, func(sum []byte) string { return "Name-" + short(sum) })
}

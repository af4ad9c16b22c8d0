package redact

import (
	"net/url"
	"regexp"
	"strings"
)

var (
	// An "@" in a URL may be percent-encoded.
	email  = regexp.MustCompile(`[\pL\pN._%+-]+(?:@|%40)((?:[\pL\pN-]+\.)+\pL{2,24})`)
	escape = regexp.MustCompile(`^.*%[0-9A-Fa-f]{2}`)
	// "_ownerid_value@OData.Community.Display.V1.FormattedValue" is the name of a member.
	annotation = regexp.MustCompile(`(?i)^(?:odata|microsoft\.(?:dynamics|powerapps|xrm))\.`)
)

// emails replaces e-mail addresses and sign-in names.
func (r *Replacer) emails(s string) string {
	if !strings.Contains(s, "@") && !strings.Contains(s, "%40") {
		return s
	}
	return email.ReplaceAllStringFunc(s, func(found string) string {
		if annotation.MatchString(email.FindStringSubmatch(found)[1]) {
			return found
		}
		address := strings.ReplaceAll(found, "%40", "@")
		// "%27john@…": the percent-encoded quote is none of the address.
		before := escape.FindString(address[:strings.IndexByte(address, '@')])
		address = address[len(before):]
		return before + r.replace(Email, found[len(before):], strings.ToLower(address), func(sum []byte) string {
			return "user-" + short(sum) + "@example.com"
		})
	})
}

// namePath is the path of a member that holds the name of a person, or a value as the form shows it (of a lookup: the
// name of a record).
var namePath = regexp.MustCompile(`(?i)(?:^|[._])(?:full|first|last|middle|given|family|sur|nick|display|user|owner|createdby|modifiedby)_?name$|FormattedValue$`)

// wordings are the sentences that print names. The groups are what stands before, the name, and what stands behind.
var wordings = []*regexp.Regexp{
	regexp.MustCompile(`(ApplicationId/FullName: ?[^/,]*/)(.+?)(, ?PrivilegeName)`),
	regexp.MustCompile(`(in BusinessUnit: ?)([^()]+?)( ?\(Id ?=)`),
	regexp.MustCompile(`((?:^|[^/\w])(?i:full|first|last|display|user|owner) ?(?i:name)["']? ?[:=] ?["']?)([^"',;:=<>(){}\r\n]+)()`),
}

// wordings replaces the names in sentences that are known to print them.
func (r *Replacer) wordings(s string) string {
	if !strings.Contains(s, "ame") && !strings.Contains(s, "BusinessUnit:") {
		return s
	}
	for _, w := range wordings {
		s = w.ReplaceAllStringFunc(s, func(found string) string {
			m := w.FindStringSubmatch(found)
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
	quote = regexp.MustCompile(`'|%27`)
	// ofDefinition stands before the name of a table or column, or is the type of a value.
	ofDefinition = regexp.MustCompile(`(?i)(?:logicalname|schemaname|uniquename) ?(?:=|eq) ?$|[a-z]$`)
)

// quoted replaces the texts in quotes.
func (r *Replacer) quoted(s string) string {
	var out strings.Builder
	marks := quote.FindAllStringIndex(s, -1)
	end := 0
	for i := 0; i+1 < len(marks); {
		j := i + 1
		for j+1 < len(marks) && marks[j][1] == marks[j+1][0] { // a doubled quote is one inside the text
			j += 2
		}
		if j >= len(marks) {
			break
		}
		from, to := marks[i][1], marks[j][0]
		if !ofDefinition.MatchString(unescape(s[end:marks[i][0]])) {
			out.WriteString(s[end:from])
			out.WriteString(r.literal(s[from:to]))
			end = to
		}
		i = j + 1
	}
	return out.String() + s[end:]
}

// unescape undoes percent-encoding where it can be undone.
func unescape(s string) string {
	if text, err := url.QueryUnescape(s); err == nil {
		return text
	}
	return s
}

// plain is what names nobody: a GUID, a number, a date, a privilege, or a word with an underscore, as publishers put
// before the names of their tables and columns.
var plain = regexp.MustCompile(`(?i)^(?:\{?[0-9a-f]{8}-[0-9a-f-]{27}\}?|[0-9.:TZ+-]*|prv\w+|[a-z]\w*_\w+)$`)

// literal replaces a text that was searched for.
func (r *Replacer) literal(s string) string {
	text := unescape(s)
	if plain.MatchString(text) || r.known(text) {
		return s
	}
	return r.replaceName(s, text)
}

// name replaces a name.
func (r *Replacer) name(s string) string {
	if text := strings.TrimSpace(s); text == "" || plain.MatchString(text) {
		return s
	}
	return r.replaceName(s, s)
}

func (r *Replacer) replaceName(s, name string) string {
	folded := strings.ToLower(strings.Join(strings.Fields(name), " "))
	return r.replace(Name, s, folded, func(sum []byte) string { return "Name-" + short(sum) })
}

package pattern

import (
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// seeds are expressions of every kind with texts that they match, nearly match,
// or do not.
var seeds = []struct{ expr, text string }{
	{`(?i)\bprincipal (user|team)\b`, "subprincipal user; Principal Team, principal users, PRINCIPAL USER"},
	{`\bprv[A-Za-z0-9_*]+(?:\.\.+|…|\[|-)?`, "prvRead xprvWrite prv prv_a… PRVB prvC..."},
	{`(?i)(?:0x ?|%3a|crm\.|code"?\s*[:=]\s*"?)(8[0-9a-f]{7})\b|(-2147\d{6})\b|\b(214[78]\d{6})\b`, `0x80040220 hr = -2147220960 "code": "80040220", 2147746336 12147746336`},
	{`(?i)(?:^|[^e ]) ?\(Id ?= ?([0-9a-f]+)`, "(Id=1) privilege (Id=2) user (Id = 3)"},
	{`(?i)^["'*.)]*(?: privilege| ayrıcalığı)? ?\(Id=(\d)|PrivilegeId ?: ?(\d)`, "ayrıcalığı (Id=4) privilegeid: 5"},
	{`(?i)\bAccessRights ?: ?(\d+|[A-Za-z]+Access(?:, ?[A-Za-z]+Access)*)`, "AccessRights: ReadAccess, WriteAccess AccessRights:3"},
	{`\\+(["'/<>_*\[\](){}.#-])`, `a\"b\\"c\n\`},
	{`</?[A-Za-z][\w:.-]*(?:\s[^<>]*)?/?>`, "<a b=c>x</a><<b <c/>"},
	{`(?i)kiss|task`, "\u212ai\u017fs KISS ta\u017fk"},
	{`(^|[^*])\*\*([^*]|$)`, "a**b** ***c"},
	{`(?i)Setup/Stub( unlicensed)? user`, "setup/stub unlicensed user"},
	{`(?i)<t[^>]*>(x*)`, strings.Repeat("<t ", 2*mostTries) + "<T>xx<t>"},
	{`abb*c`, strings.Repeat("abb ", 2*mostTries) + "abc"},
	{`a|^b|c$`, "babc"},
	{`a*`, "baac"},
	{`\Bab`, "abab"},
	{`(?s)<a>.*?</a>`, "<a>\n</a><a></a>"},
	{`(?m)^ab$`, "ab\nab"},
	{`\w*token`, "x-token xtoken"},
	{`é|ab`, "éab"},
	{`x{2,3}y`, "xxxy"},
	{`[ab]c|d?e`, "acbcdee"},
	{`ab`, "\xffab\xc3ab"},
	{``, "ab"},
}

// FuzzPattern holds a pattern against regexp, which must find the same.
func FuzzPattern(f *testing.F) {
	for _, s := range seeds {
		f.Add(s.expr, s.text)
		f.Add(s.expr, strings.ToUpper(s.text)+" "+s.text)
	}
	f.Fuzz(func(t *testing.T, expr, text string) {
		want, err := regexp.Compile(expr)
		if err != nil || len(expr) > 200 || len(text) > 10_000 {
			t.Skip()
		}
		got := MustCompile(expr)
		equal := func(what string, a, b any) {
			if !reflect.DeepEqual(a, b) {
				t.Errorf("%s of %q in %q: got %v, want %v", what, expr, text, a, b)
			}
		}
		equal("match", got.MatchString(text), want.MatchString(text))
		equal("string", got.FindString(text), want.FindString(text))
		equal("place", got.FindStringIndex(text), want.FindStringIndex(text))
		equal("groups", got.FindStringSubmatch(text), want.FindStringSubmatch(text))
		equal("replaced", got.ReplaceAllString(text, "<$1>"), want.ReplaceAllString(text, "<$1>"))
		equal("mapped", got.ReplaceAllStringFunc(text, strings.ToUpper), want.ReplaceAllStringFunc(text, strings.ToUpper))
		for _, n := range []int{-1, 0, 1, 2} {
			equal("strings", got.FindAllString(text, n), want.FindAllString(text, n))
			equal("places", got.FindAllStringIndex(text, n), want.FindAllStringIndex(text, n))
			equal("all groups", got.FindAllStringSubmatch(text, n), want.FindAllStringSubmatch(text, n))
		}
	})
}

// TestLook: what is looked for before an expression is run.
func TestLook(t *testing.T) {
	for _, c := range []struct{ expr, starts, needs string }{
		{`(?i)\bprincipal (user|team)\b`, "principal ", ""},
		{`(?i)(?:^|[^e ]) ?\(Id ?= ?(\d)`, "", "(id ="},
		{`(?i)[\w-]*token\s*[:=]`, "", "token :,="},
		{`"?Owner"? ?:`, `"owner owner`, ""},
		{`(?i)OTC ?= ?(\d)`, "otc = otc=", ""},
		{`(?i)^a\b`, "", ""},
		{`x?`, "", ""},
		{`ab|cd|\d`, "", ""},
		{`é+ab`, "", "ab"},
	} {
		p := MustCompile(c.expr)
		if got := texts(p.starts, " "); got != c.starts {
			t.Errorf("%s starts with %q, want %q", c.expr, got, c.starts)
		}
		var needs []string
		for _, one := range p.needs {
			needs = append(needs, texts(one, ","))
		}
		if got := strings.Join(needs, " "); c.starts == "" && got != c.needs {
			t.Errorf("%s needs %q, want %q", c.expr, got, c.needs)
		}
	}
}

func texts(list []*literal, between string) string {
	var all []string
	for _, l := range list {
		all = append(all, l.text)
	}
	slices.Sort(all)
	return strings.Join(all, between)
}

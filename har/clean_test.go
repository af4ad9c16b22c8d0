package har

import (
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestCleanURL(t *testing.T) {
	for in, want := range map[string]string{
		"https://x.example/api/data/v9.2/accounts?$select=name&$filter=name eq 'a'": "https://x.example/api/data/v9.2/accounts?$select=name&$filter=name eq 'a'",
		"https://x.example/f?%24top=5&code=abc&sig=def":                             "https://x.example/f?%24top=5&code=…&sig=…",
		"https://me:pw@x.example/p#access_token=abc":                                "https://x.example/p",
		"https://x.example?fetchXml=%3Cfetch%3E":                                    "https://x.example?fetchXml=…",
		"https://x.example/a;jsessionid=12345/b":                                    "https://x.example/a;jsessionid=…",
		"https://x.example/p?$skiptoken=abc&$deltatoken=def":                        "https://x.example/p?$skiptoken=…&$deltatoken=…",
		"https://x.example/eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0.c2ln/x":              "https://x.example/…/x",
		"https://x.example/p?0123456789012345678901234567890123456789":              "https://x.example/p?…",
		"/api/data/v9.2/accounts(1)?$expand=x($select=y)":                           "/api/data/v9.2/accounts(1)?$expand=x($select=y)",
		"": "",
	} {
		if got := CleanURL(in); got != want {
			t.Errorf("CleanURL(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestCleanText(t *testing.T) {
	for _, secret := range []string{
		"Authorization: Bearer abcdefghijklmnopTOPSECRET",
		`{"access_token":"TOPSECRET","x":1}`,
		`{\"refresh_token\":\"TOPSECRET\"}`,
		"Set-Cookie: CrmOwinAuth=TOPSECRET; path=/",
		"client_secret=TOPSECRET&grant_type=x",
		"https://x.example/?sv=1&sig=TOPSECRET%3D",
		"token eyJhbGciOiJub25lIn0.eyJzdWIiTOPSECRET.c2ln",
		"password: TOPSECRET",
		"ewoJInRva2VuIjoiTOPSECRET and ew0JInRva2VuIjoiTOPSECRET and eyAKInRva2VuIjoiTOPSECRET and ewkidG9rZW4iOiJTOPSECRET",
		"redirect=https%3A%2F%2Fx%3Faccess_token%3DTOPSECRET",
	} {
		if got := CleanText(secret); strings.Contains(got, "TOPSECRET") {
			t.Errorf("CleanText left %q", got)
		}
		if got := CleanMark("after\n" + secret + strings.Repeat(" and", 100)); strings.Contains(got, "TOPSECRET") || !strings.HasPrefix(got, "after ") {
			t.Errorf("CleanMark left %q", got)
		}
	}
	keep := "Principal user (Id=b06e8494-999f-f011-b41c-00224804a1a8, type=8) is missing prvReadToken privilege for entity 'token'"
	if got := CleanText(keep); got != keep {
		t.Errorf("CleanText took too much: %q", got)
	}
}

// FuzzCleanMark: a mark is one short line, and cleaning it again changes nothing: it is done when a mark is set, when it
// is read, and when a report is.
func FuzzCleanMark(f *testing.F) {
	for _, s := range []string{"create quote", " two\r\n lines\t", "password: secret", strings.Repeat("é", 300), strings.Repeat("a word ", 300), "x \xff y"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := CleanMark(s)
		if again := CleanMark(got); again != got {
			t.Errorf("%q becomes %q and then %q", s, got, again)
		}
		if utf8.RuneCountInString(got) > maxMark || strings.ContainsAny(got, "\r\n\t") {
			t.Errorf("%q becomes %q", s, got)
		}
	})
}

// FuzzCleanText: what is cut out is what the expressions match when they are
// run over the whole text.
func FuzzCleanText(f *testing.F) {
	for _, seed := range []string{
		"Authorization: Bearer abcdefghijklmnop", `{\"refresh_token\":\"x\"}`, "Set-Cookie: CrmOwinAuth=x; path=/", "x-token=1 y_token%3a2 sig=sas=token:3 \"api-key\" : 'x'",
		"eyJhbGciOiJub25lIn0.eyJzdWIiTOPSECRET.c2ln", "to\u212aen=1 cla\u017f\u017f pa\u017fsword:2", "assertion client-secret=1 client_secret=2",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		want := s
		if strings.ContainsAny(s, "=:% .") {
			for _, re := range secrets() {
				want = regexp.MustCompile(re.String()).ReplaceAllString(want, "${1}"+ellipsis)
			}
		}
		if got := cleanSecrets(s); got != want {
			t.Errorf("%q became %q, want %q", s, got, want)
		}
	})
}

func BenchmarkCleanURL(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		CleanURL("https://contoso.crm4.dynamics.com/api/data/v9.2/accounts(a1b2c3d4-0001-4000-8000-00000000a11c)?$select=name,revenue&$filter=statecode eq 0&x=1")
	}
}

// BenchmarkCleanText cleans a refusal as the platform prints it: it holds no secret, and words that look like one.
func BenchmarkCleanText(b *testing.B) {
	text := `user with id 6a36a271-026b-f111-b4cc-7ced8d41c0e7 does not have WriteAccess right(s) for record with id ` +
		`977239d8-0b93-f111-b4cc-7ced8d41c0e7 of entity Account. Consider assigning a role with the required access level: ` +
		`https://contoso.crm4.dynamics.com/main.aspx?forceUCI=1&etn=account More details: {"CallerPrincipal":{"Type":8,` +
		`"IsUserPrincipal":true},"ObjectTypeCode":1,"EntityName":"account","RightsToCheck":"WriteAccess","RoleAccessRights":"None",` +
		`"Messages":["EntityUserGroupRights = None","SecLib::AccessCheckEx2 failed. Principal Data: roleCount=1, accessMode=0"]}`
	b.ReportAllocs()
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		CleanText(text)
	}
}

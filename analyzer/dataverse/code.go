package dataverse

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/prvgap/prvgap/har/pattern"
)

// codeToken finds an error code in each of its spellings: 0x80040220 (also
// "0x 80040220" and percent-encoded or prefixed Crm.80040220), -2147220960, and
// 2147746336. Blanks stand alone in a canonical text.
var codeToken = pattern.Compile(`(?i)(?:0x ?|%3a|crm\.|code"? ?[:=] ?"?)(8[0-9a-f]{7})\b|(-2147\d{6})\b|\b(214[78]\d{6})\b|\b(9004010[1-7])\b`)

// resultCode finds the code that a SecLib text itself prints, which is truer
// than the code around it.
var resultCode = pattern.Compile(`(?i)\bhr ?= ?(-2147\d{6})`)

// wrappers are codes that stand around the real one: a plug-in or workflow was
// aborted, an unexpected error, "not supported".
var wrappers = map[string]bool{"0x80040265": true, "0x80040216": true, "0x80040315": true, "0x80044150": true}

// codesIn returns the codes that a canonical text prints, in its order.
func codesIn(text string) []string {
	var codes []string
	for _, m := range codeToken().FindAllStringSubmatch(text, 20) {
		code := strings.ToLower(m[4])
		switch {
		case m[1] != "":
			code = "0x" + strings.ToLower(m[1])
		case m[2]+m[3] != "":
			code = hexCode(m[2] + m[3])
		}
		codes = append(codes, code)
	}
	return codes
}

// codeOf returns the code that says most about a canonical text: the one a
// SecLib text prints, else the first that is no wrapper, else the first.
func codeOf(text string, codes []string) string {
	if strings.Contains(text, "hr") {
		for _, m := range resultCode().FindAllStringSubmatch(text, 20) {
			if code := hexCode(m[1]); !wrappers[code] {
				return code
			}
		}
	}
	for _, code := range codes {
		if !wrappers[code] {
			return code
		}
	}
	if len(codes) > 0 {
		return codes[0]
	}
	return ""
}

// hexCode turns a decimal code, signed or not, into "0x" and eight digits.
func hexCode(decimal string) string {
	n, err := strconv.ParseInt(decimal, 10, 64)
	if err != nil {
		return ""
	}
	return fmt.Sprintf("0x%08x", uint32(n)) //nolint:gosec // the low 32 bits are the code
}

// privilegeCodes say that a privilege is missing, accessCodes that a record is
// out of reach, whatever the text around them.
var (
	privilegeCodes = map[string]bool{
		"0x80040220": true, // PrivilegeDenied
		"0x80040299": true, // privilege check of an owner or assignee
		"0x80040231": true, // PrincipalPrivilegeDenied
		"0x80040256": true, // CrmSecurityError
		"0x80048405": true, // AccessDenied
	}
	accessCodes = map[string]bool{"0x80048306": true}
)

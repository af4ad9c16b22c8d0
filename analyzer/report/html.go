package report

import (
	"bufio"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"io"
	"strings"
	"sync"
)

// The page is one file: style and script are written into it, and nothing is
// ever loaded from anywhere else.
var (
	//go:embed html/page.html
	htmlTemplate string
	//go:embed html/style.css
	htmlStyle string
	//go:embed html/script.js
	htmlScript string
)

// htmlLayout is parsed when the first page is written: most runs write none.
var htmlLayout = sync.OnceValue(func() *template.Template {
	return template.Must(template.New("page").Parse(unixLines(htmlTemplate)))
})

// writeHTML writes a page to be read in a browser, from a file.
func writeHTML(w io.Writer, r Report, _ Options) error {
	b := bufio.NewWriter(w)
	if err := htmlLayout().Execute(b, newHTMLPage(r)); err != nil {
		return fmt.Errorf("writing HTML: %w", err)
	}
	return b.Flush()
}

// htmlPolicy is the Content-Security-Policy of the page. Even if a text of a
// capture became markup, it could load, run, send and style nothing.
func htmlPolicy(style, script string) string {
	return "default-src 'none'; style-src " + digest(style) + "; script-src " + digest(script) + "; base-uri 'none'; form-action 'none'"
}

// digest is how a policy names an inline style or script.
func digest(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}

// unixLines undoes what a checkout on Windows may do to the files: a browser
// reads CRLF as LF before it compares digests.
func unixLines(s string) string { return strings.ReplaceAll(s, "\r\n", "\n") }

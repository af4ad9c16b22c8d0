package main

import (
	"bytes"
	"fmt"
	"strings"
	"time"
)

// emptyID is the GUID of nothing.
const emptyID = "00000000-0000-0000-0000-000000000000"

// pair is a header, a cookie or a query parameter.
type pair struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// denial says what a reader should find in a refused entry or $batch part.
type denial struct {
	part      int // 1-based within a $batch, 0 outside
	status    int // of the entry, or of the part
	shape     string
	code      string
	privilege string
	suspected string // what method and URL suggest where the text names nothing
	action    string
	table     string
	cause     string
	principal string
	depth     string
	basis     string
}

// exchange is one request with its answer, before it takes a browser's layout.
type exchange struct {
	at   time.Time
	took int // milliseconds
	page string

	method, url string
	kind        string // document, script, stylesheet, image, font, fetch, xhr, ping
	reqHeaders  []pair
	reqMime     string
	reqBody     string
	cookies     []pair

	status      int
	respHeaders []pair
	setCookies  []pair
	mime        string
	body        string
	base64      bool // body is base64 already
	evicted     bool // the browser had dropped the body: a size, no text
	cached      bool
	failure     string // status 0: Chrome's reason

	denials []denial
}

// page is one page of a capture.
type page struct {
	id, title string
	at        time.Time
}

// capture collects exchanges on a running clock.
type capture struct {
	name    string
	at      time.Time
	pages   []page
	steps   []exchange
	firefox bool
	cut     int // keep this many entries and a part of the next; 0 keeps all
}

// open starts a page.
func (c *capture) open(title string) {
	c.pages = append(c.pages, page{fmt.Sprintf("page_%d", len(c.pages)+1), title, c.at})
}

// pause lets the user read or think.
func (c *capture) pause(d time.Duration) { c.at = c.at.Add(d) }

// add puts an exchange at the clock's time and moves the clock on a little.
func (c *capture) add(x exchange) {
	label := fmt.Sprintf("%s %d", c.name, len(c.steps))
	x.at = c.at
	x.page = c.pages[len(c.pages)-1].id
	if x.took == 0 {
		x.took = 18 + number(label+" took", 160)
	}
	c.steps = append(c.steps, x)
	c.at = c.at.Add(time.Duration(7+number(label+" gap", 110)) * time.Millisecond)
}

// render writes the capture in its browser's layout.
func (c *capture) render() []byte {
	if c.firefox {
		return firefoxHAR(c)
	}
	whole := chromeHAR(c)
	if c.cut == 0 {
		return whole
	}
	// A capture that broke off: the file ends inside a string of the entry after the last one kept.
	mark := []byte("\n        \"startedDateTime\": ")
	at := 0
	for range c.cut + len(c.pages) {
		at += bytes.Index(whole[at:], mark) + len(mark)
	}
	return whole[:at+bytes.Index(whole[at:], []byte(`"user-agent"`))+len(`"user-agent",`)+40]
}

// header is the first line of expected.tsv.
var header = []string{
	"file", "entry", "part", "status", "privilege", "action", "table", "cause", "principal",
	"shape", "code", "depth", "basis", "suspected",
}

// rows lists the capture's denials; a capture that is cut off holds only those before the cut.
func (c *capture) rows() [][]string {
	var rows [][]string
	for i, x := range c.steps {
		if c.cut > 0 && i >= c.cut {
			break
		}
		for _, d := range x.denials {
			part := ""
			if d.part > 0 {
				part = fmt.Sprint(d.part)
			}
			rows = append(rows, []string{
				c.name, fmt.Sprint(i), part, fmt.Sprint(d.status), d.privilege, d.action, d.table, d.cause, d.principal,
				d.shape, d.code, d.depth, d.basis, d.suspected,
			})
		}
	}
	return rows
}

// expectedTSV writes the denials of all captures for tests to read.
func expectedTSV(cs []*capture) []byte {
	var b bytes.Buffer
	b.WriteString(strings.Join(header, "\t") + "\n")
	for _, c := range cs {
		for _, r := range c.rows() {
			b.WriteString(strings.Join(r, "\t") + "\n")
		}
	}
	return b.Bytes()
}

// expectedMarkdown writes the same for people.
func expectedMarkdown(cs []*capture) string {
	var b strings.Builder
	for _, c := range cs {
		rows := c.rows()
		if len(rows) == 0 {
			continue
		}
		fmt.Fprintf(&b, "### %s: %d denials\n\n", c.name, len(rows))
		b.WriteString("| entry | part | status | wording | code | privilege | table | principal | cause | depth | basis |\n")
		b.WriteString("|---|---|---|---|---|---|---|---|---|---|---|\n")
		for _, r := range rows {
			privilege := r[4]
			if privilege == "" && r[13] != "" {
				privilege = "none; suspected " + r[13]
			}
			cells := []string{r[1], r[2], r[3], r[9], r[10], privilege, r[6], r[8], r[7], r[11], r[12]}
			b.WriteString("| " + strings.Join(cells, " | ") + " |\n")
		}
		b.WriteString("\n")
	}
	return b.String()
}

package report

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/prvgap/prvgap/analyzer"
	"github.com/prvgap/prvgap/analyzer/role"
	"github.com/prvgap/prvgap/catalog"
)

// sampleReport has something of everything that a page shows.
func sampleReport() Report {
	at := func(s int) time.Time { return time.Date(2026, 11, 20, 9, 14, s, 0, time.UTC) }
	const user, team = "6a36a271-026b-f111-b4cc-7ced8d41c0e7", "ccf4c8d3-0000-f111-b4cc-7ced8d41c0e7"
	ev := analyzer.Evidence{Facts: analyzer.NewFacts(), Captures: []analyzer.Capture{
		{Name: "first.har", Format: "har", Creator: "Chrome", Bytes: 123_456, Entries: 300, Refused: 9, Complete: true, From: at(0), To: at(300)},
		{Name: "second.har", Format: "har", Entries: 12, Refused: 1, Problem: "at byte 62484: unexpected end of file"},
	}}
	n := 1
	for i, d := range []analyzer.Denial{
		{Cause: analyzer.CauseRecordAccess, Action: catalog.Write, Table: "account", Depth: catalog.Local, Message: "does not have WriteAccess\r\nMore details: none"},
		{Cause: analyzer.CauseRecordAccess, Action: catalog.Write, Table: "account", Depth: catalog.Local, Message: "again"},
		{Cause: analyzer.CausePrivilege, Privilege: "prvCreateContact", PrincipalKind: "team", Principal: team},
		{Cause: analyzer.CausePrivilege, Privilege: "prvReadWorkflow"},
		{Cause: analyzer.CausePrivilege, Privilege: "prvWorkflowExecution"},
		{Cause: analyzer.CausePrivilege, Privilege: "prvReadSystemForm"},
		{Cause: analyzer.CausePrivilege, Privilege: "prvReadGoal"},
		{Cause: analyzer.CauseColumnSecurity, Table: "contact", Advice: "add the user to a column security profile"},
		{Cause: analyzer.CausePrivilege, Shape: analyzer.ShapeNoBody, Suspected: "prvReadCompetitor", Advice: "capture it again"},
		{Capture: 1, Entry: 3, Cause: analyzer.CausePrivilege, Privilege: "prvReadIncident"},
	} {
		if d.Capture == 0 {
			d.Entry, d.Time = 10*i, at(30*i)
		}
		if d.Principal == "" {
			d.Principal, d.PrincipalKind, d.RoleCount = user, "user", &n
		}
		d.Method, d.Status, d.URL, d.Dialect = "GET", 403, fmt.Sprintf("https://contoso.example/api/data/v9.2/rows(%d)", i), "dataverse"
		ev.Denials = append(ev.Denials, d)
	}
	base := role.New("Sales Base", "", "Sales Base.xml")
	base.Grant("prvWriteAccount", catalog.Basic)
	base.Grant("prvReadAccount", catalog.Global)
	base.Grant("prvReadSystemForm", catalog.Global)
	opts := analyzer.Options{Bases: []role.Role{base}, Ignore: []analyzer.Ignore{{Privilege: "prvReadGoal", Reason: "no goals here", Author: "pat", Until: at(0)}}}
	r := Report{Version: "v0.1.0", Catalog: "2026-11", Analysis: analyzer.Analyze(ev, opts)}
	r.Notes = append(r.Notes, "the base app role seems to be missing")
	return r
}

// TestChromium shows pages in a real browser, from files.
func TestChromium(t *testing.T) {
	if testing.Short() {
		t.Skip("starts a browser")
	}
	c := openChromium(t)
	for _, part := range []struct {
		name string
		test func(*testing.T, *chromium)
	}{
		{"use", usePage}, {"filter", filterPage}, {"links", followLinks}, {"looks", lookAtPage}, {"paper", printPage}, {"without scripts", withoutScripts}, {"hostile", hostilePage},
	} {
		t.Run(part.name, func(t *testing.T) {
			outer := c.t
			c.t = t
			defer func() { c.t = outer }()
			part.test(t, c)
		})
	}
}

// quiet checks that a page asked for nothing but itself, and that nothing in it
// went wrong.
func (c *chromium) quiet(url string) {
	c.t.Helper()
	for _, asked := range c.asked {
		if asked != url {
			c.t.Errorf("the page asked for %s", asked)
		}
	}
	for _, p := range c.printed {
		c.t.Errorf("the browser complains: %s", p)
	}
}

// showing counts the elements that can be seen.
const showing = `[...document.querySelectorAll(%q)].filter((e) => e.checkVisibility()).length`

func (c *chromium) shows(selector string, want int) {
	c.t.Helper()
	var n int
	if c.eval(&n, showing, selector); n != want {
		c.t.Errorf("%s: %d show, want %d", selector, n, want)
	}
}

func usePage(t *testing.T, c *chromium) {
	r := sampleReport()
	c.screen(1280, 900, "light", "")
	url := c.open(render(t, r, "html", Options{}))
	c.shows("[data-panel]", 3)
	c.shows("[role=tab]", 4)
	c.is("the first tab shows all", `document.querySelector("#tab-all").getAttribute("aria-selected") === "true"`)

	// A mouse chooses a tab; arrow keys go on from there, and round.
	c.click("#tab2-tab")
	c.shows("[data-panel]", 1)
	c.is("its panel shows", `document.querySelector("#tab2").checkVisibility() && document.querySelector("#tab2").getAttribute("role") === "tabpanel"`)
	for _, step := range []struct {
		key  string
		code int
		at   string
	}{{"ArrowRight", 39, "tab3-tab"}, {"ArrowRight", 39, "tab-all"}, {"ArrowLeft", 37, "tab3-tab"}, {"Home", 36, "tab-all"}, {"End", 35, "tab3-tab"}} {
		c.press(step.key, step.code)
		c.is(step.key, `document.activeElement.id === %q && document.activeElement.getAttribute("aria-selected") === "true" && document.querySelectorAll("[role=tab]:not([tabindex='-1'])").length === 1`, step.at)
	}
	c.shows("[data-panel]", 1)
	c.press("Home", 36)
	c.shows("[data-panel]", 3)

	// Evidence folds out by mouse, by key, and all at once.
	c.shows("details.proof pre", 0)
	c.click("#f0 summary")
	c.is("evidence is open", `document.querySelector("#f0 details").open && document.querySelector("#f0 pre").checkVisibility()`)
	c.is("it holds the message by lines", `document.querySelector("#f0 pre").textContent === "does not have WriteAccess\nMore details: none"`)
	c.eval(new(any), `document.querySelector("#f1 summary").focus()`)
	c.call("Input.dispatchKeyEvent", map[string]any{"type": "keyDown", "key": "Enter", "code": "Enter", "text": "\r", "windowsVirtualKeyCode": 13})
	c.is("Enter opens", `document.querySelector("#f1 details").open`)
	c.click("#fold")
	c.is("all are open", `document.querySelectorAll("details.proof:not([open])").length === 0`)
	c.click("#fold")
	c.is("all are closed", `document.querySelectorAll("details.proof[open]").length === 0`)
	c.quiet(url)
}

func filterPage(t *testing.T, c *chromium) {
	url := c.open(render(t, sampleReport(), "html", Options{}))
	c.click("#words")
	c.call("Input.insertText", map[string]any{"text": "CONTACT create"})
	c.shows("[data-item]", 1)
	c.shows("tr[data-of]", 1)
	c.shows("[data-panel]", 1)
	c.is("it is told", `document.querySelector("#shown").textContent.startsWith("1 of ")`)
	c.eval(new(any), `document.querySelector("#words").select()`)
	c.call("Input.insertText", map[string]any{"text": "rows(7)"}) // evidence that is folded away counts
	c.shows("[data-item]", 1)
	c.shows("#other", 1)
	c.is("nothing on the form matches, and it says so", `document.querySelector("#nothing").checkVisibility()`)
	c.eval(new(any), `(() => { const w = document.querySelector("#words"); w.value = ""; w.dispatchEvent(new Event("input")); })()`)
	for class, n := range map[string]int{"missing": 4, "too-shallow": 1, "held": 1, "ignored": 1, "other": 1, "not-understood": 1, "": 9} {
		c.eval(new(any), `(() => { const s = document.querySelector("#class"); s.value = %q; s.dispatchEvent(new Event("change")); })()`, class)
		c.shows("[data-item]", n)
	}
	c.quiet(url)
}

// followLinks: every link of the page leads to a place in it, also when the
// filter hides that place.
func followLinks(t *testing.T, c *chromium) {
	url := c.open(render(t, sampleReport(), "html", Options{}))
	c.is("links stay in the page", `[...document.querySelectorAll("[href]")].every((a) => a.getAttribute("href").startsWith("#") && document.getElementById(a.getAttribute("href").slice(1)))`)
	c.is("what the attributes point at is there", `[...document.querySelectorAll("[aria-controls],[aria-labelledby],[for]")].every((e) => ["aria-controls", "aria-labelledby", "for"].every((a) => (e.getAttribute(a) ?? "").split(" ").filter(Boolean).every((id) => document.getElementById(id))))`)
	c.is("ids are there once", `new Set([...document.querySelectorAll("[id]")].map((e) => e.id)).size === document.querySelectorAll("[id]").length`)
	c.is("fields have names", `[...document.querySelectorAll("input,select,button")].every((e) => e.labels?.length > 0 || e.textContent.trim() !== "")`)
	c.is("the timeline speaks", `document.querySelectorAll("#when svg[role=img] > desc").length === 2 && document.querySelector("#when desc").textContent.includes("first at 09:14:00")`)
	c.is("each denial is on it", `[...document.querySelectorAll("#when .moments li")].length === 10`)
	c.click("#tab1-tab")
	c.eval(new(any), `document.querySelector("#when details").open = true`)
	c.click("#when .moments li:nth-child(4) a") // of another tab
	c.is("the target shows", `document.querySelector(location.hash).checkVisibility()`)
	c.quiet(url)
}

// contrast returns the texts whose colour stands out too little from what is
// behind them, by the formula of WCAG 2.
const contrast = `(() => {
  const parse = (s) => s.match(/[\d.]+/g).map(Number);
  const light = (c) => { const [r, g, b] = c.map((v) => { v /= 255; return v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; }); return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
  const behind = (e) => { for (; e; e = e.parentElement) { const c = parse(getComputedStyle(e).backgroundColor); if (c.length === 3 || c[3] === 1) return c.slice(0, 3); } return [255, 255, 255]; };
  const out = [];
  for (const e of document.querySelectorAll("body *")) {
    if (!e.checkVisibility() || ![...e.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim() !== "")) continue;
    const style = getComputedStyle(e);
    const a = light(parse(e instanceof SVGElement ? style.fill : style.color).slice(0, 3)), b = light(behind(e));
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < 4.5) out.push(e.tagName + "." + e.className + " " + ratio.toFixed(2) + " " + e.textContent.trim().slice(0, 30));
  }
  return out;
})()`

func lookAtPage(t *testing.T, c *chromium) {
	url := c.open(render(t, sampleReport(), "html", Options{}))
	for _, width := range []int{1280, 768, 390} {
		for _, scheme := range []string{"light", "dark"} {
			c.screen(width, 900, scheme, "")
			c.is(fmt.Sprint("nothing is wider than ", width), `document.documentElement.scrollWidth <= %d`, width)
			c.is("the form fits", `[...document.querySelectorAll(".panel .scroll")].every((e) => e.scrollWidth <= e.clientWidth)`)
			var faint []string
			if c.eval(&faint, contrast); len(faint) > 0 {
				t.Errorf("%d %s: contrast below 4.5: %s", width, scheme, strings.Join(faint, "; "))
			}
			c.is("the scheme counts", `(getComputedStyle(document.body).backgroundColor === "rgb(245, 247, 250)") === %t`, scheme == "light")
			c.shoot(fmt.Sprintf("report-%d-%s.png", width, scheme))
		}
	}
	c.screen(1280, 900, "light", "")
	c.quiet(url)
}

func printPage(t *testing.T, c *chromium) {
	url := c.open(render(t, sampleReport(), "html", Options{}))
	c.eval(new(any), `addEventListener("beforeprint", () => { window.folded = document.querySelectorAll("details.proof:not([open])").length; }), 0`)
	c.call("Page.printToPDF", map[string]any{"printBackground": true})
	c.is("evidence is unfolded on paper", `window.folded === 0`)
	c.is("and folded again", `document.querySelectorAll("details.proof[open]").length === 0`)
	c.screen(1280, 900, "dark", "print")
	c.shows("#tools, .tabs, .jump, summary", 0)
	c.is("paper is white", `getComputedStyle(document.body).backgroundColor === "rgb(255, 255, 255)"`)
	c.screen(1280, 900, "light", "")
	c.quiet(url)
}

// withoutScripts: nothing is hidden from who allows no scripts.
func withoutScripts(t *testing.T, c *chromium) {
	c.call("Emulation.setScriptExecutionDisabled", map[string]any{"value": true})
	defer c.call("Emulation.setScriptExecutionDisabled", map[string]any{"value": false})
	url := c.open(render(t, sampleReport(), "html", Options{}))
	c.shows("#tools, [role=tablist]", 0)
	c.shows("[data-panel]", 3)
	c.shows("[data-item]", 9)
	c.click("#f0 summary")
	c.is("evidence folds out", `document.querySelector("#f0 pre").checkVisibility()`)
	c.screen(1280, 900, "light", "print")
	c.is("paper shows all evidence", `[...document.querySelectorAll(".proof li")].every((e) => e.getBoundingClientRect().height > 20 && e.checkVisibility({contentVisibilityAuto: true}))`)
	c.screen(1280, 900, "light", "")
	c.quiet(url)
}

// payload breaks out of whatever it stands in that was not escaped, and tries
// to run and to load something.
const payload = "\"'><img src=http://evil.example/i onerror=window.pwned=1></title></style></script></pre></svg><script>window.pwned=1</script>" +
	"<style>*{background:url(http://evil.example/s)}</style><a href=javascript:window.pwned=1>x</a><!-- {{.}} ${window.pwned=1} \u202e\u2066\x00"

// hostilePage: what a capture holds stays text, whatever it holds, and could
// reach nobody if it did not.
func hostilePage(t *testing.T, c *chromium) {
	r := sampleReport()
	r.Notes, r.Version, r.Proposal.Base.Name, r.Proposal.Base.Source = []string{payload}, payload, payload, payload
	for i := range r.Captures {
		r.Captures[i].Name, r.Captures[i].Creator, r.Captures[i].Format, r.Captures[i].Problem = payload, payload, payload, payload
	}
	for i := range r.Denials {
		d := &r.Denials[i]
		d.Method, d.URL, d.Message, d.Advice, d.Suspected = payload, "javascript:window.pwned=1//"+payload, payload, payload, payload
		if !d.Cause.RoleGap() {
			d.Cause, d.Table = analyzer.Cause(payload), payload
		}
	}
	for i := range r.Findings {
		f := &r.Findings[i]
		f.Privilege.Label, f.Privilege.Name, f.Note, f.RequiredFor = payload, payload, payload, []string{payload}
	}
	r.Findings[0].Privilege.Tab, r.Findings[1].Privilege.Action = payload, payload
	for i := range r.Principals {
		r.Principals[i].ID, r.Principals[i].Kind, r.Principals[i].BusinessUnit = payload, payload, payload
	}
	url := c.open(render(t, r, "html", Options{}))
	c.is("nothing ran", `window.pwned === undefined`)
	c.is("no element came of it", `document.querySelectorAll("script").length === 1 && document.querySelectorAll("style").length === 1 && !document.querySelector("img,iframe,object,embed,link,base,form,[onerror],[style]")`)
	c.is("no link leads out", `[...document.querySelectorAll("[href],[src]")].every((e) => e.getAttribute("href")?.startsWith("#"))`)
	c.is("it is all there as text", `(document.body.textContent.match(/<script>window\.pwned=1<\/script>/g) ?? []).length > 60`)
	c.is("nothing reorders a line", `!/[\u202a-\u202e\u2066-\u2069\0]/.test(document.documentElement.outerHTML)`)
	c.click("#tab2-tab")
	c.shows("[data-panel]", 1)
	c.screen(390, 900, "light", "")
	c.is("it breaks no layout", `document.documentElement.scrollWidth <= 390`)
	c.screen(1280, 900, "light", "")
	c.quiet(url)

	// Even markup that got in could do nothing.
	c.eval(new(any), `new Promise((done) => {
		let n = 0;
		addEventListener("securitypolicyviolation", () => { if (++n === 4) done(0); });
		setTimeout(done, 5000, 0);
		document.body.insertAdjacentHTML("beforeend", "<img src=http://evil.example/policy onerror='window.pwned=1'><p style='color:red'>x</p>");
		const s = document.createElement("script"); s.textContent = "window.pwned = 1"; document.body.append(s);
		fetch("http://evil.example/fetch").catch(() => {});
	})`)
	c.is("the policy holds", `window.pwned === undefined && getComputedStyle(document.querySelector("body > p")).color !== "rgb(255, 0, 0)"`)
	if asked := c.proxy.asked("evil.example"); len(asked) > 0 {
		t.Errorf("requests left the page: %q", asked)
	}
	// The listener sees what a page without the policy asks for.
	control := filepath.Join(t.TempDir(), "control.html")
	if err := os.WriteFile(control, []byte("<img src=http://evil.example/control>"), 0o600); err != nil {
		t.Fatal(err)
	}
	c.call("Page.navigate", map[string]any{"url": "file://" + control})
	c.until("the control page", func(m message) bool { return m.Method == "Page.loadEventFired" })
	if len(c.proxy.asked("evil.example")) == 0 {
		t.Error("the listener sees nothing: this test proves nothing")
	}
}

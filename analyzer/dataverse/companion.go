package dataverse

import (
	"crypto/sha256"
	"fmt"
	"strings"

	"github.com/prvgap/prvgap/analyzer/role"
	"github.com/prvgap/prvgap/catalog"
	"github.com/prvgap/prvgap/har/pattern"
)

// Lengths of the columns role.name and role.description.
const (
	maxRoleName    = 100
	maxDescription = 2000
)

// NewCompanion makes the role that is assigned beside the base role and holds the additions only. Privileges add up
// over all roles of a user, so it needs nothing of the base, and the base is not touched.
//
// Its id follows from the base and the grants: the same proposal is the same role in every run, and another proposal is
// another role, which an import cannot mistake for this one and strip it. Its name must be unique in the environment:
// an import of another id under a known name fails, or leaves two roles of one name. The name made here is unique as
// the id is; one that is given is the giver's to keep unique.
func NewCompanion(p role.Patch, name string) role.Role {
	c := role.New("", "", "")
	c.Inherited = p.Base.Inherited
	for _, a := range p.Additions {
		if a.To != catalog.None {
			c.Grant(a.Privilege, a.To)
		}
	}
	seed := plainID(p.Base.ID)
	if seed == "" {
		seed = strings.ToLower(p.Base.Name)
	}
	c.ID = roleID("companion", seed, c)
	c.Name = roleName(name)
	if c.Name == "" {
		base := roleName(p.Base.Name)
		if base == "" {
			base = "Role"
		}
		tail := " - additions " + c.ID[:8]
		c.Name = strings.TrimSpace(cut(base, maxRoleName-len(tail))) + tail
	}
	return c
}

// roleID derives an id from what a role is about. The version digit is 8: made by a rule of our own (RFC 9562).
func roleID(kind, seed string, r role.Role) string {
	h := sha256.New()
	fmt.Fprintf(h, "prvgap %s\n%q\n", kind, seed)
	for _, g := range r.Grants() {
		fmt.Fprintf(h, "%q %s\n", strings.ToLower(g.Privilege), g.Depth)
	}
	b := h.Sum(nil)[:16]
	b[6] = b[6]&0x0f | 0x80
	b[8] = b[8]&0x3f | 0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

var guidForm = pattern.Compile(`^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)

// plainID is bareID for text that need not be an id at all: then it gives "".
func plainID(s string) string {
	s = bareID(s)
	if !guidForm().MatchString(s) {
		return ""
	}
	return s
}

// roleName makes a name fit for role.name, whatever it came from; "" stays "".
func roleName(s string) string {
	return strings.TrimSpace(cut(role.OneLine(s), maxRoleName))
}

// complete gives r an id and a name where its source had none, as JSON and CSV do not, and cuts what is too long.
func complete(r role.Role) role.Role {
	id := plainID(r.ID)
	if id == "" {
		id = roleID("role", r.ID+"\n"+r.Name, r)
	}
	name := roleName(r.Name)
	if name == "" {
		name = "Role " + id[:8]
	}
	r.ID, r.Name = id, name
	return r
}

const xsi = `xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"`

// declaration begins the files of an unpacked solution, byte order mark first.
const declaration = "\ufeff" + `<?xml version="1.0" encoding="utf-8"?>` + "\n"

// RoleXML writes a role as SolutionPackager unpacks one: byte order mark, two-space indent, grants sorted by lower-cased
// name, no newline at the end. description goes line by line into the role's own.
func RoleXML(r role.Role, description ...string) ([]byte, error) {
	block, err := roleBlock(complete(r), " "+xsi, "", description)
	if err != nil {
		return nil, err
	}
	return []byte(declaration + strings.TrimSuffix(block, "\n")), nil
}

// roleBlock writes the Role element in the child order that every export keeps.
func roleBlock(r role.Role, attrs, indent string, description []string) (string, error) {
	var b strings.Builder
	fmt.Fprintf(&b, `%s<Role id="{%s}" name="%s"`, indent, r.ID, xmlText(r.Name))
	if r.Inherited == "0" || r.Inherited == "1" {
		fmt.Fprintf(&b, ` isinherited="%s"`, r.Inherited)
	}
	fmt.Fprintf(&b, "%s>\n%s  <IsCustomizable>1</IsCustomizable>\n", attrs, indent)
	if d := descriptionText(description); d != "" {
		fmt.Fprintf(&b, "%s  <Description>%s</Description>\n", indent, xmlText(d))
	}
	rows := 0
	for _, g := range r.Grants() {
		if g.Depth == catalog.None {
			continue // no row is how a file says that
		}
		if !privilegeName().MatchString(g.Privilege) || g.Depth > catalog.Global {
			return "", fmt.Errorf("writing role %q: %q at %s is not a grant that a role file can hold", r.Name, g.Privilege, g.Depth)
		}
		if rows == 0 {
			fmt.Fprintf(&b, "%s  <RolePrivileges>\n", indent)
		}
		rows++
		fmt.Fprintf(&b, "%s    <RolePrivilege name=\"%s\" level=\"%s\" />\n", indent, g.Privilege, g.Depth)
	}
	if rows == 0 {
		fmt.Fprintf(&b, "%s  <RolePrivileges />\n", indent)
	} else {
		fmt.Fprintf(&b, "%s  </RolePrivileges>\n", indent)
	}
	fmt.Fprintf(&b, "%s</Role>\n", indent)
	return b.String(), nil
}

// descriptionText joins lines to a text that fits the column, and shows where it had to be cut.
func descriptionText(lines []string) string {
	var kept []string
	for _, l := range lines {
		if l = role.OneLine(l); l != "" {
			kept = append(kept, l)
		}
	}
	text := strings.Join(kept, "\n")
	if short := cut(text, maxDescription); short != text {
		return cut(text, maxDescription-1) + "…"
	}
	return text
}

var xmlEscapes = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;", "'", "&apos;")

// xmlText escapes a text that role.OneLine has cleaned, for an attribute in double quotes or an element.
func xmlText(s string) string { return xmlEscapes.Replace(s) }

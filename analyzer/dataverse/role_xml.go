package dataverse

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/prvgap/prvgap/analyzer/role"
	"github.com/prvgap/prvgap/catalog"
)

// What no role file comes near, so that hostile XML ends early.
const (
	maxXMLToken = 8 << 20 // bytes; one attribute list, text or comment
	maxXMLDepth = 256
)

var (
	errXMLToken   = fmt.Errorf("a tag or text of more than %d MB, which no role file has", maxXMLToken>>20)
	errXMLDepth   = fmt.Errorf("more than %d elements within each other, which no role file has", maxXMLDepth)
	errXMLDoctype = errors.New("a document type or entity declaration, which no role file has")
)

// tokenReader gives bytes to a decoder until one token has taken too many of them.
type tokenReader struct {
	*bytes.Reader
	taken int // since the last token
}

func (t *tokenReader) ReadByte() (byte, error) {
	if t.taken++; t.taken > maxXMLToken {
		return 0, errXMLToken
	}
	return t.Reader.ReadByte()
}

// walkXML calls visit for every start, text and end with the names of the elements that enclose it, itself included.
// An error of visit or of the XML comes back with name, line and column.
func walkXML(name string, data []byte, visit func(path []string, t xml.Token) error) error {
	in := &tokenReader{Reader: bytes.NewReader(data)}
	x := xml.NewDecoder(in)
	x.CharsetReader = func(charset string, in io.Reader) (io.Reader, error) {
		if strings.EqualFold(charset, "utf-16") || strings.EqualFold(charset, "us-ascii") {
			return in, nil // decoded already
		}
		return nil, fmt.Errorf("encoding %q: save the file as UTF-8", charset)
	}
	var path []string
	for {
		t, err := x.Token()
		in.taken = 0
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err == nil {
			switch t := t.(type) {
			case xml.Directive:
				err = errXMLDoctype
			case xml.StartElement:
				if path = append(path, t.Name.Local); len(path) > maxXMLDepth {
					err = errXMLDepth
				}
			}
		}
		if err == nil {
			err = visit(path, t)
		}
		if err != nil {
			line, col := x.InputPos()
			return fmt.Errorf("reading %s:%d:%d: %w", name, line, col, err)
		}
		if _, ends := t.(xml.EndElement); ends {
			path = path[:len(path)-1]
		}
	}
}

// readRoleXML reads what the root element says it is.
func readRoleXML(name string, data []byte) ([]role.Role, error) {
	var root string
	stop := errors.New("stop")
	err := walkXML(name, data, func(path []string, t xml.Token) error {
		if len(path) > 0 {
			root = path[0]
			return stop
		}
		return nil
	})
	switch {
	case err != nil && !errors.Is(err, stop):
		return nil, err
	case root == "SecurityRole":
		return readMockup(name, data)
	case root == "Role" || root == "ImportExportXml":
		return readRoleElements(name, data)
	case strings.EqualFold(root, "html"):
		return nil, roleError(anyRole, "reading %s: an HTML page", name)
	}
	return nil, roleError(anyRole, "reading %s: the XML of a %q, not of a role", name, root)
}

// roleElement is where a Role stands that describes a role. Elsewhere it is a reference: in the role maps of app
// modules, and as <Role Id> in the display conditions of forms.
var roleElement = map[string][]string{
	"Role":            {"Role"},
	"ImportExportXml": {"ImportExportXml", "Roles", "Role"},
}

// roleReader gathers the roles of an XML file.
type roleReader struct {
	roles      []role.Role
	unmodified bool // of the last role
	described  bool // the last role has its privileges with it
	manifest   bool // this is a solution.xml
}

func readRoleElements(name string, data []byte) ([]role.Role, error) {
	var r roleReader
	if err := walkXML(name, data, r.visit); err != nil {
		return nil, err
	}
	if len(r.roles) > 0 {
		return r.roles, nil
	}
	if r.manifest {
		return nil, roleError("the roles stand in customizations.xml beside it, or below Roles/ where the solution is unpacked", "reading %s: a solution's manifest holds no role", name)
	}
	return nil, roleError("in an unpacked solution the roles lie in Roles/*.xml; in an export add the role to the solution first", "reading %s: no role in this file", name)
}

func (r *roleReader) visit(path []string, t xml.Token) error {
	const roleParts = 2 // RolePrivileges/RolePrivilege
	at := roleElement[path0(path)]
	if len(path) > len(at)+roleParts {
		return nil
	}
	below := len(path) - len(at)
	switch t := t.(type) {
	case xml.StartElement:
		r.manifest = r.manifest || len(path) == 2 && path[1] == "SolutionManifest"
		if below < 0 || !slices.Equal(path[:len(at)], at) {
			return nil
		}
		switch {
		case below == 0 && len(r.roles) == maxRoles:
			return errManyRoles
		case below == 0:
			n := role.New(attr(t, "name"), bareID(attr(t, "id")), "")
			n.Inherited = attr(t, "isinherited")
			r.unmodified, r.described = attr(t, "unmodified") == "1", false
			r.roles = append(r.roles, n)
		case path[len(at)] != "RolePrivileges":
		case below == 1:
			r.described = true
		case path[len(at)+1] == "RolePrivilege" && !r.unmodified:
			return readGrant(&r.roles[len(r.roles)-1], t)
		}
	case xml.EndElement:
		if below == 0 && slices.Equal(path, at) {
			r.roles[len(r.roles)-1].Reference = r.unmodified || !r.described
		}
	}
	return nil
}

func path0(path []string) string {
	if len(path) == 0 {
		return ""
	}
	return path[0]
}

func bareID(id string) string { return strings.ToLower(strings.Trim(strings.TrimSpace(id), "{}")) }

func attr(t xml.StartElement, name string) string {
	for _, a := range t.Attr {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

func readGrant(r *role.Role, t xml.StartElement) error {
	privilege := attr(t, "name")
	if privilege == "" {
		return errors.New("RolePrivilege without a name")
	}
	d, err := xmlLevel(attr(t, "level"), privilege)
	if err != nil {
		return err
	}
	if r.Grant(privilege, d); r.Len() > maxGrants {
		return errManyGrants
	}
	return nil
}

// xmlLevel reads the level of a RolePrivilege. An import takes the four names as they are and no other spelling, and a
// patch in place would keep one that it refuses.
func xmlLevel(level, privilege string) (catalog.Depth, error) {
	for d := catalog.Basic; d <= catalog.Global; d++ {
		if level == d.String() {
			return d, nil
		}
	}
	return catalog.None, fmt.Errorf("level %q of %s is not spelled Basic, Local, Deep or Global", level, privilege)
}

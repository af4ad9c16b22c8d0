package dataverse

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"fmt"
	"hash/crc32"
	"hash/fnv"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/prvgap/prvgap/analyzer/role"
	"github.com/prvgap/prvgap/har/pattern"
)

// Solution names the solution that a role travels in. An empty field is derived from the role.
type Solution struct {
	UniqueName  string // letters, digits and underscores
	DisplayName string
	Publisher   string // its display name; the unique name follows from it
	Prefix      string // customization prefix of the publisher
	Version     string
}

var (
	solutionName    = pattern.Compile(`^[A-Za-z][A-Za-z0-9_]{0,64}$`)
	solutionPrefix  = pattern.Compile(`^[a-z][a-z0-9]{1,7}$`)
	solutionVersion = pattern.Compile(`^[0-9]{1,9}(\.[0-9]{1,9}){1,3}$`)
)

// withDefaults fills what is empty and refuses what an import would refuse.
func (s Solution) withDefaults(r role.Role) (Solution, error) {
	if s.UniqueName == "" {
		s.UniqueName = uniqueName(r)
	}
	if s.DisplayName = role.OneLine(s.DisplayName); s.DisplayName == "" {
		s.DisplayName = r.Name
	}
	if s.Publisher = role.OneLine(s.Publisher); s.Publisher == "" {
		s.Publisher = "prvgap"
	}
	if s.Prefix == "" {
		s.Prefix = "prvgap"
	}
	if s.Version == "" {
		s.Version = "1.0.0.0"
	}
	switch {
	case !solutionName().MatchString(s.UniqueName):
		return s, fmt.Errorf("naming the solution %q: a unique name is a letter and up to 64 letters, digits and underscores", s.UniqueName)
	case !solutionPrefix().MatchString(s.Prefix) || strings.HasPrefix(s.Prefix, "mscrm"):
		return s, fmt.Errorf("choosing the prefix %q: a prefix is 2 to 8 lower-case letters and digits, begins with a letter, and not with mscrm", s.Prefix)
	case !solutionVersion().MatchString(s.Version):
		return s, fmt.Errorf("choosing the version %q: a version is two to four numbers with dots between", s.Version)
	}
	s.DisplayName, s.Publisher = cut(s.DisplayName, 256), cut(s.Publisher, 256)
	return s, nil
}

// uniqueName writes the words of a role's name as one, and ends in a piece of its id: two roles whose names differ in
// what a unique name cannot hold must not share a solution.
func uniqueName(r role.Role) string {
	tail := r.ID[:8]
	words := strings.FieldsFunc(strings.ReplaceAll(r.Name, tail, ""), func(c rune) bool {
		return c > unicode.MaxASCII || !unicode.IsLetter(c) && !unicode.IsDigit(c)
	})
	for i, w := range words {
		words[i] = strings.ToUpper(w[:1]) + w[1:]
	}
	return cut("Role"+strings.TrimPrefix(strings.Join(words, ""), "Role"), 55) + "_" + tail
}

// SolutionZip writes a role as an unmanaged solution ready for import. The same arguments give the same bytes.
func SolutionZip(r role.Role, s Solution, description ...string) ([]byte, error) {
	r = complete(r)
	s, err := s.withDefaults(r)
	if err != nil {
		return nil, err
	}
	block, err := roleBlock(r, "", "    ", description)
	if err != nil {
		return nil, err
	}
	// Online exports have no declaration, and CRLF at the end of lines.
	crlf := strings.NewReplacer("\n", "\r\n")
	members := []struct{ name, content string }{
		{"customizations.xml", crlf.Replace(customizationsXML("<Roles>\n" + block + "  </Roles>"))},
		{"[Content_Types].xml", contentTypes},
		{"solution.xml", crlf.Replace(solutionXML(r, s))},
	}
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	for _, m := range members {
		h := zip.FileHeader{Name: m.name, Method: zip.Deflate, CreatorVersion: 20, ReaderVersion: 20}
		//lint:ignore SA1019 a raw member has this date and no other; the DOS calendar has no day before it
		h.ModifiedDate = 1<<5 | 1
		if err := writeRaw(z, &h, []byte(m.content)); err != nil {
			return nil, err
		}
	}
	if err := z.Close(); err != nil {
		return nil, fmt.Errorf("writing the solution: %w", err)
	}
	return out.Bytes(), nil
}

// writeRaw compresses a member itself, because only a raw member keeps every field of its header as given.
func writeRaw(z *zip.Writer, h *zip.FileHeader, content []byte) error {
	packed := content
	if h.Method == zip.Deflate {
		var b bytes.Buffer
		w, err := flate.NewWriter(&b, flate.BestCompression)
		if err == nil {
			_, err = w.Write(content)
		}
		if err == nil {
			err = w.Close()
		}
		if err != nil {
			return fmt.Errorf("compressing %s: %w", h.Name, err)
		}
		packed = b.Bytes()
	}
	h.CRC32 = crc32.ChecksumIEEE(content)
	h.UncompressedSize64, h.CompressedSize64 = uint64(len(content)), uint64(len(packed))
	w, err := z.CreateRaw(h)
	if err == nil {
		_, err = io.Copy(w, bytes.NewReader(packed))
	}
	if err != nil {
		return fmt.Errorf("writing %s: %w", h.Name, err)
	}
	return nil
}

// SolutionFiles writes the folder that SolutionPackager and pac unpack a solution to, by path with forward slashes. The
// role must not stand in Customizations.xml too: pac skips the files of a kind that it finds there, with a warning only.
func SolutionFiles(r role.Role, s Solution, description ...string) (map[string][]byte, error) {
	r = complete(r)
	s, err := s.withDefaults(r)
	if err != nil {
		return nil, err
	}
	file, err := RoleXML(r, description...)
	if err != nil {
		return nil, err
	}
	return map[string][]byte{
		"Roles/" + fileName(r.Name) + ".xml": file,
		"Other/Solution.xml":                 []byte(declaration + strings.TrimSuffix(solutionXML(r, s), "\n")),
		"Other/Customizations.xml":           []byte(declaration + strings.TrimSuffix(customizationsXML("<Roles />"), "\n")),
	}, nil
}

// contentTypes is the member by which a zip is an Open Packaging file; exports write it on one line.
const contentTypes = "\ufeff" + `<?xml version="1.0" encoding="utf-8"?>` +
	`<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">` +
	`<Default Extension="xml" ContentType="application/octet-stream" /></Types>`

// customizationsXML keeps the empty neighbours of Roles: the platform's schema is a sequence.
func customizationsXML(roles string) string {
	return "<ImportExportXml " + xsi + `>
  <Entities />
  ` + roles + `
  <Workflows />
  <FieldSecurityProfiles />
  <Templates />
  <EntityMaps />
  <EntityRelationships />
  <OrganizationSettings />
  <optionsets />
  <CustomControls />
  <EntityDataProviders />
  <Languages>
    <Language>1033</Language>
  </Languages>
</ImportExportXml>
`
}

// solutionXML writes the manifest with what exports and hand-made templates have in common. Every role must be a root
// component: one that is not stays out of the import.
func solutionXML(r role.Role, s Solution) string {
	const address = `
        <Address>
          <AddressNumber>%d</AddressNumber>
          <AddressTypeCode>1</AddressTypeCode>
          <ShippingMethodCode>1</ShippingMethodCode>
        </Address>`
	return `<ImportExportXml version="9.2.0.0" SolutionPackageVersion="9.2" languagecode="1033" generatedBy="CrmLive" ` + xsi + `>
  <SolutionManifest>
    <UniqueName>` + s.UniqueName + `</UniqueName>
    <LocalizedNames>
      <LocalizedName description="` + xmlText(s.DisplayName) + `" languagecode="1033" />
    </LocalizedNames>
    <Descriptions />
    <Version>` + s.Version + `</Version>
    <Managed>0</Managed>
    <Publisher>
      <UniqueName>` + publisherName(s) + `</UniqueName>
      <LocalizedNames>
        <LocalizedName description="` + xmlText(s.Publisher) + `" languagecode="1033" />
      </LocalizedNames>
      <Descriptions />
      <EMailAddress xsi:nil="true"></EMailAddress>
      <SupportingWebsiteUrl xsi:nil="true"></SupportingWebsiteUrl>
      <CustomizationPrefix>` + s.Prefix + `</CustomizationPrefix>
      <CustomizationOptionValuePrefix>` + optionPrefix(s.Prefix) + `</CustomizationOptionValuePrefix>
      <Addresses>` + fmt.Sprintf(address+address, 1, 2) + `
      </Addresses>
    </Publisher>
    <RootComponents>
      <RootComponent type="20" id="{` + r.ID + `}" behavior="0" />
    </RootComponents>
    <MissingDependencies />
  </SolutionManifest>
</ImportExportXml>
`
}

// publisherName gives the publisher's unique name: its display name's letters, or the prefix where it has none.
func publisherName(s Solution) string {
	name := strings.Map(func(c rune) rune {
		if c > unicode.MaxASCII || !unicode.IsLetter(c) && !unicode.IsDigit(c) && c != '_' {
			return -1
		}
		return unicode.ToLower(c)
	}, s.Publisher)
	if name = cut(strings.TrimLeft(name, "0123456789_"), 64); name == "" {
		return s.Prefix
	}
	return name
}

// optionPrefix gives the five digits that stand before a publisher's choice values; they must be 10000 to 99999.
func optionPrefix(prefix string) string {
	h := fnv.New32a()
	io.WriteString(h, prefix)
	return fmt.Sprint(10000 + h.Sum32()%90000)
}

// reserved are the names that Windows keeps for devices, with any extension. The digits ¹²³ count as digits there.
var reserved = pattern.Compile(`(?i)^(con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])[ ]*(\..*)?$`)

// fileName makes a role's name one path element that every file system takes: no separator, no character that Windows
// forbids, nothing invisible, no device, no dot or blank at an end. SolutionPackager keeps blanks, and so does this.
func fileName(name string) string {
	s := strings.Map(func(r rune) rune {
		switch {
		case unicode.Is(unicode.Cf, r):
			return -1 // marks of direction can show another name than the one on disk
		case strings.ContainsRune(`/\:*?"<>|`, r) || unicode.IsControl(r) || r == unicode.ReplacementChar:
			return '_'
		}
		return r
	}, role.OneLine(name))
	s = strings.Trim(cut(s, 95), ". ") // leaves room for "_" and ".xml"
	for len(s) > 240 {                 // bytes, of which a name has 255 on most file systems
		_, size := utf8.DecodeLastRuneInString(s)
		s = strings.TrimRight(s[:len(s)-size], ". ")
	}
	if s == "" {
		return "role"
	}
	if reserved().MatchString(s) {
		return "_" + s
	}
	return s
}

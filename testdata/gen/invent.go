package main

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"strings"
)

// id invents the GUID that belongs to a label: the same label always has the same one.
func id(label string) string {
	h := sha256.Sum256([]byte("prvgap testdata " + label))
	h[6] = h[6]&0x0f | 0x40
	h[8] = h[8]&0x3f | 0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", h[0:4], h[4:6], h[6:8], h[8:10], h[10:16])
}

// rowID invents the GUID of a Dataverse row: those are sequential, so their tails look alike.
func rowID(label string) string {
	h := sha256.Sum256([]byte("prvgap row " + label))
	return fmt.Sprintf("%x-%02x%02x-f111-b4cc-7ced8d41c0e7", h[0:4], h[4]&0x3f, h[5])
}

// number invents a number below n that belongs to a label.
func number(label string, n int) int {
	h := sha256.Sum256([]byte("prvgap number " + label))
	return int(binary.BigEndian.Uint32(h[:4]) % uint32(n))
}

// pick chooses one word that belongs to a label.
func pick(label string, words []string) string { return words[number(label, len(words))] }

// pixel is a one-pixel picture with a text chunk that belongs to the label, in base64 as Chrome keeps pictures.
func pixel(label string) string {
	png := "\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06\x00\x00\x00\x1f\x15\xc4\x89tEXt" + label
	return base64.StdEncoding.EncodeToString([]byte(png))
}

// The people, companies and places below exist nowhere.
var (
	firstNames = strings.Fields("Ilka Mattis Roswitha Bence Ondine Tiernan Saskia Emeric Halina Corvin Lieke Duarte Nives Aurel Brigid Anselm")
	lastNames  = strings.Fields("Quillfeather Osterwald Brandmark Vintrell Haskomb Delacourbe Tannenhof Umbrecht Pellworth Saarnivaara Grondahl Ferrabosk Mirkwell Zandvoorter")
	companies  = []string{
		"Alderlake Timber", "Brightquay Marine", "Cobaltine Tools", "Dunewind Turbines", "Emberfold Ceramics",
		"Fjordglass Optics", "Gritstone Quarries", "Hollowbeck Brewing", "Ironmoss Castings", "Juniperly Foods",
		"Kestrelmoor Air", "Larchmont Joinery", "Mossvale Pumps", "Nettlecombe Paper", "Oxbow Freight",
		"Pinnaclewright Lifts", "Quarrelbrook Mills", "Rimefrost Cooling", "Saltmarsh Solar", "Thornbury Valves",
	}
	suffixes = strings.Fields("Ltd GmbH SARL AB BV Oy")
	cities   = strings.Fields("Marlhaven Ostwick Brunnthal Vallecourt Silverdune Norrhamn Kaldersund Eikenburg")
)

// person invents a name.
func person(label string) string {
	return pick(label+"f", firstNames) + " " + pick(label+"l", lastNames)
}

// company invents a company's name.
func company(label string) string {
	return pick(label+"c", companies) + " " + pick(label+"s", suffixes)
}

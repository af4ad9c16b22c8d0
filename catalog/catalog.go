// Package catalog knows which privileges exist, the depths each allows and where it stands on the role form. It only looks things up.
//
// The bundled data lies in data/ as sorted text; facts of one environment can be laid over it with Add and AddTable.
// Names are matched in any case throughout, because hand-written role files and messages do not keep the platform's.
package catalog

import (
	"strings"
	"sync/atomic"
)

// Catalog is the bundled catalog with the facts of one environment laid over it.
// It is not safe for use while another goroutine adds to it.
type Catalog struct {
	privileges map[string]Privilege     // overlays by lower-cased name, as they were added
	ids        map[string]string        // lower-case id to key of privileges
	guards     map[guarded]string       // what an environment said a privilege is for, to key of privileges
	tables     map[string]Table         // overlays by lower-cased name, as they were added
	index      tableIndex               // of the tables that were added
	names      atomic.Pointer[nameList] // the keys of privileges; nil until asked for
}

// guarded is an action on a table, by lower-cased name.
type guarded struct {
	table  string
	action Action
}

// Default gives the bundled catalog. The value is fresh: what is added to it stays with it.
func Default() *Catalog { return &Catalog{} }

// Add lays what one environment says of a privilege over what is bundled: fields that are set win, the others stay.
func (c *Catalog) Add(p Privilege) {
	if c.privileges == nil {
		c.privileges, c.ids, c.guards = map[string]Privilege{}, map[string]string{}, map[guarded]string{}
	}
	key := strings.ToLower(p.Name)
	p.ID = foldID(p.ID)
	if p.Table != "" && p.Action != NoAction {
		c.guards[guarded{strings.ToLower(p.Table), p.Action}] = key
	}
	if old, ok := c.privileges[key]; ok {
		p = old.overlaid(p)
	}
	c.privileges[key] = p
	c.names.Store(nil)
	if p.ID != "" {
		c.ids[p.ID] = key
	}
}

// AddTable lays what one environment says of a table over what is bundled: fields that are set win, the others stay.
func (c *Catalog) AddTable(t Table) {
	if c.tables == nil {
		c.tables, c.index = map[string]Table{}, newTableIndex()
	}
	key := strings.ToLower(t.Name)
	if old, ok := c.tables[key]; ok {
		t = old.overlaid(t)
	}
	c.tables[key] = t
	c.index.add(t)
}

// foldID gives the lower-case form of a GUID, without the braces that role XML puts around it.
func foldID(id string) string { return strings.ToLower(strings.Trim(strings.TrimSpace(id), "{}")) }

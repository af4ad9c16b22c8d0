package catalog

// AppOpener gives the depth at which the predefined App Opener role holds a privilege.
// That role is the floor for model-driven apps: who lacks one of its privileges mostly lacks the whole role.
func (c *Catalog) AppOpener(privilege string) (Depth, bool) {
	return predefined("App Opener", privilege)
}

// Recommended gives the depth that bundled knowledge names for a privilege, and which knowledge that is.
// The depth is always legal for it.
func (c *Catalog) Recommended(privilege string) (Depth, string, bool) {
	p, ok := c.Lookup(privilege)
	if !ok {
		return None, "", false
	}
	if d := shallowest(c.Needs(privilege)); d != None {
		return p.Depths.Raise(d), "the minimum-privileges list of 2020", true
	}
	for _, role := range []string{"App Opener", "Basic User"} {
		if d, ok := predefined(role, privilege); ok {
			return p.Depths.Raise(d), role + " role", true
		}
	}
	return None, "", false
}

// shallowest gives the least depth of the needs, because a recommendation must not widen on its own. None if there are none.
func shallowest(needs []Need) Depth {
	least := None
	for _, n := range needs {
		if least == None || n.Depth < least {
			least = n.Depth
		}
	}
	return least
}

package main

import (
	"github.com/prvgap/prvgap/analyzer"
	"github.com/prvgap/prvgap/analyzer/dataverse"
	"github.com/prvgap/prvgap/catalog"
)

// dialects lists the platforms that prvgap knows; this is the only place.
func dialects() []analyzer.Dialect {
	return []analyzer.Dialect{dataverse.Dialect{}}
}

func catalogVersion() string { return catalog.Version() }

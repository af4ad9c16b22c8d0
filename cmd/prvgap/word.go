package main

import (
	"errors"
	"slices"
	"strings"
)

// word is the value of a flag that takes one of some words. It is told at once
// that a word is none of them, and the shells offer them in their order.
type word struct {
	to   *string
	list []string
}

// newWord makes the value of a flag, with the word that stands where it is not given.
func newWord(to *string, otherwise string, list ...string) word {
	*to = otherwise
	return word{to, list}
}

// Set, String and Type make it a pflag.Value.
func (w word) Set(s string) error {
	if !slices.Contains(w.list, s) {
		return hint(errors.New("unknown value"), "choose one of %s", strings.Join(w.list, ", "))
	}
	*w.to = s
	return nil
}

func (w word) String() string {
	if w.to == nil { // pflag asks a zero one
		return ""
	}
	return *w.to
}

func (word) Type() string { return "string" }

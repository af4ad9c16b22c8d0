package pattern

import (
	"cmp"
	"regexp/syntax"
	"slices"
	"strings"
)

const (
	mostLiterals = few // that are looked for at the same time
	mostOfClass  = 8   // characters, in either case
	tellingLong  = 5   // from this length on a beginning says enough
)

// startsOf returns literals of which every match of an expression begins with
// one, or none where that is not known.
func startsOf(re *syntax.Regexp) []*literal {
	texts, _ := beginnings(re)
	return literals(texts)
}

// needsOf returns sets of literals: of each, every match holds one.
func needsOf(re *syntax.Regexp) [][]*literal {
	var needs [][]*literal
	for _, texts := range inside(re) {
		if list := literals(texts); list != nil {
			needs = append(needs, list)
		}
	}
	// The longest say most. More than two would cost more than they save.
	slices.SortStableFunc(needs, func(a, b []*literal) int { return cmp.Compare(shortest(b), shortest(a)) })
	return needs[:min(len(needs), 2)]
}

func shortest(list []*literal) int {
	n := len(list[0].text)
	for _, l := range list {
		n = min(n, len(l.text))
	}
	return n
}

// literals returns what to look for in place of texts, or nil where that is
// everywhere. What begins with another needs no look of its own.
func literals(texts []string) []*literal {
	var list []*literal
	slices.Sort(texts)
	for i, text := range texts {
		if i > 0 && strings.HasPrefix(text, list[len(list)-1].text) {
			continue
		}
		l := newLiteral(text)
		if !l.usable() {
			return nil
		}
		list = append(list, l)
	}
	return list
}

// beginnings returns texts, in lower case, of which every match begins with
// one. Exact says that the match is that text and no more. Where nothing is
// known, the text is "".
func beginnings(re *syntax.Regexp) (texts []string, exact bool) {
	switch re.Op {
	case syntax.OpLiteral:
		text := asciiPrefix(re.Rune)
		return []string{text}, len(text) == len(re.Rune)
	case syntax.OpCharClass:
		return classOf(re)
	case syntax.OpCapture:
		return beginnings(re.Sub[0])
	case syntax.OpWordBoundary, syntax.OpNoWordBoundary, syntax.OpEmptyMatch:
		return []string{""}, true
	case syntax.OpPlus:
		texts, _ = beginnings(re.Sub[0])
		return texts, false
	case syntax.OpQuest:
		texts, exact = beginnings(re.Sub[0])
		return append([]string{""}, texts...), exact
	case syntax.OpAlternate:
		exact = true
		for _, sub := range re.Sub {
			more, whole := beginnings(sub)
			texts, exact = append(texts, more...), exact && whole
		}
		return texts, exact
	case syntax.OpConcat:
		return joined(re.Sub)
	}
	return []string{""}, false
}

// joined returns the beginnings of expressions that follow each other, as far
// as they are few, and get longer without getting more.
func joined(subs []*syntax.Regexp) (texts []string, exact bool) {
	texts = []string{""}
	for _, sub := range subs {
		more, whole := beginnings(sub)
		long := !slices.ContainsFunc(texts, func(t string) bool { return len(t) < tellingLong })
		if len(texts)*len(more) > mostLiterals || long && len(more) > 1 {
			return texts, false
		}
		var longer []string
		for _, a := range texts {
			for _, b := range more {
				longer = append(longer, a+b)
			}
		}
		if texts = longer; !whole {
			return texts, false
		}
	}
	return texts, true
}

// classOf returns the characters of a small class.
func classOf(re *syntax.Regexp) (texts []string, exact bool) {
	for i := 0; i < len(re.Rune); i += 2 {
		for r := re.Rune[i]; r <= re.Rune[i+1]; r++ {
			switch {
			case r == '\u017f' || r == '\u212a': // see look
			case r >= 0x80 || len(texts) == mostOfClass:
				return []string{""}, false
			default:
				texts = append(texts, strings.ToLower(string(r)))
			}
		}
	}
	return texts, true
}

// asciiPrefix returns the runes before the first beyond ASCII, in lower case.
func asciiPrefix(runes []rune) string {
	end := slices.IndexFunc(runes, func(r rune) bool { return r >= 0x80 })
	if end < 0 {
		end = len(runes)
	}
	return strings.ToLower(string(runes[:end]))
}

// inside returns sets of texts: of each, every match holds one.
func inside(re *syntax.Regexp) (sets [][]string) {
	switch re.Op {
	case syntax.OpLiteral, syntax.OpCharClass:
		texts, _ := beginnings(re)
		return [][]string{texts}
	case syntax.OpCapture, syntax.OpPlus:
		return inside(re.Sub[0])
	case syntax.OpConcat:
		texts, _ := joined(re.Sub) // the parser splits alternatives that begin alike
		sets = append(sets, texts)
		for _, sub := range re.Sub {
			sets = append(sets, inside(sub)...)
		}
		return sets
	case syntax.OpAlternate:
		var one []string
		for _, sub := range re.Sub {
			texts := telling(inside(sub))
			if texts == nil {
				return nil // this one may match without any
			}
			one = append(one, texts...)
		}
		return [][]string{one}
	}
	return nil
}

// telling returns the set that says most of those that can be looked for.
func telling(sets [][]string) []string {
	var best []string
	most := 0
	for _, texts := range sets {
		if list := literals(texts); list != nil && shortest(list) > most {
			best, most = texts, shortest(list)
		}
	}
	return best
}

// bounded reports whether a match has a greatest length.
func bounded(re *syntax.Regexp) bool {
	if re.Op == syntax.OpStar || re.Op == syntax.OpPlus || re.Op == syntax.OpRepeat && re.Max < 0 {
		return false
	}
	return !slices.ContainsFunc(re.Sub, func(sub *syntax.Regexp) bool { return !bounded(sub) })
}

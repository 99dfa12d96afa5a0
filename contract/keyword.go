package contract

// The keywords of one schema that speak of one value are judged one by one, each
// by kin-openapi as a schema of its own. So a failure is the keyword's by
// construction, no message of kin's with the value in it is ever made, and one
// failure hides no other. Numbers (exact), formats (by their laws) and patterns
// that Go cannot run are judged here.

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/dlclark/regexp2"
	"github.com/getkin/kin-openapi/openapi3"
)

// A keyword is one keyword of a schema, ready to judge.
type keyword struct {
	name  string
	kind  kind // the kind of value that it speaks of; kindNull for every kind
	want  string
	keeps func(*value) (bool, error) // the error says why it cannot be judged
	got   func(*value) string
}

func (c *compiler) keywords(k *openapi3.Schema, at location) []keyword {
	var out []keyword
	// byKin has kin-openapi judge a schema that holds nothing but one keyword.
	byKin := func(name string, kind kind, want string, got func(*value) string, only openapi3.Schema) {
		only.Nullable = true
		out = append(out, keyword{name, kind, want, func(v *value) (bool, error) {
			return only.VisitJSON(v.any(), openapi3.FailFast(), openapi3.DisableSchemaErrorDetails()) == nil, nil
		}, got})
	}
	number := func(name, want string, keeps func(decimal) bool) {
		out = append(out, keyword{name, kindNumber, want, func(v *value) (bool, error) { return keeps(v.number), nil }, another})
	}

	if len(k.Enum) > 0 {
		out = append(out, c.enum(k, at))
	}
	if k.Min != nil {
		bound := c.decimal(at.below("minimum"), *k.Min)
		if k.ExclusiveMin.IsTrue() {
			number("minimum", "more than "+bound.text, func(d decimal) bool { return d.cmp(bound.decimal) > 0 })
		} else {
			number("minimum", "at least "+bound.text, func(d decimal) bool { return d.cmp(bound.decimal) >= 0 })
		}
	}
	if k.Max != nil {
		bound := c.decimal(at.below("maximum"), *k.Max)
		if k.ExclusiveMax.IsTrue() {
			number("maximum", "less than "+bound.text, func(d decimal) bool { return d.cmp(bound.decimal) < 0 })
		} else {
			number("maximum", "at most "+bound.text, func(d decimal) bool { return d.cmp(bound.decimal) <= 0 })
		}
	}
	if k.MultipleOf != nil {
		unit := c.decimal(at.below("multipleOf"), *k.MultipleOf)
		if unit.decimal.cmp(decimal{}) <= 0 {
			c.failf(at.below("multipleOf"), "multipleOf takes a number above 0")
		} else {
			number("multipleOf", "a multiple of "+unit.text, func(d decimal) bool { return d.multipleOf(unit.decimal) })
		}
	}
	if k.MinLength > 0 {
		byKin("minLength", kindString, atLeast(k.MinLength, "character"), length, openapi3.Schema{MinLength: k.MinLength})
	}
	if k.MaxLength != nil {
		byKin("maxLength", kindString, atMost(*k.MaxLength, "character"), length, openapi3.Schema{MaxLength: k.MaxLength})
	}
	if k.MinItems > 0 {
		byKin("minItems", kindArray, atLeast(k.MinItems, "item"), length, openapi3.Schema{MinItems: k.MinItems})
	}
	if k.MaxItems != nil {
		byKin("maxItems", kindArray, atMost(*k.MaxItems, "item"), length, openapi3.Schema{MaxItems: k.MaxItems})
	}
	if k.UniqueItems {
		byKin("uniqueItems", kindArray, "no item twice", func(*value) string { return "equal items" }, openapi3.Schema{UniqueItems: true})
	}
	if k.MinProps > 0 {
		byKin("minProperties", kindObject, atLeast(k.MinProps, "property"), length, openapi3.Schema{MinProps: k.MinProps})
	}
	if k.MaxProps != nil {
		byKin("maxProperties", kindObject, atMost(*k.MaxProps, "property"), length, openapi3.Schema{MaxProps: k.MaxProps})
	}
	if k.Pattern != "" {
		want := "a string that matches " + k.Pattern
		got := func(*value) string { return "one that does not" }
		if _, err := regexp.Compile(k.Pattern); err == nil {
			byKin("pattern", kindString, want, got, openapi3.Schema{Pattern: k.Pattern})
		} else {
			out = append(out, keyword{"pattern", kindString, want, c.ecmaScript(k.Pattern, at), got})
		}
	}
	if k.Format != "" {
		out = append(out, formatKeyword(k.Format)...)
	}
	return out
}

// patternTimeout bounds a pattern that backtracks.
const patternTimeout = 100 * time.Millisecond

// ecmaScript compiles a pattern of the dialect that OpenAPI names (ECMA-262)
// where Go's linear engine lacks something of it, look-ahead above all.
func (c *compiler) ecmaScript(pattern string, at location) func(*value) (bool, error) {
	re, err := regexp2.Compile(pattern, regexp2.ECMAScript)
	if err != nil {
		c.failf(at.below("pattern"), "the pattern is no regular expression of ECMA-262")
		return nil
	}
	re.MatchTimeout = patternTimeout
	return func(v *value) (bool, error) {
		ok, err := re.MatchString(v.text)
		if err != nil {
			return false, fmt.Errorf("a pattern took longer than %s", patternTimeout)
		}
		return ok, nil
	}
}

// enum judges numbers exactly and leaves all else to kin-openapi.
func (c *compiler) enum(k *openapi3.Schema, at location) keyword {
	var values []string
	numbers := map[string]bool{}
	null := false
	for i, v := range k.Enum {
		text, err := json.Marshal(v)
		if err != nil {
			c.failf(at.below("enum", strconv.Itoa(i)), "the value is no JSON")
		}
		values = append(values, string(text))
		if f, isNumber := v.(float64); isNumber {
			numbers[c.decimal(at.below("enum", strconv.Itoa(i)), f).decimal.String()] = true
		}
		null = null || v == nil
	}
	only := openapi3.Schema{Enum: k.Enum}
	return keyword{"enum", kindNull, list(values), func(v *value) (bool, error) {
		switch v.kind {
		case kindNull:
			return null, nil
		case kindNumber:
			return numbers[v.number.String()], nil
		}
		return only.VisitJSON(v.any(), openapi3.FailFast(), openapi3.DisableSchemaErrorDetails()) == nil, nil
	}, another}
}

func formatKeyword(format string) []keyword {
	law := formatLaw[format]
	if is, known := stringFormats[format]; known {
		return []keyword{{"format", kindString, law,
			func(v *value) (bool, error) { return is(v.text), nil },
			func(*value) string { return "a string that is not" }}}
	}
	if bounds, known := integerFormats[format]; known {
		return []keyword{{"format", kindNumber, law, func(v *value) (bool, error) {
			return isInteger(v.text) && bounds[0].cmp(v.number) <= 0 && v.number.cmp(bounds[1]) <= 0, nil
		}, func(*value) string { return "a number that is not" }}}
	}
	return nil
}

// An exactNumber is a number of the document as it was written.
type exactNumber struct {
	decimal decimal
	text    string
}

var jsonNumber = regexp.MustCompile(`^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?$`)

// decimal reads a number from the text of the document. YAML has spellings that
// JSON has not (0x1F); for those the rounded value will do.
func (c *compiler) decimal(at location, rounded float64) exactNumber {
	text := c.spec.sources.text(at)
	if !jsonNumber.MatchString(text) {
		text = strconv.FormatFloat(rounded, 'g', -1, 64)
	}
	return exactNumber{parseDecimal(text), text}
}

// isInteger follows OAS 3.0.3, Data Types: "a JSON number without a fraction or
// exponent part". 1.0 is none, and Go clients fail to decode it as one.
func isInteger(literal string) bool { return !strings.ContainsAny(literal, ".eE") }

// checkType judges the type keyword.
func (w *walk) checkType(s *schema, v *value, at *pointer) (Finding, bool) {
	came := v.kind.String()
	switch {
	case s.types == "" || s.types == came:
		return Finding{}, true
	case s.types == "integer" && v.kind == kindNumber:
		if isInteger(v.text) {
			return Finding{}, true
		}
		came = "a number with a fraction or an exponent"
	}
	want := s.types
	if s.nullable {
		want += " or null"
	}
	return w.finding(SchemaMismatch, s, "type", v, at, want, came), false
}

// checkNull judges a null that the schema lets in.
func (w *walk) checkNull(s *schema, v *value, at *pointer) []Finding {
	for _, k := range s.keywords {
		if k.name == "enum" {
			return w.checkKeyword(k, s, v, at)
		}
	}
	return nil
}

func (w *walk) checkKeywords(s *schema, v *value, at *pointer) []Finding {
	var out []Finding
	for _, k := range s.keywords {
		if k.kind == kindNull || k.kind == v.kind {
			out = append(out, w.checkKeyword(k, s, v, at)...)
		}
	}
	return out
}

func (w *walk) checkKeyword(k keyword, s *schema, v *value, at *pointer) []Finding {
	keeps, err := k.keeps(v)
	if err != nil {
		w.unjudged(err.Error())
		return nil
	}
	if keeps {
		return nil
	}
	rule := SchemaMismatch
	switch {
	case k.name == "format":
		rule = FormatMismatch
	case k.name == "enum" && s.open:
		rule = NewEnumValue
	}
	got := k.got(v)
	if s.secret {
		got = v.kind.String() // not even its length
	}
	return []Finding{w.finding(rule, s, k.name, v, at, k.want, got)}
}

// Words for what came. They count, and never repeat.

func another(v *value) string { return "another " + v.kind.String() }

func length(v *value) string {
	switch v.kind {
	case kindString:
		return count(len([]rune(v.text)), "character")
	case kindArray:
		return count(len(v.items), "item")
	}
	return count(len(v.members), "property")
}

func count(n int, noun string) string {
	switch {
	case n == 1:
	case noun == "property":
		noun = "properties"
	default:
		noun += "s"
	}
	return strconv.Itoa(n) + " " + noun
}

func atLeast(n uint64, noun string) string { return "at least " + count(int(n), noun) }

func atMost(n uint64, noun string) string { return "at most " + count(int(n), noun) }

func quote(name string) string { return strconv.Quote(name) }

func oneOfValues(values []string) string {
	quoted := make([]string, len(values))
	for i, v := range values {
		quoted[i] = quote(v)
	}
	return list(quoted)
}

// maxListed is the number of alternatives that a finding spells out.
const maxListed = 12

func list(items []string) string {
	if more := len(items) - maxListed; more > 0 {
		return strings.Join(items[:maxListed], ", ") + fmt.Sprintf(" or %d more", more)
	}
	return strings.Join(items, ", ")
}

package report

import (
	"fmt"
	"strings"

	"github.com/daric-dev/daric/contract"
)

// Message says in one sentence what a finding is: where it is, what was wanted
// and what kind of thing came. It holds a value only if the finding does.
func Message(f contract.Finding) string {
	text := subject(f) + sentence(f)
	if f.Variant != "" && f.Inner == nil {
		text += " (as " + f.Variant + ")"
	}
	if len(f.Inner) > 0 {
		text += "; it comes nearest to " + f.Variant + ", but "
		const shown = 3
		for i, inner := range f.Inner[:min(len(f.Inner), shown)] {
			if i > 0 {
				text += " and "
			}
			text += strings.TrimPrefix(Message(inner), string(inner.Direction)+" "+string(inner.Part)+" ")
		}
		if more := len(f.Inner) - shown; more > 0 {
			text += fmt.Sprintf(" and %d more", more)
		}
	}
	if f.Value != "" {
		text += fmt.Sprintf("; the value is %q", f.Value)
	}
	return text
}

// subject names what a finding is about: "response body /a/b".
func subject(f contract.Finding) string {
	text := string(f.Direction)
	switch f.Part {
	case contract.PartHeader, contract.PartPath, contract.PartQuery, contract.PartCookie:
		if f.Pointer == "" {
			return text
		}
		return text + " " + string(f.Part) + " " + printable(strings.TrimPrefix(f.Pointer, "/"))
	case contract.PartBody:
		text += " body"
		if f.Pointer != "" {
			text += " " + printable(f.Pointer)
		}
	}
	return text
}

// sentence goes on behind the subject.
func sentence(f contract.Finding) string {
	if say := sentences[f.Rule]; say != nil {
		return say(f)
	}
	return wanted(f)
}

// wanted is the sentence of a rule that compares.
func wanted(f contract.Finding) string { return ": want " + f.Want + ", got " + f.Got }

// sentences has one for each rule, and a test that it does.
var sentences = map[contract.Rule]func(contract.Finding) string{
	contract.UnknownOperation: func(f contract.Finding) string {
		if f.Spec.Pointer == "/paths" {
			return " calls a path that the document does not have"
		}
		return " calls an operation that the document does not have" + wanted(f)
	},
	contract.MissingCredentials:      func(f contract.Finding) string { return " carries no credentials: want " + f.Want },
	contract.MissingParameter:        func(contract.Finding) string { return " is a required parameter and did not come" },
	contract.ParameterMismatch:       wanted,
	contract.UndeclaredQuery:         func(contract.Finding) string { return " is a parameter that the document does not have" },
	contract.UndocumentedStatus:      func(f contract.Finding) string { return " has an undocumented status" + wanted(f) },
	contract.UndocumentedContentType: wanted,
	contract.MissingContentType: func(f contract.Finding) string {
		return " has a body and no Content-Type: want " + f.Want
	},
	contract.MissingHeader:      func(contract.Finding) string { return " is required and did not come" },
	contract.HeaderMismatch:     wanted,
	contract.UndeclaredHeader:   func(contract.Finding) string { return " is not in the document" },
	contract.EmptyBody:          func(f contract.Finding) string { return " is empty: want " + f.Want },
	contract.UnexpectedBody:     func(f contract.Finding) string { return " is not in the document" + wanted(f) },
	contract.MalformedJSON:      wanted,
	contract.DuplicateKey:       func(contract.Finding) string { return " stands in its object twice" },
	contract.LoneSurrogate:      func(contract.Finding) string { return " has half of a surrogate pair" },
	contract.SchemaMismatch:     wanted,
	contract.FormatMismatch:     wanted,
	contract.UndeclaredProperty: func(f contract.Finding) string { return " is not in the document: got " + f.Got },
	contract.NewEnumValue:       func(f contract.Finding) string { return " has a value that the open enum does not list: " + f.Want },
	contract.NewVariant:         func(f contract.Finding) string { return " is a variant that the open union does not list: " + f.Want },
	contract.WriteOnlyReturned:  func(contract.Finding) string { return " is write-only and came back" },
	contract.MalformedStream:    wanted,
	contract.ReadOnlySent:       func(contract.Finding) string { return " is read-only and was sent" },
}

// printable makes a name from outside safe for a terminal.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r >= 0x80 && r < 0xa0 {
			return '\ufffd'
		}
		return r
	}, s)
}

// request names an exchange: "POST /v1/x → 202".
func request(v contract.Verdict) string {
	if v.Method == "" {
		return "an entry that was not read"
	}
	return printable(fmt.Sprintf("%s %s → %d", v.Method, v.Path, v.Status))
}

// place names a place of the document: "openapi.yaml:12:3".
func place(p contract.Place) string { return fmt.Sprintf("%s:%d:%d", p.File, p.Line, p.Column) }

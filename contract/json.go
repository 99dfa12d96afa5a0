package contract

// Bodies are read strictly: exactly one JSON text in UTF-8, every name of every
// object seen, every number kept as it was written. encoding/json, and
// kin-openapi on top of it, read the first value only, let the last of two equal
// names win and round numbers to 53 bits.

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

// maxDepth bounds the nesting of a body, and with it the judge's recursion. A
// deeper body is legal (RFC 8259 section 9 lets a reader set a limit) and unjudged.
const maxDepth = 5000

// A kind is the type of a JSON value (RFC 8259 section 3).
type kind byte

const (
	kindNull kind = iota
	kindBoolean
	kindNumber
	kindString
	kindArray
	kindObject
)

func (k kind) String() string {
	return [...]string{"null", "boolean", "number", "string", "array", "object"}[k]
}

// A value is one JSON value of a message, with the place where it starts.
type value struct {
	kind    kind
	start   int     // offset in the body
	bool    bool    // of a boolean
	text    string  // of a string, decoded; of a number, the literal
	number  decimal // of a number
	items   []*value
	members []member

	plain any       // what kin-openapi is given, made on demand
	above []*schema // the schemas that are being held against this value right now
}

type member struct {
	name  string
	start int // offset of the name
	value *value
}

// get returns the last member of that name, as most readers of JSON would, or nil.
func (v *value) get(name string) *value {
	for i := len(v.members) - 1; i >= 0; i-- {
		if v.members[i].name == name {
			return v.members[i].value
		}
	}
	return nil
}

// any gives the value in the form of encoding/json with UseNumber. Numbers are in
// one canonical form, so that equal numbers are equal strings.
func (v *value) any() any {
	if v.plain != nil {
		return v.plain
	}
	switch v.kind {
	case kindBoolean:
		v.plain = v.bool
	case kindNumber:
		v.plain = json.Number(v.number.String())
	case kindString:
		v.plain = v.text
	case kindArray:
		list := make([]any, len(v.items))
		for i, item := range v.items {
			list[i] = item.any()
		}
		v.plain = list
	case kindObject:
		object := make(map[string]any, len(v.members))
		for _, m := range v.members {
			object[m.name] = m.value.any()
		}
		v.plain = object
	}
	return v.plain
}

// errTooDeep is the one way in which legal JSON stays unread.
var errTooDeep = fmt.Errorf("the body is nested more than %d levels deep", maxDepth)

// A syntaxError says where and how a body is no JSON text. It holds no byte of the body.
type syntaxError struct {
	offset  int
	pointer string
	got     string
	cut     bool // the text ends too soon
}

func (e *syntaxError) Error() string { return fmt.Sprintf("byte %d: %s", e.offset, e.got) }

// An oddity is something legal in a JSON text that readers disagree about
// (RFC 7493).
type oddity struct {
	rule    Rule
	offset  int
	pointer string
}

// parseJSON reads a whole body. The error is a *syntaxError or errTooDeep.
func parseJSON(body []byte) (*value, []oddity, error) {
	if i := invalidUTF8(body); i >= 0 {
		return nil, nil, &syntaxError{offset: i, got: "bytes that are not UTF-8"}
	}
	if bytes.HasPrefix(body, []byte("\ufeff")) {
		return nil, nil, &syntaxError{got: "a byte order mark before the JSON text"}
	}
	p := jsonParser{body: body, dec: jsontext.NewDecoder(bytes.NewBuffer(body),
		jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))}
	v, err := p.value(nil, 0)
	if err != nil {
		return nil, nil, p.explain(err)
	}
	if _, err := p.dec.ReadToken(); !errors.Is(err, io.EOF) {
		return nil, nil, &syntaxError{offset: p.next(), got: "more bytes behind the JSON text"}
	}
	return v, p.odd, nil
}

type jsonParser struct {
	body []byte
	dec  *jsontext.Decoder
	odd  []oddity
}

// next is the offset at which the next token starts.
func (p *jsonParser) next() int {
	i := int(p.dec.InputOffset())
	for i < len(p.body) && bytes.IndexByte([]byte(" \t\r\n,:"), p.body[i]) >= 0 {
		i++
	}
	return i
}

func (p *jsonParser) value(at *pointer, depth int) (*value, error) {
	if depth > maxDepth {
		return nil, errTooDeep
	}
	v := &value{start: p.next()}
	token, err := p.dec.ReadToken()
	if err != nil {
		return nil, err
	}
	switch token.Kind() {
	case 'n':
		v.kind = kindNull
	case 't', 'f':
		v.kind, v.bool = kindBoolean, token.Bool()
	case '0':
		v.kind, v.text = kindNumber, token.String()
		v.number = parseDecimal(v.text)
	case '"':
		v.kind, v.text = kindString, token.String()
		p.surrogates(at, v.start)
	case '[':
		v.kind = kindArray
		for p.dec.PeekKind() != ']' {
			item, err := p.value(at.index(len(v.items)), depth+1)
			if err != nil {
				return nil, err
			}
			v.items = append(v.items, item)
		}
		_, err = p.dec.ReadToken()
	case '{':
		v.kind = kindObject
		seen := map[string]bool{}
		for p.dec.PeekKind() != '}' {
			m := member{start: p.next()}
			name, err := p.dec.ReadToken()
			if err != nil {
				return nil, err
			}
			m.name = name.String()
			below := at.member(m.name)
			p.surrogates(below, m.start)
			if seen[m.name] {
				p.odd = append(p.odd, oddity{DuplicateKey, m.start, below.String()})
			}
			seen[m.name] = true
			if m.value, err = p.value(below, depth+1); err != nil {
				return nil, err
			}
			v.members = append(v.members, m)
		}
		_, err = p.dec.ReadToken()
	}
	return v, err
}

// surrogates notes a string literal that escapes half of a surrogate pair.
func (p *jsonParser) surrogates(at *pointer, start int) {
	if halfSurrogate(p.body[start:p.dec.InputOffset()]) {
		p.odd = append(p.odd, oddity{LoneSurrogate, start, at.String()})
	}
}

// halfSurrogate scans a JSON string literal for a \uD800–\uDFFF escape without
// its other half (RFC 8259 section 8.2).
func halfSurrogate(literal []byte) bool {
	for i := 0; i+1 < len(literal); i++ {
		if literal[i] != '\\' {
			continue
		}
		i++
		if literal[i] != 'u' || i+5 > len(literal) {
			continue
		}
		unit := literal[i+1 : i+5]
		i += 4
		if unit[0]|0x20 != 'd' || unit[1] < '8' {
			continue
		}
		high := unit[1]|0x20 == 'a' || unit[1]|0x20 == 'b' || unit[1] == '8' || unit[1] == '9'
		low := literal[i+1:]
		if !high || len(low) < 6 || low[0] != '\\' || low[1] != 'u' || low[2]|0x20 != 'd' ||
			bytes.IndexByte([]byte("cdef"), low[3]|0x20) < 0 {
			return true
		}
		i += 6
	}
	return false
}

// explain turns an error of the decoder into words that hold nothing of the body.
func (p *jsonParser) explain(err error) error {
	if errors.Is(err, errTooDeep) {
		return err
	}
	out := &syntaxError{offset: p.next(), got: "a syntax error"}
	var syntax *jsontext.SyntacticError
	if errors.As(err, &syntax) {
		out.offset, out.pointer = int(syntax.ByteOffset), string(syntax.JSONPointer)
	}
	switch {
	case errors.Is(err, io.EOF):
		out.got, out.cut = "nothing but white space", true
	case errors.Is(err, io.ErrUnexpectedEOF):
		out.offset, out.got, out.cut = len(p.body), "an end in the middle of the JSON text", true
	}
	return out
}

// invalidUTF8 gives the offset of the first byte that is not UTF-8, or -1.
func invalidUTF8(b []byte) int {
	if utf8.Valid(b) {
		return -1
	}
	for i := 0; ; {
		r, n := utf8.DecodeRune(b[i:])
		if r == utf8.RuneError && n == 1 {
			return i
		}
		i += n
	}
}

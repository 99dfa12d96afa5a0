package contract

// Styles turn the text of a parameter or a header into the value that its schema
// describes (OAS 3.0.3, Parameter Object, Style Values; RFC 6570). Delimiters are
// found before anything is decoded: an encoded comma is data.

import (
	"net/url"
	"strings"
)

// A decoding turns a piece between delimiters into its characters.
type decoding func(string) string

// plain is the decoding of headers: there is none.
func plain(s string) string { return s }

// fromPath undoes percent-encoding; what is malformed stays as it is.
func fromPath(s string) string {
	if decoded, err := url.PathUnescape(s); err == nil {
		return decoded
	}
	return s
}

// fromQuery also reads + as a space, as forms write it.
func fromQuery(s string) string {
	if decoded, err := url.QueryUnescape(s); err == nil {
		return decoded
	}
	return s
}

// simple reads comma-separated values, which is style simple and, behind its
// name, form without explode.
func (s *schema) simple(text string, explode bool, decode decoding) *value {
	return s.delimited(text, ",", explode, decode)
}

// delimited reads pieces with a delimiter between them as the type that the
// schema asks for: the items of an array, or the names and values of an object in
// turn (with explode, as name=value).
func (s *schema) delimited(text, delimiter string, explode bool, decode decoding) *value {
	split := func() []string {
		parts := strings.Split(text, delimiter)
		for i := range parts {
			parts[i] = strings.TrimSpace(parts[i])
		}
		return parts
	}
	switch s.kind() {
	case "array":
		if text == "" {
			return &value{kind: kindArray}
		}
		return s.array(split(), decode)
	case "object":
		v := &value{kind: kindObject}
		parts := split()
		for i := 0; i < len(parts) && text != ""; i++ {
			name, text := parts[i], ""
			if explode {
				name, text, _ = strings.Cut(parts[i], "=")
			} else if i++; i < len(parts) {
				text = parts[i]
			}
			name = decode(name)
			v.members = append(v.members, member{name: name, value: s.property(name).scalar(decode(text))})
		}
		return v
	}
	return s.scalar(decode(text))
}

// array reads each piece as an item.
func (s *schema) array(parts []string, decode decoding) *value {
	v := &value{kind: kindArray}
	for _, part := range parts {
		v.items = append(v.items, s.item().scalar(decode(part)))
	}
	return v
}

// item and property find the schemas of what an array or an object holds, also
// through allOf; nil when there is none.

func (s *schema) item() *schema {
	if s == nil {
		return nil
	}
	if s.items != nil {
		return s.items
	}
	for _, part := range s.allOf {
		if items := part.item(); items != nil {
			return items
		}
	}
	return nil
}

func (s *schema) property(name string) *schema {
	if s == nil {
		return nil
	}
	if p := s.properties[name]; p != nil {
		return p
	}
	for _, part := range s.allOf {
		if p := part.property(name); p != nil {
			return p
		}
	}
	return s.additional
}

// scalar reads a text as the type that the schema asks for. Text that is not of
// that type stays a string, so that the schema refuses it by its own words.
func (s *schema) scalar(text string) *value {
	kind := s.kind()
	if kind == "integer" || kind == "number" || kind == "boolean" {
		if v, _, err := parseJSON([]byte(text)); err == nil && (v.kind == kindBoolean || v.kind == kindNumber) {
			return v
		}
	}
	return &value{kind: kindString, text: text}
}

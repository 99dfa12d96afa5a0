package contract

// Forms are objects whose properties travel as fields (OAS 3.0.3, Request Body
// Object, "Support for x-www-form-urlencoded Request Bodies" and "Special
// Considerations for multipart Content"). A field is read as the type that the
// schema of its property asks for; the object is then judged like any other.

import (
	"bytes"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"strings"
	"unicode/utf8"

	"github.com/getkin/kin-openapi/openapi3"
)

// A fieldEncoding is an Encoding Object.
type fieldEncoding struct {
	at    location
	types []string // media types of the field, ranges among them; empty for any
	style string
	// explode is by default true for style form.
	explode bool
}

func (c *compiler) encodings(encodings map[string]*openapi3.Encoding, at location) map[string]fieldEncoding {
	out := map[string]fieldEncoding{}
	for name, e := range encodings {
		if e == nil {
			continue
		}
		f := fieldEncoding{at: at.below(name), style: e.Style, explode: e.Style == "" || e.Style == "form"}
		if e.Explode != nil {
			f.explode = *e.Explode
		}
		for t := range strings.SplitSeq(e.ContentType, ",") {
			if t = strings.ToLower(strings.TrimSpace(t)); t != "" {
				f.types = append(f.types, t)
			}
		}
		out[name] = f
	}
	return out
}

// urlencoded judges a body of application/x-www-form-urlencoded.
func (j *judgement) urlencoded(mt *mediaType) {
	pairs := queryPairs(string(j.body.Data))
	form := &value{kind: kindObject}
	add := func(name string, v *value) {
		form.members = append(form.members, member{name: name, value: v})
	}
	seen := map[string]bool{}
	for _, p := range pairs {
		name := p.name
		if i := strings.IndexByte(name, '['); i > 0 && mt.encodings[name[:i]].style == "deepObject" {
			name = name[:i]
		}
		if seen[name] {
			continue
		}
		seen[name] = true
		property, encoding := mt.schema.property(name), mt.encodings[name]
		var texts []string
		for _, other := range pairs {
			if other.name == p.name {
				texts = append(texts, other.value)
			}
		}
		switch kind := property.kind(); {
		case encoding.style == "deepObject":
			v := property.deepObject(name, pairs, fromQuery)
			if v == nil {
				v = property.scalar(fromQuery(p.value)) // which the schema refuses
			}
			add(name, v)
		case kind == "array" && (encoding.at == location{} || encoding.explode):
			add(name, property.array(texts, fromQuery))
		case kind == "array":
			delimiter := map[string]string{"spaceDelimited": " ", "pipeDelimited": "|"}[encoding.style]
			if delimiter == "" {
				delimiter = ","
			}
			add(name, property.delimited(fromQuery(texts[0]), delimiter, false, plain))
		case kind == "object":
			if v, _, err := parseJSON([]byte(fromQuery(texts[0]))); err == nil {
				add(name, v)
				break
			}
			add(name, property.simple(texts[0], false, fromQuery))
		default:
			for _, text := range texts { // a field that comes twice is seen twice
				add(name, property.scalar(fromQuery(text)))
			}
		}
	}
	j.take(j.schema(mt.schema, form, PartBody, nil))
}

// multipart judges a body of multipart/form-data (RFC 7578).
func (j *judgement) multipart(mt *mediaType) {
	boundary := mt.parameters["boundary"]
	if boundary == "" {
		j.unjudged("a multipart body without a boundary cannot be read")
		return
	}
	reader := multipart.NewReader(bytes.NewReader(j.body.Data), boundary)
	form := &value{kind: kindObject}
	for {
		part, err := reader.NextRawPart()
		if errors.Is(err, io.EOF) {
			break
		}
		var data []byte
		if err == nil {
			data, err = io.ReadAll(part)
		}
		if err != nil {
			j.unjudged("the multipart body cannot be read to its end")
			return
		}
		name := part.FormName()
		property := mt.schema.property(name)
		list := property.kind() == "array"
		if list {
			property = property.item()
		}
		v := j.field(mt.encodings[name], name, part.Header.Get("Content-Type"), data, property)
		if v == nil {
			return
		}
		switch existing := form.get(name); {
		case !list:
			form.members = append(form.members, member{name: name, value: v})
		case existing == nil:
			form.members = append(form.members, member{name: name, value: &value{kind: kindArray, items: []*value{v}}})
		default:
			existing.items = append(existing.items, v)
		}
	}
	j.take(j.schema(mt.schema, form, PartBody, nil))
}

// field reads one part of a multipart body. nil means that it cannot be read,
// and that this has been said.
func (j *judgement) field(encoding fieldEncoding, name, claim string, data []byte, property *schema) *value {
	claimed, _, err := mime.ParseMediaType(claim)
	if err != nil || claimed == "" {
		claimed = "text/plain" // RFC 7578 section 4.4
	}
	if len(encoding.types) > 0 {
		fits := false
		for _, t := range encoding.types {
			mt := newMediaType(t, location{}, nil)
			fits = fits || mt.fits(claimed, nil) > 0
		}
		if !fits {
			j.add(UndocumentedContentType, PartBody, (*pointer)(nil).member(name), encoding.at.below("contentType"),
				strings.Join(encoding.types, " or "), mediaTypeName(claimed))
		}
	}
	kind := property.kind()
	isJSON := claimed == "application/json" || strings.HasSuffix(claimed, "+json")
	switch {
	case isJSON || kind == "object" || kind == "array":
		v, _, err := parseJSON(data)
		if err != nil {
			j.unjudged("a field of the multipart body is no JSON, where JSON is wanted")
			return nil
		}
		return v
	case utf8.Valid(data):
		return property.scalar(string(data))
	}
	return &value{kind: kindString, text: string(data)}
}

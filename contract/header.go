package contract

// Headers of responses are texts that stand for values: each is read in style
// simple as the type that its schema asks for, and then judged like a body.

import (
	"net/http"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// A header is a Header Object of a response.
type header struct {
	name     string
	at       location
	required bool
	explode  bool
	json     bool // described by content: the value is a JSON text
	schema   *schema
}

func (c *compiler) header(name string, h *openapi3.Header, at location) header {
	out := header{name: name, at: at, required: h.Required, explode: h.Explode != nil && *h.Explode}
	out.schema = c.schema(h.Schema, at.below("schema"))
	if documented := c.content(h.Content, at); documented != nil {
		out.schema, out.json = documented.types[0].schema, documented.types[0].isJSON()
	}
	return out
}

// headers judges the headers of a response, all of them whatever is wrong with
// the first. Header is nil when the recording has none.
func (j *judgement) headers(a *answer, came http.Header) {
	if came == nil {
		return
	}
	documented := a.at.below("headers")
	for _, h := range a.headers {
		// OAS 3.0.3, Response Object: a definition of Content-Type is ignored.
		if strings.EqualFold(h.name, "Content-Type") {
			continue
		}
		values := came.Values(h.name)
		if len(values) == 0 {
			if h.required {
				j.add(MissingHeader, PartHeader, (*pointer)(nil).member(h.name), h.at, "header "+h.name, "none")
			}
			continue
		}
		j.headerValue(h, strings.Join(values, ", ")) // RFC 9110 section 5.3
	}
	for _, name := range sortedNames(came) {
		declared := func(h header) bool { return strings.EqualFold(h.name, name) }
		if !slices.ContainsFunc(a.headers, declared) && !knownHeader(name) {
			j.add(UndeclaredHeader, PartHeader, (*pointer)(nil).member(name), documented, "no such header", "header "+headerName(name))
		}
	}
}

func (j *judgement) headerValue(h header, text string) {
	at := (*pointer)(nil).member(h.name)
	mismatch := func(want, got string) {
		j.add(HeaderMismatch, PartHeader, at, h.at, want, got)
	}
	v := h.schema.simple(text, h.explode, plain)
	if h.json {
		var err error
		if v, _, err = parseJSON([]byte(text)); err != nil {
			mismatch("one JSON text", "something else")
			return
		}
	}
	for _, f := range j.schema(h.schema, v, PartHeader, at) {
		// The header is the unit that callers know; what is wrong in it stands in the words.
		if f.Severity == SeverityBroken {
			f.Rule = HeaderMismatch
		}
		f.Source = j.source
		if strings.EqualFold(h.name, "Set-Cookie") {
			f.Value = ""
		}
		j.take([]Finding{f})
	}
}

func sortedNames(h http.Header) []string {
	names := make([]string, 0, len(h))
	for name := range h {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// headerName repeats a field name of reasonable length.
func headerName(name string) string {
	if len(name) > 64 {
		return "with a long name"
	}
	return name
}

package contract

// Both messages of an exchange are judged alike: media type, headers, then the
// body by what the document says of that media type.

import (
	"cmp"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"unicode/utf8"
)

// status finds the answer that documents a status: exact, then range, then
// default (OAS 3.0.3, Responses Object).
func (j *judgement) status(op *operation, status int) *answer {
	exact := strconv.Itoa(status)
	for _, key := range []string{exact, exact[:1] + "XX", "default"} {
		for _, a := range op.responses {
			if strings.EqualFold(a.key, key) {
				return a
			}
		}
	}
	keys := make([]string, len(op.responses))
	for i, a := range op.responses {
		keys[i] = a.key
	}
	j.add(UndocumentedStatus, PartLine, nil, op.at.below("responses"), "status "+strings.Join(keys, ", "), "status "+exact)
	return nil
}

func (j *judgement) response(op *operation, a *answer, r Response) {
	j.headers(a, r.Header)
	// RFC 9110 sections 9.3.2, 15.2, 15.3.5: these answers have no content, and their
	// headers speak of the content that another answer would have had.
	if op.Method == http.MethodHead || r.Status < 200 || r.Status == http.StatusNoContent {
		j.message(nil, r.Body, nil, a.at, false)
		return
	}
	// Section 15.4.5: nor has this one, but browsers record the cached content with it.
	if r.Status == http.StatusNotModified {
		return
	}
	j.message(r.Header, r.Body, a.content, a.at, a.content != nil)
}

// message judges the body of a message, and the media type it claims to have.
func (j *judgement) message(header http.Header, body Body, documented *content, at location, required bool) {
	j.body = body
	switch {
	case body.Missing != "":
		j.unjudged(body.Missing)
		return
	case len(body.Data) == 0 && (body.passed == nil || body.passed.next == 0):
		if required {
			j.add(EmptyBody, PartBody, nil, documented.at, "a body of "+documented.String(), "none")
		}
		return
	case documented == nil:
		j.add(UnexpectedBody, PartBody, nil, at, "no body", fmt.Sprintf("a body of %d bytes", len(body.Data))).Source = j.inBody(0)
		return
	}
	mt := j.mediaType(header, documented)
	if mt == nil {
		return
	}
	if coding := header.Get("Content-Encoding"); coding != "" && !strings.EqualFold(coding, "identity") && !utf8.Valid(body.Data) {
		j.unjudged("a body under a content coding is not judged yet")
		return
	}
	stream := j.newStream(mt)
	switch {
	case stream != nil && !mt.saysItems():
		j.unjudged("what the items of a stream are is not documented: " + extensionItemSchema + " says it")
	case body.passed != nil:
		j.findings = append(j.findings, body.passed.findings...)
		j.secrets = append(j.secrets, body.passed.secrets...)
		j.doubt = cmp.Or(j.doubt, body.passed.doubt)
	case stream != nil:
		stream.write(body.Data)
		stream.close()
	case mt.isJSON():
		j.json(mt)
	case mt.name == "application/x-www-form-urlencoded":
		j.urlencoded(mt)
	case mt.name == "multipart/form-data":
		j.multipart(mt)
	case mt.schema.saysNothing():
		// Any bytes are as good as any others.
	case strings.HasPrefix(mt.name, "text/"):
		j.take(j.schema(mt.schema, mt.schema.scalar(string(body.Data)), PartBody, nil))
	default:
		j.unjudged("a body of " + mt.name + " is not judged yet")
	}
}

// json reads the body as JSON and holds it against the schema.
func (j *judgement) json(mt *mediaType) {
	v, odd, err := parseJSON(j.body.Data)
	var syntax *syntaxError
	switch {
	case errors.As(err, &syntax):
		f := j.add(MalformedJSON, PartBody, nil, mt.at, "one JSON text in UTF-8", syntax.got)
		f.Pointer, f.Source = syntax.pointer, j.inBody(syntax.offset)
		return
	case err != nil:
		j.unjudged(err.Error())
		return
	}
	for _, o := range odd {
		want, got := oddWords(o.rule)
		f := j.add(o.rule, PartBody, nil, mt.at, want, got)
		f.Pointer, f.Source = o.pointer, j.inBody(o.offset)
	}
	j.take(j.schema(mt.schema, v, PartBody, nil))
}

func oddWords(rule Rule) (want, got string) {
	if rule == LoneSurrogate {
		return "whole characters", "half of a surrogate pair"
	}
	return "each name once", "the same name twice"
}

// A mediaType is one entry of a `content` map.
type mediaType struct {
	at         location
	name       string // type/subtype in lower case; either may be *
	parameters map[string]string
	schema     *schema
	item       *schema                  // of a stream, x-daric-item-schema
	encodings  map[string]fieldEncoding // of a form, by property
}

func newMediaType(key string, at location, schema *schema) mediaType {
	name, parameters, err := mime.ParseMediaType(key)
	if err != nil {
		name, parameters = strings.ToLower(strings.TrimSpace(key)), nil
	}
	return mediaType{at: at, name: name, parameters: parameters, schema: schema}
}

// isJSON tells whether the media type says that its content is JSON (RFC 6839
// section 3.1). A range says nothing; only the header does, and it has replaced
// the range's name by then.
func (m *mediaType) isJSON() bool {
	return m.name == "application/json" || m.name == "text/json" || strings.HasSuffix(m.name, "+json")
}

// saysItems tells whether the items of a stream can be judged: their schema is
// named, or they are strings, or the document says nothing.
func (m *mediaType) saysItems() bool {
	return m.item != nil || m.schema.kind() == "" || m.schema.kind() == "string"
}

// fits ranks how closely the entry describes a media type: 0 not at all, 1 as
// */*, 2 as type/*, 3 by name, more with each parameter that it names too.
func (m *mediaType) fits(name string, parameters map[string]string) int {
	for key, value := range m.parameters {
		if !strings.EqualFold(parameters[key], value) {
			// A charset that the message leaves out is no other charset: JSON has
			// none (RFC 8259 section 11).
			if _, came := parameters[key]; came || key != "charset" {
				return 0
			}
		}
	}
	kind, isRange := strings.CutSuffix(m.name, "*")
	switch {
	case m.name == name:
		return 3 + len(m.parameters)
	case m.name == "*/*":
		return 1
	case isRange && strings.HasPrefix(name, kind):
		return 2
	}
	return 0
}

func (c *content) String() string {
	names := make([]string, len(c.types))
	for i := range c.types {
		names[i] = c.types[i].name
	}
	return strings.Join(names, " or ")
}

// mediaType picks the entry of `content` that describes the message: the most
// specific one (OAS 3.0.3, Response Object). nil means that the body cannot be
// judged, and that this has been said.
func (j *judgement) mediaType(header http.Header, documented *content) *mediaType {
	claims := header.Values("Content-Type")
	if len(claims) == 0 || claims[0] == "" {
		if header != nil {
			j.add(MissingContentType, PartHeader, nil, documented.at, documented.String(), "no Content-Type")
		}
		// With one documented JSON type there is no doubt about what was meant.
		if len(documented.types) == 1 && documented.types[0].isJSON() {
			return &documented.types[0]
		}
		j.unjudged("without a content type the body cannot be judged")
		return nil
	}
	name, parameters, err := mime.ParseMediaType(claims[0])
	if err != nil && name == "" {
		j.add(UndocumentedContentType, PartHeader, nil, documented.at, documented.String(), "no media type of RFC 9110").Pointer = "/Content-Type"
		return nil
	}
	var best *mediaType
	rank := 0
	for i := range documented.types {
		if r := documented.types[i].fits(name, parameters); r > rank {
			best, rank = &documented.types[i], r
		}
	}
	if best == nil {
		j.add(UndocumentedContentType, PartHeader, nil, documented.at, documented.String(), mediaTypeName(name)).Pointer = "/Content-Type"
		return nil
	}
	chosen := *best
	chosen.name, chosen.parameters = name, parameters // the message's own, the boundary among them
	return &chosen
}

// mediaTypeName repeats a media type when it is one, and not some other bytes
// that somebody put there.
func mediaTypeName(name string) string {
	if len(name) > 127 || strings.Count(name, "/") != 1 {
		return "another media type"
	}
	return name
}

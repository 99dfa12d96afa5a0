package contract

// Parameters are read by their style and held against their schemas (OAS 3.0.3,
// Parameter Object).

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// A parameter is a Parameter Object.
type parameter struct {
	name       string
	in         string // path, query, header or cookie
	at         location
	required   bool
	style      string
	explode    bool
	allowEmpty bool // allowEmptyValue
	json       bool // described by content: the value is a JSON text
	schema     *schema
}

// parameters compiles those of an operation: its own, and those of its path that
// it does not replace.
func (c *compiler) parameters(item *openapi3.PathItem, itemAt location, op *openapi3.Operation, opAt location) []parameter {
	var out []parameter
	add := func(refs openapi3.Parameters, at location) {
		for i, ref := range refs {
			p := ref.Value
			if p == nil || p.In == "header" && ignoredParameter(p.Name) {
				continue
			}
			same := func(o parameter) bool { return o.in == p.In && o.name == p.Name }
			if !slices.ContainsFunc(out, same) {
				out = append(out, c.parameter(p, c.spec.sources.resolve(at.below("parameters", strconv.Itoa(i)))))
			}
		}
	}
	add(op.Parameters, opAt)
	add(item.Parameters, itemAt)
	return out
}

// ignoredParameter names the header parameters whose definitions are ignored (OAS
// 3.0.3, Parameter Object, in).
func ignoredParameter(name string) bool {
	return strings.EqualFold(name, "Accept") || strings.EqualFold(name, "Content-Type") || strings.EqualFold(name, "Authorization")
}

func (c *compiler) parameter(p *openapi3.Parameter, at location) parameter {
	out := parameter{name: p.Name, in: p.In, at: at, required: p.Required, style: p.Style, allowEmpty: p.AllowEmptyValue}
	if out.style == "" {
		out.style = map[string]string{"query": "form", "cookie": "form"}[p.In]
	}
	out.explode = out.style == "form"
	if p.Explode != nil {
		out.explode = *p.Explode
	}
	out.schema = c.schema(p.Schema, at.below("schema"))
	if documented := c.content(p.Content, at); documented != nil {
		out.schema, out.json = documented.types[0].schema, documented.types[0].isJSON()
	}
	return out
}

// A pair is one name=value of a query or a cookie; the value is still encoded.
type pair struct{ name, value string }

// queryPairs splits a query as forms do.
func queryPairs(query string) []pair {
	var out []pair
	for part := range strings.SplitSeq(query, "&") {
		if part != "" {
			name, value, _ := strings.Cut(part, "=")
			out = append(out, pair{fromQuery(name), value})
		}
	}
	return out
}

// parameters judges those that the recording can show.
func (j *judgement) parameters(op *operation, r Request, inPath map[string]string, status int) {
	query := queryPairs(r.Query)
	var cookies []pair
	for _, c := range (&http.Request{Header: r.Header}).Cookies() {
		cookies = append(cookies, pair{c.Name, c.Value})
	}
	for _, p := range op.parameters {
		switch p.in {
		case "path":
			if text, came := inPath[p.name]; came {
				j.parameter(p, PartPath, p.readPath(text))
			}
		case "query":
			j.pairs(p, PartQuery, query, fromQuery)
		case "header":
			if values := r.Header.Values(p.name); len(values) > 0 {
				j.parameter(p, PartHeader, p.read(strings.Join(values, ", "), plain))
			} else if r.Header != nil {
				j.missing(p, PartHeader)
			}
		case "cookie":
			if r.Header == nil {
				continue
			}
			before := len(j.findings)
			j.pairs(p, PartCookie, cookies, fromPath)
			// Exports strip cookies as they strip credentials.
			if len(j.findings) > before && r.Header.Get("Cookie") == "" && status >= 200 && status <= 299 {
				j.findings[len(j.findings)-1].Severity = SeverityNew
			}
		}
	}
	j.undeclaredQuery(op, query)
}

func (j *judgement) missing(p parameter, part Part) {
	if p.required {
		j.add(MissingParameter, part, (*pointer)(nil).member(p.name), p.at, "parameter "+p.name, "none")
	}
}

// parameter holds the readings of a parameter against its schema. Where a text
// can be read in two ways, one that fits is enough.
func (j *judgement) parameter(p parameter, part Part, readings []*value) {
	at := (*pointer)(nil).member(p.name)
	var findings []Finding
	for i, v := range readings {
		if v == nil {
			findings = []Finding{*j.add(ParameterMismatch, part, at, p.at, "style "+p.style, "a value that is not")}
			j.findings = j.findings[:len(j.findings)-1]
			continue
		}
		found := j.schema(p.schema, v, part, at)
		if i == 0 || len(found) == 0 {
			findings = found
		}
		if len(found) == 0 {
			break
		}
	}
	for i := range findings {
		if findings[i].Severity == SeverityBroken {
			findings[i].Rule = ParameterMismatch
		}
		findings[i].Source = j.source
	}
	j.take(findings)
}

// read gives the readings of a text without a name around it.
func (p parameter) read(text string, decode decoding) []*value {
	if p.json {
		v, _, err := parseJSON([]byte(decode(text)))
		if err != nil {
			v = nil
		}
		return []*value{v}
	}
	readings := []*value{p.schema.simple(text, p.explode, decode)}
	// Many clients encode the delimiters along with the data.
	if whole := decode(text); whole != text && strings.Contains(whole, ",") {
		readings = append(readings, p.schema.simple(whole, p.explode, plain))
	}
	return readings
}

// readPath reads the value of a path parameter: simple, label or matrix.
func (p parameter) readPath(text string) []*value {
	switch p.style {
	case "label":
		rest, found := strings.CutPrefix(text, ".")
		if !found {
			return []*value{nil}
		}
		delimiter := ","
		if p.explode {
			delimiter = "."
		}
		return []*value{p.schema.delimited(rest, delimiter, p.explode, fromPath)}
	case "matrix":
		rest, found := strings.CutPrefix(text, ";")
		if !found {
			return []*value{nil}
		}
		if p.explode && p.schema.kind() == "object" {
			return []*value{p.schema.delimited(rest, ";", true, fromPath)}
		}
		var values []string
		for part := range strings.SplitSeq(rest, ";") {
			name, text, _ := strings.Cut(part, "=")
			if fromPath(name) != p.name {
				return []*value{nil}
			}
			values = append(values, text)
		}
		if p.explode && p.schema.kind() == "array" {
			return []*value{p.schema.array(values, fromPath)}
		}
		return []*value{p.schema.simple(strings.Join(values, ","), false, fromPath)}
	}
	return p.read(text, fromPath)
}

// pairs judges a parameter of a query or of cookies.
func (j *judgement) pairs(p parameter, part Part, pairs []pair, decode decoding) {
	kind := p.schema.kind()
	var values []string // of pairs with its name
	for _, pair := range pairs {
		if pair.name == p.name {
			values = append(values, pair.value)
		}
	}
	switch {
	case kind == "object" && p.style == "deepObject":
		if v := p.schema.deepObject(p.name, pairs, decode); v != nil {
			j.parameter(p, part, []*value{v})
			return
		}
	case kind == "object" && p.style == "form" && p.explode && !p.json:
		// Its properties stand in the query as parameters of their own.
		v := &value{kind: kindObject}
		for _, pair := range pairs {
			if property := p.schema.property(pair.name); property != nil {
				v.members = append(v.members, member{name: pair.name, value: property.scalar(decode(pair.value))})
			}
		}
		if v.members != nil || p.required {
			j.parameter(p, part, []*value{v})
		}
		return
	case len(values) == 0:
	case len(values) == 1 && values[0] == "" && p.allowEmpty:
		return
	case kind == "array" && p.explode && !p.json:
		readings := []*value{p.schema.array(values, decode)}
		j.parameter(p, part, readings)
		return
	case len(values) > 1:
		j.add(ParameterMismatch, part, (*pointer)(nil).member(p.name), p.at, "one value", count(len(values), "value"))
		return
	case p.style == "spaceDelimited" || p.style == "pipeDelimited":
		delimiter := map[string]string{"spaceDelimited": " ", "pipeDelimited": "|"}[p.style]
		j.parameter(p, part, []*value{p.schema.delimited(decode(values[0]), delimiter, false, plain)})
		return
	default:
		j.parameter(p, part, p.read(values[0], decode))
		return
	}
	j.missing(p, part)
}

// deepObject reads name[property]=value, and deeper, which the specification
// leaves open. It is nil when there is no such pair.
func (s *schema) deepObject(name string, pairs []pair, decode decoding) *value {
	var root *value
	for _, pair := range pairs {
		rest, found := strings.CutPrefix(pair.name, name+"[")
		if !found || !strings.HasSuffix(rest, "]") {
			continue
		}
		if root == nil {
			root = &value{kind: kindObject}
		}
		at, of := root, s
		keys := strings.Split(strings.TrimSuffix(rest, "]"), "][")
		for i, key := range keys {
			of = of.property(key)
			if i == len(keys)-1 {
				at.members = append(at.members, member{name: key, value: of.scalar(decode(pair.value))})
				break
			}
			next := at.get(key)
			if next == nil || next.kind != kindObject {
				next = &value{kind: kindObject}
				at.members = append(at.members, member{name: key, value: next})
			}
			at = next
		}
	}
	return root
}

// undeclaredQuery reports what the operation does not declare, each name once.
func (j *judgement) undeclaredQuery(op *operation, query []pair) {
	seen := map[string]bool{}
	for _, pair := range query {
		if seen[pair.name] || op.declaresQuery(pair.name) || j.spec.isQueryCredential(pair.name) {
			continue
		}
		seen[pair.name] = true
		j.add(UndeclaredQuery, PartQuery, (*pointer)(nil).member(pair.name), op.at.below("parameters"), "no such parameter", "one")
	}
}

func (op *operation) declaresQuery(name string) bool {
	return slices.ContainsFunc(op.parameters, func(p parameter) bool {
		if p.in != "query" {
			return false
		}
		exploded := p.schema.kind() == "object" && p.style == "form" && p.explode
		return p.name == name || p.style == "deepObject" && strings.HasPrefix(name, p.name+"[") ||
			exploded && (p.schema.property(name) != nil || p.schema.free)
	})
}

// isQueryCredential tells that a name is that of an API key.
func (s *Spec) isQueryCredential(name string) bool {
	for _, scheme := range s.schemes {
		if scheme.in == "query" && scheme.name == name {
			return true
		}
	}
	return false
}

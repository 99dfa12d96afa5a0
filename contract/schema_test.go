package contract_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/daric-dev/daric/contract"
)

// compile makes a document of one operation, GET /, that answers 200 with the
// given schema. extra is put under components.schemas.
func compile(t testing.TB, schema, extra string) *contract.Spec {
	t.Helper()
	doc := "openapi: 3.0.3\ninfo: {title: t, version: '1'}\npaths:\n  /:\n    get:\n      responses:\n        '200':\n" +
		"          description: ok\n          content:\n            application/json:\n              schema:\n" +
		indent(schema, 16)
	if extra != "" {
		doc += "components:\n  schemas:\n" + indent(extra, 4)
	}
	spec, err := contract.Compile("test.yaml", []byte(doc))
	if err != nil {
		t.Fatalf("%v\n%s", err, doc)
	}
	return spec
}

func indent(text string, n int) string {
	var out strings.Builder
	for line := range strings.Lines(strings.Trim(text, "\n") + "\n") {
		out.WriteString(strings.Repeat(" ", n) + line)
	}
	return out.String()
}

func answer(body string) contract.Exchange {
	return contract.Exchange{
		Source:  contract.Source{File: "test"},
		Request: contract.Request{Method: "GET", Path: "/"},
		Response: contract.Response{Status: 200, Header: http.Header{"Content-Type": {"application/json"}},
			Body: contract.Body{Data: []byte(body), Line: 1}},
	}
}

// short writes findings as "rule pointer keyword", a line each.
func short(findings []contract.Finding) string {
	var lines []string
	for _, f := range findings {
		lines = append(lines, strings.TrimSpace(fmt.Sprintf("%s %s %s", f.Rule, f.Pointer, f.Keyword)))
	}
	return strings.Join(lines, "; ")
}

const union = `
Text:
  type: object
  required: [type, text]
  properties: {type: {type: string, enum: [text]}, text: {type: string}}
File:
  type: object
  required: [type, file_id]
  properties: {type: {type: string, enum: [file]}, file_id: {type: string}}
Pet:
  type: object
  required: [kind]
  properties: {kind: {type: string}}
  discriminator: {propertyName: kind}
Cat:
  allOf:
    - $ref: '#/components/schemas/Pet'
    - type: object
      properties: {lives: {type: integer}}
Node:
  type: object
  properties:
    next: {$ref: '#/components/schemas/Node'}
`

const blocks = "oneOf: [{$ref: '#/components/schemas/Text'}, {$ref: '#/components/schemas/File'}]\n"

func TestSchema(t *testing.T) {
	tests := []struct{ name, schema, body, want string }{
		{"type keeps", "type: string", `"a"`, ""},
		{"type breaks", "type: string", `1`, "schema-mismatch  type"},
		{"null where not nullable", "type: string", `null`, "schema-mismatch  type"},
		{"null where nullable", "type: string\nnullable: true", `null`, ""},
		{"null without a type", "description: anything", `null`, ""},
		{"null that a nullable enum lists", "type: string\nnullable: true\nenum: [a, null]", `null`, ""},
		{"null that a nullable enum does not list", "type: string\nnullable: true\nenum: [a]", `null`, "schema-mismatch  enum"},
		{"null beside allOf that says nullable", "nullable: true\nallOf: [{type: string}]", `null`, ""},

		{"integer", "type: integer", `12`, ""},
		{"integer with a fraction", "type: integer", `1.5`, "schema-mismatch  type"},
		{"integer written as 1.0", "type: integer", `1.0`, "schema-mismatch  type"},
		{"int64 holds 2^63-1", "type: integer\nformat: int64", `9223372036854775807`, ""},
		{"int64 ends before 2^63", "type: integer\nformat: int64", `9223372036854775808`, "format-mismatch  format"},
		{"int32", "type: integer\nformat: int32", `-2147483649`, "format-mismatch  format"},
		{"maximum is exact at 2^53", "type: integer\nmaximum: 9007199254740992", `9007199254740993`, "schema-mismatch  maximum"},
		{"maximum keeps at 2^53", "type: integer\nmaximum: 9007199254740992", `9007199254740992`, ""},
		{"minimum", "type: number\nminimum: 0.1", `0.09999999999999999999`, "schema-mismatch  minimum"},
		{"exclusive minimum", "type: number\nminimum: 1\nexclusiveMinimum: true", `1.000`, "schema-mismatch  minimum"},
		{"exclusive maximum", "type: number\nmaximum: 1\nexclusiveMaximum: true", `1e0`, "schema-mismatch  maximum"},
		{"number beyond float64", "type: number\nmaximum: 10", `1e400`, "schema-mismatch  maximum"},
		{"multipleOf 0.01", "type: number\nmultipleOf: 0.01", `19.99`, ""},
		{"multipleOf 0.01 breaks", "type: number\nmultipleOf: 0.01", `19.999`, "schema-mismatch  multipleOf"},
		{"multipleOf of a huge number", "type: number\nmultipleOf: 7", `1e999999999`, "schema-mismatch  multipleOf"},
		{"enum of numbers is by value", "type: number\nenum: [1]", `1.0`, ""},
		{"enum of numbers is exact", "type: integer\nenum: [9007199254740992]", `9007199254740993`, "schema-mismatch  enum"},

		{"enum", "type: string\nenum: [a, b]", `"c"`, "schema-mismatch  enum"},
		{"open enum", "type: string\nx-daric-open: true\nenum: [a, b]", `"c"`, "new-enum-value  enum"},
		{"open enum of another type", "type: string\nx-daric-open: true\nenum: [a, b]", `1`, "schema-mismatch  type"},
		{"enum of objects", "enum: [{a: 1}]", `{"a":1.0}`, ""},
		{"minLength counts characters", "type: string\nminLength: 2", `"é"`, "schema-mismatch  minLength"},
		{"maxLength", "type: string\nmaxLength: 2", `"äöü"`, "schema-mismatch  maxLength"},
		{"pattern", "type: string\npattern: ^a", `"ba"`, "schema-mismatch  pattern"},
		{"pattern with look-ahead", "type: string\npattern: ^(?!x).*$", `"xa"`, "schema-mismatch  pattern"},
		{"pattern with look-ahead keeps", "type: string\npattern: ^(?!x).*$", `"ax"`, ""},
		{"every keyword that fails", "type: string\npattern: ^a\nminLength: 9", `"b"`, "schema-mismatch  minLength; schema-mismatch  pattern"},

		{"items", "type: array\nitems: {type: string}", `["a",1,null]`, "schema-mismatch /1 type; schema-mismatch /2 type"},
		{"minItems", "type: array\nitems: {}\nminItems: 1", `[]`, "schema-mismatch  minItems"},
		{"maxItems", "type: array\nitems: {}\nmaxItems: 1", `[1,2]`, "schema-mismatch  maxItems"},
		{"uniqueItems by value", "type: array\nitems: {}\nuniqueItems: true", `[1,1.0]`, "schema-mismatch  uniqueItems"},
		{"uniqueItems", "type: array\nitems: {}\nuniqueItems: true", `[1,true,"1"]`, ""},

		{"required", "type: object\nrequired: [a/b]", `{}`, "schema-mismatch /a~1b required"},
		{"required write-only binds requests only", "type: object\nrequired: [a]\nproperties: {a: {type: string, writeOnly: true}}", `{}`, ""},
		{"write-only returned", "type: object\nproperties: {a: {type: string, writeOnly: true}}", `{"a":"x"}`, "write-only-returned /a writeOnly"},
		{"undeclared property", "type: object\nproperties: {a: {}}", `{"b":1}`, "undeclared-property /b properties"},
		{"free-form object", "type: object", `{"b":1}`, ""},
		{"free-form beside properties", "type: object\nadditionalProperties: true\nproperties: {a: {}}", `{"b":1}`, ""},
		{"additionalProperties schema", "type: object\nadditionalProperties: {type: string}", `{"b":1}`, "schema-mismatch /b type"},
		{"additionalProperties false", "type: object\nadditionalProperties: false\nproperties: {a: {}}", `{"b":1}`, "schema-mismatch /b additionalProperties"},
		{"minProperties", "type: object\nminProperties: 1", `{}`, "schema-mismatch  minProperties"},
		{"maxProperties", "type: object\nmaxProperties: 1", `{"a":1,"b":2}`, "schema-mismatch  maxProperties"},
		{"property names", "type: object\nx-daric-property-names: '^[A-Z]+$'", `{"A":1,"b":2}`, "schema-mismatch /b x-daric-property-names"},

		{"allOf joins declarations", "allOf:\n- {type: object, properties: {a: {}}}\n- {type: object, properties: {b: {}}}", `{"a":1,"b":1,"c":1}`, "undeclared-property /c properties"},
		{"allOf joins them below", "allOf:\n- {type: object, properties: {p: {type: object, properties: {a: {}}}}}\n- {type: object, properties: {p: {type: object, properties: {b: {}}}}}",
			`{"p":{"a":1,"b":1}}`, ""},
		{"anyOf joins the branches that fit", "anyOf:\n- {type: object, required: [a], properties: {a: {}}}\n- {type: object, required: [b], properties: {b: {}}}", `{"a":1,"b":1,"c":2}`, "undeclared-property /c properties"},
		{"anyOf leaves out the others", "anyOf:\n- {type: object, required: [a], properties: {a: {}}}\n- {type: object, required: [b, x], properties: {b: {}}}", `{"a":1,"b":1}`, "undeclared-property /b properties"},
		{"anyOf breaks", "anyOf: [{type: string}, {type: integer}]", `true`, "schema-mismatch  anyOf"},
		{"not", "not: {type: string}", `"a"`, "schema-mismatch  not"},
		{"not keeps", "not: {type: string}", `1`, ""},
		{"oneOf", blocks, `{"type":"text","text":"a"}`, ""},
		{"oneOf breaks", blocks, `{"type":"text"}`, "schema-mismatch  oneOf"},
		{"oneOf fits two", "oneOf: [{type: number}, {type: integer}]", `1`, "schema-mismatch  oneOf"},
		{"open union", blocks + "x-daric-open: true", `{"type":"image"}`, "new-variant  oneOf"},

		{"discriminator goes into the variant", blocks + "discriminator: {propertyName: type, mapping: {text: Text, file: '#/components/schemas/File'}}",
			`{"type":"text","extra":1}`, "schema-mismatch /text required; undeclared-property /extra properties"},
		{"discriminator that is unknown", blocks + "discriminator: {propertyName: type, mapping: {text: Text}}", `{"type":"image"}`, "schema-mismatch /type discriminator"},
		{"discriminator that is missing", blocks + "discriminator: {propertyName: type, mapping: {text: Text}}", `{}`, "schema-mismatch /type discriminator"},
		{"discriminator that is no string", blocks + "discriminator: {propertyName: type, mapping: {text: Text}}", `{"type":1}`, "schema-mismatch /type discriminator"},
		{"discriminator of an open union", blocks + "x-daric-open: true\ndiscriminator: {propertyName: type, mapping: {text: Text}}", `{"type":"image","x":1}`, "new-variant /type discriminator"},
		{"discriminator that leads out of the union", blocks + "discriminator: {propertyName: type, mapping: {text: '#/components/schemas/Gone', file: '#/paths/~1'}}", `{"type":"text"}`, "schema-mismatch  oneOf"},
		{"discriminator of an open union on no object", blocks + "x-daric-open: true\ndiscriminator: {propertyName: type, mapping: {text: Text}}", `null`, "schema-mismatch  oneOf"},
		{"discriminator without mapping", "oneOf: [{$ref: '#/components/schemas/Pet'}, {$ref: '#/components/schemas/Cat'}]\ndiscriminator: {propertyName: kind}",
			`{"kind":"Cat","lives":"nine"}`, "schema-mismatch /lives type"},
		{"discriminator of a parent", "$ref: '#/components/schemas/Pet'", `{"kind":"Cat","lives":9}`, ""},
		{"discriminator of a parent breaks", "$ref: '#/components/schemas/Pet'", `{"kind":"Cat","lives":"nine"}`, "schema-mismatch /lives type"},
		{"discriminator of a parent that is missing", "$ref: '#/components/schemas/Pet'", `{}`, "schema-mismatch /kind required"},
		{"discriminator of a parent, unknown child", "$ref: '#/components/schemas/Pet'", `{"kind":"Dog"}`, "schema-mismatch /kind discriminator"},
		{"a union of a child and its parent", "oneOf: [{$ref: '#/components/schemas/Cat'}, {$ref: '#/components/schemas/Pet'}]", `{"kind":"Cat","lives":"nine"}`, "schema-mismatch  oneOf"},
		{"a schema within itself", "$ref: '#/components/schemas/Node'", `{"next":{"next":{"nex":1}}}`, "undeclared-property /next/next/nex properties"},

		{"date-time", "type: string\nformat: date-time", `"2026-02-30T00:00:00Z"`, "format-mismatch  format"},
		{"unknown format", "type: string\nformat: colour", `"?"`, ""},
		{"duplicate key", "type: object\nproperties: {a: {type: integer}}", `{"a":1,"a":2}`, "duplicate-key /a"},
		{"lone surrogate", "type: string", `"\ud83d"`, "lone-surrogate"},
		{"surrogate pair", "type: string", `"\ud83d\ude00"`, ""},
		{"lone surrogate in a name", "type: object", `{"\udc00":1}`, "lone-surrogate /\ufffd"},
		{"two values", "type: object", `{} {}`, "malformed-json"},
		{"truncated", "type: object", `{"a":[1`, "malformed-json /a"},
		{"white space", "type: object", " \n", "malformed-json"},
		{"invalid UTF-8", "type: string", "\"\xff\"", "malformed-json"},
		{"byte order mark", "type: string", "\ufeff\"a\"", "malformed-json"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			v := compile(t, tt.schema, union).Check(answer(tt.body))
			if v.Reason != "" {
				t.Errorf("unjudged: %s", v.Reason)
			}
			if got := short(v.Findings); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
}

func TestFormats(t *testing.T) {
	tests := []struct {
		format        string
		keeps, breaks []string
	}{
		{"date-time",
			[]string{"2026-03-31T18:40:00Z", "2026-03-31t18:40:00.123456789z", "2026-03-31T18:40:00+05:30", "2016-12-31T23:59:60Z", "2017-01-01T05:29:60+05:30", "2016-12-31T15:59:60-08:00", "2024-02-29T00:00:00Z"},
			[]string{"2026-02-30T00:00:00Z", "2026-03-31 18:40:00Z", "2026-03-31T18:40:00", "2026-03-31T24:00:00Z", "2026-03-31T18:40:60Z", "2026-03-31T18:40:00+99:99", "2026-03-31T18:40Z", "2026-03-31T18:40:00.Z"}},
		{"date", []string{"2024-02-29"}, []string{"2026-02-29", "2026-2-1", "31/03/2026"}},
		{"uuid", []string{"123e4567-e89b-12d3-a456-426614174000", "123E4567-E89B-12D3-A456-426614174000"}, []string{"123e4567e89b12d3a456426614174000", "x"}},
		{"uri", []string{"https://example.com/a?b#c", "urn:isbn:0451450523", "mailto:a@example.com"}, []string{"/relative", "https://example.com/a b", "https://example.com/ä", "://"}},
		{"email", []string{"a@example.com", "a.b+c@example.co.uk"}, []string{"a", "a@", "A <a@example.com>", "a@exa mple.com"}},
		{"hostname", []string{"example.com", "1and1.com", "localhost"}, []string{"-a.com", "a_b.com", "a..b", ""}},
		{"ipv4", []string{"127.0.0.1"}, []string{"127.0.0", "256.0.0.1", "::1"}},
		{"ipv6", []string{"::1", "2001:db8::1"}, []string{"127.0.0.1", "fe80::1%eth0", "g::"}},
		{"byte", []string{"", "aGk=", "aGkh"}, []string{"aGk", "a===", "aG\nk="}},
	}
	for _, tt := range tests {
		spec := compile(t, "type: string\nformat: "+tt.format, "")
		for _, s := range tt.keeps {
			if v := spec.Check(answer(fmt.Sprintf("%q", s))); v.Outcome != contract.Kept {
				t.Errorf("%s refuses %q", tt.format, s)
			}
		}
		for _, s := range tt.breaks {
			if v := spec.Check(answer(fmt.Sprintf("%q", s))); v.Outcome != contract.Broken {
				t.Errorf("%s accepts %q", tt.format, s)
			}
		}
	}
}

func TestUnionNamesTheNearestVariantAndItsReason(t *testing.T) {
	f := compile(t, blocks, union).Check(answer(`{"type":"text","txt":"a"}`)).Findings[0]
	if f.Variant != "Text" || short(f.Inner) != "schema-mismatch /text required" {
		t.Errorf("variant %q, inner %s", f.Variant, short(f.Inner))
	}
}

// Response mode of kin-openapi doubles its time with each level of nested
// unions; here a value meets a branch once.
func TestNestedUnionsAreLinear(t *testing.T) {
	spec := compile(t, "$ref: '#/components/schemas/Tree'", `
Tree:
  oneOf:
    - {$ref: '#/components/schemas/Left'}
    - {$ref: '#/components/schemas/Right'}
Left:
  type: object
  required: [a]
  properties: {a: {type: integer}, child: {$ref: '#/components/schemas/Tree'}}
Right:
  type: object
  required: [b]
  properties: {b: {type: integer}, child: {$ref: '#/components/schemas/Tree'}}
`)
	const depth = 200 // 2^200 visits would not end
	body := strings.Repeat(`{"b":1,"child":`, depth) + `{"a":1}` + strings.Repeat("}", depth)
	if v := spec.Check(answer(body)); v.Outcome != contract.Kept {
		t.Errorf("%s: %s", v.Outcome, short(v.Findings))
	}
	broken := strings.Replace(body, `"a"`, `"c"`, 1)
	if v := spec.Check(answer(broken)); v.Outcome != contract.Broken {
		t.Error(v.Outcome)
	}
}

func TestDeepBodyIsUnjudged(t *testing.T) {
	spec := compile(t, "type: array\nitems: {}", "")
	const depth = 9000
	v := spec.Check(answer(strings.Repeat("[", depth) + strings.Repeat("]", depth)))
	if v.Outcome != contract.Unjudged || v.Reason == "" {
		t.Errorf("%s %q", v.Outcome, v.Reason)
	}
}

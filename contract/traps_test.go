package contract_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/daric-dev/daric/contract"
)

// Traps of kin-openapi v0.152.0 as a judge, by the behaviour that is wanted in
// their place. Those about statuses, headers and streams stand in TestMessages, that
// about nested unions in TestNestedUnionsAreLinear, the public suites in bench/.
func TestKinTraps(t *testing.T) {
	tests := []struct{ trap, schema, body, want string }{
		{"4: only the first JSON value is read", "type: object", `{} {}`, "malformed-json"},
		{"4: the last of equal names wins", "type: object\nproperties: {a: {type: integer}}", `{"a":"x","a":1}`, "duplicate-key /a; schema-mismatch /a type"},
		{"4: bytes that are not UTF-8 pass", "type: string", "\"\xff\"", "malformed-json"},
		{"5: 2^63 passes int64", "type: integer\nformat: int64", `9223372036854775808`, "format-mismatch  format"},
		{"5: 2^53+1 passes maximum 2^53", "type: integer\nmaximum: 9007199254740992", `9007199254740993`, "schema-mismatch  maximum"},
		{"6: 30 February passes", "type: string\nformat: date-time", `"2026-02-30T00:00:00Z"`, "format-mismatch  format"},
		{"6: +99:99 passes", "type: string\nformat: date-time", `"2026-03-31T00:00:00+99:99"`, "format-mismatch  format"},
		{"6: lower case fails", "type: string\nformat: date-time", `"2026-03-31t00:00:00z"`, ""},
		{"6: uuid is ignored", "type: string\nformat: uuid", `"x"`, "format-mismatch  format"},
		{"7: undeclared properties pass", "type: object\nproperties: {a: {}}", `{"b":1}`, "undeclared-property /b properties"},
		{"7: additionalProperties false breaks allOf", "allOf: [{type: object, properties: {a: {}}}, {type: object, properties: {b: {}}}]", `{"a":1,"b":1}`, ""},
		{"8: without mapping the tag is not checked", blocks + "discriminator: {propertyName: type}", `{"type":"image"}`, "schema-mismatch /type discriminator"},
		{"8: the pointer stops at the oneOf", blocks + "discriminator: {propertyName: type, mapping: {text: Text}}", `{"type":"text","text":1}`, "schema-mismatch /text type"},
		{"9: a nullable enum without null accepts null", "type: string\nnullable: true\nenum: [a]", `null`, "schema-mismatch  enum"},
		{"9: siblings of $ref are ignored", "$ref: '#/components/schemas/Text'\ndescription: no part of the schema", `{"type":"text","text":"t"}`, ""},
	}
	for _, tt := range tests {
		t.Run(tt.trap, func(t *testing.T) {
			if got := short(compile(t, tt.schema, union).Check(answer(tt.body)).Findings); got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}

	t.Run("10: error texts hold the value", func(t *testing.T) {
		spec := compile(t, "type: object\nproperties: {a: {type: string, maxLength: 3, pattern: ^x, format: uuid}, b: {enum: [c]}}", "")
		v := spec.Check(answer(`{"a":"sk-hidden","b":"sk-hidden"}`))
		if text := fmt.Sprintf("%+v", v); len(v.Findings) != 4 || strings.Contains(text, "sk-hidden") {
			t.Error(text)
		}
	})
	t.Run("12: 3.1 is judged by one of two engines", func(t *testing.T) {
		if _, err := contract.Compile("d.yaml", []byte("openapi: 3.1.0\ninfo: {title: t, version: '1'}\npaths: {}\n")); err == nil {
			t.Error("3.1 is taken")
		}
	})
	t.Run("13: the servers of the document have to be replaced", func(t *testing.T) {
		spec, err := contract.Compile("d.yaml", []byte("openapi: 3.0.3\ninfo: {title: t, version: '1'}\nservers: [{url: 'https://api.example.com/v1'}]\npaths: {/a: {get: {responses: {'204': {description: ok}}}}}\n"))
		if err != nil {
			t.Fatal(err)
		}
		x := contract.Exchange{Request: contract.Request{Method: "GET", Host: "127.0.0.1:4711", Path: "/v1/a"}, Response: contract.Response{Status: 204}}
		if v := spec.Check(x); v.Outcome != contract.Kept {
			t.Errorf("%s %s", v.Outcome, short(v.Findings))
		}
	})
	t.Run("14: the line is that of the keyword", func(t *testing.T) {
		f := compile(t, "type: object\nproperties:\n  a:\n    type: string\n    maxLength: 1", "").Check(answer("{\n\"a\": \"xy\"}")).Findings[0]
		if f.Spec.Line != 16 || f.Spec.Column != 21 || f.Source.Line != 2 {
			t.Errorf("%+v, %+v", f.Spec, f.Source)
		}
	})
}

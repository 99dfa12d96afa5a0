package contract_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/daric-dev/daric"
	"github.com/daric-dev/daric/contract"
	"github.com/daric-dev/daric/emulator"
)

// fuzzed is a schema with every kind of joint and no open end, so that
// kin-openapi can be asked for a second opinion.
const fuzzed = `
type: object
required: [id, parts]
properties:
  id: {type: string, minLength: 1, maxLength: 8, pattern: '^[a-z]'}
  n: {type: integer, minimum: 0, maximum: 100, multipleOf: 5}
  when: {type: string, nullable: true}
  kind: {type: string, enum: [a, b]}
  parts:
    type: array
    minItems: 1
    maxItems: 3
    items: {$ref: '#/components/schemas/Part'}
  either:
    anyOf: [{type: string}, {type: array, uniqueItems: true, items: {type: boolean}}]
  both:
    allOf: [{type: object, required: [a]}, {type: object, additionalProperties: {type: number}}]
  never: {not: {type: string}}
  child: {$ref: '#/components/schemas/Child'}
`

const fuzzedParts = `
Part:
  oneOf: [{$ref: '#/components/schemas/Text'}, {$ref: '#/components/schemas/File'}]
  discriminator: {propertyName: type, mapping: {text: '#/components/schemas/Text', file: '#/components/schemas/File'}}
Text:
  type: object
  required: [type, text]
  properties: {type: {type: string}, text: {type: string}}
File:
  type: object
  required: [type, file_id]
  additionalProperties: false
  properties: {type: {type: string}, file_id: {type: string}}
Child:
  type: object
  nullable: true
  properties: {child: {$ref: '#/components/schemas/Child'}}
  maxProperties: 2
`

// FuzzCheck judges any body. Whatever comes, Check must not panic, must come to
// an outcome that its findings support, must not repeat a value, must not keep what
// kin-openapi refuses, and must not refuse what it keeps.
func FuzzCheck(f *testing.F) {
	spec := compile(f, fuzzed, fuzzedParts)
	loader := openapi3.NewLoader()
	doc, err := loader.LoadFromData([]byte("openapi: 3.0.3\ninfo: {title: t, version: '1'}\npaths: {}\ncomponents:\n  schemas:\n    Root:\n" +
		indent(fuzzed, 6) + indent(fuzzedParts, 4)))
	if err != nil {
		f.Fatal(err)
	}
	root := doc.Components.Schemas["Root"].Value
	for _, seed := range []string{
		`{"id":"a","parts":[{"type":"text","text":"t"}]}`,
		`{"id":"A","n":7,"when":null,"kind":"c","parts":[{"type":"file","file_id":"f","x":1}],"either":[true,true],"both":{"b":"x"},"never":"s","child":{"child":null}}`,
		`{"id":"a","id":"b","parts":[]}`, `{"a":"\ud800"}`, `[1e999999999]`, `{`, `nul`, "\xff", "", `{} x`,
		`{"id":"a","n":1.0e1,"parts":[{"type":"other"}],"child":{"child":{"child":{}}}}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		v := spec.Check(answer(string(body)))
		broken := !all(v.Findings, func(f contract.Finding) bool { return f.Severity != contract.SeverityBroken })
		switch {
		case broken != (v.Outcome == contract.Broken),
			v.Outcome == contract.Kept && (len(v.Findings) > 0 || v.Reason != ""),
			v.Outcome == contract.Unjudged && v.Reason == "":
			t.Errorf("%s with %d findings and reason %q", v.Outcome, len(v.Findings), v.Reason)
		}
		noValues(t, v.Findings)
		var value any
		err := json.Unmarshal(body, &value)
		if err == nil {
			err = root.VisitJSON(value)
		}
		if v.Outcome == contract.Kept && err != nil {
			t.Errorf("kept what kin-openapi refuses: %v", err)
		}
		for _, f := range v.Findings {
			// By the law these are the judge's: 1.0 is no integer, and of equal names the
			// first counts too.
			ours := strings.Contains(f.Got, "fraction") ||
				slices.ContainsFunc(v.Findings, func(f contract.Finding) bool { return f.Rule == contract.DuplicateKey })
			if err == nil && f.Rule == contract.SchemaMismatch && !ours {
				t.Errorf("kin-openapi keeps what %s is found in", short(v.Findings))
			}
		}
	})
}

func noValues(t *testing.T, findings []contract.Finding) {
	for _, f := range findings {
		if f.Value != "" {
			t.Errorf("a finding shows the value %q", f.Value)
		}
		noValues(t, f.Inner)
	}
}

// FuzzRequest judges any request line and header. The parameters have every
// style, and one string too many in each place.
func FuzzRequest(f *testing.F) {
	spec, err := contract.Compile("d.yaml", []byte(`openapi: 3.0.3
info: {title: t, version: '1'}
security: [{k: []}, {c: []}]
components: {securitySchemes: {k: {type: apiKey, in: query, name: key}, c: {type: apiKey, in: cookie, name: c}}}
paths:
  /{l}/x{m}.{s}/{o}:
    parameters:
      - {name: l, in: path, required: true, style: label, explode: true, schema: {type: array, items: {type: integer}}}
      - {name: m, in: path, required: true, style: matrix, schema: {type: object, properties: {a: {type: boolean}}}}
      - {name: s, in: path, required: true, schema: {type: object, properties: {a: {type: number}}}}
      - {name: o, in: path, required: true, style: matrix, explode: true, schema: {type: array, items: {type: string}}}
      - {name: d, in: query, style: deepObject, schema: {type: object, additionalProperties: {type: object}}}
      - {name: f, in: query, schema: {type: object, properties: {a: {type: integer}}}}
      - {name: p, in: query, style: pipeDelimited, explode: false, schema: {type: array, items: {type: integer}}}
      - {name: j, in: query, content: {application/json: {schema: {type: object}}}}
      - {name: H, in: header, required: true, explode: true, schema: {type: object, properties: {a: {type: integer}}}}
      - {name: C, in: cookie, schema: {type: integer}}
    get: {responses: {'200': {description: ok}}}
`))
	if err != nil {
		f.Fatal(err)
	}
	f.Add("/.1.2/x;m=a,true.a,1/;o=b;o=c", "d[a][b]=1&a=2&p=1|2&j=%7B%7D&key=k&z", "a=1", "C=1; c=2")
	f.Add("/.%/x;.,/;", "d[&d[a]]=&%=%&=&p=|", ",=,", "=;C")
	f.Fuzz(func(t *testing.T, path, query, header, cookie string) {
		v := spec.Check(contract.Exchange{
			Request:  contract.Request{Method: "GET", Path: path, Query: query, Header: http.Header{"H": {header}, "Cookie": {cookie}}},
			Response: contract.Response{Status: 200},
		})
		noValues(t, v.Findings)
		if len(v.Findings) == 0 && v.Outcome != contract.Kept {
			t.Errorf("%s for %q", v.Outcome, v.Reason)
		}
	})
}

// FuzzStream judges any stream. It must not matter how the bytes are cut, which the
// judge of a live stream cannot choose; here the whole body is one piece.
func FuzzStream(f *testing.F) {
	spec, err := contract.Compile("d.yaml", []byte(`openapi: 3.0.3
info: {title: t, version: '1'}
paths:
  /:
    get:
      responses:
        '200':
          description: ok
          content:
            text/event-stream: {x-daric-item-schema: {$ref: '#/components/schemas/Thing'}}
            application/x-ndjson: {x-daric-item-schema: {$ref: '#/components/schemas/Thing'}}
            application/json-seq: {x-daric-item-schema: {$ref: '#/components/schemas/Thing'}}
components: {schemas: {Thing: {type: object, required: [id], properties: {id: {type: integer}}}}}
`))
	if err != nil {
		f.Fatal(err)
	}
	for _, contentType := range []string{"text/event-stream", "application/x-ndjson", "application/json-seq"} {
		f.Add(contentType, []byte("\ufeffdata: {\r\ndata: \"id\":1}\r\r\nretry: 1\n:\nx\n\ndata"))
		f.Add(contentType, []byte("{\"id\":1}\n\x1e{\"id\":\n2}\n\x1e\n{\xff"))
	}
	f.Fuzz(func(t *testing.T, contentType string, body []byte) {
		x := answer(string(body))
		x.Response.Header.Set("Content-Type", contentType)
		noValues(t, spec.Check(x).Findings)
	})
}

// FuzzEmulator sends any body to the emulator. Whatever it answers keeps the
// promise of the document and is no accident.
func FuzzEmulator(f *testing.F) {
	spec, err := contract.Compile("openapi.yaml", daric.Document())
	if err != nil {
		f.Fatal(err)
	}
	server := emulator.New()
	for _, seed := range []string{
		`{"type":"user.message","content":[{"type":"text","text":"t"},{"type":"x"}],"metadata":{"a":null},"session":{"name":"n","secrets":{"A":"sk-hidden"},"llm_api_key":"sk-hidden","internet_access":true}}`,
		`{"type":"user.message","content":[{"type":"file"}],"session":{"secrets":{"a":""}}}`, `{"content":[null]}`, `[]`, `{`, `"\ud800"`, ``,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		r := httptest.NewRequest(http.MethodPost, "/v1/agents/agt_1/messages", bytes.NewReader(body))
		r.Header.Set("Authorization", "Bearer sk-hidden")
		r.Header.Set("Content-Type", "application/json")
		w := httptest.NewRecorder()
		server.ServeHTTP(w, r)
		v := spec.Check(contract.Exchange{
			Request:  contract.Request{Method: r.Method, Path: r.URL.Path, Unrecorded: true},
			Response: contract.Response{Status: w.Code, Header: w.Header(), Body: contract.Body{Data: w.Body.Bytes()}},
		})
		if v.Outcome == contract.Broken || v.Outcome == contract.Unjudged || w.Code >= 500 {
			t.Errorf("%d is %s: %s %s\n%s", w.Code, v.Outcome, short(v.Findings), v.Reason, w.Body)
		}
	})
}

// FuzzCompile compiles any document, and where that succeeds judges with it.
func FuzzCompile(f *testing.F) {
	f.Add([]byte("openapi: 3.0.3\ninfo: {title: t, version: '1'}\npaths:\n  /:\n    get:\n      responses:\n        '200': {description: ok, content: {application/json: {schema: {type: string}}}}\n"))
	f.Add([]byte(`{"openapi":"3.0.0","info":{"title":"t","version":"1"},"paths":{"/":{"get":{"responses":{"2XX":{"description":"","headers":{"A":{"schema":{"type":"integer"}}}}}}}}}`))
	f.Add([]byte("openapi: 3.0.3\npaths: &a\n  /: *a\n"))
	f.Add([]byte("openapi: 3.0.3\n<<: {<<: *x}\n"))
	f.Fuzz(func(_ *testing.T, doc []byte) {
		if strings.Contains(string(doc), "$ref") && !strings.Contains(string(doc), "#") {
			return // files of the machine are none of a fuzzer's business
		}
		spec, err := contract.Compile("doc.yaml", doc)
		if err != nil {
			return
		}
		for _, op := range spec.Operations() {
			spec.Check(contract.Exchange{
				Request:  contract.Request{Method: op.Method, Path: op.Path, Header: http.Header{"X": {"1"}}, Body: contract.Body{Data: []byte("{}")}},
				Response: contract.Response{Status: 200, Header: http.Header{"Content-Type": {"application/json"}, "A": {"1"}}, Body: contract.Body{Data: []byte(`{"a":[1]}`)}},
			})
		}
	})
}

// Values are shown when asked for, secrets never: neither where the document
// says that something is one, nor where the request's own key comes back.
func TestShowValuesHidesSecrets(t *testing.T) {
	spec, err := contract.Compile("d.yaml", []byte(`openapi: 3.0.3
info: {title: t, version: '1'}
security: [{key: []}]
paths:
  /:
    post:
      requestBody:
        content:
          application/json:
            schema: {$ref: '#/components/schemas/Thing'}
      responses:
        '200':
          description: ok
          content:
            application/json:
              schema: {$ref: '#/components/schemas/Thing'}
components:
  securitySchemes:
    key: {type: http, scheme: bearer}
  schemas:
    Thing:
      type: object
      properties:
        name: {type: string, maxLength: 3}
        count: {type: integer, maximum: 3}
        key: {type: string, writeOnly: true, maxLength: 3}
        word: {type: string, format: password, maxLength: 3}
        bag:
          type: object
          writeOnly: true
          additionalProperties: {type: string, maxLength: 3}
`), contract.ShowValues())
	if err != nil {
		t.Fatal(err)
	}
	x := contract.Exchange{
		Request: contract.Request{Method: "POST", Path: "/",
			Header: http.Header{"Authorization": {"Bearer sk-credential"}, "Content-Type": {"application/json"}},
			Body:   contract.Body{Data: []byte(`{"name":"public","key":"sk-write-only","word":"sk-password","bag":{"A":"sk-in-bag"},"x_token":"sk-named"}`)}},
		Response: contract.Response{Status: 200, Header: http.Header{"Content-Type": {"application/json"}},
			Body: contract.Body{Data: []byte(`{"name":"sk-credential","count":44,"key":"sk-write-only","bag":{"A":"sk-in-bag"},"echo":"got sk-password"}`)}},
	}
	v := spec.Check(x)
	text := fmt.Sprintf("%+v", v)
	if strings.Contains(text, "sk-") {
		t.Errorf("a secret in %s", text)
	}
	for _, value := range []string{"public", "44"} {
		if !strings.Contains(text, "Value:"+value) {
			t.Errorf("%s is not shown in %s", value, text)
		}
	}
	const want = "schema-mismatch /name maxLength; schema-mismatch /key maxLength; schema-mismatch /word maxLength; schema-mismatch /bag/A maxLength; " +
		"undeclared-property /x_token properties; schema-mismatch /name maxLength; schema-mismatch /count maximum; " +
		"write-only-returned /key writeOnly; write-only-returned /bag writeOnly; undeclared-property /echo properties"
	if got := short(v.Findings); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

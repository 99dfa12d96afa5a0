package contract_test

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/daric-dev/daric/contract"
)

func TestCompileRefuses(t *testing.T) {
	const head = "openapi: 3.0.3\ninfo: {title: t, version: '1'}\n"
	const operation = "paths:\n  /:\n    get:\n      responses:\n        '200':\n          description: ok\n          content:\n            application/json:\n              schema: "
	tests := []struct{ name, doc, want string }{
		{"nothing", "", "the file is empty"},
		{"binary", "\x00\x01\x02", "parse d.yaml"},
		{"an alias in itself", "&a\n<<: *a\nfoo: 1", "line 2: an alias stands inside of what it names"},
		{"a list", "- a", "no openapi field"},
		{"JSON that is cut", `{"openapi": "3.0.3", `, "parse d.yaml"},
		{"Swagger", `swagger: "2.0"`, "Swagger 2.0"},
		{"3.1", "openapi: 3.1.0", "OpenAPI 3.1.0 is not judged yet"},
		{"no paths", head, "paths"},
		{"a reference to nothing", head + operation + "{$ref: '#/components/schemas/Gone'}", "Gone"},
		{"a file that is not there", head + operation + "{$ref: 'gone.yaml'}", "gone.yaml"},
		{"a remote reference", head + operation + "{$ref: 'http://127.0.0.1:1/s.yaml'}", contract.ErrRemote.Error()},
		{"a pattern of no dialect", head + operation + "{type: string, pattern: '('}", "d.yaml:11:38: the pattern is no regular expression"},
		{"an unknown extension of ours", head + operation + "{type: string, x-daric-opne: true}", "d.yaml:11:38: x-daric-opne is none of our extensions"},
		{"open without a list", head + operation + "{type: string, x-daric-open: true}", "x-daric-open takes true or false"},
		{"open that is no boolean", head + operation + "{type: string, enum: [a], x-daric-open: 'yes'}", "x-daric-open takes true or false"},
		{"an unknown extension away from schemas", head + "paths: {}\nx-daric-known: docs", "d.yaml:4:1: x-daric-known is none of our extensions"},
		{"a source that is none", head + operation + "{type: string, x-daric-known-from: hearsay}", "x-daric-known-from takes docs, client, inferred"},
		{"an item schema that is no reference", head + "paths: {/: {get: {responses: {'200': {description: ok, content: {text/event-stream: {x-daric-item-schema: {type: object}}}}}}}}", "x-daric-item-schema takes {$ref:"},
		{"an item schema that leads nowhere", head + "paths: {/: {get: {responses: {'200': {description: ok, content: {text/event-stream: {x-daric-item-schema: {$ref: '#/components/schemas/Gone'}}}}}}}}", "x-daric-item-schema takes {$ref:"},
		{"names that are no pattern", head + operation + "{type: object, x-daric-property-names: '('}", "takes a regular expression"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := contract.Compile("d.yaml", []byte(tt.doc))
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
		})
	}
}

const (
	rootDocument = `openapi: 3.0.3
info: {title: t, version: '1'}
paths:
  /:
    get:
      responses:
        '200':
          $ref: 'responses.yaml#/ok'
`
	responsesDocument = `ok:
  description: ok
  content:
    application/json:
      schema:
        $ref: 'schemas/a.yaml#/A'
`
	schemasDocument = `A:
  type: object
  properties:
    b:
      $ref: '#/B'
B:
  allOf:
    - type: string
      minLength: 3
`
)

func checkPlace(t *testing.T, v contract.Verdict, file, text string) {
	t.Helper()
	if short(v.Findings) != "schema-mismatch /b minLength" {
		t.Fatal(short(v.Findings))
	}
	p := v.Findings[0].Spec
	if filepath.Base(p.File) != filepath.Base(file) || p.Pointer != "/B/allOf/0/minLength" {
		t.Errorf("place %+v", p)
	}
	line := strings.Split(text, "\n")[p.Line-1]
	if !strings.HasPrefix(line[p.Column-1:], "minLength") {
		t.Errorf("%+v is at %q", p, line)
	}
}

func TestPlacesThroughFiles(t *testing.T) {
	dir := t.TempDir()
	name := filepath.Join(dir, "openapi.yaml")
	for file, text := range map[string]string{"responses.yaml": responsesDocument, "schemas/a.yaml": schemasDocument} {
		path := filepath.Join(dir, file)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	spec, err := contract.Compile(name, []byte(rootDocument))
	if err != nil {
		t.Fatal(err)
	}
	checkPlace(t, spec.Check(answer(`{"b":"x"}`)), "schemas/a.yaml", schemasDocument)
}

func TestPlacesThroughTheNetwork(t *testing.T) {
	mux := http.NewServeMux()
	mux.HandleFunc("/responses.yaml", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(responsesDocument)) })
	mux.HandleFunc("/schemas/a.yaml", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(schemasDocument)) })
	server := httptest.NewServer(mux)
	defer server.Close()
	root := strings.Replace(rootDocument, "responses.yaml", server.URL+"/responses.yaml", 1)
	spec, err := contract.Compile("openapi.yaml", []byte(root), contract.AllowRemote())
	if err != nil {
		t.Fatal(err)
	}
	checkPlace(t, spec.Check(answer(`{"b":"x"}`)), server.URL+"/schemas/a.yaml", schemasDocument)

	server.Close()
	if _, err := contract.Compile("openapi.yaml", []byte(root), contract.AllowRemote()); err == nil {
		t.Error("a server that is gone is no error")
	}
}

func TestRoute(t *testing.T) {
	const doc = `openapi: 3.0.3
info: {title: t, version: '1'}
servers:
  - url: https://{host}/api/{region}
    variables: {host: {default: example.com}, region: {default: eu}}
  - url: /v2/
paths:
  /a/{id}:
    parameters: [{$ref: '#/components/parameters/id'}]
    get: {operationId: one, responses: {default: {description: any}}}
    delete: {operationId: remove, responses: {default: {description: any}}}
  /a/mine:
    get: {operationId: mine, responses: {default: {description: any}}}
  /a/{id}.{ext}:
    parameters: [{$ref: '#/components/parameters/id'}, {name: ext, in: path, required: true, schema: {type: string}}]
    get: {operationId: file, responses: {default: {description: any}}}
  /a/{id}/b:
    parameters: [{$ref: '#/components/parameters/id'}]
    servers: [{url: 'http://localhost:1/other'}]
    get: {operationId: b, responses: {default: {description: any}}}
  /:
    get: {operationId: root, responses: {default: {description: any}}}
components:
  parameters:
    id: {name: id, in: path, required: true, schema: {type: string}}
`
	spec, err := contract.Compile("d.yaml", []byte(doc))
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct{ method, path, want string }{
		{"GET", "/v2/a/1", "one"},
		{"GET", "/api/us/a/1", "one"},
		{"GET", "/v2/a/mine", "mine"},
		{"GET", "/v2/a/min%65", "mine"},
		{"DELETE", "/v2/a/mine", "remove"},
		{"GET", "/v2/a/x.png", "file"},
		{"GET", "/v2/a/x%2Fy", "one"},
		{"GET", "/v2/", "root"},
		{"GET", "/other/a/1/b", "b"},
		{"GET", "/v2/a/1/b", "a path of the document, not another path, /paths"},
		{"GET", "/v2/a/", "a path of the document, not another path, /paths"},
		{"GET", "/a/1", "a path of the document, not another path, /paths"},
		{"POST", "/v2/a/1", "method GET or DELETE, not POST, /paths/~1a~1{id}"},
		{"BREW", "/v2/a/1", "method GET or DELETE, not another method, /paths/~1a~1{id}"},
	}
	for _, tt := range tests {
		v := spec.Check(contract.Exchange{Request: contract.Request{Method: tt.method, Path: tt.path}, Response: contract.Response{Status: 204}})
		got := v.Operation.ID
		if len(v.Findings) > 0 && v.Findings[0].Rule == contract.UnknownOperation {
			f := v.Findings[0]
			got = f.Want + ", not " + f.Got + ", " + f.Spec.Pointer
		}
		if got != tt.want {
			t.Errorf("%s %s: got %s, want %s", tt.method, tt.path, got, tt.want)
		}
	}
	if n := len(spec.Operations()); n != 6 || spec.Operations()[0].ID != "one" {
		t.Errorf("operations %v", spec.Operations())
	}
}

// JSON is YAML but for surrogate pairs; tabs are fine in both.
func TestJSONDocument(t *testing.T) {
	const doc = `{
	"openapi": "3.0.3",
	"info": {"title": "\ud83d\ude00 \\ud83d", "version": "1"},
	"paths": {"/": {"get": {"responses": {"200": {"description": "\uD83D\uDE00", "content": {"application/json": {"schema": {
		"type": "string", "minLength": 2}}}}}}}}
}`
	spec, err := contract.Compile("d.json", []byte(doc))
	if err != nil {
		t.Fatal(err)
	}
	v := spec.Check(answer(`"a"`))
	if p := v.Findings[0].Spec; p.Line != 5 || p.Column != 21 {
		t.Errorf("minLength is said to be at %d:%d", p.Line, p.Column)
	}
}

// YAML documents share responses by merge keys.
func TestMergeKeys(t *testing.T) {
	const doc = `openapi: 3.0.3
info: {title: t, version: '1'}
x-common: &common
  '404': {description: gone}
x-more: &more
  '409': {description: conflict}
paths:
  /:
    get:
      responses:
        <<: [*common, *more]
        '200': {description: ok}
`
	spec, err := contract.Compile("d.yaml", []byte(doc))
	if err != nil {
		t.Fatal(err)
	}
	for status, want := range map[int]contract.Outcome{200: contract.Kept, 404: contract.Kept, 409: contract.Kept, 410: contract.Broken} {
		x := contract.Exchange{Request: contract.Request{Method: "GET", Path: "/"}, Response: contract.Response{Status: status}}
		if v := spec.Check(x); v.Outcome != want {
			t.Errorf("%d is %s", status, v.Outcome)
		}
	}
}

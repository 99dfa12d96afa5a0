package bench_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/daric-dev/daric/contract"
)

// module gives the folder of a module in the module cache, fetching it first if
// it has to.
func module(t *testing.T, path string) string {
	t.Helper()
	out, err := exec.Command("go", "mod", "download", "-json", path).Output()
	var m struct{ Dir, Error string }
	if jsonErr := json.Unmarshal(out, &m); err != nil || jsonErr != nil || m.Dir == "" {
		t.Fatalf("download %s: %v %s", path, err, m.Error)
	}
	return m.Dir
}

// compile makes a document whose one response has the schema.
func compile(schema any) (*contract.Spec, error) {
	document, err := json.Marshal(map[string]any{
		"openapi": "3.0.3", "info": map[string]any{"title": "suite", "version": "1"},
		"paths": map[string]any{"/": map[string]any{"get": map[string]any{"responses": map[string]any{"200": map[string]any{
			"description": "ok", "content": map[string]any{"application/json": map[string]any{"schema": schema}},
		}}}}},
	})
	if err != nil {
		return nil, err
	}
	return contract.Compile("suite.json", document)
}

func check(spec *contract.Spec, body []byte) contract.Verdict {
	return spec.Check(contract.Exchange{
		Request:  contract.Request{Method: "GET", Path: "/", Unrecorded: true},
		Response: contract.Response{Status: 200, Header: http.Header{"Content-Type": {"application/json"}}, Body: contract.Body{Data: body}},
	})
}

// shared are the keywords of JSON Schema draft 4 that OpenAPI 3.0 keeps with the
// same meaning (OAS 3.0.3, Schema Object). Not among them: type as a list or with
// null, items as a list, additionalItems, patternProperties, dependencies,
// definitions, id, $ref into anything but components, and format, whose names are
// other ones.
var shared = []string{
	"title", "description", "default", "multipleOf", "maximum", "exclusiveMaximum", "minimum", "exclusiveMinimum",
	"maxLength", "minLength", "pattern", "maxItems", "minItems", "uniqueItems", "maxProperties", "minProperties", "required", "enum",
	"type", "allOf", "oneOf", "anyOf", "not", "items", "properties", "additionalProperties",
}

// keeps tells that a schema uses shared keywords alone.
func keeps(schema any) bool {
	object, ok := schema.(map[string]any)
	if !ok {
		return false
	}
	for keyword, v := range object {
		if !slices.Contains(shared, keyword) {
			return false
		}
		switch keyword {
		case "type":
			if name, isString := v.(string); !isString || name == "null" {
				return false
			}
		case "items", "not":
			if !keeps(v) {
				return false
			}
		case "additionalProperties":
			if _, isBool := v.(bool); !isBool && !keeps(v) {
				return false
			}
		case "allOf", "anyOf", "oneOf":
			for _, part := range v.([]any) {
				if !keeps(part) {
					return false
				}
			}
		case "properties":
			for _, property := range v.(map[string]any) {
				if !keeps(property) {
					return false
				}
			}
		}
	}
	if object["type"] == "array" && object["items"] == nil {
		object["items"] = map[string]any{} // required in OAS 3.0.3, and this says nothing
	}
	return true
}

// TestJSONSchemaSuite runs the JSON Schema Test Suite, draft 4.
func TestJSONSchemaSuite(t *testing.T) {
	dir := module(t, "github.com/xeipuuv/gojsonschema@v1.2.0")
	files, err := filepath.Glob(filepath.Join(dir, "testdata", "draft4", "*.json"))
	if err != nil || len(files) == 0 {
		t.Fatal("the suite is empty", err)
	}
	more, err := filepath.Glob(filepath.Join(dir, "testdata", "draft4", "optional", "*.json"))
	if err != nil {
		t.Fatal(err)
	}
	cases, schemas, left := 0, 0, 0
	for _, file := range append(files, more...) {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var groups []struct {
			Description string
			Schema      any
			Tests       []struct {
				Description string
				Data        json.RawMessage
				Valid       bool
			}
		}
		dec := json.NewDecoder(strings.NewReader(string(text)))
		dec.UseNumber()
		if err := dec.Decode(&groups); err != nil {
			t.Fatal(file, err)
		}
		for _, group := range groups {
			if !keeps(group.Schema) {
				left++
				continue
			}
			schemas++
			spec, err := compile(group.Schema)
			if err != nil {
				t.Errorf("%s, %s: %v", filepath.Base(file), group.Description, err)
				continue
			}
			for _, test := range group.Tests {
				cases++
				v := check(spec, test.Data)
				if v.Reason != "" || (v.Outcome != contract.Broken) != test.Valid {
					t.Errorf("%s, %s, %s: %s %s, valid is %t\n%s", filepath.Base(file), group.Description, test.Description, v.Outcome, v.Reason, test.Valid, test.Data)
				}
			}
		}
	}
	fmt.Printf("JSON Schema Test Suite: %d cases of %d schemas; %d schemas use what OpenAPI 3.0 has not\n", cases, schemas, left)
	if cases < 190 {
		t.Errorf("only %d cases", cases)
	}
}

// TestJSONTestSuite runs JSONTestSuite: files that a parser has to accept (y_),
// has to refuse (n_), and may do either with (i_).
func TestJSONTestSuite(t *testing.T) {
	dir := module(t, "github.com/nst/JSONTestSuite@v0.0.0-20241122125541-1ef36fa01286")
	files, err := filepath.Glob(filepath.Join(dir, "test_parsing", "*.json"))
	if err != nil || len(files) == 0 {
		t.Fatal("the suite is empty", err)
	}
	spec, err := compile(map[string]any{})
	if err != nil {
		t.Fatal(err)
	}
	accepted, refused := 0, 0
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		v := check(spec, text)
		is := func(rule contract.Rule) bool {
			return slices.ContainsFunc(v.Findings, func(f contract.Finding) bool { return f.Rule == rule })
		}
		// An empty file is no JSON text, and the rule of bodies that are not there says so.
		malformed := is(contract.MalformedJSON) || is(contract.EmptyBody)
		switch name := filepath.Base(file); {
		case name[0] == 'y':
			if accepted++; malformed || v.Reason != "" {
				t.Errorf("%s is refused: %s", name, v.Reason)
			}
		case name[0] == 'n':
			// What is nested too deep to be read is unjudged, which is not accepted.
			if refused++; !malformed && v.Reason == "" {
				t.Errorf("%s is accepted", name)
			}
		}
	}
	fmt.Printf("JSONTestSuite: %d files to accept, %d to refuse\n", accepted, refused)
	if accepted != 95 || refused != 188 {
		t.Errorf("%d and %d files", accepted, refused)
	}
}

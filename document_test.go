package daric_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/speakeasy-api/openapi/linter"
	"github.com/speakeasy-api/openapi/openapi"
	openapilinter "github.com/speakeasy-api/openapi/openapi/linter"
	"go.yaml.in/yaml/v3"

	"github.com/daric-dev/daric"
	"github.com/daric-dev/daric/contract"
)

// The document is valid by kin-openapi, its examples too, and our own judge
// compiles it.
func TestDocumentIsValid(t *testing.T) {
	ctx := context.Background()
	doc, err := openapi3.NewLoader().LoadFromData(daric.Document())
	if err != nil {
		t.Fatal(err)
	}
	if err := doc.Validate(ctx, openapi3.EnableExamplesValidation(), openapi3.EnableSchemaFormatValidation()); err != nil {
		t.Error(err)
	}
	if _, err := contract.Compile("openapi.yaml", daric.Document()); err != nil {
		t.Error(err)
	}
}

// The recommended rules of the linter find nothing.
func TestDocumentLints(t *testing.T) {
	ctx := context.Background()
	doc, invalid, err := openapi.Unmarshal(ctx, bytes.NewReader(daric.Document()))
	if err != nil {
		t.Fatal(err)
	}
	config := linter.NewConfig()
	config.Extends = []string{"recommended"}
	// The rule looks for a code such as 200. The reference prints none, so the
	// document says 2XX, which the rule does not know.
	config.Rules = []linter.RuleEntry{{ID: "style-operation-success-response", Disabled: new(true)}}
	lint, err := openapilinter.NewLinter(config)
	if err != nil {
		t.Fatal(err)
	}
	out, err := lint.Lint(ctx, linter.NewDocumentInfo(doc, "openapi.yaml"), invalid, nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(out.Results) > 0 {
		t.Error(out.FormatText())
	}
}

// Every schema of the document has a name and a description: an object inside of
// another gets a name that a generator made up.
func TestDocumentHasNoAnonymousObjects(t *testing.T) {
	var root yaml.Node
	if err := yaml.Unmarshal(daric.Document(), &root); err != nil {
		t.Fatal(err)
	}
	named := regexp.MustCompile(`^/components/schemas/[^/]+$`)
	objects := 0
	var walk func(node *yaml.Node, at string)
	walk = func(node *yaml.Node, at string) {
		members := map[string]*yaml.Node{}
		for i := 0; i+1 < len(node.Content) && node.Kind == yaml.MappingNode; i += 2 {
			key := node.Content[i].Value
			members[key] = node.Content[i+1]
			if key != "example" && key != "examples" {
				walk(node.Content[i+1], at+"/"+key)
			}
		}
		isObject := members["type"] != nil && members["type"].Value == "object" || members["oneOf"] != nil
		if isObject {
			objects++
			if !named.MatchString(at) {
				t.Errorf("line %d: %s is an anonymous schema", node.Line, at)
			}
		}
		if named.MatchString(at) && members["description"] == nil {
			t.Errorf("line %d: %s has no description", node.Line, at)
		}
	}
	walk(root.Content[0], "")
	if objects < 10 {
		t.Errorf("only %d objects seen", objects)
	}
}

// What the reference printed stands in the document word for word: the evidence
// is the print, the document only repeats it.
func TestDocumentRepeatsThePrints(t *testing.T) {
	text, err := fs.ReadFile(daric.Evidence(), "send-agent-message.http")
	if err != nil {
		t.Fatal(err)
	}
	var doc struct {
		Components struct {
			Examples map[string]struct{ Value any }
		}
	}
	if err := yaml.Unmarshal(daric.Document(), &doc); err != nil {
		t.Fatal(err)
	}
	bodies := regexp.MustCompile(`(?ms)^\{$.*?^\}$`).FindAll(text, -1)
	for i, name := range []string{"SendAgentMessageRequest", "SendAgentMessageResponse"} {
		if i >= len(bodies) {
			t.Fatalf("%d bodies in the evidence", len(bodies))
		}
		var want any
		if err := json.Unmarshal(bodies[i], &want); err != nil {
			t.Fatal(err)
		}
		again, err := json.Marshal(doc.Components.Examples[name].Value)
		if err != nil {
			t.Fatal(err)
		}
		var got any
		if err := json.Unmarshal(again, &got); err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("example %s is not the print", name)
		}
	}
}

// Every enum that the API may extend and every block union is open, and every
// extension of ours is spelled as README.md describes it.
func TestDocumentSaysWhatIsOpen(t *testing.T) {
	doc, err := openapi3.NewLoader().LoadFromData(daric.Document())
	if err != nil {
		t.Fatal(err)
	}
	closed := []string{"UserMessageType"} // "Must be user.message"
	var open []string
	for name, ref := range doc.Components.Schemas {
		s := ref.Value
		isOpen := s.Extensions["x-daric-open"] == true
		if isOpen {
			open = append(open, name)
		}
		if len(s.Enum) > 0 && isOpen == slices.Contains(closed, name) {
			t.Errorf("enum %s: open is %t", name, isOpen)
		}
		for key := range s.Extensions {
			if !slices.Contains([]string{"x-daric-open", "x-daric-known-from", "x-daric-property-names"}, key) {
				t.Errorf("%s has %s", name, key)
			}
		}
	}
	if !slices.Contains(open, "ContentBlock") || len(open) < 5 {
		t.Errorf("open are %s", strings.Join(open, ", "))
	}
	for _, writeOnly := range []string{"Secrets", "LLMAPIKey"} {
		if !doc.Components.Schemas[writeOnly].Value.WriteOnly {
			t.Errorf("%s is not writeOnly", writeOnly)
		}
	}
	for _, password := range []string{"Secret", "LLMAPIKey"} {
		if f := doc.Components.Schemas[password].Value.Format; f != "password" {
			t.Errorf("%s is of format %q", password, f)
		}
	}
	if fmt.Sprint(doc.Components.Schemas["Secrets"].Value.Extensions["x-daric-property-names"]) != "^[A-Z_][A-Z0-9_]*$" {
		t.Error("the names of secrets are not held")
	}
}

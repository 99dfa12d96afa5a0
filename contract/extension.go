package contract

// Our extensions of OpenAPI documents. README.md describes them.

import (
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"go.yaml.in/yaml/v3"
)

const (
	extensionPrefix        = "x-daric-"
	extensionOpen          = "x-daric-open"
	extensionPropertyNames = "x-daric-property-names"
	extensionKnownFrom     = "x-daric-known-from"
	extensionItemSchema    = "x-daric-item-schema"
)

var extensionNames = []string{extensionOpen, extensionPropertyNames, extensionKnownFrom, extensionItemSchema}

// knownSources are the values of x-daric-known-from.
var knownSources = []string{"docs", "client", "inferred"}

// extensions reads those that a schema is judged by.
func (c *compiler) extensions(s *schema, k *openapi3.Schema) {
	if v, found := k.Extensions[extensionOpen]; found {
		open, isBool := v.(bool)
		if s.open = open; !isBool || open && len(k.Enum)+len(k.OneOf)+len(k.AnyOf) == 0 {
			c.failf(s.at.below(extensionOpen), "%s takes true or false, beside enum, oneOf or anyOf", extensionOpen)
		}
	}
	if v, found := k.Extensions[extensionPropertyNames]; found {
		pattern, _ := v.(string)
		var err error
		if s.names, err = regexp.Compile(pattern); err != nil || pattern == "" {
			c.failf(s.at.below(extensionPropertyNames), "%s takes a regular expression", extensionPropertyNames)
		}
	}
}

// itemSchema compiles the schema of a stream's items, a reference to a component,
// as itemSchema of OpenAPI 3.2 has it.
func (c *compiler) itemSchema(mt *openapi3.MediaType, at location) *schema {
	v, found := mt.Extensions[extensionItemSchema]
	if !found {
		return nil
	}
	at = c.spec.sources.resolve(at.below(extensionItemSchema))
	reference, _ := v.(map[string]any)
	name := at.name()
	if ref, _ := reference["$ref"].(string); ref == "" || at != c.spec.root.below("components", "schemas", name) ||
		c.doc.Components == nil || c.doc.Components.Schemas[name] == nil {
		c.failf(at, "%s takes {$ref: '#/components/schemas/NAME'}", extensionItemSchema)
		return nil
	}
	return c.schema(c.doc.Components.Schemas[name], at)
}

// knownExtensions refuses what only looks like an extension of ours, wherever it
// stands: a misspelt one would close an enum in silence.
func (c *compiler) knownExtensions() {
	for _, file := range slices.Sorted(maps.Keys(c.spec.sources)) {
		c.knownExtensionsBelow(c.spec.sources[file], location{file: file})
	}
}

func (c *compiler) knownExtensionsBelow(node *yaml.Node, at location) {
	for i := 0; i+1 < len(node.Content) && node.Kind == yaml.MappingNode; i += 2 {
		key, value := node.Content[i].Value, node.Content[i+1]
		here := at.below(key)
		switch {
		case key == "example" || key == "examples" || key == "default" || key == "enum":
			continue // values, in which any name may stand
		case key == extensionKnownFrom && !slices.Contains(knownSources, value.Value):
			c.failf(here, "%s takes %s", key, strings.Join(knownSources, ", "))
		case strings.HasPrefix(key, extensionPrefix) && !slices.Contains(extensionNames, key):
			c.failf(here, "%s is none of our extensions (%s)", key, strings.Join(extensionNames, ", "))
		}
		c.knownExtensionsBelow(value, here)
	}
	for i := 0; i < len(node.Content) && node.Kind == yaml.SequenceNode; i++ {
		c.knownExtensionsBelow(node.Content[i], at.below(strconv.Itoa(i)))
	}
}

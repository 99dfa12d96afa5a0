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
)

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
		case strings.HasPrefix(key, extensionPrefix) && !slices.Contains([]string{extensionOpen, extensionPropertyNames, extensionKnownFrom}, key):
			c.failf(here, "%s is none of our extensions (%s, %s, %s)", key, extensionOpen, extensionPropertyNames, extensionKnownFrom)
		}
		c.knownExtensionsBelow(value, here)
	}
	for i := 0; i < len(node.Content) && node.Kind == yaml.SequenceNode; i++ {
		c.knownExtensionsBelow(node.Content[i], at.below(strconv.Itoa(i)))
	}
}

package contract

// Places in the document come from its text: every file that was read is kept
// as a tree of YAML nodes, and a JSON pointer leads to the line and column of
// its key. JSON is read as the YAML that it is.

import (
	"bytes"
	"fmt"
	"iter"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// A location is a node of a document, before anybody asks for its line.
type location struct {
	file    string
	pointer string
}

// below descends by names.
func (l location) below(names ...string) location {
	for _, name := range names {
		l.pointer += "/" + escapePointer(name)
	}
	return l
}

// name is the last name of the pointer: of a component, what it is called.
func (l location) name() string {
	names := splitPointer(l.pointer)
	if len(names) == 0 {
		return path.Base(l.file)
	}
	return names[len(names)-1]
}

// sources holds the files of a document.
type sources map[string]*yaml.Node

// add parses a file. It fails where kin-openapi would fail too, or sooner.
func (s sources) add(file string, data []byte) error {
	var doc yaml.Node
	if err := yaml.Unmarshal(jsonAsYAML(data), &doc); err != nil {
		return fmt.Errorf("parse %s: %w", file, err)
	}
	if len(doc.Content) == 0 {
		return fmt.Errorf("parse %s: the file is empty", file)
	}
	if node := selfContained(&doc, map[*yaml.Node]bool{}); node != nil {
		return fmt.Errorf("parse %s: line %d: an alias stands inside of what it names", file, node.Line)
	}
	s[file] = doc.Content[0]
	return nil
}

// surrogatePair matches one in a JSON string, and an escaped backslash so that
// what follows it is not taken for one.
var surrogatePair = regexp.MustCompile(`\\\\|\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}`)

// jsonAsYAML writes surrogate pairs, the one thing of JSON that YAML cannot read,
// as YAML does. No byte changes its place; the strings are not used.
func jsonAsYAML(data []byte) []byte {
	if !bytes.HasPrefix(bytes.TrimSpace(data), []byte("{")) {
		return data
	}
	return surrogatePair.ReplaceAllFunc(data, func(pair []byte) []byte {
		if len(pair) == 2 {
			return pair
		}
		return []byte(`\U0001F600  `)
	})
}

// selfContained finds an alias that leads to a node around it: such a file has
// no end. inside is true for nodes on the way down, false for those done with.
func selfContained(node *yaml.Node, inside map[*yaml.Node]bool) *yaml.Node {
	below := node.Content
	if node.Kind == yaml.AliasNode {
		below = []*yaml.Node{node.Alias}
	}
	inside[node] = true
	defer func() { inside[node] = false }()
	for _, n := range below {
		on, seen := inside[n]
		if on {
			return node
		}
		if !seen {
			if found := selfContained(n, inside); found != nil {
				return found
			}
		}
	}
	return nil
}

// find gives the node at a location and the node to point a reader at: its key
// in a mapping, itself elsewhere. Both are nil when there is no such node.
func (s sources) find(at location) (node, key *yaml.Node) {
	node = s[at.file]
	key = node
	for _, name := range splitPointer(at.pointer) {
		if node, key = child(node, name); node == nil {
			return nil, nil
		}
	}
	return node, key
}

// child gives the value of a key, or the item of an index, and its key node.
func child(node *yaml.Node, name string) (value, key *yaml.Node) {
	switch node = dealias(node); node.Kind {
	case yaml.MappingNode:
		for k, v := range pairs(node) {
			if k.Value == name {
				return dealias(v), k
			}
		}
	case yaml.SequenceNode:
		if i, err := strconv.Atoi(name); err == nil && i >= 0 && i < len(node.Content) {
			return dealias(node.Content[i]), node.Content[i]
		}
	}
	return nil, nil
}

// pairs gives the keys and values of a mapping, its own before those that it
// merges (https://yaml.org/type/merge.html).
func pairs(node *yaml.Node) iter.Seq2[*yaml.Node, *yaml.Node] {
	return func(yield func(k, v *yaml.Node) bool) {
		var merged []*yaml.Node
		for i := 0; i+1 < len(node.Content); i += 2 {
			k, v := node.Content[i], node.Content[i+1]
			if k.Tag != "!!merge" {
				if !yield(k, v) {
					return
				}
				continue
			}
			if v = dealias(v); v.Kind == yaml.SequenceNode {
				merged = append(merged, v.Content...)
			} else {
				merged = append(merged, v)
			}
		}
		for _, m := range merged {
			if m = dealias(m); m.Kind != yaml.MappingNode {
				continue
			}
			for k, v := range pairs(m) {
				if !yield(k, v) {
					return
				}
			}
		}
	}
}

func dealias(node *yaml.Node) *yaml.Node {
	for node.Kind == yaml.AliasNode {
		node = node.Alias
	}
	return node
}

// place gives the place of a location, or of its nearest parent that the text
// has.
func (s sources) place(at location) Place {
	p := Place{File: at.file}
	for pointer := at.pointer; ; pointer = pointer[:strings.LastIndexByte(pointer, '/')] {
		if _, key := s.find(location{at.file, pointer}); key != nil {
			p.Line, p.Column, p.Pointer = key.Line, key.Column, pointer
			return p
		}
		if pointer == "" {
			return p
		}
	}
}

// names lists the keys of a mapping in the order of the text.
func (s sources) names(at location) []string {
	node, _ := s.find(at)
	if node == nil || node.Kind != yaml.MappingNode {
		return nil
	}
	var names []string
	for k := range pairs(node) {
		if !slices.Contains(names, k.Value) {
			names = append(names, k.Value)
		}
	}
	return names
}

// text gives the scalar at a location as it was written.
func (s sources) text(at location) string {
	if node, _ := s.find(at); node != nil && node.Kind == yaml.ScalarNode {
		return node.Value
	}
	return ""
}

// resolve follows references until there is none. kin-openapi has checked that
// they lead somewhere; a location that leads nowhere is returned as it is.
func (s sources) resolve(at location) location {
	for range 100 { // references that only lead to each other
		ref := s.text(at.below("$ref"))
		if ref == "" {
			return at
		}
		next, err := s.follow(at.file, ref)
		if err != nil {
			return at
		}
		at = next
	}
	return at
}

// follow reads a reference that stands in a file (OAS 3.0.3, Reference Object;
// RFC 3986 section 5.2 for relative ones).
func (s sources) follow(file, ref string) (location, error) {
	target, fragment, _ := strings.Cut(ref, "#")
	pointer, err := url.PathUnescape(fragment)
	if err != nil {
		return location{}, fmt.Errorf("read reference %q: %w", ref, err)
	}
	if target == "" {
		return location{file, pointer}, nil
	}
	u, err := url.Parse(target)
	if err != nil {
		return location{}, fmt.Errorf("read reference %q: %w", ref, err)
	}
	base, err := url.Parse(file)
	switch {
	case u.IsAbs() || path.IsAbs(target):
		return location{u.String(), pointer}, nil
	case err == nil && base.Scheme != "":
		return location{base.ResolveReference(u).String(), pointer}, nil
	}
	return location{path.Join(path.Dir(file), u.Path), pointer}, nil
}

package contract

import (
	"strconv"
	"strings"
)

// A pointer is a JSON pointer under construction (RFC 6901): a list from the
// value up to the root, so that descending costs no copy. nil is the root.
type pointer struct {
	up   *pointer
	name string
}

func (p *pointer) member(name string) *pointer { return &pointer{p, name} }

func (p *pointer) index(i int) *pointer { return &pointer{p, strconv.Itoa(i)} }

func (p *pointer) String() string {
	if p == nil {
		return ""
	}
	return p.up.String() + "/" + escapePointer(p.name)
}

var pointerEscaper = strings.NewReplacer("~", "~0", "/", "~1")

// escapePointer writes a name as a reference token of RFC 6901 section 3.
func escapePointer(name string) string { return pointerEscaper.Replace(name) }

var pointerUnescaper = strings.NewReplacer("~1", "/", "~0", "~")

// splitPointer gives the names that a JSON pointer is made of.
func splitPointer(pointer string) []string {
	if pointer == "" {
		return nil
	}
	names := strings.Split(strings.TrimPrefix(pointer, "/"), "/")
	for i, name := range names {
		names[i] = pointerUnescaper.Replace(name)
	}
	return names
}

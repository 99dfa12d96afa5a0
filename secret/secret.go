// Package secret holds strings that must reach the server and nobody else.
//
// A [String] prints as [Redacted] wherever Go prints: through every verb of fmt,
// in errors, in log and slog, as text. It is sent as itself in exactly one way,
// as JSON, because that is how the generated client writes request bodies: a
// struct that holds a String must not be marshalled into a log.
package secret

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
)

// Redacted is what a String prints as, whatever it holds.
const Redacted = "[redacted]"

// String is a string that never prints itself. The zero value is the empty string.
//
// Two Strings are compared by their revealed values; == tells nothing.
type String struct {
	// A pointer, because fmt does not call methods on unexported fields: there it
	// prints an address.
	value *string
}

// New makes a String of s.
func New(s string) String { return String{&s} }

// Reveal gives the string itself, to be sent and not to be printed.
func (s String) Reveal() string {
	if s.value == nil {
		return ""
	}
	return *s.value
}

// IsZero tells whether the string is empty; encoding/json asks it for omitzero.
func (s String) IsZero() bool { return s.Reveal() == "" }

// String gives [Redacted].
func (s String) String() string { return Redacted }

// GoString gives [Redacted].
func (s String) GoString() string { return Redacted }

// Format writes [Redacted] for every verb and flag.
func (s String) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, Redacted) }

// LogValue gives [Redacted] to package slog, before any handler can marshal s.
func (s String) LogValue() slog.Value { return slog.StringValue(Redacted) }

// MarshalText gives [Redacted]: text is for people.
func (s String) MarshalText() ([]byte, error) { return []byte(Redacted), nil }

// MarshalJSON gives the string itself: JSON is for the server.
func (s String) MarshalJSON() ([]byte, error) { return json.Marshal(s.Reveal()) }

// UnmarshalJSON reads a JSON string. Its errors do not repeat what they read.
func (s *String) UnmarshalJSON(data []byte) error {
	var text string
	if err := json.Unmarshal(data, &text); err != nil {
		return fmt.Errorf("read secret: not a JSON string")
	}
	s.value = &text
	return nil
}

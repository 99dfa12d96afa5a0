package recording

import (
	"bytes"

	"github.com/go-json-experiment/json/jsontext"
)

func isLines(head []byte) bool {
	line := bytes.TrimSpace(firstLine(bytes.TrimLeft(head, "\r\n \t")))
	// A line that is longer than the head is no line of indented JSON.
	long := len(head) == headSize && !bytes.Contains(bytes.TrimSpace(head), []byte("\n"))
	return bytes.HasPrefix(line, []byte("{")) && (long || jsontext.Value(line).IsValid(lenient))
}

// readLines reads one exchange a line: a HAR entry or the plain form. A line
// that cannot be read hides no other.
func readLines(s *source) {
	t := &textReader{source: s}
	for t.next(); t.err == nil && !s.stopped; t.next() {
		line := bytes.TrimSpace(t.raw)
		switch {
		case len(line) == 0:
		case len(line) > maxEntry:
			s.refuse(t.number, tooLarge)
		default:
			readValue(s, t.number, line)
		}
	}
	t.finish()
}

// readValue reads a HAR entry or the plain form.
func readValue(s *source, line int, text []byte) {
	if isEntry(text) {
		readEntry(s, line, text)
		return
	}
	readPlain(s, line, text)
}

// isEntry tells a HAR entry from the plain form: by a member that only entries
// have, or by headers that are a list.
func isEntry(text []byte) bool {
	dec := jsontext.NewDecoder(bytes.NewBuffer(text), lenient)
	entry := false
	_ = members(dec, func(name string) error {
		switch name {
		case "startedDateTime", "cache", "timings", "pageref", "serverIPAddress", "connection":
			entry = true
		case "request", "response":
			if dec.PeekKind() == '{' {
				return members(dec, func(name string) error {
					entry = entry || name == "headers" && dec.PeekKind() == '['
					return dec.SkipValue()
				})
			}
		}
		return dec.SkipValue()
	})
	return entry
}

package contract

// Streams are judged item by item as their bytes come, and never kept: an event
// stream may have no end. The schema of an item is x-daric-item-schema's to name;
// OpenAPI 3.0 has no word for it.

import (
	"bytes"
	"errors"
	"strconv"
	"strings"
)

// maxItem is the size of the largest item of a stream that is judged, in bytes.
const maxItem = 16 << 20

// A stream takes the bytes of a body in pieces of any size.
type stream struct {
	*judgement
	mt    *mediaType
	read  func(*stream, []byte) // takes one line, without its end
	line  []byte                // begun
	start int                   // offset of the line
	next  int                   // offset of the byte after those that were written
	cr    bool                  // the last byte was a carriage return, which ended a line
	item  int                   // items so far
	full  bool                  // an item was too large: nothing more is judged

	data    []byte // of the event that was begun
	hasData bool
	dataAt  int // offset of its first data
}

// newStream begins a body of a media type that is a stream; nil for others.
func (j *judgement) newStream(mt *mediaType) *stream {
	read := map[string]func(*stream, []byte){
		"text/event-stream":       (*stream).eventLine,
		"application/x-ndjson":    (*stream).jsonLine,
		"application/ndjson":      (*stream).jsonLine,
		"application/jsonl":       (*stream).jsonLine,
		"application/x-jsonlines": (*stream).jsonLine,
		"application/json-seq":    (*stream).sequenceLine,
	}[mt.name]
	if read == nil {
		return nil
	}
	return &stream{judgement: j, mt: mt, read: read}
}

// write takes the next bytes. Lines end as event streams have it: LF, CR or both
// (https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream);
// JSON has no bare CR inside of an item.
func (s *stream) write(p []byte) {
	for len(p) > 0 && !s.full {
		if s.cr && p[0] == '\n' {
			p, s.next, s.start = p[1:], s.next+1, s.next+1
			s.cr = false
			continue
		}
		s.cr = false
		end := bytes.IndexAny(p, "\r\n")
		if end < 0 {
			end = len(p)
		}
		s.line = append(s.line, p[:end]...)
		s.next += end
		if len(s.line)+len(s.data) > maxItem {
			s.unjudged("an item of the stream is larger than 16 MiB")
			s.full = true
			return
		}
		if end == len(p) {
			return
		}
		s.cr = p[end] == '\r'
		p, s.next = p[end+1:], s.next+1
		s.endLine()
	}
}

func (s *stream) endLine() {
	line := s.line
	if s.start == 0 {
		line = bytes.TrimPrefix(line, []byte("\ufeff"))
	}
	s.read(s, line)
	s.line, s.start = s.line[:0], s.next
}

// close judges what stands behind the last line end.
func (s *stream) close() {
	if s.full {
		return
	}
	if len(s.line) > 0 {
		s.endLine()
	}
	if s.mt.name != "text/event-stream" {
		s.sequenceEnd()
	} else if s.hasData {
		s.malformed(s.dataAt, "", "an empty line behind the last event", "the end of the stream").Severity = SeverityNew
	}
}

// malformed reports something about the item that is being read.
func (s *stream) malformed(offset int, pointer, want, got string) *Finding {
	f := s.add(MalformedStream, PartBody, nil, s.mt.at, want, got)
	f.Pointer, f.Source = "/"+strconv.Itoa(s.item)+pointer, s.inBody(offset)
	return f
}

// eventLine takes a line of a server-sent event stream.
func (s *stream) eventLine(line []byte) {
	if len(line) == 0 {
		if s.hasData {
			s.judge(s.data, s.dataAt)
			s.data, s.hasData = s.data[:0], false
		}
		return
	}
	if line[0] == ':' {
		return // a comment
	}
	field, text, _ := strings.Cut(string(line), ":")
	text = strings.TrimPrefix(text, " ")
	switch field {
	case "data":
		if !s.hasData {
			s.hasData, s.dataAt = true, s.start
		} else {
			s.data = append(s.data, '\n')
		}
		s.data = append(s.data, text...)
	case "event", "id":
	case "retry":
		if text == "" || strings.Trim(text, "0123456789") != "" {
			s.malformed(s.start, "/retry", "digits", "something else").Severity = SeverityNew
		}
	default:
		s.malformed(s.start, "", "a field named data, event, id or retry", "another field").Severity = SeverityNew
	}
}

// jsonLine takes a line of JSON lines (https://github.com/ndjson/ndjson-spec).
func (s *stream) jsonLine(line []byte) {
	if len(bytes.TrimSpace(line)) > 0 {
		s.judge(line, s.start)
	}
}

// sequenceLine takes a line of a JSON text sequence (RFC 7464): a record
// separator, a JSON text, a line feed. Texts that span lines are gathered.
func (s *stream) sequenceLine(line []byte) {
	if text, begins := bytes.CutPrefix(line, []byte{0x1e}); begins {
		s.sequenceEnd()
		s.data, s.dataAt = append(s.data[:0], text...), s.start
	} else {
		s.data = append(append(s.data, '\n'), line...)
	}
	_, _, err := parseJSON(s.data)
	var syntax *syntaxError
	if errors.As(err, &syntax) && syntax.cut {
		return
	}
	s.judge(s.data, s.dataAt)
	s.data = s.data[:0]
}

// sequenceEnd judges a text that the next one, or the end, cut off.
func (s *stream) sequenceEnd() {
	if len(bytes.TrimSpace(s.data)) > 0 {
		s.judge(s.data, s.dataAt)
		s.data = s.data[:0]
	}
}

// judge holds one item against its schema.
func (s *stream) judge(text []byte, offset int) {
	defer func() { s.item++ }()
	schema := s.mt.item
	events := s.mt.name == "text/event-stream"
	if schema == nil && events {
		return // the data of an event is a string, and any will do
	}
	at := (*pointer)(nil).index(s.item)
	if events {
		at = at.member("data")
	}
	v, odd, err := parseJSON(text)
	var syntax *syntaxError
	switch {
	case events && schema.kind() == "string":
		v = &value{kind: kindString, text: string(text)}
	case errors.As(err, &syntax):
		s.malformed(offset, "", "one JSON text in UTF-8", syntax.got)
		return
	case err != nil:
		s.unjudged(err.Error())
		return
	}
	// Places are in the item, whose lines are those of the stream.
	line := 0
	if s.body.Line > 0 {
		line = s.inBody(offset).Line
	}
	body, lines := s.body, s.lines
	defer func() { s.body, s.lines = body, lines }()
	s.body, s.lines = Body{Data: text, Line: line}, nil
	for _, o := range odd {
		f := s.add(o.rule, PartBody, nil, s.mt.at, "", "")
		f.Want, f.Got = oddWords(o.rule)
		f.Pointer, f.Source = at.String()+o.pointer, s.inBody(o.offset)
	}
	findings := s.schema(schema, v, PartBody, at)
	for i := range findings {
		if findings[i].Severity == SeverityBroken {
			findings[i].Rule = MalformedStream
		}
	}
	s.take(findings)
}

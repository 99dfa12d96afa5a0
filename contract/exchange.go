package contract

import (
	"fmt"
	"net/http"
	"time"
)

// An Exchange is one request and the response it got, as somebody recorded it.
type Exchange struct {
	Source   Source
	Time     time.Time // when the request was sent; zero when the recording does not say
	Request  Request
	Response Response
}

// A Source is the place an exchange was read from.
type Source struct {
	File  string // name of the recording; "-" for standard input, empty for live traffic
	Line  int    // line on which the entry starts, counted from 1; 0 when there are no lines
	Entry int    // position of the entry in its file, counted from 0
}

// String gives the place as file:line, the form that editors and terminals
// turn into a link; with the entry as well where there are more entries than
// lines, and the file alone where there are no lines.
func (s Source) String() string {
	switch {
	case s.Line == 0:
		return s.File
	case s.Entry >= s.Line:
		return fmt.Sprintf("%s:%d entry %d", s.File, s.Line, s.Entry)
	}
	return fmt.Sprintf("%s:%d", s.File, s.Line)
}

// A Request is what the client sent.
//
// Of many recordings only the response is kept: then Unrecorded is set, Method and
// Path say what was called, and the rest means nothing.
type Request struct {
	Method     string
	Unrecorded bool
	Host       string      // host and port as recorded, empty when unknown; never chooses the operation
	Path       string      // escaped path as on the wire, "/v1/agents/agt_123/messages"
	Query      string      // what stood behind the question mark, as on the wire
	Header     http.Header // nil when the recording holds no request headers
	Body       Body
}

// A Response is what the server answered.
type Response struct {
	Status int
	Header http.Header // nil when the recording holds no response headers
	Body   Body
}

// A Body is the content of a message, freed of transfer coding.
//
// The zero Body is one that was recorded and is empty.
type Body struct {
	Data []byte
	// Line is the line of the recording on which Data starts when Data stands
	// there byte for byte, so that a finding can name the line of the value;
	// 0 when the recording keeps the body in another form.
	Line int
	// Missing says why the recording does not hold the body, for a reader of
	// the report ("the entry has no text for a body of 512 bytes"). Data is then
	// meaningless and the body is not judged.
	Missing string

	passed *stream // what became of a live stream, which is judged as it passes and not kept
}

// An EntryError is what a reader yields in place of an exchange: an entry that
// lies outside the question (Outcome Skipped) or that it could not read
// (Outcome Unjudged). The reading goes on behind it.
type EntryError struct {
	Source  Source
	Outcome Outcome
	// Reason is one line without values of the recording: it is printed.
	Reason string
}

func (e *EntryError) Error() string { return fmt.Sprintf("%s: %s", e.Source, e.Reason) }

package recording

// A transcript of server-sent events is a body and nothing else: `curl -N` into a
// file. Options.As says what was called; the answer was 200, or there would be
// no events.

import (
	"bytes"
	"io"
	"net/http"
	"regexp"

	"github.com/daric-dev/daric/contract"
)

// eventField matches the start of a line of an event stream
// (https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream).
var eventField = regexp.MustCompile(`^(data|event|id|retry)?:`)

func isEvents(head []byte) bool { return eventField.Match(bytes.TrimLeft(head, "\r\n")) }

func readEvents(s *source) {
	request, ok := parseRequestLine(s.opts.As)
	if !ok {
		s.refuse(1, "events without a request: say --as 'GET /path'")
		return
	}
	data, err := io.ReadAll(io.LimitReader(s.in, maxEntry+1))
	switch {
	case err != nil:
		s.refuse(1, "it cannot be read: "+cause(err))
		return
	case len(data) > maxEntry:
		s.refuse(1, tooLarge)
		return
	}
	s.take(contract.Exchange{
		Source:  s.at(1),
		Request: request,
		Response: contract.Response{
			Status: http.StatusOK,
			Header: http.Header{"Content-Type": {"text/event-stream"}},
			Body:   contract.Body{Data: data, Line: 1},
		},
	})
}

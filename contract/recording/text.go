package recording

// HTTP as it is on the wire, for people to write and to paste:
//
//	Any prose, until a line is a request line or a status line.
//
//	POST /v1/agents/agt_1/messages HTTP/1.1
//	Content-Type: application/json
//
//	{"type": "user.message", "content": []}
//
//	HTTP/1.1 202 Accepted
//	Content-Type: application/json
//
//	{"event": {}}
//
//	### the next exchange
//
// A request line alone (POST /path) stands for a request of which nothing else
// was recorded; so does Options.As for a response without one, as curl -i prints
// it. Content-Length is not believed: what stands there is the body (people
// edit), without the line ends behind it unless it is an event stream. A body
// cannot hold a line that starts with ###: what stands behind one must be an
// exchange. Interim responses are passed over.

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"net/http"
	"regexp"
	"strconv"
	"strings"

	"github.com/daric-dev/daric/contract"
)

// maxEntry is the size of the largest entry that is read, in bytes: what bounds the
// memory of a recording that may be of any size.
const maxEntry = 64 << 20

// maxLine is the length of the longest line that can be one of a head, in bytes;
// servers take far less (RFC 9112 section 3 asks them for 8000).
const maxLine = 64 << 10

const tooLarge = "the entry is larger than 64 MiB"

var (
	requestLine = regexp.MustCompile(`^([A-Z]+) ((?:/|https?://)\S*)(?: HTTP/\d(?:\.\d)?)?$`)
	statusLine  = regexp.MustCompile(`^HTTP/\d(?:\.\d)? (\d{3})(?: (.*))?$`)
	headerLine  = regexp.MustCompile("^([!#$%&'*+\\-.^_`|~0-9A-Za-z]+):[ \t]*(.*?)[ \t]*$")
)

func isText(head []byte) bool {
	for line := range bytes.Lines(head) {
		line = bytes.TrimRight(line, "\r\n")
		if requestLine.Match(line) || statusLine.Match(line) {
			return true
		}
	}
	return false
}

// parseRequestLine reads a request line with or without its version.
func parseRequestLine(line string) (contract.Request, bool) {
	m := requestLine.FindStringSubmatch(line)
	if m == nil {
		return contract.Request{}, false
	}
	_, host, urlPath, query := splitURL(m[2])
	return contract.Request{Method: m[1], Host: host, Path: urlPath, Query: query, Unrecorded: true}, true
}

// textReader reads one exchange after the other.
type textReader struct {
	*source
	number int    // of the line that was read last
	raw    []byte // that line with its end
	line   string // and without
	err    error
}

func readText(s *source) {
	t := &textReader{source: s}
	t.next()
	for t.err == nil && !s.stopped {
		t.exchange()
	}
	t.finish()
}

// failed tells that the recording cannot be read to its end.
func (t *textReader) failed() bool { return t.err != nil && !errors.Is(t.err, io.EOF) }

// finish reports what ended the reading, unless it was the end of the file.
func (t *textReader) finish() {
	if t.failed() && !t.stopped {
		t.refuse(t.number, "it cannot be read: "+cause(t.err))
	}
}

// next reads a line. At the end of the file it leaves an error behind.
func (t *textReader) next() {
	t.raw = t.raw[:0]
	for {
		part, err := t.in.ReadSlice('\n')
		if len(t.raw) <= maxEntry { // the rest of a longer line is dropped, and the entry with it
			t.raw = append(t.raw, part...)
		}
		if errors.Is(err, bufio.ErrBufferFull) {
			continue
		}
		if t.err = err; errors.Is(err, io.EOF) && len(t.raw) > 0 {
			t.err = nil
		}
		break
	}
	t.number++
	if len(t.raw) > maxLine {
		t.line = string(t.raw[:maxLine]) + "\n" // a line end, which no pattern above matches
		return
	}
	t.line = strings.TrimRight(string(t.raw), "\r\n")
}

func (t *textReader) separator() bool { return strings.HasPrefix(t.line, "###") }

// skip goes to the next separator: what comes before it belongs to an exchange
// that cannot be read.
func (t *textReader) skip() {
	for t.err == nil && !t.separator() {
		t.next()
	}
}

// exchange reads from prose to the next separator.
func (t *textReader) exchange() {
	from, prose := 0, false
	if t.separator() {
		from = t.number
		t.next()
	}
	for t.err == nil && !t.separator() && !requestLine.MatchString(t.line) && !statusLine.MatchString(t.line) {
		prose = prose || strings.TrimSpace(t.line) != ""
		t.next()
	}
	if t.err != nil || t.separator() {
		if from > 0 && prose && !t.failed() {
			t.refuse(from, "no exchange behind ###: want a request line, METHOD /path, or a status line")
		}
		return // prose on top of the file
	}
	x := contract.Exchange{Source: t.at(t.number)}
	request, hasRequest := parseRequestLine(t.line)
	if hasRequest {
		t.next()
		if !t.head(&request.Header) {
			return
		}
		body, ok := t.body(request.Header, func() bool { return statusLine.MatchString(t.line) })
		if !ok {
			return
		}
		if request.Header != nil || len(body.Data) > 0 {
			request.Body, request.Unrecorded = body, false
		}
		if request.Host == "" {
			request.Host = request.Header.Get("Host")
		}
	} else if request, hasRequest = parseRequestLine(t.opts.As); !hasRequest {
		t.refuse(t.number, "a response without a request: write its request line above it, or say --as 'POST /path'")
		t.next()
		t.skip()
		return
	}
	x.Request = request

	for {
		if t.err != nil || !statusLine.MatchString(t.line) {
			t.refuse(x.Source.Line, "a request without a response")
			t.skip()
			return
		}
		m := statusLine.FindStringSubmatch(t.line)
		x.Response = contract.Response{}
		x.Response.Status, _ = strconv.Atoi(m[1])
		t.next()
		if !t.head(&x.Response.Header) {
			return
		}
		interim := x.Response.Status < 200 && x.Response.Status != http.StatusSwitchingProtocols || strings.EqualFold(m[2], "Connection established")
		if !interim {
			break
		}
		for t.err == nil && t.line == "" {
			t.next()
		}
	}
	var ok bool
	if x.Response.Body, ok = t.body(x.Response.Header, func() bool { return false }); !ok {
		return
	}
	if t.failed() {
		return // inside of the body
	}
	if bytes.HasPrefix(x.Response.Body.Data, []byte("HTTP/")) && statusLine.Match(bytes.TrimRight(firstLine(x.Response.Body.Data), "\r")) {
		t.refuse(x.Source.Line, "one response follows another: give each its request, and ### between them")
		return
	}
	t.takeDecoded(x)
}

func firstLine(b []byte) []byte {
	line, _, _ := bytes.Cut(b, []byte("\n"))
	return line
}

// head reads header lines up to the empty line behind them. Where there are
// none, the headers stay nil: they were not recorded. It tells whether the exchange
// can go on.
func (t *textReader) head(h *http.Header) bool {
	for t.err == nil && t.line != "" && !t.separator() && !statusLine.MatchString(t.line) {
		m := headerLine.FindStringSubmatch(t.line)
		if m == nil {
			t.refuse(t.number, "want a header line, NAME: VALUE, or an empty line before the body")
			t.skip()
			return false
		}
		if *h == nil {
			*h = http.Header{}
		}
		h.Add(m[1], m[2])
		t.next()
	}
	if t.err == nil && t.line == "" {
		t.next()
	}
	return true
}

// body reads the body behind the headers h, up to a separator, the end of the
// file, or a line at which end says so.
func (t *textReader) body(h http.Header, end func() bool) (contract.Body, bool) {
	b := contract.Body{Line: t.number}
	from := t.number
	for t.err == nil && !t.separator() && !end() {
		if len(b.Data)+len(t.raw) > maxEntry {
			t.refuse(from, tooLarge)
			t.skip()
			return b, false
		}
		b.Data = append(b.Data, t.raw...)
		t.next()
	}
	// The line ends behind a body belong to the editor, but for event streams, where
	// an empty line ends an event.
	text := bytes.TrimRight(b.Data, "\r\n")
	if len(text) == 0 {
		return contract.Body{}, true
	}
	if !strings.HasPrefix(strings.ToLower(h.Get("Content-Type")), "text/event-stream") {
		b.Data = text
	}
	return b, true
}

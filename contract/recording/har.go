package recording

// HAR 1.2 (http://www.softwareishard.com/blog/har-12-spec/): one entry in memory
// at a time. content.text is already free of content coding; base64 is undone.

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strings"
	"time"

	"github.com/chromedp/cdproto/har"
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/daric-dev/daric/contract"
)

var harStart = regexp.MustCompile(`^\s*\{\s*"log"\s*:\s*\{`)

func isHAR(head []byte) bool { return harStart.Match(head) }

func readHAR(s *source) {
	lines := &lineCounter{in: s.in}
	dec := jsontext.NewDecoder(lines, lenient)
	err := walkHAR(s, dec, lines)
	if err == nil {
		if _, err = dec.ReadToken(); errors.Is(err, io.EOF) {
			return
		}
		if lines.err == nil {
			err = errBehind
		}
	}
	if !s.stopped {
		s.refuse(lines.next(dec), s.unread(lines, err))
	}
}

// lenient lets the reading go on behind an entry that only strict readers refuse:
// it is decoded strictly afterwards, alone.
var lenient = json.JoinOptions(jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))

var (
	errNoHAR    = errors.New("it is no HAR: want an object with log.entries, a list")
	errBehind   = errors.New("something stands behind the HAR, and is not read: a file holds one")
	errTooLarge = errors.New(tooLarge + ": nothing behind it is read")
)

// unread says why JSON is not read from here on. What the decoder says is not
// repeated: it may hold a value.
func (s *source) unread(lines *lineCounter, err error) string {
	for _, known := range []error{errNoHAR, errBehind, errTooLarge} {
		if errors.Is(err, known) {
			return known.Error()
		}
	}
	switch {
	case errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF):
		return fmt.Sprintf("the file ends inside of entry %d", s.entry)
	case lines.err != nil: // which the decoder may have wrapped as one of syntax
		return "it cannot be read: " + cause(lines.err)
	}
	return "it is no JSON from here on: nothing behind is read"
}

// walkHAR finds log.entries and reads them. Everything else is passed over.
func walkHAR(s *source, dec *jsontext.Decoder, lines *lineCounter) error {
	found := false
	err := members(dec, func(name string) error {
		if name != "log" {
			return dec.SkipValue()
		}
		return members(dec, func(name string) error {
			if name != "entries" {
				return dec.SkipValue()
			}
			found = true
			return entries(s, dec, lines)
		})
	})
	if err == nil && !found && !s.stopped {
		return errNoHAR
	}
	return err
}

// members reads an object and has each of its values read.
func members(dec *jsontext.Decoder, value func(name string) error) error {
	if dec.PeekKind() != '{' {
		if _, err := dec.ReadToken(); err != nil {
			return err
		}
		return errNoHAR
	}
	if _, err := dec.ReadToken(); err != nil {
		return err
	}
	for dec.PeekKind() == '"' {
		name, err := dec.ReadToken()
		if err != nil {
			return err
		}
		if err := value(name.String()); err != nil {
			return err
		}
	}
	_, err := dec.ReadToken()
	return err
}

func entries(s *source, dec *jsontext.Decoder, lines *lineCounter) error {
	if dec.PeekKind() != '[' {
		if _, err := dec.ReadToken(); err != nil {
			return err
		}
		return errNoHAR
	}
	if _, err := dec.ReadToken(); err != nil {
		return err
	}
	for !s.stopped && dec.PeekKind() != ']' {
		line, entry, err := lines.value(dec)
		if err != nil {
			return err
		}
		readEntry(s, line, entry)
	}
	if s.stopped {
		return errStopped
	}
	_, err := dec.ReadToken()
	return err
}

var errStopped = errors.New("nobody wants more")

// readEntry reads one HAR entry.
func readEntry(s *source, line int, text []byte) {
	var e har.Entry
	if err := json.Unmarshal(text, &e); err != nil {
		s.refuse(line, "the entry is none of HAR 1.2"+where(err))
		return
	}
	if e.Request == nil || e.Response == nil {
		s.refuse(line, "the entry has no request or no response")
		return
	}
	request, ok := s.request(line, e.Request.Method, e.Request.URL)
	if !ok {
		return
	}
	request.Header = headers(e.Request.Headers)
	x := contract.Exchange{
		Source:   s.at(line),
		Request:  request,
		Response: contract.Response{Status: int(e.Response.Status), Header: headers(e.Response.Headers)},
	}
	x.Time, _ = time.Parse(time.RFC3339, e.StartedDateTime) // not every exporter keeps to ISO 8601
	switch post := e.Request.PostData; {
	case post != nil && post.Text == "" && len(post.Params) > 0:
		x.Request.Body.Missing = "the entry has the form's fields, but not the body"
	case post != nil && (post.Text != "" || e.Request.BodySize <= 0):
		x.Request.Body.Data = []byte(post.Text)
	case e.Request.BodySize > 0 || e.Request.BodySize < 0 && hasContent(e.Request.Method):
		x.Request.Body.Missing = noText(e.Request.BodySize)
	}
	switch content := e.Response.Content; {
	case content == nil:
		x.Response.Body.Missing = "the entry has no content"
	case len(content.Text) == 0 && content.Size != 0:
		x.Response.Body.Missing = noText(content.Size)
	default:
		x.Response.Body.Data = content.Text
	}
	s.take(x)
}

// hasContent tells of which methods the content means something (RFC 9110
// section 9.3, RFC 5789).
func hasContent(method string) bool { return method == "POST" || method == "PUT" || method == "PATCH" }

// noText says that a body was left out. Exporters write a size of -1 where they
// do not know.
func noText(size int64) string {
	if size < 0 {
		return "the entry has no text for a body of unknown size"
	}
	return fmt.Sprintf("the entry has no text for a body of %d bytes", size)
}

// where names the member at which decoding failed, and not what stood there.
func where(err error) string {
	var semantic *json.SemanticError
	if errors.As(err, &semantic) && semantic.JSONPointer != "" {
		return fmt.Sprintf(": %s is of another type", semantic.JSONPointer)
	}
	var syntax *jsontext.SyntacticError
	if errors.As(err, &syntax) && syntax.JSONPointer != "" {
		return fmt.Sprintf(": %s is malformed", syntax.JSONPointer)
	}
	return ""
}

// headers keeps an empty list nil: exporters write one where they strip headers.
func headers(list []*har.NameValuePair) http.Header {
	var h http.Header
	for _, pair := range list {
		if pair == nil || strings.HasPrefix(pair.Name, ":") { // HTTP/2 pseudo-fields, RFC 9113 section 8.3
			continue
		}
		if h == nil {
			h = http.Header{}
		}
		h.Add(pair.Name, pair.Value)
	}
	return h
}

// A lineCounter counts the lines of what is read through it, and remembers the
// ends of those that nobody has asked about yet.
type lineCounter struct {
	in   io.Reader
	read int64   // bytes
	max  int64   // how many may be read; 0 when nothing bounds them
	err  error   // what ended the reading, unless it was the end of the file
	line int     // lines that ended before the first of ends
	ends []int64 // offsets of line ends
}

func (l *lineCounter) Read(p []byte) (int, error) {
	if l.max > 0 && l.read > l.max {
		return 0, errTooLarge
	}
	n, err := l.in.Read(p)
	for i := 0; ; i++ {
		j := bytes.IndexByte(p[i:n], '\n')
		if j < 0 {
			break
		}
		i += j
		l.ends = append(l.ends, l.read+int64(i))
	}
	l.read += int64(n)
	if err != nil && !errors.Is(err, io.EOF) {
		l.err = err
	}
	return n, err
}

// value reads the next value of a decoder, which may not be larger than maxEntry,
// and gives the line on which it starts. A decoder reads on only while what it has
// is not yet the whole value: so the bound is that of the value, not of its buffer.
func (l *lineCounter) value(dec *jsontext.Decoder) (int, jsontext.Value, error) {
	l.max = dec.InputOffset() + maxEntry
	value, err := dec.ReadValue()
	l.max = 0
	if err != nil {
		return 0, nil, err
	}
	return l.at(dec.InputOffset() - int64(len(value))), value, nil
}

// at gives the line of an offset, from 1. Offsets must not go back.
func (l *lineCounter) at(offset int64) int {
	n := 0
	for n < len(l.ends) && l.ends[n] < offset {
		n++
	}
	l.line += n
	l.ends = append(l.ends[:0], l.ends[n:]...)
	return l.line + 1
}

// next gives the line on which the next token of a decoder starts, or would.
func (l *lineCounter) next(dec *jsontext.Decoder) int {
	rest := dec.UnreadBuffer()
	between := len(rest) - len(bytes.TrimLeft(rest, " \t\r\n,:"))
	return l.at(dec.InputOffset() + int64(between))
}

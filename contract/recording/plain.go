package recording

// The plain form, for programs that write recordings of their own:
//
//	{"request":  {"method": "POST", "url": "/path", "headers": {}, "body": "…"},
//	 "response": {"status": 200, "headers": {}, "body": "…", "bodyEncoding": "base64"}}
//
// A body is a string, which is the body's text, or any other JSON value, whose
// text then is the body. A header's value is a string or a list of strings.
// Headers that are left out were not recorded; headers that are {} were none. A
// request with neither headers nor body was not recorded. Beside request and
// response may stand time (RFC 3339) and comment. Any other member is an error: a misspelt
// one would be a body that nobody judged.

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/daric-dev/daric/contract"
)

type plainExchange struct {
	Time     time.Time      `json:"time"`
	Comment  string         `json:"comment"`
	Request  *plainRequest  `json:"request"`
	Response *plainResponse `json:"response"`
}

type plainRequest struct {
	Method string `json:"method"`
	URL    string `json:"url"`
	plainContent
}

type plainResponse struct {
	Status int `json:"status"`
	plainContent
}

type plainContent struct {
	Headers      map[string]jsontext.Value `json:"headers"`
	Body         jsontext.Value            `json:"body"`
	BodyEncoding string                    `json:"bodyEncoding"`
}

func isJSON(head []byte) bool { return bytes.HasPrefix(bytes.TrimSpace(head), []byte("{")) }

// readJSON reads JSON values over as many lines as they like, usually one.
func readJSON(s *source) {
	lines := &lineCounter{in: s.in}
	dec := jsontext.NewDecoder(lines, lenient)
	for !s.stopped {
		line, value, err := lines.value(dec)
		switch {
		case err == nil:
			readValue(s, line, value)
		case errors.Is(err, io.EOF):
			return
		default:
			s.refuse(lines.next(dec), s.unread(lines, err))
			return
		}
	}
}

func readPlain(s *source, line int, text []byte) {
	var p plainExchange
	if err := json.Unmarshal(text, &p, json.RejectUnknownMembers(true)); err != nil {
		reason := "the entry is not of the plain form" + where(err)
		var semantic *json.SemanticError
		if errors.As(err, &semantic) && errors.Is(err, json.ErrUnknownName) {
			reason = fmt.Sprintf("the entry has a member that the plain form has not: %s", semantic.JSONPointer)
		}
		s.refuse(line, reason)
		return
	}
	if p.Request == nil || p.Response == nil || p.Request.Method == "" || p.Request.URL == "" || p.Response.Status == 0 {
		s.refuse(line, "the entry has no request with method and url, or no response with a status")
		return
	}
	request, ok := s.request(line, p.Request.Method, p.Request.URL)
	if !ok {
		return
	}
	x := contract.Exchange{
		Source:   s.at(line),
		Time:     p.Time,
		Request:  request,
		Response: contract.Response{Status: p.Response.Status},
	}
	for _, part := range []struct {
		name    string
		content plainContent
		header  *http.Header
		body    *contract.Body
	}{
		{"request", p.Request.plainContent, &x.Request.Header, &x.Request.Body},
		{"response", p.Response.plainContent, &x.Response.Header, &x.Response.Body},
	} {
		var problem string
		if *part.header, problem = part.content.headers(); problem == "" {
			part.body.Data, problem = part.content.body()
		}
		if problem != "" {
			s.refuse(line, "/"+part.name+problem)
			return
		}
		decode(*part.header, part.body)
	}
	x.Request.Unrecorded = p.Request.Headers == nil && p.Request.Body == nil
	if x.Request.Host == "" {
		x.Request.Host = x.Request.Header.Get("Host")
	}
	s.take(x)
}

func (p plainContent) headers() (http.Header, string) {
	if p.Headers == nil {
		return nil, ""
	}
	h := http.Header{}
	for _, name := range slices.Sorted(maps.Keys(p.Headers)) { // names of different case become one
		value := p.Headers[name]
		var one string
		var many []string
		if json.Unmarshal(value, &one) == nil {
			many = []string{one}
		} else if json.Unmarshal(value, &many) != nil {
			return nil, "/headers: want strings or lists of strings"
		}
		for _, v := range many {
			h.Add(name, v)
		}
	}
	return h, ""
}

func (p plainContent) body() ([]byte, string) {
	if p.BodyEncoding != "" && p.BodyEncoding != "base64" {
		return nil, "/bodyEncoding: want base64 or nothing"
	}
	if len(p.Body) == 0 || p.Body.Kind() == 'n' {
		return nil, ""
	}
	if p.Body.Kind() != '"' {
		if p.BodyEncoding != "" {
			return nil, "/body: want a string under bodyEncoding"
		}
		return p.Body, ""
	}
	var text string
	if err := json.Unmarshal(p.Body, &text); err != nil {
		return nil, "/body: want a string without halves of surrogate pairs"
	}
	if p.BodyEncoding == "" {
		return []byte(text), ""
	}
	data, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return nil, "/body: want base64"
	}
	return data, ""
}

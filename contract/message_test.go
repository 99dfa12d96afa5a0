package contract_test

import (
	"net/http"
	"testing"

	"github.com/daric-dev/daric/contract"
)

const messages = `openapi: 3.0.3
info: {title: t, version: '1'}
paths:
  /:
    get: &operation
      responses:
        '200':
          description: ok
          headers:
            A: {schema: {type: integer}}
            B: {schema: {type: integer}}
          content:
            application/json: {schema: {type: object}}
            application/json; v=2: {schema: {type: array, items: {}}}
            application/*: {schema: {type: string, format: binary}}
            text/plain: {schema: {type: integer}}
            text/csv: {}
            text/event-stream: {schema: {type: string}}
            application/yaml:
            application/xml: {schema: {type: object}}
        '204':
          description: ok
          content:
            application/json: {schema: {type: object}}
        '304': {description: ok}
    head: *operation
    post:
      requestBody:
        content:
          application/json: {schema: {type: object}}
      responses:
        '204': {description: ok}
    put:
      requestBody:
        required: true
        content:
          application/json: {schema: {type: object}}
      responses:
        '204': {description: ok}
`

func TestMessages(t *testing.T) {
	spec, err := contract.Compile("d.yaml", []byte(messages))
	if err != nil {
		t.Fatal(err)
	}
	response := func(method string, status int, header http.Header, body string) contract.Exchange {
		return contract.Exchange{Request: contract.Request{Method: method, Path: "/", Unrecorded: true},
			Response: contract.Response{Status: status, Header: header, Body: contract.Body{Data: []byte(body)}}}
	}
	request := func(method string, header http.Header, body contract.Body) contract.Exchange {
		return contract.Exchange{Request: contract.Request{Method: method, Path: "/", Header: header, Body: body}, Response: contract.Response{Status: 204}}
	}
	is := func(contentType string) http.Header { return http.Header{"Content-Type": {contentType}} }
	tests := []struct {
		name     string
		exchange contract.Exchange
		outcome  contract.Outcome
		want     string
	}{
		// kin-openapi gives back no error for 301, 304, 307, 308 and any answer to HEAD
		// before it looks, returns at the first header, and knows no event streams.
		{"kin trap 1: an undocumented 301", response("GET", 301, nil, ""), contract.Broken, "undocumented-status"},
		{"kin trap 1: an undocumented status of HEAD", response("HEAD", 500, nil, ""), contract.Broken, "undocumented-status"},
		{"kin trap 1: a header of HEAD", response("HEAD", 200, http.Header{"A": {"x"}}, ""), contract.Broken, "header-mismatch /A type"},
		{"HEAD has no body", response("HEAD", 200, is("application/json"), ""), contract.Kept, ""},
		{"HEAD with a body", response("HEAD", 200, is("application/json"), "{}"), contract.Broken, "unexpected-body"},
		{"304 with what the browser kept", response("GET", 304, nil, "{}"), contract.Kept, ""},
		{"204 with content documented", response("GET", 204, nil, ""), contract.Kept, ""},
		{"204 with a body", response("GET", 204, is("application/json"), "{}"), contract.Broken, "unexpected-body"},
		{"kin trap 2: an empty body", response("GET", 200, is("application/json"), ""), contract.Broken, "empty-body"},
		{"kin trap 3: every header and the body", response("GET", 200, http.Header{"A": {"x"}, "B": {"y"}, "Content-Type": {"application/json"}}, "[]"), contract.Broken,
			"header-mismatch /A type; header-mismatch /B type; schema-mismatch  type"},
		{"kin trap 11: an event stream", response("GET", 200, is("text/event-stream"), "data: x\n\n"), contract.Kept, ""},

		{"the media type with its parameter", response("GET", 200, is("application/json; v=2"), "[]"), contract.Kept, ""},
		{"the media type with another parameter", response("GET", 200, is("application/json; v=3"), "{}"), contract.Kept, ""},
		{"a range", response("GET", 200, is("application/pdf"), "%PDF"), contract.Kept, ""},
		{"a range does not make JSON", response("GET", 200, is("application/problem+json"), "{}"), contract.Broken, "schema-mismatch  type"},
		{"text of a number", response("GET", 200, is("text/plain"), "7"), contract.Kept, ""},
		{"text of no number", response("GET", 200, is("text/plain"), "seven"), contract.Broken, "schema-mismatch  type"},
		{"text without a schema", response("GET", 200, is("text/csv"), "a,b"), contract.Kept, ""},
		{"a media type that is left empty", response("GET", 200, is("application/yaml"), "a: b"), contract.Kept, ""},
		{"XML", response("GET", 200, is("application/xml"), "<a/>"), contract.Unjudged, ""},
		{"a coded body", response("GET", 200, http.Header{"Content-Type": {"application/json"}, "Content-Encoding": {"br"}}, "\x0b\xff"), contract.Unjudged, ""},
		{"a coded body that the recorder decoded", response("GET", 200, http.Header{"Content-Type": {"application/json"}, "Content-Encoding": {"br"}}, "{}"), contract.Kept, ""},
		{"no headers recorded, many media types", response("GET", 200, nil, "{}"), contract.Unjudged, ""},
		{"no headers recorded, one media type", request("PUT", nil, contract.Body{Data: []byte("[]")}), contract.Broken, "schema-mismatch  type"},
		{"a body that was not recorded", contract.Exchange{Request: contract.Request{Method: "GET", Path: "/"},
			Response: contract.Response{Status: 200, Body: contract.Body{Missing: "left out"}}}, contract.Unjudged, ""},
		{"a broken header beside a body that was not recorded", contract.Exchange{Request: contract.Request{Method: "GET", Path: "/"},
			Response: contract.Response{Status: 200, Header: http.Header{"A": {"x"}}, Body: contract.Body{Missing: "left out"}}}, contract.Broken, "header-mismatch /A type"},

		{"a request body", request("POST", is("application/json"), contract.Body{Data: []byte("[]")}), contract.Broken, "schema-mismatch  type"},
		{"an optional request body", request("POST", http.Header{}, contract.Body{}), contract.Kept, ""},
		{"a required request body", request("PUT", http.Header{}, contract.Body{}), contract.Broken, "empty-body"},
		{"a request body that was not recorded", request("PUT", nil, contract.Body{Missing: "left out"}), contract.Unjudged, ""},
		{"a request body where none is documented", contract.Exchange{Request: contract.Request{Method: "GET", Path: "/", Header: is("application/json"), Body: contract.Body{Data: []byte("{}")}},
			Response: contract.Response{Status: 304}}, contract.Broken, "unexpected-body"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			v := spec.Check(tt.exchange)
			if v.Outcome != tt.outcome || short(v.Findings) != tt.want {
				t.Errorf("%s %q %s\nwant %s %s", v.Outcome, v.Reason, short(v.Findings), tt.outcome, tt.want)
			}
			if (v.Outcome == contract.Unjudged) != (v.Reason != "" && v.Findings == nil) {
				t.Errorf("%s for the reason %q", v.Outcome, v.Reason)
			}
		})
	}
}

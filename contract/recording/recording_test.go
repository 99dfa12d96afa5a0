package recording_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"testing/iotest"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"github.com/daric-dev/daric/contract"
	"github.com/daric-dev/daric/contract/recording"
)

// render writes what a reader yields, a line each.
func render(t testing.TB, seq iter.Seq2[contract.Exchange, error]) string {
	t.Helper()
	var out strings.Builder
	for x, err := range seq {
		var entry *contract.EntryError
		switch {
		case errors.As(err, &entry):
			fmt.Fprintf(&out, "%s #%d %s: %s\n", entry.Source, entry.Source.Entry, entry.Outcome, entry.Reason)
		case err != nil:
			fmt.Fprintf(&out, "error %v\n", err)
		default:
			fmt.Fprintf(&out, "%s #%d %s %s%s ?%s [%s] %s -> %d [%s] %s\n", x.Source, x.Source.Entry,
				x.Request.Method, x.Request.Host, x.Request.Path, x.Request.Query,
				header(x.Request.Header), requestBody(x.Request), x.Response.Status, header(x.Response.Header), body(x.Response.Body))
		}
	}
	return out.String()
}

func header(h http.Header) string {
	if h == nil {
		return "unrecorded"
	}
	var out bytes.Buffer
	_ = h.Write(&out)
	return strings.ReplaceAll(strings.TrimSpace(out.String()), "\r\n", ", ")
}

func requestBody(r contract.Request) string {
	if r.Unrecorded {
		return unrecorded
	}
	return body(r.Body)
}

func body(b contract.Body) string {
	if b.Missing != "" {
		return "(" + b.Missing + ")"
	}
	return fmt.Sprintf("%d:%q", b.Line, b.Data)
}

const unrecorded = "(unrecorded)"

func TestRead(t *testing.T) {
	entry := func(request, response string) string {
		return `{"startedDateTime":"2026-03-31T18:40:00Z","time":1.5,"request":{"method":"GET","url":"https://h.example/a?b=c#d","headers":[],` +
			`"headersSize":-1,"bodySize":0` + request + `},"response":{"status":200,"headers":[{"name":":status","value":"200"},{"name":"content-type","value":"text/plain"}],` + response + `}}`
	}
	const keptEntry = ` GET h.example/a ?b=c [unrecorded] 0:"" -> 200 [Content-Type: text/plain] `
	tests := []struct {
		name, file, text string
		opts             recording.Options
		want             string
	}{
		{"an exchange", "a.http", "Prose: not HTTP.\nPOST /nothing of the kind\n\nPOST /a?b=c HTTP/1.1\nHost: h.example:80\nA: 1\nA: 2\n\n{\n}\n\nHTTP/1.1 202 Accepted\nContent-Type: x\n\n[1,\n2]\n", recording.Options{},
			`a.http:4 #0 POST h.example:80/a ?b=c [A: 1, A: 2, Host: h.example:80] 9:"{\n}" -> 202 [Content-Type: x] 15:"[1,\n2]"` + "\n"},
		{"CRLF", "a.http", "GET http://u:p@h/a HTTP/1.1\r\nA: 1\r\n\r\nHTTP/2 200\r\n\r\n{\r\n}\r\n", recording.Options{},
			`a.http:1 #0 GET h/a ? [A: 1] 0:"" -> 200 [unrecorded] 6:"{\r\n}"` + "\n"},
		{"an event stream", "a.http", "GET /a\nHTTP/1.1 200\nContent-Type: Text/Event-Stream\n\ndata: 1\n\n###\n", recording.Options{},
			"a.http:1 #0 GET /a ? [unrecorded] " + unrecorded + ` -> 200 [Content-Type: Text/Event-Stream] 5:"data: 1\n\n"` + "\n"},
		{"two of them", "a.http", "GET /a\n\nHTTP/1.1 200\n\nx\n\n### next\nprose\nGET /b\n\nHTTP/1.1 204\n\n###\n", recording.Options{},
			"a.http:1 #0 GET /a ? [unrecorded] " + unrecorded + ` -> 200 [unrecorded] 5:"x"` + "\n" +
				"a.http:9 #1 GET /b ? [unrecorded] " + unrecorded + ` -> 204 [unrecorded] 0:""` + "\n"},
		{"curl -i with --as", "a.txt", "HTTP/2 200\ndate: now\n\n{}\n", recording.Options{As: "POST /x?y"},
			"a.txt:1 #0 POST /x ?y [unrecorded] " + unrecorded + ` -> 200 [Date: now] 4:"{}"` + "\n"},
		{"curl -i under a request line", "a.txt", "POST /x\nHTTP/2 200\ndate: now\n\n{}\n", recording.Options{},
			"a.txt:1 #0 POST /x ? [unrecorded] " + unrecorded + ` -> 200 [Date: now] 5:"{}"` + "\n"},
		{"curl -i alone", "a.txt", "HTTP/2 200\n\n{}\n\n###\nGET /a\n\nHTTP/1.1 200\n", recording.Options{},
			"a.txt:1 #0 unjudged: a response without a request: write its request line above it, or say --as 'POST /path'\n" +
				"a.txt:6 #1 GET /a ? [unrecorded] " + unrecorded + ` -> 200 [unrecorded] 0:""` + "\n"},
		{"interim responses", "a.http", "GET /a HTTP/1.1\nA: 1\n\nHTTP/1.1 100 Continue\nB: 1\n\nHTTP/1.1 200 Connection established\n\nHTTP/1.1 200 OK\nC: 1\n\nx", recording.Options{},
			`a.http:1 #0 GET /a ? [A: 1] 0:"" -> 200 [C: 1] 12:"x"` + "\n"},
		{"curl -iL", "a.http", "GET /a\n\nHTTP/1.1 302 Found\nLocation: /b\n\nHTTP/1.1 200 OK\n\nx", recording.Options{},
			"a.http:1 #0 unjudged: one response follows another: give each its request, and ### between them\n"},
		{"no response", "a.http", "GET /a HTTP/1.1\nA: 1\n\nbody\n###\nGET /b\n\nHTTP/1.1 200\n", recording.Options{},
			"a.http:1 #0 unjudged: a request without a response\n" + "a.http:6 #1 GET /b ? [unrecorded] " + unrecorded + ` -> 200 [unrecorded] 0:""` + "\n"},
		{"a line that is no header", "a.http", "GET /a HTTP/1.1\nAuthorization sk-hidden\n\nHTTP/1.1 200\n", recording.Options{},
			"a.http:2 #0 unjudged: want a header line, NAME: VALUE, or an empty line before the body\n"},
		{"a header line that is too long", "a.http", "GET /a\n\nHTTP/1.1 200\nA: " + strings.Repeat("x", 64<<10) + "\n\nx", recording.Options{},
			"a.http:4 #0 unjudged: want a header line, NAME: VALUE, or an empty line before the body\n"},
		{"no exchange behind a separator", "a.http", "GET /a\n\nHTTP/1.1 200\n\n# A\n### B\n\nsk-hidden\n### C\n\n###\nGET /b\n\nHTTP/1.1 204\n", recording.Options{},
			"a.http:1 #0 GET /a ? [unrecorded] " + unrecorded + ` -> 200 [unrecorded] 5:"# A"` + "\n" +
				"a.http:6 #1 unjudged: no exchange behind ###: want a request line, METHOD /path, or a status line\n" +
				"a.http:12 #2 GET /b ? [unrecorded] " + unrecorded + ` -> 204 [unrecorded] 0:""` + "\n"},
		{"prose above a separator", "a.http", "Prose.\n### one\nGET /b\n\nHTTP/1.1 204\n", recording.Options{}, "a.http:3 #0 GET /b ? [unrecorded] " + unrecorded + ` -> 204 [unrecorded] 0:""` + "\n"},
		{"switching protocols", "a.http", "GET /a\n\nHTTP/1.1 101 Switching Protocols\nUpgrade: x\n", recording.Options{}, "a.http:1 #0 GET /a ? [unrecorded] " + unrecorded + ` -> 101 [Upgrade: x] 0:""` + "\n"},
		{"nothing but prose", "a.txt", "Dear diary,\n", recording.Options{}, "a.txt #0 unjudged: it holds no exchange\n"},
		{"nothing", "a.http", " \n", recording.Options{}, "a.http #0 unjudged: the file is empty\n"},
		{"a byte order mark", "a.http", "\ufeffGET /a\n\nHTTP/1.1 200\n", recording.Options{}, "a.http:1 #0 GET /a ? [unrecorded] " + unrecorded + ` -> 200 [unrecorded] 0:""` + "\n"},
		{"gzip that is cut", "a.har", "\x1f\x8b\x08\x00", recording.Options{}, "a.har #0 unjudged: it is compressed, and cannot be decompressed\n"},
		{"binary", "a.bin", "\x7fELF\x00\x01", recording.Options{}, "a.bin #0 unjudged: it is none of the formats that are read: " + recording.Formats() + "\n"},

		{"HAR", "a.har", "{\n\"log\": {\"version\": \"1.2\", \"creator\": {\"entries\": []},\n\"entries\": [\n" + entry("", `"content":{"size":2,"mimeType":"","text":"hi"}`) + ",\n\n" +
			entry("", `"content":{"size":2,"mimeType":"","text":"aGk=","encoding":"base64"}`) + "],\n\"pages\": []}}", recording.Options{},
			"a.har:4 #0" + keptEntry + `0:"hi"` + "\n" + "a.har:6 #1" + keptEntry + `0:"hi"` + "\n"},
		{"HAR by content", "recording", "{ \"log\" : {\"entries\":[" + entry("", `"content":{"size":0}`) + "]}}", recording.Options{}, "recording:1 #0" + keptEntry + `0:""` + "\n"},
		{"HAR without the body", "a.har", "{\"log\":{\"entries\":[" + entry("", `"content":{"size":512}`) + "," + entry("", `"content":null`) + "," + entry("", `"content":{"size":-1}`) + "]}}", recording.Options{},
			"a.har:1 #0" + keptEntry + "(the entry has no text for a body of 512 bytes)\n" + "a.har:1 entry 1 #1" + keptEntry + "(the entry has no content)\n" +
				"a.har:1 entry 2 #2" + keptEntry + "(the entry has no text for a body of unknown size)\n"},
		{"HAR with request bodies", "a.har", "{\"log\":{\"entries\":[" + entry(`,"postData":{"mimeType":"a/b","text":"x"}`, `"content":{}`) + ",\n" +
			entry(`,"postData":{"mimeType":"a/b","params":[{"name":"n"}]}`, `"content":{}`) + "]}}", recording.Options{},
			"a.har:1 #0" + strings.Replace(keptEntry, `0:""`, `0:"x"`, 1) + `0:""` + "\n" +
				"a.har:2 #1" + strings.Replace(keptEntry, `0:""`, "(the entry has the form's fields, but not the body)", 1) + `0:""` + "\n"},
		{"HAR with a bad entry", "a.har", "{\"log\":{\"entries\":[\n" + strings.Replace(entry("", `"content":{}`), "-1", "1.5", 1) + ",\n{},\n" + strings.Replace(entry("", `"content":{}`), `"GET"`, `["sk-hidden"]`, 1) + ",\n" + entry("", `"content":{}`) + "]}}", recording.Options{},
			"a.har:2 #0 unjudged: the entry is none of HAR 1.2: /request/headersSize is of another type\n" +
				"a.har:3 #1 unjudged: the entry has no request or no response\n" +
				"a.har:4 #2 unjudged: the entry is none of HAR 1.2: /request/method is of another type\n" +
				"a.har:5 #3" + keptEntry + `0:""` + "\n"},
		{"HAR that is cut", "a.har", "{\"log\":{\"entries\":[\n" + entry("", `"content":{}`) + ",\n{\"request\":{\"meth", recording.Options{},
			"a.har:2 #0" + keptEntry + `0:""` + "\n" + "a.har:3 #1 unjudged: the file ends inside of entry 1\n"},
		{"HAR that is broken", "a.har", "{\"log\":{\"entries\":[\n" + entry("", `"content":{}`) + ",\n}", recording.Options{},
			"a.har:2 #0" + keptEntry + `0:""` + "\n" + "a.har:3 #1 unjudged: it is no JSON from here on: nothing behind is read\n"},
		{"HAR with an entry that is not Unicode", "a.har", "{\"log\":{\"entries\":[\n" + entry("", `"content":{"text":"\ud800"}`) + ",\n" + entry("", "\"content\":{\"text\":\"\xff\"}") + ",\n" + entry("", `"content":{}`) + "]}}", recording.Options{},
			"a.har:2 #0 unjudged: the entry is none of HAR 1.2: /response/content/text is malformed\n" +
				"a.har:3 #1 unjudged: the entry is none of HAR 1.2: /response/content/text is malformed\n" +
				"a.har:4 #2" + keptEntry + `0:""` + "\n"},
		{"one HAR behind another", "-", "{\"log\":{\"entries\":[" + entry("", `"content":{}`) + "]}}\n{\"log\":{\"entries\":[]}}", recording.Options{},
			"-:1 #0" + keptEntry + `0:""` + "\n" + "-:2 #1 unjudged: something stands behind the HAR, and is not read: a file holds one\n"},
		{"HAR with a bracket too many", "a.har", "{\"log\":{\"entries\":[" + entry("", `"content":{}`) + "]}}\n}", recording.Options{},
			"a.har:1 #0" + keptEntry + `0:""` + "\n" + "a.har:2 #1 unjudged: something stands behind the HAR, and is not read: a file holds one\n"},
		{"no HAR", "a.har", `{"entries":[]}`, recording.Options{}, "a.har:1 #0 unjudged: it is no HAR: want an object with log.entries, a list\n"},
		{"HAR without entries", "a.har", `{"log":{"entries":[]}}`, recording.Options{}, "a.har #0 unjudged: it holds no exchange\n"},
		{"HAR with what is skipped", "a.har", "{\"log\":{\"entries\":[" + strings.Join([]string{
			strings.Replace(entry("", `"content":{}`), `"status":200`, `"status":0`, 1),
			strings.Replace(entry("", `"content":{}`), "https://h.example/a?b=c#d", "data:text/plain,sk-hidden", 1),
			strings.Replace(entry("", `"content":{}`), "https:", "wss:", 1),
			strings.Replace(entry("", `"content":{}`), "h.example", "other.example", 1),
			strings.NewReplacer("GET", "OPTIONS", `"headers":[],`, `"headers":[{"name":"access-control-request-method","value":"POST"}],`).Replace(entry("", `"content":{}`)),
			entry("", `"content":{}`)}, ",") + "]}}", recording.Options{Host: "*.EXAMPLE"},
			"a.har:1 #0 skipped: no response: the request was blocked or broken off\n" + "a.har:1 entry 1 #1 skipped: a URL that is not of HTTP\n" + "a.har:1 entry 2 #2 skipped: a URL that is not of HTTP\n" +
				"a.har:1 entry 3 #3 GET other.example/a ?b=c [unrecorded] 0:\"\" -> 200 [Content-Type: text/plain] 0:\"\"\n" + "a.har:1 entry 4 #4 skipped: CORS preflight\n" + "a.har:1 entry 5 #5" + keptEntry + `0:""` + "\n"},
		{"another host", "a.har", "{\"log\":{\"entries\":[" + entry("", `"content":{}`) + "]}}", recording.Options{Host: "api.*"}, "a.har:1 #0 skipped: another host\n"},

		{"lines", "a.ndjson", entry("", `"content":{"text":"x"}`) + "\n\nnot JSON sk-hidden\n" +
			`{"request":{"method":"POST","url":"/p","headers":{"A":["1","2"]},"body":{"k":[1]}},"response":{"status":201,"headers":{},"body":"aGk=","bodyEncoding":"base64"}}` + "\n" +
			`{"request":{"method":"GET","url":"http://h:1/p"},"respnse":{}}` + "\n" +
			`{"request":{"method":"GET","url":"http://h:1/p"},"response":{"status":"sk-hidden"}}` + "\n" +
			`{"request":{"method":"GET","url":"http://h:1/p"},"response":{"status":200,"body":"x","bodyEncoding":"rot13"}}` + "\n" +
			`{"time":"2026-03-31T18:40:00Z","comment":"c","request":{"method":"GET","url":"http://h:1/p"},"response":{"status":200}}`, recording.Options{},
			"a.ndjson:1 #0" + keptEntry + `0:"x"` + "\n" +
				"a.ndjson:3 #1 unjudged: the entry is not of the plain form\n" +
				`a.ndjson:4 #2 POST /p ? [A: 1, A: 2] 0:"{\"k\":[1]}" -> 201 [] 0:"hi"` + "\n" +
				"a.ndjson:5 #3 unjudged: the entry has a member that the plain form has not: /respnse\n" +
				"a.ndjson:6 #4 unjudged: the entry is not of the plain form: /response/status is of another type\n" +
				"a.ndjson:7 #5 unjudged: /response/bodyEncoding: want base64 or nothing\n" +
				"a.ndjson:8 #6 GET h:1/p ? [unrecorded] " + unrecorded + ` -> 200 [unrecorded] 0:""` + "\n"},
		{"lines by content", "recording", `{"request":{"method":"GET","url":"/p"},"response":{"status":204}}` + "\n", recording.Options{},
			"recording:1 #0 GET /p ? [unrecorded] " + unrecorded + ` -> 204 [unrecorded] 0:""` + "\n"},
		{"JSON over lines", "a.json", "\n{\n\"request\":{\"method\":\"GET\",\"url\":\"/p\",\"body\":null},\n\"response\":{\"status\":204}}\n", recording.Options{},
			`a.json:2 #0 GET /p ? [unrecorded] 0:"" -> 204 [unrecorded] 0:""` + "\n"},
		{"JSON that is cut", "a.json", "{\n\"request\":", recording.Options{}, "a.json:1 #0 unjudged: the file ends inside of entry 0\n"},
		{"JSON with an entry that is not Unicode", "a.json", `{"request":{"method":"GET","url":"/p","body":"\ud800"},"response":{"status":204}}` + "\n" + `{"request":{"method":"GET","url":"/p"},"response":{"status":204}}`, recording.Options{},
			"a.json:1 #0 unjudged: the entry is not of the plain form: /request/body is malformed\n" + "a.json:2 #1 GET /p ? [unrecorded] " + unrecorded + ` -> 204 [unrecorded] 0:""` + "\n"},
		{"lines by content, the first one long", "-", `{"request":{"method":"GET","url":"/p"},"comment":"` + strings.Repeat("x", 70<<10) + `","response":{"status":204}}` + "\nbroken\n" + `{"request":{"method":"GET","url":"/p"},"response":{"status":205}}`, recording.Options{},
			"-:1 #0 GET /p ? [unrecorded] " + unrecorded + ` -> 204 [unrecorded] 0:""` + "\n" + "-:2 #1 unjudged: the entry is not of the plain form\n" + "-:3 #2 GET /p ? [unrecorded] " + unrecorded + ` -> 205 [unrecorded] 0:""` + "\n"},
		{"header names that become one", "a.ndjson", `{"request":{"method":"GET","url":"/p"},"response":{"status":204,"headers":{"c-d":"4","c-D":"3","C-d":"2","C-D":"1"}}}`, recording.Options{},
			"a.ndjson:1 #0 GET /p ? [unrecorded] " + unrecorded + ` -> 204 [C-D: 1, C-D: 2, C-D: 3, C-D: 4] 0:""` + "\n"},
		{"go-vcr", "a.yaml", "---\nversion: 2\ninteractions:\n    - id: 0\n      request:\n        url: https://h.example/a?b=c\n        method: POST\n        body: '[1]'\n        headers:\n            Content-Type:\n                - application/json\n" +
			"      response:\n        body: |\n            {\n            - no item\n            }\n        headers: {content-type: [text/plain]}\n        code: 201\n        duration: 12.5ms\n" +
			"    - id: 1\n      request: {url: https://h.example/b, method: GET}\n      response: {code: 200, body: !!binary aGk=, headers: {}}\n    - [sk-hidden]\n# end\nother: 1\n", recording.Options{},
			`a.yaml:4 #0 POST h.example/a ?b=c [Content-Type: application/json] 0:"[1]" -> 201 [Content-Type: text/plain] 0:"{\n- no item\n}\n"` + "\n" +
				`a.yaml:20 #1 GET h.example/b ? [] 0:"" -> 200 [] 0:"hi"` + "\n" + "a.yaml:23 #2 unjudged: the entry is no interaction of a cassette\n"},
		{"VCR", "recording", "command: 'st run'\nrecorded_with: 'Schemathesis 4'\nhttp_interactions:\n- id: '0'\n  status: 'FAILURE'\n  recorded_at: '2026-03-31T18:40:00+00:00'\n  request:\n    uri: 'http://127.0.0.1:1/a'\n    method: 'get'\n    headers:\n      Accept:\n      - '*/*'\n    body: null\n" +
			"  response:\n    status:\n      code: '200'\n      message: OK\n    headers:\n      Content-Type:\n      - application/json\n    body:\n      encoding: 'utf-8'\n      base64_string: 'e30='\n    http_version: '1.1'\n\n" +
			"- id: '1'\n  request: {uri: 'http://127.0.0.1:1/a', method: GET, headers: {}, body: {encoding: utf-8, string: 'x'}}\n  response: null\n", recording.Options{},
			`recording:4 #0 GET 127.0.0.1:1/a ? [Accept: */*] 0:"" -> 200 [Content-Type: application/json] 0:"{}"` + "\n" +
				"recording:26 #1 skipped: no response: the request was blocked or broken off\n"},
		{"VCR with header names that become one", "a.yaml", "http_interactions:\n- request: {method: GET, uri: /p}\n  response: {status: {code: '204'}, headers: {c-d: ['4'], c-D: ['3'], C-d: ['2'], C-D: ['1']}}\n", recording.Options{},
			`a.yaml:2 #0 GET /p ? [] 0:"" -> 204 [C-D: 1, C-D: 2, C-D: 3, C-D: 4] 0:""` + "\n"},
		{"a cassette of nothing", "a.yaml", "interactions: []\n", recording.Options{}, "a.yaml #0 unjudged: it holds no exchange\n"},
		{"YAML that is no cassette", "a.yaml", "openapi: 3.0.3\n", recording.Options{}, "a.yaml #0 unjudged: it is none of the formats that are read: " + recording.Formats() + "\n"},
		{"events", "a.sse", "data: 1\n\n", recording.Options{As: "GET /s"}, "a.sse:1 #0 GET /s ? [unrecorded] " + unrecorded + ` -> 200 [Content-Type: text/event-stream] 1:"data: 1\n\n"` + "\n"},
		{"events by content", "recording", ": hello\n\n", recording.Options{As: "GET /s"}, "recording:1 #0 GET /s ? [unrecorded] " + unrecorded + ` -> 200 [Content-Type: text/event-stream] 1:": hello\n\n"` + "\n"},
		{"events of nobody", "a.sse", "data: 1\n\n", recording.Options{}, "a.sse:1 #0 unjudged: events without a request: say --as 'GET /path'\n"},
		{"a pattern that is none", "a.http", "GET /a", recording.Options{Host: "[a"}, "error read host pattern \"[a\": syntax error in pattern\n"},
		{"a request line that is none", "a.http", "GET /a", recording.Options{As: "/path"}, "error read request line \"/path\": want a method and a path\nfor example 'POST /v1/agents/agt_1/messages'\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := render(t, recording.Read(tt.file, strings.NewReader(tt.text), tt.opts)); got != tt.want {
				t.Errorf("got\n%s\nwant\n%s", got, tt.want)
			}
			// A consumer that has enough is asked no more.
			for _, err := range recording.Read(tt.file, strings.NewReader(tt.text), tt.opts) {
				_ = err
				break
			}
		})
	}
}

// http.ReadResponse would cut these bodies.
func TestTextBelievesTheBytesNotTheLength(t *testing.T) {
	for name, text := range map[string]string{
		"stale length": "GET /a\n\nHTTP/1.1 200 OK\nContent-Length: 2\n\n{\"a\": 1}\n",
		"under a 204":  "GET /a\n\nHTTP/1.1 204 No Content\nContent-Length: 0\n\n{\"a\": 1}\n",
		"chunked":      "GET /a\n\nHTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n{\"a\": 1}\n",
	} {
		for x, err := range recording.Read("a.http", strings.NewReader(text), recording.Options{}) {
			if err != nil || string(x.Response.Body.Data) != `{"a": 1}` {
				t.Errorf("%s: %q %v", name, x.Response.Body.Data, err)
			}
		}
	}
}

func TestFiles(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	const exchange = "GET /a\n\nHTTP/1.1 200\n"
	for name, text := range map[string]string{
		"f/b.http": exchange, "f/a.txt": exchange, "f/README.md": "prose", "f/.hidden.http": exchange, "f/sub/c.http": exchange, "f/openapi.yaml": "openapi: 3.0.3",
		"f/vcr.yml":       "interactions:\n- request: {method: GET, url: /a}\n  response: {code: 200}\n",
		"empty/README.md": "prose", "single": exchange,
	} {
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	const rest = " #0 GET /a ? [unrecorded] " + unrecorded + ` -> 200 [unrecorded] 0:""` + "\n"
	const vcr = "f/vcr.yml:2 #0 GET /a ? [] 0:\"\" -> 200 [] 0:\"\"\n"
	got := render(t, recording.Files([]string{"f", "single", "f/*.http", "-", "empty", "gone", "*.gone", "[x"}, strings.NewReader(exchange), recording.Options{}))
	want := "f/a.txt:1" + rest + "f/b.http:1" + rest + "f/sub/c.http:1" + rest + vcr + "single:1" + rest +
		"f/.hidden.http:1" + rest + "f/b.http:1" + rest + // a pattern means what path/filepath says
		"-:1" + rest +
		"empty #0 unjudged: the folder holds no recording: " + recording.Formats() + "\n" +
		"gone #0 unjudged: it cannot be read: no such file or directory\n" +
		"*.gone #0 unjudged: no file matches the pattern\n" +
		"[x #0 unjudged: it is no pattern: syntax error in pattern\n"
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	fsys := fstest.MapFS{"x.http": {Data: []byte(exchange)}, "README.md": {Data: []byte("prose")}}
	if got := render(t, recording.FS(fsys, recording.Options{})); got != "x.http:1"+rest {
		t.Errorf("got %s", got)
	}
}

// A folder that cannot be listed hides nothing beside it.
func TestFolderThatCannotBeListed(t *testing.T) {
	exchange := &fstest.MapFile{Data: []byte("GET /a\n\nHTTP/1.1 204\n")}
	got := render(t, recording.FS(unlisted{fstest.MapFS{"a.http": exchange, "b/b.http": exchange, "c.http": exchange}}, recording.Options{}))
	const rest = ":1 #0 GET /a ? [unrecorded] " + unrecorded + ` -> 204 [unrecorded] 0:""` + "\n"
	if want := "a.http" + rest + "b #0 unjudged: it cannot be read: permission denied\n" + "c.http" + rest; got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// unlisted refuses to list the folder b.
type unlisted struct{ fstest.MapFS }

func (u unlisted) ReadDir(name string) ([]fs.DirEntry, error) {
	if name == "b" {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrPermission}
	}
	return u.MapFS.ReadDir(name)
}

// What a broken disk or connection cut short is not taken for the whole.
func TestReadError(t *testing.T) {
	long := strings.Repeat("x", 70<<10) // more than is looked at to find the format
	const cause = "unjudged: it cannot be read: broken disk\n"
	for name, tt := range map[string]struct{ file, text, want string }{
		"text":     {"a.http", long + "\nGET /a\n\nHTTP/1.1 200\n\n{\"a\":\n1", "a.http:7 #0 " + cause},
		"HAR":      {"a.har", `{"log":{"comment":"` + long + `",` + "\n" + `"entries":[{"request":`, "a.har:2 #0 " + cause},
		"HAR, end": {"a.har", `{"log":{"comment":"` + long + `","entries":[]}}`, "a.har:1 #0 " + cause},
		"lines":    {"a.ndjson", `{"comment":"` + long + `"}` + "\n" + `{"request":`, "a.ndjson:1 #0 unjudged: the entry has no request with method and url, or no response with a status\n" + "a.ndjson:2 #1 " + cause},
		"JSON":     {"a.json", `{"comment":"` + long + `"`, "a.json:1 #0 " + cause},
		"cassette": {"a.yaml", "http_interactions:\n# " + long + "\n- request: {method: GET, uri: /}\n  response:\n    status: {code: '200'}\n    body:\n      string: |\n        {\n", "a.yaml:9 #0 " + cause},
		"events":   {"a.sse", "data: " + long, "a.sse:1 #0 " + cause},
	} {
		r := io.MultiReader(strings.NewReader(tt.text), iotest.ErrReader(errors.New("broken disk")))
		if got := render(t, recording.Read(tt.file, r, recording.Options{As: "GET /as"})); got != tt.want {
			t.Errorf("%s: got %s, want %s", name, got, tt.want)
		}
	}
}

// An entry that is too large takes no memory beyond the bound, and where lines
// divide the entries it hides no other.
func TestEntryThatIsTooLarge(t *testing.T) {
	const good = `{"request":{"method":"GET","url":"/p"},"response":{"status":204}}`
	const before, after = `{"request":{"method":"GET","url":"/p"},"response":{"status":200,"body":"`, `"}}`
	const kept = ` GET /p ? [unrecorded] ` + unrecorded + ` -> 204 [unrecorded] 0:""` + "\n"
	const harEntry = `{"startedDateTime":"","request":{"method":"GET","url":"/p"},"response":{"status":204,"content":{"text":"`
	for name, tt := range map[string]struct{ file, before, after, want string }{
		"lines": {"a.ndjson", good + "\n" + before, after + "\n" + good, "a.ndjson:1 #0" + kept + "a.ndjson:2 #1 unjudged: the entry is larger than 64 MiB\n" + "a.ndjson:3 #2" + kept},
		"JSON":  {"a.json", good + "\n" + before, after + "\n" + good, "a.json:1 #0" + kept + "a.json:2 #1 unjudged: the entry is larger than 64 MiB: nothing behind it is read\n"},
		"HAR": {"a.har", `{"log":{"entries":[` + "\n" + harEntry + `"}}},` + "\n" + harEntry, `"}}}]}}`,
			"a.har:2 #0" + strings.Replace(kept, unrecorded, `0:""`, 1) + "a.har:3 #1 unjudged: the entry is larger than 64 MiB: nothing behind it is read\n"},
		"text": {"a.http", "GET /p\n\nHTTP/1.1 200\n\n", "\n###\nGET /p\n\nHTTP/1.1 204\n", "a.http:5 #0 unjudged: the entry is larger than 64 MiB\n" + "a.http:7 #1" + kept},
	} {
		r := io.MultiReader(strings.NewReader(tt.before), io.LimitReader(endless{}, 200<<20), strings.NewReader(tt.after))
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		allocated := m.TotalAlloc
		if got := render(t, recording.Read(tt.file, r, recording.Options{})); got != tt.want {
			t.Errorf("%s: got %.300s, want %s", name, got, tt.want)
		}
		// A buffer that doubles allocates all its sizes: four times what it holds at last.
		if runtime.ReadMemStats(&m); m.TotalAlloc-allocated > 640<<20 {
			t.Errorf("%s: %d MiB were allocated", name, (m.TotalAlloc-allocated)>>20)
		}
	}
}

// endless is a body of x.
type endless struct{}

func (endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = 'x'
	}
	return len(p), nil
}

// big yields a HAR of n entries of about 2 KB without holding it.
func big(n int) io.Reader {
	r, w := io.Pipe()
	go func() {
		_, _ = io.WriteString(w, `{"log":{"entries":[`)
		entry := `{"request":{"method":"GET","url":"https://h/a","headers":[]},"response":{"status":200,"headers":[],"content":{"size":2000,"text":"` + strings.Repeat("x", 2000) + `"}}}`
		for i := range n {
			if i > 0 {
				entry = ",\n" + strings.TrimPrefix(entry, ",\n")
			}
			if _, err := io.WriteString(w, entry); err != nil {
				return
			}
		}
		_, _ = io.WriteString(w, `]}}`)
		w.Close()
	}()
	return r
}

// A known tool takes 294 MB for a HAR of 59 MB.
func TestMemoryDoesNotGrowWithTheFile(t *testing.T) {
	const entries = 30_000 // 60 MB
	var before, now runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	n, peak := 0, uint64(0)
	for x, err := range recording.Read("big.har", big(entries), recording.Options{}) {
		if err != nil || x.Source.Line != n+1 {
			t.Fatalf("entry %d: %v, %s", n, err, x.Source)
		}
		if n++; n%3000 == 0 {
			runtime.GC()
			runtime.ReadMemStats(&now)
			peak = max(peak, now.HeapAlloc)
		}
	}
	if n != entries {
		t.Fatalf("%d entries", n)
	}
	if grown := int64(peak) - int64(before.HeapAlloc); grown > 8<<20 {
		t.Errorf("the heap grew by %d bytes", grown)
	}
}

func FuzzRead(f *testing.F) {
	for _, seed := range []string{
		"GET /a HTTP/1.1\nA: 1\n\nbody\n\nHTTP/1.1 200 OK\nB: 2\n\n{}\n###\nHTTP/2 204\n\n",
		"HTTP/1.1 100\n\nHTTP/1.1 200\n\nx",
		`{"log":{"entries":[{"request":{"method":"GET","url":"/","headers":[]},"response":{"status":200,"headers":[],"content":{"size":1,"text":"aGk=","encoding":"base64"}}},{}]}}`,
		`{"request":{"method":"GET","url":"/","headers":{"a":"b"},"body":"x"},"response":{"status":200,"body":[1]}}` + "\n{}",
		"interactions:\n  - id: 0\n    request: {method: GET, url: /}\n    response: {code: 200, body: x}\n  -\n", "http_interactions:\n- request: {method: get, uri: /}\n  response: {status: {code: '200'}, body: {base64_string: aGk=}}\n",
		`{"log":`, "\ufeff{", "\x1f\x8b", "###\n###", "GET /",
	} {
		for _, name := range []string{"a.http", "a.har", "a.ndjson", "a.json", "a.yaml", "a"} {
			f.Add(name, []byte(seed))
		}
	}
	f.Fuzz(func(t *testing.T, name string, data []byte) {
		lines := bytes.Count(data, []byte("\n")) + 1
		n := 0
		for x, err := range recording.Read(name, bytes.NewReader(data), recording.Options{As: "GET /as"}) {
			source := x.Source
			var entry *contract.EntryError
			if errors.As(err, &entry) {
				if source = entry.Source; entry.Reason == "" || !slices.Contains([]contract.Outcome{contract.Skipped, contract.Unjudged}, entry.Outcome) {
					t.Errorf("%+v", entry)
				}
			} else if err != nil {
				t.Fatalf("an error ended the reading: %v", err)
			}
			if source.Entry != n || source.Line > lines || source.File != name {
				t.Errorf("entry %d of %d lines is said to be at %+v", n, lines, source)
			}
			n++
			for _, b := range []contract.Body{x.Request.Body, x.Response.Body} {
				if b.Line > 0 && !bytes.Contains(data, b.Data) {
					t.Errorf("the body is not in the recording: %q", b.Data)
				}
			}
		}
		if n == 0 {
			t.Error("silence")
		}
	})
}

func BenchmarkReadHAR(b *testing.B) {
	const entries = 1000
	b.SetBytes(entries * 2130)
	for b.Loop() {
		n := 0
		for _, err := range recording.Read("big.har", big(entries), recording.Options{}) {
			if err != nil {
				b.Fatal(err)
			}
			n++
		}
		if n != entries {
			b.Fatal(n)
		}
	}
}

func BenchmarkReadLines(b *testing.B) {
	line := `{"request":{"method":"GET","url":"https://h/a","headers":{}},"response":{"status":200,"headers":{},"body":"` + strings.Repeat("x", 2000) + `"}}` + "\n"
	text := strings.Repeat(line, 1000)
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		for _, err := range recording.Read("a.ndjson", strings.NewReader(text), recording.Options{}) {
			if err != nil {
				b.Fatal(err)
			}
		}
	}
}

// Exports of real programs, made from a page that calls a stub: Chromium 156 from
// its DevTools, and Playwright 1.64 driving it. Keys were masked by hand.
func TestRealExports(t *testing.T) {
	for file, want := range map[string][]string{
		"chromium-devtools.har": {
			`POST 127.0.0.1 /v1/agents/agt_1/messages 68 -> 401 39`,
			`POST 127.0.0.1 /v1/agents/agt_2/messages 2 -> 401 39`,
			`skipped: a URL that is not of HTTP`,
		},
		"playwright.har": {
			`GET 127.0.0.1 / 0 -> 200 28`,
			`POST 127.0.0.1 /v1/agents/agt_1/messages 66 -> 401 39`,
			`POST 127.0.0.1 /v1/agents/agt_404/messages 66 -> 404 28`,
			`POST 127.0.0.1 /v1/agents/agt_html/messages 66 -> 502 20`,
			`POST 127.0.0.1 /v1/agents/agt_204/messages 66 -> 204 0`,
			`POST localhost /v1/agents/agt_1/messages 66 -> 401 (the entry has no text for a body of unknown size)`,
			`skipped: no response: the request was blocked or broken off`,
			`skipped: a URL that is not of HTTP`,
		},
	} {
		f, err := os.Open(filepath.Join("testdata", file))
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		var got []string
		for x, err := range recording.Read(file, f, recording.Options{}) {
			var entry *contract.EntryError
			if errors.As(err, &entry) {
				got = append(got, fmt.Sprintf("%s: %s", entry.Outcome, entry.Reason))
				continue
			}
			size := fmt.Sprint(len(x.Response.Body.Data))
			if x.Response.Body.Missing != "" {
				size = "(" + x.Response.Body.Missing + ")"
			}
			host, _, _ := strings.Cut(x.Request.Host, ":")
			got = append(got, fmt.Sprintf("%s %s %s %d -> %d %s", x.Request.Method, host, x.Request.Path, len(x.Request.Body.Data), x.Response.Status, size))
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: got\n%s\nwant\n%s", file, strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
	}
}

func gzipped(t testing.TB, text string) []byte {
	t.Helper()
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	if _, err := w.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func zstded(t testing.TB, text string) []byte {
	t.Helper()
	w, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	return w.EncodeAll([]byte(text), nil)
}

func TestCompressed(t *testing.T) {
	const exchange = "GET /a\n\nHTTP/1.1 200\n\nx"
	const want = ":1 #0 GET /a ? [unrecorded] " + unrecorded + ` -> 200 [unrecorded] 5:"x"` + "\n"
	for name, data := range map[string][]byte{
		"a.http.gz": gzipped(t, exchange), "a.http.zst": zstded(t, exchange), "a.http": gzipped(t, exchange), "recording": zstded(t, exchange),
	} {
		if got := render(t, recording.Read(name, bytes.NewReader(data), recording.Options{})); got != name+want {
			t.Errorf("%s: %s", name, got)
		}
	}
	cut := gzipped(t, exchange+strings.Repeat("y", 100000))
	got := render(t, recording.Read("a.http.gz", bytes.NewReader(cut[:len(cut)-20]), recording.Options{}))
	if !strings.Contains(got, "unjudged") {
		t.Errorf("a file that is cut: %.200s", got)
	}
}

// Bodies that were recorded as they were coded are decoded, and those that the
// recorder has decoded are left alone.
func TestContentEncoding(t *testing.T) {
	for name, tt := range map[string]struct {
		coding string
		body   []byte
		want   string
	}{
		"gzip":         {"gzip", gzipped(t, "{}"), `0:"{}"`},
		"zstd":         {"zstd", zstded(t, "{}"), `0:"{}"`},
		"decoded":      {"gzip", []byte("{}"), `5:"{}"`},
		"brotli":       {"br", []byte("\x0b\x02"), `5:"\v\x02"`},
		"no coding":    {"identity", gzipped(t, "{}"), fmt.Sprintf("5:%q", gzipped(t, "{}"))},
		"broken":       {"gzip", []byte("\x1f\x8b\x08\x00xxxxxxxxxxxxxxxxxxxx"), "(the body is not in the content coding that its header names)"},
		"a large bomb": {"gzip", gzipped(t, strings.Repeat("x", 65<<20)), "(the body is larger than 64 MiB when it is decoded)"},
	} {
		text := "GET /a\nHTTP/1.1 200\nContent-Encoding: " + tt.coding + "\n\n" + string(tt.body)
		for x, err := range recording.Read("a.http", strings.NewReader(text), recording.Options{}) {
			if err != nil {
				t.Errorf("%s: %v", name, err)
			} else if got := body(x.Response.Body); got != tt.want {
				t.Errorf("%s: got %.200s, want %s", name, got, tt.want)
			}
		}
		line, err := json.Marshal(map[string]any{
			"request":  map[string]any{"method": "GET", "url": "/a"},
			"response": map[string]any{"status": 200, "headers": map[string]string{"content-encoding": tt.coding}, "body": tt.body, "bodyEncoding": "base64"},
		})
		if err != nil {
			t.Fatal(err)
		}
		for x, err := range recording.Read("a.ndjson", bytes.NewReader(line), recording.Options{}) {
			if want := strings.Replace(tt.want, "5:", "0:", 1); err != nil || body(x.Response.Body) != want {
				t.Errorf("%s: got %.200s %v, want %s", name, body(x.Response.Body), err, want)
			}
		}
	}
}

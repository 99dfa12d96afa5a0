// Package contracttest holds what a Go test sees against an OpenAPI document:
//
//	contracttest.Response(t, spec, resp)
//
// fails the test when resp, or what is recorded of its exchange, breaks the
// document's promise. [Client] does so for everything that passes through it.
package contracttest

import (
	"bytes"
	"io"
	"net/http"
	"os"
	"testing"

	"github.com/daric-dev/daric/contract"
	"github.com/daric-dev/daric/contract/report"
)

// Spec compiles the document in a file, or ends the test.
func Spec(t testing.TB, file string) *contract.Spec {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatalf("read document: %v", err)
	}
	spec, err := contract.Compile(file, data)
	if err != nil {
		t.Fatal(err)
	}
	return spec
}

// Response judges a response, which must know its request, as those of
// http.Client do. The body is read to its end and can be read again. The request
// is not judged: its body is gone by now.
//
// What is broken or could not be judged is an error of the test; what is new is
// logged.
func Response(t testing.TB, spec *contract.Spec, resp *http.Response) {
	t.Helper()
	if resp == nil || resp.Request == nil || resp.Request.URL == nil {
		t.Error("contracttest: the response does not know its request")
		return
	}
	body, err := io.ReadAll(resp.Body)
	_ = resp.Body.Close()
	resp.Body = io.NopCloser(bytes.NewReader(body))
	if err != nil {
		t.Errorf("contracttest: read body: %v", err)
		return
	}
	method := resp.Request.Method
	if method == "" {
		method = http.MethodGet
	}
	Verdict(t, spec.Check(contract.Exchange{
		Request:  contract.Request{Method: method, Path: resp.Request.URL.EscapedPath(), Unrecorded: true},
		Response: contract.Response{Status: resp.StatusCode, Header: resp.Header, Body: contract.Body{Data: body}},
	}))
}

// Client gives a client whose every exchange, request and response, is judged as
// it passes. base sends; nil stands for http.DefaultTransport. Bodies have to be
// read or closed before the test ends.
func Client(t testing.TB, spec *contract.Spec, base http.RoundTripper) *http.Client {
	return &http.Client{Transport: &contract.Transport{Spec: spec, Base: base, Report: func(v contract.Verdict) { Verdict(t, v) }}}
}

// Verdict turns a verdict into the outcome of a test.
func Verdict(t testing.TB, v contract.Verdict) {
	t.Helper()
	if v.Reason != "" {
		t.Errorf("%s %s → %d was not judged: %s", v.Method, v.Path, v.Status, v.Reason)
	}
	for _, f := range v.Findings {
		say := t.Errorf
		if f.Severity == contract.SeverityNew {
			say = t.Logf
		}
		say("%s %s → %d: %s: %s (%s:%d:%d)", v.Method, v.Path, v.Status, f.Rule, report.Message(f), f.Spec.File, f.Spec.Line, f.Spec.Column)
	}
}

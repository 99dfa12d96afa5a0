// Package contract judges recorded and live exchanges of an HTTP API against an
// OpenAPI 3.0 document.
//
// Live traffic joins by [Transport], around a client, and [Handler], around a server.
//
// Start with [Compile], which turns a document into a [Spec] and may fail, and
// [Spec.Check], which judges one [Exchange] and may not: whatever it finds or
// doubts is in the [Verdict]. A Verdict is data; package report turns it into
// sentences, package recording reads exchanges from files.
//
// An exchange goes through the files of this package in this order:
//
//	route.go       which operation was called
//	credentials.go what the request has to carry
//	parameter.go   the values in its path, query, headers and cookies
//	message.go     status, media type, headers and body of either message
//	header.go      header values
//	json.go        the body, read strictly
//	schema.go      the value against its schema, and beside it what is undeclared
//	form.go        forms, read as the objects that they are
//	live.go        exchanges as they pass through a client or a server
//	stream.go      event streams and JSON sequences, item by item
//	keyword.go     the keywords of a single schema, judged by kin-openapi
//
// kin-openapi loads, resolves and validates the document and judges the keywords
// of a schema one at a time. What joins schemas to each other (properties,
// allOf, unions, references), exact numbers, formats and everything around the
// body is this package's own, because there a place, a reason or a finding
// would be lost.
package contract

import (
	"errors"
	"iter"
	"slices"
)

// A Spec is a compiled document. It is safe for concurrent use.
type Spec struct {
	title       string
	version     string
	root        location
	sources     sources
	routes      []*route
	documented  []*operation
	schemes     map[string]scheme
	showValues  bool
	allowRemote bool
}

// An Option changes how a document is compiled.
type Option func(*Spec)

// ShowValues puts the offending value into findings. Secrets stay out:
// properties that are writeOnly or of format password, and credentials.
func ShowValues() Option { return func(s *Spec) { s.showValues = true } }

// AllowRemote lets references of the document be fetched over the network.
func AllowRemote() Option { return func(s *Spec) { s.allowRemote = true } }

// Title is the title of the document, info.title.
func (s *Spec) Title() string { return s.title }

// Version is the version of the document, info.version.
func (s *Spec) Version() string { return s.version }

// Operations lists the operations of the document in its order.
func (s *Spec) Operations() []Operation {
	out := make([]Operation, len(s.documented))
	for i, op := range s.documented {
		out[i] = op.Operation
	}
	return out
}

// Check judges one exchange: its response, and of its request what the
// recording holds.
func (s *Spec) Check(x Exchange) Verdict {
	v := Verdict{Source: x.Source, Method: x.Request.Method, Path: x.Request.Path, Status: x.Response.Status}
	op, pathValues, lost := s.route(x.Request.Method, x.Request.Path)
	if op == nil {
		lost.Source = x.Source
		v.Findings = []Finding{*lost}
		v.Outcome = v.outcome()
		return v
	}
	v.Operation = op.Operation
	request := judgement{spec: s, direction: InRequest, source: x.Source}
	response := judgement{spec: s, direction: InResponse, source: x.Source}

	answer := response.status(op, x.Response.Status)
	if answer != nil {
		v.Response = answer.key
	}
	switch {
	case x.Request.Unrecorded:
		v.Request = RequestUnrecorded
	case answer != nil && x.Response.Status >= 400 && x.Response.Status <= 499:
		// A server that refuses a request, and documents that it may, has judged it.
		v.Request = RequestRefused
	default:
		v.Request = RequestJudged
		request.credentials(op, x.Request, x.Response.Status)
		request.parameters(op, x.Request, pathValues, x.Response.Status)
		request.message(x.Request.Header, x.Request.Body, op.request, op.at, op.required)
	}
	if answer != nil {
		response.response(op, answer, x.Response)
	}

	v.Findings = slices.Concat(request.findings, response.findings)
	if s.showValues {
		secrets := slices.Concat(request.secrets, response.secrets, s.credentialValues(x.Request))
		hideSecrets(v.Findings, secrets)
	}
	v.Reason = request.doubt
	if v.Reason == "" {
		v.Reason = response.doubt
	}
	v.Outcome = v.outcome()
	return v
}

// CheckAll judges exchanges as they come. It turns the [EntryError]s of a
// reader into verdicts, and reports an undeclared header once for each
// operation and name. Any other error ends the sequence.
func (s *Spec) CheckAll(exchanges iter.Seq2[Exchange, error]) iter.Seq2[Verdict, error] {
	type header struct {
		operation Operation
		name      string
	}
	return func(yield func(Verdict, error) bool) {
		seen := map[header]bool{}
		for x, err := range exchanges {
			var v Verdict
			var entry *EntryError
			switch {
			case errors.As(err, &entry):
				v = Verdict{Source: entry.Source, Outcome: entry.Outcome, Reason: entry.Reason}
			case err != nil:
				yield(Verdict{}, err)
				return
			default:
				v = s.Check(x)
				findings := v.Findings[:0]
				for _, f := range v.Findings {
					if f.Rule == UndeclaredHeader {
						h := header{v.Operation, f.Pointer}
						if seen[h] {
							continue
						}
						seen[h] = true
					}
					findings = append(findings, f)
				}
				v.Findings = findings
				v.Outcome = v.outcome()
			}
			if !yield(v, nil) {
				return
			}
		}
	}
}

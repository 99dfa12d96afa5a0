package contract

import "slices"

// An Outcome is what became of an exchange. The values are a promise: they
// stand in the JSON report.
type Outcome string

// The outcomes.
const (
	Kept     Outcome = "kept"     // the promise is kept and the document said all of it
	New      Outcome = "new"      // the document is silent about something that came
	Broken   Outcome = "broken"   // the promise, or the law under it, is broken
	Unjudged Outcome = "unjudged" // it could not be read or judged to the end, and nothing is known to be broken
	Skipped  Outcome = "skipped"  // outside the question; counted, never judged
)

// A Severity says whether a finding breaks the promise or goes beyond it.
type Severity string

// The severities.
const (
	SeverityNew    Severity = "new"
	SeverityBroken Severity = "broken"
)

// A Direction says which message of the exchange a finding is about.
type Direction string

// The directions.
const (
	InRequest  Direction = "request"
	InResponse Direction = "response"
)

// A Rule is one way in which an exchange can depart from the document.
// Rule ids are a promise: baselines and scripts name them.
type Rule string

// The rules. [Rules] has their severities and the law behind each.
const (
	UnknownOperation        Rule = "unknown-operation"
	UndocumentedStatus      Rule = "undocumented-status"
	UndocumentedContentType Rule = "undocumented-content-type"
	MissingContentType      Rule = "missing-content-type"
	MissingHeader           Rule = "missing-header"
	HeaderMismatch          Rule = "header-mismatch"
	UndeclaredHeader        Rule = "undeclared-header"
	EmptyBody               Rule = "empty-body"
	UnexpectedBody          Rule = "unexpected-body"
	MalformedJSON           Rule = "malformed-json"
	DuplicateKey            Rule = "duplicate-key"
	LoneSurrogate           Rule = "lone-surrogate"
	SchemaMismatch          Rule = "schema-mismatch"
	FormatMismatch          Rule = "format-mismatch"
	UndeclaredProperty      Rule = "undeclared-property"
	NewEnumValue            Rule = "new-enum-value"
	NewVariant              Rule = "new-variant"
	WriteOnlyReturned       Rule = "write-only-returned"
	ReadOnlySent            Rule = "read-only-sent"
	MalformedStream         Rule = "malformed-stream"
	MissingCredentials      Rule = "missing-credentials"
	MissingParameter        Rule = "missing-parameter"
	ParameterMismatch       Rule = "parameter-mismatch"
	UndeclaredQuery         Rule = "undeclared-query"
)

// A RuleInfo is one row of the table of rules.
type RuleInfo struct {
	Rule     Rule
	Severity Severity
	Law      string // the specification that the rule enforces
	Says     string // what a finding of it means, for a reader
}

// Rules is the table of rules, in the order in which an exchange is judged:
// the flags, the reports, the documentation and the fixtures derive from it.
var Rules = []RuleInfo{
	{UnknownOperation, SeverityBroken, "OAS 3.0.3 Paths Object", "no path and method of the document match the request"},
	{MissingCredentials, SeverityBroken, "OAS 3.0.3 Security Requirement Object", "the request carries none of the credentials that the operation asks for (new when the answer was 2xx: exports strip them)"},
	{MissingParameter, SeverityBroken, "OAS 3.0.3 Parameter Object", "a required parameter did not come"},
	{ParameterMismatch, SeverityBroken, "OAS 3.0.3 Parameter Object, Style Values", "a parameter's value does not fit its schema"},
	{UndeclaredQuery, SeverityNew, "OAS 3.0.3 Parameter Object", "a query parameter came that the operation does not declare"},
	{UndocumentedStatus, SeverityBroken, "OAS 3.0.3 Responses Object", "the operation documents no such status, range or default"},
	{UndocumentedContentType, SeverityBroken, "RFC 9110 section 8.3.1, OAS 3.0.3 Media Type Object", "the document has no such media type there"},
	{MissingContentType, SeverityBroken, "RFC 9110 section 8.3", "a body came without a content type"},
	{MissingHeader, SeverityBroken, "OAS 3.0.3 Header Object", "a required header did not come"},
	{HeaderMismatch, SeverityBroken, "OAS 3.0.3 Header Object", "a header's value does not fit its schema"},
	{UndeclaredHeader, SeverityNew, "IANA field name registry", "a header came that neither the document nor the field name registry knows"},
	{EmptyBody, SeverityBroken, "OAS 3.0.3 Response Object", "content is documented, and none came"},
	{UnexpectedBody, SeverityBroken, "OAS 3.0.3 Response Object", "no content is documented, and some came"},
	{MalformedJSON, SeverityBroken, "RFC 8259", "the body is not exactly one JSON text in UTF-8"},
	{DuplicateKey, SeverityNew, "RFC 7493 section 2.3", "an object has the same name twice"},
	{LoneSurrogate, SeverityNew, "RFC 7493 section 2.1", "a string has half of a surrogate pair"},
	{SchemaMismatch, SeverityBroken, "OAS 3.0.3 Schema Object", "a value does not fit its schema; the failing keyword is named"},
	{FormatMismatch, SeverityBroken, "OAS 3.0.3 Data Types", "a value is not of the format that its schema names"},
	{UndeclaredProperty, SeverityNew, "OAS 3.0.3 Schema Object", "a property came that the schema does not declare"},
	{NewEnumValue, SeverityNew, "x-daric-open", "a value came that an open enum does not list"},
	{NewVariant, SeverityNew, "x-daric-open", "a value came that is none of the variants of an open union"},
	{WriteOnlyReturned, SeverityBroken, "OAS 3.0.3 Schema Object, writeOnly", "a write-only property came back"},
	{ReadOnlySent, SeverityBroken, "OAS 3.0.3 Schema Object, readOnly", "a read-only property was sent"},
	{MalformedStream, SeverityBroken, "WHATWG server-sent events, RFC 7464", "an item of a stream does not fit its schema (new for an unknown field, an unterminated last event, a retry that is no number)"},
}

// ruleInfo looks a rule up in the table.
func ruleInfo(r Rule) (RuleInfo, bool) {
	i := slices.IndexFunc(Rules, func(row RuleInfo) bool { return row.Rule == r })
	if i < 0 {
		return RuleInfo{}, false
	}
	return Rules[i], true
}

// severity is that of a rule of this package.
func severity(r Rule) Severity {
	row, _ := ruleInfo(r)
	return row.Severity
}

// An Operation names what an exchange called.
type Operation struct {
	ID     string // operationId; empty when the document gives none
	Method string // GET, POST …
	Path   string // the path template, "/v1/agents/{agent_id}/messages"
}

// A Place is a position in the document.
type Place struct {
	File    string // name of the file, as the document was named
	Line    int    // counted from 1
	Column  int    // counted from 1, in bytes
	Pointer string // JSON pointer inside the file, RFC 6901
}

// A Part is the part of a message that a finding is about.
type Part string

// The parts.
const (
	PartLine   Part = "line"   // the request line or the status line
	PartPath   Part = "path"   // Pointer starts with the name of a path parameter
	PartQuery  Part = "query"  // Pointer starts with the name of a query parameter
	PartHeader Part = "header" // Pointer starts with the header's name
	PartCookie Part = "cookie" // Pointer starts with the cookie's name
	PartBody   Part = "body"   // Pointer points into the JSON text
)

// A Finding is one departure from the document. It is data: sentences are made
// by package report.
type Finding struct {
	Rule      Rule
	Severity  Severity
	Direction Direction
	Part      Part
	Pointer   string // JSON pointer in the part (RFC 6901); empty for the whole of it
	Source    Source // place in the recording; its line is the value's own where the recording keeps the body as it was
	Spec      Place  // place in the document of the keyword that was not met; of the nearest parent where the document is silent
	Keyword   string // the keyword of the schema that failed; empty where no schema was asked
	Want      string // what the document asks for
	Got       string // the kind of thing that came; never the thing itself
	// Variant names the variant of a union that the value was held against;
	// for a value that fits no variant, the one that it comes nearest to.
	Variant string
	// Inner is, for a value that fits no variant, what keeps it from being Variant.
	Inner []Finding
	// Value is the value that came, cut to a line, and only when the document
	// was compiled with [ShowValues]; empty for a value that is or may hold a secret.
	Value string
	// Known is the reason for which a baseline lists the finding; empty when none
	// does. A known finding weighs nothing.
	Known string
}

// A Verdict is an exchange judged.
type Verdict struct {
	Source    Source
	Operation Operation // zero when unknown
	// Method, Path and Status are the exchange's own, for a reader of the
	// report. Path is without its query, where keys may stand.
	Method string
	Path   string
	Status int
	// Response is the key of `responses` that answered ("200", "2XX",
	// "default"); empty when none did. Coverage counts it.
	Response string
	Outcome  Outcome
	// Reason says why the exchange, or a part of it, was not judged, or why it
	// was skipped; empty otherwise.
	Reason   string
	Findings []Finding
	// Request says whether the request was judged beside the response; empty
	// where nothing was.
	Request RequestState
}

// A RequestState says whether the request of an exchange was judged.
type RequestState string

// The states of a request.
const (
	RequestJudged     RequestState = "judged"
	RequestRefused    RequestState = "refused"    // the server refused it with a documented 4xx: it is not held against the caller
	RequestUnrecorded RequestState = "unrecorded" // the recording is of the response alone
)

// outcome weighs what is known of a judged exchange. A broken promise stays
// broken whatever else could not be judged; nothing else outweighs a doubt.
func (v *Verdict) outcome() Outcome {
	counts := func(s Severity) bool {
		return slices.ContainsFunc(v.Findings, func(f Finding) bool { return f.Known == "" && f.Severity == s })
	}
	switch {
	case counts(SeverityBroken):
		return Broken
	case v.Reason != "":
		return Unjudged
	case counts(SeverityNew):
		return New
	}
	return Kept
}

package report

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"

	"github.com/daric-dev/daric/contract"
)

// JSONVersion is the version of the JSON report. A member that goes, or changes
// its meaning, makes a new version; a member that comes does not.
const JSONVersion = 1

// JSONReport is the JSON report: one object, written as it comes, with one
// verdict a line. Skipped exchanges are counted in the summary and are no verdicts.
type JSONReport struct {
	Version  int           `json:"version"`
	Verdicts []JSONVerdict `json:"verdicts"` // every exchange in order, kept ones too
	Summary  Summary       `json:"summary"`
}

// JSONVerdict is an exchange judged.
type JSONVerdict struct {
	Source    JSONSource       `json:"source"`
	Operation *JSONOperation   `json:"operation"` // null when the document has none
	Method    string           `json:"method,omitempty"`
	Path      string           `json:"path,omitempty"` // as it was called, without its query
	Status    int              `json:"status,omitempty"`
	Response  string           `json:"response,omitempty"` // the key of `responses` that documents the status
	Outcome   contract.Outcome `json:"outcome"`
	Reason    string           `json:"reason,omitempty"` // why it, or a part of it, was not judged
	// Request is judged, refused (with a documented 4xx, so not held against the
	// caller) or unrecorded (the recording is of the response alone).
	Request  contract.RequestState `json:"request,omitempty"`
	Findings []JSONFinding         `json:"findings"`
}

// JSONSource is a place in a recording. Line is counted from 1 and 0 when there
// are no lines; Entry is counted from 0.
type JSONSource struct {
	File  string `json:"file"`
	Line  int    `json:"line"`
	Entry int    `json:"entry"`
}

// JSONOperation is an operation of the document.
type JSONOperation struct {
	ID     string `json:"id"`
	Method string `json:"method"`
	Path   string `json:"path"` // the template
}

// JSONFinding is one departure from the document.
type JSONFinding struct {
	Rule      contract.Rule      `json:"rule"`
	Severity  contract.Severity  `json:"severity"`
	Direction contract.Direction `json:"direction"`
	Part      contract.Part      `json:"part"`
	Pointer   string             `json:"pointer"` // RFC 6901, in the part
	Source    JSONSource         `json:"source"`  // of the value, where the recording keeps the body as it was
	Spec      JSONPlace          `json:"spec"`
	Keyword   string             `json:"keyword,omitempty"`
	Want      string             `json:"want"`
	Got       string             `json:"got"`
	Variant   string             `json:"variant,omitempty"`
	Inner     []JSONFinding      `json:"inner,omitempty"` // what keeps the value from being the variant
	Value     string             `json:"value,omitempty"` // only with --show-values
	Known     string             `json:"known,omitempty"` // the reason for which a baseline lists it; it then weighs nothing
	Message   string             `json:"message"`
}

// JSONPlace is a place in the document. Line and Column are counted from 1.
type JSONPlace struct {
	File    string `json:"file"`
	Line    int    `json:"line"`
	Column  int    `json:"column"`
	Pointer string `json:"pointer"`
}

type jsonWriter struct {
	out     *bufio.Writer
	summary Summary
	opened  bool
	count   int
}

func newJSON(w io.Writer, _ Options) Writer { return &jsonWriter{out: bufio.NewWriter(w)} }

func (j *jsonWriter) open() {
	if !j.opened {
		_, _ = j.out.WriteString(`{"version":` + string(must(JSONVersion)) + `,"verdicts":[`)
		j.opened = true
	}
}

func (j *jsonWriter) Write(v contract.Verdict) error {
	j.summary.Count(v)
	if v.Outcome == contract.Skipped {
		return nil
	}
	j.open()
	if j.count > 0 {
		_ = j.out.WriteByte(',')
	}
	j.count++
	_ = j.out.WriteByte('\n')
	_, err := j.out.Write(must(jsonVerdict(v)))
	return err
}

func (j *jsonWriter) Close() error {
	j.open()
	_, _ = j.out.WriteString("\n],\"summary\":")
	_, _ = j.out.Write(must(j.summary))
	_ = j.out.WriteByte('\n')
	_, _ = j.out.WriteString("}\n")
	return j.out.Flush()
}

// must marshals what has no way to fail: strings, numbers and structs of them.
func must(v any) []byte {
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		panic(err)
	}
	return bytes.TrimSpace(out.Bytes())
}

func jsonVerdict(v contract.Verdict) JSONVerdict {
	out := JSONVerdict{
		Source: JSONSource(v.Source), Method: v.Method, Path: v.Path, Status: v.Status, Response: v.Response,
		Outcome: v.Outcome, Reason: v.Reason, Request: v.Request, Findings: jsonFindings(v.Findings),
	}
	if v.Operation != (contract.Operation{}) {
		out.Operation = (*JSONOperation)(&v.Operation)
	}
	if out.Findings == nil {
		out.Findings = []JSONFinding{}
	}
	return out
}

func jsonFindings(findings []contract.Finding) []JSONFinding {
	var out []JSONFinding
	for _, f := range findings {
		out = append(out, JSONFinding{
			Rule: f.Rule, Severity: f.Severity, Direction: f.Direction, Part: f.Part, Pointer: f.Pointer,
			Source: JSONSource(f.Source), Spec: JSONPlace(f.Spec), Keyword: f.Keyword, Want: f.Want, Got: f.Got,
			Variant: f.Variant, Inner: jsonFindings(f.Inner), Value: f.Value, Known: f.Known, Message: Message(f),
		})
	}
	return out
}

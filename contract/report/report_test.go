package report_test

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jstemmer/go-junit-report/v2/junit"

	"github.com/daric-dev/daric/contract"
	"github.com/daric-dev/daric/contract/report"
)

var update = flag.Bool("update", false, "rewrite the wanted reports")

var operation = contract.Operation{ID: "sendAgentMessage", Method: "POST", Path: "/v1/agents/{agent_id}/messages"}

// verdicts is a run with one of everything.
func verdicts() []contract.Verdict {
	at := func(entry int) contract.Source {
		return contract.Source{File: "a.ndjson", Line: entry + 1, Entry: entry}
	}
	spec := func(line int, pointer string) contract.Place {
		return contract.Place{File: "openapi.yaml", Line: line, Column: 7, Pointer: pointer}
	}
	verdict := func(entry int, outcome contract.Outcome, findings ...contract.Finding) contract.Verdict {
		for i := range findings {
			findings[i].Source = at(entry)
		}
		return contract.Verdict{Source: at(entry), Operation: operation, Method: "POST", Path: "/v1/agents/agt_1/messages", Status: 202,
			Response: "2XX", Outcome: outcome, Findings: findings}
	}
	mismatch := func(pointer string) contract.Finding {
		return contract.Finding{Rule: contract.SchemaMismatch, Severity: contract.SeverityBroken, Direction: contract.InResponse, Part: contract.PartBody,
			Pointer: pointer, Spec: spec(12, "/components/schemas/A/type"), Keyword: "type", Want: "string", Got: "null"}
	}
	union := mismatch("/part")
	union.Keyword, union.Want, union.Got, union.Spec = "oneOf", "one of Text, File", "object", spec(30, "/components/schemas/Part/oneOf")
	union.Variant, union.Inner = "Text", []contract.Finding{mismatch("/part/text"), mismatch("/part/a"), mismatch("/part/b"), mismatch("/part/c")}
	valued := mismatch("/name")
	valued.Spec, valued.Value, valued.Variant = spec(40, "/x"), "a\x1b[31m\x00\"b", "Text"
	novelty := contract.Finding{Rule: contract.UndeclaredProperty, Severity: contract.SeverityNew, Direction: contract.InResponse, Part: contract.PartBody,
		Pointer: "/extra\x1b", Spec: spec(50, "/components/schemas/A/properties"), Keyword: "properties", Want: "no such property", Got: "number"}
	refused := verdict(6, contract.Broken, valued)
	refused.Status, refused.Response, refused.Request = 401, "401", contract.RequestRefused
	doubtful := verdict(7, contract.Unjudged)
	doubtful.Reason = "response: the entry has no text for a body of 9 bytes"
	return []contract.Verdict{
		verdict(0, contract.Kept),
		verdict(1, contract.Broken, mismatch("/content/0/text"), union),
		verdict(2, contract.Broken, mismatch("/content/7/text")),
		verdict(3, contract.New, novelty),
		{Source: at(4), Outcome: contract.Skipped, Reason: "another host"},
		{Source: at(5), Outcome: contract.Unjudged, Reason: "the entry is none of HAR 1.2: /request is of another type"},
		refused,
		doubtful,
		{Source: contract.Source{File: "b<&>.http"}, Outcome: contract.Unjudged, Reason: "it cannot be read: no such file or directory"},
	}
}

func write(t *testing.T, format string, opts report.Options, verdicts []contract.Verdict) string {
	t.Helper()
	var out bytes.Buffer
	w, err := report.New(format, &out, opts)
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range verdicts {
		if err := w.Write(v); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s: %s", name, diff)
	}
}

func TestText(t *testing.T) {
	got := write(t, "text", report.Options{}, verdicts())
	golden(t, "report.txt", got)
	if strings.ContainsRune(got, '\x1b') {
		t.Error("control characters of the recording, or colours, reach the terminal")
	}
	if !strings.Contains(write(t, "text", report.Options{Color: true}, verdicts()), "\x1b[31;1mBROKEN") {
		t.Error("no colour when it is asked for")
	}
}

// Unknown operations are told apart by their paths, and not by the ids in them.
func TestTextOfUnknownOperations(t *testing.T) {
	var many []contract.Verdict
	for _, path := range []string{"/a/1", "/a/2", "/b/x9", "/b/x8/c"} {
		many = append(many, contract.Verdict{Source: contract.Source{File: "f"}, Method: "GET", Path: path, Status: 200, Outcome: contract.Broken,
			Findings: []contract.Finding{{Rule: contract.UnknownOperation, Severity: contract.SeverityBroken, Direction: contract.InRequest}}})
	}
	got := write(t, "text", report.Options{}, many)
	if strings.Count(got, "BROKEN") != 3 || !strings.Contains(got, "1 more  unknown-operation  request GET /a/*") {
		t.Error(got)
	}
}

// A thousand equal answers are one block and one line.
func TestTextDoesNotGrowWithTheRecording(t *testing.T) {
	var many []contract.Verdict
	for range 1000 {
		many = append(many, verdicts()...)
	}
	one, thousand := len(write(t, "text", report.Options{}, verdicts())), len(write(t, "text", report.Options{}, many))
	if thousand > one+1000 {
		t.Errorf("%d bytes for a recording, %d for a thousand", one, thousand)
	}
}

func TestJSON(t *testing.T) {
	got := write(t, "json", report.Options{}, verdicts())
	golden(t, "report.json", got)
	dec := json.NewDecoder(strings.NewReader(got))
	dec.DisallowUnknownFields()
	var r report.JSONReport
	if err := dec.Decode(&r); err != nil {
		t.Fatal(err)
	}
	if r.Version != report.JSONVersion || len(r.Verdicts) != 8 || r.Summary.Skipped != 1 || r.Verdicts[1].Findings[1].Inner[0].Pointer != "/part/text" {
		t.Errorf("%+v", r)
	}
	if err := json.Unmarshal([]byte(write(t, "json", report.Options{}, nil)), &r); err != nil || len(r.Verdicts) != 0 {
		t.Errorf("an empty run: %v", err)
	}
}

func TestJUnit(t *testing.T) {
	for _, tt := range []struct {
		strict   bool
		failures int
	}{{false, 3}, {true, 4}} {
		got := write(t, "junit", report.Options{Strict: tt.strict}, verdicts())
		if !strings.HasPrefix(got, xml.Header) {
			t.Error("no XML header")
		}
		var suites junit.Testsuites
		if err := xml.Unmarshal([]byte(got), &suites); err != nil {
			t.Fatal(err)
		}
		if suites.Tests != 9 || suites.Failures != tt.failures || suites.Errors != 3 || suites.Skipped != 1 || len(suites.Suites) != 2 {
			t.Errorf("strict %t: %d tests, %d failures, %d errors, %d skipped in %d suites", tt.strict, suites.Tests, suites.Failures, suites.Errors, suites.Skipped, len(suites.Suites))
		}
		for _, suite := range suites.Suites {
			if suite.Time == "" || suite.Timestamp == "" {
				t.Errorf("suite %s has no time", suite.Name)
			}
		}
		if data := suites.Suites[0].Testcases[6].Failure.Data; !strings.Contains(data, "\\x1b[31m") || strings.ContainsRune(data, '\x1b') {
			t.Errorf("control characters: %q", data)
		}
	}
}

func TestUnknownFormat(t *testing.T) {
	_, err := report.New("html", io.Discard, report.Options{})
	for _, name := range report.Formats() {
		if err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%v does not offer %s", err, name)
		}
	}
}

// Each rule has a sentence of its own kind, so that no finding is told in the
// words of another.
func TestEveryRuleHasASentence(t *testing.T) {
	seen := map[string]contract.Rule{}
	shared := []contract.Rule{contract.SchemaMismatch, contract.FormatMismatch, contract.HeaderMismatch, contract.ParameterMismatch, contract.MalformedJSON, contract.MalformedStream, contract.UndocumentedContentType}
	for _, row := range contract.Rules {
		text := report.Message(contract.Finding{Rule: row.Rule, Direction: contract.InResponse, Part: contract.PartBody, Pointer: "/p", Want: "W", Got: "G"})
		if !strings.HasPrefix(text, "response body /p") {
			t.Errorf("%s: %q does not name its place", row.Rule, text)
		}
		if other, known := seen[text]; known && !slices.Contains(shared, row.Rule) {
			t.Errorf("%s and %s have one sentence: %q", row.Rule, other, text)
		}
		seen[text] = row.Rule
	}
	if text := report.Message(contract.Finding{Rule: "no-such-rule", Direction: contract.InRequest, Want: "W", Got: "G"}); text != "request: want W, got G" {
		t.Errorf("%q", text)
	}
}

func TestExitCode(t *testing.T) {
	for _, tt := range []struct {
		summary report.Summary
		strict  bool
		want    int
	}{
		{report.Summary{Judged: 1, Kept: 1}, true, 0},
		{report.Summary{Judged: 1, New: 1}, false, 0},
		{report.Summary{Judged: 1, New: 1}, true, 1},
		{report.Summary{Judged: 1, Broken: 1}, false, 1},
		{report.Summary{Judged: 1, Broken: 1, Unjudged: 1}, false, 2},
		{report.Summary{Skipped: 9}, false, 2},
		{report.Summary{}, false, 2},
	} {
		if got := tt.summary.ExitCode(tt.strict); got != tt.want {
			t.Errorf("%s, strict %t: %d, want %d", tt.summary, tt.strict, got, tt.want)
		}
	}
}

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("disk full") }

// A report that cannot be written says so, at the latest when it is closed.
func TestFullDisk(t *testing.T) {
	for _, format := range report.Formats() {
		w, err := report.New(format, full{}, report.Options{})
		if err != nil {
			t.Fatal(err)
		}
		for _, v := range verdicts() {
			err = errors.Join(err, w.Write(v))
		}
		if err = errors.Join(err, w.Close()); err == nil || !strings.Contains(fmt.Sprint(err), "disk full") {
			t.Errorf("%s: %v", format, err)
		}
	}
}

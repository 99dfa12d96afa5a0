package report

import (
	"encoding/xml"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/jstemmer/go-junit-report/v2/junit"

	"github.com/daric-dev/daric/contract"
)

// junitWriter gives every recording a suite and every exchange a case. What is
// broken is a failure, what could not be judged an error; what is new is printed
// beside a case that passes, unless Strict makes it a failure. XML counts come
// first, so the cases are kept until Close.
type junitWriter struct {
	out    io.Writer
	opts   Options
	start  time.Time
	last   time.Time
	suites []*junit.Testsuite
	byFile map[string]*junit.Testsuite
	spent  map[*junit.Testsuite]time.Duration
}

func newJUnit(w io.Writer, opts Options) Writer {
	now := time.Now()
	return &junitWriter{out: w, opts: opts, start: now, last: now, byFile: map[string]*junit.Testsuite{}, spent: map[*junit.Testsuite]time.Duration{}}
}

func (j *junitWriter) Write(v contract.Verdict) error {
	suite := j.byFile[v.Source.File]
	if suite == nil {
		suite = &junit.Testsuite{Name: legal(v.Source.File), File: legal(v.Source.File), ID: len(j.suites)}
		suite.SetTimestamp(j.start)
		j.byFile[v.Source.File] = suite
		j.suites = append(j.suites, suite)
	}
	now := time.Now()
	spent := now.Sub(j.last)
	j.last = now
	j.spent[suite] += spent

	test := junit.Testcase{
		Name:      legal(fmt.Sprintf("%s (%s)", request(v), v.Source)),
		Classname: legal(v.Operation.ID),
		Time:      seconds(spent),
		Status:    string(v.Outcome),
	}
	if test.Classname == "" {
		test.Classname = "unknown"
	}
	var lines []string
	if v.Reason != "" {
		lines = append(lines, v.Reason)
	}
	for _, f := range v.Findings {
		if f.Known != "" {
			continue
		}
		lines = append(lines, fmt.Sprintf("%s: %s\n    %s held against %s %s", f.Rule, Message(f), f.Source, place(f.Spec), f.Spec.Pointer))
	}
	all := legal(strings.Join(lines, "\n"))
	first, _, _ := strings.Cut(all, "\n")
	said := &junit.Result{Message: first, Data: all}
	if len(v.Findings) > 0 {
		said.Type = string(v.Findings[0].Rule)
	}
	switch {
	case v.Outcome == contract.Skipped:
		test.Skipped = said
	case v.Outcome == contract.Unjudged:
		test.Error = said
	case v.Outcome == contract.Broken, v.Outcome == contract.New && j.opts.Strict:
		test.Failure = said
	case v.Outcome == contract.New:
		test.SystemOut = &junit.Output{Data: all}
	}
	suite.AddTestcase(test)
	return nil
}

func (j *junitWriter) Close() error {
	all := junit.Testsuites{Name: "daric", Time: seconds(j.last.Sub(j.start))}
	for _, suite := range j.suites {
		suite.Time = seconds(j.spent[suite])
		all.AddSuite(*suite)
	}
	if _, err := io.WriteString(j.out, xml.Header); err != nil {
		return err
	}
	return all.WriteXML(j.out)
}

func seconds(d time.Duration) string { return fmt.Sprintf("%.6f", d.Seconds()) }

// legal replaces what XML cannot hold, not even escaped (XML 1.0 section 2.2).
func legal(s string) string {
	return strings.Map(func(r rune) rune {
		if r == '\t' || r == '\n' || r >= ' ' && r <= 0xd7ff || r >= 0xe000 && r <= 0xfffd || r >= 0x10000 {
			return r
		}
		return '\ufffd'
	}, strings.ToValidUTF8(s, "\ufffd"))
}

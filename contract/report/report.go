// Package report writes verdicts to files, one file of this package a format.
//
// Findings are data until they come here: [Message] makes the sentence, the same
// in every format.
package report

import (
	"fmt"
	"io"
	"strings"

	"github.com/daric-dev/daric/contract"
)

// A Writer takes verdicts in order. Close writes what stands behind the last of
// them; the writer below stays open. A Writer that failed stays failed.
type Writer interface {
	Write(contract.Verdict) error
	Close() error
}

// Options say how verdicts are shown.
type Options struct {
	Strict bool // what is new counts as a failure
	Color  bool // for formats that a person reads on a terminal
}

// formats is the table of formats.
var formats = []struct {
	name string
	open func(io.Writer, Options) Writer
}{
	{"text", newText},
	{"json", newJSON},
	{"junit", newJUnit},
}

// Formats lists the names of the formats.
func Formats() []string {
	names := make([]string, len(formats))
	for i, f := range formats {
		names[i] = f.name
	}
	return names
}

// New returns a writer of a format onto w, or an error that lists the formats.
func New(format string, w io.Writer, opts Options) (Writer, error) {
	for _, f := range formats {
		if f.name == format {
			return f.open(w, opts), nil
		}
	}
	return nil, fmt.Errorf("write report: no format is called %q\nthe formats are %s", format, strings.Join(Formats(), ", "))
}

// A Summary counts exchanges by what became of them.
type Summary struct {
	Judged   int `json:"judged"` // kept, new and broken together
	Kept     int `json:"kept"`
	New      int `json:"new"`
	Broken   int `json:"broken"`
	Unjudged int `json:"unjudged"` // could not be read or judged to the end
	Skipped  int `json:"skipped"`  // outside the question
	// RequestsRefused and RequestsUnrecorded count exchanges of which the response
	// was judged and the request was not, see [contract.RequestState].
	RequestsRefused    int `json:"requestsRefused"`
	RequestsUnrecorded int `json:"requestsUnrecorded"`
	Known              int `json:"known"` // findings that a baseline lists
}

// Count adds an exchange.
func (s *Summary) Count(v contract.Verdict) {
	for _, f := range v.Findings {
		if f.Known != "" {
			s.Known++
		}
	}
	switch v.Request {
	case contract.RequestRefused:
		s.RequestsRefused++
	case contract.RequestUnrecorded:
		s.RequestsUnrecorded++
	}
	switch v.Outcome {
	case contract.Skipped:
		s.Skipped++
		return
	case contract.Unjudged:
		s.Unjudged++
		return
	case contract.Kept:
		s.Kept++
	case contract.New:
		s.New++
	case contract.Broken:
		s.Broken++
	}
	s.Judged++
}

// The exit codes of a run.
const (
	ExitKept   = 0 // nothing is broken; nothing is new either, under strict
	ExitBroken = 1 // something is broken, or new under strict
	ExitDoubt  = 2 // something could not be read or judged, or nothing was; wins over ExitBroken
)

// ExitCode is the exit code of a run. A run that judged nothing proves nothing.
func (s Summary) ExitCode(strict bool) int {
	switch {
	case s.Unjudged > 0 || s.Judged == 0:
		return ExitDoubt
	case s.Broken > 0 || strict && s.New > 0:
		return ExitBroken
	}
	return ExitKept
}

func (s Summary) String() string {
	text := fmt.Sprintf("judged %d: %d kept, %d new, %d broken; %d unjudged, %d skipped",
		s.Judged, s.Kept, s.New, s.Broken, s.Unjudged, s.Skipped)
	if s.RequestsRefused+s.RequestsUnrecorded > 0 {
		text += fmt.Sprintf(" (requests not judged: %d refused, %d unrecorded)", s.RequestsRefused, s.RequestsUnrecorded)
	}
	if s.Known > 0 {
		text += fmt.Sprintf(" (%d known findings)", s.Known)
	}
	return text
}

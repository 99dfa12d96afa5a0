package contract

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
)

// A Baseline is a list of known deviations, each with its reason. What it knows is
// still judged and still found; it only no longer counts as broken or new. A line
// that nothing matches any more is stale, and somebody has to take it out.
//
// As a file it is JSON lines, one [Known] a line.
type Baseline struct {
	name  string
	known []*baselineLine
}

type baselineLine struct {
	Known
	line int
	seen bool
}

// Known is one known deviation. It has no line numbers, and list indexes in
// Pointer are *, so that edits elsewhere do not make it stale.
type Known struct {
	Operation string    `json:"operation"` // operationId, or method and path template; of an unknown operation, method and path
	Direction Direction `json:"direction"`
	Rule      Rule      `json:"rule"`
	Part      Part      `json:"part"`
	Pointer   string    `json:"pointer"`
	Keyword   string    `json:"keyword,omitempty"`
	Reason    string    `json:"reason"`
}

var (
	listIndex = regexp.MustCompile(`/\d+`)
	idSegment = regexp.MustCompile(`/[^/]*\d[^/]*`) // of a path that no template describes
)

// KnownAs gives the deviation that a finding of a verdict is, for the given reason.
func KnownAs(v Verdict, f Finding, reason string) Known {
	operation := v.Operation.ID
	switch {
	case v.Operation == (Operation{}):
		operation = v.Method + " " + idSegment.ReplaceAllString(v.Path, "/*")
	case operation == "":
		operation = v.Operation.Method + " " + v.Operation.Path
	}
	return Known{
		Operation: operation, Direction: f.Direction, Rule: f.Rule, Part: f.Part,
		Pointer: listIndex.ReplaceAllString(f.Pointer, "/*"), Keyword: f.Keyword, Reason: reason,
	}
}

// ReadBaseline reads a baseline; name stands in errors. A line that is no
// deviation, that has no reason, or that stands there twice, is an error.
func ReadBaseline(name string, r io.Reader) (*Baseline, error) {
	b := &Baseline{name: name}
	lines := bufio.NewScanner(r)
	first := map[Known]int{}
	for n := 1; lines.Scan(); n++ {
		text := bytes.TrimSpace(lines.Bytes())
		if len(text) == 0 {
			continue
		}
		line := &baselineLine{line: n}
		dec := json.NewDecoder(bytes.NewReader(text))
		dec.DisallowUnknownFields()
		err := dec.Decode(&line.Known)
		bare := line.Known
		bare.Reason = ""
		switch {
		case err != nil:
			return nil, fmt.Errorf("%s:%d: read deviation: %w", name, n, err)
		case dec.More():
			return nil, fmt.Errorf("%s:%d: want one deviation a line", name, n)
		case strings.TrimSpace(line.Reason) == "":
			return nil, fmt.Errorf("%s:%d: a known deviation has a reason", name, n)
		case first[bare] > 0:
			return nil, fmt.Errorf("%s:%d: the deviation stands on line %d already", name, n, first[bare])
		}
		if _, known := ruleInfo(line.Rule); !known {
			return nil, fmt.Errorf("%s:%d: there is no rule %q", name, n, line.Rule)
		}
		first[bare] = n
		b.known = append(b.known, line)
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	return b, nil
}

// Apply marks the findings of a verdict that the baseline knows, and weighs the
// verdict without them.
func (b *Baseline) Apply(v *Verdict) {
	if v.Outcome == Skipped || len(v.Findings) == 0 {
		return
	}
	for i := range v.Findings {
		f := &v.Findings[i]
		for _, line := range b.known {
			if line.Known == KnownAs(*v, *f, line.Reason) {
				line.seen = true
				f.Known = line.Reason
			}
		}
	}
	v.Outcome = v.outcome()
}

// Stale tells which lines nothing has matched, in one error; nil when all have been.
func (b *Baseline) Stale() error {
	var errs []error
	for _, line := range b.known {
		if !line.seen {
			errs = append(errs, fmt.Errorf("%s:%d: %s of %s at %s%s is gone: take the line out", b.name, line.line, line.Rule, line.Operation, line.Part, line.Pointer))
		}
	}
	return errors.Join(errs...)
}

// WriteBaseline writes deviations, each once, in the order given.
func WriteBaseline(w io.Writer, known []Known) error {
	seen := map[Known]bool{}
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	for _, k := range known {
		if seen[k] {
			continue
		}
		seen[k] = true
		if err := enc.Encode(k); err != nil {
			return err
		}
	}
	return nil
}

package report

import (
	"bufio"
	"fmt"
	"io"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/fatih/color"

	"github.com/daric-dev/daric/contract"
)

// text is for reading. An exchange with something to say gets a block. What was
// said before is not said again: it is counted, and the counts stand at the end,
// so that a thousand equal answers are one block and one line.
type text struct {
	out     *bufio.Writer
	summary Summary
	skipped map[string]int
	said    map[key]*saying
	order   []*saying // of said
	paint   map[contract.Outcome]*color.Color
	faint   *color.Color
}

// A key is what makes two findings, or two reasons, equal.
type key struct {
	operation contract.Operation
	rule      contract.Rule
	direction contract.Direction
	pointer   string // with list indexes as *
	place     contract.Place
	reason    string
}

type saying struct {
	what  string
	first contract.Source
	again int
}

func newText(w io.Writer, opts Options) Writer {
	t := &text{
		out: bufio.NewWriter(w), skipped: map[string]int{}, said: map[key]*saying{},
		paint: map[contract.Outcome]*color.Color{
			contract.Broken:   color.New(color.FgRed, color.Bold),
			contract.New:      color.New(color.FgYellow, color.Bold),
			contract.Unjudged: color.New(color.FgMagenta, color.Bold),
		},
		faint: color.New(color.Faint),
	}
	for _, c := range []*color.Color{t.faint, t.paint[contract.Broken], t.paint[contract.New], t.paint[contract.Unjudged]} {
		if c.DisableColor(); opts.Color {
			c.EnableColor()
		}
	}
	return t
}

var (
	index      = regexp.MustCompile(`/\d+`)
	identifier = regexp.MustCompile(`/[^/]*\d[^/]*`) // a path segment with a digit in it
)

// known counts what was said before.
func (t *text) known(k key, what string, at contract.Source) bool {
	if s := t.said[k]; s != nil {
		s.again++
		return true
	}
	s := &saying{what: what, first: at}
	t.said[k] = s
	t.order = append(t.order, s)
	return false
}

func (t *text) Write(v contract.Verdict) error {
	t.summary.Count(v)
	switch v.Outcome {
	case contract.Kept:
		return nil
	case contract.Skipped:
		t.skipped[v.Reason]++
		return nil
	}
	var lines []string
	if v.Reason != "" && !t.known(key{operation: v.Operation, reason: v.Reason}, "not judged: "+v.Reason, v.Source) {
		lines = append(lines, "  not judged: "+printable(v.Reason))
	}
	for _, f := range v.Findings {
		if f.Known != "" {
			continue
		}
		k := key{v.Operation, f.Rule, f.Direction, index.ReplaceAllString(f.Pointer, "/*"), f.Spec, ""}
		what := fmt.Sprintf("%s  %s", f.Rule, subject(f))
		if f.Rule == contract.UnknownOperation {
			// What the document does not know is told apart by its path without its ids.
			k.operation = contract.Operation{Method: v.Method, Path: identifier.ReplaceAllString(v.Path, "/*")}
			what += " " + k.operation.Method + " " + k.operation.Path
		}
		if t.known(k, what, f.Source) {
			continue
		}
		where := place(f.Spec)
		if f.Keyword != "" {
			where += " " + f.Keyword
		}
		rule := string(f.Rule)
		if f.Severity == contract.SeverityNew && v.Outcome == contract.Broken {
			rule += " (new)"
		}
		lines = append(lines, fmt.Sprintf("  %s  %s", rule, Message(f)),
			t.faint.Sprintf("      %s  held against %s", f.Source, where))
	}
	if len(lines) == 0 {
		return nil
	}
	head := t.paint[v.Outcome].Sprint(strings.ToUpper(string(v.Outcome)))
	if v.Method != "" {
		head += "  " + request(v)
	}
	if v.Operation.ID != "" {
		head += "  " + v.Operation.ID
	}
	if v.Source.File != "" {
		head += "  " + t.faint.Sprint(v.Source)
	}
	if v.Request == contract.RequestRefused {
		head += "\n  refused as documented: the request is not held against the caller"
	}
	fmt.Fprintln(t.out, head)
	for _, line := range lines {
		fmt.Fprintln(t.out, line)
	}
	fmt.Fprintln(t.out)
	return t.out.Flush()
}

func (t *text) Close() error {
	again := false
	for _, s := range t.order {
		if s.again == 0 {
			continue
		}
		if !again {
			fmt.Fprintln(t.out, "Seen again:")
			again = true
		}
		fmt.Fprintf(t.out, "  %d more  %s  (first at %s)\n", s.again, printable(s.what), s.first)
	}
	if again {
		fmt.Fprintln(t.out)
	}
	for _, reason := range slices.Sorted(maps.Keys(t.skipped)) {
		fmt.Fprintf(t.out, "skipped %d: %s\n", t.skipped[reason], reason)
	}
	fmt.Fprintln(t.out, t.summary)
	return t.out.Flush()
}

package contract

// What judging a message gathers: findings with their places, the first doubt,
// and what must not be shown.

import (
	"regexp"
	"slices"
	"strings"
)

// A judgement is one message being judged. It gathers findings, and the first
// doubt.
type judgement struct {
	spec      *Spec
	direction Direction
	source    Source
	body      Body  // what findings of PartBody are places in
	lines     []int // where its lines start, once somebody asks
	findings  []Finding
	doubt     string   // why the message was not judged to the end
	secrets   []string // strings of the message that the document calls secret
}

// unjudged keeps the first reason for which something stays unjudged.
func (j *judgement) unjudged(reason string) {
	if j.doubt == "" {
		j.doubt = string(j.direction) + ": " + reason
	}
}

// add reports a finding about a part of the message as a whole, or about one
// pointer in it.
func (j *judgement) add(rule Rule, part Part, pointer *pointer, at location, want, got string) *Finding {
	j.findings = append(j.findings, Finding{
		Rule: rule, Severity: severity(rule), Direction: j.direction,
		Part: part, Pointer: pointer.String(), Source: j.source, Spec: j.spec.sources.place(at),
		Want: want, Got: got,
	})
	return &j.findings[len(j.findings)-1]
}

// inBody gives the source of a byte of the body: the line it stands on, where
// the recording keeps the body as it was.
func (j *judgement) inBody(offset int) Source {
	source := j.source
	if j.body.Line == 0 {
		return source
	}
	if j.lines == nil {
		j.lines = []int{0}
		for i, b := range j.body.Data {
			if b == '\n' {
				j.lines = append(j.lines, i+1)
			}
		}
	}
	before, found := slices.BinarySearch(j.lines, offset)
	if !found {
		before--
	}
	source.Line = j.body.Line + before
	return source
}

// take adds the findings of a value that was held against a schema, each once:
// allOf and references may lead to the same keyword by two ways.
func (j *judgement) take(findings []Finding) {
	type key struct {
		rule    Rule
		pointer string
		place   Place
		want    string
	}
	seen := map[key]bool{}
	for _, f := range findings {
		k := key{f.Rule, f.Pointer, f.Spec, f.Want}
		if !seen[k] {
			seen[k] = true
			j.findings = append(j.findings, f)
		}
	}
}

// maxValue is the number of bytes of a value that a report shows.
const maxValue = 80

// secretName recognises names whose values nobody wants in a report although
// the document does not know them.
var secretName = regexp.MustCompile(`(?i)secret|token|passw|credential|authorization|cookie|api[-_]?key|private[-_]?key`)

// hideSecrets is the second net under ShowValues: it takes out the value of
// anything that is called like a secret, that holds something which the
// document calls one, or that repeats a credential of the request.
func hideSecrets(findings []Finding, secrets []string) {
	for i := range findings {
		f := &findings[i]
		hideSecrets(f.Inner, secrets)
		holds := func(secret string) bool { return secret != "" && strings.Contains(f.Value, secret) }
		if secretName.MatchString(f.Pointer) || slices.ContainsFunc(secrets, holds) {
			f.Value = ""
		}
		if len(f.Value) > maxValue {
			f.Value = strings.ToValidUTF8(f.Value[:maxValue], "") + "…"
		}
	}
}

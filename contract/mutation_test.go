package contract_test

// The proof that the suite can fail: every recorded response is changed in every
// way that the document forbids, or is silent about, one change at a time, and the
// judge has to find that change, by its rule, at its place, and nothing else. What
// is forbidden is read from the document by kin-openapi, not by the judge.

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/daric-dev/daric"
	"github.com/daric-dev/daric/contract"
	"github.com/daric-dev/daric/contract/recording"
)

// A mutation is one change of a response, and what has to be found.
type mutation struct {
	kind     string
	exchange contract.Exchange
	rule     contract.Rule
	severity contract.Severity
	pointer  string
}

// A mutator walks a body beside its schema and puts changed bodies out.
type mutator struct {
	root any
	out  func(kind string, rule contract.Rule, severity contract.Severity, pointer string, body any)
}

// change makes a copy of the body in which edit has changed the value at the path.
func (m *mutator) change(path []string, edit func(any) any) any {
	var descend func(v any, path []string) any
	descend = func(v any, path []string) any {
		if len(path) == 0 {
			return edit(v)
		}
		switch v := v.(type) {
		case map[string]any:
			out := maps.Clone(v)
			out[path[0]] = descend(v[path[0]], path[1:])
			return out
		case []any:
			out := slices.Clone(v)
			i, _ := strconv.Atoi(path[0])
			out[i] = descend(v[i], path[1:])
			return out
		}
		panic("no such path")
	}
	return descend(m.root, path)
}

func at(path []string) string {
	var out strings.Builder
	for _, name := range path {
		out.WriteString("/" + strings.NewReplacer("~", "~0", "/", "~1").Replace(name))
	}
	return out.String()
}

func (m *mutator) set(kind string, rule contract.Rule, severity contract.Severity, path []string, value any) {
	m.out(kind, rule, severity, at(path), m.change(path, func(any) any { return value }))
}

// another is a value of another type than any that a schema of ours allows there.
func another(v any) any {
	if _, isBool := v.(bool); isBool {
		return json.Number("7")
	}
	return true
}

// walk mutates v, which stands at path and fits the schema. tag is the name of the
// property that chose the schema, when one did.
func (m *mutator) walk(ref *openapi3.SchemaRef, v any, path []string, tag string) {
	s := ref.Value
	if len(s.OneOf) > 0 {
		m.set("another type", contract.SchemaMismatch, contract.SeverityBroken, path, another(v))
		m.set("null", contract.SchemaMismatch, contract.SeverityBroken, path, nil)
		if s.Discriminator == nil {
			return
		}
		object := v.(map[string]any)
		tag := s.Discriminator.PropertyName
		below := append(slices.Clone(path), tag)
		rule, severity := contract.SchemaMismatch, contract.SeverityBroken
		if s.Extensions["x-daric-open"] == true {
			rule, severity = contract.NewVariant, contract.SeverityNew
		}
		m.set("unknown variant", rule, severity, below, "no-such-variant")
		variant := s.Discriminator.Mapping[object[tag].(string)].Ref
		for _, one := range s.OneOf {
			if one.Ref == variant {
				m.walk(one, v, path, tag)
			}
		}
		return
	}
	if s.Type == nil {
		return // anything
	}
	if v == nil {
		if len(s.Enum) == 0 {
			m.set("another type", contract.SchemaMismatch, contract.SeverityBroken, path, true)
		}
		return
	}
	if tag == "" { // the union has done so
		m.set("another type", contract.SchemaMismatch, contract.SeverityBroken, path, another(v))
		if !s.Nullable {
			m.set("null", contract.SchemaMismatch, contract.SeverityBroken, path, nil)
		}
	}
	if len(s.Enum) > 0 {
		if s.Extensions["x-daric-open"] == true {
			m.set("unknown enum value", contract.NewEnumValue, contract.SeverityNew, path, "no-such-value")
		} else {
			m.set("unknown enum value", contract.SchemaMismatch, contract.SeverityBroken, path, "no-such-value")
		}
	}
	switch s.Format {
	case "date-time":
		m.set("broken format", contract.FormatMismatch, contract.SeverityBroken, path, "2026-02-30T00:00:00Z")
	case "int64":
		m.set("broken format", contract.FormatMismatch, contract.SeverityBroken, path, json.Number("9223372036854775808"))
	}
	if s.Type.Is("integer") {
		m.set("fraction", contract.SchemaMismatch, contract.SeverityBroken, path, json.Number("1.5"))
	}
	switch v := v.(type) {
	case []any:
		for i, item := range v {
			m.walk(s.Items, item, append(slices.Clone(path), strconv.Itoa(i)), "")
		}
	case map[string]any:
		m.object(s, v, path, tag)
	}
}

func (m *mutator) object(s *openapi3.Schema, v map[string]any, path []string, tag string) {
	with := func(name string, value any) any {
		return m.change(path, func(v any) any {
			out := maps.Clone(v.(map[string]any))
			out[name] = value
			return out
		})
	}
	for _, name := range s.Required {
		m.out("missing property", contract.SchemaMismatch, contract.SeverityBroken, at(append(slices.Clone(path), name)), m.change(path, func(v any) any {
			out := maps.Clone(v.(map[string]any))
			delete(out, name)
			return out
		}))
	}
	if len(s.Properties) > 0 {
		m.out("unknown property", contract.UndeclaredProperty, contract.SeverityNew, at(append(slices.Clone(path), "no_such_property")), with("no_such_property", "x"))
	}
	for _, name := range slices.Sorted(maps.Keys(s.Properties)) {
		property := s.Properties[name]
		value, came := v[name]
		switch {
		case property.Value.WriteOnly:
			m.out("write-only property", contract.WriteOnlyReturned, contract.SeverityBroken, at(append(slices.Clone(path), name)), with(name, "x"))
		case came && name != tag:
			m.walk(property, value, append(slices.Clone(path), name), "")
		}
	}
}

// mutations makes all of a recorded exchange.
func mutations(t *testing.T, doc *openapi3.T, x contract.Exchange, key string) []mutation {
	t.Helper()
	var out []mutation
	add := func(kind string, rule contract.Rule, severity contract.Severity, pointer string, header http.Header, body []byte) {
		changed := x
		changed.Response.Header, changed.Response.Body = header, contract.Body{Data: body}
		out = append(out, mutation{kind, changed, rule, severity, pointer})
	}
	header, body := x.Response.Header, x.Response.Body.Data
	other := header.Clone()
	other.Set("Content-Type", "text/html")
	add("undocumented content type", contract.UndocumentedContentType, contract.SeverityBroken, "/Content-Type", other, body)
	none := header.Clone()
	none.Del("Content-Type")
	add("no content type", contract.MissingContentType, contract.SeverityBroken, "", none, body)
	unknown := header.Clone()
	unknown.Set("X-No-Such-Header", "1")
	add("unknown header", contract.UndeclaredHeader, contract.SeverityNew, "/X-No-Such-Header", unknown, body)
	add("empty body", contract.EmptyBody, contract.SeverityBroken, "", header, nil)
	text := strings.TrimSpace(string(body))
	add("bytes behind the body", contract.MalformedJSON, contract.SeverityBroken, "", header, []byte(text+"{}"))
	add("bytes that are not UTF-8", contract.MalformedJSON, contract.SeverityBroken, "", header, []byte(text+"\xff"))
	for _, cut := range []int{1, len(text) / 3, len(text) / 2, len(text) - 1} {
		add("truncated body", contract.MalformedJSON, contract.SeverityBroken, "*", header, []byte(text[:cut]))
	}
	add("the same name twice", contract.DuplicateKey, contract.SeverityNew, "*", header, twice(t, text))

	var root any
	dec := json.NewDecoder(strings.NewReader(text))
	dec.UseNumber()
	if err := dec.Decode(&root); err != nil {
		t.Fatal(err)
	}
	schema := doc.Paths.Find("/v1/agents/{agent_id}/messages").Post.Responses.Value(key).Value.Content["application/json"].Schema
	m := mutator{root, func(kind string, rule contract.Rule, severity contract.Severity, pointer string, changed any) {
		text, err := json.Marshal(changed)
		if err != nil {
			t.Fatal(err)
		}
		add(kind, rule, severity, pointer, header, text)
	}}
	m.walk(schema, root, nil, "")
	return out
}

// twice repeats the first member of an object behind its last.
func twice(t *testing.T, text string) []byte {
	t.Helper()
	dec := json.NewDecoder(strings.NewReader(text))
	_, _ = dec.Token()
	name, err := dec.Token()
	var value json.RawMessage
	if err == nil {
		err = dec.Decode(&value)
	}
	if err != nil {
		t.Fatal(err)
	}
	return []byte(strings.TrimSuffix(text, "}") + fmt.Sprintf(", %q: %s}", name, value))
}

// found tells that the judge finds the mutation, and nothing else.
func (m mutation) found(spec *contract.Spec) ([]contract.Finding, bool) {
	got := spec.Check(m.exchange).Findings
	return got, len(got) == 1 && got[0].Rule == m.rule && got[0].Severity == m.severity && (m.pointer == "*" || got[0].Pointer == m.pointer)
}

// mutationTable judges all mutations of the evidence, prints what was found, and
// gives them back.
func mutationTable(t *testing.T, spec *contract.Spec) []mutation {
	doc, err := openapi3.NewLoader().LoadFromData(daric.Document())
	if err != nil {
		t.Fatal(err)
	}
	type row struct {
		kind     string
		rule     contract.Rule
		severity contract.Severity
	}
	made, found := map[row]int{}, map[row]int{}
	var mutated []mutation
	for x, err := range recording.FS(daric.Evidence(), recording.Options{}) {
		if err != nil {
			t.Fatal(err)
		}
		x.Request.Unrecorded = true
		v := spec.Check(x)
		if v.Outcome != contract.Kept {
			t.Errorf("%s is %s before it is changed", x.Source, v.Outcome)
		}
		mutated = append(mutated, mutations(t, doc, x, v.Response)...)
	}
	for _, m := range mutated {
		r := row{m.kind, m.rule, m.severity}
		made[r]++
		if got, ok := m.found(spec); ok {
			found[r]++
		} else {
			t.Errorf("%s, %s at %s: want %s, got %s\n%s", m.exchange.Source, m.kind, m.pointer, m.rule, short(got), m.exchange.Response.Body.Data)
		}
	}
	fmt.Println("Mutations of the evidence: made, found by the rule they were made for and by no other")
	all, caught := 0, 0
	for _, r := range slices.SortedFunc(maps.Keys(made), func(a, b row) int { return strings.Compare(fmt.Sprint(a), fmt.Sprint(b)) }) {
		fmt.Printf("  %-26s %4d %4d  %s (%s)\n", r.kind, made[r], found[r], r.rule, r.severity)
		all, caught = all+made[r], caught+found[r]
	}
	fmt.Printf("  %-26s %4d %4d  %d %%\n\n", "all", all, caught, 100*caught/max(all, 1))
	if all < 100 {
		t.Errorf("only %d mutations", all)
	}
	return mutated
}

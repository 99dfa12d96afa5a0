package contract_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/daric-dev/daric/contract"
)

const deviating = "type: object\nproperties: {a: {type: string}, list: {type: array, items: {type: integer}}}"

func TestBaseline(t *testing.T) {
	spec := compile(t, deviating, "")
	v := spec.Check(answer(`{"a":1,"list":[1,"x"],"b":2}`))
	var known []contract.Known
	for _, f := range v.Findings {
		known = append(known, contract.KnownAs(v, f, "reported upstream"), contract.KnownAs(v, f, "reported upstream"))
	}
	var file bytes.Buffer
	if err := contract.WriteBaseline(&file, known); err != nil {
		t.Fatal(err)
	}
	const want = `{"operation":"GET /","direction":"response","rule":"schema-mismatch","part":"body","pointer":"/a","keyword":"type","reason":"reported upstream"}
{"operation":"GET /","direction":"response","rule":"schema-mismatch","part":"body","pointer":"/list/*","keyword":"type","reason":"reported upstream"}
{"operation":"GET /","direction":"response","rule":"undeclared-property","part":"body","pointer":"/b","keyword":"properties","reason":"reported upstream"}
`
	if file.String() != want {
		t.Errorf("got\n%s", file.String())
	}
	for body, tt := range map[string]struct {
		outcome contract.Outcome
		stale   int
	}{
		`{"a":1,"list":[1,"x"],"b":2}`:     {contract.Kept, 0},
		`{"a":1,"list":["x"],"b":2}`:       {contract.Kept, 0}, // another index is the same deviation
		`{"a":1,"list":[1,"x"]}`:           {contract.Kept, 1},
		`{"a":"","list":[1]}`:              {contract.Kept, 3},
		`{"a":1,"list":["x"],"b":2,"c":3}`: {contract.New, 0},
		`{"a":1,"list":"x","b":2}`:         {contract.Broken, 1},
	} {
		b, err := contract.ReadBaseline("known.ndjson", strings.NewReader(want))
		if err != nil {
			t.Fatal(err)
		}
		// The document moves its lines, which makes nothing stale.
		v := compile(t, "description: moved\n"+deviating, "").Check(answer(body))
		b.Apply(&v)
		stale := 0
		if err := b.Stale(); err != nil {
			stale = strings.Count(err.Error(), "is gone")
		}
		if v.Outcome != tt.outcome || stale != tt.stale {
			t.Errorf("%s: %s with %d stale lines, want %s with %d", body, v.Outcome, stale, tt.outcome, tt.stale)
		}
	}
}

func TestBaselineRefuses(t *testing.T) {
	const good = `{"operation":"a","direction":"response","rule":"schema-mismatch","part":"body","pointer":"/a","reason":"r"}`
	for name, tt := range map[string]struct{ text, want string }{
		"no JSON":           {"hello", "b:1: read deviation"},
		"two on a line":     {good + good, "b:1: want one deviation a line"},
		"an unknown member": {strings.Replace(good, "operation", "operatoin", 1), `b:1: read deviation: json: unknown field "operatoin"`},
		"an unknown rule":   {strings.Replace(good, "schema-", "scheme-", 1), `b:1: there is no rule "scheme-mismatch"`},
		"no reason":         {strings.Replace(good, `"r"`, `" "`, 1), "b:1: a known deviation has a reason"},
		"the same twice":    {good + "\n\n" + strings.Replace(good, `"r"`, `"s"`, 1), "b:3: the deviation stands on line 1 already"},
	} {
		if _, err := contract.ReadBaseline("b", strings.NewReader(tt.text)); err == nil || !strings.HasPrefix(err.Error(), tt.want) {
			t.Errorf("%s: %v, want %s", name, err, tt.want)
		}
	}
}

func FuzzReadBaseline(f *testing.F) {
	f.Add([]byte(`{"operation":"a","direction":"response","rule":"schema-mismatch","part":"body","pointer":"/a","reason":"r"}`))
	f.Add([]byte("{\n\xff"))
	f.Fuzz(func(t *testing.T, text []byte) {
		b, err := contract.ReadBaseline("b", bytes.NewReader(text))
		if (b == nil) == (err == nil) {
			t.Errorf("%v %v", b, err)
		}
	})
}

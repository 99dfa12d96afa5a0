package contract_test

// The proof from the other side: the document is changed, one edit at a time, and
// something has to notice. An edit that asks for more is noticed by a recording
// that no longer keeps it; one that asks for less by a mutation of the evidence that
// is no longer found. What nothing notices is unguarded: the document could say
// otherwise, and every test would still pass.

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/daric-dev/daric"
	"github.com/daric-dev/daric/contract"
	"github.com/daric-dev/daric/contract/recording"
)

// An edit is one change of a component schema.
type edit struct {
	kind   string
	schema string
	what   string // the property or value that it is about
	apply  func(schema map[string]any)
}

// edits lists all of a schema, named ones and those of its properties alike.
func edits(name string, s map[string]any) []edit {
	var out []edit
	add := func(kind, what string, apply func(map[string]any)) {
		out = append(out, edit{kind, name, what, apply})
	}
	without := func(list []any, v any) []any {
		return slices.DeleteFunc(slices.Clone(list), func(x any) bool { return x == v })
	}
	required, _ := s["required"].([]any)
	for _, r := range required {
		add("required dropped", r.(string), func(s map[string]any) { s["required"] = without(required, r) })
	}
	properties, _ := s["properties"].(map[string]any)
	for _, p := range slices.Sorted(maps.Keys(properties)) {
		if !slices.Contains(required, any(p)) {
			add("property required", p, func(s map[string]any) { s["required"] = append(slices.Clone(required), p) })
		}
		add("property dropped", p, func(s map[string]any) {
			rest := maps.Clone(properties)
			delete(rest, p)
			s["properties"] = rest
			s["required"] = without(required, any(p))
		})
		inline, _ := properties[p].(map[string]any)
		for _, e := range edits(name, inline) {
			inner := e.apply
			e.what = strings.TrimSpace(p + " " + e.what)
			e.apply = func(s map[string]any) {
				changed := maps.Clone(inline)
				inner(changed)
				all := maps.Clone(properties)
				all[p] = changed
				s["properties"] = all
			}
			out = append(out, e)
		}
	}
	enum, _ := s["enum"].([]any)
	for _, v := range enum {
		if len(enum) > 1 {
			add("enum value dropped", fmt.Sprint(v), func(s map[string]any) { s["enum"] = without(enum, v) })
		}
	}
	for _, keyword := range []string{"format", "nullable", "writeOnly", "x-daric-open", "enum", "additionalProperties", "minLength", "x-daric-property-names"} {
		if s[keyword] != nil && (keyword != "enum" || s["x-daric-open"] == nil) { // without its list nothing is open
			add(keyword+" dropped", "", func(s map[string]any) { delete(s, keyword) })
		}
	}
	if s["type"] != nil && s["items"] == nil {
		add("type dropped", "", func(s map[string]any) { delete(s, "type") })
	}
	return out
}

// unguarded gives the reasons for which nothing notices an edit.
var unguarded = []struct {
	reason string
	is     func(edit) bool
}{
	{"only in requests, which are not mutated", func(e edit) bool {
		return slices.Contains([]string{"UserMessage", "SessionOptions", "Secret", "Secrets", "LLMAPIKey", "UserMessageType"}, e.schema)
	}},
	{"no recording has the value", func(e edit) bool { return e.kind == "enum value dropped" }},
	{"no recording has the property", func(e edit) bool {
		return e.schema == "Session" && slices.Contains([]string{"secrets", "llm_api_key"}, e.what)
	}},
	{"inside of a union that has no tag, which is not mutated", func(e edit) bool { return strings.HasPrefix(e.schema, "Error") }},
	{"the tag chooses the variant before its own enum is asked", func(e edit) bool {
		return strings.HasSuffix(e.schema, "Block") && strings.HasPrefix(e.what, "type")
	}},
	{"a map of anything, or of strings, whose members are not mutated", func(e edit) bool { return strings.HasSuffix(e.schema, "Metadata") }},
	{"prints of other endpoints lack the property; every recording of this one has it", func(e edit) bool { return e.kind == "property required" }},
	{"never null in a recording", func(e edit) bool { return e.kind == "nullable dropped" }},
}

// documentTable makes every edit and prints what notices it.
func documentTable(t *testing.T, mutated []mutation) {
	var document map[string]any
	if err := yaml.Unmarshal(daric.Document(), &document); err != nil {
		t.Fatal(err)
	}
	schemas := document["components"].(map[string]any)["schemas"].(map[string]any)
	var evidence []contract.Exchange
	for x, err := range recording.FS(daric.Evidence(), recording.Options{}) {
		if err != nil {
			t.Fatal(err)
		}
		evidence = append(evidence, x)
	}
	notices := func(spec *contract.Spec) string {
		for _, x := range evidence {
			if spec.Check(x).Outcome != contract.Kept {
				return "evidence"
			}
		}
		for _, m := range mutated {
			if _, ok := m.found(spec); !ok {
				return "mutation"
			}
		}
		return ""
	}
	made, byEvidence, byMutation := map[string]int{}, map[string]int{}, map[string]int{}
	reasons := map[string]int{}
	for _, name := range slices.Sorted(maps.Keys(schemas)) {
		original := schemas[name].(map[string]any)
		for _, e := range edits(name, original) {
			changed := maps.Clone(original)
			e.apply(changed)
			schemas[name] = changed
			text, err := json.Marshal(document)
			schemas[name] = original
			if err != nil {
				t.Fatal(err)
			}
			spec, err := contract.Compile("openapi.json", text)
			if err != nil {
				continue // an edit that makes no document is noticed by every reader of it
			}
			made[e.kind]++
			switch notices(spec) {
			case "evidence":
				byEvidence[e.kind]++
			case "mutation":
				byMutation[e.kind]++
			default:
				i := slices.IndexFunc(unguarded, func(u struct {
					reason string
					is     func(edit) bool
				}) bool {
					return u.is(e)
				})
				if i < 0 {
					t.Errorf("nothing notices: %s, %s %s", e.kind, e.schema, e.what)
					continue
				}
				reasons[unguarded[i].reason]++
			}
		}
	}
	fmt.Println("Edits of the document: made, noticed by the evidence, noticed by its mutations, unguarded")
	total := [4]int{}
	for _, kind := range slices.Sorted(maps.Keys(made)) {
		row := [4]int{made[kind], byEvidence[kind], byMutation[kind], made[kind] - byEvidence[kind] - byMutation[kind]}
		fmt.Printf("  %-30s %4d %4d %4d %4d\n", kind, row[0], row[1], row[2], row[3])
		for i := range total {
			total[i] += row[i]
		}
	}
	fmt.Printf("  %-30s %4d %4d %4d %4d\n", "all", total[0], total[1], total[2], total[3])
	for _, reason := range slices.Sorted(maps.Keys(reasons)) {
		fmt.Printf("  unguarded %3d: %s\n", reasons[reason], reason)
	}
	fmt.Println()
	for _, u := range unguarded {
		if reasons[u.reason] == 0 {
			t.Errorf("a reason that nothing needs: %s", u.reason)
		}
	}
}

package contract_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/daric-dev/daric/contract"
	"github.com/daric-dev/daric/contract/recording"
)

var update = flag.Bool("update", false, "rewrite the wanted findings of the rule fixtures")

// Each file of testdata/rules is one rule: a document, recordings that break the
// rule and recordings that keep it, and behind each recording what the judge
// wants to say of it. A recording whose name starts with "breaks" must get a
// finding of the rule, and of no other unless its name says why ("breaks-and-…");
// one whose name starts with "keeps" must get none at all.
func TestRules(t *testing.T) {
	for _, row := range contract.Rules {
		t.Run(string(row.Rule), func(t *testing.T) {
			name := filepath.Join("testdata", "rules", string(row.Rule)+".txtar")
			fixture, err := txtar.ParseFile(name)
			if err != nil {
				t.Fatalf("a rule without a fixture: %v", err)
			}
			spec := (*contract.Spec)(nil)
			var broke, kept bool
			for i := 0; i < len(fixture.Files); i++ {
				f := &fixture.Files[i]
				if f.Name == "openapi.yaml" {
					if spec, err = contract.Compile(f.Name, f.Data); err != nil {
						t.Fatal(err)
					}
					continue
				}
				base, isRecording := strings.CutSuffix(f.Name, ".http")
				if !isRecording || i+1 == len(fixture.Files) || fixture.Files[i+1].Name != base+".want" {
					t.Fatalf("unknown entry %q: want openapi.yaml, or NAME.http with NAME.want behind it", f.Name)
				}
				i++
				want := &fixture.Files[i]
				verdicts := judge(t, spec, f.Name, string(f.Data))
				got := render(verdicts)
				if *update {
					want.Data = []byte(got)
				}
				if got != string(want.Data) {
					t.Errorf("%s: got\n%s\nwant\n%s", f.Name, got, want.Data)
				}
				for _, v := range verdicts {
					readBack(t, fixture, v)
					ofRule := func(f contract.Finding) bool { return f.Rule == row.Rule }
					switch {
					case strings.HasPrefix(base, "breaks"):
						broke = true
						if !slices.ContainsFunc(v.Findings, ofRule) {
							t.Errorf("%s does not break the rule", f.Name)
						}
						if !strings.HasPrefix(base, "breaks-and") && !all(v.Findings, ofRule) {
							t.Errorf("%s breaks other rules too", f.Name)
						}
					case strings.HasPrefix(base, "keeps"):
						kept = true
						if v.Outcome != contract.Kept {
							t.Errorf("%s is %s", f.Name, v.Outcome)
						}
					default:
						t.Errorf("unknown entry %q: want breaks… or keeps…", f.Name)
					}
				}
			}
			if !broke || !kept {
				t.Error("want a case that breaks the rule and one that keeps it")
			}
			if *update {
				if err := os.WriteFile(name, txtar.Format(fixture), 0o644); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

func all(findings []contract.Finding, is func(contract.Finding) bool) bool {
	return !slices.ContainsFunc(findings, func(f contract.Finding) bool { return !is(f) })
}

// Every fixture has its rule: a fixture of a rule that is gone would never run.
func TestEveryFixtureHasItsRule(t *testing.T) {
	files, err := filepath.Glob(filepath.Join("testdata", "rules", "*"))
	if err != nil || len(files) == 0 {
		t.Fatal("no fixtures", err)
	}
	for _, file := range files {
		rule := contract.Rule(strings.TrimSuffix(filepath.Base(file), ".txtar"))
		if !slices.ContainsFunc(contract.Rules, func(row contract.RuleInfo) bool { return row.Rule == rule }) {
			t.Errorf("%s is the fixture of no rule", file)
		}
	}
}

func judge(t *testing.T, spec *contract.Spec, name, text string) []contract.Verdict {
	t.Helper()
	var out []contract.Verdict
	for v, err := range spec.CheckAll(recording.Read(name, strings.NewReader(text), recording.Options{})) {
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, v)
	}
	if len(out) == 0 {
		t.Fatalf("%s: no exchange", name)
	}
	return out
}

// render writes verdicts as a fixture wants them: the outcome, and three lines
// for each finding.
func render(verdicts []contract.Verdict) string {
	var out strings.Builder
	for _, v := range verdicts {
		fmt.Fprintf(&out, "%s %s\n", v.Source, v.Outcome)
		if v.Reason != "" {
			fmt.Fprintf(&out, "  reason %s\n", v.Reason)
		}
		renderFindings(&out, "  ", v.Findings)
	}
	return out.String()
}

func renderFindings(out *strings.Builder, margin string, findings []contract.Finding) {
	for _, f := range findings {
		fmt.Fprintf(out, "%s%s %s %s %s%s\n", margin, f.Rule, f.Severity, f.Direction, f.Part, f.Pointer)
		fmt.Fprintf(out, "%s  %s against %s:%d:%d %s\n", margin, f.Source, f.Spec.File, f.Spec.Line, f.Spec.Column, f.Spec.Pointer)
		fmt.Fprintf(out, "%s  want %s, got %s\n", margin, f.Want, f.Got)
		if f.Variant != "" {
			fmt.Fprintf(out, "%s  variant %s\n", margin, f.Variant)
		}
		renderFindings(out, margin+"  ", f.Inner)
	}
}

// readBack looks the places of the findings up in the files they name.
func readBack(t *testing.T, fixture *txtar.Archive, v contract.Verdict) {
	t.Helper()
	line := func(file string, n int) string {
		for _, f := range fixture.Files {
			if lines := strings.Split(string(f.Data), "\n"); f.Name == file && n >= 1 && n <= len(lines) {
				return lines[n-1]
			}
		}
		t.Errorf("no line %d in %s", n, file)
		return ""
	}
	for _, f := range v.Findings {
		pointer := strings.Split(f.Spec.Pointer, "/")
		key := strings.NewReplacer("~1", "/", "~0", "~").Replace(pointer[len(pointer)-1])
		text := line(f.Spec.File, f.Spec.Line)
		if at := strings.TrimLeft(text[min(f.Spec.Column-1, len(text)):], `'"`); !strings.HasPrefix(at, key) && key[0] > '9' {
			t.Errorf("%s is said to be at %d:%d, where %q stands", f.Spec.Pointer, f.Spec.Line, f.Spec.Column, at)
		}
		line(f.Source.File, f.Source.Line)
		if f.Part == contract.PartBody && f.Keyword != "" && f.Pointer != "" && f.Keyword != "required" && f.Keyword != "discriminator" {
			parts := strings.Split(f.Pointer, "/")
			if name := parts[len(parts)-1]; !strings.Contains(line(f.Source.File, f.Source.Line), name) && name[0] > '9' {
				t.Errorf("%s is said to be on line %d of %s, where it is not", f.Pointer, f.Source.Line, f.Source.File)
			}
		}
	}
}

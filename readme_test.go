package daric_test

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/daric-dev/daric/contract"
)

var update = flag.Bool("update", false, "rewrite what commands print in README.md")

// Every file that README.md shows is written, every command that it shows is
// run, in its order, and what it prints is what README.md says.
func TestReadme(t *testing.T) {
	text, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	root, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	bin := filepath.Join(dir, "bin")
	work := filepath.Join(dir, "work")
	if err := os.Mkdir(work, 0o755); err != nil {
		t.Fatal(err)
	}
	environment := append(os.Environ(), "GOBIN="+bin, "PATH="+bin+string(os.PathListSeparator)+os.Getenv("PATH"), "NO_COLOR=1",
		"MAKEFLAGS=", "MAKELEVEL=") // make below make says which folder it is in
	run := 0
	for _, block := range regexp.MustCompile("(?ms)^```(\\S+)(?: (\\S+))?\n(.*?)^```$").FindAllStringSubmatch(string(text), -1) {
		language, file, body := block[1], block[2], block[3]
		if file != "" {
			if err := os.WriteFile(filepath.Join(work, file), []byte(body), 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		if language == "sh" { // run by CI, not by a test that it would run
			ci, err := os.ReadFile(filepath.Join(".ci", "run"))
			if err != nil || !strings.Contains(string(ci), body) {
				t.Errorf(".ci/run does not run %q", body)
			}
			continue
		}
		if language != "console" {
			t.Errorf("a block of %q: name its file, or make it a console", language)
		}
		commands := strings.Split("\n"+body, "\n$ ")[1:]
		for _, command := range commands {
			line, want, _ := strings.Cut(command, "\n")
			cmd := exec.Command("sh", "-c", line)
			cmd.Dir, cmd.Env = work, environment
			if strings.HasPrefix(line, "make ") || strings.Contains(line, "./cmd/daric") {
				cmd.Dir = root // the clone
			}
			var stderr strings.Builder
			cmd.Stderr = &stderr
			out, err := cmd.Output()
			if err != nil {
				t.Errorf("$ %s: %v\n%s%s", line, err, out, stderr.String())
				continue
			}
			if got, said := normal(string(out)), normal(want); !says(said, got) && *update {
				text = bytes.Replace(text, []byte("$ "+line+"\n"+want), append([]byte("$ "+line+"\n"), out...), 1)
			} else if !says(said, got) {
				t.Errorf("$ %s\nprints\n%s\nREADME.md says\n%s", line, got, said)
			}
			run++
			if line == "make contract" {
				holdsNumbers(t, string(text), string(out))
			}
		}
	}
	if *update {
		if err := os.WriteFile("README.md", text, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if run < 10 {
		t.Errorf("only %d commands were found", run)
	}
}

// holdsNumbers checks what README.md says in prose about the two tables of
// make contract.
func holdsNumbers(t *testing.T, readme, output string) {
	t.Helper()
	totals := regexp.MustCompile(`(?m)^  all +(\d+) +(\d+) +(\d+)`).FindAllStringSubmatch(output, -1)
	if len(totals) != 2 {
		t.Fatalf("%d tables", len(totals))
	}
	n := func(s string) int { v, _ := strconv.Atoi(s); return v }
	edits := totals[1]
	for _, want := range []string{
		totals[0][1] + " changes, each found",
		fmt.Sprintf("%s times: %d edits are\nnoticed", edits[1], n(edits[2])+n(edits[3])),
	} {
		if !strings.Contains(readme, want) {
			t.Errorf("README.md does not say %q", want)
		}
	}
}

// says tells whether README.md gives the output, where a line … stands for any
// number of lines.
func says(said, got string) bool {
	head, tail, cut := strings.Cut(said, "\n…\n")
	if !cut {
		return said == got
	}
	return len(got) >= len(head)+len(tail) && strings.HasPrefix(got, head) && strings.HasSuffix(got, tail)
}

var duration = regexp.MustCompile(`\d+\.\d+s`)

func normal(text string) string {
	return strings.TrimSpace(duration.ReplaceAllString(text, "0.0s"))
}

// The table of rules in README.md is the table of rules in the code.
func TestReadmeHasTheRules(t *testing.T) {
	text, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	var table strings.Builder
	table.WriteString("| rule | severity | law | says |\n|---|---|---|---|\n")
	for _, r := range contract.Rules {
		fmt.Fprintf(&table, "| `%s` | %s | %s | %s |\n", r.Rule, r.Severity, r.Law, r.Says)
	}
	if !strings.Contains(string(text), table.String()) {
		t.Errorf("README.md should have\n%s", table.String())
	}
}

package main

import (
	"encoding/json"
	"encoding/xml"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jstemmer/go-junit-report/v2/junit"
	"github.com/rogpeppe/go-internal/testscript"

	"github.com/daric-dev/daric/contract/report"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"daric": main})
}

func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 filepath.Join("testdata", "script"),
		RequireExplicitExec: true,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			// exits CODE PROGRAM ARGS...: the program ends with that code.
			"exits": func(ts *testscript.TestScript, _ bool, args []string) {
				err := ts.Exec(args[1], args[2:]...)
				code := "0"
				if err != nil {
					code = strings.TrimPrefix(err.Error(), "exit status ")
				}
				if code != args[0] {
					ts.Fatalf("exit code %s, want %s", code, args[0])
				}
			},
			// isjson FILE: the file is a JSON report, and nothing else.
			"isjson": func(ts *testscript.TestScript, _ bool, args []string) {
				dec := json.NewDecoder(strings.NewReader(ts.ReadFile(args[0])))
				dec.DisallowUnknownFields()
				var r report.JSONReport
				ts.Check(dec.Decode(&r))
				if r.Version != report.JSONVersion || dec.More() {
					ts.Fatalf("version %d", r.Version)
				}
			},
			// isjunit FILE: the file is a JUnit report.
			"isjunit": func(ts *testscript.TestScript, _ bool, args []string) {
				var suites junit.Testsuites
				ts.Check(xml.Unmarshal([]byte(ts.ReadFile(args[0])), &suites))
				if suites.Tests == 0 {
					ts.Fatalf("no tests")
				}
			},
		},
	})
}

// Ctrl-C keeps what is done: the report in the file is whole, and the exit code
// says that it is not all.
func TestInterrupt(t *testing.T) {
	dir := t.TempDir()
	binary := filepath.Join(dir, "daric")
	if out, err := exec.Command("go", "build", "-o", binary, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	name := filepath.Join(dir, "report.json")
	cmd := exec.Command(binary, "check", "--format", "json="+name, "-")
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	var stdout, stderr strings.Builder
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	signal.Ignore(syscall.SIGPIPE)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if _, err := stdin.Write([]byte(`{"request":{"method":"GET","url":"/unknown"},"response":{"status":200}}` + "\n" + `{"request":`)); err != nil {
		t.Fatal(err)
	}
	// The report on standard output is flushed with each block: then the first
	// exchange is judged, and the command waits for the rest of the second.
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		if _, err := os.Stat(name + ".part"); err == nil || time.Now().After(deadline) {
			break
		}
	}
	time.Sleep(300 * time.Millisecond)
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	err = cmd.Wait()
	_ = stdin.Close()
	if code := cmd.ProcessState.ExitCode(); code != report.ExitDoubt {
		t.Errorf("exit code %d, %v\n%s%s", code, err, stdout.String(), stderr.String())
	}
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	var r report.JSONReport
	if err := json.Unmarshal(text, &r); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	if !strings.Contains(stderr.String(), "daric: interrupted") || !strings.Contains(r.Verdicts[len(r.Verdicts)-1].Reason, "interrupted") {
		t.Errorf("%s\n%s", stderr.String(), text)
	}
}

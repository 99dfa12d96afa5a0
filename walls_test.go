package daric_test

// The walls of the house: which package may import which, and where each heavy
// library may stand. A package that no row mentions fails the test.

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/daric-dev/daric"

// walls lists for each package of the module what it may import of the module
// and, behind a bar, of other modules. Tests are free: only they see gen/ and
// contract/ together.
var walls = map[string]string{
	"":                      "|",
	"secret":                "|",
	"gen/api":               "secret | github.com/oapi-codegen/runtime github.com/oapi-codegen/nullable",
	"gen/server":            "gen/api | github.com/oapi-codegen/runtime",
	"emulator":              "gen/api gen/server | github.com/oapi-codegen/nullable",
	"contract":              "| github.com/getkin/kin-openapi go.yaml.in/yaml github.com/go-json-experiment/json github.com/dlclark/regexp2",
	"contract/recording":    "contract | github.com/chromedp/cdproto github.com/go-json-experiment/json github.com/klauspost/compress go.yaml.in/yaml gopkg.in/dnaeon/go-vcr.v4",
	"contract/report":       "contract | github.com/jstemmer/go-junit-report github.com/fatih/color",
	"contract/contracttest": "contract contract/report |",
	"cmd/daric": " contract contract/recording contract/report | github.com/spf13/cobra " +
		"github.com/schollz/progressbar github.com/fatih/color golang.org/x/term",
}

func TestWalls(t *testing.T) {
	out, err := exec.Command("go", "list", "-json=ImportPath,Imports", "./...").Output()
	if err != nil {
		t.Fatal(err)
	}
	packages := 0
	for dec := json.NewDecoder(strings.NewReader(string(out))); ; packages++ {
		var p struct {
			ImportPath string
			Imports    []string
		}
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		name := strings.TrimPrefix(strings.TrimPrefix(p.ImportPath, module), "/")
		row, listed := walls[name]
		if !listed {
			t.Errorf("package %q has no row in the table of walls", name)
			continue
		}
		ours, theirs, _ := strings.Cut(row, "|")
		for _, imported := range p.Imports {
			switch own, isOwn := strings.CutPrefix(imported+"/", module+"/"); {
			case isOwn:
				own = strings.TrimSuffix(own, "/")
				if own != "" && !slices.Contains(strings.Fields(ours), own) || own == "" && !strings.HasPrefix(name, "cmd/") {
					t.Errorf("%s imports %s through a wall", name, imported)
				}
			case strings.Contains(strings.SplitN(imported, "/", 2)[0], "."):
				allowed := func(m string) bool { return imported == m || strings.HasPrefix(imported, m+"/") }
				if !slices.ContainsFunc(strings.Fields(theirs), allowed) {
					t.Errorf("%s imports %s, which its row does not name", name, imported)
				}
			}
		}
	}
	if packages < len(walls) {
		t.Errorf("%d packages for %d rows: a row has no package", packages, len(walls))
	}
}

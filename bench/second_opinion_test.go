package bench_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pb33f/libopenapi"
	validator "github.com/pb33f/libopenapi-validator"
	"github.com/pb33f/libopenapi-validator/config"
	"golang.org/x/tools/txtar"

	"github.com/daric-dev/daric/contract"
	"github.com/daric-dev/daric/contract/recording"
)

// disagreements names every recording of the rule fixtures on which
// libopenapi-validator, with every strict option, says something else than the judge
// does, with who is right by which law. A line that no longer applies fails.
var disagreements = map[string]string{
	"duplicate-key/breaks":                 "the judge: RFC 7493 section 2.3; the peer lets the last name win",
	"duplicate-key/breaks-escaped":         "the judge: RFC 7493 section 2.3; the peer lets the last name win",
	"empty-body/breaks":                    "the judge: OAS 3.0.3, Response Object, content; the peer validates no empty body",
	"format-mismatch/keeps":                "the judge: RFC 3339 section 5.6: t and z may be lower case; a false alarm of the peer",
	"lone-surrogate/breaks":                "the judge: RFC 7493 section 2.1; the peer reads U+FFFD",
	"malformed-stream/breaks":              "the judge: OpenAPI 3.0 has no schema for an item, x-daric-item-schema has; the peer does not know it",
	"malformed-stream/breaks-as-new":       "the judge: OpenAPI 3.0 has no schema for an item, x-daric-item-schema has; the peer does not know it",
	"malformed-stream/breaks-lines":        "the judge: OpenAPI 3.0 has no schema for an item, x-daric-item-schema has; the peer does not know it",
	"malformed-stream/breaks-no-json":      "the judge: OpenAPI 3.0 has no schema for an item, x-daric-item-schema has; the peer does not know it",
	"malformed-stream/breaks-sequence":     "the judge: OpenAPI 3.0 has no schema for an item, x-daric-item-schema has; the peer does not know it",
	"malformed-stream/breaks-sequence-cut": "the judge: OpenAPI 3.0 has no schema for an item, x-daric-item-schema has; the peer does not know it",
	"missing-credentials/keeps-masked":     "the judge, by decision: a masked value counts as present; the peer wants the scheme's name",
	"parameter-mismatch/breaks-twice":      "the judge: OAS 3.0.3, Style Values: a primitive has one value; the peer takes one of them",
	"undeclared-header/keeps":              "the judge, by decision: headers of HTTP itself and of intermediaries are known; the peer reports Server",
	"undeclared-property/keeps":            "the judge: OAS 3.0.3, anyOf: the value fits both branches, and both declare; a false alarm of the peer",
	"unexpected-body/breaks":               "the judge: OAS 3.0.3, Response Object: no content is documented; the peer does not look",
	"unexpected-body/breaks-under-204":     "the judge: RFC 9110 section 15.3.5: a 204 has no content; the peer validates it",
	"unexpected-body/keeps":                "the judge: RFC 9110 section 15.3.5: a 204 has no content and needs no content type; a false alarm of the peer",
}

// TestSecondOpinion asks libopenapi-validator about every fixture of the rules.
func TestSecondOpinion(t *testing.T) {
	files, err := filepath.Glob(filepath.Join("..", "contract", "testdata", "rules", "*.txtar"))
	if err != nil || len(files) == 0 {
		t.Fatal("no fixtures", err)
	}
	asked, agreed := 0, 0
	left := map[string]bool{}
	for name := range disagreements {
		left[name] = true
	}
	for _, file := range files {
		archive, err := txtar.ParseFile(file)
		if err != nil {
			t.Fatal(err)
		}
		rule := strings.TrimSuffix(filepath.Base(file), ".txtar")
		spec, theirs := compileBoth(t, archive.Files[0].Data)
		for _, f := range archive.Files[1:] {
			base, isRecording := strings.CutSuffix(f.Name, ".http")
			if !isRecording {
				continue
			}
			for x, err := range recording.Read(f.Name, bytes.NewReader(f.Data), recording.Options{}) {
				if err != nil {
					t.Fatal(err)
				}
				name := rule + "/" + base
				ours := spec.Check(x).Outcome != contract.Kept
				second, said := opinion(theirs, x)
				asked++
				switch reason, listed := disagreements[name], left[name]; {
				case ours == second && !listed:
					agreed++
				case ours == second:
					t.Errorf("%s: both say the same by now; take it out of the list (%s)", name, reason)
				case !listed:
					t.Errorf("%s: objection is %t here and %t there: %s", name, ours, second, said)
				}
				delete(left, name)
			}
		}
	}
	for name := range left {
		t.Errorf("%s is listed and does not exist", name)
	}
	fmt.Printf("libopenapi-validator, strict: %d fixtures, %d agreed, %d disagreements explained\n", asked, agreed, len(disagreements))
}

func compileBoth(t *testing.T, document []byte) (*contract.Spec, validator.Validator) {
	t.Helper()
	spec, err := contract.Compile("openapi.yaml", document)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := libopenapi.NewDocument(document)
	if err != nil {
		t.Fatal(err)
	}
	v, errs := validator.NewValidator(doc, config.WithStrictMode(), config.WithStrictRejectReadOnly(), config.WithStrictRejectWriteOnly(),
		config.WithFormatAssertions(), config.WithContentAssertions(), config.WithRejectUndeclaredRequestBody(), config.WithRejectUnsupportedBodyContent(),
		config.WithURLEncodedBodyValidation(), config.WithContentParameterValidation())
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	return spec, v
}

// opinion tells whether the peer objects to a message of the exchange that the
// judge judges, and what it says first.
func opinion(v validator.Validator, x contract.Exchange) (objects bool, said string) {
	target := "http://example.com" + x.Request.Path
	if x.Request.Query != "" {
		target += "?" + x.Request.Query
	}
	request := func() *http.Request {
		r, err := http.NewRequest(x.Request.Method, target, bytes.NewReader(x.Request.Body.Data))
		if err != nil {
			return nil
		}
		if x.Request.Header != nil {
			r.Header = x.Request.Header.Clone()
		}
		return r
	}
	if !x.Request.Unrecorded && (x.Response.Status < 400 || x.Response.Status > 499) {
		if ok, errs := v.ValidateHttpRequest(request()); !ok {
			return true, errs[0].Message + ": " + errs[0].Reason
		}
	}
	header := x.Response.Header.Clone()
	if header == nil {
		header = http.Header{}
	}
	ok, errs := v.ValidateHttpResponse(request(), &http.Response{StatusCode: x.Response.Status, Header: header, Body: io.NopCloser(bytes.NewReader(x.Response.Body.Data)), Request: request()})
	if !ok {
		return true, errs[0].Message + ": " + errs[0].Reason
	}
	return false, ""
}

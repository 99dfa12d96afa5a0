package contracttest_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/daric-dev/daric/contract/contracttest"
)

// spy is a test that remembers what is said of it.
type spy struct {
	testing.TB
	errors, logs []string
}

func (s *spy) Helper()                      {}
func (s *spy) Error(args ...any)            { s.errors = append(s.errors, fmt.Sprint(args...)) }
func (s *spy) Errorf(f string, args ...any) { s.errors = append(s.errors, fmt.Sprintf(f, args...)) }
func (s *spy) Logf(f string, args ...any)   { s.logs = append(s.logs, fmt.Sprintf(f, args...)) }

const document = `openapi: 3.0.3
info: {title: t, version: '1'}
paths:
  /a:
    post:
      requestBody: {content: {application/json: {schema: {type: array, items: {}}}}}
      responses:
        '200': {description: ok, content: {application/json: {schema: {type: object, properties: {n: {type: integer}}}}}}
`

func TestResponseAndClient(t *testing.T) {
	file := filepath.Join(t.TempDir(), "openapi.yaml")
	if err := os.WriteFile(file, []byte(document), 0o644); err != nil {
		t.Fatal(err)
	}
	spec := contracttest.Spec(t, file)
	for _, tt := range []struct {
		name, path, sent, answer     string
		byResponse, byClient, logged string
	}{
		{"kept", "/a", "[]", `{"n":1}`, "", "", ""},
		{"broken", "/a", "[]", `{"n":"x"}`, "/a → 200: schema-mismatch: response body /n: want integer, got string", "/a → 200: schema-mismatch: response body /n", ""},
		{"new", "/a", "[]", `{"m":1}`, "", "", "undeclared-property"},
		{"a broken request", "/a", "{}", `{}`, "", "request body: want array, got object", ""},
		{"unknown", "/b", "[]", `{}`, "unknown-operation", "unknown-operation", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", "application/json")
				_, _ = io.WriteString(w, tt.answer)
			}))
			defer server.Close()
			post := func(client *http.Client) *http.Response {
				resp, err := client.Post(server.URL+tt.path, "application/json", strings.NewReader(tt.sent))
				if err != nil {
					t.Fatal(err)
				}
				return resp
			}
			check := func(s *spy, want string) {
				t.Helper()
				if all := strings.Join(s.errors, "\n"); (want == "") != (all == "") || !strings.Contains(all, want) {
					t.Errorf("errors %q, want %q", all, want)
				}
				if logs := strings.Join(s.logs, "\n"); !strings.Contains(logs, tt.logged) {
					t.Errorf("logs %q, want %q", logs, tt.logged)
				}
			}
			s := &spy{TB: t}
			resp := post(http.DefaultClient)
			defer resp.Body.Close()
			contracttest.Response(s, spec, resp)
			check(s, tt.byResponse)
			if again, err := io.ReadAll(resp.Body); err != nil || string(again) != tt.answer {
				t.Errorf("the body is %q afterwards, %v", again, err)
			}
			s = &spy{TB: t}
			resp = post(contracttest.Client(s, spec, nil))
			if body, err := io.ReadAll(resp.Body); err != nil || string(body) != tt.answer {
				t.Errorf("the body is %q, %v", body, err)
			}
			_ = resp.Body.Close()
			check(s, tt.byClient)
		})
	}
	s := &spy{TB: t}
	contracttest.Response(s, spec, &http.Response{})
	if len(s.errors) != 1 {
		t.Error("a response without a request is no error")
	}
}

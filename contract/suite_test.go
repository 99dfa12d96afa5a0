package contract_test

// The suite judges this repository's evidence. It drives the emulator, or a
// server that is named, with the generated client, judges every exchange by the
// document, and then the recordings that are kept. `make contract` runs it.

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"iter"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/daric-dev/daric"
	"github.com/daric-dev/daric/contract"
	"github.com/daric-dev/daric/contract/recording"
	"github.com/daric-dev/daric/contract/report"
	"github.com/daric-dev/daric/emulator"
	"github.com/daric-dev/daric/gen/api"
)

var record = flag.Bool("record", false, "rewrite testdata/recordings/emulator.ndjson")

const recordings = "testdata/recordings"

func dari(t testing.TB) *contract.Spec {
	t.Helper()
	spec, err := contract.Compile("openapi.yaml", daric.Document())
	if err != nil {
		t.Fatal(err)
	}
	return spec
}

// startEmulator runs an emulator whose ids and times are the same in every run.
func startEmulator(t *testing.T) string {
	t.Helper()
	var mu sync.Mutex
	minted := map[string]int{}
	server := httptest.NewServer(emulator.New(
		emulator.WithAPIKey(suiteKey),
		emulator.WithAgents("agt_123"),
		emulator.WithClock(func() time.Time { return time.Date(2026, 3, 31, 18, 40, 0, 0, time.UTC) }),
		emulator.WithIDs(func(prefix string) string {
			mu.Lock()
			defer mu.Unlock()
			minted[prefix]++
			return fmt.Sprint(prefix, minted[prefix])
		}),
	))
	t.Cleanup(server.Close)
	return server.URL
}

const suiteKey = "suite-key"

// A tape is a transport that keeps what passes, as exchanges.
type tape struct {
	mu        sync.Mutex
	exchanges []contract.Exchange
}

func (t *tape) RoundTrip(r *http.Request) (*http.Response, error) {
	var sent []byte
	if r.Body != nil {
		var err error
		if sent, err = io.ReadAll(r.Body); err != nil {
			return nil, err
		}
		r = r.Clone(r.Context())
		r.Body = io.NopCloser(bytes.NewReader(sent))
	}
	resp, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	came, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, err
	}
	_ = resp.Body.Close()
	resp.Body = io.NopCloser(bytes.NewReader(came))
	t.mu.Lock()
	defer t.mu.Unlock()
	t.exchanges = append(t.exchanges, contract.Exchange{
		Source:   contract.Source{File: "live", Entry: len(t.exchanges)},
		Request:  contract.Request{Method: r.Method, Host: r.URL.Host, Path: r.URL.EscapedPath(), Query: r.URL.RawQuery, Header: r.Header, Body: contract.Body{Data: sent}},
		Response: contract.Response{Status: resp.StatusCode, Header: resp.Header, Body: contract.Body{Data: came}},
	})
	return resp, nil
}

func (t *tape) all() iter.Seq2[contract.Exchange, error] {
	return func(yield func(contract.Exchange, error) bool) {
		for _, x := range t.exchanges {
			if !yield(x, nil) {
				return
			}
		}
	}
}

func (t *tape) client(tb testing.TB, url, key string) *api.ClientWithResponses {
	tb.Helper()
	client, err := api.NewClientWithResponses(url,
		api.WithHTTPClient(&http.Client{Transport: t, Timeout: time.Minute}),
		api.WithRequestEditorFn(func(_ context.Context, r *http.Request) error {
			r.Header.Set("Authorization", "Bearer "+key)
			return nil
		}))
	if err != nil {
		tb.Fatal(err)
	}
	return client
}

// examples reads the document's request examples, in the order of the text.
func examples(t *testing.T) map[string]api.UserMessage {
	t.Helper()
	var doc struct {
		Components struct {
			Examples map[string]struct{ Value map[string]any }
		}
	}
	if err := yaml.Unmarshal(daric.Document(), &doc); err != nil {
		t.Fatal(err)
	}
	out := map[string]api.UserMessage{}
	for name, example := range doc.Components.Examples {
		if example.Value["type"] != "user.message" {
			continue
		}
		text, err := json.Marshal(example.Value)
		if err != nil {
			t.Fatal(err)
		}
		var m api.UserMessage
		if err := json.Unmarshal(text, &m); err != nil {
			t.Fatal(err)
		}
		out[name] = m
	}
	if len(out) < 4 {
		t.Fatalf("%d request examples in the document", len(out))
	}
	return out
}

func sortedKeys[V any](m map[string]V) []string {
	var keys []string
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// TestContract is what `make contract` runs.
func TestContract(t *testing.T) {
	ctx := context.Background()
	url := startEmulator(t)
	tape := &tape{}
	client := tape.client(t, url, suiteKey)
	want := func(status int, resp *api.SendAgentMessageResult, err error) {
		t.Helper()
		if err != nil {
			t.Error(err)
		} else if resp.StatusCode() != status {
			t.Errorf("the emulator answers %s, want %d", resp.Status(), status)
		}
	}
	messages := examples(t)
	for _, name := range sortedKeys(messages) {
		resp, err := client.SendAgentMessageWithResponse(ctx, "agt_123", messages[name])
		want(202, resp, err)
	}
	resp, err := tape.client(t, url, "wrong").SendAgentMessageWithResponse(ctx, "agt_123", messages["FileMessage"])
	want(401, resp, err)
	resp, err = client.SendAgentMessageWithResponse(ctx, "agt_404", messages["FileMessage"])
	want(404, resp, err)
	resp, err = client.SendAgentMessageWithBodyWithResponse(ctx, "agt_123", "application/json", strings.NewReader(`{"type": "user.message"}`))
	want(422, resp, err)
	resp, err = client.SendAgentMessageWithBodyWithResponse(ctx, "agt_123", "application/json",
		strings.NewReader(`"`+strings.Repeat("x", emulator.MaxBody)+`"`))
	want(413, resp, err)

	if *record {
		write(t, tape.exchanges)
	}
	for _, row := range judgeSuite(t, tape, "the emulator, driven by the generated client").Rows() {
		if row.Seen == 0 && because(row) == "" {
			t.Errorf("%s %s is promised, and nothing was ever held against it", row.Operation.ID, row.Response)
		}
	}
}

// TestContractLive is what `make contract-live` runs: the same against a server
// that is named. It starts work there.
func TestContractLive(t *testing.T) {
	url, key := os.Getenv("DARI_BASE_URL"), os.Getenv("DARI_API_KEY")
	if url == "" || key == "" {
		t.Skip("DARI_BASE_URL and DARI_API_KEY are not set")
	}
	agent := cmp.Or(os.Getenv("DARI_AGENT_ID"), "agt_123")
	fmt.Printf("WARNING: this sends messages to agent %s at %s and starts work there.\n\n", agent, url)
	tape := &tape{}
	client := tape.client(t, url, key)
	ctx := context.Background()
	if _, err := client.SendAgentMessageWithResponse(ctx, agent, examples(t)["SendAgentMessageRequest"]); err != nil {
		t.Error(err)
	}
	if _, err := client.SendAgentMessageWithBodyWithResponse(ctx, agent, "application/json", strings.NewReader(`{"type": "user.message"}`)); err != nil {
		t.Error(err)
	}
	if _, err := tape.client(t, url, "no-such-key").SendAgentMessageWithResponse(ctx, agent, examples(t)["SendAgentMessageRequest"]); err != nil {
		t.Error(err)
	}
	judgeSuite(t, tape, "the server at "+url+", driven by the generated client")
}

// judgeSuite judges what is on the tape, then the kept recordings, prints both
// and what was covered, and fails unless everything was kept.
func judgeSuite(t *testing.T, tape *tape, title string) *contract.Coverage {
	spec := dari(t)
	coverage := spec.NewCoverage()
	for _, part := range []struct {
		title     string
		exchanges iter.Seq2[contract.Exchange, error]
	}{
		{title, tape.all()},
		{"the shipped evidence, " + filepath.Join("contract", recordings), recording.FS(daric.Evidence(), recording.Options{})},
	} {
		fmt.Printf("Judging %s\n", part.title)
		out, err := report.New("text", os.Stdout, report.Options{})
		if err != nil {
			t.Fatal(err)
		}
		var summary report.Summary
		for v, err := range spec.CheckAll(part.exchanges) {
			if err != nil {
				t.Fatal(err)
			}
			summary.Count(v)
			coverage.Count(v)
			if err := out.Write(v); err != nil {
				t.Fatal(err)
			}
		}
		if err := out.Close(); err != nil {
			t.Fatal(err)
		}
		if summary.ExitCode(true) != report.ExitKept {
			t.Errorf("%s: %s", part.title, summary)
		}
		fmt.Println()
	}
	documentTable(t, mutationTable(t, spec))
	fmt.Println("Covered, of what the document promises")
	for _, row := range coverage.Rows() {
		seen := fmt.Sprintf("%d seen", row.Seen)
		if row.Seen == 0 {
			seen = "NEVER SEEN" + because(row)
		}
		fmt.Printf("  %s %-8s %s\n", row.Operation.ID, row.Response, seen)
	}
	return coverage
}

// because excuses what no evidence covers.
func because(row contract.CoverageRow) string {
	return map[string]string{
		"sendAgentMessage 403": ": the emulator has one organisation, so no key is another's",
	}[row.Operation.ID+" "+row.Response]
}

// write keeps the tape as evidence, in the plain form.
func write(t *testing.T, exchanges []contract.Exchange) {
	type message struct {
		Method  string            `json:"method,omitempty"`
		URL     string            `json:"url,omitempty"`
		Status  int               `json:"status,omitempty"`
		Headers map[string]string `json:"headers"`
		Body    string            `json:"body"`
	}
	var out bytes.Buffer
	for _, x := range exchanges {
		if len(x.Request.Body.Data) > 1<<20 {
			continue // 8 MiB of x prove nothing on the disk
		}
		request := message{Method: x.Request.Method, URL: x.Request.Path, Headers: kept(x.Request.Header), Body: redact(t, x.Request.Body.Data)}
		response := message{Status: x.Response.Status, Headers: kept(x.Response.Header), Body: string(x.Response.Body.Data)}
		line, err := json.Marshal(map[string]message{"request": request, "response": response})
		if err != nil {
			t.Fatal(err)
		}
		out.Write(append(line, '\n'))
	}
	if err := os.WriteFile(filepath.Join(recordings, "emulator.ndjson"), out.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
}

// kept lists the headers that a recording keeps; everything else stays off the
// disk, and so does the key.
func kept(h http.Header) map[string]string {
	out := map[string]string{}
	for _, name := range []string{"Content-Type", "Content-Length"} {
		if v := h.Get(name); v != "" {
			out[name] = v
		}
	}
	if h.Get("Authorization") != "" {
		out["Authorization"] = "Bearer ***"
	}
	return out
}

// redact takes the secrets out of a request body.
func redact(t *testing.T, body []byte) string {
	var m api.UserMessage
	if json.Unmarshal(body, &m) != nil || m.Session == nil {
		return string(body)
	}
	var raw map[string]any
	if err := json.Unmarshal(body, &raw); err != nil {
		t.Fatal(err)
	}
	session := raw["session"].(map[string]any)
	if session["llm_api_key"] != nil {
		session["llm_api_key"] = "***"
	}
	if secrets, ok := session["secrets"].(map[string]any); ok {
		for name := range secrets {
			secrets[name] = "***"
		}
	}
	text, err := json.Marshal(raw)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// No recording holds a key or a secret.
func TestEvidenceHoldsNoSecrets(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(recordings, "*"))
	if err != nil || len(files) < 3 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, secret := range []string{suiteKey, "example-secret", "example-key", "dari_"} {
			if bytes.Contains(text, []byte(secret)) {
				t.Errorf("%s holds %s", file, secret)
			}
		}
		for _, m := range bytes.SplitAfter(text, []byte("Bearer "))[1:] {
			if !bytes.HasPrefix(m, []byte("***")) {
				t.Errorf("%s holds a bearer token", file)
			}
		}
		if name := filepath.Base(file); name != "README.md" {
			readme, err := os.ReadFile(filepath.Join(recordings, "README.md"))
			if err != nil || !bytes.Contains(readme, []byte("`"+name+"`")) {
				t.Errorf("README.md does not say where %s came from", name)
			}
		}
	}
}

// Every response example of the document goes through the generated models and
// back without a change, the client finds it under its status, and the judge keeps it.
func TestResponseExamplesAgree(t *testing.T) {
	var doc struct {
		Components struct {
			Examples map[string]struct{ Value any }
		}
	}
	if err := yaml.Unmarshal(daric.Document(), &doc); err != nil {
		t.Fatal(err)
	}
	spec := dari(t)
	for name, tt := range map[string]struct {
		status int
		typed  func(*api.SendAgentMessageResult) any
	}{
		"SendAgentMessageResponse": {202, func(r *api.SendAgentMessageResult) any { return r.JSON2XX }},
		"Unauthorized":             {401, func(r *api.SendAgentMessageResult) any { return r.JSON401 }},
		"Forbidden":                {403, func(r *api.SendAgentMessageResult) any { return r.JSON403 }},
		"NotFound":                 {404, func(r *api.SendAgentMessageResult) any { return r.JSON404 }},
		"UnprocessableContent":     {422, func(r *api.SendAgentMessageResult) any { return r.JSON422 }},
		"UnexpectedError":          {500, func(r *api.SendAgentMessageResult) any { return r.JSONDefault }},
	} {
		t.Run(name, func(t *testing.T) {
			want, err := json.Marshal(doc.Components.Examples[name].Value)
			if err != nil || string(want) == "null" {
				t.Fatal("no such example", err)
			}
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", "application/json")
				w.WriteHeader(tt.status)
				_, _ = w.Write(want)
			}))
			defer server.Close()
			tape := &tape{}
			resp, err := tape.client(t, server.URL, "k").SendAgentMessageWithResponse(context.Background(), "agt_123", examples(t)["SendAgentMessageRequest"])
			if err != nil {
				t.Fatal(err)
			}
			again, err := json.Marshal(tt.typed(resp))
			if err != nil {
				t.Fatal(err)
			}
			var a, b any
			if json.Unmarshal(again, &a) != nil || json.Unmarshal(want, &b) != nil || fmt.Sprint(a) != fmt.Sprint(b) {
				t.Errorf("through the models it is\n%s, was\n%s", again, want)
			}
			if v := spec.Check(tape.exchanges[0]); v.Outcome != contract.Kept {
				t.Errorf("%s: %s", v.Outcome, short(v.Findings))
			}
		})
	}
}

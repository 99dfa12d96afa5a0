package emulator_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/daric-dev/daric/emulator"
	"github.com/daric-dev/daric/gen/api"
	"github.com/daric-dev/daric/secret"
)

// start runs an emulator on a free port of 127.0.0.1 and gives a generated client of it.
func start(t *testing.T, key string, opts ...emulator.Option) (*api.ClientWithResponses, string) {
	t.Helper()
	server := httptest.NewServer(emulator.New(opts...))
	t.Cleanup(server.Close)
	client, err := api.NewClientWithResponses(server.URL, api.WithRequestEditorFn(func(_ context.Context, r *http.Request) error {
		if key != "" {
			r.Header.Set("Authorization", "Bearer "+key)
		}
		return nil
	}))
	if err != nil {
		t.Fatal(err)
	}
	return client, server.URL
}

func message(t *testing.T, text string) api.UserMessage {
	t.Helper()
	var block api.ContentBlock
	if err := block.FromTextBlock(api.TextBlock{Text: text}); err != nil {
		t.Fatal(err)
	}
	return api.UserMessage{Type: api.UserMessageTypeUserMessage, Content: api.Content{block}}
}

func printedIDs() emulator.Option {
	return emulator.WithIDs(func(prefix string) string { return prefix + "123" })
}

// The request that the reference prints gets the response that it prints, but
// for the ids that only the service knew.
func TestPrintedExchange(t *testing.T) {
	_, url := start(t, "", printedIDs(),
		emulator.WithClock(func() time.Time { return time.Date(2026, 3, 31, 18, 40, 0, 5, time.UTC) }))
	const request = `{"type":"user.message","content":[{"type":"text","text":"Summarize this ticket and draft a reply."}],` +
		`"metadata":{"ticket_id":"T-1042"},"session":{"name":"Ticket T-1042"}}`
	status, body := post(t, url, "any", request)
	const want = `{"event":{"actor":{"id":"org_1","type":"user"},"created_at":"2026-03-31T18:40:00Z",` +
		`"data":{"content":[{"text":"Summarize this ticket and draft a reply.","type":"text"}],"message_id":"msg_123","metadata":{"ticket_id":"T-1042"}},` +
		`"id":"sess_123:evt_1","message_id":"msg_123","sequence_number":1,"session_id":"sess_123","source":"user","type":"user.message"},` +
		`"message":{"id":"msg_123","status":"queued"},` +
		`"session":{"agent_id":"agt_123","created_at":"2026-03-31T18:40:00Z","id":"sess_123","internet_access":false,"last_message_id":"msg_123",` +
		`"last_message_status":"queued","name":"Ticket T-1042","status":"running","storage_binding_id":null,"version_id":"ver_1"}}`
	if status != http.StatusAccepted || canonical(t, body) != want {
		t.Errorf("%d %s\nwant %s", status, canonical(t, body), want)
	}
}

func post(t *testing.T, url, key, body string) (int, string) {
	t.Helper()
	r, err := http.NewRequest(http.MethodPost, url+"/v1/agents/agt_123/messages", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+key)
	r.Header.Set("Content-Type", "application/json")
	return do(t, r)
}

func do(t *testing.T, r *http.Request) (int, string) {
	t.Helper()
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	if ct := resp.Header.Get("Content-Type"); ct != "application/json" {
		t.Errorf("status %d is %s", resp.StatusCode, ct)
	}
	return resp.StatusCode, string(text)
}

// canonical sorts the members of a JSON text.
func canonical(t *testing.T, text string) string {
	t.Helper()
	var v any
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	out, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

func TestKeys(t *testing.T) {
	for _, tt := range []struct {
		name, key string
		opts      []emulator.Option
		want      int
	}{
		{"any key", "x", nil, 202},
		{"no key", "", nil, 401},
		{"the key", "right", []emulator.Option{emulator.WithAPIKey("right")}, 202},
		{"another key", "wrong", []emulator.Option{emulator.WithAPIKey("right")}, 401},
	} {
		t.Run(tt.name, func(t *testing.T) {
			client, _ := start(t, tt.key, tt.opts...)
			got, err := client.SendAgentMessageWithResponse(context.Background(), "agt_123", message(t, "hello"))
			if err != nil {
				t.Fatal(err)
			}
			if got.StatusCode() != tt.want {
				t.Errorf("status %d, want %d", got.StatusCode(), tt.want)
			}
			if tt.want == 401 {
				if detail, err := got.JSON401.Detail.AsErrorMessage(); err != nil || detail != "Missing or invalid API key" {
					t.Errorf("detail %q, %v", detail, err)
				}
			}
		})
	}
}

func TestRefusals(t *testing.T) {
	const hidden = "sk-hidden"
	tests := []struct {
		name, body string
		status     int
		want       string
	}{
		{"no JSON", "{", 422, `["body"]`},
		{"two values", `{"type":"user.message","content":[]} {}`, 422, `["body"]`},
		{"no UTF-8", "{\"type\":\"user.message\",\"content\":[{\"type\":\"text\",\"text\":\"\xe9\"}]}", 422, `["body"]`},
		{"nothing", "", 422, `["body"]`},
		{"another type", `{"type":"x","content":[]}`, 422, `["body","type"]`},
		{"no content", `{"type":"user.message"}`, 422, `["body","content"]`},
		{"null content", `{"type":"user.message","content":null}`, 422, `["body","content"]`},
		{"content of another kind", `{"type":"user.message","content":"hi"}`, 422, `["body","content"]`},
		{"a block that is no object", `{"type":"user.message","content":[1]}`, 422, `["body","content",0]`},
		{"a block without a type", `{"type":"user.message","content":[{}]}`, 422, `["body","content",0,"type"]`},
		{"a text block without text", `{"type":"user.message","content":[{"type":"text"}]}`, 422, `["body","content",0,"text"]`},
		{"a secret's name", `{"type":"user.message","content":[],"session":{"secrets":{"a b":"` + hidden + `"}}}`, 422, `["body","session","secrets"]`},
		{"an empty secret", `{"type":"user.message","content":[],"session":{"secrets":{"A":""},"llm_api_key":"` + hidden + `"}}`, 422, `["body","session","secrets","A"]`},
		{"a secret of another kind", `{"type":"user.message","content":[],"session":{"llm_api_key":["` + hidden + `"]}}`, 422, `["body"]`},
		{"too large", `{"type":"user.message","content":[{"type":"text","text":"` + strings.Repeat("a", emulator.MaxBody) + `"}]}`, 413, `larger than 8388608 bytes`},
		{"an unknown block", `{"type":"user.message","content":[{"type":"audio","url":"u"}]}`, 202, `{"type":"audio","url":"u"}`},
		{"no blocks", `{"type":"user.message","content":[]}`, 202, `"content":[]`},
		{"every option", `{"type":"user.message","content":[],"session":{"name":"n","storage_binding_id":"stb_1","internet_access":true,"llm_id":"l","version_id":"ver_9",` +
			`"metadata":{"k":"v"},"secrets":{"A":"` + hidden + `"},"llm_api_key":"` + hidden + `"}}`, 202, `"storage_binding_id":"stb_1"`},
	}
	_, url := start(t, "")
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			status, body := post(t, url, "k", tt.body)
			if status != tt.status || !strings.Contains(body, tt.want) {
				t.Errorf("%d %s\nwant %d with %s", status, body, tt.status, tt.want)
			}
			if strings.Contains(body, hidden) {
				t.Errorf("a secret came back: %s", body)
			}
		})
	}
}

func TestOtherPathsAndMethods(t *testing.T) {
	_, url := start(t, "")
	for _, tt := range []struct {
		method, path string
		want         int
	}{
		{http.MethodGet, "/v1/agents/agt_123/messages", 405},
		{http.MethodPost, "/v1/agents/agt_123", 404},
		{http.MethodPost, "/v1/agents/agt_123/messages/", 404},
	} {
		r, err := http.NewRequest(tt.method, url+tt.path, nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Authorization", "Bearer k")
		if status, body := do(t, r); status != tt.want || !strings.HasPrefix(body, `{"detail":`) {
			t.Errorf("%s %s: %d %s", tt.method, tt.path, status, body)
		}
	}
}

func TestAgents(t *testing.T) {
	client, _ := start(t, "k", emulator.WithAgents("agt_1"))
	for agent, want := range map[string]int{"agt_1": 202, "agt_2": 404} {
		got, err := client.SendAgentMessageWithResponse(context.Background(), agent, message(t, "hello"))
		if err != nil || got.StatusCode() != want {
			t.Errorf("%s: %v %v, want %d", agent, got.Status(), err, want)
		}
	}
}

func TestManyAtOnce(t *testing.T) {
	client, _ := start(t, "k")
	var mu sync.Mutex
	seen := map[string]bool{}
	var wg sync.WaitGroup
	for i := range 64 {
		m := message(t, fmt.Sprint(i))
		m.Session = &api.SessionOptions{LLMAPIKey: new(secret.New("key"))}
		wg.Go(func() {
			got, err := client.SendAgentMessageWithResponse(context.Background(), "agt_123", m)
			if err != nil || got.JSON2XX == nil {
				t.Errorf("%v", err)
				return
			}
			block, err := got.JSON2XX.Event.Data.Content[0].AsTextBlock()
			if err != nil || block.Text != fmt.Sprint(i) {
				t.Errorf("%q came back for %d: %v", block.Text, i, err)
			}
			mu.Lock()
			defer mu.Unlock()
			seen[got.JSON2XX.Session.ID] = true
		})
	}
	wg.Wait()
	if len(seen) != 64 {
		t.Errorf("%d sessions for 64 messages", len(seen))
	}
}

// Example shows a test of one's own code against the emulator.
func Example() {
	server := httptest.NewServer(emulator.New(emulator.WithAPIKey("test-key")))
	defer server.Close()

	r, _ := http.NewRequest(http.MethodPost, server.URL+"/v1/agents/agt_123/messages",
		strings.NewReader(`{"type":"user.message","content":[{"type":"text","text":"hello"}]}`))
	r.Header.Set("Authorization", "Bearer test-key")
	r.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer resp.Body.Close()
	fmt.Println(resp.Status)
	// Output: 202 Accepted
}

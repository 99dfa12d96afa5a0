package contract_test

import (
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/daric-dev/daric/contract"
)

const live = `openapi: 3.0.3
info: {title: t, version: '1'}
paths:
  /json:
    post:
      requestBody: {content: {application/json: {schema: {type: object}}}}
      responses: {'200': {description: ok, content: {application/json: {schema: {type: object}}}}}
  /events:
    get:
      responses: {'200': {description: ok, content: {text/event-stream: {x-daric-item-schema: {$ref: '#/components/schemas/Thing'}}}}}
  /socket:
    get:
      responses: {'200': {description: ok}}
components: {schemas: {Thing: {type: object, required: [id], properties: {id: {type: integer}}}}}
`

// verdicts collects what is reported.
type verdicts struct {
	mu   sync.Mutex
	list []contract.Verdict
}

func (v *verdicts) report(one contract.Verdict) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.list = append(v.list, one)
}

func (v *verdicts) only(t *testing.T) contract.Verdict {
	t.Helper()
	v.mu.Lock()
	defer v.mu.Unlock()
	if len(v.list) != 1 {
		t.Fatalf("%d verdicts", len(v.list))
	}
	return v.list[0]
}

func liveSpec(t *testing.T) *contract.Spec {
	t.Helper()
	spec, err := contract.Compile("d.yaml", []byte(live))
	if err != nil {
		t.Fatal(err)
	}
	return spec
}

// both runs a handler behind Handler, called through Transport, and hands the
// client to use. Both have to come to the same.
func both(t *testing.T, handler http.HandlerFunc, use func(client *http.Client, url string)) (byClient, byServer contract.Verdict) {
	t.Helper()
	spec := liveSpec(t)
	client, server := &verdicts{}, &verdicts{}
	s := httptest.NewServer(contract.Handler(spec, handler, server.report))
	use(&http.Client{Transport: &contract.Transport{Spec: spec, Report: client.report}}, s.URL)
	s.Close() // waits for the handler
	return client.only(t), server.only(t)
}

func TestLiveJSON(t *testing.T) {
	for name, tt := range map[string]struct{ sent, answer, want string }{
		"kept":             {`{}`, `{}`, ""},
		"a broken request": {`[]`, `{}`, "schema-mismatch  type"},
		"a broken answer":  {`{}`, `[]`, "schema-mismatch  type"},
		"no answer":        {`{}`, ``, "empty-body"},
	} {
		t.Run(name, func(t *testing.T) {
			byClient, byServer := both(t, func(w http.ResponseWriter, r *http.Request) {
				if sent, err := io.ReadAll(r.Body); err != nil || string(sent) != tt.sent {
					t.Errorf("the handler reads %q, %v", sent, err)
				}
				w.Header().Set("Content-Type", "application/json")
				_, _ = io.WriteString(w, tt.answer)
			}, func(client *http.Client, url string) {
				resp, err := client.Post(url+"/json", "application/json", strings.NewReader(tt.sent))
				if err != nil {
					t.Fatal(err)
				}
				defer resp.Body.Close()
				if came, err := io.ReadAll(resp.Body); err != nil || string(came) != tt.answer {
					t.Errorf("the client reads %q, %v", came, err)
				}
			})
			for who, v := range map[string]contract.Verdict{"client": byClient, "server": byServer} {
				if short(v.Findings) != tt.want || v.Reason != "" {
					t.Errorf("the %s finds %q %s, want %q", who, short(v.Findings), v.Reason, tt.want)
				}
			}
		})
	}
}

// Many clients decode the JSON and leave the rest of the body.
func TestLiveBodyThatIsNotReadToItsEnd(t *testing.T) {
	byClient, byServer := both(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.(http.Flusher).Flush() // no Content-Length
		_, _ = io.WriteString(w, `{"a": 1}`+"\n")
	}, func(client *http.Client, url string) {
		resp, err := client.Post(url+"/json", "application/json", strings.NewReader(`{}`))
		if err != nil {
			t.Fatal(err)
		}
		var v any
		if err := json.NewDecoder(io.LimitReader(resp.Body, 8)).Decode(&v); err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
	})
	if byClient.Outcome != contract.Kept {
		t.Errorf("the client: %s %s", byClient.Outcome, byClient.Reason)
	}
	if byServer.Outcome != contract.Unjudged { // the handler left the request unread
		t.Errorf("the server: %s %s", byServer.Outcome, short(byServer.Findings))
	}
	byClient, _ = both(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"a": 1}`)
	}, func(client *http.Client, url string) {
		resp, err := client.Post(url+"/json", "application/json", strings.NewReader(`{}`))
		if err != nil {
			t.Fatal(err)
		}
		_, _ = resp.Body.Read(make([]byte, 3))
		resp.Body.Close()
	})
	if byClient.Outcome != contract.Unjudged || !strings.Contains(byClient.Reason, "not read to its end") {
		t.Errorf("%s %s", byClient.Outcome, byClient.Reason)
	}
}

// Known proxies hold an event stream back until it ends. Here the client has an
// event in its hands before the server sends the next.
func TestLiveStreamPassesAtOnce(t *testing.T) {
	next := make(chan bool)
	byClient, byServer := both(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		for _, event := range []string{"data: {\"id\": 1}\n\n", "data: {\"id\": \"x\"}\n\n", "data: {\"id\": 3}\n\n"} {
			_, _ = io.WriteString(w, event)
			_ = http.NewResponseController(w).Flush()
			select {
			case <-next:
			case <-time.After(10 * time.Second):
				t.Error("the client has not seen the event")
				return
			}
		}
	}, func(client *http.Client, url string) {
		resp, err := client.Get(url + "/events")
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		buffer := make([]byte, 1000)
		for range 3 {
			if n, err := resp.Body.Read(buffer); err != nil || !strings.HasSuffix(string(buffer[:n]), "\n\n") {
				t.Errorf("%q %v", buffer[:n], err)
			}
			next <- true
		}
		_, _ = io.Copy(io.Discard, resp.Body)
	})
	for who, v := range map[string]contract.Verdict{"client": byClient, "server": byServer} {
		if got := short(v.Findings); got != "malformed-stream /1/data/id type" || v.Reason != "" {
			t.Errorf("the %s finds %q %s", who, got, v.Reason)
		}
	}
}

// A reader that has had enough of a stream has not seen its end, which is nobody's
// fault.
func TestLiveStreamThatIsLeft(t *testing.T) {
	byClient, _ := both(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		_, _ = io.WriteString(w, "data: {\"id\": 1}\n\ndata: {\"id")
		_ = http.NewResponseController(w).Flush()
		<-r.Context().Done()
	}, func(client *http.Client, url string) {
		resp, err := client.Get(url + "/events")
		if err != nil {
			t.Fatal(err)
		}
		_, _ = resp.Body.Read(make([]byte, 1000))
		resp.Body.Close()
		client.CloseIdleConnections()
	})
	if byClient.Outcome != contract.Kept {
		t.Errorf("%s %s %s", byClient.Outcome, byClient.Reason, short(byClient.Findings))
	}
}

func TestLiveBodyOverTheLimit(t *testing.T) {
	spec, got := liveSpec(t), &verdicts{}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"a": 1}`)
	}))
	defer s.Close()
	client := &http.Client{Transport: &contract.Transport{Spec: spec, Report: got.report, MaxBody: 4}}
	resp, err := client.Post(s.URL+"/json", "application/json", strings.NewReader(`{}`))
	if err != nil {
		t.Fatal(err)
	}
	if body, err := io.ReadAll(resp.Body); err != nil || string(body) != `{"a": 1}` {
		t.Errorf("%q %v", body, err)
	}
	resp.Body.Close()
	if v := got.only(t); v.Outcome != contract.Unjudged || !strings.Contains(v.Reason, "larger than 4 bytes") {
		t.Errorf("%s %s", v.Outcome, v.Reason)
	}
}

func TestTransportWithoutReportPassesOn(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "x") }))
	defer s.Close()
	resp, err := (&http.Client{Transport: &contract.Transport{}}).Get(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if body, err := io.ReadAll(resp.Body); err != nil || string(body) != "x" {
		t.Errorf("%q %v", body, err)
	}
}

// A connection that is taken over is passed on and not judged.
func TestLiveHijack(t *testing.T) {
	spec, got := liveSpec(t), &verdicts{}
	s := httptest.NewServer(contract.Handler(spec, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		conn, _, err := w.(http.Hijacker).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		_, _ = io.WriteString(conn, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\nhello")
		_ = conn.Close()
	}), got.report))
	defer s.Close()
	conn, err := net.Dial("tcp", s.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	_, _ = io.WriteString(conn, "GET /socket HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n")
	if text, err := io.ReadAll(conn); err != nil || !strings.HasSuffix(string(text), "hello") {
		t.Errorf("%q %v", text, err)
	}
	if len(got.list) != 0 {
		t.Errorf("%d verdicts", len(got.list))
	}
}

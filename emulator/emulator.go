// Package emulator is a server of the Dari agents API for tests and examples.
//
//	server := httptest.NewServer(emulator.New())
//	defer server.Close()
//
// It stands on the generated strict server, answers in the shape that the
// reference prints, and keeps no state: every message starts a session that
// nobody can come back to.
package emulator

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/oapi-codegen/nullable"

	"github.com/daric-dev/daric/gen/api"
	"github.com/daric-dev/daric/gen/server"
)

// MaxBody is the size of the largest request body that the emulator reads, in
// bytes. The limit of the real service is unknown.
const MaxBody = 8 << 20

// An Option changes how the emulator answers.
type Option func(*emulator)

// WithAPIKey makes key the only one that is let in. Without it every key is.
func WithAPIKey(key string) Option { return func(e *emulator) { e.key = key } }

// WithAgents makes these the agents that exist: others answer 404. Without it
// every agent exists.
func WithAgents(ids ...string) Option { return func(e *emulator) { e.agents = ids } }

// WithIDs has ids made by mint, which is given the prefix ("sess_") and called
// by several goroutines at once. Without it they are random.
func WithIDs(mint func(prefix string) string) Option { return func(e *emulator) { e.mint = mint } }

// WithClock has times read from now. Without it they are the machine's.
func WithClock(now func() time.Time) Option { return func(e *emulator) { e.now = now } }

type emulator struct {
	key    string
	agents []string
	mint   func(prefix string) string
	now    func() time.Time
}

// New makes a server of the API. It is safe for concurrent use.
func New(opts ...Option) http.Handler {
	e := &emulator{
		mint: func(prefix string) string { return prefix + strings.ToLower(rand.Text()) },
		now:  time.Now,
	}
	for _, opt := range opts {
		opt(e)
	}
	mux := http.NewServeMux()
	server.HandlerFromMux(server.NewStrictHandlerWithOptions(e, nil, server.StrictHTTPServerOptions{
		RequestErrorHandlerFunc: unreadable,
		ResponseErrorHandlerFunc: func(w http.ResponseWriter, _ *http.Request, _ error) {
			fail(w, http.StatusInternalServerError, "Internal server error")
		},
	}), mux)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !e.knows(r.Header.Get("Authorization")) {
			fail(w, http.StatusUnauthorized, "Missing or invalid API key")
			return
		}
		handler, pattern := mux.Handler(r)
		if pattern == "" {
			// net/http knows whether the path or the method is wrong, and says so in
			// text; the API says it in JSON.
			answer := refusal{header: http.Header{}}
			handler.ServeHTTP(&answer, r)
			if allow := answer.header.Get("Allow"); allow != "" {
				w.Header().Set("Allow", allow)
			}
			fail(w, answer.status, http.StatusText(answer.status))
			return
		}
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, MaxBody))
		if err == nil && (!utf8.Valid(body) || !json.Valid(body)) {
			// The generated server reads the first JSON value, and keeps bytes that are
			// not UTF-8 in content blocks: RFC 8259 section 8.1 wants one text, in UTF-8.
			err = errNotJSON
		}
		if err != nil {
			unreadable(w, r, err)
			return
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		mux.ServeHTTP(w, r)
	})
}

var errNotJSON = errors.New("the body is not one JSON text in UTF-8")

// A refusal keeps of an answer what is not its text.
type refusal struct {
	header http.Header
	status int
}

func (r *refusal) Header() http.Header         { return r.header }
func (r *refusal) WriteHeader(status int)      { r.status = status }
func (r *refusal) Write(p []byte) (int, error) { return len(p), nil }

// knows checks a bearer key (RFC 6750 section 2.1).
func (e *emulator) knows(authorization string) bool {
	scheme, key, _ := strings.Cut(authorization, " ")
	if !strings.EqualFold(scheme, "Bearer") || key == "" {
		return false
	}
	return e.key == "" || subtle.ConstantTimeCompare([]byte(key), []byte(e.key)) == 1
}

// fail answers with an error in the one form that is printed.
func fail(w http.ResponseWriter, status int, detail any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]any{"detail": detail}) // the client is gone when this fails
}

// unreadable answers a request whose body could not be decoded.
func unreadable(w http.ResponseWriter, _ *http.Request, err error) {
	var size *http.MaxBytesError
	if errors.As(err, &size) {
		fail(w, http.StatusRequestEntityTooLarge, fmt.Sprintf("The body is larger than %d bytes", size.Limit))
		return
	}
	// What the decoder says of its input stays here: it might repeat a secret.
	at := []any{"body"}
	var mistyped *json.UnmarshalTypeError
	if errors.As(err, &mistyped) {
		for name := range strings.SplitSeq(mistyped.Field, ".") {
			at = append(at, name)
		}
	}
	fail(w, http.StatusUnprocessableEntity, []fault{{"json_invalid", at, "The body is not JSON of the documented shape"}})
}

// A fault is one issue of a 422, in the form that the reference's framework gives it.
type fault struct {
	Type string `json:"type"`
	Loc  []any  `json:"loc"`
	Msg  string `json:"msg"`
}

// SendAgentMessage answers POST /v1/agents/{agent_id}/messages.
func (e *emulator) SendAgentMessage(_ context.Context, request server.SendAgentMessageRequestObject) (server.SendAgentMessageResponseObject, error) {
	if e.agents != nil && !slices.Contains(e.agents, request.AgentID) {
		var detail api.ErrorDetail
		if err := detail.FromErrorMessage("Agent not found"); err != nil {
			return nil, err
		}
		return server.SendAgentMessage404JSONResponse{NotFoundJSONResponse: server.NotFoundJSONResponse{Detail: detail}}, nil
	}
	if faults := check(request.Body); faults != nil {
		return refuse(faults)
	}
	message := *request.Body
	options := api.SessionOptions{}
	if message.Session != nil {
		options = *message.Session
	}
	now := e.now().UTC().Truncate(time.Second)
	sessionID, messageID := e.mint("sess_"), e.mint("msg_")

	data := api.UserMessageData{Content: message.Content, MessageID: messageID, Metadata: nullable.NewNullNullable[api.RecordedMetadata]()}
	if message.Metadata != nil {
		data.Metadata.Set(api.RecordedMetadata(*message.Metadata))
	}
	session := api.Session{
		ID:                sessionID,
		Name:              orNull(options.Name),
		AgentID:           request.AgentID,
		VersionID:         "ver_1",
		StorageBindingID:  orNull(options.StorageBindingID),
		InternetAccess:    new(options.InternetAccess != nil && *options.InternetAccess),
		Status:            api.SessionStatusRunning,
		LastMessageID:     nullable.NewNullableWithValue(messageID),
		LastMessageStatus: nullable.NewNullableWithValue(api.MessageStatusQueued),
		CreatedAt:         now,
		Metadata:          options.Metadata,
	}
	if options.VersionID != nil {
		session.VersionID = *options.VersionID
	}
	if options.LLMID != nil {
		session.LLMID.Set(*options.LLMID)
	}
	// 202 is what a sibling documents; the page prints no code.
	return server.SendAgentMessage2XXJSONResponse{StatusCode: http.StatusAccepted, Body: api.SentMessage{
		Event: api.UserMessageEvent{
			ID:             sessionID + ":evt_1",
			SessionID:      sessionID,
			SequenceNumber: 1,
			MessageID:      messageID,
			Type:           api.UserMessageTypeUserMessage,
			Source:         api.EventSourceUser,
			Actor:          api.Actor{Type: api.ActorTypeUser, ID: "org_1"},
			Data:           data,
			CreatedAt:      now,
		},
		Message: api.MessageSummary{ID: messageID, Status: api.MessageStatusQueued},
		Session: session,
	}}, nil
}

func orNull(s *string) nullable.Nullable[string] {
	if s == nil {
		return nullable.NewNullNullable[string]()
	}
	return nullable.NewNullableWithValue(*s)
}

func refuse(faults []fault) (server.SendAgentMessageResponseObject, error) {
	text, err := json.Marshal(faults)
	if err != nil {
		return nil, err
	}
	var detail api.ErrorDetail
	if err := detail.UnmarshalJSON(text); err != nil {
		return nil, err
	}
	return server.SendAgentMessage422JSONResponse{
		UnprocessableContentJSONResponse: server.UnprocessableContentJSONResponse{Detail: detail},
	}, nil
}

var secretName = regexp.MustCompile(`^[A-Z_][A-Z0-9_]*$`)

// needs has the members that each known block must have besides its type.
var needs = map[string]string{"text": "text", "file": "file_id", "image": "file_id"}

// check finds what the document forbids and the generated decoder lets through.
func check(m *api.UserMessage) (faults []fault) {
	add := func(kind, msg string, at ...any) {
		faults = append(faults, fault{kind, append([]any{"body"}, at...), msg})
	}
	if m == nil {
		add("missing", "Field required")
		return faults
	}
	if m.Type != api.UserMessageTypeUserMessage {
		add("literal_error", "Must be user.message", "type")
	}
	if m.Content == nil {
		add("missing", "Field required", "content")
	}
	for i, block := range m.Content {
		text, err := block.MarshalJSON()
		var members map[string]any
		if err != nil || json.Unmarshal(text, &members) != nil {
			add("object_type", "Must be an object", "content", i)
			continue
		}
		kind, isString := members["type"].(string)
		if !isString {
			add("missing", "Field required", "content", i, "type")
			continue
		}
		if need := needs[kind]; need != "" {
			if _, isString := members[need].(string); !isString {
				add("string_type", "Must be a string", "content", i, need)
			}
		}
	}
	if m.Session != nil && m.Session.Secrets != nil {
		for _, name := range slices.Sorted(maps.Keys(*m.Session.Secrets)) {
			if !secretName.MatchString(name) {
				add("string_pattern_mismatch", "Names match "+secretName.String(), "session", "secrets")
			}
			if (*m.Session.Secrets)[name].IsZero() {
				add("string_too_short", "Must not be empty", "session", "secrets", name)
			}
		}
	}
	return faults
}

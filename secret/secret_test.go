package secret_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"log/slog"
	"strings"
	"testing"

	"github.com/daric-dev/daric/secret"
)

const hidden = "sk-hidden"

type exported struct {
	Key  secret.String
	Ptr  *secret.String
	Map  map[string]secret.String
	List []secret.String
}

type unexported struct {
	key  secret.String
	ptr  *secret.String
	deep struct{ key secret.String }
	m    map[string]secret.String
	any  any
}

func holders() map[string]any {
	s := secret.New(hidden)
	u := unexported{key: s, ptr: &s, m: map[string]secret.String{"a": s}, any: s}
	u.deep.key = s
	e := exported{s, &s, map[string]secret.String{"a": s}, []secret.String{s}}
	return map[string]any{
		"value": s, "pointer": &s, "exported": e, "exported pointer": &e,
		"unexported": u, "unexported pointer": &u, "slice": []unexported{u}, "map": map[string]unexported{"a": u},
	}
}

// decimals is the secret as %d prints its bytes.
const decimals = "115 107 45 104 105 100 100 101 110"

func leaks(text string) bool {
	hex := fmt.Sprintf("%x", hidden)
	return strings.Contains(text, hidden) || strings.Contains(strings.ToLower(text), hex) ||
		strings.Contains(text, decimals)
}

// Every verb that fmt has, with every flag, over everything that can hold a secret.
func TestNoVerbPrintsIt(t *testing.T) {
	for name, holder := range holders() {
		for _, verb := range "vTtbcdoOqxXUeEfFgGsp" {
			for _, flag := range []string{"", "+", "#", "-", " ", "0", "20", ".3", "#+"} {
				if text := fmt.Sprintf("%"+flag+string(verb), holder); leaks(text) {
					t.Errorf("%%%s%c of %s prints %s", flag, verb, name, text)
				}
			}
		}
	}
	if !leaks(fmt.Sprintf("%v", struct{ s string }{hidden})) || !leaks(fmt.Sprintf("%X", hidden)) || !leaks(fmt.Sprintf("%d", []byte(hidden))) {
		t.Error("the test does not see a leak")
	}
}

func TestNoLogPrintsIt(t *testing.T) {
	var out bytes.Buffer
	for name, handler := range map[string]slog.Handler{
		"text": slog.NewTextHandler(&out, nil),
		"json": slog.NewJSONHandler(&out, nil),
	} {
		out.Reset()
		s := secret.New(hidden)
		slog.New(handler).Info("m", "key", s, "pointer", &s, slog.Group("g", "key", s))
		if text := out.String(); leaks(text) || strings.Count(text, secret.Redacted) != 3 {
			t.Errorf("the %s handler prints %s", name, text)
		}
	}
	out.Reset()
	log.New(&out, "", 0).Println(secret.New(hidden), errors.Join(fmt.Errorf("key %w %v", errors.New("e"), secret.New(hidden))))
	if leaks(out.String()) {
		t.Errorf("log prints %s", out.String())
	}
	if text, _ := secret.New(hidden).MarshalText(); string(text) != secret.Redacted {
		t.Errorf("as text it is %s", text)
	}
}

func TestTheWireCarriesIt(t *testing.T) {
	type body struct {
		Key   secret.String            `json:"key"`
		Maybe *secret.String           `json:"maybe,omitempty"`
		Zero  secret.String            `json:"zero,omitzero"`
		Bag   map[string]secret.String `json:"bag,omitempty"`
	}
	in := body{Key: secret.New(hidden), Bag: map[string]secret.String{"A": secret.New(`"\` + "é")}}
	text, err := json.Marshal(in)
	if err != nil {
		t.Fatal(err)
	}
	if want := `{"key":"sk-hidden","bag":{"A":"\"\\é"}}`; string(text) != want {
		t.Errorf("got %s, want %s", text, want)
	}
	var out body
	if err := json.Unmarshal(text, &out); err != nil {
		t.Fatal(err)
	}
	if out.Key.Reveal() != hidden || out.Bag["A"].Reveal() != `"\é` {
		t.Error("the wire does not bring it back")
	}
	var zero secret.String
	if zero.Reveal() != "" || !zero.IsZero() || in.Key.IsZero() {
		t.Error("the zero value is not the empty string")
	}
	if err := json.Unmarshal([]byte(`{"key":12345}`), &out); err == nil || strings.Contains(err.Error(), "12345") {
		t.Errorf("a number gives %v", err)
	}
}

package contract

// Credentials are looked for, never looked at: whether a key is the right one
// is the server's business (OAS 3.0.3, Security Requirement Object).

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// A scheme is a Security Scheme Object: where its credential has to be.
type scheme struct {
	in      string // header, query or cookie; empty for one that leaves no trace in a message (mutualTLS)
	name    string
	keyword string // authentication scheme in front of the credential, "bearer"; empty for any
}

func newScheme(s *openapi3.SecurityScheme) scheme {
	switch s.Type {
	case "apiKey":
		return scheme{in: s.In, name: s.Name}
	case "http":
		return scheme{in: "header", name: "Authorization", keyword: s.Scheme}
	case "oauth2", "openIdConnect":
		return scheme{in: "header", name: "Authorization", keyword: "bearer"} // RFC 6750
	}
	return scheme{}
}

func (s scheme) String() string {
	if s.keyword != "" {
		return s.keyword + " credentials in header " + s.name
	}
	return s.in + " " + s.name
}

// present tells whether the request carries something where the credential
// belongs. A masked value counts.
func (s scheme) present(r Request) bool {
	switch s.in {
	case "header":
		return slices.ContainsFunc(r.Header.Values(s.name), func(v string) bool {
			if s.keyword == "" {
				return v != ""
			}
			keyword, rest, _ := strings.Cut(strings.TrimSpace(v), " ")
			// RFC 9110 section 11.1: the scheme is case-insensitive. A recorder
			// may have masked it along with the rest.
			return rest != "" && strings.EqualFold(keyword, s.keyword) || rest == "" && masked(keyword)
		})
	case "query":
		query, _ := url.ParseQuery(r.Query)
		return query.Get(s.name) != ""
	case "cookie":
		_, err := (&http.Request{Header: r.Header}).Cookie(s.name)
		return err == nil
	}
	return true
}

// masked recognises what recorders write over a whole header.
func masked(v string) bool {
	return v != "" && strings.Trim(v, "*•xX") == "" || strings.HasPrefix(v, "[") || strings.HasPrefix(v, "<") ||
		strings.EqualFold(v, "redacted")
}

func (j *judgement) credentials(op *operation, r Request, status int) {
	if r.Header == nil || len(op.security) == 0 {
		return
	}
	var want []string
	for _, alternative := range op.security {
		missing := ""
		for _, name := range slices.Sorted(maps.Keys(alternative)) {
			if s, known := j.spec.schemes[name]; known && !s.present(r) {
				missing = s.String()
			}
		}
		if missing == "" {
			return
		}
		want = append(want, missing)
	}
	at := op.at.below("security")
	if node, _ := j.spec.sources.find(at); node == nil {
		at = j.spec.root.below("security")
	}
	f := j.add(MissingCredentials, PartHeader, nil, at, want[0], "none")
	slices.Sort(want)
	f.Want = strings.Join(want, " or ")
	if status >= 200 && status <= 299 {
		f.Severity = SeverityNew
	}
}

// credentialValues lists what must not appear in a report although a recording
// shows it: what stands where credentials stand.
func (s *Spec) credentialValues(r Request) []string {
	names := []string{"Authorization", "Proxy-Authorization", "Cookie"}
	query, _ := url.ParseQuery(r.Query)
	var out []string
	for _, scheme := range s.schemes {
		switch scheme.in {
		case "header":
			names = append(names, scheme.name)
		case "query":
			out = append(out, query[scheme.name]...)
		}
	}
	for _, name := range names {
		for _, v := range r.Header.Values(name) {
			out = append(out, strings.FieldsFunc(v, func(c rune) bool { return strings.ContainsRune(" ;=,", c) })...)
		}
	}
	return out
}

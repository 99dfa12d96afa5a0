package recording

// Cassettes are YAML with a list of interactions: those of go-vcr (versions 3 and
// 4), and of VCR, which Schemathesis writes too. The list is cut into its items by
// their indentation, so that one item is in memory at a time.

import (
	"encoding/base64"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
	"gopkg.in/dnaeon/go-vcr.v4/pkg/cassette"

	"github.com/daric-dev/daric/contract"
)

var (
	cassetteStart = regexp.MustCompile(`(?m)^(http_)?interactions:[ \t]*(\[\])?[ \t]*\r?$`)
	listItem      = regexp.MustCompile(`^( *)- `)
)

func isCassette(head []byte) bool { return cassetteStart.Match(head) }

func readCassette(s *source) {
	t := &textReader{source: s}
	t.next()
	for t.err == nil && !cassetteStart.MatchString(t.line) {
		t.next()
	}
	read := readGoVCR
	if strings.HasPrefix(t.line, "http_") {
		read = readVCR
	}
	t.next()
	indent := ""
	for t.err == nil && !s.stopped {
		m := listItem.FindStringSubmatch(t.line)
		switch {
		case m == nil && (t.line == "" || strings.HasPrefix(strings.TrimSpace(t.line), "#")):
			t.next()
			continue
		case m == nil: // the list has ended
			return
		}
		indent = m[1]
		line, item := t.number, append([]byte(nil), t.raw...)
		tooBig := false
		for t.next(); t.err == nil && !strings.HasPrefix(t.line, indent+"- ") && inside(t.line, indent); t.next() {
			if tooBig = tooBig || len(item)+len(t.raw) > maxEntry; !tooBig {
				item = append(item, t.raw...)
			}
		}
		switch {
		case t.failed(): // inside of the item
		case tooBig:
			s.refuse(line, tooLarge)
		default:
			read(s, line, item)
		}
	}
	t.finish()
}

// inside tells that a line belongs to an item of a list at an indentation.
func inside(line, indent string) bool {
	return strings.TrimSpace(line) == "" || strings.HasPrefix(line, indent+" ")
}

const notInteraction = "the entry is no interaction of a cassette"

// readGoVCR reads an interaction of go-vcr.
func readGoVCR(s *source, line int, item []byte) {
	var list []cassette.Interaction
	if err := yaml.Unmarshal(item, &list); err != nil || len(list) != 1 || list[0].Request.Method == "" {
		s.refuse(line, notInteraction)
		return
	}
	i := list[0]
	request, ok := s.request(line, i.Request.Method, i.Request.URL)
	if !ok {
		return
	}
	if request.Host == "" {
		request.Host = i.Request.Host
	}
	request.Header, request.Body = canonical(i.Request.Headers), contract.Body{Data: []byte(i.Request.Body)}
	s.takeDecoded(contract.Exchange{
		Source:   s.at(line),
		Request:  request,
		Response: contract.Response{Status: i.Response.Code, Header: canonical(i.Response.Headers), Body: contract.Body{Data: []byte(i.Response.Body)}},
	})
}

// takeDecoded takes an exchange whose bodies may be as they were coded.
func (s *source) takeDecoded(x contract.Exchange) {
	decode(x.Request.Header, &x.Request.Body)
	decode(x.Response.Header, &x.Response.Body)
	s.take(x)
}

// canonical spells the names of headers as net/http does.
func canonical(h map[string][]string) http.Header {
	out := http.Header{}
	for _, name := range slices.Sorted(maps.Keys(h)) { // names of different case become one
		for _, v := range h[name] {
			out.Add(name, v)
		}
	}
	return out
}

// A vcrInteraction is an entry of http_interactions
// (https://relishapp.com/vcr/vcr/docs/cassettes/cassette-format).
type vcrInteraction struct {
	RecordedAt string `yaml:"recorded_at"`
	Request    struct {
		Method  string              `yaml:"method"`
		URI     string              `yaml:"uri"`
		Headers map[string][]string `yaml:"headers"`
		Body    vcrBody             `yaml:"body"`
	} `yaml:"request"`
	Response *struct {
		Status struct {
			Code string `yaml:"code"`
		} `yaml:"status"`
		Headers map[string][]string `yaml:"headers"`
		Body    vcrBody             `yaml:"body"`
	} `yaml:"response"`
}

type vcrBody struct {
	String string `yaml:"string"`
	Base64 string `yaml:"base64_string"`
}

func (b vcrBody) body() contract.Body {
	if b.Base64 == "" {
		return contract.Body{Data: []byte(b.String)}
	}
	data, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(b.Base64), ""))
	if err != nil {
		return contract.Body{Missing: "the body is no base64"}
	}
	return contract.Body{Data: data}
}

// readVCR reads an interaction of VCR.
func readVCR(s *source, line int, item []byte) {
	var list []vcrInteraction
	if err := yaml.Unmarshal(item, &list); err != nil || len(list) != 1 || list[0].Request.Method == "" {
		s.refuse(line, notInteraction)
		return
	}
	i := list[0]
	request, ok := s.request(line, strings.ToUpper(i.Request.Method), i.Request.URI)
	if !ok {
		return
	}
	request.Header, request.Body = canonical(i.Request.Headers), i.Request.Body.body()
	x := contract.Exchange{Source: s.at(line), Request: request}
	x.Time, _ = time.Parse(time.RFC3339, i.RecordedAt) // VCR itself writes an HTTP date
	if i.Response != nil {
		status, err := strconv.Atoi(i.Response.Status.Code)
		if err != nil {
			s.refuse(line, notInteraction+": its status is no number")
			return
		}
		x.Response = contract.Response{Status: status, Header: canonical(i.Response.Headers), Body: i.Response.Body.body()}
	}
	s.takeDecoded(x) // without a response it is passed over, as status 0 is
}

package contract

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"go.yaml.in/yaml/v3"
)

// Compile reads the OpenAPI 3.0 document in data, YAML or JSON. name is the path
// or URL it was read from: it stands in findings, and references to other files
// are read relative to it. Compile fails when the document is not OpenAPI 3.0,
// is not valid, or refers to what cannot be read.
func Compile(name string, data []byte, opts ...Option) (*Spec, error) {
	s := &Spec{root: location{file: name}, sources: sources{}, schemes: map[string]scheme{}}
	for _, opt := range opts {
		opt(s)
	}
	if err := s.sources.add(name, data); err != nil {
		return nil, err
	}
	if err := checkVersion(name, s.sources[name]); err != nil {
		return nil, err
	}
	doc, err := s.load(name, data)
	if err != nil {
		return nil, err
	}
	c := compiler{spec: s, doc: doc, schemas: map[location]*schema{}}
	if err := c.compile(); err != nil {
		return nil, err
	}
	return s, nil
}

// checkVersion refuses what would be judged wrongly.
func checkVersion(name string, root *yaml.Node) error {
	at := func(key string) string {
		if node, _ := child(root, key); node != nil {
			return node.Value
		}
		return ""
	}
	version := at("openapi")
	switch {
	case strings.HasPrefix(version, "3.0."):
		return nil
	case at("swagger") != "":
		return fmt.Errorf("read %s: it is a Swagger %s document\nconvert it to OpenAPI 3.0 first", name, at("swagger"))
	case version == "":
		return fmt.Errorf("read %s: it has no openapi field at its top\nname an OpenAPI 3.0 document", name)
	}
	return fmt.Errorf("read %s: OpenAPI %s is not judged yet, only 3.0\nname an OpenAPI 3.0 document", name, version)
}

// load hands the document to kin-openapi, which resolves its references and
// validates it. Every file that it reads is kept for the places.
func (s *Spec) load(name string, data []byte) (*openapi3.T, error) {
	base, err := url.Parse(name)
	if err != nil {
		base = &url.URL{Path: name}
	}
	loader := openapi3.NewLoader()
	loader.IsExternalRefsAllowed = true
	loader.ReadFromURIFunc = func(_ *openapi3.Loader, at *url.URL) ([]byte, error) {
		data, err := s.read(at)
		if err != nil {
			return nil, err
		}
		return data, s.sources.add(at.String(), data)
	}
	doc, err := loader.LoadFromDataWithPath(data, base)
	if err != nil {
		return nil, fmt.Errorf("load %s: %w", name, err)
	}
	err = doc.Validate(context.Background(),
		openapi3.DisableExamplesValidation(),       // the document is the promise, its examples are not
		openapi3.DisableSchemaDefaultsValidation(), // nor are its defaults
		openapi3.DisableSchemaPatternValidation(),  // patterns are compiled here
		openapi3.AllowExtensionsWithRef(),
		openapi3.AllowExtraSiblingFields("description", "summary"))
	if err != nil {
		return nil, fmt.Errorf("validate %s: %w", name, err)
	}
	return doc, nil
}

// ErrRemote is why a document that refers to the network does not compile
// without [AllowRemote].
var ErrRemote = errors.New("remote documents are not fetched")

// fetchTimeout and fetchLimit bound the reading of one remote file.
const (
	fetchTimeout = 30 * time.Second
	fetchLimit   = 64 << 20 // bytes
)

func (s *Spec) read(at *url.URL) ([]byte, error) {
	if at.Scheme == "" || at.Scheme == "file" {
		return os.ReadFile(at.Path)
	}
	if !s.allowRemote || at.Scheme != "http" && at.Scheme != "https" {
		return nil, fmt.Errorf("%w: %s", ErrRemote, at.Redacted())
	}
	client := http.Client{Timeout: fetchTimeout}
	resp, err := client.Get(at.String())
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("fetch %s: the server answered %s", at.Redacted(), resp.Status)
	}
	data, err := io.ReadAll(io.LimitReader(resp.Body, fetchLimit+1))
	if err == nil && len(data) > fetchLimit {
		err = fmt.Errorf("fetch %s: more than %d bytes", at.Redacted(), fetchLimit)
	}
	return data, err
}

// A compiler turns the loaded document into what judging needs. It walks
// kin-openapi's structures and the text side by side, so that everything
// compiled knows where it stands.
type compiler struct {
	spec *Spec
	doc  *openapi3.T

	schemas map[location]*schema
	errs    []error
}

func (c *compiler) failf(at location, format string, args ...any) {
	p := c.spec.sources.place(at)
	c.errs = append(c.errs, fmt.Errorf("%s:%d:%d: %s", p.File, p.Line, p.Column, fmt.Sprintf(format, args...)))
}

func (c *compiler) compile() error {
	c.spec.title, c.spec.version = c.doc.Info.Title, c.doc.Info.Version
	if c.doc.Components != nil {
		for name, ref := range c.doc.Components.SecuritySchemes {
			if ref.Value != nil {
				c.spec.schemes[name] = newScheme(ref.Value)
			}
		}
	}
	paths := c.spec.root.below("paths")
	for _, template := range c.spec.sources.names(paths) {
		item := c.doc.Paths.Find(template)
		if item == nil || !strings.HasPrefix(template, "/") {
			continue // an extension
		}
		at := c.spec.sources.resolve(paths.below(template))
		for _, key := range c.spec.sources.names(at) {
			method := strings.ToUpper(key)
			op := item.Operations()[method]
			if op == nil {
				continue // parameters, servers, an extension
			}
			o := c.operation(method, template, op, at.below(key))
			o.parameters = c.parameters(item, at, op, at.below(key))
			c.spec.documented = append(c.spec.documented, o)
			for _, base := range c.bases(op, item) {
				c.spec.routes = append(c.spec.routes, &route{operation: o, segments: append(base, splitTemplate(template)...)})
			}
		}
	}
	sortRoutes(c.spec.routes)
	c.knownExtensions()
	return errors.Join(c.errs...)
}

// An operation is what the document says of one method of a path.
type operation struct {
	Operation
	at         location
	security   openapi3.SecurityRequirements
	parameters []parameter
	request    *content // nil when no body is documented
	required   bool     // the request must have a body
	responses  []*answer
}

// An answer is one entry of `responses`.
type answer struct {
	key     string // "200", "2XX", "default"
	at      location
	headers []header
	content *content // nil when none is documented
}

// A content is a `content` map: the media types of one message.
type content struct {
	at    location
	types []mediaType
}

func (c *compiler) operation(method, template string, op *openapi3.Operation, at location) *operation {
	o := &operation{
		Operation: Operation{ID: op.OperationID, Method: method, Path: template},
		at:        at,
		security:  c.doc.Security,
	}
	if op.Security != nil {
		o.security = *op.Security
	}
	if body := op.RequestBody; body != nil && body.Value != nil {
		o.required = body.Value.Required
		o.request = c.content(body.Value.Content, c.spec.sources.resolve(at.below("requestBody")))
	}
	responses := at.below("responses")
	for _, key := range c.spec.sources.names(responses) {
		ref := op.Responses.Value(key)
		if ref == nil || ref.Value == nil {
			continue // an extension
		}
		a := &answer{key: key, at: c.spec.sources.resolve(responses.below(key))}
		headers := a.at.below("headers")
		for _, name := range c.spec.sources.names(headers) {
			if h := ref.Value.Headers[name]; h != nil && h.Value != nil {
				a.headers = append(a.headers, c.header(name, h.Value, c.spec.sources.resolve(headers.below(name))))
			}
		}
		a.content = c.content(ref.Value.Content, a.at)
		o.responses = append(o.responses, a)
	}
	return o
}

func (c *compiler) content(types openapi3.Content, parent location) *content {
	at := parent.below("content")
	if len(types) == 0 {
		return nil
	}
	out := &content{at: at}
	for _, name := range c.spec.sources.names(at) {
		here := at.below(name)
		described := newMediaType(name, here, nil)
		if mt := types[name]; mt != nil { // a media type may be left empty
			described.schema = c.schema(mt.Schema, here.below("schema"))
			described.item = c.itemSchema(mt, here)
			described.encodings = c.encodings(mt.Encoding, here.below("encoding"))
		}
		out.types = append(out.types, described)
	}
	return out
}

package contract

// The operation is found by the path of the request below the path of a server
// (OAS 3.0.3, Paths Object: concrete before templated) and by its method. Scheme
// and host say where a recording was made, not what was called.

import (
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// A route is one way to call an operation: a server's path and its own.
type route struct {
	operation *operation
	segments  []segment
}

// A segment is what stands between two slashes of a path template.
type segment struct {
	literal string         // decoded; when pattern is nil
	pattern *regexp.Regexp // with template expressions in it
	whole   bool           // the segment is one template expression
}

var templateExpression = regexp.MustCompile(`\{[^{}]*\}`)

// splitTemplate turns "/agents/{id}/avatar.{ext}" into its segments.
func splitTemplate(template string) []segment {
	var out []segment
	for part := range strings.SplitSeq(strings.TrimPrefix(template, "/"), "/") {
		expressions := templateExpression.FindAllStringIndex(part, -1)
		if expressions == nil {
			if decoded, err := url.PathUnescape(part); err == nil {
				part = decoded
			}
			out = append(out, segment{literal: part})
			continue
		}
		var pattern strings.Builder
		end := 0
		for _, e := range expressions {
			pattern.WriteString(regexp.QuoteMeta(part[end:e[0]]) + "(?s:.+)")
			end = e[1]
		}
		pattern.WriteString(regexp.QuoteMeta(part[end:]))
		out = append(out, segment{
			pattern: regexp.MustCompile("^" + pattern.String() + "$"),
			whole:   len(expressions) == 1 && expressions[0][0] == 0 && end == len(part),
		})
	}
	return out
}

// matches tells whether a decoded segment of a request fits. An empty value is
// no path parameter: "/agents//messages" is another path.
func (s segment) matches(part string) bool {
	switch {
	case s.pattern == nil:
		return part == s.literal
	case s.whole:
		return part != ""
	}
	return s.pattern.MatchString(part)
}

// rank orders segments from the most to the least specific.
func (s segment) rank() int {
	switch {
	case s.pattern == nil:
		return 0
	case s.whole:
		return 2
	}
	return 1
}

func sortRoutes(routes []*route) {
	slices.SortStableFunc(routes, func(a, b *route) int {
		return slices.CompareFunc(a.segments, b.segments, func(a, b segment) int { return a.rank() - b.rank() })
	})
}

// bases gives the paths of the servers of an operation as segments. Variables in
// them match anything, as their values are not the document's to know.
func (c *compiler) bases(op *openapi3.Operation, item *openapi3.PathItem) [][]segment {
	servers := c.doc.Servers
	if len(item.Servers) > 0 {
		servers = item.Servers
	}
	if op.Servers != nil && len(*op.Servers) > 0 {
		servers = *op.Servers
	}
	seen := map[string]bool{}
	var out [][]segment
	add := func(path string) {
		path = strings.TrimSuffix(path, "/")
		if seen[path] {
			return
		}
		seen[path] = true
		var base []segment
		if path != "" {
			base = splitTemplate(path)
		}
		out = append(out, base)
	}
	for _, server := range servers {
		add(serverPath(server))
	}
	if len(out) == 0 {
		add("") // OAS 3.0.3: the default server is "/"
	}
	return out
}

// serverPath cuts scheme and host off a server's URL. Variables that hold a
// slash are put in by their default, since they span segments.
func serverPath(server *openapi3.Server) string {
	u := server.URL
	for name, variable := range server.Variables {
		if variable != nil && (strings.Contains(variable.Default, "/") || variable.Default == "") {
			u = strings.ReplaceAll(u, "{"+name+"}", variable.Default)
		}
	}
	if _, rest, found := strings.Cut(u, "://"); found {
		_, path, found := strings.Cut(rest, "/")
		if !found {
			return ""
		}
		u = "/" + path
	}
	if !strings.HasPrefix(u, "/") {
		u = "/" + u
	}
	return u
}

// route finds the operation of a request. When there is none it gives the
// finding that says so, without its source.
func (s *Spec) route(method, path string) (*operation, *Finding) {
	parts := strings.Split(strings.TrimPrefix(path, "/"), "/")
	for i, part := range parts {
		if decoded, err := url.PathUnescape(part); err == nil {
			parts[i] = decoded
		}
	}
	var others []*operation
	for _, r := range s.routes {
		if !slices.EqualFunc(r.segments, parts, segment.matches) {
			continue
		}
		if r.operation.Method == method {
			return r.operation, nil
		}
		others = append(others, r.operation)
	}
	lost := &Finding{
		Rule: UnknownOperation, Severity: severity(UnknownOperation),
		Direction: InRequest, Part: PartLine,
	}
	if others == nil {
		lost.Want, lost.Got = "a path of the document", "another path"
		lost.Spec = s.sources.place(s.root.below("paths"))
		return nil, lost
	}
	var allowed []string
	for _, op := range others {
		if !slices.Contains(allowed, op.Method) {
			allowed = append(allowed, op.Method)
		}
	}
	at := others[0].at
	at.pointer = at.pointer[:strings.LastIndexByte(at.pointer, '/')]
	lost.Want, lost.Got = "method "+strings.Join(allowed, " or "), methodName(method)
	lost.Spec = s.sources.place(at)
	return nil, lost
}

// methodName repeats a method of RFC 9110, RFC 5789 or none: anything else is
// bytes from outside.
func methodName(method string) string {
	switch method {
	case "GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH":
		return method
	}
	return "another method"
}

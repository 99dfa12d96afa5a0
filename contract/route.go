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
	literal string         // decoded; when names is nil
	names   []string       // of the template expressions in it
	pattern *regexp.Regexp // of the expressions and what is around them; nil when one expression is the whole segment
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
		var names []string
		end := 0
		for _, e := range expressions {
			pattern.WriteString(regexp.QuoteMeta(part[end:e[0]]) + "(.+)")
			names = append(names, part[e[0]+1:e[1]-1])
			end = e[1]
		}
		pattern.WriteString(regexp.QuoteMeta(part[end:]))
		s := segment{names: names}
		if len(names) > 1 || expressions[0][0] > 0 || end < len(part) {
			s.pattern = regexp.MustCompile("(?s)^" + pattern.String() + "$")
		}
		out = append(out, s)
	}
	return out
}

// match holds a segment of a request, as it was on the wire, against s. It gives
// the values of the template expressions, still encoded. An empty value is no path
// parameter: "/agents//messages" is another path.
func (s segment) match(part string) (values []string, ok bool) {
	switch {
	case s.names == nil:
		decoded, err := url.PathUnescape(part)
		return nil, err == nil && decoded == s.literal || part == s.literal
	case s.pattern == nil:
		return []string{part}, part != ""
	}
	m := s.pattern.FindStringSubmatch(part)
	if m == nil {
		return nil, false
	}
	return m[1:], true
}

// match holds the segments of a request against r.
func (r *route) match(parts []string) (parameters map[string]string, ok bool) {
	if len(parts) != len(r.segments) {
		return nil, false
	}
	for i, s := range r.segments {
		values, ok := s.match(parts[i])
		if !ok {
			return nil, false
		}
		for j, value := range values {
			if parameters == nil {
				parameters = map[string]string{}
			}
			parameters[s.names[j]] = value
		}
	}
	return parameters, true
}

// rank orders segments from the most to the least specific.
func (s segment) rank() int {
	switch {
	case s.names == nil:
		return 0
	case s.pattern == nil:
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

// route finds the operation of a request, and the values of its path parameters,
// encoded. When there is none it gives the finding that says so, without its
// source.
func (s *Spec) route(method, path string) (*operation, map[string]string, *Finding) {
	parts := strings.Split(strings.TrimPrefix(path, "/"), "/")
	var others []*operation
	for _, r := range s.routes {
		parameters, ok := r.match(parts)
		switch {
		case !ok:
		case r.operation.Method == method:
			return r.operation, parameters, nil
		default:
			others = append(others, r.operation)
		}
	}
	lost := &Finding{
		Rule: UnknownOperation, Severity: severity(UnknownOperation),
		Direction: InRequest, Part: PartLine,
	}
	if others == nil {
		lost.Want, lost.Got = "a path of the document", "another path"
		lost.Spec = s.sources.place(s.root.below("paths"))
		return nil, nil, lost
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
	return nil, nil, lost
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

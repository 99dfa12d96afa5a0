package contract_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/daric-dev/daric/contract"
)

// Every style of OAS 3.0.3, Style Values, with and without explode, on the types
// that it is defined for.
func TestParameterStyles(t *testing.T) {
	const (
		integers = "schema: {type: array, items: {type: integer}}"
		color    = "schema: {type: object, required: [R], properties: {R: {type: integer}, G: {type: integer}}}"
		integer  = "schema: {type: integer}"
	)
	tests := []struct{ in, parameter, keeps, breaks, want string }{
		{"path", integer, "5", "x", "parameter-mismatch /p type"},
		{"path", integers, "3,4", "3,x", "parameter-mismatch /p/1 type"},
		{"path", color, "R,1,G,2", "R,x", "parameter-mismatch /p/R type"},
		{"path", "explode: true, " + color, "R=1,G=2", "G=2", "parameter-mismatch /p/R required"},
		{"path", "style: label, " + integer, ".5", "5", "parameter-mismatch /p"},
		{"path", "style: label, " + integers, ".3,4", ".3,x", "parameter-mismatch /p/1 type"},
		{"path", "style: label, explode: true, " + integers, ".3.4", ".3.x", "parameter-mismatch /p/1 type"},
		{"path", "style: label, explode: true, " + color, ".R=1.G=2", ".R=x", "parameter-mismatch /p/R type"},
		{"path", "style: matrix, " + integer, ";p=5", ";q=5", "parameter-mismatch /p"},
		{"path", "style: matrix, " + integers, ";p=3,4", ";p=3,x", "parameter-mismatch /p/1 type"},
		{"path", "style: matrix, explode: true, " + integers, ";p=3;p=4", ";p=3;p=x", "parameter-mismatch /p/1 type"},
		{"path", "style: matrix, explode: true, " + color, ";R=1;G=2", ";R=x", "parameter-mismatch /p/R type"},
		{"path", "schema: {type: string, pattern: '^a/b$'}", "a%2Fb", "a%2F", "parameter-mismatch /p pattern"},

		{"query", integer, "p=5", "p=x", "parameter-mismatch /p type"},
		{"query", "schema: {type: string, minLength: 3}", "p=a+b", "p=a%2B", "parameter-mismatch /p minLength"},
		{"query", integer, "", "p=", "parameter-mismatch /p type"},
		{"query", "allowEmptyValue: true, " + integer, "p", "p=x", "parameter-mismatch /p type"},
		{"query", integers, "p=3&p=4", "p=3&p=x", "parameter-mismatch /p/1 type"},
		{"query", "explode: false, " + integers, "p=3,4", "p=3,x", "parameter-mismatch /p/1 type"},
		{"query", "explode: false, " + integers, "p=3%2C4", "p=3%2Cx", "parameter-mismatch /p/0 type"},
		{"query", color, "R=1&G=2", "G=x&R=1", "parameter-mismatch /p/G type"},
		{"query", "explode: false, " + color, "p=R,1,G,2", "p=G,1", "parameter-mismatch /p/R required"},
		{"query", "style: spaceDelimited, explode: false, " + integers, "p=3%204", "p=3+x", "parameter-mismatch /p/1 type"},
		{"query", "style: pipeDelimited, explode: false, " + integers, "p=3|4", "p=3%7Cx", "parameter-mismatch /p/1 type"},
		{"query", "style: deepObject, explode: true, " + color, "p[R]=1&p%5BG%5D=2", "p[R]=x", "parameter-mismatch /p/R type"},
		{"query", "style: deepObject, explode: true, schema: {type: object, properties: {a: {type: object, properties: {b: {type: integer}}}}}", "p[a][b]=1", "p[a][b]=x", "parameter-mismatch /p/a/b type"},
		{"query", "style: deepObject, explode: true, required: true, " + color, "p[R]=1", "", "missing-parameter /p"},
		{"query", "allowReserved: true, schema: {type: string, pattern: '^/a[?]b$'}", "p=/a?b", "p=/a", "parameter-mismatch /p pattern"},
		{"query", "content: {application/json: {" + integers + "}}", "p=%5B1%5D", "p=%5Bx", "parameter-mismatch /p"},
		{"query", "required: true, " + integer, "p=1", "q=1", "missing-parameter /p; undeclared-query /q"},

		{"header", integer, "5", "x", "parameter-mismatch /p type"},
		{"header", integers, "3, 4", "3,x", "parameter-mismatch /p/1 type"},
		{"header", "explode: true, " + color, "R=1,G=2", "R=x", "parameter-mismatch /p/R type"},
		{"cookie", integer, "p=5; q=x", "p=x", "parameter-mismatch /p type"},
		{"cookie", "explode: false, " + integers, "p=3,4", "p=3,x", "parameter-mismatch /p/1 type"},
	}
	for _, tt := range tests {
		t.Run(tt.in+" "+tt.parameter, func(t *testing.T) {
			parameter := "{name: p, in: " + tt.in + ", " + tt.parameter + "}"
			path := "/a"
			if tt.in == "path" {
				path, parameter = "/a/{p}", strings.Replace(parameter, "in: path", "in: path, required: true", 1)
			}
			spec, err := contract.Compile("d.yaml", []byte("openapi: 3.0.3\ninfo: {title: t, version: '1'}\npaths:\n  "+path+
				":\n    get:\n      parameters: ["+parameter+"]\n      responses: {'200': {description: ok}}\n"))
			if err != nil {
				t.Fatal(err)
			}
			for text, want := range map[string]string{tt.keeps: "", tt.breaks: tt.want} {
				x := contract.Exchange{Request: contract.Request{Method: "GET", Path: "/a", Header: http.Header{}}, Response: contract.Response{Status: 200}}
				switch tt.in {
				case "path":
					x.Request.Path = "/a/" + text
				case "query":
					x.Request.Query = text
				case "header":
					x.Request.Header.Set("P", text)
				case "cookie":
					x.Request.Header.Set("Cookie", text)
				}
				if v := spec.Check(x); short(v.Findings) != want {
					t.Errorf("%q: got %q, want %q", text, short(v.Findings), want)
				}
			}
		})
	}
}

package contract_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/daric-dev/daric/contract"
)

const forms = `openapi: 3.0.3
info: {title: t, version: '1'}
paths:
  /:
    post:
      requestBody:
        required: true
        content:
          application/x-www-form-urlencoded:
            schema: &form
              type: object
              required: [n]
              properties:
                n: {type: integer}
                s: {type: string, maxLength: 3}
                list: {type: array, items: {type: integer}}
                piped: {type: array, items: {type: integer}}
                deep: {type: object, properties: {a: {type: integer}}}
                json: {type: object, properties: {a: {type: integer}}}
                file: {type: string, format: binary}
                files: {type: array, items: {type: string, format: binary}}
            encoding:
              piped: {style: pipeDelimited, explode: false}
              deep: {style: deepObject, explode: true}
          multipart/form-data:
            schema: *form
            encoding:
              file: {contentType: 'image/png, image/*'}
      responses: {'204': {description: ok}}
`

func TestForms(t *testing.T) {
	spec, err := contract.Compile("d.yaml", []byte(forms))
	if err != nil {
		t.Fatal(err)
	}
	check := func(t *testing.T, contentType, body string) (contract.Verdict, string) {
		t.Helper()
		v := spec.Check(contract.Exchange{
			Request: contract.Request{Method: "POST", Path: "/", Header: http.Header{"Content-Type": {contentType}},
				Body: contract.Body{Data: []byte(body)}},
			Response: contract.Response{Status: 204},
		})
		return v, short(v.Findings)
	}
	for body, want := range map[string]string{
		"n=1&s=a+b":                      "",
		"n=x":                            "schema-mismatch /n type",
		"s=%C3%A4bcd":                    "schema-mismatch /n required; schema-mismatch /s maxLength",
		"n=1&list=1&list=x":              "schema-mismatch /list/1 type",
		"n=1&piped=1|x":                  "schema-mismatch /piped/1 type",
		"n=1&deep[a]=x":                  "schema-mismatch /deep/a type",
		"n=1&json=%7B%22a%22:%22x%22%7D": "schema-mismatch /json/a type",
		"n=1&other=2":                    "undeclared-property /other properties",
		"n=1&n=y":                        "schema-mismatch /n type",
	} {
		if v, got := check(t, "application/x-www-form-urlencoded", body); got != want || v.Reason != "" {
			t.Errorf("%s: got %q %s, want %q", body, got, v.Reason, want)
		}
	}

	part := func(head, data string) string {
		return "--b\r\nContent-Disposition: form-data; name=" + head + "\r\n\r\n" + data + "\r\n"
	}
	for _, tt := range []struct{ name, body, want, reason string }{
		{"fields", part("n", "1") + part("s", "abc") + part(`"file"; filename="a.png"`+"\r\nContent-Type: image/png", "\x89PNG\xff") + "--b--\r\n", "", ""},
		{"a field of another type", part("n", "x") + "--b--\r\n", "schema-mismatch /n type", ""},
		{"a field that is missing", part("s", "abc") + "--b--\r\n", "schema-mismatch /n required", ""},
		{"a field that is unknown", part("n", "1") + part("x", "1") + "--b--\r\n", "undeclared-property /x properties", ""},
		{"a file of another media type", part("n", "1") + part("file; filename=a\r\nContent-Type: text/html", "x") + "--b--\r\n", "undocumented-content-type /file", ""},
		{"many files", part("n", "1") + part("files; filename=a", "\xff") + part("files; filename=b", "\xfe") + "--b--\r\n", "", ""},
		{"JSON in a field", part("n", "1") + part("json\r\nContent-Type: application/json", `{"a":"x"}`) + "--b--\r\n", "schema-mismatch /json/a type", ""},
		{"JSON that is none", part("n", "1") + part("json", "{") + "--b--\r\n", "", "request: a field of the multipart body is no JSON, where JSON is wanted"},
		{"cut", strings.TrimSuffix(part("n", "1"), "\r\n"), "", "request: the multipart body cannot be read to its end"},
	} {
		v, got := check(t, "multipart/form-data; boundary=b", tt.body)
		if got != tt.want || v.Reason != tt.reason {
			t.Errorf("%s: got %q %q, want %q %q", tt.name, got, v.Reason, tt.want, tt.reason)
		}
	}
	if v, _ := check(t, "multipart/form-data", "--b--"); v.Outcome != contract.Unjudged {
		t.Errorf("without a boundary it is %s", v.Outcome)
	}
}

// FuzzForm judges any form.
func FuzzForm(f *testing.F) {
	spec, err := contract.Compile("d.yaml", []byte(forms))
	if err != nil {
		f.Fatal(err)
	}
	f.Add("application/x-www-form-urlencoded", []byte("n=1&deep[a]=%7B&piped=1|&json={}&list="))
	f.Add("multipart/form-data; boundary=b", []byte("--b\r\nContent-Disposition: form-data; name=n\r\n\r\n1\r\n--b--\r\n"))
	f.Fuzz(func(t *testing.T, contentType string, body []byte) {
		v := spec.Check(contract.Exchange{
			Request:  contract.Request{Method: "POST", Path: "/", Header: http.Header{"Content-Type": {contentType}}, Body: contract.Body{Data: body}},
			Response: contract.Response{Status: 204},
		})
		noValues(t, v.Findings)
	})
}

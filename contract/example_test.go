package contract_test

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/daric-dev/daric"
	"github.com/daric-dev/daric/contract"
	"github.com/daric-dev/daric/contract/recording"
	"github.com/daric-dev/daric/contract/report"
)

// A response is held against the shipped document; any OpenAPI 3.0 document
// will do.
func Example() {
	spec, err := contract.Compile("openapi.yaml", daric.Document())
	if err != nil {
		fmt.Println(err)
		return
	}
	verdict := spec.Check(contract.Exchange{
		Request: contract.Request{Method: "POST", Path: "/v1/agents/agt_1/messages", Unrecorded: true},
		Response: contract.Response{
			Status: 401,
			Header: http.Header{"Content-Type": {"application/json"}},
			Body:   contract.Body{Data: []byte(`{"error": "no"}`)},
		},
	})
	fmt.Println(verdict.Outcome)
	for _, f := range verdict.Findings {
		fmt.Println(f.Rule, report.Message(f))
	}
	// Output:
	// broken
	// schema-mismatch response body /detail: want property "detail", got none
	// undeclared-property response body /error is not in the document: got string
}

// Recordings are judged as they are read.
func ExampleSpec_CheckAll() {
	spec, err := contract.Compile("openapi.yaml", daric.Document())
	if err != nil {
		fmt.Println(err)
		return
	}
	const text = "POST /v1/agents/agt_1/messages\n\nHTTP/1.1 404 Not Found\nContent-Type: application/json\n\n{\"detail\": \"gone\"}\n"
	for v, err := range spec.CheckAll(recording.Read("paste.http", strings.NewReader(text), recording.Options{})) {
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(v.Source, v.Operation.ID, v.Response, v.Outcome)
	}
	// Output: paste.http:1 sendAgentMessage 404 kept
}

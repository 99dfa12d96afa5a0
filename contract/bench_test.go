package contract_test

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers/legacy"

	"github.com/daric-dev/daric"
	"github.com/daric-dev/daric/contract"
	"github.com/daric-dev/daric/contract/recording"
)

// BenchmarkCheck judges the response that the page prints, about 900 bytes, by
// this package and, beside it, by kin-openapi as its documentation shows.
func BenchmarkCheck(b *testing.B) {
	var x contract.Exchange
	for read, err := range recording.FS(daric.Evidence(), recording.Options{}) {
		if err != nil {
			b.Fatal(err)
		}
		x = read // the last of them, send-agent-message.http
	}
	body := x.Response.Body.Data

	b.Run("daric", func(b *testing.B) {
		spec := dari(b)
		x.Request.Unrecorded = true // kin is asked about the response alone
		b.SetBytes(int64(len(body)))
		b.ReportAllocs()
		for b.Loop() {
			if v := spec.Check(x); v.Outcome != contract.Kept {
				b.Fatal(v.Outcome)
			}
		}
	})
	b.Run("kin-openapi", func(b *testing.B) {
		doc, err := openapi3.NewLoader().LoadFromData(daric.Document())
		if err != nil {
			b.Fatal(err)
		}
		router, err := legacy.NewRouter(doc)
		if err != nil {
			b.Fatal(err)
		}
		ctx := context.Background()
		b.SetBytes(int64(len(body)))
		b.ReportAllocs()
		for b.Loop() {
			r, err := http.NewRequest(x.Request.Method, "https://api.dari.dev"+x.Request.Path, nil)
			if err != nil {
				b.Fatal(err)
			}
			route, params, err := router.FindRoute(r)
			if err != nil {
				b.Fatal(err)
			}
			err = openapi3filter.ValidateResponse(ctx, &openapi3filter.ResponseValidationInput{
				RequestValidationInput: &openapi3filter.RequestValidationInput{Request: r, PathParams: params, Route: route},
				Status:                 x.Response.Status,
				Header:                 x.Response.Header,
				Body:                   io.NopCloser(bytes.NewReader(body)),
				Options:                &openapi3filter.Options{IncludeResponseStatus: true},
			})
			if err != nil {
				b.Fatal(err)
			}
		}
	})
}

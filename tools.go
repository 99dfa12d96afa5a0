package daric

// `make generate` runs these lines; the generator is pinned as a tool in go.mod.
// This file has no build tag: `go generate ./...` passes over tagged files in
// silence.

//go:generate go tool oapi-codegen -config codegen/api.yaml openapi.yaml
//go:generate go tool oapi-codegen -config codegen/server.yaml openapi.yaml

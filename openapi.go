// Package daric carries the OpenAPI document of the Dari agents API and the
// evidence for it.
//
// The command is in cmd/daric, the generated Go client in gen/api, the judge in
// contract.
package daric

import (
	"embed"
	"io/fs"
	"slices"
)

//go:embed openapi.yaml
var document []byte

// Document gives the OpenAPI 3.0.3 document of the Dari agents API, as YAML.
func Document() []byte { return slices.Clone(document) }

//go:embed contract/testdata/recordings
var evidence embed.FS

// Evidence gives the recordings that the document is held against. Its README.md
// says where each came from.
func Evidence() fs.FS {
	recordings, err := fs.Sub(evidence, "contract/testdata/recordings")
	if err != nil {
		panic(err) // the path is a constant and valid
	}
	return recordings
}

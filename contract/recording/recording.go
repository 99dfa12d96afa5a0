// Package recording reads recorded exchanges: one file a format, one table.
package recording

import (
	"io"
	"iter"

	"github.com/daric-dev/daric/contract"
)

// Options say what a recording leaves open.
type Options struct {
	As   string // request line of a response that has none, "POST /v1/agents/agt_1/messages"
	Host string // pattern of path.Match; entries of other hosts are skipped
}

// Read yields the exchanges of a recording as they stand in it.
func Read(name string, r io.Reader, opts Options) iter.Seq2[contract.Exchange, error] {
	panic("in the making")
}

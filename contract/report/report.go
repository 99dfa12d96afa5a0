// Package report writes verdicts to files: one file a format, one table.
package report

import (
	"io"

	"github.com/daric-dev/daric/contract"
)

// A Writer takes verdicts in order. Close writes what stands behind the last
// of them; it does not close the file below.
type Writer interface {
	Write(contract.Verdict) error
	Close() error
}

// New returns the writer of a format onto w.
func New(format string, w io.Writer) (Writer, error) { panic("in the making") }

package recording

// Compression is undone wherever it is met: a recording that was compressed as a
// file, and a body that a recording holds as it was coded on the wire.

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"github.com/daric-dev/daric/contract"
)

const (
	gzipMagic = "\x1f\x8b"         // RFC 1952 section 2.3.1
	zstdMagic = "\x28\xb5\x2f\xfd" // RFC 8878 section 3.1.1
)

// maxWindow bounds the memory that a zstd frame may ask for, in bytes (RFC 8878
// section 3.1.1.1.2 recommends at least 8 MiB).
const maxWindow = 32 << 20

// decompress gives a reader of what is compressed in r, r itself where nothing is.
func decompress(r *bufio.Reader) (*bufio.Reader, error) {
	head, _ := r.Peek(len(zstdMagic))
	plain, err := expand(head, r)
	if err != nil || plain == nil {
		return r, err
	}
	return bufio.NewReaderSize(plain, headSize), nil
}

// expand tells by its head what r is compressed with; nil means with nothing.
func expand(head []byte, r io.Reader) (io.Reader, error) {
	switch {
	case bytes.HasPrefix(head, []byte(gzipMagic)):
		return gzip.NewReader(r)
	case bytes.HasPrefix(head, []byte(zstdMagic)):
		d, err := zstd.NewReader(r, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(maxWindow))
		if err != nil {
			return nil, err
		}
		return d.IOReadCloser(), nil
	}
	return nil, nil
}

// decode undoes the content coding of a body that was recorded as it was coded
// (RFC 9110 section 8.4). Recorders that have undone it leave the header: then
// nothing in the bytes says gzip or zstd, and they stay. Other codings stay too, for
// the judge to say that it cannot judge them.
func decode(h http.Header, b *contract.Body) {
	coding := strings.ToLower(strings.TrimSpace(h.Get("Content-Encoding")))
	if coding != "gzip" && coding != "x-gzip" && coding != "zstd" {
		return
	}
	plain, err := expand(b.Data, bytes.NewReader(b.Data))
	if plain == nil && err == nil {
		return
	}
	var data []byte
	if err == nil {
		data, err = io.ReadAll(io.LimitReader(plain, maxEntry+1))
	}
	switch {
	case err != nil:
		b.Missing = "the body is not in the content coding that its header names"
	case len(data) > maxEntry:
		b.Missing = fmt.Sprintf("the body is larger than %d MiB when it is decoded", maxEntry>>20)
	}
	b.Data, b.Line = data, 0
}

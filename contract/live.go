package contract

// Live exchanges are judged as they pass through a client or a server, which
// notice nothing of it.

import (
	"bufio"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
)

// DefaultMaxBody is the size of the largest body that is kept of a live message
// until it is judged, in bytes. Streams are not kept.
const DefaultMaxBody = 10 << 20

// A Transport judges what passes through an http.Client and changes nothing of
// it: bodies are read by whoever reads them, when they read them, and event
// streams are judged as their bytes pass. It is safe for concurrent use if Base and
// Report are.
type Transport struct {
	Spec *Spec
	// Base sends the requests; nil stands for http.DefaultTransport.
	Base http.RoundTripper
	// Report is given the verdict of each exchange, once its response has been
	// read to the end or closed. It runs on the goroutine that does so. Nil passes
	// everything on unjudged.
	Report func(Verdict)
	// MaxBody is the size of the largest body that is kept, in bytes; 0 stands for
	// DefaultMaxBody. A larger one is not judged.
	MaxBody int64
}

// RoundTrip implements http.RoundTripper. An exchange that fails without a
// response is not judged.
func (t *Transport) RoundTrip(r *http.Request) (*http.Response, error) {
	base := t.Base
	if base == nil {
		base = http.DefaultTransport
	}
	if t.Report == nil {
		return base.RoundTrip(r)
	}
	sent := &copied{max: cmp.Or(t.MaxBody, DefaultMaxBody), length: r.ContentLength}
	if r.Body != nil && r.Body != http.NoBody {
		original := r.Body
		r = r.Clone(r.Context()) // a RoundTripper must not change the request
		r.Body = &tee{ReadCloser: original, to: sent.write, end: sent.done}
	}
	resp, err := base.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	x := Exchange{
		Request: Request{Method: cmp.Or(r.Method, http.MethodGet), Host: cmp.Or(r.Host, r.URL.Host),
			Path: r.URL.EscapedPath(), Query: r.URL.RawQuery, Header: r.Header.Clone()},
		Response: Response{Status: resp.StatusCode, Header: resp.Header.Clone()},
	}
	if resp.Body == nil || resp.StatusCode == http.StatusSwitchingProtocols {
		return resp, nil // what follows is no HTTP
	}
	stream := t.Spec.openStream(x)
	came := &copied{max: sent.max, length: resp.ContentLength}
	write := came.write
	if stream != nil {
		write = stream.write
	}
	resp.Body = &tee{ReadCloser: resp.Body, to: write, end: func(whole bool) {
		x.Request.Body = sent.body()
		if stream != nil {
			if whole {
				stream.close()
			}
			x.Response.Body.passed = stream
		} else {
			came.done(whole)
			x.Response.Body = came.body()
		}
		t.Report(t.Spec.Check(x))
	}}
	return resp, nil
}

// A tee passes on what is read, and says once when the reading is over.
type tee struct {
	io.ReadCloser
	to   func([]byte)
	end  func(whole bool)
	once sync.Once
}

func (t *tee) Read(p []byte) (int, error) {
	n, err := t.ReadCloser.Read(p)
	t.to(p[:n])
	if errors.Is(err, io.EOF) {
		t.once.Do(func() { t.end(true) })
	}
	return n, err
}

func (t *tee) Close() error {
	err := t.ReadCloser.Close()
	t.once.Do(func() { t.end(false) })
	return err
}

// A copied body is what passed of a body, up to a limit. The sender of a request
// and the reader of its response may be two goroutines.
type copied struct {
	mu      sync.Mutex
	max     int64
	length  int64 // as it was announced; -1 when it was not
	data    []byte
	dropped bool
	whole   bool
}

func (c *copied) write(p []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.dropped = c.dropped || int64(len(c.data)+len(p)) > c.max; c.dropped {
		c.data = nil
		return
	}
	c.data = append(c.data, p...)
}

func (c *copied) done(whole bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.whole = c.whole || whole
}

func (c *copied) body() Body {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.dropped:
		return Body{Missing: fmt.Sprintf("the body is larger than %d bytes", c.max)}
	case !c.whole && int64(len(c.data)) != c.length && !json.Valid(c.data):
		// Not even as much as a decoder of JSON reads, which stops at the end of the value.
		return Body{Missing: "the body was not read to its end"}
	}
	return Body{Data: c.data}
}

// openStream begins the judging of a response that is a stream; nil for others.
func (s *Spec) openStream(x Exchange) *stream {
	op, _, _ := s.route(x.Request.Method, x.Request.Path)
	if op == nil || x.Response.Header.Get("Content-Encoding") != "" {
		return nil
	}
	var j judgement // what it finds now is found again when the exchange is over
	j.spec, j.direction = s, InResponse
	answer := j.status(op, x.Response.Status)
	if answer == nil || answer.content == nil {
		return nil
	}
	mt := j.mediaType(x.Response.Header, answer.content)
	if mt == nil || !mt.saysItems() {
		return nil
	}
	fresh := &judgement{spec: s, direction: InResponse, source: x.Source}
	return fresh.newStream(mt)
}

// Handler judges what passes through a server and changes nothing of it. report
// is given the verdict of each exchange when next has answered it.
func Handler(spec *Spec, next http.Handler, report func(Verdict)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		x := Exchange{Request: Request{Method: r.Method, Host: r.Host, Path: r.URL.EscapedPath(), Query: r.URL.RawQuery, Header: r.Header.Clone()}}
		sent := &copied{max: DefaultMaxBody, length: r.ContentLength}
		r = r.WithContext(r.Context()) // a copy: the request is the server's
		r.Body = &tee{ReadCloser: r.Body, to: sent.write, end: sent.done}
		answer := &answering{ResponseWriter: w, spec: spec, exchange: &x, came: copied{max: DefaultMaxBody, whole: true}}
		next.ServeHTTP(answer, r)
		if answer.hijacked {
			return
		}
		answer.begin(http.StatusOK)
		sent.done(false)
		x.Request.Body = sent.body()
		if answer.stream != nil {
			answer.stream.close()
			x.Response.Body.passed = answer.stream
		} else {
			x.Response.Body = answer.came.body()
			if h := x.Response.Header; len(answer.came.data) > 0 && h["Content-Type"] == nil && h.Get("Content-Encoding") == "" {
				h.Set("Content-Type", http.DetectContentType(answer.came.data)) // as net/http has done
			}
		}
		report(spec.Check(x))
	})
}

// An answering writer keeps what a handler answers while it passes it on.
type answering struct {
	http.ResponseWriter
	spec     *Spec
	exchange *Exchange
	came     copied
	stream   *stream
	begun    bool
	hijacked bool
}

// begin takes status and headers as they are when the first byte goes out.
func (a *answering) begin(status int) {
	if a.begun || status < 200 { // an interim response
		return
	}
	a.begun = true
	a.exchange.Response.Status, a.exchange.Response.Header = status, a.Header().Clone()
	a.stream = a.spec.openStream(*a.exchange)
}

func (a *answering) WriteHeader(status int) {
	a.begin(status)
	a.ResponseWriter.WriteHeader(status)
}

func (a *answering) Write(p []byte) (int, error) {
	a.begin(http.StatusOK)
	n, err := a.ResponseWriter.Write(p)
	if a.stream != nil {
		a.stream.write(p[:n])
	} else {
		a.came.write(p[:n])
	}
	return n, err
}

// Unwrap serves http.ResponseController.
func (a *answering) Unwrap() http.ResponseWriter { return a.ResponseWriter }

// Flush implements http.Flusher.
func (a *answering) Flush() {
	a.begin(http.StatusOK)
	_ = http.NewResponseController(a.ResponseWriter).Flush()
}

// Hijack implements http.Hijacker. What follows is no HTTP, and not judged.
func (a *answering) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, rw, err := http.NewResponseController(a.ResponseWriter).Hijack()
	a.hijacked = a.hijacked || err == nil
	return conn, rw, err
}

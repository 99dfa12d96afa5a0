// Package recording reads exchanges that somebody recorded, one at a time: memory
// does not grow with the file.
//
// [Read] reads one recording, [Files] what a command line names, [FS] a folder.
// All yield exchanges in order, and an error of type [contract.EntryError] for
// what they pass over or cannot read; the reading goes on behind it. An error
// of another type ends the sequence.
//
// Formats, each in a file of its own:
//
//	text.go   HTTP as it is on the wire, written by hand or pasted from curl -i
//	har.go    HAR 1.2, as browsers and proxies export it
//	cassette.go cassettes of go-vcr and VCR
//	compressed.go undoes gzip and zstd, of files and of bodies
//	events.go server-sent events, as curl -N prints them
//	lines.go  one exchange a line, as a HAR entry or in the plain form of plain.go
package recording

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/daric-dev/daric/contract"
)

// Options say what a recording leaves open and what of it is wanted.
type Options struct {
	// As is the request line of responses that stand in a text recording without
	// one, "POST /v1/agents/agt_1/messages".
	As string
	// Host is a pattern of path.Match. Entries of other hosts are skipped; an
	// entry without a host is not.
	Host string
}

// Validate tells what is wrong with the options.
func (o Options) Validate() error {
	if _, err := path.Match(o.Host, ""); err != nil {
		return fmt.Errorf("read host pattern %q: %w", o.Host, err)
	}
	if o.As != "" {
		if _, ok := parseRequestLine(o.As); !ok {
			return fmt.Errorf("read request line %q: want a method and a path\nfor example 'POST /v1/agents/agt_1/messages'", o.As)
		}
	}
	return nil
}

// A format is one way to write exchanges down.
type format struct {
	name       string
	extensions []string
	// sniff tells by its first bytes whether a file of an extension that nobody
	// knows is of this format.
	sniff func(head []byte) bool
	read  func(*source)
	// shared says that files of other kinds have these extensions, too: then content
	// decides.
	shared bool
}

// formats is the table of formats; content is asked in this order.
var formats = []format{
	{name: "HAR 1.2", extensions: []string{".har"}, sniff: isHAR, read: readHAR},
	{name: "NDJSON, one exchange a line", extensions: []string{".ndjson", ".jsonl"}, sniff: isLines, read: readLines},
	{name: "JSON, one exchange", extensions: []string{".json"}, sniff: isJSON, read: readJSON},
	{name: "cassettes of go-vcr and VCR", extensions: []string{".yaml", ".yml"}, sniff: isCassette, read: readCassette, shared: true},
	{name: "server-sent events", extensions: []string{".sse"}, sniff: isEvents, read: readEvents},
	{name: "HTTP as text", extensions: []string{".http", ".txt"}, sniff: isText, read: readText},
}

// Formats lists the formats with their file name extensions, for people.
func Formats() string {
	names := make([]string, len(formats))
	for i, f := range formats {
		names[i] = f.name + " (" + strings.Join(f.extensions, ", ") + ")"
	}
	return strings.Join(names, "; ")
}

// headSize is how much of a file is looked at to find its format, in bytes.
const headSize = 64 << 10

// Read yields the exchanges of one recording as they stand in it. name gives the
// places their file, and its extension is a hint at the format.
func Read(name string, r io.Reader, opts Options) iter.Seq2[contract.Exchange, error] {
	return func(yield func(contract.Exchange, error) bool) {
		if err := opts.Validate(); err != nil {
			yield(contract.Exchange{}, err)
			return
		}
		read(name, r, opts, yield)
	}
}

// read tells whether more is wanted.
func read(name string, r io.Reader, opts Options, yield func(contract.Exchange, error) bool) bool {
	s := &source{name: name, opts: opts, yield: yield, in: bufio.NewReaderSize(r, headSize)}
	in, err := decompress(s.in)
	if err != nil {
		s.refuse(0, "it is compressed, and cannot be decompressed")
		return !s.stopped
	}
	s.in = in
	if bom, _ := s.in.Peek(3); bytes.Equal(bom, []byte("\ufeff")) {
		_, _ = s.in.Discard(3)
	}
	head, err := s.in.Peek(headSize)
	switch {
	case err != nil && !errors.Is(err, io.EOF):
		s.refuse(0, "it cannot be read: "+cause(err))
		return !s.stopped
	case len(bytes.TrimSpace(head)) == 0:
		s.refuse(0, "the file is empty")
		return !s.stopped
	}
	f := detect(name, head)
	if f == nil {
		s.refuse(0, "it is none of the formats that are read: "+Formats())
		return !s.stopped
	}
	f.read(s)
	if s.entry == 0 && !s.stopped {
		s.refuse(0, "it holds no exchange")
	}
	return !s.stopped
}

// cause is an error of the file system without the path, which stands before it.
func cause(err error) string {
	var p *fs.PathError
	if errors.As(err, &p) {
		return p.Err.Error()
	}
	return err.Error()
}

func detect(name string, head []byte) *format {
	extension := extension(name)
	for i := range formats {
		// What is plainly a HAR is one by any name.
		if slices.Contains(formats[i].extensions, extension) && !isHAR(head) && (!formats[i].shared || formats[i].sniff(head)) {
			return &formats[i]
		}
	}
	for i := range formats {
		if formats[i].sniff(head) {
			return &formats[i]
		}
	}
	return nil
}

// extension is that of the recording, inside of the one of its compression.
func extension(name string) string {
	name = strings.ToLower(filepath.ToSlash(name))
	for _, compression := range []string{".gz", ".zst"} {
		name = strings.TrimSuffix(name, compression)
	}
	return path.Ext(name)
}

// A source is one recording being read.
type source struct {
	name    string
	opts    Options
	in      *bufio.Reader
	yield   func(contract.Exchange, error) bool
	entry   int  // entries so far
	stopped bool // nobody wants more
}

// at is the place of the entry that is being read.
func (s *source) at(line int) contract.Source {
	return contract.Source{File: s.name, Line: line, Entry: s.entry}
}

// take yields an exchange, unless it is outside the question.
func (s *source) take(x contract.Exchange) {
	if reason := s.opts.skips(x); reason != "" {
		s.fail(x.Source.Line, contract.Skipped, reason)
		return
	}
	s.stopped = s.stopped || !s.yield(x, nil)
	s.entry++
}

// request begins the request of an entry with its URL; an entry that is not of
// HTTP is passed over.
func (s *source) request(line int, method, target string) (contract.Request, bool) {
	scheme, host, urlPath, query := splitURL(target)
	if scheme != "" && scheme != "http" && scheme != "https" {
		s.fail(line, contract.Skipped, "a URL that is not of HTTP")
		return contract.Request{}, false
	}
	return contract.Request{Method: method, Host: host, Path: urlPath, Query: query}, true
}

// refuse yields what could not be read. The reason must hold nothing of the
// recording but names.
func (s *source) refuse(line int, reason string) { s.fail(line, contract.Unjudged, reason) }

func (s *source) fail(line int, outcome contract.Outcome, reason string) {
	s.stopped = s.stopped || !s.yield(contract.Exchange{}, &contract.EntryError{Source: s.at(line), Outcome: outcome, Reason: reason})
	s.entry++
}

// skips gives the reason for which an exchange is outside the question.
func (o Options) skips(x contract.Exchange) string {
	switch {
	case x.Response.Status <= 0: // -1 is Playwright's
		return "no response: the request was blocked or broken off"
	case x.Request.Method == "OPTIONS" && x.Request.Header.Get("Access-Control-Request-Method") != "":
		return "CORS preflight"
	case o.Host == "" || x.Request.Host == "":
		return ""
	}
	host := strings.ToLower(x.Request.Host)
	for _, h := range []string{host, hostname(host)} {
		if ok, _ := path.Match(strings.ToLower(o.Host), h); ok {
			return ""
		}
	}
	return "another host"
}

// hostname cuts the port off a host.
func hostname(host string) string {
	if i := strings.LastIndexByte(host, ':'); i > strings.LastIndexByte(host, ']') {
		return host[:i]
	}
	return host
}

// splitURL takes an absolute URL or a path apart without normalising anything:
// the path is judged as it was on the wire. user information and fragment are
// dropped.
func splitURL(target string) (scheme, host, urlPath, query string) {
	target, _, _ = strings.Cut(target, "#")
	target, query, _ = strings.Cut(target, "?")
	if s, rest, found := strings.Cut(target, "://"); found && !strings.HasPrefix(target, "/") {
		scheme = strings.ToLower(s)
		host, urlPath, _ = strings.Cut(rest, "/")
		host = host[strings.LastIndexByte(host, '@')+1:]
		return scheme, host, "/" + urlPath, query
	}
	if s, _, found := strings.Cut(target, ":"); found && !strings.HasPrefix(target, "/") {
		scheme = strings.ToLower(s) // data:, blob:, about:
	}
	return scheme, "", target, query
}

// Files yields the exchanges of what a command line names: files, folders (all
// files in them whose extension a format has, in order of their names), glob
// patterns, and - for stdin.
func Files(args []string, stdin io.Reader, opts Options) iter.Seq2[contract.Exchange, error] {
	return func(yield func(contract.Exchange, error) bool) {
		if err := opts.Validate(); err != nil {
			yield(contract.Exchange{}, err)
			return
		}
		for _, arg := range args {
			if !readArgument(arg, stdin, opts, yield) {
				return
			}
		}
	}
}

func readArgument(arg string, stdin io.Reader, opts Options, yield func(contract.Exchange, error) bool) bool {
	if arg == "-" {
		return read(arg, stdin, opts, yield)
	}
	info, err := os.Stat(arg)
	switch {
	case err == nil && info.IsDir():
		return readFolder(arg, os.DirFS(arg), opts, yield)
	case err == nil:
		return readFile(arg, os.Open, arg, opts, yield)
	case strings.ContainsAny(arg, "*?["):
		names, globErr := filepath.Glob(arg)
		if globErr != nil {
			return refuse(arg, "it is no pattern: "+globErr.Error(), yield)
		}
		if len(names) == 0 {
			return refuse(arg, "no file matches the pattern", yield)
		}
		for _, name := range names {
			if !readArgument(name, stdin, opts, yield) {
				return false
			}
		}
		return true
	}
	return refuse(arg, "it cannot be read: "+cause(err), yield)
}

// FS yields the exchanges of all recordings in a file system, in order of their names.
func FS(fsys fs.FS, opts Options) iter.Seq2[contract.Exchange, error] {
	return func(yield func(contract.Exchange, error) bool) {
		if err := opts.Validate(); err != nil {
			yield(contract.Exchange{}, err)
			return
		}
		readFolder("", fsys, opts, yield)
	}
}

func readFolder(dir string, fsys fs.FS, opts Options, yield func(contract.Exchange, error) bool) bool {
	found, wanted := false, true
	err := fs.WalkDir(fsys, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			if name == "." {
				return err
			}
			found = true // and what stands beside it is read
			if wanted = refuse(filepath.Join(dir, name), "it cannot be read: "+cause(err), yield); !wanted {
				return fs.SkipAll
			}
			return nil
		}
		if strings.HasPrefix(d.Name(), ".") && name != "." {
			if d.IsDir() {
				return fs.SkipDir
			}
			return nil
		}
		if d.IsDir() || !isRecording(fsys, name) {
			return nil
		}
		found = true
		if wanted = readFile(name, fsys.Open, filepath.Join(dir, name), opts, yield); !wanted {
			return fs.SkipAll
		}
		return nil
	})
	reason := ""
	switch {
	case err != nil:
		reason = "it cannot be read: " + cause(err)
	case !found:
		reason = "the folder holds no recording: " + Formats()
	default:
		return wanted
	}
	return refuse(dir, reason, yield)
}

// refuse yields that a file or a folder could not be read.
func refuse(name, reason string, yield func(contract.Exchange, error) bool) bool {
	return yield(contract.Exchange{}, &contract.EntryError{
		Source: contract.Source{File: name}, Outcome: contract.Unjudged, Reason: reason,
	})
}

// isRecording tells by its extension, and where others share it by its content,
// whether a file of a folder is meant.
func isRecording(fsys fs.FS, name string) bool {
	i := slices.IndexFunc(formats, func(f format) bool { return slices.Contains(f.extensions, extension(name)) })
	if i < 0 || !formats[i].shared {
		return i >= 0
	}
	file, err := fsys.Open(name)
	if err != nil {
		return true // and the reading says why not
	}
	defer file.Close()
	in, err := decompress(bufio.NewReaderSize(file, headSize))
	if err != nil {
		return true
	}
	head, _ := in.Peek(headSize)
	return formats[i].sniff(head)
}

// readFile reads the file that open opens, and calls it label.
func readFile[F io.ReadCloser](name string, open func(string) (F, error), label string, opts Options, yield func(contract.Exchange, error) bool) bool {
	f, err := open(name)
	if err != nil {
		return refuse(label, "it cannot be read: "+cause(err), yield)
	}
	defer f.Close()
	return read(label, f, opts, yield)
}

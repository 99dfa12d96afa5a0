package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/fatih/color"
	"github.com/schollz/progressbar/v3"
	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/daric-dev/daric"
	"github.com/daric-dev/daric/contract"
	"github.com/daric-dev/daric/contract/recording"
	"github.com/daric-dev/daric/contract/report"
)

// shippedName is how findings call the document that the command carries.
const shippedName = "openapi.yaml"

type checkFlags struct {
	spec        string
	allowRemote bool
	formats     []string
	strict      bool
	showValues  bool
	operation   string
	baseline    string
	reading     recording.Options
}

func checkCommand() *cobra.Command {
	var flags checkFlags
	cmd := &cobra.Command{
		Use:   "check [RECORDING...]",
		Short: "Judge recorded exchanges",
		Long: `Judge recorded exchanges against an OpenAPI 3.0 document.

A RECORDING is a file, a folder, a glob pattern, or - for standard input.
Formats: ` + recording.Formats() + `.
Without a RECORDING, the shipped evidence is judged.

Exit codes: 0 every promise was kept; 1 one is broken (or something is new,
under --strict); 2 something could not be read or judged, nothing was judged,
or the command was misused. 2 wins over 1.`,
		Example: `  daric check                                       the shipped evidence
  daric check traffic.har --host api.example.com    a browser's export
  daric check --spec openapi.yaml recordings/       your own document
  curl -i https://api.example.com/x | daric check --as 'GET /x' -
  daric check --format junit=report.xml recordings/ text here, JUnit for CI`,
		RunE: func(cmd *cobra.Command, args []string) error { return check(cmd, args, flags) },
	}
	f := cmd.Flags()
	flags.register(cmd)
	f.StringArrayVar(&flags.formats, "format", nil, "report as "+strings.Join(report.Formats(), ", ")+" to standard output, or as `FORMAT=FILE` beside it; repeatable")
	f.BoolVar(&flags.strict, "strict", false, "fail for what is new, too")
	f.BoolVar(&flags.showValues, "show-values", false, "show the offending values; secrets stay hidden")
	f.StringVar(&flags.baseline, "baseline", "", "known deviations, a `FILE` of daric baseline; what they know weighs nothing, and a line that nothing matches fails")
	f.StringVar(&flags.operation, "operation", "", "judge only the operation with this `ID`")
	_ = cmd.RegisterFlagCompletionFunc("format", func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		return report.Formats(), cobra.ShellCompDirectiveNoFileComp
	})
	return cmd
}

// register gives a command the flags that say what is judged by what.
func (f *checkFlags) register(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&f.spec, "spec", "", "the OpenAPI 3.0 document, a `FILE` or - for standard input (default: the shipped one)")
	flags.BoolVar(&f.allowRemote, "allow-remote", false, "let the document refer to files on the network")
	flags.StringVar(&f.reading.Host, "host", "", "judge only requests to hosts that match this `GLOB`")
	flags.StringVar(&f.reading.As, "as", "", "the `REQUEST` line of responses that have none, 'POST /path'")
	_ = cmd.RegisterFlagCompletionFunc("spec", func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		return []string{"yaml", "yml", "json"}, cobra.ShellCompDirectiveFilterFileExt
	})
	_ = cmd.RegisterFlagCompletionFunc("host", cobra.NoFileCompletions)
	_ = cmd.RegisterFlagCompletionFunc("as", cobra.NoFileCompletions)
}

func check(cmd *cobra.Command, args []string, flags checkFlags) error {
	if err := flags.reading.Validate(); err != nil {
		return err
	}
	spec, err := flags.compile(cmd.InOrStdin(), args)
	if errors.Is(err, contract.ErrRemote) {
		return fmt.Errorf("%w\nlet it with --allow-remote", err)
	}
	if err != nil {
		return err
	}
	known := func(op contract.Operation) bool { return op.ID == flags.operation }
	if flags.operation != "" && !slices.ContainsFunc(spec.Operations(), known) {
		return fmt.Errorf("the document has no operation %q\nit has %s", flags.operation, operationIDs(spec))
	}
	baseline, err := flags.readBaseline()
	if err != nil {
		return err
	}
	bar := newProgress()
	out, err := openReports(&flags, cmd.OutOrStdout(), bar)
	if err != nil {
		return err
	}

	exchanges := flags.exchanges(args, cmd.InOrStdin())
	var summary report.Summary
	for v, err := range untilDone(cmd.Context(), spec.CheckAll(exchanges)) {
		if err == nil {
			if flags.operation != "" && v.Outcome != contract.Skipped && v.Method != "" && v.Operation.ID != flags.operation {
				v = contract.Verdict{Source: v.Source, Outcome: contract.Skipped, Reason: "another operation"}
			}
			baseline.Apply(&v)
			summary.Count(v)
			bar.step()
			err = out.write(v)
		}
		if err != nil {
			out.discard()
			return err
		}
	}
	bar.clear()
	if err := out.close(); err != nil {
		return err
	}
	if cmd.Context().Err() != nil {
		return fmt.Errorf("interrupted: %d exchanges were judged, the rest was not", summary.Judged)
	}
	if summary.Judged+summary.Unjudged == 0 {
		return fmt.Errorf("no exchange was judged\nsee what --host and --operation leave over")
	}
	code := summary.ExitCode(flags.strict)
	if err := baseline.Stale(); err != nil {
		fmt.Fprintln(cmd.ErrOrStderr(), "daric:", err)
		code = max(code, report.ExitBroken)
	}
	if code != report.ExitKept {
		return exit(code)
	}
	return nil
}

// exchanges are those of the recordings, or of the shipped evidence.
func (f *checkFlags) exchanges(args []string, stdin io.Reader) iter.Seq2[contract.Exchange, error] {
	if len(args) == 0 {
		return recording.FS(daric.Evidence(), f.reading)
	}
	return recording.Files(args, stdin, f.reading)
}

// readBaseline reads the baseline that the flags name; without one it is empty.
func (f *checkFlags) readBaseline() (*contract.Baseline, error) {
	if f.baseline == "" {
		return &contract.Baseline{}, nil
	}
	file, err := os.Open(f.baseline)
	if err != nil {
		return nil, fmt.Errorf("read baseline: %w", err)
	}
	defer file.Close()
	return contract.ReadBaseline(f.baseline, file)
}

// compile reads the document that the flags name.
func (f *checkFlags) compile(stdin io.Reader, args []string) (*contract.Spec, error) {
	var opts []contract.Option
	if f.showValues {
		opts = append(opts, contract.ShowValues())
	}
	if f.allowRemote {
		opts = append(opts, contract.AllowRemote())
	}
	switch {
	case f.spec == "":
		return contract.Compile(shippedName, daric.Document(), opts...)
	case len(args) == 0:
		return nil, fmt.Errorf("--spec without a recording\nname the recordings that the document is to be held against")
	case f.spec != "-":
		data, err := os.ReadFile(f.spec)
		if err != nil {
			return nil, fmt.Errorf("read document: %w", err)
		}
		return contract.Compile(f.spec, data, opts...)
	case slices.Contains(args, "-"):
		return nil, fmt.Errorf("the document and a recording cannot both be read from standard input")
	}
	data, err := io.ReadAll(stdin)
	if err != nil {
		return nil, fmt.Errorf("read document from standard input: %w", err)
	}
	return contract.Compile(f.spec, data, opts...)
}

func operationIDs(spec *contract.Spec) string {
	var ids []string
	for _, op := range spec.Operations() {
		if op.ID != "" {
			ids = append(ids, op.ID)
		}
	}
	return strings.Join(ids, ", ")
}

// untilDone ends a sequence when ctx does, even while it waits for its next
// element. The last verdict then says so.
func untilDone(ctx context.Context, seq iter.Seq2[contract.Verdict, error]) iter.Seq2[contract.Verdict, error] {
	type item struct {
		verdict contract.Verdict
		err     error
	}
	return func(yield func(contract.Verdict, error) bool) {
		items := make(chan item, 64)
		left := make(chan struct{})
		defer close(left)
		go func() {
			defer close(items)
			for v, err := range seq {
				select {
				case items <- item{v, err}:
				case <-left:
					return
				}
			}
		}()
		for {
			select {
			case <-ctx.Done():
				yield(contract.Verdict{Outcome: contract.Unjudged, Reason: "interrupted: nothing behind this was judged"}, nil)
				return
			case next, more := <-items:
				if !more || !yield(next.verdict, next.err) {
					return
				}
			}
		}
	}
}

// reports are the report on standard output and those in files.
type reports struct {
	writers []report.Writer
	files   []*pendingFile
}

func openReports(flags *checkFlags, stdout io.Writer, bar *progress) (*reports, error) {
	r := &reports{}
	opts := report.Options{Strict: flags.strict}
	screen := ""
	for _, f := range flags.formats {
		format, name, isFile := strings.Cut(f, "=")
		if !isFile {
			if screen != "" {
				r.discard()
				return nil, fmt.Errorf("--format %s and --format %s both go to standard output\ngive one a file: --format %s=FILE", screen, format, format)
			}
			screen = format
			continue
		}
		if _, err := report.New(format, io.Discard, opts); err != nil {
			r.discard()
			return nil, err
		}
		file, err := createFile(name)
		if err != nil {
			r.discard()
			return nil, err
		}
		w, _ := report.New(format, file, opts)
		r.files = append(r.files, file)
		r.writers = append(r.writers, w)
	}
	if screen == "" {
		screen = "text"
	}
	opts.Color = !color.NoColor // NO_COLOR, TERM=dumb, or standard output is no terminal
	w, err := report.New(screen, bar.under(stdout), opts)
	if err != nil {
		r.discard()
		return nil, err
	}
	r.writers = append(r.writers, w)
	return r, nil
}

func (r *reports) write(v contract.Verdict) error {
	for _, w := range r.writers {
		if err := w.Write(v); err != nil {
			return fmt.Errorf("write report: %w", err)
		}
	}
	return nil
}

func (r *reports) close() error {
	for _, w := range r.writers {
		if err := w.Close(); err != nil {
			r.discard()
			return fmt.Errorf("write report: %w", err)
		}
	}
	for _, f := range r.files {
		if err := f.commit(); err != nil {
			return err
		}
	}
	return nil
}

func (r *reports) discard() {
	for _, f := range r.files {
		f.discard()
	}
}

// progress is a counter on standard error while the work goes on, and only on a
// terminal.
type progress struct {
	bar *progressbar.ProgressBar // nil elsewhere
}

func newProgress() *progress {
	if !term.IsTerminal(int(os.Stderr.Fd())) {
		return &progress{}
	}
	return &progress{progressbar.NewOptions64(-1,
		progressbar.OptionSetWriter(os.Stderr),
		progressbar.OptionSetDescription("judging"),
		progressbar.OptionSetItsString("exchanges"),
		progressbar.OptionShowIts(),
		progressbar.OptionShowCount(),
		progressbar.OptionThrottle(200*time.Millisecond),
		progressbar.OptionClearOnFinish())}
}

func (p *progress) step() {
	if p.bar != nil {
		_ = p.bar.Add(1)
	}
}

func (p *progress) clear() {
	if p.bar != nil {
		_ = p.bar.Clear()
	}
}

// under has the counter give way to what is written to w.
func (p *progress) under(w io.Writer) io.Writer {
	if p.bar == nil {
		return w
	}
	return clearing{p, w}
}

type clearing struct {
	*progress
	w io.Writer
}

func (c clearing) Write(b []byte) (int, error) {
	c.clear()
	return c.w.Write(b)
}

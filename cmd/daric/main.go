package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/daric-dev/daric/contract/report"
)

func main() {
	// The first signal ends the work in order, the second ends it at once.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop)
	err := root().ExecuteContext(ctx)
	var done exit
	switch {
	case errors.As(err, &done):
		os.Exit(int(done))
	case err != nil:
		fmt.Fprintln(os.Stderr, "daric:", err)
		os.Exit(report.ExitDoubt)
	}
}

// An exit ends the command with a code when all has been said.
type exit int

func (e exit) Error() string { return fmt.Sprintf("exit code %d", int(e)) }

func root() *cobra.Command {
	cmd := &cobra.Command{
		Use:           "daric",
		Short:         "Hold recorded HTTP exchanges against an OpenAPI 3.0 document",
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          cobra.NoArgs,
		RunE:          func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return fmt.Errorf("%w\nsee %s --help", err, cmd.CommandPath())
	})
	cmd.AddCommand(checkCommand(), baselineCommand(), specCommand(), versionCommand())
	return cmd
}

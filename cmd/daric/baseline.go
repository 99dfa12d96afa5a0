package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/daric-dev/daric/contract"
)

func baselineCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "baseline",
		Short: "Keep known deviations, each with its reason",
		Long: `A baseline lists deviations that are known, one a line, each with its reason.
They are still judged, and weigh nothing; a deviation that is not listed fails, and
so does a line that nothing matches any more.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(baselineWriteCommand(), baselineCheckCommand())
	return cmd
}

func baselineWriteCommand() *cobra.Command {
	var flags checkFlags
	var reason string
	cmd := &cobra.Command{
		Use:     "write FILE [RECORDING...]",
		Short:   "Write what the recordings deviate by now",
		Example: "  daric baseline write known.ndjson --reason 'fixed in 2.1' recordings/",
		Args:    cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if strings.TrimSpace(reason) == "" {
				return fmt.Errorf("write baseline: a known deviation has a reason\ngive it with --reason")
			}
			spec, err := flags.compile(cmd.InOrStdin(), args[1:])
			if err != nil {
				return err
			}
			var known []contract.Known
			for v, err := range spec.CheckAll(flags.exchanges(args[1:], cmd.InOrStdin())) {
				switch {
				case err != nil:
					return err
				case v.Outcome == contract.Unjudged:
					return fmt.Errorf("write baseline: %s was not judged: %s\na baseline is written of what is judged to the end", v.Source, v.Reason)
				}
				for _, f := range v.Findings {
					known = append(known, contract.KnownAs(v, f, reason))
				}
			}
			file, err := createFile(args[0])
			if err != nil {
				return err
			}
			if err := contract.WriteBaseline(file, known); err != nil {
				file.discard()
				return fmt.Errorf("write baseline: %w", err)
			}
			return file.commit()
		},
	}
	flags.register(cmd)
	cmd.Flags().StringVar(&reason, "reason", "", "why these deviations are let be")
	return cmd
}

func baselineCheckCommand() *cobra.Command {
	flags := checkFlags{strict: true}
	cmd := &cobra.Command{
		Use:     "check FILE [RECORDING...]",
		Short:   "Judge, and fail for what the baseline does not list, new or broken",
		Example: "  daric baseline check known.ndjson recordings/",
		Args:    cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			flags.baseline = args[0]
			return check(cmd, args[1:], flags)
		},
	}
	flags.register(cmd)
	return cmd
}

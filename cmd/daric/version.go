package main

import (
	"fmt"
	"runtime/debug"

	"github.com/spf13/cobra"

	"github.com/daric-dev/daric"
	"github.com/daric-dev/daric/contract"
)

func versionCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the versions of the command, its document and its judge",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			spec, err := contract.Compile(shippedName, daric.Document())
			if err != nil {
				return err
			}
			version, kin, goVersion := "(unknown)", "(unknown)", "(unknown)"
			if info, ok := debug.ReadBuildInfo(); ok {
				version, goVersion = info.Main.Version, info.GoVersion
				for _, dep := range info.Deps {
					if dep.Path == "github.com/getkin/kin-openapi" {
						kin = dep.Version
					}
				}
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "daric %s\ndocument %s %s\nkin-openapi %s\n%s\n",
				version, spec.Title(), spec.Version(), kin, goVersion)
			return err
		},
	}
}

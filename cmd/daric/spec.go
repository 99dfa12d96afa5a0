package main

import (
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/daric-dev/daric"
)

func specCommand() *cobra.Command {
	var output string
	cmd := &cobra.Command{
		Use:     "spec",
		Short:   "Print the shipped document, the Dari agents API",
		Example: "  daric spec\n  daric spec -o openapi.yaml",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if output == "" {
				_, err := cmd.OutOrStdout().Write(daric.Document())
				return err
			}
			f, err := createFile(output)
			if err != nil {
				return err
			}
			if _, err := f.Write(daric.Document()); err != nil {
				f.discard()
				return fmt.Errorf("write %s: %w", output, err)
			}
			return f.commit()
		},
	}
	cmd.Flags().StringVarP(&output, "output", "o", "", "write to this `FILE`")
	return cmd
}

// A pendingFile is a file that appears under its name only when it is whole.
type pendingFile struct {
	*os.File
	name string
}

func createFile(name string) (*pendingFile, error) {
	f, err := os.OpenFile(name+".part", os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o666)
	if err != nil {
		return nil, fmt.Errorf("write %s: %w", name, err)
	}
	return &pendingFile{f, name}, nil
}

func (p *pendingFile) commit() error {
	if err := p.Close(); err != nil {
		return fmt.Errorf("write %s: %w", p.name, err)
	}
	return os.Rename(p.Name(), p.name)
}

func (p *pendingFile) discard() {
	_ = p.Close()
	_ = os.Remove(p.Name())
}

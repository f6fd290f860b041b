package main

import (
	"fmt"
	"io"
	"os"

	"github.com/okence/okence/shared/domain/identifier"
)

type detectCmd struct {
	JSON bool `help:"One line of JSON for each." name:"json"`
}

func (c *detectCmd) Run() error {
	text, err := io.ReadAll(os.Stdin)
	if err != nil {
		return err
	}
	for _, m := range identifier.Detect(string(text)) {
		if c.JSON {
			if err := printLine(m); err != nil {
				return err
			}
			continue
		}
		valid := "valid"
		if !m.Valid {
			valid = "masked" // looks like one and fails its check
		}
		fmt.Printf("%-7s bytes %d to %d  %s  confidence %.2f\n", m.Kind, m.Start, m.End, valid, m.Confidence)
	}
	return nil
}

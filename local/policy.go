package main

import (
	"fmt"
	"os"
	"time"

	"github.com/okence/okence/shared/policy"
)

type policyCmd struct {
	Check   policyCheckCmd   `cmd:"" help:"Validate packs: errors, known defects of the sources, warnings."`
	Explain policyExplainCmd `cmd:"" help:"Say which clause leads to a value."`
	List    policyListCmd    `cmd:"" help:"List packs, or what one says."`
}

type policyCheckCmd struct {
	Pack string `arg:"" optional:"" help:"A pack's name, or a file."`
	JSON bool   `help:"One line of JSON for each finding." name:"json"`
}

func (c *policyCheckCmd) Run() error {
	set, name, err := packOrFile(c.Pack)
	if found, ok := policy.AsFindings(err); ok {
		if err := policy.WriteFindings(os.Stdout, found, c.JSON); err != nil {
			return err
		}
		return fmt.Errorf("the pack is refused")
	}
	if err != nil {
		return err
	}
	return policy.WriteCheck(os.Stdout, set, name, c.JSON)
}

type policyExplainCmd struct {
	Pack string    `arg:"" help:"A pack's name, pack/agreement, or a file."`
	Path string    `arg:"" optional:"" help:"What to explain, such as breach.authority; without it, everything."`
	At   time.Time `help:"As of an instant, RFC 3339; now if none."`
	JSON bool      `help:"Answer in JSON." name:"json"`
}

func (c *policyExplainCmd) Run() error {
	set, name, err := packOrFile(c.Pack)
	if err != nil {
		return err
	}
	if c.At.IsZero() {
		c.At = time.Now()
	}
	return policy.WriteExplain(os.Stdout, set, name, c.Path, c.At, c.JSON)
}

type policyListCmd struct {
	Pack string `arg:"" optional:"" help:"A pack's name, or a file."`
	JSON bool   `help:"One line of JSON for each." name:"json"`
}

func (c *policyListCmd) Run() error {
	set, name, err := packOrFile(c.Pack)
	if err != nil {
		return err
	}
	return policy.WriteList(os.Stdout, set, name, c.JSON)
}

// packOrFile returns the built-in packs, with a file's pack over them where the
// argument is a file, and the name to ask for.
func packOrFile(arg string) (*policy.Set, string, error) {
	set := policy.Builtin()
	if arg == "" {
		return set, "", nil
	}
	body, err := os.ReadFile(arg)
	if err != nil {
		return set, arg, nil // a name; an unknown one is refused with those there are
	}
	return set.WithFile(arg, body)
}

package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/okence/okence/shared/domain/period"
)

type dueCmd struct {
	Jurisdiction string `help:"SI or SK." placeholder:"SI|SK"`
	Rule         string `help:"Rule code, such as DSAR_1M or BREACH_72H; --rules lists them."`
	Start        string `help:"The instant it runs from, RFC 3339."`
	File         string `help:"Many cases: tab-separated, header case_id, jurisdiction, rule, start. One JSON line each." placeholder:"F.tsv"`
	Rules        bool   `help:"List the rule codes."`
	JSON         bool   `help:"Answer as one line of JSON." name:"json"`
}

func (c *dueCmd) Run() error {
	switch {
	case c.Rules:
		for _, d := range period.Definitions() {
			fmt.Printf("%-22s %s\n", d.Rule, d.Term.Law)
		}
		return nil
	case c.File != "":
		return eachLine(c.File, func(header string) (func(string) error, error) {
			columns, err := period.ParseHeader(header)
			return func(line string) error {
				k, err := columns.Case(line)
				if err == nil {
					var r period.Result
					if r, err = k.Due(period.Options{}); err == nil {
						return printLine(r)
					}
				}
				return failedCase(k.ID, err)
			}, err
		})
	}
	if c.Jurisdiction == "" || c.Rule == "" || c.Start == "" {
		return errors.New("due needs --jurisdiction, --rule and --start, or --file")
	}
	start, err := time.Parse(time.RFC3339, c.Start)
	if err != nil {
		return errors.New("--start must be RFC 3339, such as 2026-01-31T10:00:00+01:00")
	}
	j, rule := period.Jurisdiction(c.Jurisdiction), period.Rule(c.Rule)
	if err := errors.Join(j.Validate(), rule.Validate()); err != nil {
		return err
	}
	r, err := period.Compute(j, rule, start, period.Options{})
	if err != nil {
		return err
	}
	if c.JSON {
		return printLine(r)
	}
	fmt.Printf("%s, %s, from %s\n", r.Rule, r.Jurisdiction, r.Start.Format(time.RFC3339))
	if !r.LastDay.IsZero() {
		fmt.Println("last day:", r.LastDay)
	}
	fmt.Println("end:     ", r.End.Format(time.RFC3339))
	for _, s := range r.Steps {
		fmt.Printf("  %s\n    %s: %s\n", s.At.Format(time.RFC3339), s.Law, s.Text)
	}
	return nil
}

// eachLine reads a table: its first line makes the function that handles the
// others. One bad line does not stop the rest; the count of bad ones is the
// error.
func eachLine(path string, header func(string) (func(string) error, error)) error {
	var in io.Reader = os.Stdin
	if path != "-" {
		f, err := os.Open(path)
		if err != nil {
			return err
		}
		defer f.Close()
		in = f
	}
	s := bufio.NewScanner(in)
	s.Buffer(nil, 1<<20)
	if !s.Scan() {
		return errors.Join(errors.New("the file has no header line"), s.Err())
	}
	handle, err := header(s.Text())
	if err != nil {
		return err
	}
	bad := 0
	for s.Scan() {
		if s.Text() == "" {
			continue
		}
		if err := handle(s.Text()); err != nil {
			bad++
		}
	}
	if bad > 0 {
		return errors.Join(fmt.Errorf("%d lines could not be answered", bad), s.Err())
	}
	return s.Err()
}

func failedCase(id string, err error) error {
	return errors.Join(err, printLine(map[string]string{"case_id": id, "error": err.Error()}))
}

// printLine writes one line of JSON.
func printLine(v any) error {
	enc := json.NewEncoder(os.Stdout)
	enc.SetEscapeHTML(false)
	return enc.Encode(v)
}

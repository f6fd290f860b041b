package main

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/okence/okence/shared/domain/severity"
)

type severityCmd struct {
	Category        []string `help:"simple, behavioural, financial or sensitive; several are scored apart and the highest counts."`
	Adjust          []int    `help:"Whole steps up or down for each category, in its order." placeholder:"N"`
	EI              string   `help:"Ease of identification: negligible, limited, significant or maximum." name:"ei"`
	Confidentiality string   `help:"none, known_recipients or unknown_recipients." default:"none"`
	Integrity       string   `help:"none, altered_recoverable or altered_unrecoverable." default:"none"`
	Availability    string   `help:"none, temporary or permanent." default:"none"`
	Malicious       bool     `help:"Whoever did it meant harm."`
	Individuals     int64    `help:"How many persons."`
	Unintelligible  bool     `help:"The data can't be read by those who have it."`
	File            string   `help:"Many cases: tab-separated, with a header." placeholder:"F.tsv"`
	JSON            bool     `help:"Answer as one line of JSON." name:"json"`
}

// scored is a line of output: contract.md, "Output lines".
type scored struct {
	CaseID string            `json:"case_id,omitempty"`
	DPC    int               `json:"dpc"`
	EI     severity.Quarters `json:"ei"`
	CB     severity.Quarters `json:"cb"`
	SE     severity.Quarters `json:"se"`
	Level  severity.Level    `json:"level"`
	Flags  []severity.Flag   `json:"flags"`
}

func (c *severityCmd) Run() error {
	if c.File != "" {
		return eachLine(c.File, severityTable)
	}
	if len(c.Category) == 0 || c.EI == "" {
		return errors.New("severity needs --category and --ei, or --file")
	}
	in := severity.Input{
		Ease: severity.Ease(c.EI), Confidentiality: severity.Confidentiality(c.Confidentiality),
		Integrity: severity.Integrity(c.Integrity), Availability: severity.Availability(c.Availability),
		Malicious: c.Malicious, Individuals: c.Individuals, Unintelligible: c.Unintelligible,
	}
	for i, category := range c.Category {
		adjust := 0
		if i < len(c.Adjust) {
			adjust = c.Adjust[i]
		}
		in.Data = append(in.Data, severity.Line(severity.Category(category), adjust)...)
	}
	r, err := severity.Score(in)
	if err != nil {
		return err
	}
	if c.JSON {
		return printLine(line("", r))
	}
	fmt.Printf("SE = %d × %s + %s = %s: %s\n", r.DPC, r.EI, r.CB, r.SE, r.Level)
	for _, f := range r.Flags {
		fmt.Println("flag:", f)
	}
	fmt.Println("What follows is for a named person to decide.")
	return nil
}

func line(id string, r severity.Result) scored {
	return scored{CaseID: id, DPC: r.DPC, EI: r.EI, CB: r.CB, SE: r.SE, Level: r.Level, Flags: r.Flags}
}

// severityTable reads the batch columns of contract.md, in any order.
func severityTable(header string) (func(string) error, error) {
	at := map[string]int{}
	for i, name := range strings.Split(strings.TrimRight(strings.TrimPrefix(header, "\ufeff"), "\r"), "\t") {
		at[strings.TrimSpace(name)] = i
	}
	for _, need := range []string{"case_id", "category", "ei"} {
		if _, ok := at[need]; !ok {
			return nil, fmt.Errorf("column %s is missing", need)
		}
	}
	return func(text string) error {
		row := strings.Split(strings.TrimRight(text, "\r"), "\t")
		get := func(name, otherwise string) string {
			if i, ok := at[name]; ok && i < len(row) && strings.TrimSpace(row[i]) != "" {
				return strings.TrimSpace(row[i])
			}
			return otherwise
		}
		in := severity.Input{
			Ease: severity.Ease(get("ei", "")), Confidentiality: severity.Confidentiality(get("confidentiality", "none")),
			Integrity: severity.Integrity(get("integrity", "none")), Availability: severity.Availability(get("availability", "none")),
		}
		adjust, err1 := strconv.Atoi(get("dpc_adjust", "0"))
		malicious, err2 := truth(get("malicious", "false"))
		unintelligible, err3 := truth(get("unintelligible", "false"))
		individuals, err4 := strconv.ParseInt(get("individuals", "0"), 10, 64)
		in.Data, in.Malicious, in.Unintelligible, in.Individuals = severity.Line(severity.Category(get("category", "")), adjust), malicious, unintelligible, individuals
		for name, err := range map[string]error{"dpc_adjust": err1, "malicious": err2, "unintelligible": err3, "individuals": err4} {
			if err != nil {
				return failedCase(get("case_id", ""), fmt.Errorf("column %s is malformed", name))
			}
		}
		r, err := severity.Score(in)
		if err != nil {
			return failedCase(get("case_id", ""), err)
		}
		return printLine(line(get("case_id", ""), r))
	}, nil
}

// truth reads a yes or no as tables write them.
func truth(s string) (bool, error) {
	switch strings.ToLower(s) {
	case "yes", "y":
		return true, nil
	case "no", "n":
		return false, nil
	}
	return strconv.ParseBool(s)
}

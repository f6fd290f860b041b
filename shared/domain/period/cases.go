package period

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// ErrTable says what is wrong with a table of cases; it names the column,
// never the value.
var ErrTable = errors.New("period: table of cases")

// Columns is the header of a tab-separated table of cases, read line by line:
// case_id, jurisdiction, rule, start (RFC 3339), in any order; further
// columns are ignored.
type Columns struct {
	caseID, jurisdiction, rule, start int
}

// Case is one line of the table: what limit is asked for.
type Case struct {
	ID           string
	Jurisdiction Jurisdiction
	Rule         Rule
	Start        time.Time
}

// ParseHeader reads the first line; a byte order mark and a trailing carriage
// return are allowed. The error wraps [ErrTable] and names a column that is
// missing or stands twice.
func ParseHeader(line string) (Columns, error) {
	at := map[string]int{}
	for i, name := range fields(strings.TrimPrefix(line, "\ufeff")) {
		if _, twice := at[name]; twice {
			switch name {
			case "case_id", "jurisdiction", "rule", "start":
				return Columns{}, fmt.Errorf("%w: column %s stands twice", ErrTable, name)
			}
			continue
		}
		at[name] = i
	}
	for _, name := range []string{"case_id", "jurisdiction", "rule", "start"} {
		if _, ok := at[name]; !ok {
			return Columns{}, fmt.Errorf("%w: column %s is missing", ErrTable, name)
		}
	}
	return Columns{at["case_id"], at["jurisdiction"], at["rule"], at["start"]}, nil
}

// Case reads one further line. On an error the case still carries its ID, if
// the line had one, so that a batch can name it and go on. Errors:
// [ErrTable] for a short line or a start that is not RFC 3339,
// [ErrJurisdiction], [ErrRule].
func (c Columns) Case(line string) (Case, error) {
	row := fields(line)
	at := func(i int) string {
		if i < len(row) {
			return row[i]
		}
		return ""
	}
	parsed := Case{ID: at(c.caseID), Jurisdiction: Jurisdiction(at(c.jurisdiction)), Rule: Rule(at(c.rule))}
	if len(row) <= max(c.caseID, c.jurisdiction, c.rule, c.start) {
		return parsed, fmt.Errorf("%w: line has too few columns", ErrTable)
	}
	if err := parsed.Jurisdiction.Validate(); err != nil {
		return parsed, err
	}
	if err := parsed.Rule.Validate(); err != nil {
		return parsed, err
	}
	start, err := time.Parse(time.RFC3339, at(c.start))
	if err != nil {
		return parsed, fmt.Errorf("%w: start is not an RFC 3339 instant", ErrTable)
	}
	parsed.Start = start
	return parsed, nil
}

// Due computes the limit of the case and sets its CaseID. Errors as for
// [Compute].
func (c Case) Due(opts Options) (Result, error) {
	r, err := Compute(c.Jurisdiction, c.Rule, c.Start, opts)
	if err != nil {
		return Result{}, err
	}
	r.CaseID = c.ID
	return r, nil
}

func fields(line string) []string {
	row := strings.Split(strings.TrimRight(line, "\r\n"), "\t")
	for i := range row {
		row[i] = strings.TrimSpace(row[i])
	}
	return row
}

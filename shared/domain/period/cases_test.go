package period_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/okence/okence/shared/domain/period"
)

func TestCases(t *testing.T) {
	columns, err := period.ParseHeader("\ufeffcase_id\tjurisdiction\trule\tstart\r\n")
	if err != nil {
		t.Fatal(err)
	}
	c, err := columns.Case("c-7\tSI\tZUP_15D\t2018-01-12T10:00:00+01:00\r\n")
	if err != nil {
		t.Fatal(err)
	}
	r, err := c.Due(period.Options{})
	if err != nil || r.CaseID != "c-7" || r.LastDay.String() != "2018-01-29" {
		t.Errorf("%+v %v", r, err)
	}
	if text, err := json.Marshal(r); err != nil || strings.Contains(string(text), "\n") {
		t.Errorf("not one line: %s %v", text, err)
	}
	tests := []struct {
		name, line string
		want       error
	}{
		{"an empty line", "", period.ErrTable},
		{"a short line", "c-8\tSI\tZUP_15D", period.ErrTable},
		{"a date for an instant", "c-8\tSI\tZUP_15D\t2018-01-12", period.ErrTable},
		{"an instant without a zone", "c-8\tSI\tZUP_15D\t2018-01-12T10:00:00", period.ErrTable},
		{"an unknown rule", "c-8\tSI\tZUP_16D\t2018-01-12T10:00:00Z", period.ErrRule},
		{"an unknown jurisdiction", "c-8\tHR\tZUP_15D\t2018-01-12T10:00:00Z", period.ErrJurisdiction},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c, err := columns.Case(tt.line)
			if !errors.Is(err, tt.want) {
				t.Errorf("error %v, want %v", err, tt.want)
			}
			if tt.line != "" && c.ID != "c-8" {
				t.Errorf("the id of a bad line is lost: %q", c.ID)
			}
		})
	}
	other, err := period.ParseHeader("start\trule\tnote\tcase_id\tjurisdiction")
	if err != nil {
		t.Fatal(err)
	}
	if c, err := other.Case("2018-01-12T09:00:00Z\tDSAR_1M\twhatever\tc-9\tSK"); err != nil || c.ID != "c-9" || c.Jurisdiction != period.SK {
		t.Errorf("columns in another order: %+v %v", c, err)
	}
	if _, err := other.Case("2018-01-12T09:00:00Z\tDSAR_1M\twhatever\tc-9"); !errors.Is(err, period.ErrTable) {
		t.Errorf("a line that lacks its last column: %v", err)
	}
	for name, header := range map[string]string{
		"empty":            "",
		"a column missing": "case_id\tjurisdiction\trule",
		"a column twice":   "case_id\tjurisdiction\trule\tstart\trule",
		"spaces for tabs":  "case_id jurisdiction rule start",
	} {
		if _, err := period.ParseHeader(header); !errors.Is(err, period.ErrTable) {
			t.Errorf("header %s: error %v", name, err)
		}
	}
}

func TestErrorsRepeatNoInput(t *testing.T) {
	columns, err := period.ParseHeader("case_id\tjurisdiction\trule\tstart")
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{"x\tSECRET\tDSAR_1M\t2018-01-12T10:00:00Z", "x\tSI\tSECRET\t2018-01-12T10:00:00Z", "x\tSI\tDSAR_1M\tSECRET"} {
		if _, err := columns.Case(line); err == nil || strings.Contains(err.Error(), "SECRET") {
			t.Errorf("error %v", err)
		}
	}
}

func FuzzCases(f *testing.F) {
	const header = "case_id\tjurisdiction\trule\tstart"
	f.Add(header, "c-1\tSI\tDSAR_1M\t2026-01-31T10:00:00+01:00")
	f.Add("\ufeffstart\tx\trule\tjurisdiction\tcase_id\r", "2026-10-25T02:30:00Z\t\tEKC_OPEN\tSK\tč\r\n")
	f.Add(header, "c-1\tSK\tBREACH_72H\t2200-12-31T23:59:60Z")
	f.Add(header, "\t\t\t")
	f.Add("", "")
	f.Fuzz(func(t *testing.T, header, line string) {
		columns, err := period.ParseHeader(header)
		if err != nil {
			return
		}
		c, err := columns.Case(line)
		if err != nil {
			return
		}
		r, err := c.Due(period.Options{})
		if err != nil {
			if !errors.Is(err, period.ErrStart) {
				t.Errorf("a lawful line is refused: %v", err)
			}
			return
		}
		text, err := json.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		var back period.Result
		if err := json.Unmarshal(text, &back); err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		if !back.End.Equal(r.End) || back.LastDay != r.LastDay || back.Rule != r.Rule {
			t.Errorf("lost on the way: %s", text)
		}
	})
}

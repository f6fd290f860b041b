package period_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/okence/okence/shared/domain/period"
)

type source struct{ name, text string }

func sources(t *testing.T) []source {
	t.Helper()
	names, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	var list []source
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.HasSuffix(name, "_test.go") {
			list = append(list, source{name, string(text)})
		}
	}
	return list
}

// The JSON form is what `okence due` prints: names, order, offsets, and the
// whole explanation of a request received on 31 January.
func TestJSONExplainsItself(t *testing.T) {
	r := compute(t, period.SI, period.RuleDSAR1M, "2026-01-31T09:00:00Z")
	r.CaseID = "c-1"
	const want = `{
 "case_id": "c-1",
 "jurisdiction": "SI",
 "rule": "DSAR_1M",
 "start": "2026-01-31T10:00:00+01:00",
 "end": "2026-03-03T00:00:00+01:00",
 "last_day": "2026-03-02",
 "unrolled_day": "2026-02-28",
 "steps": [
  {
   "law": "GDPR art. 12(3)",
   "text": "1 month from the event",
   "at": "2026-01-31T10:00:00+01:00"
  },
  {
   "law": "Regulation 1182/71 art. 3(1)",
   "text": "Saturday 31 January 2026 (Europe/Ljubljana) is the day of the event and is not counted",
   "at": "2026-02-01T00:00:00+01:00"
  },
  {
   "law": "Regulation 1182/71 art. 3(2)(c)",
   "text": "there is no 31 February 2026: the period ends with the last day of that month, Saturday 28 February 2026",
   "at": "2026-03-01T00:00:00+01:00"
  },
  {
   "law": "Regulation 1182/71 art. 3(4) with art. 2(2)",
   "text": "Saturday 28 February 2026 is not a working day",
   "at": "2026-03-01T00:00:00+01:00"
  },
  {
   "law": "Regulation 1182/71 art. 3(4) with art. 2(2)",
   "text": "Sunday 1 March 2026 is not a working day",
   "at": "2026-03-02T00:00:00+01:00"
  },
  {
   "law": "Regulation 1182/71 art. 3(4) with art. 2(2)",
   "text": "the period ends with the next working day, Monday 2 March 2026",
   "at": "2026-03-03T00:00:00+01:00"
  }
 ]
}`
	got, err := json.MarshalIndent(r, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	var back period.Result
	if err := json.Unmarshal(got, &back); err != nil {
		t.Fatal(err)
	}
	if !back.End.Equal(r.End) || back.LastDay != r.LastDay || len(back.Steps) != len(r.Steps) {
		t.Errorf("lost on the way back: %+v", back)
	}
}

func TestJSONOmitsWhatIsNotUsed(t *testing.T) {
	got, err := json.Marshal(compute(t, period.SI, period.RuleEKCOpen, "2026-04-23T12:00:00+02:00"))
	if err != nil {
		t.Fatal(err)
	}
	const want = `{"jurisdiction":"SI","rule":"EKC_OPEN","start":"2026-04-23T12:00:00+02:00","end":"2026-04-23T12:00:00+02:00","steps":[{"law":"EKC terms 2.1 and 5","text":"open at 12:00 on Thursday 23 April 2026","at":"2026-04-23T12:00:00+02:00"}]}`
	if string(got) != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestStepsNameTheLaw(t *testing.T) {
	tests := []struct {
		name  string
		j     period.Jurisdiction
		rule  period.Rule
		start string
		laws  []string // each must occur, in this order
	}{
		{"a holiday that rolls is cited with its own act", period.SI, "DSAR_1M", "2026-03-27T10:00:00+01:00", []string{"GDPR art. 12(3)", "art. 3(1)", "art. 3(2)(c)", "ZPDPD art. 1", "art. 3(4)"}},
		{"the one-off of 2023", period.SI, "DSAR_1M", "2023-07-14T10:00:00+02:00", []string{"ZOPNN-F art. 15", "ZPDPD art. 2", "art. 3(4)"}},
		{"the one-off of 2018", period.SK, "DSAR_1M", "2018-09-30T10:00:00+02:00", []string{"Act 241/1993 Z. z. § 4a", "art. 3(4)"}},
		{"ZUP cites ZUP", period.SI, "ZUP_15D", "2018-01-12T10:00:00+01:00", []string{"ZUP art. 100", "ZUP art. 101", "ZUP art. 101"}},
		{"a contract is counted by convention", period.SI, "SAOP_RESPONSE_7D", "2026-12-18T10:00:00+01:00", []string{"Saopnet terms 8.2", "art. 3(1) (by convention)", "art. 3(2)(b) (by convention)", "Saopnet terms 8.2"}},
		{"hours name the clock change", period.SI, "BREACH_72H", "2026-03-27T12:00:00+01:00", []string{"GDPR art. 33(1)", "art. 3(2)(a) and 3(3)", "Directive 2000/84/EC", "art. 3(1)"}},
		{"a rounded start names the hour", period.SI, "BREACH_72H_1182", "2026-05-05T10:00:00+02:00", []string{"GDPR art. 33(1)", "art. 3(1)", "art. 3(2)(a)"}},
		{"a backward notice says why it stands", period.SI, "TERMS_NOTICE_3D", "2024-06-10T10:00:00+02:00", []string{"Saopnet terms 13.2", "art. 3(4) (by convention)"}},
		{"retention cites the clause", period.SI, "RET_5Y", "2020-02-29T10:00:00+01:00", []string{"EKC terms 7.8.1", "art. 3(2)(c)", "EKC terms 7.8.1"}},
		{"the log cites ZVOP-2", period.SI, "ZVOP22_LOG_2Y", "2024-06-01T10:00:00+02:00", []string{"ZVOP-2 art. 22"}},
		{"closed hours name the weekend and the holiday", period.SI, "EKC_OPEN", "2026-04-24T22:00:00+02:00", []string{"EKC terms", "EKC terms", "EKC terms", "ZPDPD art. 1", "EKC terms"}},
		{"a national rule abroad says so", period.SK, "ZUP_15D", "2018-01-12T10:00:00+01:00", []string{"ZUP art. 100", "ZUP art. 100 and 101"}},
		{"a year beyond the table says so", period.SI, "DSAR_1M", "2041-03-05T10:00:00+01:00", []string{"GDPR art. 12(3)", "holiday table"}},
		{"a year before the table says so", period.SI, "DSAR_1M", "2009-03-05T10:00:00+01:00", []string{"holiday table"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			steps := compute(t, tt.j, tt.rule, tt.start).Steps
			rest := steps
			for _, law := range tt.laws {
				for len(rest) > 0 && !strings.Contains(rest[0].Law, law) {
					rest = rest[1:]
				}
				if len(rest) == 0 {
					t.Fatalf("%s is not cited in order: %+v", law, steps)
				}
				rest = rest[1:]
			}
		})
	}
	for _, s := range compute(t, period.SI, "DSAR_1M", "2040-11-30T10:00:00+01:00").Steps {
		if s.Law == "holiday table" {
			t.Error("2040 is still covered")
		}
	}
}

func TestOuterBoundIsShownNotTaken(t *testing.T) { // B1
	r := compute(t, period.SI, period.RuleBreach72H, "2026-05-05T10:20:00+02:00")
	last := r.Steps[len(r.Steps)-1]
	if want := instant(t, "2026-05-08T11:00:00+02:00"); !last.At.Equal(want) || !strings.Contains(last.Text, "outer bound") {
		t.Errorf("outer bound %+v, want %s", last, want)
	}
	if want := instant(t, "2026-05-08T10:20:00+02:00"); !r.End.Equal(want) {
		t.Errorf("end %s, want %s", r.End, want)
	}
}

func TestExpired(t *testing.T) { // B2.5: the end is exclusive
	r := compute(t, period.SI, period.RuleDSAR1M, "2026-08-31T10:00:00+02:00")
	if r.Expired(r.End.Add(-time.Nanosecond)) {
		t.Error("expired on its last day")
	}
	if !r.Expired(r.End) {
		t.Error("not expired at its end")
	}
}

package period_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/okence/okence/shared/domain/period"
)

func instant(t testing.TB, s string) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

func compute(t testing.TB, j period.Jurisdiction, rule period.Rule, start string, pauses ...period.Pause) period.Result {
	t.Helper()
	r, err := period.Compute(j, rule, instant(t, start), period.Options{Pauses: pauses})
	if err != nil {
		t.Fatalf("%s %s %s: %v", j, rule, start, err)
	}
	return r
}

// ruleCases holds every rule of B5 and every convention of B2. An empty
// unrolled day means the last day; an empty end means midnight after it.
var ruleCases = []struct {
	name     string
	j        period.Jurisdiction
	rule     period.Rule
	start    string
	lastDay  string
	unrolled string
	end      string
}{
	// DSAR_1M, ART14_1M (K21, P07): clamped, then rolled.
	{"B1 EDPB: received 5 March, due 5 April", period.SI, "DSAR_1M", "2024-03-05T10:00:00+01:00", "2024-04-05", "", "2024-04-06T00:00:00+02:00"},
	{"B1 EDPB: received 31 August, due 30 September", period.SI, "DSAR_1M", "2026-08-31T10:00:00+02:00", "2026-09-30", "", "2026-10-01T00:00:00+02:00"},
	{"B2.2, B2.4: 31 January clamps to Saturday 28 February, rolls to Monday", period.SI, "DSAR_1M", "2026-01-31T10:00:00+01:00", "2026-03-02", "2026-02-28", "2026-03-03T00:00:00+01:00"},
	{"B2.2: 31 January of a leap year clamps to 29 February", period.SI, "DSAR_1M", "2024-01-31T10:00:00+01:00", "2024-02-29", "", ""},
	{"B2.2: 29 January of a leap year needs no clamp", period.SI, "DSAR_1M", "2024-01-29T10:00:00+01:00", "2024-02-29", "", ""},
	{"B2.2: 28 February goes to 28 March, not to the month end", period.SI, "DSAR_1M", "2025-02-28T10:00:00+01:00", "2025-03-28", "", ""},
	{"B2.1: 23:30 in UTC is the next day in Ljubljana", period.SI, "DSAR_1M", "2026-01-29T23:30:00Z", "2026-03-02", "2026-02-28", ""},
	{"B2.1: 22:59:59 in UTC is the same winter day", period.SI, "DSAR_1M", "2026-03-02T22:59:59Z", "2026-04-02", "", ""},
	{"B2.1: 23:00 in UTC is the next winter day", period.SI, "DSAR_1M", "2026-03-02T23:00:00Z", "2026-04-03", "", ""},
	{"B2.1: 22:00 in UTC is the next summer day", period.SI, "DSAR_1M", "2026-06-09T22:00:00Z", "2026-07-10", "", ""},
	{"B2.1: a start in Tokyo counts by the Slovenian date", period.SI, "DSAR_1M", "2026-03-03T07:30:00+09:00", "2026-04-02", "", ""},
	{"Easter Sunday and Monday roll to Tuesday", period.SI, "DSAR_1M", "2026-03-05T10:00:00+01:00", "2026-04-07", "2026-04-05", ""},
	{"Good Friday is worked in Slovenia", period.SI, "DSAR_1M", "2026-03-03T10:00:00+01:00", "2026-04-03", "", ""},
	{"Good Friday rolls over Easter in Slovakia", period.SK, "DSAR_1M", "2026-03-03T10:00:00+01:00", "2026-04-07", "2026-04-03", ""},
	{"27 April rolls in Slovenia", period.SI, "DSAR_1M", "2026-03-27T10:00:00+01:00", "2026-04-28", "2026-04-27", ""},
	{"27 April stands in Slovakia", period.SK, "DSAR_1M", "2026-03-27T10:00:00+01:00", "2026-04-27", "", ""},
	{"Christmas and the weekend roll to 28 December", period.SI, "DSAR_1M", "2026-11-25T10:00:00+01:00", "2026-12-28", "2026-12-25", ""},
	{"24 December is worked in Slovenia", period.SI, "DSAR_1M", "2026-11-24T10:00:00+01:00", "2026-12-24", "", ""},
	{"24 December rolls in Slovakia", period.SK, "DSAR_1M", "2026-11-24T10:00:00+01:00", "2026-12-28", "2026-12-24", ""},
	{"New Year 2015: 2 January is worked", period.SI, "DSAR_1M", "2014-12-01T10:00:00+01:00", "2015-01-02", "2015-01-01", ""},
	{"New Year 2020: 2 January is free", period.SI, "DSAR_1M", "2019-12-01T10:00:00+01:00", "2020-01-03", "2020-01-01", ""},
	{"14 and 15 August 2023 roll to the 16th", period.SI, "DSAR_1M", "2023-07-14T10:00:00+02:00", "2023-08-16", "2023-08-14", ""},
	{"30 October 2018 rolls in Slovakia", period.SK, "DSAR_1M", "2018-09-30T10:00:00+02:00", "2018-10-31", "2018-10-30", ""},
	{"8 May 2025 rolls in Slovakia", period.SK, "DSAR_1M", "2025-04-08T10:00:00+02:00", "2025-05-09", "2025-05-08", ""},
	{"8 May 2026 stands in Slovakia", period.SK, "DSAR_1M", "2026-04-08T10:00:00+02:00", "2026-05-08", "", ""},
	{"15 September 2026 stands in Slovakia", period.SK, "DSAR_1M", "2026-08-15T10:00:00+02:00", "2026-09-15", "", ""},
	{"1 September 2023 rolls in Slovakia", period.SK, "DSAR_1M", "2023-08-01T10:00:00+02:00", "2023-09-04", "2023-09-01", ""},
	{"1 September 2025 stands in Slovakia", period.SK, "DSAR_1M", "2025-08-01T10:00:00+02:00", "2025-09-01", "", ""},
	{"17 November 2023 rolls in Slovakia", period.SK, "DSAR_1M", "2023-10-17T10:00:00+02:00", "2023-11-20", "2023-11-17", ""},
	{"17 November 2025 stands in Slovakia", period.SK, "DSAR_1M", "2025-10-17T10:00:00+02:00", "2025-11-17", "", ""},
	{"P07: obtained 31 May, informed by 30 June", period.SI, "ART14_1M", "2026-05-31T10:00:00+02:00", "2026-06-30", "", ""},
	{"P07: a Sunday rolls", period.SK, "ART14_1M", "2026-05-28T10:00:00+02:00", "2026-06-29", "2026-06-28", ""},

	// DSAR_3M (P20): one step from receipt.
	{"B2.3: 31 January extended is 30 April", period.SI, "DSAR_3M", "2026-01-31T10:00:00+01:00", "2026-04-30", "", "2026-05-01T00:00:00+02:00"},
	{"B2.3: 28 February extended is 28 May, not the month end", period.SI, "DSAR_3M", "2026-02-28T10:00:00+01:00", "2026-05-28", "", ""},
	{"B2.3, B2.4: 30 November clamps and rolls", period.SI, "DSAR_3M", "2025-11-30T10:00:00+01:00", "2026-03-02", "2026-02-28", ""},

	// SK_DSAR_30D (P20): calendar days, no roll.
	{"P20: 31 January plus 30 days is 2 March", period.SK, "SK_DSAR_30D", "2026-01-31T10:00:00+01:00", "2026-03-02", "", ""},
	{"P20: a Saturday stands", period.SK, "SK_DSAR_30D", "2026-01-01T10:00:00+01:00", "2026-01-31", "", "2026-02-01T00:00:00+01:00"},

	// Hours (K26, M08, L07): elapsed, exact over both clock changes.
	{"K26: 72 hours over a weekend", period.SI, "BREACH_72H", "2026-05-29T16:20:30+02:00", "", "", "2026-06-01T16:20:30+02:00"},
	{"B2.6: 72 hours over the spring change end an hour later by the clock", period.SI, "BREACH_72H", "2026-03-27T12:00:00+01:00", "", "", "2026-03-30T13:00:00+02:00"},
	{"B2.6: 72 hours over the autumn change end an hour earlier by the clock", period.SI, "BREACH_72H", "2026-10-23T12:00:00+02:00", "", "", "2026-10-26T11:00:00+01:00"},
	{"M08: 24 hours over the spring change of 2025", period.SI, "PROC_24H", "2025-03-29T20:00:00+01:00", "", "", "2025-03-30T21:00:00+02:00"},
	{"M08: 24 hours over the autumn change of 2027", period.SI, "PROC_24H", "2027-10-30T20:00:00+02:00", "", "", "2027-10-31T19:00:00+01:00"},
	{"L07: 48 hours over the spring change of 2028", period.SI, "PROC_48H", "2028-03-25T00:00:00+01:00", "", "", "2028-03-27T01:00:00+02:00"},
	{"24 hours from the first 02:30 of the autumn night", period.SK, "NIS2_24H", "2026-10-25T02:30:00+02:00", "", "", "2026-10-26T01:30:00+01:00"},
	{"24 hours from the second 02:30 of the autumn night", period.SK, "NIS2_24H", "2026-10-25T02:30:00+01:00", "", "", "2026-10-26T02:30:00+01:00"},
	{"NIS2: 72 hours over Christmas don't roll", period.SK, "NIS2_72H", "2026-12-23T09:00:00+01:00", "", "", "2026-12-26T09:00:00+01:00"},
	{"B1: on the hour exactly the hour is not counted", period.SI, "BREACH_72H_1182", "2026-05-05T10:00:00+02:00", "", "", "2026-05-08T11:00:00+02:00"},
	{"B1: a second before the hour", period.SI, "BREACH_72H_1182", "2026-05-05T10:59:59+02:00", "", "", "2026-05-08T11:00:00+02:00"},
	{"B1: a second after the hour", period.SI, "BREACH_72H_1182", "2026-05-05T11:00:01+02:00", "", "", "2026-05-08T12:00:00+02:00"},
	{"B1: the next full hour over the spring change is 03:00", period.SI, "BREACH_72H_1182", "2026-03-29T01:30:00+01:00", "", "", "2026-04-01T03:00:00+02:00"},
	{"B1: the next full hour over the autumn change is the second 02:00", period.SI, "BREACH_72H_1182", "2026-10-25T02:30:00+02:00", "", "", "2026-10-28T02:00:00+01:00"},

	// NIS2_FINAL_1M: no roll.
	{"NIS2 final report on a Saturday stands", period.SI, "NIS2_FINAL_1M", "2026-01-31T10:00:00+01:00", "2026-02-28", "", "2026-03-01T00:00:00+01:00"},

	// ZUP_15D.
	{"B1: the published case, 12 January 2018 plus 15 days", period.SI, "ZUP_15D", "2018-01-12T10:00:00+01:00", "2018-01-29", "2018-01-27", "2018-01-30T00:00:00+01:00"},
	{"ZUP: a worked last day stands", period.SI, "ZUP_15D", "2018-01-11T10:00:00+01:00", "2018-01-26", "", ""},
	{"ZUP: 1 and 2 May and the weekend roll to Monday", period.SI, "ZUP_15D", "2026-04-16T10:00:00+02:00", "2026-05-04", "2026-05-01", ""},

	// Retention (K13 to K16): first instant out, no roll.
	{"B2.8: five years of a leap day end after 28 February", period.SI, "RET_5Y", "2020-02-29T10:00:00+01:00", "2025-02-28", "", "2025-03-01T00:00:00+01:00"},
	{"K14: older than five years from the day after, a Sunday stands", period.SI, "RET_5Y", "2020-06-14T23:59:59+02:00", "2025-06-14", "", "2025-06-15T00:00:00+02:00"},
	{"K13: five years to a leap day", period.SI, "RET_5Y", "2023-02-28T10:00:00+01:00", "2028-02-28", "", "2028-02-29T00:00:00+01:00"},
	{"K15: one year", period.SI, "RET_1Y", "2025-12-31T23:30:00+01:00", "2026-12-31", "", "2027-01-01T00:00:00+01:00"},
	{"K15: one year by the local date of the start", period.SI, "RET_1Y", "2025-12-31T23:30:00Z", "2027-01-01", "", "2027-01-02T00:00:00+01:00"},
	{"K16: six months of 31 August", period.SI, "RET_6M", "2025-08-31T10:00:00+02:00", "2026-02-28", "", "2026-03-01T00:00:00+01:00"},

	// Statutory log (L11, ZVOP-2 22).
	{"D: an entry of 2024 leaves the log with 2027", period.SI, "ZVOP22_LOG_2Y", "2024-06-01T10:00:00+02:00", "2026-12-31", "", "2027-01-01T00:00:00+01:00"},
	{"D: the last second of 2024", period.SI, "ZVOP22_LOG_2Y", "2024-12-31T23:59:59+01:00", "2026-12-31", "", "2027-01-01T00:00:00+01:00"},
	{"D: the first second of 2025, which UTC calls 2024", period.SI, "ZVOP22_LOG_2Y", "2024-12-31T23:00:00Z", "2027-12-31", "", "2028-01-01T00:00:00+01:00"},
	{"D: five years on risk analysis", period.SI, "ZVOP22_LOG_5Y", "2024-06-01T10:00:00+02:00", "2029-12-31", "", "2030-01-01T00:00:00+01:00"},

	// Contract limits: calendar units, no roll.
	{"S21: three months' notice to a clamped Saturday", period.SI, "NOTICE_3M", "2025-11-30T10:00:00+01:00", "2026-02-28", "", ""},
	{"M02: a password of 31 March", period.SI, "PASSWORD_3M", "2026-03-31T10:00:00+02:00", "2026-06-30", "", ""},
	{"S21: a licence idle since a leap day", period.SI, "LICENCE_IDLE_1Y", "2024-02-29T10:00:00+01:00", "2025-02-28", "", ""},
	{"L08: 30 days after the end", period.SI, "RETURN_DATA_30D", "2026-03-01T10:00:00+01:00", "2026-03-31", "", "2026-04-01T00:00:00+02:00"},
	{"S18: two days of force majeure end on a Sunday", period.SI, "FORCE_MAJEURE_2D", "2026-04-24T10:00:00+02:00", "2026-04-26", "", "2026-04-27T00:00:00+02:00"},
	{"S05: seven days to Christmas", period.SI, "SAOP_RESPONSE_7D", "2026-12-18T10:00:00+01:00", "2026-12-25", "", ""},
	{"M06: seven days to New Year", period.SI, "ONBOARD_TRAINING_7D", "2026-12-25T10:00:00+01:00", "2027-01-01", "", ""},

	// Backward (S04, S09, L04, L09).
	{"S04: six hours before, over the spring change", period.SI, "MAINT_NOTICE_6H", "2026-03-29T06:00:00+02:00", "2026-03-28", "", "2026-03-28T23:00:00+01:00"},
	{"S04: six hours before, over the autumn change", period.SI, "MAINT_NOTICE_6H", "2026-10-25T06:00:00+01:00", "2026-10-25", "", "2026-10-25T01:00:00+02:00"},
	{"B2.7: terms of 10 June 2024 are published on 7 June", period.SI, "TERMS_NOTICE_3D", "2024-06-10T00:00:00+02:00", "2024-06-07", "", "2024-06-08T00:00:00+02:00"},
	{"S09: withdrawal latest on the fifth day before", period.SI, "TERMS_WITHDRAW_5D", "2024-06-10T00:00:00+02:00", "2024-06-05", "", ""},
	{"L04: seven days before, on a holiday", period.SI, "SUBPROC_NOTICE_7D", "2026-05-08T10:00:00+02:00", "2026-05-01", "", ""},
	{"L09: thirty days before, on a Sunday", period.SI, "AUDIT_NOTICE_30D", "2026-03-31T10:00:00+02:00", "2026-03-01", "", ""},

	// Opening hours (K01, S05).
	{"K01: the first instant of service is open", period.SI, "EKC_OPEN", "2026-04-24T08:00:00+02:00", "", "", "2026-04-24T08:00:00+02:00"},
	{"K01: the instant before opens at eight", period.SI, "EKC_OPEN", "2026-04-24T07:59:59.999999999+02:00", "", "", "2026-04-24T08:00:00+02:00"},
	{"K01: the last instant of service is open", period.SI, "EKC_OPEN", "2026-04-23T21:59:59+02:00", "", "", "2026-04-23T21:59:59+02:00"},
	{"K01: 22:00 is closed", period.SI, "EKC_OPEN", "2026-04-23T22:00:00+02:00", "", "", "2026-04-24T08:00:00+02:00"},
	{"K01: Friday night before 27 April opens on Tuesday", period.SI, "EKC_OPEN", "2026-04-24T22:00:00+02:00", "", "", "2026-04-28T08:00:00+02:00"},
	{"K01: a worked state holiday is open", period.SI, "EKC_OPEN", "2026-11-23T12:00:00+01:00", "", "", "2026-11-23T12:00:00+01:00"},
	{"K01: the weekend of the spring change opens by the summer clock", period.SI, "EKC_OPEN", "2026-03-28T12:00:00+01:00", "", "", "2026-03-30T08:00:00+02:00"},
	{"K01: an instant in UTC", period.SI, "EKC_OPEN", "2026-04-23T05:59:59Z", "", "", "2026-04-23T08:00:00+02:00"},
	{"S05: 16:00 is closed", period.SI, "SAOP_OPEN", "2026-04-23T16:00:00+02:00", "", "", "2026-04-24T08:00:00+02:00"},
	{"S05: 15:59:59 is open", period.SI, "SAOP_OPEN", "2026-04-23T15:59:59+02:00", "", "", "2026-04-23T15:59:59+02:00"},
	{"S05: New Year's Eve at night opens after 2 January", period.SI, "SAOP_OPEN", "2019-12-31T20:00:00+01:00", "", "", "2020-01-03T08:00:00+01:00"},
}

func TestRules(t *testing.T) {
	seen := map[period.Rule]bool{}
	for _, tt := range ruleCases {
		seen[tt.rule] = true
		t.Run(string(tt.rule)+" "+tt.name, func(t *testing.T) {
			r := compute(t, tt.j, tt.rule, tt.start)
			if got := dayOrNone(r.LastDay); got != tt.lastDay {
				t.Errorf("last day %q, want %q", got, tt.lastDay)
			}
			unrolled := tt.unrolled
			if unrolled == "" && tt.rule != "MAINT_NOTICE_6H" {
				unrolled = tt.lastDay
			}
			if got := dayOrNone(r.UnrolledDay); got != unrolled {
				t.Errorf("unrolled day %q, want %q", got, unrolled)
			}
			end := r.LastDay.AddDays(1).Start(tt.j.Location())
			if tt.end != "" {
				end = instant(t, tt.end)
			}
			if got := r.End.Format(time.RFC3339Nano); got != end.Format(time.RFC3339Nano) {
				t.Errorf("end %s, want %s", got, end.Format(time.RFC3339Nano))
			}
			if !r.Start.Equal(instant(t, tt.start)) || r.Rule != tt.rule || r.Jurisdiction != tt.j {
				t.Errorf("start, rule or jurisdiction lost: %+v", r)
			}
			for _, s := range r.Steps {
				if s.Law == "" || s.Text == "" || s.At.IsZero() {
					t.Errorf("a step without law, text or instant: %+v", s)
				}
			}
			if last := r.Steps[len(r.Steps)-1]; len(r.Steps) == 0 || tt.rule != "BREACH_72H" && !last.At.Equal(r.End) {
				t.Errorf("the last step does not stand at the end: %+v", last)
			}
		})
	}
	for _, d := range period.Definitions() {
		if !seen[d.Rule] {
			t.Errorf("%s has no case", d.Rule)
		}
	}
}

func dayOrNone(d period.Date) string {
	if d.IsZero() {
		return ""
	}
	return d.String()
}

func TestDefinitionsAreTheTableOfTheRules(t *testing.T) { // B5
	want := strings.Fields(`DSAR_1M ART14_1M DSAR_3M SK_DSAR_30D BREACH_72H PROC_24H PROC_48H NIS2_24H NIS2_72H
		BREACH_72H_1182 NIS2_FINAL_1M ZUP_15D RET_5Y RET_1Y RET_6M ZVOP22_LOG_2Y ZVOP22_LOG_5Y NOTICE_3M PASSWORD_3M
		LICENCE_IDLE_1Y RETURN_DATA_30D FORCE_MAJEURE_2D SAOP_RESPONSE_7D ONBOARD_TRAINING_7D MAINT_NOTICE_6H
		TERMS_NOTICE_3D TERMS_WITHDRAW_5D SUBPROC_NOTICE_7D AUDIT_NOTICE_30D EKC_OPEN SAOP_OPEN`)
	rolls := []string{"DSAR_1M", "ART14_1M", "DSAR_3M", "ZUP_15D"}
	var got []string
	for _, d := range period.Definitions() {
		got = append(got, string(d.Rule))
		if err := d.Rule.Validate(); err != nil {
			t.Errorf("%s: %v", d.Rule, err)
		}
		if d.Term.Roll != slices.Contains(rolls, string(d.Rule)) {
			t.Errorf("%s: roll is %v", d.Rule, d.Term.Roll)
		}
		if opening := d.Term.Kind == ""; opening {
			if d.Week.Validate() != nil || d.Law == "" {
				t.Errorf("%s: opening hours without week or law", d.Rule)
			}
		} else if err := d.Term.Validate(); err != nil || d.Term.Law == "" || d.From == "" {
			t.Errorf("%s: unlawful term %+v: %v", d.Rule, d.Term, err)
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("rules\n got %v\nwant %v", got, want)
	}
}

func TestComputeRefuses(t *testing.T) {
	start := time.Date(2026, 1, 31, 9, 0, 0, 0, time.UTC)
	pause := period.Pause{From: start.Add(time.Hour), To: start.Add(50 * time.Hour)}
	foreign := calendar(t, period.SK)
	tests := []struct {
		name  string
		j     period.Jurisdiction
		rule  period.Rule
		start time.Time
		opts  period.Options
		want  error
	}{
		{"an unknown jurisdiction", "AT", "DSAR_1M", start, period.Options{}, period.ErrJurisdiction},
		{"a jurisdiction in lower case", "si", "DSAR_1M", start, period.Options{}, period.ErrJurisdiction},
		{"an unknown rule", period.SI, "DSAR_2M", start, period.Options{}, period.ErrRule},
		{"a calendar of another jurisdiction", period.SI, "DSAR_1M", start, period.Options{Calendar: foreign}, period.ErrJurisdiction},
		{"the zero time", period.SI, "DSAR_1M", time.Time{}, period.Options{}, period.ErrStart},
		{"a start after 2200", period.SI, "BREACH_72H", start.Add(200 * 366 * 24 * time.Hour), period.Options{}, period.ErrStart},
		{"a pause of hours", period.SI, "BREACH_72H", start, period.Options{Pauses: []period.Pause{pause}}, period.ErrPause},
		{"a pause of retention", period.SI, "RET_5Y", start, period.Options{Pauses: []period.Pause{pause}}, period.ErrPause},
		{"a pause of opening hours", period.SI, "EKC_OPEN", start, period.Options{Pauses: []period.Pause{pause}}, period.ErrPause},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if _, err := period.Compute(tt.j, tt.rule, tt.start, tt.opts); !errors.Is(err, tt.want) {
				t.Errorf("error %v, want %v", err, tt.want)
			}
		})
	}
}

func TestCalendarOfAPackMovesLimits(t *testing.T) { // ZUP 101: a day the body does not work
	cal := calendar(t, period.SI, period.Override{Date: date(t, "2018-01-29"), WorkFree: true, Name: "collective leave", Law: "order of the head"})
	r, err := period.Compute(period.SI, period.RuleZUP15D, instant(t, "2018-01-12T10:00:00+01:00"), period.Options{Calendar: cal})
	if err != nil || r.LastDay != date(t, "2018-01-30") {
		t.Errorf("last day %s, %v", r.LastDay, err)
	}
}

func TestNoAddDate(t *testing.T) { // B2.2: 31 January + 1 month gives 3 March there
	for _, file := range sources(t) {
		if strings.Contains(file.text, "."+"AddDate(") {
			t.Errorf("%s uses the overflowing months of the standard library", file.name)
		}
	}
}

package breach

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/okence/okence/shared/domain/severity"
)

func reasons() map[string]string {
	return map[string]string{"data": "r", "ei": "r", "confidentiality": "r", "integrity": "r", "availability": "r"}
}

func TestAScoreNeverEndsAClock(t *testing.T) {
	c := newCase(t)
	now := friday.Add(2 * time.Hour)
	in := severity.Input{Data: []severity.Datum{{Category: severity.Simple}}, Ease: severity.Negligible, Confidentiality: severity.NotDisclosed, Integrity: severity.Unaltered, Availability: severity.Available, Unintelligible: true}
	a, err := c.Assess(in, reasons(), severity.DefaultTable(), adviser, now)
	if err != nil || a.Result.Level != severity.Low {
		t.Fatalf("%+v, %v", a, err)
	}
	if k := clock(t, c, "breach.authority.ekc"); k.State != Due {
		t.Fatalf("the score ended the clock: %+v", k)
	}
	for _, tc := range []struct {
		name string
		by   Person
		why  string
		want error
	}{
		{"an officer without the data protection officer's advice", officer, "low", ErrAdvice},
		{"an officer without a reason", officer, "", ErrReason},
	} {
		if err := c.DecideRisk(Unlikely, tc.by, tc.why, now); !errors.Is(err, tc.want) {
			t.Errorf("%s: %v, want %v", tc.name, err, tc.want)
		}
	}
	if _, err := c.Advise("unlikely, I think", officer, now); !errors.Is(err, ErrDPO) {
		t.Errorf("an officer advised: %v", err)
	}
	if _, err := c.Advise("unlikely", dpo, now); err != nil {
		t.Fatal(err)
	}
	if err := c.DecideRisk(Unlikely, adviser, "low", now); !errors.Is(err, ErrOfficer) {
		t.Errorf("an adviser decided: %v", err)
	}
	if err := c.DecideRisk(Unlikely, Person{dpo.ID, OfficerRole}, "low", now); !errors.Is(err, ErrBoth) {
		t.Errorf("officer and data protection officer in one: %v", err)
	}
	if err := c.DecideRisk(Unlikely, officer, "encrypted, key safe", now); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Advise("I changed my mind", Person{officer.ID, DPORole}, now); !errors.Is(err, ErrBoth) {
		t.Errorf("the officer advised: %v", err)
	}
	if k := clock(t, c, "breach.authority.ekc"); k.State != Ended || k.Why == "" {
		t.Errorf("%+v", k)
	}
	if k := clock(t, c, "breach.controller.mob"); k.State != Due {
		t.Errorf("what a processor owes its controller ended: %+v", k)
	}
	if k := clock(t, c, "breach.other.ekc"); k.State != Due {
		t.Errorf("what the other joint controller is owed ended: %+v", k)
	}
	if err := c.DecideRisk(Likely, officer, "the key was found", now.Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	if k := clock(t, c, "breach.authority.ekc"); k.State != Due || !k.StartAt.Equal(friday) {
		t.Errorf("decided anew, the clock runs from the same awareness: %+v", k)
	}
}

func TestAdviceBeforeTheNewestAssessmentIsNone(t *testing.T) {
	c := newCase(t)
	if _, err := c.Advise("unlikely", dpo, friday.Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	in := severity.Input{Data: severity.Line(severity.Sensitive, 0), Ease: severity.Maximum, Confidentiality: severity.NotDisclosed, Integrity: severity.Unaltered, Availability: severity.Available}
	if _, err := c.Assess(in, reasons(), severity.DefaultTable(), officer, friday.Add(2*time.Hour)); err != nil {
		t.Fatal(err)
	}
	if err := c.DecideRisk(Unlikely, officer, "x", friday.Add(3*time.Hour)); !errors.Is(err, ErrAdvice) {
		t.Errorf("%v", err)
	}
}

func TestPersonsAreToldWhereTheRiskIsHighButForTheExceptions(t *testing.T) {
	c := newCase(t)
	now := friday.Add(2 * time.Hour)
	if has(t, c, "breach.persons") {
		t.Fatal("due before anybody decided")
	}
	if err := c.DecideRisk(HighRisk, officer, "diagnoses", now); err != nil {
		t.Fatal(err)
	}
	if k := clock(t, c, "breach.persons"); !k.AtOnce || !k.StartAt.Equal(now) || k.State != Due {
		t.Errorf("%+v", k)
	}
	for _, tc := range []struct {
		ground Exemption
		name   string
		state  ClockState
	}{{UnintelligibleData, "breach.persons", Ended}, {RiskRemoved, "breach.persons", Ended}, {Effort, "breach.public", Due}, {NotExempt, "breach.persons", Due}} {
		if err := c.Exempt(tc.ground, officer, "because", now); err != nil {
			t.Fatal(err)
		}
		if k := clock(t, c, tc.name); k.State != tc.state {
			t.Errorf("%s: %+v, want %s", tc.ground, k, tc.state)
		}
	}
	if err := c.Exempt(RiskRemoved, dpo, "because", now); !errors.Is(err, ErrOfficer) {
		t.Errorf("%v", err)
	}
}

// TestExamplesOfTheEDPB scores the 18 cases of Guidelines 01/2021 as an assessor
// would, and compares what is proposed with what the Board holds (rules C).
func TestExamplesOfTheEDPB(t *testing.T) {
	const (
		simple, behaviour, money, special = severity.Simple, severity.Behavioural, severity.Financial, severity.Sensitive
	)
	d := func(c severity.Category, steps int, why severity.Reason) []severity.Datum {
		if steps == 0 {
			return []severity.Datum{{Category: c}}
		}
		return []severity.Datum{{Category: c, Adjustments: []severity.Adjustment{{Steps: steps, Reason: why}}}}
	}
	none, known, unknown := severity.NotDisclosed, severity.KnownRecipients, severity.UnknownRecipients
	for _, tc := range []struct {
		name               string
		data               []severity.Datum
		ei                 severity.Ease
		conf               severity.Confidentiality
		avail              severity.Availability
		malicious          bool
		unintelligible     bool
		authority, persons bool
	}{
		{"1 ransomware, backup, encrypted at rest", d(simple, 0, ""), severity.Negligible, none, severity.TemporaryUnavailable, true, true, false, false},
		{"2 ransomware without a proper backup", d(behaviour, -1, severity.RevealsLittle), severity.Maximum, none, severity.PermanentUnavailable, true, false, true, false},
		{"3 ransomware in a hospital, restored", d(special, 0, ""), severity.Significant, none, severity.TemporaryUnavailable, true, false, true, true},
		{"4 ransomware without backup, and exfiltration", d(money, 0, ""), severity.Maximum, unknown, severity.PermanentUnavailable, true, false, true, true},
		{"5 job applications exfiltrated", d(money, 0, ""), severity.Maximum, unknown, severity.Available, true, false, true, true},
		{"6 hashed passwords exfiltrated", d(simple, 0, ""), severity.Limited, unknown, severity.Available, true, true, false, false},
		{"7 credential stuffing at a bank", d(money, 0, ""), severity.Maximum, known, severity.Available, true, false, true, true},
		{"8 a leaver copies business contacts", d(simple, 0, ""), severity.Maximum, unknown, severity.Available, true, false, true, false},
		{"9 a list to a trusted wrong recipient", d(behaviour, -1, severity.RevealsLittle), severity.Significant, known, severity.Available, false, false, false, false},
		{"10 stolen devices, encrypted", d(special, -1, severity.RevealsLittle), severity.Negligible, none, severity.TemporaryUnavailable, true, true, false, false},
		{"11 a stolen notebook, not encrypted", d(simple, 2, severity.Volume), severity.Maximum, unknown, severity.Available, true, false, true, true},
		{"12 stolen paper files of addicts", d(special, 0, ""), severity.Maximum, unknown, severity.PermanentUnavailable, true, false, true, true},
		{"13 two parcels swapped", d(simple, 0, ""), severity.Maximum, known, severity.Available, false, false, false, false},
		{"14 sensitive data by mail to wrong persons", d(special, 0, ""), severity.Significant, unknown, severity.Available, false, false, true, true},
		{"15 a course list to wrong recipients", d(special, -3, severity.RevealsLittle), severity.Maximum, known, severity.Available, false, false, false, false},
		{"16 an insurance letter to the wrong customer", d(money, -1, severity.RevealsLittle), severity.Maximum, known, severity.Available, false, false, true, false},
		{"17 a caller takes over a contract at a contact centre", d(behaviour, 1, severity.Volume), severity.Maximum, known, severity.Available, true, false, true, true},
		{"18 rules in mailboxes forward invoices", d(money, 0, ""), severity.Maximum, unknown, severity.Available, true, false, true, true},
	} {
		c := newCase(t)
		in := severity.Input{Data: tc.data, Ease: tc.ei, Confidentiality: tc.conf, Integrity: severity.Unaltered, Availability: tc.avail, Malicious: tc.malicious, Unintelligible: tc.unintelligible}
		a, err := c.Assess(in, reasons(), severity.DefaultTable(), officer, friday.Add(2*time.Hour))
		if err != nil {
			t.Fatalf("%s: %v", tc.name, err)
		}
		authority, persons := slices.Contains(a.Proposal.Duties, severity.Authority), slices.Contains(a.Proposal.Duties, severity.Persons)
		if authority != tc.authority || persons != tc.persons || !slices.Contains(a.Proposal.Duties, severity.Register) {
			t.Errorf("%s: %v %s proposes authority %v, persons %v", tc.name, a.Result.SE, a.Result.Level, authority, persons)
		}
		if a.Proposal.Standing != severity.ForDecision || c.Risk != "" {
			t.Errorf("%s: a proposal became a decision", tc.name)
		}
	}
}

package severity

import (
	"encoding/json"
	"errors"
	"reflect"
	"testing"
)

func TestDefaultTableProposesAndNeverDecides(t *testing.T) {
	for level, want := range map[Level][]Duty{
		Low:      {Register},
		Medium:   {Register, Authority},
		High:     {Register, Authority, Persons},
		VeryHigh: {Register, Authority, Persons},
	} {
		p, err := Propose(Result{Level: level}, DefaultTable())
		if err != nil || !reflect.DeepEqual(p.Duties, want) {
			t.Errorf("%s: got %v, %v; want %v", level, p.Duties, err, want)
		}
		if p.Standing != "proposal_for_decision" || p.Level != level {
			t.Errorf("%s is not marked as a proposal: %+v", level, p)
		}
	}
}

func TestFlagsBecomeRemarksAndChangeNoDuty(t *testing.T) {
	p, err := Propose(Result{Level: High, Flags: []Flag{ManyIndividuals, Unintelligible}}, DefaultTable())
	if err != nil || !reflect.DeepEqual(p.Remarks, []Remark{ConsiderRaising, ConsiderExemption}) || len(p.Duties) != 3 {
		t.Fatalf("got %+v, %v", p, err)
	}
}

func TestAProposalDoesNotShareItsTable(t *testing.T) {
	table := DefaultTable()
	p, _ := Propose(Result{Level: High}, table)
	p.Duties[0] = "changed"
	if table[High][0] != Register {
		t.Fatal("changing a proposal changed the policy")
	}
}

func TestUnlawfulTablesAreRefused(t *testing.T) {
	for name, change := range map[string]func(Table){
		"a level is missing":                         func(t Table) { delete(t, Medium) },
		"a level that does not exist":                func(t Table) { t["grave"] = []Duty{Register} },
		"an unknown duty":                            func(t Table) { t[Low] = []Duty{Register, "ring"} },
		"a breach that is not registered":            func(t Table) { t[Low] = nil },
		"persons told but not the authority":         func(t Table) { t[Medium] = []Duty{Register, Persons} },
		"a higher level asks less than a lower":      func(t Table) { t[VeryHigh] = []Duty{Register, Authority} },
		"a missing level hidden by an unknown level": func(t Table) { delete(t, High); t["grave"] = []Duty{Register} },
	} {
		t.Run(name, func(t *testing.T) {
			table := DefaultTable()
			change(table)
			if _, err := Propose(Result{Level: Low}, table); !errors.Is(err, ErrInput) {
				t.Fatalf("got %v", err)
			}
		})
	}
	if _, err := Propose(Result{}, DefaultTable()); !errors.Is(err, ErrInput) {
		t.Errorf("a result without a level: got %v", err)
	}
}

func TestClosedSets(t *testing.T) {
	for _, err := range []error{
		Low.Validate(), VeryHigh.Validate(), ManyIndividuals.Validate(), Unintelligible.Validate(), Register.Validate(), Unstated.Validate(),
	} {
		if err != nil {
			t.Error(err)
		}
	}
	for _, err := range []error{Level("x").Validate(), Flag("x").Validate(), Duty("x").Validate(), Reason("").Validate()} {
		if !errors.Is(err, ErrInput) {
			t.Errorf("got %v", err)
		}
	}
}

func TestJSONShape(t *testing.T) {
	r, err := Score(Input{Line(Sensitive, 1), Significant, KnownRecipients, Unaltered, Available, true, 500, true})
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	const want = `{"dpc":4,"ei":0.75,"cb":0.75,"se":3.75,"level":"high","flags":["more_than_100_individuals","unintelligible"],` +
		`"contexts":[{"category":"sensitive","adjustments":[{"steps":1,"reason":"unstated"}],"base":4,"steps":1,"dpc":4,"clamped":true}],` +
		`"input":{"data":[{"category":"sensitive","adjustments":[{"steps":1,"reason":"unstated"}]}],"ei":"significant",` +
		`"confidentiality":"known_recipients","integrity":"none","availability":"none","malicious":true,"individuals":500,"unintelligible":true}}`
	if string(text) != want {
		t.Fatalf("got\n%s\nwant\n%s", text, want)
	}
	var back Result
	if err := json.Unmarshal(text, &back); err != nil || !reflect.DeepEqual(back, r) {
		t.Fatalf("a stored result reads back as %+v, %v", back, err)
	}
}

func TestQuarters(t *testing.T) {
	for q, want := range map[Quarters]string{0: "0", 1: "0.25", 2: "0.5", 3: "0.75", 4: "1", 15: "3.75", 24: "6", -3: "-0.75"} {
		var back Quarters
		if err := json.Unmarshal([]byte(want), &back); q.String() != want || err != nil || back != q {
			t.Errorf("%d: got %s and back %d, %v; want %s", int(q), q, back, err, want)
		}
	}
	var q Quarters
	if err := json.Unmarshal([]byte("3.750"), &q); err != nil || q != 15 {
		t.Errorf("got %s, %v", q, err)
	}
	for _, bad := range []string{"3.7", "0.255", "1e2", `"1"`, "99999999999999999999"} {
		if err := json.Unmarshal([]byte(bad), &q); err == nil {
			t.Errorf("%s was read as %s", bad, q)
		}
	}
}

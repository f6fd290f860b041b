package severity

import (
	"encoding/json"
	"errors"
	"math/big"
	"reflect"
	"strings"
	"testing"
)

// input is a valid case of the lowest score; tests change one thing in it.
func input(change func(*Input)) Input {
	in := Input{
		Data: Line(Simple, 0), Ease: Negligible,
		Confidentiality: NotDisclosed, Integrity: Unaltered, Availability: Available,
	}
	change(&in)
	return in
}

func TestWorkedExamples(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*Input)
		se     string
		level  Level
	}{
		{"hospital records encrypted by ransomware and restored", func(in *Input) {
			in.Data, in.Ease, in.Availability, in.Malicious = Line(Sensitive, 0), Significant, TemporaryUnavailable, true
		}, "3.75", High},
		{"a salary list mailed to the wrong colleague", func(in *Input) {
			in.Data, in.Ease, in.Confidentiality = Line(Financial, 0), Maximum, KnownRecipients
		}, "3.25", High},
		{"an encrypted laptop lost with its key safe", func(in *Input) { in.Unintelligible = true }, "0.25", Low},
		{"a mailing list in open copy", func(in *Input) {
			in.Ease, in.Confidentiality = Maximum, KnownRecipients
		}, "1.25", Low},
		{"diagnoses stolen by persons unknown", func(in *Input) {
			in.Data, in.Ease, in.Confidentiality, in.Malicious = Line(Sensitive, 0), Maximum, UnknownRecipients, true
		}, "5", VeryHigh},
		{"everything at its worst", func(in *Input) {
			in.Data, in.Ease, in.Confidentiality, in.Malicious = Line(Sensitive, 0), Maximum, UnknownRecipients, true
			in.Integrity, in.Availability = AlteredUnrecoverable, PermanentUnavailable
		}, "6", VeryHigh},
	} {
		t.Run(c.name, func(t *testing.T) {
			r, err := Score(input(c.change))
			if err != nil || r.SE.String() != c.se || r.Level != c.level {
				t.Fatalf("got %s %s, %v; want %s %s", r.SE, r.Level, err, c.se, c.level)
			}
		})
	}
}

func TestLevelsOnEitherSideOfEachBoundary(t *testing.T) {
	for _, c := range []struct {
		se    Quarters
		level Level
	}{
		{1, Low}, {7, Low}, {8, Medium}, {11, Medium}, {12, High}, {15, High}, {16, VeryHigh}, {24, VeryHigh},
	} {
		if got := LevelOf(c.se); got != c.level {
			t.Errorf("%s points: got %s, want %s", c.se, got, c.level)
		}
	}
}

func TestFlagsOnEitherSideOfOneHundredPersons(t *testing.T) {
	for individuals, want := range map[int64][]Flag{0: {}, 100: {}, 101: {ManyIndividuals}} {
		r, err := Score(input(func(in *Input) { in.Individuals = individuals }))
		if err != nil || !reflect.DeepEqual(r.Flags, want) || r.SE != 1 {
			t.Errorf("%d persons: got %v at %s, %v; want %v at 0.25", individuals, r.Flags, r.SE, err, want)
		}
	}
}

func TestContext(t *testing.T) {
	up := func(n int) Adjustment { return Adjustment{Steps: n, Reason: Volume} }
	down := func(n int) Adjustment { return Adjustment{Steps: -n, Reason: InvalidOrOld} }
	for _, c := range []struct {
		name    string
		data    []Datum
		dpc     int
		clamped bool
	}{
		{"a base without adjustment stands", []Datum{{Category: Behavioural}}, 2, false},
		{"one step up", []Datum{{Behavioural, []Adjustment{up(1)}}}, 3, false},
		{"one step down", []Datum{{Behavioural, []Adjustment{down(1)}}}, 1, false},
		{"never above four", []Datum{{Sensitive, []Adjustment{up(1)}}}, 4, true},
		{"never below one", []Datum{{Simple, []Adjustment{down(3)}}}, 1, true},
		{"up and down cancel at the upper edge", []Datum{{Sensitive, []Adjustment{up(2), down(1)}}}, 4, true},
		{"down after up is summed before clamping", []Datum{{Sensitive, []Adjustment{up(1), down(2)}}}, 3, false},
		{"the highest of several counts", []Datum{{Simple, []Adjustment{up(2)}}, {Category: Behavioural}}, 3, false},
		{"the highest counts wherever it stands", []Datum{{Category: Simple}, {Category: Financial}, {Category: Behavioural}}, 3, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			r, err := Score(input(func(in *Input) { in.Data = c.data }))
			if err != nil || r.DPC != c.dpc || r.Contexts[0].Clamped != c.clamped {
				t.Fatalf("got %d clamped %v, %v; want %d %v", r.DPC, r.Contexts[0].Clamped, err, c.dpc, c.clamped)
			}
			if len(r.Contexts) != len(c.data) || !reflect.DeepEqual(r.Contexts[0].Datum.Adjustments, c.data[0].Adjustments) {
				t.Fatalf("the reasons are not kept: %+v", r.Contexts)
			}
		})
	}
}

func TestResultIsNotChangedThroughTheCallersInput(t *testing.T) {
	in := input(func(in *Input) { in.Data = []Datum{{Financial, []Adjustment{{Steps: 1, Reason: Volume}}}} })
	r, _ := Score(in)
	in.Data[0].Category, in.Data[0].Adjustments[0].Steps = Simple, 0
	if r.Input.Data[0].Category != Financial || r.Contexts[0].Adjustments[0].Steps != 1 {
		t.Fatal("the result shares memory with its input")
	}
}

func TestRefusedInputs(t *testing.T) {
	const secret = "Ana Novak 0101006500006"
	adjust := func(a Adjustment) func(*Input) {
		return func(in *Input) { in.Data = []Datum{{Simple, []Adjustment{a}}} }
	}
	for _, c := range []struct {
		name   string
		change func(*Input)
		field  string
	}{
		{"no data at all", func(in *Input) { in.Data = nil }, "data"},
		{"unknown category", func(in *Input) { in.Data = Line(secret, 0) }, "category"},
		{"second category unknown", func(in *Input) { in.Data = append(in.Data, Datum{Category: secret}) }, "data 2"},
		{"unknown ease", func(in *Input) { in.Ease = secret }, "ei"},
		{"empty ease", func(in *Input) { in.Ease = "" }, "ei"},
		{"unknown confidentiality", func(in *Input) { in.Confidentiality = secret }, "confidentiality"},
		{"unknown integrity", func(in *Input) { in.Integrity = secret }, "integrity"},
		{"unknown availability", func(in *Input) { in.Availability = secret }, "availability"},
		{"a negative number of persons", func(in *Input) { in.Individuals = -1 }, "individuals"},
		{"an adjustment without a reason", adjust(Adjustment{Steps: 1}), "reason"},
		{"an unknown reason", adjust(Adjustment{Steps: 1, Reason: secret}), "reason"},
		{"volume cannot lower", adjust(Adjustment{Steps: -1, Reason: Volume}), "reason"},
		{"controller's field cannot lower", adjust(Adjustment{Steps: -1, Reason: ControllerField}), "reason"},
		{"vulnerable persons cannot lower", adjust(Adjustment{Steps: -1, Reason: VulnerablePersons}), "reason"},
		{"old data cannot raise", adjust(Adjustment{Steps: 1, Reason: InvalidOrOld}), "reason"},
		{"public data cannot raise", adjust(Adjustment{Steps: 1, Reason: PublicBefore}), "reason"},
		{"a harmless nature cannot raise", adjust(Adjustment{Steps: 1, Reason: RevealsLittle}), "reason"},
		{"another reason must be explained", adjust(Adjustment{Steps: 1, Reason: OtherReason}), "note"},
		{"too many steps up", adjust(Adjustment{Steps: MaxSteps + 1, Reason: Volume}), "dpc_adjust"},
		{"too many steps down", adjust(Adjustment{Steps: -MaxSteps - 1, Reason: Unstated}), "dpc_adjust"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := Score(input(c.change))
			if !errors.Is(err, ErrInput) || !strings.Contains(err.Error(), c.field) {
				t.Fatalf("got %v, want a refusal that names %s", err, c.field)
			}
			if strings.Contains(err.Error(), "Ana") {
				t.Fatal("the error repeats its input")
			}
		})
	}
	for _, a := range []Adjustment{
		{MaxSteps, Volume, ""}, {-MaxSteps, Unstated, ""}, {0, Volume, ""}, {0, PublicBefore, ""}, {1, OtherReason, "why"},
		{1, ControllerField, ""}, {1, VulnerablePersons, ""}, {-1, InvalidOrOld, ""}, {-1, PublicBefore, ""}, {-1, RevealsLittle, ""},
	} {
		if err := a.Validate(); err != nil {
			t.Errorf("%+v: %v", a, err)
		}
	}
}

// TestWholeCrossProductAgainstAnOracle scores every combination a second way:
// decimal text, rational arithmetic and the thresholds as written in rules C.
func TestWholeCrossProductAgainstAnOracle(t *testing.T) {
	type option[T any] struct {
		value  T
		points string
	}
	point := func(s string) *big.Rat { r, _ := new(big.Rat).SetString(s); return r }
	two, three, four := point("2"), point("3"), point("4")
	n := 0
	for _, cat := range []option[Category]{{"simple", "1"}, {"behavioural", "2"}, {"financial", "3"}, {"sensitive", "4"}} {
		for adjust := -5; adjust <= 5; adjust++ {
			dpc := new(big.Rat).Add(point(cat.points), new(big.Rat).SetInt64(int64(adjust)))
			if dpc.Cmp(point("1")) < 0 {
				dpc = point("1")
			}
			if dpc.Cmp(four) > 0 {
				dpc = four
			}
			for _, ei := range []option[Ease]{{"negligible", "0.25"}, {"limited", "0.5"}, {"significant", "0.75"}, {"maximum", "1"}} {
				for _, conf := range []option[Confidentiality]{{"none", "0"}, {"known_recipients", "0.25"}, {"unknown_recipients", "0.5"}} {
					for _, integ := range []option[Integrity]{{"none", "0"}, {"altered_recoverable", "0.25"}, {"altered_unrecoverable", "0.5"}} {
						for _, avail := range []option[Availability]{{"none", "0"}, {"temporary", "0.25"}, {"permanent", "0.5"}} {
							for _, mal := range []option[bool]{{false, "0"}, {true, "0.5"}} {
								cb := new(big.Rat)
								for _, p := range []string{conf.points, integ.points, avail.points, mal.points} {
									cb.Add(cb, point(p))
								}
								se := new(big.Rat).Mul(dpc, point(ei.points))
								se.Add(se, cb)
								level := "very_high"
								if se.Cmp(two) < 0 {
									level = "low"
								} else if se.Cmp(three) < 0 {
									level = "medium"
								} else if se.Cmp(four) < 0 {
									level = "high"
								}
								for _, rest := range []struct {
									individuals    int64
									unintelligible bool
									flags          string
								}{
									{100, false, "[]"}, {101, false, `["more_than_100_individuals"]`},
									{0, true, `["unintelligible"]`}, {1 << 40, true, `["more_than_100_individuals","unintelligible"]`},
								} {
									n++
									in := Input{Line(cat.value, adjust), ei.value, conf.value, integ.value, avail.value, mal.value, rest.individuals, rest.unintelligible}
									r, err := Score(in)
									if err != nil {
										t.Fatalf("%+v: %v", in, err)
									}
									flags, _ := json.Marshal(r.Flags)
									if point(r.SE.String()).Cmp(se) != 0 || point(r.CB.String()).Cmp(cb) != 0 || r.EI.String() != ei.points ||
										dpc.Cmp(new(big.Rat).SetInt64(int64(r.DPC))) != 0 || string(r.Level) != level || string(flags) != rest.flags {
										t.Fatalf("%+v: got %+v, want dpc %s cb %s se %s %s %s", in, r, dpc, cb, se, level, rest.flags)
									}
									if !reflect.DeepEqual(r.Input, in) {
										t.Fatalf("the input is not kept: %+v", r.Input)
									}
								}
							}
						}
					}
				}
			}
		}
	}
	if want := 4 * 11 * 4 * 3 * 3 * 3 * 2 * 4; n != want {
		t.Fatalf("%d combinations, want %d", n, want)
	}
}

package message_test

import (
	"reflect"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	. "github.com/okence/okence/shared/domain/message"
)

// second is an instant some seconds into the day of the calls here.
func second(s int) time.Time { return time.Date(2026, 11, 23, 12, 0, s, 0, time.UTC) }

func step(seq int64, s CallStep, at int) Call {
	return Call{CallID: "c", LegID: "c", Seq: seq, Step: s, At: second(at)}
}

func TestHowACallStands(t *testing.T) {
	type call = []Call
	ended := func(c Call, cause string, d time.Duration) Call { c.Cause, c.Duration = cause, d; return c }
	pressed := func(c Call, keys string) Call { c.Digits = keys; return c }
	leg := func(c Call, id string) Call { c.LegID = id; return c }
	for name, c := range map[string]struct {
		steps                       call
		state                       CallStep
		started, answered, finished int // seconds; -1 is never
		duration                    time.Duration
		cause, digits               string
	}{
		"no steps":         {nil, "", -1, -1, -1, 0, "", ""},
		"it rings":         {call{step(1, Started, 0), step(2, Ringing, 1)}, Ringing, 0, -1, -1, 0, "", ""},
		"they talk":        {call{step(1, Started, 0), step(2, Ringing, 1), step(3, Answered, 5)}, Answered, 0, 5, -1, 0, "", ""},
		"held":             {call{step(1, Answered, 5), step(2, Held, 9)}, Held, 5, 5, -1, 0, "", ""},
		"held and back":    {call{step(1, Answered, 5), step(2, Held, 9), step(3, Answered, 12)}, Answered, 5, 5, -1, 0, "", ""},
		"transferred":      {call{step(1, Answered, 5), step(2, Transferred, 9)}, Transferred, 5, 5, -1, 0, "", ""},
		"a whole call":     {call{step(1, Started, 0), step(2, Answered, 5), ended(step(3, Ended, 65), "completed", 0)}, Ended, 0, 5, 65, time.Minute, "completed", ""},
		"by Seq, not time": {call{step(2, Answered, 3), step(3, Held, 1)}, Held, 1, 3, -1, 0, "", ""},
		"the provider's word on the duration": {
			call{step(2, Answered, 5), ended(step(3, Ended, 65), "completed", 42*time.Second)}, Ended, 5, 5, 65, 42 * time.Second, "completed", "",
		},
		"nobody answered": {call{step(1, Ringing, 0), ended(step(2, Ended, 30), "no-answer", 0)}, Ended, 0, -1, 30, 0, "no-answer", ""},
		"ended came before answered": {
			call{ended(step(0, Ended, 65), "completed", 0), step(0, Answered, 5)}, Ended, 5, 5, 65, time.Minute, "completed", "",
		},
		"answered never came":                 {call{step(1, Started, 0), step(4, Ended, 65)}, Ended, 0, -1, 65, 0, "", ""},
		"only the end came":                   {call{ended(step(9, Ended, 65), "busy", 0)}, Ended, 65, -1, 65, 0, "busy", ""},
		"ringing after the answer":            {call{step(1, Answered, 5), step(2, Ringing, 6)}, Answered, 5, 5, -1, 0, "", ""},
		"keys say that somebody is there":     {call{step(1, Ringing, 0), pressed(step(2, DTMF, 4), "1")}, Answered, 0, -1, -1, 0, "", "1"},
		"keys don't end a hold":               {call{step(1, Held, 0), pressed(step(2, DTMF, 4), "1")}, Held, 0, -1, -1, 0, "", "1"},
		"keys in order":                       {call{pressed(step(0, DTMF, 6), "2"), pressed(step(0, DTMF, 4), "1")}, Answered, 4, -1, -1, 0, "", "12"},
		"the recording comes after":           {call{step(1, Ended, 5), step(2, Recording, 9)}, Ended, 5, -1, 5, 0, "", ""},
		"without any time":                    {call{{CallID: "c", Step: Started}, {CallID: "c", Step: Ended}}, Ended, -1, -1, -1, 0, "", ""},
		"one leg of two ended":                {call{leg(step(1, Answered, 1), "x"), leg(step(1, Ended, 2), "y")}, Answered, 1, 1, -1, 0, "", ""},
		"both legs ended":                     {call{leg(step(1, Ended, 3), "x"), leg(step(1, Ended, 2), "y")}, Ended, 2, -1, 3, 0, "", ""},
		"the main leg ended":                  {call{step(1, Ended, 3), leg(step(1, Answered, 2), "b")}, Ended, 2, 2, 3, time.Second, "", ""},
		"another leg ended, the main didn't":  {call{step(1, Answered, 1), leg(step(1, Ended, 2), "b")}, Answered, 1, 1, -1, 0, "", ""},
		"steps of no leg are the main leg's":  {call{leg(step(1, Ended, 3), ""), step(1, Answered, 2)}, Ended, 2, 2, 3, time.Second, "", ""},
		"one key, told twice":                 {call{pressed(step(4, DTMF, 4), "1"), pressed(step(4, DTMF, 4), "1")}, Answered, 4, -1, -1, 0, "", "1"},
		"one key, told again at another time": {call{pressed(step(4, DTMF, 4), "1"), pressed(step(4, DTMF, 5), "1")}, Answered, 4, -1, -1, 0, "", "1"},
		"another leg outlasts the main one":   {call{step(1, Ended, 3), leg(step(1, Ended, 5), "b")}, Ended, 3, -1, 3, 0, "", ""},
		"one key, pressed twice":              {call{pressed(step(4, DTMF, 4), "1"), pressed(step(5, DTMF, 4), "1")}, Answered, 4, -1, -1, 0, "", "11"},
	} {
		t.Run(name, func(t *testing.T) {
			at := func(s int) time.Time {
				if s < 0 {
					return time.Time{}
				}
				return second(s)
			}
			p := Follow(c.steps)
			if p.State != c.state || !p.StartedAt.Equal(at(c.started)) || !p.AnsweredAt.Equal(at(c.answered)) || !p.EndedAt.Equal(at(c.finished)) ||
				p.Duration != c.duration || p.Cause != c.cause || p.Digits != c.digits {
				t.Errorf("%+v", p)
			}
		})
	}
}

var steps = rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Call {
	return Call{
		CallID:   "c",
		LegID:    rapid.SampledFrom([]string{"", "c", "a", "b"}).Draw(t, "leg"),
		Seq:      rapid.Int64Range(0, 4).Draw(t, "seq"),
		Step:     rapid.SampledFrom([]CallStep{Started, Ringing, Answered, Held, Transferred, DTMF, Recording, Ended}).Draw(t, "step"),
		At:       rapid.SampledFrom([]time.Time{{}, second(0), second(1), second(2)}).Draw(t, "at"),
		Digits:   rapid.SampledFrom([]string{"", "1", "2"}).Draw(t, "digits"),
		Cause:    rapid.SampledFrom([]string{"", "busy", "completed"}).Draw(t, "cause"),
		Duration: time.Duration(rapid.IntRange(0, 2).Draw(t, "duration")),
	}
}), 0, 9)

func TestAnyOrderOfTheStepsWithRepeatsComesToTheSame(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		all := steps.Draw(t, "steps")
		want := Follow(all)
		again := append([]Call{}, all...)
		if len(all) > 0 {
			again = append(again, rapid.SliceOfN(rapid.SampledFrom(all), 0, 5).Draw(t, "repeated")...)
		}
		shuffled := rapid.Permutation(again).Draw(t, "order")
		before := append([]Call{}, shuffled...)
		if got := Follow(shuffled); !reflect.DeepEqual(got, want) {
			t.Fatalf("got  %+v\nwant %+v", got, want)
		}
		if !slices.Equal(shuffled, before) {
			t.Fatal("the steps themselves were changed")
		}
	})
}

func TestWhatEndedStaysEnded(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		all := append(steps.Draw(t, "steps"), Call{CallID: "c", Seq: 99, Step: Ended, At: second(1)})
		if p := Follow(all); p.State != Ended {
			t.Fatalf("%+v", p)
		}
		for _, l := range Follow(all).Legs {
			for _, s := range all {
				if s.Step == Ended && s.LegID == l.ID && s.Seq > 4 && l.State != Ended {
					t.Fatalf("%+v", l)
				}
			}
		}
	})
}

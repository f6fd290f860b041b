package dsar

import (
	"errors"
	"testing"
	"time"
)

var said = time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)

// granted is a request whose erasure an officer granted, and whatever else.
func granted(others ...Item) *Request {
	r := &Request{ID: "r1", ContactID: "p1", State: Carrying, Items: append([]Item{{Key: erasureOfData, State: ToDo, Decision: &Decision{By: "o"}}}, others...)}
	return r
}

func TestAnErasureIsRipe(t *testing.T) {
	until := said.Add(96 * time.Hour)
	for name, c := range map[string]struct {
		others []Item
		over   bool
		at     time.Time
		want   bool
	}{
		"once its letter has left":                       {nil, true, said, true},
		"not while the letter waits":                     {nil, false, said, false},
		"not a second before the letter is given up":     {nil, false, until.Add(-time.Second), false},
		"when the letter has been waited for":            {nil, false, until, true},
		"not while access is being carried out":          {[]Item{{Key: Key{Access, Data}, State: ToDo}}, true, until, false},
		"not while another right is to be decided":       {[]Item{{Key: Key{Restriction, Data}, State: Asked}}, true, until, false},
		"although another controller answers a right":    {[]Item{{Key: Key{Access, Data}, State: Transferred}}, true, said, true},
		"although what was asked besides was settled":    {[]Item{{Key: Key{Access, Data}, State: Final}}, true, said, true},
		"not while it is in dispute who answers a right": {[]Item{{Key: Key{Access, Data}, State: InDispute}}, true, until, false},
	} {
		t.Run(name, func(t *testing.T) {
			r := granted(c.others...)
			if r.Ripe(true, until) {
				t.Fatal("before anybody was told")
			}
			if err := r.Announce("m1", until, said); err != nil {
				t.Fatal(err)
			}
			if got := r.Ripe(c.over, c.at); got != c.want {
				t.Errorf("ripe: %v", got)
			}
		})
	}
}

func TestAnErasureGoesOnWhenWhatItWaitedForHasEnded(t *testing.T) {
	r := granted()
	if err := errors.Join(r.Announce("m1", said, said), r.Order([]string{"hold/h1"}, said)); err != nil {
		t.Fatal(err)
	}
	if r.Ripe(true, said) || !errors.Is(r.Order(nil, said), ErrState) || !errors.Is(r.Announce("m2", said, said), ErrState) {
		t.Fatal("it is ordered twice")
	}
	if news, err := r.CarriedOut(erasureOfData, Waiting, said); !news || err != nil || !r.Waits() || r.State != Carrying {
		t.Fatalf("%v %v %s", news, err, r.State)
	}
	if news, _ := r.CarriedOut(erasureOfData, Waiting, said); news {
		t.Error("the same news again")
	}
	r.Held([]string{"hold/h1", "request/r2"})
	for name, c := range map[string]struct {
		now  []string
		want bool
	}{
		"nothing has ended":                     {[]string{"hold/h1", "request/r2"}, false},
		"something came up":                     {[]string{"hold/h1", "hold/h2", "request/r2"}, false},
		"one has ended":                         {[]string{"hold/h1"}, true},
		"all have ended":                        {nil, true},
		"one has ended and another one came up": {[]string{"hold/h2", "request/r2"}, true},
	} {
		if got := r.Changed(c.now); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
	if err := r.Announce("m2", said, said); err != nil || r.Items[0].Erasing.Pass != 2 || r.Waits() || len(r.Items[0].Erasing.Blocks) != 0 {
		t.Fatalf("%v %+v", err, r.Items[0])
	}
	if err := r.Order(nil, said); err != nil {
		t.Fatal(err)
	}
	if _, err := r.CarriedOut(erasureOfData, Done, said); err != nil || r.State != Answered || r.Changed(nil) {
		t.Errorf("%v %s", err, r.State)
	}
}

// What nothing is known of is looked at again: it would wait for ever.
func TestAnErasureThatWaitsForNothingKnownGoesOn(t *testing.T) {
	r := granted()
	_ = errors.Join(r.Announce("m1", said, said), r.Order(nil, said))
	if _, err := r.CarriedOut(erasureOfData, Waiting, said); err != nil || !r.Changed([]string{"hold/h9"}) {
		t.Error(err, "it stands still")
	}
}

func TestWhatKeepsThePersonsData(t *testing.T) {
	access := func(s ItemState) Item { return Item{Key: Key{Access, Data}, State: s} }
	for name, c := range map[string]struct {
		do              func(*Request)
		others          []Item
		keeps, informed bool
	}{
		"an erasure that nobody was told of":     {func(*Request) {}, nil, true, false},
		"one that was told":                      {func(r *Request) { _ = r.Announce("m", said, said) }, nil, true, true},
		"one that is ordered keeps nothing":      {func(r *Request) { _ = r.Announce("m", said, said); _ = r.Order(nil, said) }, nil, false, true},
		"beside it, access is to be carried out": {func(r *Request) { _ = r.Announce("m", said, said); _ = r.Order(nil, said) }, []Item{access(ToDo)}, true, false},
		"beside it, access was given":            {func(r *Request) { _ = r.Announce("m", said, said); _ = r.Order(nil, said) }, []Item{access(Final)}, false, true},
		"an erasure that could not be carried out": {func(r *Request) {
			_ = r.Announce("m", said, said)
			_, _ = r.CarriedOut(erasureOfData, Impossible, said)
		}, nil, true, false},
	} {
		t.Run(name, func(t *testing.T) {
			r := granted(c.others...)
			c.do(r)
			if r.Keeps() != c.keeps || r.Informed() != c.informed {
				t.Errorf("keeps %v, informed %v", r.Keeps(), r.Informed())
			}
		})
	}
}

package breach

import "time"

// InstantKind says which of a breach's instants. They are kept apart: none is
// ever taken for another.
type InstantKind string

// Kinds. Aware and ProcessorAware drive clocks.
const (
	OccurredFrom   InstantKind = "occurred_from"
	OccurredTo     InstantKind = "occurred_to"
	Detected       InstantKind = "detected"        // something was noticed; no reasonable certainty yet
	ProcessorAware InstantKind = "processor_aware" // GDPR art. 33(2)
	Aware          InstantKind = "aware"           // GDPR art. 33(1); EDPB 9/2022, II.A.2
)

// Validate reports whether k is one of the kinds above.
func (k InstantKind) Validate() error {
	return in("instant", k, OccurredFrom, OccurredTo, Detected, ProcessorAware, Aware)
}

func (k InstantKind) drives() bool { return k == Aware || k == ProcessorAware }

// Standing says what becomes of an instant.
type Standing string

// Standings. One instant of a kind counts; every other stays on record.
const (
	Counts     Standing = "counts"
	Proposed   Standing = "proposed" // later than what counts: waits for a named person's decision
	Superseded Standing = "superseded"
	Rejected   Standing = "rejected"
)

// Instant is what somebody said of when something was.
type Instant struct {
	No       int         `json:"no"` // from 1, in the case
	Kind     InstantKind `json:"kind"`
	At       time.Time   `json:"at"`
	By       Person      `json:"by"`
	NotedAt  time.Time   `json:"noted_at"`
	Reason   string      `json:"reason,omitempty"`
	Standing Standing    `json:"standing"`
	Ruling   *Decision   `json:"ruling,omitempty"` // on a proposed one
}

// At is the instant of a kind that counts.
func (c *Case) At(k InstantKind) (time.Time, bool) {
	if i := c.counting(k); i != nil {
		return i.At, true
	}
	return time.Time{}, false
}

func (c *Case) counting(k InstantKind) *Instant {
	for i := range c.Instants {
		if c.Instants[i].Kind == k && c.Instants[i].Standing == Counts {
			return &c.Instants[i]
		}
	}
	return nil
}

// Enter records an instant, or corrects it, which needs a reason. What moves a
// clock to an earlier start counts at once; what would move it later is only
// proposed, whoever enters it: it counts when an officer has decided so (Rule).
func (c *Case) Enter(k InstantKind, at time.Time, by Person, reason string, now time.Time) (Instant, error) {
	before := c.counting(k)
	switch err := k.Validate(); {
	case err != nil:
		return Instant{}, err
	case at.IsZero() || at.After(now):
		return Instant{}, ErrFuture
	case before != nil && reason == "":
		return Instant{}, ErrReason
	}
	if before != nil { // the first of a kind is part of the report
		if err := c.act(by, "instant", string(k), now); err != nil {
			return Instant{}, err
		}
	}
	i := Instant{No: len(c.Instants) + 1, Kind: k, At: at.UTC(), By: by, NotedAt: now.UTC(), Reason: reason, Standing: Counts}
	if before != nil {
		if k.drives() && at.After(before.At) {
			i.Standing = Proposed
		} else {
			before.Standing = Superseded
		}
	}
	c.Instants = append(c.Instants, i)
	return i, nil
}

// Rule is an officer's decision on a proposed instant. Both instants and the
// decision stay on record. ErrUnknown: no such proposal.
func (c *Case) Rule(no int, accept bool, by Person, reason string, now time.Time) error {
	if no < 1 || no > len(c.Instants) || c.Instants[no-1].Standing != Proposed {
		return ErrUnknown
	}
	if reason == "" {
		return ErrReason
	}
	i := &c.Instants[no-1]
	if err := c.decide(by, "instant_decided", string(i.Kind), now); err != nil {
		return err
	}
	d := Decision{Kind: DecideInstant, Value: "rejected", Instant: no, By: by, At: now.UTC(), Reason: reason}
	i.Standing = Rejected
	if accept {
		d.Value = "accepted"
		if old := c.counting(i.Kind); old != nil {
			old.Standing = Superseded
		}
		i.Standing = Counts
	}
	i.Ruling = &d
	c.Decisions = append(c.Decisions, d)
	return nil
}

package work

import (
	"context"
	"slices"

	"github.com/okence/okence/events"
	"github.com/okence/okence/shared/fault"
)

// Progress is how far an event has come that was taken in from outside.
type Progress string

const (
	Accepted Progress = "accepted"    // durable, and still in the outbox
	HandedOn Progress = "handed_on"   // with the functions that take it, or done by them
	SetAside Progress = "dead_letter" // it waits for an administrator
)

// Trace says how far an event has come that function has taken in, by source
// and id. takers are the functions that handle its type. fault.NotFound: the
// function has taken in no such event, or more than MarkLife ago.
func Trace(ctx context.Context, u *Unit, function, source, id string, takers ...string) (Progress, error) {
	mark, err := u.Hash(ctx, "mark", function, source, id)
	if err != nil {
		return "", err
	}
	waiting := OutboxID(events.Event{Source: source, ID: id})
	refs := []Ref{Of(marks, mark), Of(outbox, waiting)}
	var dead []Ref
	for _, taker := range slices.Concat(takers, []string{"relay"}) {
		letter, err := u.Hash(ctx, "deadletter", taker, source, id)
		if err != nil {
			return "", err
		}
		dead = append(dead, Of(DeadLetters, letter))
	}
	if err := u.Fetch(ctx, append(refs, dead...)...); err != nil {
		return "", err
	}
	if !u.slot(marks.Shape, mark).there() {
		return "", fault.New(fault.NotFound, "no such event was taken in")
	}
	for _, r := range dead {
		if !u.slot(r.shape, r.id).there() {
			continue
		}
		if d, err := Peek(ctx, u, DeadLetters, r.id); err != nil {
			return "", err
		} else if d.Redriven.IsZero() {
			return SetAside, nil
		}
	}
	if u.slot(outbox.Shape, waiting).there() {
		return Accepted, nil
	}
	return HandedOn, nil
}

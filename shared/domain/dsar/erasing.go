package dsar

import (
	"slices"
	"time"
)

// Erasing is how a granted erasure of the person's data proceeds. The final
// answer (GDPR art. 12(3)) has to go out before the address that it goes to is
// gone, so each pass is told, then ordered, then carried out:
//
//	Announce   the answer is queued: what goes, and what stays, why and until when
//	Ripe       it has left, or can't, or Until is over; all else asked for is settled
//	Order      the erasure is ordered; data that a hold, another request or a
//	           restriction still keeps waits (Waiting)
//	Changed    one of those Blocks has ended: the next pass begins
type Erasing struct {
	Pass      int       `json:"pass"` // from 1
	LetterID  string    `json:"letter_id,omitempty"`
	ToldAt    time.Time `json:"told_at"`             // the answer was queued, or noted for the post
	Until     time.Time `json:"until"`               // exclusive: no longer is it waited for
	OrderedAt time.Time `json:"ordered_at,omitzero"` // of this pass
	Blocks    []string  `json:"blocks,omitempty"`    // "hold/ID", "request/ID", "restriction/CONTACT": what stood in the way while it was carried out
}

// Erasure of the person's data is what Erasing is about; nothing of the
// processing log is ever erased on request (K23 d).
var erasureOfData = Key{Right: Erasure, Scope: Data}

// Erases reports whether k asks that the person's data be erased.
func (k Key) Erases() bool { return k == erasureOfData }

// Announce begins a pass: the person has been told. until bounds how long the
// letter is waited for.
func (r *Request) Announce(letter string, until, now time.Time) error {
	i := r.Item(erasureOfData)
	switch {
	case i == nil:
		return ErrItem
	case i.State != ToDo || i.Erasing != nil && i.Result != Waiting:
		return ErrState
	}
	pass := 1
	if i.Erasing != nil {
		pass = i.Erasing.Pass + 1
	}
	i.Result, i.Erasing = "", &Erasing{Pass: pass, LetterID: letter, ToldAt: now, Until: until}
	return nil
}

// Ripe reports whether a told erasure is to be ordered: all else that was asked
// for and is ours has been settled, and the letters of the request are over
// (they have left, or can't), or have been waited for long enough.
func (r *Request) Ripe(lettersOver bool, now time.Time) bool {
	i := r.Item(erasureOfData)
	if i == nil || i.State != ToDo || i.Erasing == nil || !i.Erasing.OrderedAt.IsZero() {
		return false
	}
	others := slices.ContainsFunc(r.Items, func(o Item) bool {
		return o.Key != i.Key && (o.State == Asked || o.State == InDispute || o.State == ToDo)
	})
	return !others && (lettersOver || !now.Before(i.Erasing.Until))
}

// Order orders a told erasure. blocks are what stands in the way now.
func (r *Request) Order(blocks []string, now time.Time) error {
	i := r.Item(erasureOfData)
	if i == nil || i.State != ToDo || i.Erasing == nil || !i.Erasing.OrderedAt.IsZero() {
		return ErrState
	}
	i.Erasing.OrderedAt = now
	i.Erasing.Blocks = merged(i.Erasing.Blocks, blocks)
	return nil
}

// Waits reports whether the erasure waits for what is temporary.
func (r *Request) Waits() bool {
	i := r.Item(erasureOfData)
	return i != nil && i.State == ToDo && i.Erasing != nil && i.Result == Waiting
}

// Held adds what stood in the way when a pass came back waiting: something may
// have come up while it was carried out.
func (r *Request) Held(blocks []string) {
	if i := r.Item(erasureOfData); i != nil && i.Erasing != nil {
		i.Erasing.Blocks = merged(i.Erasing.Blocks, blocks)
	}
}

// Changed reports whether something that a waiting erasure waits for has ended,
// by what stands in the way now.
func (r *Request) Changed(blocks []string) bool {
	if !r.Waits() {
		return false
	}
	was := r.Item(erasureOfData).Erasing.Blocks
	return len(was) == 0 || slices.ContainsFunc(was, func(b string) bool { return !slices.Contains(blocks, b) })
}

// Informed reports whether the person has the answer to everything that is ours
// to answer: an erasure under way has been answered by its first letter.
func (r *Request) Informed() bool {
	return len(r.Items) > 0 && !slices.ContainsFunc(r.Items, func(i Item) bool {
		return i.State != Final && i.State != Transferred && (i.State != ToDo || i.Erasing == nil)
	})
}

// Keeps reports whether the request keeps the person's data from going: while it
// is open, and something other than an erasure that has been ordered is to be
// done. Else two erasures would wait for each other.
func (r *Request) Keeps() bool {
	return !r.State.Closed() && slices.ContainsFunc(r.Items, func(i Item) bool {
		return i.State != Final && (i.Erasing == nil || i.Erasing.OrderedAt.IsZero())
	})
}

func merged(a, b []string) []string {
	out := slices.Concat(a, b)
	slices.Sort(out)
	return slices.Compact(out)
}

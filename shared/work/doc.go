// Package work is the unit of work: what a handler loads, saves, emits and
// notes becomes one atomic commit, or nothing.
//
//	func handle(ctx context.Context, u *work.Unit, e events.Event) error {
//		t, err := work.Load(ctx, u, record.Messages, id) // load
//		...
//		facts, err := message.Decide(t, u.Now())         // decide, pure
//		...
//		work.Save(u, record.Messages, t)                 // save
//		u.Emit(t.ID, &events.SomethingHappened{...})     // emit
//		u.Note(audit.Disclose, ...)                      // note for the ledger
//		return nil
//	}
//
// The commit holds: the records saved and deleted, each only if nobody changed
// it since it was read; a check of every record that was read and not written;
// the events emitted, as an outbox; the entries for the processing log; and the
// done mark of the event. A conflict runs the handler again on fresh reads. A
// second delivery meets the mark and changes nothing, for 35 days; after that,
// it meets ids that are keyed hashes of the event, and so its own traces.
//
// The unit is the only door to personal data. It is bound to tenant, actor and
// purpose; it opens a sealed part only where role and purpose allow it and the
// person's data is not restricted (art. 18 GDPR), and it notes who saw, changed
// or brought in what of whom. A handler can't forget the gate.
//
// A crash costs: before the commit, nothing but perhaps a key or a blob that
// nobody names (relay removes such blobs); after it, nothing: the outbox is
// published by relay.
package work

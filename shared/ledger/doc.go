// Package ledger makes the processing log tamper-evident: what units of work
// noted becomes the leaves of a Merkle tree (RFC 6962) with signed checkpoints,
// which an outsider can check, also after the content of entries is gone.
//
//	unit of work ── entry ──> data store        sealed; found by class, person, ticket
//	                             │ Seal, every minute
//	                             v
//	tree store: leaves, tiles, checkpoints, places, the head and the signing key
//	                             │
//	functions/publish: GET /ledger/{tenant}/checkpoint, /ledger/{tenant}/tile/...
//	                   hashes only, no token
//
// The tree stands in a store of its own, outside the backups of the data (the
// embedded one: DATA/ledger/ledger.db), so that a restored backup of the data
// does not take the log back with it. The formats are those of C2SP: signed-note,
// tlog-checkpoint, tlog-tiles, tlog-cosignature, tlog-proof; hashing and proofs
// are golang.org/x/mod/sumdb/tlog.
//
// # The life of an entry
//
//  1. A unit of work stores it, sealed, in its own commit, with a salted
//     commitment to its content (audit.Entry.Commit). Its stored bytes never
//     change again; only its index entries do.
//  2. Seal takes it from the index of those that wait and appends a leaf: time,
//     retention class, SHA-256 of the stored bytes, commitment (leaf.go).
//  3. Its place (entry id -> number of its leaf) is written with the leaf.
//  4. It leaves the index of those that wait.
//  5. After its retention Sweep writes a statement leaf that says so, marks its
//     place, deletes it, and at last destroys the key of its month. The leaf
//     stays, and the tree verifies as before.
//
// # One sequencer at a time, or several
//
// A batch is one commit in the tree store: the places, each only if absent; new
// tiles and leaves, each only if absent; the head, only as it was read. So two
// sequencers at once can't fork the log or put an entry into it twice: one of
// them conflicts, reads again and finds the places taken.
//
// # What each crash costs
//
//   - Before the commit of a batch: nothing; the entries still wait.
//   - After it, before the entries leave the index: nothing; the next run finds
//     their places, appends nothing, and takes them out. The same when the
//     outcome of the commit is unknown.
//   - In Sweep, after the statement and before the deletion: the entries marked
//     as withheld are still there; the next run deletes them and states nothing.
//   - In Sweep, after the deletion and before the key goes: the key stays until
//     the next run, which finds a past month without entries.
//   - The tree store lost or taken back: Restart begins a new log whose first
//     leaf names the old origin, size and root, and what is missing.
//   - The data store taken back to a backup: the log goes on from its newest
//     checkpoint; Declare names the leaves whose entries the backup lacks.
//
// # What Verify promises
//
// Verify needs no key but the log's public one. It streams, in constant memory,
// and names every stored entry, leaf, tile or checkpoint that was changed,
// removed, reordered, inserted or back-dated by more than MergeDelay. Whoever
// holds the signing key and both stores can rewrite all of it, or take it back
// to an earlier state: that is found only against a checkpoint held outside, or
// by witnesses, who cosign each newest checkpoint (OKENCE_LEDGER_WITNESSES). An entry that is deleted before it was
// sequenced leaves no trace; MergeDelay bounds that time.
package ledger

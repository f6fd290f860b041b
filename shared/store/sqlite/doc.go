// Package sqlite is the embedded store: one SQLite file (pure Go, WAL,
// synchronous=FULL) that a user can copy, inspect and back up.
//
// # The file
//
// application_id is "Okn1" and user_version the schema's; a file with a newer
// one is refused. Beside it lie, while it is open, -wal and -shm. Two tables:
//
//	docs(key, ver, idx, body)     key is tenant/id/kind; idx repeats the entries
//	entries(part, sort, name)     part is tenant/index/partition, name kind/id
//
// Both are WITHOUT ROWID: one b-tree and one descent each. A document knows its
// own entries (idx), so replacing or removing it finds them without a search.
//
// A version is a random 64-bit number, one a commit. Random rather than
// counted: it never comes back when a key is deleted and created again, nor
// after a backup was restored, and two processes need not agree on a counter.
//
// # Commits
//
// One goroutine writes. It takes what has queued up, at most 256 commits, into
// one SQLite transaction, so commits that come at once share one fsync. Within
// it each commit's expectations are checked first and its operations applied
// only if all hold; a commit that conflicts changes nothing and does not touch
// the others. An error of the engine rolls the whole batch back and fails all
// that were in it. A caller whose context ends before its batch began takes
// its commit back; after that it waits for the outcome.
//
// # Reads
//
// Readers have connections of their own and see the last commit, each Get and
// each page as of one moment. They never wait for the writer.
//
// # Space
//
// The write-ahead log is checkpointed by the writer every 4,000 pages. Freed
// pages above a reserve are given back in steps of 200 between batches.
// secure_delete=FAST zeroes deleted content on pages that are written anyway;
// what makes deleted personal data unreadable is the destruction of its key.
//
// A second process may open the same file: the transactions of the two take
// turns. The file must lie on a local disk.
package sqlite

// Package vault keeps the keys under which personal data is sealed.
//
//	KMS root key ── wraps ──> tenant key ── wraps ──> data keys, one an owner
//	                                   └── derives ─> blind index and id keys
//
// An owner is one data subject in one retention class, or the tenant itself for
// what belongs to no single person (the intake of a day, the log of a month).
// Destroying an owner's key makes every copy of what it sealed unreadable, also
// in old backups of the data: that is how erasure reaches them (design.md 5).
//
// Wrapped keys live in a store of their own, apart from the data, whose backups
// live at most seven days. A key is durable there before it seals anything.
// Its id is a keyed hash of its owner, so that two functions at once make one
// key; a destroyed key leaves a tombstone, so that none is made again.
//
// Keys are cached in the process for Lifetime at most; another process may
// still use a key that long after Destroy returned.
package vault

// Package store is the document store port: the least that DynamoDB,
// Firestore and SQLite can all promise, and nothing a handler must know of
// them. Drivers stand beside it (sqlite, dynamodb; later firestore), and each
// passes storetest, the one contract suite.
//
// Reads by key are strongly consistent. A commit applies all of its
// operations or none, and is durable when it returns nil. An index may lag
// behind commits, so nothing may rely on one for uniqueness or for a decision:
// what must be unique has a deterministic key.
package store

import (
	"context"
	"fmt"
)

// Limits that every driver enforces alike, so that a test on the embedded
// engine finds what the cloud engine would refuse.
const (
	MaxOps     = 100       // operations a commit: DynamoDB's TransactWriteItems limit
	MaxBody    = 300 << 10 // bytes a document: under DynamoDB's 400 KB item, index entries included
	MaxCommit  = 3 << 20   // bytes of bodies a commit: under DynamoDB's 4 MB a transaction
	MaxEntries = 5         // index entries a document
	MaxKey     = 255       // bytes of a key's three parts together
	MaxSort    = 255       // bytes of an entry's Sort, and of its Index and Partition together
	MaxKeys    = 100       // keys a Get: DynamoDB's TransactGetItems limit
	MaxPage    = 1000      // documents a page
)

// Key names a document. All three parts are non-empty, valid UTF-8 without
// control characters or '/' (ID may hold '/'), at most MaxKey bytes together.
// No part holds personal data.
//
// What a commit costs on the embedded engine is the pages it touches: ids that
// begin with the time of their event, and alike for all that one commit
// creates, cost a third of ids in no order (sqlite: BenchmarkCommit).
type Key struct {
	Tenant string
	Kind   string
	ID     string
}

// String is tenant/kind/id.
func (k Key) String() string { return k.Tenant + "/" + k.Kind + "/" + k.ID }

// Entry puts a document into an index. Within (tenant, Index, Partition)
// documents stand in byte order of Sort, then of Key.String. A document has at
// most one entry an index. All parts are valid UTF-8 without control
// characters; Index and Partition are not empty, and Index holds no '/'. No
// part holds personal data.
type Entry struct {
	Index     string
	Partition string
	Sort      string
}

// Doc is a stored document. Version is opaque, changes with every write, and
// is "" for a document that is not there.
type Doc struct {
	Key     Key
	Version string
	Body    []byte
}

// Exists reports whether the document was there when it was read.
func (d Doc) Exists() bool { return d.Version != "" }

// Act is what an operation does.
type Act string

const (
	Put    Act = "put"    // create or replace, body and index entries alike
	Delete Act = "delete" // remove, index entries too; absent is fine unless expected otherwise
	Check  Act = "check"  // write nothing, only hold the expectation
)

// Validate reports whether a is one of the set.
func (a Act) Validate() error {
	switch a {
	case Put, Delete, Check:
		return nil
	}
	return fmt.Errorf("store: unknown act %q", string(a))
}

// Expect is the condition under which an operation, and with it the whole
// commit, is applied. The zero value expects nothing.
type Expect struct {
	// State is "", "absent", "present" or "version".
	State string
	// Version goes with state "version".
	Version string
}

// Validate reports whether e is one of what Any, Absent, Present and At return.
func (e Expect) Validate() error {
	switch {
	case e.State == "version" && e.Version != "", (e.State == "" || e.State == "absent" || e.State == "present") && e.Version == "":
		return nil
	}
	return fmt.Errorf("store: unknown expectation %q", e.State)
}

// Any expects nothing.
func Any() Expect { return Expect{} }

// Absent expects that there is no such document.
func Absent() Expect { return Expect{State: "absent"} }

// Present expects a document of any version.
func Present() Expect { return Expect{State: "present"} }

// At expects the document as it was read: At of a Doc that was not there is
// Absent.
func At(version string) Expect {
	if version == "" {
		return Absent()
	}
	return Expect{State: "version", Version: version}
}

// Op is one operation of a commit. No two operations of a commit share a key.
type Op struct {
	Key    Key
	Act    Act
	Expect Expect
	Body   []byte  // for Put; not retained after Commit returns
	Index  []Entry // for Put
}

// Query asks for the documents of one index partition with From <= Sort < To;
// an empty To is unbounded. Token continues a page of the same query, perhaps
// with another limit or range.
type Query struct {
	Tenant    string
	Index     string
	Partition string
	From, To  string
	Limit     int  // 1..MaxPage; 0 means 100
	Desc      bool // from the greatest Sort down
	Token     string
}

// Page is the answer to a Query. Next is "" on the last page; a page before it
// may hold fewer documents than the limit, even none. A token holds no
// personal data, is not secret, and is refused (fault.Invalid) by a query for
// another tenant, index, partition or direction.
type Page struct {
	Docs []Doc
	Next string
}

// Store is what a driver implements. All methods may be called at once from
// many goroutines.
type Store interface {
	// Get reads up to MaxKeys documents, in the order asked, as of one moment
	// not earlier than the call. A document that is not there comes back with
	// an empty Version and its key. The same key may be asked twice.
	Get(ctx context.Context, keys ...Key) ([]Doc, error)

	// Commit applies all operations or none. On nil they are durable and
	// visible to every later Get. fault.Conflict: an expectation did not
	// hold, nothing was applied; which one is not told (Firestore does not).
	// fault.Invalid or fault.TooLarge: a limit of this package; nothing was
	// applied. Any other error, a cancelled context included, leaves the
	// outcome unknown: all or none. The caller finds out by a document whose
	// absence it demanded.
	Commit(ctx context.Context, ops ...Op) error

	// Query reads a page of an index. It may lag behind commits; a document
	// that is gone or has left the partition meanwhile may be missing, and no
	// document is older than the entry that found it. Following Next visits
	// every document that stays in the range exactly once.
	Query(ctx context.Context, q Query) (Page, error)

	// Close waits for commits under way. Later calls fail with
	// fault.Unavailable.
	Close() error
}

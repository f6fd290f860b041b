// Package store is the document store port: the least that DynamoDB,
// Firestore and SQLite can all promise, and nothing a handler must know of
// them. Drivers stand beside it (sqlite; later dynamodb, firestore), and each
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

	"github.com/okence/okence/shared/fault"
)

// Limits that every driver enforces alike, so that a test on the embedded
// engine finds what the cloud engine would refuse.
const (
	MaxOps     = 100       // operations a commit: DynamoDB's TransactWriteItems limit
	MaxBody    = 300 << 10 // bytes a document: under DynamoDB's 400 KB item, index entries included
	MaxEntries = 5         // index entries a document
	MaxKeys    = 100       // keys a Get: DynamoDB's TransactGetItems limit
	MaxPage    = 1000      // documents a page
)

// Key names a document. All three parts are non-empty, valid UTF-8 without
// control characters or '/' (ID may hold '/'), at most 255 bytes together.
// No part holds personal data.
type Key struct {
	Tenant string
	Kind   string
	ID     string
}

// String is tenant/kind/id.
func (k Key) String() string { return k.Tenant + "/" + k.Kind + "/" + k.ID }

// Entry puts a document into an index. Within (tenant, Index, Partition)
// documents stand in byte order of Sort, then of their key. A document has at
// most one entry an index.
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
// an empty To is unbounded. Token continues a page of the same query.
type Query struct {
	Tenant    string
	Index     string
	Partition string
	From, To  string
	Limit     int  // 1..MaxPage; 0 means 100
	Desc      bool // from the greatest Sort down
	Token     string
}

// Page is the answer to a Query. Next is "" on the last page. A token holds no
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

// CheckOps refuses what no driver accepts: fault.Invalid or fault.TooLarge.
// Drivers call it first, so that all refuse alike.
func CheckOps(ops []Op) error {
	if len(ops) == 0 {
		return fault.New(fault.Invalid, "store: a commit without operations")
	}
	if len(ops) > MaxOps {
		return fault.New(fault.TooLarge, "store: %d operations in a commit, at most %d", len(ops), MaxOps)
	}
	for i := range ops {
		op := &ops[i]
		if err := CheckKey(op.Key); err != nil {
			return err
		}
		if err := op.Act.Validate(); err != nil {
			return fault.New(fault.Invalid, "%s", err)
		}
		if len(op.Body) > MaxBody {
			return fault.New(fault.TooLarge, "store: a body of %d bytes for kind %s, at most %d", len(op.Body), op.Key.Kind, MaxBody)
		}
		if len(op.Index) > MaxEntries {
			return fault.New(fault.TooLarge, "store: %d index entries for kind %s, at most %d", len(op.Index), op.Key.Kind, MaxEntries)
		}
		if op.Act != Put && (op.Body != nil || op.Index != nil) {
			return fault.New(fault.Invalid, "store: %s of kind %s with a body or index entries", op.Act, op.Key.Kind)
		}
		for j := range ops[:i] {
			if ops[j].Key == op.Key {
				return fault.New(fault.Invalid, "store: two operations on %s", op.Key)
			}
		}
		for j, e := range op.Index {
			if e.Index == "" || e.Partition == "" {
				return fault.New(fault.Invalid, "store: an index entry of kind %s without index or partition", op.Key.Kind)
			}
			for _, f := range op.Index[:j] {
				if e.Index == f.Index {
					return fault.New(fault.Invalid, "store: two entries in index %s for kind %s", e.Index, op.Key.Kind)
				}
			}
		}
	}
	return nil
}

// CheckKey refuses a key that breaks the rules of Key with fault.Invalid.
func CheckKey(k Key) error {
	if k.Tenant == "" || k.Kind == "" || k.ID == "" || len(k.Tenant)+len(k.Kind)+len(k.ID) > 255 {
		return fault.New(fault.Invalid, "store: a key of kind %q has an empty part or is too long", k.Kind)
	}
	for i, part := range [3]string{k.Tenant, k.Kind, k.ID} {
		for _, r := range part {
			if r < 0x20 || r == 0x7f || r == 0xfffd || (r == '/' && i < 2) {
				return fault.New(fault.Invalid, "store: a key of kind %q has a character that is not allowed", k.Kind)
			}
		}
	}
	return nil
}

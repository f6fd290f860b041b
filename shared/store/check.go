package store

import (
	"strings"
	"unicode/utf8"

	"github.com/okence/okence/shared/fault"
)

// CheckOps refuses what no driver accepts: fault.Invalid or fault.TooLarge.
// Drivers call it first, so that all refuse alike.
func CheckOps(ops []Op) error {
	if len(ops) == 0 {
		return fault.New(fault.Invalid, "store: a commit without operations")
	}
	if len(ops) > MaxOps {
		return fault.New(fault.TooLarge, "store: %d operations in a commit, at most %d", len(ops), MaxOps)
	}
	total := 0
	for i := range ops {
		op := &ops[i]
		if err := checkOp(op); err != nil {
			return err
		}
		for j := range ops[:i] {
			if ops[j].Key == op.Key {
				return fault.New(fault.Invalid, "store: two operations on %s", op.Key)
			}
		}
		total += len(op.Body)
	}
	if total > MaxCommit {
		return fault.New(fault.TooLarge, "store: %d bytes of bodies in a commit, at most %d", total, MaxCommit)
	}
	return nil
}

func checkOp(op *Op) error {
	if err := CheckKey(op.Key); err != nil {
		return err
	}
	if err := op.Act.Validate(); err != nil {
		return fault.New(fault.Invalid, "%s", err)
	}
	if err := op.Expect.Validate(); err != nil {
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
	for i, e := range op.Index {
		if err := checkPartition(e.Index, e.Partition); err != nil {
			return err
		}
		if len(e.Sort) > MaxSort {
			return fault.New(fault.TooLarge, "store: a sort of %d bytes in index %s, at most %d", len(e.Sort), e.Index, MaxSort)
		}
		if !clean(e.Sort) {
			return fault.New(fault.Invalid, "store: a sort in index %s has a character that is not allowed", e.Index)
		}
		for _, f := range op.Index[:i] {
			if e.Index == f.Index {
				return fault.New(fault.Invalid, "store: two entries in index %s for kind %s", e.Index, op.Key.Kind)
			}
		}
	}
	return nil
}

// CheckKey refuses a key that breaks the rules of Key with fault.Invalid.
func CheckKey(k Key) error {
	if k.Tenant == "" || k.Kind == "" || k.ID == "" || len(k.Tenant)+len(k.Kind)+len(k.ID) > MaxKey {
		return fault.New(fault.Invalid, "store: a key of kind %q has an empty part or is too long", k.Kind)
	}
	if !name(k.Tenant) || !name(k.Kind) || !clean(k.ID) {
		return fault.New(fault.Invalid, "store: a key of kind %q has a character that is not allowed", k.Kind)
	}
	return nil
}

// CheckKeys refuses what no driver's Get accepts.
func CheckKeys(keys []Key) error {
	if len(keys) > MaxKeys {
		return fault.New(fault.TooLarge, "store: %d keys in a get, at most %d", len(keys), MaxKeys)
	}
	for _, k := range keys {
		if err := CheckKey(k); err != nil {
			return err
		}
	}
	return nil
}

// CheckQuery refuses what no driver's Query accepts, and returns the number of
// documents a page. It does not look at the token: see Query.Cursor.
func CheckQuery(q Query) (limit int, err error) {
	if q.Tenant == "" || len(q.Tenant) > MaxKey || !name(q.Tenant) {
		return 0, fault.New(fault.Invalid, "store: a query of index %q without a valid tenant", q.Index)
	}
	if err := checkPartition(q.Index, q.Partition); err != nil {
		return 0, err
	}
	if len(q.From) > MaxSort || len(q.To) > MaxSort || !clean(q.From) || !clean(q.To) {
		return 0, fault.New(fault.Invalid, "store: a query of index %s with a bound that no sort can have", q.Index)
	}
	switch {
	case q.Limit == 0:
		return 100, nil
	case q.Limit < 0:
		return 0, fault.New(fault.Invalid, "store: a query with limit %d", q.Limit)
	case q.Limit > MaxPage:
		return 0, fault.New(fault.TooLarge, "store: a query with limit %d, at most %d", q.Limit, MaxPage)
	}
	return q.Limit, nil
}

func checkPartition(index, partition string) error {
	if index == "" || partition == "" || len(index)+len(partition) > MaxSort {
		return fault.New(fault.Invalid, "store: index %q and its partition have an empty part or are too long", index)
	}
	if !name(index) || !clean(partition) {
		return fault.New(fault.Invalid, "store: index %q or its partition has a character that is not allowed", index)
	}
	return nil
}

// name reports whether s is clean and has no '/'.
func name(s string) bool { return strings.IndexByte(s, '/') < 0 && clean(s) }

// clean reports whether s is valid UTF-8 without control characters.
func clean(s string) bool {
	ascii := true
	for i := range len(s) {
		if c := s[i]; c < 0x20 || c == 0x7f {
			return false
		} else if c >= utf8.RuneSelf {
			ascii = false
		}
	}
	if ascii {
		return true
	}
	for _, r := range s { // U+0080 to U+009F are control characters too
		if r >= 0x80 && r < 0xa0 {
			return false
		}
	}
	return utf8.ValidString(s)
}

package record

import (
	"reflect"
	"slices"
	"strconv"

	"github.com/okence/okence/shared/store"
	"github.com/okence/okence/shared/vault"
)

// ByOwner is the index in which everything of a person is found: partition the
// owner, sort the kind. Every record stands in it that has personal data of a
// person, and every record whose defaults name an owner; nobody declares it, so
// a kind that is added is found. The second owner of a record stands in ByOwner
// + "2", and so on.
const ByOwner = "owner"

// Owners are the persons whose data a record holds, by its technical fields.
// rec may have its clear part alone. The tenant's own owners are none.
func (s *Shape) Owners(rec any) []string {
	v := reflect.ValueOf(rec).Elem()
	var out []string
	for _, i := range s.ownerIdx {
		if id := v.Field(i).String(); (vault.Owner{Subject: id}).Personal() && id != "" && !slices.Contains(out, id) {
			out = append(out, id)
		}
	}
	return out
}

// ownerEntries are the index entries by which a person's records are found.
func (s *Shape) ownerEntries(rec any) []store.Entry {
	var out []store.Entry
	for i, id := range s.Owners(rec) {
		out = append(out, store.Entry{Index: OwnerIndex(i), Partition: id, Sort: s.Name})
	}
	return out
}

// OwnerIndex is the index of the owner at place i of a record, from 0.
func OwnerIndex(i int) string {
	if i == 0 {
		return ByOwner
	}
	return ByOwner + strconv.Itoa(i+1)
}

// MaxOwners is how many owners a record of any kind of this program may have.
func MaxOwners() int {
	n := 1
	for _, s := range all {
		n = max(n, len(s.ownerIdx))
	}
	return n
}

// owners finds the fields that name owners: those of the groups, and that of the
// defaults, which says whom a record without personal fields is about.
func (s *Shape) owners(t reflect.Type) {
	add := func(i int) {
		if i >= 0 && !slices.Contains(s.ownerIdx, i) {
			s.ownerIdx = append(s.ownerIdx, i)
		}
	}
	if f, ok := t.FieldByName("_"); ok {
		var defaults Field
		if defaults.parse(f.Tag.Get(tagName)) == nil {
			add(fieldRef(t, defaults.Owner))
		}
	}
	for i := range s.groups {
		add(s.groups[i].ownerField)
	}
}

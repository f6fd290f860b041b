package record

import (
	"slices"
	"strconv"

	"github.com/okence/okence/shared/domain/retention"
	"github.com/okence/okence/shared/fault"
	"github.com/okence/okence/shared/store"
)

// Anonymous owns what has been anonymised.
const Anonymous = retention.Anonymous

// ByRetention is the index in which retention finds what is due: partition
// LifePartition, sort the instant from which its period runs. A second person in
// the same record stands in ByRetention + "2", and so on.
const ByRetention = "retention"

// ByAgreement is the index in which retention finds what may have an agreement's
// own term: as ByRetention, by AgreedPartition. What stands here stands there
// too: nothing is lost where a pack no longer knows a service.
const ByAgreement = "agreement"

// LifePartition names the records of a kind that a rule of the schedule is about:
// by store, class of person and retention class.
func LifePartition(kind, storeName, of, class string) string {
	return kind + "/" + storeName + "/" + of + "/" + class
}

// AgreedPartition is that part of a LifePartition which is about a service. What
// is about several stands in that of the first one by name.
func AgreedPartition(life, service string) string { return life + "/" + service }

// Agreed says that records of a kind stand in ByAgreement.
func Agreed[T any]() Option[T] { return func(s *Shape) { s.Agreed = true } }

// AgreedOf is the service under which ByAgreement has a life; "" is none.
func AgreedOf(l retention.Life) string {
	for _, service := range l.Services {
		if service != "" {
			return service
		}
	}
	return ""
}

// End says what ends the records of a kind. Exactly one of its fields is set.
type End struct {
	Lives bool   // records say so themselves: Lives
	With  string // they go with the records that name or hold them
	By    string // the package that ends them otherwise, and after what
}

// Lives says how long a record lives, person by person: retention finds it by
// index and decides by the tenant's pack. The stores and retention classes of a
// kind are those that lives tells of an empty record; a record of the kind that
// lives elsewhere is refused when it is saved, since retention would not look
// for it there.
func Lives[T any](lives func(*T) []retention.Life) Option[T] {
	return func(s *Shape) {
		s.End.Lives = true
		s.lives = func(v any) []retention.Life { return lives(v.(*T)) }
		for _, l := range lives(new(T)) {
			s.homes = append(s.homes, home{l.Store, l.Class, l.Of == retention.Anyone})
		}
	}
}

// home is where records of a kind live. anyone: whatever class of person they are
// of, no rule asks.
type home struct {
	store, class string
	anyone       bool
}

// LivesIn reports whether records of kind s live in a store under a retention
// class.
func (s *Shape) LivesIn(storeName, class string) bool {
	return slices.ContainsFunc(s.homes, func(h home) bool { return h.store == storeName && h.class == class })
}

// LivesOf reports whether they do as data of a class of person. A kind whose empty
// record is of anyone is of nobody else.
func (s *Shape) LivesOf(storeName, of, class string) bool {
	return slices.ContainsFunc(s.homes, func(h home) bool {
		return h.store == storeName && h.class == class && (!h.anyone || of == retention.Anyone)
	})
}

// MaxLives is how many index entries of lives a record of kind s has at most.
func (s *Shape) MaxLives() int { return max(1, len(s.ownerIdx)) }

// settled refuses a record whose lives retention would not find.
func (s *Shape) settled(rec any) error {
	for _, l := range s.Lives(rec) {
		if !s.LivesOf(l.Store, l.Of, l.Class) {
			return fault.New(fault.Internal, "record: a %s lives where no empty one does: see record.Lives", s.Name)
		}
	}
	if s.Agreed && len(s.Lives(rec)) > 1 {
		return fault.New(fault.Internal, "record: a %s in ByAgreement has one life", s.Name)
	}
	if len(s.lifeEntries(rec)) > s.MaxLives() && !s.Agreed {
		return fault.New(fault.Internal, "record: a %s has more lives than owners", s.Name)
	}
	return nil
}

// GoesWith says that a record has no life of its own.
func GoesWith[T any](what string) Option[T] { return func(s *Shape) { s.End.With = what } }

// EndsBy says who ends a record otherwise.
func EndsBy[T any](who string) Option[T] { return func(s *Shape) { s.End.By = who } }

// Along names the records that go with a record, from its clear part.
func Along[T any](parts func(*T) []retention.Part) Option[T] {
	return func(s *Shape) { s.along = func(v any) []retention.Part { return parts(v.(*T)) } }
}

// Under says that records of this kind are found under one of another kind,
// by an index whose partition is that one's id.
func Under[T any](kind, index string) Option[T] {
	return func(s *Shape) { s.Parents = append(s.Parents, Parent{kind, index}) }
}

// Parent is where records of a kind are found.
type Parent struct{ Kind, Index string }

// ByName returns the kind of that name, or nil.
func ByName(name string) *Shape { return byName[name] }

var byName = map[string]*Shape{}

// Lives lists a record's lives, those of persons who are still in it. rec may
// have its clear part alone.
func (s *Shape) Lives(rec any) []retention.Life {
	if s.lives == nil {
		return nil
	}
	var out []retention.Life
	for _, l := range s.lives(rec) {
		if l.Subject != Anonymous {
			out = append(out, l)
		}
	}
	return out
}

// Along lists the records that go with a record.
func (s *Shape) Along(rec any) []retention.Part {
	if s.along == nil {
		return nil
	}
	return s.along(rec)
}

// Children lists the kinds whose records are found under one of kind s.
func (s *Shape) Children() (kinds []*Shape, indexes []string) {
	for _, c := range all {
		for _, p := range c.Parents {
			if p.Kind == s.Name {
				kinds, indexes = append(kinds, c), append(indexes, p.Index)
			}
		}
	}
	return kinds, indexes
}

// lifeEntries are the index entries by which retention finds a record.
func (s *Shape) lifeEntries(rec any) []store.Entry {
	var out []store.Entry
	for _, l := range s.Lives(rec) {
		e := store.Entry{Partition: LifePartition(s.Name, l.Store, l.Of, l.Class), Sort: Sortable(l.Since)}
		found := slices.ContainsFunc(out, func(o store.Entry) bool { return o.Partition == e.Partition && o.Sort == e.Sort })
		if l.Since.IsZero() || l.ByStatus || found { // one entry finds all who live as long
			continue
		}
		e.Index = ByRetention
		if len(out) > 0 {
			e.Index += strconv.Itoa(len(out) + 1)
		}
		out = append(out, e)
	}
	for _, l := range s.Lives(rec) {
		if of := AgreedOf(l); s.Agreed && of != "" && !l.Since.IsZero() {
			life := LifePartition(s.Name, l.Store, l.Of, l.Class)
			return append(out, store.Entry{Index: ByAgreement, Partition: AgreedPartition(life, of), Sort: Sortable(l.Since)})
		}
	}
	return out
}

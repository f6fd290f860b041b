package record

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"

	"github.com/okence/okence/shared/domain/retention"
	"github.com/okence/okence/shared/fault"
	"github.com/okence/okence/shared/store"
	"github.com/okence/okence/shared/vault"
)

// Kind is a kind of record whose Go form is T.
type Kind[T any] struct {
	*Shape
}

// Shape is what is known of a kind without its Go type.
type Shape struct {
	Name    string // stands in keys; never renamed
	Schema  int    // counts up with every change of the stored form
	Fields  []Field
	End     End      // what ends its records
	Parents []Parent // under which they are found
	Agreed  bool     // they stand in ByAgreement

	lives func(any) []retention.Life
	homes []home
	along func(any) []retention.Part

	typ      reflect.Type
	id       int                 // index of the ID field
	clear    func() reflect.Type // the technical fields
	clearIdx []int
	groups   []group
	ownerIdx []int // the fields that name whose data it is
	index    func(any) []store.Entry
	upgrades map[int]Upgrade // by the schema they start from
}

// group is the fields that one sealed part holds.
type group struct {
	name                   string
	owner, class           string
	purpose                Purpose
	typ                    func() reflect.Type
	fields                 []int
	file                   bool
	ownerField, classField int // -1 for a literal
}

// Upgrade lifts the fields of one stored part from one schema to the next, by
// their JSON names. It must cope with fields that are not there: the clear part
// and each sealed part are lifted apart.
type Upgrade func(fields map[string]json.RawMessage) error

// Option of Define.
type Option[T any] func(*Shape)

// Indexed says in which indexes a record stands.
func Indexed[T any](entries func(*T) []store.Entry) Option[T] {
	return func(s *Shape) { s.index = func(v any) []store.Entry { return entries(v.(*T)) } }
}

// asIs is the upgrade to a schema that only has more: what is missing is not
// known.
func asIs(map[string]json.RawMessage) error { return nil }

// From adds the upgrade that starts at the given schema.
func From[T any](schema int, up Upgrade) Option[T] {
	return func(s *Shape) { s.upgrades[schema] = up }
}

// All lists every kind defined in this program, in order of definition.
func All() []*Shape { return slices.Clone(all) }

var all []*Shape

// Define makes a kind. It panics when T is not fully classified, has no ID
// field, or lacks an upgrade: a program with such a kind must not start.
func Define[T any](name string, schema int, options ...Option[T]) *Kind[T] {
	s, err := shapeOf(reflect.TypeFor[T](), name, schema)
	if err != nil {
		panic(err)
	}
	for _, o := range options {
		o(s)
	}
	for v := 1; v < schema; v++ {
		if s.upgrades[v] == nil {
			panic(fmt.Sprintf("record: kind %s has no upgrade from schema %d", name, v))
		}
	}
	for _, other := range all {
		if other.Name == name {
			panic(fmt.Sprintf("record: kind %s defined twice", name))
		}
	}
	all = append(all, s)
	byName[name] = s
	return &Kind[T]{s}
}

func shapeOf(t reflect.Type, name string, schema int) (*Shape, error) {
	fields, err := classify(t)
	if err != nil {
		return nil, err
	}
	s := &Shape{Name: name, Schema: schema, Fields: fields, typ: t, id: -1, upgrades: map[int]Upgrade{}}
	var clear []reflect.StructField
	byGroup := map[string]*group{}
	var order []string
	for _, f := range fields {
		sf := t.Field(f.index)
		if f.Name == "ID" && sf.Type.Kind() == reflect.String && !f.Personal {
			s.id = f.index
		}
		if !f.Personal {
			clear = append(clear, projected(sf))
			s.clearIdx = append(s.clearIdx, f.index)
			continue
		}
		key := strings.Join([]string{f.Owner, f.Class, string(f.Purpose)}, "|")
		if f.File {
			key = "file " + f.Name
		}
		g := byGroup[key]
		if g == nil {
			g = &group{name: key, owner: f.Owner, class: f.Class, purpose: f.Purpose, file: f.File}
			g.ownerField, g.classField = fieldRef(t, f.Owner), fieldRef(t, f.Class)
			byGroup[key] = g
			order = append(order, key)
		}
		g.fields = append(g.fields, f.index)
	}
	if s.id < 0 {
		return nil, fmt.Errorf("record: %s has no technical ID field", t)
	}
	s.clear = structOf(clear)
	for _, key := range order {
		g := byGroup[key]
		if !g.file {
			var sfs []reflect.StructField
			for _, i := range g.fields {
				sfs = append(sfs, projected(t.Field(i)))
			}
			g.typ = structOf(sfs)
		}
		s.groups = append(s.groups, *g)
	}
	s.owners(t)
	return s, nil
}

// structOf makes a type when it is first used: a function's process starts with all
// kinds and writes a few.
func structOf(fields []reflect.StructField) func() reflect.Type {
	return sync.OnceValue(func() reflect.Type { return reflect.StructOf(fields) })
}

func projected(sf reflect.StructField) reflect.StructField {
	return reflect.StructField{Name: sf.Name, Type: sf.Type, Tag: sf.Tag}
}

func fieldRef(t reflect.Type, expr string) int {
	if name, ok := strings.CutPrefix(expr, "."); ok {
		f, _ := t.FieldByName(name)
		return f.Index[0]
	}
	return -1
}

// Plain is a record taken apart, before sealing or after opening.
type Plain struct {
	Schema int
	Clear  []byte // JSON
	Parts  []Part
}

// Part is one sealed part in the plain: JSON, or the bytes of a file.
type Part struct {
	Name    string
	Owner   vault.Owner
	Purpose Purpose
	File    bool
	Bytes   []byte
}

// ID returns the id of a record of this kind.
func (s *Shape) ID(rec any) string { return reflect.ValueOf(rec).Elem().Field(s.id).String() }

// Key returns the store key of the record with the given id.
func (s *Shape) Key(tenant, id string) store.Key {
	return store.Key{Tenant: tenant, Kind: s.Name, ID: id}
}

// Entries returns the index entries of a record: its kind's own, and those of its
// owners.
func (s *Shape) Entries(rec any) []store.Entry {
	owned := s.ownerEntries(rec)
	if s.index == nil {
		return append(owned, s.lifeEntries(rec)...)
	}
	return slices.Concat(s.index(rec), owned, s.lifeEntries(rec))
}

// Split takes a record apart. A part whose fields are all empty is left out: an
// empty name needs no key.
func (s *Shape) Split(rec any) (Plain, error) {
	if err := s.settled(rec); err != nil {
		return Plain{}, err
	}
	v := reflect.ValueOf(rec).Elem()
	clear, err := project(v, s.clear(), s.clearIdx)
	if err != nil {
		return Plain{}, fault.New(fault.Internal, "record: %s can't be encoded", s.Name)
	}
	p := Plain{Schema: s.Schema, Clear: clear}
	for i := range s.groups {
		g := &s.groups[i]
		if allZero(v, g.fields) {
			continue
		}
		part := Part{Name: g.name, Purpose: g.purpose, File: g.file, Owner: vault.Owner{Subject: g.owner, Class: g.class}}
		if g.ownerField >= 0 {
			part.Owner.Subject = v.Field(g.ownerField).String()
		}
		if g.classField >= 0 {
			part.Owner.Class = v.Field(g.classField).String()
		}
		if part.Owner.Subject == "" || part.Owner.Class == "" {
			return Plain{}, fault.New(fault.Internal, "record: %s has personal data and no owner for it", s.Name)
		}
		if g.file {
			part.Bytes = v.Field(g.fields[0]).Bytes()
		} else if part.Bytes, err = project(v, g.typ(), g.fields); err != nil {
			return Plain{}, fault.New(fault.Internal, "record: %s can't be encoded", s.Name)
		}
		p.Parts = append(p.Parts, part)
	}
	return p, nil
}

func allZero(v reflect.Value, fields []int) bool {
	for _, i := range fields {
		if f := v.Field(i); !f.IsZero() && (f.Kind() != reflect.Slice || f.Len() > 0) {
			return false
		}
	}
	return true
}

func project(v reflect.Value, t reflect.Type, fields []int) ([]byte, error) {
	out := reflect.New(t)
	for j, i := range fields {
		out.Elem().Field(j).Set(v.Field(i))
	}
	return json.Marshal(out.Interface())
}

// Join fills rec, a pointer to the kind's Go type, from a record in the plain.
// Parts that were not opened are simply not there; their fields stay empty.
func (s *Shape) Join(rec any, p Plain) error {
	if p.Schema > s.Schema {
		return fault.New(fault.Unavailable, "record: %s is of schema %d, this program knows %d: deploy the newer one", s.Name, p.Schema, s.Schema)
	}
	if err := s.fill(rec, p.Schema, p.Clear); err != nil {
		return err
	}
	for _, part := range p.Parts {
		if !part.File {
			if err := s.fill(rec, p.Schema, part.Bytes); err != nil {
				return err
			}
			continue
		}
		for i := range s.groups {
			if s.groups[i].name == part.Name {
				reflect.ValueOf(rec).Elem().Field(s.groups[i].fields[0]).SetBytes(part.Bytes)
			}
		}
	}
	return nil
}

func (s *Shape) fill(rec any, schema int, body []byte) error {
	for ; schema < s.Schema; schema++ {
		fields := map[string]json.RawMessage{}
		if err := json.Unmarshal(body, &fields); err != nil {
			return fault.New(fault.Internal, "record: a stored %s is damaged", s.Name)
		}
		if err := s.upgrades[schema](fields); err != nil {
			return fault.New(fault.Internal, "record: a stored %s of schema %d can't be upgraded", s.Name, schema)
		}
		var err error
		if body, err = json.Marshal(fields); err != nil {
			return fault.New(fault.Internal, "record: a stored %s of schema %d can't be upgraded", s.Name, schema)
		}
	}
	if err := json.Unmarshal(body, rec); err != nil {
		return fault.New(fault.Internal, "record: a stored %s is damaged", s.Name)
	}
	return nil
}

// New returns a pointer to an empty Go form.
func (s *Shape) New() any { return reflect.New(s.typ).Interface() }

// File returns the bytes of a file field of a record.
func (s *Shape) File(rec any, field string) []byte {
	for i := range s.groups {
		if g := &s.groups[i]; g.file && g.name == "file "+field {
			return reflect.ValueOf(rec).Elem().Field(g.fields[0]).Bytes()
		}
	}
	return nil
}

package work

import (
	"context"
	"strconv"
	"strings"

	"github.com/okence/okence/shared/access"
	"github.com/okence/okence/shared/domain/audit"
	"github.com/okence/okence/shared/fault"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/store"
)

// Owned is one record in which a person stands, whatever its kind.
type Owned struct {
	Shape *record.Shape
	ID    string
	Rec   any      // pointer to the kind's Go form: clear part, and what was opened of the person's
	Files []string // names of file fields of the person that are there; OpenOwned opens one
	Gone  bool     // a part was not opened: its key has been destroyed

	slot *slot
}

// OwnedPage is a page of records, with the cursor of the next one.
type OwnedPage struct {
	Items []*Owned
	Next  string
}

// ListOwned reads a page of everything in which a person stands, kind by kind,
// and opens the person's own parts; what the same record holds of another person
// stays closed. It costs in proportion to the records of that person alone, and
// notes one view a kind, not a record. An index may lag: it is for showing.
// cursor is "" at first. fault.Forbidden: the person's data is restricted and the
// unit's purpose is none of article 18(2).
func ListOwned(ctx context.Context, u *Unit, subject, cursor string, limit int) (OwnedPage, error) {
	q := store.Query{Tenant: u.scope.Tenant, Partition: subject, Limit: limit}
	at, token, _ := strings.Cut(cursor, " ")
	place, _ := strconv.Atoi(at)
	if place < 0 || place >= record.MaxOwners() {
		return OwnedPage{}, fault.New(fault.Invalid, "work: not a cursor of this list")
	}
	q.Index, q.Token = record.OwnerIndex(place), token
	docs, err := u.env.Store.Query(ctx, q)
	if err != nil {
		return OwnedPage{}, err
	}
	var page OwnedPage
	for _, d := range docs.Docs {
		shape := kindNamed(d.Key.Kind)
		if shape == nil {
			return page, fault.New(fault.Unavailable, "work: %s is of a kind that this program does not know: deploy the newer one", d.Key)
		}
		s := &slot{shape: shape, key: d.Key}
		if err := s.fill(d); err != nil {
			return page, err
		}
		o, err := u.openOwned(ctx, s, subject)
		if err != nil {
			return page, err
		}
		page.Items = append(page.Items, o)
	}
	switch {
	case docs.Next != "":
		page.Next = strconv.Itoa(place) + " " + docs.Next
	case place+1 < record.MaxOwners():
		page.Next = strconv.Itoa(place+1) + " "
	}
	return page, nil
}

// openOwned opens what a record holds of one person.
func (u *Unit) openOwned(ctx context.Context, s *slot, subject string) (*Owned, error) {
	o := &Owned{Shape: s.shape, ID: s.key.ID, Rec: s.shape.New(), slot: s}
	plain := record.Plain{Schema: s.body.Schema, Clear: s.body.Clear}
	saw := false
	for _, p := range s.body.Parts {
		if p.Owner.Subject != subject || !access.Opens(u.scope.Use, p.Purpose) {
			continue
		}
		saw = true
		if p.File {
			o.Files = append(o.Files, strings.TrimPrefix(p.Name, "file "))
			continue
		}
		opened, err := u.unseal(ctx, s, []record.Sealed{p})
		if fault.Is(err, fault.Gone) {
			o.Gone = true
			continue
		}
		if err != nil {
			return nil, err
		}
		plain.Parts = append(plain.Parts, record.Part{Name: p.Name, Owner: p.Owner, Purpose: p.Purpose, Bytes: opened[0]})
	}
	if saw {
		u.noted(audit.View, subject).add(audit.Item{Kind: s.shape.Name, ID: "all"})
	}
	return o, s.shape.Join(o.Rec, plain)
}

// OpenOwned opens a file of a record that ListOwned found. fault.NotFound: there
// is none; fault.Gone: its key has been destroyed.
func OpenOwned(ctx context.Context, u *Unit, o *Owned, field string) ([]byte, error) {
	for _, p := range o.slot.body.Parts {
		if p.Name == "file "+field {
			out, err := u.unseal(ctx, o.slot, []record.Sealed{p})
			if err != nil {
				return nil, err
			}
			return out[0], nil
		}
	}
	return nil, fault.New(fault.NotFound, "no file %s in %s %s", field, o.Shape.Name, o.ID)
}

func kindNamed(name string) *record.Shape {
	for _, s := range record.All() {
		if s.Name == name {
			return s
		}
	}
	return nil
}

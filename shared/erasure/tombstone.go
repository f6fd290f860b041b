package erasure

import (
	"context"
	"encoding/json"
	"time"

	"github.com/okence/okence/shared/domain/retention"
	"github.com/okence/okence/shared/fault"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/store"
	"github.com/okence/okence/shared/work"
)

const (
	kindTombstone  = "tombstone"
	indexTombstone = "tombstone" // partition "all", sort: when it was written
)

// Tombstone says what a page has erased: ids, never content. It stands outside
// the backups of the data, so that a restored one can be made to forget again
// (P13).
type Tombstone struct {
	V       int              `json:"v"`
	Page    string           `json:"page"`
	At      time.Time        `json:"at"`
	Items   []retention.Item `json:"items"`
	Persons []string         `json:"persons,omitempty"` // whose contact went as well
}

const tombstoneVersion = 1

// bury writes the tombstone of a page. Writing it again changes nothing.
func (e *Eraser) bury(ctx context.Context, tenant string, p *retention.Page, gone []string) error {
	t := Tombstone{V: tombstoneVersion, Page: p.ID, At: e.env.Now().UTC(), Persons: gone}
	for i, r := range p.Results {
		if r.Outcome == retention.Done {
			t.Items = append(t.Items, p.Items[i])
		}
	}
	if len(t.Items)+len(t.Persons) == 0 {
		return nil
	}
	body, err := json.Marshal(t)
	if err != nil {
		return fault.New(fault.Internal, "erasure: a tombstone can't be encoded")
	}
	return e.tombs.Commit(ctx, store.Op{
		Key: store.Key{Tenant: tenant, Kind: kindTombstone, ID: p.ID}, Act: store.Put, Body: body,
		Index: []store.Entry{{Index: indexTombstone, Partition: "all", Sort: record.Sortable(t.At)}},
	})
}

// Replayed is what a Replay did.
type Replayed struct {
	Tombstones int
	Items      int // named by them
	Again      int // that a backup had brought back, and that went again
}

// Replay erases again what tombstones name: after a restore, before anything
// else opens the data. It may be cut off and repeated. Holds do not stop it: what
// it erases was erased before.
func (e *Eraser) Replay(ctx context.Context, tenant string, g Generic, progress func(Replayed)) (out Replayed, err error) {
	q := store.Query{Tenant: tenant, Index: indexTombstone, Partition: "all", Limit: store.MaxOps}
	for {
		page, err := e.tombs.Query(ctx, q)
		if err != nil {
			return out, err
		}
		for _, d := range page.Docs {
			var t Tombstone
			if err := json.Unmarshal(d.Body, &t); err != nil || t.V != tombstoneVersion {
				return out, fault.New(fault.Internal, "erasure: tombstone %s is damaged or of a later version", d.Key.ID)
			}
			n, err := e.again(ctx, tenant, t, g)
			if err != nil {
				return out, err
			}
			out.Tombstones, out.Items, out.Again = out.Tombstones+1, out.Items+len(t.Items), out.Again+n
			if progress != nil {
				progress(out)
			}
		}
		if q.Token = page.Next; q.Token == "" {
			return out, nil
		}
	}
}

// again erases what one tombstone names.
func (e *Eraser) again(ctx context.Context, tenant string, t Tombstone, g Generic) (n int, err error) {
	for from := 0; from < len(t.Items); {
		next, here := from, 0
		_, err := e.env.Run(ctx, e.scope(tenant), func(ctx context.Context, u *work.Unit) error {
			next, here = from, 0
			for next < len(t.Items) && u.Weight() < perUnit {
				it := t.Items[next]
				shape := record.ByName(it.Kind)
				if shape == nil {
					return fault.New(fault.Unavailable, "erasure: a tombstone names kind %s, which this program does not know", it.Kind)
				}
				done, err := e.oncemore(ctx, u, work.Named(shape, it.ID), it, g)
				if err != nil {
					return err
				}
				if done == again {
					here++
				}
				if done == partly {
					return nil
				}
				next++
			}
			return nil
		})
		if err != nil {
			return n, err
		}
		from, n = next, n+here
	}
	for _, person := range t.Persons {
		if _, err := e.leave(ctx, tenant, person, ""); err != nil {
			return n, err
		}
	}
	return n, nil
}

type repeated int

const (
	nothing repeated = iota
	again
	partly
)

func (e *Eraser) oncemore(ctx context.Context, u *work.Unit, r work.Ref, it retention.Item, g Generic) (repeated, error) {
	rec, ok, err := u.Clear(ctx, r)
	if err != nil || !ok {
		return nothing, err
	}
	t := took{letters: true}
	switch it.Act {
	case retention.Empty:
		return again, Empty(ctx, u, it.ID)
	case retention.Anonymise:
		subject := it.Subject
		if subject == "" {
			subject = ownerOf(r.Shape(), rec)
		}
		if subject == "" {
			return nothing, nil // anonymous already
		}
		err = e.anonymise(ctx, u, r, rec, subject, g, &t)
	default:
		if it.Rule != "" { // nothing stood under it when it was swept
			err = remove(ctx, u, r, &t)
			break
		}
		_, err = removeFree(ctx, u, r, true, &t)
	}
	if t.more {
		return partly, err
	}
	return again, err
}

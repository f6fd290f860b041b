package erasure

import (
	"context"
	"slices"
	"time"

	"github.com/okence/okence/shared/domain/retention"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/work"
)

// Standing is why some of a person's records would stay if everything were
// erased now: each cause and clause once.
type Standing struct {
	Cause  retention.Cause
	Clause string
	Until  time.Time // when it ends by itself, the latest of several; zero: it is ended by a person
	Count  int       // records
}

// inOneRead is how many records one unit looks at.
const inOneRead = 24

// Look lists what would stay, and how many records would go, in units of its own
// that change nothing. except is the id of the request to be granted; a says which
// cases an archive is asked about first.
func Look(ctx context.Context, env *work.Env, s work.Scope, person, except string, a *Archival) (stays []Standing, records int, err error) {
	s.Source, s.ID = "", "" // no mark: nothing is done
	var all []retention.Item
	if _, err = env.Run(ctx, s, func(ctx context.Context, u *work.Unit) (err error) {
		all, err = Everything(ctx, u, person, func(string) bool { return false })
		return err
	}); err != nil {
		return nil, 0, err
	}
	for some := range slices.Chunk(all, inOneRead) {
		var found []retention.Blocked
		_, err := env.Run(ctx, s, func(ctx context.Context, u *work.Unit) error {
			found = found[:0]
			for _, it := range some {
				blocks, err := standing(ctx, u, it, person, except, a)
				if err != nil {
					return err
				}
				found = append(found, blocks...)
			}
			return nil
		})
		if err != nil {
			return nil, 0, err
		}
		for _, b := range found {
			stays = counted(stays, b)
		}
	}
	return stays, len(all), nil
}

// standing is what keeps one record.
func standing(ctx context.Context, u *work.Unit, it retention.Item, person, except string, a *Archival) ([]retention.Blocked, error) {
	shape := record.ByName(it.Kind)
	rec, ok, err := u.Clear(ctx, work.Named(shape, it.ID))
	if err != nil || !ok {
		return nil, err
	}
	l, ok, err := lifeOf(ctx, u, shape, rec, person)
	if err != nil || !ok {
		return nil, err
	}
	return Blocked(ctx, u, it, l, except, a)
}

func counted(all []Standing, b retention.Blocked) []Standing {
	i := slices.IndexFunc(all, func(s Standing) bool { return s.Cause == b.Cause && s.Clause == b.Clause })
	if i < 0 {
		i, all = len(all), append(all, Standing{Cause: b.Cause, Clause: b.Clause, Until: b.Until})
	}
	s := &all[i]
	s.Count++
	if b.Until.IsZero() || !s.Until.IsZero() && b.Until.After(s.Until) {
		s.Until = b.Until
	}
	return all
}

// Obstacles names what is temporary and may keep some of a person's records now:
// "hold/ID", "request/ID", "restriction/PERSON", "archive/OFFER". A hold that names no person may
// keep a record by its date or ticket. except is the id of the request to be
// granted.
func Obstacles(ctx context.Context, u *work.Unit, person, except string) ([]string, error) {
	f, err := Facts(ctx, u, person)
	if err != nil {
		return nil, err
	}
	var out []string
	for _, h := range f.Holds {
		if f.Now.Before(h.ExpiresAt) && (len(h.Scope.Subjects) == 0 || slices.Contains(h.Scope.Subjects, person)) {
			out = append(out, string(retention.ByHold)+"/"+h.ID)
		}
	}
	if f.Guard != nil {
		for _, s := range f.Guard.Stays {
			if s.Cause == retention.ByRequest && s.Ref != except && (s.Until.IsZero() || f.Now.Before(s.Until)) {
				out = append(out, string(retention.ByRequest)+"/"+s.Ref)
			}
		}
	}
	if f.Restricted {
		out = append(out, string(retention.ByRestriction)+"/"+person)
	}
	asked, err := waiting(ctx, u, person)
	if err != nil {
		return nil, err
	}
	out = append(out, asked...)
	slices.Sort(out)
	return slices.Compact(out), nil
}

package erasure

import (
	"context"

	"github.com/okence/okence/shared/domain/audit"
	"github.com/okence/okence/shared/domain/retention"
	"github.com/okence/okence/shared/ledger"
	"github.com/okence/okence/shared/policy"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/store"
	"github.com/okence/okence/shared/work"
)

// changesPerUnit bounds what KeptForRestriction writes at once: the next run goes
// on. What it returns is whole in any case.
const changesPerUnit = 40

// Restrain remembers that a person's data is restricted from now on. Whoever
// restricts does so in the same unit; doing it again changes nothing.
func Restrain(ctx context.Context, u *work.Unit, subject string) error {
	r, _, err := work.Find(ctx, u, record.Restrained, subject)
	if err != nil {
		return err
	}
	if r.ID = subject; r.Follow(true, u.Now()) {
		work.Save(u, record.Restrained, r)
	}
	return nil
}

// KeptForRestriction is what restrictions in force, and those that ended within
// the statutory term, keep of the logs that are declared under ZVOP-2 art. 22. It
// follows restrictions that began or ended since the last run, whoever lifted
// them, and forgets those whose term is over: the end is noted by the first run
// after it, so that nothing goes early.
func KeptForRestriction(ctx context.Context, u *work.Unit, t *policy.Terms) (ledger.Kept, error) {
	term, bound, err := t.RestrictedTerm()
	if err != nil || !bound {
		return nil, err
	}
	cal, err := t.Calendar()
	if err != nil {
		return nil, err
	}
	var classes []audit.Class
	for _, c := range t.StatutoryLogs() {
		classes = append(classes, audit.Class(c))
	}
	now, changes := u.Now(), 0
	restricted := map[string]bool{}
	if err := each(ctx, u, record.Restrictions.Name, "restriction", func(f work.Found) error {
		restricted[f.ID()] = true
		return nil
	}); err != nil {
		return nil, err
	}
	keep := ledger.Keeping{Classes: classes}
	known := map[string]bool{}
	if err := each(ctx, u, record.Restrained.Name, "restrained", func(f work.Found) error {
		r := f.Rec.(*retention.Restrained)
		known[r.ID] = true
		changed := r.Follow(restricted[r.ID], now)
		if !r.EndedAt.IsZero() {
			end, err := term.From(cal, r.EndedAt)
			if err != nil {
				return err
			}
			if !now.Before(end.End) {
				if changes++; changes <= changesPerUnit {
					return work.Delete(ctx, u, record.Restrained, r.ID)
				}
				return nil
			}
		}
		keep.Subjects = append(keep.Subjects, r.ID)
		if changed {
			if changes++; changes <= changesPerUnit {
				return follow(ctx, u, r.ID, restricted[r.ID])
			}
		}
		return nil
	}); err != nil {
		return nil, err
	}
	for id := range restricted {
		if known[id] {
			continue
		}
		keep.Subjects = append(keep.Subjects, id)
		if changes++; changes <= changesPerUnit {
			if err := Restrain(ctx, u, id); err != nil {
				return nil, err
			}
		}
	}
	if len(keep.Subjects) == 0 { // nobody: a keeping without persons would be of all times
		return nil, nil
	}
	return ledger.Kept{keep}, nil
}

// follow saves what a restriction has become.
func follow(ctx context.Context, u *work.Unit, id string, restricted bool) error {
	r, err := work.Load(ctx, u, record.Restrained, id)
	if err == nil && r.Follow(restricted, u.Now()) {
		work.Save(u, record.Restrained, r)
	}
	return err
}

// each goes through the records of a kind by time.
func each(ctx context.Context, u *work.Unit, kind, partition string, do func(work.Found) error) error {
	q := store.Query{Index: record.ByTime, Partition: partition, Limit: store.MaxPage}
	for {
		found, next, err := u.Seek(ctx, q, kind)
		if err != nil {
			return err
		}
		for _, f := range found {
			if err := do(f); err != nil {
				return err
			}
		}
		if q.Token = next; next == "" {
			return nil
		}
	}
}

package work

import (
	"context"
	"slices"

	"github.com/okence/okence/shared/record"
)

// Drop takes a file out of a record that is saved by the same unit: an unopened
// file would otherwise stay as it is. Its bytes go after the commit.
func Drop[T any](ctx context.Context, u *Unit, k *record.Kind[T], id, field string) error {
	if err := u.Fetch(ctx, Of(k, id)); err != nil {
		return err
	}
	s := u.slot(k.Shape, id)
	s.dropped = append(s.dropped, "file "+field)
	return nil
}

// keeps reports whether a stored part that was not opened stays.
func (s *slot) keeps(part string) bool { return !slices.Contains(s.dropped, part) }

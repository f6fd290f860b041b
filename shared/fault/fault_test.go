package fault_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/okence/okence/shared/fault"
)

func TestKindsAreFoundThroughWrapping(t *testing.T) {
	gone := fault.New(fault.Gone, "key %s", "k1")
	for name, c := range map[string]struct {
		err  error
		want fault.Kind
	}{
		"none":                       {nil, ""},
		"itself":                     {gone, fault.Gone},
		"wrapped":                    {fmt.Errorf("load: %w", gone), fault.Gone},
		"joined":                     {errors.Join(errors.New("x"), gone), fault.Gone},
		"the outermost of two":       {fault.New(fault.Unavailable, "store").Because(gone), fault.Unavailable},
		"an expired context":         {context.DeadlineExceeded, fault.Unavailable},
		"a cancelled context":        {fmt.Errorf("x: %w", context.Canceled), fault.Unavailable},
		"anything else is our fault": {errors.New("x"), fault.Internal},
	} {
		if got := fault.Of(c.err); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

// TestEveryKindHasItsFate holds the table of local-cloud.md 4: 4xx is never sent
// again but for 404, 409 and 429; what is permanent must not be asked for again.
func TestEveryKindHasItsFate(t *testing.T) {
	for _, k := range fault.Kinds {
		if err := k.Validate(); err != nil {
			t.Error(err)
		}
		s := fault.Status(k)
		if s < 400 || s > 599 {
			t.Errorf("%s: status %d", k, s)
		}
		permanent := fault.Permanent(fault.New(k, "x"))
		retried := s >= 500 || s == 409 || s == 429 || s == 401 // a token can be renewed
		if permanent == retried {
			t.Errorf("%s: permanent %v, and status %d", k, permanent, s)
		}
	}
	if fault.Kind("other").Validate() == nil || fault.Status("") != 200 || fault.Permanent(nil) {
		t.Error("the edges of the set")
	}
}

func TestTheCauseIsShownOnlyWhereOneIsKept(t *testing.T) {
	base := fault.New(fault.Unavailable, "store: can't write")
	with := base.Because(errors.New("disk full"))
	if !strings.Contains(with.Error(), "disk full") || strings.Contains(base.Error(), "disk full") {
		t.Error(with, base)
	}
}

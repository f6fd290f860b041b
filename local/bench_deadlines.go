package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/okence/okence/events"
	"github.com/okence/okence/shared/access"
	"github.com/okence/okence/shared/domain/deadline"
	"github.com/okence/okence/shared/fault"
	"github.com/okence/okence/shared/host"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/work"
)

const (
	dueAtOnce = 100 // limits that reach a stage at each tick
	ticks     = 20  // that are measured in each store
)

// benchStart is where the clock of the limits stands; they end long after.
var benchStart = time.Date(2026, 11, 2, 7, 0, 0, 0, time.UTC)

// deadlines measures a tick of functions/deadline with the same number due among
// few open limits and among many: it must cost what is due, not what exists.
func (b *bench) deadlines() error {
	many := 100_000
	if b.Million {
		many = 1_000_000
	}
	few, err := b.limits(10_000)
	if err != nil {
		return err
	}
	defer few.close()
	more, err := b.limits(many)
	if err != nil {
		return err
	}
	defer more.close()
	var of [2][]float64
	for n := range ticks { // turn by turn
		for i, h := range []*limitHouse{few, more} {
			took, err := h.tick(n)
			if err != nil {
				return err
			}
			of[i] = append(of[i], took.Seconds()*1e3)
		}
	}
	b.add(figure{Name: fmt.Sprintf("a tick with %d limits due, %d open", dueAtOnce, many), Value: median(of[1]), Unit: "ms"}.
		over(median(of[0]), "ms, the same with 10000 open").atMost(1.5))
	return nil
}

// limitHouse is a system with limits in it.
type limitHouse struct {
	*system
	fn *host.Function
}

// limits starts a system and fills it with n open limits; dueAtOnce of them
// reach their end at each of the hours that are measured.
func (b *bench) limits(n int) (*limitHouse, error) {
	dir, err := b.fresh()
	if err != nil {
		return nil, err
	}
	s, err := startSystem(filepath.Join(dir, "data"), filepath.Join(dir, "keys"), "http://127.0.0.1", &clock{manual: true, at: benchStart})
	if err != nil {
		return nil, err
	}
	h := &limitHouse{system: s}
	for _, f := range s.local.Functions {
		if f.Manifest.Name == "deadline" {
			h.fn = f
		}
	}
	if h.fn == nil {
		s.close()
		return nil, fault.New(fault.Internal, "no function deadline")
	}
	if err := h.fill(n); err != nil {
		s.close()
		return nil, err
	}
	return h, nil
}

func (h *limitHouse) fill(n int) error {
	const workers, piece = 16, 90
	var next atomic.Int64
	var wg sync.WaitGroup
	failed := make([]error, workers)
	for w := range workers {
		wg.Go(func() {
			for failed[w] == nil {
				from := int(next.Add(piece)) - piece
				if from >= n {
					return
				}
				_, failed[w] = h.env.Work.Run(context.Background(), limitScope(), func(_ context.Context, u *work.Unit) error {
					for i := from; i < min(from+piece, n); i++ {
						work.Save(u, record.Limits, benchLimit(i))
					}
					return nil
				})
				if from%45_000 == 0 {
					fmt.Fprintf(os.Stderr, "\r%d of %d limits stored", from, n)
				}
			}
		})
	}
	wg.Wait()
	fmt.Fprintln(os.Stderr)
	return errors.Join(failed...)
}

func benchLimit(i int) *deadline.Limit {
	end := benchStart.AddDate(1, 0, 0).Add(time.Duration(i) * time.Second)
	if i < dueAtOnce*ticks {
		end = benchStart.Add(time.Duration(1+i/dueAtOnce) * time.Hour)
	}
	return deadline.New(deadline.Ref{Kind: "bench", ID: fmt.Sprintf("b%07d", i)}, "bench.limit", benchStart, end)
}

func limitScope() work.Scope {
	return work.Scope{Tenant: "ekc", Function: "bench", Actor: access.FunctionActor("bench"), Use: access.Operation}
}

// tick moves the clock to the nth hour and measures what the function does then.
func (h *limitHouse) tick(n int) (time.Duration, error) {
	h.clock.set(benchStart.Add(time.Duration(n+1) * time.Hour))
	e := host.Tick(events.DeadlineDueType, "ekc", h.clock.Now())
	began := time.Now()
	_, err := h.fn.Deliver(context.Background(), h.env, e, 1)
	took := time.Since(began)
	if err != nil {
		return 0, err
	}
	if err := h.local.Idle(context.Background()); err != nil {
		return 0, err
	}
	at, err := h.fn.NextDue(context.Background(), "ekc", time.Time{})
	if err == nil && !at.After(h.clock.Now()) {
		err = fault.New(fault.Internal, "the tick left something due")
	}
	return took, err
}

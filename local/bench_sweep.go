package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/okence/okence/shared/access"
	"github.com/okence/okence/shared/domain/contact"
	"github.com/okence/okence/shared/domain/conversation"
	"github.com/okence/okence/shared/domain/message"
	"github.com/okence/okence/shared/domain/retention"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/store"
	"github.com/okence/okence/shared/store/sqlite/rawbench"
	"github.com/okence/okence/shared/work"
)

// What the sweeps of the benchmark find: conversations of ten messages.
const (
	sweepTalk  = 10
	sweepBatch = 10 // records that go in one commit, as a page of ten-message conversations takes them
)

// sweep measures a retention sweep: records per second beside plain SQLite with
// the same batches, index entries and one appended row a record; the same number
// due among few and among many; and what it does to writes beside it.
func (b *bench) sweep() error {
	due, few, many := 5_000, 10_000, 50_000
	if b.Million {
		due, few, many = 20_000, 100_000, 1_000_000
	}
	var rates, raws, fewTimes, manyTimes []float64
	var alone, beside []time.Duration
	for range b.Rounds {
		small, err := b.sweepOnce(due, few)
		if err != nil {
			return err
		}
		raw, err := b.rawSweep(due, few)
		if err != nil {
			return err
		}
		large, err := b.sweepOnce(due, many)
		if err != nil {
			return err
		}
		rates, raws = append(rates, float64(small.records)/small.took.Seconds()), append(raws, raw)
		fewTimes, manyTimes = append(fewTimes, small.took.Seconds()), append(manyTimes, large.took.Seconds())
		alone, beside = append(alone, large.alone...), append(beside, large.beside...)
	}
	b.add(
		figure{Name: "a sweep: records deleted", Value: median(rates), Unit: "1/s"}.over(median(raws), "1/s of plain SQLite, same batches").atLeast(0.5),
		figure{Name: fmt.Sprintf("%d due among %d: time", due, many), Value: median(manyTimes), Unit: "s"}.over(median(fewTimes), fmt.Sprintf("s among %d", few)).atMost(1.2),
		figure{Name: "a write beside a sweep, p99", Value: quantile(beside, 0.99), Unit: "ms"}.over(quantile(alone, 0.99), "ms with no sweep"),
		figure{Name: "greatest memory of the process so far", Value: peakMemory(), Unit: "MiB"},
	)
	if b.Million {
		return b.wholeSweep(200_000, many)
	}
	return nil
}

// wholeSweep is one sweep of a fifth of a million records, once.
func (b *bench) wholeSweep(due, total int) error {
	run, err := b.sweepOnce(due, total)
	if err != nil {
		return err
	}
	raw, err := b.rawSweep(due, total)
	if err != nil {
		return err
	}
	b.add(
		figure{Name: fmt.Sprintf("a sweep of %d among %d: records deleted", due, total), Value: float64(run.records) / run.took.Seconds(), Unit: "1/s"}.over(raw, "1/s of plain SQLite, same batches").atLeast(0.5),
		figure{Name: "a write beside it, p99", Value: quantile(run.beside, 0.99), Unit: "ms"}.over(quantile(run.alone, 0.99), "ms with no sweep"),
		figure{Name: "greatest memory of the process with it", Value: peakMemory(), Unit: "MiB"},
	)
	return nil
}

func (b *bench) rawSweep(due, total int) (float64, error) {
	dir, err := b.fresh()
	if err != nil {
		return 0, err
	}
	defer os.RemoveAll(dir)
	return rawbench.Sweep(dir, total, due, sweepBatch, 3, 1000, 700)
}

type sweepRun struct {
	records       int
	took          time.Duration
	alone, beside []time.Duration // of writes by a person meanwhile
}

// sweepOnce fills a directory with conversations, the oldest of them due, and
// sweeps it.
func (b *bench) sweepOnce(due, total int) (out sweepRun, err error) {
	dir, err := b.fresh()
	if err != nil {
		return out, err
	}
	defer os.RemoveAll(dir)
	began := time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC)
	if err := os.Setenv("OKENCE_RETENTION_FREE", "10000000"); err != nil { // no brake
		return out, err
	}
	s, err := startSystem(filepath.Join(dir, "data"), filepath.Join(dir, "keys"), "https://okence.test", &clock{manual: true, at: began.AddDate(1, 1, 0)})
	if err != nil {
		return out, err
	}
	defer s.close()
	if err := s.converse(total/sweepTalk, func(n int) time.Time {
		if n < due/sweepTalk {
			return began.Add(time.Duration(n) * time.Second)
		}
		return began.AddDate(1, 6, 0).Add(time.Duration(n) * time.Second)
	}); err != nil {
		return out, err
	}
	if out.alone, err = s.writes(time.Second, nil); err != nil {
		return out, err
	}
	if _, err := s.env.Ledger.Seal(context.Background(), "ekc"); err != nil { // of what was stored; that is not the sweep's
		return out, err
	}
	done := make(chan struct{})
	var failed error
	at := time.Now()
	go func() {
		defer close(done)
		failed = s.local.Settle(context.Background())
		out.took = time.Since(at)
	}()
	beside, err := s.writes(0, done)
	if err != nil || failed != nil {
		return out, fmt.Errorf("a sweep of %d: %v %w", due, failed, err)
	}
	out.beside = beside
	_, err = s.env.Work.Run(context.Background(), benchScope(access.Operation), func(ctx context.Context, u *work.Unit) error {
		found, _, err := u.Seek(ctx, storeQuery(), record.Sweeps.Name)
		for _, f := range found {
			out.records += f.Rec.(*retention.Sweep).Treated
		}
		return err
	})
	if err == nil && out.records < due {
		err = fmt.Errorf("%d records were treated, of %d due", out.records, due)
	}
	return out, err
}

// converse stores conversations, each of a person of its own.
func (s *system) converse(n int, at func(int) time.Time) error {
	const workers = 16
	var next atomic.Int64
	var wg sync.WaitGroup
	failed := make([]error, workers)
	for w := range workers {
		wg.Go(func() {
			for {
				i := int(next.Add(1)) - 1
				if i >= n || failed[w] != nil {
					return
				}
				failed[w] = s.conversation(i, at(i))
			}
		})
	}
	wg.Wait()
	for _, err := range failed {
		if err != nil {
			return err
		}
	}
	return nil
}

func (s *system) conversation(n int, at time.Time) error {
	id := fmt.Sprintf("%08d", n)
	_, err := s.env.Work.Run(context.Background(), benchScope(access.Intake), func(_ context.Context, u *work.Unit) error {
		work.Save(u, record.Contacts, &contact.Contact{ID: "p" + id, CreatedAt: at, Name: "Ana Novak"})
		work.Save(u, record.Lookups, &contact.Lookup{ID: "l" + id, ContactID: "p" + id, Open: map[string]string{"sms": "c" + id}})
		work.Save(u, record.Conversations, &conversation.Conversation{ID: "c" + id, ContactID: "p" + id, Class: conversation.Other, OpenedAt: at, LastAt: at, Messages: sweepTalk})
		for i := range sweepTalk {
			work.Save(u, record.Messages, &message.Message{
				ID: fmt.Sprintf("m%s-%d", id, i), ConversationID: "c" + id, ContactID: "p" + id, Channel: message.SMS, Direction: message.In, Kind: message.Said,
				ReceivedAt: at.Add(time.Duration(i)), Text: "Prosim za pomoč pri vlogi, ker ne najdem obrazca.", ProviderID: "provider-" + id,
			})
		}
		return nil
	})
	return err
}

// foreground numbers the persons who write beside a sweep: each is new.
var foreground atomic.Int64

// writes lets one person write, one message after the other, for a time or until
// done, and returns how long each took.
func (s *system) writes(length time.Duration, done <-chan struct{}) (out []time.Duration, err error) {
	began := time.Now()
	for n := 0; ; n++ {
		select {
		case <-done:
			return out, nil
		default:
		}
		if done == nil && time.Since(began) > length {
			return out, nil
		}
		at := time.Now()
		if err := s.conversation(90_000_000+int(foreground.Add(1)), s.clock.Now()); err != nil {
			return out, err
		}
		out = append(out, time.Since(at))
		time.Sleep(2 * time.Millisecond)
	}
}

func benchScope(use access.Use) work.Scope {
	return work.Scope{Tenant: "ekc", Function: "bench", Actor: access.FunctionActor("bench"), Use: use}
}

// storeQuery asks for all sweeps.
func storeQuery() store.Query {
	return store.Query{Index: record.ByTime, Partition: "sweep", Limit: store.MaxPage}
}

package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"time"

	"github.com/okence/okence/shared/access"
	"github.com/okence/okence/shared/breachfile"
	"github.com/okence/okence/shared/domain/audit"
	"github.com/okence/okence/shared/domain/breach"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/store"
	"github.com/okence/okence/shared/vault"
	"github.com/okence/okence/shared/work"
)

const (
	scopeActors  = 50     // each has its share of the log
	scopePersons = 20_000 // whose data the entries are about
	scopeStep    = time.Millisecond
)

// scope measures how long it takes to find, in the processing log, whom and what
// a breach concerns, beside reading the same entries from the same store without
// opening any. The answer is known, and compared.
func (b *bench) scope() error {
	n := 100_000
	if b.Million {
		n = 1_000_000
	}
	dir, err := b.fresh()
	if err != nil {
		return err
	}
	s, err := startSystem(filepath.Join(dir, "data"), filepath.Join(dir, "keys"), "http://127.0.0.1", &clock{manual: true, at: benchStart.Add(time.Duration(n) * scopeStep)})
	if err != nil {
		return err
	}
	defer s.close()
	if err := fillLog(s.env.Work, n); err != nil {
		return err
	}
	var counted, read []float64
	for range b.Rounds { // turn by turn
		began := time.Now()
		if err := readLog(s.env.Work.Store, n); err != nil {
			return err
		}
		read = append(read, float64(n)/time.Since(began).Seconds())
		began = time.Now()
		if err := scopeOf(s.env.Work, n); err != nil {
			return err
		}
		counted = append(counted, float64(n)/time.Since(began).Seconds())
	}
	b.add(
		figure{Name: fmt.Sprintf("scope of a breach over %d entries", n), Value: median(counted), Unit: "entries/s"}.
			over(median(read), "entries/s read from the same store, none opened").atLeast(0.4),
		figure{Name: "the same, for a million entries", Value: 1e6 / median(counted), Unit: "s"},
	)
	return nil
}

// scopeOf looks for what one of the actors touched, and compares what it finds.
func scopeOf(env *work.Env, n int) error {
	s := work.Scope{Tenant: "ekc", Function: "breach", Actor: access.FunctionActor("breach"), Use: access.Incident}
	tally, err := breachfile.Count(context.Background(), env, s, breach.Query{Actors: []string{"adviser-7"}})
	if err != nil {
		return err
	}
	persons, matched := map[int]bool{}, 0
	for i := 7; i < n; i += scopeActors {
		persons[i%scopePersons] = true
		matched++
	}
	if tally.Entries != int64(n) || tally.Matched != int64(matched) || len(tally.Persons()) != len(persons) {
		return fmt.Errorf("scope: %d of %d entries, %d persons; want %d, %d", tally.Matched, tally.Entries, len(tally.Persons()), matched, len(persons))
	}
	return nil
}

// readLog reads the same index in as many equal parts as there are processors.
func readLog(docs store.Store, n int) error {
	parts := runtime.GOMAXPROCS(0)
	failed := make([]error, parts)
	at := func(i int) string { return record.Sortable(benchStart.Add(time.Duration(i*n/parts) * scopeStep)) }
	var wg sync.WaitGroup
	for i := range parts {
		wg.Go(func() {
			q := store.Query{Tenant: "ekc", Index: record.ByClass, Partition: string(audit.PlatformLog), From: at(i), To: at(i + 1), Limit: store.MaxPage}
			for {
				page, err := docs.Query(context.Background(), q)
				if failed[i] = err; err != nil || page.Next == "" {
					return
				}
				q.Token = page.Next
			}
		})
	}
	wg.Wait()
	return errors.Join(failed...)
}

// fillLog stores n entries as units seal them, straight into the store: entry i
// is by actor i%scopeActors, about person i%scopePersons and a message of theirs.
func fillLog(env *work.Env, n int) error {
	ctx := context.Background()
	period := (&audit.Entry{Retention: audit.PlatformLog, At: benchStart}).KeyPeriod()
	keys, err := env.Vault.Keys(ctx, "ekc", vault.Owner{Subject: "~log", Class: period})
	if err != nil {
		return err
	}
	var ops []store.Op
	for i := range n {
		e := &audit.Entry{
			ID: fmt.Sprintf("entry%021d", i), At: benchStart.Add(time.Duration(i) * scopeStep), Retention: audit.PlatformLog, Period: period,
			Act: audit.View, ActorID: fmt.Sprint("adviser-", i%scopeActors), ActorRole: "adviser", Source: "192.0.2.1", Subject: fmt.Sprint("contact-", i%scopePersons),
			Items: []audit.Item{{Kind: "message", ID: fmt.Sprint("m", i)}}, Use: "service", Result: audit.Success, Salt: make([]byte, audit.SaltSize), Commitment: make([]byte, 32),
		}
		plain, err := record.Entries.Split(e)
		if err != nil {
			return err
		}
		body := record.Body{Schema: plain.Schema, Clear: plain.Clear}
		for _, p := range plain.Parts {
			place := vault.Place{Tenant: "ekc", Subject: p.Owner.Subject, Kind: record.Entries.Name, ID: e.ID, Field: p.Name, Schema: plain.Schema}
			body.Parts = append(body.Parts, record.Sealed{Name: p.Name, Owner: p.Owner, Purpose: p.Purpose, Bytes: keys[0].Seal(place, p.Bytes)})
		}
		ops = append(ops, store.Op{Key: record.Entries.Key("ekc", e.ID), Act: store.Put, Body: body.Pack(), Index: record.Entries.Entries(e)})
		if len(ops) == store.MaxOps || i == n-1 {
			if err := env.Store.Commit(ctx, ops...); err != nil {
				return err
			}
			ops = nil
		}
		if i%50_000 == 0 {
			fmt.Fprintf(os.Stderr, "\r%d of %d entries stored", i, n)
		}
	}
	fmt.Fprintln(os.Stderr)
	return nil
}

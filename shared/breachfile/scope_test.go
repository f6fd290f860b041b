package breachfile_test

import (
	"context"
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/okence/okence/shared/access"
	"github.com/okence/okence/shared/breachfile"
	"github.com/okence/okence/shared/domain/audit"
	"github.com/okence/okence/shared/domain/breach"
	"github.com/okence/okence/shared/fault"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/store"
	"github.com/okence/okence/shared/store/sqlite"
	"github.com/okence/okence/shared/vault"
	"github.com/okence/okence/shared/work"
	"github.com/okence/okence/shared/work/worktest"
)

var reading = work.Scope{Tenant: "ekc", Function: "breach", Actor: access.FunctionActor("breach"), Use: access.Incident}

// fill stores n entries of the log as units seal them: entry i is by adviser
// i%50, of person i%persons, about message i (every third also a contact).
func fill(t testing.TB, w *worktest.World, docs store.Store, n, persons int) {
	t.Helper()
	ctx := context.Background()
	keys, err := w.Vault.Keys(ctx, "ekc", vault.Owner{Subject: "~log", Class: "log.2026-11"})
	if err != nil {
		t.Fatal(err)
	}
	var ops []store.Op
	for i := range n {
		e := &audit.Entry{
			ID: fmt.Sprintf("entry%021d", i), At: worktest.Start.Add(time.Duration(i) * time.Millisecond), Retention: audit.PlatformLog,
			Period: "log.2026-11", Act: audit.View, ActorID: fmt.Sprint("adviser-", i%50), ActorRole: "adviser", Source: "192.0.2.1",
			Subject: fmt.Sprint("contact-", i%persons), Items: []audit.Item{{Kind: "message", ID: fmt.Sprint("m", i)}}, Use: "service", Result: audit.Success,
			Salt: make([]byte, audit.SaltSize), Commitment: make([]byte, 32),
		}
		if i%3 == 0 {
			e.Items = append(e.Items, audit.Item{Kind: "contact", ID: e.Subject, Fields: []string{"Name"}})
		}
		plain, err := record.Entries.Split(e)
		if err != nil {
			t.Fatal(err)
		}
		body := record.Body{Schema: plain.Schema, Clear: plain.Clear}
		for _, p := range plain.Parts {
			place := vault.Place{Tenant: "ekc", Subject: p.Owner.Subject, Kind: record.Entries.Name, ID: e.ID, Field: p.Name, Schema: plain.Schema}
			body.Parts = append(body.Parts, record.Sealed{Name: p.Name, Owner: p.Owner, Purpose: p.Purpose, Bytes: keys[0].Seal(place, p.Bytes)})
		}
		ops = append(ops, store.Op{Key: record.Entries.Key("ekc", e.ID), Act: store.Put, Body: body.Pack(), Index: record.Entries.Entries(e)})
		if len(ops) == store.MaxOps || i == n-1 {
			if err := docs.Commit(ctx, ops...); err != nil {
				t.Fatal(err)
			}
			ops = nil
		}
	}
}

func TestAScopeIsRightAgainstAKnownAnswer(t *testing.T) {
	w := worktest.New(t)
	const n, persons = 5000, 137
	fill(t, w, w.Docs, n, persons)
	at := func(i int) time.Time { return worktest.Start.Add(time.Duration(i) * time.Millisecond) }
	for _, tc := range []struct {
		name string
		q    breach.Query
		hit  func(i int) bool
	}{
		{"one actor in a span of time", breach.Query{Actors: []string{"adviser-7"}, From: at(1000), To: at(3000)}, func(i int) bool { return i >= 1000 && i < 3000 && i%50 == 7 }},
		{"a span of time alone", breach.Query{From: at(0), To: at(1)}, func(i int) bool { return i == 0 }},
		{"two actors, all the time", breach.Query{Actors: []string{"adviser-1", "adviser-2"}}, func(i int) bool { return i%50 == 1 || i%50 == 2 }},
		{"records by id", breach.Query{Records: []string{"m4", "m4999"}}, func(i int) bool { return i == 4 || i == 4999 }},
		{"one kind of record", breach.Query{Kinds: []string{"contact"}}, func(i int) bool { return i%3 == 0 }},
		{"an act that nobody did", breach.Query{Actors: []string{"adviser-1"}, Acts: []string{"erase"}}, func(int) bool { return false }},
	} {
		tally, err := breachfile.Count(t.Context(), w.Env, reading, tc.q)
		if err != nil {
			t.Fatalf("%s: %v", tc.name, err)
		}
		want := map[string]bool{}
		records, messages, contacts, matched := map[string]bool{}, 0, map[string]bool{}, int64(0)
		for i := range n {
			if !tc.hit(i) {
				continue
			}
			matched++
			who := fmt.Sprint("contact-", i%persons)
			want[who] = true
			if len(tc.q.Kinds) == 0 {
				messages++
				records[fmt.Sprint("message/m", i)] = true
			}
			if i%3 == 0 && len(tc.q.Records) == 0 {
				contacts[who], records["contact/"+who] = true, true
			}
		}
		s := &breach.Scope{}
		if err := breachfile.Keep(s, tally, worktest.Start); err != nil {
			t.Fatal(err)
		}
		if s.Matched != matched || s.Persons != int64(len(want)) || s.Records != int64(len(records)) {
			t.Errorf("%s: %d matched, %d persons, %d records; want %d, %d, %d", tc.name, s.Matched, s.Persons, s.Records, matched, len(want), len(records))
		}
		if s.Categories["content"] != int64(messages) || s.Categories["identity"] != int64(messages)*named("message")+int64(len(contacts)) {
			t.Errorf("%s: %v", tc.name, s.Categories)
		}
		var ev breachfile.Evidence
		if err := json.Unmarshal(s.Evidence, &ev); err != nil || len(ev.Persons) != len(want) || !slices.IsSorted(ev.Records) || len(ev.Records) != len(records) {
			t.Errorf("%s: evidence of %d persons, %d records", tc.name, len(ev.Persons), len(ev.Records))
		}
		for _, p := range ev.Persons {
			if !want[p] {
				t.Errorf("%s: %s is not concerned", tc.name, p)
			}
		}
	}
	if _, err := breachfile.Count(t.Context(), w.Env, reading, breach.Query{From: at(0)}); !fault.Is(err, fault.Invalid) {
		t.Errorf("everything is no scope: %v", err)
	}
}

// named is 1 where a kind holds a name, by its field tags.
func named(kind string) int64 {
	if slices.Contains(breachfile.Categories()(kind, nil), "identity") {
		return 1
	}
	return 0
}

// BenchmarkScopeOverAMillionEntries: the limit is "in seconds".
func BenchmarkScopeOverAMillionEntries(b *testing.B) {
	w := worktest.New(b)
	docs, err := sqlite.Open(filepath.Join(b.TempDir(), "okence.db"), sqlite.Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer docs.Close()
	w.Env.Store = docs
	n := 1_000_000
	if testing.Short() {
		n = 50_000
	}
	fill(b, w, docs, n, 20_000)
	b.ResetTimer()
	for range b.N {
		tally, err := breachfile.Count(b.Context(), w.Env, reading, breach.Query{Actors: []string{"adviser-7"}})
		if err != nil || tally.Matched != int64(n/50) || tally.Entries != int64(n) {
			b.Fatalf("%d of %d: %v", tally.Matched, tally.Entries, err)
		}
	}
	b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds(), "entries/s")
}

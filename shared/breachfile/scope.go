package breachfile

import (
	"context"
	"encoding/json"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/okence/okence/shared/domain/audit"
	"github.com/okence/okence/shared/domain/breach"
	"github.com/okence/okence/shared/fault"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/store"
	"github.com/okence/okence/shared/work"
)

// maxEvidence bounds, in bytes, the evidence of one scope; more than that is everybody.
const maxEvidence = 32 << 20

// Categories says which categories of personal data a kind of record holds, or
// the named fields of it, by the field tags.
func Categories() func(kind string, fields []string) []string {
	type key struct{ kind, field string }
	whole, single := map[string][]string{}, map[key]string{}
	for _, s := range record.All() {
		for _, f := range s.Fields {
			if !f.Personal {
				continue
			}
			single[key{s.Name, f.Name}] = string(f.Category)
			if !slices.Contains(whole[s.Name], string(f.Category)) {
				whole[s.Name] = append(whole[s.Name], string(f.Category))
			}
		}
	}
	return func(kind string, fields []string) []string {
		if len(fields) == 0 {
			return whole[kind]
		}
		var out []string
		for _, f := range fields {
			if c := single[key{kind, f}]; c != "" && !slices.Contains(out, c) {
				out = append(out, c)
			}
		}
		return out
	}
}

// Count looks through the processing log for a query: every entry of its class
// between its instants is opened, as many at once as there are processors, and
// those that can't be what is looked for are not decoded. s is
// the scope of the reading units; its purpose must open proofs. fault.Invalid:
// the query asks for everything.
func Count(ctx context.Context, env *work.Env, s work.Scope, q breach.Query) (*breach.Tally, error) {
	if q.Empty() {
		return nil, fault.New(fault.Invalid, "breach: a scope names actors, records, kinds or a span of time")
	}
	if q.Class == "" {
		q.Class = string(audit.PlatformLog)
	}
	edges, err := split(ctx, env, s, q)
	if err != nil {
		return nil, err
	}
	parts := len(edges) - 1
	tallies, errs := make([]*breach.Tally, parts), make([]error, parts)
	sieve := q.Sieve()
	var next atomic.Int64
	var wg sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), parts) {
		wg.Go(func() {
			for i := int(next.Add(1)) - 1; i < parts; i = int(next.Add(1)) - 1 {
				tallies[i] = breach.NewTally(q, Categories())
				errs[i] = read(ctx, env, s, q.Class, edges[i], edges[i+1], sieve, tallies[i])
			}
		})
	}
	wg.Wait()
	total := breach.NewTally(q, Categories())
	for i, err := range errs {
		if err != nil {
			return nil, err
		}
		total.Merge(tallies[i])
	}
	return total, nil
}

// split cuts the span of the query into equal parts of time; an open side is
// that of the log's first and last entry.
func split(ctx context.Context, env *work.Env, s work.Scope, q breach.Query) ([]string, error) {
	from, to := q.From, q.To
	_, err := env.Run(ctx, s, func(ctx context.Context, u *work.Unit) error {
		for _, desc := range []bool{false, true} {
			page, err := work.Scan(ctx, u, record.Entries, store.Query{Index: record.ByClass, Partition: q.Class, Desc: desc, Limit: 1})
			if err != nil {
				return err
			}
			for _, e := range page.Items {
				if !desc && (from.IsZero() || from.Before(e.At)) {
					from = e.At
				}
				if desc && (to.IsZero() || to.After(e.At)) {
					to = e.At.Add(time.Nanosecond)
				}
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	const n = 32 // more than processors: a busy hour keeps none of them waiting
	step := to.Sub(from) / n
	edges := []string{record.Sortable(from)}
	for i := 1; i < n && step > 0; i++ {
		edges = append(edges, record.Sortable(from.Add(time.Duration(i)*step)))
	}
	return append(edges, record.Sortable(to)), nil
}

func read(ctx context.Context, env *work.Env, s work.Scope, class, from, to string, sieve func([]byte) bool, t *breach.Tally) error {
	if from >= to {
		return nil
	}
	q := store.Query{Index: record.ByClass, Partition: class, From: from, To: to, Limit: store.MaxPage}
	for {
		_, err := env.Run(ctx, s, func(ctx context.Context, u *work.Unit) error {
			page, err := work.Sift[breach.Seen](ctx, u, record.Entries, q, sieve)
			if err != nil {
				return err
			}
			t.Look(page.Looked)
			for _, e := range page.Items {
				t.Add(*e)
			}
			q.Token = page.Next
			return nil
		})
		if err != nil || q.Token == "" {
			return err
		}
	}
}

// Evidence is what a scope keeps: who, and which records as "kind/id".
type Evidence struct {
	Persons []string `json:"persons"`
	Records []string `json:"records"`
}

// Keep puts a tally into a scope, with its evidence and the evidence's hash.
// fault.TooLarge: it is more than can be kept in one.
func Keep(s *breach.Scope, t *breach.Tally, now time.Time) error {
	ev := Evidence{Persons: t.Persons(), Records: t.Fill(s)}
	b, err := json.Marshal(ev)
	if err != nil {
		return fault.New(fault.Internal, "breach: evidence can't be encoded")
	}
	if len(b) > maxEvidence {
		return fault.New(fault.TooLarge, "breach: the scope is too wide to be kept as one")
	}
	s.Evidence, s.SHA256, s.DoneAt = b, digest(b), now.UTC()
	return nil
}

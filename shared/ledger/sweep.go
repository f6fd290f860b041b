package ledger

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/okence/okence/shared/domain/audit"
	"github.com/okence/okence/shared/fault"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/store"
	"github.com/okence/okence/shared/vault"
	"github.com/okence/okence/shared/work"
)

// Term says when an entry of a class that was made at an instant is out of its
// retention: the first instant at which it must be gone. ends is false for a
// class that ends with a ticket, or that the pack does not have.
type Term func(class audit.Class, at time.Time) (end time.Time, ends bool, err error)

// Kept says which entries are kept beyond their term: those that a hold is about,
// and those of persons whose data was restricted (ZVOP-2 art. 22).
type Kept []Keeping

// Keeping is the entries about some persons, those of some tickets or, where
// neither is given, those of a time.
type Keeping struct {
	Subjects []string // ids of persons
	Tickets  []string
	From, To time.Time // To is exclusive; zero is unbounded

	// Classes are the logs that it is about; none are all.
	Classes []audit.Class
}

// held decides which entries are kept.
type held struct {
	about, tickets map[string]bool
	classes        map[audit.Class]map[string]bool // about, of one class of log
	times          []Keeping
}

func (h *held) keeps(e *entry) bool {
	return h.about[e.About] || h.classes[e.Retention][e.About] || h.tickets[e.Ticket] || slices.ContainsFunc(h.times, func(k Keeping) bool {
		return (k.From.IsZero() || !e.At.Before(k.From)) && (k.To.IsZero() || e.At.Before(k.To))
	})
}

// Swept is what a run of Sweep or End did.
type Swept struct {
	Deleted int
	Held    int // out of their term, and kept by a hold
	Keys    int // destroyed
}

const (
	// sweepBatch entries go at once: their places and one statement leaf are
	// one commit in the tree store.
	sweepBatch = 64
	// keyGrace is how long after its month a key is left alone: no unit of
	// work that could still use it runs so long.
	keyGrace = 24 * time.Hour
)

// Sweep deletes the entries whose retention is over, states in the log which
// leaves they were, and destroys the keys of past months that no entry needs
// any more. It may be cut off anywhere and run again.
func (l *Log) Sweep(ctx context.Context, tenant string, term Term, kept Kept) (Swept, error) {
	var out Swept
	held, err := l.held(ctx, tenant, kept)
	if err != nil {
		return out, err
	}
	var errs error
	for _, class := range audit.Classes {
		q := store.Query{Tenant: tenant, Index: record.ByClass, Partition: string(class), Limit: sweepBatch}
		due := func(e *entry) (time.Time, bool, error) {
			end, ends, err := term(class, e.At)
			return end, ends && !l.Now().Before(end), err
		}
		errs = errors.Join(errs, l.sweep(ctx, tenant, class, q, due, held, true, &out))
	}
	n, err := l.keys(ctx, tenant)
	out.Keys += n
	return out, errors.Join(errs, err)
}

// End deletes the entries that end with a ticket, and their key, once the ticket
// itself is gone.
func (l *Log) End(ctx context.Context, tenant, ticket string, kept Kept) (Swept, error) {
	var out Swept
	held, err := l.held(ctx, tenant, kept)
	if err != nil {
		return out, err
	}
	now := l.Now()
	due := func(e *entry) (time.Time, bool, error) { return now, e.Retention == audit.DeskLog, nil }
	q := store.Query{Tenant: tenant, Index: record.ByTicket, Partition: ticket, Limit: sweepBatch}
	if err := l.sweep(ctx, tenant, audit.DeskLog, q, due, held, false, &out); err != nil || out.Held > 0 {
		return out, err
	}
	owner := vault.Owner{Subject: "~log", Class: (&audit.Entry{Retention: audit.DeskLog, Ticket: ticket}).KeyPeriod()}
	if err := l.Vault.Retire(ctx, tenant, owner); err != nil {
		return out, err
	}
	out.Keys++
	return out, nil
}

func (l *Log) held(ctx context.Context, tenant string, kept Kept) (*held, error) {
	out := &held{about: map[string]bool{}, tickets: map[string]bool{}, classes: map[audit.Class]map[string]bool{}}
	for _, k := range kept {
		for _, subject := range k.Subjects {
			about, err := work.About(ctx, l.Vault, tenant, subject)
			if err != nil {
				return nil, err
			}
			for _, c := range k.Classes {
				if out.classes[c] == nil {
					out.classes[c] = map[string]bool{}
				}
				out.classes[c][about] = true
			}
			if len(k.Classes) == 0 {
				out.about[about] = true
			}
		}
		for _, t := range k.Tickets {
			out.tickets[t] = true
		}
		if len(k.Subjects)+len(k.Tickets) == 0 {
			out.times = append(out.times, k)
		}
	}
	return out, nil
}

// sweep goes through an index from the oldest entry on. ordered: the first one
// that is not due ends it.
func (l *Log) sweep(ctx context.Context, tenant string, class audit.Class, q store.Query,
	due func(*entry) (time.Time, bool, error), held *held, ordered bool, out *Swept) error {
	for {
		page, err := l.Docs.Query(ctx, q)
		if err != nil {
			return err
		}
		entries, damaged := readEntries(page.Docs)
		var going []entry
		var until time.Time
		more := true
		for _, e := range entries {
			end, over, err := due(&e)
			switch {
			case err != nil:
				return err
			case !over && ordered:
				more = false
			case !over:
			case held.keeps(&e):
				out.Held++
			default:
				going = append(going, e)
				if end.After(until) {
					until = end
				}
			}
			if !more {
				break
			}
		}
		n, err := l.withhold(ctx, tenant, class, going, until)
		out.Deleted += n
		if err != nil || damaged != nil {
			return errors.Join(err, damaged)
		}
		if q.Token = page.Next; q.Token == "" || !more {
			return nil
		}
	}
}

// withhold states that entries go, and then deletes them. Entries not yet
// sequenced wait for their leaf.
func (l *Log) withhold(ctx context.Context, tenant string, class audit.Class, going []entry, until time.Time) (int, error) {
	if len(going) == 0 {
		return 0, nil
	}
	var placed []entry
	_, err := l.extend(ctx, tenant, func(g *growth) error {
		var err error
		placed, err = g.mark(ctx, going, withheld, func(log int, leaves ranges) {
			g.add(statementLeaf(l.Now(), class, Statement{Verb: StatesWithheld, Log: log, Leaves: leaves, Until: until}), "")
		})
		return err
	})
	if err != nil || len(placed) == 0 {
		return 0, err
	}
	ops := make([]store.Op, len(placed))
	for i := range placed {
		ops[i] = store.Op{Key: placed[i].doc.Key, Act: store.Delete}
	}
	return len(ops), l.Docs.Commit(ctx, ops...)
}

// mark marks the places of entries as gone and calls state for each log that has
// any that were not marked before. It returns the entries that have a place.
func (g *growth) mark(ctx context.Context, entries []entry, why gone, state func(log int, leaves ranges)) (placed []entry, err error) {
	ids := make([]string, len(entries))
	for i := range entries {
		ids[i] = entries[i].ID
	}
	docs, err := g.places(ctx, ids)
	if err != nil {
		return nil, err
	}
	byLog := map[int]*ranges{}
	var logs []int
	for i, d := range docs {
		if !d.Exists() {
			continue
		}
		p, err := parsePlace(d.Body)
		if err != nil {
			return nil, err
		}
		placed = append(placed, entries[i])
		if p.Gone != "" {
			continue // stated by a run that was cut off
		}
		if byLog[p.Generation] == nil {
			byLog[p.Generation] = new(ranges)
			logs = append(logs, p.Generation)
		}
		byLog[p.Generation].add(span{p.Index, p.Index + 1})
		p.Gone = why
		g.ops = append(g.ops, store.Op{Key: d.Key, Act: store.Put, Expect: store.At(d.Version), Body: []byte(p.String())})
	}
	slices.Sort(logs)
	for _, log := range logs {
		state(log, *byLog[log])
	}
	return placed, nil
}

// keys destroys the keys of months that are over and have no entries left. The
// keys of tickets go with End.
func (l *Log) keys(ctx context.Context, tenant string) (int, error) {
	owners, err := l.Vault.Owners(ctx, tenant, "~log")
	if err != nil {
		return 0, err
	}
	n := 0
	for _, o := range owners {
		class, month, ok := strings.Cut(o.Class, ".")
		from, err := time.Parse("2006-01", month)
		if !ok || err != nil || audit.Class(class).Validate() != nil {
			continue
		}
		to := from.AddDate(0, 1, 0)
		if l.Now().Before(to.Add(keyGrace)) {
			continue
		}
		used, err := l.used(ctx, tenant, class, o.Class, from, to)
		if err != nil {
			return n, err
		}
		if used {
			continue
		}
		if err := l.Vault.Retire(ctx, tenant, o); err != nil {
			return n, err
		}
		n++
	}
	return n, nil
}

// used reports whether an entry of a month still needs its key.
func (l *Log) used(ctx context.Context, tenant, class, period string, from, to time.Time) (bool, error) {
	q := store.Query{Tenant: tenant, Index: record.ByClass, Partition: class, From: record.Sortable(from), To: record.Sortable(to), Limit: store.MaxPage}
	for {
		page, err := l.Docs.Query(ctx, q)
		if err != nil {
			return false, err
		}
		entries, damaged := readEntries(page.Docs)
		if damaged != nil || slices.ContainsFunc(entries, func(e entry) bool { return e.Period == period }) {
			return true, nil
		}
		if q.Token = page.Next; q.Token == "" {
			return false, nil
		}
	}
}

// Refuse is the answer to a request for rectification or erasure of entries of
// the processing log (K23: "impossible"; art. 17(3)(b) and (e) GDPR): refused,
// with the reason and until when the entries are kept. Other rights are granted
// in full: restriction and objection by the controller's decision, access by
// About.
func Refuse(right string) error {
	switch right {
	case "rectification":
		return fault.New(fault.Forbidden, "log-rectification: entries of the processing log are evidence of what was done and are not altered (K23; art. 5(2) and 32 GDPR, ZVOP-2 art. 22); an entry that is wrong is answered by a new one")
	case "erasure":
		return fault.New(fault.Forbidden, "log-erasure: entries of the processing log are kept until their retention ends and can't be taken out of the log (K23; art. 17(3)(b) and (e) GDPR, ZVOP-2 art. 22); then their content is deleted and their key destroyed")
	}
	return nil
}

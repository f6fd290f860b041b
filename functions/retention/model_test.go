package retention

import (
	"context"
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/okence/okence/shared/domain/contact"
	"github.com/okence/okence/shared/domain/conversation"
	"github.com/okence/okence/shared/domain/message"
	"github.com/okence/okence/shared/domain/retention"
	"github.com/okence/okence/shared/erasure"
	"github.com/okence/okence/shared/ledger"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/work"
)

// model is what the rules ask for, said as plainly as can be: the day on which
// each message came, and what stands in the way of each person's data.
type model struct {
	day      int            // days since the world began, at noon UTC
	messages map[string]int // day of receipt
	person   map[string]string
	held     map[string]bool
	asked    map[string]bool // an open request
	limited  map[string]bool // art. 18
	statute  map[string]int  // last day of a longer term
	due      map[string]int  // sweeps that a message has seen, free and out of its year
}

func (m *model) blocked(p string) bool {
	return m.held[p] || m.asked[p] || m.limited[p] || m.day < m.statute[p]
}

// TestHoldsRequestsRestrictionsAndSweepsInAnyOrder: nothing held is touched,
// nothing due and free survives two runs, and the log verifies throughout.
func TestHoldsRequestsRestrictionsAndSweepsInAnyOrder(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		w := newWorld(t, "ekc")
		began := time.Date(2026, 11, 2, 12, 0, 0, 0, time.UTC)
		m := &model{messages: map[string]int{}, person: map[string]string{}, held: map[string]bool{}, asked: map[string]bool{}, limited: map[string]bool{}, statute: map[string]int{}, due: map[string]int{}}
		people := []string{"ana", "bor", "eva"} // who is gone and writes again is somebody new
		every := []string{"ana", "bor", "eva"}
		slot := rapid.IntRange(0, len(people)-1)
		do := func(fn func(context.Context, *work.Unit) error) {
			if _, err := w.Run(t.Context(), w.scope(), fn); err != nil {
				rt.Fatal(err)
			}
		}
		check := func() {
			for id := range m.messages {
				there := w.there("message", id) == 1
				if !there && (m.blocked(m.person[id]) || m.day-m.messages[id] < 366) {
					rt.Fatalf("day %d: %s of day %d is gone, blocked %v", m.day, id, m.messages[id], m.blocked(m.person[id]))
				}
				if !there {
					delete(m.messages, id)
					continue
				}
				if m.due[id] >= 2 {
					rt.Fatalf("day %d: %s of day %d has survived two sweeps", m.day, id, m.messages[id])
				}
			}
		}
		verify := func() {
			if _, err := w.env.Ledger.Seal(t.Context(), "ekc"); err != nil {
				rt.Fatal(err)
			}
			if r, err := ledger.Verify(t.Context(), w.Docs, w.env.Ledger.Tree, "ekc", ledger.Options{}); err != nil || !r.OK() {
				rt.Fatal(r, err)
			}
		}
		sweep := func(after int) {
			verify()
			for id, p := range m.person {
				if _, ok := m.messages[id]; !ok || m.blocked(p) {
					m.due[id] = 0
				}
			}
			m.day += after
			w.Clock.Add(began.Add(time.Duration(m.day) * 24 * time.Hour).Sub(w.Clock.Now()))
			if err := w.local.Settle(t.Context()); err != nil {
				rt.Fatal(err)
			}
			for id, p := range m.person {
				if from, ok := m.messages[id]; ok && !m.blocked(p) && m.day-from > 367 {
					m.due[id]++
				}
			}
			check()
			verify()
		}
		n, known := 0, map[string]bool{}
		rt.Repeat(map[string]func(*rapid.T){
			"a message comes": func(r *rapid.T) {
				i := slot.Draw(r, "person")
				n++
				if p := people[i]; known[p] && w.there("contact", p) == 0 {
					people[i] = fmt.Sprintf("%s%d", p, n)
					every = append(every, people[i])
				}
				p := people[i]
				known[p] = true
				id := fmt.Sprintf("m%d", n)
				do(func(ctx context.Context, u *work.Unit) error {
					c, ok, err := work.Find(ctx, u, record.Conversations, "c-"+p)
					if err != nil && !m.limited[p] {
						return err
					}
					if m.limited[p] { // intake goes on under restriction
						if c, err = work.Peek(ctx, u, record.Conversations, "c-"+p); err != nil {
							ok = false
						}
					}
					if !ok {
						c = &conversation.Conversation{ID: "c-" + p, ContactID: p, Class: conversation.Other, OpenedAt: u.Now()}
						work.Save(u, record.Contacts, &contact.Contact{ID: p, CreatedAt: u.Now()})
						work.Save(u, record.Lookups, &contact.Lookup{ID: "l-" + p, ContactID: p, Open: map[string]string{"x": c.ID}})
					}
					c.Receive(u.Now())
					work.Save(u, record.Conversations, c)
					work.Save(u, record.Messages, &message.Message{ID: id, ConversationID: c.ID, ContactID: p, ReceivedAt: u.Now(), Text: "x"})
					return nil
				})
				m.messages[id], m.person[id] = m.day, p
			},
			"a hold is set or lifted": func(r *rapid.T) {
				p := people[slot.Draw(r, "person")]
				m.held[p] = !m.held[p]
				do(func(ctx context.Context, u *work.Unit) error {
					l, _, err := work.Find(ctx, u, record.HoldLists, retention.HoldListID)
					l.ID, l.Holds = retention.HoldListID, nil
					for q, on := range m.held {
						if on {
							l.Holds = append(l.Holds, retention.Active{ID: q, Scope: retention.Scope{Subjects: []string{q}}, ExpiresAt: u.Now().AddDate(50, 0, 0)})
						}
					}
					work.Save(u, record.HoldLists, l)
					return err
				})
			},
			"a request is opened or closed": func(r *rapid.T) {
				p := people[slot.Draw(r, "person")]
				m.asked[p] = !m.asked[p]
				do(func(ctx context.Context, u *work.Unit) error {
					if m.asked[p] {
						return erasure.Keep(ctx, u, p, retention.Stay{Cause: retention.ByRequest, Ref: "r"})
					}
					return erasure.Free(ctx, u, p, retention.ByRequest, "r", "")
				})
			},
			"a restriction is set or lifted": func(r *rapid.T) {
				p := people[slot.Draw(r, "person")]
				m.limited[p] = !m.limited[p]
				do(func(ctx context.Context, u *work.Unit) error {
					if m.limited[p] {
						work.Save(u, record.Restrictions, &contact.Restriction{ID: p, Ground: "claims"})
						return nil
					}
					return work.Delete(ctx, u, record.Restrictions, p)
				})
			},
			"a controller names a longer term": func(r *rapid.T) {
				p, days := people[slot.Draw(r, "person")], rapid.IntRange(1, 900).Draw(r, "days")
				m.statute[p] = m.day + days
				do(func(ctx context.Context, u *work.Unit) error {
					return erasure.Keep(ctx, u, p, retention.Stay{Cause: retention.ByStatute, Ref: "law", Until: began.Add(time.Duration(m.day+days) * 24 * time.Hour)})
				})
			},
			"time passes and a sweep runs": func(r *rapid.T) { sweep(rapid.IntRange(1, 400).Draw(r, "days")) },
			"":                             func(*rapid.T) { check() },
		})
		// Everything is freed: two sweeps later nothing is left.
		for _, p := range every {
			m.held[p], m.statute[p] = false, 0
		}
		do(func(ctx context.Context, u *work.Unit) error {
			if err := work.Delete(ctx, u, record.HoldLists, retention.HoldListID); err != nil {
				return err
			}
			for _, p := range every {
				m.asked[p], m.limited[p] = false, false
				if err := work.Delete(ctx, u, record.Guards, p); err != nil {
					return err
				}
				if err := work.Delete(ctx, u, record.Restrictions, p); err != nil {
					return err
				}
			}
			return nil
		})
		sweep(400)
		sweep(1)
		if left := len(m.messages) + w.there("contact", every...) + w.there("conversation", named("c-", every)...) + w.there("lookup", named("l-", every)...); left > 0 {
			rt.Fatalf("%d records are left", left)
		}
	})
}

func named(prefix string, names []string) (out []string) {
	for _, n := range names {
		out = append(out, prefix+n)
	}
	return out
}

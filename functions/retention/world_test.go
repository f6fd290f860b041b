package retention

import (
	"bytes"
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/okence/okence/events"
	"github.com/okence/okence/shared/access"
	"github.com/okence/okence/shared/domain/contact"
	"github.com/okence/okence/shared/domain/conversation"
	"github.com/okence/okence/shared/domain/message"
	"github.com/okence/okence/shared/domain/retention"
	"github.com/okence/okence/shared/host"
	"github.com/okence/okence/shared/ledger"
	"github.com/okence/okence/shared/obs"
	"github.com/okence/okence/shared/policy"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/store"
	"github.com/okence/okence/shared/store/memory"
	"github.com/okence/okence/shared/work"
	"github.com/okence/okence/shared/work/worktest"
)

// world is the function in one process, on a manual clock.
type world struct {
	*worktest.World
	t      testing.TB
	env    *host.Env
	local  *host.Local
	tenant string
	tree   store.Store
}

func newWorld(t testing.TB, tenant string) *world {
	t.Helper()
	w := &world{World: worktest.New(t), t: t, tenant: tenant, tree: memory.New()}
	w.start()
	t.Cleanup(func() { w.local.Close() })
	return w
}

// start begins a process on what is stored.
func (w *world) start() {
	w.t.Helper()
	w.World.Restart()
	w.env = &host.Env{
		Settings: host.Settings{Grace: 5 * time.Second}, Work: w.Env, Policy: policy.Builtin(), Tenants: map[string]bool{w.tenant: true}, Log: obs.Discard(),
		Ledger: &ledger.Log{Docs: w.Docs, Tree: w.tree, Vault: w.Env.Vault, Now: w.Clock.Now},
	}
	f, err := New(w.env)
	if err == nil {
		err = f.Check()
	}
	if err == nil {
		w.local, err = host.NewLocal(w.env, []*host.Function{f})
	}
	if err != nil {
		w.t.Fatal(err)
	}
}

// at moves the clock to an instant and lets happen what is due then.
func (w *world) at(t time.Time) {
	w.t.Helper()
	w.Clock.Add(t.Sub(w.Clock.Now()))
	if err := w.local.Settle(w.t.Context()); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) scope() work.Scope {
	return work.Scope{Tenant: w.tenant, Function: "test", Actor: access.FunctionActor("test"), Use: access.Intake}
}

func (w *world) do(fn func(context.Context, *work.Unit) error) {
	w.t.Helper()
	if _, err := w.Run(w.t.Context(), w.scope(), fn); err != nil {
		w.t.Fatal(err)
	}
}

// talk stores a conversation of a person, with a message at each instant.
func (w *world) talk(person string, at ...time.Time) {
	w.t.Helper()
	conv := "c-" + person
	for batch := 0; batch < len(at); batch += 10 {
		w.do(func(ctx context.Context, u *work.Unit) error {
			if batch == 0 {
				work.Save(u, record.Contacts, &contact.Contact{ID: person, CreatedAt: at[0], Name: "NEEDLE " + person})
				work.Save(u, record.Lookups, &contact.Lookup{ID: "l-" + person, ContactID: person, Open: map[string]string{"x": conv}})
				work.Save(u, record.Conversations, &conversation.Conversation{
					ID: conv, ContactID: person, Class: conversation.Other, State: conversation.Open, OpenedAt: at[0], LastAt: at[len(at)-1], Subject: "NEEDLE",
				})
			}
			for i, t := range at[batch:min(batch+10, len(at))] {
				id := fmt.Sprintf("%s-%d", conv, batch+i)
				work.Save(u, record.Messages, &message.Message{ID: id, ConversationID: conv, ContactID: person, ReceivedAt: t, Text: "NEEDLE", RawID: "f-" + id})
				work.Save(u, record.Attachments, &message.Attachment{ID: "f-" + id, ContactID: person, MessageID: id, StoredAt: t, Bytes: bytes.Repeat([]byte("NEEDLE"), 4)})
			}
			return nil
		})
	}
}

// there counts which of the records are stored.
func (w *world) there(kind string, ids ...string) (n int) {
	w.t.Helper()
	for _, id := range ids {
		docs, err := w.Docs.Get(w.t.Context(), store.Key{Tenant: w.tenant, Kind: kind, ID: id})
		if err != nil {
			w.t.Fatal(err)
		}
		if docs[0].Exists() {
			n++
		}
	}
	return n
}

func (w *world) sweeps() []*retention.Sweep {
	w.t.Helper()
	var out []*retention.Sweep
	w.do(func(ctx context.Context, u *work.Unit) error {
		page, err := work.Scan(ctx, u, record.Sweeps, store.Query{Index: record.ByTime, Partition: "sweep"})
		out = page.Items
		return err
	})
	return out
}

// change decides on a sweep, as an administrator does, and lets it go on.
func (w *world) change(id string, decide func(*retention.Sweep) error) {
	w.t.Helper()
	w.do(func(ctx context.Context, u *work.Unit) error {
		s, err := work.Load(ctx, u, record.Sweeps, id)
		if err == nil {
			err = decide(s)
		}
		if err != nil {
			return err
		}
		work.Save(u, record.Sweeps, s)
		return u.Emit(ctx, s.ID, &events.RetentionSweepMoved{SweepID: s.ID, Round: s.Round})
	})
	if err := w.local.Idle(w.t.Context()); err != nil {
		w.t.Fatal(err)
	}
}

func day(s string) time.Time {
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		panic(err)
	}
	return t
}

package notice

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/okence/okence/events"
	"github.com/okence/okence/shared/access"
	"github.com/okence/okence/shared/channel"
	"github.com/okence/okence/shared/domain/contact"
	"github.com/okence/okence/shared/domain/conversation"
	"github.com/okence/okence/shared/domain/message"
	"github.com/okence/okence/shared/host"
	"github.com/okence/okence/shared/obs"
	"github.com/okence/okence/shared/policy"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/work"
	"github.com/okence/okence/shared/work/worktest"
)

// world is an environment with the tenant ekc, whose mail goes through Postmark.
type world struct {
	*worktest.World
	t     *testing.T
	env   *host.Env
	n     int
	asked []string // messages that are to be sent
}

func newWorld(t *testing.T) *world {
	w := &world{World: worktest.New(t), t: t}
	w.env = &host.Env{Work: w.Env, Tenants: map[string]bool{"ekc": true}, Policy: policy.Builtin(), Log: obs.Discard()}
	w.env.Secrets = func(_ string, n channel.Name) ([]channel.Secret, error) {
		if n.Provider != "postmark" {
			return nil, nil
		}
		return []channel.Secret{{"server_token": "t", "from": "ekc@gov.si"}}, nil
	}
	w.Published = func(_ context.Context, _ string, es []events.Event) {
		for _, e := range es {
			if d, err := events.As[events.ReplyRequested](e); err == nil {
				w.asked = append(w.asked, d.MessageID)
			}
		}
	}
	return w
}

// do runs a unit as an adviser's request.
func (w *world) do(fn func(context.Context, *work.Unit) error) error {
	w.t.Helper()
	w.n++
	s := work.Scope{Tenant: "ekc", Function: "test", Actor: access.Actor{ID: "adviser-1", Role: access.Adviser}, Use: access.Service, Source: "/test", ID: fmt.Sprint(w.n)}
	_, err := w.Run(w.t.Context(), s, fn)
	return err
}

func (w *world) must(fn func(context.Context, *work.Unit) error) {
	w.t.Helper()
	if err := w.do(fn); err != nil {
		w.t.Fatal(err)
	}
}

// talk stores a person, a conversation with them, and what they said in it now.
func (w *world) talk(id string, ch message.Channel, provider string, from message.Party) {
	w.t.Helper()
	w.must(func(_ context.Context, u *work.Unit) error {
		work.Save(u, record.Contacts, &contact.Contact{ID: "p-" + id, CreatedAt: u.Now(), Addresses: []contact.Address{
			{Scheme: from.Scheme, Address: from.Address, Channel: ch, SeenAt: u.Now()},
		}})
		work.Save(u, record.Conversations, &conversation.Conversation{
			ID: id, ContactID: "p-" + id, Channel: ch, Provider: provider, Line: "line", Class: conversation.Other, State: conversation.Open,
			OpenedAt: u.Now(), LastAt: u.Now(), HeardAt: u.Now(), Subject: "Potrdilo",
		})
		work.Save(u, record.Messages, &message.Message{
			ID: "m-" + id, ConversationID: id, ContactID: "p-" + id, Channel: ch, Provider: provider, Kind: message.Said, Direction: message.In,
			ReceivedAt: u.Now(), ProviderID: "<m-" + id + "@x>", Sender: from, Subject: "Potrdilo", Text: "Dober dan, prosim za potrdilo.",
			Thread: []string{"<m-" + id + "@x>"},
		})
		return nil
	})
	w.Clock.Add(time.Minute)
}

// merge draws the edge between two conversations, now.
func (w *world) merge(into, from string) {
	w.t.Helper()
	w.must(func(ctx context.Context, u *work.Unit) error {
		a, err := work.Load(ctx, u, record.Conversations, into)
		if err != nil {
			return err
		}
		b, err := work.Load(ctx, u, record.Conversations, from)
		if err != nil {
			return err
		}
		edge := &conversation.Merge{ID: "e-" + from, Of: conversation.OfConversations, Into: into, From: from, By: "adviser-1", At: u.Now()}
		work.Save(u, record.Merges, edge)
		work.Save(u, record.Conversations, a)
		work.Save(u, record.Conversations, b)
		return conversation.Join(a.Node(), b.Node(), edge.ID)
	})
	w.Clock.Add(time.Minute)
}

func (w *world) reply(a Answer) (Sent, error) {
	w.t.Helper()
	var s Sent
	err := w.do(func(ctx context.Context, u *work.Unit) (err error) {
		s, err = Reply(ctx, u, w.env, a)
		return err
	})
	return s, err
}

var (
	anasPhone = message.Party{Scheme: message.Tel, Address: "+38640111222"}
	anasMail  = message.Party{Scheme: message.Mailto, Address: "ana@example.org", Name: "Ana Žagar"}
)

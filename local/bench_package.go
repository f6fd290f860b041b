package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"time"

	"github.com/okence/okence/shared/access"
	"github.com/okence/okence/shared/domain/contact"
	"github.com/okence/okence/shared/domain/conversation"
	model "github.com/okence/okence/shared/domain/dossier"
	"github.com/okence/okence/shared/domain/message"
	"github.com/okence/okence/shared/dossier"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/store"
	"github.com/okence/okence/shared/work"
)

// ownMessages is how many messages the person of the benchmark has.
const ownMessages = 200

// packages measures how long the package of the same person takes in a small store
// and in one with a hundred times as many documents of strangers: it must depend on
// the person's own records alone, within a factor of 1.5.
func (b *bench) packages() error {
	small, large := 1_000, 100_000
	if b.Million {
		small, large = 10_000, 1_000_000
	}
	var systems []*system
	for _, n := range []int{small, large} {
		dir, err := b.fresh()
		if err != nil {
			return err
		}
		s, err := startSystem(filepath.Join(dir, "data"), filepath.Join(dir, "keys"), "http://127.0.0.1", &clock{manual: true, at: benchStart})
		if err != nil {
			return err
		}
		defer s.close()
		if err := fillPerson(s.env.Work); err != nil {
			return err
		}
		if err := fillStrangers(s.env.Work.Store, n); err != nil {
			return err
		}
		systems = append(systems, s)
	}
	took := make([][]float64, len(systems))
	for range 1 + b.Rounds*5 { // turn by turn; the first one warms up
		for i, s := range systems {
			began := time.Now()
			if err := packOne(s); err != nil {
				return err
			}
			took[i] = append(took[i], time.Since(began).Seconds()*1e3)
		}
	}
	b.add(figure{Name: fmt.Sprintf("package of a person of %d messages, among %d documents", ownMessages, large), Value: median(took[1][1:]), Unit: "ms"}.
		over(median(took[0][1:]), fmt.Sprintf("ms among %d", small)).atMost(1.5))
	return nil
}

// packOne makes the package of the person, and compares what is in it.
func packOne(s *system) error {
	terms, err := s.env.Terms("ekc")
	if err != nil {
		return err
	}
	ctx := context.Background()
	scope := work.Scope{Tenant: "ekc", Function: "dossier", Actor: access.FunctionActor("dossier"), Use: access.Rights}
	_, err = s.env.Work.Run(ctx, scope, func(ctx context.Context, u *work.Unit) error {
		p := &model.Package{ID: "r1.access", RequestID: "r1", ContactID: "ana", ContactIDs: []string{"ana"}, Form: model.Access, Language: "sl"}
		built, err := dossier.Build(ctx, u, dossier.Sources{Tree: s.env.Ledger.Tree, Terms: terms}, p)
		if err != nil {
			return err
		}
		if want := ownMessages + 2; len(built.Records) != want {
			return fmt.Errorf("package: %d records, want %d", len(built.Records), want)
		}
		_, _, err = built.Pack(ctx, s.env.Ledger)
		return err
	})
	return err
}

// fillPerson stores a person, a conversation, and what they said in it.
func fillPerson(env *work.Env) error {
	for from := 0; from < ownMessages; from += 20 {
		scope := work.Scope{Tenant: "ekc", Function: "inbound", Actor: access.FunctionActor("inbound"), Use: access.Intake, Source: "/bench", ID: strconv.Itoa(from)}
		_, err := env.Run(context.Background(), scope, func(_ context.Context, u *work.Unit) error {
			if from == 0 {
				work.Save(u, record.Contacts, &contact.Contact{ID: "ana", CreatedAt: u.Now(), Name: "Ana Horvat", Addresses: []contact.Address{
					{Scheme: message.Mailto, Address: "ana@example.si", Channel: message.Email, SeenAt: u.Now()},
				}})
				work.Save(u, record.Conversations, benchTalk("ana", u.Now()))
			}
			for i := from; i < from+20; i++ {
				m := strangersWord("ana", i, u.Now())
				m.Text = fmt.Sprintf("Pozdravljeni, prijava %d še ni rešena. Pišite mi na ana@example.si.", i)
				work.Save(u, record.Messages, m)
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func benchTalk(who string, at time.Time) *conversation.Conversation {
	return &conversation.Conversation{
		ID: "talk-" + who, ContactID: who, Channel: message.Email, Provider: "mime", Line: "ekc@gov.si", Class: conversation.Other,
		State: conversation.Open, OpenedAt: at, LastAt: at, HeardAt: at, Subject: "Prijava",
	}
}

func strangersWord(who string, i int, at time.Time) *message.Message {
	return &message.Message{
		ID: fmt.Sprintf("m-%s-%d", who, i), ConversationID: "talk-" + who, ContactID: who, Channel: message.Email, Provider: "mime", Kind: message.Said,
		Direction: message.In, ReceivedAt: at.Add(time.Duration(i) * time.Millisecond), ProviderID: fmt.Sprintf("<%s%d@bench.example>", who, i),
		Sender: message.Party{Scheme: message.Mailto, Address: who + "@example.si"},
	}
}

// fillStrangers stores n messages of strangers, ten each, straight into the store and
// under every index that theirs have. Nothing opens them: their parts are left out.
func fillStrangers(docs store.Store, n int) error {
	var ops []store.Op
	for i := range n {
		m := strangersWord(fmt.Sprint("stranger", i/10), i%10, benchStart)
		plain, err := record.Messages.Split(m)
		if err != nil {
			return err
		}
		body := record.Body{Schema: plain.Schema, Clear: plain.Clear}
		for _, p := range plain.Parts {
			body.Parts = append(body.Parts, record.Sealed{Name: p.Name, Owner: p.Owner, Purpose: p.Purpose, Bytes: make([]byte, 40+len(p.Bytes))})
		}
		ops = append(ops, store.Op{Key: record.Messages.Key("ekc", m.ID), Act: store.Put, Body: body.Pack(), Index: record.Messages.Entries(m)})
		if len(ops) == store.MaxOps || i == n-1 {
			if err := docs.Commit(context.Background(), ops...); err != nil {
				return err
			}
			ops = nil
		}
		if i%50_000 == 0 {
			fmt.Fprintf(os.Stderr, "\r%d of %d documents stored", i, n)
		}
	}
	fmt.Fprintln(os.Stderr)
	runtime.GC()
	return nil
}

package erasure_test

import (
	"bytes"
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/okence/okence/shared/access"
	"github.com/okence/okence/shared/blob"
	"github.com/okence/okence/shared/domain/contact"
	"github.com/okence/okence/shared/domain/conversation"
	"github.com/okence/okence/shared/domain/message"
	"github.com/okence/okence/shared/erasure"
	"github.com/okence/okence/shared/fault"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/store"
	"github.com/okence/okence/shared/store/memory"
	"github.com/okence/okence/shared/vault"
	"github.com/okence/okence/shared/work"
	"github.com/okence/okence/shared/work/worktest"
)

// world is a store of which every key ever written is known, so that a test can
// open all there is.
type world struct {
	*worktest.World
	t     *testing.T
	seen  *seen
	tombs store.Store
	e     *erasure.Eraser
}

type seen struct {
	store.Store
	mu   sync.Mutex
	keys map[store.Key]bool
}

func (s *seen) Commit(ctx context.Context, ops ...store.Op) error {
	s.mu.Lock()
	for _, o := range ops {
		if o.Act == store.Put {
			s.keys[o.Key] = true
		}
	}
	s.mu.Unlock()
	return s.Store.Commit(ctx, ops...)
}

func newWorld(t *testing.T) *world {
	w := &world{World: worktest.New(t), t: t, tombs: memory.New()}
	w.seen = &seen{Store: w.Env.Store, keys: map[store.Key]bool{}}
	w.Env.Store = w.seen
	w.e = erasure.New(w.Env, w.tombs, "test", access.Retention)
	return w
}

var scope = work.Scope{Tenant: "ekc", Function: "test", Actor: access.FunctionActor("test"), Use: access.Intake}

func (w *world) do(fn func(context.Context, *work.Unit) error) {
	w.t.Helper()
	if _, err := w.Run(w.t.Context(), scope, fn); err != nil {
		w.t.Fatal(err)
	}
}

// talk stores a person with a conversation of n messages, each with a file in the
// blob store, the mail as it came, and an alias; all of it says secret.
func (w *world) talk(person, secret string, n int, at time.Time) (conv string) {
	conv = "conv-" + person + at.Format("20060102")
	w.do(func(ctx context.Context, u *work.Unit) error {
		if _, ok, err := work.Find(ctx, u, record.Contacts, person); err != nil {
			return err
		} else if !ok {
			work.Save(u, record.Contacts, &contact.Contact{ID: person, CreatedAt: at, Name: secret, Addresses: []contact.Address{{Address: secret}}})
			work.Save(u, record.Lookups, &contact.Lookup{ID: "look-" + person, ContactID: person, Open: map[string]string{"x": conv}})
		}
		work.Save(u, record.Conversations, &conversation.Conversation{
			ID: conv, ContactID: person, Class: conversation.Other, State: conversation.Open, OpenedAt: at, LastAt: at.Add(time.Duration(n-1) * time.Hour),
			Messages: n, Subject: secret, Thread: secret,
		})
		return nil
	})
	for i := range n {
		w.say(fmt.Sprintf("%s-%d", conv, i), conv, person, secret, at.Add(time.Duration(i)*time.Hour))
	}
	return conv
}

func (w *world) say(id, conv, person, secret string, at time.Time) {
	w.do(func(ctx context.Context, u *work.Unit) error {
		m := &message.Message{
			ID: id, ConversationID: conv, ContactID: person, ReceivedAt: at, RawID: "raw-" + id,
			Files: []message.File{{State: message.Clean, FileID: "file-" + id}}, ProviderID: secret, Text: secret, Sender: message.Party{Address: secret},
		}
		a := &message.Alias{ID: "alias-" + id}
		a.Lead(m)
		work.Save(u, record.Messages, m)
		work.Save(u, record.Aliases, a)
		for _, f := range []string{"raw-", "file-"} {
			work.Save(u, record.Attachments, &message.Attachment{
				ID: f + id, ContactID: person, MessageID: id, StoredAt: at, Bytes: bytes.Repeat([]byte(secret+" "), 60<<10/len(secret)),
			})
		}
		return nil
	})
}

// holds reports where a text is found, in whatever is stored: clear, sealed, in
// blobs and in index entries that lead to something.
func (w *world) holds(needle string) (places []string) {
	w.t.Helper()
	for key := range w.seen.keys {
		docs, err := w.seen.Get(w.t.Context(), key)
		if err != nil {
			w.t.Fatal(err)
		}
		if !docs[0].Exists() {
			continue
		}
		if bytes.Contains(docs[0].Body, []byte(needle)) {
			places = append(places, key.String()+" in the clear")
		}
		body, err := record.Unpack(docs[0].Body)
		if err != nil {
			w.t.Fatal(err)
		}
		for _, p := range body.Parts {
			if plain, ok := w.open(key, body, p); ok && bytes.Contains(plain, []byte(needle)) {
				places = append(places, key.String()+" "+p.Name)
			}
		}
	}
	return places
}

func (w *world) open(key store.Key, body record.Body, p record.Sealed) ([]byte, bool) {
	keys, err := w.Env.Vault.Existing(w.t.Context(), key.Tenant, p.Owner)
	if fault.Is(err, fault.Gone) {
		return nil, false
	}
	if err != nil {
		w.t.Fatal(err)
	}
	sealed, schema := p.Bytes, body.Schema
	if p.Blob != "" {
		if sealed, err = w.Env.Blobs.Get(w.t.Context(), p.Blob, 1<<30); err != nil {
			w.t.Fatal(key, err)
		}
	}
	if p.File {
		schema = 0
	}
	plain, err := keys[0].Open(vault.Place{Tenant: key.Tenant, Subject: p.Owner.Subject, Kind: key.Kind, ID: key.ID, Field: p.Name, Schema: schema}, sealed)
	if err != nil {
		w.t.Fatal(key, err)
	}
	return plain, true
}

// kept lists what is stored of a kind.
func (w *world) kept(kind string) (ids []string) {
	for key := range w.seen.keys {
		if docs, _ := w.seen.Get(w.t.Context(), key); key.Kind == kind && docs[0].Exists() {
			ids = append(ids, key.ID)
		}
	}
	return ids
}

func (w *world) blobs() int {
	infos, _, err := w.Env.Blobs.(*blob.Memory).List(w.t.Context(), "", "")
	if err != nil {
		w.t.Fatal(err)
	}
	return len(infos)
}

// copyAll and bringBack are a backup of the data, and its restore: keys and
// tombstones stand apart.
func (w *world) copyAll() (docs []store.Doc) {
	for key := range w.seen.keys {
		got, err := w.seen.Get(w.t.Context(), key)
		if err != nil {
			w.t.Fatal(err)
		}
		docs = append(docs, got...)
	}
	return docs
}

func (w *world) bringBack(docs []store.Doc) {
	for _, d := range docs {
		if !d.Exists() {
			continue
		}
		body, err := record.Unpack(d.Body)
		if err != nil {
			w.t.Fatal(err)
		}
		shape := record.ByName(d.Key.Kind)
		rec := shape.New()
		if err := shape.Join(rec, record.Plain{Schema: body.Schema, Clear: body.Clear}); err != nil {
			w.t.Fatal(err)
		}
		if err := w.seen.Commit(w.t.Context(), store.Op{Key: d.Key, Act: store.Put, Body: d.Body, Index: shape.Entries(rec)}); err != nil {
			w.t.Fatal(err)
		}
	}
}

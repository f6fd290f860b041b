package dossier_test

import (
	"archive/zip"
	"bytes"
	"context"
	"fmt"
	"io"
	"testing"

	"github.com/okence/okence/shared/access"
	"github.com/okence/okence/shared/domain/contact"
	"github.com/okence/okence/shared/domain/conversation"
	model "github.com/okence/okence/shared/domain/dossier"
	"github.com/okence/okence/shared/domain/message"
	"github.com/okence/okence/shared/dossier"
	"github.com/okence/okence/shared/ledger"
	"github.com/okence/okence/shared/policy"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/store/memory"
	"github.com/okence/okence/shared/work"
	"github.com/okence/okence/shared/work/worktest"
)

// world is a contact centre in memory.
type world struct {
	*worktest.World
	t   testing.TB
	log *ledger.Log
	n   int
}

func newWorld(t testing.TB) *world {
	w := &world{World: worktest.New(t), t: t}
	w.log = &ledger.Log{Docs: w.Docs, Tree: memory.New(), Vault: w.Env.Vault, Now: w.Clock.Now}
	return w
}

func (w *world) terms() *policy.Terms {
	p, err := policy.Builtin().ForTenant("ekc")
	if err != nil {
		w.t.Fatal(err)
	}
	return p.At(w.Clock.Now())
}

func (w *world) do(use access.Use, fn func(context.Context, *work.Unit) error) {
	w.t.Helper()
	w.n++
	s := work.Scope{Tenant: "ekc", Function: "test", Actor: access.FunctionActor("test"), Use: use, Source: "/test", ID: fmt.Sprint(w.n)}
	if _, err := w.Run(context.Background(), s, fn); err != nil {
		w.t.Fatal(err)
	}
}

// person is somebody with planted values.
type person struct {
	id, name, mail, phone string
}

func (w *world) person(p person) {
	w.do(access.Intake, func(_ context.Context, u *work.Unit) error {
		work.Save(u, record.Contacts, &contact.Contact{ID: p.id, CreatedAt: u.Now(), Name: p.name, Addresses: []contact.Address{
			{Scheme: message.Mailto, Address: p.mail, Channel: message.Email, SeenAt: u.Now()},
			{Scheme: message.Tel, Address: p.phone, Channel: message.SMS, SeenAt: u.Now()},
		}})
		return nil
	})
}

const line = "info@example.si"

func (w *world) talk(id string, of person, subject string) {
	w.do(access.Intake, func(_ context.Context, u *work.Unit) error {
		work.Save(u, record.Conversations, &conversation.Conversation{
			ID: id, ContactID: of.id, Channel: message.Email, Provider: "mime", Line: line, Class: conversation.Other, State: conversation.Open,
			OpenedAt: u.Now(), LastAt: u.Now(), Subject: subject,
		})
		return nil
	})
}

// say stores a message of a person, with a text file where one is named.
func (w *world) say(conv, id string, of person, text string, change ...func(*message.Message)) {
	w.do(access.Intake, func(_ context.Context, u *work.Unit) error {
		m := &message.Message{
			ID: id, ConversationID: conv, ContactID: of.id, Channel: message.Email, Provider: "mime", Kind: message.Said, Direction: message.In,
			ReceivedAt: u.Now(), ProviderID: "<" + id + "@mail.example.net>", Text: text,
			Sender: message.Party{Scheme: message.Mailto, Address: of.mail, Name: of.name}, Recipients: []message.Party{{Scheme: message.Mailto, Address: line}},
		}
		for _, f := range change {
			f(m)
		}
		for i := range m.Media {
			file := fmt.Sprintf("%s-file-%d", id, i)
			m.Files = append(m.Files, message.File{State: message.Clean, FileID: file})
			work.Save(u, record.Attachments, &message.Attachment{ID: file, ContactID: of.id, MessageID: id, StoredAt: u.Now(), Mime: m.Media[i].Mime, Bytes: []byte("vsebina: " + text)})
		}
		work.Save(u, record.Messages, m)
		return nil
	})
}

// build makes a package of persons, all its text in one, and what was built.
func (w *world) build(form model.Form, verdicts []model.Verdict, persons ...string) (*dossier.Built, string) {
	w.t.Helper()
	var b *dossier.Built
	p := &model.Package{RequestID: "r1", ContactID: persons[0], ContactIDs: persons, Form: form, Language: "sl", Verdicts: verdicts}
	w.do(access.Rights, func(ctx context.Context, u *work.Unit) (err error) {
		b, err = dossier.Build(ctx, u, dossier.Sources{Tree: w.log.Tree, Terms: w.terms()}, p)
		return err
	})
	archive, _, err := b.Pack(context.Background(), w.log)
	if err != nil {
		w.t.Fatal(err)
	}
	return b, unzip(w.t, archive)
}

// unzip is every name and every byte of an archive in one text.
func unzip(t testing.TB, archive []byte) string {
	z, err := zip.NewReader(bytes.NewReader(archive), int64(len(archive)))
	if err != nil {
		t.Fatal(err)
	}
	var all bytes.Buffer
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		all.WriteString(f.Name + "\n")
		if _, err := io.Copy(&all, r); err != nil {
			t.Fatal(err)
		}
		r.Close()
	}
	return all.String()
}

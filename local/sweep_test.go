package main

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/okence/okence/shared/access"
	"github.com/okence/okence/shared/domain/contact"
	"github.com/okence/okence/shared/domain/conversation"
	"github.com/okence/okence/shared/domain/message"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/store/sqlite"
	"github.com/okence/okence/shared/work"
)

// sown is a data directory with two conversations of the year before last.
func sown(t *testing.T, dir string, people ...string) {
	t.Helper()
	at := time.Now().UTC().AddDate(-2, 0, 0)
	s, err := startSystem(filepath.Join(dir, "data"), filepath.Join(dir, "keys"), publicURL, &clock{manual: true, at: at})
	if err != nil {
		t.Fatal(err)
	}
	defer s.close()
	for _, p := range people {
		_, err := s.env.Work.Run(t.Context(), work.Scope{Tenant: "ekc", Function: "test", Actor: access.FunctionActor("test"), Use: access.Intake}, func(_ context.Context, u *work.Unit) error {
			work.Save(u, record.Contacts, &contact.Contact{ID: p, CreatedAt: at, Name: "NEEDLE"})
			work.Save(u, record.Lookups, &contact.Lookup{ID: "l-" + p, ContactID: p, Open: map[string]string{"x": "c-" + p}})
			work.Save(u, record.Conversations, &conversation.Conversation{ID: "c-" + p, ContactID: p, Class: conversation.Other, OpenedAt: at, LastAt: at, Subject: "NEEDLE"})
			work.Save(u, record.Messages, &message.Message{ID: "m-" + p, ConversationID: "c-" + p, ContactID: p, ReceivedAt: at, Text: "NEEDLE", RawID: "f-" + p})
			work.Save(u, record.Attachments, &message.Attachment{ID: "f-" + p, ContactID: p, MessageID: "m-" + p, StoredAt: at, Bytes: []byte(strings.Repeat("NEEDLE", 20_000))})
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

// stored counts the records of a kind, as anybody could who has the file.
func stored(t *testing.T, data, kind string) (n int) {
	t.Helper()
	s, err := sqlite.Open(filepath.Join(data, "okence.db"), sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for _, p := range []string{"ana", "bor"} {
		id := map[string]string{"contact": p, "message": "m-" + p, "attachment": "f-" + p, "lookup": "l-" + p, "conversation": "c-" + p}[kind]
		docs, err := s.Get(t.Context(), record.ByName(kind).Key("ekc", id))
		if err != nil {
			t.Fatal(err)
		}
		if docs[0].Exists() {
			n++
		}
	}
	return n
}

// TestSweepBackupAndRestore: a dry run changes nothing, its plan is executed, the
// certificate holds, and a backup from before comes up only without what was
// erased.
func TestSweepBackupAndRestore(t *testing.T) {
	dir := t.TempDir()
	data, keys := filepath.Join(dir, "data"), filepath.Join(dir, "keys")
	sown(t, dir, "ana", "bor")
	where := server{Server: "http://127.0.0.1:1", Data: data, Keys: keys}
	at := places{Data: data, Keys: keys}

	if err := (&backupCmd{places: at, Out: filepath.Join(dir, "copy"), KeysOut: filepath.Join(dir, "copy", "keys")}).Run(); err == nil {
		t.Fatal("keys beside the data that they open")
	}
	old := filepath.Join(dir, "keycopies", time.Now().Add(-keyBackupLife).UTC().Format("20060102T150405Z"))
	if err := os.MkdirAll(old, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := (&backupCmd{places: at, Out: filepath.Join(dir, "copy"), KeysOut: filepath.Join(dir, "keycopies")}).Run(); err != nil {
		t.Fatal(err)
	}
	if left, _ := os.ReadDir(filepath.Join(dir, "keycopies")); len(left) != 1 || left[0].Name() == filepath.Base(old) {
		t.Fatal("a copy of keys lives longer than seven days")
	}

	if err := (&sweepCmd{Tenant: "ekc", DryRun: true, server: where, As: "op", JSON: true}).Run(); err != nil {
		t.Fatal(err)
	}
	if stored(t, data, "message") != 2 {
		t.Fatal("a dry run deletes")
	}
	cert := filepath.Join(dir, "cert.json")
	if err := (&sweepCmd{Tenant: "ekc", server: where, As: "op", Out: cert}).Run(); err != nil {
		t.Fatal(err)
	}
	for _, kind := range []string{"message", "conversation", "contact", "lookup", "attachment"} {
		if n := stored(t, data, kind); n != 0 {
			t.Errorf("%d of kind %s are left", n, kind)
		}
	}
	if err := (&certificateCmd{File: cert}).Run(); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(cert)
	if err != nil {
		t.Fatal(err)
	}
	changed := filepath.Join(dir, "changed.json")
	if err := os.WriteFile(changed, []byte(strings.Replace(string(b), `"persons": 2`, `"persons": 3`, 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := (&certificateCmd{File: changed}).Run(); err == nil {
		t.Fatal("a certificate that was changed holds")
	}
	if !json.Valid(b) || strings.Contains(string(b), "ana") {
		t.Fatal("the certificate names who is gone")
	}

	if err := (&restoreCmd{places: at, From: filepath.Join(dir, "copy")}).Run(); err == nil {
		t.Fatal("data are replaced unasked")
	}
	ledger := filepath.Join(data, "ledger")
	if err := os.Rename(ledger, ledger+".away"); err != nil {
		t.Fatal(err)
	}
	if err := (&restoreCmd{places: at, From: filepath.Join(dir, "copy"), Replace: true}).Run(); err == nil {
		t.Fatal("restored without the list of what was erased")
	}
	if err := os.Rename(ledger+".away", ledger); err != nil {
		t.Fatal(err)
	}
	if err := (&restoreCmd{places: at, From: filepath.Join(dir, "copy"), Replace: true}).Run(); err != nil {
		t.Fatal(err)
	}
	for _, kind := range []string{"message", "conversation", "contact", "lookup", "attachment"} {
		if n := stored(t, data, kind); n != 0 {
			t.Errorf("%d of kind %s came back with the backup", n, kind)
		}
	}
	if blobs, _ := filepath.Glob(filepath.Join(data, "blobs", "ekc", "attachment", "*", "*+")); len(blobs) != 0 {
		t.Error("files came back:", blobs)
	}
	sown(t, dir) // and it opens again
}

func TestARestoreThatWasCutOffStaysClosed(t *testing.T) {
	dir := t.TempDir()
	sown(t, dir, "ana")
	marker := filepath.Join(dir, "data", "restoring")
	if err := os.WriteFile(marker, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if s, err := startSystem(filepath.Join(dir, "data"), filepath.Join(dir, "keys"), publicURL, &clock{}); err == nil {
		s.close()
		t.Fatal("it opens")
	}
}

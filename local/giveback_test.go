package main

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/okence/okence/shared/access"
	"github.com/okence/okence/shared/domain/collection"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/work"
)

// TestGivenBackAndThenDestroyed: what a laboratory kept of a patient is returned
// in full and then destroyed; a PIN is neither shown nor returned.
func TestGivenBackAndThenDestroyed(t *testing.T) {
	t.Setenv("OKENCE_TENANTS", "laboss")
	dir := t.TempDir()
	where := server{Server: "http://127.0.0.1:1", Data: filepath.Join(dir, "data"), Keys: filepath.Join(dir, "keys")}
	now := time.Now().UTC()
	open := func(do func(s *system)) {
		t.Helper()
		s, err := startSystem(where.Data, where.Keys, publicURL, &clock{manual: true, at: now})
		if err != nil {
			t.Fatal(err)
		}
		defer s.close()
		do(s)
	}
	ended := time.Time{}
	save := func(s *system) {
		_, err := s.env.Work.Run(t.Context(), work.Scope{Tenant: "laboss", Function: "test", Actor: access.FunctionActor("test"), Use: access.Intake}, func(ctx context.Context, u *work.Unit) error {
			k, ok, err := work.Find(ctx, u, record.Contracts, "k1")
			if err != nil {
				return err
			}
			k.ID, k.Controller, k.BeganAt, k.EndedAt = "k1", "lab", now.AddDate(-1, 0, 0), ended
			work.Save(u, record.Contracts, k)
			if ok {
				return nil
			}
			work.Save(u, record.Collections, &collection.Item{
				ID: "p1", ContractID: "k1", Subject: "pat", Of: "patient", EnteredAt: now, Name: "Ana Novak", Findings: "karies", Scans: []string{"xray", "scan3d"}, PIN: []byte("pinhash"),
			})
			for _, id := range []string{"xray", "scan3d"} {
				work.Save(u, record.Scans, &collection.Scan{ID: id, ItemID: "p1", Subject: "pat", Mime: "application/dicom", Bytes: []byte(strings.Repeat(id, 20_000))})
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	open(save)
	give := &giveBackCmd{Tenant: "laboss", Contract: "k1", Out: filepath.Join(dir, "early"), As: "lab-admin", server: where}
	if err := give.Run(); err == nil {
		t.Fatal("given back while the contract runs")
	}
	ended = now.Add(-time.Hour)
	open(save)
	give.Out = filepath.Join(dir, "out")
	if err := give.Run(); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(filepath.Join(give.Out, "collected.jsonl"))
	if err != nil || !strings.Contains(string(b), `"Ana Novak"`) || !strings.Contains(string(b), "karies") || strings.Contains(string(b), "pin") || strings.Contains(string(b), "cGluaGFzaA") {
		t.Fatal(string(b), err)
	}
	for _, id := range []string{"xray", "scan3d"} {
		if image, err := os.ReadFile(filepath.Join(give.Out, id)); err != nil || len(image) != 20_000*len(id) {
			t.Error(id, len(image), err)
		}
	}
	cert := filepath.Join(dir, "cert.json")
	if err := (&sweepCmd{Tenant: "laboss", Contract: "k1", server: where, As: "op", Out: cert}).Run(); err != nil {
		t.Fatal(err)
	}
	if err := (&certificateCmd{File: cert}).Run(); err != nil {
		t.Fatal(err)
	}
	open(func(s *system) {
		docs, err := s.env.Work.Store.Get(t.Context(), record.Collections.Key("laboss", "p1"), record.Scans.Key("laboss", "xray"), record.Scans.Key("laboss", "scan3d"))
		if err != nil || docs[0].Exists() || docs[1].Exists() || docs[2].Exists() {
			t.Error("it was given back and is still there:", err)
		}
		if owners, _ := s.env.Work.Vault.Owners(t.Context(), "laboss", "pat"); len(owners) != 0 {
			t.Error("a key lives on:", owners)
		}
	})
}

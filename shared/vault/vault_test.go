package vault_test

import (
	"bytes"
	"context"
	"strconv"
	"sync"
	"testing"

	"github.com/okence/okence/shared/fault"
	"github.com/okence/okence/shared/store"
	"github.com/okence/okence/shared/store/memory"
	"github.com/okence/okence/shared/store/storetest"
	"github.com/okence/okence/shared/vault"
	"github.com/okence/okence/shared/vault/file"
)

type counting struct {
	vault.KMS
	calls int
}

func (c *counting) Wrap(ctx context.Context, kc vault.Context, b []byte) ([]byte, error) {
	c.calls++
	return c.KMS.Wrap(ctx, kc, b)
}

func (c *counting) Unwrap(ctx context.Context, kc vault.Context, b []byte) ([]byte, error) {
	c.calls++
	return c.KMS.Unwrap(ctx, kc, b)
}

func open(t *testing.T, keys store.Store) (*vault.Vault, *counting) {
	t.Helper()
	k, err := file.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	c := &counting{KMS: k}
	return vault.New(c, keys), c
}

var (
	ana  = vault.Owner{Subject: "ana", Class: "channel"}
	here = vault.Place{Tenant: "ekc", Subject: "ana", Kind: "message", ID: "m1", Field: "part", Schema: 1}
)

func key(t *testing.T, v *vault.Vault, o vault.Owner) *vault.Key {
	t.Helper()
	ks, err := v.Keys(t.Context(), "ekc", o)
	if err != nil {
		t.Fatal(err)
	}
	return ks[0]
}

func TestAPartOpensOnlyWhereItWasSealed(t *testing.T) {
	v, _ := open(t, memory.New())
	k := key(t, v, ana)
	sealed := k.Seal(here, []byte("dober dan"))
	if got, err := k.Open(here, sealed); err != nil || string(got) != "dober dan" {
		t.Fatal(string(got), err)
	}
	if vault.KeyID(sealed) != k.ID() {
		t.Fatal("the sealed part does not name its key")
	}
	elsewhere := map[string]func(*vault.Place){
		"another tenant":  func(p *vault.Place) { p.Tenant = "x" },
		"another subject": func(p *vault.Place) { p.Subject = "x" },
		"another kind":    func(p *vault.Place) { p.Kind = "x" },
		"another record":  func(p *vault.Place) { p.ID = "x" },
		"another field":   func(p *vault.Place) { p.Field = "x" },
		"another schema":  func(p *vault.Place) { p.Schema = 2 },
		"shifted border":  func(p *vault.Place) { p.Kind, p.ID = "messagem", "1" },
	}
	for name, move := range elsewhere {
		p := here
		move(&p)
		if _, err := k.Open(p, sealed); err == nil {
			t.Errorf("%s: it opened", name)
		}
	}
	for i := range sealed {
		bad := bytes.Clone(sealed)
		bad[i] ^= 0x40
		if _, err := k.Open(here, bad); err == nil {
			t.Errorf("byte %d may change", i)
		}
	}
}

func TestADestroyedKeyIsGoneForGood(t *testing.T) {
	keys := memory.New()
	v, _ := open(t, keys)
	sealed := key(t, v, ana).Seal(here, []byte("x"))
	for range 2 { // destroying twice is fine
		if err := v.Destroy(t.Context(), "ekc", ana); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := v.Keys(t.Context(), "ekc", ana); !fault.Is(err, fault.Gone) {
		t.Fatalf("a new key was made for an erased person: %v", err)
	}
	if _, err := v.Existing(t.Context(), "ekc", ana); !fault.Is(err, fault.Gone) {
		t.Fatal(err)
	}
	case_ := vault.Owner{Subject: "ana", Class: "case"}
	key(t, v, case_) // another class of the same person lives on
	owners, err := v.Owners(t.Context(), "ekc", "ana")
	if err != nil || len(owners) != 1 || owners[0] != case_ {
		t.Fatal(owners, err)
	}
	page, _ := keys.Query(t.Context(), store.Query{Tenant: "ekc", Index: "subject", Partition: "ana"})
	for _, d := range page.Docs {
		if bytes.Contains(d.Body, []byte(sealed[1:10])) {
			t.Fatal("key material left")
		}
	}
	if err := v.Destroy(t.Context(), "ekc", vault.Owner{Subject: "nobody", Class: "channel"}); err != nil {
		t.Fatal("destroying what never was:", err)
	}
}

func TestKMSIsCalledOnceATenant(t *testing.T) {
	v, kms := open(t, memory.New())
	for i := range 100 {
		key(t, v, vault.Owner{Subject: "p" + strconv.Itoa(i), Class: "channel"})
	}
	if _, err := v.Hash(t.Context(), "ekc", "address", "x"); err != nil {
		t.Fatal(err)
	}
	if kms.calls != 1 {
		t.Fatalf("%d calls of KMS for 100 keys, want 1", kms.calls)
	}
}

func TestManyAtOnceMakeOneKey(t *testing.T) {
	keys := memory.New()
	k, _ := file.Open(t.TempDir())
	ids := sync.Map{}
	var wg sync.WaitGroup
	sealed := make([][]byte, 16)
	for i := range sealed {
		wg.Go(func() {
			v := vault.New(k, keys) // a process of its own
			ks, err := v.Keys(context.Background(), "ekc", ana, ana)
			if err != nil {
				t.Error(err)
				return
			}
			ids.Store(ks[0].ID(), true)
			sealed[i] = ks[1].Seal(here, []byte("x"))
		})
	}
	wg.Wait()
	last := key(t, vault.New(k, keys), ana)
	for i, s := range sealed {
		if _, err := last.Open(here, s); err != nil {
			t.Fatalf("process %d sealed under a key that was not kept: %v", i, err)
		}
	}
}

func TestHashesTellPartsAndTenantsApart(t *testing.T) {
	v, _ := open(t, memory.New())
	seen := map[string]string{}
	for name, in := range map[string][]string{
		"one part": {"ekc", "l", "ab"}, "two parts": {"ekc", "l", "a", "b"}, "moved": {"ekc", "la", "b"},
		"other label": {"ekc", "m", "ab"}, "other tenant": {"x", "l", "ab"}, "empty": {"ekc", "l", ""}, "none": {"ekc", "l"},
	} {
		h, err := v.Hash(t.Context(), in[0], in[1], in[2:]...)
		if err != nil || len(h) != 26 {
			t.Fatal(h, err)
		}
		if seen[h] != "" {
			t.Errorf("%s and %s are the same", name, seen[h])
		}
		seen[h] = name
		if again, _ := v.Hash(t.Context(), in[0], in[1], in[2:]...); again != h {
			t.Errorf("%s changes", name)
		}
	}
}

func TestAKeyIsDurableBeforeItIsUsed(t *testing.T) {
	for _, moment := range []storetest.Moment{storetest.Before, storetest.After} {
		for nth := 1; nth <= 5; nth++ {
			keys := memory.New()
			k, _ := file.Open(t.TempDir())
			f := storetest.Faulty(keys)
			f.Fail(storetest.Plan{Nth: nth, Moment: moment})
			v := vault.New(k, f)
			ks, err := v.Keys(t.Context(), "ekc", ana)
			if err != nil {
				continue
			}
			again, err := vault.New(k, keys).Existing(t.Context(), "ekc", ana)
			if err != nil {
				t.Fatalf("failure %d %s: handed out a key that is not stored: %v", nth, moment, err)
			}
			if _, err := again[0].Open(here, ks[0].Seal(here, nil)); err != nil {
				t.Fatal(err)
			}
		}
	}
}

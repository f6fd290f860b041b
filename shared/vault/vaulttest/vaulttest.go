// Package vaulttest is the contract suite of the KMS port.
package vaulttest

import (
	"bytes"
	"crypto/rand"
	"sync"
	"testing"

	"github.com/okence/okence/shared/fault"
	"github.com/okence/okence/shared/vault"
)

// Run checks a driver. open returns the same root keys each time it is called
// within a test.
func Run(t *testing.T, open func(t *testing.T) vault.KMS) {
	here := vault.Context{Tenant: "ekc", Purpose: "tenant"}
	plain := make([]byte, 64)
	rand.Read(plain)

	t.Run("what is wrapped is opened again, after a restart too", func(t *testing.T) {
		wrapped, err := open(t).Wrap(t.Context(), here, plain)
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(wrapped, plain[:16]) {
			t.Fatal("the wrapped key shows the key")
		}
		got, err := open(t).Unwrap(t.Context(), here, wrapped)
		if err != nil || !bytes.Equal(got, plain) {
			t.Fatalf("unwrap: %v", err)
		}
	})
	t.Run("wrapping twice gives different bytes", func(t *testing.T) {
		k := open(t)
		a, _ := k.Wrap(t.Context(), here, plain)
		b, _ := k.Wrap(t.Context(), here, plain)
		if bytes.Equal(a, b) {
			t.Fatal("the same bytes twice")
		}
	})
	t.Run("another context is refused", func(t *testing.T) {
		k := open(t)
		wrapped, _ := k.Wrap(t.Context(), here, plain)
		for _, c := range []vault.Context{{Tenant: "other", Purpose: "tenant"}, {Tenant: "ekc", Purpose: "ledger"}, {Tenant: "ekctenant"}} {
			if _, err := k.Unwrap(t.Context(), c, wrapped); !fault.Is(err, fault.Forbidden) {
				t.Errorf("%v: %v", c, err)
			}
		}
	})
	t.Run("one changed byte anywhere is refused", func(t *testing.T) {
		k := open(t)
		wrapped, _ := k.Wrap(t.Context(), here, plain)
		for i := range wrapped {
			bad := bytes.Clone(wrapped)
			bad[i] ^= 1
			if got, err := k.Unwrap(t.Context(), here, bad); err == nil && bytes.Equal(got, plain) {
				t.Fatalf("byte %d may change", i)
			} else if err == nil {
				t.Fatalf("byte %d: opened to something else", i)
			}
		}
		for _, short := range [][]byte{nil, {}, wrapped[:1], wrapped[:len(wrapped)-1]} {
			if _, err := k.Unwrap(t.Context(), here, short); !fault.Is(err, fault.Forbidden) {
				t.Errorf("%d bytes: %v", len(short), err)
			}
		}
	})
	t.Run("more than 4 KiB is refused", func(t *testing.T) {
		if _, err := open(t).Wrap(t.Context(), here, make([]byte, 4097)); !fault.Is(err, fault.TooLarge) {
			t.Fatal(err)
		}
	})
	t.Run("many at once", func(t *testing.T) {
		k := open(t)
		var wg sync.WaitGroup
		for range 16 {
			wg.Go(func() {
				w, err := k.Wrap(t.Context(), here, plain)
				if err != nil {
					t.Error(err)
					return
				}
				if got, err := k.Unwrap(t.Context(), here, w); err != nil || !bytes.Equal(got, plain) {
					t.Error(err)
				}
			})
		}
		wg.Wait()
	})
}

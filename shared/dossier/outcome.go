package dossier

import (
	"context"
	"encoding/json"
	"slices"

	"github.com/okence/okence/shared/domain/audit"
	"github.com/okence/okence/shared/domain/dossier"
	"github.com/okence/okence/shared/fault"
	"github.com/okence/okence/shared/ledger"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/store"
	"github.com/okence/okence/shared/work"
)

// Proved is a certificate with what proves it: the digest of the certificate is a
// field of the entry, and the entry has its inclusion proof. Without an entry the
// log has not sequenced it yet: within the hour it has.
type Proved struct {
	Certificate dossier.Certificate `json:"certificate"`
	Digest      string              `json:"digest"`
	Entry       *ledger.Shown       `json:"entry,omitempty"`
	Key         string              `json:"key,omitempty"` // of the log, C2SP signed-note: compare it with the published one
}

// Proof finds the entry of the processing log that notes an erasure.
func Proof(ctx context.Context, u *work.Unit, tree store.Store, e *dossier.Erasure) (Proved, error) {
	p := Proved{Certificate: e.Certificate, Digest: e.Certificate.Digest()}
	r := ledger.Reader{Unit: u, Tree: tree, Naming: ledger.ByPseudonym}
	for _, s := range e.ContactIDs {
		for cursor := ""; ; {
			list, next, err := r.Mine(ctx, s, cursor, ledger.MaxPage)
			if err != nil {
				return p, err
			}
			for _, shown := range list {
				if Notes(shown, e.ID, p.Digest) {
					p.Entry = &shown
					return p, nil
				}
			}
			if cursor = next; next == "" {
				break
			}
		}
	}
	return p, nil
}

// Notes reports whether an entry of the log notes the erasure of a request with
// a certificate of this digest: by its content, which the leaf commits to.
func Notes(s ledger.Shown, request, digest string) bool {
	act, items := "", []audit.Item{}
	for _, f := range s.Content {
		switch {
		case f.Name == "act" && !f.Withheld():
			act = f.Value
		case f.Name == "items" && !f.Withheld():
			if f.Value != "" && json.Unmarshal([]byte(f.Value), &items) != nil {
				return false
			}
		}
	}
	return act == string(audit.Erase) && slices.ContainsFunc(items, func(i audit.Item) bool {
		return i.Kind == record.Erasures.Name && i.ID == request && slices.Contains(i.Fields, digest)
	})
}

// CheckProved verifies a certificate offline by the log's public key.
// fault.Invalid: it does not hold.
func CheckProved(p Proved, keys ledger.Keys) error {
	if p.Entry == nil || p.Digest != p.Certificate.Digest() || !Notes(*p.Entry, p.Certificate.Request, p.Digest) {
		return fault.New(fault.Invalid, "dossier: the certificate is not what the entry notes")
	}
	_, err := ledger.CheckShown(*p.Entry, keys)
	return err
}

// CodeHash is the tenant's keyed hash of a link's token and its code.
func CodeHash(ctx context.Context, u *work.Unit, token, code string) (string, error) {
	return u.Hash(ctx, "package code", token, code)
}

package main

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/okence/okence/shared/access"
	"github.com/okence/okence/shared/domain/audit"
	"github.com/okence/okence/shared/domain/collection"
	"github.com/okence/okence/shared/dossier"
	"github.com/okence/okence/shared/host"
	"github.com/okence/okence/shared/obs"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/store"
	"github.com/okence/okence/shared/work"
)

type giveBackCmd struct {
	Tenant   string `help:"Tenant." required:""`
	Contract string `help:"The contract that has ended." required:"" placeholder:"ID"`
	Out      string `help:"A new directory: collected.jsonl, one person a line, and their images." required:"" type:"path"`
	As       string `help:"Who takes the data back: an opaque id, noted in the log." required:""`
	server
}

// Run returns to a controller what a processor kept for it, in a structured,
// common, machine-readable form (L08, S16). The next sweep begins
// one for the contract, which destroys it but for what the law keeps. Credentials
// are never handed out: of a PIN there is but a hash.
func (c *giveBackCmd) Run() error {
	ctx, now := context.Background(), c.now()
	settings, err := host.ReadSettings()
	if err != nil {
		return err
	}
	settings.Data, settings.Keys = c.Data, c.keys()
	if err := settings.Check(); err != nil {
		return err
	}
	env, err := host.Open(settings, obs.Discard(), (&clock{manual: true, at: now}).Now)
	if err != nil {
		return err
	}
	defer env.Close()
	if err := os.Mkdir(c.Out, 0o700); err != nil {
		return err
	}
	f, err := os.OpenFile(filepath.Join(c.Out, "collected.jsonl"), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	sum := sha256.New()
	n, err := c.items(ctx, env.Work, io.MultiWriter(f, sum))
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	digest := hex.EncodeToString(sum.Sum(nil))
	if _, err := env.Work.Run(ctx, c.scope(), func(ctx context.Context, u *work.Unit) error {
		k, err := work.Load(ctx, u, record.Contracts, c.Contract)
		if err != nil {
			return err
		}
		work.Save(u, record.Contracts, k)
		return k.Return(c.As, digest, u.Now())
	}); err != nil {
		return err
	}
	fmt.Printf("%d persons returned to %s, sha256 %s; the next sweep destroys what is here and may go: see okence sweep --contract\n", n, c.Out, digest)
	return nil
}

func (c *giveBackCmd) scope() work.Scope {
	return work.Scope{
		Tenant: c.Tenant, Function: "giveback", Actor: access.Actor{ID: c.As, Role: access.Officer, Case: c.Contract}, Use: access.Rights,
		Source: "/local/giveback", ID: strings.ToLower(rand.Text()),
	}
}

// items writes what stands under the contract, one person after the other: each
// in a unit of its own, which notes the disclosure.
func (c *giveBackCmd) items(ctx context.Context, env *work.Env, w io.Writer) (n int, err error) {
	q := store.Query{Index: record.ByNode, Partition: c.Contract, Limit: store.MaxOps}
	for {
		var found []work.Found
		var next string
		if _, err := env.Run(ctx, c.scope(), func(ctx context.Context, u *work.Unit) (err error) {
			k, err := work.Peek(ctx, u, record.Contracts, c.Contract)
			if err == nil && (k.EndedAt.IsZero() || u.Now().Before(k.EndedAt)) {
				err = collection.ErrNotEnded
			}
			if err == nil {
				found, next, err = u.Seek(ctx, q, record.Collections.Name)
			}
			return err
		}); err != nil {
			return n, err
		}
		for _, f := range found {
			if err := c.item(ctx, env, w, f.ID()); err != nil {
				return n, err
			}
			n++
		}
		if q.Token = next; next == "" {
			return n, nil
		}
	}
}

func (c *giveBackCmd) item(ctx context.Context, env *work.Env, w io.Writer, id string) error {
	var line []byte
	images := map[string][]byte{}
	_, err := env.Run(ctx, c.scope(), func(ctx context.Context, u *work.Unit) error {
		i, err := work.Load(ctx, u, record.Collections, id)
		if err != nil {
			return err
		}
		for _, s := range i.Scans {
			if images[s], err = work.OpenFile(ctx, u, record.Scans, s, "Bytes"); err != nil {
				return err
			}
		}
		k, err := work.Peek(ctx, u, record.Contracts, c.Contract)
		if err != nil {
			return err
		}
		u.Note(audit.Disclose, i.Subject, audit.Item{Kind: record.Collections.Name, ID: id}).Recipient = c.As
		if err := dossier.Returned(ctx, u, k.Controller, i); err != nil {
			return err
		}
		line, err = json.Marshal(i.Export())
		return err
	})
	if err != nil {
		return err
	}
	for name, b := range images {
		if err := os.WriteFile(filepath.Join(c.Out, filepath.Base(name)), b, 0o600); err != nil {
			return err
		}
	}
	_, err = w.Write(append(line, '\n'))
	return err
}

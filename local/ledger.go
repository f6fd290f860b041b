package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/okence/okence/shared/access"
	"github.com/okence/okence/shared/domain/audit"
	"github.com/okence/okence/shared/host"
	"github.com/okence/okence/shared/ledger"
	"github.com/okence/okence/shared/obs"
	"github.com/okence/okence/shared/store"
	"github.com/okence/okence/shared/store/sqlite"
)

type ledgerCmd struct {
	Verify ledgerVerifyCmd `cmd:"" help:"Check the log offline, from a data directory or a published log."`
	Prove  ledgerProveCmd  `cmd:"" help:"Prove that an entry stands in the log, or that an older log is its beginning."`
	Show   ledgerShowCmd   `cmd:"" help:"Open entries, for those allowed; the query is itself noted."`
}

// logData says which log of which data directory.
type logData struct {
	Tenant string `help:"Tenant." default:"ekc"`
	Data   string `help:"Data directory." env:"OKENCE_DATA" type:"path" default:".data/okence"`
}

// open opens both stores of a log.
func (d logData) open() (docs, tree store.Store, err error) {
	path := filepath.Join(d.Data, "okence.db")
	if _, err := os.Stat(path); err != nil {
		return nil, nil, fmt.Errorf("no data in %s: name its directory with --data", d.Data)
	}
	if docs, err = sqlite.Open(path, sqlite.Options{}); err != nil {
		return nil, nil, err
	}
	tree, err = sqlite.Open(filepath.Join(d.Data, "ledger", "ledger.db"), sqlite.Options{})
	if err != nil {
		docs.Close()
	}
	return docs, tree, err
}

type ledgerVerifyCmd struct {
	logData
	URL        string   `help:"Check a published log instead, such as http://127.0.0.1:8080/ledger/ekc." name:"url"`
	Key        string   `help:"The log's public key, held outside."`
	Witness    []string `help:"Public keys of witnesses."`
	Checkpoint string   `help:"A checkpoint held outside: finds truncation, rollback and forks." type:"path" placeholder:"FILE"`
	JSON       bool     `help:"Report in JSON." name:"json"`
}

func (c *ledgerVerifyCmd) Run() error {
	v := ledger.VerifyCommand{Tenant: c.Tenant, URL: c.URL, Key: c.Key, Witnesses: c.Witness, JSON: c.JSON}
	var err error
	if c.Checkpoint != "" {
		if v.Checkpoint, err = os.ReadFile(c.Checkpoint); err != nil {
			return err
		}
	}
	if c.URL == "" {
		if v.Docs, v.Tree, err = c.open(); err != nil {
			return err
		}
		defer v.Docs.Close()
		defer v.Tree.Close()
	}
	ok, err := v.Run(context.Background(), os.Stdout)
	if err == nil && !ok {
		err = errors.New("the log does not verify")
	}
	return err
}

type ledgerProveCmd struct {
	logData
	Entry string `arg:"" optional:"" help:"An entry's id, or a leaf's number."`
	Since int64  `help:"Prove instead that the log of this size is a beginning of today's." placeholder:"SIZE"`
}

func (c *ledgerProveCmd) Run() error {
	if (c.Entry == "") == (c.Since == 0) {
		return errors.New("name an entry or a leaf, or an older size with --since")
	}
	docs, tree, err := c.open()
	if err != nil {
		return err
	}
	defer docs.Close()
	defer tree.Close()
	if c.Since > 0 {
		return ledger.ProveSince(context.Background(), os.Stdout, tree, c.Tenant, c.Since)
	}
	return ledger.Prove(context.Background(), os.Stdout, tree, c.Tenant, c.Entry)
}

type ledgerShowCmd struct {
	logData
	Keys  string    `help:"Key directory." env:"OKENCE_KEYS" type:"path"`
	Class string    `help:"log, login_log or desk_log." default:"log"`
	From  time.Time `help:"From this instant, RFC 3339."`
	To    time.Time `help:"Up to this instant, RFC 3339."`
	Case  string    `help:"The matter for which you look: it stands in the log." required:""`
	As    string    `help:"Who looks: an opaque id, noted in the log." required:""`
	Role  string    `help:"administrator or auditor." default:"auditor" enum:"administrator,auditor"`
}

func (c *ledgerShowCmd) Run() error {
	settings, err := host.ReadSettings()
	if err != nil {
		return err
	}
	settings.Data, settings.Keys = c.Data, c.Keys
	if err := settings.Check(); err != nil {
		return err
	}
	env, err := host.Open(settings, obs.Discard(), nil)
	if err != nil {
		return err
	}
	defer env.Close()
	return ledger.ShowCommand{
		Env: env.Work, Log: env.Ledger, Tenant: c.Tenant, Class: audit.Class(c.Class), From: c.From, To: c.To,
		Actor: access.Actor{ID: c.As, Role: access.Role(c.Role), Case: c.Case},
	}.Run(context.Background(), os.Stdout)
}

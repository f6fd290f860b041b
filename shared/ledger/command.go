package ledger

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"time"

	"github.com/okence/okence/shared/access"
	"github.com/okence/okence/shared/domain/audit"
	"github.com/okence/okence/shared/fault"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/store"
	"github.com/okence/okence/shared/work"
)

// This file is what `okence ledger` does, without its flags.

// VerifyCommand is `okence ledger verify`: of a data directory (Docs, Tree and
// Tenant), or of a published log (URL). It needs no credentials.
type VerifyCommand struct {
	Docs, Tree store.Store
	Tenant     string
	URL        string   // prefix of a published log: .../ledger/ekc
	Key        string   // verifier key of the log; "" trusts the one that it names itself
	Witnesses  []string // verifier keys of witnesses
	Checkpoint []byte   // held outside; nil: none
	JSON       bool
}

// Run prints the report and returns whether nothing is wrong. The error is one
// of reading, or says that a checkpoint is not of this log.
func (c VerifyCommand) Run(ctx context.Context, w io.Writer) (bool, error) {
	o := Options{Keys: Keys{Log: c.Key, Witnesses: c.Witnesses}, Outside: c.Checkpoint}
	var r *Report
	var err error
	if c.URL == "" {
		r, err = Verify(ctx, c.Docs, c.Tree, c.Tenant, o)
	} else {
		src := HTTPSource{URL: c.URL}
		if o.Keys.Log == "" {
			if o.Keys.Log, err = src.Key(ctx); err != nil {
				return false, err
			}
		}
		r, err = VerifyTiles(ctx, src, o)
	}
	if err != nil {
		return false, err
	}
	if c.JSON {
		return r.OK(), json.NewEncoder(w).Encode(r)
	}
	r.Write(w)
	if c.Key == "" {
		fmt.Fprintln(w, "key        the log's own word; hold its key outside and name it to know whose log it is")
	}
	if c.Checkpoint == nil {
		fmt.Fprintln(w, "outside    none: truncation, rollback and forks are found only against a checkpoint held outside")
	}
	return r.OK(), nil
}

// Prove is `okence ledger prove`: it prints the proof of an entry, by its id, or
// of a leaf, by its number (C2SP tlog-proof).
func Prove(ctx context.Context, w io.Writer, tree store.Store, tenant, what string) error {
	p, err := NewProver(ctx, tree, tenant)
	if err != nil {
		return err
	}
	var proof Proof
	if n, err2 := strconv.ParseInt(what, 10, 64); err2 == nil {
		proof, err = p.Leaf(ctx, n)
	} else {
		proof, err = p.Entry(ctx, what)
	}
	if err != nil {
		return err
	}
	_, err = io.WriteString(w, proof.String())
	return err
}

// ProveSince is `okence ledger prove --since`: it prints the proof that the log
// of an older size is a beginning of the newest one.
func ProveSince(ctx context.Context, w io.Writer, tree store.Store, tenant string, size int64) error {
	p, err := NewProver(ctx, tree, tenant)
	if err != nil {
		return err
	}
	_, text, err := p.Consistency(size)
	if err != nil {
		return err
	}
	_, err = io.WriteString(w, text)
	return err
}

// ShowCommand is `okence ledger show`, for those allowed: it opens entries, and
// is itself noted before anything is printed.
type ShowCommand struct {
	Env    *work.Env
	Log    *Log
	Tenant string
	Actor  access.Actor // an administrator or auditor; Case names the matter
	Class  audit.Class
	From   time.Time
	To     time.Time // zero: open
}

// Run prints the entries as JSON, one a line. fault.Forbidden: the actor may not
// read this log. fault.Invalid: no case is named.
func (c ShowCommand) Run(ctx context.Context, w io.Writer) error {
	cursor := ""
	if c.To.IsZero() {
		c.To = c.Env.Now() // the notes of this query stand behind it
	}
	for {
		var page []Shown
		s := work.Scope{Tenant: c.Tenant, Function: "ledger", Actor: c.Actor, Use: access.Audit}
		_, err := c.Env.Run(ctx, s, func(ctx context.Context, u *work.Unit) (err error) {
			page, cursor, err = Query(ctx, u, c.Log.Tree, c.Class, c.From, c.To, cursor, MaxPage)
			return err
		})
		if err != nil {
			return err
		}
		enc := json.NewEncoder(w)
		for _, e := range page {
			if err := enc.Encode(e); err != nil {
				return err
			}
		}
		if cursor == "" {
			return nil
		}
	}
}

// Query reads a page of the log for those who may (K19, A8: administrators, and
// persons with a recorded entitlement): each query names a case, and is noted in
// the unit that reads, so that nothing leaves without its note. The service
// desk's log-ins are the administrator's alone (K16). There is no way to ask for
// one adviser's doings. fault.Forbidden: not for this actor. fault.Invalid: no
// case, or no such class.
func Query(ctx context.Context, u *work.Unit, tree store.Store, class audit.Class, from, to time.Time, cursor string, limit int) ([]Shown, string, error) {
	a := u.Actor()
	if err := class.Validate(); err != nil {
		return nil, "", fault.New(fault.Invalid, "ledger: no such class of log")
	}
	if a.Case == "" {
		return nil, "", fault.New(fault.Invalid, "ledger: a query of the log names its case")
	}
	if err := mayRead(ctx, u, class); err != nil {
		return nil, "", err
	}
	u.Note(audit.View, "", audit.Item{Kind: record.Entries.Name, ID: string(class)}).Reason = "log-query"
	return Reader{Unit: u, Tree: tree, Naming: ByName}.Entries(ctx, class, from, to, cursor, limit)
}

// mayRead holds who reads the log.
func mayRead(ctx context.Context, u *work.Unit, class audit.Class) error {
	a := u.Actor()
	switch {
	case a.Role == access.Administrator:
		return nil
	case class == audit.LoginLog:
		return fault.New(fault.Forbidden, "ledger: the service desk's log-ins are read by its administrator only (K16)")
	case a.Role == access.Auditor:
		return nil
	}
	e, ok, err := work.Find(ctx, u, Entitlements, a.ID)
	if err != nil {
		return err
	}
	if !ok || !u.Now().Before(e.Until) || (e.Case != "" && e.Case != a.Case) {
		return fault.New(fault.Forbidden, "ledger: no recorded entitlement to read the log (A8)")
	}
	return nil
}

package ledger

import (
	"context"
	"encoding/base64"
	"strings"
	"time"

	"github.com/okence/okence/shared/access"
	"github.com/okence/okence/shared/domain/audit"
	"github.com/okence/okence/shared/fault"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/store"
	"github.com/okence/okence/shared/work"
)

// Shown is an entry as it is shown to somebody, with what proves it. Fields that
// are withheld are empty in the entry's own part and hashes in Content.
type Shown struct {
	ID        string       `json:"id"`
	At        time.Time    `json:"at"`
	Class     audit.Class  `json:"class"`
	Act       audit.Act    `json:"act"`
	ActorRole string       `json:"actor_role"`
	Actor     string       `json:"actor,omitempty"`      // pseudonym, or id
	ActorName string       `json:"actor_name,omitempty"` // only where actors are named
	Source    string       `json:"source,omitempty"`     // likewise
	Subject   string       `json:"subject,omitempty"`
	Items     []audit.Item `json:"items,omitempty"`
	Use       string       `json:"use"`
	Result    audit.Result `json:"result"`
	Reason    string       `json:"reason,omitempty"`
	Recipient string       `json:"recipient,omitempty"`
	Case      string       `json:"case,omitempty"`

	// Content recommits to the leaf's commitment (audit.Recommit): it proves
	// what is shown. Proof is a C2SP tlog-proof with the leaf; empty while the
	// entry waits to be sequenced, at most MergeDelay.
	Content []audit.Field `json:"content"`
	Proof   string        `json:"proof,omitempty"`
}

// Naming says how the actors of entries appear.
type Naming string

const (
	ByPseudonym Naming = "pseudonym" // by role and a pseudonym that is another for each person
	ByName      Naming = "name"      // where a policy pack or the reader's role says so
)

// Reader shows entries within a unit of work.
type Reader struct {
	Unit   *work.Unit
	Tree   store.Store
	Naming Naming
}

// MaxPage is how many entries a page has at most.
const MaxPage = 100

// Mine returns a page of the entries about a person, oldest first, for that
// person, and the cursor of the next page, "" on the last. Entries under a legal
// duty of secrecy are left out until its date, and neither the number of a page's
// entries nor a cursor tells of them (S08). The unit's purpose must open proofs
// (access.Rights). fault.Invalid: not a cursor of this list.
func (r Reader) Mine(ctx context.Context, subject, cursor string, limit int) ([]Shown, string, error) {
	about, err := r.Unit.Hash(ctx, "log about", subject)
	if err != nil {
		return nil, "", err
	}
	now := r.Unit.Now()
	visible := func(e *audit.Entry) bool { return e.Subject == subject && !now.Before(e.SecretUntil) }
	return r.page(ctx, store.Query{Index: record.ByAbout, Partition: about}, visible, cursor, limit)
}

// Entries returns a page of the entries of a class from one instant to another,
// oldest first. A zero to is open.
func (r Reader) Entries(ctx context.Context, class audit.Class, from, to time.Time, cursor string, limit int) ([]Shown, string, error) {
	q := store.Query{Index: record.ByClass, Partition: string(class)}
	if !from.IsZero() {
		q.From = record.Sortable(from)
	}
	if !to.IsZero() {
		q.To = record.Sortable(to)
	}
	return r.page(ctx, q, func(*audit.Entry) bool { return true }, cursor, limit)
}

// page collects limit visible entries. Its cursor is the last one shown, not
// the store's own token, which may be that of an entry which is not shown; and
// there is a next page only if it has something to show.
func (r Reader) page(ctx context.Context, q store.Query, visible func(*audit.Entry) bool, cursor string, limit int) ([]Shown, string, error) {
	if limit < 1 || limit > MaxPage {
		limit = MaxPage
	}
	after, err := parseCursor(cursor)
	if err != nil {
		return nil, "", err
	}
	if after != "" {
		q.From = max(q.From, after[:strings.IndexByte(after, ' ')])
	}
	q.Limit = MaxPage
	var list []*audit.Entry
	next := ""
	for {
		page, err := work.List(ctx, r.Unit, record.Entries, q)
		if err != nil {
			return nil, "", err
		}
		for _, e := range page.Items {
			if position(e) <= after || !visible(e) {
				continue
			}
			if len(list) == limit {
				next = position(list[limit-1])
				break
			}
			list = append(list, e)
		}
		if q.Token = page.Next; q.Token == "" || next != "" {
			break
		}
	}
	out := make([]Shown, len(list))
	var prover *Prover
	if len(list) > 0 {
		if prover, err = NewProver(ctx, r.Tree, r.Unit.Tenant()); err != nil && !fault.Is(err, fault.NotFound) {
			return nil, "", err
		}
	}
	for i, e := range list {
		if out[i], err = r.show(ctx, prover, e); err != nil {
			return nil, "", err
		}
	}
	if next != "" {
		next = base64.RawURLEncoding.EncodeToString([]byte(next))
	}
	return out, next, nil
}

// position orders entries as their indexes do.
func position(e *audit.Entry) string { return record.Sortable(e.At) + " " + e.ID }

func parseCursor(c string) (string, error) {
	if c == "" {
		return "", nil
	}
	b, err := base64.RawURLEncoding.DecodeString(c)
	at, _, ok := strings.Cut(string(b), " ")
	if _, err2 := time.Parse(time.RFC3339Nano, at); err != nil || err2 != nil || !ok || len(b) > 256 {
		return "", fault.New(fault.Invalid, "ledger: the cursor does not belong to this list")
	}
	return string(b), nil
}

// show makes what is shown of an entry.
func (r Reader) show(ctx context.Context, prover *Prover, e *audit.Entry) (Shown, error) {
	person := e.ActorRole != string(access.Function) && e.ActorID != e.Subject
	hide := r.Naming != ByName && person
	s := Shown{
		ID: e.ID, At: e.At, Class: e.Retention, Act: e.Act, ActorRole: e.ActorRole, Actor: e.ActorID, ActorName: e.ActorName,
		Source: e.Source, Subject: e.Subject, Items: e.Items, Use: e.Use, Result: e.Result, Reason: e.Reason,
		Recipient: e.Recipient, Case: e.Case,
		Content: e.Show(func(name string) bool {
			return hide && (name == "actor_id" || name == "actor_name" || name == "source")
		}),
	}
	if hide {
		pseudonym, err := r.Unit.Hash(ctx, "log pseudonym", e.Subject, e.ActorID)
		if err != nil {
			return s, err
		}
		s.Actor, s.ActorName, s.Source = e.ActorRole+"-"+pseudonym[:8], "", ""
	}
	if prover == nil {
		return s, nil
	}
	p, err := prover.Entry(ctx, e.ID)
	switch {
	case fault.Is(err, fault.NotFound): // not sequenced yet
	case err != nil:
		return s, err
	default:
		s.Proof = p.String()
	}
	return s, nil
}

// CheckShown verifies, offline, that what is shown is what was noted: content,
// commitment, leaf, tree, signature. fault.Invalid: it is not.
func CheckShown(s Shown, keys Keys) (Leaf, error) {
	p, err := ParseProof(s.Proof)
	if err != nil {
		return Leaf{}, err
	}
	l, _, err := p.Check(keys)
	if err != nil {
		return l, err
	}
	c, err := audit.Recommit(s.Content)
	if err != nil || l.Kind != EntryLeaf || string(c) != string(l.Commitment[:]) || !l.At.Equal(s.At) || l.Class != s.Class {
		return l, fault.New(fault.Invalid, "ledger: the content shown is not what the leaf commits to")
	}
	return l, nil
}

package ledger_test

import (
	"bytes"
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/okence/okence/shared/access"
	"github.com/okence/okence/shared/domain/audit"
	"github.com/okence/okence/shared/fault"
	"github.com/okence/okence/shared/ledger"
	"github.com/okence/okence/shared/store"
	"github.com/okence/okence/shared/store/memory"
	"github.com/okence/okence/shared/work"
)

func newStore() store.Store { return memory.New() }

// mine reads all pages of a person's entries, as that person.
func (w *world) mine(t testing.TB, subject string, limit int, naming ledger.Naming) (all []ledger.Shown, pages []int) {
	t.Helper()
	cursor := ""
	for {
		s := work.Scope{Tenant: tenant, Function: "portal", Actor: access.Actor{ID: subject, Role: access.Subject}, Use: access.Rights}
		_, err := w.Run(t.Context(), s, func(ctx context.Context, u *work.Unit) error {
			page, next, err := ledger.Reader{Unit: u, Tree: w.tree, Naming: naming}.Mine(ctx, subject, cursor, limit)
			all, cursor, pages = append(all, page...), next, append(pages, len(page))
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if cursor == "" {
			return all, pages
		}
	}
}

func TestAPersonSeesWhoSawTheirDataWithProofs(t *testing.T) {
	w := newWorld(t)
	w.note(t, 3)
	w.note(t, 2, func(e *audit.Entry) { e.Subject = "bor" })
	w.seal(t)
	w.note(t, 1) // not yet sequenced
	all, _ := w.mine(t, "ana", 2, ledger.ByPseudonym)
	if len(all) != 4 {
		t.Fatal(len(all))
	}
	pseudonym := all[0].Actor
	for i, s := range all {
		if s.Subject != "ana" || s.Act != audit.View || s.ActorRole != "adviser" || s.Actor != pseudonym || len(s.Items) != 1 {
			t.Errorf("%+v", s)
		}
		text, _ := json.Marshal(s)
		for _, secret := range []string{`"adviser-7"`, "Maja", "192.0.2.7"} { // a pseudonym may begin so
			if bytes.Contains(text, []byte(secret)) {
				t.Errorf("%q is shown", secret)
			}
		}
		if i == 3 {
			if s.Proof != "" {
				t.Error("a proof of what is not sequenced")
			}
			continue
		}
		if l, err := ledger.CheckShown(s, w.keys(t)); err != nil || !l.At.Equal(s.At) {
			t.Error(err)
		}
		s.Content[0].Value = string(audit.Erase)
		if _, err := ledger.CheckShown(s, w.keys(t)); !fault.Is(err, fault.Invalid) {
			t.Error("another content is proved, too")
		}
	}
	other, _ := w.mine(t, "bor", 2, ledger.ByPseudonym)
	if len(other) != 2 || other[0].Actor == pseudonym {
		t.Fatal("a pseudonym links two persons' views of one adviser")
	}
	named, _ := w.mine(t, "ana", 50, ledger.ByName)
	if named[0].ActorName != "Maja Novak" {
		t.Fatal("the pack names advisers:", named[0])
	}
}

func TestASecretDisclosureLeavesNoTraceUntilItsDate(t *testing.T) {
	plain, secret := newWorld(t), newWorld(t)
	until := plain.Clock.Now().Add(90 * 24 * time.Hour)
	step := func(n int, hidden bool) {
		plain.note(t, n)
		secret.note(t, n)
		for range map[bool]int{true: 3, false: 0}[hidden] {
			secret.runs++
			s := work.Scope{Tenant: tenant, Function: "test", Actor: officer, Use: access.Rights, Source: "/test", ID: "d" + string(rune('a'+secret.runs))}
			if _, err := secret.Run(t.Context(), s, func(ctx context.Context, u *work.Unit) error {
				u.Note(audit.View, "ana", audit.Item{Kind: "message", ID: "seen in order to disclose"})
				e := u.Note(audit.Disclose, "ana")
				e.SecretUntil, e.Recipient = until, "police"
				return nil
			}); err != nil {
				t.Fatal(err)
			}
		}
	}
	step(0, true)
	step(4, true)
	step(2, true) // also at the very end
	secret.seal(t)
	plain.seal(t)
	for limit := 1; limit <= 7; limit++ {
		a, pagesA := plain.mine(t, "ana", limit, ledger.ByPseudonym)
		b, pagesB := secret.mine(t, "ana", limit, ledger.ByPseudonym)
		if len(a) != 6 || len(b) != 6 || len(pagesA) != len(pagesB) || pagesA[len(pagesA)-1] != pagesB[len(pagesB)-1] {
			t.Fatal(limit, pagesA, pagesB)
		}
		for i := range a {
			if a[i].Reason != b[i].Reason || a[i].Recipient != b[i].Recipient || a[i].Act != b[i].Act {
				t.Fatal("a trace:", b[i])
			}
		}
	}
	secret.Clock.Add(until.Sub(secret.Clock.Now()) - time.Nanosecond)
	if b, _ := secret.mine(t, "ana", 50, ledger.ByPseudonym); len(b) != 6 {
		t.Fatal("an instant early:", len(b))
	}
	secret.Clock.Add(time.Nanosecond)
	b, _ := secret.mine(t, "ana", 50, ledger.ByPseudonym)
	if len(b) != 6+9*2 {
		t.Fatal("after its date it is told:", len(b))
	}
	for _, s := range b {
		if _, err := ledger.CheckShown(s, secret.keys(t)); err != nil {
			t.Fatal(err)
		}
	}
}

func (w *world) query(t testing.TB, a access.Actor, class audit.Class) ([]ledger.Shown, error) {
	t.Helper()
	var out []ledger.Shown
	_, err := w.Run(t.Context(), work.Scope{Tenant: tenant, Function: "portal", Actor: a, Use: access.Audit}, func(ctx context.Context, u *work.Unit) (err error) {
		out, _, err = ledger.Query(ctx, u, w.tree, class, time.Time{}, time.Time{}, "", 50)
		return err
	})
	return out, err
}

func TestWhoReadsTheLogNamesACaseAndIsNoted(t *testing.T) {
	w := newWorld(t)
	w.note(t, 2)
	w.note(t, 1, func(e *audit.Entry) { e.Retention = audit.LoginLog })
	w.seal(t)
	admin := access.Actor{ID: "admin-1", Name: "Iva", Role: access.Administrator, Case: "P-7"}
	auditor := access.Actor{ID: "auditor-1", Role: access.Auditor, Case: "P-8"}
	dpo := access.Actor{ID: "dpo-1", Role: access.DPO, Case: "P-9"}
	for _, c := range []struct {
		name  string
		who   access.Actor
		class audit.Class
		want  fault.Kind
		count int
	}{
		{"an administrator reads the platform's log", admin, audit.PlatformLog, "", 2},
		{"an administrator reads the log-ins", admin, audit.LoginLog, "", 1},
		{"an auditor reads the platform's log", auditor, audit.PlatformLog, "", 3},
		{"an auditor does not read the log-ins", auditor, audit.LoginLog, fault.Forbidden, 0},
		{"without a case nobody reads", access.Actor{ID: "admin-1", Role: access.Administrator}, audit.PlatformLog, fault.Invalid, 0},
		{"a data protection officer needs an entitlement", dpo, audit.PlatformLog, fault.Forbidden, 0},
		{"an adviser never reads", access.Actor{ID: "adviser-7", Role: access.Adviser, Case: "x"}, audit.PlatformLog, fault.Forbidden, 0},
		{"a class that is none", admin, "other", fault.Invalid, 0},
	} {
		got, err := w.query(t, c.who, c.class)
		if fault.Of(err) != c.want {
			t.Errorf("%s: %v", c.name, err)
		}
		if c.want == "" && len(got) < c.count {
			t.Errorf("%s: %d entries", c.name, len(got))
		}
	}
	entitle := func(by access.Actor, person string, d time.Duration) error {
		_, err := w.Run(t.Context(), work.Scope{Tenant: tenant, Function: "portal", Actor: by, Use: access.Audit}, func(ctx context.Context, u *work.Unit) error {
			_, err := ledger.Entitle(ctx, u, person, u.Now().Add(d), "P-9")
			return err
		})
		return err
	}
	if err := entitle(dpo, "dpo-2", time.Hour); !fault.Is(err, fault.Forbidden) {
		t.Fatal(err)
	}
	if err := entitle(admin, "admin-1", time.Hour); !fault.Is(err, fault.Forbidden) {
		t.Fatal(err)
	}
	if err := entitle(admin, "dpo-1", 400*24*time.Hour); !fault.Is(err, fault.Invalid) {
		t.Fatal(err)
	}
	if err := entitle(admin, "dpo-1", time.Hour); err != nil {
		t.Fatal(err)
	}
	if _, err := w.query(t, dpo, audit.PlatformLog); err != nil {
		t.Fatal("entitled:", err)
	}
	other := dpo
	other.Case = "P-10"
	if _, err := w.query(t, other, audit.PlatformLog); !fault.Is(err, fault.Forbidden) {
		t.Fatal("another matter:", err)
	}
	w.Clock.Add(time.Hour)
	if _, err := w.query(t, dpo, audit.PlatformLog); !fault.Is(err, fault.Forbidden) {
		t.Fatal("the entitlement has ended:", err)
	}
	got, err := w.query(t, admin, audit.PlatformLog)
	if err != nil {
		t.Fatal(err)
	}
	queries := 0
	for _, s := range got {
		if s.Reason == "log-query" && s.Case != "" && s.Act == audit.View {
			queries++
		}
	}
	if queries != 4 { // the queries that were answered; the refused ones left with an error
		t.Fatal(queries, "queries are noted")
	}
}

func TestCommands(t *testing.T) {
	w := newWorld(t)
	w.note(t, 300)
	w.seal(t)
	outside := w.checkpoint(t)
	w.note(t, 5)
	w.seal(t)
	var out bytes.Buffer
	ok, err := ledger.VerifyCommand{Docs: w.Docs, Tree: w.tree, Tenant: tenant, Checkpoint: outside}.Run(t.Context(), &out)
	if err != nil || !ok || !strings.Contains(out.String(), "305 checked") || !strings.Contains(out.String(), "contains the checkpoint of size 300") {
		t.Fatal(ok, err, out.String())
	}
	out.Reset()
	if ok, err = (ledger.VerifyCommand{Docs: w.Docs, Tree: w.tree, Tenant: tenant, JSON: true}).Run(t.Context(), &out); err != nil || !ok {
		t.Fatal(ok, err)
	}
	var r ledger.Report
	if err := json.Unmarshal(out.Bytes(), &r); err != nil || r.Size != 305 {
		t.Fatal(r.Size, err)
	}
	id := w.entries(t)[17].Key.ID
	var byID, byNumber bytes.Buffer
	if err := ledger.Prove(t.Context(), &byID, w.tree, tenant, id); err != nil {
		t.Fatal(err)
	}
	if err := ledger.Prove(t.Context(), &byNumber, w.tree, tenant, "17"); err != nil || byNumber.String() != byID.String() {
		t.Fatal(err)
	}
	p, err := ledger.ParseProof(byID.String())
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := p.Check(w.keys(t)); err != nil {
		t.Fatal(err)
	}
	if err := ledger.Prove(t.Context(), &out, w.tree, tenant, "305"); !fault.Is(err, fault.NotFound) {
		t.Fatal(err)
	}
	out.Reset()
	if err := ledger.ProveSince(t.Context(), &out, w.tree, tenant, 300); err != nil || !strings.HasPrefix(out.String(), "old 300\n") {
		t.Fatal(err, out.String())
	}
	out.Reset()
	w.Clock.Add(time.Second)
	show := ledger.ShowCommand{Env: w.Env, Log: w.log, Tenant: tenant, Actor: access.Actor{ID: "admin-1", Role: access.Administrator, Case: "P-7"}, Class: audit.PlatformLog}
	if err := show.Run(t.Context(), &out); err != nil || strings.Count(out.String(), "\n") < 305 {
		t.Fatal(err, strings.Count(out.String(), "\n"))
	}
	show.Actor.Case = ""
	if err := show.Run(t.Context(), &out); !fault.Is(err, fault.Invalid) {
		t.Fatal(err)
	}
}

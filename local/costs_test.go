package main

import (
	"bytes"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/okence/okence/shared/access"
	"github.com/okence/okence/shared/host"
	"github.com/okence/okence/shared/store/memory"
	"github.com/okence/okence/shared/vault"
	vaultfile "github.com/okence/okence/shared/vault/file"
)

// TestWhatAMessageCosts counts calls and capacity by a middleware, holds them to
// the limits, and to the page infra/aws/COSTS.md, which is written anew with
// UPDATE=1.
func TestWhatAMessageCosts(t *testing.T) {
	m := meter(t)
	for i := range 3 { // keys are made, caches warm
		if err := m.from(80+i, fmt.Sprintf("wamid.warm%d", i))(); err != nil {
			t.Fatal(err)
		}
	}
	kms := m.used.calls("kms")
	fresh := m.measure(t, m.from(1, "wamid.cost1"))
	again := m.measure(t, m.from(1, "wamid.cost1"))
	known := m.measure(t, m.from(1, "wamid.cost2"))
	if n := m.used.calls("kms") - kms; n != 0 {
		t.Errorf("%d calls to KMS for three messages of a tenant whose key is cached", n)
	}
	msg, err := m.find("wamid.cost2")
	if err != nil {
		t.Fatal(err)
	}
	read := m.measure(t, func() error {
		return m.call(http.MethodGet, "/v1/conversations/"+msg.ConversationID+"/messages", access.Adviser, nil, nil)
	})
	m.apart.settle(t.Context()) // seals what these brought
	ticks := m.idle(t)

	for name, s := range map[string]spent{"a new person's message": fresh, "a known person's": known} {
		if r := s.reading("data"); r > 4 {
			t.Errorf("%s: %d reads, at most 4: %v", name, r, s.calls)
		}
		// Two commits of units of work; and one that takes each event off the outbox.
		if w := s.writing("data"); w > 2+s.events {
			t.Errorf("%s: %d commits for %d events: %v", name, w, s.events, s.calls)
		}
		if s.objects != 0 {
			t.Errorf("%s: %d objects were put", name, s.objects)
		}
	}
	if again.writes > 0 && again.writing("data") > 0 {
		t.Errorf("a duplicate wrote: %v, %v units", again.calls, again.writes)
	}
	page := costs([]costed{
		{"a message of 1 KB from a new person", fresh, 1, 1, 1}, {"a message from a person who is known", known, 1, 1, 1},
		{"the same message again", again, 1, 0, 1}, {"an adviser reads a conversation", read, 1, 0, 1},
	}) + "\n| what happens | units by Amazon's rules | items in order: units + index entries |\n|---|---|---|\n" +
		listed("new person", fresh.actions) + listed("known person", known.actions) + "\n" + idling(ticks)
	path := filepath.Join("..", "infra/aws/COSTS.md")
	old, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	head, rest, _ := bytes.Cut(old, []byte("<!-- counted:begin -->\n"))
	_, tail, ok := bytes.Cut(rest, []byte("<!-- counted:end -->"))
	if !ok {
		t.Fatal("COSTS.md has no place for the table")
	}
	want := slices.Concat(head, []byte("<!-- counted:begin -->\n"+page+"<!-- counted:end -->"), tail)
	switch {
	case os.Getenv("UPDATE") == "1":
		if err := os.WriteFile(path, want, 0o644); err != nil {
			t.Fatal(err)
		}
	case !bytes.Equal(old, want):
		t.Errorf("COSTS.md is out of date: UPDATE=1 go test ./local -run TestWhatAMessageCosts\n%s", page)
	}
	for name, s := range map[string]spent{"new person": fresh, "known person": known} {
		for call, n := range s.calls {
			t.Logf("%s: %d %s", name, n, call)
		}
	}
}

// tick is what a schedule's call for a tenant with nothing to do spends.
type tick struct {
	function, event string
	every           time.Duration
	spent           spent
}

// idle measures every schedule.
func (m *metered) idle(t *testing.T) (out []tick) {
	t.Helper()
	for _, f := range m.apart.functions {
		for _, s := range f.Manifest.Schedules {
			m.clock.set(m.clock.Now().Add(s.Every))
			spent := m.measure(t, func() error {
				_, err := f.Deliver(t.Context(), m.apart.envs[f.Manifest.Name], host.Tick(s.Type, "ekc", m.clock.Now().Truncate(s.Every)), 1)
				return err
			})
			out = append(out, tick{f.Manifest.Name, s.Type, s.Every, spent})
		}
	}
	return out
}

// idling is the table of schedules.
func idling(ticks []tick) string {
	var b strings.Builder
	b.WriteString("| schedule of an idle tenant | every | reads | commits | read units | write units | $ a month |\n|---|---|---|---|---|---|---|\n")
	for _, k := range ticks {
		reads, commits := k.spent.all()
		calls := float64(30*24*time.Hour) / float64(k.every)
		dollars := calls / 1e6 * (k.spent.writes*priceWrite + k.spent.reads*priceRead + priceCalls + 0.25*0.030*priceSecond + priceTick)
		fmt.Fprintf(&b, "| %s: `%s` | %s | %d | %d | %.1f | %.0f | %.2f |\n", k.function, k.event, k.every, reads, commits, k.spent.reads, k.spent.writes, dollars)
	}
	return b.String()
}

// all is calls that read and that write, to all tables.
func (s spent) all() (reads, commits int) {
	for _, table := range []string{"data", "keys", "tree"} {
		reads += s.reading(table)
		commits += s.writing(table)
	}
	return reads, commits
}

// calls is how often a right was used by all functions together.
func (u *used) calls(right string) (n int) {
	u.mu.Lock()
	defer u.mu.Unlock()
	for _, rights := range u.all {
		n += rights[right]
	}
	return n
}

// costed is a row of the page: what it spent, and how many requests of the HTTP
// API, batches of SQS and public invocations it takes.
type costed struct {
	what                    string
	spent                   spent
	requests, batches, http int
}

// Prices per million in US dollars; COSTS.md says whose and of when.
const (
	priceWrite, priceRead, priceEvent    = 0.625, 0.125, 1.00
	priceQueue, priceRequest, priceCalls = 0.40, 1.00, 0.20
	priceTick                            = 1.00    // EventBridge Scheduler
	priceSecond                          = 13.3334 // a million GB-seconds on arm64, in thousands: 0.0000133334 each
)

// costs is the table. A queued event is three calls of SQS (sent, received,
// deleted) without batching; an invocation is taken as 30 ms at 256 MB.
func costs(rows []costed) string {
	var b strings.Builder
	b.WriteString("| what happens | reads | commits | read units | write units | events | objects | $ per million |\n|---|---|---|---|---|---|---|---|\n")
	for _, r := range rows {
		s := r.spent
		reads, commits := s.all()
		invocations := float64(r.http + r.batches)
		dollars := s.writes*priceWrite + s.reads*priceRead + float64(s.events)*(priceEvent+3*priceQueue) +
			float64(r.requests)*priceRequest + invocations*(priceCalls+0.25*0.030*priceSecond)
		fmt.Fprintf(&b, "| %s | %d | %d | %.1f | %.0f | %d | %d | %.2f |\n", r.what, reads, commits, s.reads, s.writes, s.events, s.objects, dollars)
	}
	return b.String()
}

// TestKeyManagementIsNotCalledForMessages: 10,000 messages of 10 tenants, each from
// a person of its own, through the vaults of two functions.
func TestKeyManagementIsNotCalledForMessages(t *testing.T) {
	kms, err := vaultfile.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	u := &used{all: map[string]map[string]int{}}
	keys := memory.New()
	webhook := vault.New(watchedKMS{kms, u, "webhook"}, keys)
	inbound := vault.New(watchedKMS{kms, u, "inbound"}, keys)
	const messages = 10000
	for i := range messages {
		tenant := fmt.Sprintf("t%d", i%10)
		if _, err := webhook.Keys(t.Context(), tenant, vault.Owner{Subject: "~intake", Class: "2026-11-23"}); err != nil {
			t.Fatal(err)
		}
		if _, err := inbound.Hash(t.Context(), tenant, "mark", fmt.Sprint(i)); err != nil {
			t.Fatal(err)
		}
		if _, err := inbound.Keys(t.Context(), tenant, vault.Owner{Subject: fmt.Sprintf("person%d", i), Class: "channel"}); err != nil {
			t.Fatal(err)
		}
	}
	if n := u.calls("kms"); float64(n) > 0.005*messages {
		t.Errorf("%d calls to KMS for %d messages, at most %v a message", n, messages, 0.005)
	} else {
		t.Logf("%d calls to KMS for %d messages of 10 tenants", n, messages)
	}
}

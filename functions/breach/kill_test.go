package breach

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/okence/okence/events"
	"github.com/okence/okence/shared/access"
	"github.com/okence/okence/shared/channel"
	"github.com/okence/okence/shared/domain/breach"
	"github.com/okence/okence/shared/domain/contact"
	"github.com/okence/okence/shared/domain/conversation"
	"github.com/okence/okence/shared/domain/message"
	"github.com/okence/okence/shared/host"
	"github.com/okence/okence/shared/obs"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/store"
	"github.com/okence/okence/shared/work"
)

const campaignID = "b1.n1.c"

// campaignEnv opens the embedded stores in a directory. Its clock runs a hundred
// times as fast, so that a minute's share is over soon.
func campaignEnv(dir string) (*host.Env, error) {
	began := time.Now()
	base := time.Date(2026, time.November, 23, 9, 0, 0, 0, time.UTC).Add(time.Duration(began.Unix()%1e6) * time.Minute)
	env, err := host.Open(host.Settings{
		Store: "sqlite", Blob: "file", Vault: "file", Bus: "local", Data: filepath.Join(dir, "data"), Keys: filepath.Join(dir, "keys"), Tenants: []string{"ekc"}, LedgerOrigin: "x",
	}, slog.New(slog.DiscardHandler), func() time.Time { return base.Add(time.Since(began) * 100) })
	if err != nil {
		return nil, err
	}
	env.Log = obs.Discard()
	env.Secrets = func(_ string, n channel.Name) ([]channel.Secret, error) {
		if n.Provider != "postmark" {
			return nil, nil
		}
		return []channel.Secret{{"server_token": "t", "from": "ekc@gov.si"}}, nil
	}
	return env, nil
}

// TestCampaignChild is not a test but the process that is killed: it delivers
// the campaign's steps, each twice, until the campaign is done.
func TestCampaignChild(t *testing.T) {
	dir := os.Getenv("OKENCE_CAMPAIGN_DIR")
	if dir == "" {
		t.Skip("the process that TestTenThousandNoticesEachOnce kills")
	}
	env, err := campaignEnv(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer env.Close()
	fn, err := New(env)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; ; i++ {
		e, err := events.New(campaignID, &events.BreachCampaignStepped{CampaignID: campaignID})
		if err != nil {
			t.Fatal(err)
		}
		e.ID, e.Source, e.Tenant, e.Time = fmt.Sprintf("step-%d-%d", os.Getpid(), i), "/test", "ekc", env.Work.Now()
		fmt.Println("step")
		for range 2 {
			if _, err := fn.Deliver(t.Context(), env, e, 1); err != nil {
				t.Fatal(err)
			}
		}
		if c := progress(t, env); c.State == breach.Complete {
			return
		}
	}
}

func progress(t *testing.T, env *host.Env) *breach.Campaign {
	t.Helper()
	var c *breach.Campaign
	s := work.Scope{Tenant: "ekc", Function: "test", Actor: access.FunctionActor("test"), Use: access.Incident}
	if _, err := env.Work.Run(t.Context(), s, func(ctx context.Context, u *work.Unit) (err error) {
		c, err = work.Peek(ctx, u, record.BreachCampaigns, campaignID)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return c
}

// TestTenThousandNoticesEachOnce: the process is killed five times while it
// tells 10,000 persons; each is told once, over mail and not over the channel
// that may be compromised, and how far it is can be seen all the while.
// OKENCE_CAMPAIGN_PERSONS says how many (the default is for a quick test).
func TestTenThousandNoticesEachOnce(t *testing.T) {
	persons := 600
	if n, err := strconv.Atoi(os.Getenv("OKENCE_CAMPAIGN_PERSONS")); err == nil {
		persons = n
	}
	dir := t.TempDir()
	env, err := campaignEnv(dir)
	if err != nil {
		t.Fatal(err)
	}
	ids := people(t, env, persons)
	env.Close()

	kills, seen := 0, 0
	for {
		cmd := exec.Command(os.Args[0], "-test.run=^TestCampaignChild$")
		cmd.Env = append(os.Environ(), "OKENCE_CAMPAIGN_DIR="+dir)
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		steps, lines := 1+rand.IntN(persons/batch/14), bufio.NewScanner(out) //nolint:gosec // a test's choice
		for n := 0; lines.Scan(); n++ {
			if n == steps && kills < 5 {
				time.Sleep(time.Duration(rand.IntN(4000)) * time.Microsecond) //nolint:gosec // a test's choice
				_ = cmd.Process.Kill()
				kills++
			}
		}
		err = cmd.Wait()
		if env, err2 := campaignEnv(dir); err2 != nil {
			t.Fatal(err2)
		} else {
			c := progress(t, env)
			env.Close()
			if c.Next < seen || c.Next != c.Queued+c.Unreached {
				t.Fatalf("progress went from %d to %d (%d queued, %d unreached)", seen, c.Next, c.Queued, c.Unreached)
			}
			seen = c.Next
			if c.State == breach.Complete {
				break
			}
		}
		if err == nil {
			t.Fatal("the child ended before the campaign")
		}
	}
	if kills < 5 {
		t.Errorf("killed %d times only", kills)
	}
	if env, err = campaignEnv(dir); err != nil {
		t.Fatal(err)
	}
	defer env.Close()
	told := map[string]int{}
	s := work.Scope{Tenant: "ekc", Function: "test", Actor: access.FunctionActor("test"), Use: access.Incident}
	for _, id := range ids {
		_, err := env.Work.Run(t.Context(), s, func(ctx context.Context, u *work.Unit) error {
			for _, conv := range []string{"mail-" + id, "sms-" + id} {
				page, err := work.Scan(ctx, u, record.Messages, store.Query{Index: record.ByConversation, Partition: conv, Limit: 10})
				if err != nil {
					return err
				}
				for _, m := range page.Items {
					if m.Direction == message.Out {
						told[id]++
						if m.Channel != message.Email {
							t.Errorf("%s was told over %s", id, m.Channel)
						}
					}
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, id := range ids {
		if told[id] != 1 {
			t.Errorf("%s was told %d times", id, told[id])
		}
	}
	t.Logf("%d persons, %d kills", persons, kills)
}

// people stores persons with a mail conversation and a newer SMS one, and a
// campaign to them that avoids SMS.
func people(t *testing.T, env *host.Env, n int) []string {
	t.Helper()
	s := work.Scope{Tenant: "ekc", Function: "test", Actor: access.FunctionActor("test"), Use: access.Incident, Source: "/test"}
	var ids []string
	for i := range n {
		ids = append(ids, fmt.Sprintf("p%05d", i))
	}
	for at := 0; at < n; at += 10 {
		s.ID = fmt.Sprint("people", at)
		if _, err := env.Work.Run(t.Context(), s, func(_ context.Context, u *work.Unit) error {
			for _, id := range ids[at:min(at+10, n)] {
				work.Save(u, record.Contacts, &contact.Contact{ID: id, CreatedAt: u.Now(), Addresses: []contact.Address{
					{Scheme: message.Mailto, Address: id + "@example.org", Channel: message.Email, SeenAt: u.Now()},
				}})
				work.Save(u, record.Conversations, &conversation.Conversation{
					ID: "mail-" + id, ContactID: id, Channel: message.Email, Provider: "postmark", Line: "ekc@gov.si", Class: conversation.Other, State: conversation.Open,
					OpenedAt: u.Now(), LastAt: u.Now(), HeardAt: u.Now(), Subject: "Zadeva",
				})
				work.Save(u, record.Messages, &message.Message{
					ID: "m-" + id, ConversationID: "mail-" + id, ContactID: id, Channel: message.Email, Provider: "postmark", Kind: message.Said, Direction: message.In,
					ReceivedAt: u.Now(), ProviderID: "<m-" + id + "@x>", Sender: message.Party{Scheme: message.Mailto, Address: id + "@example.org"}, Text: "Dober dan", Thread: []string{"<m-" + id + "@x>"},
				})
				work.Save(u, record.Conversations, &conversation.Conversation{
					ID: "sms-" + id, ContactID: id, Channel: message.SMS, Provider: "twilio", Line: "1", Class: conversation.Other, State: conversation.Open,
					OpenedAt: u.Now().Add(time.Hour), LastAt: u.Now().Add(time.Hour), HeardAt: u.Now().Add(time.Hour),
				})
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
	}
	list, err := json.Marshal(ids)
	if err != nil {
		t.Fatal(err)
	}
	s.ID = "campaign"
	if _, err := env.Work.Run(t.Context(), s, func(_ context.Context, u *work.Unit) error {
		work.Save(u, record.BreachCampaigns, &breach.Campaign{
			ID: campaignID, BreachID: "b1", NoticeID: "b1.n1", State: breach.Sending, Total: n, PerMinute: 6000, Avoid: []string{"sms"}, BeganAt: u.Now(), Language: "sl", Persons: list,
			Form: breach.Form{Organisation: "MDP", Contact: breach.Contact{Name: "DPO", Email: "dpo@mdp.example"}, Facts: breach.Facts{PersonsText: "Nekdo je bral naš predal.", Consequences: "Neželena pošta.", Measures: "Geslo je zamenjano."}},
		})
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return ids
}

package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/okence/okence/shared/access"
	"github.com/okence/okence/shared/channel/channeltest"
	"github.com/okence/okence/shared/host"
)

// answers is a provider that misbehaves, and that ends our process between the
// call and its answer.
type answers struct {
	mu    sync.Mutex
	pick  *rand.Rand
	child *child         // that a call may end; nil: none
	taken map[string]int // by text: how often it went to the person
	ended int            // processes that a call ended
}

func (a *answers) accept(_ *http.Request, body []byte) (int, string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	var m struct {
		Text struct{ Body string }
	}
	if json.Unmarshal(body, &m) != nil || !strings.HasPrefix(m.Text.Body, "Odgovor ") {
		return 200, fmt.Sprintf(`{"messages":[{"id":"wamid.greeting.%d"}]}`, a.pick.Uint64())
	}
	chance := a.pick.IntN(8)
	if a.child != nil && chance == 0 { // it takes nothing
		return 503, `{"error":{"code":131016}}`
	}
	a.taken[m.Text.Body]++
	if a.child != nil && chance < 3 { // it took it, and nobody hears the answer
		_ = a.child.cmd.Process.Kill()
		a.child = nil
		a.ended++
	}
	return 200, fmt.Sprintf(`{"messages":[{"id":"wamid.sent.%d"}]}`, a.pick.Uint64())
}

func (a *answers) against(c *child) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.child = c
}

// replied is one reply that an adviser wrote.
type replied struct {
	conversation, text, key string
	id                      string // of its message, once we were told
}

// post asks for a reply as a portal does: under a key, so that asking again
// after a broken line writes no second one.
func (r *replied) post(addr, token string) {
	body, _ := json.Marshal(map[string]string{"text": r.text})
	call, err := http.NewRequest("POST", "http://"+addr+"/v1/conversations/"+r.conversation+"/replies", bytes.NewReader(body))
	if err != nil {
		return
	}
	call.Header.Set("Authorization", "Bearer "+token)
	call.Header.Set("Content-Type", "application/json")
	call.Header.Set("Idempotency-Key", r.key)
	resp, err := http.DefaultClient.Do(call)
	if err != nil {
		return
	}
	defer resp.Body.Close()
	var v struct {
		MessageID string `json:"message_id"`
	}
	if b, err := io.ReadAll(resp.Body); err == nil && resp.StatusCode == http.StatusAccepted && json.Unmarshal(b, &v) == nil {
		r.id = v.MessageID
	}
}

// TestKillBetweenSendAndAnswer ends the serving process while replies go out:
// at random moments, and each time exactly between the provider's taking a
// reply and its answer. The provider refuses, breaks the line and answers with
// half of its JSON besides. No reply reaches the person twice; each that was
// accepted is there once, as sent or, where nobody can know, as unknown; and a
// reply of unknown fate is not sent again by itself. OKENCE_REPLY_KILLS says how
// often (20), OKENCE_SEED repeats a run's choices.
func TestKillBetweenSendAndAnswer(t *testing.T) {
	kills, seed := envInt("OKENCE_REPLY_KILLS", 20), envInt("OKENCE_SEED", int(time.Now().UnixNano()&0x7fffffff))
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("seed: OKENCE_SEED=%d", seed)
		}
	})
	r := rand.New(rand.NewPCG(uint64(seed), 2)) //nolint:gosec // a test's choices
	provider := &answers{pick: rand.New(rand.NewPCG(uint64(seed), 3)), taken: map[string]int{}}
	fake := channeltest.NewFake(t, provider.accept)
	t.Setenv("OKENCE_SEND_TO", fake.Addr())
	w := &world{t: t, data: newData(t), logs: &logs{}}
	w.keys = w.data + ".keys"
	d, err := readSecrets(w.data)
	if err != nil {
		t.Fatal(err)
	}
	d.all[host.SecretVariable("ekc", named(t, "whatsapp/meta").Name())]["access_token"] = "t"
	if err := d.save(); err != nil {
		t.Fatal(err)
	}

	talks := w.write4(t)
	w.shut()
	token, err := access.IssueLocal(w.keys, access.Identity{Subject: "adviser-1", Name: "Adviser", Tenant: "ekc", Role: access.Adviser}, true, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	var all []*replied
	moods := []channeltest.Mood{channeltest.Takes, channeltest.Takes, channeltest.Drops, channeltest.Garbles}
	for round := range kills {
		c := startChild(t, w.data)
		provider.against(c)
		fake.Plan(channeltest.Reaction{Mood: moods[r.IntN(len(moods))]}, channeltest.Reaction{Mood: moods[r.IntN(len(moods))]})
		var open []*replied
		for _, old := range all {
			if old.id == "" {
				open = append(open, old) // nobody answered: the portal asks again
			}
		}
		for n, conv := range talks {
			open = append(open, &replied{conversation: conv, text: fmt.Sprintf("Odgovor %d.%d.", round, n), key: fmt.Sprintf("reply-%d-%d", round, n)})
			all = append(all, open[len(open)-1])
		}
		var wg sync.WaitGroup
		for _, x := range open {
			wg.Go(func() { x.post(c.addr, token) })
		}
		time.Sleep(time.Duration(20+r.IntN(250)) * time.Millisecond)
		provider.against(nil)
		c.kill()
		wg.Wait()
	}
	w.checkReplies(all, provider)
	t.Logf("%d kills, %d of them between call and answer, %d replies, seed %d", kills, provider.ended, len(all), seed)
	if provider.ended == 0 {
		t.Error("no call ended the process: the test proves nothing")
	}
}

// write4 lets four people write, and returns their conversations.
func (w *world) write4(t *testing.T) (talks []string) {
	t.Helper()
	w.open(time.Now())
	for n := range killSenders {
		p := sender{number: n}
		id := fmt.Sprintf("wamid.asks.%d", n)
		w.take("whatsapp/meta", p.body(id, time.Now()))
		talks = append(talks, w.one(id).ConversationID)
	}
	return talks
}

// checkReplies starts a last time, lets all that waits go out, and compares what
// we show with what the provider took.
func (w *world) checkReplies(all []*replied, provider *answers) {
	w.t.Helper()
	w.open(time.Now())
	defer w.shut()
	for _, x := range all {
		if x.id == "" { // the same adviser, the same key
			x.post(strings.TrimPrefix(w.base, "http://"), must(access.IssueLocal(w.keys, access.Identity{Subject: "adviser-1", Name: "Adviser", Tenant: "ekc", Role: access.Adviser}, true, w.clock.Now())))
		}
	}
	for range 8 {
		w.elapse(30 * time.Minute)
	}
	states, there := map[string]int{}, map[string]int{}
	for conv := range conversationsOf(all) {
		var p page[got]
		for cursor := ""; ; {
			r := w.askWith(w.token("ekc", access.Adviser), "GET", "/v1/conversations/"+conv+"/messages?limit=100"+cursor, nil)
			p = page[got]{}
			if err := json.Unmarshal([]byte(r.body), &p); r.status != 200 || err != nil {
				w.t.Fatalf("%d %s", r.status, r.body)
			}
			for _, m := range p.Items {
				there[m.Text]++
			}
			if p.Next == "" {
				break
			}
			cursor = "&cursor=" + p.Next
		}
	}
	check := func() {
		for _, x := range all {
			r := w.askWith(w.token("ekc", access.Adviser), "GET", "/v1/messages/"+x.id, nil)
			var m got
			if err := json.Unmarshal([]byte(r.body), &m); r.status != 200 || err != nil {
				w.t.Fatalf("reply %s is lost: %d %s", x.key, r.status, r.body)
			}
			states[m.State]++
			n := provider.taken[x.text]
			switch {
			case there[x.text] != 1:
				w.t.Errorf("reply %s is there %d times", x.key, there[x.text])
			case n > 1:
				w.t.Errorf("reply %s went out %d times", x.key, n)
			case m.State == "sent" && n != 1:
				w.t.Errorf("reply %s is shown as sent, and was not", x.key)
			case m.State != "sent" && m.State != "unknown":
				w.t.Errorf("reply %s is %s at the end", x.key, m.State)
			}
		}
	}
	check()
	w.t.Logf("states: %v", states)
	w.elapse(100 * time.Hour) // what is unknown stays so
	check()
}

func conversationsOf(all []*replied) map[string]bool {
	out := map[string]bool{}
	for _, x := range all {
		out[x.conversation] = true
	}
	return out
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

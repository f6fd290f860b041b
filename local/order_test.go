package main

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/okence/okence/shared/access"
	"github.com/okence/okence/shared/blob/blobtest"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/store/storetest"
)

// drop is one call of the provider. Its body says when the thing itself
// came about, whenever it is delivered.
type drop struct {
	what string
	body []byte
}

// play is a conversation of two people with us on WhatsApp, in the order in
// which it took place: texts, answers, what our staff typed on a phone (echoes)
// and the statuses of that, edits, deletions, reactions (also of things that
// never come, and by somebody else), and everything now and then twice.
func play(r *rand.Rand, n int) (out []drop) {
	people := []string{"38641123456", "38640222333"}
	names := []string{"Ana Horvat", "Brane Žagar"}
	var said, ours [2][]string // provider ids, by person
	at := start.Add(-time.Hour).Unix()
	pick := func(of []string, otherwise string) string {
		if len(of) == 0 {
			return otherwise
		}
		return of[r.IntN(len(of))]
	}
	for i := range n {
		at++ // WhatsApp knows seconds; no two things here in the same
		p := r.IntN(2)
		id := fmt.Sprintf("wamid.play.%d", i)
		head := fmt.Sprintf(`"from":%q,"id":%q,"timestamp":"%d"`, people[p], id, at)
		target := pick(said[p], "wamid.never")
		field, element, what := "messages", "", ""
		switch k := r.IntN(20); {
		case k < 6 || i == 0:
			what, element = "text", fmt.Sprintf(`{%s,"type":"text","text":{"body":"besedilo %d"}}`, head, i)
			said[p] = append(said[p], id)
		case k < 8:
			what = "answer to " + target
			element = fmt.Sprintf(`{%s,"type":"text","text":{"body":"odgovor %d"},"context":{"id":%q}}`, head, i, pick(append(said[p], ours[p]...), "wamid.never"))
			said[p] = append(said[p], id)
		case k < 11:
			what, field = "echo", "message_echoes"
			element = fmt.Sprintf(`{"from":"38614788778","to":%q,"id":%q,"timestamp":"%d","type":"text","text":{"body":"naš odgovor %d"}}`, people[p], id, at, i)
			ours[p] = append(ours[p], id)
		case k < 14:
			of := pick(ours[p], "wamid.never.ours")
			state := []string{"sent", "delivered", "read", "failed"}[r.IntN(4)]
			what, field = state+" of "+of, "statuses"
			element = fmt.Sprintf(`{"id":%q,"status":%q,"timestamp":"%d","recipient_id":%q}`, of, state, at, people[p])
		case k < 16:
			if r.IntN(4) == 0 {
				target = pick(said[1-p], target) // not theirs to edit
			}
			what = "edit of " + target
			element = fmt.Sprintf(`{%s,"type":"edit","edit":{"original_message_id":%q,"message":{"type":"text","text":{"body":"popravek %d"}}}}`, head, target, i)
		case k < 18:
			what, element = "deletion of "+target, fmt.Sprintf(`{%s,"type":"revoke","revoke":{"original_message_id":%q}}`, head, target)
		default:
			of := pick(append(said[p], ours[p]...), "wamid.never")
			what = "reaction to " + of
			element = fmt.Sprintf(`{%s,"type":"reaction","reaction":{"message_id":%q,"emoji":%q}}`, head, of, []string{"👍", "", "🙏"}[r.IntN(3)])
		}
		change := "messages"
		if field == "message_echoes" {
			change = "smb_message_echoes"
		}
		body := fmt.Appendf(nil, `{"object":"whatsapp_business_account","entry":[{"id":"1","changes":[{"value":{"messaging_product":"whatsapp","metadata":{"display_phone_number":"38614788778","phone_number_id":"106540352242922"},`+
			`"contacts":[{"profile":{"name":%q},"wa_id":%q}],%q:[%s]},"field":%q}]}]}`, names[p], people[p], field, element, change)
		out = append(out, drop{fmt.Sprintf("%s: %s %s", id, names[p], what), body})
		if r.IntN(8) == 0 {
			out = append(out, out[r.IntN(len(out))])
		}
	}
	return out
}

// endState is what must be the same in whatever order a play is delivered:
// every message with its content and fate, the changes that name it in order of
// time, who it is of, what stands together in a conversation, and what waits
// for something that never comes. Instants of receipt and ids are not of it.
func (f *faulty) endState() []string {
	f.t.Helper()
	var out []string
	names := map[string]string{} // provider ids by message id
	people := map[string]string{}
	for _, c := range all[person](f.world, access.Adviser, "/v1/contacts") {
		var at []string
		for _, a := range c.Addresses {
			at = append(at, a.Address)
		}
		people[c.ID] = c.Name + " " + strings.Join(at, ",")
		out = append(out, "contact "+people[c.ID])
	}
	byTalk := map[string][]got{}
	for _, c := range all[talk](f.world, access.Adviser, "/v1/conversations") {
		ms := all[got](f.world, access.Adviser, "/v1/conversations/"+c.ID+"/messages")
		if len(ms) != c.Messages {
			f.t.Errorf("a conversation counts %d messages and has %d", c.Messages, len(ms))
		}
		byTalk[c.ID] = ms
		for _, m := range ms {
			if names[m.ID] != "" {
				f.t.Errorf("%s stands in two conversations", m.ProviderID)
			}
			names[m.ID] = m.ProviderID
		}
	}
	for _, ms := range byTalk {
		var together []string
		for _, m := range ms {
			together = append(together, m.ProviderID)
			var changes []string
			for _, c := range m.Changes {
				changes = append(changes, fmt.Sprintf("%s by %s", c.Kind, names[c.MessageID]))
			}
			out = append(out, fmt.Sprintf("message %s: %s %s of %s, %q %q, reply %q, target %q, state %q, changes %v",
				m.ProviderID, m.Direction, m.Kind, people[m.ContactID], m.Text, m.Reaction, m.ReplyTo, m.Target, m.State, changes))
		}
		slices.Sort(together)
		if len(slices.Compact(slices.Clone(together))) != len(together) {
			f.t.Errorf("something is there twice: %v", together)
		}
		out = append(out, "together "+strings.Join(together, " "))
	}
	docs := f.docs()
	for _, d := range docs {
		if d.Kind != record.Waitings.Name {
			continue
		}
		var w struct {
			States  []json.RawMessage `json:"states"`
			Changes []struct {
				MessageID string `json:"message_id"`
			} `json:"changes"`
		}
		raw, err := json.Marshal(clearOf(f.t, d.Body))
		if err != nil || json.Unmarshal(raw, &w) != nil {
			f.t.Fatal("a waiting record that can't be read")
		}
		var by []string
		for _, c := range w.Changes {
			by = append(by, names[c.MessageID])
		}
		slices.Sort(by)
		out = append(out, fmt.Sprintf("waiting: %d states, changes %v", len(w.States), by))
	}
	n := kinds(docs)
	out = append(out, fmt.Sprintf("left: intake %d, outbox %d, dead letters %d", n["intake"], n["outbox"], n["deadletter"]))
	slices.Sort(out)
	return out
}

// deliver brings a play in. With faults, calls to stores fail, the process
// stops and starts, and what was not acknowledged is sent again at some later
// time, as a provider does.
func (f *faulty) deliver(r *rand.Rand, queue []drop, faults bool) {
	f.t.Helper()
	queue = slices.Clone(queue)
	for tries := 0; len(queue) > 0; tries++ {
		if tries > 1000 {
			f.t.Fatal("it does not come to an end")
		}
		d := queue[0]
		queue = queue[1:]
		f.clock.set(f.clock.Now().Add(time.Second))
		if faults && r.IntN(3) == 0 {
			plan := storetest.Plan{Nth: 1 + r.IntN(4), Moment: []storetest.Moment{storetest.Before, storetest.After}[r.IntN(2)]}
			if f.documents.Fail(plan); r.IntN(4) == 0 {
				f.wrapped.Fail(plan)
			}
		}
		reply := f.post("whatsapp/meta", d.body)
		f.reset()
		switch {
		case reply.status == 200:
		case reply.status != 503:
			f.t.Fatalf("%s: answered %d %q", d.what, reply.status, reply.body)
		default:
			at := r.IntN(len(queue) + 1)
			queue = slices.Insert(queue, at, d)
		}
		if faults && r.IntN(10) == 0 {
			f.restart()
		}
	}
	for range 3 { // what failed in the background rests, and is tried again
		f.clock.set(f.clock.Now().Add(time.Hour))
		if err := f.local.Settle(context.Background()); err != nil {
			f.t.Error(err)
		}
	}
}

// restart stops the system and starts it on the same data.
func (f *faulty) restart() {
	f.t.Helper()
	now := f.clock.Now()
	f.shut()
	f.open(now)
	f.documents, f.blobs = storetest.Faulty(f.env.Work.Store), blobtest.Faulty(f.env.Work.Blobs)
	f.env.Work.Store, f.env.Work.Blobs = f.documents, f.blobs
	f.useKeys()
}

// A play delivered in any order, over faults and restarts, ends as it does when
// it is delivered in order.
func TestAnyOrderOfDeliveryEndsTheSame(t *testing.T) {
	t.Parallel()
	base, plays := envInt("OKENCE_SEED", int(time.Now().UnixNano()&0x7fffffff)), envInt("OKENCE_PLAYS", 6)
	for i := range plays {
		seed := base + i
		t.Run(fmt.Sprintf("seed %d", seed), func(t *testing.T) {
			t.Parallel()
			r := rand.New(rand.NewPCG(uint64(seed), 3)) //nolint:gosec // a test's choices
			queue := play(r, 30)
			inOrder := serveFaulty(t)
			inOrder.deliver(r, queue, false)
			want := inOrder.endState()
			for run := range 2 {
				shuffled := slices.Clone(queue)
				r.Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
				f := serveFaulty(t)
				f.deliver(r, shuffled, true)
				if have := f.endState(); !slices.Equal(have, want) {
					t.Errorf("OKENCE_SEED=%d OKENCE_PLAYS=1, run %d: in order it ends with\n\t%s\nand delivered as\n\t%s\nit ends with\n\t%s", seed, run,
						strings.Join(without(want, have), "\n\t"), strings.Join(whats(shuffled), "\n\t"), strings.Join(without(have, want), "\n\t"))
				}
			}
		})
	}
}

// without are the lines of a that are not in b.
func without(a, b []string) (out []string) {
	for _, line := range a {
		if !slices.Contains(b, line) {
			out = append(out, line)
		}
	}
	return out
}

func whats(ds []drop) (out []string) {
	for _, d := range ds {
		out = append(out, d.what)
	}
	return out
}

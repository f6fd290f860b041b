package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/okence/okence/shared/access"
	"github.com/okence/okence/shared/policy"
)

// matter is a data-subject request as the API shows it.
type matter struct {
	ID         string    `json:"id"`
	ContactID  string    `json:"contact_id"`
	State      string    `json:"state"`
	ReceivedAt time.Time `json:"received_at"`
	DueAt      time.Time `json:"due_at"`
	LatestAt   time.Time `json:"latest_at"`
	TellBy     time.Time `json:"tell_by"`
	PausedAt   time.Time `json:"paused_at"`
	Covers     []string  `json:"covers"`
	Handovers  []struct {
		ID        string    `json:"id"`
		Incoming  bool      `json:"incoming"`
		Case      string    `json:"case"`
		Party     string    `json:"party"`
		State     string    `json:"state"`
		ReceiptAt time.Time `json:"receipt_at"`
		MeetingBy time.Time `json:"meeting_by"`
		Answered  time.Time `json:"answered_at"`
	} `json:"handovers"`
	Items []struct {
		Right   string `json:"right"`
		State   string `json:"state"`
		Outcome string `json:"outcome"`
	} `json:"items"`
	Extended *struct {
		ToldAt time.Time `json:"told_at"`
		Lapsed bool      `json:"lapsed"`
	} `json:"extended"`
	Complaints []struct {
		ForwardedAt time.Time `json:"forwarded_at"`
	} `json:"complaints"`
}

// requests lists what the officer sees.
func (w *world) requests() []matter {
	w.t.Helper()
	return all[matter](w, access.Officer, "/v1/requests")
}

func (w *world) theRequest() matter {
	w.t.Helper()
	found := w.requests()
	if len(found) != 1 {
		w.t.Fatalf("%d requests, want 1", len(found))
	}
	return found[0]
}

// post does a step of a request in a role, and waits for what follows.
func (w *world) act(role access.Role, path string, body any, want int) reply {
	w.t.Helper()
	r := w.ask(role, http.MethodPost, path, body)
	if r.status != want {
		w.t.Fatalf("POST %s as %s: %d %s, want %d", path, role, r.status, r.body, want)
	}
	w.idle()
	return r
}

// of makes a token of a person, by contact.
func (w *world) of(contactID string) string {
	w.t.Helper()
	token, err := access.IssueLocal(w.keys, access.Identity{Subject: contactID, Tenant: "ekc", Role: access.Subject}, true, w.clock.Now())
	if err != nil {
		w.t.Fatal(err)
	}
	return token
}

// person makes a contact by a mail, and returns its id.
func (w *world) writes(id, from, text string) got {
	w.t.Helper()
	w.take("email/mime", []byte(mailText(id, from, text, w.clock.Now())))
	return w.one(id)
}

const peerSecret = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="

// controllers starts two systems, the joint controllers of the pack ekc, each
// with the other as its peer.
func controllers(t *testing.T) (mdp, body *world) {
	t.Helper()
	t.Setenv(policy.PartyVariable("ekc"), "mdp")
	mdp = serve(t)
	t.Setenv(policy.PartyVariable("ekc"), "user-body")
	body = serve(t)
	accepts := `["org.okence.dsar.handed.over.v1","org.okence.dsar.handover.answered.v1","org.okence.dsar.answered.v1"]`
	t.Setenv("OKENCE_PEER_EKC_USER_BODY", fmt.Sprintf(`{"url":%q,"secrets":[%q],"accepts":%s}`, body.base+"/peers/ekc/mdp", peerSecret, accepts))
	t.Setenv("OKENCE_PEER_EKC_MDP", fmt.Sprintf(`{"url":%q,"secrets":[%q],"accepts":%s}`, mdp.base+"/peers/ekc/user-body", peerSecret, accepts))
	return mdp, body
}

// rest waits until neither has anything under way.
func rest(a, b *world) {
	for range 6 {
		a.idle()
		b.idle()
	}
}

// paperRequest is one that an officer enters, of a person who showed who they are.
func paperRequest(contactID string, right string) map[string]any {
	return map[string]any{
		"way": "in_person", "contact_id": contactID, "proved": "in_person", "asks": []map[string]string{{"right": right}}, "language": "sl",
		"name": "Ana Horvat", "address": "ana@example.si", "text": "Prosim za izpis svojih podatkov.",
	}
}

// TestFiveCasesBetweenTwoControllers is rule K20 over HTTP, with two running
// systems that know each other as peers.
func TestFiveCasesBetweenTwoControllers(t *testing.T) {
	mdp, body := controllers(t)
	ana := mdp.writes("<a1@example.si>", "Ana Horvat <ana@example.si>", "Pozdravljeni.")
	anaThere := body.writes("<a2@example.si>", "Ana Horvat <ana@example.si>", "Pozdravljeni.")
	enter := func(w *world, contactID string, change map[string]any) string {
		t.Helper()
		b := paperRequest(contactID, "access")
		for k, v := range change {
			b[k] = v
		}
		var taken struct{ ID string }
		if err := json.Unmarshal([]byte(w.act(access.Officer, "/v1/requests", b, 202).body), &taken); err != nil {
			t.Fatal(err)
		}
		rest(mdp, body)
		return taken.ID
	}
	see := func(w *world, id string) (m matter) {
		t.Helper()
		r := w.ask(access.Officer, http.MethodGet, "/v1/requests/"+id, nil)
		if err := json.Unmarshal([]byte(r.body), &m); r.status != 200 || err != nil {
			t.Fatalf("%d %s", r.status, r.body)
		}
		return m
	}
	incoming := func(w *world, handover string) (m matter) {
		t.Helper()
		for _, m := range w.requests() {
			for _, h := range m.Handovers {
				if h.Incoming && h.ID == handover {
					return m
				}
			}
		}
		t.Fatal("it did not arrive")
		return m
	}

	t.Run("2: joint data, and the receiver is competent", func(t *testing.T) {
		m := see(mdp, enter(mdp, ana.ContactID, nil))
		if m.State != "open" || len(m.Handovers) != 0 {
			t.Errorf("%+v", m)
		}
	})
	t.Run("3, 3a, 3c: the other is competent, confirms at once, and writes the final answer", func(t *testing.T) {
		id := enter(body, anaThere.ContactID, nil)
		m := see(body, id)
		if m.State != "elsewhere" || m.Handovers[0].State != "accepted" || m.Handovers[0].Party != "mdp" || m.Handovers[0].ReceiptAt.IsZero() {
			t.Fatalf("at the receiver: %+v", m)
		}
		there := incoming(mdp, m.Handovers[0].ID)
		if there.State != "open" || !there.ReceivedAt.Equal(m.ReceivedAt) || !there.DueAt.Equal(m.DueAt) {
			t.Fatalf("at the competent: %+v", there)
		}
		mdp.act(access.Officer, "/v1/requests/"+there.ID+"/decision", map[string]string{"right": "access", "outcome": "refused", "reason": "reason_others_rights"}, 200)
		rest(mdp, body)
		if there, m := see(mdp, there.ID), see(body, id); there.State != "answered" || m.State != "answered" || m.Handovers[0].Answered.IsZero() {
			t.Errorf("after the final answer: %s there, %+v here", there.State, m)
		}
	})
	t.Run("1: not joint data is forwarded, and closed with us", func(t *testing.T) {
		m := see(mdp, enter(mdp, ana.ContactID, map[string]any{"found": "not_joint", "party": "user-body"}))
		if m.State != "forwarded" {
			t.Fatalf("%+v", m)
		}
		if there := incoming(body, m.Handovers[0].ID); there.State != "open" || !there.ReceivedAt.Equal(m.ReceivedAt) {
			t.Errorf("there: %+v", there)
		}
	})
	t.Run("3a: the other disputes it, and a meeting settles it; the clock never restarts", func(t *testing.T) {
		id := enter(mdp, ana.ContactID, map[string]any{"found": "theirs", "party": "user-body"})
		m := see(mdp, id)
		if m.State != "settling" || m.Handovers[0].State != "disputed" || m.Handovers[0].MeetingBy.IsZero() {
			t.Fatalf("%+v", m)
		}
		there := incoming(body, m.Handovers[0].ID)
		word := map[string]string{"handover": m.Handovers[0].ID, "answer": "named", "competent": "user-body"}
		mdp.act(access.Officer, "/v1/requests/"+id+"/handover", word, 200)
		rest(mdp, body)
		if m := see(mdp, id); m.State != "settling" {
			t.Fatalf("one word settled it: %+v", m)
		}
		body.act(access.Officer, "/v1/requests/"+there.ID+"/handover", word, 200)
		rest(mdp, body)
		if m, there := see(mdp, id), see(body, there.ID); m.State != "elsewhere" || there.State != "open" || !there.DueAt.Equal(m.DueAt) {
			t.Errorf("settled: %s here, %+v there", m.State, there)
		}
	})
	t.Run("3b: competence is unclear, and both solve it together", func(t *testing.T) {
		id := enter(mdp, ana.ContactID, map[string]any{"found": "unclear", "party": "user-body"})
		m := see(mdp, id)
		there := incoming(body, m.Handovers[0].ID)
		if m.State != "settling" || there.State != "settling" || m.Handovers[0].MeetingBy.IsZero() {
			t.Fatalf("%+v %+v", m, there)
		}
		word := map[string]string{"handover": m.Handovers[0].ID, "answer": "named", "competent": "mdp"}
		body.act(access.Officer, "/v1/requests/"+there.ID+"/handover", word, 200)
		rest(mdp, body)
		mdp.act(access.Officer, "/v1/requests/"+id+"/handover", word, 200)
		rest(mdp, body)
		if m, there := see(mdp, id), see(body, there.ID); m.State != "open" || there.State != "elsewhere" && there.State != "answered" && there.State != "forwarded" {
			t.Errorf("settled: %+v here, %+v there", m, there)
		}
	})
	letters := 0
	for _, p := range []*world{mdp, body} {
		for _, c := range all[talk](p, access.Adviser, "/v1/conversations") {
			for _, m := range all[got](p, access.Adviser, "/v1/conversations/"+c.ID+"/messages") {
				if m.Direction == "outbound" && strings.Contains(m.Text, "Razlog") {
					letters++
				}
			}
		}
	}
	if letters < 4 {
		t.Errorf("%d letters with a reason, want one for each hand-over", letters)
	}
	for _, w := range []*world{mdp, body} {
		if dead := all[letter](w, access.Administrator, "/v1/deadletters"); len(dead) != 0 {
			t.Errorf("dead letters: %+v", dead)
		}
	}
}

package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/okence/okence/shared/access"
	"github.com/okence/okence/shared/channel/channeltest"
)

// merged is a world in which an adviser took two people for one, and an officer
// took that for enough.
type merged struct {
	*world
	fake     *channeltest.Fake
	ana, bor got
}

const (
	anas = "Anina vloga o lipovem gaju"
	bors = "Borova zadeva o vodovodu"
)

func mergedWorld(t *testing.T) *merged {
	w, fake := sms(t)
	m := &merged{world: w, fake: fake, ana: w.text("SMa", "+38641123456", anas), bor: w.text("SMb", "+38640555111", bors)}
	w.by(access.Adviser, "adviser-1", "POST", "/v1/contacts/"+m.bor.ContactID+"/merge", map[string]string{"into": m.ana.ContactID}).is(t, 200, "")
	return m
}

// asks is Ana's request, which covers both while the merge stands.
func (m *merged) asks(right string) (at string) {
	m.t.Helper()
	r := m.askWith(m.of(m.ana.ContactID), "POST", "/v1/requests", map[string]any{"asks": []map[string]string{{"right": right}}, "language": "sl"})
	var taken struct{ ID string }
	if err := json.Unmarshal([]byte(r.body), &taken); err != nil || r.status != 202 {
		m.t.Fatalf("%d %s", r.status, r.body)
	}
	m.idle()
	at = "/v1/requests/" + taken.ID
	m.yes(access.Officer, "officer-1", "POST", at+"/verification", map[string]any{"means": "officer", "contact_id": m.bor.ContactID, "merge": true})
	grant := map[string]string{"right": right, "outcome": "granted"}
	if right == "erasure" {
		grant["ground"] = "no longer needed"
	}
	m.yes(access.Officer, "officer-1", "POST", at+"/decision", grant)
	return at
}

func (m *merged) part() {
	m.t.Helper()
	m.yes(access.Adviser, "adviser-1", "POST", "/v1/contacts/"+m.bor.ContactID+"/unmerge", map[string]string{})
}

// TestAPackageOfMergedContactsIsMadeAnewOnceTheyAreParted: what was ready before
// holds both, and reaches nobody afterwards, neither by the portal nor by the link
// that was sent.
func TestAPackageOfMergedContactsIsMadeAnewOnceTheyAreParted(t *testing.T) {
	m := mergedWorld(t)
	at := m.asks("access") + "/package"
	n := newNeedles([]string{anas, bors, "+38640555111"})
	fetch := func() (status int, found map[string][]string) {
		r := m.askWith(m.of(m.ana.ContactID), "GET", at, nil)
		return r.status, contents{pieces: []piece{{kind: "package", field: "zip", bytes: []byte(r.body)}}}.find(n)
	}
	if status, found := fetch(); status != 200 || len(found) != 3 {
		t.Fatalf("before: %d %v", status, found)
	}
	m.yes(access.Officer, "officer-1", "POST", at+"/link", map[string]string{"form": "access", "code": "tell"})
	m.part()
	status, found := fetch()
	if status != 200 || len(found[anas]) == 0 || len(found) != 1 {
		t.Errorf("after: %d %v", status, found)
	}
	m.yes(access.Officer, "officer-1", "POST", at+"/link", map[string]string{"form": "access", "code": "tell"})
}

// TestAnErasureOfMergedContactsLeavesWhomItNoLongerCovers: granted while the merge
// stood, it waits for its answer to leave; the merge is taken back meanwhile.
func TestAnErasureOfMergedContactsLeavesWhomItNoLongerCovers(t *testing.T) {
	m := mergedWorld(t)
	m.fake.Accept = func(*http.Request, []byte) (int, string) { return 503, `{}` }
	at := m.asks("erasure")
	m.elapse(time.Hour)
	if len(m.find("SMa")) != 1 {
		t.Fatal("erased before its answer left")
	}
	m.part()
	m.fake.Accept = func(*http.Request, []byte) (int, string) { return 201, fmt.Sprintf(`{"sid":"SM%032d"}`, 77) }
	for range 8 {
		m.elapse(13 * time.Hour)
	}
	if a, b := len(m.find("SMa")), len(m.find("SMb")); a != 0 || b != 1 {
		t.Errorf("%d messages of hers, %d of his: %s", a, b, m.ask(access.Officer, "GET", at, nil).body)
	}
	if g := m.one("SMb"); g.Text != bors {
		t.Errorf("his words are %q", g.Text)
	}
}

// TestTwoErasuresAtOnce: two requests of one person don't wait for each other, and a
// request for access is answered while a hold keeps everything.
func TestTwoErasuresAtOnce(t *testing.T) {
	w, _ := sms(t)
	ana := w.text("SMa", "+38641123456", anas)
	p := &woman{chat: ana, contacts: []string{ana.ContactID}}
	hold := w.yes(access.Officer, "officer-1", "POST", "/v1/holds", map[string]any{"matter": "P-1/2026", "contacts": p.contacts, "expires_at": w.clock.Now().Add(60 * 24 * time.Hour)})
	w.yes(access.Officer, "officer-2", "POST", "/v1/holds/"+hold["id"].(string)+"/confirmation", map[string]any{})
	id := w.asks(p, "access", "Prosim izpis.", nil)
	if r := w.askWith(w.of(ana.ContactID), "GET", "/v1/requests/"+id+"/package", nil); r.status != 200 {
		t.Errorf("access during a hold: %d %s", r.status, r.body)
	}
	first, second := w.asks(p, "erasure", "Izbrišite me.", nil), w.asks(p, "erasure", "Res me izbrišite.", nil)
	w.elapse(100 * time.Hour)
	if len(w.find("SMa")) != 1 {
		t.Fatal("erased during a hold")
	}
	for _, officer := range []string{"officer-1", "officer-2"} {
		w.yes(access.Officer, officer, "POST", "/v1/holds/"+hold["id"].(string)+"/lifting", map[string]any{})
	}
	for range 10 {
		w.elapse(13 * time.Hour)
	}
	for _, id := range []string{first, second} {
		if m := w.yes(access.Officer, "officer-1", "GET", "/v1/requests/"+id, nil); m["state"] != "answered" {
			t.Errorf("%v", m)
		}
	}
	if len(w.find("SMa")) != 0 {
		t.Error("nothing was erased")
	}
	if dead := all[letter](w, access.Administrator, "/v1/deadletters"); len(dead) != 0 {
		t.Errorf("dead letters: %+v", dead)
	}
}

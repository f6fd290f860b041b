package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/okence/okence/shared/access"
	"github.com/okence/okence/shared/channel/channeltest"
)

// sms starts a system whose text messages go to a provider on this machine.
func sms(t *testing.T) (*world, *channeltest.Fake) {
	t.Helper()
	n := 0
	fake := channeltest.NewFake(t, func(*http.Request, []byte) (int, string) {
		n++
		return 201, fmt.Sprintf(`{"sid":"SM%032d"}`, n)
	})
	t.Setenv("OKENCE_SEND_TO", fake.Addr())
	w := serve(t)
	w.giveSending("sms/twilio")
	return w, fake
}

// text is a text message from a number.
func (w *world) text(id, from, body string) got {
	w.t.Helper()
	w.take("sms/twilio", []byte(pairs("MessageSid", id, "Body", body, "From", from, "To", "+38651123456", "SmsStatus", "received", "NumMedia", "0")))
	return w.one(id)
}

// lastText is the body of the newest text that went to a number.
func lastText(f *channeltest.Fake, to string) string {
	last := ""
	for _, c := range f.Calls() {
		if v, err := url.ParseQuery(string(c.Body)); err == nil && v.Get("To") == to {
			last = v.Get("Body")
		}
	}
	return last
}

// by calls the API as somebody of a subject of their own.
func (w *world) by(role access.Role, subject, method, path string, body any) reply {
	w.t.Helper()
	token, err := access.IssueLocal(w.keys, access.Identity{Subject: subject, Name: subject, Tenant: "ekc", Role: role}, true, w.clock.Now())
	if err != nil {
		w.t.Fatal(err)
	}
	r := w.askWith(token, method, path, body)
	w.idle()
	return r
}

func (r reply) is(t *testing.T, status int, problem string) {
	t.Helper()
	if r.status != status || !strings.Contains(r.body, problem) {
		t.Fatalf("%d %s, want %d %s", r.status, r.body, status, problem)
	}
}

// TestTheClockOfARequest is the path of the clock by HTTP: recognised in a text
// message, doubted, reviewed, extended within the first month, refused, and
// complained about.
func TestTheClockOfARequest(t *testing.T) {
	w, fake := sms(t)
	first := w.text("SMdsar1", "+38641123456", "Na podlagi GDPR prosim za izpis svojih osebnih podatkov.")
	m := w.theRequest()
	if m.State != "suggested" || !m.ReceivedAt.Equal(w.clock.Now()) || m.ContactID != first.ContactID {
		t.Fatalf("%+v", m)
	}
	at := "/v1/requests/" + m.ID
	if seen := all[matter](w, access.Adviser, "/v1/requests"); len(seen) != 1 {
		t.Fatalf("the adviser sees %d suggestions", len(seen))
	}
	w.elapse(50 * time.Hour)
	w.by(access.Adviser, "adviser-1", "POST", at+"/recognition", map[string]string{"verdict": "no_request"}).is(t, 200, `"review"`)
	w.by(access.Officer, "adviser-1", "POST", at+"/recognition", map[string]string{"verdict": "request"}).is(t, 403, "own_review")
	w.by(access.Officer, "officer-1", "POST", at+"/recognition", map[string]string{"verdict": "request"}).is(t, 200, `"open"`)
	m = w.theRequest()
	due := time.Date(2026, 12, 23, 23, 0, 0, 0, time.UTC) // the end of 23 December in Ljubljana
	if !m.ReceivedAt.Equal(start) || !m.DueAt.Equal(due) || !m.TellBy.Equal(due) || !m.LatestAt.Equal(time.Date(2027, 2, 23, 23, 0, 0, 0, time.UTC)) {
		t.Fatalf("the clock runs from recognition: %+v", m)
	}
	if !strings.Contains(lastText(fake, "+38641123456"), "najpozneje 23. 12. 2026") {
		t.Errorf("the receipt: %q", lastText(fake, "+38641123456"))
	}
	var limits struct {
		Items []struct {
			Name  string    `json:"name"`
			EndAt time.Time `json:"end_at"`
		}
	}
	if err := json.Unmarshal([]byte(w.ask(access.Officer, "GET", "/v1/deadlines", nil).body), &limits); err != nil || len(limits.Items) == 0 || !limits.Items[0].EndAt.Equal(due) {
		t.Errorf("%v %+v", err, limits)
	}

	w.by(access.DPO, "dpo-1", "POST", at+"/advice", map[string]string{"words": "Zahteva je zapletena."}).is(t, 200, "")
	ext := map[string]string{"ground": "complex", "reason": "zapisi so v treh sistemih"}
	w.by(access.Officer, "dpo-1", "POST", at+"/extension", ext).is(t, 403, "both_roles")
	w.by(access.Officer, "officer-1", "POST", at+"/extension", map[string]string{"ground": "holidays"}).is(t, 422, "ground_unlisted")
	w.elapse(due.Add(-time.Second).Sub(w.clock.Now())) // the last second
	w.by(access.Officer, "officer-1", "POST", at+"/extension", ext).is(t, 200, "")
	w.by(access.Officer, "officer-1", "POST", at+"/extension", ext).is(t, 409, "done_already")
	if text := lastText(fake, "+38641123456"); !strings.Contains(text, "zapisi so v treh sistemih") || !strings.Contains(text, "23. 2. 2027") || !strings.Contains(text, "Informacijski pooblaščenec") {
		t.Errorf("the letter of the extension: %q", text)
	}
	w.elapse(48 * time.Hour)
	if m = w.theRequest(); m.Extended == nil || m.Extended.ToldAt.IsZero() || m.Extended.Lapsed || !m.DueAt.Equal(m.LatestAt) {
		t.Fatalf("%+v", m)
	}

	no := map[string]string{"right": "access", "outcome": "refused"}
	w.by(access.DPO, "dpo-1", "POST", at+"/decision", no).is(t, 403, "forbidden")
	w.by(access.Officer, "officer-1", "POST", at+"/decision", no).is(t, 422, "reason_missing")
	no["reason"] = "reason_others_rights"
	w.by(access.Officer, "officer-1", "POST", at+"/decision", no).is(t, 200, `"answered"`)
	if text := lastText(fake, "+38641123456"); !strings.Contains(text, "podatke drugih oseb") || !strings.Contains(text, "gp.ip@ip-rs.si") || !strings.Contains(text, "sodno varstvo") {
		t.Errorf("the refusal: %q", text)
	}
	w.by(access.DPO, "officer-1", "POST", at+"/advice", map[string]string{"words": "x"}).is(t, 409, "request_state")

	complaint := w.askWith(w.of(first.ContactID), "POST", at+"/complaint", map[string]string{"words": "Ne strinjam se."})
	complaint.is(t, 200, "")
	w.idle()
	if m = w.theRequest(); len(m.Complaints) != 1 || m.Complaints[0].ForwardedAt.IsZero() {
		t.Errorf("%+v", m.Complaints)
	}
	if dead := all[letter](w, access.Administrator, "/v1/deadletters"); len(dead) != 0 {
		t.Errorf("dead letters: %+v", dead)
	}
}

// TestAnExtensionNobodyWasToldOfLapses: the provider takes nothing, so that the
// first month ends untold.
func TestAnExtensionNobodyWasToldOfLapses(t *testing.T) {
	w, fake := sms(t)
	w.text("SMdsar2", "+38641123456", "Prosim za izpis svojih osebnih podatkov.")
	at := "/v1/requests/" + w.theRequest().ID
	w.by(access.Adviser, "adviser-1", "POST", at+"/recognition", map[string]string{"verdict": "request"}).is(t, 200, `"open"`)
	fake.Accept = func(*http.Request, []byte) (int, string) { return 503, `{}` }
	due := w.theRequest().DueAt
	w.elapse(due.Add(-time.Hour).Sub(w.clock.Now()))
	w.by(access.Officer, "officer-1", "POST", at+"/extension", map[string]string{"ground": "complex"}).is(t, 200, "")
	if m := w.theRequest(); !m.DueAt.Equal(m.LatestAt) {
		t.Fatalf("%+v", m)
	}
	w.elapse(2 * time.Hour)
	if m := w.theRequest(); !m.Extended.Lapsed || !m.DueAt.Equal(due) {
		t.Errorf("%+v, extension %+v", m, m.Extended)
	}
	w.by(access.Officer, "officer-1", "POST", at+"/extension", map[string]string{"ground": "complex"}).is(t, 409, "")
}

var codeShape = regexp.MustCompile(`\b\d{8}\b`)

// TestAbuseOfRequests: someone else's request, a guessed code, a replayed one, an
// address that is not known, two at once.
func TestAbuseOfRequests(t *testing.T) {
	w, fake := sms(t)
	ana, bor := w.text("SMa", "+38641123456", "Pozdravljeni."), w.text("SMb", "+38640555111", "Dober dan.")
	mine := w.of(ana.ContactID)
	var taken struct{ ID string }
	r := w.askWith(mine, "POST", "/v1/requests", map[string]any{"asks": []map[string]string{{"right": "access"}}, "language": "sl"})
	r.is(t, 202, "")
	if err := json.Unmarshal([]byte(r.body), &taken); err != nil {
		t.Fatal(err)
	}
	w.idle()
	at := "/v1/requests/" + taken.ID
	if m := w.theRequest(); m.State != "open" || len(m.Covers) != 1 || m.Covers[0] != ana.ContactID {
		t.Fatalf("%+v", m)
	}
	w.askWith(mine, "POST", "/v1/requests", map[string]any{"asks": []map[string]string{{"right": "access"}}, "contact_id": bor.ContactID}).is(t, 400, "invalid")

	theirs := w.of(bor.ContactID)
	for _, c := range []struct{ method, path string }{{"GET", ""}, {"POST", "/verification"}, {"POST", "/complaint"}} {
		there, nowhere := w.askWith(theirs, c.method, at+c.path, nil), w.askWith(theirs, c.method, "/v1/requests/nothing"+c.path, nil)
		if there.status != 404 || there.body != nowhere.body {
			t.Errorf("%s %s of someone else: %d %s, of nobody: %d %s", c.method, c.path, there.status, there.body, nowhere.status, nowhere.body)
		}
	}
	var list page[matter]
	if err := json.Unmarshal([]byte(w.askWith(theirs, "GET", "/v1/requests", nil).body), &list); err != nil || len(list.Items) != 0 {
		t.Errorf("a stranger lists %+v", list)
	}

	send := func(address string) (out struct{ ID, Challenge string }) {
		t.Helper()
		r := w.askWith(mine, "POST", at+"/verification", map[string]any{"send": true, "address": address})
		r.is(t, 200, `"proved":false`)
		if err := json.Unmarshal([]byte(r.body), &out); err != nil {
			t.Fatal(err)
		}
		w.idle()
		return out
	}
	try := func(challenge, code string) bool {
		t.Helper()
		r := w.askWith(mine, "POST", at+"/verification", map[string]any{"challenge": challenge, "code": code})
		r.is(t, 200, "")
		w.idle()
		return strings.Contains(r.body, `"proved":true`)
	}
	known, unknown := send("+38640555111"), send("+38640999999")
	if len(known.Challenge) != len(unknown.Challenge) {
		t.Error("the two answers differ in form")
	}
	if lastText(fake, "+38640999999") != "" {
		t.Error("a code went to an address that nobody is known by")
	}
	code := codeShape.FindString(lastText(fake, "+38640555111"))
	if code == "" {
		t.Fatalf("no code in %q", lastText(fake, "+38640555111"))
	}
	for _, guess := range []string{"00000000", "", "12345678"} {
		if guess != "" && (try(known.Challenge, guess) || try(unknown.Challenge, guess)) {
			t.Fatal("a guess was right")
		}
	}
	if try(known.Challenge, "99999999") || try(known.Challenge, code) {
		t.Error("the right code after five wrong ones: the request is locked")
	}
	w.elapse(25 * time.Hour)
	mine = w.of(ana.ContactID)
	if try(known.Challenge, code) {
		t.Error("an expired code")
	}
	again := send("+38640555111")
	code = codeShape.FindString(lastText(fake, "+38640555111"))
	if !try(again.Challenge, code) {
		t.Fatal("the right code, in time")
	}
	if try(again.Challenge, code) {
		t.Error("a code works twice")
	}
	if m := w.theRequest(); len(m.Covers) != 2 {
		t.Errorf("covers %v", m.Covers)
	}

	var wg sync.WaitGroup
	status := make([]int, 2)
	for i := range status {
		token, err := access.IssueLocal(w.keys, access.Identity{Subject: fmt.Sprint("officer-", i), Tenant: "ekc", Role: access.Officer}, true, w.clock.Now())
		if err != nil {
			t.Fatal(err)
		}
		wg.Go(func() {
			body := map[string]string{"right": "access", "outcome": []string{"granted", "refused"}[i], "reason": "reason_others_rights"}
			status[i] = w.askWith(token, "POST", at+"/decision", body).status
		})
	}
	wg.Wait()
	if status[0]+status[1] != 200+409 {
		t.Errorf("two officers at once: %v", status)
	}
}

// TestARequestForAContactThatIsUnmergedLater: what rests on a merge ends with it.
func TestARequestForAContactThatIsUnmergedLater(t *testing.T) {
	w, _ := sms(t)
	ana, work := w.text("SMa", "+38641123456", "Prosim za izpis svojih osebnih podatkov."), w.text("SMb", "+38640555111", "Dober dan.")
	at := "/v1/requests/" + w.theRequest().ID
	w.by(access.Adviser, "adviser-1", "POST", at+"/recognition", map[string]string{"verdict": "request"}).is(t, 200, `"open"`)
	w.by(access.Adviser, "adviser-1", "POST", "/v1/contacts/"+work.ContactID+"/merge", map[string]string{"into": ana.ContactID}).is(t, 200, "")
	if m := w.theRequest(); len(m.Covers) != 1 {
		t.Fatalf("a merge alone proves nothing: %v", m.Covers)
	}
	w.by(access.Officer, "officer-1", "POST", at+"/verification", map[string]any{"means": "officer", "contact_id": work.ContactID, "merge": true}).is(t, 200, "")
	if m := w.theRequest(); len(m.Covers) != 2 {
		t.Fatalf("confirmed: %v", m.Covers)
	}
	w.by(access.Adviser, "adviser-1", "POST", "/v1/contacts/"+work.ContactID+"/unmerge", map[string]string{}).is(t, 200, "")
	w.by(access.Officer, "officer-1", "POST", at+"/decision", map[string]string{"right": "access", "outcome": "granted"}).is(t, 200, "")
	if m := w.theRequest(); len(m.Covers) != 1 || m.Covers[0] != ana.ContactID {
		t.Errorf("after the merge was taken back: %v", m.Covers)
	}
}

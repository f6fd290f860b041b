package portal

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/okence/okence/shared/access"
	"github.com/okence/okence/shared/domain/audit"
	"github.com/okence/okence/shared/domain/message"
)

// small is a world with one of everything.
func small(t testing.TB) *world {
	w := newWorld(t)
	w.person("ekc", "p1", "Ana Žagar")
	w.talk("ekc", "c1", "p1")
	w.say("ekc", "c1", "m1", "Dober dan", func(m *message.Message) {
		m.Media = []message.Media{{Name: "a.txt", Mime: "text/plain"}}
		m.Files = []message.File{{State: message.Pending}}
	})
	return w
}

// path is a path for a route's pattern.
func path(pattern string) (method, target string) {
	method, target, _ = strings.Cut(pattern, " ")
	id := "m1"
	switch {
	case strings.Contains(target, "conversations"):
		id = "c1"
	case strings.Contains(target, "contacts"):
		id = "p1"
	}
	target = strings.NewReplacer("{id}", id, "{index}", "0").Replace(target)
	switch pattern {
	case "GET /v1/messages":
		target += "?provider_id=x"
	case "GET /events/{id}":
		target += "?source=/x"
	}
	return method, target
}

func TestRolesByRoutes(t *testing.T) {
	for _, r := range routes {
		w := small(t) // whose log stays short: it is read whole after each call
		for _, role := range access.Roles {
			before := len(w.entries("ekc"))
			w.Clock.Add(time.Second)
			method, target := path(r.pattern)
			got := w.ask(method, target, "", w.as("ekc", role))
			if allowed := slices.Contains(r.roles, role); allowed != (got.status != http.StatusForbidden) {
				t.Errorf("%s as %s: %d %s", r.pattern, role, got.status, got.body)
			} else if allowed {
				continue
			}
			got.want(403, "forbidden")
			all := w.entries("ekc")
			if len(all) != before+1 {
				t.Fatalf("%s as %s: the refusal left %d entries in the log", r.pattern, role, len(all)-before)
			}
			e := newest(all)
			if e.Result != audit.Refused || e.ActorRole != string(role) || e.ActorName != "Maja Novak" || e.Reason != "forbidden" || e.Items[0].ID != r.pattern {
				t.Fatalf("%s as %s: the refusal is noted as %+v", r.pattern, role, e)
			}
		}
	}
}

// newest is the entry that was made last, by a clock that is moved in between.
func newest(es []*audit.Entry) *audit.Entry {
	return slices.MaxFunc(es, func(a, b *audit.Entry) int { return strings.Compare(a.At.String(), b.At.String()) })
}

// mayRead says, for the routes of an area, in the file of its tests, who may use
// them: var _ = may("GET /v1/things", access.Officer).
var mayRead = map[string][]access.Role{}

// bodies are valid ones of routes that refuse an empty one: var _ = takesBody("POST /v1/things", `{}`).
var bodies = map[string]string{}

func takesBody(pattern, body string) bool {
	bodies[pattern] = body
	return true
}

func may(pattern string, roles ...access.Role) bool {
	mayRead[pattern] = roles
	return true
}

// TestWhoMayReadWhat says it once more in plain words, against the table.
func TestWhoMayReadWhat(t *testing.T) {
	for _, r := range routes {
		_, target, _ := strings.Cut(r.pattern, " ")
		want := []access.Role{access.Adviser, access.Supervisor}
		switch {
		case strings.Contains(target, "deadletters"):
			want = []access.Role{access.Administrator}
		case strings.HasSuffix(target, "/ledger/entries"):
			want = []access.Role{access.Administrator, access.Auditor, access.DPO}
		case strings.HasSuffix(target, "/ledger/mine"):
			want = []access.Role{access.Subject}
		case strings.HasSuffix(target, "/ledger/entitlements"):
			want = []access.Role{access.Administrator}
		case r.pattern == "POST /events":
			want = []access.Role{access.Producer}
		case r.pattern == "GET /events/{id}":
			want = []access.Role{access.Producer, access.Administrator}
		}
		if said, ok := mayRead[r.pattern]; ok {
			want = said
		}
		if !slices.Equal(r.roles, want) {
			t.Errorf("%s: %v, want %v", r.pattern, r.roles, want)
		}
		for _, role := range r.roles {
			if !access.May(role, r.use) && (r.use != "" || access.UseOf(role) == "") {
				t.Errorf("%s: %s may not act for %s", r.pattern, role, r.use)
			}
		}
	}
}

func TestTokens(t *testing.T) {
	w := small(t)
	now := w.Clock.Now()
	issue := func(id access.Identity, factor bool, at time.Time) string {
		text, err := w.issuer.Issue(id, factor, at)
		if err != nil {
			t.Fatal(err)
		}
		return "Bearer " + text
	}
	ana := access.Identity{Subject: "a", Tenant: "ekc", Role: access.Adviser}
	good := issue(ana, true, now)
	for name, c := range map[string]struct {
		header    string
		want      string
		challenge string
	}{
		"no header":           {"", "missing_token", `Bearer realm="okence"`},
		"another scheme":      {"Basic YTpi", "missing_token", `Bearer realm="okence"`},
		"nonsense":            {"Bearer abc", "invalid_token", `error="invalid_token"`},
		"a byte changed":      {good[:len(good)-20] + "AAAA" + good[len(good)-16:], "invalid_token", `error="invalid_token"`},
		"expired":             {issue(ana, true, now.Add(-access.LocalLife)), "expired_token", "expired_token"},
		"of tomorrow":         {issue(ana, true, now.Add(24*time.Hour)), "premature_token", "premature_token"},
		"an unknown tenant":   {issue(access.Identity{Subject: "a", Tenant: "third", Role: access.Adviser}, true, now), "wrong_tenant", "wrong_tenant"},
		"no second factor":    {issue(ana, false, now), "second_factor_missing", `error="insufficient_user_authentication"`},
		"of another issuer":   {"Bearer eyJhbGciOiJFZERTQSIsInR5cCI6IkpXVCJ9.eyJpc3MiOiJodHRwczovL3guZXhhbXBsZSJ9.AAAA", "wrong_issuer", "wrong_issuer"},
		"in lower-case style": {strings.Replace(good, "Bearer", "bearer", 1), "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			r := w.ask("GET", "/v1/conversations", "", func(r *http.Request) {
				r.Header.Set("Authorization", c.header)
				if c.header == "" {
					r.Header.Del("Authorization")
				}
			})
			if c.want == "" {
				r.want(200, "")
				return
			}
			r.want(401, c.want)
			if got := r.header.Get("WWW-Authenticate"); !strings.Contains(got, c.challenge) {
				t.Errorf("challenge %s", got)
			}
		})
	}
}

// TestTenantsAreApart: whatever is asked for by id with another tenant's token,
// the answer is that of an id that nobody has.
func TestTenantsAreApart(t *testing.T) {
	w := small(t)
	var theirs list[conversationView]
	w.ask("GET", "/v1/conversations", "", w.as("other", access.Adviser)).want(200, "").into(&theirs)
	if len(theirs.Items) != 0 {
		t.Error("one tenant lists another's conversations")
	}
	rapid.Check(t, func(rt *rapid.T) {
		r := rapid.SampledFrom(routes).Draw(rt, "route")
		if !strings.Contains(r.pattern, "{id}") {
			return
		}
		method, target := path(r.pattern)
		body := bodies[r.pattern]
		if strings.HasSuffix(target, "/merge") {
			body = `{"into":"` + rapid.SampledFrom([]string{"c1", "p1", "nobody"}).Draw(rt, "other side") + `"}`
		}
		role := rapid.SampledFrom(r.roles).Draw(rt, "role")
		got := w.ask(method, target, body, w.as("other", role))
		none := w.ask(method, strings.NewReplacer("c1", "zz", "p1", "zz", "m1", "zz").Replace(target), body, w.as("other", role))
		if got.status != 404 || got.status != none.status || string(got.body) != string(none.body) {
			rt.Fatalf("%s: %d %s, for an id of nobody %d %s", r.pattern, got.status, got.body, none.status, none.body)
		}
	})
	if n := len(w.entries("ekc")); n != 0 {
		t.Errorf("strangers left %d entries in this tenant's log", n)
	}
	w.ask("GET", "/v1/messages?provider_id=%3Cm1@example.org%3E", "", w.as("other", access.Adviser)).want(200, "").into(&list[messageView]{})
}

func TestReadsStandInTheLog(t *testing.T) {
	w := small(t)
	for _, c := range []struct{ target, kind, id string }{
		{"/v1/conversations/c1", "conversation", "c1"},
		{"/v1/conversations/c1/messages", "message", "m1"},
		{"/v1/messages/m1", "message", "m1"},
		{"/v1/messages?provider_id=%3Cm1@example.org%3E", "message", "m1"},
		{"/v1/contacts", "contact", "p1"},
		{"/v1/contacts/p1", "contact", "p1"},
		{"/v1/contacts/p1/history", "conversation", "c1"},
	} {
		before := len(w.entries("ekc"))
		w.Clock.Add(time.Second)
		w.ask("GET", c.target, "", with("Okence-Case", "case-7"), func(r *http.Request) { r.RemoteAddr = "192.0.2.7:999" }).want(200, "")
		all := w.entries("ekc")
		if len(all) != before+1 {
			t.Errorf("%s left %d entries", c.target, len(all)-before)
			continue
		}
		e := newest(all)
		seen := slices.ContainsFunc(e.Items, func(i audit.Item) bool { return i.Kind == c.kind && i.ID == c.id })
		if e.Act != audit.View || e.Subject != "p1" || e.ActorID != "adviser-1" || e.Source != "192.0.2.7" || e.Case != "case-7" || e.Result != audit.Success || !seen {
			t.Errorf("%s is noted as %+v", c.target, e)
		}
	}
	before := len(w.entries("ekc"))
	w.ask("GET", "/v1/conversations", "").want(200, "")
	if n := len(w.entries("ekc")); n != before {
		t.Error("a list that shows nothing personal is noted")
	}
}

func TestMethodsAndHeaders(t *testing.T) {
	w := small(t)
	w.ask("GET", "/v1/nothing", "").want(404, "not_found")
	w.ask("GET", "/v1/conversations/a%20b", "").want(404, "not_found")
	r := w.ask("DELETE", "/v1/conversations/c1", "").want(405, "method_not_allowed")
	if got := r.header.Get("Allow"); got != "GET, HEAD, OPTIONS" {
		t.Errorf("Allow: %s", got)
	}
	r = w.ask("OPTIONS", "/v1/conversations/c1/merge", "").want(204, "")
	if got := r.header.Get("Allow"); got != "POST, OPTIONS" {
		t.Errorf("Allow: %s", got)
	}
	server := httptest.NewServer(w.h)
	defer server.Close()
	req, _ := http.NewRequest("HEAD", server.URL+"/v1/messages/m1", nil)
	req.Header.Set("Authorization", "Bearer "+w.token("ekc", access.Supervisor))
	resp, err := server.Client().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if body, _ := io.ReadAll(resp.Body); resp.StatusCode != 200 || len(body) != 0 {
		t.Errorf("HEAD: %d %s", resp.StatusCode, body)
	}
	for _, target := range []string{"/v1/messages/m1", "/v1/nothing", "/docs", "/openapi.json"} {
		h := w.ask("GET", target, "").header
		for name, want := range map[string]string{
			"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "Content-Security-Policy": "default-src 'none'",
		} {
			if !strings.HasPrefix(h.Get(name), want) {
				t.Errorf("%s: %s: %s", target, name, h.Get(name))
			}
		}
	}
}

func TestEveryProblemIsWhole(t *testing.T) {
	for name, p := range problems {
		if p.status < 400 || p.title == "" || strings.ContainsAny(name, "- ") {
			t.Errorf("%s: %+v", name, p)
		}
	}
	for _, r := range access.Refusals {
		if problems[string(r)].status != 401 {
			t.Errorf("%s is no problem of status 401", r)
		}
	}
	if p := problemOf(fmt.Errorf("a secret")); p.name() != "internal" || p.Detail != "" {
		t.Errorf("an unknown error tells %+v", p)
	}
}

func TestAnUnitThatFailsIsAProblem(t *testing.T) {
	w := small(t)
	if err := w.Env.Store.Close(); err != nil {
		t.Fatal(err)
	}
	r := w.ask("GET", "/v1/messages/m1", "").want(503, "unavailable")
	if r.header.Get("Retry-After") == "" || strings.Contains(string(r.body), "memory") {
		t.Errorf("%v %s", r.header, r.body)
	}
}

func TestOfAMessageEverythingGoesOut(t *testing.T) {
	w := newWorld(t)
	w.person("ekc", "p1", "Ana Žagar")
	w.talk("ekc", "c1", "p1")
	w.say("ekc", "c1", "m1", "Hvala!\n\n> Pozdrav\n", func(m *message.Message) {
		m.Subject, m.ReplyTo, m.Automatic = "Re: Račun", "<m0@example.org>", true
		m.Media = []message.Media{{Name: "račun.pdf", Mime: "application/pdf", Size: 3}}
		m.Files = []message.File{{State: message.Clean, FileID: "f1", Size: 4}}
		m.Location = &message.Location{Latitude: 46.05, Longitude: 14.51, Name: "Magistrat"}
		m.Recipients = []message.Party{{Scheme: message.Mailto, Address: "info@example.si"}}
	})
	var got map[string]any
	w.ask("GET", "/v1/messages/m1", "").want(200, "").schema("Message").into(&got)
	want := `{"id":"m1","tenant":"ekc","conversation_id":"c1","contact_id":"p1","channel":"email","provider":"mime","provider_id":"<m1@example.org>",
		"kind":"message","direction":"inbound","sender":{"address":"p1@example.org","name":"Ana Žagar"},"subject":"Re: Račun","text":"Hvala!\n\n> Pozdrav\n","new_text":"Hvala!",
		"media":[{"name":"račun.pdf","mime":"application/pdf","size":4,"state":"clean","path":"/v1/messages/m1/media/0"}],
		"location":{"latitude":46.05,"longitude":14.51,"name":"Magistrat"},"reply_to":"<m0@example.org>","target":"","automatic":true,
		"sent_at":"2026-11-02T08:59:59Z","received_at":"2026-11-02T09:00:00Z","recipients":[{"address":"info@example.si","name":""}]}`
	var expected map[string]any
	if err := json.Unmarshal([]byte(want), &expected); err != nil {
		t.Fatal(err)
	}
	for name, value := range expected {
		if a, b := asJSON(got[name]), asJSON(value); a != b {
			t.Errorf("%s is %s, want %s", name, a, b)
		}
		delete(got, name)
	}
	if len(got) != 0 {
		t.Errorf("besides: %v", got)
	}
	w.say("ekc", "c1", "m2", "", func(m *message.Message) { m.SentAt = time.Time{} })
	w.ask("GET", "/v1/messages/m2", "").want(200, "").schema("Message").into(&got)
	if got["sent_at"] != nil || got["location"] != nil || asJSON(got["media"]) != "[]" {
		t.Errorf("what is not there: %v", got)
	}
}

func asJSON(v any) string {
	b, _ := json.Marshal(v)
	return string(b)
}

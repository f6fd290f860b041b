package portal

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/okence/okence/shared/access"
	"github.com/okence/okence/shared/domain/audit"
	"github.com/okence/okence/shared/domain/contact"
	"github.com/okence/okence/shared/domain/conversation"
	"github.com/okence/okence/shared/domain/message"
	"github.com/okence/okence/shared/host"
	"github.com/okence/okence/shared/ledger"
	"github.com/okence/okence/shared/locate"
	"github.com/okence/okence/shared/obs"
	"github.com/okence/okence/shared/policy"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/store"
	"github.com/okence/okence/shared/store/memory"
	"github.com/okence/okence/shared/work"
	"github.com/okence/okence/shared/work/worktest"
)

// world is a portal over drivers in memory, for two tenants.
type world struct {
	*worktest.World
	t      testing.TB
	env    *host.Env
	h      http.Handler
	issuer *access.Local
	n      int
}

func newWorld(t testing.TB) *world {
	t.Helper()
	w := &world{World: worktest.New(t), t: t}
	w.env = &host.Env{
		Settings: host.Settings{Keys: t.TempDir()}, Work: w.Env, Log: obs.Discard(), LocalTokens: true, Policy: policy.Builtin(),
		Tenants: map[string]bool{"ekc": true, "other": true},
	}
	w.env.Ledger = &ledger.Log{Docs: w.Docs, Tree: memory.New(), Vault: w.World.Env.Vault, Now: w.Clock.Now}
	fn, err := New(w.env)
	if err != nil {
		t.Fatal(err)
	}
	w.h = fn.Routes
	if w.issuer, err = access.OpenLocal(w.env.Settings.Keys); err != nil {
		t.Fatal(err)
	}
	return w
}

func (w *world) token(tenant string, role access.Role) string {
	w.t.Helper()
	text, err := w.issuer.Issue(access.Identity{Subject: string(role) + "-1", Name: "Maja Novak", Tenant: tenant, Role: role}, true, w.Clock.Now())
	if err != nil {
		w.t.Fatal(err)
	}
	return text
}

// reply is an answer, read whole.
type reply struct {
	t      testing.TB
	status int
	header http.Header
	body   []byte
}

// ask makes a request as an adviser of ekc; changes come after.
func (w *world) ask(method, path, body string, change ...func(*http.Request)) reply {
	w.t.Helper()
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.Header.Set("Authorization", "Bearer "+w.token("ekc", access.Adviser))
	for _, c := range change {
		c(r)
	}
	rec := httptest.NewRecorder()
	w.h.ServeHTTP(rec, r)
	return reply{t: w.t, status: rec.Code, header: rec.Header(), body: rec.Body.Bytes()}
}

func (w *world) as(tenant string, role access.Role) func(*http.Request) {
	token := w.token(tenant, role)
	return func(r *http.Request) { r.Header.Set("Authorization", "Bearer "+token) }
}

func with(name, value string) func(*http.Request) {
	return func(r *http.Request) { r.Header.Set(name, value) }
}

// want asserts status, and the problem's name where it is one.
func (r reply) want(status int, problem string) reply {
	r.t.Helper()
	var p host.Problem
	if problem != "" {
		if err := json.Unmarshal(r.body, &p); err != nil || r.header.Get("Content-Type") != "application/problem+json" || p.Status != status {
			r.t.Errorf("no problem: %d %s", r.status, r.body)
		}
	}
	if r.status != status || strings.TrimPrefix(p.Type, problemBase) != problem {
		r.t.Fatalf("%d %s, want %d %s", r.status, r.body, status, problem)
	}
	return r
}

func (r reply) into(v any) {
	r.t.Helper()
	dec := json.NewDecoder(bytes.NewReader(r.body))
	dec.DisallowUnknownFields()
	if err := dec.Decode(v); err != nil {
		r.t.Fatalf("%v in %s", err, r.body)
	}
}

// schema asserts that the answer is of a schema of /openapi.json.
func (r reply) schema(name string) reply {
	r.t.Helper()
	if err := schemaOf(r.t, "/components/schemas/"+name).Validate(decoded(r.t, r.body)); err != nil {
		r.t.Errorf("not of schema %s: %v\n%s", name, err, r.body)
	}
	return r
}

func decoded(t testing.TB, b []byte) any {
	t.Helper()
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// compiled are the schemas of the published document, each compiled once.
var compiled struct {
	sync.Mutex
	*jsonschema.Compiler
}

func schemaOf(t testing.TB, pointer string) *jsonschema.Schema {
	t.Helper()
	compiled.Lock()
	defer compiled.Unlock()
	if compiled.Compiler == nil {
		c := jsonschema.NewCompiler()
		c.DefaultDraft(jsonschema.Draft2020)
		c.AssertFormat()
		if err := c.AddResource("openapi.json", decoded(t, openAPI())); err != nil {
			t.Fatal(err)
		}
		compiled.Compiler = c
	}
	s, err := compiled.Compile("openapi.json#" + pointer)
	if err != nil {
		t.Fatalf("%s: %v", pointer, err)
	}
	return s
}

// do does something as our own code, for storing.
func (w *world) do(tenant string, fn func(context.Context, *work.Unit) error) {
	w.t.Helper()
	w.n++
	s := work.Scope{Tenant: tenant, Function: "test", Actor: access.FunctionActor("test"), Use: access.Intake, Source: "/test", ID: fmt.Sprint(w.n)}
	if _, err := w.Run(context.Background(), s, fn); err != nil {
		w.t.Fatal(err)
	}
}

// person stores a contact.
func (w *world) person(tenant, id, name string) {
	w.t.Helper()
	w.do(tenant, func(_ context.Context, u *work.Unit) error {
		work.Save(u, record.Contacts, &contact.Contact{ID: id, CreatedAt: u.Now(), Name: name, Addresses: []contact.Address{
			{Scheme: message.Mailto, Address: id + "@example.org", Channel: message.Email, SeenAt: u.Now()},
		}})
		return nil
	})
}

// talk stores a conversation of a contact, opened now.
func (w *world) talk(tenant, id, contactID string) {
	w.t.Helper()
	w.do(tenant, func(_ context.Context, u *work.Unit) error {
		work.Save(u, record.Conversations, &conversation.Conversation{
			ID: id, ContactID: contactID, Channel: message.Email, Provider: "mime", Line: "info@example.si", Class: conversation.Servant, State: conversation.Open,
			OpenedAt: u.Now(), LastAt: u.Now(), Subject: "Zadeva " + id,
		})
		return nil
	})
}

// say stores a message now, of the conversation's contact unless changed.
func (w *world) say(tenant, conv, id, text string, change ...func(*message.Message)) {
	w.t.Helper()
	w.do(tenant, func(ctx context.Context, u *work.Unit) error {
		c, err := work.Load(ctx, u, record.Conversations, conv)
		if err != nil {
			return err
		}
		m := &message.Message{
			ID: id, ConversationID: conv, ContactID: c.ContactID, Channel: c.Channel, Provider: c.Provider, Kind: message.Said, Direction: message.In,
			SentAt: u.Now().Add(-time.Second), ReceivedAt: u.Now(), ProviderID: "<" + id + "@example.org>", Text: text,
			Sender: message.Party{Scheme: message.Mailto, Address: c.ContactID + "@example.org", Name: "Ana Žagar"},
		}
		for _, f := range change {
			f(m)
		}
		named, err := locate.MessageID(ctx, u, m.Channel, m.ProviderID)
		if err != nil {
			return err
		}
		work.Save(u, record.Aliases, &message.Alias{ID: named, MessageIDs: []string{m.ID}})
		c.Receive(u.Now())
		work.Save(u, record.Conversations, c)
		work.Save(u, record.Messages, m)
		return nil
	})
}

// entries are those of the processing log that people left, oldest first.
func (w *world) entries(tenant string) []*audit.Entry {
	w.t.Helper()
	return slices.DeleteFunc(w.entriesOf(tenant), func(e *audit.Entry) bool { return e.ActorRole == string(access.Function) })
}

// entriesOf are all entries of the processing log, oldest first.
func (w *world) entriesOf(tenant string) []*audit.Entry {
	w.t.Helper()
	var out []*audit.Entry
	s := work.Scope{Tenant: tenant, Function: "test", Actor: access.Actor{ID: "auditor", Role: access.Auditor}, Use: access.Audit}
	_, err := w.Run(context.Background(), s, func(ctx context.Context, u *work.Unit) error {
		page, err := work.List(ctx, u, record.Entries, store.Query{Index: record.ByState, Partition: "entry", Limit: store.MaxPage})
		out = append(out, page.Items...)
		return err
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return out
}

func jsonInto(b []byte, v any) error { return json.Unmarshal(b, v) }

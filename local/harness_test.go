package main

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	_ "modernc.org/sqlite" // reads the stored file as anybody could who has it

	"github.com/okence/okence/shared/access"
	"github.com/okence/okence/shared/channel"
	"github.com/okence/okence/shared/channel/registry"
	"github.com/okence/okence/shared/domain/message"
	"github.com/okence/okence/shared/store"
)

// start is where the clock of a world stands at first.
var start = time.Date(2026, time.November, 23, 9, 30, 0, 0, time.UTC)

// publicURL is where the world sees the system, whatever port it listens on.
const publicURL = "https://okence.test"

// scratch holds what all tests share: the command, and development secrets.
var scratch string

func TestMain(m *testing.M) {
	var err error
	if scratch, err = os.MkdirTemp("", "okence-test"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	code := m.Run()
	_ = os.RemoveAll(scratch)
	os.Exit(code)
}

// command is the okence command, built once and without the race detector: its
// tests kill it, and want it fast.
var command = sync.OnceValues(func() (string, error) {
	path := filepath.Join(scratch, "okence")
	out, err := exec.Command("go", "build", "-o", path, ".").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("%w: %s", err, out)
	}
	return path, nil
})

// secretsFile is one set of development secrets for all tests: the keys of SES
// take their time.
var secretsFile = sync.OnceValues(func() ([]byte, error) {
	d, err := readSecrets(filepath.Join(scratch, "secrets"))
	if err != nil {
		return nil, err
	}
	if err := d.fill(publicURL, []string{"ekc", "laboss"}); err != nil {
		return nil, err
	}
	return os.ReadFile(d.path)
})

// newData makes a data directory with secrets in it.
func newData(t testing.TB) string {
	t.Helper()
	body, err := secretsFile()
	if err != nil {
		t.Fatal(err)
	}
	data := filepath.Join(t.TempDir(), "data")
	if err := os.Mkdir(data, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(data, "dev-secrets.json"), body, 0o600); err != nil {
		t.Fatal(err)
	}
	return data
}

// world is a system as `okence serve` starts it, behind a real listener.
type world struct {
	t testing.TB
	*system
	base, data, keys string
	server           *httptest.Server
	logs             *logs
}

// serve starts a system on a manual clock.
func serve(t testing.TB) *world {
	t.Helper()
	w := &world{t: t, data: newData(t), logs: &logs{}}
	w.keys = w.data + ".keys"
	w.open(start)
	t.Cleanup(w.shut)
	return w
}

// open starts the system on its data directory with the clock at an instant.
func (w *world) open(at time.Time) {
	w.t.Helper()
	s, err := startSystem(w.data, w.keys, publicURL, &clock{manual: true, at: at})
	if err != nil {
		w.t.Fatal(err)
	}
	s.env.Log = s.env.Settings.NewLogger(w.logs)
	w.system, w.server = s, httptest.NewServer(s.handler())
	w.base = w.server.URL
}

// shut stops the system; doing it twice is fine.
func (w *world) shut() {
	if w.system == nil {
		return
	}
	w.server.Close()
	w.close()
	w.system = nil
	if w.t.Failed() {
		w.t.Logf("log of the system:\n%s", w.logs)
	}
}

// logs gathers what a system logs.
type logs struct {
	mu  sync.Mutex
	all bytes.Buffer
}

func (l *logs) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.all.Write(p)
}

func (l *logs) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.all.String()
}

// named is a provider by its name, "channel/provider".
func named(t testing.TB, name string) channel.Provider {
	t.Helper()
	c, p, _ := strings.Cut(name, "/")
	found := registry.Lookup(channel.Name{Channel: message.Channel(c), Provider: p})
	if found == nil {
		t.Fatalf("no provider %s", name)
	}
	return found
}

// reply is an HTTP answer, read whole.
type reply struct {
	status int
	header http.Header
	body   string
}

// sign makes the call that a provider would make for a body.
func (w *world) sign(tenant, provider string, body []byte, headers ...string) *http.Request {
	w.t.Helper()
	p := named(w.t, provider)
	found, err := w.secrets.find(tenant, p.Name())
	if err != nil || len(found) == 0 {
		w.t.Fatal("no secret for", provider, err)
	}
	target, err := url.Parse(w.base + "/webhooks/" + tenant + "/" + provider)
	if err != nil {
		w.t.Fatal(err)
	}
	req := channel.Request{Method: http.MethodPost, URL: target, Header: http.Header{}, Body: body, At: w.clock.Now()}
	for _, h := range headers {
		k, v, _ := strings.Cut(h, ": ")
		req.Header.Add(k, v)
	}
	if err := p.Sign(&req, found[0]); err != nil {
		w.t.Fatal(err)
	}
	call, err := http.NewRequest(req.Method, target.String(), bytes.NewReader(req.Body))
	if err != nil {
		w.t.Fatal(err)
	}
	call.URL.RawQuery, call.Header = req.URL.RawQuery, req.Header
	return call
}

// do makes a call and reads its answer.
func do(t testing.TB, call *http.Request) reply {
	t.Helper()
	resp, err := http.DefaultClient.Do(call)
	if err != nil {
		t.Error(err)
		return reply{}
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Error(err)
	}
	return reply{resp.StatusCode, resp.Header, string(body)}
}

// post delivers a body as its provider would, and waits until what follows from
// it is done.
func (w *world) post(provider string, body []byte, headers ...string) reply {
	w.t.Helper()
	r := do(w.t, w.sign("ekc", provider, body, headers...))
	w.idle()
	return r
}

// take is post for what must be taken.
func (w *world) take(provider string, body []byte, headers ...string) reply {
	w.t.Helper()
	r := w.post(provider, body, headers...)
	if r.status/100 != 2 {
		w.t.Fatalf("%s answered %d %q", provider, r.status, r.body)
	}
	return r
}

// idle waits until nothing is under way.
func (w *world) idle() {
	w.t.Helper()
	if w.local == nil { // a process of its own
		w.settle()
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	if err := w.local.Idle(ctx); err != nil {
		w.t.Error(err)
	}
}

// token is a token of somebody in a role.
func (w *world) token(tenant string, role access.Role) string {
	w.t.Helper()
	id := access.Identity{Subject: "tester", Name: "Tester", Tenant: tenant, Role: role}
	token, err := access.IssueLocal(w.keys, id, true, w.clock.Now())
	if err != nil {
		w.t.Fatal(err)
	}
	return token
}

// ask calls the API in a role of tenant ekc.
func (w *world) ask(role access.Role, method, path string, body any) reply {
	w.t.Helper()
	return w.askWith(w.token("ekc", role), method, path, body)
}

func (w *world) askWith(token, method, path string, body any) reply {
	w.t.Helper()
	var in io.Reader
	if body != nil {
		b, err := json.Marshal(body)
		if err != nil {
			w.t.Fatal(err)
		}
		in = bytes.NewReader(b)
	}
	call, err := http.NewRequest(method, w.base+path, in)
	if err != nil {
		w.t.Fatal(err)
	}
	call.Header.Set("Authorization", "Bearer "+token)
	call.Header.Set("Content-Type", "application/json")
	return do(w.t, call)
}

// page is a list as the API answers it.
type page[T any] struct {
	Items    []T    `json:"items"`
	Withheld int    `json:"withheld"`
	Next     string `json:"next"`
}

// got is a message as the API shows it.
type got struct {
	ID             string `json:"id"`
	ConversationID string `json:"conversation_id"`
	ContactID      string `json:"contact_id"`
	Channel        string `json:"channel"`
	Provider       string `json:"provider"`
	ProviderID     string `json:"provider_id"`
	Kind           string `json:"kind"`
	Direction      string `json:"direction"`
	Sender         struct {
		Address string `json:"address"`
		Name    string `json:"name"`
	} `json:"sender"`
	Subject string `json:"subject"`
	Text    string `json:"text"`
	NewText string `json:"new_text"`
	Media   []struct {
		Name  string `json:"name"`
		Mime  string `json:"mime"`
		Size  int64  `json:"size"`
		State string `json:"state"`
		Path  string `json:"path"`
	} `json:"media"`
	Location  *message.Location `json:"location"`
	ReplyTo   string            `json:"reply_to"`
	Target    string            `json:"target"`
	Automatic bool              `json:"automatic"`
	SentAt    time.Time         `json:"sent_at"`
	Reaction  string            `json:"reaction"`
	State     string            `json:"state"`
	Changes   []message.Change  `json:"changes"`
}

// talk is a conversation as the API shows it.
type talk struct {
	ID        string `json:"id"`
	ContactID string `json:"contact_id"`
	Channel   string `json:"channel"`
	Messages  int    `json:"messages"`
}

// person is a contact as the API shows it.
type person struct {
	ID        string `json:"id"`
	Name      string `json:"name"`
	Addresses []struct {
		Address string `json:"address"`
	} `json:"addresses"`
}

// letter is a dead letter as the API shows it.
type letter struct {
	ID       string `json:"id"`
	Function string `json:"function"`
	Kind     string `json:"kind"`
	Reason   string `json:"reason"`
}

// find reads the messages of a provider's id back.
func (w *world) find(providerID string) []got {
	w.t.Helper()
	return all[got](w, access.Adviser, "/v1/messages?provider_id="+url.QueryEscape(providerID))
}

// one reads the one message of a provider's id back.
func (w *world) one(providerID string) got {
	w.t.Helper()
	found := w.find(providerID)
	if len(found) != 1 {
		w.t.Fatalf("%d messages with provider id %q, want 1", len(found), providerID)
	}
	return found[0]
}

// all follows a list to its end.
func all[T any](w *world, role access.Role, path string) []T {
	w.t.Helper()
	token, sep, items := w.token("ekc", role), "?", []T{}
	if strings.Contains(path, "?") {
		sep = "&"
	}
	for cursor := ""; ; {
		at := path
		if cursor != "" {
			at += sep + "cursor=" + url.QueryEscape(cursor)
		}
		r := w.askWith(token, "GET", at, nil)
		var p page[T]
		if err := json.Unmarshal([]byte(r.body), &p); r.status != 200 || err != nil {
			w.t.Fatalf("GET %s: %d %s", at, r.status, r.body)
		}
		items = append(items, p.Items...)
		if cursor = p.Next; cursor == "" {
			return items
		}
	}
}

// document is a stored document with its key.
type document struct {
	store.Key
	Body []byte
}

// rows reads every document of a database file, keys.db or okence.db, beside
// whoever has it open.
func rows(t testing.TB, path string) []document {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+path+"?mode=ro")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	found, err := db.Query("SELECT key, body FROM docs ORDER BY key")
	if err != nil {
		t.Fatal(err)
	}
	defer found.Close()
	var out []document
	for found.Next() {
		var name string
		var body []byte
		if err := found.Scan(&name, &body); err != nil {
			t.Fatal(err)
		}
		tenant, rest, _ := strings.Cut(name, "/")
		slash := strings.LastIndexByte(rest, '/')
		out = append(out, document{store.Key{Tenant: tenant, ID: rest[:slash], Kind: rest[slash+1:]}, body})
	}
	if err := found.Err(); err != nil {
		t.Fatal(err)
	}
	return out
}

// docs reads every document of the data directory.
func (w *world) docs() []document {
	w.t.Helper()
	return rows(w.t, filepath.Join(w.data, "okence.db"))
}

// kinds counts documents by kind.
func kinds(docs []document) map[string]int {
	out := map[string]int{}
	for _, d := range docs {
		out[d.Kind]++
	}
	return out
}

// freeAddr is a loopback address that nobody listens on.
func freeAddr(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/okence/okence/shared/access"
	"github.com/okence/okence/shared/channel"
	"github.com/okence/okence/shared/channel/registry"
	"github.com/okence/okence/shared/domain/message"
	"github.com/okence/okence/shared/host"
)

type demoCmd struct {
	Dir string `help:"Where to keep what it made; a temporary directory that is removed, if none." type:"path"`
}

// Run plays a story on a manual clock, through HTTP only, and says what
// happened. It fails if anything is not as the story has it.
func (c *demoCmd) Run() (err error) {
	dir := c.Dir
	if dir == "" {
		if dir, err = os.MkdirTemp("", "okence-demo-"); err != nil {
			return err
		}
		defer os.RemoveAll(dir)
	}
	logTo = io.Discard
	d, err := startDemo(filepath.Join(dir, "data"))
	if err != nil {
		return err
	}
	defer d.stop()
	for _, part := range d.parts() {
		if err := part(); err != nil {
			return err
		}
	}
	fmt.Println("\nAll of it was as it should be.")
	return nil
}

// parts are the story, in order.
func (d *demo) parts() []func() error {
	return []func() error{d.sixChannels, d.oneConversation, d.mergeAndTakeBack, d.nothingIsLost, d.aBreach, d.aRequest, d.aTicket, d.aYear, d.aSweep}
}

// demo is a system on a manual clock, and somebody who uses it.
type demo struct {
	*system
	base  string
	ids   map[string]string // conversation by a name of the story
	serve context.CancelFunc
	done  chan error

	// Where the system runs as processes (aws_local.go): what to do before
	// anybody looks, and what happens while it works.
	before    func() error
	meanwhile func() (stop func())
}

// begin is Monday morning, a working day in Ljubljana.
var begin = time.Date(2026, time.January, 12, 7, 30, 0, 0, time.UTC)

func startDemo(data string) (*demo, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	base := "http://" + l.Addr().String()
	s, err := startSystem(data, data+".keys", base, &clock{manual: true, at: begin})
	if err != nil {
		return nil, errors.Join(err, l.Close())
	}
	ctx, cancel := context.WithCancel(context.Background())
	d := &demo{system: s, base: base, ids: map[string]string{}, serve: cancel, done: make(chan error, 1)}
	go func() { d.done <- host.Serve(ctx, l, s.handler(), s.local.Timeout(), s.env.Settings.Grace) }()
	return d, nil
}

func (d *demo) stop() {
	d.serve()
	<-d.done
	d.close()
}

func (d *demo) say(format string, args ...any) {
	fmt.Printf("%s  %s\n", d.clock.Now().Format("2 Jan 15:04"), fmt.Sprintf(format, args...))
}

// wait moves the clock.
func (d *demo) wait(by time.Duration) error {
	to := d.clock.Now().Add(by)
	defer d.disturb()()
	err := d.call(http.MethodPost, "/dev/clock", "", map[string]time.Time{"now": to}, nil)
	if err == nil {
		d.clock.set(to) // already there, unless the system runs elsewhere
	}
	return err
}

// arrive posts a body as a provider signs it, and expects its 200.
func (d *demo) arrive(c message.Channel, provider, body string) error {
	p := registry.Lookup(channel.Name{Channel: c, Provider: provider})
	status, _, err := post(d.base, "ekc", p, d.secrets, []byte(body), d.clock.Now(), headersFor(p.Name(), body))
	for range 3 { // as every provider does
		if err == nil && !strings.HasPrefix(status, "5") {
			break
		}
		status, _, err = post(d.base, "ekc", p, d.secrets, []byte(body), d.clock.Now(), headersFor(p.Name(), body))
	}
	if err == nil && !strings.HasPrefix(status, "2") {
		err = fmt.Errorf("%s/%s answered %s", c, provider, status)
	}
	if err == nil && d.before != nil { // the story says what came after what
		err = d.before()
	}
	return err
}

// disturb begins what happens meanwhile; the function that it returns ends it.
func (d *demo) disturb() func() {
	if d.meanwhile == nil {
		return func() {}
	}
	return d.meanwhile()
}

// headersFor says what a body is, and names the delivery, where the provider
// does so in a header.
func headersFor(n channel.Name, body string) []string {
	switch n.Provider {
	case "twilio":
		return []string{"Content-Type: application/x-www-form-urlencoded"}
	case "standard", "event":
		return []string{fmt.Sprintf("Webhook-Id: msg_%x", body)[:80]}
	}
	return []string{"Content-Type: application/json"}
}

// call talks to the API as somebody with a role.
func (d *demo) call(method, path string, role access.Role, in, out any) error {
	if d.before != nil {
		if err := d.before(); err != nil {
			return err
		}
	}
	body, err := json.Marshal(in)
	if err != nil {
		return err
	}
	r, err := http.NewRequest(method, d.base+path, bytes.NewReader(body))
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Okence-Case", "demo")
	r.Header.Set("Idempotency-Key", fmt.Sprint(d.clock.Now().UnixNano(), path))
	if role != "" {
		id := access.Identity{Subject: "demo-" + string(role), Name: "Demo", Tenant: "ekc", Role: role}
		token, err := access.IssueLocal(d.env.Settings.Keys, id, true, d.clock.Now())
		if err != nil {
			return err
		}
		r.Header.Set("Authorization", "Bearer "+token)
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode >= 300 {
		return errors.Join(err, fmt.Errorf("%s %s: %s %s", method, path, resp.Status, answer))
	}
	if out == nil {
		return nil
	}
	return json.Unmarshal(answer, out)
}

// seen is what the story looks at in a message.
type seen struct {
	ID             string                `json:"id"`
	ConversationID string                `json:"conversation_id"`
	ContactID      string                `json:"contact_id"`
	Text           string                `json:"text"`
	Channel        message.Channel       `json:"channel"`
	Sender         struct{ Name string } `json:"sender"`
}

func (d *demo) find(providerID string) (seen, error) {
	var list struct{ Items []seen }
	err := d.call(http.MethodGet, "/v1/messages?provider_id="+url.QueryEscape(providerID), access.Adviser, nil, &list)
	if err == nil && len(list.Items) != 1 {
		err = fmt.Errorf("%d messages are called so, want 1", len(list.Items))
	}
	if err != nil {
		return seen{}, err
	}
	return list.Items[0], nil
}

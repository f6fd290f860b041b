package delivery

import (
	"context"
	"errors"
	"net"
	"net/http"
	"time"

	"github.com/okence/okence/events"
	"github.com/okence/okence/shared/access"
	"github.com/okence/okence/shared/channel"
	"github.com/okence/okence/shared/host"
	"github.com/okence/okence/shared/obs"
	"github.com/okence/okence/shared/work"
)

const (
	// callTime bounds one call to a provider: Twilio's and Meta's own answers
	// take a second or two, a mail server may take long over a large mail.
	callTime = 30 * time.Second
	// noteTime bounds the note of how a call ended, which is not given up
	// because the event's own time is over.
	noteTime = 15 * time.Second
)

type function struct {
	env      *host.Env
	http     channel.Doer
	peers    channel.Doer // other organisations
	callTime time.Duration
	pause    time.Duration // before the first further attempt to note how a call ended; it doubles
}

// New returns the function.
func New(env *host.Env) (*host.Function, error) {
	f := &function{env: env, http: client(env.Settings.SendTo), peers: client(""), callTime: callTime, pause: 20 * time.Millisecond}
	return &host.Function{Manifest: manifest, NextDue: f.next, Handlers: map[string]work.Handler{
		events.ReplyRequestedType:   f.requested,
		events.SendingRequestedType: f.exchange,
		events.DeliveryDueType:      f.due,
	}}, nil
}

// client calls providers. It follows no redirect, so that no credential goes to
// another host, and keeps no connection: one that the other side has closed
// meanwhile would leave a call without an answer that was never made.
func client(instead string) *http.Client {
	t := &http.Transport{
		Proxy: http.ProxyFromEnvironment, DisableKeepAlives: true, ForceAttemptHTTP2: true,
		TLSHandshakeTimeout: 10 * time.Second, DialContext: (&net.Dialer{Timeout: 10 * time.Second}).DialContext,
	}
	c := &http.Client{Transport: t, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	if instead != "" {
		t.Proxy = nil
		c.Transport = detour{instead, t}
	}
	return c
}

// detour takes calls to another host, for tests (OKENCE_SEND_TO).
type detour struct {
	to   string
	next http.RoundTripper
}

func (d detour) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Host = r.URL.Host
	r.URL.Scheme, r.URL.Host = "http", d.to
	return d.next.RoundTrip(r)
}

// requested sends one message. Its own unit holds nothing but the done mark:
// claim and note are commits of their own, one on either side of the call.
func (f *function) requested(ctx context.Context, u *work.Unit, e events.Event) error {
	d, err := events.As[events.ReplyRequested](e)
	if err != nil {
		return err
	}
	c, err := f.claim(ctx, u.Tenant(), d.MessageID)
	if err != nil || c == nil {
		return err
	}
	return f.record(ctx, c, f.send(ctx, c))
}

// call is a message that has been claimed, ready to go.
type call struct {
	tenant, message, attempt string
	name                     channel.Name
	sender                   channel.Sender
	secret                   channel.Secret
	out                      channel.Outgoing
	paces                    paces
}

// outcome is how a call ended.
type outcome struct {
	sent channel.Sent
	err  *channel.SendError // nil: sent
}

// send makes the call.
func (f *function) send(ctx context.Context, c *call) outcome {
	ctx, cancel := context.WithTimeout(ctx, f.callTime)
	defer cancel()
	sent, err := c.sender.Send(ctx, f.http, c.secret, c.out)
	o := outcome{sent: sent}
	result := "sent"
	if err != nil {
		if !errors.As(err, &o.err) {
			o.err = channel.Failed(channel.Lost, "no_class")
		}
		result = string(o.err.Class)
	}
	obs.Count("okence_sends_total", "tenant", c.tenant, "account", c.name.String(), "outcome", result)
	if o.err != nil && o.err.Class == channel.Blocked {
		obs.Count("okence_alarm_total", "alarm", "account_refused", "tenant", c.tenant, "account", c.name.String())
		f.env.Log.Error("a provider refuses our account: nothing is sent through it until a trial goes well",
			"tenant", c.tenant, "provider", c.name.String(), "reason", o.err.Code)
	}
	return o
}

// own is the scope of this function's own commits. They leave no mark: the
// message's state says what has been done.
func own(tenant string) work.Scope {
	return work.Scope{Tenant: tenant, Function: manifest.Name, Actor: access.FunctionActor(manifest.Name), Use: manifest.Use}
}

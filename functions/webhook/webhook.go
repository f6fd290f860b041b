package webhook

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/okence/okence/shared/access"
	"github.com/okence/okence/shared/channel"
	"github.com/okence/okence/shared/channel/registry"
	"github.com/okence/okence/shared/domain/message"
	"github.com/okence/okence/shared/domain/outage"
	"github.com/okence/okence/shared/fault"
	"github.com/okence/okence/shared/host"
	"github.com/okence/okence/shared/obs"
	"github.com/okence/okence/shared/policy"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/work"
)

// readTime is how long a provider may take to send a body.
const readTime = 8 * time.Second

type function struct {
	env *host.Env
}

// New returns the function.
func New(env *host.Env) (*host.Function, error) {
	f := &function{env: env}
	mux := http.NewServeMux()
	for _, route := range manifest.Routes {
		mux.HandleFunc(route, f.serve)
	}
	return &host.Function{Manifest: manifest, Routes: mux}, nil
}

// serve answers one call of a provider.
func (f *function) serve(w http.ResponseWriter, r *http.Request) {
	tenant := r.PathValue("tenant")
	name := channel.Name{Channel: message.Channel(r.PathValue("channel")), Provider: r.PathValue("provider")}
	p := registry.Lookup(name)
	if p == nil || !f.env.Tenants[tenant] {
		f.refuse(w, "unknown", "unknown", "no_account", http.StatusNotFound)
		return
	}
	answer, reason := f.handle(w, r, tenant, p)
	if reason != "" {
		f.refuse(w, tenant, name.String(), reason, answer.Status)
		return
	}
	obs.Count("okence_webhook_calls_total", "tenant", tenant, "account", name.String())
	if answer.ContentType != "" {
		w.Header().Set("Content-Type", answer.ContentType)
	}
	w.WriteHeader(answer.Status)
	_, _ = w.Write(answer.Body) // the provider may have hung up; what it sent is safe
}

// refuse answers with a status and an empty body, and leaves no trace but a
// count.
func (f *function) refuse(w http.ResponseWriter, tenant, account, reason string, status int) {
	obs.Count("okence_webhook_refused_total", "tenant", tenant, "account", account, "reason", reason)
	if status == http.StatusServiceUnavailable || status == http.StatusTooManyRequests {
		w.Header().Set("Retry-After", "5")
	}
	w.WriteHeader(status)
}

// handle returns the provider's answer, or a reason to refuse with the status
// of the answer.
func (f *function) handle(w http.ResponseWriter, r *http.Request, tenant string, p channel.Provider) (channel.Answer, string) {
	secrets, err := f.secrets(tenant, p)
	if err != nil {
		return channel.Answer{Status: http.StatusServiceUnavailable}, "no_secret"
	}
	req := channel.Request{Method: r.Method, URL: r.URL, Header: r.Header, At: f.env.Work.Now().UTC(), Say: f.say(tenant)}
	if r.Method == http.MethodGet {
		return handshake(p, req, secrets)
	}
	if req.Body, err = read(w, r, p.Limit()); err != nil {
		return channel.Answer{Status: fault.Status(fault.Of(err))}, string(fault.Of(err))
	}
	if err := verify(p, req, secrets); err != nil {
		return channel.Answer{Status: fault.Status(fault.Of(err))}, string(fault.Of(err))
	}
	parsed := p.Parse(req)
	for _, item := range parsed.Items {
		if err := f.accept(r.Context(), tenant, p.Name(), req.At, item); err != nil {
			f.env.Log.Error("an item of a webhook call was not stored; the provider will send it again",
				"tenant", tenant, "provider", p.Name().String(), "kind", string(fault.Of(err)), "error", err.Error())
			return channel.Answer{Status: http.StatusServiceUnavailable}, string(fault.Of(err))
		}
	}
	if parsed.Answer.Status == 0 {
		parsed.Answer.Status = http.StatusOK
	}
	return parsed.Answer, ""
}

// secrets returns an account's usable secrets. An account without one is closed
// and raises an alarm; it never skips the check, and others go on.
func (f *function) secrets(tenant string, p channel.Provider) ([]channel.Secret, error) {
	all, err := f.env.Secrets(tenant, p.Name())
	var usable []channel.Secret
	for _, s := range all {
		if s.Has(p.Needs()...) {
			usable = append(usable, s)
		}
	}
	if err == nil && len(usable) == 0 {
		err = fault.New(fault.Unavailable, "no secret with %v", p.Needs())
	}
	if err != nil {
		obs.Count("okence_alarm_total", "alarm", "account_without_secret", "tenant", tenant, "account", p.Name().String())
		f.env.Log.Error("a channel account has no usable secret and is closed",
			"tenant", tenant, "provider", p.Name().String(), "setting", host.SecretVariable(tenant, p.Name()), "error", err.Error())
	}
	return usable, err
}

func handshake(p channel.Provider, req channel.Request, secrets []channel.Secret) (channel.Answer, string) {
	h, ok := p.(channel.Handshaker)
	if !ok {
		return channel.Answer{Status: http.StatusMethodNotAllowed}, "method"
	}
	last := channel.Answer{Status: http.StatusForbidden}
	for _, s := range secrets {
		a, ok := h.Handshake(req, s)
		if ok && (a.Status == 0 || a.Status == http.StatusOK) {
			a.Status = http.StatusOK
			return a, ""
		}
		if ok {
			last = a
		}
	}
	return last, "handshake"
}

func read(w http.ResponseWriter, r *http.Request, limit int64) ([]byte, error) {
	_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(readTime)) // not every server can
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, limit))
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return nil, fault.New(fault.TooLarge, "webhook: a body over %d bytes", limit)
	case err != nil:
		return nil, fault.New(fault.Invalid, "webhook: the body ended early")
	}
	return body, nil
}

// verify accepts a call that any of the account's active secrets signed.
func verify(p channel.Provider, req channel.Request, secrets []channel.Secret) error {
	var err error
	for _, s := range secrets {
		if err = p.Verify(req, s); err == nil {
			return nil
		}
	}
	return err
}

// Texts of the pack for callers: platformDown while the platform is down (ekc
// 7.13.4; K05).
const (
	platformDown = "platform_down"
	promptText   = "voice.prompt" // what callers hear first
)

// responder reports whether an incident has switched the phone responder on.
// Where that can't be read, callers get the usual prompt.
func (f *function) responder(tenant string) (on bool) {
	s := work.Scope{Tenant: tenant, Function: manifest.Name, Actor: access.FunctionActor(manifest.Name), Use: manifest.Use}
	_, err := f.env.Work.Run(context.Background(), s, func(ctx context.Context, u *work.Unit) error {
		state, ok, err := work.Find(ctx, u, record.Fallbacks, outage.FallbackID)
		on = ok && state.Responder()
		return err
	})
	return on && err == nil
}

// say gives a provider the pack's texts for answers that go back in the
// response. Providers write languages with a region ("sl-SI"); packs don't.
func (f *function) say(tenant string) func(key, language string) string {
	return func(key, language string) string {
		terms, err := f.env.Terms(tenant)
		if err != nil {
			return ""
		}
		if key == promptText && f.responder(tenant) {
			key = platformDown
		}
		language, _, _ = strings.Cut(strings.ReplaceAll(language, "_", "-"), "-")
		text, _, _ := terms.Text(key, policy.Language(strings.ToLower(language)))
		return text
	}
}

package portal

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"regexp"
	"strconv"
	"strings"

	"github.com/okence/okence/shared/access"
	"github.com/okence/okence/shared/domain/audit"
	"github.com/okence/okence/shared/fault"
	"github.com/okence/okence/shared/obs"
	"github.com/okence/okence/shared/work"
)

const (
	keyHeader      = "Idempotency-Key"
	replayedHeader = "Idempotency-Replayed" // "true" on an answer that was given before
	caseHeader     = "Okence-Case"          // the matter for which somebody looks; stands in the log

	maxBody = 16 << 10 // bytes of a body of ours; events have their own limit
)

var (
	idShape  = regexp.MustCompile(`^[A-Za-z0-9._:-]{1,128}$`)
	keyShape = regexp.MustCompile(`^[\x21-\x7e]{1,255}$`) // visible ASCII
	// traceShape is W3C Trace Context, version 00: anything else is dropped.
	traceShape = regexp.MustCompile(`^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$`)
)

// call is one request on its way.
type call struct {
	r     *http.Request
	route *route
	who   access.Identity
	actor access.Actor
	body  []byte
}

// answer is what goes back: JSON, or a file.
type answer struct {
	status int // 0 means 200
	body   any
	file   *file
}

// serve adds what every answer has, and answers for paths and methods that no
// route takes.
func (f *function) serve(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	if _, pattern := f.mux.Handler(r); pattern != "" {
		f.mux.ServeHTTP(w, r)
		return
	}
	allowed := f.methods(r)
	if len(allowed) == 0 {
		newProblem("not_found", "").write(w)
		return
	}
	h.Set("Allow", strings.Join(append(allowed, http.MethodOptions), ", "))
	if r.Method == http.MethodOptions {
		w.WriteHeader(http.StatusNoContent)
		return
	}
	newProblem("method_not_allowed", "").write(w)
}

// methods are those that some route takes for the path of r.
func (f *function) methods(r *http.Request) []string {
	var out []string
	for _, m := range []string{http.MethodGet, http.MethodHead, http.MethodPost} {
		other := r.Clone(r.Context())
		other.Method = m
		if _, pattern := f.mux.Handler(other); pattern != "" {
			out = append(out, m)
		}
	}
	return out
}

// handler answers for one route.
func (f *function) handler(rt *route) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), manifest.Timeout)
		defer cancel()
		c := &call{r: r, route: rt}
		a, replayed, err := f.answer(ctx, w, c)
		if err != nil {
			p := problemOf(err)
			f.refused(ctx, c, p, err)
			p.write(w)
			return
		}
		if replayed {
			w.Header().Set(replayedHeader, "true")
		}
		obs.Count("okence_portal_requests_total", "route", rt.pattern, "status", strconv.Itoa(a.write(w)))
	}
}

// answer takes a request from its token to its answer.
func (f *function) answer(ctx context.Context, w http.ResponseWriter, c *call) (answer, bool, error) {
	if err := f.authenticate(ctx, c); err != nil {
		return answer{}, false, err
	}
	if !c.route.takes(c.who.Role) {
		return answer{}, false, newProblem("forbidden", "")
	}
	if c.r.Method == http.MethodPost {
		limit := c.route.limit
		if limit == 0 {
			limit = maxBody
		}
		var err error
		if c.body, err = read(w, c.r, limit); err != nil {
			return answer{}, false, err
		}
		return f.write(ctx, c)
	}
	var a answer
	_, err := f.env.Work.Run(ctx, f.scope(c), func(ctx context.Context, u *work.Unit) (err error) {
		a, err = c.route.handle(f, ctx, u, c)
		return err
	})
	return a, false, err
}

// authenticate proves the bearer token (RFC 6750, section 2.1: the header, and
// nowhere else).
func (f *function) authenticate(ctx context.Context, c *call) error {
	scheme, token, _ := strings.Cut(c.r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") {
		token = ""
	}
	who, err := f.tokens.Verify(ctx, strings.TrimSpace(token))
	if err != nil {
		return err
	}
	c.who = who
	c.actor = access.Actor{ID: who.Subject, Name: who.Name, Role: who.Role, From: c.r.RemoteAddr}
	if from, _, err := net.SplitHostPort(c.r.RemoteAddr); err == nil {
		c.actor.From = from
	}
	if matter := c.r.Header.Get(caseHeader); matter != "" {
		if !idShape.MatchString(matter) {
			return newProblem("invalid", caseHeader+" must be 1 to 128 letters, digits or . _ : -")
		}
		c.actor.Case = matter
	}
	return nil
}

func (f *function) scope(c *call) work.Scope {
	s := work.Scope{Tenant: c.who.Tenant, Function: manifest.Name, Actor: c.actor, Use: c.route.use}
	if s.Use == "" { // several roles, each for its own purpose
		s.Use = access.UseOf(c.who.Role)
	}
	if trace := c.r.Header.Get("Traceparent"); traceShape.MatchString(trace) {
		s.TraceParent = trace
	}
	return s
}

// errNew says that an idempotency key has not been used.
var errNew = errors.New("portal: a new idempotency key")

// write does what a request asks for, once for each idempotency key.
func (f *function) write(ctx context.Context, c *call) (answer, bool, error) {
	s, err := f.keyed(ctx, c)
	if err != nil {
		return answer{}, false, err
	}
	if s.ID != "" {
		busy := c.who.Tenant + "/" + s.ID
		if _, taken := f.busy.LoadOrStore(busy, true); taken {
			return answer{}, false, newProblem("idempotency_key_in_use", "")
		}
		defer f.busy.Delete(busy)
	}
	handle := c.route.handle
	if c.route.apart != nil {
		// Units of its own, each done once by itself: the key's mark follows
		// them, so that a crash in between costs but their repetition.
		if s.ID != "" {
			out, err := f.env.Work.Run(ctx, s, func(ctx context.Context, u *work.Unit) error {
				return errors.Join(u.Fetch(ctx), errNew)
			})
			if !errors.Is(err, errNew) || fault.Is(err, fault.Unavailable) {
				return answer{status: c.route.status, body: out.Answer}, out.Duplicate, err
			}
		}
		done, err := c.route.apart(f, ctx, c)
		if err != nil || s.ID == "" {
			return done, false, err
		}
		handle = func(*function, context.Context, *work.Unit, *call) (answer, error) { return done, nil }
	}
	out, err := f.env.Work.Run(ctx, s, func(ctx context.Context, u *work.Unit) error {
		if err := u.Fetch(ctx); err != nil { // done before: nothing is done again
			return err
		}
		a, err := handle(f, ctx, u, c)
		if err != nil {
			return err
		}
		return u.Answer(a.body)
	})
	return answer{status: c.route.status, body: out.Answer}, out.Duplicate, err
}

// keyed is the scope of a write, with its idempotency key if it has one.
func (f *function) keyed(ctx context.Context, c *call) (work.Scope, error) {
	s := f.scope(c)
	keys := c.r.Header.Values(keyHeader)
	if len(keys) == 0 {
		return s, nil
	}
	if len(keys) > 1 || !keyShape.MatchString(keys[0]) {
		return s, newProblem("invalid", keyHeader+" must be 1 to 255 visible ASCII characters")
	}
	hash := func(label string, parts ...string) (h string, err error) {
		return f.env.Work.Vault.Hash(ctx, c.who.Tenant, label, parts...)
	}
	var err error
	if s.ID, err = hash("idempotency key", c.who.Subject, keys[0]); err != nil {
		return s, err
	}
	s.Source = "/portal"
	// Keyed, as a plain digest of a body would let its content be guessed.
	s.Print, err = hash("request", c.r.Method, c.r.URL.RequestURI(), c.r.Header.Get("Content-Type"), string(c.body))
	return s, err
}

// refused counts what went wrong, logs what is ours to mend, and notes in the
// processing log who was refused what (K10: failures too).
func (f *function) refused(ctx context.Context, c *call, p *problem, err error) {
	obs.Count("okence_portal_requests_total", "route", c.route.pattern, "status", strconv.Itoa(p.Status))
	obs.Count("okence_portal_refused_total", "route", c.route.pattern, "reason", p.name())
	if p.Status >= 500 {
		log := f.env.Log.With("function", manifest.Name, "route", c.route.pattern, "tenant", c.who.Tenant, "status", p.Status)
		var panicked *work.Panic
		if errors.As(err, &panicked) {
			log = log.With("panic", panicked.ID, "stack", string(panicked.Stack))
		}
		log.Error("a portal request failed", "kind", string(fault.Of(err)), "error", err.Error())
	}
	if p.Status != http.StatusForbidden || c.who.Subject == "" {
		return
	}
	s := f.scope(c)
	s.Use = access.UseOf(c.who.Role)
	_, nerr := f.env.Work.Run(context.WithoutCancel(ctx), s, func(_ context.Context, u *work.Unit) error {
		items := []audit.Item{{Kind: "route", ID: c.route.pattern}}
		if id := c.r.PathValue("id"); idShape.MatchString(id) {
			items = append(items, audit.Item{Kind: c.route.about, ID: id})
		}
		e := u.Note(c.route.act(), "", items...)
		e.Result, e.Reason = audit.Refused, p.name()
		return nil
	})
	if nerr != nil {
		f.env.Log.Error("a refusal could not be noted", "function", manifest.Name, "route", c.route.pattern, "kind", string(fault.Of(nerr)), "error", nerr.Error())
	}
}

// write sends the answer and returns its status.
func (a answer) write(w http.ResponseWriter) int {
	if a.status == 0 {
		a.status = http.StatusOK
	}
	if a.file != nil {
		a.file.write(w)
		return a.status
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(a.status)
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(a.body) // the client may have hung up
	return a.status
}

func read(w http.ResponseWriter, r *http.Request, limit int64) ([]byte, error) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, limit))
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return nil, newProblem("too_large", "")
	case err != nil:
		return nil, newProblem("invalid", "the body ended early")
	}
	return body, nil
}

// decode reads a body of ours, strictly. No body is an empty object.
func decode(body []byte, into any) error {
	if len(bytes.TrimSpace(body)) == 0 {
		return nil
	}
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.DisallowUnknownFields()
	if dec.Decode(into) != nil {
		return newProblem("invalid", "the body is not JSON of the published schema")
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return newProblem("invalid", "something follows the body")
	}
	return nil
}

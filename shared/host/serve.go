package host

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log"
	"log/slog"
	"net"
	"net/http"
	"runtime/debug"
	"strings"
	"time"

	"github.com/okence/okence/shared/fault"
	"github.com/okence/okence/shared/obs"
	"github.com/okence/okence/shared/store"
)

// Limits of every server of ours.
const (
	headerTime = 5 * time.Second // to send the request's head
	idleTime   = 2 * time.Minute // between requests of a connection
	slack      = 10 * time.Second
	maxHeader  = 64 << 10 // bytes of a request's head
)

// Handler is all that a function serves over HTTP: POST / is the receiver of
// its events, GET /healthz and /readyz say whether it lives and whether it can
// work, GET /metrics what it measured (not where it faces the internet), and
// the rest are its routes.
func Handler(f *Function, env *Env) http.Handler {
	mux := http.NewServeMux()
	env.health(mux)
	if !f.Manifest.Public {
		mux.HandleFunc("GET /metrics", metrics)
	}
	if len(f.Manifest.Consumes) > 0 {
		mux.Handle("POST /{$}", Receiver(f, env))
	}
	if f.Routes != nil {
		mux.Handle("/", f.limited())
	}
	return guarded(mux, env.Log)
}

func (env *Env) health(mux *http.ServeMux) {
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "ok\n") })
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), 2*time.Second)
		defer cancel()
		if _, err := env.Work.Store.Get(ctx, store.Key{Tenant: "ready", Kind: "ready", ID: "ready"}); err != nil {
			WriteProblem(w, fault.New(fault.Unavailable, "the store can't be read"))
			return
		}
		_, _ = io.WriteString(w, "ready\n")
	})
}

func metrics(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/plain; version=0.0.4")
	obs.WriteMetrics(w)
}

// limited is the function's routes under its time limit.
func (f *Function) limited() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), f.Manifest.Timeout)
		defer cancel()
		f.Routes.ServeHTTP(w, r.WithContext(ctx))
	})
}

// guarded bounds the time a body may take, and turns a panic into an answer
// with an id, under which the log tells the place and never what was said.
func guarded(next http.Handler, log *slog.Logger) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Body != nil && r.Body != http.NoBody {
			control := http.NewResponseController(w)
			if control.SetReadDeadline(time.Now().Add(bodyTime)) == nil {
				r.Body = &timedBody{r.Body, control}
			}
		}
		watched := &watched{ResponseWriter: w}
		defer func() {
			p := recover()
			if p == nil {
				return
			}
			if p == http.ErrAbortHandler { //nolint:errorlint // net/http compares it so
				panic(p)
			}
			id := strings.ToLower(rand.Text())
			log.Error("a route panicked", "panic", id, "error", fmt.Sprintf("%T", p), "route", r.Pattern, "method", r.Method, "stack", string(debug.Stack()))
			obs.Count("okence_panics_total")
			if watched.begun {
				panic(http.ErrAbortHandler) // half an answer must not pass for a whole one
			}
			problem := ProblemOf(fault.New(fault.Internal, "panic"))
			problem.ID = id
			problem.Write(w)
		}()
		next.ServeHTTP(watched, r)
	})
}

// timedBody lifts the time limit once the body is read whole: the server goes
// on reading, to see whether the client hangs up, and would take the limit for
// that.
type timedBody struct {
	io.ReadCloser
	control *http.ResponseController
}

func (b *timedBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if err == io.EOF && b.control != nil { //nolint:errorlint // io.Reader promises io.EOF itself
		_ = b.control.SetReadDeadline(time.Time{})
		b.control = nil
	}
	return n, err
}

// watched knows whether an answer has begun.
type watched struct {
	http.ResponseWriter
	begun bool
}

func (w *watched) WriteHeader(status int) {
	w.begun = w.begun || status >= 200
	w.ResponseWriter.WriteHeader(status)
}

func (w *watched) Write(p []byte) (int, error) {
	w.begun = true
	return w.ResponseWriter.Write(p)
}

// Unwrap is for http.ResponseController.
func (w *watched) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func newServer(h http.Handler, timeout time.Duration) *http.Server {
	return &http.Server{
		Handler: h, ReadHeaderTimeout: headerTime, IdleTimeout: idleTime, MaxHeaderBytes: maxHeader,
		WriteTimeout: bodyTime + timeout + slack,
		ErrorLog:     log.New(io.Discard, "", 0), // its lines quote addresses of clients
	}
}

// Serve answers on l until ctx ends, then lets requests under way finish, for
// at most grace, and returns nil. No request may take longer than timeout to be
// answered. The listener is ready when the port accepts: connect first, serve
// later is fine.
func Serve(ctx context.Context, l net.Listener, h http.Handler, timeout, grace time.Duration) error {
	s := newServer(h, timeout)
	failed := make(chan error, 1)
	go func() { failed <- s.Serve(l) }()
	select {
	case err := <-failed:
		return fault.New(fault.Unavailable, "the server stopped").Because(err)
	case <-ctx.Done():
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), grace)
	defer cancel()
	err := s.Shutdown(ctx)
	if errors.Is(err, context.DeadlineExceeded) {
		err = s.Close() // whoever still waits is cut off and asks again
	}
	<-failed
	return err
}

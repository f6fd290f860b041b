// Command tally is a function for the host's own tests: it counts events by
// their subject, and does on the way what the subject asks for.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/okence/okence/events"
	"github.com/okence/okence/shared/access"
	"github.com/okence/okence/shared/fault"
	"github.com/okence/okence/shared/host"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/work"
)

// Count is how often an event took effect.
type Count struct {
	ID string `json:"id" data:"technical"`
	N  int    `json:"n" data:"technical"`
}

var counts = record.Define[Count]("tally", 1)

func main() { host.Main(create) }

func create(env *host.Env) (*host.Function, error) {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /count/{id}", func(w http.ResponseWriter, r *http.Request) { show(env, w, r) })
	mux.HandleFunc("POST /mirror", mirror)
	return &host.Function{
		Manifest: host.Manifest{
			Name: "tally", Use: access.Operation, Timeout: 2 * time.Second,
			Consumes:  []host.Consumed{{Type: events.MediaRequestedType}, {Type: events.RelayDueType}},
			Schedules: []host.Schedule{{Type: events.RelayDueType, Every: time.Minute}},
			Routes:    []string{"GET /count/{id}", "POST /mirror"},
		},
		Handlers: map[string]work.Handler{
			events.MediaRequestedType: func(ctx context.Context, u *work.Unit, e events.Event) error { return count(ctx, u, env, e) },
			events.RelayDueType:       func(ctx context.Context, u *work.Unit, e events.Event) error { return count(ctx, u, env, e) },
		},
		Routes: mux,
	}, nil
}

// count adds one for the event's id. The id says what is to happen on the way:
// poison, busy-1st (fails the first time), crash-1st (the process dies the first
// time), panic, slow.
func count(ctx context.Context, u *work.Unit, env *host.Env, e events.Event) error {
	id := strings.ReplaceAll(e.ID, ":", "_")
	switch word, _, _ := strings.Cut(e.ID, "."); word {
	case "poison":
		return fault.New(fault.Poison, "as it was told to")
	case "panic":
		panic("Janez Novak")
	case "slow":
		<-ctx.Done()
		return ctx.Err()
	case "busy-1st", "crash-1st":
		first := filepath.Join(env.Settings.Data, "first."+id)
		if _, err := os.Stat(first); errors.Is(err, os.ErrNotExist) {
			if err := os.WriteFile(first, nil, 0o600); err != nil {
				return err
			}
			if word == "crash-1st" {
				os.Exit(3)
			}
			return fault.New(fault.Unavailable, "as it was told to")
		}
	}
	c, ok, err := work.Find(ctx, u, counts, id)
	if err != nil {
		return err
	}
	if !ok {
		c = &Count{ID: id}
	}
	c.N++
	work.Save(u, counts, c)
	return nil
}

func show(env *host.Env, w http.ResponseWriter, r *http.Request) {
	scope := work.Scope{Tenant: "ekc", Function: "tally", Actor: access.FunctionActor("tally"), Use: access.Operation}
	n := 0
	_, err := env.Work.Run(r.Context(), scope, func(ctx context.Context, u *work.Unit) error {
		c, ok, err := work.Find(ctx, u, counts, r.PathValue("id"))
		if ok {
			n = c.N
		}
		return err
	})
	if err != nil {
		host.WriteProblem(w, err)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(n)
}

// mirror says what came in.
func mirror(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	w.Header()["X-Seen"] = []string{r.Method + " " + r.Host + r.RequestURI, r.Header.Get("X-Multi"), r.Header.Get("Cookie"), r.RemoteAddr}
	http.SetCookie(w, &http.Cookie{Name: "a", Value: "1"})
	http.SetCookie(w, &http.Cookie{Name: "b", Value: "2"})
	w.WriteHeader(http.StatusTeapot)
	_, _ = w.Write(body)
}

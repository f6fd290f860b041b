package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/okence/okence/shared/host"
)

type serveCmd struct {
	Addr  string    `help:"Where to listen." default:"127.0.0.1:8080" placeholder:"HOST:PORT"`
	Data  string    `help:"Data directory." env:"OKENCE_DATA" type:"path" default:".data/okence"`
	Keys  string    `help:"Key directory, apart from the data; by default that of the data with .keys behind its name." env:"OKENCE_KEYS" type:"path"`
	Clock string    `help:"wall or manual. A manual clock moves only by POST /dev/clock." enum:"wall,manual" default:"wall"`
	Now   time.Time `help:"Where a manual clock starts, RFC 3339; now if none."`
}

func (c *serveCmd) Run() error {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	listener, err := net.Listen("tcp", c.Addr)
	if err != nil {
		return fmt.Errorf("can't listen on %s: is another one running there? %w", c.Addr, err)
	}
	s, err := startSystem(c.Data, c.Keys, "http://"+listener.Addr().String(), c.clock())
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	defer s.close()
	if s.clock.manual {
		if err := s.local.Settle(ctx); err != nil {
			s.env.Log.Warn("not all that was due is done; it will be tried again", "error", err.Error())
		}
	} else {
		go s.local.Run(ctx)
	}
	c.greet(s, listener.Addr().String())
	return host.Serve(ctx, listener, s.handler(), s.local.Timeout(), s.env.Settings.Grace)
}

func (c *serveCmd) clock() *clock {
	if c.Clock != "manual" {
		return &clock{}
	}
	if c.Now.IsZero() {
		c.Now = time.Now()
	}
	return &clock{manual: true, at: c.Now.UTC()}
}

// greet says where to look next, in commands that work as they stand.
func (c *serveCmd) greet(s *system, addr string) {
	tenant, flags := s.env.Settings.Tenants[0], ""
	if addr != "127.0.0.1:8080" {
		flags = " --server http://" + addr
	}
	fmt.Printf(`Okence serves on http://%[1]s
  data %[2]s, keys %[3]s (keep them apart), tenants %[4]s
  what the API is    http://%[1]s/docs
  a test message     bin/okence send%[6]s --tenant %[5]s --channel whatsapp --provider meta testdata/whatsapp.json
  an access token    bin/okence token%[6]s --tenant %[5]s --role adviser
  read it back       curl -H "Authorization: Bearer $(bin/okence token%[6]s --tenant %[5]s --role adviser)" http://%[1]s/v1/conversations
`, addr, s.env.Settings.Data, s.env.Settings.Keys, strings.Join(s.env.Settings.Tenants, ","), tenant, flags)
	if s.clock.manual {
		fmt.Printf("  the clock stands at %s; move it by POST http://%s/dev/clock {\"now\": ...}\n", s.clock.Now().Format(time.RFC3339), addr)
	}
}

// logTo is where the log goes; a demo keeps it apart from its story.
var logTo io.Writer = os.Stderr

// system is everything in one process.
type system struct {
	env     *host.Env
	local   *host.Local
	clock   *clock
	secrets *devSecrets
}

// startSystem opens the embedded drivers and wires all functions. public is the
// base URL under which the world sees it.
func startSystem(data, keys, public string, c *clock) (*system, error) {
	settings, err := host.ReadSettings()
	if err != nil {
		return nil, err
	}
	settings.Data, settings.Keys = data, keys
	if err := settings.Check(); err != nil {
		return nil, err
	}
	env, err := host.Open(settings, settings.NewLogger(logTo), c.Now)
	if err != nil {
		return nil, err
	}
	s := &system{env: env, clock: c}
	env.WarnPlaces(os.Getenv)
	env.LocalTokens = true
	if s.secrets, err = readSecrets(data); err == nil {
		err = s.secrets.fill(public, settings.Tenants)
	}
	if err != nil {
		env.Close()
		return nil, err
	}
	env.Secrets = s.secrets.find
	fns, err := functions(env)
	if err == nil {
		s.local, err = host.NewLocal(env, fns)
	}
	if err != nil {
		env.Close()
		return nil, err
	}
	return s, nil
}

// handler is what the system serves: its functions' routes, and its clock.
func (s *system) handler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/", s.local.Handler())
	clock := serveClock(s.clock, s.local)
	mux.Handle("GET /dev/clock", clock)
	if s.clock.manual {
		mux.Handle("POST /dev/clock", clock)
	}
	return mux
}

func (s *system) close() {
	s.local.Close()
	s.env.Close()
}

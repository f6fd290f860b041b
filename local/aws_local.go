//go:build awslocal

package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"syscall"
	"time"

	"github.com/okence/okence/shared/access"
	"github.com/okence/okence/shared/domain/message"
	"github.com/okence/okence/shared/host"
	"github.com/okence/okence/shared/host/standin"
)

func init() {
	plugins = append(plugins, &struct {
		AwsLocal awsLocalCmd `cmd:"" name:"aws-local" help:"Run infra/aws on what this machine has: emulators, Terraform, every function a process."`
	}{})
}

// awsLocalCmd is what `make aws-local` calls.
type awsLocalCmd struct {
	Addr     string `help:"Where the HTTP API listens." default:"127.0.0.1:8080" placeholder:"HOST:PORT"`
	Programs string `help:"Where the functions are." default:"bin/standin/x86_64" type:"path"`
	Smoke    bool   `help:"Send a message on each channel, read it back, and end."`
	Story    bool   `help:"Play the demo through the functions, and end."`
	Verbose  bool   `help:"Print what Terraform and the functions write."`
}

// Run deploys, serves until it is interrupted, and leaves nothing behind.
func (c *awsLocalCmd) Run() error {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	log := io.Discard
	if c.Verbose {
		log = os.Stderr
	}
	var now time.Time
	if c.Story {
		now = begin
	}
	fmt.Println("Starting the emulators and applying infra/aws to them; this takes a minute …")
	began := time.Now()
	d, err := startAWS(ctx, c.Addr, c.Programs, now, log)
	if err != nil {
		return err
	}
	defer d.stop()
	fmt.Printf("Deployed in %s: the HTTP API is on %s\n", time.Since(began).Round(time.Second), d.base)
	switch {
	case c.Story:
		d.before = func() error { return d.aws.Drain(ctx) }
		return d.play()
	case c.Smoke:
		go d.aws.Run(ctx)
		return d.smoke(ctx)
	}
	go d.aws.Run(ctx)
	fmt.Printf("  a test message   bin/okence send --server %s --data %s --keys %s.keys --channel whatsapp --provider meta testdata/whatsapp.json\n", d.base, d.data, d.data)
	<-ctx.Done()
	return nil
}

// awsDemo is the system of the demo, deployed.
type awsDemo struct {
	*demo
	aws    *standin.Standin
	data   string
	served *http.Server
	closed chan struct{}
}

// startAWS deploys, and serves the HTTP API on addr.
func startAWS(ctx context.Context, addr, programs string, now time.Time, log io.Writer) (*awsDemo, error) {
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "okence-aws-")
	if err != nil {
		return nil, errors.Join(err, l.Close())
	}
	base := "http://" + l.Addr().String()
	keys := filepath.Join(dir, "data.keys")
	s := &system{clock: &clock{manual: !now.IsZero(), at: now}, env: &host.Env{Settings: host.Settings{Keys: keys}}}
	d := &awsDemo{demo: &demo{system: s, base: base, ids: map[string]string{}}, data: filepath.Join(dir, "data"), closed: make(chan struct{})}
	if s.secrets, err = readSecrets(d.data); err == nil {
		err = errors.Join(os.MkdirAll(keys, 0o700), s.secrets.fill(base, []string{"ekc"}))
	}
	if err == nil {
		root, _ := os.Getwd()
		d.aws, err = standin.Start(ctx, standin.Options{
			Root: projectRoot(root), Programs: programs, Dir: dir, Keys: keys, Accounts: s.secrets.environ(), Now: now, Log: log,
		})
	}
	if err != nil {
		return nil, errors.Join(err, l.Close(), os.RemoveAll(dir))
	}
	d.served = &http.Server{Handler: d.aws.Handler(), ReadHeaderTimeout: 5 * time.Second}
	go func() {
		_ = d.served.Serve(l)
		close(d.closed)
	}()
	return d, nil
}

// projectRoot is the nearest folder above dir with a go.mod.
func projectRoot(dir string) string {
	for d := dir; d != filepath.Dir(d); d = filepath.Dir(d) {
		if _, err := os.Stat(filepath.Join(d, "go.mod")); err == nil {
			return d
		}
	}
	return dir
}

// environ are the secrets as the functions read them.
func (d *devSecrets) environ() []string {
	var out []string
	for variable, secret := range d.all {
		body, err := json.Marshal(secret)
		if err == nil {
			out = append(out, variable+"="+string(body))
		}
	}
	slices.Sort(out)
	return out
}

func (d *awsDemo) stop() {
	_ = d.served.Close()
	<-d.closed
	d.aws.Close()
	_ = os.RemoveAll(filepath.Dir(d.data))
}

// play tells the story.
func (d *awsDemo) play() error {
	for _, part := range d.parts() {
		if err := part(); err != nil {
			return err
		}
	}
	return nil
}

// smoke is the shortest way through all of it: a signed webhook, the queue, the
// function, and the API.
func (d *awsDemo) smoke(ctx context.Context) error {
	now := time.Now().UTC()
	if err := d.arrive(message.WhatsApp, "meta", whatsappText("wamid.smoke", "Dober dan", now, "")); err != nil {
		return err
	}
	for end := time.Now().Add(30 * time.Second); ; {
		m, err := d.find("wamid.smoke")
		if err == nil && m.Text == "Dober dan" {
			break
		}
		if time.Now().After(end) || ctx.Err() != nil {
			return fmt.Errorf("the message did not arrive: %w", err)
		}
		time.Sleep(200 * time.Millisecond)
	}
	if err := d.call(http.MethodGet, "/v1/ledger/entries", access.Auditor, nil, nil); err != nil {
		return err
	}
	fmt.Println("A signed message came in, went through the queue, and was read back; the processing log knows who read it.")
	return nil
}

//go:build !aws

package host

import (
	"net/http"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"

	"github.com/GoogleCloudPlatform/functions-framework-go/funcframework"
	"github.com/GoogleCloudPlatform/functions-framework-go/functions"

	"github.com/okence/okence/shared/fault"
)

// HTTPFunction is a function for the Functions Framework to register:
//
//	func init() { functions.HTTP("webhook", host.HTTPFunction(webhook.New)) }
//
// Google's build of a source deploy finds it in the one package of what was
// uploaded (go run ./shared/host/wire -stage lays that out) and adds a main that
// starts the framework. The framework is the entry and nothing more: its own
// receiver of CloudEvents stops answering after clients hang up, so that events
// too come in through our handler; and since it drops what is under way on
// SIGTERM, the handler itself holds the process until that is done.
func HTTPFunction(create func(*Env) (*Function, error)) func(http.ResponseWriter, *http.Request) {
	f, env := start(create, Framework)
	return framed(f, env).ServeHTTP
}

// serveFramework starts the framework from our own main.
func serveFramework(f *Function, env *Env) error {
	functions.HTTP(os.Getenv("FUNCTION_TARGET"), framed(f, env).ServeHTTP)
	port := os.Getenv("PORT")
	if port == "" {
		port = "8080"
	}
	return funcframework.StartHostPort(os.Getenv("HOST"), port)
}

// framed is the function's handler, and ends the process in good order.
func framed(f *Function, env *Env) http.Handler {
	d := &drain{next: Handler(f, env)}
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, syscall.SIGTERM)
	go func() {
		<-stop
		d.wait(env.Settings.Grace)
		env.Close()
		os.Exit(0)
	}()
	return d
}

// drain serves until wait, and then answers that it is going.
type drain struct {
	next http.Handler
	gate sync.RWMutex // held to read by each request
}

func (d *drain) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !d.gate.TryRLock() {
		w.Header().Set("Connection", "close")
		WriteProblem(w, fault.New(fault.Unavailable, "the function is stopping"))
		return
	}
	defer d.gate.RUnlock()
	d.next.ServeHTTP(w, r)
}

// wait lets no more in and returns when all are out, or after grace.
func (d *drain) wait(grace time.Duration) {
	out := make(chan struct{})
	go func() {
		d.gate.Lock() // for good
		close(out)
	}()
	select {
	case <-out:
	case <-time.After(grace):
	}
}

package host

import (
	"context"
	"log/slog"
	"net"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"
)

// Form is how a function's process is run.
type Form string

const (
	Lambda    Form = "lambda"    // AWS Lambda: events from its Runtime API
	Framework Form = "framework" // Google's Functions Framework
	Server    Form = "server"    // our own HTTP server: Cloud Run, Knative, any container
)

// FormOf tells the form from the environment, which each platform sets itself.
func FormOf(getenv func(string) string) Form {
	switch {
	case getenv("AWS_LAMBDA_RUNTIME_API") != "":
		return Lambda
	case getenv("FUNCTION_TARGET") != "":
		return Framework
	default:
		return Server
	}
}

// Main runs one function as a process of its own, in the form that the
// environment asks for. A setting that is missing or unlawful ends it at once,
// and the log says which.
func Main(create func(*Env) (*Function, error)) {
	form := FormOf(os.Getenv)
	f, env := start(create, form)
	var err error
	switch form {
	case Lambda:
		err = serveLambda(f, env)
	case Framework:
		err = serveFramework(f, env)
	case Server:
		err = serveHTTP(f, env)
	}
	env.Close()
	if err != nil {
		env.Log.Error("the function stopped", "function", f.Manifest.Name, "error", err.Error())
		os.Exit(1)
	}
}

// start opens the environment and makes the function, or ends the process.
func start(create func(*Env) (*Function, error), form Form) (*Function, *Env) {
	s, err := ReadSettings()
	log := s.NewLogger(os.Stderr)
	if err != nil {
		refuse(log, err)
	}
	env, err := Open(s, log, standinClock)
	if err != nil {
		refuse(log, err)
	}
	env.LocalTokens = standinTokens
	err = CheckPlaces(s, form, os.Getenv, env.Policy, env.Work.Now())
	if err != nil {
		env.Close()
		refuse(log, err)
	}
	f, err := create(env)
	if err == nil {
		err = f.Check()
	}
	if err != nil {
		env.Close()
		refuse(log, err)
	}
	log.Info("the function is ready", "function", f.Manifest.Name, "form", string(form), "version", Version())
	return f, env
}

func refuse(log *slog.Logger, err error) {
	log.Error("the function refuses to start", "error", err.Error())
	os.Exit(2)
}

// Version is the revision that the program was built from.
func Version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" {
			return s.Value
		}
	}
	return info.Main.Version
}

// serveHTTP answers on $PORT, 8080 by default, until SIGTERM or SIGINT.
func serveHTTP(f *Function, env *Env) error {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer stop()
	port := os.Getenv("PORT")
	if port == "" {
		port = "8080"
	}
	l, err := net.Listen("tcp", net.JoinHostPort(os.Getenv("HOST"), port))
	if err != nil {
		return err
	}
	return Serve(ctx, l, Handler(f, env), f.Manifest.Timeout, env.Settings.Grace)
}

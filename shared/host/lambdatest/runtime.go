// Package lambdatest runs a function as AWS Lambda would: it serves the Runtime
// API, starts the built program as a process of its own, hands it one invocation
// at a time with a deadline, kills it when the deadline passes, and starts
// another after a crash. Queue stands in for the event source mapping of SQS.
// https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
package lambdatest

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// startTime is how long a process may take until it asks for its first
// invocation (AWS Lambda: 10 s).
const startTime = 10 * time.Second

// Runtime is a function's execution environment: at most one process at a time.
type Runtime struct {
	out     io.Writer // what the process writes
	program string
	environ []string

	turn        sync.Mutex // one invocation at a time
	process     *process
	current     atomic.Pointer[process] // the same, for Kill
	spawns      atomic.Int32
	invocations atomic.Int32
}

// FunctionError is what a function reports in place of an answer, or what
// became of its process.
type FunctionError struct {
	Type    string `json:"errorType"`
	Message string `json:"errorMessage"`
}

// Error implements error.
func (e *FunctionError) Error() string { return e.Type + ": " + e.Message }

// What became of a process that did not answer.
const (
	Crashed  = "Runtime.ExitError"
	TimedOut = "Sandbox.Timedout"
	NoStart  = "Runtime.InitError"
)

// TB is as much of testing.TB as is needed here: what runs functions without a
// test (shared/host/standin) does not link the testing package.
type TB interface {
	Helper()
	Fatal(...any)
	Fatalf(string, ...any)
	Cleanup(func())
	Output() io.Writer
}

// Build builds a Go program for the tests of a package, with build tags beside
// lambda.norpc, and returns its path. Remove it with its folder.
func Build(t TB, pkg string, tags ...string) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "lambdatest")
	if err != nil {
		t.Fatal(err)
	}
	program := dir + "/bootstrap"
	if out, err := exec.Command("go", "build", "-tags", strings.Join(append(tags, "lambda.norpc"), ","), "-o", program, pkg).CombinedOutput(); err != nil {
		t.Fatalf("go build %s: %v\n%s", pkg, err, out)
	}
	return program
}

// New returns an environment for a program, with variables NAME=VALUE; the
// process starts with the first invocation and is stopped with the test.
func New(t TB, program string, environ ...string) *Runtime {
	r := Start(t.Output(), program, environ...)
	t.Cleanup(func() { _ = r.Stop() })
	return r
}

// Start is New without a test: the caller stops it. What the process writes goes
// to out.
func Start(out io.Writer, program string, environ ...string) *Runtime {
	return &Runtime{out: out, program: program, environ: environ}
}

// Kill ends the process at once, as a crash would, also amid an invocation. The
// next invocation starts another.
func (r *Runtime) Kill() {
	if p := r.current.Load(); p != nil {
		p.kill(syscall.SIGKILL)
	}
}

// Spawns is how many processes have been started.
func (r *Runtime) Spawns() int { return int(r.spawns.Load()) }

// Invocations is how many invocations a process has been handed.
func (r *Runtime) Invocations() int { return int(r.invocations.Load()) }

// Invoke has the function invoked with a payload and a time limit, and returns
// its answer. The error is a *FunctionError.
func (r *Runtime) Invoke(payload []byte, limit time.Duration) ([]byte, error) {
	r.turn.Lock()
	defer r.turn.Unlock()
	if r.process == nil || r.process.gone() {
		if err := r.spawn(); err != nil {
			return nil, err
		}
	}
	p := r.process
	deadline := time.Now().Add(limit)
	in := invocation{id: fmt.Sprintf("%08d-0000-4000-8000-000000000000", r.invocations.Add(1)), payload: payload, deadline: deadline}
	select {
	case p.next <- in:
	case <-p.exited:
		return nil, &FunctionError{Crashed, "before it took the invocation"}
	}
	select {
	case out := <-p.answers:
		return out.payload, out.err
	case <-p.exited:
		select {
		case out := <-p.answers: // it answered, and then went
			return out.payload, out.err
		default:
			return nil, &FunctionError{Crashed, "the process ended within the invocation"}
		}
	case <-time.After(time.Until(deadline)):
		p.kill(syscall.SIGKILL)
		return nil, &FunctionError{TimedOut, "killed at the deadline"}
	}
}

// Stop asks the process to end by SIGTERM, as Lambda does where an extension is
// registered, and kills it after two seconds. The error tells an exit that was
// not in good order.
func (r *Runtime) Stop() error {
	r.turn.Lock()
	defer r.turn.Unlock()
	p := r.process
	r.process = nil
	if p == nil || p.gone() {
		return nil
	}
	time.AfterFunc(2*time.Second, func() { p.kill(syscall.SIGKILL) })
	p.kill(syscall.SIGTERM)
	return p.failure
}

type invocation struct {
	id       string
	payload  []byte
	deadline time.Time
}

type outcome struct {
	payload []byte
	err     error
}

// process is one generation: a process with a Runtime API of its own, so that
// nothing that is meant for one reaches the next.
type process struct {
	cmd     *exec.Cmd
	api     *httptest.Server
	next    chan invocation
	answers chan outcome
	ready   chan struct{} // closed with the first call for an invocation
	exited  chan struct{}
	failure error // of the exit; valid once exited
	once    sync.Once
}

func (r *Runtime) spawn() error {
	p := &process{next: make(chan invocation), answers: make(chan outcome, 1), ready: make(chan struct{}), exited: make(chan struct{})}
	p.api = httptest.NewServer(p.routes())
	p.cmd = exec.Command(r.program)
	p.cmd.Env = append(append(append(os.Environ(), "AWS_REGION=eu-central-1"), r.environ...), "AWS_LAMBDA_RUNTIME_API="+strings.TrimPrefix(p.api.URL, "http://"),
		"AWS_LAMBDA_FUNCTION_NAME=lambdatest", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE=256")
	p.cmd.Stdout, p.cmd.Stderr = r.out, r.out
	if err := p.cmd.Start(); err != nil {
		p.api.Close()
		return &FunctionError{NoStart, err.Error()}
	}
	r.process = p
	r.current.Store(p)
	r.spawns.Add(1)
	go func() {
		p.failure = p.cmd.Wait()
		close(p.exited)
		p.api.CloseClientConnections()
		p.api.Close()
	}()
	select {
	case <-p.ready:
		return nil
	case out := <-p.answers: // init/error
		<-p.exited
		return out.err
	case <-p.exited:
		return &FunctionError{NoStart, fmt.Sprint("the process ended before its first invocation: ", p.failure)}
	case <-time.After(startTime):
		p.kill(syscall.SIGKILL)
		return &FunctionError{NoStart, "too slow"}
	}
}

func (p *process) gone() bool {
	select {
	case <-p.exited:
		return true
	default:
		return false
	}
}

// kill ends the process and waits for its end.
func (p *process) kill(s syscall.Signal) {
	_ = p.cmd.Process.Signal(s)
	<-p.exited
}

// routes is the Runtime API, and as much of the Extensions API as SIGTERM
// needs.
func (p *process) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /2018-06-01/runtime/invocation/next", func(w http.ResponseWriter, r *http.Request) {
		p.once.Do(func() { close(p.ready) })
		select {
		case in := <-p.next:
			w.Header().Set("Lambda-Runtime-Aws-Request-Id", in.id)
			w.Header().Set("Lambda-Runtime-Deadline-Ms", strconv.FormatInt(in.deadline.UnixMilli(), 10))
			w.Header().Set("Lambda-Runtime-Invoked-Function-Arn", "arn:aws:lambda:eu-central-1:000000000000:function:lambdatest")
			w.Header().Set("Content-Type", "application/json")
			_, _ = w.Write(in.payload)
		case <-r.Context().Done():
		case <-p.exited:
		}
	})
	mux.HandleFunc("POST /2018-06-01/runtime/invocation/{id}/response", func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err == nil {
			p.answers <- outcome{payload: body}
		}
		w.WriteHeader(http.StatusAccepted)
	})
	fail := func(w http.ResponseWriter, r *http.Request) {
		e := new(FunctionError)
		if err := json.NewDecoder(r.Body).Decode(e); err != nil {
			e = &FunctionError{"lambdatest", "an error report that is not JSON"}
		}
		p.answers <- outcome{err: e}
		w.WriteHeader(http.StatusAccepted)
	}
	mux.HandleFunc("POST /2018-06-01/runtime/invocation/{id}/error", fail)
	mux.HandleFunc("POST /2018-06-01/runtime/init/error", fail)
	mux.HandleFunc("POST /2020-01-01/extension/register", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Lambda-Extension-Identifier", "lambdatest")
		_, _ = io.WriteString(w, "{}")
	})
	mux.HandleFunc("GET /2020-01-01/extension/event/next", func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-r.Context().Done():
		case <-p.exited:
		}
	})
	return mux
}

// Cold starts a process, waits until it asks for its first invocation, and stops
// it. It returns how long that took and its greatest memory in bytes (Linux).
func (r *Runtime) Cold() (ready time.Duration, peak int64, err error) {
	r.turn.Lock()
	began := time.Now()
	err = r.spawn()
	ready = time.Since(began)
	if err == nil {
		peak = peakOf(r.process.cmd.Process.Pid)
	}
	r.turn.Unlock()
	_ = r.Stop() // a bare program does not wait for SIGTERM, and ends by it
	return ready, peak, err
}

// peakOf is a process's VmHWM.
func peakOf(pid int) int64 {
	body, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(body)) {
		var kb int64
		if n, _ := fmt.Sscanf(line, "VmHWM: %d kB", &kb); n == 1 {
			return kb << 10
		}
	}
	return 0
}

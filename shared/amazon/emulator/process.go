package emulator

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"strings"
	"sync"
	"time"
)

// startTime is how long an emulator may take until it answers. DynamoDB Local
// takes 2 s, moto 3 s on an idle machine of two cores.
const startTime = 90 * time.Second

// ErrMissing says that this machine lacks what an emulator needs; its text says
// what.
var ErrMissing = errors.New("emulator: not on this machine")

// Process is a running emulator.
type Process struct {
	// Endpoint is its URL, such as http://127.0.0.1:40123.
	Endpoint string

	keeper *exec.Cmd
	pipe   io.Closer // the kernel closes it when we die: then the keeper kills the emulator
	log    *os.File
	once   sync.Once
}

// keeping runs a program until standard input ends, and then kills it.
const keeping = `"$@" </dev/null & p=$!; trap 'kill -9 $p 2>/dev/null' EXIT; trap 'exit 1' INT TERM HUP; cat >/dev/null; exit 0`

// run starts a program under a keeper, with its output in a file.
func run(dir string, environ []string, argv ...string) (*Process, error) {
	shell, err := exec.LookPath("sh")
	if err != nil {
		return nil, fmt.Errorf("%w: no sh", ErrMissing)
	}
	log, err := os.CreateTemp("", "okence-emulator-*.log")
	if err != nil {
		return nil, err
	}
	_ = os.Remove(log.Name()) // it lives as long as it is open
	c := exec.Command(shell, append([]string{"-c", keeping, "keeper"}, argv...)...)
	c.Dir, c.Env, c.Stdout, c.Stderr = dir, append(os.Environ(), environ...), log, log
	pipe, err := c.StdinPipe()
	if err != nil {
		return nil, err
	}
	p := &Process{keeper: c, pipe: pipe, log: log}
	if err := c.Start(); err != nil {
		p.Stop()
		return nil, err
	}
	return p, nil
}

// output is what the program has written so far.
func (p *Process) output() string {
	b := make([]byte, 64<<10)
	n, _ := p.log.ReadAt(b, 0)
	return string(b[:n])
}

// await asks ready every 20 ms. It gives up when the program said that it can't
// (failed, a text in its output), or after startTime.
func (p *Process) await(failed string, ready func() bool) error {
	for end := time.Now().Add(startTime); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if ready() {
			return nil
		}
		if out := p.output(); strings.Contains(out, failed) {
			return fmt.Errorf("emulator: %s", out)
		}
	}
	return fmt.Errorf("emulator: not ready after %s: %s", startTime, p.output())
}

// Stop ends the process. It may be called again.
func (p *Process) Stop() {
	p.once.Do(func() {
		_ = p.pipe.Close()
		if p.keeper.Process != nil {
			_ = p.keeper.Wait()
		}
		_ = p.log.Close()
	})
}

// listens reports whether something accepts connections there.
func listens(address string) bool {
	c, err := net.DialTimeout("tcp", address, time.Second)
	if err != nil {
		return false
	}
	_ = c.Close()
	return true
}

// freePort is a port that was free a moment ago.
func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port, nil
}

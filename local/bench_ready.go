package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/okence/okence/shared/store/sqlite"
)

// ready measures how long `okence serve` takes, from its start as a process to
// its first right answer of /readyz.
func (b *bench) ready() error {
	var times []float64
	for range b.Rounds {
		dir, err := b.fresh()
		if err != nil {
			return err
		}
		t, err := serveOnce(dir)
		if err != nil {
			return err
		}
		times = append(times, t.Seconds()*1e3)
	}
	b.add(figure{Name: "okence serve is ready, empty store", Value: median(times), Unit: "ms"}.atMost(1000))
	if !b.Million {
		return nil
	}
	dir, err := b.fresh()
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	const messages = 1_000_000
	if err := fill(filepath.Join(dir, "data"), b.typical, messages); err != nil {
		return err
	}
	times = nil
	for range b.Rounds {
		t, err := serveOnce(dir)
		if err != nil {
			return err
		}
		times = append(times, t.Seconds()*1e3)
	}
	b.add(figure{Name: "okence serve is ready, a million messages stored", Value: median(times), Unit: "ms"}.atMost(1000))
	return nil
}

// serveOnce starts the command on a directory and stops it when it is ready.
func serveOnce(dir string) (time.Duration, error) {
	program, err := os.Executable()
	if err != nil {
		return 0, err
	}
	l, err := net.Listen("tcp", "127.0.0.1:0") // a free port
	if err != nil {
		return 0, err
	}
	addr := l.Addr().String()
	if err := l.Close(); err != nil {
		return 0, err
	}
	cmd := exec.Command(program, "serve", "--addr", addr, "--data", filepath.Join(dir, "data"), "--keys", filepath.Join(dir, "keys"))
	cmd.Stderr = os.Stderr
	began := time.Now()
	if err := cmd.Start(); err != nil {
		return 0, err
	}
	client := http.Client{Timeout: time.Second}
	took, ready := time.Duration(0), false
	for !ready && took < 30*time.Second {
		resp, err := client.Get("http://" + addr + "/readyz")
		took = time.Since(began)
		if err != nil {
			time.Sleep(time.Millisecond)
			continue
		}
		ready = resp.StatusCode == http.StatusOK
		resp.Body.Close()
	}
	client.CloseIdleConnections()
	err = cmd.Process.Signal(syscall.SIGTERM)
	if err := errors.Join(err, cmd.Wait()); err != nil {
		return 0, err
	}
	if !ready {
		return 0, errors.New("okence serve was not ready within 30 seconds")
	}
	return took, nil
}

// fill stores messages through the port: each what a real one wrote, under ids
// of its own. They were sealed under other ids, so nobody could open them; that
// makes no difference to a start.
func fill(data string, typical transaction, messages int) error {
	const workers, conversation = 32, 25 // messages in a conversation, and in a commit
	s, err := sqlite.Open(filepath.Join(data, "okence.db"), sqlite.Options{})
	if err != nil {
		return err
	}
	defer s.Close()
	var done atomic.Int64
	var wg sync.WaitGroup
	failed := make([]error, workers)
	began := time.Now()
	for w := range workers {
		wg.Go(func() {
			for done.Load() < int64(messages) {
				if failed[w] = s.Commit(context.Background(), typical.more(conversation)...); failed[w] != nil {
					return
				}
				if now := done.Add(conversation); now%50_000 == 0 {
					fmt.Fprintf(os.Stderr, "\r%d of %d messages stored, %s", now, messages, time.Since(began).Round(time.Second))
				}
			}
		})
	}
	wg.Wait()
	fmt.Fprintln(os.Stderr)
	return errors.Join(failed...)
}

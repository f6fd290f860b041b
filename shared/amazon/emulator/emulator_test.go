package emulator

import (
	"errors"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

func started(t *testing.T, start func(int) (*Process, error)) *Process {
	t.Helper()
	if testing.Short() {
		t.Skip("short: starts an emulator")
	}
	p, err := start(0)
	if errors.Is(err, ErrMissing) && os.Getenv("OKENCE_REQUIRE_AWS") != "1" {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Stop)
	return p
}

func gone(t *testing.T, endpoint string) {
	t.Helper()
	address := strings.TrimPrefix(endpoint, "http://")
	for end := time.Now().Add(10 * time.Second); listens(address); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%s still answers", endpoint)
		}
	}
}

func TestAnEmulatorAnswersUntilItIsStopped(t *testing.T) {
	for name, start := range map[string]func(int) (*Process, error){"DynamoDB Local": StartDynamoDB, "moto": StartMoto} {
		t.Run(name, func(t *testing.T) {
			p := started(t, start)
			answer, err := http.Get(p.Endpoint)
			if err != nil {
				t.Fatal(err)
			}
			answer.Body.Close()
			p.Stop()
			p.Stop()
			gone(t, p.Endpoint)
		})
	}
}

// The test runs itself as the program that starts an emulator and is killed.
func TestAnEmulatorEndsWithTheProcessThatStartedIt(t *testing.T) {
	if os.Getenv("OKENCE_TEST_STARTS") == "1" {
		p, err := StartMoto(0)
		if err != nil {
			os.Stdout.WriteString("missing\n")
			return
		}
		os.Stdout.WriteString(p.Endpoint + "\n")
		time.Sleep(time.Hour)
	}
	started(t, StartMoto).Stop() // or skip
	c := exec.Command(os.Args[0], "-test.run", "^"+t.Name()+"$")
	c.Env = append(os.Environ(), "OKENCE_TEST_STARTS=1")
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	line := make([]byte, 64)
	n, _ := out.Read(line)
	endpoint := strings.TrimSpace(string(line[:n]))
	if !strings.HasPrefix(endpoint, "http://") || !listens(strings.TrimPrefix(endpoint, "http://")) {
		t.Fatalf("no emulator at %q", endpoint)
	}
	_ = c.Process.Kill()
	_, _ = io.Copy(io.Discard, out)
	_ = c.Wait()
	gone(t, endpoint)
}

func TestAProgramThatCannotStartIsToldOf(t *testing.T) {
	p, err := run(t.TempDir(), nil, "sh", "-c", "echo Exception: no such thing")
	if err != nil {
		t.Fatal(err)
	}
	defer p.Stop()
	if err := p.await("Exception", func() bool { return false }); err == nil || !strings.Contains(err.Error(), "no such thing") {
		t.Error(err)
	}
}

func TestADownloadThatIsNotWhatItShouldBeIsRefused(t *testing.T) {
	tarball := t.TempDir() + "/x.tgz"
	if err := os.WriteFile(tarball, []byte("other"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := unpack(tarball, t.TempDir()); err == nil || !strings.Contains(err.Error(), "hashes to") {
		t.Error(err)
	}
}

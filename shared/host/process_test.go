package host_test

import (
	"bytes"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/okence/okence/shared/bus/cloudevent"
)

// run starts the test function as a server process and waits until its port
// accepts.
func run(t *testing.T, environ ...string) (address string, log *bytes.Buffer, cmd *exec.Cmd) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address = l.Addr().String()
	_ = l.Close()
	_, port, _ := net.SplitHostPort(address)
	dir := t.TempDir()
	cmd, log = exec.Command(tally(t)), new(bytes.Buffer)
	cmd.Env = append(os.Environ(), append([]string{"HOST=127.0.0.1", "PORT=" + port, "OKENCE_DATA=" + dir + "/data", "OKENCE_KEYS=" + dir + "/keys"}, environ...)...)
	cmd.Stderr = log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill() })
	for end := time.Now().Add(10 * time.Second); ; time.Sleep(2 * time.Millisecond) {
		c, err := net.Dial("tcp", address)
		if err == nil {
			_ = c.Close()
			return address, log, cmd
		}
		if time.Now().After(end) {
			t.Fatalf("the port does not accept: %s", log)
		}
	}
}

func post(t *testing.T, address, id string) int {
	t.Helper()
	r, err := http.Post("http://"+address+"/", cloudevent.MediaType, strings.NewReader(event(t, id)))
	if err != nil {
		t.Error(err)
		return 0
	}
	_, _ = io.Copy(io.Discard, r.Body)
	_ = r.Body.Close()
	return r.StatusCode
}

func TestFunctionAsAServerProcess(t *testing.T) {
	for _, c := range []struct{ name, form, environ string }{
		{"our own server", `"form":"server"`, "FUNCTION_TARGET="},
		{"the Functions Framework", `"form":"framework"`, "FUNCTION_TARGET=tally"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			address, log, cmd := run(t, c.environ)
			for i, want := range []int{204, 202} {
				if got := post(t, address, "fine.1"); got != want {
					t.Errorf("delivery %d is answered %d, want %d", i+1, got, want)
				}
			}
			if got := post(t, address, "poison.1"); got != 422 {
				t.Errorf("poison is answered %d", got)
			}
			answered := make(chan int, 1)
			go func() { answered <- post(t, address, "slow.1") }() // until its time limit: 5 s
			time.Sleep(200 * time.Millisecond)
			if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
				t.Fatal(err)
			}
			if got := <-answered; got != 503 {
				t.Errorf("the request under way at SIGTERM is answered %d", got)
			}
			if err := cmd.Wait(); err != nil {
				t.Errorf("it ended with %v", err)
			}
			if out := log.String(); !strings.Contains(out, c.form) || !strings.Contains(out, `"function":"tally"`) || !strings.Contains(out, `"version"`) {
				t.Errorf("the log does not tell what was started: %s", out)
			}
		})
	}
}

func TestWrongSettingsRefuseToStartAndSayWhich(t *testing.T) {
	for _, c := range []struct{ name, environ, want string }{
		{"an unknown store", "OKENCE_STORE=oracle", "OKENCE_STORE"},
		{"a store that this build has not", "OKENCE_STORE=dynamodb", "OKENCE_STORE"},
		{"a length of time without a unit", "OKENCE_GRACE=10", "OKENCE_GRACE"},
		{"a count that is none", "OKENCE_CONCURRENCY=many", "OKENCE_CONCURRENCY"},
		{"no deliveries at all", "OKENCE_CONCURRENCY=0", "OKENCE_CONCURRENCY"},
		{"an http bus without receivers", "OKENCE_BUS=http", "OKENCE_BUS_URL"},
		{"keys within the data", "OKENCE_KEYS=.data/okence/keys", "OKENCE_KEYS"},
		{"a tenant without a policy pack", "OKENCE_TENANTS=nobody", "nobody"},
		{"send APIs that are taken to another machine", "OKENCE_SEND_TO=mail.example.si:25", "OKENCE_SEND_TO"},
		{"a tenant that can't be one", "OKENCE_TENANTS=No_Body", "OKENCE_TENANTS"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			cmd := exec.Command(tally(t))
			cmd.Dir = t.TempDir()
			cmd.Env = append(os.Environ(), c.environ)
			out, err := cmd.CombinedOutput()
			if err == nil || cmd.ProcessState.ExitCode() != 2 || !strings.Contains(string(out), c.want) {
				t.Errorf("%v: %s", err, out)
			}
		})
	}
}

package media

import (
	"bufio"
	"encoding/binary"
	"io"
	"net"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/okence/okence/shared/fault"
)

// daemon speaks clamd's side of INSTREAM on a socket: it finds the EICAR test
// file, refuses streams over limit bytes before their end, and for other files
// answers what reply says.
func daemon(t testing.TB, network string, limit int, reply func(file []byte) string) *Clamd {
	t.Helper()
	address := "127.0.0.1:0"
	if network == "unix" {
		address = filepath.Join(t.TempDir(), "clamd.sock")
	}
	l, err := net.Listen(network, address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				r := bufio.NewReader(conn)
				if command, err := r.ReadString(0); err != nil || command != "zINSTREAM\x00" {
					io.WriteString(conn, "UNKNOWN COMMAND\x00")
					return
				}
				var file []byte
				for {
					var n uint32
					if binary.Read(r, binary.BigEndian, &n) != nil {
						return
					}
					if n == 0 {
						break
					}
					if len(file)+int(n) > limit {
						io.WriteString(conn, "INSTREAM size limit exceeded. ERROR\x00")
						return
					}
					chunk := make([]byte, n)
					if _, err := io.ReadFull(r, chunk); err != nil {
						return
					}
					file = append(file, chunk...)
				}
				io.WriteString(conn, reply(file))
			}()
		}
	}()
	c, err := NewClamd(network + ":" + l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	c.Timeout = 2 * time.Second
	return c
}

func eicar(file []byte) string {
	if strings.Contains(string(file), "EICAR-STANDARD-ANTIVIRUS-TEST-FILE") {
		return "stream: Eicar-Test-Signature FOUND\x00"
	}
	return "stream: OK\x00"
}

func TestTheScannersWordIsTaken(t *testing.T) {
	for _, network := range []string{"tcp", "unix"} {
		c := daemon(t, network, 1<<20, eicar)
		if v, err := c.Scan(t.Context(), []byte("a letter")); err != nil || v != (Verdict{State: Clean}) {
			t.Errorf("%s: clean: %v %v", network, v, err)
		}
		if v, err := c.Scan(t.Context(), nil); err != nil || v.State != Clean {
			t.Errorf("%s: empty: %v %v", network, v, err)
		}
		v, err := c.Scan(t.Context(), []byte("X5O!P%... EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"))
		if err != nil || v != (Verdict{Infected, "Eicar-Test-Signature"}) {
			t.Errorf("%s: infected: %v %v", network, v, err)
		}
	}
}

func TestTheScannerGetsTheFileAsItIs(t *testing.T) {
	var got []byte
	c := daemon(t, "tcp", 1<<20, func(f []byte) string { got = f; return "stream: OK\x00" })
	rapid.Check(t, func(rt *rapid.T) {
		n := rapid.SampledFrom([]int{0, 1, 65535, 65536, 65537, 200000}).Draw(rt, "size")
		file := []byte(strings.Repeat(rapid.StringN(1, 3, 3).Draw(rt, "text"), n))[:n]
		if v, err := c.Scan(t.Context(), file); err != nil || v.State != Clean || string(got) != string(file) {
			rt.Fatalf("%d bytes: %v %v, %d arrived", n, v, err, len(got))
		}
	})
}

func TestWithoutAVerdictAFileStaysUnscanned(t *testing.T) {
	says := func(s string) *Clamd { return daemon(t, "tcp", 1<<20, func([]byte) string { return s }) }
	silent, _ := net.Listen("tcp", "127.0.0.1:0")
	defer silent.Close()
	slow, _ := NewClamd("tcp:" + silent.Addr().String())
	slow.Timeout = 50 * time.Millisecond
	dead, _ := NewClamd("unix:" + filepath.Join(t.TempDir(), "nobody"))
	for name, c := range map[string]struct {
		client *Clamd
		want   fault.Kind
	}{
		"no daemon":                           {dead, fault.Unavailable},
		"a daemon that never answers":         {slow, fault.Unavailable},
		"a daemon that hangs up":              {says(""), fault.Unavailable},
		"an answer cut short":                 {says("stream: OK"), fault.Unavailable},
		"an answer cut short after a name":    {says("stream: Eicar FOUND"), fault.Unavailable},
		"an error of the daemon's":            {says("stream: Can't allocate memory ERROR\x00"), fault.Unavailable},
		"a file name that ends in OK":         {says("stream: not OK\x00"), fault.Unavailable},
		"a file over the daemon's own limit":  {daemon(t, "tcp", 10, eicar), fault.TooLarge},
		"no scanner configured, and no error": {nil, ""},
	} {
		t.Run(name, func(t *testing.T) {
			v, err := c.client.Scan(t.Context(), []byte("twelve bytes"))
			if fault.Of(err) != c.want || v != (Verdict{State: Unscanned}) {
				t.Errorf("%v %v", v, err)
			}
		})
	}
}

func TestAScannersAddress(t *testing.T) {
	if c, err := NewClamd(""); c != nil || err != nil {
		t.Error("nothing configured is no scanner")
	}
	for _, bad := range []string{"clamd", "udp:127.0.0.1:3310", "tcp:", "unix:", ":x"} {
		if _, err := NewClamd(bad); !fault.Is(err, fault.Invalid) {
			t.Errorf("%q was taken", bad)
		}
	}
}

func TestASignatureNameIsFitForALog(t *testing.T) {
	v, ok := judge([]byte("stream: Evil\nlevel=error \u017dalost " + strings.Repeat("x", 300) + " FOUND\x00"))
	if !ok || strings.ContainsAny(v.Signature, "\n \u017d") || len(v.Signature) > 128 {
		t.Errorf("%q", v.Signature)
	}
}

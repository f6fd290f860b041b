package media

import (
	"bytes"
	"context"
	"encoding/binary"
	"io"
	"net"
	"strings"
	"time"

	"github.com/okence/okence/shared/fault"
)

// ScanState is what is known of a file's safety.
type ScanState string

const (
	Unscanned ScanState = "unscanned" // nobody has looked: not to be shown as safe
	Clean     ScanState = "clean"
	Infected  ScanState = "infected"
)

// Validate reports whether s is one of the set.
func (s ScanState) Validate() error {
	switch s {
	case Unscanned, Clean, Infected:
		return nil
	}
	return fault.New(fault.Invalid, "media: unknown scan state")
}

// Verdict is a scanner's word on a file.
type Verdict struct {
	State     ScanState
	Signature string // the name of what was found, by the scanner's own list
}

// Clamd is a client of ClamAV's daemon (clamd(8), command INSTREAM). It opens
// one connection for each file. Nil is a configuration without a scanner.
type Clamd struct {
	network, address string
	Timeout          time.Duration // for one file
}

// NewClamd returns a client for unix:/path or tcp:host:port, or nil for "".
func NewClamd(where string) (*Clamd, error) {
	if where == "" {
		return nil, nil //nolint:nilnil // nil is the documented client without a scanner
	}
	network, address, ok := strings.Cut(where, ":")
	if !ok || address == "" || (network != "unix" && network != "tcp") {
		return nil, fault.New(fault.Invalid, "media: clamd is unix:/path or tcp:host:port")
	}
	return &Clamd{network: network, address: address, Timeout: 2 * time.Minute}, nil
}

// Scan asks about a file. Without an error the verdict is Clean or Infected,
// or Unscanned where no scanner is configured. With one it is Unscanned:
// TooLarge beyond clamd's StreamMaxLength, Unavailable otherwise (try later).
func (c *Clamd) Scan(ctx context.Context, file []byte) (Verdict, error) {
	unscanned := Verdict{State: Unscanned}
	if c == nil {
		return unscanned, nil
	}
	ctx, cancel := context.WithTimeout(ctx, c.Timeout)
	defer cancel()
	conn, err := (&net.Dialer{}).DialContext(ctx, c.network, c.address)
	if err != nil {
		return unscanned, fault.New(fault.Unavailable, "media: no scanner").Because(err)
	}
	defer conn.Close()
	stop := context.AfterFunc(ctx, func() { conn.SetDeadline(time.Unix(1, 0)) })
	defer stop()

	// A daemon that has had enough answers before the end and hangs up: its
	// answer counts, not our failure to write.
	sent := stream(conn, file)
	reply, err := io.ReadAll(io.LimitReader(conn, 1<<10))
	if verdict, known := judge(reply); known {
		return verdict, nil
	}
	switch {
	case bytes.Contains(reply, []byte("size limit exceeded")):
		return unscanned, fault.New(fault.TooLarge, "media: over the scanner's limit")
	case sent != nil:
		return unscanned, fault.New(fault.Unavailable, "media: the scanner hung up").Because(sent)
	case err != nil:
		return unscanned, fault.New(fault.Unavailable, "media: the scanner didn't answer").Because(err)
	}
	return unscanned, fault.New(fault.Unavailable, "media: the scanner gave no verdict")
}

// stream writes zINSTREAM: chunks with their length in four bytes, network
// order, and a chunk of none at the end.
func stream(w io.Writer, file []byte) error {
	if _, err := io.WriteString(w, "zINSTREAM\x00"); err != nil {
		return err
	}
	var size [4]byte
	for len(file) > 0 {
		chunk := file[:min(len(file), 64<<10)]
		file = file[len(chunk):]
		binary.BigEndian.PutUint32(size[:], uint32(len(chunk)))
		if _, err := w.Write(append(size[:], chunk...)); err != nil {
			return err
		}
	}
	_, err := w.Write([]byte{0, 0, 0, 0})
	return err
}

// judge reads "stream: OK" and "stream: Name FOUND", each with its NUL; a
// reply that was cut short is none.
func judge(reply []byte) (Verdict, bool) {
	text, whole := strings.CutSuffix(string(reply), "\x00")
	text, ours := strings.CutPrefix(text, "stream: ")
	if !whole || !ours {
		return Verdict{}, false
	}
	if text == "OK" {
		return Verdict{State: Clean}, true
	}
	if name, found := strings.CutSuffix(text, " FOUND"); found {
		return Verdict{State: Infected, Signature: printable(name)}, true
	}
	return Verdict{}, false
}

// printable keeps a name fit for a log line.
func printable(s string) string {
	s = strings.Map(func(r rune) rune {
		if r <= ' ' || r > '~' {
			return '_'
		}
		return r
	}, s)
	return s[:min(len(s), 128)]
}

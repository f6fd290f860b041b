package emulator

import (
	_ "embed"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
)

//go:embed moto.py
var motoScript string

// Account is the account number of everything in moto.
const Account = "000000000000"

// StartMoto starts moto, on a port or, for 0, a free one. ErrMissing: no Python
// that has it.
func StartMoto(port int) (*Process, error) {
	python, err := interpreter()
	if err != nil {
		return nil, err
	}
	p, err := run(os.TempDir(), []string{"MOTO_ACCOUNT_ID=" + Account, "PYTHONUNBUFFERED=1"}, python, "-c", motoScript, strconv.Itoa(port))
	if err != nil {
		return nil, err
	}
	listening := 0
	err = p.await("Traceback", func() bool {
		_, rest, _ := strings.Cut(p.output(), "listening ")
		line, _, whole := strings.Cut(rest, "\n")
		listening, _ = strconv.Atoi(line)
		return whole && listening > 0 || strings.Contains(p.output(), "no moto")
	})
	if err == nil && listening == 0 {
		err = fmt.Errorf("%w: python3 has %s", ErrMissing, strings.TrimSpace(p.output()))
	}
	if err != nil {
		p.Stop()
		return nil, err
	}
	p.Endpoint = "http://127.0.0.1:" + strconv.Itoa(listening)
	return p, nil
}

// interpreter is a Python that may have moto: that of the moto_server which is
// on the path or among pyenv's, else python3.
func interpreter() (string, error) {
	candidates := []string{"moto_server"}
	if home, err := os.UserHomeDir(); err == nil {
		candidates = append(candidates, filepath.Join(home, ".pyenv", "shims", "moto_server"))
	}
	for _, c := range candidates {
		if path, err := exec.LookPath(c); err == nil {
			beside := filepath.Join(filepath.Dir(path), "python3")
			if _, err := exec.LookPath(beside); err == nil {
				return beside, nil
			}
		}
	}
	if path, err := exec.LookPath("python3"); err == nil {
		return path, nil
	}
	return "", fmt.Errorf("%w: moto needs python3", ErrMissing)
}

package emulator

import (
	"fmt"
	"net"
	"os/exec"
	"path/filepath"
	"strconv"
)

// StartDynamoDB starts DynamoDB Local in memory, on a port or, for 0, a free
// one. The first start on a machine fetches it with npm. ErrMissing: no Java, or
// neither npm nor a copy.
func StartDynamoDB(port int) (*Process, error) {
	java, err := exec.LookPath("java")
	if err != nil {
		return nil, fmt.Errorf("%w: DynamoDB Local needs java", ErrMissing)
	}
	dir, err := fetch()
	if err != nil {
		return nil, err
	}
	tries := 1
	if port == 0 {
		tries = 3 // another process may take the port before Java does
	}
	for range tries {
		var p *Process
		if p, err = startDynamoDB(java, dir, port); err == nil {
			return p, nil
		}
	}
	return nil, err
}

func startDynamoDB(java, dir string, port int) (*Process, error) {
	if port == 0 {
		var err error
		if port, err = freePort(); err != nil {
			return nil, err
		}
	}
	p, err := run(dir, nil, java, "-Xmx1g", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1",
		"-Djava.library.path="+filepath.Join(dir, "DynamoDBLocal_lib"), "-jar", filepath.Join(dir, "DynamoDBLocal.jar"),
		"-port", strconv.Itoa(port), "-inMemory", "-sharedDb", "-disableTelemetry")
	if err != nil {
		return nil, err
	}
	address := net.JoinHostPort("127.0.0.1", strconv.Itoa(port))
	if err := p.await("Exception", func() bool { return listens(address) }); err != nil {
		p.Stop()
		return nil, err
	}
	p.Endpoint = "http://" + address
	return p, nil
}

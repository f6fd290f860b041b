package host_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/okence/okence/shared/host/lambdatest"
)

// measured is one program, in rounds.
type measured struct {
	name    string
	runtime *lambdatest.Runtime
	size    int64
	ready   []time.Duration
	peak    []int64
}

// TestFunctionsBesideABareLambda prints, for every function as it is deployed, its
// time to the first call for an invocation, its memory then and its size, beside
// a bare hello and one that links the same clients, all in the same interleaved
// rounds. It is part of `make bench` (OKENCE_BENCH=1): a loaded machine fails no
// test.
func TestFunctionsBesideABareLambda(t *testing.T) {
	if os.Getenv("OKENCE_BENCH") != "1" {
		t.Skip("OKENCE_BENCH=1 measures")
	}
	dir := t.TempDir()
	environ := []string{
		"AWS_REGION=eu-central-1", "AWS_ACCESS_KEY_ID=test", "AWS_SECRET_ACCESS_KEY=test", "AWS_EC2_METADATA_DISABLED=true", "OKENCE_LOG=error",
		"OKENCE_STORE=dynamodb", "OKENCE_BLOB=s3", "OKENCE_VAULT=awskms", "OKENCE_BUS=aws", "OKENCE_TABLE=a", "OKENCE_KEYS_TABLE=b",
		"OKENCE_LEDGER_TABLE=c", "OKENCE_BUCKET=d", "OKENCE_KMS_KEY=e", "OKENCE_EVENT_BUS=f", "OKENCE_ISSUER=https://issuer.example.org",
	}
	programs := []string{"./internal/hello", "./internal/hellosdk"}
	folders, err := filepath.Glob("../../functions/*/main")
	if err != nil {
		t.Fatal(err)
	}
	var all []*measured
	for _, pkg := range slices.Concat(programs, folders) {
		name := filepath.Base(pkg)
		if name == "main" {
			name = filepath.Base(filepath.Dir(pkg))
			pkg = "./" + pkg
		}
		path := filepath.Join(dir, name)
		if out, err := exec.Command("go", "build", "-trimpath", "-ldflags", "-s -w", "-tags", "lambda.norpc,aws", "-o", path, pkg).CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, &measured{name: name, size: info.Size(), runtime: lambdatest.New(t, path, environ...)})
	}
	for range 15 {
		for _, m := range all {
			ready, peak, err := m.runtime.Cold()
			if err != nil {
				t.Fatalf("%s: %v", m.name, err)
			}
			m.ready, m.peak = append(m.ready, ready), append(m.peak, peak)
		}
	}
	middle := func(m *measured) (float64, float64, float64) {
		slices.Sort(m.ready)
		slices.Sort(m.peak)
		return m.ready[len(m.ready)/2].Seconds() * 1e3, float64(m.peak[len(m.peak)/2]) / 1e6, float64(m.size) / 1e6
	}
	bareReady, barePeak, _ := middle(all[0])
	sdkReady, _, sdkSize := middle(all[1])
	fmt.Printf("%-12s %10s %9s %9s %10s %8s %9s %9s\n", "function", "ready ms", "of bare", "of SDK", "memory MB", "of bare", "size MB", "of SDK")
	fmt.Printf("%-12s %10s %9s %9s %10s %8s %9s %9s\n", "limit", "", "2.00", "1.25", "", "2.00", "", "1.25")
	for _, m := range all {
		ready, peak, size := middle(m)
		fmt.Printf("%-12s %10.1f %9.2f %9.2f %10.1f %8.2f %9.1f %9.2f\n", m.name, ready, ready/bareReady, ready/sdkReady, peak, peak/barePeak, size, size/sdkSize)
	}
}

//go:build awslocal

package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/okence/okence/shared/access"
	"github.com/okence/okence/shared/amazon/emulator"
	"github.com/okence/okence/shared/ledger"
)

// programs builds the functions for the stand-in, once.
func programs(t *testing.T) string {
	t.Helper()
	dir, err := filepath.Abs("../bin/standin")
	if err != nil {
		t.Fatal(err)
	}
	c := exec.Command("go", "run", "./shared/host/pack", "-arch", "x86_64", "-tags", "lambda.norpc,aws,standin", "-out", dir)
	c.Dir = ".."
	if out, err := c.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return filepath.Join(dir, "x86_64")
}

// deployed is the system on what stands in for AWS, on a manual clock.
func deployed(t *testing.T) *awsDemo {
	t.Helper()
	d, err := startAWS(t.Context(), "127.0.0.1:0", programs(t), begin, t.Output())
	switch {
	case err == nil:
	case errors.Is(err, emulator.ErrMissing) && os.Getenv("OKENCE_REQUIRE_AWS") != "1":
		t.Skip(err)
	default:
		t.Fatal(err)
	}
	t.Cleanup(d.stop)
	return d
}

// TestTheDemoThroughLambdaBinaries plays the demo through the deployed functions,
// killing every process between its parts and while the clock moves, and through
// the embedded system. Both end with the same processing log but for ids, and
// both logs verify. Terraform sees nothing to change, and takes all of it down.
func TestTheDemoThroughLambdaBinaries(t *testing.T) {
	aws := deployed(t)
	changes, plan, err := aws.aws.Plan(t.Context())
	if err != nil || changes {
		t.Errorf("a plan after the apply is not clean: %v\n%s", err, plan)
	}
	aws.before = func() error { return aws.aws.Drain(t.Context()) }
	aws.meanwhile = func() func() { // a crash amid what falls due; what it leaves in the outbox is relay's
		done := make(chan struct{})
		moment := time.Duration(15+rand.IntN(1500)) * time.Millisecond // early, and deep in what falls due
		timer := time.AfterFunc(moment, func() { aws.aws.Kill(); close(done) })
		return func() {
			if !timer.Stop() {
				<-done
			}
		}
	}
	for _, part := range withoutYear(aws.demo) {
		if err := part(); err != nil {
			t.Fatal(err)
		}
		aws.aws.Kill()
	}
	aws.meanwhile = nil
	logTo = t.Output()
	local, err := startDemo(t.TempDir() + "/data")
	if err != nil {
		t.Fatal(err)
	}
	defer local.stop()
	for _, part := range withoutYear(local) {
		if err := part(); err != nil {
			t.Fatal(err)
		}
	}
	want, got := sealedEntries(t, local), sealedEntries(t, aws.demo)
	if !maps.Equal(want, got) {
		for _, k := range slices.Sorted(maps.Keys(want)) {
			if want[k] != got[k] {
				t.Errorf("embedded %d, deployed %d: %s", want[k], got[k], k)
			}
		}
		for _, k := range slices.Sorted(maps.Keys(got)) {
			if want[k] == 0 {
				t.Errorf("embedded 0, deployed %d: %s", got[k], k)
			}
		}
	}
	t.Logf("%d kinds of entries alike; %d processes were started", len(want), aws.aws.Spawns())
	for name, base := range map[string]string{"embedded": local.base, "deployed": aws.base} {
		var out bytes.Buffer
		ok, err := ledger.VerifyCommand{Tenant: "ekc", URL: base + "/ledger/ekc"}.Run(t.Context(), &out)
		if err != nil || !ok {
			t.Errorf("the %s log does not verify: %v\n%s", name, err, out.String())
		}
	}
	if n, err := aws.aws.Dead(t.Context()); err != nil || n != 0 {
		t.Errorf("%d messages in dead-letter queues: %v", n, err)
	}
	if err := aws.aws.Destroy(t.Context()); err != nil {
		t.Error(err)
	}
}

// withoutYear is the story but for its last two parts, the rest of the year: fifty
// weeks of schedules, one process after the other, take longer than a test may.
func withoutYear(d *demo) []func() error {
	parts := d.parts()
	return parts[:len(parts)-2]
}

// opaque is an id of ours, or what is derived from one.
var opaque = regexp.MustCompile(`[a-z0-9]{20,}(_[0-9a-z]+)?`)

// sealedEntries is the processing log as a multiset, without ids: what was done,
// by whom in which role, to which kinds of record and fields, for what, and how it
// ended.
func sealedEntries(t *testing.T, d *demo) map[string]int {
	t.Helper()
	if err := d.wait(2 * time.Hour); err != nil { // all is sealed within the hour
		t.Fatal(err)
	}
	all := map[string]int{}
	for cursor := ""; ; {
		var page struct {
			Items []map[string]any
			Next  string
		}
		if err := d.call(http.MethodGet, "/v1/ledger/entries?limit=100&cursor="+url.QueryEscape(cursor), access.Auditor, nil, &page); err != nil {
			t.Fatal(err)
		}
		for _, e := range page.Items {
			if e["reason"] == "log-query" { // our own, of which the next page tells
				continue
			}
			for _, k := range []string{"id", "about", "commitment", "salt", "event", "leaf", "source", "at", "period", "proof", "index"} {
				delete(e, k)
			}
			if parts, ok := e["content"].([]any); ok {
				for _, part := range parts {
					delete(part.(map[string]any), "salt")
				}
			}
			text, err := json.Marshal(e)
			if err != nil {
				t.Fatal(err)
			}
			k := opaque.ReplaceAllString(string(text), "ID")
			if all[k]++; e["actor"] == "delivery" && e["act"] == "view" { // how often it tries what no provider takes is up to the clock's steps
				all[k] = 1
			}
		}
		if cursor = page.Next; cursor == "" {
			break
		}
	}
	if len(all) < 5 {
		t.Fatalf("only %d kinds of entries: %s", len(all), strings.Join(slices.Collect(maps.Keys(all)), "\n"))
	}
	return all
}

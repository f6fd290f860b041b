package standin

import (
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/okence/okence/shared/amazon/emulator"
)

// TestTerraformAppliesPlansNothingMoreAndDestroys is the life of infra/aws at
// moto: init, validate, apply (which plans), a plan that is empty, destroy. It
// needs no function's program: nothing is invoked. Where Terraform or moto can't
// be had it says which and is skipped; with OKENCE_REQUIRE_AWS=1 it fails.
func TestTerraformAppliesPlansNothingMoreAndDestroys(t *testing.T) {
	if os.Getenv("OKENCE_TERRAFORM") != "1" {
		t.Skip("make terraform, and make check beside the other tests, apply infra/aws to moto: two minutes of waiting (OKENCE_TERRAFORM=1)")
	}
	root, err := filepath.Abs("../../..")
	if err != nil {
		t.Fatal(err)
	}
	missing := func(err error) {
		t.Helper()
		switch {
		case err == nil:
		case errors.Is(err, emulator.ErrMissing) && os.Getenv("OKENCE_REQUIRE_AWS") != "1":
			t.Skip("SKIPPED, infra/aws was not applied to anything: ", err)
		default:
			t.Fatal(err)
		}
	}
	tf, err := findTerraform(Options{Root: root, Dir: t.TempDir(), Log: io.Discard})
	missing(err)
	moto, err := emulator.StartMoto(0)
	missing(err)
	t.Cleanup(moto.Stop)
	tf.environ = (&Standin{moto: moto, ddb: moto}).Environ()
	began := time.Now()
	step := func(name string) {
		t.Helper()
		t.Logf("%s: %.1f s", name, time.Since(began).Seconds())
		began = time.Now()
	}
	out, err := tf.deploy(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	step("init, validate, apply")
	folders, _ := filepath.Glob(filepath.Join(root, "functions/*/main"))
	if len(out) == 0 || len(out) != len(folders) {
		t.Errorf("%d functions were deployed, and there are %d", len(out), len(folders))
	}
	changes, plan, err := tf.plan(t.Context())
	if err != nil || changes {
		t.Errorf("a plan after the apply is not clean: %v\n%s", err, plan)
	}
	step("plan")
	if err := tf.destroy(t.Context()); err != nil {
		t.Fatal(err)
	}
	step("destroy")
	text, err := tf.run(t.Context(), "show", "-json")
	var state struct {
		Values json.RawMessage `json:"values"`
	}
	if err = errors.Join(err, json.Unmarshal(text, &state)); err != nil || state.Values != nil {
		t.Errorf("destroyed, Terraform still knows %s (%v)", state.Values, err)
	}
}

package standin

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/okence/okence/shared/amazon/emulator"
)

// plugins finds Terraform's providers on a machine without a way to the registry:
// OKENCE_TERRAFORM_PLUGINS, or a folder below /opt that holds some. Empty: none.
func plugins() string {
	if dir := os.Getenv("OKENCE_TERRAFORM_PLUGINS"); dir != "" {
		return dir
	}
	found, _ := filepath.Glob("/opt/*/registry.terraform.io")
	if len(found) == 0 {
		return ""
	}
	return filepath.Dir(found[0])
}

// terraform applies a copy of infra/aws, with a state of its own.
type terraform struct {
	program string
	root    string
	dir     string
	environ []string
	log     io.Writer
}

// variables are those of infra/aws for a stand-in: it can't wait for a bucket's
// lifecycle, has neither backups nor budgets, and calls no functions itself.
var variables = map[string]any{
	"standin": true, "protected": false, "backups": false, "lifecycle_rules": false, "mappings_enabled": false,
	"alarm_email": "alarms@example.org", "architecture": "x86_64", "key_deletion_days": 7, "budget_usd": 0,
}

func findTerraform(o Options) (*terraform, error) {
	program, err := exec.LookPath("terraform")
	if err != nil {
		return nil, fmt.Errorf("%w: no terraform", emulator.ErrMissing)
	}
	return &terraform{program: program, root: o.Root, dir: filepath.Join(o.Dir, "terraform"), log: o.Log}, nil
}

// deploy applies and returns what was deployed, by function.
func (t *terraform) deploy(ctx context.Context) (map[string]deployed, error) {
	if err := os.CopyFS(t.dir, os.DirFS(filepath.Join(t.root, "infra/aws"))); err != nil {
		return nil, err
	}
	_ = os.RemoveAll(filepath.Join(t.dir, ".terraform")) // of somebody's own deployment
	_ = os.Remove(filepath.Join(t.dir, ".terraform.lock.hcl"))
	vars := map[string]any{"artifacts": filepath.Join(t.dir, "artifacts")}
	for k, v := range variables {
		vars[k] = v
	}
	text, err := json.Marshal(vars)
	if err != nil {
		return nil, err
	}
	if err := os.WriteFile(filepath.Join(t.dir, "standin.auto.tfvars.json"), text, 0o600); err != nil {
		return nil, err
	}
	if err := t.archives(vars["artifacts"].(string)); err != nil {
		return nil, err
	}
	start := []string{"init", "-input=false"}
	if dir := plugins(); dir != "" {
		start = append(start, "-plugin-dir="+dir)
	}
	for _, args := range [][]string{start, {"validate"}, {"apply", "-auto-approve", "-input=false", "-parallelism=20"}} {
		if _, err := t.run(ctx, args...); err != nil {
			return nil, err
		}
	}
	answer, err := t.run(ctx, "output", "-json", "functions")
	if err != nil {
		return nil, err
	}
	var out map[string]deployed
	return out, json.Unmarshal(answer, &out)
}

// archives makes what Terraform uploads here: an archive with the function's
// name in it. The stand-in keeps it and runs nothing; ten megabytes each would
// take it a minute.
func (t *terraform) archives(dir string) error {
	folders, err := filepath.Glob(filepath.Join(t.root, "functions/*/main"))
	if err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	for _, f := range folders {
		name := filepath.Base(filepath.Dir(f))
		var b bytes.Buffer
		w := zip.NewWriter(&b)
		file, err := w.Create("bootstrap")
		if err == nil {
			_, err = io.WriteString(file, name)
		}
		if err = errors.Join(err, w.Close()); err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(dir, name+".zip"), b.Bytes(), 0o600); err != nil {
			return err
		}
	}
	return nil
}

// plan reports whether anything would change.
func (t *terraform) plan(ctx context.Context) (bool, string, error) {
	out, err := t.run(ctx, "plan", "-input=false", "-detailed-exitcode", "-parallelism=20")
	var exit *exec.ExitError
	if errors.As(err, &exit) && exit.ExitCode() == 2 {
		return true, string(out), nil
	}
	return false, string(out), err
}

func (t *terraform) destroy(ctx context.Context) error {
	_, err := t.run(ctx, "destroy", "-auto-approve", "-input=false", "-parallelism=20")
	return err
}

// run runs Terraform against moto for everything: DynamoDB Local knows neither
// tags nor backups.
func (t *terraform) run(ctx context.Context, args ...string) ([]byte, error) {
	c := exec.CommandContext(ctx, t.program, append([]string{args[0], "-no-color"}, args[1:]...)...)
	c.Dir = t.dir
	c.Env = append(append(os.Environ(), t.environ...), "TF_IN_AUTOMATION=1", "AWS_ENDPOINT_URL_DYNAMODB=")
	var out, failed bytes.Buffer
	c.Stdout, c.Stderr = io.MultiWriter(&out, t.log), io.MultiWriter(&failed, t.log)
	err := c.Run()
	if err != nil {
		return out.Bytes(), fmt.Errorf("terraform %s: %w\n%s", args[0], err, failed.String())
	}
	return out.Bytes(), nil
}

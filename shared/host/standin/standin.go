package standin

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/okence/okence/shared/amazon"
	"github.com/okence/okence/shared/amazon/emulator"
	"github.com/okence/okence/shared/host/lambdatest"
	"github.com/okence/okence/shared/store/dynamodb"
)

// Region is where the deployment believes to be.
const Region = "eu-central-1"

// Options say what to run.
type Options struct {
	Root     string    // of the project
	Programs string    // folder with NAME/bootstrap, built with the tag standin
	Dir      string    // for Terraform's state and the clock; the caller removes it
	Keys     string    // of the development issuer
	Accounts []string  // OKENCE_SECRET_…=JSON, for the functions
	Now      time.Time // where a manual clock stands; zero: the wall clock
	Log      io.Writer // what processes and Terraform write
}

// Standin is a running deployment. Its methods may be called at once.
type Standin struct {
	o         Options
	moto, ddb *emulator.Process
	terraform *terraform
	functions map[string]*function
	queues    *sqs.Client
	clock     clock
	ran       map[string]time.Time // when each schedule came last
}

// function is one deployed function.
type function struct {
	manifest manifest
	deployed deployed
	process  *lambdatest.Runtime
	limit    time.Duration
}

// manifest is what functions.tf.json says of a function, as much as is needed.
type manifest struct {
	Routes    []string            `json:"routes"`
	Schedules map[string]schedule `json:"schedules"`
}

// schedule is an event's type, and how often it comes.
type schedule struct {
	Type    string `json:"type"`
	Seconds int64  `json:"seconds"`
}

// deployed is what Terraform says of it.
type deployed struct {
	Name        string            `json:"name"`
	Queue       string            `json:"queue"`
	Dead        string            `json:"dead"`
	Environment map[string]string `json:"environment"`
	Seconds     int               `json:"seconds"`
}

// Start starts the emulators, applies Terraform, and makes the functions ready:
// their processes start with their first invocations. emulator.ErrMissing: this
// machine lacks what it takes; the error says what.
func Start(ctx context.Context, o Options) (s *Standin, err error) {
	s = &Standin{o: o, functions: map[string]*function{}, ran: map[string]time.Time{}}
	defer func() {
		if err != nil {
			s.Close()
			s = nil
		}
	}()
	if s.terraform, err = findTerraform(o); err != nil {
		return s, err
	}
	if s.moto, err = emulator.StartMoto(0); err != nil {
		return s, err
	}
	if s.ddb, err = emulator.StartDynamoDB(0); err != nil {
		return s, err
	}
	s.terraform.environ = s.Environ()
	if err = s.clock.start(filepath.Join(o.Dir, "clock"), o.Now); err != nil {
		return s, err
	}
	var out map[string]deployed
	if out, err = s.terraform.deploy(ctx); err != nil {
		return s, err
	}
	for _, pair := range s.Environ() { // for our own clients: this process is the stand-in's
		name, value, _ := strings.Cut(pair, "=")
		os.Setenv(name, value)
	}
	config, err := amazon.Load(ctx)
	if err != nil {
		return s, err
	}
	s.queues = sqs.NewFromConfig(config)
	return s, s.wire(ctx, out)
}

// wire makes the tables and the functions.
func (s *Standin) wire(ctx context.Context, out map[string]deployed) error {
	body, err := os.ReadFile(filepath.Join(s.o.Root, "infra/aws/functions.tf.json"))
	if err != nil {
		return err
	}
	var generated struct {
		Locals struct {
			Functions map[string]manifest `json:"functions"`
		} `json:"locals"`
	}
	if err := json.Unmarshal(body, &generated); err != nil {
		return err
	}
	tables := map[string]bool{}
	for name, m := range generated.Locals.Functions {
		d, ok := out[name]
		if !ok {
			return fmt.Errorf("standin: Terraform deployed no function %s", name)
		}
		environ := slices.Concat(s.Environ(), s.o.Accounts, []string{
			"OKENCE_KEYS=" + s.o.Keys, "OKENCE_STANDIN_CLOCK=" + s.clock.variable(), "AWS_LAMBDA_FUNCTION_NAME=" + d.Name,
		})
		for _, k := range slices.Sorted(maps.Keys(d.Environment)) {
			environ = append(environ, k+"="+d.Environment[k])
		}
		for _, k := range []string{"OKENCE_TABLE", "OKENCE_KEYS_TABLE", "OKENCE_LEDGER_TABLE"} {
			tables[d.Environment[k]] = true
		}
		program := filepath.Join(s.o.Programs, name, "bootstrap")
		if _, err := os.Stat(program); err != nil {
			return fmt.Errorf("standin: %s is not built: go run ./shared/host/pack -tags lambda.norpc,aws,standin", program)
		}
		s.functions[name] = &function{
			manifest: m, deployed: d, limit: time.Duration(d.Seconds) * time.Second,
			process: lambdatest.Start(s.o.Log, program, environ...),
		}
	}
	for t := range tables {
		if err := dynamodb.Create(ctx, amazon.Config, t, dynamodb.TableOptions{Unprotected: true}); err != nil {
			return err
		}
	}
	return nil
}

// Environ are the variables by which the SDK reaches the stand-ins.
func (s *Standin) Environ() []string {
	return []string{
		"AWS_ENDPOINT_URL=" + s.moto.Endpoint, "AWS_ENDPOINT_URL_DYNAMODB=" + s.ddb.Endpoint, "AWS_REGION=" + Region,
		"AWS_ACCESS_KEY_ID=test", "AWS_SECRET_ACCESS_KEY=test", "AWS_EC2_METADATA_DISABLED=true",
	}
}

// Kill ends every function's process at once, as a crash of the machine would.
// They start anew when they are next invoked.
func (s *Standin) Kill() {
	for _, f := range s.functions {
		f.process.Kill()
	}
}

// Spawns is how many processes have been started.
func (s *Standin) Spawns() (n int) {
	for _, f := range s.functions {
		n += f.process.Spawns()
	}
	return n
}

// Plan reports whether a further `terraform plan` would change anything, and
// what.
func (s *Standin) Plan(ctx context.Context) (bool, string, error) { return s.terraform.plan(ctx) }

// Destroy takes down what Terraform made.
func (s *Standin) Destroy(ctx context.Context) error { return s.terraform.destroy(ctx) }

// Close stops the functions and the emulators, and with them all data.
func (s *Standin) Close() {
	for _, f := range s.functions {
		if err := f.process.Stop(); err != nil && s.o.Log != nil {
			fmt.Fprintln(s.o.Log, "standin:", err)
		}
	}
	for _, p := range []*emulator.Process{s.moto, s.ddb} {
		if p != nil {
			p.Stop()
		}
	}
}

package host_test

import (
	"context"
	"crypto/rand"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/kms"

	"github.com/okence/okence/shared/amazon/awstest"
	"github.com/okence/okence/shared/blob/s3"
	"github.com/okence/okence/shared/host/lambdatest"
	"github.com/okence/okence/shared/store/dynamodb"
)

// awsEnviron makes tables, a bucket and a key, and returns the settings that
// name them.
func awsEnviron(t testing.TB) []string {
	t.Helper()
	ctx, name := context.Background(), "okence-"+strings.ToLower(rand.Text()[:8])
	database, rest := awstest.Source(t, awstest.DynamoDB(t)), awstest.Source(t, awstest.Moto(t))
	for _, table := range []string{name, name + "-keys", name + "-ledger"} {
		if err := dynamodb.Create(ctx, database, table, dynamodb.TableOptions{Unprotected: true}); err != nil {
			t.Fatal(err)
		}
	}
	if err := s3.Create(ctx, s3.Options{Bucket: name, PathStyle: true, Source: rest}); err != nil {
		t.Fatal(err)
	}
	config, err := rest(ctx)
	if err != nil {
		t.Fatal(err)
	}
	key, err := kms.NewFromConfig(config).CreateKey(ctx, &kms.CreateKeyInput{})
	if err != nil {
		t.Fatal(err)
	}
	return append(awstest.Environ(t), "OKENCE_STORE=dynamodb", "OKENCE_BLOB=s3", "OKENCE_VAULT=awskms",
		"OKENCE_TABLE="+name, "OKENCE_KEYS_TABLE="+name+"-keys", "OKENCE_LEDGER_TABLE="+name+"-ledger", "OKENCE_BUCKET="+name,
		"OKENCE_KMS_KEY="+*key.KeyMetadata.KeyId, "OKENCE_S3_PATH_STYLE=true", "OKENCE_REGION="+awstest.Region, "OKENCE_LOG=error")
}

func TestFunctionOnAWSDriversAsALambdaProcess(t *testing.T) {
	environ := awsEnviron(t)
	program := lambdatest.Build(t, "./internal/tally", "aws")
	defer os.RemoveAll(strings.TrimSuffix(program, "/bootstrap"))
	asALambdaProcess(t, lambdatest.New(t, program, append(environ, "OKENCE_DATA="+t.TempDir())...))
}

// Nothing is called before there is something to do: a process is ready for its
// first event also while AWS is not to be had.
func TestClientsAreBuiltAtTheirFirstUse(t *testing.T) {
	if testing.Short() {
		t.Skip("builds a program")
	}
	program := lambdatest.Build(t, "./internal/tally", "aws")
	defer os.RemoveAll(strings.TrimSuffix(program, "/bootstrap"))
	nowhere := []string{"AWS_ENDPOINT_URL=http://127.0.0.1:1", "OKENCE_STORE=dynamodb", "OKENCE_BLOB=s3", "OKENCE_VAULT=awskms", "OKENCE_TABLE=t", "OKENCE_KEYS_TABLE=k",
		"OKENCE_LEDGER_TABLE=l", "OKENCE_BUCKET=b", "OKENCE_KMS_KEY=k", "OKENCE_DATA=" + t.TempDir(), "OKENCE_LOG=error"}
	r := lambdatest.New(t, program, nowhere...)
	answer, err := r.Invoke([]byte(get("/nothing")), 10*time.Second)
	if err != nil || !strings.Contains(string(answer), `"statusCode":404`) {
		t.Errorf("%s, %v", answer, err)
	}
	for _, missing := range []string{"OKENCE_TABLE", "OKENCE_KEYS_TABLE", "OKENCE_LEDGER_TABLE", "OKENCE_BUCKET", "OKENCE_KMS_KEY", "OKENCE_STORE"} {
		c := exec.Command(program)
		for _, v := range nowhere {
			if !strings.HasPrefix(v, missing+"=") {
				c.Env = append(c.Env, v)
			}
		}
		c.Env = append(c.Env, "AWS_REGION=eu-central-1", "AWS_LAMBDA_RUNTIME_API=127.0.0.1:1")
		out, err := c.CombinedOutput()
		if exit, ok := err.(*exec.ExitError); !ok || exit.ExitCode() != 2 || !strings.Contains(string(out), missing) {
			t.Errorf("without %s: %v, %s", missing, err, out)
		}
	}
}

func TestABuildLinksOneCloud(t *testing.T) {
	for _, c := range []struct {
		name, tags string
		program    string
		never      []string
		has        []string
	}{
		{"a function for AWS", "aws,lambda.norpc", "./../../functions/inbound/main",
			[]string{"modernc.org/", "cloud.google.com/", "github.com/GoogleCloudPlatform/", "shared/store/sqlite", "shared/vault/file"},
			[]string{"github.com/aws/aws-sdk-go-v2/service/dynamodb"}},
		{"a function in a container", "", "./../../functions/inbound/main", []string{"github.com/aws/aws-sdk-go-v2/"}, []string{"modernc.org/sqlite"}},
		{"a function for Google", "gcp", "./../../functions/inbound/main", []string{"github.com/aws/"}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			out, err := exec.Command("go", "list", "-deps", "-tags", c.tags, c.program).CombinedOutput()
			if err != nil {
				t.Fatalf("%v: %s", err, out)
			}
			for _, n := range c.never {
				if strings.Contains(string(out), n) {
					t.Errorf("it links %s", n)
				}
			}
			for _, h := range c.has {
				if !strings.Contains(string(out), h) {
					t.Errorf("it doesn't link %s", h)
				}
			}
		})
	}
}

// Package awstest gives tests the emulators of package emulator: one process of
// each for a test binary, started by the first test that asks for it, gone when
// the binary ends.
//
// A test that can't have one is skipped, and says why; under
// OKENCE_REQUIRE_AWS=1 it fails.
package awstest

import (
	"context"
	"errors"
	"os"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials"

	"github.com/okence/okence/shared/amazon"
	"github.com/okence/okence/shared/amazon/emulator"
)

// Region is where tests are.
const Region = "eu-central-1"

var (
	dynamo = sync.OnceValues(func() (*emulator.Process, error) { return emulator.StartDynamoDB(0) })
	moto   = sync.OnceValues(func() (*emulator.Process, error) { return emulator.StartMoto(0) })
)

// DynamoDB is the endpoint of DynamoDB Local.
func DynamoDB(t testing.TB) string { return endpoint(t, dynamo) }

// Moto is the endpoint of everything else.
func Moto(t testing.TB) string { return endpoint(t, moto) }

func endpoint(t testing.TB, start func() (*emulator.Process, error)) string {
	t.Helper()
	if testing.Short() {
		t.Skip("short: starts an emulator")
	}
	p, err := start()
	switch {
	case err == nil:
		return p.Endpoint
	case errors.Is(err, emulator.ErrMissing) && os.Getenv("OKENCE_REQUIRE_AWS") != "1":
		t.Skip(err)
	default:
		t.Fatal(err)
	}
	return ""
}

// Environ are the SDK's variables by which a process reaches the emulators.
func Environ(t testing.TB) []string {
	t.Helper()
	d := DynamoDB(t)
	return append(variables(Moto(t)), "AWS_ENDPOINT_URL_DYNAMODB="+d, "AWS_ENDPOINT_URL_DYNAMODB_STREAMS="+d)
}

func variables(rest string) []string {
	return []string{
		"AWS_ENDPOINT_URL=" + rest, "AWS_REGION=" + Region, "AWS_ACCESS_KEY_ID=test", "AWS_SECRET_ACCESS_KEY=test",
		"AWS_EC2_METADATA_DISABLED=true",
	}
}

// Source is a configuration for one endpoint.
func Source(t testing.TB, endpoint string) amazon.Source {
	t.Helper()
	return func(ctx context.Context) (aws.Config, error) {
		return amazon.Load(ctx, config.WithRegion(Region), config.WithBaseEndpoint(endpoint),
			config.WithCredentialsProvider(credentials.NewStaticCredentialsProvider("test", "test", "")))
	}
}

package amazon

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/okence/okence/shared/fault"
	"github.com/okence/okence/shared/obs"
)

func coded(code string) error { return &smithy.GenericAPIError{Code: code, Message: "m"} }

func answered(status int, err error) error {
	return &awshttp.ResponseError{ResponseError: &smithyhttp.ResponseError{
		Response: &smithyhttp.Response{Response: &http.Response{StatusCode: status}}, Err: err,
	}}
}

func TestWhatAnErrorMeans(t *testing.T) {
	for _, c := range []struct {
		name  string
		err   error
		cause Cause
		kind  fault.Kind
	}{
		{"a throttled call", coded("ThrottlingException"), Throttle, fault.Overload},
		{"a table's throughput", coded("ProvisionedThroughputExceededException"), Throttle, fault.Overload},
		{"a bucket that asks to slow down", answered(503, coded("SlowDown")), Throttle, fault.Overload},
		{"a status 429 without a code", answered(429, io.EOF), Throttle, fault.Overload},
		{"expired credentials", coded("ExpiredTokenException"), Credentials, fault.Unavailable},
		{"expired credentials at S3", answered(400, coded("ExpiredToken")), Credentials, fault.Unavailable},
		{"credentials of nobody", coded("UnrecognizedClientException"), Credentials, fault.Unavailable},
		{"no credentials", &v4.SigningError{Err: errors.New("none")}, Credentials, fault.Unavailable},
		{"a missing right", coded("AccessDeniedException"), Right, fault.Unavailable},
		{"a missing right without a code", answered(403, io.EOF), Right, fault.Unavailable},
		{"a table of another region", coded("ResourceNotFoundException"), Place, fault.Unavailable},
		{"a code with its name space", coded("com.amazonaws.dynamodb.v20120810#ResourceNotFoundException"), Place, fault.Unavailable},
		{"a bucket of another region", answered(301, coded("PermanentRedirect")), Place, fault.Unavailable},
		{"no region at all", &aws.MissingRegionError{}, Place, fault.Unavailable},
		{"a queue that is not there", coded("AWS.SimpleQueueService.NonExistentQueue"), Place, fault.Unavailable},
		{"a KMS key in deletion", coded("KMSInvalidStateException"), Key, fault.Unavailable},
		{"a bucket under a disabled key", coded("KMS.DisabledException"), Key, fault.Unavailable},
		{"too large a batch", coded("BatchRequestTooLong"), Size, fault.TooLarge},
		{"a server's failure", answered(500, coded("InternalError")), Service, fault.Unavailable},
		{"a malformed call", answered(400, coded("ValidationException")), Call, fault.Internal},
		{"no answer", io.ErrUnexpectedEOF, Network, fault.Unavailable},
	} {
		t.Run(c.name, func(t *testing.T) {
			before := obs.Value("okence_aws_failures_total", "service", "test", "cause", string(c.cause))
			err := Fault("test", &smithy.OperationError{ServiceID: "Test", OperationName: "Do", Err: c.err})
			if got := CauseOf(c.err); got != c.cause {
				t.Errorf("cause %q, want %q", got, c.cause)
			}
			if !fault.Is(err, c.kind) || !strings.Contains(err.Error(), says[c.cause]) {
				t.Errorf("%v, want %s", err, c.kind)
			}
			if obs.Value("okence_aws_failures_total", "service", "test", "cause", string(c.cause)) != before+1 {
				t.Error("not counted")
			}
		})
	}
}

func TestNoDeploymentFaultSetsAnEventAside(t *testing.T) {
	for _, c := range Causes {
		if err := c.Validate(); err != nil || says[c] == "" {
			t.Errorf("%s: %v", c, err)
		}
		if permanent := fault.Permanent(fault.New(kinds[c], "")); permanent != (c == Size) {
			t.Errorf("%s is permanent: %t", c, permanent)
		}
	}
	if Cause("other").Validate() == nil || Cause("").Validate() == nil {
		t.Error("an unknown cause is valid")
	}
}

func TestWhatIsNoFaultOfAWS(t *testing.T) {
	if Fault("test", nil) != nil || CauseOf(nil) != "" {
		t.Error("an error from nothing")
	}
	if err := Fault("test", context.Canceled); !fault.Is(err, fault.Unavailable) || !strings.Contains(err.Error(), "no time left") {
		t.Error(err)
	}
	if err := Fault("test", fault.New(fault.Conflict, "ours")); !fault.Is(err, fault.Conflict) {
		t.Error(err)
	}
}

func TestAClientIsBuiltOnceAndAfterAFailureAgain(t *testing.T) {
	asked, built := 0, 0
	l := Lazy[int]{
		Source: func(context.Context) (aws.Config, error) {
			if asked++; asked == 1 {
				return aws.Config{}, io.EOF
			}
			return aws.Config{}, nil
		},
		New: func(aws.Config) int { built++; return 7 },
	}
	if _, err := l.Get(t.Context()); err == nil || built != 0 {
		t.Fatal("a client without a configuration")
	}
	for range 3 {
		if c, err := l.Get(t.Context()); c != 7 || err != nil {
			t.Fatal(c, err)
		}
	}
	if asked != 2 || built != 1 {
		t.Errorf("asked %d times, built %d", asked, built)
	}
}

func TestWithoutARegionNothingIsCalled(t *testing.T) {
	for _, v := range []string{"AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PROFILE"} {
		t.Setenv(v, "")
	}
	t.Setenv("AWS_CONFIG_FILE", t.TempDir()+"/none")
	t.Setenv("AWS_SHARED_CREDENTIALS_FILE", t.TempDir()+"/none")
	t.Setenv("AWS_EC2_METADATA_DISABLED", "true")
	if _, err := Load(t.Context()); !fault.Is(err, fault.Unavailable) || !strings.Contains(err.Error(), "AWS_REGION") {
		t.Error(err)
	}
}

package s3_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/okence/okence/shared/amazon/awstest"
	"github.com/okence/okence/shared/blob"
	"github.com/okence/okence/shared/blob/blobtest"
	"github.com/okence/okence/shared/blob/s3"
	"github.com/okence/okence/shared/fault"
	"github.com/okence/okence/shared/obs"
)

func bucket(t testing.TB) s3.Options {
	t.Helper()
	o := s3.Options{Bucket: "okence-" + strings.ToLower(rand.Text()[:10]), PathStyle: true, Source: awstest.Source(t, awstest.Moto(t))}
	if err := s3.Create(context.Background(), o); err != nil {
		t.Fatal(err)
	}
	return o
}

func client(t testing.TB, o s3.Options) *sdk.Client {
	t.Helper()
	c, err := o.Source(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return sdk.NewFromConfig(c, func(so *sdk.Options) { so.UsePathStyle = true })
}

func TestContract(t *testing.T) {
	o := bucket(t)
	blobtest.Run(t, func(*testing.T) blob.Store { return s3.New(o) })
}

func TestContractHoldsBehindTheFaultWrapper(t *testing.T) {
	o := bucket(t)
	blobtest.Run(t, func(*testing.T) blob.Store { return blobtest.Faulty(s3.New(o)) })
}

func TestEightClientsHaveOneWinner(t *testing.T) {
	o := bucket(t)
	const rounds, clients = 20, 8
	ctx := context.Background()
	stores := make([]*s3.Store, clients)
	for i := range stores {
		stores[i] = s3.New(o)
	}
	for round := range rounds {
		var won atomic.Int32
		var winner atomic.Value
		var all sync.WaitGroup
		name := fmt.Sprintf("t/x/%d", round)
		for i, s := range stores {
			all.Go(func() {
				switch err := s.Put(ctx, name, []byte{byte(i)}); fault.Of(err) {
				case "":
					won.Add(1)
					winner.Store(byte(i))
				case fault.Conflict:
				default:
					t.Errorf("put: %v", err)
				}
			})
		}
		all.Wait()
		b, err := stores[0].Get(ctx, name, 1)
		if won.Load() != 1 || err != nil || b[0] != winner.Load() {
			t.Fatalf("round %d: %d winners, %v, %v", round, won.Load(), b, err)
		}
	}
}

// Erasure reaches versions in a bucket that keeps them, and in one that once did.
func TestADeleteLeavesNoVersion(t *testing.T) {
	for _, later := range []types.BucketVersioningStatus{types.BucketVersioningStatusEnabled, types.BucketVersioningStatusSuspended} {
		t.Run(string(later), func(t *testing.T) {
			o, ctx := bucket(t), context.Background()
			c, s := client(t, o), s3.New(o)
			versioning := func(status types.BucketVersioningStatus) {
				t.Helper()
				if _, err := c.PutBucketVersioning(ctx, &sdk.PutBucketVersioningInput{Bucket: &o.Bucket,
					VersioningConfiguration: &types.VersioningConfiguration{Status: status}}); err != nil {
					t.Fatal(err)
				}
			}
			versioning(types.BucketVersioningStatusEnabled)
			for _, name := range []string{"t/a", "t/a-b", "t/a/b"} {
				for _, text := range []string{"1", "2"} { // as somebody else would
					if _, err := c.PutObject(ctx, &sdk.PutObjectInput{Bucket: &o.Bucket, Key: &name, Body: strings.NewReader(text)}); err != nil {
						t.Fatal(err)
					}
				}
			}
			versioning(later)
			for range 2 {
				if err := s.Delete(ctx, "t/a"); err != nil {
					t.Fatal(err)
				}
			}
			out, err := c.ListObjectVersions(ctx, &sdk.ListObjectVersionsInput{Bucket: &o.Bucket})
			if err != nil {
				t.Fatal(err)
			}
			left := map[string]int{}
			for _, v := range out.Versions {
				left[*v.Key]++
			}
			if left["t/a"] != 0 || left["t/a-b"] != 2 || left["t/a/b"] != 2 || len(out.DeleteMarkers) != 0 {
				t.Errorf("left: %v and %d delete markers", left, len(out.DeleteMarkers))
			}
		})
	}
}

func TestAnObjectIsEncryptedThroughTheBucketsKey(t *testing.T) {
	o := bucket(t)
	o.KeyID = "alias/okence"
	ctx := context.Background()
	if err := s3.Create(ctx, o); err != nil { // again: the same bucket, now with a key
		t.Fatal(err)
	}
	if err := s3.New(o).Put(ctx, "t/a", []byte("x")); err != nil {
		t.Fatal(err)
	}
	head, err := client(t, o).HeadObject(ctx, &sdk.HeadObjectInput{Bucket: &o.Bucket, Key: aws.String("t/a")})
	if err != nil || head.ServerSideEncryption != types.ServerSideEncryptionAwsKms || !aws.ToBool(head.BucketKeyEnabled) {
		t.Errorf("%+v, %v", head, err)
	}
	rules, err := client(t, o).GetBucketEncryption(ctx, &sdk.GetBucketEncryptionInput{Bucket: &o.Bucket})
	if err != nil || !aws.ToBool(rules.ServerSideEncryptionConfiguration.Rules[0].BucketKeyEnabled) {
		t.Error(err)
	}
}

// answers is a store before an S3 that answers everything alike.
func answers(t *testing.T, status int, header http.Header, body string) (*s3.Store, *atomic.Int32) {
	calls := new(atomic.Int32)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		calls.Add(1)
		for k, v := range header {
			w.Header()[k] = v
		}
		w.WriteHeader(status)
		fmt.Fprint(w, body)
	}))
	t.Cleanup(server.Close)
	return s3.New(s3.Options{Bucket: "b", PathStyle: true, Source: awstest.Source(t, server.URL)}), calls
}

func TestWhatARefusalMeans(t *testing.T) {
	for _, c := range []struct {
		name, code string
		status     int
		want       fault.Kind
		cause      string
	}{
		{"a missing right", "AccessDenied", 403, fault.Unavailable, "right"},
		{"expired credentials", "ExpiredToken", 400, fault.Unavailable, "credentials"},
		{"a bucket of another region", "PermanentRedirect", 301, fault.Unavailable, "place"},
		{"a signature for another region", "AuthorizationHeaderMalformed", 400, fault.Unavailable, "place"},
		{"no such bucket", "NoSuchBucket", 404, fault.Unavailable, "place"},
		{"throttled", "SlowDown", 503, fault.Overload, "throttle"},
		{"a key in deletion", "KMS.KMSInvalidStateException", 400, fault.Unavailable, "key"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s, _ := answers(t, c.status, nil, `<?xml version="1.0"?><Error><Code>`+c.code+`</Code><Message>m</Message></Error>`)
			_, err := s.Get(context.Background(), "t/a", 10)
			if !fault.Is(err, c.want) {
				t.Errorf("get: %v, want %s", err, c.want)
			}
			if err := s.Put(context.Background(), "t/a", []byte("x")); !fault.Is(err, c.want) {
				t.Errorf("put: %v, want %s", err, c.want)
			}
			if obs.Value("okence_aws_failures_total", "service", "s3", "cause", c.cause) == 0 {
				t.Error("not counted")
			}
		})
	}
}

func TestADamagedObjectIsNotReturned(t *testing.T) {
	s, _ := answers(t, 200, http.Header{"X-Amz-Checksum-Crc32c": {"yZRlqg=="}}, "hello worle")
	if b, err := s.Get(context.Background(), "t/a", 100); err == nil {
		t.Errorf("got %q", b)
	}
	s, _ = answers(t, 200, http.Header{"X-Amz-Checksum-Crc32c": {"yZRlqg=="}}, "hello world")
	if b, err := s.Get(context.Background(), "t/a", 100); err != nil || !bytes.Equal(b, []byte("hello world")) {
		t.Errorf("got %q, %v", b, err)
	}
}

func TestAPutThatOthersGetInTheWayOfIsTriedAgain(t *testing.T) {
	s, calls := answers(t, 409, nil, `<Error><Code>ConditionalRequestConflict</Code></Error>`)
	if err := s.Put(context.Background(), "t/a", nil); !fault.Is(err, fault.Overload) || calls.Load() != 8 {
		t.Errorf("%v after %d calls", err, calls.Load())
	}
}

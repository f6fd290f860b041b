package secrets

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"github.com/okence/okence/shared/amazon/awstest"
	"github.com/okence/okence/shared/fault"
)

func TestASecretIsReadByItsARN(t *testing.T) {
	source := awstest.Source(t, awstest.Moto(t))
	config, err := source(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	c := secretsmanager.NewFromConfig(config)
	made, err := c.CreateSecret(t.Context(), &secretsmanager.CreateSecretInput{Name: aws.String("okence/ekc/sms"), SecretString: aws.String(`{"a":"1"}`)})
	if err != nil {
		t.Fatal(err)
	}
	if text, err := New(source).Text(*made.ARN); err != nil || text != `{"a":"1"}` {
		t.Errorf("%q, %v", text, err)
	}
	if _, err := New(source).Text(*made.ARN + "x"); !fault.Is(err, fault.Unavailable) {
		t.Errorf("a secret that is not there: %v", err)
	}
	binary, err := c.CreateSecret(t.Context(), &secretsmanager.CreateSecretInput{Name: aws.String("binary"), SecretBinary: []byte{1}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := New(source).Text(*binary.ARN); !fault.Is(err, fault.Invalid) {
		t.Errorf("a binary secret: %v", err)
	}
}

func TestASecretIsFetchedAgainAfterItsLifetimeAndOutlivesAFailure(t *testing.T) {
	var calls atomic.Int32
	var down atomic.Bool
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if down.Load() {
			w.WriteHeader(400)
			fmt.Fprint(w, `{"__type":"AccessDeniedException"}`)
			return
		}
		fmt.Fprintf(w, `{"SecretString":"v%d"}`, calls.Add(1))
	}))
	defer server.Close()
	s, now := New(awstest.Source(t, server.URL)), time.Now()
	s.now = func() time.Time { return now }
	want := func(name, text string, kind fault.Kind) {
		t.Helper()
		if got, err := s.Text("arn"); got != text || fault.Of(err) != kind {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() { want("at once", "v1", "") })
	}
	all.Wait()
	start := now
	now = start.Add(Lifetime - time.Second)
	want("a second before its lifetime ends", "v1", "")
	now = start.Add(Lifetime)
	want("at its end", "v2", "")
	down.Store(true)
	second := now
	now = second.Add(Grace - time.Second)
	want("a failure within the grace", "v2", "")
	now = second.Add(Grace)
	want("a failure after it", "", fault.Unavailable)
	if _, err := s.Text("arn"); err == nil || !strings.Contains(err.Error(), "lacks the right") {
		t.Error(err)
	}
}

package sesapi_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/mail"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sesv2"
	"github.com/aws/aws-sdk-go-v2/service/sesv2/types"

	"github.com/okence/okence/shared/amazon/awstest"
	"github.com/okence/okence/shared/channel"
	"github.com/okence/okence/shared/channel/ses"
	"github.com/okence/okence/shared/channel/ses/sesapi"
	"github.com/okence/okence/shared/domain/message"
	"github.com/okence/okence/shared/obs"
)

func letter() channel.Outgoing {
	return channel.Outgoing{
		ID: "m1", To: message.Party{Scheme: message.Mailto, Address: "ana@example.si", Name: "Ana Čuk"}, Text: "Dober dan. Vaša vloga je rešena.",
		Subject: "Re: Vloga št. 7", MessageID: "<m1@okence.example>", ReplyTo: "ekc+abc@okence.example", Thread: []string{"<a@x>", "<b@x>"},
		Automatic: true, At: time.Date(2026, 11, 2, 7, 0, 0, 0, time.UTC),
		Files: []channel.File{{Name: "odločba.pdf", Mime: "application/pdf", Bytes: []byte("%PDF")}},
	}
}

func sender(t *testing.T, endpoint string) channel.Sender {
	t.Helper()
	s, ok := ses.New(ses.Options{Mail: sesapi.New(awstest.Source(t, endpoint)).Send}).(channel.Sender)
	if !ok {
		t.Fatal("email/ses doesn't send")
	}
	return s
}

// captured is the only endpoint that keeps what it was sent.
func captured(t *testing.T) (endpoint string, last *atomic.Pointer[sent]) {
	last = new(atomic.Pointer[sent])
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var in struct {
			Content              struct{ Raw struct{ Data string } }
			ConfigurationSetName string
		}
		b, _ := io.ReadAll(r.Body)
		if err := json.Unmarshal(b, &in); err != nil || r.URL.Path != "/v2/email/outbound-emails" {
			t.Errorf("%s: %v", r.URL.Path, err)
		}
		raw, _ := base64.StdEncoding.DecodeString(in.Content.Raw.Data)
		last.Store(&sent{raw, in.ConfigurationSetName})
		fmt.Fprint(w, `{"MessageId":"0100018f-7"}`)
	}))
	t.Cleanup(server.Close)
	return server.URL, last
}

type sent struct {
	raw []byte
	set string
}

func TestAMailGoesOutByTheAPI(t *testing.T) {
	endpoint, last := captured(t)
	s := sender(t, endpoint)
	if needs := s.Sends(); len(needs) != 1 || needs[0] != "from" {
		t.Errorf("needs %v", needs)
	}
	got, err := s.Send(context.Background(), nil, channel.Secret{"from": "eKC <ekc@okence.example>", "configuration_set": "okence"}, letter())
	if err != nil || got.ProviderID != "0100018f-7" || len(got.Also) != 1 || got.Also[0] != "<m1@okence.example>" {
		t.Fatalf("%+v, %v", got, err)
	}
	m, err := mail.ReadMessage(bytes.NewReader(last.Load().raw))
	if err != nil {
		t.Fatal(err)
	}
	for header, want := range map[string]string{"From": "ekc@okence.example", "To": "ana@example.si", "Reply-To": "ekc+abc@okence.example",
		"Message-Id": "m1@okence.example", "In-Reply-To": "<b@x>", "Auto-Submitted": "auto-replied"} {
		if !strings.Contains(m.Header.Get(header), want) {
			t.Errorf("%s: %s", header, m.Header.Get(header))
		}
	}
	if last.Load().set != "okence" {
		t.Errorf("configuration set %q", last.Load().set)
	}
}

func TestMotoTakesTheMail(t *testing.T) {
	config, err := awstest.Source(t, awstest.Moto(t))(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := sesv2.NewFromConfig(config).CreateEmailIdentity(t.Context(), &sesv2.CreateEmailIdentityInput{EmailIdentity: aws.String("ekc@okence.example"),
		Tags: []types.Tag{}}); err != nil {
		t.Fatal(err)
	}
	got, err := sender(t, awstest.Moto(t)).Send(t.Context(), nil, channel.Secret{"from": "ekc@okence.example"}, letter())
	if err != nil || got.ProviderID == "" {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestWhatARefusalMeansAndThatItIsNotRepeated(t *testing.T) {
	for _, c := range []struct {
		name   string
		status int
		code   string
		want   channel.Class
		cause  string
	}{
		{"an address that is not verified", 400, "MessageRejected", channel.Final, ""},
		{"a malformed mail", 400, "BadRequestException", channel.Final, ""},
		{"a domain that is not verified", 400, "MailFromDomainNotVerifiedException", channel.Blocked, ""},
		{"an account that may not send", 400, "AccountSuspendedException", channel.Blocked, ""},
		{"sending is paused", 400, "SendingPausedException", channel.Blocked, ""},
		{"no such configuration set", 404, "NotFoundException", channel.Blocked, ""},
		{"over the day's quota", 400, "LimitExceededException", channel.Throttled, ""},
		{"too fast", 429, "TooManyRequestsException", channel.Throttled, ""},
		{"a missing right", 403, "AccessDeniedException", channel.Blocked, "right"},
		{"expired credentials", 403, "ExpiredTokenException", channel.Retry, "credentials"},
		{"a failure, and nobody knows where", 500, "InternalFailure", channel.Lost, "service"},
		{"not available", 503, "ServiceUnavailable", channel.Retry, "service"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var calls atomic.Int32
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				calls.Add(1)
				w.Header().Set("X-Amzn-Errortype", c.code)
				w.WriteHeader(c.status)
				fmt.Fprint(w, `{"message":"Email address is not verified: ana@example.si"}`)
			}))
			defer server.Close()
			_, err := sender(t, server.URL).Send(context.Background(), nil, channel.Secret{"from": "ekc@okence.example"}, letter())
			var failed *channel.SendError
			if !errors.As(err, &failed) || failed.Class != c.want || calls.Load() != 1 {
				t.Errorf("%v after %d calls, want %s", err, calls.Load(), c.want)
			}
			if err != nil && strings.Contains(err.Error(), "ana@") {
				t.Error("the error has an address")
			}
			if c.cause != "" && obs.Value("okence_aws_failures_total", "service", "ses", "cause", c.cause) == 0 {
				t.Error("not counted")
			}
		})
	}
}

func TestAnAnswerThatNeverComesIsLostAndNobodyThereIsNot(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		conn, _, _ := w.(http.Hijacker).Hijack()
		conn.Close()
	}))
	defer server.Close()
	for endpoint, want := range map[string]channel.Class{server.URL: channel.Lost, "http://127.0.0.1:1": channel.Retry} {
		_, err := sender(t, endpoint).Send(context.Background(), nil, channel.Secret{"from": "ekc@okence.example"}, letter())
		var failed *channel.SendError
		if !errors.As(err, &failed) || failed.Class != want {
			t.Errorf("%s: %v, want %s", endpoint, err, want)
		}
	}
}

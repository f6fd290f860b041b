package awskms_test

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/kms"

	"github.com/okence/okence/shared/amazon/awstest"
	"github.com/okence/okence/shared/fault"
	"github.com/okence/okence/shared/obs"
	"github.com/okence/okence/shared/store/memory"
	"github.com/okence/okence/shared/vault"
	"github.com/okence/okence/shared/vault/awskms"
	"github.com/okence/okence/shared/vault/vaulttest"
)

func client(t testing.TB) *sdk.Client {
	t.Helper()
	c, err := awstest.Source(t, awstest.Moto(t))(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return sdk.NewFromConfig(c)
}

func key(t testing.TB) string {
	t.Helper()
	out, err := client(t).CreateKey(context.Background(), &sdk.CreateKeyInput{})
	if err != nil {
		t.Fatal(err)
	}
	return *out.KeyMetadata.KeyId
}

func TestContract(t *testing.T) {
	k := key(t)
	vaulttest.Run(t, func(t *testing.T) vault.KMS {
		return awskms.New(awskms.Options{Key: k, Source: awstest.Source(t, awstest.Moto(t))})
	})
}

var here = vault.Context{Tenant: "ekc", Purpose: "tenant"}

// What a person's data is sealed with can't be had back in any state of the key
// but enabled, by a process that starts then. The embedded vault's own cache
// dies after vault.Lifetime.
func TestNoStateOfTheKeyButEnabledOpens(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*sdk.Client, *string) error
		undo   func(*sdk.Client, *string) error
		says   string
	}{
		{"disabled", func(c *sdk.Client, id *string) error {
			_, err := c.DisableKey(context.Background(), &sdk.DisableKeyInput{KeyId: id})
			return err
		}, func(c *sdk.Client, id *string) error {
			_, err := c.EnableKey(context.Background(), &sdk.EnableKeyInput{KeyId: id})
			return err
		}, "disabled"},
		{"pending deletion", func(c *sdk.Client, id *string) error {
			_, err := c.ScheduleKeyDeletion(context.Background(), &sdk.ScheduleKeyDeletionInput{KeyId: id, PendingWindowInDays: aws.Int32(7)})
			return err
		}, nil, "to be deleted"},
	} {
		t.Run(c.name, func(t *testing.T) {
			ctx, id, keys := context.Background(), key(t), memory.New()
			open := func() *vault.Vault { // as a process that starts now
				return vault.New(awskms.New(awskms.Options{Key: id, Source: awstest.Source(t, awstest.Moto(t))}), keys)
			}
			owner := vault.Owner{Subject: "s1", Class: "channel"}
			at := vault.Place{Tenant: "ekc", Subject: "s1", Kind: "message", ID: "1", Field: "text", Schema: 1}
			made, err := open().Keys(ctx, "ekc", owner)
			if err != nil {
				t.Fatal(err)
			}
			sealed := made[0].Seal(at, []byte("secret"))
			again, err := open().Existing(ctx, "ekc", owner)
			if err != nil {
				t.Fatal(err)
			}
			if plain, err := again[0].Open(at, sealed); err != nil || string(plain) != "secret" {
				t.Fatalf("%q, %v", plain, err)
			}
			before := obs.Value("okence_aws_failures_total", "service", "kms", "cause", "key")
			if err := c.change(client(t), &id); err != nil {
				t.Fatal(err)
			}
			if _, err := open().Existing(ctx, "ekc", owner); !fault.Is(err, fault.Unavailable) || !strings.Contains(err.Error(), c.says) {
				t.Errorf("a key that is %s opens: %v", c.name, err)
			}
			k := awskms.New(awskms.Options{Key: id, Source: awstest.Source(t, awstest.Moto(t))})
			if _, err := k.Wrap(ctx, here, []byte("x")); !fault.Is(err, fault.Forbidden) {
				t.Errorf("a key that is %s wraps: %v", c.name, err)
			}
			if obs.Value("okence_aws_failures_total", "service", "kms", "cause", "key") != before+2 {
				t.Error("not counted")
			}
			if c.undo != nil {
				if err := c.undo(client(t), &id); err != nil {
					t.Fatal(err)
				}
				if _, err := open().Existing(ctx, "ekc", owner); err != nil {
					t.Errorf("enabled again: %v", err)
				}
			}
		})
	}
}

func TestATenantsOwnKeyWraps(t *testing.T) {
	ctx, common, own, next := context.Background(), key(t), key(t), key(t)
	source := awstest.Source(t, awstest.Moto(t))
	with := func(keys ...string) *awskms.KMS {
		return awskms.New(awskms.Options{Key: common, Keys: map[string][]string{"ekc": keys}, Source: source})
	}
	wrapped, err := with(own).Wrap(ctx, here, []byte("secret"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := with().Unwrap(ctx, here, wrapped); !fault.Is(err, fault.Forbidden) {
		t.Errorf("the common key opens it: %v", err)
	}
	if _, err := with(next).Unwrap(ctx, here, wrapped); !fault.Is(err, fault.Forbidden) {
		t.Errorf("another key opens it: %v", err)
	}
	if plain, err := with(next, own).Unwrap(ctx, here, wrapped); err != nil || !bytes.Equal(plain, []byte("secret")) {
		t.Errorf("the former key doesn't open it: %v", err)
	}
	common1, err := with().Wrap(ctx, here, []byte("older"))
	if err != nil {
		t.Fatal(err)
	}
	if plain, err := with(own).Unwrap(ctx, here, common1); err != nil || string(plain) != "older" {
		t.Errorf("what the common key wrapped before the tenant had its own: %v", err)
	}
	if _, err := awskms.New(awskms.Options{Source: source}).Wrap(ctx, here, []byte("x")); !fault.Is(err, fault.Forbidden) {
		t.Errorf("without a key: %v", err)
	}
}

func TestRotatedMaterialOpensWhatWasWrappedBefore(t *testing.T) {
	ctx, id := context.Background(), key(t)
	k := awskms.New(awskms.Options{Key: id, Source: awstest.Source(t, awstest.Moto(t))})
	wrapped, err := k.Wrap(ctx, here, []byte("secret"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := client(t).RotateKeyOnDemand(ctx, &sdk.RotateKeyOnDemandInput{KeyId: &id}); err != nil {
		t.Fatal(err)
	}
	if plain, err := k.Unwrap(ctx, here, wrapped); err != nil || string(plain) != "secret" {
		t.Error(err)
	}
}

func TestWhatARefusalMeans(t *testing.T) {
	for _, c := range []struct {
		name, code string
		want       fault.Kind
		cause      string
	}{
		{"a missing right", "AccessDeniedException", fault.Unavailable, "right"},
		{"expired credentials", "ExpiredTokenException", fault.Unavailable, "credentials"},
		{"throttled", "ThrottlingException", fault.Overload, "throttle"},
		{"a key of another region", "NotFoundException", fault.Forbidden, "key"},
		{"a key in deletion", "KMSInvalidStateException", fault.Forbidden, "key"},
		{"a disabled key", "DisabledException", fault.Forbidden, "key"},
		{"a key that can't be used now", "KeyUnavailableException", fault.Unavailable, "key"},
		{"another context", "InvalidCiphertextException", fault.Forbidden, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.WriteHeader(400)
				fmt.Fprintf(w, `{"__type":%q,"message":"m"}`, c.code)
			}))
			defer server.Close()
			k := awskms.New(awskms.Options{Key: "k", Source: awstest.Source(t, server.URL)})
			if _, err := k.Unwrap(context.Background(), here, []byte{1, 2}); !fault.Is(err, c.want) {
				t.Errorf("%v, want %s", err, c.want)
			}
			if c.cause != "" && obs.Value("okence_aws_failures_total", "service", "kms", "cause", c.cause) == 0 {
				t.Error("not counted")
			}
		})
	}
}

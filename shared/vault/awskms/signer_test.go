package awskms_test

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/okence/okence/shared/amazon/awstest"
	"github.com/okence/okence/shared/fault"
	"github.com/okence/okence/shared/vault/awskms"
)

// kmsWith is a KMS with one signing key: moto has no Ed25519.
// https://docs.aws.amazon.com/kms/latest/APIReference/API_Sign.html
func kmsWith(t *testing.T, public crypto.PublicKey, sign func(message []byte) []byte) *awskms.KMS {
	t.Helper()
	der, err := x509.MarshalPKIXPublicKey(public)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var in struct {
			KeyId, MessageType, SigningAlgorithm string
			Message                              []byte
		}
		if err := json.NewDecoder(r.Body).Decode(&in); err != nil || in.KeyId != "alias/log" {
			t.Errorf("%+v, %v", in, err)
		}
		out := map[string]any{"KeyId": "arn", "KeyUsage": "SIGN_VERIFY", "PublicKey": der}
		if strings.HasSuffix(r.Header.Get("X-Amz-Target"), ".Sign") {
			if in.MessageType != "RAW" || in.SigningAlgorithm != "ED25519_SHA_512" {
				t.Errorf("%+v", in)
			}
			out["Signature"] = sign(in.Message)
		}
		_ = json.NewEncoder(w).Encode(out)
	}))
	t.Cleanup(server.Close)
	return awskms.New(awskms.Options{Source: awstest.Source(t, server.URL)})
}

func TestASignatureIsPureEd25519(t *testing.T) {
	public, private, _ := ed25519.GenerateKey(rand.Reader)
	s, err := kmsWith(t, public, func(m []byte) []byte { return ed25519.Sign(private, m) }).Signer(context.Background(), "alias/log")
	if err != nil || !public.Equal(s.Public()) {
		t.Fatal(err)
	}
	for _, message := range [][]byte{[]byte("okence.org/ekc\n1\n"), make([]byte, 4096)} {
		signature, err := s.Sign(nil, message, crypto.Hash(0))
		if err != nil || !ed25519.Verify(public, message, signature) {
			t.Fatal(err)
		}
	}
	if _, err := s.Sign(nil, make([]byte, 4097), crypto.Hash(0)); !fault.Is(err, fault.Invalid) {
		t.Errorf("a message one byte too long: %v", err)
	}
	if _, err := s.Sign(nil, make([]byte, 64), crypto.SHA512); !fault.Is(err, fault.Invalid) {
		t.Errorf("a hash: %v", err)
	}
}

func TestASignatureThatDoesNotVerifyIsNotReturned(t *testing.T) {
	public, private, _ := ed25519.GenerateKey(rand.Reader)
	s, err := kmsWith(t, public, func(m []byte) []byte { return ed25519.Sign(private, append(m, 0)) }).Signer(context.Background(), "alias/log")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Sign(nil, []byte("m"), crypto.Hash(0)); !fault.Is(err, fault.Internal) {
		t.Error(err)
	}
}

func TestAKeyOfAnotherKindIsRefused(t *testing.T) {
	other, _ := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if _, err := kmsWith(t, &other.PublicKey, nil).Signer(context.Background(), "alias/log"); !fault.Is(err, fault.Invalid) {
		t.Error(err)
	}
}

package awskms

import (
	"context"
	"crypto"
	"crypto/ed25519"
	"crypto/x509"
	"io"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/kms/types"

	"github.com/okence/okence/shared/amazon"
	"github.com/okence/okence/shared/fault"
)

// signTime bounds a signature: crypto.Signer takes no context.
const signTime = 10 * time.Second

// signer signs with an Ed25519 key that never leaves KMS.
type signer struct {
	client *kms.Client
	key    string
	public ed25519.PublicKey
}

var _ crypto.Signer = (*signer)(nil)

// Signer returns the Ed25519 key of an id, ARN or alias: one call for its public
// half, and one for each signature. fault.Invalid: it is no such key.
func (k *KMS) Signer(ctx context.Context, key string) (crypto.Signer, error) {
	client, err := k.client.Get(ctx)
	if err != nil {
		return nil, amazon.Fault(service, err)
	}
	out, err := client.GetPublicKey(ctx, &kms.GetPublicKeyInput{KeyId: &key})
	if err != nil {
		return nil, refused(err)
	}
	parsed, err := x509.ParsePKIXPublicKey(out.PublicKey)
	public, ok := parsed.(ed25519.PublicKey)
	if err != nil || !ok || out.KeyUsage != types.KeyUsageTypeSignVerify {
		return nil, fault.New(fault.Invalid, "awskms: the signing key is not ECC_NIST_EDWARDS25519 for SIGN_VERIFY")
	}
	return &signer{client: client, key: key, public: public}, nil
}

// Public implements crypto.Signer.
func (s *signer) Public() crypto.PublicKey { return s.public }

// Sign implements crypto.Signer for whole messages of at most 4,096 bytes: what
// KMS calls RAW, and Ed25519 calls pure.
func (s *signer) Sign(_ io.Reader, message []byte, opts crypto.SignerOpts) ([]byte, error) {
	if opts.HashFunc() != 0 || len(message) > maxPlain {
		return nil, fault.New(fault.Invalid, "awskms: only a whole message of at most %d bytes is signed", maxPlain)
	}
	ctx, cancel := context.WithTimeout(context.Background(), signTime)
	defer cancel()
	out, err := s.client.Sign(ctx, &kms.SignInput{
		KeyId: &s.key, Message: message, MessageType: types.MessageTypeRaw, SigningAlgorithm: types.SigningAlgorithmSpecEd25519Sha512,
	})
	if err != nil {
		return nil, refused(err)
	}
	if !ed25519.Verify(s.public, message, out.Signature) {
		return nil, fault.New(fault.Internal, "awskms: a signature that its key doesn't verify")
	}
	return out.Signature, nil
}

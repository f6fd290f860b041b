// Package awskms keeps root keys in AWS KMS. It wraps tenant keys with Encrypt
// under a symmetric key, with an encryption context of tenant and purpose, which
// stands in CloudTrail and may be asked for by key policies
// (kms:EncryptionContext:tenant).
//
// A tenant may have a key of its own. Destroying it (ScheduleKeyDeletion, 7 to
// 30 days) makes everything of that tenant unreadable, in every backup: at once
// where no process has unwrapped the tenant key, and after vault.Lifetime
// everywhere. KMS rotates a key's material under the same id, each year or on
// demand, and still opens what was wrapped before; where the key itself is
// exchanged, the former one is named behind the new one until the tenant key has
// been wrapped anew.
//
// Signer is an Ed25519 key for the checkpoints of the processing log
// (ECC_NIST_EDWARDS25519), where KMS in the region offers it; without one the
// log seals a key of its own under the tenant's.
package awskms

import (
	"context"
	"errors"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/smithy-go"

	"github.com/okence/okence/shared/amazon"
	"github.com/okence/okence/shared/fault"
	"github.com/okence/okence/shared/vault"
)

const service = "kms"

// Options say which keys.
type Options struct {
	// Key wraps the keys of tenants that have none of their own: an id, ARN or
	// alias.
	Key string
	// Keys are those of tenants: the first wraps, all open.
	Keys map[string][]string
	// Source is the configuration; nil is amazon.Config.
	Source amazon.Source
}

// KMS implements vault.KMS. It makes no call until it is used.
type KMS struct {
	options Options
	client  amazon.Lazy[*kms.Client]
}

var _ vault.KMS = (*KMS)(nil)

// New returns a KMS.
func New(o Options) *KMS {
	k := &KMS{options: o}
	k.client.Source, k.client.New = o.Source, func(c aws.Config) *kms.Client { return kms.NewFromConfig(c) }
	if o.Source == nil {
		k.client.Source = amazon.Config
	}
	return k
}

// maxPlain is what Encrypt takes under a symmetric key.
const maxPlain = 4096

// format is the first byte of what Wrap returns.
const format = 1

// keys are those that may have wrapped for a tenant, the present one first.
func (k *KMS) keys(tenant string) []string {
	own := k.options.Keys[tenant]
	if k.options.Key == "" {
		return own
	}
	return append(own[:len(own):len(own)], k.options.Key)
}

// Wrap implements vault.KMS.
func (k *KMS) Wrap(ctx context.Context, c vault.Context, plaintext []byte) ([]byte, error) {
	if len(plaintext) > maxPlain {
		return nil, fault.New(fault.TooLarge, "awskms: %d bytes to wrap, at most %d", len(plaintext), maxPlain)
	}
	keys := k.keys(c.Tenant)
	if len(keys) == 0 {
		return nil, fault.New(fault.Forbidden, "awskms: no key is named for the tenant")
	}
	client, err := k.client.Get(ctx)
	if err != nil {
		return nil, amazon.Fault(service, err)
	}
	out, err := client.Encrypt(ctx, &kms.EncryptInput{KeyId: &keys[0], Plaintext: plaintext, EncryptionContext: associated(c)})
	if err != nil {
		return nil, refused(err)
	}
	return append([]byte{format}, out.CiphertextBlob...), nil
}

// Unwrap implements vault.KMS. It names the key that must open, so that what
// somebody else's key wrapped is refused.
func (k *KMS) Unwrap(ctx context.Context, c vault.Context, wrapped []byte) ([]byte, error) {
	if len(wrapped) < 2 || wrapped[0] != format {
		return nil, fault.New(fault.Forbidden, "awskms: not wrapped here")
	}
	client, err := k.client.Get(ctx)
	if err != nil {
		return nil, amazon.Fault(service, err)
	}
	for _, key := range k.keys(c.Tenant) {
		out, err := client.Decrypt(ctx, &kms.DecryptInput{KeyId: &key, CiphertextBlob: wrapped[1:], EncryptionContext: associated(c)})
		if code(err) == "IncorrectKeyException" {
			continue
		}
		if err != nil {
			return nil, refused(err)
		}
		return out.Plaintext, nil
	}
	return nil, fault.New(fault.Forbidden, "awskms: not wrapped by a key of the tenant's")
}

// associated is the encryption context.
func associated(c vault.Context) map[string]string {
	return map[string]string{"tenant": c.Tenant, "purpose": c.Purpose}
}

func code(err error) string {
	var api smithy.APIError
	if !errors.As(err, &api) {
		return ""
	}
	c, _, _ := strings.Cut(api.ErrorCode(), ":")
	return c
}

// refused is an error of KMS's as the port has it: a key that is disabled, to be
// deleted or gone is Forbidden, since no retry brings back what it wrapped.
func refused(err error) error {
	switch c := code(err); c {
	case "InvalidCiphertextException":
		return fault.New(fault.Forbidden, "awskms: wrapped for another context, or changed")
	case "DisabledException", "KMSInvalidStateException", "NotFoundException":
		amazon.Count(service, amazon.Key)
		return fault.New(fault.Forbidden, "awskms: the key is %s", map[string]string{
			"DisabledException": "disabled", "KMSInvalidStateException": "to be deleted", "NotFoundException": "gone, or in another region"}[c])
	}
	return amazon.Fault(service, err)
}

//go:build aws

package host

import (
	"context"
	"crypto"
	"strings"

	"github.com/okence/okence/shared/amazon/secrets"
	"github.com/okence/okence/shared/blob/s3"
	"github.com/okence/okence/shared/bus/eventbridge"
	"github.com/okence/okence/shared/channel"
	"github.com/okence/okence/shared/channel/registry"
	"github.com/okence/okence/shared/channel/ses/sesapi"
	"github.com/okence/okence/shared/fault"
	"github.com/okence/okence/shared/store/dynamodb"
	"github.com/okence/okence/shared/vault/awskms"
)

// open names the resources; nothing is called before the first use.
func open(s Settings) (d drivers, err error) {
	if err := only(driver{"OKENCE_STORE", s.Store, "dynamodb"}, driver{"OKENCE_BLOB", s.Blob, "s3"}, driver{"OKENCE_VAULT", s.Vault, "awskms"}); err != nil {
		return d, err
	}
	for _, need := range []struct{ name, value string }{
		{"OKENCE_TABLE", s.Table}, {"OKENCE_KEYS_TABLE", s.KeysTable}, {"OKENCE_LEDGER_TABLE", s.LedgerTable}, {"OKENCE_BUCKET", s.Bucket},
	} {
		if need.value == "" {
			return d, fault.New(fault.Invalid, "settings: %s is missing", need.name)
		}
	}
	keys, err := s.tenantKeys()
	if err != nil {
		return d, err
	}
	switch {
	case s.Bus != "aws":
		if err := d.openBus(s, "aws, "); err != nil {
			return d, err
		}
	case s.EventBus == "":
		return d, fault.New(fault.Invalid, "settings: OKENCE_EVENT_BUS is missing")
	default:
		d.bus = eventbridge.New(eventbridge.Options{Bus: s.EventBus})
		d.closers = append(d.closers, d.bus)
	}
	d.blobs = s3.New(s3.Options{Bucket: s.Bucket, PathStyle: s.S3PathStyle})
	d.store = dynamodb.New(dynamodb.Options{Table: s.Table, Blobs: d.blobs})
	d.keys = dynamodb.New(dynamodb.Options{Table: s.KeysTable})
	d.tree = dynamodb.New(dynamodb.Options{Table: s.LedgerTable})
	d.closers = append(d.closers, d.blobs, d.store, d.keys, d.tree)
	kms := awskms.New(awskms.Options{Key: s.KMSKey, Keys: keys})
	d.kms = kms
	if s.KMSSigningKey != "" {
		d.signer = func(ctx context.Context, _ string) (crypto.Signer, error) { return kms.Signer(ctx, s.KMSSigningKey) }
	}
	kept := secrets.New(nil)
	d.secrets = func(tenant string, n channel.Name) ([]channel.Secret, error) {
		return secretsIn(kept.Text, tenant, n)
	}
	registry.UseSES(sesapi.New(nil).Send, s3.Objects{PathStyle: s.S3PathStyle}.Get, s.MailBuckets)
	return d, nil
}

// tenantKeys reads OKENCE_KMS_KEYS. fault.Invalid: an entry is not TENANT=KEY,
// or neither it nor OKENCE_KMS_KEY names a key for a tenant.
func (s Settings) tenantKeys() (map[string][]string, error) {
	keys := map[string][]string{}
	for _, k := range s.KMSKeys {
		tenant, key, ok := strings.Cut(k, "=")
		if !ok || tenant == "" || key == "" {
			return nil, fault.New(fault.Invalid, "settings: OKENCE_KMS_KEYS must be a list of TENANT=KEY")
		}
		keys[tenant] = append(keys[tenant], key)
	}
	for _, t := range s.Tenants {
		if s.KMSKey == "" && len(keys[t]) == 0 {
			return nil, fault.New(fault.Invalid, "settings: OKENCE_KMS_KEY is missing, and OKENCE_KMS_KEYS has no key for tenant %s", t)
		}
	}
	return keys, nil
}

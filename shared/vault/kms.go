package vault

import "context"

// KMS protects tenant keys, and nothing else: a process calls it about once a
// tenant, at its first use, not for every message. Drivers: file (embedded),
// awskms, later gcpkms; each passes vaulttest.
type KMS interface {
	// Wrap encrypts at most 4 KiB under the root key, bound to c: only Unwrap
	// with the same c opens it. Wrapping twice gives different bytes.
	Wrap(ctx context.Context, c Context, plaintext []byte) ([]byte, error)

	// Unwrap opens what Wrap made, also after the root key was rotated.
	// fault.Forbidden: another context, a changed byte, or a key that is
	// disabled or destroyed. fault.Unavailable: try again.
	Unwrap(ctx context.Context, c Context, wrapped []byte) ([]byte, error)
}

// Context is the encryption context: it is authenticated, it may stand in a
// cloud's audit trail, and it holds no personal data.
type Context struct {
	Tenant  string
	Purpose string // what the wrapped key is for: "tenant"
}

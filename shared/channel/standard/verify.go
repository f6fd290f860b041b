package standard

import (
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/okence/okence/shared/channel"
	"github.com/okence/okence/shared/domain/message"
	"github.com/okence/okence/shared/fault"
)

const (
	headerID   = "Webhook-Id"
	headerTime = "Webhook-Timestamp"
	headerSign = "Webhook-Signature"

	keyName = "webhook_secret"
	maxBody = 1 << 20

	// Window is how far the signed time may be from ours, on either side
	// (specification, Verifying the timestamp: five minutes by custom).
	Window = 5 * time.Minute
)

var name = channel.Name{Channel: message.LiveChat, Provider: "standard"}

// New returns the provider livechat/standard. Its secret: webhook_secret.
func New() channel.Provider { return provider{} }

type provider struct{}

func (provider) Name() channel.Name { return name }
func (provider) Limit() int64       { return maxBody }
func (provider) Needs() []string    { return []string{keyName} }

func (provider) Verify(r channel.Request, s channel.Secret) error {
	id, err := channel.Once(r.Header, headerID)
	if err != nil {
		return err
	}
	stamp, err := channel.Once(r.Header, headerTime)
	if err != nil {
		return err
	}
	list, err := channel.Once(r.Header, headerSign)
	if err != nil {
		return err
	}
	seconds, err := strconv.ParseInt(stamp, 10, 64)
	if err != nil || stamp != strconv.FormatInt(seconds, 10) {
		return fault.New(fault.Unauthenticated, "timestamp is not in Unix seconds")
	}
	if age := r.At.Sub(time.Unix(seconds, 0)); age > Window || age < -Window {
		return fault.New(fault.Unauthenticated, "timestamp is outside the window")
	}
	if strings.Contains(id, ".") { // id.timestamp.body could be cut in two ways
		return fault.New(fault.Unauthenticated, "id has a full stop")
	}
	k, ok := keyOf(s)
	if !ok {
		return fault.New(fault.Unauthenticated, "webhook_secret is no key")
	}
	return k.check(list, signed(id, stamp, r.Body))
}

// key is one of the two sorts: mac for v1, public (and, to sign, private) for v1a.
type key struct {
	mac     []byte
	public  ed25519.PublicKey
	private ed25519.PrivateKey
}

func keyOf(s channel.Secret) (key, bool) {
	kind, b64, prefixed := strings.Cut(s.Text(keyName), "_")
	if !prefixed {
		kind, b64 = "whsec", kind
	}
	raw, err := base64.StdEncoding.Strict().DecodeString(b64)
	switch {
	case err != nil:
	case kind == "whsec" && len(raw) >= 24 && len(raw) <= 64:
		return key{mac: raw}, true
	case kind == "whpk" && len(raw) == ed25519.PublicKeySize:
		return key{public: raw}, true
	case kind == "whsk" && (len(raw) == ed25519.SeedSize || len(raw) == ed25519.PrivateKeySize):
		private := ed25519.NewKeyFromSeed(raw[:ed25519.SeedSize])
		return key{public: private.Public().(ed25519.PublicKey), private: private}, true
	}
	return key{}, false
}

// check accepts if an entry of our version matches. An entry of our version
// that isn't well formed spoils the list: headers joined on the way look so.
func (k key) check(list string, message []byte) error {
	version, size := "v1", sha256.Size
	if k.public != nil {
		version, size = "v1a", ed25519.SignatureSize
	}
	matched := false
	for _, entry := range strings.Fields(list) {
		v, b64, _ := strings.Cut(entry, ",")
		if v != version {
			continue
		}
		given, err := base64.StdEncoding.Strict().DecodeString(b64)
		if err != nil || len(given) != size {
			return fault.New(fault.Unauthenticated, "signature is not %s and %d bytes in base64", version, size)
		}
		if k.public != nil {
			matched = ed25519.Verify(k.public, message, given) || matched
		} else {
			matched = hmac.Equal(given, k.sum(message)) || matched
		}
	}
	if !matched {
		return fault.New(fault.Unauthenticated, "no signature matches")
	}
	return nil
}

func (k key) sum(message []byte) []byte {
	h := hmac.New(sha256.New, k.mac)
	h.Write(message)
	return h.Sum(nil)
}

func signed(id, stamp string, body []byte) []byte {
	return append([]byte(id+"."+stamp+"."), body...)
}

// Sign keeps a webhook-id that is already there; without one the id is the
// digest of the body, so that signing a file twice is one delivery.
func (provider) Sign(r *channel.Request, s channel.Secret) error {
	k, ok := keyOf(s)
	if !ok || k.public != nil && k.private == nil {
		return fault.New(fault.Invalid, "webhook_secret is no key to sign with")
	}
	if r.Header == nil {
		r.Header = http.Header{}
	}
	if r.Header.Get(headerID) == "" {
		r.Header.Set(headerID, "msg_"+strings.TrimPrefix(channel.Digest(r.Body), "sha256:"))
	}
	stamp := strconv.FormatInt(r.At.Unix(), 10)
	m := signed(r.Header.Get(headerID), stamp, r.Body)
	sign := ""
	if k.private != nil {
		sign = "v1a," + base64.StdEncoding.EncodeToString(ed25519.Sign(k.private, m))
	} else {
		sign = "v1," + base64.StdEncoding.EncodeToString(k.sum(m))
	}
	r.Header.Set(headerTime, stamp)
	r.Header.Set(headerSign, sign)
	r.Header.Set("Content-Type", "application/json")
	return nil
}

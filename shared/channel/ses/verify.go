package ses

import (
	"crypto"
	"crypto/rsa"
	"crypto/sha1" //nolint:gosec // SignatureVersion 1 is SHA-1, and the default of a topic
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"strings"

	"github.com/okence/okence/shared/channel"
	"github.com/okence/okence/shared/fault"
)

// envelope is what SNS posts. Field names are Amazon's.
type envelope struct {
	Type, MessageId, TopicArn, Message, Timestamp string  //nolint:revive // as Amazon spells them
	Subject                                       *string `json:",omitempty"`
	Token                                         string  `json:",omitempty"` // of the two confirmations
	SubscribeURL                                  string  `json:",omitempty"`
	SignatureVersion, Signature, SigningCertURL   string
}

const (
	notification = "Notification"
	subscribe    = "SubscriptionConfirmation"
	unsubscribe  = "UnsubscribeConfirmation"
)

// signed is the text that SNS signs: names and values of its fields in the
// order of the alphabet, each on a line; Subject only where there is one.
func (e envelope) signed() (string, bool) {
	pairs := []string{"Message", e.Message, "MessageId", e.MessageId}
	switch e.Type {
	case notification:
		if e.Subject != nil {
			pairs = append(pairs, "Subject", *e.Subject)
		}
		pairs = append(pairs, "Timestamp", e.Timestamp)
	case subscribe, unsubscribe:
		if e.SubscribeURL == "" || e.Token == "" {
			return "", false
		}
		pairs = append(pairs, "SubscribeURL", e.SubscribeURL, "Timestamp", e.Timestamp, "Token", e.Token)
	default:
		return "", false
	}
	pairs = append(pairs, "TopicArn", e.TopicArn, "Type", e.Type)
	ok := e.Message != "" && e.MessageId != "" && e.Timestamp != "" && e.TopicArn != ""
	return strings.Join(pairs, "\n") + "\n", ok
}

// digest is the hash of text by SignatureVersion.
func digest(version, text string) (crypto.Hash, []byte) {
	switch version {
	case "1":
		sum := sha1.Sum([]byte(text)) //nolint:gosec // see the import
		return crypto.SHA1, sum[:]
	case "2":
		sum := sha256.Sum256([]byte(text))
		return crypto.SHA256, sum[:]
	}
	return 0, nil
}

func (p provider) Verify(r channel.Request, s channel.Secret) error {
	if !s.Has(p.Needs()...) {
		return fault.New(fault.Unauthenticated, "secret lacks what a signature is checked with")
	}
	var e envelope
	if json.Unmarshal(r.Body, &e) != nil {
		return fault.New(fault.Unauthenticated, "no SNS message")
	}
	text, ok := e.signed()
	hash, sum := digest(e.SignatureVersion, text)
	if !ok || sum == nil {
		return fault.New(fault.Unauthenticated, "no type, field or version of an SNS message")
	}
	host, ok := amazon(e.SigningCertURL)
	if !ok || !strings.HasSuffix(path(e.SigningCertURL), ".pem") {
		return fault.New(fault.Unauthenticated, "the certificate isn't at an SNS host")
	}
	signature, err := base64.StdEncoding.Strict().DecodeString(e.Signature)
	if err != nil || len(signature) == 0 || strings.ContainsAny(e.Signature, "\r\n") {
		return fault.New(fault.Unauthenticated, "the signature isn't base64")
	}
	keys, err := p.keys(e.SigningCertURL, host, r.At, s.List("certificates"))
	if err != nil {
		return err
	}
	for _, key := range keys {
		if rsa.VerifyPKCS1v15(key, hash, sum, signature) == nil {
			return ours(e.TopicArn, s.List("topic_arns"))
		}
	}
	return fault.New(fault.Unauthenticated, "the signature does not match")
}

// ours: the signature says that it was Amazon, the topic says that it is meant.
func ours(topic string, topics []string) error {
	for _, t := range topics {
		if subtle.ConstantTimeCompare([]byte(t), []byte(topic)) == 1 {
			return nil
		}
	}
	return fault.New(fault.Forbidden, "the topic is not listed")
}

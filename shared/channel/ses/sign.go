package ses

import (
	"bytes"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"math/big"
	"net/http"
	"time"

	"github.com/okence/okence/shared/channel"
	"github.com/okence/okence/shared/fault"
)

const (
	devTopic = "arn:aws:sns:eu-central-1:000000000000:okence"
	devCert  = "https://sns.eu-central-1.amazonaws.com/SimpleNotificationService-00000000000000000000000000000000.pem"
)

// Development returns a secret that this side can sign with: topic_arns, a
// pinned certificate, and private_key, which no real account has.
func Development() (channel.Secret, error) {
	key, err := rsa.GenerateKey(rand.Reader, minKey)
	if err != nil {
		return nil, fault.New(fault.Internal, "ses: no key").Because(err)
	}
	template := x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "sns.amazonaws.com"}, DNSNames: []string{"sns.amazonaws.com"},
		NotBefore: time.Unix(0, 0), NotAfter: time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC),
	}
	cert, err := x509.CreateCertificate(rand.Reader, &template, &template, &key.PublicKey, key)
	if err != nil {
		return nil, fault.New(fault.Internal, "ses: no certificate").Because(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, fault.New(fault.Internal, "ses: no private key").Because(err)
	}
	return channel.Secret{
		"topic_arns":   []any{devTopic},
		"certificates": []any{string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert}))},
		"private_key":  string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private})),
	}, nil
}

// DevelopmentSecret implements channel.Developer.
func (provider) DevelopmentSecret(string) (channel.Secret, error) { return Development() }

// Sign signs an envelope, or what SES would put into one as its Message, with
// private_key and by its SignatureVersion (2 where it has none). Fields that an
// envelope must have are filled in; its other fields stay.
func (p provider) Sign(r *channel.Request, s channel.Secret) error {
	block, _ := pem.Decode([]byte(s.Text("private_key")))
	if block == nil || !s.Has(p.Needs()...) {
		return fault.New(fault.Invalid, "secret has no private_key, topic or certificate")
	}
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	private, ok := key.(*rsa.PrivateKey)
	if err != nil || !ok {
		return fault.New(fault.Invalid, "private_key is not an RSA key")
	}
	var e envelope
	if json.Unmarshal(r.Body, &e) != nil || e.Type == "" {
		e = envelope{Type: notification, Message: string(r.Body)}
	}
	fill := func(field *string, v string) {
		if *field == "" {
			*field = v
		}
	}
	id := channel.Digest(r.Body)[len("sha256:"):]
	fill(&e.MessageId, id[:8]+"-"+id[8:12]+"-"+id[12:16]+"-"+id[16:20]+"-"+id[20:32])
	fill(&e.TopicArn, s.List("topic_arns")[0])
	fill(&e.Timestamp, r.At.UTC().Format("2006-01-02T15:04:05.000Z"))
	fill(&e.SignatureVersion, "2")
	fill(&e.SigningCertURL, devCert)
	text, _ := e.signed()
	hash, sum := digest(e.SignatureVersion, text)
	signature, err := rsa.SignPKCS1v15(rand.Reader, private, hash, sum)
	if err != nil {
		return fault.New(fault.Invalid, "this can't be signed")
	}
	e.Signature = base64.StdEncoding.EncodeToString(signature)
	var body bytes.Buffer
	enc := json.NewEncoder(&body)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(e); err != nil {
		return fault.New(fault.Invalid, "this can't be written as JSON")
	}
	r.Body = bytes.TrimSpace(body.Bytes())
	if r.Header == nil {
		r.Header = http.Header{}
	}
	r.Header.Set("Content-Type", "text/plain; charset=UTF-8")
	r.Header.Set("X-Amz-Sns-Message-Type", e.Type)
	r.Header.Set("X-Amz-Sns-Message-Id", e.MessageId)
	r.Header.Set("X-Amz-Sns-Topic-Arn", e.TopicArn)
	return nil
}

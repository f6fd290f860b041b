package ses

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"errors"
	"math/big"
	"os"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/okence/okence/shared/channel"
	"github.com/okence/okence/shared/fault"
)

const (
	amazonTopic = "arn:aws:sns:us-west-2:131990247566:dongie-standard-topic"
	pemFile     = "SimpleNotificationService-7506a1e35b36ef5a444dd1a8e7cc3ed8.pem"
)

var signedByAmazon = []string{
	"notification_no_subject.json", "notification_with_subject.json", "notification_version_2.json", "subscription.json", "unsubscribe.json",
}

func text(t testing.TB, name string) string {
	t.Helper()
	b, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func pinned(t testing.TB) channel.Secret {
	return channel.Secret{"topic_arns": []any{"arn:other", amazonTopic}, "certificates": []any{text(t, pemFile)}}
}

// march is when Amazon signed the messages; its certificate is good until October.
var march = time.Date(2026, 3, 6, 20, 0, 0, 0, time.UTC)

func wantKind(t testing.TB, what string, err error, want fault.Kind) {
	t.Helper()
	if fault.Of(err) != want {
		t.Errorf("%s: got %v, want kind %q", what, err, want)
	}
}

func TestMessagesThatAmazonSigned(t *testing.T) {
	for _, file := range signedByAmazon {
		r := channel.Request{Body: []byte(text(t, file)), At: march}
		wantKind(t, file, New(Options{}).Verify(r, pinned(t)), "")
		fetch := New(Options{Certificate: func(url string) ([]byte, error) {
			if !strings.HasSuffix(url, "/"+pemFile) {
				t.Errorf("asked for another certificate")
			}
			return []byte(text(t, pemFile)), nil
		}})
		wantKind(t, file+", fetched", fetch.Verify(r, channel.Secret{"topic_arns": amazonTopic}), "")
	}
}

// A change that is accepted changed nothing that Amazon signed.
func TestAMutatedMessageOfAmazonsIsRefused(t *testing.T) {
	p, s := New(Options{}), pinned(t)
	type failer interface{ Errorf(string, ...any) }
	unchanged := func(t failer, body, was string) {
		var a, b envelope
		if json.Unmarshal([]byte(body), &a) != nil || json.Unmarshal([]byte(was), &b) != nil {
			t.Errorf("accepted what is no JSON")
		}
		one, _ := a.signed()
		other, _ := b.signed()
		if _, ok := amazon(a.SigningCertURL); one != other || !ok || a.Signature != b.Signature || a.SignatureVersion != b.SignatureVersion {
			t.Errorf("accepted another message:\n%s", body)
		}
	}
	try := func(t failer, body, was string) {
		switch err := p.Verify(channel.Request{Body: []byte(body), At: march}, s); fault.Of(err) {
		case "":
			unchanged(t, body, was)
		case fault.Unauthenticated:
		default:
			t.Errorf("%v", err)
		}
	}
	for _, file := range signedByAmazon {
		was := text(t, file)
		for i := range len(was) {
			b := []byte(was)
			b[i] ^= 1 << (i % 6) // every bit, in turn
			try(t, string(b), was)
		}
	}
	bodies := make([]string, len(signedByAmazon))
	for i, file := range signedByAmazon {
		bodies[i] = text(t, file)
	}
	rapid.Check(t, func(t *rapid.T) {
		was := rapid.SampledFrom(bodies).Draw(t, "message")
		at := rapid.IntRange(0, len(was)).Draw(t, "at")
		to := rapid.IntRange(at, min(len(was), at+8)).Draw(t, "to")
		with := rapid.StringN(0, 8, 16).Draw(t, "with")
		try(t, was[:at]+with+was[to:], was)
	})
}

func TestAnEnvelopeThatIsRefused(t *testing.T) {
	was := text(t, "notification_version_2.json")
	change := func(from, to string) string {
		if !strings.Contains(was, from) {
			t.Fatalf("no %q", from)
		}
		return strings.Replace(was, from, to, 1)
	}
	host := "https://sns.us-west-2.amazonaws.com/Simple"
	for name, c := range map[string]struct {
		body string
		want fault.Kind
	}{
		"as it is":                          {was, ""},
		"no JSON":                           {"x", fault.Unauthenticated},
		"nothing":                           {"", fault.Unauthenticated},
		"another version":                   {change(`"SignatureVersion" : "2"`, `"SignatureVersion" : "1"`), fault.Unauthenticated},
		"a version of tomorrow":             {change(`"SignatureVersion" : "2"`, `"SignatureVersion" : "3"`), fault.Unauthenticated},
		"another type":                      {change(`"Notification"`, `"Notice"`), fault.Unauthenticated},
		"a confirmation without its fields": {change(`"Notification"`, `"SubscriptionConfirmation"`), fault.Unauthenticated},
		"a subject that was not signed":     {change(`{`, `{"Subject":"x",`), fault.Unauthenticated},
		"an empty signature":                {strings.Replace(was, "kGNJ7FIM", "", 1), fault.Unauthenticated},
		"a certificate elsewhere":           {change(host, "https://sns.us-west-2.amazonaws.com.evil.test/Simple"), fault.Unauthenticated},
		"a certificate over http":           {change(host, "http://sns.us-west-2.amazonaws.com/Simple"), fault.Unauthenticated},
		"a certificate at another port":     {change(host, "https://sns.us-west-2.amazonaws.com:444/Simple"), fault.Unauthenticated},
		"a certificate with a user":         {change(host, "https://sns.us-west-2.amazonaws.com@evil.test/Simple"), fault.Unauthenticated},
		"a certificate in a bucket":         {change(host, "https://s3.us-west-2.amazonaws.com/Simple"), fault.Unauthenticated},
		"a certificate that is no pem":      {change("3ed8.pem", "3ed8.txt"), fault.Unauthenticated},
		"a certificate behind a query":      {change("3ed8.pem", "3ed8?.pem"), fault.Unauthenticated},
		"a field twice, the last forged":    {strings.TrimSuffix(was, "}") + `,"Message":"x"}`, fault.Unauthenticated},
		"an unsigned field changed":         {change("Action=Unsubscribe", "Action=Nothing"), ""},
	} {
		t.Run(name, func(t *testing.T) {
			wantKind(t, name, New(Options{}).Verify(channel.Request{Body: []byte(c.body), At: march}, pinned(t)), c.want)
		})
	}
}

func TestASecretThatProvesNothing(t *testing.T) {
	r := channel.Request{Body: []byte(text(t, "notification_version_2.json")), At: march}
	cert := []any{text(t, pemFile)}
	for name, c := range map[string]struct {
		secret channel.Secret
		want   fault.Kind
	}{
		"none":                   {channel.Secret{}, fault.Unauthenticated},
		"no topic":               {channel.Secret{"certificates": cert}, fault.Unauthenticated},
		"no certificate":         {channel.Secret{"topic_arns": amazonTopic}, fault.Unauthenticated},
		"a certificate of words": {channel.Secret{"topic_arns": amazonTopic, "certificates": "x"}, fault.Unauthenticated},
		"another topic":          {channel.Secret{"topic_arns": amazonTopic + "s", "certificates": cert}, fault.Forbidden},
		"the right one":          {channel.Secret{"topic_arns": amazonTopic, "certificates": cert}, ""},
	} {
		wantKind(t, name, New(Options{}).Verify(r, c.secret), c.want)
	}
	forged := strings.Replace(string(r.Body), "uses", "uzes", 1)
	wantKind(t, "another topic and forged", New(Options{}).Verify(channel.Request{Body: []byte(forged), At: march},
		channel.Secret{"topic_arns": "x", "certificates": cert}), fault.Unauthenticated)
}

func TestAFetchedCertificate(t *testing.T) {
	r := channel.Request{Body: []byte(text(t, "notification_version_2.json")), At: march}
	fetched := func(what, text string, at time.Time, roots *x509.CertPool, want fault.Kind) {
		t.Helper()
		p := New(Options{Roots: roots, Certificate: func(string) ([]byte, error) { return []byte(text), nil }})
		r.At = at
		wantKind(t, what, p.Verify(r, channel.Secret{"topic_arns": amazonTopic}), want)
	}
	from, until := time.Date(2025, 11, 10, 0, 0, 0, 0, time.UTC), time.Date(2026, 10, 14, 23, 59, 59, 0, time.UTC)
	fetched("a second before it is valid", text(t, pemFile), from.Add(-time.Second), nil, fault.Unauthenticated)
	fetched("from its first second", text(t, pemFile), from, nil, "")
	fetched("to its last second", text(t, pemFile), until, nil, "")
	fetched("a second later", text(t, pemFile), until.Add(time.Second), nil, fault.Unauthenticated)
	fetched("no certificate", "x", march, nil, fault.Unauthenticated)
	fetched("without a chain where roots are given", text(t, pemFile), march, x509.NewCertPool(), fault.Unauthenticated)
	down := New(Options{Certificate: func(string) ([]byte, error) { return nil, errors.New("down") }})
	wantKind(t, "none to be had", down.Verify(r, channel.Secret{"topic_arns": amazonTopic}), fault.Unavailable)
}

// Pinning is the trust: an operator's certificate needs no name and no date.
func TestAPinnedCertificateIsTakenAsItIs(t *testing.T) {
	r := channel.Request{Body: []byte(text(t, "notification_version_2.json")), At: march.AddDate(10, 0, 0)}
	wantKind(t, "expired", New(Options{}).Verify(r, pinned(t)), "")
	p := New(Options{Certificate: func(string) ([]byte, error) { t.Error("fetched although pinned"); return nil, nil }})
	wantKind(t, "pinned before fetched", p.Verify(r, pinned(t)), "")
}

// issue returns a certificate for names by a root of its own.
func issue(t *testing.T, key *rsa.PrivateKey, names ...string) (string, *x509.CertPool) {
	t.Helper()
	c := x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "x"}, DNSNames: names, IsCA: true, BasicConstraintsValid: true,
		NotBefore: march.Add(-time.Hour), NotAfter: march.Add(time.Hour), KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, &c, &c, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	parsed, _ := x509.ParseCertificate(der)
	pool := x509.NewCertPool()
	pool.AddCert(parsed)
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})), pool
}

func generate(t *testing.T, bits int) *rsa.PrivateKey {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, bits)
	if err != nil && bits < 1024 { // crypto/rsa refuses these unless GODEBUG=rsa1024min=0
		t.Skipf("this Go makes no key as short as %d bits", bits)
	}
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func TestTheNameOfAFetchedCertificate(t *testing.T) {
	key := generate(t, minKey)
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		san, host string
		want      fault.Kind
	}{
		"the shared one":           {"sns.amazonaws.com", "sns.eu-central-1.amazonaws.com", ""},
		"a new region's":           {"sns-signing.eu-south-1.amazonaws.com", "sns.eu-south-1.amazonaws.com", ""},
		"another new region's":     {"sns-signing.eu-south-2.amazonaws.com", "sns.eu-south-1.amazonaws.com", fault.Unauthenticated},
		"China's":                  {"sns-cn-north-1.amazonaws.com.cn", "sns.cn-north-1.amazonaws.com.cn", ""},
		"the shared one in China":  {"sns.amazonaws.com", "sns.cn-north-1.amazonaws.com.cn", fault.Unauthenticated},
		"GovCloud's from the east": {"sns-us-gov-west-1.amazonaws.com", "sns.us-gov-east-1.amazonaws.com", ""},
		"GovCloud's in Europe":     {"sns-us-gov-west-1.amazonaws.com", "sns.eu-west-1.amazonaws.com", fault.Unauthenticated},
		"a stranger's":             {"evil.test", "sns.eu-central-1.amazonaws.com", fault.Unauthenticated},
	} {
		t.Run(name, func(t *testing.T) {
			cert, roots := issue(t, key, c.san)
			s := channel.Secret{"topic_arns": "arn:x", "private_key": string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private}))}
			p := New(Options{Roots: roots, Certificate: func(string) ([]byte, error) { return []byte(cert), nil }})
			r := channel.Request{At: march, Body: []byte(`{"Type":"Notification","Message":"x","SigningCertURL":"https://` + c.host + `/x.pem"}`)}
			if err := p.Sign(&r, s); err != nil {
				t.Fatal(err)
			}
			wantKind(t, name, p.Verify(r, s), c.want)
		})
	}
}

func TestTheHostRule(t *testing.T) {
	for address, want := range map[string]bool{
		"https://sns.us-west-2.amazonaws.com/x.pem": true, "https://sns.cn-north-1.amazonaws.com.cn/?Action=x": true,
		"https://sns.us.amazonaws.com/": false, "https://sns.a.b.amazonaws.com/": false, "https://xsns.us-west-2.amazonaws.com/": false,
		"https://sns.us-west-2.amazonaws.com.evil/": false, "https://sns.us-west-2.amazonaws.com.cn.evil/": false, "https://sns.us-west-2.amazonaws.com:443/": false,
		"https://u@sns.us-west-2.amazonaws.com/": false, "http://sns.us-west-2.amazonaws.com/": false, "//sns.us-west-2.amazonaws.com/": false,
		"https://sns.us-west-2.amazonaws.com./": false, "https:sns.us-west-2.amazonaws.com": false, "": false, "https://sns.us-west-2.amazonaws.com\n/": false,
		"https://sns.us-west-2.amazonaws.com#@evil/": false, "https://evil/https://sns.us-west-2.amazonaws.com/": false, `https://evil\@sns.us-west-2.amazonaws.com/`: false,
	} {
		if _, got := amazon(address); got != want {
			t.Errorf("%q: %v", address, got)
		}
	}
}

func TestAShortKeyIsNone(t *testing.T) {
	t.Setenv("GODEBUG", "rsa1024min=0")
	cert, _ := issue(t, generate(t, 1024), "sns.amazonaws.com")
	if keys := appendKey(nil, certificates([]byte(cert))[0]); len(keys) != 0 {
		t.Error("1024 bits were taken")
	}
}

func TestWhatItSignsIsAccepted(t *testing.T) {
	s, err := Development()
	if err != nil {
		t.Fatal(err)
	}
	other, _ := Development()
	p := New(Options{})
	for _, body := range []string{text(t, "received_sns.json"), text(t, "bounce.json"), `{"Type":"SubscriptionConfirmation","Message":"m","Token":"t","SubscribeURL":"https://sns.eu-central-1.amazonaws.com/"}`, "čšž <&> \u2028", `{"Type":"Notification","Message":"m","SignatureVersion":"1"}`} {
		r := channel.Request{Body: []byte(body), At: march}
		if err := p.Sign(&r, s); err != nil {
			t.Fatal(err)
		}
		wantKind(t, body, p.Verify(r, s), "")
		other["topic_arns"] = s["topic_arns"]
		wantKind(t, "another account", p.Verify(r, other), fault.Unauthenticated)
		again := channel.Request{Body: []byte(body), At: march}
		p.Sign(&again, s)
		if p.Parse(r).Items[0].Dedupe != p.Parse(again).Items[0].Dedupe {
			t.Error("a redelivery has another identity")
		}
	}
	r := channel.Request{Body: []byte("x")}
	for _, bad := range []channel.Secret{{}, {"private_key": "x", "topic_arns": "x", "certificates": "x"}, {"private_key": s["private_key"]}} {
		wantKind(t, "sign without a key", p.Sign(&r, bad), fault.Invalid)
	}
}

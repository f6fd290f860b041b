package ses

import (
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"net/url"
	"regexp"
	"strings"
	"time"

	"github.com/okence/okence/shared/fault"
)

// minKey is the least RSA modulus in bits: SNS has 2048.
const minKey = 2048

var hosts = regexp.MustCompile(`^sns\.[a-zA-Z0-9-]{3,}\.amazonaws\.com(\.cn)?$`)

// amazon returns the host of an https address at SNS, without port and user
// (sns-validator and the SDKs check the same). Everything else could be
// anybody's, and would be fetched by us.
func amazon(address string) (host string, ok bool) {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "https" || u.User != nil || u.Opaque != "" || u.Fragment != "" || !hosts.MatchString(u.Host) {
		return "", false
	}
	return u.Host, true
}

func path(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.RawQuery != "" {
		return ""
	}
	return u.Path
}

// keys are those that may have signed: of the pinned certificates, or of the
// one that is fetched.
func (p provider) keys(address, host string, at time.Time, pinned []string) ([]*rsa.PublicKey, error) {
	var keys []*rsa.PublicKey
	for _, text := range pinned {
		for _, c := range certificates([]byte(text)) {
			keys = appendKey(keys, c)
		}
	}
	if len(pinned) > 0 || p.options.Certificate == nil {
		return keys, nil
	}
	text, err := p.options.Certificate(address)
	if err != nil {
		return nil, fault.New(fault.Unavailable, "the certificate can't be had").Because(err)
	}
	chain := certificates(text)
	if len(chain) == 0 {
		return nil, fault.New(fault.Unauthenticated, "no certificate at the SNS host")
	}
	if err := p.trusted(chain, host, at); err != nil {
		return nil, err
	}
	return appendKey(nil, chain[0]), nil
}

func certificates(text []byte) []*x509.Certificate {
	var out []*x509.Certificate
	for range 8 {
		var block *pem.Block
		if block, text = pem.Decode(text); block == nil {
			break
		}
		if c, err := x509.ParseCertificate(block.Bytes); err == nil {
			out = append(out, c)
		}
	}
	return out
}

func appendKey(keys []*rsa.PublicKey, c *x509.Certificate) []*rsa.PublicKey {
	if k, ok := c.PublicKey.(*rsa.PublicKey); ok && k.N.BitLen() >= minKey {
		return append(keys, k)
	}
	return keys
}

// trusted checks a fetched certificate: its dates, its name, and its chain
// where roots are given.
func (p provider) trusted(chain []*x509.Certificate, host string, at time.Time) error {
	c := chain[0]
	if at.Before(c.NotBefore) || at.After(c.NotAfter) {
		return fault.New(fault.Unauthenticated, "the certificate is not valid at this time")
	}
	named := false
	for _, n := range signers(host) {
		named = named || c.VerifyHostname(n) == nil
	}
	if !named {
		return fault.New(fault.Unauthenticated, "the certificate is not for SNS")
	}
	if p.options.Roots == nil {
		return nil
	}
	between := x509.NewCertPool()
	for _, c := range chain[1:] {
		between.AddCert(c)
	}
	if _, err := c.Verify(x509.VerifyOptions{Roots: p.options.Roots, Intermediates: between, CurrentTime: at}); err != nil {
		return fault.New(fault.Unauthenticated, "the certificate has no chain to a root")
	}
	return nil
}

// signers are the names that a region's signing certificate may have
// (aws/aws-sdk-java-v2, SnsHostProvider): old regions share one, new regions
// and China have their own, GovCloud shares its western one.
func signers(host string) []string {
	region, suffix, _ := strings.Cut(strings.TrimPrefix(host, "sns."), ".")
	names := []string{"sns-signing." + region + "." + suffix, "sns-" + region + "." + suffix}
	if suffix == "amazonaws.com" {
		names = append(names, "sns.amazonaws.com")
		if strings.HasPrefix(region, "us-gov-") {
			names = append(names, "sns-us-gov-west-1.amazonaws.com")
		}
	}
	return names
}

package peer

import (
	"encoding/json"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/okence/okence/events"
	"github.com/okence/okence/shared/channel"
	"github.com/okence/okence/shared/channel/standard"
	"github.com/okence/okence/shared/fault"
)

// secretKey is what shared/channel/standard calls its secret.
const secretKey = "webhook_secret"

// Peer is another organisation, as this deployment's settings know it.
type Peer struct {
	Name    string   `json:"-"`
	URL     string   `json:"url"`     // takes our events; "" where the peer only sends
	Secrets []string `json:"secrets"` // the first signs what we send
	Accepts []string `json:"accepts"` // event types that it may send
}

var nameShape = regexp.MustCompile(`^[a-z][a-z0-9-]{0,31}$`)

// ValidName reports whether n can name a peer.
func ValidName(n string) bool { return nameShape.MatchString(n) }

// Variable is the environment variable that describes a peer.
func Variable(tenant, name string) string {
	return strings.ToUpper(strings.ReplaceAll("OKENCE_PEER_"+tenant+"_"+name, "-", "_"))
}

// Find reads a peer from the settings. fault.NotFound: nobody has described it;
// fault.Unavailable: its description can't be used.
func Find(tenant, name string) (*Peer, error) {
	variable := Variable(tenant, name)
	if !ValidName(name) {
		return nil, fault.New(fault.NotFound, "peer: no such name")
	}
	text := os.Getenv(variable)
	if text == "" {
		return nil, fault.New(fault.NotFound, "peer: %s is not set", variable)
	}
	p, err := parse(text)
	if err != nil {
		return nil, fault.New(fault.Unavailable, "peer: %s %s", variable, err)
	}
	p.Name = name
	return p, nil
}

type setting string

func (s setting) Error() string { return string(s) }

func parse(text string) (*Peer, error) {
	p := &Peer{}
	dec := json.NewDecoder(strings.NewReader(text))
	dec.DisallowUnknownFields()
	if dec.Decode(p) != nil {
		return nil, setting("must be a JSON object of url, secrets and accepts")
	}
	if u, err := url.Parse(p.URL); p.URL != "" && (err != nil || u.Host == "" || u.User != nil || (u.Scheme != "https" && !loopback(u))) {
		return nil, setting("url must be a https URL")
	}
	for _, s := range p.Secrets {
		if standard.New().Sign(&channel.Request{}, channel.Secret{secretKey: s}) != nil {
			return nil, setting("secrets must be of the Standard Webhooks specification, whsec_ and base64")
		}
	}
	for _, t := range p.Accepts {
		if events.Lookup(t) == nil || t == events.MessageReceivedType {
			return nil, setting("accepts names a type that is not in the catalogue, or is a channel's")
		}
	}
	return p, nil
}

// loopback reports whether u is on this machine, where tests run without TLS.
func loopback(u *url.URL) bool {
	return u.Scheme == "http" && slices.Contains([]string{"127.0.0.1", "localhost", "::1"}, u.Hostname())
}

// Sign signs a body to be posted at an instant under an event's id.
func (p *Peer) Sign(h http.Header, id string, body []byte, at time.Time) error {
	if len(p.Secrets) == 0 {
		return fault.New(fault.Unavailable, "peer: no secret to sign with")
	}
	h.Set("Webhook-Id", strings.ReplaceAll(id, ".", "_")) // a full stop would be ambiguous in what is signed
	r := channel.Request{Header: h, Body: body, At: at}
	return standard.New().Sign(&r, channel.Secret{secretKey: p.Secrets[0]})
}

// Verify proves that a body comes from the peer and was signed within five
// minutes of at. fault.Unauthenticated: it was not.
func (p *Peer) Verify(h http.Header, body []byte, at time.Time) error {
	err := error(fault.New(fault.Unauthenticated, "peer: no secret"))
	for _, s := range p.Secrets {
		if err = standard.New().Verify(channel.Request{Header: h, Body: body, At: at}, channel.Secret{secretKey: s}); err == nil {
			return nil
		}
	}
	return err
}

// MaySend reports whether the peer may send us events of a type.
func (p *Peer) MaySend(eventType string) bool { return slices.Contains(p.Accepts, eventType) }

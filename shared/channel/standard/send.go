package standard

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"github.com/okence/okence/shared/channel"
)

const maxText = 100_000 // characters: what a widget can show

// Sends is webhook_secret, which signs both ways, and reply_url: the widget's or
// bot's own webhook for what goes back.
func (provider) Sends() []string { return []string{keyName, "reply_url"} }

// SendID implements channel.Named: the receiver knows the message by our id.
func (provider) SendID(out channel.Outgoing) string { return out.ID }

// reply is what goes back: {type: "reply", id, conversation, to, text, sent_at,
// reply_to}, times in RFC 3339.
type reply struct {
	Type         string    `json:"type"`
	ID           string    `json:"id"`
	Conversation string    `json:"conversation,omitempty"`
	To           party     `json:"to"`
	Text         string    `json:"text"`
	SentAt       time.Time `json:"sent_at"`
	ReplyTo      string    `json:"reply_to,omitempty"`
	Automatic    bool      `json:"automatic,omitempty"`
}

type party struct {
	ID   string `json:"id"`
	Name string `json:"name,omitempty"`
}

// Send posts a reply under the same proof as what comes in. The webhook-id is our
// message's and the same each time; receivers handle an id once (specification,
// Idempotency), so a call without an answer is simply repeated. Any 2xx takes
// it; 410 says that the endpoint is gone.
func (p provider) Send(ctx context.Context, do channel.Doer, s channel.Secret, out channel.Outgoing) (channel.Sent, error) {
	if bad := channel.TextOnly(out, maxText); bad != nil {
		return channel.Sent{}, bad
	}
	body, err := json.Marshal(reply{
		Type: "reply", ID: out.ID, Conversation: out.Chat, To: party{out.To.Address, out.To.Name}, Text: out.Text,
		SentAt: out.At.UTC(), ReplyTo: out.Answers, Automatic: out.Automatic,
	})
	if err != nil {
		return channel.Sent{}, channel.Failed(channel.Final, "encoding")
	}
	r := channel.Request{Method: http.MethodPost, Header: http.Header{headerID: {out.ID}}, Body: body, At: out.At}
	if p.Sign(&r, s) != nil {
		return channel.Sent{}, channel.Failed(channel.Blocked, keyName)
	}
	a, lost := channel.Call(ctx, do, r.Method, s.Text("reply_url"), r.Header, body)
	switch {
	case lost != nil && lost.Class == channel.Lost:
		return channel.Sent{}, channel.Failed(channel.Retry, lost.Code)
	case lost != nil:
		return channel.Sent{}, lost
	case a.Status >= 200 && a.Status < 300:
		return channel.Sent{ProviderID: out.ID}, nil
	case a.Status == http.StatusGone:
		return channel.Sent{}, a.As(channel.Blocked, "http_410")
	}
	e := a.Refused("")
	if e.Class == channel.Lost {
		e.Class = channel.Retry
	}
	return channel.Sent{}, e
}

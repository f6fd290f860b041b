package chatwoot

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"

	"github.com/okence/okence/shared/channel"
)

const maxText = 150_000 // characters of a message (Chatwoot, Message: content length)

// Sends is api_access_token of an agent or agent bot, account_id, and base_url
// of the installation.
func (provider) Sends() []string { return []string{"api_access_token", "account_id", "base_url"} }

// Send adds a message to the conversation ("Create new message"). Chatwoot tells
// our own message back as a webhook; it is known by the id that the call
// returned. Nothing of ours comes back with it, so a call that was never
// answered stays unknown.
func (provider) Send(ctx context.Context, do channel.Doer, s channel.Secret, out channel.Outgoing) (channel.Sent, error) {
	if bad := channel.TextOnly(out, maxText); bad != nil {
		return channel.Sent{}, bad
	}
	if out.Chat == "" {
		return channel.Sent{}, channel.Failed(channel.Final, "conversation")
	}
	link := strings.TrimRight(s.Text("base_url"), "/") + "/api/v1/accounts/" + url.PathEscape(s.Text("account_id")) +
		"/conversations/" + url.PathEscape(out.Chat) + "/messages"
	header := http.Header{"Api_access_token": {s.Text("api_access_token")}} // as net/http spells it
	a, lost := channel.JSON(ctx, do, link, header, map[string]any{"content": out.Text, "message_type": "outgoing", "private": false})
	if lost != nil {
		return channel.Sent{}, lost
	}
	var answer struct {
		ID channel.Scalar `json:"id"`
	}
	switch bad := json.Unmarshal(a.Body, &answer) != nil; {
	case !bad && a.Status < 300 && answer.ID != "":
		return channel.Sent{ProviderID: answer.ID.Line()}, nil
	case a.Status == http.StatusNotFound: // this conversation is gone, not the account
		return channel.Sent{}, a.As(channel.Final, "http_404")
	}
	return channel.Sent{}, a.Refused("")
}

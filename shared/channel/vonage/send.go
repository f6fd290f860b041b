package vonage

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/okence/okence/shared/channel"
)

const (
	sendURL = "https://api.nexmo.com/v1/messages"
	maxText = 4096             // characters of a text over WhatsApp
	life    = 15 * time.Minute // of a token of ours
)

// Sends is application_id and private_key, a PEM. from is the number of the
// WhatsApp Business Account; without it the line that was written to.
func (provider) Sends() []string { return []string{"application_id", "private_key"} }

// Send posts a text (Messages API, "Send a message") under a token of ours,
// RS256. Our id goes along as client_ref and comes back with each status.
func (provider) Send(ctx context.Context, do channel.Doer, s channel.Secret, out channel.Outgoing) (channel.Sent, error) {
	if bad := channel.TextOnly(out, maxText); bad != nil {
		return channel.Sent{}, bad
	}
	key, err := jwt.ParseRSAPrivateKeyFromPEM([]byte(s.Text("private_key")))
	if err != nil {
		return channel.Sent{}, channel.Failed(channel.Blocked, "private_key")
	}
	token, err := jwt.NewWithClaims(jwt.SigningMethodRS256, jwt.MapClaims{
		"application_id": s.Text("application_id"), "iat": out.At.Unix(), "exp": out.At.Add(life).Unix(), "jti": out.ID,
	}).SignedString(key)
	if err != nil {
		return channel.Sent{}, channel.Failed(channel.Blocked, "private_key")
	}
	from := s.Text("from")
	if from == "" {
		from = out.Line
	}
	body := map[string]any{
		"channel": "whatsapp", "message_type": "text", "text": out.Text, "client_ref": out.ID,
		"to": channel.Digits(out.To.Address), "from": channel.Digits(from),
	}
	if out.Answers != "" {
		body["context"] = map[string]string{"message_uuid": out.Answers}
	}
	a, lost := channel.JSON(ctx, do, sendURL, http.Header{"Authorization": {"Bearer " + token}}, body)
	if lost != nil {
		return channel.Sent{}, lost
	}
	var answer struct {
		UUID channel.Scalar `json:"message_uuid"`
		failure
	}
	switch bad := json.Unmarshal(a.Body, &answer) != nil; {
	case !bad && a.Status < 300 && answer.UUID != "":
		return channel.Sent{ProviderID: answer.UUID.Line()}, nil
	case !bad && a.Status >= 300 && answer.code() != "":
		if c, ok := classes[answer.code()]; ok {
			return channel.Sent{}, a.As(c, answer.code())
		}
		return channel.Sent{}, a.Refused(answer.code())
	}
	return channel.Sent{}, a.Refused("")
}

// classes are what to do about error codes (developer.vonage.com/api-errors/messages).
var classes = map[string]channel.Class{
	"1000": channel.Throttled, "1030": channel.Retry, "1100": channel.Retry,
	"1340": channel.Window,
	"1060": channel.Blocked, "1070": channel.Blocked, "1080": channel.Blocked, "1120": channel.Blocked, "1140": channel.Blocked,
	"1010": channel.Final, "1020": channel.Final, "1040": channel.Final, "1050": channel.Final, "1090": channel.Final, "1170": channel.Final,
	"1190": channel.Final, "1240": channel.Final, "1300": channel.Final, "1310": channel.Final, "1430": channel.Final,
}

package twilio

import (
	"encoding/xml"
	"strings"

	"github.com/okence/okence/shared/channel"
)

// PromptText is the key of the policy pack's text that a caller hears first.
// Without it the answer is an empty Response, and Twilio hangs up.
const PromptText = "voice.prompt"

// twiml answers with nothing to do, or with a text that is read out.
func twiml(say string) channel.Answer {
	body := "<Response/>"
	if say != "" {
		var b strings.Builder
		if xml.EscapeText(&b, []byte(say)) == nil {
			body = "<Response><Say>" + b.String() + "</Say></Response>"
		}
	}
	return channel.Answer{ContentType: "text/xml", Body: []byte(body)}
}

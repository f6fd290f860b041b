package viber

import (
	"encoding/json"

	"github.com/okence/okence/shared/channel"
)

// Keys of the policy pack's texts that go into the welcome message.
const (
	WelcomeText   = "viber.welcome" // what is said; without it there is no welcome
	WelcomeSender = "viber.sender"  // the name it is said under, at most 28 characters
)

const (
	maxText   = 7000 // characters of a text message
	maxSender = 28   // characters of sender.name
	maxAnswer = 30_000
)

// answer is the welcome message in the body of the 200, for the event
// conversation_started alone ("Sending a welcome message").
func (e event) answer(r channel.Request) channel.Answer {
	if e.Event != "conversation_started" || r.Say == nil {
		return channel.Answer{}
	}
	text := channel.Text(r.Say(WelcomeText, e.User.Language))
	if text == "" {
		return channel.Answer{}
	}
	var w struct {
		Sender *struct {
			Name string `json:"name"`
		} `json:"sender,omitempty"`
		Type string `json:"type"`
		Text string `json:"text"`
	}
	w.Type, w.Text = "text", cut(text, maxText)
	if from := channel.Line(r.Say(WelcomeSender, e.User.Language)); from != "" {
		w.Sender = &struct {
			Name string `json:"name"`
		}{cut(from, maxSender)}
	}
	body, err := json.Marshal(w)
	if err != nil || len(body) > maxAnswer { // Viber takes 30 kB of JSON
		return channel.Answer{}
	}
	return channel.Answer{ContentType: "application/json", Body: body}
}

// cut returns at most n runes of s.
func cut(s string, n int) string {
	for i := range s {
		if n == 0 {
			return s[:i]
		}
		n--
	}
	return s
}

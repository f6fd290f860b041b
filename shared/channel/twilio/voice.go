package twilio

import (
	"net/mail"
	"strconv"
	"strings"
	"time"

	"github.com/okence/okence/shared/channel"
	"github.com/okence/okence/shared/domain/message"
)

// NewVoice returns the provider voice/twilio: the first request of a call, its
// call-progress events, keys pressed, the end of a forwarded leg, recordings.
// Its secret: auth_token, and url, the public URL of this webhook.
func NewVoice() channel.Provider { return voice{account{message.Voice}} }

type voice struct{ account }

var steps = map[string]message.CallStep{
	"queued": message.Started, "initiated": message.Started, "ringing": message.Ringing,
	"in-progress": message.Answered, "answered": message.Answered,
	"completed": message.Ended, "busy": message.Ended, "failed": message.Ended,
	"no-answer": message.Ended, "canceled": message.Ended,
}

func (p voice) Parse(r channel.Request) channel.Parsed {
	f, raw, ok := parameters(r)
	if code := unreadable(f, ok); code != "" {
		return channel.Parsed{Items: []channel.Item{channel.Park(p.Name(), raw, code)}, Answer: twiml("")}
	}
	leg, call := f.line("CallSid"), f.line("ParentCallSid")
	if call == "" { // a leg that another one dialled belongs to that one's call
		call = leg
	}
	it := channel.Item{Raw: raw, Message: message.Inbound{
		Channel:    message.Voice,
		Provider:   "twilio",
		ProviderID: call,
		Kind:       message.CallKind,
		Direction:  message.In,
		Call:       &message.Call{CallID: call, LegID: leg, Seq: channel.Scalar(f.get("SequenceNumber")).Int()},
		SentAt:     at(f.get("Timestamp")),
	}}
	parties(&it.Message, f)
	what := step(&it.Message, f)
	switch {
	case leg == "":
		it.Dedupe, it.Parked = channel.Digest(raw), "shape"
	case it.Message.Call.Step == "":
		it.Dedupe, it.Parked = channel.Digest(raw), "type"
	case f.get("SequenceNumber") != "":
		it.Dedupe = "call|" + leg + "|" + f.get("SequenceNumber")
	case what == "":
		it.Dedupe = "call|" + leg + "|" + channel.Digest([]byte(query(r)+"\n"+string(raw)))
	default:
		it.Dedupe = "call|" + leg + "|" + what
	}
	return channel.Parsed{Items: []channel.Item{it}, Answer: twiml(prompt(r, f, it.Message.Direction))}
}

// step fills the call's step and what comes with it. It returns what tells this
// step from the others of the leg that have no SequenceNumber either, or ""
// where only all of its bytes do.
func step(m *message.Inbound, f form) (what string) {
	c := m.Call
	switch {
	case f.has("RecordingSid") || f.has("RecordingUrl"):
		c.Step = message.Recording
		c.Digits = f.line("Digits") // the key that ended it
		c.Duration = seconds(f, "RecordingDuration")
		status := f.line("RecordingStatus")
		if link := f.line("RecordingUrl"); link != "" && (status == "" || status == "completed") {
			m.Media = []message.Media{{URL: link, Name: f.line("RecordingSid")}}
		} else {
			c.Cause = status // in-progress, absent, failed
		}
		return "recording|" + f.get("RecordingSid") + "|" + status
	case f.has("DialCallStatus"): // the adviser's leg is over, the caller's goes on
		c.Step = message.Ended
		c.Cause = f.line("DialCallStatus")
		c.Duration = seconds(f, "DialCallDuration")
		if other := f.line("DialCallSid"); other != "" {
			c.LegID = other
		}
		return "dial|" + f.get("DialCallSid") + "|" + c.Cause
	case f.has("Digits") || f.has("SpeechResult"): // the answer to a <Gather>
		c.Step = message.DTMF
		c.Digits = f.line("Digits")
		m.Text = channel.Text(f.get("SpeechResult"))
		return ""
	}
	status := f.line("CallStatus")
	c.Step = steps[status]
	if c.Step == message.Ended {
		c.Cause = status
		c.Duration = seconds(f, "CallDuration")
	}
	return status
}

// parties: who called whom, and which number is ours.
func parties(m *message.Inbound, f form) {
	m.Sender = caller(f.get("From"))
	to := caller(f.get("To"))
	if to.Address != "" {
		m.Recipients = []message.Party{to}
	}
	m.Line = to.Address
	if strings.HasPrefix(f.get("Direction"), "outbound") {
		m.Direction, m.Line = message.Out, m.Sender.Address
	} else {
		m.Sender.Name = f.line("CallerName")
	}
}

// withheld are the numbers that Twilio puts for a caller without one: words as
// they are typed on a telephone (twilio.com, "What do the caller ids … mean").
var withheld = map[string]bool{
	"+266696687": true, "+7378742833": true, "+2562533": true, "+8656696": true, "+86282452253": true,
	"anonymous": true, "restricted": true, "blocked": true, "unknown": true, "unavailable": true,
}

// caller is a number, a client: or sip: address as an opaque id, or nobody: two
// callers who withhold their number are not one person.
func caller(raw string) message.Party {
	raw = channel.Line(raw)
	if withheld[strings.ToLower(raw)] {
		return message.Party{Raw: raw}
	}
	return channel.Phone(raw)
}

// prompt is what a caller hears first.
func prompt(r channel.Request, f form, d message.Direction) string {
	if r.Say == nil || d != message.In || f.get("CallStatus") != "ringing" || f.has("CallbackSource") || f.has("SequenceNumber") || f.has("Digits") {
		return ""
	}
	return channel.Text(r.Say(PromptText, ""))
}

func seconds(f form, name string) time.Duration {
	n, err := strconv.ParseUint(f.get(name), 10, 31)
	if err != nil {
		return 0
	}
	return time.Duration(n) * time.Second
}

// at reads an RFC 2822 date.
func at(s string) time.Time {
	if len(s) > 64 {
		return time.Time{}
	}
	t, err := mail.ParseDate(s)
	if err != nil {
		return time.Time{}
	}
	return t.UTC()
}

func query(r channel.Request) string {
	if r.URL == nil {
		return ""
	}
	return r.URL.RawQuery
}

package callevent

import (
	_ "embed" // the schema
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"github.com/okence/okence/shared/channel"
	"github.com/okence/okence/shared/channel/standard"
	"github.com/okence/okence/shared/domain/message"
)

// Schema is the JSON Schema (2020-12) of a body, as published in /openapi.json.
//
//go:embed schema.json
var Schema []byte

const (
	maxDigits   = 100
	maxDuration = 7 * 24 * 60 * 60 // seconds: a line left open, not a call
)

var name = channel.Name{Channel: message.Voice, Provider: "event"}

// New returns the provider voice/event. Its secret: webhook_secret.
func New() channel.Provider { return provider{standard.New()} }

// provider has the proof of Standard Webhooks, and a body of its own.
type provider struct{ channel.Provider }

func (provider) Name() channel.Name { return name }

// body is schema.json. Fields that it doesn't name are passed over.
type body struct {
	CallID    channel.Scalar    `json:"call_id"`
	LegID     channel.Scalar    `json:"leg_id"`
	Seq       channel.Scalar    `json:"seq"`
	Type      message.CallStep  `json:"type"`
	At        time.Time         `json:"at"`
	Direction message.Direction `json:"direction"`
	From      channel.Scalar    `json:"from"`
	To        channel.Scalar    `json:"to"`
	Digits    channel.Scalar    `json:"digits"`
	Cause     channel.Scalar    `json:"cause"`
	Duration  channel.Scalar    `json:"duration_s"`
}

func (provider) Parse(r channel.Request) channel.Parsed {
	return channel.Parsed{Items: []channel.Item{parse(r.Body)}}
}

func parse(raw []byte) channel.Item {
	if !json.Valid(raw) {
		return channel.Park(name, raw, "json")
	}
	var kind struct {
		Type string `json:"type"`
	}
	if json.Unmarshal(raw, &kind) != nil {
		return channel.Park(name, raw, "shape")
	}
	if message.CallStep(kind.Type).Validate() != nil {
		return channel.Park(name, raw, "type")
	}
	var b body
	if json.Unmarshal(raw, &b) != nil {
		return channel.Park(name, raw, "shape")
	}
	call, ok := b.call()
	if !ok || b.Direction.Validate() != nil {
		return channel.Park(name, raw, "shape")
	}
	from, to := party(b.From), party(b.To)
	m := message.Inbound{
		Channel: name.Channel, Provider: name.Provider, ProviderID: call.CallID,
		Kind: message.CallKind, Direction: b.Direction, Call: &call, SentAt: call.At,
		Sender: from, Line: to.Address,
	}
	if b.Direction == message.Out {
		m.Line = from.Address
	}
	if to.Address != "" {
		m.Recipients = []message.Party{to}
	}
	return channel.Item{Raw: raw, Message: m, Dedupe: identity(call)}
}

// call is the step, and whether it is whole.
func (b body) call() (message.Call, bool) {
	c := message.Call{
		CallID: b.CallID.Line(), LegID: b.LegID.Line(), Step: b.Type, At: b.At.UTC(),
		Digits: keys(b.Digits), Cause: b.Cause.Line(), Seq: b.Seq.Int(),
	}
	if c.LegID == "" {
		c.LegID = c.CallID
	}
	if b.Seq != "" && strconv.FormatInt(c.Seq, 10) != string(b.Seq) {
		return c, false
	}
	if b.Duration != "" {
		seconds, err := strconv.ParseFloat(string(b.Duration), 64)
		if err != nil || !(seconds >= 0 && seconds <= maxDuration) {
			return c, false
		}
		c.Duration = time.Duration(seconds * float64(time.Second)).Round(time.Millisecond)
	}
	if c.At.IsZero() { // then it goes by its seq
		return c, c.CallID != "" && c.Seq > 0
	}
	return c, c.CallID != "" && c.At.Year() >= 1970 && c.At.Year() <= 9999
}

// identity is the leg with its seq, or with the type and the time; within the
// call, since a leg's id need not be unique beyond it.
func identity(c message.Call) string {
	step := strconv.FormatInt(c.Seq, 10)
	if c.Seq == 0 {
		step = string(c.Step) + "|" + c.At.Format(time.RFC3339Nano)
	}
	return c.CallID + "|" + c.LegID + "|" + step
}

// keys are the keys of a telephone, and nothing else.
func keys(s channel.Scalar) string {
	only := strings.Map(func(r rune) rune {
		if strings.ContainsRune("0123456789ABCD*#", r) {
			return r
		}
		return -1
	}, string(s))
	return only[:min(len(only), maxDigits)]
}

// hidden is what telephone systems and providers write for a caller who
// withholds their number; the numbers spell "anonymous" and its like on a keypad.
var hidden = map[string]bool{
	"+266696687": true, "+7378742833": true, "+2562533": true, "+8656696": true, "+86282452253": true,
	"anonymous": true, "restricted": true, "blocked": true, "unknown": true, "unavailable": true, "private": true,
}

// party is who is on the line, without an address where they hide it.
func party(s channel.Scalar) message.Party {
	if raw := s.Line(); hidden[strings.ToLower(raw)] {
		return message.Party{Raw: raw}
	}
	return channel.Phone(string(s))
}

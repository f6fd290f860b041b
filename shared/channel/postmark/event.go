package postmark

import (
	"strings"

	"github.com/okence/okence/shared/channel"
	"github.com/okence/okence/shared/domain/message"
)

// event is a RecordType other than Inbound: the fate of a mail that we sent.
type event struct {
	RecordType                                    string
	ID, MessageID                                 channel.Scalar
	Type                                          string // of a bounce
	Email, Recipient                              string // bounces and complaints; everything else
	BouncedAt, DeliveredAt, ReceivedAt, ChangedAt string
	Inactive                                      bool // Postmark sends to this address no more
	SuppressSending                               bool
	Metadata                                      map[string]channel.Scalar
}

func (e event) item(body []byte) channel.Item {
	who := channel.Mailbox(e.Email+e.Recipient, "")
	it := channel.Item{Raw: body, Message: message.Inbound{
		Channel: name.Channel, Provider: name.Provider, ProviderID: e.MessageID.Line(),
		Kind: message.Report, Direction: message.In, Target: e.MessageID.Line(),
		SentAt: channel.MailDate(e.BouncedAt + e.DeliveredAt + e.ReceivedAt + e.ChangedAt),
	}}
	it.Dedupe = strings.Join([]string{e.RecordType, it.Message.Target, who.Address, string(e.ID), e.ChangedAt}, "|")
	m := &it.Message
	if e.RecordType == "SubscriptionChange" {
		m.Kind, m.Control, m.Sender, m.Target = message.Control, "subscribed", who, ""
		if e.SuppressSending {
			m.Control = "unsubscribed"
		}
		if who.Address == "" {
			it.Parked = "address"
		}
		return it
	}
	m.Status = &message.Status{Recipient: who, Ours: e.Metadata["okence"].Line()}
	switch e.RecordType {
	case "Delivery":
		m.Status.State = message.Delivered
	case "Open":
		m.Status.State = message.Read
	case "Click":
		m.Status.State, m.Status.Code = message.Read, "Click"
	case "SpamComplaint": // it arrived, and is not wanted
		m.Status.State, m.Status.Code, m.Status.Permanent = message.Delivered, "SpamComplaint", true
	case "Bounce":
		e.bounce(m.Status)
	default:
		it.Parked = "type"
	}
	if m.Target == "" {
		it.Parked, it.Dedupe = "shape", channel.Digest(body)
	}
	return it
}

// bounce: Postmark calls everything that comes back a bounce
// (postmarkapp.com/developer/api/bounce-api, "Bounce types").
func (e event) bounce(s *message.Status) {
	s.Code, s.State, s.Permanent = channel.Line(e.Type), message.Failed, e.Inactive
	switch e.Type {
	case "HardBounce", "BadEmailAddress", "ManuallyDeactivated", "SpamComplaint", "Unsubscribe":
		s.Permanent = true
	case "Transient": // still being tried
		s.State = message.Delayed
	case "AutoResponder", "AddressChange", "ChallengeVerification", "Subscribe", "Unconfirmed":
		s.State = message.Delivered // somebody's machine has it and answered
	}
}

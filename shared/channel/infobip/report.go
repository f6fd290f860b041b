package infobip

import (
	"github.com/okence/okence/shared/channel"
	"github.com/okence/okence/shared/domain/message"
)

// state is status{} or error{} of a report: groups are few and stable, ids many.
type state struct {
	Group     channel.Scalar `json:"groupId"`
	GroupName string         `json:"groupName"`
	ID        channel.Scalar `json:"id"`
	Permanent bool           `json:"permanent"`
}

// groups is the fate by status.groupId ("Response status and error codes").
var groups = map[channel.Scalar]message.State{
	"0": message.Queued,    // ACCEPTED
	"1": message.Queued,    // PENDING
	"2": message.Failed,    // UNDELIVERABLE
	"3": message.Delivered, // DELIVERED
	"4": message.Failed,    // EXPIRED
	"5": message.Failed,    // REJECTED
}

// onTheWay are the ids of group 1 where Infobip has given the message away:
// PENDING_WAITING_DELIVERY and PENDING_ENROUTE.
var onTheWay = map[channel.Scalar]bool{"3": true, "7": true}

func (s state) means() message.State {
	if s.Group == "1" && onTheWay[s.ID] {
		return message.Sent
	}
	return groups[s.Group]
}

// report maps the fate of what we sent; when is the time of its event.
func (r result) report(m *message.Inbound, s message.State, when string) string {
	m.Kind = message.Report
	m.Target = m.ProviderID
	m.SentAt = at(when)
	m.Line = channel.Phone(string(r.from())).Address
	m.Status = &message.Status{
		State:     s,
		Recipient: channel.Phone(string(r.to())),
		Ours:      r.Ours.Line(),
	}
	if s == message.Failed {
		m.Status.Permanent = r.Error.Permanent
		if r.Error.ID != "0" { // NO_ERROR
			m.Status.Code = r.Error.ID.Line()
		}
	}
	switch {
	case r.ID == "":
		return "shape"
	case s == "":
		return "status"
	}
	return ""
}

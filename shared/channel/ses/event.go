package ses

import (
	"strings"
	"time"

	"github.com/okence/okence/shared/channel"
	"github.com/okence/okence/shared/domain/message"
)

// events are the parts of a notice that say what became of a mail, one of them
// each time.
type events struct {
	Bounce struct {
		Type       string      `json:"bounceType"` // Undetermined, Permanent, Transient
		SubType    string      `json:"bounceSubType"`
		Recipients []recipient `json:"bouncedRecipients"`
		Timestamp  string      `json:"timestamp"`
		FeedbackID string      `json:"feedbackId"`
	} `json:"bounce"`
	Complaint struct {
		SubType    string      `json:"complaintSubType"`
		Type       string      `json:"complaintFeedbackType"`
		Recipients []recipient `json:"complainedRecipients"`
		Timestamp  string      `json:"timestamp"`
		FeedbackID string      `json:"feedbackId"`
	} `json:"complaint"`
	Delivery struct {
		Recipients []string `json:"recipients"`
		Timestamp  string   `json:"timestamp"`
	} `json:"delivery"`
	Delay struct {
		Type       string      `json:"delayType"`
		Recipients []recipient `json:"delayedRecipients"`
		Timestamp  string      `json:"timestamp"`
	} `json:"deliveryDelay"`
	Open  moment `json:"open"`
	Click moment `json:"click"`
}

type moment struct {
	Timestamp string `json:"timestamp"`
}

// recipient is one of those that an event is about. Action and Status are RFC
// 3464's, where the other side reported them.
type recipient struct {
	Address string `json:"emailAddress"`
	Action  string `json:"action"`
	Status  string `json:"status"`
}

// fate is what became of a mail for one recipient. id tells two of a kind apart.
type fate struct {
	status message.Status
	at     time.Time
	id     string
}

// fates of an event, one for each recipient; false for a kind of tomorrow.
// A mail has several recipients, and SES says of each what happened.
func (n notice) fates(kind string) ([]fate, bool) {
	var out []fate
	add := func(who, at, id string, s message.Status) {
		s.Recipient = channel.Mailbox(who, "")
		if id == "" {
			id = at
		}
		out = append(out, fate{status: s, at: channel.MailDate(at), id: id})
	}
	all := func(at string, s message.Status) {
		for _, who := range n.Mail.Destination {
			add(who, at, "", s)
		}
	}
	switch kind {
	case "Send":
		all(n.Mail.Timestamp, message.Status{State: message.Sent})
	case "Delivery":
		for _, who := range n.Delivery.Recipients {
			add(who, n.Delivery.Timestamp, "", message.Status{State: message.Delivered})
		}
	case "DeliveryDelay":
		for _, r := range n.Delay.Recipients {
			add(r.Address, n.Delay.Timestamp, "", message.Status{State: message.Delayed, Code: code(r.Status, n.Delay.Type)})
		}
	case "Bounce":
		for _, r := range n.Bounce.Recipients {
			add(r.Address, n.Bounce.Timestamp, n.Bounce.FeedbackID, n.bounced(r))
		}
	case "Complaint":
		for _, r := range n.Complaint.Recipients {
			add(r.Address, n.Complaint.Timestamp, n.Complaint.FeedbackID, n.complained())
		}
	case "Reject": // a virus
		all(n.Mail.Timestamp, message.Status{State: message.Failed, Code: "reject", Permanent: true})
	case "Rendering Failure":
		all(n.Mail.Timestamp, message.Status{State: message.Failed, Code: "rendering", Permanent: true})
	case "Open":
		all(n.Open.Timestamp, message.Status{State: message.Read})
	case "Click":
		all(n.Click.Timestamp, message.Status{State: message.Read, Code: "click"})
	default:
		return nil, false
	}
	return out, true
}

// bounced: the recipient's own action goes before the type of the whole. What
// is delayed is still being tried, and not failed (RFC 3464, 2.3.3).
func (n notice) bounced(r recipient) message.Status {
	s := message.Status{State: message.Failed, Code: code(r.Status, n.Bounce.Type, n.Bounce.SubType)}
	switch strings.ToLower(r.Action) {
	case "delayed":
		s.State = message.Delayed
	case "delivered", "relayed", "expanded":
		s.State = message.Delivered
	default:
		s.Permanent = n.Bounce.Type == "Permanent"
	}
	return s
}

// complained: the mail arrived and is not wanted; or SES kept it back because
// an earlier one wasn't.
func (n notice) complained() message.Status {
	c := n.Complaint
	s := message.Status{State: message.Delivered, Code: code("", "complaint", c.Type), Permanent: c.Type != "not-spam"}
	if c.SubType == "OnAccountSuppressionList" {
		s.State, s.Code = message.Failed, c.SubType
	}
	return s
}

// code is the enhanced status code (RFC 3463), or else the words for it.
func code(status string, words ...string) string {
	if status != "" {
		return channel.Line(status)
	}
	return channel.Line(strings.Trim(strings.Join(words, "/"), "/"))
}

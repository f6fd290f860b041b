package portal

import (
	"context"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/okence/okence/shared/domain/message"
	"github.com/okence/okence/shared/locate"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/work"
)

// maxProviderID bounds what is looked up, in bytes: a Message-ID is at most a
// line of mail (RFC 5322, 2.1.1: 998).
const maxProviderID = 2000

// messageView is a message as it goes out (contract.md, Message; schema
// Message). The fields of the contract are always there.
type messageView struct {
	ID             string            `json:"id"`
	Tenant         string            `json:"tenant"`
	ConversationID string            `json:"conversation_id"`
	ContactID      string            `json:"contact_id"`
	Channel        message.Channel   `json:"channel"`
	Provider       string            `json:"provider"`
	ProviderID     string            `json:"provider_id"`
	Kind           message.Kind      `json:"kind"`
	Direction      message.Direction `json:"direction"`
	Sender         partyView         `json:"sender"`
	Subject        string            `json:"subject"`
	Text           string            `json:"text"`
	NewText        string            `json:"new_text"`
	Media          []mediaView       `json:"media"`
	Location       *message.Location `json:"location"`
	ReplyTo        string            `json:"reply_to"`
	Target         string            `json:"target"`
	Automatic      bool              `json:"automatic"`
	SentAt         *time.Time        `json:"sent_at"` // null: the provider gave none
	ReceivedAt     time.Time         `json:"received_at"`

	Recipients []partyView      `json:"recipients,omitempty"`
	Forwarded  bool             `json:"forwarded,omitempty"`
	Reaction   string           `json:"reaction,omitempty"`
	Control    string           `json:"control,omitempty"`
	Calls      []callView       `json:"calls,omitempty"`
	Changes    []message.Change `json:"changes,omitempty"`
	State      message.State    `json:"state,omitempty"`
	StateAt    time.Time        `json:"state_at,omitzero"`
	Code       string           `json:"code,omitempty"`
}

type partyView struct {
	Address string `json:"address"`
	Name    string `json:"name"`
}

type mediaView struct {
	Name   string            `json:"name"`
	Mime   string            `json:"mime"`
	Size   int64             `json:"size"` // bytes; 0 is unknown
	State  message.FileState `json:"state"`
	Inline bool              `json:"inline,omitempty"`
	Path   string            `json:"path"` // of the download
}

type callView struct {
	Step      message.CallStep `json:"step"`
	At        time.Time        `json:"at,omitzero"`
	LegID     string           `json:"leg_id,omitempty"`
	Seq       int64            `json:"seq"`
	Digits    string           `json:"digits,omitempty"`
	Cause     string           `json:"cause,omitempty"`
	DurationS float64          `json:"duration_s,omitempty"` // seconds
}

func viewMessages(tenant string, ms []*message.Message) []messageView {
	out := make([]messageView, 0, len(ms))
	for _, m := range ms {
		out = append(out, viewMessage(tenant, m))
	}
	return out
}

func viewMessage(tenant string, m *message.Message) messageView {
	v := messageView{
		ID: m.ID, Tenant: tenant, ConversationID: m.ConversationID, ContactID: m.ContactID, Channel: m.Channel, Provider: m.Provider,
		ProviderID: m.ProviderID, Kind: m.Kind, Direction: m.Direction, Sender: viewParty(m.Sender), Subject: m.Subject,
		Text: m.Text, NewText: newText(m), Media: make([]mediaView, 0, len(m.Media)), Location: m.Location,
		ReplyTo: m.ReplyTo, Target: m.Target, Automatic: m.Automatic, ReceivedAt: m.ReceivedAt.UTC(),
		Forwarded: m.Forwarded, Reaction: m.Reaction, Control: m.Control, Changes: m.Changes, State: m.State, StateAt: m.StateAt, Code: m.Code,
	}
	if at := m.SentAt.UTC(); !m.SentAt.IsZero() {
		v.SentAt = &at
	}
	for _, p := range m.Recipients {
		v.Recipients = append(v.Recipients, viewParty(p))
	}
	for i, a := range m.Media {
		item := mediaView{Name: a.Name, Mime: a.Mime, Size: a.Size, State: message.Pending, Inline: a.Inline}
		item.Path = "/v1/messages/" + m.ID + "/media/" + strconv.Itoa(i)
		if i < len(m.Files) {
			item.State = m.Files[i].State
			if m.Files[i].Size > 0 {
				item.Size = m.Files[i].Size
			}
		}
		v.Media = append(v.Media, item)
	}
	for _, c := range m.Calls {
		v.Calls = append(v.Calls, callView{Step: c.Step, At: c.At.UTC(), LegID: c.LegID, Seq: c.Seq, Digits: c.Digits, Cause: c.Cause, DurationS: c.Duration.Seconds()})
	}
	return v
}

// newText is the text without quoted history, which mail alone has.
func newText(m *message.Message) string {
	if m.Channel != message.Email {
		return m.Text
	}
	return message.NewText(m.Text)
}

func viewParty(p message.Party) partyView { return partyView{Address: p.Address, Name: p.Name} }

// listMessages finds messages by the provider's id: usually one; an unknown id
// finds none.
func (f *function) listMessages(ctx context.Context, u *work.Unit, c *call) (answer, error) {
	id := c.r.URL.Query().Get("provider_id")
	if id == "" || len(id) > maxProviderID || !utf8.ValidString(id) {
		return answer{}, newProblem("invalid", "provider_id must be there, with 1 to 2000 bytes of UTF-8")
	}
	found, err := locate.Messages(ctx, u, id)
	if err != nil {
		return answer{}, err
	}
	opened, withheld, err := open(ctx, u, record.Messages, found[:min(len(found), maxOpened)])
	if err != nil {
		return answer{}, err
	}
	return answer{body: list[messageView]{Items: viewMessages(u.Tenant(), opened), Withheld: withheld}}, nil
}

func (f *function) getMessage(ctx context.Context, u *work.Unit, c *call) (answer, error) {
	id, err := c.id()
	if err != nil {
		return answer{}, err
	}
	m, err := work.Load(ctx, u, record.Messages, id)
	if err != nil {
		return answer{}, err
	}
	return answer{body: viewMessage(u.Tenant(), m)}, nil
}

package portal

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/okence/okence/shared/access"
	"github.com/okence/okence/shared/domain/audit"
	"github.com/okence/okence/shared/domain/contact"
	"github.com/okence/okence/shared/domain/message"
	"github.com/okence/okence/shared/notice"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/work"
)

const (
	maxReply      = 14 << 20 // bytes of a body with files in base64: ten megabytes of files
	maxReplyText  = 20000    // characters
	maxReplyFiles = 10
)

// replyRoutes write to people.
var replyRoutes = []*route{
	{
		pattern: "POST /v1/conversations/{id}/replies", id: "reply", title: "Write to the person of a conversation",
		text: "It goes out where the person was heard last, of all that is merged with the conversation, or in the part that is named; in a mail thread of several people to contact_id, else to whoever wrote there last, and the answer says to whom. Content goes only to an address from which " +
			"somebody wrote in this very conversation, or that has been verified since it was merged: else it is kept (withheld), and a bare notice goes there that says there is an answer. " +
			"Files go by mail only. What becomes of it is the state of the message.",
		roles: firstLevel, use: access.Service, about: "conversation", noted: audit.Disclose, handle: (*function).reply, limit: maxReply, status: http.StatusAccepted,
		schema: "ReplyRequest", gives: "Reply", problems: []string{"not_found", "restricted", "gone"},
	},
	{
		pattern: "POST /v1/contacts/{id}/verification", id: "verifyAddress", title: "Say that an address has been verified as the person's",
		text:  "From then on, content of conversations that were merged before goes there too.",
		roles: firstLevel, use: access.Service, about: "contact", noted: audit.Change, handle: (*function).verifyAddress,
		schema: "AddressVerification", gives: "Contact", problems: []string{"not_found", "restricted", "gone"},
	},
}

type replyBody struct {
	Text      string `json:"text"`
	Subject   string `json:"subject"`
	Part      string `json:"part"`
	ContactID string `json:"contact_id"`
	Files     []struct {
		Name    string `json:"name"`
		Mime    string `json:"mime"`
		Content []byte `json:"content"` // base64
	} `json:"files"`
}

// replyView says what was put on its way (schema Reply).
type replyView struct {
	EventID   string `json:"event_id"`
	StatusURL string `json:"status_url"` // of what goes out
	MessageID string `json:"message_id"` // that holds the content
	ContactID string `json:"contact_id"` // whom it goes to
	Withheld  bool   `json:"withheld"`
	BareID    string `json:"bare_id,omitempty"` // of the notice that goes out in its place
}

func (f *function) reply(ctx context.Context, u *work.Unit, c *call) (answer, error) {
	id, err := c.id()
	if err != nil {
		return answer{}, err
	}
	var b replyBody
	if err := decode(c.body, &b); err != nil {
		return answer{}, err
	}
	a := notice.Answer{ConversationID: id, Part: b.Part, ContactID: b.ContactID, Subject: strings.TrimSpace(b.Subject), Text: b.Text}
	switch {
	case b.Part != "" && !idShape.MatchString(b.Part):
		return answer{}, newProblem("invalid", "part must be the id of a conversation")
	case b.ContactID != "" && !idShape.MatchString(b.ContactID):
		return answer{}, newProblem("invalid", "contact_id must be the id of a contact who wrote in the conversation")
	case strings.TrimSpace(b.Text) == "", utf8.RuneCountInString(b.Text) > maxReplyText:
		return answer{}, newProblem("invalid", "text must have 1 to 20000 characters")
	case strings.ContainsAny(b.Subject, "\r\n"), utf8.RuneCountInString(b.Subject) > 500:
		return answer{}, newProblem("invalid", "subject must be one line of at most 500 characters")
	case len(b.Files) > maxReplyFiles:
		return answer{}, newProblem("invalid", "at most 10 files")
	}
	for _, file := range b.Files {
		if file.Name == "" || len(file.Name) > 255 || len(file.Content) == 0 || !strings.Contains(file.Mime, "/") {
			return answer{}, newProblem("invalid", "each file needs name, mime and content")
		}
		a.Files = append(a.Files, notice.File{Name: file.Name, Mime: file.Mime, Bytes: file.Content})
	}
	sent, err := notice.Reply(ctx, u, f.env, a)
	if errors.Is(err, notice.ErrNoAddress) && b.ContactID != "" {
		return answer{}, newProblem("invalid", "contact_id has written nothing where this would go out: name the part in which they wrote")
	}
	if err != nil {
		return answer{}, err
	}
	v := replyView{EventID: sent.EventID, MessageID: sent.Message.ID, ContactID: sent.Message.ContactID, StatusURL: "/v1/messages/" + sent.Message.ID}
	if sent.Bare != nil {
		v.Withheld, v.BareID, v.ContactID, v.StatusURL = true, sent.Bare.ID, sent.Bare.ContactID, "/v1/messages/"+sent.Bare.ID
	}
	return answer{body: v}, nil
}

// The ways in which somebody makes sure that an address is a person's.
var waysToVerify = []string{"code", "call_back", "in_person", "login"}

func (f *function) verifyAddress(ctx context.Context, u *work.Unit, c *call) (answer, error) {
	id, err := c.id()
	if err != nil {
		return answer{}, err
	}
	var b struct {
		Address string `json:"address"`
		How     string `json:"how"`
	}
	if err := decode(c.body, &b); err != nil {
		return answer{}, err
	}
	if !slices.Contains(waysToVerify, b.How) {
		return answer{}, newProblem("invalid", "how must be code, call_back, in_person or login")
	}
	person, err := work.Load(ctx, u, record.Contacts, id)
	if err != nil {
		return answer{}, err
	}
	i := slices.IndexFunc(person.Addresses, func(a contact.Address) bool {
		return a.Address == b.Address || a.Scheme == message.Mailto && strings.EqualFold(a.Address, b.Address)
	})
	if i < 0 || b.Address == "" {
		return answer{}, newProblem("invalid", "address must be one of the contact's")
	}
	at := &person.Addresses[i]
	at.VerifiedAt, at.VerifiedBy, at.How = u.Now(), u.Actor().ID, b.How
	work.Save(u, record.Contacts, person)
	return answer{body: viewContact(u.Tenant(), person)}, nil
}

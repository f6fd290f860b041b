package inbound

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/okence/okence/events"
	"github.com/okence/okence/shared/channel"
	"github.com/okence/okence/shared/channel/registry"
	"github.com/okence/okence/shared/domain/contact"
	"github.com/okence/okence/shared/domain/conversation"
	"github.com/okence/okence/shared/domain/message"
	"github.com/okence/okence/shared/obs"
	"github.com/okence/okence/shared/policy"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/work"
)

// firstAnswer is the pack's text for a contact's first message on a channel. It
// says that a machine writes, and how consent is withdrawn; what is filled in:
// {reference}, {notice_version}, {notice_url}: the last is the pack's text where it
// has one, in the person's language, else the place as the agreement names it.
const (
	firstAnswer = "first_answer"
	noticeWhere = "notice_where"
)

// greet asks for what a machine answers: the first answer to a person on a
// channel (K25, K07), once; and outside service hours (K01), once a day, that
// nobody is there and when we open. Both are one message, in the same commit as
// the message that it answers, and never to what a machine wrote (RFC 3834). An
// account that can't send leaves it for later.
func (f *function) greet(ctx context.Context, u *work.Unit, it *item, terms *policy.Terms, person *contact.Contact,
	conv *conversation.Conversation, m *message.Message,
) error {
	if !it.answerable(terms) {
		return nil
	}
	_, greeted := person.Greeted[it.Channel]
	opens := away(terms, person, u.Now())
	if greeted && opens.IsZero() {
		return nil
	}
	name := channel.Name{Channel: it.Channel, Provider: it.Provider}
	s, ok := registry.Lookup(name).(channel.Sender)
	if !ok {
		return nil
	}
	secrets, err := f.env.Secrets(u.Tenant(), name)
	if err != nil {
		return err
	}
	if channel.Usable(secrets, s.Sends()...) == nil {
		obs.Count("okence_first_answers_missing_total", "tenant", u.Tenant(), "account", name.String())
		return nil
	}
	language := f.language(u.Tenant(), it.Text)
	var said []string
	if text, _, ok := terms.Text(firstAnswer, language); ok && !greeted {
		said = append(said, fill(text, terms, language, conv.ID))
		person.Greet(it.Channel, u.Now())
	}
	if text, _, ok := terms.Text(outOfHours, language); ok && !opens.IsZero() {
		said = append(said, fillHours(text, terms, language, opens))
		person.AwayAt = u.Now()
	}
	if len(said) == 0 {
		return nil
	}
	id, err := u.NewID(ctx, "message")
	if err != nil {
		return err
	}
	answer := &message.Message{
		ID: id, ConversationID: conv.ID, ContactID: person.ID, Channel: it.Channel, Provider: it.Provider, Kind: message.Said,
		Automatic: true, ReceivedAt: u.Now(), Sender: message.Party{Address: conv.Line}, Recipients: []message.Party{it.Sender},
		Text: strings.Join(said, "\n\n"), ReplyTo: it.ProviderID, Thread: m.Thread,
	}
	if it.Channel == message.Email {
		answer.Subject = reply(it.Subject)
	}
	answer.Enqueue(u.Now())
	conv.Answer(u.Now())
	work.Save(u, record.Messages, answer)
	work.Save(u, record.Contacts, person)
	return u.Emit(ctx, answer.ID, &events.ReplyRequested{MessageID: answer.ID})
}

// answerable: a person said something, and there is an address to answer to,
// which is none of our own.
func (it *item) answerable(terms *policy.Terms) bool {
	if it.Kind != message.Said || it.Direction != message.In || it.Automatic || it.Sender.Address == "" {
		return false
	}
	if it.Channel != message.Email {
		return true
	}
	_, ours := terms.ClassFor(policy.Email, it.Sender.Address)
	return it.Sender.Scheme == message.Mailto && ours == ""
}

// fill fills in the blanks of a first answer.
func fill(text string, terms *policy.Terms, language policy.Language, conversationID string) string {
	notice := terms.Requests.Notices
	where, _, ok := terms.Text(noticeWhere, language)
	if !ok {
		where = notice.Where
	}
	return strings.NewReplacer(
		"{reference}", conversation.Reference(conversationID), "{notice_version}", notice.Version, "{notice_url}", where,
	).Replace(text)
}

// reply is the subject of an answer to a mail.
func reply(subject string) string {
	if len(subject) >= 3 && strings.EqualFold(subject[:3], "re:") {
		return subject
	}
	return strings.TrimSpace("Re: " + subject)
}

// said is when the person said it, by the provider's time, never later than we
// had it.
func (it *item) said() time.Time {
	if it.SentAt.IsZero() || it.SentAt.After(it.at) {
		return it.at
	}
	return it.SentAt
}

// maxChain bounds the ids in References: the first and the last ten tell where a
// mail belongs.
const maxChain = 20

// chain is what an answer to a mail names in References: what the mail answered,
// the oldest first, and its own Message-ID.
func (it *item) chain() []string {
	var out []string
	add := func(id string) {
		if strings.HasPrefix(id, "<") && !slices.Contains(out, id) {
			out = append(out, id)
		}
	}
	for _, id := range slices.Backward(it.References) {
		add(id)
	}
	add(it.ReplyTo)
	own := append([]string{it.ProviderID}, it.Inbound.Aliases...)
	if i := slices.IndexFunc(own, func(id string) bool { return strings.HasPrefix(id, "<") }); i >= 0 {
		out = slices.DeleteFunc(out, func(id string) bool { return id == own[i] })
		add(own[i])
	}
	if len(out) > maxChain {
		out = append(out[:maxChain/2:maxChain/2], out[len(out)-maxChain/2:]...)
	}
	return out
}

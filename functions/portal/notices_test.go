package portal

import (
	"context"
	"encoding/base64"
	"testing"
	"time"

	"github.com/okence/okence/shared/access"
	"github.com/okence/okence/shared/domain/audit"
	"github.com/okence/okence/shared/domain/conversation"
	"github.com/okence/okence/shared/domain/deadline"
	"github.com/okence/okence/shared/domain/message"
	"github.com/okence/okence/shared/notice"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/work"
)

var (
	_ = may("GET /v1/notices", noticeReaders...)
	_ = may("GET /v1/notices/{id}", noticeReaders...)
	_ = may("POST /v1/notices/{id}/confirmation", access.Supervisor, access.Officer)
	_ = takesBody("POST /v1/notices/{id}/confirmation", `{"how": "phone"}`)
	_ = takesBody("POST /v1/conversations/{id}/replies", `{"text": "Dober dan."}`)
	_ = takesBody("POST /v1/contacts/{id}/verification", `{"address": "p1@example.org", "how": "call_back"}`)
)

func TestAReplyIsStoredAndItsStateIsSeen(t *testing.T) {
	w := newWorld(t)
	w.person("ekc", "p1", "Ana Žagar")
	w.talk("ekc", "c1", "p1")
	w.say("ekc", "c1", "m1", "Kje dobim potrdilo?")
	pdf := base64.StdEncoding.EncodeToString([]byte("%PDF-1.7"))
	body := `{"text": "V prilogi.", "files": [{"name": "potrdilo.pdf", "mime": "application/pdf", "content": "` + pdf + `"}]}`
	var v, again replyView
	w.ask("POST", "/v1/conversations/c1/replies", body, with("Idempotency-Key", "k")).want(202, "").schema("Reply").into(&v)
	w.ask("POST", "/v1/conversations/c1/replies", body, with("Idempotency-Key", "k")).want(202, "").into(&again)
	if v != again || v.Withheld || v.EventID == "" {
		t.Fatalf("%+v, then %+v", v, again)
	}
	var m messageView
	w.ask("GET", v.StatusURL, "").want(200, "").schema("Message").into(&m)
	if m.State != message.Queued || m.Direction != message.Out || m.Text != "V prilogi." || m.ReplyTo != "<m1@example.org>" || m.Recipients[0].Address != "p1@example.org" || m.Automatic {
		t.Errorf("%+v", m)
	}
	if got := w.ask("GET", m.Media[0].Path, "").want(200, ""); string(got.body) != "%PDF-1.7" {
		t.Errorf("the file is %q", got.body)
	}
	for _, bad := range []string{``, `{"text": " "}`, `{"text": "a", "part": "no id"}`, `{"text": "a", "subject": "a\nb"}`, `{"text": "a", "files": [{"name": "a", "mime": "b/c"}]}`, `{"text": "a", "to": "x@y.z"}`} {
		w.ask("POST", "/v1/conversations/c1/replies", bad).want(400, "invalid")
	}
	w.ask("POST", "/v1/conversations/c1/replies", `{"text": "a", "part": "c9"}`).want(400, "invalid")
}

func TestContentStaysUntilTheAddressIsVerified(t *testing.T) {
	w := newWorld(t)
	for _, id := range []string{"1", "2"} {
		w.person("ekc", "p"+id, "Ana Žagar")
		w.talk("ekc", "c"+id, "p"+id)
		w.say("ekc", "c"+id, "m"+id, "Dober dan, prosim za potrdilo.")
		w.do("ekc", func(ctx context.Context, u *work.Unit) error {
			c, err := work.Load(ctx, u, record.Conversations, "c"+id)
			c.Hear(u.Now())
			work.Save(u, record.Conversations, c)
			return err
		})
		w.Clock.Add(time.Minute)
	}
	w.ask("POST", "/v1/conversations/c1/merge", `{"from": "c2"}`).want(200, "")
	w.Clock.Add(time.Minute)
	var v replyView
	w.ask("POST", "/v1/conversations/c1/replies", `{"text": "Vaša številka je 7."}`).want(202, "").schema("Reply").into(&v)
	if !v.Withheld || v.BareID == "" || v.StatusURL != "/v1/messages/"+v.BareID {
		t.Fatalf("%+v", v)
	}
	var kept, bare messageView
	w.ask("GET", "/v1/messages/"+v.MessageID, "").want(200, "").schema("Message").into(&kept)
	w.ask("GET", v.StatusURL, "").want(200, "").into(&bare)
	if kept.State != message.Failed || kept.Code != notice.CodeUnproven || kept.ConversationID != "c1" || bare.ConversationID != "c2" || bare.Recipients[0].Address != "p2@example.org" || !bare.Automatic {
		t.Errorf("%+v\n%+v", kept, bare)
	}
	w.ask("POST", "/v1/contacts/p2/verification", `{"address": "other@example.org", "how": "call_back"}`).want(400, "invalid")
	w.ask("POST", "/v1/contacts/p2/verification", `{"address": "p2@example.org", "how": "said so"}`).want(400, "invalid")
	w.ask("POST", "/v1/contacts/p2/verification", `{"address": "p2@example.org", "how": "call_back"}`).want(200, "").schema("Contact")
	w.ask("POST", "/v1/conversations/c1/replies", `{"text": "Vaša številka je 7."}`).want(202, "").into(&v)
	var m messageView
	w.ask("GET", v.StatusURL, "").want(200, "").into(&m)
	if v.Withheld || m.ConversationID != "c2" || m.Text != "Vaša številka je 7." {
		t.Errorf("%+v %+v", v, m)
	}
}

func TestANoticeShowsItsProofAndTakesAConfirmation(t *testing.T) {
	w := newWorld(t)
	var id string
	w.do("ekc", func(ctx context.Context, u *work.Unit) error {
		n, err := notice.Queue(ctx, u, w.env, notice.Letter{
			Template: "reply.bare", Language: "sk", Values: map[string]string{"reference": "R"}, About: deadline.Ref{Kind: "outage", ID: "o1"},
			To: notice.To{Party: "user-body", Mailbox: "incident@business.example"}, ConfirmBy: u.Now().Add(time.Hour),
		})
		id = n.ID
		return err
	})
	officer := w.as("ekc", access.Officer)
	var n noticeView
	w.ask("GET", "/v1/notices/"+id, "", officer).want(200, "").schema("Notice").into(&n)
	if n.Sending == nil || n.Sending.State != message.Queued || n.Language != "sk" || !n.ConfirmedAt.IsZero() {
		t.Errorf("%+v", n)
	}
	var l list[noticeView]
	w.ask("GET", "/v1/notices?about=o1", "", officer).want(200, "").schema("NoticeList").into(&l)
	if len(l.Items) != 1 || l.Items[0].ID != id {
		t.Errorf("%+v", l)
	}
	w.ask("GET", "/v1/notices", "", officer).want(400, "invalid")
	w.ask("POST", "/v1/notices/"+id+"/confirmation", `{"how": "guess"}`, officer).want(400, "invalid")
	w.ask("POST", "/v1/notices/"+id+"/confirmation", `{"how": "phone"}`, officer).want(200, "").schema("Notice").into(&n)
	if n.ConfirmedBy != "officer-1" || n.How != "phone" {
		t.Errorf("%+v", n)
	}
	var found bool
	for _, e := range w.entries("ekc") {
		found = found || e.Act == audit.Change && e.Items[0].ID == id
	}
	if !found {
		t.Error("the log does not say who recorded the confirmation")
	}
	w.do("ekc", func(ctx context.Context, u *work.Unit) error {
		c, err := work.Load(ctx, u, record.Notices, id)
		if err != nil {
			return err
		}
		conv, err := work.Load(ctx, u, record.Conversations, c.ConversationID)
		if conv.Class != conversation.Partner {
			t.Errorf("%+v", conv)
		}
		return err
	})
}

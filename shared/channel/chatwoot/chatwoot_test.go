package chatwoot_test

import (
	"encoding/json"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/okence/okence/shared/channel"
	"github.com/okence/okence/shared/channel/channeltest"
	"github.com/okence/okence/shared/channel/chatwoot"
	"github.com/okence/okence/shared/domain/message"
	"github.com/okence/okence/shared/fault"
)

const key = "gX2Mxj4rBz9kLwTqVnPa"

var names = []string{"message_created.json", "message_updated.json", "attachment.json", "status_changed.json", "triggered.json", "sample.json"}

func text(t testing.TB, name string) string {
	t.Helper()
	b, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func suite(t testing.TB) channeltest.Case {
	c := channeltest.Case{
		Provider: chatwoot.New(), Secret: channel.Secret{"webhook_secret": key}, Other: channel.Secret{"webhook_secret": key + "b"},
		Proof: "X-Chatwoot-Signature", Bodies: []string{`{"event":"webwidget_triggered"}`},
	}
	for _, n := range names {
		c.Bodies = append(c.Bodies, text(t, n))
	}
	return c
}

func TestSuite(t *testing.T) { channeltest.Run(t, suite(t)) }

// The signature is computed by another program (testdata/SOURCES.md).
func TestAKnownAnswer(t *testing.T) {
	const mac = "b826561efaaec1130b3b06b37d208a56a5e287e7f3b242473135c1f5fa7f5466"
	c, signed := suite(t), time.Unix(1627063369, 0).UTC()
	for name, x := range map[string]struct {
		mac, stamp string
		at         time.Time
		want       fault.Kind
	}{
		"good: at its second":               {"sha256=" + mac, "1627063369", signed, ""},
		"good: in capitals":                 {"sha256=" + strings.ToUpper(mac), "1627063369", signed, ""},
		"good: five minutes later":          {"sha256=" + mac, "1627063369", signed.Add(5 * time.Minute), ""},
		"good: five minutes earlier":        {"sha256=" + mac, "1627063369", signed.Add(-5 * time.Minute), ""},
		"fail: a second more":               {"sha256=" + mac, "1627063369", signed.Add(5*time.Minute + time.Second), fault.Unauthenticated},
		"fail: a second less":               {"sha256=" + mac, "1627063369", signed.Add(-5*time.Minute - time.Second), fault.Unauthenticated},
		"fail: another second":              {"sha256=" + mac, "1627063370", signed, fault.Unauthenticated},
		"fail: the same second in disguise": {"sha256=" + mac, "+1627063369", signed, fault.Unauthenticated},
		"fail: with a zero before":          {"sha256=" + mac, "01627063369", signed, fault.Unauthenticated},
		"fail: no second":                   {"sha256=" + mac, "", signed, fault.Unauthenticated},
		"fail: without its prefix":          {mac, "1627063369", signed, fault.Unauthenticated},
		"fail: over the body alone (13809)": {"sha256=3f0ae0e7", "1627063369", signed, fault.Unauthenticated},
	} {
		t.Run(name, func(t *testing.T) {
			r := c.Request(`{"event":"webwidget_triggered"}`)
			r.At = x.at
			r.Header.Set("X-Chatwoot-Signature", x.mac)
			r.Header.Set("X-Chatwoot-Timestamp", x.stamp)
			if err := c.Provider.Verify(r, c.Secret); fault.Of(err) != x.want {
				t.Errorf("got %v", err)
			}
		})
	}
	r := c.Request(`{"event":"webwidget_triggered"}`)
	r.At = signed
	if err := c.Provider.Sign(&r, c.Secret); err != nil || r.Header.Get("X-Chatwoot-Signature") != "sha256="+mac {
		t.Errorf("Sign made %v %v", r.Header, err)
	}
	r.Header.Add("X-Chatwoot-Timestamp", "1627063369")
	if err := c.Provider.Verify(r, c.Secret); !fault.Is(err, fault.Unauthenticated) {
		t.Errorf("two timestamps: %v", err)
	}
}

func parse(t testing.TB, body string) channel.Item {
	t.Helper()
	p := chatwoot.New()
	got := p.Parse(channel.Request{Body: []byte(body)})
	channeltest.Items(t, p, got)
	if len(got.Items) != 1 {
		t.Fatalf("%d items", len(got.Items))
	}
	return got.Items[0]
}

// changed is a file with other fields; nil takes one away.
func changed(t testing.TB, file string, kv ...any) string {
	t.Helper()
	m := map[string]any{}
	if err := json.Unmarshal([]byte(text(t, file)), &m); err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(kv); i += 2 {
		if m[kv[i].(string)] = kv[i+1]; kv[i+1] == nil {
			delete(m, kv[i].(string))
		}
	}
	b, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

var haze = message.Party{Scheme: message.ID, Address: "14", Name: "little-haze-776"}

func said(change func(*message.Inbound)) message.Inbound {
	m := message.Inbound{
		Channel: message.LiveChat, Provider: "chatwoot", Kind: message.Said, Direction: message.In, ProviderID: "118",
		Sender: haze, Line: "1", Text: "hi", Thread: "10", SentAt: time.Date(2021, 7, 23, 18, 2, 48, 0, time.UTC),
	}
	if change != nil {
		change(&m)
	}
	return m
}

func agent() map[string]any { return map[string]any{"id": 1, "name": "John", "type": "user"} }

func TestMapping(t *testing.T) {
	edited := func(change func(*message.Inbound)) message.Inbound {
		return said(func(m *message.Inbound) {
			m.Kind, m.Target, m.Sender = message.Edit, "118", message.Party{Scheme: message.ID, Address: "12", Name: "jane"}
			if change != nil {
				change(m)
			}
		})
	}
	report := func(s message.State) message.Inbound {
		return message.Inbound{
			Channel: message.LiveChat, Provider: "chatwoot", Kind: message.Report, Direction: message.In, ProviderID: "118", Target: "118",
			Line: "1", Thread: "10", Status: &message.Status{State: s, Recipient: haze},
		}
	}
	for name, c := range map[string]struct {
		body string
		want message.Inbound
	}{
		"a visitor writes":                      {text(t, "message_created.json"), said(nil)},
		"a type as a number, a time in seconds": {changed(t, "message_created.json", "message_type", 0, "created_at", 1627063368), said(nil)},
		"a mail address typed into a form": {changed(t, "message_created.json", "sender", map[string]any{"id": 14, "name": "Ana", "email": "ana@example.si", "type": "contact"}), said(func(m *message.Inbound) {
			m.Sender = message.Party{Scheme: message.ID, Address: "14", Name: "Ana", UserID: "ana@example.si"}
		})},
		"an old payload": {text(t, "sample.json"), said(func(m *message.Inbound) {
			m.ProviderID, m.Sender, m.Line, m.Text, m.Thread = "1", message.Party{Scheme: message.ID, Address: "1", Name: "contact-name"}, "", "Hi", "1"
			m.SentAt = time.Date(2020, 3, 3, 13, 5, 57, 0, time.UTC)
		})},
		"a picture and a place, in answer": {text(t, "attachment.json"), said(func(m *message.Inbound) {
			m.ProviderID, m.Text, m.ReplyTo = "121", "", "118"
			m.Media = []message.Media{{URL: "https://chat.example.org/rails/active_storage/blobs/redirect/x/foto.png", Size: 2048}}
			m.Location = &message.Location{Latitude: 46.0569, Longitude: 14.5058, Name: "Ljubljana"}
		})},
		"an agent writes": {changed(t, "message_created.json", "message_type", "outgoing", "sender", agent()), said(func(m *message.Inbound) {
			m.Direction, m.Sender, m.Recipients = message.Out, message.Party{Name: "John"}, []message.Party{haze}
		})},
		"a note among agents":     {changed(t, "message_created.json", "message_type", "outgoing", "private", true, "sender", agent()), said(func(m *message.Inbound) { m.Kind, m.Control = message.Control, "note" })},
		"an activity":             {changed(t, "message_created.json", "message_type", "activity", "sender", nil), said(func(m *message.Inbound) { m.Kind, m.Control = message.Control, "activity" })},
		"a template":              {changed(t, "message_created.json", "message_type", 3, "sender", nil), said(func(m *message.Inbound) { m.Kind, m.Control = message.Control, "template" })},
		"a visitor rewrites":      {text(t, "message_updated.json"), edited(nil)},
		"a visitor takes it back": {changed(t, "message_updated.json", "content_attributes", map[string]any{"deleted": true}), edited(func(m *message.Inbound) { m.Kind, m.Text = message.Deletion, "" })},
		"ours was read":           {changed(t, "message_updated.json", "message_type", "outgoing", "status", "read", "sender", agent()), report(message.Read)},
		"ours failed":             {changed(t, "message_updated.json", "message_type", 1, "status", 3, "sender", agent()), report(message.Failed)},
		"a status changes": {text(t, "status_changed.json"), message.Inbound{
			Channel: message.LiveChat, Provider: "chatwoot", Kind: message.Control, Direction: message.In, Control: "open", Sender: haze, Line: "1", Thread: "10",
		}},
		"the widget is opened": {text(t, "triggered.json"), message.Inbound{
			Channel: message.LiveChat, Provider: "chatwoot", Kind: message.Control, Direction: message.In, Control: "opened", Sender: haze, Line: "1",
		}},
	} {
		t.Run(name, func(t *testing.T) {
			it := parse(t, c.body)
			if it.Parked != "" || string(it.Raw) != c.body {
				t.Errorf("parked %q", it.Parked)
			}
			if !reflect.DeepEqual(it.Message, c.want) {
				t.Errorf("got  %+v %+v\nwant %+v %+v", it.Message, it.Message.Status, c.want, c.want.Status)
			}
		})
	}
}

func TestIdentity(t *testing.T) {
	created := parse(t, text(t, "message_created.json"))
	if again := parse(t, changed(t, "message_created.json", "additional", 1)); created.Dedupe != "message_created|118" || again.Dedupe != created.Dedupe {
		t.Errorf("a message goes by its id: %q %q", created.Dedupe, again.Dedupe)
	}
	a, b := parse(t, text(t, "message_updated.json")), parse(t, changed(t, "message_updated.json", "content", "other"))
	if a.Dedupe == b.Dedupe || a.Dedupe == created.Dedupe {
		t.Errorf("two changes of a message are two: %q %q", a.Dedupe, b.Dedupe)
	}
}

func TestWhatWaitsForAPerson(t *testing.T) {
	for name, c := range map[string][2]string{
		"no JSON":                       {"{", "json"},
		"a list":                        {"[]", "shape"},
		"no event":                      {"{}", "shape"},
		"an event of tomorrow":          {`{"event":"postcard_written"}`, "type"},
		"a message type of tomorrow":    {changed(t, "message_created.json", "message_type", "sung"), "type"},
		"a message without an id":       {changed(t, "message_created.json", "id", nil), "shape"},
		"a message without a sender":    {changed(t, "message_created.json", "sender", nil, "conversation", nil), "address"},
		"incoming from an agent":        {changed(t, "message_created.json", "sender", agent()), "address"},
		"a message of nothing":          {changed(t, "message_created.json", "content", ""), "shape"},
		"a content that is a list":      {changed(t, "message_created.json", "content", []string{"a"}), "shape"},
		"a fate of tomorrow":            {changed(t, "message_updated.json", "message_type", "outgoing", "status", "lost"), "type"},
		"a change that leaves nothing":  {changed(t, "message_updated.json", "content", ""), "shape"},
		"a change of a message unnamed": {changed(t, "message_updated.json", "id", nil), "shape"},
	} {
		t.Run(name, func(t *testing.T) {
			if it := parse(t, c[0]); it.Parked != c[1] {
				t.Errorf("parked %q", it.Parked)
			}
		})
	}
}

func FuzzParse(f *testing.F) {
	for _, n := range names {
		f.Add([]byte(text(f, n)))
	}
	f.Add([]byte(changed(f, "message_updated.json", "message_type", "outgoing", "status", "read")))
	p := chatwoot.New()
	f.Fuzz(func(t *testing.T, body []byte) {
		channeltest.Items(t, p, p.Parse(channel.Request{Body: body}))
	})
}

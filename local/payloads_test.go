package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/okence/okence/shared/channel"
	"github.com/okence/okence/shared/domain/message"
	"github.com/okence/okence/shared/store/storetest"
)

// wa is a body of the Cloud API with these elements of messages[].
func wa(elements ...string) []byte {
	return fmt.Appendf(nil, `{"object":"whatsapp_business_account","entry":[{"id":"102290129340398","changes":[{"value":{"messaging_product":"whatsapp",`+
		`"metadata":{"display_phone_number":"38614788778","phone_number_id":"106540352242922"},"contacts":[{"profile":{"name":"Ana Žnidaršič"},"wa_id":"38641123456"}],`+
		`"messages":[%s]},"field":"messages"}]}]}`, strings.Join(elements, ","))
}

// said is an element of messages[]: a text, perhaps with further fields.
func said(id, text string, more ...string) string {
	return fmt.Sprintf(`{"from":"38641123456","id":%q,"timestamp":"1795426200","type":"text","text":{"body":%q}%s}`, id, text, strings.Join(append([]string{""}, more...), ","))
}

func crlf(s string) []byte { return []byte(strings.ReplaceAll(s, "\n", "\r\n")) }

// expected is what the API must show of a message; what is "" there must be "".
type expected struct {
	id, address, name, subject, text, replyTo, target, kind, sentAt string
	media                                                           []string // name|mime|state
}

func check(t *testing.T, g got, want expected) {
	t.Helper()
	if want.kind == "" {
		want.kind = "message"
	}
	for _, c := range []struct{ what, have, want string }{
		{"provider_id", g.ProviderID, want.id},
		{"sender.address", g.Sender.Address, want.address},
		{"sender.name", g.Sender.Name, want.name},
		{"subject", g.Subject, want.subject},
		{"text", strings.TrimRight(g.Text, "\r\n"), want.text},
		{"reply_to", g.ReplyTo, want.replyTo},
		{"target", g.Target, want.target},
		{"kind", g.Kind, want.kind},
	} {
		if c.have != c.want {
			t.Errorf("%s is %q, want %q", c.what, c.have, c.want)
		}
	}
	if want.sentAt != "" && g.SentAt.UTC().Format(time.RFC3339) != want.sentAt {
		t.Errorf("sent_at is %s, want %s", g.SentAt, want.sentAt)
	}
	var media []string
	for _, m := range g.Media {
		media = append(media, m.Name+"|"+m.Mime+"|"+m.State)
	}
	if !slices.Equal(media, want.media) {
		t.Errorf("media are %q, want %q", media, want.media)
	}
}

const win1250 = "From: =?windows-1250?Q?Mojca_=8Euru=E8?= <mojca@example.si>\n" +
	"To: EKC <ekc@gov.si>\nSubject: =?windows-1250?B?UmHoZW4gemEgmmV0bmpv?=\nDate: Mon, 23 Nov 2026 10:16:00 +0100\n" +
	"Message-ID: <win.1@example.si>\nIn-Reply-To: <5f0c7a52.4090803@example.si>\n" +
	"References: <20261116070200.1@gov.si> <5f0c7a52.4090803@example.si>\nMIME-Version: 1.0\n" +
	"Content-Type: text/plain; charset=windows-1250\nContent-Transfer-Encoding: 8bit\n\n" +
	"Ra\xe8un je pla\xe8an, \x9elahta \x84prejeta\x93.\n"

const cyrillic = "From: =?UTF-8?B?0JjQstCw0L0g0J/QtdGC0YDQvtCy?= <ivan@example.rs>\nTo: ekc@gov.si\n" +
	"Subject: =?UTF-8?Q?=D0=9F=D0=B8=D1=82=D0=B0=D1=9A=D0=B5?=\nDate: Mon, 23 Nov 2026 09:17:00 +0000\nMessage-ID: <cyr.1@example.rs>\n" +
	"In-Reply-To: <win.1@example.si>\nMIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: base64\n\n" +
	"0JPQtNC1INC80L7Qs9GDINC00LAg0LTQvtCx0LjRmNC8INC/0L7RgtCy0YDQtNGDPyDwn5mP\n"

const latin2 = "From: =?iso-8859-2?q?Ana_Horvat?= <ana.horvat@example.si>\n"

func TestRealPayloadsComeBack(t *testing.T) {
	t.Parallel()
	read := func(name string) []byte {
		b, err := os.ReadFile(filepath.Join("..", "testdata", name))
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	ana, at := "+38641123456", "2026-11-23T09:30:00Z"
	chat := func(id, text, more string) []byte {
		return fmt.Appendf(nil, `{"type":"message","id":%q,"conversation":"chat-7","sender":{"id":"visitor-51c2","name":"Ján Kováč","email":"jan.kovac@example.sk"},"text":%q,"sent_at":"2026-11-23T09:15:00Z"%s}`, id, text, more)
	}
	cases := []struct {
		name, provider string
		body           []byte
		want           []expected
	}{
		{"a text in Slovenian with an emoji, from a file", "whatsapp/meta", read("whatsapp.json"), []expected{{
			id: "wamid.HBgLMzg2NDExMjM0NTYVAgASGBQzQTRCNUM2RDdFOEY5QTBCMUMyRAA=", address: ana, name: "Ana Horvat",
			text: "Pozdravljeni, kje dobim potrdilo o šolanju? 🙏", sentAt: "2025-11-23T15:00:00Z",
		}}},
		{"Cyrillic, and an emoji of several code points", "whatsapp/meta", wa(said("wamid.cyr", "Где моя заявка? 👩🏽‍💻🇸🇮")), []expected{
			{id: "wamid.cyr", address: ana, name: "Ana Žnidaršič", text: "Где моя заявка? 👩🏽‍💻🇸🇮", sentAt: at},
		}},
		{"several messages in one call, each answering the one before", "whatsapp/meta", wa(
			said("wamid.n1", "ena"), said("wamid.n2", "dva", `"context":{"from":"38641123456","id":"wamid.n1"}`),
			said("wamid.n3", "tri", `"context":{"from":"38641123456","id":"wamid.n2"}`)), []expected{
			{id: "wamid.n1", address: ana, name: "Ana Žnidaršič", text: "ena", sentAt: at},
			{id: "wamid.n2", address: ana, name: "Ana Žnidaršič", text: "dva", sentAt: at, replyTo: "wamid.n1"},
			{id: "wamid.n3", address: ana, name: "Ana Žnidaršič", text: "tri", sentAt: at, replyTo: "wamid.n2"},
		}},
		{"a document with a caption, behind an id that we have no access to", "whatsapp/meta", wa(
			`{"from":"38641123456","id":"wamid.doc","timestamp":"1795426200","type":"document","document":{"caption":"Račun","filename":"račun št. 7.pdf","mime_type":"application/pdf","sha256":"grwfwe","id":"1234567890987654321"}}`), []expected{
			{id: "wamid.doc", address: ana, name: "Ana Žnidaršič", text: "Račun", sentAt: at, media: []string{"račun št. 7.pdf|application/pdf|unavailable"}},
		}},
		{"an edit, a reaction and a deletion about what came before", "whatsapp/meta", wa(
			`{"from":"38641123456","id":"wamid.e1","timestamp":"1795426201","type":"edit","edit":{"original_message_id":"wamid.n1","message":{"type":"text","text":{"body":"ena, popravljeno"}}}}`,
			`{"from":"38641123456","id":"wamid.r1","timestamp":"1795426202","type":"reaction","reaction":{"message_id":"wamid.n2","emoji":"👍"}}`,
			`{"from":"38641123456","id":"wamid.d1","timestamp":"1795426203","type":"revoke","revoke":{"original_message_id":"wamid.n3"}}`), []expected{
			{id: "wamid.e1", address: ana, name: "Ana Žnidaršič", kind: "edit", text: "ena, popravljeno", target: "wamid.n1", sentAt: "2026-11-23T09:30:01Z"},
			{id: "wamid.r1", address: ana, name: "Ana Žnidaršič", kind: "reaction", target: "wamid.n2", sentAt: "2026-11-23T09:30:02Z"},
			{id: "wamid.d1", address: ana, name: "Ana Žnidaršič", kind: "delete", target: "wamid.n3", sentAt: "2026-11-23T09:30:03Z"},
		}},
		{"a mail in ISO-8859-2 with a file named by RFC 2231 in Windows-1250", "email/mime", read("mail.eml"), []expected{{
			id: "<5f0c7a52.4090803@example.si>", address: "ana.horvat@example.si", name: "Ana Horvat", subject: "Re: Številka vloge", sentAt: "2026-11-23T09:15:00Z",
			text:    "Pozdravljeni,\n\nvlogo sem oddala v ponedeljek, številke pa še nimam. Kdaj jo dobim?\n\nLep pozdrav,\nAna Horvat\n\nDne pon., 16. nov. 2026 ob 08:02 je EKC <ekc@gov.si> napisal(a):\n> Vašo vlogo smo prejeli.",
			replyTo: "<20261116070200.1@gov.si>", media: []string{"račun in prilože.pdf|application/pdf|unscanned"},
		}}},
		{"a mail in Windows-1250 that answers it", "email/mime", crlf(win1250), []expected{{
			id: "<win.1@example.si>", address: "mojca@example.si", name: "Mojca Žuruč", subject: "Račen za šetnjo", sentAt: "2026-11-23T09:16:00Z",
			text: "Račun je plačan, žlahta „prejeta“.", replyTo: "<5f0c7a52.4090803@example.si>",
		}}},
		{"a mail in Cyrillic that answers that", "email/mime", crlf(cyrillic), []expected{{
			id: "<cyr.1@example.rs>", address: "ivan@example.rs", name: "Иван Петров", subject: "Питање", sentAt: "2026-11-23T09:17:00Z",
			text: "Где могу да добијм потврду? 🙏", replyTo: "<win.1@example.si>",
		}}},
		{"a live chat from a file", "livechat/standard", read("livechat.json"), []expected{{
			id: "chat-7f3a-1", address: "visitor-51c2", name: "Ján Kováč", text: "Dobrý deň, ako predĺžim platnosť certifikátu?", sentAt: "2026-11-23T09:15:00Z",
		}}},
		{"a live chat that answers, with a file on a host that is not on the list", "livechat/standard",
			chat("chat-7f3a-2", "Priložil sem 📎", `,"reply_to":"chat-7f3a-1","attachments":[{"name":"sliko.png","mime":"image/png","url":"https://files.example.org/1"}]`), []expected{{
				id: "chat-7f3a-2", address: "visitor-51c2", name: "Ján Kováč", text: "Priložil sem 📎", sentAt: "2026-11-23T09:15:00Z",
				replyTo: "chat-7f3a-1", media: []string{"sliko.png|image/png|unavailable"},
			}}},
	}
	w := serve(t)
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			w.t = t
			for range 2 { // the second time it is known already
				if r := w.take(c.provider, c.body); r.status != 200 || r.body != "" {
					t.Errorf("answer %d %q, want 200 and nothing", r.status, r.body)
				}
			}
			for _, want := range c.want {
				check(t, w.one(want.id), want)
			}
		})
	}
	w.t = t
	if !strings.HasPrefix(string(read("mail.eml")), "Return-Path") || !bytes.Contains(read("mail.eml"), []byte(strings.TrimSpace(latin2))) {
		t.Error("the mail is not the one that this test means")
	}
	// An unknown id finds nothing, and the file of the mail is what was attached.
	if found := w.find("wamid.none"); len(found) != 0 {
		t.Errorf("%d messages with an unknown id", len(found))
	}
	file := w.ask("adviser", "GET", w.one("<5f0c7a52.4090803@example.si>").Media[0].Path, nil)
	if file.status != 200 || file.body != "%PDF-1.4\n%%EOF\n" && !strings.HasPrefix(file.body, "%PDF-1.4") {
		t.Errorf("the attached file: %d %q", file.status, file.body)
	}
	// Replies stand with what they answer, whoever wrote them.
	mail := w.one("<5f0c7a52.4090803@example.si>").ConversationID
	for _, id := range []string{"<win.1@example.si>", "<cyr.1@example.rs>"} {
		if have := w.one(id).ConversationID; have != mail {
			t.Errorf("%s is in conversation %s, and what it answers in %s", id, have, mail)
		}
	}
}

// sample is a payload of the providers' test data.
type sample struct {
	provider, file string
	body           []byte
}

// samples are the payloads that providers publish, from the test data of their
// packages, each as the body of a call.
func samples(t testing.TB) []sample {
	t.Helper()
	dirs := []struct {
		provider, pattern string
		wrap              string // elements of an object, to be put in here
	}{
		{"whatsapp/meta", "meta/testdata/signed.json", ""},
		{"whatsapp/meta", "meta/testdata/echo.json", ""},
		{"whatsapp/meta", "meta/testdata/messages.json", "messages"},
		{"whatsapp/meta", "meta/testdata/statuses.json", "statuses"},
		{"email/mime", "mime/testdata/enmime/*.raw", ""},
		{"livechat/standard", "../../testdata/livechat.json", ""},
		{"livechat/chatwoot", "chatwoot/testdata/*.json", ""},
		{"sms/infobip", "infobip/testdata/sms_*.json", ""},
		{"viber/infobip", "infobip/testdata/viber_*.json", ""},
		{"viber/viber", "viber/testdata/*.json", ""},
		{"whatsapp/vonage", "vonage/testdata/*.json", ""},
		{"email/postmark", "postmark/testdata/*.json", ""},
		{"email/ses", "ses/testdata/received_*.json", ""},
		{"email/ses", "ses/testdata/bounce.json", ""},
		{"sms/twilio", "twilio/testdata/sms.form", ""},
		{"sms/twilio", "twilio/testdata/status.form", ""},
		{"whatsapp/twilio", "twilio/testdata/whatsapp_reply.form", ""},
		{"voice/twilio", "twilio/testdata/call_progress.form", ""},
		{"voice/twilio", "twilio/testdata/gather.form", ""},
	}
	var out []sample
	for _, d := range dirs {
		found, err := filepath.Glob(filepath.Join("..", "shared", "channel", d.pattern))
		if err != nil || len(found) == 0 {
			t.Fatalf("no test data %s", d.pattern)
		}
		for _, path := range found {
			body, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if d.wrap == "" {
				out = append(out, sample{d.provider, filepath.Base(path), body})
				continue
			}
			var elements map[string]json.RawMessage
			if err := json.Unmarshal(body, &elements); err != nil {
				t.Fatal(err)
			}
			for name, e := range elements {
				one := bytes.Replace(wa(string(e)), []byte(`"messages":[`), []byte(`"`+d.wrap+`":[`), 1)
				out = append(out, sample{d.provider, filepath.Base(path) + " " + name, one})
			}
		}
	}
	call := `{"call_id":"klic-1","leg_id":"a","seq":1,"type":"ringing","at":"2026-11-23T09:29:00Z","direction":"inbound","from":"+38641123456","to":"+38614788778"}`
	return append(out, sample{"voice/event", "a call of our own form", []byte(call)})
}

// Every payload that a provider publishes is taken, answered in the provider's
// way, and read back as its package maps it; what it can't map is parked.
func TestEveryProvidersPayloadsComeBack(t *testing.T) {
	t.Parallel()
	tried := map[string]bool{}
	for _, s := range samples(t) {
		tried[s.provider] = true
		t.Run(s.provider+" "+s.file, func(t *testing.T) {
			t.Parallel()
			w := serve(t) // of its own: the samples use the same few ids
			call := w.sign("ekc", s.provider, s.body)
			body, _ := io.ReadAll(call.Body)
			call.Body = io.NopCloser(bytes.NewReader(body))
			parsed := named(t, s.provider).Parse(channel.Request{Method: "POST", URL: call.URL, Header: call.Header, Body: body, At: w.clock.Now()})
			r := do(t, call)
			w.idle()
			if want := max(parsed.Answer.Status, 200); r.status != want {
				t.Fatalf("answer %d %q, want %d", r.status, r.body, want)
			}
			if parsed.Answer.ContentType != "" && r.header.Get("Content-Type") != parsed.Answer.ContentType {
				t.Errorf("the answer is %q, want %q", r.header.Get("Content-Type"), parsed.Answer.ContentType)
			}
			for _, it := range parsed.Items {
				m := it.Message
				if it.Parked != "" || m.Kind == message.Report || m.ProviderID == "" {
					continue
				}
				if m.Kind == message.CallKind {
					if g := w.one(m.ProviderID); g.Kind != "call" || g.Sender.Address != m.Sender.Address {
						t.Errorf("the call came back as %+v", g)
					}
					continue
				}
				found := w.find(m.ProviderID)
				if !slices.ContainsFunc(found, func(g got) bool {
					return g.Text == m.Text && g.Sender.Address == m.Sender.Address && g.Subject == m.Subject && g.SentAt.Equal(m.SentAt) &&
						g.ReplyTo == m.ReplyTo && g.Target == m.Target && g.Kind == string(m.Kind) && len(g.Media) == len(m.Media)
				}) {
					t.Errorf("not among the %d messages of its provider id: %+v", len(found), found)
				}
			}
		})
	}
	if len(tried) != 14 {
		t.Errorf("%d providers were tried, want 14", len(tried))
	}
}

// basic are the providers whose proof is a password and does not cover the body.
var basic = map[string]bool{"email/mime": true, "email/postmark": true, "sms/infobip": true, "viber/infobip": true}

// unsigned are the headers that no provider's proof covers.
var unsigned = map[string]bool{
	"Content-Type": true, "X-Chatwoot-Delivery": true,
	"X-Amz-Sns-Message-Type": true, "X-Amz-Sns-Message-Id": true, "X-Amz-Sns-Topic-Arn": true,
}

// One changed byte of body or proof: 401, and not a single document more.
func TestOneChangedByteIsRefusedAndLeavesNothing(t *testing.T) {
	t.Parallel()
	w := serve(t)
	store := storetest.Faulty(w.env.Work.Store)
	w.env.Work.Store = store
	first := map[string]bool{}
	for _, s := range samples(t) {
		if first[s.provider] || s.provider == "email/ses" && s.file == "bounce.json" {
			continue
		}
		first[s.provider] = true
		t.Run(s.provider, func(t *testing.T) {
			w.t = t
			before := len(w.docs())
			refused := func(what string, call *http.Request) {
				t.Helper()
				if r := do(t, call); r.status != 401 || r.body != "" {
					t.Errorf("%s: answer %d %q, want 401 and nothing", what, r.status, r.body)
				}
			}
			signed := w.sign("ekc", s.provider, s.body)
			body, _ := io.ReadAll(signed.Body)
			if !basic[s.provider] {
				for _, at := range []int{0, len(body) / 3, len(body) / 2, len(body) - 1} {
					other := bytes.Clone(body)
					other[at] ^= 1
					call := w.sign("ekc", s.provider, s.body)
					call.Body, call.ContentLength = io.NopCloser(bytes.NewReader(other)), int64(len(other))
					if s.provider == "email/ses" && at == len(body)/3 {
						continue // within the certificate's URL or its neighbours, which are checked before
					}
					refused(fmt.Sprintf("byte %d of the body", at), call)
				}
			}
			for name, values := range signed.Header {
				if unsigned[name] {
					continue
				}
				call := w.sign("ekc", s.provider, s.body)
				v := []byte(values[0])
				v[len(v)*2/3] ^= 1
				call.Header.Set(name, string(v))
				refused("a byte of "+name, call)
				call = w.sign("ekc", s.provider, s.body)
				call.Header.Del(name)
				if s.provider != "whatsapp/vonage" { // an unsigned callback is asked for again: its package says why
					refused("no "+name, call)
				}
			}
			if after := len(w.docs()); after != before {
				t.Errorf("%d documents before, %d after", before, after)
			}
			if n := store.Count().Commit; n != 0 {
				t.Errorf("%d commits", n)
			}
		})
	}
	w.t = t
}

// The same call fifty times at once: one message, and every one is answered 2xx.
func TestTheSameFiftyTimesAtOnceIsOneMessage(t *testing.T) {
	t.Parallel()
	w := serve(t)
	mail, err := os.ReadFile(filepath.Join("..", "testdata", "mail.eml"))
	if err != nil {
		t.Fatal(err)
	}
	chat, err := os.ReadFile(filepath.Join("..", "testdata", "livechat.json"))
	if err != nil {
		t.Fatal(err)
	}
	for provider, c := range map[string]struct {
		id   string
		body []byte
	}{
		"whatsapp/meta":     {"wamid.fifty", wa(said("wamid.fifty", "petdesetkrat"), said("wamid.fifty2", "in še enkrat"))},
		"email/mime":        {"<5f0c7a52.4090803@example.si>", mail},
		"livechat/standard": {"chat-7f3a-1", chat},
	} {
		t.Run(provider, func(t *testing.T) {
			w.t = t
			var wg sync.WaitGroup
			for range 50 {
				call := w.sign("ekc", provider, c.body)
				wg.Go(func() {
					if r := do(t, call); r.status/100 != 2 {
						t.Errorf("answer %d", r.status)
					}
				})
			}
			wg.Wait()
			w.idle()
			conversation := w.one(c.id).ConversationID
			want := 1
			if provider == "whatsapp/meta" {
				want = 2
			}
			if n := len(all[got](w, "adviser", "/v1/conversations/"+conversation+"/messages")); n != want {
				t.Errorf("%d messages in the conversation, want %d", n, want)
			}
		})
	}
	w.t = t
}

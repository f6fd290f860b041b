package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/okence/okence/shared/channel"
)

// says is the command message PROVIDER ID FROM TEXT [SUBJECT].
func says(ts *testscript.TestScript, neg bool, args []string) {
	need(ts, args, 4, "message PROVIDER ID FROM TEXT [SUBJECT]")
	s := stageOf(ts)
	id, from, text := args[1], args[2], args[3]
	now := s.world(ts).clock.Now()
	var body string
	switch args[0] {
	case "whatsapp/meta":
		body = strings.NewReplacer("38641123456", strings.TrimPrefix(from, "+"), `"1795426200"`, fmt.Sprintf("%q", fmt.Sprint(now.Unix()))).Replace(string(wa(said(id, text))))
	case "email/mime":
		subject := "Vloga"
		if len(args) > 4 {
			subject = args[4]
		}
		body = strings.Replace(mailText(id, from, text, now), "Subject: Vloga", "Subject: "+subject, 1)
	case "sms/twilio":
		body = pairs("MessageSid", id, "Body", text, "From", from, "To", "+38651123456", "SmsStatus", "received", "NumMedia", "0")
	case "viber/viber":
		body = jsonText(ts, map[string]any{"event": "message", "timestamp": now.UnixMilli(), "message_token": json.Number(id),
			"sender": map[string]any{"id": from, "name": "Bor", "language": "sl", "country": "SI", "api_version": 1}, "message": map[string]string{"type": "text", "text": text}})
	case "livechat/standard":
		body = jsonText(ts, map[string]any{"type": "message", "id": id, "conversation": from, "sender": map[string]string{"id": from, "name": "Ján"}, "text": text, "sent_at": now.Format(time.RFC3339)})
	default:
		ts.Fatalf("message writes no %s: deliver a payload", args[0])
	}
	s.deliver(ts, neg, args[0], body)
}

func jsonText(ts *testscript.TestScript, v any) string {
	out, err := json.Marshal(v)
	ts.Check(err)
	return string(out)
}

// deliver posts a payload as its provider would, and waits for what follows.
func (s *stage) deliver(ts *testscript.TestScript, neg bool, provider, body string) {
	s.last = do(s.t, s.world(ts).sign(s.tenant, provider, []byte(body)))
	s.settle()
	if (s.last.status/100 == 2) == neg {
		ts.Fatalf("%s answered %d %s", provider, s.last.status, s.last.body)
	}
}

// takes answers for every provider's send API: one answer has the id under each
// name that a provider gives it.
func (s *stage) takes(r *http.Request, _ []byte) (int, string) {
	s.sends++
	id := fmt.Sprintf("out-%d", s.sends)
	status := http.StatusOK
	if strings.Contains(r.URL.Path, "/Accounts/") {
		status = http.StatusCreated
	}
	return status, fmt.Sprintf(`{"messages":[{"id":%[1]q,"messageId":%[1]q}],"sid":%[1]q,"message_uuid":%[1]q,"message_token":%[2]d,"status":0,"id":%[2]d,"ErrorCode":0,"MessageID":%[1]q}`, id, s.sends)
}

// outgoing is every text that went to an address, oldest first per provider.
func (s *stage) outgoing(ts *testscript.TestScript, address string) (texts []string) {
	for _, c := range s.fake.Calls() {
		if c.Taken && strings.Contains(spoken(c.Request.URL.String()+" "+string(c.Body)), strings.TrimPrefix(address, "+")) {
			texts = append(texts, textIn(c.Body))
		}
	}
	for _, m := range s.mails.Mails() {
		if !strings.Contains(strings.Join(m.To, " "), address) {
			continue
		}
		parsed := named(s.t, "email/mime").Parse(channel.Request{Method: http.MethodPost, Body: []byte(m.Data), Header: http.Header{}, At: start})
		for _, it := range parsed.Items {
			text := "Subject: " + it.Message.Subject + "\n" + it.Message.Text
			for _, f := range it.Message.Media {
				text += "\n[" + f.Name + "]"
			}
			texts = append(texts, text)
		}
	}
	return texts
}

// spoken undoes a form's encoding, where it is one.
func spoken(body string) string {
	if plain, err := url.QueryUnescape(body); err == nil {
		return plain
	}
	return body
}

// textIn is what a person reads of a call to a send API.
func textIn(body []byte) string {
	var v any
	if json.Unmarshal(body, &v) != nil {
		form, err := url.ParseQuery(string(body))
		if err != nil {
			return string(body)
		}
		return form.Get("Body")
	}
	var texts []string
	var walk func(v any, name string)
	walk = func(v any, name string) {
		switch v := v.(type) {
		case map[string]any:
			for k, x := range v {
				walk(x, k)
			}
		case []any:
			for _, x := range v {
				walk(x, name)
			}
		case string:
			if name == "body" || name == "text" || name == "content" || name == "TextBody" {
				texts = append(texts, v)
			}
		}
	}
	walk(v, "")
	return strings.Join(texts, "\n")
}

func sent(ts *testscript.TestScript, neg bool, args []string) {
	need(ts, args, 1, "sent ADDRESS")
	s := stageOf(ts)
	all := s.outgoing(ts, args[0])
	fresh := all[s.asked[args[0]]:]
	s.asked[args[0]] = len(all)
	for _, text := range fresh {
		fmt.Fprintln(ts.Stdout(), text)
	}
	if (len(fresh) > 0) == neg {
		ts.Fatalf("%d went to %s: %q", len(fresh), args[0], fresh)
	}
}

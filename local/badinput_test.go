package main

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/okence/okence/shared/access"
	"github.com/okence/okence/shared/channel"
	"github.com/okence/okence/shared/domain/message"
	"github.com/okence/okence/shared/host"
)

// metric is the value of one series of /metrics, 0 where it is not there.
func (w *world) metric(series string) (v float64) {
	w.t.Helper()
	for line := range strings.Lines(do(w.t, get(w.t, w.base+"/metrics")).body) {
		if rest, ok := strings.CutPrefix(line, series+" "); ok {
			if err := json.Unmarshal([]byte(strings.TrimSpace(rest)), &v); err != nil {
				w.t.Fatal(err)
			}
		}
	}
	return v
}

// letters are the dead letters that wait.
func (w *world) letters() []letter { return all[letter](w, access.Administrator, "/v1/deadletters") }

// goesOn proves that the system takes the next good message.
func (w *world) goesOn(id string) {
	w.t.Helper()
	w.take("whatsapp/meta", wa(said(id, "in naprej")))
	if w.one(id).Text != "in naprej" {
		w.t.Error("the next message did not come through")
	}
}

func TestInvalidJSONUnderAGoodSignatureIsParkedAndVisible(t *testing.T) {
	t.Parallel()
	w, known := serve(t), map[string]bool{}
	for i, c := range []struct{ provider, body, reason string }{
		{"whatsapp/meta", `{"object":"whatsapp_business_account","entry":[`, "json"},
		{"whatsapp/meta", `[]`, "shape"},
		{"whatsapp/meta", `{"object":"page","entry":[{}]}`, "shape"},
		{"livechat/standard", `{"type":"message","id":`, "json"},
		{"livechat/standard", `{"type":"typing"}`, "type"},
		{"livechat/standard", "{\"type\":\"message\",\"id\":\"\xff\xfe\"}", "shape"},
		{"viber/viber", `nothing of the sort`, "json"},
	} {
		w.take(c.provider, []byte(c.body))
		w.take(c.provider, []byte(c.body)) // again: the same dead letter
		if n := len(w.letters()); n != i+1 {
			t.Fatalf("%s %q: %d dead letters, want %d", c.provider, c.body, n, i+1)
		}
		for _, l := range w.letters() {
			if known[l.ID] {
				continue
			}
			if known[l.ID] = true; l.Function != "inbound" || l.Reason != c.reason {
				t.Errorf("%s %q: parked for %q of %s, want %q", c.provider, c.body, l.Reason, l.Function, c.reason)
			}
		}
	}
	// Redriven, what still can't be mapped is parked again, and nothing is lost.
	parked, intakes := len(w.letters()), kinds(w.docs())["intake"]
	for _, l := range w.letters() {
		if r := w.ask(access.Administrator, "POST", "/v1/deadletters/"+l.ID+"/redrive", nil); r.status != http.StatusAccepted {
			t.Errorf("redrive: %d %s", r.status, r.body)
		}
	}
	w.idle()
	if n := len(w.letters()); n != parked {
		t.Errorf("%d dead letters after redriving them, want %d", n, parked)
	}
	if n := kinds(w.docs())["intake"]; n != intakes || n == 0 {
		t.Errorf("%d sealed intakes after redriving, %d before", n, intakes)
	}
	if r := w.ask(access.Adviser, "GET", "/v1/deadletters", nil); r.status != http.StatusForbidden {
		t.Errorf("an adviser asks for dead letters: %d", r.status)
	}
	w.goesOn("wamid.after-json")
}

func TestABodyOverTheProvidersLimitIsRefused(t *testing.T) {
	t.Parallel()
	w := serve(t)
	for _, provider := range []string{"whatsapp/meta", "livechat/standard", "sms/infobip", "viber/viber"} {
		limit := named(t, provider).Limit()
		before := len(w.docs())
		if r := w.post(provider, bytes.Repeat([]byte("a"), int(limit)+1)); r.status != http.StatusRequestEntityTooLarge || r.body != "" {
			t.Errorf("%s: one byte too many is answered %d %q", provider, r.status, r.body)
		}
		if after := len(w.docs()); after != before {
			t.Errorf("%s: %d documents before, %d after", provider, before, after)
		}
		if r := w.post(provider, bytes.Repeat([]byte("a"), int(limit))); r.status == http.StatusRequestEntityTooLarge {
			t.Errorf("%s: a body of just the limit is refused", provider)
		}
	}
	// In chunks, its length untold.
	call := w.sign("ekc", "livechat/standard", bytes.Repeat([]byte("a"), int(named(t, "livechat/standard").Limit())+1))
	call.ContentLength = -1
	if r := do(t, call); r.status != http.StatusRequestEntityTooLarge {
		t.Errorf("one byte too many in chunks: %d", r.status)
	}
	w.goesOn("wamid.after-limit")
}

func TestMailsBuiltToExhaustUsAreTakenAndParked(t *testing.T) {
	t.Parallel()
	w := serve(t)
	head := "From: a@example.si\nTo: ekc@gov.si\nSubject: bomba\nDate: Mon, 23 Nov 2026 10:16:00 +0100\nMIME-Version: 1.0\n"
	nested := head + "Message-ID: <nested@example.si>\n"
	for i := range 200 {
		nested += fmt.Sprintf("Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n", i, i)
	}
	nested += "Content-Type: text/plain\n\nna dnu\n"
	for i := 199; i >= 0; i-- {
		nested += fmt.Sprintf("--b%d--\n", i)
	}
	flat := head + "Message-ID: <flat@example.si>\nContent-Type: multipart/mixed; boundary=b\n\n" + strings.Repeat("--b\nContent-Type: text/plain\n\nx\n", 10_000) + "--b--\n"
	messages := head + "Message-ID: <rfc822@example.si>\n" + strings.Repeat("Content-Type: message/rfc822\n\n", 200) + "Subject: na dnu\n\nx\n"
	for _, c := range []struct{ name, mail, parked string }{
		{"nested 200 deep", nested, "mime_depth"}, {"10,000 parts", flat, "mime_parts"}, {"messages 200 deep", messages, ""},
	} {
		began, before := time.Now(), len(w.letters())
		w.take("email/mime", crlf(c.mail))
		if took := time.Since(began); took > 2*time.Second {
			t.Errorf("%s took %s", c.name, took)
		}
		after := w.letters()
		if parked := len(after) > before; parked != (c.parked != "") || parked && !slices.ContainsFunc(after, func(l letter) bool { return l.Reason == c.parked }) {
			t.Errorf("%s: dead letters %+v, want one more for %q", c.name, after, c.parked)
		}
	}
	// Each is there: as a message, or visible as a dead letter.
	there := len(w.letters())
	for _, id := range []string{"<nested@example.si>", "<flat@example.si>", "<rfc822@example.si>"} {
		there += len(w.find(id))
	}
	if there != 3 {
		t.Errorf("%d of 3 mails are there, as messages or dead letters", there)
	}
	w.goesOn("wamid.after-bomb")
}

func TestHeadersCannotBeInjected(t *testing.T) {
	t.Parallel()
	w := serve(t)
	inject := base64.StdEncoding.EncodeToString([]byte("Zadeva\r\nBcc: vsi@example.org\r\n\r\nnovo telo"))
	w.take("email/mime", crlf("From: =?utf-8?b?"+base64.StdEncoding.EncodeToString([]byte("Ana\r\nTo: x@example.org"))+"?= <ana@example.si>\nTo: ekc@gov.si\n"+
		"Subject: =?utf-8?b?"+inject+"?=\nDate: Mon, 23 Nov 2026 10:16:00 +0100\nMessage-ID: <inject@example.si>\nMIME-Version: 1.0\n"+
		"Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain; charset=utf-8\n\nTelo\n--b\nContent-Type: text/html; charset=utf-8\n"+
		"Content-Disposition: attachment; filename*=utf-8''x%0D%0ASet-Cookie:%20a=b%22%0D%0A.html\n\n<script>alert(1)</script>\n--b--\n"))
	m := w.one("<inject@example.si>")
	for what, s := range map[string]string{"subject": m.Subject, "name": m.Sender.Name, "file": m.Media[0].Name} {
		if strings.ContainsAny(s, "\r\n\x00") {
			t.Errorf("the %s has a line break: %q", what, s)
		}
	}
	if m.Sender.Address != "ana@example.si" || strings.TrimSpace(m.Text) != "Telo" {
		t.Errorf("injected: %+v", m)
	}
	file := w.ask(access.Adviser, "GET", m.Media[0].Path, nil)
	if file.status != 200 || file.header.Get("Set-Cookie") != "" || !strings.HasPrefix(file.header.Get("Content-Disposition"), "attachment") ||
		strings.Contains(file.header.Get("Content-Type"), "html") || file.header.Get("X-Content-Type-Options") != "nosniff" {
		t.Errorf("the file goes out with %v", file.header)
	}
	w.take("whatsapp/meta", wa(said("wamid.inject\r\nX-Evil: 1", "besedilo")))
	for _, g := range all[got](w, access.Adviser, "/v1/conversations/"+all[talk](w, access.Adviser, "/v1/conversations")[0].ID+"/messages") {
		if strings.ContainsAny(g.ProviderID, "\r\n") {
			t.Errorf("a provider id with a line break: %q", g.ProviderID)
		}
	}
}

func TestNULBytesDoNotStopAnything(t *testing.T) {
	t.Parallel()
	w := serve(t)
	w.take("whatsapp/meta", []byte(strings.Replace(string(wa(said("wamid.nul", "pred X za"))), "X", `\u0000`, 1)))
	if m := w.one("wamid.nul"); strings.Contains(m.Text, "\x00") || !strings.Contains(m.Text, "pred") || !strings.Contains(m.Text, "za") {
		t.Errorf("text %q", m.Text)
	}
	w.take("whatsapp/meta", append(wa(said("wamid.nul2", "x")), 0))
	w.take("whatsapp/meta", []byte("\x00\x00\x00"))
	if n := len(w.letters()); n != 2 {
		t.Errorf("%d dead letters, want 2: bodies with a NUL byte are no JSON", n)
	}
	w.take("email/mime", []byte("From: a\x00na@example.si\r\nTo: ekc@gov.si\r\nSubject: ni\x00c\r\nMessage-ID: <nul@example.si>\r\n\r\nBese\x00dilo\r\n"))
	found := w.find("<nul@example.si>")
	if len(found)+len(w.letters()) != 3 {
		t.Error("the mail with NUL bytes is neither a message nor a dead letter")
	}
	for _, m := range found {
		if strings.ContainsRune(m.Text+m.Subject+m.Sender.Address, 0) {
			t.Errorf("NUL bytes came through: %+v", m)
		}
	}
	for _, path := range []string{"/v1/messages?provider_id=a%00b", "/v1/contacts/a%00b", "/v1/conversations?cursor=%00"} {
		if r := w.ask(access.Adviser, "GET", path, nil); r.status >= 500 {
			t.Errorf("%s: %d", path, r.status)
		}
	}
	w.goesOn("wamid.after-nul")
}

func TestAnUnknownAccountIsNotFound(t *testing.T) {
	t.Parallel()
	w := serve(t)
	before := len(w.docs())
	for _, path := range []string{"/webhooks/ekc/whatsapp/nobody", "/webhooks/nobody/whatsapp/meta", "/webhooks/laboss/whatsapp/meta", "/webhooks/ekc/pigeon/meta", "/webhooks/ekc/email/meta", "/webhooks/ekc/../../whatsapp/meta"} {
		call := w.sign("ekc", "whatsapp/meta", wa(said("wamid.u", "x")))
		call.URL.Path = path
		if r := do(t, call); r.status != http.StatusNotFound {
			t.Errorf("%s: %d %q", path, r.status, r.body)
		}
	}
	if after := len(w.docs()); after != before {
		t.Errorf("%d documents before, %d after", before, after)
	}
}

func TestAnAccountWithoutItsSecretIsClosedAndAlarmsWhileOthersGoOn(t *testing.T) {
	t.Parallel()
	w := serve(t)
	chat := w.sign("ekc", "livechat/standard", []byte(`{}`))
	find := w.secrets.find
	w.env.Secrets = host.Secrets(func(tenant string, n channel.Name) ([]channel.Secret, error) {
		switch n {
		case channel.Name{Channel: message.LiveChat, Provider: "standard"}:
			return nil, nil
		case channel.Name{Channel: message.Viber, Provider: "viber"}:
			return []channel.Secret{{"auth_token": ""}}, nil
		}
		return find(tenant, n)
	})
	before := len(w.docs())
	for account, call := range map[string]*http.Request{"livechat/standard": chat, "viber/viber": w.sign("ekc", "viber/viber", []byte(`{}`))} {
		alarm := `okence_alarm_total{alarm="account_without_secret",tenant="ekc",account="` + account + `"}`
		was := w.metric(alarm)
		if r := do(t, call); r.status != http.StatusServiceUnavailable || r.body != "" || r.header.Get("Retry-After") == "" {
			t.Errorf("%s: %d %q %v", account, r.status, r.body, r.header)
		}
		if now := w.metric(alarm); now != was+1 {
			t.Errorf("%s: the alarm went from %v to %v", account, was, now)
		}
	}
	if after := len(w.docs()); after != before {
		t.Errorf("%d documents before, %d after", before, after)
	}
	w.goesOn("wamid.others")
}

func TestNothingOfAnotherTenantIsSeenOrMoved(t *testing.T) {
	t.Setenv("OKENCE_TENANTS", "ekc,laboss")
	w := serve(t)
	for i := range 3 {
		w.take("whatsapp/meta", replaced(wa(said(fmt.Sprintf("wamid.t%d", i), "ekc")), "38641123456", fmt.Sprintf("3864112345%d", i)))
		if r := do(t, w.sign("laboss", "whatsapp/meta", replaced(wa(said(fmt.Sprintf("wamid.t%d", i), "laboss")), "38641123456", fmt.Sprintf("3864112345%d", i)))); r.status != 200 {
			t.Fatal(r.status)
		}
	}
	w.idle()
	ekc, laboss := w.token("ekc", access.Supervisor), w.token("laboss", access.Supervisor)
	list := func(token, path string) (p page[map[string]any]) {
		t.Helper()
		r := w.askWith(token, "GET", path, nil)
		if err := json.Unmarshal([]byte(r.body), &p); err != nil || r.status != 200 {
			t.Fatal(path, r.status, r.body)
		}
		return p
	}
	// The same provider id in two tenants is two messages, each tenant sees its own.
	for token, text := range map[string]string{ekc: "ekc", laboss: "laboss"} {
		found := list(token, "/v1/messages?provider_id=wamid.t1")
		if len(found.Items) != 1 || found.Items[0]["text"] != text {
			t.Errorf("tenant %s sees %v", text, found.Items)
		}
	}
	m := list(ekc, "/v1/messages?provider_id=wamid.t1").Items[0]
	for _, path := range []string{
		"/v1/messages/" + m["id"].(string), "/v1/messages/" + m["id"].(string) + "/media/0", "/v1/conversations/" + m["conversation_id"].(string),
		"/v1/conversations/" + m["conversation_id"].(string) + "/messages", "/v1/contacts/" + m["contact_id"].(string), "/v1/contacts/" + m["contact_id"].(string) + "/history",
	} {
		if r := w.askWith(laboss, "GET", path, nil); r.status != http.StatusNotFound {
			t.Errorf("%s of another tenant: %d", path, r.status)
		}
	}
	own := list(laboss, "/v1/conversations").Items[0]["id"].(string)
	for path, into := range map[string]string{own: m["conversation_id"].(string), m["conversation_id"].(string): own} {
		if r := w.askWith(laboss, "POST", "/v1/conversations/"+path+"/merge", map[string]string{"into": into}); r.status != http.StatusNotFound {
			t.Errorf("a merge across tenants: %d %s", r.status, r.body)
		}
	}
	// A cursor of one tenant is of no use to another, nor to another list.
	for _, path := range []string{"/v1/conversations?limit=1", "/v1/contacts?limit=1"} {
		next := list(ekc, path).Next
		if next == "" {
			t.Fatalf("%s has no next page", path)
		}
		at := path + "&cursor=" + url.QueryEscape(next)
		if r := w.askWith(ekc, "GET", at, nil); r.status != 200 {
			t.Errorf("its own cursor: %d %s", r.status, r.body)
		}
		if r := w.askWith(laboss, "GET", at, nil); r.status != http.StatusBadRequest || !strings.Contains(r.body, "bad_cursor") {
			t.Errorf("a cursor of another tenant: %d %s", r.status, r.body)
		}
		other := "/v1/contacts"
		if strings.HasPrefix(path, other) {
			other = "/v1/conversations"
		}
		if r := w.askWith(ekc, "GET", other+"?cursor="+url.QueryEscape(next), nil); r.status != http.StatusBadRequest {
			t.Errorf("a cursor of another list: %d %s", r.status, r.body)
		}
	}
	// A token for a tenant that is not served, and an event for another tenant.
	if r := w.askWith(w.token("nobody", access.Adviser), "GET", "/v1/contacts", nil); r.status != http.StatusUnauthorized {
		t.Errorf("a token of an unknown tenant: %d", r.status)
	}
	call := posting(t, w.base+"/events", "application/cloudevents+json",
		`{"specversion":"1.0","id":"e","source":"/t","type":"org.okence.relay.due.v1","time":"2026-11-23T09:29:00Z","tenant":"ekc","data":{"now":"2026-11-23T09:29:00Z"}}`)
	call.Header.Set("Authorization", "Bearer "+w.token("laboss", access.Producer))
	if r := do(t, call); r.status != http.StatusForbidden {
		t.Errorf("an event for another tenant: %d %s", r.status, r.body)
	}
}

func replaced(b []byte, old, with string) []byte {
	return bytes.ReplaceAll(b, []byte(old), []byte(with))
}

func TestATokenIsTakenUntilItExpiresAndNoLonger(t *testing.T) {
	t.Parallel()
	w := serve(t)
	token := w.token("ekc", access.Adviser)
	ask := func(at time.Time) reply {
		t.Helper()
		w.clock.set(at)
		return w.askWith(token, "GET", "/v1/contacts", nil)
	}
	if r := ask(start.Add(access.LocalLife - time.Second)); r.status != 200 {
		t.Errorf("a second before its end: %d %s", r.status, r.body)
	}
	if r := ask(start.Add(access.LocalLife + 2*time.Minute)); r.status != http.StatusUnauthorized || !strings.Contains(r.body, "expired") || r.header.Get("WWW-Authenticate") == "" {
		t.Errorf("after its end: %d %s", r.status, r.body)
	}
	for name, other := range map[string]string{"a changed byte": token[:len(token)-2] + "A" + token[len(token)-1:], "none": "", "nonsense": "a.b.c", "no algorithm": "eyJhbGciOiJub25lIn0.e30."} {
		if r := w.askWith(other, "GET", "/v1/contacts", nil); r.status != http.StatusUnauthorized {
			t.Errorf("%s: %d", name, r.status)
		}
	}
}

// A link to a private address is not followed: the message stands, its file is
// said to be unavailable, and nobody connected.
func TestMediaLinksToPrivateAddressesAreNotFollowed(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var hits atomic.Int64
	go func() {
		for {
			c, err := listener.Accept()
			if err != nil {
				return
			}
			hits.Add(1)
			_ = c.Close()
		}
	}()
	defer listener.Close()
	_, port, _ := net.SplitHostPort(listener.Addr().String())
	// Even a host that the operator has allowed must not lead inside.
	t.Setenv("OKENCE_MEDIA_HOSTS", "localhost,127.0.0.1,169.254.169.254,10.0.0.7")
	w := serve(t)
	for i, link := range []string{
		"http://127.0.0.1:" + port + "/x", "https://127.0.0.1:" + port + "/x", "http://localhost:" + port + "/x", "https://localhost/x", "https://127.0.0.1/x",
		"http://[::1]:" + port + "/x", "http://[::ffff:127.0.0.1]:" + port + "/x", "http://2130706433:" + port + "/x", "http://0x7f.1:" + port + "/x",
		"http://169.254.169.254/latest/meta-data/", "https://169.254.169.254/", "https://10.0.0.7/x", "file:///etc/passwd", "gopher://127.0.0.1:" + port + "/x", "https://a:b@localhost:" + port + "/x",
	} {
		id := fmt.Sprintf("chat-link-%d", i)
		w.take("livechat/standard", fmt.Appendf(nil, `{"type":"message","id":%q,"conversation":"c","sender":{"id":"v"},"text":"poglej","sent_at":"2026-11-23T09:15:00Z","attachments":[{"name":"x","mime":"image/png","url":%q}]}`, id, link))
		m := w.one(id)
		if m.Text != "poglej" || len(m.Media) != 1 || m.Media[0].State != "unavailable" {
			t.Errorf("%s: %+v", link, m.Media)
			continue
		}
		if r := w.ask(access.Adviser, "GET", m.Media[0].Path, nil); r.status != http.StatusGone {
			t.Errorf("%s: its download answers %d", link, r.status)
		}
	}
	if n := hits.Load(); n != 0 {
		t.Errorf("%d connections to a private address", n)
	}
	if n := len(w.letters()) + kinds(w.docs())["outbox"]; n != 0 {
		t.Errorf("%d events are left", n)
	}
}

package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/okence/okence/shared/access"
	"github.com/okence/okence/shared/channel"
	"github.com/okence/okence/shared/domain/message"
)

// planted are texts, names, addresses, numbers and provider ids that come in
// below and stay. Each must stand in some sealed part at the end.
var planted = []string{
	"Zavijugana številka 👀 jutri", "Brezimna Škorpijonka", "38640998877", "wamid.TAJNOST1", "wamid.TAJNOST2", "wamid.TAJNOST3",
	"Popravljeno na skrivnostno", "zaupni izvid.pdf", "Kaj piše v izvidu", "Skrita ulica 17", "Domek na jasi",
	"Krivokljun Perjanica", "perjanica@skrivaj.example", "<tajna.posta@skrivaj.example>", "Zadeva o hujskanju", "Vsebina pisma, ki je ne sme videti nihče",
	"dedkova oporoka.txt", "Zapuščam vse svoji papigi", "<starejsa.posta@skrivaj.example>", "oseba.v.vednost@skrivaj.example",
	"chat-zaupni-77", "obiskovalec-zamolčan", "klepetulja@skrivaj.example", "Klepetulja Zgovorna", "Ali me kdo posluša?",
	"+38641556677", "SMtajno00000000000000000000000001", "Kratko sporocilo o dolgu",
	"klic-tajni-99", "+38631445566", "Gospa Anonimna Dogodkova", "dogodek-tajni-1", "Dogodek, ki naj ostane med nama",
	"neprebavljiva skrivnost", "Zvezdana Skrivnik",
}

// passing are texts that come in and must leave no trace at all, or whose trace
// is a keyed hash.
var passing = []string{"wamid.NEZNANI-CILJ", "okrnjen podpis ovadba", "napacno telo ugovor", "Prevelika pošiljka laži"}

// serveChild is a world around an okence of its own, on a manual clock.
func serveChild(t testing.TB, data string) (*world, *child) {
	t.Helper()
	t.Setenv("OKENCE_LOG", "debug")
	c := startChild(t, data, "--clock", "manual", "--now", start.Format(time.RFC3339))
	secrets, err := readSecrets(data)
	if err != nil {
		t.Fatal(err)
	}
	return &world{
		t: t, data: data, keys: data + ".keys", base: "http://" + c.addr, logs: c.out,
		system: &system{clock: &clock{manual: true, at: start}, secrets: secrets},
	}, c
}

// Whoever has the data directory without the keys learns no text, name,
// address, number or provider id: the same search finds every one of them once
// the sealed parts are opened. Logs, metrics and answers to errors hold none.
func TestDataLogsAndMetricsTellNothing(t *testing.T) {
	data := newData(t)
	w, c := serveChild(t, data)
	search := newNeedles(append(append(sampleTexts(t), planted...), passing...))
	for _, s := range samples(t) {
		if s.file != "bounce.json" {
			w.post(s.provider, s.body)
		}
	}
	w.plant()
	for _, r := range w.misuse() {
		search.absent(t, fmt.Sprintf("the answer %d", r.status), []byte(r.body))
		for name, v := range r.header {
			search.absent(t, "header "+name+" of an answer", []byte(strings.Join(v, " ")))
		}
	}
	w.readAll()
	search.absent(t, "/metrics", []byte(do(t, get(t, w.base+"/metrics")).body))
	search.absent(t, "/v1/deadletters", []byte(w.ask(access.Administrator, "GET", "/v1/deadletters", nil).body))
	if n := len(all[letter](w, access.Administrator, "/v1/deadletters")); n < 2 {
		t.Errorf("%d dead letters: the run should have made some", n)
	}
	search.absentBelow(t, data) // while it runs: with its write-ahead log
	c.kill()
	files, size := search.absentBelow(t, data)
	search.absent(t, "what the process printed", []byte(c.out.String()))
	if len(c.out.String()) < 200 {
		t.Error("the process printed next to nothing: no test of its log")
	}
	parts := opened(t, data)
	found := map[string]bool{}
	for _, p := range parts {
		for _, f := range search.in(p) {
			found[f.text] = true
		}
	}
	for _, p := range planted {
		if !found[p] {
			t.Errorf("%q is not among the sealed parts: the search proves nothing about it", p)
		}
	}
	t.Logf("%d files of %d bytes searched, %d sealed parts opened, %d texts found in them", files, size, len(parts), len(found))
}

// word is what also stands in a program for no person's sake ("Attachment").
var word = regexp.MustCompile(`^[A-Za-z ]+$`)

// sampleTexts are the personal texts of the providers' own payloads.
func sampleTexts(t testing.TB) (texts []string) {
	t.Helper()
	lines := map[string]bool{}
	add := func(s string) {
		if len(s) >= 8 && !(len(s) < 16 && word.MatchString(s)) && !slices.Contains(texts, s) {
			texts = append(texts, s)
		}
	}
	for _, s := range samples(t) {
		target, _ := url.Parse("/webhooks/ekc/" + s.provider)
		parsed := named(t, s.provider).Parse(channel.Request{Method: "POST", URL: target, Header: http.Header{}, Body: s.body, At: start})
		for _, it := range parsed.Items {
			m := it.Message
			lines[m.Line] = true
			for _, p := range append([]message.Party{m.Sender}, m.Recipients...) {
				add(p.Name)
				if p.Address != m.Line {
					add(p.Address)
				}
			}
			add(m.ProviderID)
			add(m.Text)
			add(m.Subject)
			add(m.ReplyTo)
			add(m.Target)
			for _, f := range m.Media {
				add(f.Name)
				add(f.URL)
			}
		}
	}
	return slices.DeleteFunc(texts, func(s string) bool { // our own lines are no secret, nor is what a body may be called
		return lines[s] || lines[strings.TrimPrefix(s, "+")] || strings.HasPrefix(s, "sha256:")
	})
}

// plant brings every planted text in.
func (w *world) plant() {
	w.t.Helper()
	from := `"from":"38640998877"`
	who := func(b []byte) []byte {
		b = bytes.ReplaceAll(b, []byte("38641123456"), []byte("38640998877"))
		return bytes.ReplaceAll(b, []byte("Ana Žnidaršič"), []byte("Brezimna Škorpijonka"))
	}
	w.take("whatsapp/meta", who(wa(said("wamid.TAJNOST1", "Zavijugana številka 👀 jutri"),
		`{`+from+`,"id":"wamid.TAJNOST2","timestamp":"1795426200","type":"document","document":{"caption":"Kaj piše v izvidu","filename":"zaupni izvid.pdf","mime_type":"application/pdf","id":"1"}}`,
		`{`+from+`,"id":"wamid.TAJNOST3","timestamp":"1795426200","type":"location","location":{"latitude":46.1,"longitude":14.5,"name":"Domek na jasi","address":"Skrita ulica 17"}}`,
		`{`+from+`,"id":"wamid.TAJNOST4","timestamp":"1795426201","type":"edit","edit":{"original_message_id":"wamid.TAJNOST1","message":{"type":"text","text":{"body":"Popravljeno na skrivnostno"}}}}`,
		`{`+from+`,"id":"wamid.TAJNOST5","timestamp":"1795426201","type":"revoke","revoke":{"original_message_id":"wamid.NEZNANI-CILJ"}}`)))
	w.take("whatsapp/meta", bytes.Replace(wa(`{"id":"wamid.NEZNANI-CILJ","status":"delivered","timestamp":"1795426200","recipient_id":"38640998877"}`), []byte(`"messages":[`), []byte(`"statuses":[`), 1))
	w.take("email/mime", crlf("From: Krivokljun Perjanica <perjanica@skrivaj.example>\nTo: ekc@gov.si\nCc: oseba.v.vednost@skrivaj.example\nSubject: Zadeva o hujskanju\n"+
		"Date: Mon, 23 Nov 2026 10:16:00 +0100\nMessage-ID: <tajna.posta@skrivaj.example>\nIn-Reply-To: <starejsa.posta@skrivaj.example>\nMIME-Version: 1.0\n"+
		"Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain; charset=utf-8\n\nVsebina pisma, ki je ne sme videti nihče\n"+
		"--b\nContent-Type: text/plain; charset=utf-8\nContent-Disposition: attachment; filename=\"dedkova oporoka.txt\"\n\n"+strings.Repeat("Zapuščam vse svoji papigi\n", 3000)+"--b--\n"))
	chat := `{"type":"message","id":"chat-zaupni-77","conversation":"c","sender":{"id":"obiskovalec-zamolčan","name":"Klepetulja Zgovorna","email":"klepetulja@skrivaj.example"},"text":"Ali me kdo posluša?","sent_at":"2026-11-23T09:15:00Z"}`
	w.take("livechat/standard", []byte(chat))
	w.take("sms/twilio", []byte(url.Values{
		"MessageSid": {"SMtajno00000000000000000000000001"}, "From": {"+38641556677"}, "To": {"+38651123456"}, "Body": {"Kratko sporocilo o dolgu"},
		"AccountSid": {"AC1"}, "NumMedia": {"0"}, "SmsStatus": {"received"}, "ApiVersion": {"2010-04-01"},
	}.Encode()))
	w.take("voice/event", []byte(`{"call_id":"klic-tajni-99","leg_id":"a","seq":1,"type":"ringing","at":"2026-11-23T09:29:00Z","direction":"inbound","from":"+38631445566","to":"+38614788778"}`))
	w.take("whatsapp/meta", []byte(`{"object":"whatsapp_business_account","entry":[{"neprebavljiva skrivnost`))
	w.take("livechat/standard", []byte(`{"type":"neprebavljiva skrivnost","id":"wamid.TAJNOST1"}`))
	event := `{"specversion":"1.0","id":"e-1","source":"/test","type":"org.okence.message.received.v1","time":"2026-11-23T09:29:00Z","tenant":"ekc","datacontenttype":"application/json",` +
		`"data":{"channel":"livechat","provider":"standard","received_at":"2026-11-23T09:29:00Z","content":{"channel":"livechat","provider":"standard","provider_id":"dogodek-tajni-1","kind":"message","direction":"inbound",` +
		`"sender":{"scheme":"id","address":"dogodkova","name":"Gospa Anonimna Dogodkova"},"text":"Dogodek, ki naj ostane med nama"}}}`
	call := posting(w.t, w.base+"/events", "application/cloudevents+json", event)
	call.Header.Set("Authorization", "Bearer "+w.token("ekc", access.Producer))
	if r := do(w.t, call); r.status != http.StatusAccepted {
		w.t.Errorf("the event from outside: %d %s", r.status, r.body)
	}
	w.idle()
}

// misuse asks for what can't be had, with planted texts wherever a text can go.
func (w *world) misuse() (answers []reply) {
	w.t.Helper()
	token := w.token("ekc", access.Supervisor)
	secret := "wamid.TAJNOST1"
	for _, path := range []string{
		"/v1/messages?provider_id=" + secret + strings.Repeat("x", 3000), "/v1/messages/" + secret, "/v1/contacts/Brezimna%20%C5%A0korpijonka",
		"/v1/conversations?cursor=" + secret, "/v1/conversations?limit=" + secret, "/v1/conversations/" + secret + "/messages?order=" + secret, "/" + secret,
		"/v1/deadletters?state=" + secret, "/webhooks/ekc/" + secret + "/meta", "/webhooks/" + secret + "/whatsapp/meta",
		"/webhooks/ekc/whatsapp/meta?hub.mode=subscribe&hub.verify_token=" + secret + "&hub.challenge=7",
	} {
		answers = append(answers, w.askWith(token, "GET", path, nil), w.askWith("Brezimna.Škorpijonka."+secret, "GET", path, nil))
	}
	for _, path := range []string{"/v1/conversations/" + secret + "/merge", "/v1/contacts/x/merge", "/v1/contacts/x/unmerge", "/v1/deadletters/" + secret + "/redrive"} {
		answers = append(answers, w.askWith(token, "POST", path, map[string]string{"into": secret, "from": "Brezimna Škorpijonka"}),
			w.askWith(token, "POST", path, map[string]string{"Brezimna Škorpijonka": secret}))
	}
	for _, body := range []string{
		`{"specversion":"1.0","id":"x","source":"/x","type":"wamid.TAJNOST1"}`,
		`{"specversion":"1.0","id":"e-2","source":"/t","type":"org.okence.message.received.v1","time":"2026-11-23T09:29:00Z","tenant":"ekc","data":{"channel":"wamid.TAJNOST1","Brezimna Škorpijonka":1}}`,
		`napacno telo ugovor`,
	} {
		call := posting(w.t, w.base+"/events", "application/cloudevents+json", body)
		call.Header.Set("Authorization", "Bearer "+w.token("ekc", access.Producer))
		answers = append(answers, do(w.t, call))
	}
	bad := w.sign("ekc", "whatsapp/meta", wa(said("wamid.x", "okrnjen podpis ovadba")))
	bad.Header.Set("X-Hub-Signature-256", "sha256=00")
	answers = append(answers, do(w.t, bad))
	large := w.sign("ekc", "livechat/standard", bytes.Repeat([]byte("Prevelika pošiljka laži "), 200_000))
	answers = append(answers, do(w.t, large))
	for _, r := range answers {
		if r.status < 400 {
			w.t.Errorf("an answer %d where an error was asked for: %s", r.status, r.body)
		}
	}
	return answers
}

// readAll reads as an adviser with a name does, and merges what there is.
func (w *world) readAll() {
	w.t.Helper()
	id := access.Identity{Subject: "svetovalka-1", Name: "Zvezdana Skrivnik", Tenant: "ekc", Role: access.Supervisor}
	token, err := access.IssueLocal(w.keys, id, true, start)
	if err != nil {
		w.t.Fatal(err)
	}
	ok := func(method, path string, body any) reply {
		w.t.Helper()
		r := w.askWith(token, method, path, body)
		if r.status/100 != 2 {
			w.t.Errorf("%s %s: %d %s", method, path, r.status, r.body)
		}
		return r
	}
	ok("GET", "/v1/contacts", nil)
	a, b := w.one("wamid.TAJNOST1"), w.one("chat-zaupni-77")
	mail := w.one("<tajna.posta@skrivaj.example>")
	if r := ok("GET", mail.Media[0].Path, nil); !strings.Contains(r.body, "papigi") {
		w.t.Error("the file of the mail did not come back")
	}
	ok("POST", "/v1/conversations/"+b.ConversationID+"/merge", map[string]string{"into": a.ConversationID})
	ok("POST", "/v1/contacts/"+b.ContactID+"/merge", map[string]string{"into": a.ContactID})
	ok("GET", "/v1/conversations/"+a.ConversationID+"/messages", nil)
	ok("GET", "/v1/contacts/"+a.ContactID+"/history", nil)
	ok("POST", "/v1/conversations/"+b.ConversationID+"/unmerge", nil)
	ok("POST", "/v1/contacts/"+b.ContactID+"/unmerge", nil)
	for _, l := range all[letter](w, access.Administrator, "/v1/deadletters") {
		if r := w.ask(access.Administrator, "POST", "/v1/deadletters/"+l.ID+"/redrive", nil); r.status != http.StatusAccepted {
			w.t.Errorf("redrive: %d %s", r.status, r.body)
		}
	}
	w.idle()
}

// opened opens every sealed part in a data directory with its keys.
func opened(t testing.TB, data string) (parts [][]byte) {
	t.Helper()
	all := openAll(t, data, data+".keys")
	if all.shut > 0 {
		t.Errorf("%d sealed parts that no key opens", all.shut)
	}
	for _, p := range all.pieces {
		if p.sealed {
			parts = append(parts, layers(p.bytes)...)
		}
	}
	return parts
}

func get(t testing.TB, link string) *http.Request {
	t.Helper()
	r, err := http.NewRequest("GET", link, nil)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// posting is a POST of text.
func posting(t testing.TB, link, kind, body string) *http.Request {
	t.Helper()
	r, err := http.NewRequest("POST", link, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", kind)
	return r
}

// settle moves a child's clock to where it stands: it answers when all that is
// due is done.
func (w *world) settle() {
	w.t.Helper()
	now, err := json.Marshal(map[string]time.Time{"now": w.clock.Now()})
	if err != nil {
		w.t.Fatal(err)
	}
	if r := do(w.t, posting(w.t, w.base+"/dev/clock", "application/json", string(now))); r.status != 200 {
		w.t.Errorf("the clock answered %d %s", r.status, r.body)
	}
}

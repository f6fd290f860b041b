package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/okence/okence/events"
	"github.com/okence/okence/shared/access"
	"github.com/okence/okence/shared/channel"
	"github.com/okence/okence/shared/channel/channeltest"
	"github.com/okence/okence/shared/domain/intake"
	"github.com/okence/okence/shared/domain/message"
	"github.com/okence/okence/shared/fault"
	"github.com/okence/okence/shared/host"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/work"
)

// Zvezdana Iskana is who will ask to be erased. Each value stands in one place,
// unless it says what she is called or reached by.
const (
	herName   = "Zvezdana Iskana-Žlahtič"
	herNumber = "+38640111777"
	herMail   = "zvezdana.iskana@skrivaj.example"
)

// planted are the values by where they are put.
var hers = map[string]string{
	"name": herName, "number": herNumber, "mail address": herMail,
	"address in a text":         "Zametena pot 5, Zabukovica",
	"id of a message":           "wamid.ISKANA-EDINA-1",
	"place":                     "Domačija pri Iskani",
	"subject of a mail":         "Zadeva o izgubljenem psu Murku",
	"quoted-printable text":     "Moj čuvaj šteje štiriinšestdeset čebel",
	"file name":                 "iskanin-izvid-kolena.txt",
	"file":                      "Izvid: Zvezdanino koleno je zvito",
	"packed file":               "V stisnjeni datoteki piše o dedu Ožbeju",
	"call id":                   "CAiskana00000000000000000000000077",
	"recording":                 "POSNETEK-GLASU-ISKANE-77",
	"her words quoted back":     "Napisali ste: brez strehe smo od torka",
	"answer to her":             "Odgovor velja samo gospe Iskani osebno",
	"words in another's thread": "Jaz pa pravim sosedi, da je vodovod moj",
	"ticket details":            "Opis zadeve: kljuka na vratih občine",
	"ticket address":            "Prislonova ulica 99, Trnje",
	"work log":                  "Klicana ob petih, govorila z Iskano",
	"hand-over":                 "Predano naprej zaradi iskanih kljuk",
	"treated in another's":      "iskana.drugje@skrivaj.example",
	"statement":                 "Popravek: rojena sem na Visokem ob Savi",
	"dead-lettered":             "Neprebavljivo pismo o Iskaninem lovu",
	"parked":                    "Okrnjena vsebina o iskanem mlinu",
}

// kept are the values that no erasure reaches, by their named exception.
var kept = map[string]string{
	"request text":  "Zahtevam izbris, podpisana v lipovem gaju",
	"access text":   "Prosim izpis, oddano ob stari lipi",
	"breach nature": "Kršitev: klicatelj je vedel za lipov gaj",
	"breach told":   "Nekdo je morda videl vašo prošnjo o lipi",
}

func sought() (texts []string) {
	for _, v := range hers {
		texts = append(texts, v)
	}
	for _, v := range kept {
		texts = append(texts, v)
	}
	return texts
}

// searchable is a world whose accounts can send.
func searchable(t *testing.T) *world {
	t.Helper()
	send := senders(t)
	w := serve(t)
	send(w)
	return w
}

// senders starts providers that take what is sent, and returns what gives a
// world's accounts to them.
func senders(t *testing.T) func(*world) {
	n := 0
	fake := channeltest.NewFake(t, func(r *http.Request, _ []byte) (int, string) {
		n++
		if strings.Contains(r.URL.Path, "/Accounts/") {
			return 201, fmt.Sprintf(`{"sid":"SM%032d"}`, n)
		}
		return 200, fmt.Sprintf(`{"messages":[{"id":"wamid.out%d"}]}`, n)
	})
	mails := channeltest.NewMailServer(t)
	t.Setenv("OKENCE_SEND_TO", fake.Addr())
	return func(w *world) {
		w.giveSending("sms/twilio")
		w.giveSending("whatsapp/meta")
		maps.Copy(w.secrets.all[host.SecretVariable("ekc", named(t, "email/mime").Name())],
			channel.Secret{"smtp_host": mails.Host, "smtp_port": mails.Port, "smtp_tls": "none", "from": "ekc@gov.si"})
	}
}

// yes calls the API as somebody and keeps what it answers.
func (w *world) yes(role access.Role, subject, method, path string, body any) map[string]any {
	w.t.Helper()
	r := w.by(role, subject, method, path, body)
	out := map[string]any{}
	if r.status/100 != 2 {
		w.t.Fatalf("%s %s as %s: %d %s", method, path, role, r.status, r.body)
	}
	_ = json.Unmarshal([]byte(r.body), &out) // a file is no JSON
	return out
}

// woman is where the planted person stands.
type woman struct {
	contacts         []string
	chat, mail       got
	ticket           string
	bor              got
	borsMail, answer got // hers stands in his conversation
	visit            got // his stands in hers
}

// whatsapp is a body of Meta's from a number and a name.
func whatsapp(number, name string, elements ...string) []byte {
	b := bytes.ReplaceAll(wa(elements...), []byte("38641123456"), []byte(strings.TrimPrefix(number, "+")))
	return bytes.ReplaceAll(b, []byte("Ana Žnidaršič"), []byte(name))
}

// plantPerson brings every value in.
func (w *world) plantPerson() *woman {
	w.t.Helper()
	p := &woman{}
	digits := strings.TrimPrefix(herNumber, "+")
	w.take("whatsapp/meta", whatsapp(herNumber, herName, said(hers["id of a message"], "Stanujem na naslovu "+hers["address in a text"]+"."),
		`{"from":"`+digits+`","id":"wamid.ISKANA-2","timestamp":"1795426200","type":"location","location":{"latitude":46.1,"longitude":14.5,"name":"`+hers["place"]+`","address":"Pot 1"}}`,
		`{"from":"`+digits+`","id":"wamid.ISKANA-3","timestamp":"1795426201","type":"edit","edit":{"original_message_id":"wamid.ISKANA-NIKOLI","message":{"type":"text","text":{"body":"popravek nečesa"}}}}`))
	p.chat = w.one(hers["id of a message"])
	var packed bytes.Buffer
	g := gzip.NewWriter(&packed)
	_, _ = g.Write([]byte(hers["packed file"]))
	_ = g.Close()
	file := base64.StdEncoding.EncodeToString([]byte(strings.Repeat(hers["file"]+"\n", 1600)))
	var lines strings.Builder
	for i := 0; i < len(file); i += 76 {
		lines.WriteString(file[i:min(i+76, len(file))] + "\n")
	}
	w.take("email/mime", crlf("From: "+"Zvezdana <"+herMail+">\nTo: ekc@gov.si\nSubject: "+hers["subject of a mail"]+"\nDate: Mon, 23 Nov 2026 10:16:00 +0100\n"+
		"Message-ID: <iskana.prva@skrivaj.example>\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain; charset=utf-8\n"+
		"Content-Transfer-Encoding: quoted-printable\n\nMoj =C4=8Duvaj =C5=A1teje =C5=A1tiriin=C5=A1estdese=\nt =C4=8Debel\n"+
		"--b\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: base64\nContent-Disposition: attachment; filename=\""+hers["file name"]+"\"\n\n"+lines.String()+
		"--b\nContent-Type: application/gzip\nContent-Transfer-Encoding: base64\nContent-Disposition: attachment; filename=\"x.gz\"\n\n"+base64.StdEncoding.EncodeToString(packed.Bytes())+"\n--b--\n"))
	p.mail = w.one("<iskana.prva@skrivaj.example>")
	w.text("SMiskana1", herNumber, "Kratko sporočilo.")
	w.call()
	p.bor = w.text("SMbor1", "+38640555111", "Tu Bor Kos, s svojo zadevo.")
	p.borsMail = w.writes("<bor.prva@example.si>", "Bor Kos <bor@example.si>", "Moja pošta o vodovodu.")
	w.take("email/mime", []byte(strings.Replace(mailText("<iskana.druga@skrivaj.example>", "Zvezdana <"+herMail+">", hers["words in another's thread"], w.clock.Now()),
		"MIME-Version", "In-Reply-To: <bor.prva@example.si>\r\nMIME-Version", 1)))
	p.answer = w.one("<iskana.druga@skrivaj.example>")
	w.take("email/mime", []byte(strings.Replace(mailText("<bor.druga@example.si>", "Bor Kos <bor@example.si>", "Bor odgovarja v tuji niti.", w.clock.Now()),
		"MIME-Version", "In-Reply-To: <iskana.prva@skrivaj.example>\r\nMIME-Version", 1)))
	p.visit = w.one("<bor.druga@example.si>")
	if p.answer.ConversationID != p.borsMail.ConversationID || p.visit.ConversationID != p.mail.ConversationID {
		w.t.Fatal("an answer by mail does not stand where it was given")
	}
	p.contacts = []string{p.chat.ContactID, p.mail.ContactID}
	w.work(p)
	w.dead()
	w.before(p)
	return p
}

// call is a call of hers with a recording. The file comes from its provider's own
// host, which no test reaches: it is put where the fetcher puts it.
func (w *world) call() {
	w.t.Helper()
	id := hers["call id"]
	w.take("voice/twilio", []byte(pairs("CallSid", id, "From", herNumber, "To", "+38614788778", "CallStatus", "in-progress", "Direction", "inbound")))
	w.take("voice/twilio", []byte(pairs("CallSid", id, "From", herNumber, "To", "+38614788778", "RecordingSid", "RE1", "RecordingStatus", "completed", "RecordingUrl", "https://nowhere.invalid/RE1")))
	m := w.one(id)
	w.unit(access.Intake, func(ctx context.Context, u *work.Unit) error {
		stored, err := work.Load(ctx, u, record.Messages, m.ID)
		if err != nil {
			return err
		}
		stored.Files[0] = message.File{State: message.Clean, FileID: "iskana-recording", Size: 8}
		work.Save(u, record.Messages, stored)
		work.Save(u, record.Attachments, &message.Attachment{ID: "iskana-recording", ContactID: m.ContactID, MessageID: m.ID, StoredAt: u.Now(), Mime: "audio/wav",
			Bytes: bytes.Repeat([]byte("RIFF "+hers["recording"]+" "), 2000)})
		return nil
	})
}

// unit runs a unit of a function that a test stands for.
func (w *world) unit(use access.Use, do func(context.Context, *work.Unit) error) {
	w.t.Helper()
	s := work.Scope{Tenant: "ekc", Function: "test", Actor: access.FunctionActor("test"), Use: use}
	if _, err := w.env.Work.Run(w.t.Context(), s, do); err != nil {
		w.t.Fatal(err)
	}
}

// work is what the centre and its officers do about her.
func (w *world) work(p *woman) {
	w.t.Helper()
	do := func(path string, body any) map[string]any {
		w.t.Helper()
		return w.yes(access.Adviser, "adviser-1", "POST", path, body)
	}
	office := func(path string, body any) map[string]any {
		w.t.Helper()
		return w.yes(access.Officer, "officer-1", "POST", path, body)
	}
	reply := do("/v1/conversations/"+p.chat.ConversationID+"/replies", map[string]string{"text": hers["answer to her"] + ". " + hers["her words quoted back"]})
	_ = reply
	do("/v1/conversations/"+p.mail.ConversationID+"/merge", map[string]string{"into": p.chat.ConversationID})
	do("/v1/contacts/"+p.mail.ContactID+"/merge", map[string]string{"into": p.chat.ContactID})
	tk := do("/v1/tickets", map[string]any{"conversation_id": p.chat.ConversationID, "service": "residence", "fields": map[string]string{
		"name": herName, "phone": herNumber, "email": herMail, "address": hers["ticket address"], "details": hers["ticket details"]}})
	p.ticket = tk["id"].(string)
	do("/v1/tickets/"+p.ticket+"/worklog", map[string]any{"text": hers["work log"], "minutes": 5})
	do("/v1/tickets/"+p.ticket+"/escalations", map[string]string{"reason": hers["hand-over"]})
	do("/v1/tickets", map[string]any{"conversation_id": p.bor.ConversationID, "treated_id": p.mail.ContactID, "service": "residence", "fields": map[string]string{
		"name": "Bor Kos", "details": "Borova zadeva", "treated_name": herName, "treated_email": hers["treated in another's"]}})
	do("/v1/registers/consents", map[string]any{"contact_id": p.chat.ContactID, "purpose": "support", "text": "first_answer", "version": "2025-04-28", "channel": "whatsapp", "how": "message"})
	office("/v1/registers/disclosures", map[string]any{"contact_id": p.chat.ContactID, "recipient": "Okrožno sodišče v Ljubljani", "ground": "court_order"})
	w.breach(p)
}

// breach is a breach that concerns her and Bor: she is told of it.
func (w *world) breach(p *woman) {
	w.t.Helper()
	facts := map[string]any{"nature": kept["breach nature"], "confidentiality": true, "person_categories": []string{"customers"}, "persons": 2, "data_categories": []string{"application data"},
		"records": 2, "consequences": "Somebody may act in their name.", "measures": "Callers are asked for a second proof.", "persons_text": kept["breach told"]}
	b := w.yes(access.Adviser, "adviser-1", "POST", "/v1/breaches", map[string]any{"packs": []string{"ekc"}, "conversation_ids": []string{p.chat.ConversationID}, "facts": facts})
	at := "/v1/breaches/" + b["id"].(string)
	office := func(path string, body any) {
		w.t.Helper()
		w.yes(access.Officer, "officer-1", "POST", at+path, body)
	}
	office("/decisions", map[string]any{"kind": "risk", "value": "high", "reason": "impersonation"})
	w.elapse(2 * time.Minute) // the log is sequenced
	office("/scopes", map[string]any{"records": []string{p.chat.ID, p.bor.ID}})
	office("/notices", map[string]any{"to": "persons", "language": "sl", "reason": "art. 34", "scope": 1, "special_read": true, "contact": map[string]string{"name": "DPO", "email": "dpo@mdp.example"}})
	w.elapse(5 * time.Minute)
}

// asks is a request that she makes as herself, checked and granted.
func (w *world) asks(p *woman, right, text string, more map[string]any) string {
	w.t.Helper()
	body := map[string]any{"asks": []map[string]string{{"right": right}}, "language": "sl", "text": text}
	maps.Copy(body, more)
	r := w.askWith(w.of(p.chat.ContactID), "POST", "/v1/requests", body)
	var taken struct{ ID string }
	if err := json.Unmarshal([]byte(r.body), &taken); err != nil || r.status != 202 {
		w.t.Fatalf("%d %s", r.status, r.body)
	}
	w.idle()
	at := "/v1/requests/" + taken.ID
	for _, id := range p.contacts {
		w.yes(access.Officer, "officer-1", "POST", at+"/verification", map[string]any{"means": "in_person", "contact_id": id})
	}
	grant := map[string]string{"right": right, "outcome": "granted"}
	if right == "erasure" {
		grant["ground"] = "no longer needed"
	}
	w.yes(access.Officer, "officer-1", "POST", at+"/decision", grant)
	return taken.ID
}

// withoutArchive has the pack of ekc ask no archive first, so that an erasure takes
// all at once (scenarios/archive_first.txtar plays it with the question).
func withoutArchive(t *testing.T) {
	t.Helper()
	pack, err := os.ReadFile("../shared/policy/packs/ekc.yaml")
	if err != nil {
		t.Fatal(err)
	}
	offer := regexp.MustCompile(`(?m)^          retention:\n            desk-other:\n              offer:\n(?:                .*\n)+`)
	if !offer.Match(pack) {
		t.Fatal("the pack asks no archive: nothing is to be left out")
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "ekc.yaml"), offer.ReplaceAll(pack, nil), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("OKENCE_POLICY", dir)
}

// before is what she asked for earlier: a correction, and a package, which she took.
func (w *world) before(p *woman) {
	w.t.Helper()
	w.asks(p, "rectification", "Prosim za popravek.", map[string]any{"statement": hers["statement"]})
	id := w.asks(p, "access", kept["access text"], nil)
	at := "/v1/requests/" + id + "/package"
	var review struct {
		Places []struct {
			Place    string
			Doubtful bool
		}
	}
	if err := json.Unmarshal([]byte(w.by(access.Officer, "officer-1", "GET", at+"/review", nil).body), &review); err != nil {
		w.t.Fatal(err)
	}
	var verdicts []map[string]any
	for _, v := range review.Places {
		if v.Doubtful {
			verdicts = append(verdicts, map[string]any{"place": v.Place, "show": true})
		}
	}
	if len(verdicts) > 0 {
		w.yes(access.Officer, "officer-1", "POST", at+"/review", map[string]any{"form": "access", "verdicts": verdicts})
	}
	if r := w.askWith(w.of(p.chat.ContactID), "GET", at, nil); r.status != 200 || !strings.HasPrefix(r.body, "PK") {
		w.t.Fatalf("the package: %d %.300s", r.status, r.body)
	}
}

// dead leaves what could not be handled: a body that nobody can map, and a message
// that was mapped and then failed.
func (w *world) dead() {
	w.t.Helper()
	w.take("whatsapp/meta", []byte(`{"object":"whatsapp_business_account","entry":[{"from":"`+strings.TrimPrefix(herNumber, "+")+`","text":"`+hers["parked"]+`"`))
	w.unit(access.Intake, func(ctx context.Context, u *work.Unit) error {
		at := u.Now()
		id, err := u.NewID(ctx, "intake")
		if err != nil {
			return err
		}
		work.Save(u, record.Intakes, &intake.Intake{ID: id, Day: intake.Day(at), Channel: message.SMS, Provider: "twilio", ReceivedAt: at, Message: &message.Inbound{
			Channel: message.SMS, Provider: "twilio", ProviderID: "SMdead", Kind: message.Said, Direction: message.In, Text: hers["dead-lettered"],
			Sender: message.Party{Scheme: message.Tel, Address: herNumber}}})
		e, err := u.Event(ctx, id, &events.MessageReceived{Channel: "sms", Provider: "twilio", ReceivedAt: at, Intake: id})
		if err != nil {
			return err
		}
		return u.Park(ctx, "inbound", e, 5, fault.New(fault.Poison, "a test's own"))
	})
}
